//! Charts: a patient in one tenant, and the grants by which an account reaches them.

use std::collections::HashMap;

use domain::{
    grant::Right,
    ids::{PatientId, TenantId},
    patient::AdministrativeGender,
    person::{Email, Name},
};
use entity::{chart_grant, patient};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{
    grants::{self, NewGrant, grant, grant_of, in_force},
    session::email_of,
};
use crate::{
    booking::{Booking, BookingError, Person},
    cx::Cx,
    db::{AT_ONCE, Tx},
    error::Internal,
    keys::{Place, ScopeKeys},
    patients::{ChartRecord, record, rights_of},
    who::{Patient, Who},
};

/// What booking needs of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub id: PatientId,
    pub birth_date: Date,
    pub sex: Option<AdministrativeGender>,
    /// Whoever asks acts for another person.
    pub proxy: bool,
    /// The clinic knows it by a number of its own.
    pub numbered: bool,
    /// Made in this transaction: nothing else is known of it.
    pub new: bool,
    version: i64,
}

/// Somebody the signed-in account may book for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPerson {
    pub id: PatientId,
    pub tenant: TenantId,
    pub given: String,
    pub family: String,
    pub birth_date: Date,
    pub phone: Option<String>,
    pub relation: String,
}

/// The chart a booking is for, locked for this transaction by raising its version: of two bookings for one patient at
/// once, one sees the other (booking rule 11).
pub(crate) async fn resolve(
    cx: &Cx,
    tx: &Tx,
    who: &Who,
    tenant: TenantId,
    booking: &Booking,
) -> Result<Chart, BookingError> {
    match &booking.person {
        Person::Chart(id) => {
            let account = who.patient().ok_or(BookingError::NotFound)?.account();
            // A page may still name the chart from before a merge.
            let id = kept(tx, tenant, *id).await.map_err(|_| BookingError::NotFound)?;
            let grant = grant_of(cx, tx, account, tenant, id).await?.ok_or(BookingError::NotFound)?;
            if !rights_of(&grant).allow(Right::Book) {
                return Err(BookingError::NotFound);
            }
            let chart = find(cx, tx, tenant, id).await?;
            touch(tx, tenant, &chart).await?;
            Ok(Chart { proxy: grant.relation != "self", ..chart })
        }
        Person::Named { given, family, birth_date, email, phone } => {
            if let Some(account) = who.patient().map(Patient::account) {
                let proved = email_of(cx, tx, account).await?;
                if !Email::parse(&proved).is_ok_and(|e| e.folded() == email.folded()) {
                    return Err(BookingError::EmailNotProved);
                }
            }
            let keys = cx.keys.scope(tx, tenant.0).await?;
            let record = ChartRecord {
                email: Some(email.as_str().to_owned()),
                phone: phone.as_ref().map(|phone| phone.as_str().to_owned()),
                ..ChartRecord::named(given.as_ref().map_or("", Name::as_str), family.as_str(), *birth_date)
            };
            let match_key = record.match_key(&keys);
            let found = patient::Entity::find()
                .filter(patient::Column::TenantId.eq(tenant.0))
                .filter(patient::Column::MatchKey.eq(match_key.clone()))
                .one(tx)
                .await?;
            let known = found.is_some();
            let mut address_is_theirs = true;
            let chart = match found {
                Some(row) if row.merged_into.is_some() => {
                    let id = kept(tx, tenant, PatientId(row.id)).await?;
                    let chart = find(cx, tx, tenant, id).await?;
                    // The address of a chart that went, perhaps of somebody who once booked for them, is not the kept one's.
                    let theirs = ChartRecord::open(&keys, &self::row(tx, tenant, id).await?)?.email;
                    address_is_theirs = theirs.is_some_and(|theirs| theirs.to_lowercase() == email.folded());
                    touch(tx, tenant, &chart).await?;
                    chart
                }
                Some(row) => {
                    let chart = Chart {
                        id: PatientId(row.id),
                        birth_date: *birth_date,
                        sex: record::sex(&keys, &row)?,
                        proxy: false,
                        numbered: row.number_key.is_some(),
                        new: false,
                        version: row.version,
                    };
                    touch(tx, tenant, &chart).await?;
                    chart
                }
                None => create(cx, tx, &keys, tenant, &record, match_key).await?,
            };
            if let Some(account) = who.patient().map(Patient::account) {
                let (new, id) = (NewGrant::booked(booking.relation.as_str()), (tenant, chart.id));
                if known && address_is_theirs {
                    grants::grant_known(cx, tx, account, (id, chart.birth_date), new).await?;
                } else if !known {
                    grant(cx, tx, account, id, new).await?;
                }
            }
            Ok(Chart { proxy: who.patient().is_some() && booking.relation != "self", ..chart })
        }
    }
}

async fn create(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    keys: &ScopeKeys,
    tenant: TenantId,
    record: &ChartRecord,
    match_key: Vec<u8>,
) -> Result<Chart, Internal> {
    let id = PatientId(cx.id());
    let row = record.seal(cx, keys, (tenant, id), match_key)?;
    patient::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(Chart {
        id,
        birth_date: record.birth_date,
        sex: record.sex,
        proxy: false,
        numbered: record.number.is_some(),
        new: true,
        version: 1,
    })
}

