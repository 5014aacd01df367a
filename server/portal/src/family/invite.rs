//! Somebody invites another person to help with their records. Whoever proves the address sees what is offered, and
//! reaches the records once they accept.

use domain::{
    grant::Rights,
    ids::{AccountId, PatientId, TenantId},
    person::Email,
};
use entity::grant_invite;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{
        addresses, charts,
        grants::{self, NewGrant},
    },
    jobs::{self, Job, SecurityChange},
    keys::{INSTALLATION, Place},
    patients::{ChartRecord, PatientChart},
    who::{Actor, Fresh, Patient},
};

/// An invitation that nobody answers runs out after two weeks.
const LIFE_MS: i64 = 14 * 24 * 60 * 60_000;
/// Open invitations to one chart.
const MOST: u64 = 10;

/// What is offered to whom.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub email: Email,
    /// Of the invited to the person: `child`, `parent`, `partner`, `other`.
    pub relation: String,
    pub rights: Rights,
    /// The last moment, if it is to end by itself.
    pub until: Option<Timestamp>,
}

/// For whoever is invited, or for whoever invited them.
#[derive(Clone, Debug)]
pub struct OpenInvite {
    pub id: Uuid,
    /// Who is invited.
    pub email: String,
    /// Whose records.
    pub name: String,
    pub relation: String,
    pub rights: Rights,
    pub until: Option<Timestamp>,
}

#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Only for one's own records can somebody be invited; or there is no such invitation.
    #[error("not found")]
    NotFound,
    /// One reaches one's own records already.
    #[error("the address is one's own")]
    Oneself,
    #[error("too many open invitations")]
    TooMany,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for InviteError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for InviteError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Invites somebody, who hears of it by mail. An open invitation to the same address is replaced.
