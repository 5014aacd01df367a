//! Somebody who acts for another asks the clinic to be allowed more, with a paper that shows why, if there is one.

use std::collections::BTreeSet;

use domain::grant::Rights;
use entity::grant_request;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    audit,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    files::{self, FileError, Proved, Purpose},
    keys::{Place, ScopeKeys},
    patients::PatientChart,
    who::Patient,
};

/// Of one grant in a day.
const MOST_A_DAY: u64 = 5;
const DAY_MS: i64 = 24 * 60 * 60_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asking {
    pub rights: Rights,
    /// Why.
    pub words: String,
    /// The bytes of a paper, as sent.
    pub paper: Option<Vec<u8>>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Waits for the clinic.
    Open,
    Accepted,
    Declined,
    Withdrawn,
}

impl RequestState {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Open, "open"),
        (Self::Accepted, "accepted"),
        (Self::Declined, "declined"),
        (Self::Withdrawn, "withdrawn"),
    ];

    /// In the database. Never changes.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(text: &str) -> Result<Self, Internal> {
        let found = Self::ALL.iter().find(|(_, word)| *word == text);
        found.map(|(state, _)| *state).ok_or_else(|| Internal::Data(format!("state {text}")))
    }
}

/// A request, for whoever made it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub rights: Rights,
    pub words: String,
    /// The paper that went with it.
    pub file: Option<Uuid>,
    pub state: RequestState,
    pub made_at: Timestamp,
    /// What of it the clinic allowed.
    pub allowed: Rights,
    pub reply: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// One's own chart allows everything; or the grant has ended.
    #[error("not found")]
    NotFound,
    /// All that was asked for is allowed already.
    #[error("nothing to ask for")]
    Nothing,
    /// One request waits already.
    #[error("a request waits")]
    Waits,
    #[error("too many requests")]
    TooMany,
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<Internal> for AskError {
    fn from(error: Internal) -> Self {
        Self::File(error.into())
    }
}

impl From<sea_orm::DbErr> for AskError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for AskError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::File(error) if error.is_conflict())
    }
}

/// Asks. One request of a grant waits at a time.
pub async fn ask(cx: &Cx, chart: &PatientChart, what: Asking) -> Result<(), AskError> {
    let rights = &Rights::of(what.rights.iter().filter(|right| !chart.may(*right)));
    if chart.is_own() {
        return Err(AskError::NotFound);
    }
    if rights.is_empty() {
        return Err(AskError::Nothing);
    }
    let proved = match what.paper {
        Some(sent) => Some(files::prove(sent, Purpose::GrantRequest).await?),
        None => None,
    };
    let (words, proved) = (what.words.as_str(), proved.as_ref());
    cx.db.write(|tx| async move { ask_in(cx, &tx, chart, rights, words, proved).await }).await
}

async fn ask_in(
    cx: &Cx,
    tx: &Tx,
    chart: &PatientChart,
    rights: &Rights,
    words: &str,
    proved: Option<&Proved>,
) -> Result<(), AskError> {
    if !chart.still(cx, tx).await? {
        return Err(AskError::NotFound);
    }
    let open = grant_request::Column::State.eq(RequestState::Open.as_str());
    if of_grant(chart).filter(open).count(tx).await? > 0 {
        return Err(AskError::Waits);
    }
    let today = grant_request::Column::MadeAt.gt(cx.now_ms() - DAY_MS);
    if of_grant(chart).filter(today).count(tx).await? >= MOST_A_DAY {
        return Err(AskError::TooMany);
    }
    let file = match proved {
        Some(proved) => Some(files::put(cx, tx, chart, Purpose::GrantRequest, proved).await?),
        None => None,
    };
    let id = cx.id();
    let keys = cx.keys.scope(tx, chart.tenant.0).await?;
    let row = grant_request::ActiveModel {
        id: Set(id),
        tenant_id: Set(chart.tenant.0),
        grant_id: Set(chart.grant()),
        patient_id: Set(chart.patient.0),
        account_id: Set(chart.who.account.0),
        rights: Set(rights.to_string()),
        words: Set(keys.seal(cx.rng.as_ref(), place("words", id), words.as_bytes())?),
        file_id: Set(file),
        state: Set(RequestState::Open.as_str().to_owned()),
        made_at: Set(cx.now_ms()),
        decided_at: Set(None),
        decided_by_kind: Set(None),
        decided_by: Set(None),
        allowed: Set(None),
        reply: Set(None),
        seen_at: Set(None),
    };
    grant_request::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(audit::append(cx, tx, chart.tenant, chart.entry("grant.ask")).await?)
}