/// A new chart beside any other of the same name, birth date and address: which of them is whose, the clinic decides.
pub(crate) async fn create_apart(
    cx: &Cx,
    tx: &Tx,
    keys: &ScopeKeys,
    tenant: TenantId,
    record: &ChartRecord,
) -> Result<PatientId, Internal> {
    let match_key = record.match_key(keys);
    let taken = patient::Entity::find()
        .filter(patient::Column::TenantId.eq(tenant.0))
        .filter(patient::Column::MatchKey.eq(match_key.clone()))
        .one(tx)
        .await?;
    let apart = || keys.index("match-apart", &[&cx.id().to_string()]);
    let match_key = if taken.is_some() { apart() } else { match_key };
    Ok(create(cx, tx, keys, tenant, record, match_key).await?.id)
}

/// The chart that an id stands for: its own, or the one it became part of.
pub(crate) async fn kept(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    mut id: PatientId,
) -> Result<PatientId, Internal> {
    // Merges of merges are a chain; it has no circle, because only charts in use are merged.
    while let Some(next) = row(db, tenant, id).await?.merged_into {
        id = PatientId(next);
    }
    Ok(id)
}

pub(crate) async fn find(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    id: PatientId,
) -> Result<Chart, Internal> {
    let row = row(db, tenant, id).await?;
    let keys = cx.keys.scope(db, tenant.0).await?;
    let (birth_date, sex) = (birth_date(&keys, &row)?, record::sex(&keys, &row)?);
    Ok(Chart {
        id,
        birth_date,
        sex,
        proxy: false,
        numbered: row.number_key.is_some(),
        new: false,
        version: row.version,
    })
}

/// Raises the chart's version by compare-and-swap: the guard of everything that must be true of one patient's visits.
pub(crate) async fn touch(tx: &impl ConnectionTrait, tenant: TenantId, chart: &Chart) -> Result<(), Internal> {
    let result = patient::Entity::update_many()
        .col_expr(patient::Column::Version, Expr::value(chart.version + 1))
        .filter(patient::Column::TenantId.eq(tenant.0))
        .filter(patient::Column::Id.eq(chart.id.0))
        .filter(patient::Column::Version.eq(chart.version))
        .exec(tx)
        .await?;
    if result.rows_affected == 1 { Ok(()) } else { Err(Internal::Conflict) }
}

/// Everybody the account may book for in a tenant, oneself first.
pub async fn people(cx: &Cx, who: &Patient, tenant: TenantId) -> Result<Vec<KnownPerson>, Internal> {
    let grants = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(who.account().0))
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(in_force(cx.now_ms()))
        .order_by_asc(chart_grant::Column::FromAt)
        .all(cx.db.read())
        .await?;
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let mut people = Vec::new();
    for grant in grants.into_iter().filter(|grant| rights_of(grant).allow(Right::Book)) {
        let row = row(cx.db.read(), tenant, PatientId(grant.patient_id)).await?;
        let (given, family) = names(&keys, &row)?;
        let phone = row.phone.as_ref().map(|p| keys.open_text(place("phone", row.id), p)).transpose()?;
        let birth_date = birth_date(&keys, &row)?;
        let id = PatientId(row.id);
        people.push(KnownPerson { id, tenant, given, family, birth_date, phone, relation: grant.relation });
    }
    people.sort_by_key(|p| p.relation != "self");
    Ok(people)
}

pub(crate) async fn row(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    id: PatientId,
) -> Result<patient::Model, Internal> {
    patient::Entity::find_by_id(id.0)
        .filter(patient::Column::TenantId.eq(tenant.0))
        .one(db)
        .await?
        .ok_or_else(|| Internal::Data(format!("patient {id} is gone")))
}

/// Many at once, by id; those that are gone or another tenant's are left out.
pub(crate) async fn rows(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, patient::Model>, Internal> {
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        // By the ids alone, which is what SQLite is to look for; whose they are is looked at afterwards.
        let rows = patient::Entity::find().filter(patient::Column::Id.is_in(some.iter().copied())).all(db).await?;
        found.extend(rows.into_iter().filter(|row| row.tenant_id == tenant.0).map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Given and family name.
pub(crate) fn names(keys: &ScopeKeys, row: &patient::Model) -> Result<(String, String), Internal> {
    opened(keys, row.id, &row.given, &row.family)
}

/// The same of a row of which nothing else was read.
pub(crate) fn opened(keys: &ScopeKeys, id: Uuid, given: &[u8], family: &[u8]) -> Result<(String, String), Internal> {
    Ok((keys.open_text(place("given", id), given)?, keys.open_text(place("family", id), family)?))
}

pub(crate) fn email(keys: &ScopeKeys, row: &patient::Model) -> Result<String, Internal> {
    keys.open_text(place("email", row.id), &row.email)
}

fn birth_date(keys: &ScopeKeys, row: &patient::Model) -> Result<Date, Internal> {
    let text = keys.open_text(place("birth_date", row.id), &row.birth_date)?;
    text.parse().map_err(|_| Internal::Data("a birth date is not a date".to_owned()))
}

fn place(column: &'static str, row: Uuid) -> Place {
    Place { table: "patient", column, row }
}
