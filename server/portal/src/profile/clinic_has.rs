//! What the chart itself tells in the words of a section.

use std::collections::BTreeMap;

use domain::profile::{Answer, Item, Section};
use jiff::civil::Date;

use crate::patients::ChartRecord;

/// `None` where the chart says nothing.
pub(super) fn clinic_has(record: &ChartRecord, section: Section) -> Option<Answer> {
    let given = |value: &Option<String>| value.clone().unwrap_or_default();
    let address = &record.address;
    let values = match section {
        Section::Name => vec![("given", record.given.clone()), ("family", record.family.clone())],
        Section::BirthDate => vec![("birth", record.birth_date.to_string())],
        Section::Contact => vec![("email", given(&record.email)), ("phone", given(&record.phone))],
        Section::Language => vec![("language", given(&record.language))],
        Section::Address => vec![
            ("street", given(&address.street)),
            ("postcode", given(&address.postcode)),
            ("city", given(&address.city)),
            ("region", given(&address.region)),
            ("country", given(&address.country)),
        ],
        _ => return None,
    };
    let values: Item = values
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(field, value)| (field.to_owned(), value))
        .collect();
    (!values.is_empty()).then(|| answer(values)).flatten()
}

/// An answer is made by reading alone; what the clinic has need not be what a patient could type.
fn answer(values: BTreeMap<String, String>) -> Option<Answer> {
    serde_json::from_value(serde_json::json!({ "values": values })).ok()
}

/// What accepting a request writes into the chart. `None` for sections that the chart does not hold.
pub(super) fn into_chart(record: &ChartRecord, section: Section, answer: &Answer) -> Option<ChartRecord> {
    match section {
        Section::Name => Some(ChartRecord {
            given: answer.value("given").to_owned(),
            family: answer.value("family").to_owned(),
            ..record.clone()
        }),
        Section::BirthDate => {
            let birth_date: Date = answer.value("birth").parse().ok()?;
            Some(ChartRecord { birth_date, ..record.clone() })
        }
        _ => None,
    }
}
