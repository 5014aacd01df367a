//! The clinic answers what patients ask to be changed: accepted, it stands in the chart; declined, with words.

use domain::{
    ids::{PatientId, TenantId},
    profile::{Answer, Section},
};
use entity::profile_statement;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{
    clinic_has::{clinic_has, into_chart},
    say::ProfileError,
    statement::{State, place, said},
};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    patients::{ChartRecord, ClinicActor, chart_access, record},
};

/// Looked through at a time.
const PAGE: usize = 200;

/// A change that waits for the clinic's answer.
#[derive(Clone, Debug)]
pub struct ChangeRequest {
    pub id: Uuid,
    pub patient: PatientId,
    pub section: Section,
    pub asked: Answer,
    /// What the chart says now.
    pub clinic: Option<Answer>,
    pub at: Timestamp,
}

/// Requests about charts of the clinic, oldest first: HIP-14 gives sixty days.
pub async fn change_requests(cx: &Cx, by: &ClinicActor) -> Result<Vec<ChangeRequest>, Internal> {
    let rows = profile_statement::Entity::find()
        .filter(profile_statement::Column::TenantId.eq(by.tenant.0))
        .filter(profile_statement::Column::State.eq(State::Requested.as_str()))
        .order_by_asc(profile_statement::Column::At)
        .all(cx.db.read())
        .await?;
    let keys = cx.keys.scope(cx.db.read(), by.tenant.0).await?;
    let mut all = Vec::new();
    for row in &rows {
        if all.len() == PAGE {
            break;
        }
        let Some(chart) = chart_access(cx, by, PatientId(row.patient_id)).await? else { continue };
        let said = said(&keys, row)?;
        // Each chart's access list tells who saw it here.
        let (actor, entity_id, patient_id) = (by.actor, Some(row.id), Some(row.patient_id));
        let entity = "profile_statement";
        let entry = Entry { actor, action: "profile.request_read", entity, entity_id, patient_id, outcome: "ok" };
        audit::append_alone(cx, by.tenant, entry).await?;
        all.push(ChangeRequest {
            id: row.id,
            patient: chart.patient(),
            section: said.section,
            clinic: clinic_has(&chart.record, said.section),
            asked: said.answer,
            at: said.at,
        });
    }
    Ok(all)
}

/// Accepts or declines. `NotFound` when there is no such request, it is another clinic's, or it was answered.
pub async fn decide_request(
    cx: &Cx,
    by: &ClinicActor,
    id: Uuid,
    accept: bool,
    reply: Option<&str>,
) -> Result<(), ProfileError> {
    let row = profile_statement::Entity::find_by_id(id)
        .filter(profile_statement::Column::TenantId.eq(by.tenant.0))
        .one(cx.db.read())
        .await?
        .ok_or(ProfileError::NotFound)?;
    if chart_access(cx, by, PatientId(row.patient_id)).await?.is_none() {
        return Err(ProfileError::NotFound);
    }
    let row = &row;
    cx.db.write(|tx| async move { decide_in(cx, &tx, by, row, accept, reply).await }).await
}

async fn decide_in(
    cx: &Cx,
    tx: &Tx,
    by: &ClinicActor,
    row: &profile_statement::Model,
    accept: bool,
    reply: Option<&str>,
) -> Result<(), ProfileError> {
    let keys = cx.keys.scope(tx, by.tenant.0).await?;
    let sealed = reply.map(|words| keys.seal(cx.rng.as_ref(), place("reply", row.id), words.as_bytes())).transpose()?;
    let state = if accept { State::Accepted } else { State::Declined };
    let decided = profile_statement::Entity::update_many()
        .col_expr(profile_statement::Column::State, Expr::value(state.as_str()))
        .col_expr(profile_statement::Column::DecidedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(profile_statement::Column::DecidedByKind, Expr::value(Some(by.actor.kind)))
        .col_expr(profile_statement::Column::DecidedBy, Expr::value(by.actor.id))
        .col_expr(profile_statement::Column::Reply, Expr::value(sealed))
        .filter(profile_statement::Column::Id.eq(row.id))
        .filter(profile_statement::Column::State.eq(State::Requested.as_str()))
        .exec(tx)
        .await?;
    if decided.rows_affected == 0 {
        return Err(ProfileError::NotFound);
    }
    let patient = charts::kept(tx, by.tenant, PatientId(row.patient_id)).await?;
    if accept {
        let asked = said(&keys, row)?;
        write_chart(cx, tx, by.tenant, patient, asked.section, &asked.answer).await?;
    }
    let entry = Entry {
        actor: by.actor,
        action: if accept { "profile.accept" } else { "profile.decline" },
        entity: "profile_statement",
        entity_id: Some(row.id),
        patient_id: Some(patient.0),
        outcome: "ok",
    };
    Ok(audit::append(cx, tx, by.tenant, entry).await?)
}

/// What was accepted stands in the chart, and finds it from now on.
async fn write_chart(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    id: PatientId,
    section: Section,
    answer: &Answer,
) -> Result<(), Internal> {
    let keys = cx.keys.scope(tx, tenant.0).await?;
    charts::touch(tx, tenant, &charts::find(cx, tx, tenant, id).await?).await?;
    let row = charts::row(tx, tenant, id).await?;
    let Some(asked) = into_chart(&ChartRecord::open(&keys, &row)?, section, answer) else { return Ok(()) };
    record::write(cx, tx, &row, &asked).await
}
