//! Free times as the desk sees them: without the patient's notice, and a year ahead.

use domain::{
    booking::{Cell, PatientFacts, Purpose, refused_as_person},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
};
use jiff::{Timestamp, ToSpan};

use super::{
    availability::{Start, starts_within},
    facts, lanes, local_day,
};
use crate::{
    clinic::Service,
    cx::Cx,
    error::Internal,
    identity::charts,
    staff::{Permit, permission::ChangeVisits},
};

/// Days in which the desk looks for a free time.
const AHEAD: i64 = 365;

/// Which free times the desk looks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub service: &'a Service,
    /// `None`: whoever is free.
    pub practitioner: Option<ResourceId>,
    /// Whose other visits and rules count, too.
    pub patient: Option<PatientId>,
    /// The visit that moves: its own time is no obstacle, and it is none of the patient's others.
    pub moving: Option<AppointmentId>,
    /// Nothing before it, nor before now.
    pub from: Timestamp,
}

/// The first `most` free times for a visit, of those whose visits the permit covers. Unlike the patient's they know no
/// notice, and no horizon but a year.
pub async fn next_at_desk(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    wanted: &Wanted<'_>,
    most: usize,
) -> Result<Vec<Start>, Internal> {
    let (db, clinic, service) = (cx.db.read(), &permit.clinic, wanted.service);
    let offers = clinic.offers(service, permit.only().or(wanted.practitioner));
    if offers.is_empty() || wanted.practitioner.is_some_and(|one| !permit.covers(one)) {
        return Ok(Vec::new());
    }
    let moving = wanted.moving.map(|visit| visit.0);
    let known = match wanted.patient {
        Some(patient) => {
            let chart = charts::find(cx, db, clinic.tenant, patient).await?;
            let about = (clinic.id, service.id);
            let known = facts::of(cx, db, clinic.tenant, &chart, about, moving).await?;
            Some(if moving.is_some() { facts::of_theirs(known) } else { known })
        }
        None => None,
    };
    let after = Cell::containing(wanted.from.max(cx.now()));
    let from = local_day(&clinic.zone, after.start());
    let days = (from, from.saturating_add(AHEAD.days()));
    let own = match moving {
        Some(visit) => Some(lanes::owned(db, clinic.tenant, visit).await?),
        None => None,
    };
    let who = (Purpose::Staff, known.as_ref(), own.as_ref());
    starts_within(cx, clinic, (service, &offers), days, (after, most), who).await
}

/// Of some services the first that is for somebody like this patient: a first visit is not for whoever came before, nor a
/// child's for their grandmother.
pub async fn likely_for(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    patient: PatientId,
    services: &[&Service],
) -> Result<Option<ServiceId>, Internal> {
    let Some(first) = services.first() else { return Ok(None) };
    let (db, clinic) = (cx.db.read(), &permit.clinic);
    let chart = charts::find(cx, db, clinic.tenant, patient).await?;
    let known = facts::of(cx, db, clinic.tenant, &chart, (clinic.id, first.id), None).await?;
    // Whom the clinic's own file names came before, whether or not somebody here can say when.
    let established = known.established.or(Some(true));
    let known = PatientFacts { blocked: None, established, ..known };
    let today = local_day(&clinic.zone, cx.now());
    let suits = |service: &&&Service| refused_as_person(&known, &service.plan.eligibility, today).is_none();
    Ok(services.iter().find(suits).map(|service| service.id))
}
