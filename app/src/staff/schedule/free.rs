//! With whom and when a visit is, whether new or moved: only people who offer it, and their next free times from the engine.

use domain::{
    booking::Reason,
    ids::{PatientId, ResourceId},
};
use jiff::{Timestamp, civil::Date};
use leptos::prelude::*;
use portal::{
    booking::{self, BookingError, Start, Wanted, local_day},
    clinic::{Clinic, Resource, Service},
    schedule::DeskVisit,
    staff::{Permit, permission::ChangeVisits},
};

use super::words::{instant, moment, time, typed_date, typed_time, written};
use crate::{
    forms::FormState,
    request::Request,
    ui::{RadioItem, Radios, Select, TextField},
    wire::Fault,
};

/// How many times are offered.
const MOST: usize = 9;
/// No time is chosen yet. An empty value is another time than those.
const NONE: &str = "none";

/// What stands in the fields, as it was typed. `with` is empty for anyone.
#[derive(Default)]
pub(super) struct Typed {
    pub with: String,
    pub date: String,
    /// One of the free times, or empty for another, that is typed.
    pub slot: String,
    /// The day that the free times were listed for.
    pub listed: String,
    pub time: String,
}

impl Typed {
    pub fn of(state: &FormState) -> Self {
        let [with, date, slot, listed, time] = FIELDS.map(|field| state.value(field));
        Self { with, date, slot, listed, time }
    }
}

const FIELDS: [&str; 5] = ["with", "date", "slot", "listed", "time"];

/// Whose time is looked for.
pub(super) struct About<'a> {
    pub service: &'a Service,
    pub patient: Option<PatientId>,
    pub moving: Option<&'a DeskVisit>,
}

/// Who offers a service, of those whose visits the permit covers.
pub(super) fn people<'c>(clinic: &'c Clinic, permit: &Permit<ChangeVisits>, service: &Service) -> Vec<&'c Resource> {
    let offers = clinic.offers(service, permit.only());
    offers.iter().filter_map(|offer| clinic.resource(offer.practitioner)).collect()
}

/// The fields of with whom and when. A script asks for them anew when the visit, the person or the day is another; without
/// one, a button does.
pub(super) async fn when(
    request: &Request,
    permit: &Permit<ChangeVisits>,
    clinic: &Clinic,
    About { service, patient, moving }: About<'_>,
    typed: Typed,
    state: &FormState,
) -> Result<AnyView, Fault> {
    let people = people(clinic, permit, service);
    let one = people.iter().find(|one| one.plan.slug == typed.with).copied();
    let (day, clock) = (typed_date(clinic, &typed.date), typed_time(&typed.time));
    let begins = day.and_then(|day| Some(day.to_zoned(clinic.zone.clone()).ok()?.timestamp()));
    let pointed = day.zip(clock).and_then(|(day, clock)| instant(clinic, day, clock));
    let from = pointed.or(begins).unwrap_or_else(|| request.cx.now());
    let wanted =
        Wanted { service, practitioner: one.map(|one| one.id), patient, moving: moving.map(|visit| visit.id), from };
    let mut starts = booking::next_at_desk(&request.cx, permit, &wanted, MOST + 1).await?;
    if let Some(visit) = moving {
        // Where it is it need not move to.
        let here = |start: &Start| start.start.start() == visit.start && start.practitioners == [visit.practitioner];
        starts.retain(|start| !here(start));
    }
    starts.truncate(MOST);
    // Of a time that comes twice, the one that was chosen.
    let chosen = starts.iter().find(|start| slot(clinic, start) == typed.slot);
    let typed_one = || starts.iter().find(|start| Some(start.start.start()) == pointed);
    let value = match chosen.or_else(typed_one) {
        Some(start) => slot(clinic, start),
        // What was typed and is not free stands there as it was typed.
        None if !typed.time.is_empty() || starts.is_empty() => String::new(),
        None => NONE.to_owned(),
    };
    let several = people.len() > 1;
    let item = |start: &Start| {
        let at = start.start.start();
        // Of the day that stands above them, the time says enough.
        let label = if day == Some(local_day(&clinic.zone, at)) { time(clinic, at) } else { moment(clinic, at) };
        let label = if twice(clinic, at) { format!("{label} (UTC{})", clinic.zone.to_offset(at)) } else { label };
        let item = RadioItem::new(slot(clinic, start), label);
        let with = who(clinic, start);
        match with.filter(|_| several && one.is_none()) {
            Some(with) => item.hint(with.plan.name.clone()),
            None => item,
        }
    };
    let items = starts.iter().map(item).chain([RadioItem::new("", "Another time")]).collect();
    let none = starts.is_empty().then(|| {
        view! { <p role="status">"Nothing is free in the year from that day. Choose another day, or somebody else."</p> }
    });
    let anyone = several.then(|| (String::new(), "Anyone".to_owned()));
    let named = people.iter().map(|one| (one.plan.slug.clone(), one.plan.name.clone()));
    let people = anyone.into_iter().chain(named).collect();
    let with = one.map(|one| one.plan.slug.clone()).unwrap_or_default();
    let listed = listed_for(clinic, &typed.date);
    let example = format!("Like {}", written(clinic, local_day(&clinic.zone, request.cx.now())));
    let [no_with, no_date, no_slot, no_time] = ["with", "date", "slot", "time"].map(|field| state.error(field));
    Ok(view! {
        <div id="when" class="desk-when">
            <input type="hidden" name="listed" value=listed />
            <div class="desk-pair">
                <Select name="with" label="With" options=people value=with error=no_with />
                <TextField name="date" label="Day" hint=example value=typed.date error=no_date width=12 autocomplete="off" />
            </div>
            <p>
                <button class="button button-second" type="submit" name="look" value="yes">"Show free times"</button>
            </p>
            {none}
            <div class="desk-free">
                <Radios name="slot" legend="Free times" items=items value=value error=no_slot />
            </div>
            <div class="desk-clock">
                <TextField name="time" label="Time" hint="Like 9:30" value=typed.time error=no_time width=8 autocomplete="off" />
            </div>
        </div>
    }
    .into_any())
}

