//! The clinic answers what helpers ask to be allowed. Accepted, the grant allows it at once; whose chart it is, is told.

use std::collections::BTreeSet;

use domain::{
    grant::Rights,
    ids::{AccountId, PatientId, TenantId},
};
use entity::{chart_grant, grant_request};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select, sea_query::Expr};
use uuid::Uuid;

use super::{
    RequestState,
    ask::{place, words_of},
};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    files::{self, Opened},
    identity::{addresses, charts, email_of, grants},
    jobs::{self, Job, SecurityChange},
    patients::{ChartAccess, ClinicActor, chart_access, rights_of},
};

/// Looked through at a time.
const PAGE: usize = 200;

/// A request that waits for the clinic.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    pub id: Uuid,
    pub patient: PatientId,
    /// Main address of who asks.
    pub email: String,
    /// Of who asks to the person.
    pub relation: String,
    /// What they may do now.
    pub allowed: Rights,
    pub asked: Rights,
    pub words: String,
    /// Whether a paper came with it.
    pub file: bool,
    pub at: Timestamp,
}

/// What the clinic says to a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// `None`: all that was asked for.
    Accept(Option<Rights>),
    Decline,
}

#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// No such request, none of this clinic's, or it was answered.
    #[error("not found")]
    NotFound,
    /// More than was asked for, or nothing.
    #[error("not what was asked for")]
    NotAsked,
    /// There is nothing left to widen.
    #[error("the grant has ended")]
    Ended,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for AnswerError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for AnswerError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Open requests about charts of the clinic, oldest first.
pub async fn grant_requests(cx: &Cx, by: &ClinicActor) -> Result<Vec<GrantRequest>, Internal> {
    let rows = open(by).order_by_asc(grant_request::Column::MadeAt).all(cx.db.read()).await?;
    let keys = cx.keys.scope(cx.db.read(), by.tenant.0).await?;
    let mut all = Vec::new();
    for row in &rows {
        if all.len() == PAGE {
            break;
        }
        let grant = chart_grant::Entity::find_by_id(row.grant_id).filter(grants::in_force(cx.now_ms()));
        let Some(grant) = grant.one(cx.db.read()).await? else { continue };
        let Some(chart) = chart_access(cx, by, PatientId(row.patient_id)).await? else { continue };
        // Each chart's access list tells who saw it here.
        audit::append_alone(cx, by.tenant, entry(by, "grant_request.read", row.id, chart.patient())).await?;
        all.push(GrantRequest {
            id: row.id,
            patient: chart.patient(),
            email: email_of(cx, cx.db.read(), AccountId(row.account_id)).await?,
            allowed: rights_of(&grant),
            relation: grant.relation,
            asked: Rights::parse(&row.rights),
            words: words_of(&keys, row)?,
            file: row.file_id.is_some(),
            at: Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?,
        });
    }
    Ok(all)
}

/// The paper that came with an open request.
pub async fn grant_request_file(cx: &Cx, by: &ClinicActor, id: Uuid) -> Result<Option<Opened>, Internal> {
    let Some((row, chart)) = find(cx, by, id).await? else { return Ok(None) };
    match row.file_id {
        Some(file) => files::open_at_clinic(cx, &chart, file).await,
        None => Ok(None),
    }
}