/// Takes back the request that waits, and its paper with it. `false` when none waits.
pub async fn withdraw_request(cx: &Cx, chart: &PatientChart) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let open = grant_request::Column::State.eq(RequestState::Open.as_str());
            let Some(row) = of_grant(chart).filter(open).one(&tx).await? else { return Ok::<_, Internal>(false) };
            let withdrawn = grant_request::Entity::update_many()
                .col_expr(grant_request::Column::State, Expr::value(RequestState::Withdrawn.as_str()))
                .filter(grant_request::Column::Id.eq(row.id))
                .filter(grant_request::Column::State.eq(RequestState::Open.as_str()))
                .exec(&tx)
                .await?;
            if withdrawn.rows_affected == 0 {
                return Ok(false);
            }
            if let Some(file) = row.file_id {
                files::wipe(cx, &tx, chart, file).await?;
            }
            audit::append(cx, &tx, chart.tenant, chart.entry("grant.ask_withdraw")).await?;
            Ok(true)
        })
        .await
}

/// The request that waits, or else the last one that was answered; that answer counts as read.
pub async fn asked(cx: &Cx, chart: &PatientChart) -> Result<Option<Asked>, Internal> {
    let told = grant_request::Column::State.ne(RequestState::Withdrawn.as_str());
    let mut rows = of_grant(chart).filter(told).all(cx.db.read()).await?;
    let at = rows.iter().position(|row| row.state == RequestState::Open.as_str()).unwrap_or_default();
    let row = (!rows.is_empty()).then(|| rows.swap_remove(at));
    audit::append_alone(cx, chart.tenant, chart.entry("grant.ask_read")).await?;
    let Some(row) = row else { return Ok(None) };
    if row.decided_at.is_some() && row.seen_at.is_none() {
        let id = row.id;
        cx.db.write(|tx| async move { mark_read(cx, &tx, id).await }).await?;
    }
    let keys = cx.keys.scope(cx.db.read(), chart.tenant.0).await?;
    let reply = row.reply.as_ref().map(|sealed| keys.open_text(place("reply", row.id), sealed)).transpose()?;
    Ok(Some(Asked {
        rights: Rights::parse(&row.rights),
        words: words_of(&keys, &row)?,
        file: row.file_id,
        state: RequestState::parse(&row.state)?,
        made_at: Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?,
        allowed: Rights::parse(row.allowed.as_deref().unwrap_or_default()),
        reply,
    }))
}

async fn mark_read(cx: &Cx, tx: &Tx, request: Uuid) -> Result<(), Internal> {
    grant_request::Entity::update_many()
        .col_expr(grant_request::Column::SeenAt, Expr::value(Some(cx.now_ms())))
        .filter(grant_request::Column::Id.eq(request))
        .exec(tx)
        .await?;
    Ok(())
}

/// Grants of the account about which the clinic answered, and the answer was not read.
pub async fn unread_answers(cx: &Cx, patient: &Patient) -> Result<BTreeSet<Uuid>, Internal> {
    let rows = grant_request::Entity::find()
        .filter(grant_request::Column::AccountId.eq(patient.account.0))
        .filter(grant_request::Column::DecidedAt.is_not_null())
        .filter(grant_request::Column::SeenAt.is_null());
    Ok(rows.all(cx.db.read()).await?.into_iter().map(|row| row.grant_id).collect())
}

/// Newest first.
fn of_grant(chart: &PatientChart) -> Select<grant_request::Entity> {
    grant_request::Entity::find()
        .filter(grant_request::Column::TenantId.eq(chart.tenant.0))
        .filter(grant_request::Column::GrantId.eq(chart.grant()))
        .order_by_desc(grant_request::Column::MadeAt)
        .order_by_desc(grant_request::Column::Id)
}

pub(super) fn words_of(keys: &ScopeKeys, row: &grant_request::Model) -> Result<String, Internal> {
    keys.open_text(place("words", row.id), &row.words)
}

pub(super) fn place(column: &'static str, row: Uuid) -> Place {
    Place { table: "grant_request", column, row }
}