/// The day that free times are listed from, for noticing that another was typed since.
fn listed_for(clinic: &Clinic, typed: &str) -> String {
    typed_date(clinic, typed).map_or_else(|| "now".to_owned(), |day| day.to_string())
}

/// Whether the clinic's clock shows this time twice that day.
pub(super) fn twice(clinic: &Clinic, at: Timestamp) -> bool {
    clinic.zone.to_ambiguous_timestamp(clinic.zone.to_datetime(at)).is_ambiguous()
}

/// A free time as its choice says it: whose, and the instant.
fn slot(clinic: &Clinic, start: &Start) -> String {
    let with = who(clinic, start).map(|one| one.plan.slug.as_str()).unwrap_or_default();
    format!("{with}/{}", start.start.start())
}

/// Of those who are free then, the clinic's first.
fn who<'c>(clinic: &'c Clinic, start: &Start) -> Option<&'c Resource> {
    clinic.practitioners().find(|one| start.practitioners.contains(&one.id))
}

/// With whom and when, as far as it was chosen or typed rightly; what was not is said at its field.
pub(super) fn choose(
    clinic: &Clinic,
    typed: &Typed,
    state: &mut FormState,
    today: Date,
) -> Option<(ResourceId, Timestamp)> {
    if !typed.slot.is_empty() {
        let Some((one, start)) = chosen_slot(clinic, &typed.slot) else {
            state.fail("slot", "Choose one of these times, or another");
            return None;
        };
        if !typed.with.is_empty() && typed.with != one.plan.slug {
            // Without a script, the times shown are those of whoever was chosen before.
            state.fail("slot", format!("That time was with {}. Choose one of these, or another", one.plan.name));
            return None;
        }
        if !typed.listed.is_empty() && typed.listed != listed_for(clinic, &typed.date) {
            state.fail("slot", "Those times were for another day. Choose one of these, or another");
            return None;
        }
        // From now on as if it had been typed: what is refused is shown so, also when it is offered no more.
        let date = clinic.zone.to_datetime(start).date();
        let said = [
            ("with", one.plan.slug.clone()),
            ("date", written(clinic, date)),
            ("listed", date.to_string()),
            ("time", time(clinic, start)),
        ];
        state.values.extend(said.map(|(field, value)| (field.to_owned(), value)));
        return Some((one.id, start));
    }
    let practitioner = clinic.practitioner(&typed.with).map(|one| one.id);
    // Whoever typed no time either is to choose one of those times, which have somebody: that is said once.
    if practitioner.is_none() && !typed.time.trim().is_empty() {
        state.fail("with", "Choose with whom, or one of the free times");
    }
    let date = typed_date(clinic, &typed.date);
    if date.is_none() {
        state.fail("date", format!("Enter the day, like {}", written(clinic, today)));
    }
    let clock = typed_time(&typed.time);
    match clock {
        None if typed.time.trim().is_empty() => state.fail("slot", "Choose one of the free times, or enter another"),
        None => state.fail("time", "Enter the time, like 9:30"),
        Some(_) => {}
    }
    let start = instant(clinic, date?, clock?);
    if start.is_none() {
        state.fail("time", "The clock is put forward over this time on that day. Choose another");
    }
    Some((practitioner?, start?))
}

/// Which field a refusal is about.
pub(super) fn field_of(error: &BookingError) -> &'static str {
    match error {
        BookingError::Refused { reason: Reason::NotOffered, .. } | BookingError::Forbidden => "with",
        _ => "time",
    }
}

/// Whose time was chosen, and which. `None`: it is none of those that are offered.
fn chosen_slot<'c>(clinic: &'c Clinic, slot: &str) -> Option<(&'c Resource, Timestamp)> {
    let (with, start) = slot.split_once('/')?;
    Some((clinic.practitioner(with)?, start.parse().ok()?))
}