pub async fn invite(cx: &Cx, fresh: &Fresh, chart: &PatientChart, what: &Invitation) -> Result<(), InviteError> {
    if !chart.is_own() || chart.who.account != fresh.0.account {
        return Err(InviteError::NotFound);
    }
    cx.db.write(|tx| async move { invite_in(cx, &tx, chart, what).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn invite_in(cx: &Cx, tx: &Tx, chart: &PatientChart, what: &Invitation) -> Result<(), InviteError> {
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let email_key = addresses::key_of(&keys, &what.email);
    if addresses::account_of(tx, &email_key).await? == Some(chart.who.account) {
        return Err(InviteError::Oneself);
    }
    let open = of_chart(cx, chart.tenant, chart.patient);
    set_state(cx, tx, grant_invite::Column::EmailKey.eq(email_key.clone()), chart, "withdrawn").await?;
    if open.count(tx).await? >= MOST {
        return Err(InviteError::TooMany);
    }
    let id = cx.id();
    let row = grant_invite::ActiveModel {
        id: Set(id),
        tenant_id: Set(chart.tenant.0),
        patient_id: Set(chart.patient.0),
        made_by: Set(chart.who.account.0),
        email: Set(keys.seal(cx.rng.as_ref(), place(id), what.email.as_str().as_bytes())?),
        email_key: Set(email_key),
        relation: Set(what.relation.clone()),
        scope: Set(what.rights.to_string()),
        until_at: Set(what.until.map(Timestamp::as_millisecond)),
        state: Set("open".to_owned()),
        made_at: Set(cx.now_ms()),
        expires_at: Set(cx.now_ms() + LIFE_MS),
        ended_at: Set(None),
    };
    grant_invite::Entity::insert(row).exec_without_returning(tx).await?;
    jobs::enqueue(cx, tx, &Job::SendInvite { email: what.email.as_str().to_owned() }).await?;
    Ok(audit::append(cx, tx, chart.tenant, chart.entry("grant.invite")).await?)
}

async fn set_state(
    cx: &Cx,
    tx: &Tx,
    which: sea_orm::sea_query::SimpleExpr,
    chart: &PatientChart,
    state: &str,
) -> Result<u64, Internal> {
    let result = grant_invite::Entity::update_many()
        .col_expr(grant_invite::Column::State, Expr::value(state))
        .col_expr(grant_invite::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .filter(which)
        .filter(grant_invite::Column::TenantId.eq(chart.tenant.0))
        .filter(grant_invite::Column::PatientId.eq(chart.patient.0))
        .filter(grant_invite::Column::State.eq("open"))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// Takes an open invitation back. `false` when there is none.
pub async fn withdraw_invite(cx: &Cx, chart: &PatientChart, id: Uuid) -> Result<bool, Internal> {
    if !chart.is_own() {
        return Ok(false);
    }
    cx.db
        .write(|tx| async move {
            let taken = set_state(cx, &tx, grant_invite::Column::Id.eq(id), chart, "withdrawn").await? == 1;
            if taken {
                audit::append(cx, &tx, chart.tenant, chart.entry("grant.invite_withdraw")).await?;
            }
            Ok::<_, Internal>(taken)
        })
        .await
}

fn of_chart(cx: &Cx, tenant: TenantId, patient: PatientId) -> sea_orm::Select<grant_invite::Entity> {
    live(cx).filter(grant_invite::Column::TenantId.eq(tenant.0)).filter(grant_invite::Column::PatientId.eq(patient.0))
}

fn live(cx: &Cx) -> sea_orm::Select<grant_invite::Entity> {
    grant_invite::Entity::find()
        .filter(grant_invite::Column::State.eq("open"))
        .filter(grant_invite::Column::ExpiresAt.gt(cx.now_ms()))
        .order_by_asc(grant_invite::Column::MadeAt)
}

/// Open invitations to a chart, for whose it is.
pub(super) async fn open_of(cx: &Cx, chart: &PatientChart) -> Result<Vec<OpenInvite>, Internal> {
    told(cx, of_chart(cx, chart.tenant, chart.patient).all(cx.db.read()).await?).await
}

/// What an account is invited to, by any of its addresses.
pub async fn invites_for(cx: &Cx, who: &Patient) -> Result<Vec<OpenInvite>, Internal> {
    let keys = own_keys(cx, cx.db.read(), who.account).await?;
    told(cx, live(cx).filter(grant_invite::Column::EmailKey.is_in(keys)).all(cx.db.read()).await?).await
}

async fn told(cx: &Cx, rows: Vec<grant_invite::Model>) -> Result<Vec<OpenInvite>, Internal> {
    let installation = cx.installation_keys().await?;
    let mut invites = Vec::with_capacity(rows.len());
    for row in rows {
        let (tenant, patient) = (TenantId(row.tenant_id), PatientId(row.patient_id));
        let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
        let record = ChartRecord::open(&keys, &charts::row(cx.db.read(), tenant, patient).await?)?;
        let until = row.until_at.map(Timestamp::from_millisecond).transpose();
        invites.push(OpenInvite {
            id: row.id,
            email: installation.open_text(place(row.id), &row.email)?,
            name: record.full_name(),
            relation: row.relation,
            rights: Rights::parse(&row.scope),
            until: until.map_err(|e| Internal::Data(e.to_string()))?,
        });
    }
    Ok(invites)
}

async fn own_keys(cx: &Cx, db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Vec<u8>>, Internal> {
    let keys = cx.keys.scope(db, INSTALLATION).await?;
    let own = addresses::of_account(cx, db, account).await?;
    Ok(own.iter().filter_map(|a| Email::parse(&a.email).ok()).map(|e| addresses::key_of(&keys, &e)).collect())
}

/// Accepts an invitation to one of the account's addresses.
pub async fn accept(cx: &Cx, who: &Patient, id: Uuid) -> Result<(), InviteError> {
    answer(cx, who, id, true).await
}

pub async fn decline(cx: &Cx, who: &Patient, id: Uuid) -> Result<(), InviteError> {
    answer(cx, who, id, false).await
}

async fn answer(cx: &Cx, who: &Patient, id: Uuid, yes: bool) -> Result<(), InviteError> {
    let account = who.account;
    cx.db.write(|tx| async move { answer_in(cx, &tx, account, id, yes).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn answer_in(cx: &Cx, tx: &Tx, account: AccountId, id: Uuid, yes: bool) -> Result<(), InviteError> {
    let own = own_keys(cx, tx, account).await?;
    let row = live(cx).filter(grant_invite::Column::Id.eq(id)).one(tx).await?;
    let row = row.filter(|row| own.contains(&row.email_key)).ok_or(InviteError::NotFound)?;
    let answered = grant_invite::Entity::update_many()
        .col_expr(grant_invite::Column::State, Expr::value(if yes { "accepted" } else { "declined" }))
        .col_expr(grant_invite::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .filter(grant_invite::Column::Id.eq(id))
        .filter(grant_invite::Column::State.eq("open"))
        .exec(tx)
        .await?;
    if answered.rows_affected == 0 {
        return Err(InviteError::NotFound);
    }
    let tenant = TenantId(row.tenant_id);
    let patient = charts::kept(tx, tenant, PatientId(row.patient_id)).await?;
    // Whoever asked may have been shut out meanwhile.
    let own = grants::own_accounts(cx, tx, tenant, patient).await?;
    if yes && !own.contains(&AccountId(row.made_by)) {
        return Err(InviteError::NotFound);
    }
    if yes {
        let rights = Rights::parse(&row.scope);
        let new = NewGrant { relation: &row.relation, rights, until: row.until_at, origin: "invite" };
        grants::replace_grant(cx, tx, account, (tenant, patient), new).await?;
    }
    let actor = Actor { kind: "account", id: Some(account.0) };
    // Whoever asked hears of it, and of what to do if it was a slip.
    let change = if yes { SecurityChange::InviteAccepted } else { SecurityChange::InviteDeclined };
    addresses::tell_of(cx, tx, actor, AccountId(row.made_by), id, change).await?;
    let entry = Entry {
        actor,
        action: if yes { "grant.accept" } else { "grant.decline" },
        entity: "grant_invite",
        entity_id: Some(id),
        patient_id: Some(patient.0),
        outcome: "ok",
    };
    Ok(audit::append(cx, tx, tenant, entry).await?)
}

/// With an account's own grant end the invitations it made.
pub(super) async fn withdraw_of(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    (tenant, patient): (TenantId, PatientId),
) -> Result<(), Internal> {
    grant_invite::Entity::update_many()
        .col_expr(grant_invite::Column::State, Expr::value("withdrawn"))
        .col_expr(grant_invite::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .filter(grant_invite::Column::TenantId.eq(tenant.0))
        .filter(grant_invite::Column::PatientId.eq(patient.0))
        .filter(grant_invite::Column::MadeBy.eq(account.0))
        .filter(grant_invite::Column::State.eq("open"))
        .exec(tx)
        .await?;
    Ok(())
}

/// Subject and words of the mail. Neither says who invites: the address may be read by others.
pub(crate) fn invite_mail() -> (&'static str, [&'static str; 3]) {
    (
        "You are invited to help somebody with their visits",
        [
            "Somebody who uses Portico asks you to help them with their visits or records at a clinic.",
            "Sign in with this email address to see who it is and what you would be able to do. Then you can accept or decline.",
            "If you do not know anybody who would ask you, you can ignore this message.",
        ],
    )
}

fn place(row: Uuid) -> Place {
    Place { table: "grant_invite", column: "email", row }
}
