//! `[[services]]`: kinds of visits.

use domain::{
    clinic::{Mode, ServicePlan},
    words::currency_digits,
};

use super::amount::Price;
use super::raw::Field;
use super::section::Section;
use super::settings;
use super::text::{Line, NameText, Prose};
use super::value::{Choice, Slug};
use super::who::{self, WHO};

pub(super) const SERVICE: &[&str] =
    &["slug", "name", "about", "speciality", "mode", "bring", "price", "booking", "who", "needs"];
const MODES: Choice<Mode> = Choice(&[("in_person", Mode::InPerson), ("video", Mode::Video), ("phone", Mode::Phone)]);
const NEEDS: &str = "lists, each of rooms or devices any one of which will do, such as [[\"room-1\", \"room-2\"]]";

/// A service and the places its references were written at.
pub(super) struct ReadService<'a> {
    pub at: Section<'a>,
    /// `needs` and `offered_by` are filled once everything they may name is known.
    pub plan: ServicePlan,
    pub needs: Vec<Vec<(String, Field<'a>)>>,
}

pub(super) fn read<'a>(root: &Section<'a>, currency: &str) -> Vec<ReadService<'a>> {
    if root.field("services").is_none() {
        root.missing("services", "at least one table [[services]]");
    }
    let digits = currency_digits(currency);
    let sections = root.tables("services", SERVICE);
    sections.into_iter().map(|at| read_one(at, digits)).collect()
}

fn read_one(at: Section<'_>, digits: u32) -> ReadService<'_> {
    let plan = ServicePlan {
        slug: at.must("slug", Slug),
        name: at.must("name", NameText),
        about: at.get("about", Prose(2000)).unwrap_or_default(),
        speciality: at.get("speciality", Line(80)).unwrap_or_default(),
        mode: at.get("mode", MODES).unwrap_or_default(),
        bring: at.list("bring", Line(200), 20),
        price: at.get("price", Price(digits)),
        settings: settings::read_booking(&at),
        eligibility: who::read(&at.section("who", WHO)),
        needs: Vec::new(),
        offered_by: Vec::new(),
    };
    let needs = at.field("needs").map(|field| read_needs(&field)).unwrap_or_default();
    ReadService { at, plan, needs }
}

fn read_needs<'a>(field: &Field<'a>) -> Vec<Vec<(String, Field<'a>)>> {
    let mut needs = Vec::new();
    for need in field.items(NEEDS) {
        let items = need.items("slugs of rooms or devices, any one of which will do");
        if items.is_empty() && need.is_list() {
            need.wrong("this is empty", "at least one slug of a room or device");
        }
        let named = items.into_iter().filter_map(|item| Some((item.read(Slug)?, item)));
        needs.push(named.collect());
    }
    needs
}
