//! What a program tells of a calendar, and what is wrong with it, in words.

use domain::{
    ids::AppointmentId,
    reconcile::{Entry, EntryState, Evidence, Revision, Telling},
};
use jiff::Timestamp;
use portal::reconcile::Tell;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::error::Problem;

/// In one telling.
const MOST_ENTRIES: usize = 20_000;

/// What a calendar says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TellRequest {
    /// As of when, RFC 3339. A telling that is older than one before changes nothing.
    #[schema(example = "2026-11-23T08:00:00Z")]
    as_of: String,
    /// Everything between `from` and `to`: what is missing is no longer there. Else only what changed.
    #[serde(default)]
    #[schema(example = true)]
    complete: bool,
    /// RFC 3339; needed when it is complete.
    #[schema(example = "2026-11-23T00:00:00Z")]
    from: Option<String>,
    #[schema(example = "2027-05-23T00:00:00Z")]
    to: Option<String>,
    /// At most 20,000.
    entries: Vec<EntryRequest>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryRequest {
    /// What your system calls it, for its whole life; at most 512 bytes.
    #[schema(example = "4711")]
    key: String,
    /// Practitioner, room or device: slug, id or name.
    #[schema(example = "weber")]
    resource: String,
    /// RFC 3339.
    #[schema(example = "2026-11-23T09:30:00+01:00")]
    start: String,
    #[schema(example = "2026-11-23T10:00:00+01:00")]
    end: String,
    /// `busy` unless said, or `cancelled`.
    #[schema(example = "busy")]
    status: Option<String>,
    /// Grows with every change of the entry: an older one is passed over.
    #[serde(default)]
    #[schema(example = 1)]
    sequence: i64,
    /// Our id of the visit, where you know it.
    #[schema(example = "019aa1c4-6a00-7000-8000-000000000001")]
    appointment: Option<String>,
    /// What staff read: "Staff meeting".
    #[schema(example = "Staff meeting")]
    title: Option<String>,
    /// Whom it is for, as far as you say.
    patient: Option<EvidenceRequest>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRequest {
    /// "Kaya, Amira"
    #[schema(example = "Kaya, Amira")]
    name: Option<String>,
    #[schema(example = "1980-01-31")]
    birth_date: Option<String>,
    /// Your number of the patient.
    #[schema(example = "10423")]
    number: Option<String>,
    #[schema(example = "+49 30 23125 109")]
    phone: Option<String>,
    #[schema(example = "amira@example.com")]
    email: Option<String>,
}

fn time(text: &str, name: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| {
        Problem::bad_request(format!("`{name}` must be a time with its offset, like 2026-11-23T09:30:00+01:00."))
    })
}

pub(super) fn telling(value: TellRequest, now: Timestamp) -> Result<Tell, Problem> {
    let as_of = time(&value.as_of, "as_of")?;
    if as_of > now + jiff::SignedDuration::from_mins(5) {
        return Err(Problem::bad_request("`as_of` must not be ahead of now."));
    }
    let window = match (&value.from, &value.to) {
        (Some(from), Some(to)) => (time(from, "from")?, time(to, "to")?),
        (None, None) if !value.complete => (as_of, as_of),
        _ => return Err(Problem::bad_request("`from` and `to`: Say between which times it is complete.")),
    };
    if window.0 > window.1 {
        return Err(Problem::bad_request("`to` must not be before `from`."));
    }
    if value.entries.len() > MOST_ENTRIES {
        return Err(Problem::bad_request(format!("At most {MOST_ENTRIES} entries can be told at once.")));
    }
    let mut entries = Vec::with_capacity(value.entries.len());
    let mut keys = std::collections::HashSet::new();
    for (n, entry) in value.entries.into_iter().enumerate() {
        if !keys.insert(entry.key.clone()) {
            return Err(Problem::bad_request(format!("`entries[{n}].key`: It stands there twice.")));
        }
        entries.push(
            entry_of(entry, as_of)
                .map_err(|(field, why)| Problem::bad_request(format!("`entries[{n}].{field}`: {why}")))?,
        );
    }
    Ok(Tell { telling: Telling { entries, problems: Vec::new() }, complete: value.complete, window, as_of, file: None })
}

fn entry_of(entry: EntryRequest, as_of: Timestamp) -> Result<Entry, (&'static str, &'static str)> {
    const WHEN: &str = "Send a time with its offset, like 2026-11-23T09:30:00+01:00.";
    if entry.key.is_empty() || entry.key.len() > 512 {
        return Err(("key", "Send 1 to 512 bytes."));
    }
    let start: Timestamp = entry.start.parse().map_err(|_| ("start", WHEN))?;
    let end: Timestamp = entry.end.parse().map_err(|_| ("end", WHEN))?;
    if end <= start {
        return Err(("end", "The end must be after the start."));
    }
    let state = match entry.status.as_deref() {
        None | Some("busy") => EntryState::Busy,
        Some("cancelled") => EntryState::Cancelled,
        Some(_) => return Err(("status", "Send busy or cancelled.")),
    };
    let visit = entry.appointment.map(|id| id.parse::<AppointmentId>()).transpose();
    let said = entry.patient.unwrap_or_default();
    let birth_date = said.birth_date.map(|date| date.parse()).transpose();
    let short = |text: Option<String>| text.map(|text| text.chars().take(500).collect::<String>());
    Ok(Entry {
        key: entry.key,
        whose: entry.resource.chars().take(200).collect(),
        start,
        end,
        state,
        revision: Revision { sequence: entry.sequence, modified: Some(as_of) },
        visit: visit.map_err(|_| ("appointment", "Send our id of the visit, or leave it out."))?,
        who: Evidence {
            name: short(said.name),
            birth_date: birth_date.map_err(|_| ("patient.birth_date", "Send a date, like 1980-01-31."))?,
            number: short(said.number),
            phone: short(said.phone),
            email: short(said.email),
        },
        title: short(entry.title).unwrap_or_default(),
    })
}
