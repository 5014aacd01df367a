//! What the calendar says around the asked day: for the times page, and for that page when it asks again.

use std::sync::Arc;

use domain::booking::{Cell, horizon_days};
use jiff::{ToSpan, civil::Date};
use portal::{
    booking::{AvailabilityQuery, Day, Hold, Start, availability, next_starts},
    clinic::Clinic,
};

use super::{
    api::TimeForm,
    choice::{self, Chosen, name_of},
    days::{DAYS, strip_start},
    own,
    slot::Slot,
    when::ClinicClock,
};
use crate::{request::Request, wire::Fault};

/// Any later day is answered with "not yet"; a year is far enough for that.
pub(super) const MOST_AHEAD: i64 = 366;

/// A capacity from which a time is a group's, whose places are worth counting; less is a team working side by side.
const GROUP: u16 = 4;

/// What the calendar says around the asked day.
pub(super) struct Look {
    /// The first free start of all.
    pub first: Option<Start>,
    pub date: Date,
    /// The week that is shown.
    pub days: Vec<Day>,
    /// The last day that can be booked.
    pub last: Date,
    pub slots: Vec<Slot>,
    /// The next free start, when the day has none.
    pub next: Option<Start>,
}

impl Look {
    pub async fn at(
        request: &Request,
        clinic: &Arc<Clinic>,
        chosen: &Chosen<'_>,
        form: &TimeForm,
    ) -> Result<Self, Fault> {
        let cx = &request.cx;
        let clock = ClinicClock::new(clinic, cx.now());
        let person = chosen.practitioner();
        let next = async |after: Cell| -> Result<Option<Start>, Fault> {
            let found = next_starts(cx, clinic, chosen.service, person, after, chosen.purpose, 1).await?;
            Ok(found.into_iter().next())
        };
        let first = next(Cell::containing(cx.now())).await?;
        let last = clock.today.saturating_add(horizon_days(chosen.asked()).days());
        let earliest = first.as_ref().map_or(clock.today, |s| clock.date(s.start.start()));
        let furthest = clock.today.saturating_add(MOST_AHEAD.days());
        let date = form.day.parse().unwrap_or(earliest).clamp(clock.today, furthest);
        let from = strip_start(clock.today, date);
        let to = from.saturating_add((DAYS - 1).days());
        let days = days(request, clinic, chosen, from, to).await?;
        let own = own::live(request, clinic, chosen, &form.moves).await?;
        let slots =
            days.iter().find(|d| d.date == date).map(|day| slots(&clock, chosen, day, &own)).unwrap_or_default();
        let after = date.tomorrow().ok().and_then(|d| d.to_zoned(clinic.zone.clone()).ok());
        let next = match after {
            Some(after) if slots.is_empty() => next(Cell::containing(after.timestamp())).await?,
            _ => None,
        };
        Ok(Self { first, date, days, last, slots, next })
    }

    pub fn day(&self) -> Option<&Day> {
        self.days.iter().find(|d| d.date == self.date)
    }

    pub fn first_date(&self, clock: &ClinicClock<'_>) -> Option<Date> {
        self.first.as_ref().map(|s| clock.date(s.start.start()))
    }
}

/// A day's free times, and those this browser keeps already.
fn slots(clock: &ClinicClock<'_>, chosen: &Chosen<'_>, day: &Day, own: &[Hold]) -> Vec<Slot> {
    let mut slots: Vec<Slot> =
        day.free.iter().map(|start| clock.slot(start, note(clock.clinic, chosen, start))).collect();
    for hold in own.iter().filter(|h| clock.date(h.span.start.start()) == day.date) {
        let start =
            Start { start: hold.span.start, end: hold.span.end, practitioners: vec![hold.practitioner], places: 1 };
        let slot = clock.slot(&start, "kept for you".to_owned());
        match slots.iter_mut().find(|s| s.start == slot.start) {
            Some(same) => *same = slot,
            None => slots.push(slot),
        }
    }
    slots.sort_by(|a, b| a.start.cmp(&b.start));
    slots
}

/// Who is free, when anybody may be meant; how many places a group visit has left.
fn note(clinic: &Clinic, chosen: &Chosen<'_>, start: &Start) -> String {
    let who = match start.practitioners.as_slice() {
        _ if chosen.person.is_some() || chosen.offers.len() == 1 => None,
        [only] => Some(name_of(clinic, *only)),
        _ => None,
    };
    let group = start.practitioners.iter().any(|id| clinic.resource(*id).is_some_and(|r| r.plan.capacity >= GROUP));
    let places = group.then(|| match start.places {
        1 => "last place".to_owned(),
        n => format!("{n} places left"),
    });
    who.into_iter().chain(places).collect::<Vec<_>>().join(" · ")
}

async fn days(
    request: &Request,
    clinic: &Arc<Clinic>,
    chosen: &Chosen<'_>,
    from: Date,
    to: Date,
) -> Result<Vec<Day>, Fault> {
    let (service, practitioner, purpose) = (chosen.service, chosen.practitioner(), chosen.purpose);
    let query = AvailabilityQuery { service, practitioner, from, to, explain: true, purpose };
    Ok(availability(&request.cx, clinic, &query).await?.days)
}

/// The open page asks again: one day.
pub(super) async fn free(request: &Request, form: &TimeForm) -> Result<Vec<Slot>, Fault> {
    let clinic = choice::clinic(request, &form.clinic).await?;
    let chosen = Chosen::find(&clinic, form).ok_or(Fault::NotFound)?;
    choice::access(request, &form.moves).await?;
    let clock = ClinicClock::new(&clinic, request.cx.now());
    let date: Date = form.day.parse().map_err(|_| Fault::BadRequest)?;
    let date = date.clamp(clock.today, clock.today.saturating_add(MOST_AHEAD.days()));
    let own = own::live(request, &clinic, &chosen, &form.moves).await?;
    let day = days(request, &clinic, &chosen, date, date).await?;
    Ok(day.iter().flat_map(|day| slots(&clock, &chosen, day, &own)).collect())
}
