//! What the API says, as JSON.

use std::{ops::Range, sync::Arc};

use domain::{
    booking::{Cell, Settings},
    ids::ResourceId,
};
use jiff::{
    Timestamp,
    fmt::temporal::DateTimePrinter,
    tz::{Offset, TimeZone},
};
use portal::{
    Internal,
    booking::Start,
    clinic::{Clinic, Found, Resource, Service},
    visits::Visit,
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

/// A page of a list; `next` goes into `after` of the next request, and is null at the end.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ClinicModel {
    pub id: String,
    #[schema(example = "riverside")]
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub about: String,
    pub city: String,
    #[schema(example = "Europe/Berlin")]
    pub zone: String,
    pub languages: Vec<String>,
}

impl From<Found> for ClinicModel {
    fn from(f: Found) -> Self {
        Self {
            id: f.id.to_string(),
            slug: f.slug,
            name: f.name,
            kind: f.kind,
            about: f.about,
            city: f.city,
            zone: f.zone,
            languages: f.languages,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ClinicDetail {
    #[serde(flatten)]
    pub clinic: ClinicModel,
    pub tenant: String,
    pub currency: String,
    pub phone: String,
    pub email: String,
    pub emergency: String,
    pub street: String,
    pub postcode: String,
    pub region: String,
    pub country: String,
    pub latitude: Option<String>,
    pub longitude: Option<String>,
}

impl ClinicDetail {
    pub fn of(clinic: &Clinic) -> Self {
        let p = &clinic.profile;
        let a = p.address.clone();
        Self {
            clinic: ClinicModel {
                id: clinic.id.to_string(),
                slug: p.slug.clone(),
                name: p.name.clone(),
                kind: p.kind.clone(),
                about: p.about.clone(),
                city: a.city,
                zone: p.zone.clone(),
                languages: p.languages.clone(),
            },
            tenant: clinic.tenant_name.clone(),
            currency: p.currency.clone(),
            phone: p.phone.clone(),
            email: p.email.clone(),
            emergency: p.emergency.clone(),
            street: a.street,
            postcode: a.postcode,
            region: a.region,
            country: a.country,
            latitude: a.latitude,
            longitude: a.longitude,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ServiceModel {
    pub id: String,
    #[schema(example = "follow-up")]
    pub slug: String,
    pub name: String,
    pub about: String,
    pub speciality: String,
    /// `in_person`, `video` or `phone`.
    pub mode: String,
    pub minutes: i64,
    /// Minutes of notice that booking, moving and cancelling need.
    pub notice_book: i64,
    pub notice_move: i64,
    pub notice_cancel: i64,
    /// For those who pay themselves, in minor units of the clinic's currency.
    pub price: Option<i64>,
    pub needs_referral: bool,
    pub needs_approval: bool,
    pub min_age: Option<u32>,
    pub max_age: Option<u32>,
    /// Slugs.
    pub practitioners: Vec<String>,
}

impl ServiceModel {
    pub fn of(clinic: &Clinic, service: &Service) -> Self {
        let settings: Settings = clinic.service_settings(service);
        let plan = &service.plan;
        Self {
            id: service.id.to_string(),
            slug: plan.slug.clone(),
            name: plan.name.clone(),
            about: plan.about.clone(),
            speciality: plan.speciality.clone(),
            mode: plan.mode.as_str().to_owned(),
            minutes: settings.duration,
            notice_book: settings.notice_book,
            notice_move: settings.notice_move,
            notice_cancel: settings.notice_cancel,
            price: plan.price,
            needs_referral: plan.eligibility.referral,
            needs_approval: settings.needs_approval,
            min_age: plan.eligibility.min_age,
            max_age: plan.eligibility.max_age,
            practitioners: plan.offered_by.iter().map(|o| o.practitioner.clone()).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PractitionerModel {
    pub id: String,
    #[schema(example = "weber")]
    pub slug: String,
    pub name: String,
    pub role: String,
    pub about: String,
    pub languages: Vec<String>,
    /// Slugs.
    pub services: Vec<String>,
}

impl PractitionerModel {
    pub fn of(clinic: &Clinic, resource: &Resource) -> Self {
        let plan = &resource.plan;
        let offers = |s: &&Service| s.active && s.plan.offered_by.iter().any(|o| o.practitioner == plan.slug);
        Self {
            id: resource.id.to_string(),
            slug: plan.slug.clone(),
            name: plan.name.clone(),
            role: plan.role.clone(),
            about: plan.about.clone(),
            languages: plan.languages.clone(),
            services: clinic.services.iter().filter(offers).map(|s| s.plan.slug.clone()).collect(),
        }
    }
}

/// A free start.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StartModel {
    #[schema(value_type = String, example = "2026-11-23T09:30:00+01:00")]
    pub start: Instant,
    /// With whoever takes longest; the hold says when it really ends.
    #[schema(value_type = String)]
    pub end: Instant,
    /// Ids of those who are free then.
    #[schema(value_type = Vec<String>)]
    pub practitioners: Vec<IdText>,
    /// Places left, for group visits.
    pub places: u32,
}

impl StartModel {
    pub fn of(start: &Start, words: &mut Words<'_>) -> Result<Self, Internal> {
        Ok(Self {
            start: words.instant(start.start.start()),
            end: words.instant(start.end.start()),
            practitioners: words.ids(&start.practitioners)?,
            places: start.places,
        })
    }
}

/// An id as JSON.
#[derive(Clone, Debug)]
pub struct IdText(Arc<RawValue>);

impl Serialize for IdText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What a list of starts says again and again: each offset of the zone is looked up once, each id written once.
pub struct Words<'z> {
    zone: &'z TimeZone,
    stretch: Range<Timestamp>,
    offset: Offset,
    /// In order.
    ids: Vec<(ResourceId, IdText)>,
}

impl<'z> Words<'z> {
    pub fn of(zone: &'z TimeZone) -> Self {
        Self { zone, stretch: Timestamp::MIN..Timestamp::MIN, offset: Offset::UTC, ids: Vec::new() }
    }

    fn ids(&mut self, wanted: &[ResourceId]) -> Result<Vec<IdText>, Internal> {
        let mut texts = Vec::with_capacity(wanted.len());
        let mut at = 0;
        for id in wanted {
            // Both are in order.
            while self.ids.get(at).is_some_and(|(known, _)| known < id) {
                at += 1;
            }
            if self.ids.get(at).is_none_or(|(known, _)| known != id) {
                self.ids.insert(at, (*id, IdText(to_raw_value(id)?.into())));
            }
            texts.push(self.ids[at].1.clone());
        }
        Ok(texts)
    }

    fn instant(&mut self, at: Timestamp) -> Instant {
        if !self.stretch.contains(&at) {
            let next = self.zone.following(at).next();
            self.stretch = at..next.map_or(Timestamp::MAX, |next| next.timestamp());
            self.offset = self.zone.to_offset(at);
        }
        Instant(at, self.offset)
    }
}

/// RFC 3339 with the zone's offset at that instant; lists are full of them, so each is written only once.
#[derive(Clone, Copy, Debug)]
pub struct Instant(Timestamp, Offset);

impl Instant {
    fn write(self) -> String {
        DateTimePrinter::new().timestamp_with_offset_to_string(&self.0, self.1)
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.write())
    }
}

/// A time kept for the caller.
#[derive(Serialize, ToSchema)]
pub struct HoldModel {
    pub id: String,
    /// Proves the hold is yours; send it as the header `Hold-Token`.
    pub token: String,
    pub service: String,
    pub practitioner: String,
    pub start: String,
    pub end: String,
    pub expires_at: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct AppointmentModel {
    pub id: String,
    pub clinic: String,
    pub service: String,
    pub practitioner: String,
    pub start: String,
    pub end: String,
    #[schema(example = "Europe/Berlin")]
    pub zone: String,
    /// FHIR's: `pending`, `booked`, `arrived`, `checked-in`, `fulfilled`, `cancelled`, `noshow`, …
    pub status: String,
    pub version: i64,
}

impl AppointmentModel {
    pub fn of(visit: &Visit) -> Self {
        let zone = &visit.clinic.zone;
        Self {
            id: visit.id.to_string(),
            clinic: visit.clinic.profile.slug.clone(),
            service: visit.service.plan.slug.clone(),
            practitioner: visit.practitioner_id.to_string(),
            start: instant(visit.start, zone),
            end: instant(visit.end, zone),
            zone: visit.clinic.profile.zone.clone(),
            status: visit.status.as_str().to_owned(),
            version: visit.version,
        }
    }
}

pub fn cell(cell: Cell, zone: &TimeZone) -> String {
    instant(cell.start(), zone)
}

/// RFC 3339 with the zone's offset at that instant.
pub fn instant(at: Timestamp, zone: &TimeZone) -> String {
    Instant(at, zone.to_offset(at)).write()
}
