//! What is chosen so far, as it travels in the address: a service, with whom, a day. Nothing personal.

use std::sync::Arc;

use domain::{
    booking::{Offer, Purpose},
    ids::{AppointmentId, ResourceId},
};
use portal::{
    VisitAccess,
    booking::Referral,
    clinic::{Clinic, Resource, Service},
};

use super::api::TimeForm;
use crate::{request::Request, ui::query_value, wire::Fault};

/// Whoever is free.
pub(super) const ANY: &str = "any";

pub(super) async fn clinic(request: &Request, slug: &str) -> Result<Arc<Clinic>, Fault> {
    portal::clinic::by_slug(&request.cx, slug).await?.ok_or(Fault::NotFound)
}

/// The form's fields as the pages' query has them.
pub(super) fn asked(request: &Request, clinic: &str) -> TimeForm {
    let Referral { source, booking_referral } =
        Referral::of(&request.query("source"), &request.query("booking-referral"));
    TimeForm {
        clinic: clinic.to_owned(),
        service: request.query("service"),
        with: request.query("with"),
        day: request.query("day"),
        start: request.query("start"),
        moves: request.query("move"),
        instead: request.query("instead"),
        source,
        booking_referral,
    }
}

impl TimeForm {
    /// The address of a step with these choices: `book`, `book/with`, `book/times` or `book/times/why`.
    pub(super) fn url(&self, step: &str) -> String {
        let pairs = [
            ("service", &self.service),
            ("with", &self.with),
            ("day", &self.day),
            ("start", &self.start),
            ("move", &self.moves),
            ("instead", &self.instead),
            ("source", &self.source),
            ("booking-referral", &self.booking_referral),
        ];
        let query: Vec<String> =
            pairs.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={}", query_value(v))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/c/{}/{step}{mark}{}", query_value(&self.clinic), query.join("&"))
    }

    pub(super) fn on(&self, day: jiff::civil::Date) -> Self {
        Self { day: day.to_string(), start: String::new(), ..self.clone() }
    }

    /// Back to the choice of a service or a person, with what is being moved or replaced remembered.
    pub(super) fn without_time(&self) -> Self {
        Self { day: String::new(), start: String::new(), ..self.clone() }
    }
}

/// The choices looked up in the clinic.
pub(super) struct Chosen<'a> {
    pub service: &'a Service,
    /// `None`: whoever is free.
    pub person: Option<&'a Resource>,
    /// Everybody who offers the service, whoever was chosen.
    pub offers: Vec<Offer>,
    pub purpose: Purpose,
}

impl<'a> Chosen<'a> {
    /// `None` when the service, or the person for it, is not offered (any more).
    pub fn find(clinic: &'a Clinic, form: &TimeForm) -> Option<Self> {
        let service = clinic.service(&form.service).filter(|s| s.active)?;
        let offers = clinic.offers(service, None);
        let purpose = if form.moves.is_empty() { Purpose::Book } else { Purpose::Move };
        let person = match form.with.as_str() {
            "" | ANY => None,
            slug => {
                let person = clinic.practitioner(slug)?;
                offers.iter().any(|o| o.practitioner == person.id).then_some(person)?.into()
            }
        };
        (!offers.is_empty()).then_some(Self { service, person, offers, purpose })
    }

    pub fn practitioner(&self) -> Option<ResourceId> {
        self.person.map(|p| p.id)
    }

    /// The offers that were asked about.
    pub fn asked(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter().filter(|o| self.person.is_none_or(|p| p.id == o.practitioner))
    }

    /// "any clinician", "Dr Jonas Weber"; the only one there is by name.
    pub fn with_words(&self, clinic: &Clinic) -> String {
        match (self.person, self.offers.as_slice()) {
            (Some(person), _) => person.plan.name.clone(),
            (None, [only]) => name_of(clinic, only.practitioner),
            (None, _) => "any clinician".to_owned(),
        }
    }
}

pub(super) fn name_of(clinic: &Clinic, id: ResourceId) -> String {
    clinic.resource(id).map(|r| r.plan.name.clone()).unwrap_or_default()
}

/// Leave to move the visit, when one is to be moved.
pub(super) async fn access(request: &Request, moves: &str) -> Result<Option<VisitAccess>, Fault> {
    if moves.is_empty() {
        return Ok(None);
    }
    let id: AppointmentId = moves.parse().map_err(|_| Fault::NotFound)?;
    let found = portal::visits::visit_access(&request.cx, &request.who(), id).await?;
    found.map(Some).ok_or(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_query_says_stays_one_value_in_the_address() {
        let form = TimeForm { clinic: "a/b".into(), service: "x&with=y #é".into(), ..TimeForm::default() };
        assert_eq!(form.url("book/with"), "/c/a%2Fb/book/with?service=x%26with%3Dy%20%23%C3%A9");
    }
}
