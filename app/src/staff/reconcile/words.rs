//! Kinds of questions, answers, and what follows from them, in words.

use domain::{
    reconcile::{Decision, Finding},
    words,
};
use jiff::Timestamp;
use portal::{
    booking::local_day,
    clinic::Clinic,
    reconcile::{Card, Kind, Source, Suggestion},
};

use crate::{
    staff::schedule::{moment, time},
    ui::Tone,
};

/// "Monday 23 November, 9:30".
pub(super) fn when(clinic: &Clinic, at: Timestamp, now: Timestamp) -> String {
    let today = clinic.zone.to_datetime(now).date();
    words::moment(clinic.zone.to_datetime(at), today, &clinic.profile.locale)
}

/// Above a card: "Mon 23 Nov, 9:30 Dr Weber".
pub(super) fn place(clinic: &Clinic, card: &Card) -> Option<String> {
    let place = card.item.finding.ours().or(card.item.finding.at())?;
    let who = clinic.resource(place.resource).map(|one| one.plan.name.as_str()).unwrap_or_default();
    Some(format!("{} {who}", moment(clinic, place.start)))
}

/// "9:30" within a card of that day, which stands above it; else with its day.
fn time_on(clinic: &Clinic, card: &Card, at: Timestamp) -> String {
    let above = card.item.finding.ours().or(card.item.finding.at());
    let day = |at: Timestamp| local_day(&clinic.zone, at);
    if above.is_some_and(|place| day(place.start) == day(at)) { time(clinic, at) } else { moment(clinic, at) }
}

pub(super) fn kind(finding: &Finding) -> (&'static str, Tone) {
    match finding {
        Finding::Conflict { .. } => ("Conflict", Tone::Bad),
        Finding::ChangedThere { both: true, .. } => ("Both moved", Tone::Bad),
        Finding::ChangedThere { .. } => ("Changed there", Tone::Look),
        Finding::CancelledThere { .. } => ("Cancelled there", Tone::Look),
        Finding::MissingThere { .. } => ("Missing there", Tone::Look),
        Finding::MovedHere { .. } => ("Moved here", Tone::Note),
        Finding::OnlyPortal { .. } => ("Only in portal", Tone::Note),
        Finding::CancelledHere { .. } => ("Cancelled here", Tone::Note),
        Finding::Whose { .. } => ("Whose is it?", Tone::Look),
    }
}

/// What both sides say. `who` is the visit's patient, `theirs` their entry.
pub(super) fn story(clinic: &Clinic, card: &Card) -> Vec<String> {
    let at = |instant| time_on(clinic, card, instant);
    let person = |id| clinic.resource(id).map(|one| one.plan.name.clone()).unwrap_or_default();
    let calendar = &card.calendar;
    let visit = card.visit.as_ref();
    let name = visit.map_or_else(|| "The patient".to_owned(), |visit| visit.name.clone());
    let service = visit.and_then(|visit| clinic.service_by_id(visit.service)).map(|one| one.plan.name.clone());
    let booked = visit.map(|visit| {
        let how = if visit.online { "online" } else { "at the desk" };
        format!("{name}, {}, booked {how} {}.", service.unwrap_or_default(), moment(clinic, visit.booked_at))
    });
    let theirs = card.entry.as_ref().map_or_else(
        || "An entry".to_owned(),
        |entry| {
            let said = entry.who.name.clone().unwrap_or_else(|| entry.title.clone());
            if said.trim().is_empty() { "An entry without a name".to_owned() } else { format!("“{said}”") }
        },
    );
    let mut story: Vec<String> = booked.into_iter().collect();
    story.push(match &card.item.finding {
        Finding::Conflict { at: there, ours, .. } => format!(
            "{theirs} stands in {calendar} at {} with {}, where {name} is booked for {}.",
            at(there.start),
            person(there.resource),
            at(ours.start)
        ),
        Finding::ChangedThere { at: there, ours, both, .. } => {
            let moved = if *both { " It was moved here as well." } else { "" };
            format!(
                "{calendar} has it at {} with {} now; here it is at {}.{moved}",
                at(there.start),
                person(there.resource),
                at(ours.start)
            )
        }
        Finding::CancelledThere { ours, .. } => {
            format!("{calendar} says it was cancelled; here it is booked for {}.", at(ours.start))
        }
        Finding::MissingThere { ours, .. } => {
            format!("It is no longer in {calendar}; here it is booked for {}. Nothing was cancelled.", at(ours.start))
        }
        Finding::MovedHere { at: there, ours, .. } => {
            format!("It was moved here to {}; {calendar} still has it at {}.", at(ours.start), at(there.start))
        }
        Finding::OnlyPortal { ours, .. } => {
            format!("It is booked for {} with {}, and is not in {calendar} yet.", at(ours.start), person(ours.resource))
        }
        Finding::CancelledHere { at: there, .. } => {
            format!("It was cancelled here; {calendar} still has it at {}.", at(there.start))
        }
        Finding::Whose { name } => {
            format!("{calendar} has entries of “{name}”, whom nobody here is called. Say whose times they are.")
        }
    });
    story
}

