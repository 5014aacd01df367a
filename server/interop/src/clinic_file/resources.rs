//! `[[practitioners]]`, `[[rooms]]` and `[[devices]]`.

use domain::booking::SettingsPatch;
use domain::clinic::{ResourceKind, ResourcePlan};

use super::clinic::languages;
use super::raw::Field;
use super::section::Section;
use super::text::{Line, NameText, Prose};
use super::value::{Count, Slug};
use super::{hours, settings};

pub(super) const PRACTITIONER: &[&str] = &[
    "slug",
    "name",
    "role",
    "about",
    "languages",
    "capacity",
    "services",
    "booking",
    "hours",
    "hours_period",
    "exceptions",
    "differs",
];
pub(super) const THING: &[&str] = &["slug", "name", "about", "capacity", "hours", "hours_period", "exceptions"];

/// A resource and the services it says it offers.
pub(super) struct ReadResource<'a> {
    pub at: Section<'a>,
    pub plan: ResourcePlan,
    pub offers: Vec<Offer<'a>>,
    /// Some of `services` could not be read, so that nobody can say what is not offered.
    pub more: bool,
}

/// One entry of a practitioner's `services`, with what differs there.
pub(super) struct Offer<'a> {
    pub service: String,
    pub field: Field<'a>,
    pub settings: SettingsPatch,
}

/// Practitioners, rooms and devices, in this order.
pub(super) fn read<'a>(root: &Section<'a>) -> Vec<ReadResource<'a>> {
    if root.field("practitioners").is_none() {
        root.missing("practitioners", "at least one table [[practitioners]]");
    }
    let practitioners = root.tables("practitioners", PRACTITIONER).into_iter().map(practitioner);
    let rooms = root.tables("rooms", THING).into_iter().map(|at| thing(at, ResourceKind::Room));
    let devices = root.tables("devices", THING).into_iter().map(|at| thing(at, ResourceKind::Device));
    practitioners.chain(rooms).chain(devices).collect()
}

fn practitioner(at: Section<'_>) -> ReadResource<'_> {
    let plan = ResourcePlan {
        role: at.get("role", Line(80)).unwrap_or_default(),
        languages: languages(&at).unwrap_or_default(),
        settings: settings::read_booking(&at),
        ..common(&at, ResourceKind::Practitioner)
    };
    if plan.hours.is_none() {
        at.missing("hours", "the weekly hours, as a table hours or tables hours_period");
    }
    let (offers, more) = read_offers(&at);
    ReadResource { at, plan, offers, more }
}

fn thing(at: Section<'_>, kind: ResourceKind) -> ReadResource<'_> {
    hours::refuse_settings(&at);
    ReadResource { plan: common(&at, kind), at, offers: Vec::new(), more: false }
}

fn common(at: &Section<'_>, kind: ResourceKind) -> ResourcePlan {
    let capacity = at.get("capacity", Count(1, 200)).unwrap_or(1);
    ResourcePlan {
        slug: at.must("slug", Slug),
        kind,
        name: at.must("name", NameText),
        role: String::new(),
        about: at.get("about", Prose(2000)).unwrap_or_default(),
        languages: Vec::new(),
        capacity: capacity.try_into().unwrap_or(1),
        settings: SettingsPatch::default(),
        hours: hours::read(at, hours::HOURS),
    }
}

/// The services offered, and whether there are more that could not be read.
fn read_offers<'a>(at: &Section<'a>) -> (Vec<Offer<'a>>, bool) {
    let Some(services) = at.field("services") else {
        at.missing("services", "a list of slugs of services, such as [\"followup\"]");
        return (Vec::new(), true);
    };
    let mut more = !services.is_list();
    let differs = at.open_section("differs");
    let mut offers: Vec<Offer<'a>> = Vec::new();
    for field in services.items("slugs of services") {
        let Some(service) = field.read(Slug) else {
            more = true;
            continue;
        };
        if offers.iter().any(|offer| offer.service == service) {
            field.wrong(format!("{service} is named twice"), "each service once");
            continue;
        }
        let settings = settings::read(&differs.section(&service, settings::FIELDS));
        offers.push(Offer { service, field, settings });
    }
    for key in differs.keys() {
        if !more && !offers.iter().any(|offer| offer.service == key) {
            let offered: Vec<&str> = offers.iter().map(|offer| offer.service.as_str()).collect();
            let allowed = format!("services this practitioner offers: {}", offered.join(", "));
            differs.wrong(&key, "this service is not among the practitioner's services", allowed);
        }
    }
    (offers, more)
}
