//! Where a visit of the desk finds its place: the engine's verdict, and where it says no, the one rule that is overridden.

use domain::{
    booking::{
        Ask, Cell, Offer, PatientFacts, Placement, Purpose, Reason, Settings, Span, Taken, Verdict, over_limit,
        verdict_at,
    },
    ids::{ResourceId, TenantId},
};
use entity::allocation;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
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
    /// A visit more for its patient, who may have too many. One that moves was counted before.
    pub new: bool,
}

/// A place that was found.
pub(super) struct Put<'a> {
    clinic: &'a Clinic,
    rows: lanes::Rows,
    pub body: Span,
    placement: Placement,
    /// The rule that was overridden, and why.
    pub why: Option<String>,
    /// The code of the rule that holds for patients alone, and was passed.
    pub passed: Option<&'static str>,
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
        let ask = view.ask(cx, Purpose::Staff, Some(known), day, day);
        let (found, passed) = (verdict_at(&ask, self.practitioner, start), self.passed(&ask, start));
        let (clinic, body) = (self.clinic, found.span);
        let reason = match found.verdict {
            Verdict::Free(placement) => {
                let why = self.limit(cx, known).map(|limit| self.why(limit, overriding)).transpose()?;
                return Ok(Put { clinic, rows, body, placement, why, passed });
            }
            Verdict::Refused(reason) => reason,
        };
        let why = Some(self.why(reason.clone(), overriding)?);
        let settings = clinic.settings_at(self.service, self.practitioner, self.start);
        let body = Span::new(start, start.plus_minutes(settings.duration));
        // One person cannot be in two places, whatever anybody says.
        if known.busy.iter().any(|busy| busy.start < body.end && body.start < busy.end) {
            return Err(refuse(Reason::PatientBusy));
        }
        // The reason was for one rule. What is asked after it is asked all the same.
        if let Some(limit) = self.limit(cx, known) {
            return Err(refuse(limit));
        }
        if let Some(next) = self.next_reason(cx, tx, known, &reason, &settings).await? {
            return Err(refuse(next));
        }
        let lanes = self.beside(&view, &offers, &settings, start)?;
        // Somebody else's time is a rule of its own, and so is a room's: a reason for other hours is none for a double
        // booking, and one for the practitioner's time none for the room's.
        let excused = |id: ResourceId| match reason {
            Reason::Taken | Reason::TooCloseToAnother => id == self.practitioner,
            Reason::RoomTaken => id != self.practitioner,
            _ => false,
        };
        let full = |id: ResourceId| !view.occupancy().has_place(id, &settings, start);
        if let Some((id, _)) = lanes.iter().find(|(id, _)| !excused(*id) && full(*id)) {
            return Err(refuse(if *id == self.practitioner { Reason::Taken } else { Reason::RoomTaken }));
        }
        let padded = padded(body, &settings);
        Ok(Put { clinic, rows, body, placement: Placement { lanes, padded, places: 1 }, why, passed })
    }

    /// What the engine says where the rule that was overridden does not count, as far as that can be asked: who is stopped
    /// from booking, and the grid. Of hours nothing is left to ask but whose time it is.
    async fn next_reason(
        &self,
        cx: &Cx,
        tx: &Tx,
        known: &PatientFacts,
        reason: &Reason,
        settings: &Settings,
    ) -> Result<Option<Reason>, BookingError> {
        let mut offers = self.offers()?;
        let mut facts = known.clone();
        match reason {
            Reason::Blocked { .. } => facts.blocked = None,
            Reason::OffGrid { .. } => {
                for offer in &mut offers {
                    offer.settings = Settings { grid_interval: 5, grid_offset: 0, ..settings.clone() };
                    offer.dated.clear();
                }
            }
            _ => return Ok(None),
        }
        let day = local_day(&self.clinic.zone, self.start);
        let (view, _) = View::read_locked(tx, self.clinic, self.service, &offers, day, day).await?;
        let ask = view.ask(cx, Purpose::Staff, Some(&facts), day, day);
        Ok(match verdict_at(&ask, self.practitioner, self.cell()?).verdict {
            Verdict::Free(_) => None,
            Verdict::Refused(next) => Some(next),
        })
    }

    /// The place of a visit of so many minutes that gave it up, whatever the rules say today: all that counts is what is in
    /// the way.
    pub async fn again(&self, cx: &Cx, tx: &Tx, known: &PatientFacts, minutes: i64) -> Result<Put<'a>, BookingError> {
        let (offers, start) = (self.offers()?, self.cell()?);
        let day = local_day(&self.clinic.zone, self.start);
        let (view, rows) = View::read_locked(tx, self.clinic, self.service, &offers, day, day).await?;
        if rows.stale(cx.now_ms()) {
            return Err(BookingError::BUSY);
        }
        // As long as it was booked for, however long the service takes by now.
        let settings = self.clinic.settings_at(self.service, self.practitioner, self.start);
        let settings = Settings { duration: minutes, ..settings };
        let body = Span::new(start, start.plus_minutes(settings.duration));
        if known.busy.iter().any(|busy| busy.start < body.end && body.start < busy.end) {
            return Err(refuse(Reason::PatientBusy));
        }
        let lanes = self.beside(&view, &offers, &settings, start)?;
        let padded = padded(body, &settings);
        let full = |(id, _): &&(ResourceId, u16)| !view.occupancy().has_place(*id, &settings, start);
        if let Some((full, _)) = lanes.iter().find(full) {
            let there = first_in(tx, self.clinic.tenant, *full, padded).await?;
            return Err(there.map_or_else(|| refuse(Reason::Taken), |(from, to)| BookingError::InTheWay { from, to }));
        }
        let (clinic, placement) = (self.clinic, Placement { lanes, padded, places: 1 });
        Ok(Put { clinic, rows, body, placement, why: None, passed: None })
    }

    /// Why the rule is overridden, as it is kept; the refusal itself where nobody may, or said why for another rule.
    fn why(&self, reason: Reason, overriding: Option<&Overriding>) -> Result<String, BookingError> {
        let here = |o: &&Overriding| o.permit.clinic.id == self.clinic.id && o.permit.covers(self.practitioner);
        let may = overriding.filter(here).filter(|o| o.rule == reason.code());
        may.map(|o| format!("{}: {}", reason.code(), o.why)).ok_or_else(|| refuse(reason))
    }

    fn limit(&self, cx: &Cx, known: &PatientFacts) -> Option<Reason> {
        let settings = self.clinic.settings_at(self.service, self.practitioner, self.start);
        self.new.then(|| over_limit(known, &settings, (&self.clinic.zone, cx.now(), self.start)))?
    }

    /// Of what the desk is not asked about (rules 6 and 7): what a patient would have been refused for.
    fn passed(&self, ask: &Ask<'_>, start: Cell) -> Option<&'static str> {
        let purpose = if self.new { Purpose::Book } else { Purpose::Move };
        match verdict_at(&Ask { purpose, patient: None, ..*ask }, self.practitioner, start).verdict {
            Verdict::Refused(
                reason @ (Reason::InThePast
                | Reason::TooSoon { .. }
                | Reason::TooFarAhead { .. }
                | Reason::BeforeRange { .. }),
            ) => Some(reason.code()),
            _ => None,
        }
    }

    /// Lanes into which the visit fits beside everything else, also above a capacity, by resource.
    fn beside(
        &self,
        view: &View<'_>,
        offers: &[Offer],
        settings: &Settings,
        start: Cell,
    ) -> Result<Vec<(ResourceId, u16)>, BookingError> {
        let lane = |id: ResourceId| view.occupancy().lane_beside(id, settings, start);
        let mut lanes = vec![(self.practitioner, lane(self.practitioner))];
        for need in offers.iter().flat_map(|offer| &offer.needs) {
            let free = need.any_of.iter().filter(|id| lanes.iter().all(|(taken, _)| taken != *id));
            // One with room, else the one with the least in the way.
            let full = |id| !view.occupancy().has_place(id, settings, start);
            let best = free.map(|id| (*id, lane(*id))).min_by_key(|(id, lane)| (full(*id), *lane));
            lanes.push(best.ok_or(refuse(Reason::RoomTaken))?);
        }
        lanes.sort_unstable();
        Ok(lanes)
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

/// From when until when the first thing takes a resource's time that takes a part of `span`.
async fn first_in(
    tx: &Tx,
    tenant: TenantId,
    resource: ResourceId,
    span: Span,
) -> Result<Option<(Timestamp, Timestamp)>, BookingError> {
    let found = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::ResourceId.eq(resource.0))
        .filter(allocation::Column::PaddedStart.lt(span.end.0))
        .filter(allocation::Column::PaddedEnd.gt(span.start.0))
        .order_by_asc(allocation::Column::StartCell)
        .one(tx)
        .await?;
    Ok(found.map(|row| (Cell(row.start_cell).start(), Cell(row.end_cell).start())))
}

fn padded(body: Span, settings: &Settings) -> Span {
    Span::new(body.start.plus_minutes(-settings.buffer_before), body.end.plus_minutes(settings.buffer_after))
}

fn refuse(reason: Reason) -> BookingError {
    BookingError::Refused { reason, next: Vec::new() }
}