/// An answer's button, and what follows from it.
pub(super) fn answer(
    clinic: &Clinic,
    card: &Card,
    decision: Decision,
    to: Option<Suggestion>,
) -> Option<(String, String)> {
    let name = card.visit.as_ref().map_or_else(|| "the patient".to_owned(), |visit| visit.name.clone());
    let at = |instant| time_on(clinic, card, instant);
    let (label, follows) = match (decision, &card.item.finding) {
        (Decision::Move, _) => {
            let to = to?;
            let closes = "The time it leaves closes for the other entry.";
            (format!("Move {name} to {}", at(to.start)), format!("{name} is told by message. {closes}"))
        }
        (Decision::Follow, Finding::MovedHere { at: there, .. }) => {
            (format!("Move back to {}", at(there.start)), format!("{name} is told by message."))
        }
        (Decision::Follow, finding) => {
            let there = finding.at()?;
            (format!("Move here, too, to {}", at(there.start)), format!("{name} is told by message."))
        }
        (Decision::Same, _) => {
            ("It is this visit".to_owned(), "The two are one from now on. Nobody is told anything.".to_owned())
        }
        (Decision::Apart, Finding::ChangedThere { .. }) => {
            ("It is another visit".to_owned(), "The entry takes its own time. The visit stays as it is.".to_owned())
        }
        (Decision::Apart, _) => {
            ("Leave both".to_owned(), "Two are booked at one time, on purpose. Nobody is told anything.".to_owned())
        }
        (Decision::Keep, Finding::ChangedThere { .. }) => (
            "Keep our time".to_owned(),
            "The visit stays. The other calendar is to follow, and is told so if it listens.".to_owned(),
        ),
        (Decision::Keep, _) => {
            ("Keep the visit".to_owned(), "It stays booked. The other calendar is to take it over again.".to_owned())
        }
        (Decision::Cancel, _) => {
            (format!("Cancel {name}’s visit"), "The patient is told, with your message. Their time is free.".to_owned())
        }
        (Decision::Done, Finding::OnlyPortal { .. }) => {
            ("I entered it there".to_owned(), "You are not asked about this visit at this time again.".to_owned())
        }
        (Decision::Done, Finding::MovedHere { .. }) => {
            ("I moved it there".to_owned(), "You are not asked about this move again.".to_owned())
        }
        (Decision::Done, _) => ("I took it out there".to_owned(), "The time stays free here.".to_owned()),
        (Decision::Again, _) => {
            ("Send to calendar".to_owned(), "It is listed for the other calendar’s program again.".to_owned())
        }
        (Decision::Close, _) => ("Close the time here".to_owned(), "Nobody can book then any more.".to_owned()),
    };
    Some((label, follows))
}

pub(super) fn source_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Feed => "Fetched from an address",
        Kind::CalendarFile => "Calendar files that you bring",
        Kind::TableFile => "Tables (CSV) that you bring",
        Kind::Push => "Sent by a program",
    }
}

/// How a calendar's reading goes.
pub(super) fn state(clinic: &Clinic, source: &Source, now: Timestamp) -> (String, Tone) {
    if let Some(trouble) = &source.trouble {
        return (trouble_words(trouble), Tone::Bad);
    }
    match source.as_of {
        Some(at) => (format!("Read {}, {} matched", when(clinic, at, now), source.matched), Tone::Good),
        None => ("Not read yet".to_owned(), Tone::Quiet),
    }
}

/// What stands in the way of fetching, and what to do.
pub(super) fn trouble_words(trouble: &str) -> String {
    let (kind, rest) = trouble.split_once(": ").unwrap_or((trouble, ""));
    match kind {
        "unreachable" => "The calendar cannot be reached. Check the address; it is tried again".to_owned(),
        "refused" if rest == "401" || rest == "403" => {
            "The calendar’s server wants another name or password. Enter them anew".to_owned()
        }
        "refused" => format!("The calendar’s server refused (status {rest}). Check the address"),
        "too-large" => "The calendar is larger than 10 MB. Ask for a feed of fewer months".to_owned(),
        "not-allowed" => format!("This address is not allowed: {rest}"),
        "timeout" => "The calendar’s server took too long. It is tried again".to_owned(),
        "lost-half" => "Half of the entries were missing, so nothing of the last read was taken over".to_owned(),
        _ => format!("What the address answers is not a calendar: {rest}"),
    }
}