/// Accepts, in part or as a whole, or declines.
pub async fn decide_grant(
    cx: &Cx,
    by: &ClinicActor,
    id: Uuid,
    decision: &Decision,
    reply: Option<&str>,
) -> Result<(), AnswerError> {
    let (row, _) = &find(cx, by, id).await?.ok_or(AnswerError::NotFound)?;
    let allowed = &match decision {
        Decision::Decline => Rights::default(),
        Decision::Accept(rights) => {
            let asked = Rights::parse(&row.rights);
            let rights = rights.clone().unwrap_or_else(|| asked.clone());
            if rights.is_empty() || rights.iter().any(|right| !asked.allow(right)) {
                return Err(AnswerError::NotAsked);
            }
            rights
        }
    };
    cx.db.write(|tx| async move { decide_in(cx, &tx, by, row, allowed, reply).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

/// Declined when nothing is allowed.
async fn decide_in(
    cx: &Cx,
    tx: &Tx,
    by: &ClinicActor,
    row: &grant_request::Model,
    allowed: &Rights,
    reply: Option<&str>,
) -> Result<(), AnswerError> {
    let accept = !allowed.is_empty();
    let keys = cx.keys.scope(tx, by.tenant.0).await?;
    let sealed = reply.map(|words| keys.seal(cx.rng.as_ref(), place("reply", row.id), words.as_bytes())).transpose()?;
    let state = if accept { RequestState::Accepted } else { RequestState::Declined };
    let decided = grant_request::Entity::update_many()
        .col_expr(grant_request::Column::State, Expr::value(state.as_str()))
        .col_expr(grant_request::Column::DecidedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(grant_request::Column::DecidedByKind, Expr::value(Some(by.actor.kind)))
        .col_expr(grant_request::Column::DecidedBy, Expr::value(by.actor.id))
        .col_expr(grant_request::Column::Allowed, Expr::value(accept.then(|| allowed.to_string())))
        .col_expr(grant_request::Column::Reply, Expr::value(sealed))
        .filter(grant_request::Column::Id.eq(row.id))
        .filter(grant_request::Column::State.eq(RequestState::Open.as_str()))
        .exec(tx)
        .await?;
    if decided.rows_affected == 0 {
        return Err(AnswerError::NotFound);
    }
    let patient = charts::kept(tx, by.tenant, PatientId(row.patient_id)).await?;
    if accept {
        widen(cx, tx, by, row, (patient, allowed)).await?;
    }
    let action = if accept { "grant_request.accept" } else { "grant_request.decline" };
    audit::append(cx, tx, by.tenant, entry(by, action, row.id, patient)).await?;
    let email = email_of(cx, tx, AccountId(row.account_id)).await?;
    Ok(jobs::enqueue(cx, tx, &Job::SendGrantAnswer { email, patient }).await?)
}

/// Adds to what a grant that counts now allows, and tells whose chart it is.
async fn widen(
    cx: &Cx,
    tx: &Tx,
    by: &ClinicActor,
    row: &grant_request::Model,
    (patient, more): (PatientId, &Rights),
) -> Result<(), AnswerError> {
    let in_force = chart_grant::Entity::find_by_id(row.grant_id).filter(grants::in_force(cx.now_ms()));
    let grant = in_force.one(tx).await?.filter(|grant| grant.patient_id == patient.0).ok_or(AnswerError::Ended)?;
    let all = Rights::of(rights_of(&grant).iter().chain(more.iter()));
    let widened = chart_grant::Entity::update_many()
        .col_expr(chart_grant::Column::Scope, Expr::value(all.to_string()))
        .filter(chart_grant::Column::Id.eq(grant.id))
        .filter(chart_grant::Column::Scope.eq(grant.scope))
        .filter(chart_grant::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    // Ended or changed at this moment: looked at anew.
    if widened.rows_affected == 0 {
        return Err(Internal::Conflict.into());
    }
    let (actor, entity_id, patient_id) = (by.actor, Some(grant.id), Some(patient.0));
    let entry = Entry { actor, action: "grant.widen", entity: "chart_grant", entity_id, patient_id, outcome: "ok" };
    audit::append(cx, tx, by.tenant, entry).await?;
    for account in concerned(cx, tx, by.tenant, patient).await? {
        if account.0 != row.account_id {
            addresses::tell_of(cx, tx, by.actor, account, grant.id, SecurityChange::HelperMayMore).await?;
        }
    }
    Ok(())
}

/// Whose chart it is, or, of a child who has no account, the others who care for it.
async fn concerned(cx: &Cx, tx: &Tx, tenant: TenantId, patient: PatientId) -> Result<BTreeSet<AccountId>, Internal> {
    let own = grants::own_accounts(cx, tx, tenant, patient).await?;
    if !own.is_empty() {
        return Ok(own.into_iter().collect());
    }
    let all = grants::all_in_force(cx, tx, tenant, patient).await?;
    Ok(all.into_iter().map(|grant| AccountId(grant.account_id)).collect())
}

fn open(by: &ClinicActor) -> Select<grant_request::Entity> {
    grant_request::Entity::find()
        .filter(grant_request::Column::TenantId.eq(by.tenant.0))
        .filter(grant_request::Column::State.eq(RequestState::Open.as_str()))
}

/// An open request about a chart that the clinic reaches.
async fn find(cx: &Cx, by: &ClinicActor, id: Uuid) -> Result<Option<(grant_request::Model, ChartAccess)>, Internal> {
    let row = open(by).filter(grant_request::Column::Id.eq(id)).one(cx.db.read()).await?;
    let Some(row) = row else { return Ok(None) };
    let chart = chart_access(cx, by, PatientId(row.patient_id)).await?;
    Ok(chart.map(|chart| (row, chart)))
}

fn entry(by: &ClinicActor, action: &'static str, request: Uuid, patient: PatientId) -> Entry {
    let (entity_id, patient_id) = (Some(request), Some(patient.0));
    Entry { actor: by.actor, action, entity: "grant_request", entity_id, patient_id, outcome: "ok" }
}

/// Subject and words of the mail to whoever asked. Neither says about whom: the address may be read by others.
pub(crate) fn answer_mail() -> (&'static str, [&'static str; 2]) {
    (
        "The clinic answered what you asked",
        [
            "You asked a clinic to be allowed more for somebody you help. It answered.",
            "Sign in with this email address to read the answer.",
        ],
    )
}
