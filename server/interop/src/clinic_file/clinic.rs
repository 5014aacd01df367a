//! `[tenant]`, `[clinic]` and what belongs to the clinic itself: address, opening, closures.

use domain::booking::Closure;
use domain::clinic::{Address, ClinicProfile, TenantPlan};
use domain::growing_up::GrowingUp;

use super::section::Section;
use super::text::{EmailText, Line, NameText, PhoneText, Prose};
use super::value::{Count, Country, Currency, Day, Degrees, Flag, LanguageTag, Slug, Zone};
use super::{hours, settings};

pub(super) const TENANT: &[&str] = &["slug", "name", "booking", "growing_up"];
pub(super) const GROWING_UP: &[&str] = &["hide_sensitive", "narrow", "of_age"];
pub(super) const CLINIC: &[&str] = &[
    "slug",
    "name",
    "kind",
    "about",
    "zone",
    "zone_name",
    "currency",
    "locale",
    "languages",
    "phone",
    "email",
    "emergency",
    "directions",
    "address",
    "booking",
    "opening",
    "opening_period",
    "exceptions",
    "closures",
];
pub(super) const ADDRESS: &[&str] = &["street", "postcode", "city", "region", "country", "latitude", "longitude"];
pub(super) const CLOSURE: &[&str] = &["from", "until", "reason", "holiday"];

pub(super) fn read_tenant(root: &Section<'_>) -> TenantPlan {
    let at = root.required_section("tenant", TENANT);
    TenantPlan {
        slug: at.must("slug", Slug),
        name: at.must("name", NameText),
        settings: settings::read_booking(&at),
        growing_up: read_growing_up(&at),
    }
}

fn read_growing_up(tenant: &Section<'_>) -> Option<GrowingUp> {
    const AGE: Count = Count(0, 25);
    let at = tenant.section("growing_up", GROWING_UP);
    if !at.is_present() {
        return None;
    }
    let usual = GrowingUp::default();
    let age = |field, usual| at.get(field, AGE).and_then(|age| u8::try_from(age).ok()).unwrap_or(usual);
    let ages = GrowingUp {
        hide_sensitive: age("hide_sensitive", usual.hide_sensitive),
        narrow: age("narrow", usual.narrow),
        of_age: age("of_age", usual.of_age),
    };
    for (field, later, least) in
        [("narrow", ages.narrow, ages.hide_sensitive), ("of_age", ages.of_age, ages.narrow.max(ages.hide_sensitive))]
    {
        if later < least && !at.is_troubled() {
            at.wrong(
                field,
                format!("{later} is before {least}, from which age on less is shown"),
                format!("{least} to 25"),
            );
        }
    }
    Some(ages)
}

pub(super) fn read_clinic(root: &Section<'_>) -> ClinicProfile {
    let at = root.required_section("clinic", CLINIC);
    let zone = at.must("zone", Zone);
    let locale = at.must("locale", LanguageTag);
    ClinicProfile {
        slug: at.must("slug", Slug),
        name: at.must("name", NameText),
        kind: at.must("kind", Line(80)),
        about: at.get("about", Prose(2000)).unwrap_or_default(),
        zone_name: at.get("zone_name", Line(60)).unwrap_or_else(|| city_of(&zone)),
        zone,
        currency: at.must("currency", Currency),
        languages: languages(&at).unwrap_or_else(|| {
            let language = locale.split('-').next().unwrap_or_default();
            vec![language.to_owned()]
        }),
        locale,
        address: read_address(&at),
        phone: at.must("phone", PhoneText),
        email: at.must("email", EmailText),
        emergency: at.must("emergency", Line(300)),
        directions: at.get("directions", Prose(1000)).unwrap_or_default(),
        settings: settings::read_booking(&at),
        opening: hours::read(&at, hours::OPENING).unwrap_or_default(),
        closures: read_closures(&at),
    }
}

/// What people call most zones: `America/New_York` is New York's.
fn city_of(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// Languages spoken; `None` when not stated or empty.
pub(super) fn languages(at: &Section<'_>) -> Option<Vec<String>> {
    Some(at.list("languages", LanguageTag, 30)).filter(|tags| !tags.is_empty())
}

fn read_address(clinic: &Section<'_>) -> Address {
    let at = clinic.required_section("address", ADDRESS);
    let address = Address {
        street: at.must("street", Line(120)),
        postcode: at.get("postcode", Line(20)).unwrap_or_default(),
        city: at.must("city", Line(80)),
        region: at.get("region", Line(80)).unwrap_or_default(),
        country: at.must("country", Country),
        latitude: at.get("latitude", Degrees(90.0)),
        longitude: at.get("longitude", Degrees(180.0)),
    };
    for (one, other) in [("latitude", "longitude"), ("longitude", "latitude")] {
        if at.field(one).is_some() && at.field(other).is_none() {
            at.wrong(one, format!("{other} is missing beside it"), "both or neither");
        }
    }
    address
}

fn read_closures(clinic: &Section<'_>) -> Vec<Closure> {
    let mut closures = Vec::new();
    for at in clinic.tables("closures", CLOSURE) {
        let Some(from) = at.field("from") else {
            at.missing("from", "the first day closed, such as 2026-12-24");
            continue;
        };
        let from = from.read(Day);
        let until = match at.field("until") {
            Some(until) => until.read(Day),
            None => from,
        };
        let reason = at.must("reason", Line(120));
        let holiday = at.get("holiday", Flag).unwrap_or_default();
        let (Some(from), Some(until)) = (from, until) else {
            continue;
        };
        if until < from {
            at.wrong("until", format!("{until} is before {from}"), "the date of from or a later one");
        }
        closures.push(Closure { from, until, reason, holiday });
    }
    closures
}
