//! What a row says of a patient.

use domain::{
    patient::{AdministrativeGender, PostalAddress},
    person::{Email, Name, PhoneNumber},
};
use jiff::civil::Date;

use super::row::Row;
use super::value;

/// One chart as a clinic brings it (FHIR Patient).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientRow {
    /// Where it stands in the file, as a spreadsheet counts.
    pub row: u64,
    /// The clinic's own patient number (FHIR Identifier.value), as written; no two rows have the same.
    pub number: String,
    /// `None` for people who have a single name; that one is in `family`.
    pub given: Option<Name>,
    pub family: Name,
    pub birth_date: Date,
    pub sex: Option<AdministrativeGender>,
    pub email: Option<Email>,
    pub phone: Option<PhoneNumber>,
    pub address: PostalAddress,
    /// The language to write in, a BCP 47 tag by its shape.
    pub language: Option<String>,
    /// `None` when the file does not say.
    pub deceased: Option<bool>,
    /// Whether the chart is in use; `true` when the file does not say.
    pub active: bool,
}

/// The patient, or `None` when a required value is missing or wrong. Everything wrong is told, also of optional values.
pub(super) fn read(row: &Row<'_>, today: Date) -> Option<PatientRow> {
    let number = row.must("number", value::number);
    let given = row.may("given", value::name);
    let family = row.must("family", value::name);
    let birth_date = row.must("birth_date", |text| value::birth_date(text, today));
    let sex = row.may("sex", value::sex);
    let email = row.may("email", value::email);
    let phone = row.may("phone", value::phone);
    let address = PostalAddress {
        street: row.may("street", value::street),
        postcode: row.may("postcode", |text| value::line(text, 20)),
        city: row.may("city", |text| value::line(text, 80)),
        region: row.may("region", |text| value::line(text, 80)),
        country: row.may("country", value::country),
    };
    let language = row.may("language", value::language);
    let deceased = row.may("deceased", value::flag);
    let active = row.may("active", value::flag).unwrap_or(true);
    Some(PatientRow {
        row: row.number,
        number: number?,
        given,
        family: family?,
        birth_date: birth_date?,
        sex,
        email,
        phone,
        address,
        language,
        deceased,
        active,
    })
}
