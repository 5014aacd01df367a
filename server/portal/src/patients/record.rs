//! What a chart says of a person, opened and sealed.

use domain::{
    ids::{PatientId, TenantId},
    matching::Particulars,
    patient::{AdministrativeGender, PostalAddress},
    person::Email,
    words,
};
use entity::patient;
use jiff::civil::Date;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    cx::Cx,
    db::Tx,
    error::Internal,
    keys::{Place, ScopeKeys},
};

/// The clinic's own number for a patient. Each clinic of a tenant counts by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The clinic's slug.
    pub clinic: String,
    pub number: String,
}

impl Number {
    pub(super) fn text(&self) -> String {
        format!("{}/{}", self.clinic, self.number)
    }

    fn parse(text: &str) -> Option<Self> {
        let (clinic, number) = text.split_once('/')?;
        Some(Self { clinic: clinic.to_owned(), number: number.to_owned() })
    }

    /// What a chart is found by.
    pub(crate) fn key(&self, keys: &ScopeKeys) -> Vec<u8> {
        keys.index("number", &[&self.text()])
    }
}

/// A chart's own words. Texts are as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartRecord {
    /// Empty for people who have a single name; that one is in `family`.
    pub given: String,
    pub family: String,
    pub birth_date: Date,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub number: Option<Number>,
    pub sex: Option<AdministrativeGender>,
    pub address: PostalAddress,
    /// BCP 47.
    pub language: Option<String>,
    pub deceased: bool,
    pub active: bool,
}

impl ChartRecord {
    /// Of somebody about whom nothing else is known.
    pub fn named(given: &str, family: &str, birth_date: Date) -> Self {
        Self {
            given: given.to_owned(),
            family: family.to_owned(),
            birth_date,
            email: None,
            phone: None,
            number: None,
            sex: None,
            address: PostalAddress::default(),
            language: None,
            deceased: false,
            active: true,
        }
    }

    /// "Amira Kaya"; a single name alone.
    pub fn full_name(&self) -> String {
        words::full_name(&self.given, &self.family)
    }

    /// With whatever differs between two other records, but for number and use: a clinic that merges charts, too, takes
    /// the other out of use.
    pub(crate) fn with_changes(self, before: &Self, now: &Self) -> Self {
        fn of<T: PartialEq + Clone>(mine: T, before: &T, now: &T) -> T {
            if before == now { mine } else { now.clone() }
        }
        Self {
            given: of(self.given, &before.given, &now.given),
            family: of(self.family, &before.family, &now.family),
            birth_date: of(self.birth_date, &before.birth_date, &now.birth_date),
            email: of(self.email, &before.email, &now.email),
            phone: of(self.phone, &before.phone, &now.phone),
            number: self.number,
            sex: of(self.sex, &before.sex, &now.sex),
            address: of(self.address, &before.address, &now.address),
            language: of(self.language, &before.language, &now.language),
            deceased: of(self.deceased, &before.deceased, &now.deceased),
            active: self.active,
        }
    }

    pub(crate) fn open(keys: &ScopeKeys, row: &patient::Model) -> Result<Self, Internal> {
        let at = |column| place(column, row.id);
        let text = |column, sealed: &[u8]| keys.open_text(at(column), sealed);
        let may = |column, sealed: &Option<Vec<u8>>| sealed.as_ref().map(|s| text(column, s)).transpose();
        let birth_date = text("birth_date", &row.birth_date)?;
        Ok(Self {
            given: text("given", &row.given)?,
            family: text("family", &row.family)?,
            birth_date: birth_date.parse().map_err(|_| Internal::Data("a birth date is not a date".to_owned()))?,
            email: Some(text("email", &row.email)?).filter(|email| !email.is_empty()),
            phone: may("phone", &row.phone)?,
            number: may("number", &row.number)?.as_deref().and_then(Number::parse),
            sex: sex(keys, row)?,
            address: json(keys, at("address"), &row.address)?.unwrap_or_default(),
            language: may("language", &row.language)?,
            deceased: row.deceased,
            active: row.active,
        })
    }

    /// The row of this record, new or instead of an older one.
    pub(crate) fn seal(
        &self,
        cx: &Cx,
        keys: &ScopeKeys,
        (tenant, id): (TenantId, PatientId),
        match_key: Vec<u8>,
    ) -> Result<patient::Model, Internal> {
        let sealed = |column, plain: &[u8]| keys.seal(cx.rng.as_ref(), place(column, id.0), plain);
        let text = |column, text: &str| sealed(column, text.as_bytes());
        let may = |column, value: &Option<String>| value.as_ref().map(|v| text(column, v)).transpose();
        let email = self.email.clone().unwrap_or_default();
        Ok(patient::Model {
            id: id.0,
            tenant_id: tenant.0,
            given: text("given", &self.given)?,
            family: text("family", &self.family)?,
            birth_date: text("birth_date", &self.birth_date.to_string())?,
            email: text("email", &email)?,
            phone: may("phone", &self.phone)?,
            match_key,
            email_key: email_key(keys, &email),
            version: 1,
            created_at: cx.now_ms(),
            number: may("number", &self.number.as_ref().map(Number::text))?,
            number_key: self.number.as_ref().map(|number| number.key(keys)),
            sex: to_json(&self.sex)?.map(|json| sealed("sex", &json)).transpose()?,
            address: match self.address == PostalAddress::default() {
                true => None,
                false => Some(sealed("address", &serde_json::to_vec(&self.address)?)?),
            },
            language: may("language", &self.language)?,
            deceased: self.deceased,
            active: self.active,
            merged_into: None,
            keys_due: true,
        })
    }

