//! What the API says, as JSON.

use std::ops::Range;

use domain::{
    booking::{Cell, Settings},
    ids::ResourceId,
    patient::AdministrativeGender,
};
use jiff::{Timestamp, fmt::temporal::DateTimePrinter, tz::TimeZone};
use portal::{
    Internal,
    booking::Start,
    clinic::{Clinic, Found, Resource, Service},
    visits::Visit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::intake::QuestionModel;

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
    /// FHIR's administrative gender, where the visit is for one alone.
    pub sex: Option<&'static str>,
    pub min_age: Option<u32>,
    pub max_age: Option<u32>,
    /// Who may pay: `public`, `private`, `self`; empty when nobody is asked.
    pub paid_by: Vec<&'static str>,
    /// To be answered with yes or no before the visit can be booked.
    pub questions: Vec<QuestionModel>,
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
            sex: plan.eligibility.sex.map(AdministrativeGender::code),
            min_age: plan.eligibility.min_age,
            max_age: plan.eligibility.max_age,
            paid_by: plan.eligibility.payers.iter().map(|payer| payer.as_str()).collect(),
            questions: plan.eligibility.questions.iter().map(QuestionModel::of).collect(),
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
    pub practitioners: Vec<String>,
    /// Places left, for group visits.
    pub places: u32,
}

impl StartModel {
    pub fn of(start: &Start, words: &mut Words<'_>) -> Result<Self, Internal> {
        Ok(Self {
            start: words.instant(start.start)?,
            end: words.instant(start.end)?,
            practitioners: start.practitioners.iter().map(ToString::to_string).collect(),
            places: start.places,
        })
    }
}

/// What a list of starts says again and again: each local day and its offset is looked up once, each id written once.
pub struct Words<'z> {
    zone: &'z TimeZone,
    day: DayText,
    /// In order.
    ids: Vec<(ResourceId, String)>,
    /// The list that was written last.
    listed: (Vec<ResourceId>, String),
}

/// A part of a local day with one offset.
struct DayText {
    /// UTC seconds.
    stretch: Range<i64>,
    midnight: i64,
    /// Of some instant in it.
    text: Instant,
}

impl<'z> Words<'z> {
    pub fn of(zone: &'z TimeZone) -> Self {
        let day = DayText { stretch: 0..0, midnight: 0, text: Instant([b' '; INSTANT_BYTES]) };
        Self { zone, day, ids: Vec::new(), listed: (Vec::new(), String::new()) }
    }

    /// Ids as JSON writes them in a list. Most starts are with the same people as the one before.
    pub fn list(&mut self, wanted: &[ResourceId]) -> &str {
        if self.listed.0 != wanted {
            let (listed, text) = &mut self.listed;
            wanted.clone_into(listed);
            text.clear();
            let mut at = 0;
            for id in wanted {
                // Both are in order.
                while self.ids.get(at).is_some_and(|(known, _)| known < id) {
                    at += 1;
                }
                if self.ids.get(at).is_none_or(|(known, _)| known != id) {
                    self.ids.insert(at, (*id, format!("\"{id}\"")));
                }
                if !text.is_empty() {
                    text.push(',');
                }
                text.push_str(&self.ids[at].1);
            }
        }
        &self.listed.1
    }

    pub fn instant(&mut self, cell: Cell) -> Result<Instant, Internal> {
        let at = cell.start();
        if !self.day.stretch.contains(&at.as_second()) {
            self.day = DayText::of(at, self.zone)?;
        }
        Ok(self.day.instant(at.as_second()))
    }
}

impl DayText {
    fn of(at: Timestamp, zone: &TimeZone) -> Result<Self, Internal> {
        let text = instant(at, zone);
        let text = text.as_bytes().try_into().map_err(|_| Internal::Data(format!("{text} cannot be shown")))?;
        let time = zone.to_datetime(at).time();
        let passed = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        let midnight = at.as_second() - passed;
        let changes = zone.following(at).next().map_or(i64::MAX, |next| next.timestamp().as_second());
        Ok(Self { stretch: at.as_second()..changes.min(midnight + 86_400), midnight, text: Instant(text) })
    }

    fn instant(&self, second: i64) -> Instant {
        let Instant(mut text) = self.text;
        let passed = second - self.midnight;
        for (at, number) in [(HOUR_AT, passed / 3600), (HOUR_AT + 3, passed / 60 % 60), (HOUR_AT + 6, passed % 60)] {
            // Two digits each.
            text[at] = b'0' + (number / 10) as u8;
            text[at + 1] = b'0' + (number % 10) as u8;
        }
        Instant(text)
    }
}

/// `2026-11-23T09:30:00+01:00`
const INSTANT_BYTES: usize = 25;
const HOUR_AT: usize = 11;

/// RFC 3339 with the zone's offset at that instant, to the second. Lists are full of them.
#[derive(Clone, Copy, Debug)]
pub struct Instant([u8; INSTANT_BYTES]);

impl Instant {
    pub fn as_str(&self) -> Result<&str, Internal> {
        std::str::from_utf8(&self.0).map_err(|_| Internal::Data("an instant is no text".to_owned()))
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str().map_err(serde::ser::Error::custom)?)
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
    DateTimePrinter::new().timestamp_with_offset_to_string(&at, zone.to_offset(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell of days around clock changes, in order and backwards, as jiff itself writes it.
    #[test]
    fn a_lists_instants_are_those_of_one() {
        for (name, day) in [
            ("Europe/Berlin", "2026-10-25T00:00:00Z"),
            ("America/New_York", "2026-03-08T00:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-04T00:00:00Z"),
            ("Asia/Kolkata", "2026-12-31T00:00:00Z"),
            ("America/Santiago", "2026-09-05T12:00:00Z"),
            ("UTC", "2026-02-28T12:00:00Z"),
        ] {
            let zone = TimeZone::get(name).unwrap();
            let first = Cell::containing(day.parse().unwrap());
            let mut words = Words::of(&zone);
            for n in (0..2 * 288).chain((0..2 * 288).rev()) {
                let cell = Cell(first.0 + n);
                let Instant(text) = words.instant(cell).unwrap();
                assert_eq!(std::str::from_utf8(&text).unwrap(), super::cell(cell, &zone), "{name}");
            }
        }
    }
}
