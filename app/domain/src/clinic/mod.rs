//! A clinic as configured: what it offers, who works there, when. The importer fills it from a clinic file,
//! the portal loads it from the database; the booking engine reads its rules.
//!
//! Things refer to one another by slug (`followup`, `weber`): short names that are stable across imports.

use serde::{Deserialize, Serialize};

use crate::{
    booking::{Closure, Eligibility, Hours, SettingsPatch},
    growing_up::GrowingUp,
};

/// A whole clinic file: one clinic and the tenant it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicPlan {
    pub tenant: TenantPlan,
    pub clinic: ClinicProfile,
    pub services: Vec<ServicePlan>,
    pub resources: Vec<ResourcePlan>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantPlan {
    pub slug: String,
    pub name: String,
    pub settings: SettingsPatch,
    /// `None` leaves what the network says already.
    #[serde(default)]
    pub growing_up: Option<GrowingUp>,
}

/// What a visitor reads about a clinic, with its hours and the settings it states itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicProfile {
    pub slug: String,
    pub name: String,
    /// Such as "Family practice".
    pub kind: String,
    pub about: String,
    /// IANA name, such as `Europe/Berlin`.
    pub zone: String,
    /// How people there call the zone, such as "Berlin".
    pub zone_name: String,
    /// ISO 4217.
    pub currency: String,
    /// BCP 47; decides 12 or 24 hour times.
    pub locale: String,
    /// Languages spoken, BCP 47.
    pub languages: Vec<String>,
    pub address: Address,
    pub phone: String,
    pub email: String,
    /// What to do in an emergency, such as "In an emergency call 112."
    pub emergency: String,
    /// How to get there and in, in a few sentences.
    pub directions: String,
    pub settings: SettingsPatch,
    /// When the doors are open; weekly hours and dated exceptions.
    pub opening: Hours,
    pub closures: Vec<Closure>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub region: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// WGS 84 degrees as written in the file (text, so that equality and JSON are exact).
    pub latitude: Option<String>,
    pub longitude: Option<String>,
}

impl Eq for Address {}

impl Address {
    /// Street, then place, as the country writes it. Without what is not known.
    pub fn lines(&self) -> Vec<String> {
        // English-speaking countries put the region and the postcode after the city.
        let after = matches!(self.country.as_str(), "US" | "CA" | "AU" | "NZ" | "GB" | "IE" | "IN");
        let place = if after {
            [self.city.as_str(), &self.region, &self.postcode]
        } else {
            [self.postcode.as_str(), &self.city, &self.region]
        };
        let place: Vec<&str> = place.into_iter().filter(|p| !p.is_empty()).collect();
        [self.street.clone(), place.join(" ")].into_iter().filter(|l| !l.is_empty()).collect()
    }
}

/// How a visit happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    InPerson,
    Video,
    Phone,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::Video => "video",
            Self::Phone => "phone",
        }
    }
}

/// A kind of visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePlan {
    pub slug: String,
    pub name: String,
    pub about: String,
    pub speciality: String,
    pub mode: Mode,
    /// Things to bring or do before, one sentence each.
    pub bring: Vec<String>,
    /// Price for those who pay themselves, in minor units of the clinic's currency.
    pub price: Option<i64>,
    pub settings: SettingsPatch,
    pub eligibility: Eligibility,
    /// Every entry is a need: slugs of rooms or devices, any one of which will do.
    pub needs: Vec<Vec<String>>,
    pub offered_by: Vec<Offering>,
}

/// A practitioner offers a service, with what differs there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offering {
    pub practitioner: String,
    pub settings: SettingsPatch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    Practitioner,
    Room,
    Device,
}

impl ResourceKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Practitioner => "practitioner",
            Self::Room => "room",
            Self::Device => "device",
        }
    }
}

/// A practitioner, room or device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePlan {
    pub slug: String,
    pub kind: ResourceKind,
    /// As patients read it: "Dr Jonas Weber", "Room 4".
    pub name: String,
    /// Such as "General practitioner". Empty for rooms and devices.
    pub role: String,
    pub about: String,
    /// BCP 47; practitioners only.
    pub languages: Vec<String>,
    /// Parallel places, at least 1 (booking rule 10).
    pub capacity: u16,
    pub settings: SettingsPatch,
    /// Practitioners always have hours; a room or device without is usable whenever the practitioner is there.
    pub hours: Option<Hours>,
}
