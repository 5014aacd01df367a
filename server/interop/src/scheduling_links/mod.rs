//! SMART Scheduling Links (HL7 STU 1, and the SMART Health IT specification before it): what is free, for those who look for
//! care elsewhere. A manifest names files of locations, schedules and slots; each line of a file is one FHIR R4 resource.
//!
//! Extensions stand under both names, HL7's and SMART's: readers of either find theirs.

use domain::{
    booking::Eligibility,
    clinic::{ClinicProfile, ServicePlan},
    words,
};
use serde::Serialize;

const HL7: &str = "http://hl7.org/fhir/uv/smart-scheduling-links/StructureDefinition/";
const SMART: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/";

/// A clinic.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub id: &'a str,
    pub profile: &'a ClinicProfile,
    /// Its page.
    pub url: &'a str,
    /// Of which its slug is an identifier.
    pub system: &'a str,
}

/// A kind of visit at a clinic.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    pub id: &'a str,
    pub location: &'a str,
    pub service: &'a ServicePlan,
    /// Of which its slug is a code.
    pub system: &'a str,
}

/// A free start. `id`s have at most 64 of letters, digits, `-` and `.`.
#[derive(Clone, Copy, Debug)]
pub struct Free<'a> {
    pub id: &'a str,
    pub schedule: &'a str,
    /// RFC 3339 with the clinic's offset, to the second.
    pub start: &'a str,
    pub end: &'a str,
    /// Where it is booked.
    pub link: &'a str,
    pub phone: &'a str,
    /// How many can be booked at once.
    pub capacity: u32,
}

/// A file that the manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `Location`, `Schedule` or `Slot`.
    pub kind: &'static str,
    pub url: String,
    /// States or regions that the file is about; none when it is about all.
    pub states: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    resource_type: &'static str,
    id: &'a str,
    identifier: [Identifier<'a>; 1],
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    telecom: [Contact<'a>; 2],
    address: Address<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
}

#[derive(Serialize)]
struct Identifier<'a> {
    system: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Contact<'a> {
    system: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address<'a> {
    line: [&'a str; 1],
    city: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    postal_code: &'a str,
    country: &'a str,
}

#[derive(Serialize)]
struct Position {
    latitude: f64,
    longitude: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schedule<'a> {
    resource_type: &'static str,
    id: &'a str,
    service_type: [Concept<'a>; 1],
    #[serde(skip_serializing_if = "<[Text<'_>]>::is_empty")]
    specialty: &'a [Text<'a>],
    actor: [Reference; 1],
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
}

#[derive(Serialize)]
struct Concept<'a> {
    coding: [Coding<'a>; 1],
    text: &'a str,
}

#[derive(Serialize)]
struct Coding<'a> {
    system: &'a str,
    code: &'a str,
    display: &'a str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Reference {
    reference: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Slot<'a> {
    resource_type: &'static str,
    id: &'a str,
    schedule: Reference,
    status: &'static str,
    start: &'a str,
    end: &'a str,
    extension: Vec<Extension<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extension<'a> {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_string: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_integer: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    transaction_time: &'a str,
    request: &'a str,
    output: Vec<ManifestOutput<'a>>,
    error: [(); 0],
}

#[derive(Serialize)]
struct ManifestOutput<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<States<'a>>,
}

#[derive(Serialize)]
struct States<'a> {
    state: &'a [String],
}

/// One line of a file of locations.
pub fn location(place: &Place<'_>) -> String {
    let at = &place.profile.address;
    let degrees = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok();
    let position = degrees(&at.latitude).zip(degrees(&at.longitude));
    line(&Location {
        resource_type: "Location",
        id: place.id,
        identifier: [Identifier { system: place.system, value: &place.profile.slug }],
        name: &place.profile.name,
        description: &place.profile.directions,
        telecom: [
            Contact { system: "phone", value: &place.profile.phone },
            Contact { system: "url", value: place.url },
        ],
        address: Address {
            line: [&at.street],
            city: &at.city,
            state: &at.region,
            postal_code: &at.postcode,
            country: &at.country,
        },
        position: position.map(|(latitude, longitude)| Position { latitude, longitude }),
    })
}

/// One line of a file of schedules.
pub fn schedule(offered: &Offered<'_>) -> String {
    let plan = offered.service;
    let specialty = [Text { text: &plan.speciality }];
    line(&Schedule {
        resource_type: "Schedule",
        id: offered.id,
        service_type: [Concept {
            coding: [Coding { system: offered.system, code: &plan.slug, display: &plan.name }],
            text: &plan.name,
        }],
        specialty: if plan.speciality.is_empty() { &[] } else { &specialty },
        actor: [Reference { reference: format!("Location/{}", offered.location) }],
        comment: who_may(&plan.eligibility),
    })
}

/// Who may book, in words; empty when everybody may.
fn who_may(who: &Eligibility) -> String {
    let been_here = who.established.map(|established| match established {
        true => "for people who have been here before".to_owned(),
        false => "for people who are new here".to_owned(),
    });
    let age = match (who.min_age, who.max_age) {
        (Some(min), Some(max)) => Some(format!("for ages {min} to {max}")),
        (Some(min), None) => Some(format!("from age {min} on")),
        (None, Some(max)) => Some(format!("up to age {max}")),
        (None, None) => None,
    };
    let sex = who.sex.map(|sex| format!("for {} patients", sex.code()));
    let referral = who.referral.then(|| "with a referral".to_owned());
    let payers: Vec<_> = who.payers.iter().map(|payer| payer.who()).collect();
    let payers = (!payers.is_empty()).then(|| format!("for people {}", words::or(&payers)));
    let all: Vec<String> = [been_here, sex, age, referral, payers].into_iter().flatten().collect();
    if all.is_empty() { String::new() } else { format!("Only {}.", all.join(", ")) }
}

/// One line of a file of slots.
pub fn slot(free: &Free<'_>) -> String {
    let mut extension = Vec::with_capacity(6);
    for home in [HL7, SMART] {
        let named = |name: &str| Extension {
            url: format!("{home}{name}"),
            value_url: None,
            value_string: None,
            value_integer: None,
        };
        extension.push(Extension { value_url: Some(free.link), ..named("booking-deep-link") });
        extension.push(Extension { value_string: Some(free.phone), ..named("booking-phone") });
        extension.push(Extension { value_integer: Some(free.capacity), ..named("slot-capacity") });
    }
    line(&Slot {
        resource_type: "Slot",
        id: free.id,
        schedule: Reference { reference: format!("Schedule/{}", free.schedule) },
        status: "free",
        start: free.start,
        end: free.end,
        extension,
    })
}

/// The manifest. `transaction_time`: RFC 3339, to the second.
pub fn manifest(request: &str, transaction_time: &str, outputs: &[Output]) -> String {
    let output = outputs.iter().map(|output| ManifestOutput {
        kind: output.kind,
        url: &output.url,
        extension: (!output.states.is_empty()).then_some(States { state: &output.states }),
    });
    text(&Manifest { transaction_time, request, output: output.collect(), error: [] })
}

fn line<T: Serialize>(value: &T) -> String {
    let mut line = text(value);
    line.push('\n');
    line
}

fn text<T: Serialize>(value: &T) -> String {
    // Texts and numbers alone: there is nothing in it that JSON could not say.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