    /// What a chart of the same person booked under the same address is found by, exactly.
    pub(crate) fn match_key(&self, keys: &ScopeKeys) -> Vec<u8> {
        let fold = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let email = self.email.as_deref().unwrap_or_default().to_lowercase();
        keys.index("match", &[&fold(&self.given), &fold(&self.family), &self.birth_date.to_string(), &email])
    }

    /// For matching.
    pub(crate) fn particulars(&self) -> Particulars {
        let mut all = named(&self.given, &self.family, self.birth_date);
        if let Some(phone) = &self.phone {
            all = all.with_phone(phone);
        }
        if let Some(email) = &self.email {
            all = all.with_email(email);
        }
        if let Some(number) = &self.number {
            all = all.with_number(&number.text());
        }
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let PostalAddress { street, postcode, city, .. } = &self.address;
        all.with_address(&part(street).replace('\n', " "), &part(postcode), &part(city))
    }
}

/// A single name counts as the given one, so that a family name that was left out is not taken for one.
pub(super) fn named(given: &str, family: &str, birth_date: Date) -> Particulars {
    let (given, family) = if given.is_empty() { (family, "") } else { (given, family) };
    Particulars::new(given, family, Some(birth_date))
}

/// No address has no key.
fn email_key(keys: &ScopeKeys, email: &str) -> Vec<u8> {
    Email::parse(email).map(|email| keys.index("email", &[&email.folded()])).unwrap_or_default()
}

/// FHIR's administrative gender, when the chart has one.
pub(crate) fn sex(keys: &ScopeKeys, row: &patient::Model) -> Result<Option<AdministrativeGender>, Internal> {
    json(keys, place("sex", row.id), &row.sex)
}

fn json<T: DeserializeOwned>(keys: &ScopeKeys, at: Place, sealed: &Option<Vec<u8>>) -> Result<Option<T>, Internal> {
    match sealed {
        Some(sealed) => Ok(Some(serde_json::from_slice(&keys.open(at, sealed)?)?)),
        None => Ok(None),
    }
}

fn to_json<T: Serialize>(value: &Option<T>) -> Result<Option<Vec<u8>>, Internal> {
    Ok(value.as_ref().map(serde_json::to_vec).transpose()?)
}

pub(crate) fn place(column: &'static str, row: Uuid) -> Place {
    Place { table: "patient", column, row }
}

/// Writes a corrected record into its chart, which is found by it from now on.
pub(crate) async fn write(cx: &Cx, tx: &Tx, row: &patient::Model, record: &ChartRecord) -> Result<(), Internal> {
    let keys = cx.keys.scope(tx, row.tenant_id).await?;
    let match_key = record.match_key(&keys);
    let taken = patient::Entity::find()
        .filter(patient::Column::TenantId.eq(row.tenant_id))
        .filter(patient::Column::MatchKey.eq(match_key.clone()))
        .filter(patient::Column::Id.ne(row.id))
        .one(tx)
        .await?;
    // Another chart of that name, birth date and address is for the clinic to merge.
    let match_key = if taken.is_some() { row.match_key.clone() } else { match_key };
    let sealed = record.seal(cx, &keys, (TenantId(row.tenant_id), PatientId(row.id)), match_key)?;
    patient::Entity::update_many()
        .col_expr(patient::Column::Given, Expr::value(sealed.given))
        .col_expr(patient::Column::Family, Expr::value(sealed.family))
        .col_expr(patient::Column::BirthDate, Expr::value(sealed.birth_date))
        .col_expr(patient::Column::Phone, Expr::value(sealed.phone))
        .col_expr(patient::Column::Email, Expr::value(sealed.email))
        .col_expr(patient::Column::EmailKey, Expr::value(sealed.email_key))
        .col_expr(patient::Column::Address, Expr::value(sealed.address))
        .col_expr(patient::Column::MatchKey, Expr::value(sealed.match_key))
        .col_expr(patient::Column::KeysDue, Expr::value(true))
        .filter(patient::Column::TenantId.eq(row.tenant_id))
        .filter(patient::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(())
}
