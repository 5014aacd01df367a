//! Codes that a clinic gives to a patient, in a letter or by hand. Whoever has the code and knows the birth date is who
//! the letter was for, and their account reaches the chart.

use domain::{
    grant::Rights,
    ids::{AccountId, PatientId, TenantId},
    paper_code::PaperCode,
};
use entity::{activation_code, patient};
use jiff::{Timestamp, civil::Date};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{ChartAccess, ChartRecord};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{
        charts,
        grants::{self, NewGrant},
    },
    keys::INSTALLATION,
    who::{Actor, Patient},
};

/// A letter lies about for a while.
const LIFE_MS: i64 = 60 * 24 * 60 * 60_000;
/// Wrong birth dates before a code is worth nothing.
const TRIES: i64 = 5;

/// A code to be handed over. It is not shown again.
#[derive(Clone, Debug)]
pub struct Activation {
    pub code: PaperCode,
    pub expires_at: Timestamp,
    /// Where the code is typed, with the code in it, for a QR code.
    pub link: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// Not a code that is good now, or not the birth date on the chart: which of them is not told.
    #[error("the code or the birth date is wrong")]
    Wrong,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for ActivationError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for ActivationError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Makes a code for a chart; codes made before are worth nothing any more.
pub async fn make_activation(cx: &Cx, chart: &ChartAccess) -> Result<Activation, Internal> {
    let mut bytes = [0_u8; PaperCode::BYTES];
    cx.rng.fill(&mut bytes);
    let code = PaperCode::of(bytes);
    let expires_at = cx.now_ms() + LIFE_MS;
    let code_ref = &code;
    cx.db
        .write(|tx| async move {
            let tenant = chart.by.tenant;
            revoke(&tx, chart).await?;
            let row = activation_code::ActiveModel {
                id: Set(cx.id()),
                tenant_id: Set(tenant.0),
                patient_id: Set(chart.patient.0),
                code_key: Set(code_key(cx, &tx, code_ref).await?),
                attempts: Set(0),
                made_at: Set(cx.now_ms()),
                expires_at: Set(expires_at),
                used_at: Set(None),
            };
            activation_code::Entity::insert(row).exec_without_returning(&tx).await?;
            note(cx, &tx, tenant, chart.patient, ("activation.make", chart.by.actor), "ok").await
        })
        .await?;
    Ok(Activation {
        link: format!("{}/activate?code={}", cx.config.public_url, code.in_fours()),
        code,
        expires_at: Timestamp::from_millisecond(expires_at).map_err(|e| Internal::Data(e.to_string()))?,
    })
}

/// Makes every code of a chart worth nothing: a letter went astray. Answers how many there were.
pub async fn revoke_activation(cx: &Cx, chart: &ChartAccess) -> Result<u64, Internal> {
    cx.db
        .write(|tx| async move {
            let gone = revoke(&tx, chart).await?;
            note(cx, &tx, chart.by.tenant, chart.patient, ("activation.revoke", chart.by.actor), "ok").await?;
            Ok(gone)
        })
        .await
}

async fn revoke(tx: &Tx, chart: &ChartAccess) -> Result<u64, Internal> {
    let gone = activation_code::Entity::delete_many()
        .filter(activation_code::Column::TenantId.eq(chart.by.tenant.0))
        .filter(activation_code::Column::PatientId.eq(chart.patient.0))
        .filter(activation_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}

/// Connects the account with the chart that the code was made for. `relation` is the account's to the person: `self`,
/// `child`, `parent`, `partner` or `other`. The clinic gave the letter out of its hand, so it allows everything.
pub async fn activate(
    cx: &Cx,
    patient: &Patient,
    code: &PaperCode,
    birth_date: Date,
    relation: &str,
) -> Result<(TenantId, PatientId), ActivationError> {
    // Trying costs a try even if the rest fails, so it commits by itself.
    let row = cx.db.write(|tx| async move { spend_try(cx, &tx, code).await }).await?;
    let (tenant, chart) = (TenantId(row.tenant_id), PatientId(row.patient_id));
    let right = record(cx, tenant, chart).await?.birth_date == birth_date;
    let actor = Actor { kind: "account", id: Some(patient.account.0) };
    if !right {
        let entry = entry(chart, ("activation.use", actor), "wrong_birth_date");
        audit::append_alone(cx, tenant, entry).await?;
        return Err(ActivationError::Wrong);
    }
    let (account, row) = (patient.account, &row);
    cx.db.write(|tx| async move { use_up(cx, &tx, (account, relation), row, actor).await }).await?;
    cx.job_bell.ring();
    Ok((tenant, chart))
}

async fn record(cx: &Cx, tenant: TenantId, id: PatientId) -> Result<ChartRecord, Internal> {
    let row = charts::row(cx.db.read(), tenant, id).await?;
    ChartRecord::open(&*cx.keys.scope(cx.db.read(), tenant.0).await?, &row)
}

async fn spend_try(cx: &Cx, tx: &Tx, code: &PaperCode) -> Result<activation_code::Model, ActivationError> {
    let row = activation_code::Entity::find()
        .filter(activation_code::Column::CodeKey.eq(code_key(cx, tx, code).await?))
        .filter(activation_code::Column::UsedAt.is_null())
        .filter(activation_code::Column::ExpiresAt.gt(cx.now_ms()))
        .filter(activation_code::Column::Attempts.lt(TRIES))
        .one(tx)
        .await?
        .ok_or(ActivationError::Wrong)?;
    let spent = activation_code::Entity::update_many()
        .col_expr(activation_code::Column::Attempts, Expr::value(row.attempts + 1))
        .filter(activation_code::Column::Id.eq(row.id))
        .filter(activation_code::Column::Attempts.eq(row.attempts))
        .exec(tx)
        .await?;
    if spent.rows_affected == 1 { Ok(row) } else { Err(Internal::Conflict.into()) }
}

async fn use_up(
    cx: &Cx,
    tx: &Tx,
    (account, relation): (AccountId, &str),
    row: &activation_code::Model,
    actor: Actor,
) -> Result<(), ActivationError> {
    let used = activation_code::Entity::update_many()
        .col_expr(activation_code::Column::UsedAt, Expr::value(Some(cx.now_ms())))
        .filter(activation_code::Column::Id.eq(row.id))
        .filter(activation_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    if used.rows_affected == 0 {
        return Err(ActivationError::Wrong);
    }
    let (tenant, chart) = (TenantId(row.tenant_id), PatientId(row.patient_id));
    // A merge may have come between the letter and its use.
    let chart = charts::kept(tx, tenant, chart).await?;
    let birth_date = charts::find(cx, tx, tenant, chart).await?.birth_date;
    let own = grants::own_birth_dates(cx, tx, account, tenant).await?;
    // Whoever is somebody else here already did not get a letter about themselves: the code is not used up.
    if relation == "self" && !own.is_empty() && !own.contains(&birth_date) {
        return Err(ActivationError::Wrong);
    }
    let new = NewGrant { relation, rights: Rights::all(), until: None, origin: "activation" };
    grants::connect(cx, tx, account, (tenant, chart), new).await?;
    Ok(note(cx, tx, tenant, chart, ("activation.use", actor), "ok").await?)
}

fn entry(chart: PatientId, (action, actor): (&'static str, Actor), outcome: &'static str) -> Entry {
    Entry { actor, action, entity: "patient", entity_id: Some(chart.0), patient_id: Some(chart.0), outcome }
}

async fn note(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    chart: PatientId,
    what: (&'static str, Actor),
    outcome: &'static str,
) -> Result<(), Internal> {
    audit::append(cx, tx, tenant, entry(chart, what, outcome)).await
}

async fn code_key(cx: &Cx, db: &impl ConnectionTrait, code: &PaperCode) -> Result<Vec<u8>, Internal> {
    Ok(cx.keys.scope(db, INSTALLATION).await?.index("activation-code", &[code.as_str()]))
}

/// Whether anybody reaches the chart already.
pub async fn is_connected(cx: &Cx, chart: &ChartAccess) -> Result<bool, Internal> {
    let row = patient::Entity::find_by_id(chart.patient.0).one(cx.db.read()).await?;
    let Some(row) = row else { return Ok(false) };
    grants::anybody(cx, cx.db.read(), TenantId(row.tenant_id), PatientId(row.id)).await
}
