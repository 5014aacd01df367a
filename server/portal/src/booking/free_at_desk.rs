//! Free times as the desk sees them: without the patient's notice, and a year ahead.

use domain::{
    booking::{Cell, Purpose},
    ids::{PatientId, ResourceId},
};
use jiff::{Timestamp, ToSpan};

use super::{
    availability::{Start, starts_within},
    facts, local_day,
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
    let known = match wanted.patient {
        Some(patient) => {
            let chart = charts::find(cx, db, clinic.tenant, patient).await?;
            let about = (clinic.id, service.id);
            Some(facts::of(cx, db, clinic.tenant, &chart, about, None).await?)
        }
        None => None,
    };
    let after = Cell::containing(wanted.from.max(cx.now()));
    let from = local_day(&clinic.zone, after.start());
    let days = (from, from.saturating_add(AHEAD.days()));
    starts_within(cx, clinic, (service, &offers), days, (after, most), (Purpose::Staff, known.as_ref())).await
}
