//! What a page needs that asks before it changes a visit: whether that can be done at all, and how the visit stands.

use domain::{booking::Transition, ids::AppointmentId};
use jiff::Timestamp;
use portal::{
    booking::local_day,
    notices::reaches_patient,
    schedule::{DeskVisit, Sight, seen},
    staff::{
        Permit,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
};

use super::words::{day, time};
use crate::{
    request::Request,
    staff::gate::{AtDesk, page_at},
    wire::Fault,
};

pub(super) struct Changing {
    pub at: AtDesk,
    pub permit: Permit<ChangeVisits>,
    pub visit: DeskVisit,
    /// Its own page.
    pub own: String,
    /// Whether the patient hears of it by email.
    pub told: bool,
    pub now: Timestamp,
}

impl Changing {
    /// `None`: whoever asks is led elsewhere, to sign in, or to the visit's own page, which says why it cannot be done.
    pub async fn of(request: &Request, slug: &str, id: &str, what: Transition) -> Result<Option<Self>, Fault> {
        let Some(at) = page_at(request, slug).await? else { return Ok(None) };
        let sees = at.permit::<SeeSchedule>()?;
        let permit = at.permit::<ChangeVisits>()?;
        let id: AppointmentId = id.parse().map_err(|_| Fault::NotFound)?;
        let patients = at.desk.permit::<SeePatients>(&at.clinic);
        let sight = Sight { patients: patients.as_ref(), visits: Some(&permit) };
        let visit = seen(&request.cx, &sees, sight, id).await?.ok_or(Fault::NotFound)?;
        let own = at.url(&format!("visits/{id}"));
        if !permit.covers(visit.practitioner) || visit.status.after(what).is_none() {
            request.redirect(&own);
            return Ok(None);
        }
        let told = reaches_patient(&request.cx, &permit, id).await?;
        Ok(Some(Self { at, permit, visit, own, told, now: request.cx.now() }))
    }

    /// "Tomorrow, Tuesday 24 November, 10:00 to 10:30".
    pub fn stands(&self) -> String {
        let (clinic, visit) = (&self.at.clinic, &self.visit);
        let date = local_day(&clinic.zone, visit.start);
        let (from, to) = (time(clinic, visit.start), time(clinic, visit.end));
        format!("{}, {from} to {to}", day(clinic, date, self.now))
    }

    pub fn service(&self) -> String {
        self.at.clinic.service_by_id(self.visit.service).map(|one| one.plan.name.clone()).unwrap_or_default()
    }

    /// With whom.
    pub fn with(&self) -> String {
        self.at.clinic.resource(self.visit.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default()
    }
}
