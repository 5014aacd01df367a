//! Where a visit of the desk finds its place: the engine's verdict, and where it says no, the one rule that is overridden.

use domain::{
    booking::{Cell, Offer, PatientFacts, Placement, Purpose, Reason, Span, Taken, Verdict, verdict_at},
    ids::ResourceId,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{at_desk::Overriding, availability::View, error::BookingError, lanes, local_day};
use crate::{
    clinic::{Clinic, Service},
    cx::Cx,
    db::Tx,
};

/// A visit that looks for its place.
pub(super) struct Putting<'a> {
    pub clinic: &'a Clinic,
    pub service: &'a Service,
    pub practitioner: ResourceId,
    pub start: Timestamp,
}

/// A place that was found.
pub(super) struct Put<'a> {
    clinic: &'a Clinic,
    rows: lanes::Rows,
    pub body: Span,
    placement: Placement,
    /// The rule that was overridden, and why.
    pub why: Option<String>,
}

impl<'a> Putting<'a> {
    fn offers(&self) -> Result<Vec<Offer>, BookingError> {
        let offers = self.clinic.offers(self.service, Some(self.practitioner));
        if offers.is_empty() { Err(refuse(Reason::NotOffered)) } else { Ok(offers) }
    }

    fn cell(&self) -> Result<Cell, BookingError> {
        Cell::exact(self.start).ok_or(refuse(Reason::OffGrid { interval: 5 }))
    }

    pub async fn find(
        &self,
        cx: &Cx,
        tx: &Tx,
        known: &PatientFacts,
        overriding: Option<&Overriding>,
    ) -> Result<Put<'a>, BookingError> {
        let (offers, start) = (self.offers()?, self.cell()?);
        let day = local_day(&self.clinic.zone, self.start);
        if !(1900..=9000).contains(&day.year()) {
            return Err(refuse(Reason::OutsideHours));
        }
        let (view, rows) = View::read_locked(tx, self.clinic, self.service, &offers, day, day).await?;
        if rows.stale(cx.now_ms()) {
            return Err(BookingError::BUSY);
        }
        let found = verdict_at(&view.ask(cx, Purpose::Staff, Some(known), day, day), self.practitioner, start);
        let (clinic, body) = (self.clinic, found.span);
        let reason = match found.verdict {
            Verdict::Free(placement) => return Ok(Put { clinic, rows, body, placement, why: None }),
            Verdict::Refused(reason) => reason,
        };
        let may = overriding.filter(|o| o.permit.clinic.id == clinic.id && o.permit.covers(self.practitioner));
        let may = may.filter(|o| o.rule == reason.code());
        let Some(overriding) = may else { return Err(refuse(reason)) };
        let settings = clinic.settings_at(self.service, self.practitioner, self.start);
        let body = Span::new(start, start.plus_minutes(settings.duration));
        // One person cannot be in two places, whatever anybody says.
        if known.busy.iter().any(|busy| busy.start < body.end && body.start < busy.end) {
            return Err(refuse(Reason::PatientBusy));
        }
        let lane = |id: ResourceId| view.occupancy().lane_beside(id, &settings, start);
        let capacity = |id: ResourceId| clinic.rules.get(&id).map_or(1, |rules| rules.capacity);
        let mut lanes = vec![(self.practitioner, lane(self.practitioner))];
        for need in offers.iter().flat_map(|offer| &offer.needs) {
            let free = need.any_of.iter().filter(|id| lanes.iter().all(|(taken, _)| taken != *id));
            // One with room, else the one with the least in the way.
            let best = free.map(|id| (*id, lane(*id))).min_by_key(|(id, lane)| (*lane >= capacity(*id), *lane));
            lanes.push(best.ok_or(refuse(Reason::RoomTaken))?);
        }
        // Somebody else's time is a rule of its own: a reason for other hours is none for a double booking.
        let crowded = matches!(reason, Reason::Taken | Reason::TooCloseToAnother | Reason::RoomTaken);
        if !crowded && lanes.iter().any(|(id, lane)| *lane >= capacity(*id)) {
            return Err(refuse(Reason::Taken));
        }
        lanes.sort_unstable();
        let padded =
            Span::new(body.start.plus_minutes(-settings.buffer_before), body.end.plus_minutes(settings.buffer_after));
        let why = Some(format!("{}: {}", reason.code(), overriding.why));
        Ok(Put { clinic, rows, body, placement: Placement { lanes, padded, places: 1 }, why })
    }

    /// With the lanes of `own` as free.
    pub async fn verdict(
        &self,
        cx: &Cx,
        db: &impl sea_orm::ConnectionTrait,
        known: &PatientFacts,
        own: &lanes::Owned,
    ) -> Result<Option<Reason>, BookingError> {
        let (offers, start) = (self.offers()?, self.cell()?);
        let day = local_day(&self.clinic.zone, self.start);
        if !(1900..=9000).contains(&day.year()) {
            return Ok(Some(Reason::OutsideHours));
        }
        let (mut view, _) = View::read_locked(db, self.clinic, self.service, &offers, day, day).await?;
        own.take_out(view.occupancy_mut());
        let found = verdict_at(&view.ask(cx, Purpose::Staff, Some(known), day, day), self.practitioner, start);
        Ok(match found.verdict {
            Verdict::Free(_) => None,
            Verdict::Refused(reason) => Some(reason),
        })
    }
}

impl Put<'_> {
    pub async fn take(&self, tx: &Tx, visit: Uuid) -> Result<(), BookingError> {
        let taken = Taken { body: self.body, padded: self.placement.padded };
        let owner = lanes::Owner::Appointment(visit);
        Ok(lanes::take(tx, self.clinic.tenant, &self.rows, owner, &self.placement.lanes, taken, None).await?)
    }
}

fn refuse(reason: Reason) -> BookingError {
    BookingError::Refused { reason, next: Vec::new() }
}
