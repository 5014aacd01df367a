//! What waits for the account's owner: everything that a tap can settle, the most pressing first.

use domain::{
    booking::Status,
    profile::{Owner, Section},
};
use portal::{
    Patient, family, identity,
    patients::Reached,
    profile::{self, State},
    visits::Visit,
    waitlist::Mine,
};

use crate::{request::Request, visits::words::moment, wire::Fault};

/// One line: where it leads, what it is, and about whom.
pub(super) struct Need {
    pub icon: &'static str,
    pub title: String,
    pub detail: String,
    pub href: String,
}

impl Need {
    fn new(icon: &'static str, title: &str, detail: impl Into<String>, href: impl Into<String>) -> Self {
        Self { icon, title: title.to_owned(), detail: detail.into(), href: href.into() }
    }
}

/// What a clinic should know before somebody's first visit, and what it is called here.
const SHOULD_KNOW: [(Section, &str); 2] = [
    (Section::EmergencyContact, "Whom to call in an emergency"),
    (Section::Allergies, "Allergies, or that there are none"),
];

pub(super) async fn needs(
    request: &Request,
    patient: &Patient,
    people: &[&Reached],
    (ahead, waiting): (&[Visit], &[Mine]),
) -> Result<Vec<Need>, Fault> {
    let cx = &request.cx;
    let mut needs = Vec::new();
    for _ in identity::open_recoveries(cx, patient).await? {
        needs.push(Need::new("lock", "Somebody is recovering your account", "Stop it if it is not you", "/account"));
    }
    for invite in family::invites_for(cx, patient).await? {
        needs.push(Need::new("person", "You are asked to help", invite.name, "/account/records"));
    }
    for visit in ahead.iter().filter(|visit| visit.lost.is_some()) {
        let when = crate::visits::line(visit, cx.now());
        needs.push(Need::new("calendar", "Your visit needs a new time", when, format!("/visits/{}", visit.id)));
    }
    for mine in waiting {
        if let Some(offer) = mine.asked() {
            let when = moment(&mine.clinic, offer.start, cx.now());
            let detail = format!("{when} · {} · for {}", mine.clinic.profile.name, mine.name);
            needs.push(Need::new("clock", "A time is kept for you", detail, format!("/waitlist/{}", mine.entry.id)));
        } else if mine.hindrance.is_some() {
            let detail = format!("{} · for {}", mine.service(), mine.name);
            let href = format!("/waitlist/{}", mine.entry.id);
            needs.push(Need::new("clock", "The waitlist needs an answer from you", detail, href));
        }
    }
    for visit in ahead.iter().filter(|visit| visit.status == Status::Pending) {
        let when = crate::visits::line(visit, cx.now());
        needs.push(Need::new("clock", "Waits for the clinic", when, format!("/visits/{}", visit.id)));
    }
    let unread = family::unread_answers(cx, patient).await?;
    for reached in people {
        if unread.contains(&reached.chart.grant()) {
            let href = format!("/people/{}/ask", reached.chart.patient());
            needs.push(Need::new("mail", "The clinic answered what you asked", who(reached), href));
        }
        of_person(request, reached, &mut needs).await?;
    }
    Ok(needs)
}

async fn of_person(request: &Request, reached: &Reached, needs: &mut Vec<Need>) -> Result<(), Fault> {
    let known = profile::known(&request.cx, &reached.chart).await?;
    let here = format!("/people/{}", reached.chart.patient());
    let who = who(reached);
    for known in &known {
        let href = format!("{here}/{}", known.section.slug());
        let answered = known.request.as_ref().filter(|r| r.state == State::Declined && r.disagreement.is_none());
        if known.section.owner() == Owner::Clinic && answered.is_some() {
            needs.push(Need::new("mail", "The clinic answered you", who.clone(), href));
            continue;
        }
        let asked = SHOULD_KNOW.iter().find(|(section, _)| *section == known.section);
        if let (Some((_, what)), None) = (asked, known.newest()) {
            needs.push(Need::new("info", what, who.clone(), href));
        }
    }
    Ok(())
}

fn who(reached: &Reached) -> String {
    format!("{} · {}", reached.record.full_name(), reached.tenant_name)
}
