//! Coming to work somewhere: an invitation by mail, or a network's set-up link, which is shown where Portico starts as
//! long as the network has no administrator. Either is used once, by an account that proved the address.

use std::sync::Arc;

use domain::{
    ids::{AccountId, ClinicId, ResourceId, TenantId},
    person::{Email, Name},
    staff::Role,
};
use entity::{staff, staff_invite, tenant};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    Desk, FreshDesk,
    members::{Managed, seal_name},
    sign_on::is_only,
};
use crate::{
    audit::{self, Entry},
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::addresses,
    jobs::{self, Job},
    keys::{INSTALLATION, Place, hash},
    who::{Actor, Patient},
};

const DAY_MS: i64 = 24 * 60 * 60_000;
const LIFE_MS: i64 = 7 * DAY_MS;
/// A set-up link is for whoever is starting Portico now.
const SET_UP_MS: i64 = DAY_MS;
/// Open invitations of a tenant.
const MOST: u64 = 200;

/// Who is to come, as what, and where.
#[derive(Clone, Debug)]
pub struct Appointing {
    pub tenant: TenantId,
    /// `None`: every clinic of the tenant.
    pub clinic: Option<ClinicId>,
    pub role: Role,
    /// Whose schedule will be their own.
    pub practitioner: Option<ResourceId>,
    pub name: Name,
    pub email: Email,
}

/// An invitation that was made.
#[derive(Clone, Debug)]
pub struct Made {
    pub id: Uuid,
    /// Where it leads. Also in the mail.
    pub link: String,
}

/// An invitation, for whoever holds its link and for those who made it.
#[derive(Clone, Debug)]
pub struct OpenStaffInvite {
    pub id: Uuid,
    pub tenant: TenantId,
    /// `None`: for the network.
    pub clinic: Option<ClinicId>,
    /// The name of the clinic, or of the network.
    pub place: String,
    pub role: Role,
    /// Empty in a set-up link.
    pub name: String,
    pub email: Option<String>,
    pub made_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Not one of those whom the one who asks may appoint; or no such invitation.
    #[error("not found")]
    NotFound,
    /// The practitioner works elsewhere, or the role has no schedule or needs one.
    #[error("the practitioner does not fit the role")]
    Practitioner,
    #[error("too many open invitations")]
    TooMany,
    /// The network's people come by its identity provider alone.
    #[error("the network's people come by single sign-on alone; give them the role there")]
    SignOn,
    /// The invitation is for another address.
    #[error("another address")]
    OtherAddress,
    /// The account has this post.
    #[error("known already")]
    Known,
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

/// Invites somebody, who hears of it by mail.
pub async fn appoint(cx: &Cx, desk: FreshDesk<'_>, what: &Appointing) -> Result<Made, InviteError> {
    if !Managed::of(&desk, what.tenant).covers(what.role, what.clinic) {
        return Err(InviteError::NotFound);
    }
    make(cx, desk.actor(), what).await
}

/// The same by whoever works at the machine itself.
pub async fn appoint_from_machine(cx: &Cx, what: &Appointing) -> Result<Made, InviteError> {
    make(cx, Actor::SYSTEM, what).await
}

async fn make(cx: &Cx, actor: Actor, what: &Appointing) -> Result<Made, InviteError> {
    let clinic = match what.clinic {
        Some(id) => clinic::by_id(cx, id).await?.filter(|clinic| clinic.tenant == what.tenant),
        None => None,
    };
    if what.clinic.is_some() && clinic.is_none() {
        return Err(InviteError::NotFound);
    }
    let fits = match what.practitioner {
        None => !what.role.has_schedule(),
        Some(id) => clinic.as_ref().is_some_and(|clinic| clinic.practitioners().any(|known| known.id == id)),
    };
    if !fits {
        return Err(InviteError::Practitioner);
    }
    if is_only(cx.db.read(), what.tenant).await? {
        return Err(InviteError::SignOn);
    }
    let token = cx.token();
    let token_ref = &token;
    let id = cx.db.write(|tx| async move { make_in(cx, &tx, actor, what, token_ref).await }).await?;
    cx.job_bell.ring();
    Ok(Made { id, link: link(cx, &token) })
}

async fn make_in(cx: &Cx, tx: &Tx, actor: Actor, what: &Appointing, token: &str) -> Result<Uuid, InviteError> {
    let installation = cx.keys.scope(tx, INSTALLATION).await?;
    let keys = cx.keys.scope(tx, what.tenant.0).await?;
    let email_key = addresses::key_of(&installation, &what.email);
    // A new invitation to the same address and post takes the place of the old one.
    let same = live(cx, what.tenant)
        .filter(staff_invite::Column::EmailKey.eq(email_key.clone()))
        .filter(staff_invite::Column::Role.eq(what.role.as_str()));
    let same = match what.clinic {
        Some(clinic) => same.filter(staff_invite::Column::ClinicId.eq(clinic.0)),
        None => same.filter(staff_invite::Column::ClinicId.is_null()),
    };
    if end(cx, tx, same).await? {
        audit::append(cx, tx, what.tenant, entry(actor, "staff.invite_replace", what.tenant.0)).await?;
    }
    if live(cx, what.tenant).count(tx).await? >= MOST {
        return Err(InviteError::TooMany);
    }
    let id = cx.id();
    let row = staff_invite::ActiveModel {
        id: Set(id),
        tenant_id: Set(what.tenant.0),
        clinic_id: Set(what.clinic.map(|clinic| clinic.0)),
        practitioner_id: Set(what.practitioner.map(|practitioner| practitioner.0)),
        role: Set(what.role.as_str().to_owned()),
        name: Set(Some(keys.seal(cx.rng.as_ref(), at("name", id), what.name.as_str().as_bytes())?)),
        email: Set(Some(installation.seal(cx.rng.as_ref(), at("email", id), what.email.as_str().as_bytes())?)),
        email_key: Set(Some(email_key)),
        token_hash: Set(hash(token.as_bytes())),
        made_at: Set(cx.now_ms()),
        made_by: Set(actor.id),
        expires_at: Set(cx.now_ms() + LIFE_MS),
        ended_at: Set(None),
    };
    staff_invite::Entity::insert(row).exec_without_returning(tx).await?;
    let job = Job::SendStaffInvite { email: what.email.as_str().to_owned(), link: link(cx, token) };
    jobs::enqueue(cx, tx, &job).await?;
    audit::append(cx, tx, what.tenant, entry(actor, "staff.invite", id)).await?;
    Ok(id)
}

fn link(cx: &Cx, token: &str) -> String {
    format!("{}/staff/join/{token}", cx.config.public_url.trim_end_matches('/'))
}

/// Open invitations to whom somebody manages.
pub async fn open_invites(cx: &Cx, desk: &Desk, tenant: TenantId) -> Result<Vec<OpenStaffInvite>, Internal> {
    let managed = Managed::of(desk, tenant);
    let mut all = all_open(cx, tenant).await?;
    all.retain(|invite| managed.covers(invite.role, invite.clinic));
    Ok(all)
}

/// Everybody of a tenant who was invited and did not come yet, for whoever works at the machine itself.
pub async fn all_open(cx: &Cx, tenant: TenantId) -> Result<Vec<OpenStaffInvite>, Internal> {
    let mut all = Vec::new();
    for row in live(cx, tenant).order_by_asc(staff_invite::Column::MadeAt).all(cx.db.read()).await? {
        all.push(told(cx, row).await?);
    }
    // A set-up link is nobody's.
    all.retain(|invite| invite.email.is_some());
    Ok(all)
}

/// Takes an open invitation back. `false` when there is no such one for `desk`.
pub async fn withdraw(cx: &Cx, desk: &Desk, id: Uuid) -> Result<bool, Internal> {
    let Some(row) = staff_invite::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(false) };
    let tenant = TenantId(row.tenant_id);
    let clinic = row.clinic_id.map(ClinicId);
    let invite = told(cx, row).await?;
    if !Managed::of(desk, tenant).covers(invite.role, clinic) {
        return Ok(false);
    }
    end_alone(cx, tenant, id, desk.actor()).await
}

/// The same, by whoever works at the machine itself.
pub async fn withdraw_from_machine(cx: &Cx, id: Uuid) -> Result<bool, Internal> {
    match staff_invite::Entity::find_by_id(id).one(cx.db.read()).await? {
        Some(row) => end_alone(cx, TenantId(row.tenant_id), id, Actor::SYSTEM).await,
        None => Ok(false),
    }
}

async fn end_alone(cx: &Cx, tenant: TenantId, id: Uuid, actor: Actor) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let ended = end(cx, &tx, live(cx, tenant).filter(staff_invite::Column::Id.eq(id))).await?;
            if ended {
                audit::append(cx, &tx, tenant, entry(actor, "staff.invite_withdraw", id)).await?;
            }
            Ok::<_, Internal>(ended)
        })
        .await
}

/// The invitation that a link leads to. `None` for wrong, used and old links alike.
pub async fn opened(cx: &Cx, token: &str) -> Result<Option<OpenStaffInvite>, Internal> {
    match by_token(cx, token).one(cx.db.read()).await? {
        Some(row) => told(cx, row).await.map(Some),
        None => Ok(None),
    }
}

/// Takes the post. A set-up link asks for the name.
pub async fn accept(cx: &Cx, who: &Patient, token: &str, name: Option<&Name>) -> Result<(), InviteError> {
    cx.db.write(|tx| async move { accept_in(cx, &tx, who.account, token, name).await }).await
}

async fn accept_in(cx: &Cx, tx: &Tx, account: AccountId, token: &str, name: Option<&Name>) -> Result<(), InviteError> {
    let row = by_token(cx, token).one(tx).await?.ok_or(InviteError::NotFound)?;
    let tenant = TenantId(row.tenant_id);
    // A set-up link is for a network that has nobody yet.
    if row.email_key.is_none() && has_admin(tx, tenant).await? {
        return Err(InviteError::NotFound);
    }
    if let Some(email_key) = &row.email_key {
        let installation = cx.keys.scope(tx, INSTALLATION).await?;
        let own = addresses::of_account(cx, tx, account).await?;
        let proved = own.iter().filter_map(|address| Email::parse(&address.email).ok());
        if !proved.into_iter().any(|email| addresses::key_of(&installation, &email) == *email_key) {
            return Err(InviteError::OtherAddress);
        }
    }
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let invited = row.name.as_ref().map(|name| keys.open_text(at("name", row.id), name)).transpose()?;
    let name = name.map(|name| name.as_str().to_owned()).or(invited).ok_or(InviteError::NotFound)?;
    if !end(cx, tx, by_token(cx, token)).await? {
        return Err(InviteError::NotFound);
    }
    let known = staff::Entity::find()
        .filter(staff::Column::AccountId.eq(account.0))
        .filter(staff::Column::TenantId.eq(tenant.0))
        .filter(staff::Column::Role.eq(row.role.clone()))
        .filter(staff::Column::DisabledAt.is_null())
        .all(tx)
        .await?;
    if known.iter().any(|post| post.clinic_id == row.clinic_id && post.practitioner_id == row.practitioner_id) {
        return Err(InviteError::Known);
    }
    let id = cx.id();
    let post = staff::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant.0),
        account_id: Set(account.0),
        clinic_id: Set(row.clinic_id),
        practitioner_id: Set(row.practitioner_id),
        role: Set(row.role),
        name: Set(seal_name(cx, &keys, id, &name)?),
        made_at: Set(cx.now_ms()),
        made_by: Set(row.made_by),
        disabled_at: Set(None),
        claimed_at: Set(None),
        withdrawn_at: Set(None),
    };
    staff::Entity::insert(post).exec_without_returning(tx).await?;
    let actor = Actor { kind: "staff", id: Some(account.0) };
    Ok(audit::append(cx, tx, tenant, Entry { entity: "staff", ..entry(actor, "staff.join", id) }).await?)
}

/// For each network without an administrator a new link with which somebody becomes it, the old ones being void: the
/// network's name and the link.
pub async fn set_up_links(cx: &Cx) -> Result<Vec<(String, String)>, Internal> {
    let tenants = tenant::Entity::find().order_by_asc(tenant::Column::Name).all(cx.db.read()).await?;
    let mut links = Vec::new();
    for row in tenants {
        let token = cx.token();
        let (tenant, token_ref) = (TenantId(row.id), &token);
        if cx.db.write(|tx| async move { set_up_in(cx, &tx, tenant, token_ref).await }).await? {
            links.push((row.name, link(cx, &token)));
        }
    }
    Ok(links)
}

/// Whether there is somebody who may appoint everybody, in the whole network.
async fn has_admin(tx: &Tx, tenant: TenantId) -> Result<bool, Internal> {
    let managing = Role::ALL.into_iter().filter(|role| role.may_appoint(Role::Admin)).map(Role::as_str);
    let admins = staff::Entity::find()
        .filter(staff::Column::TenantId.eq(tenant.0))
        .filter(staff::Column::Role.is_in(managing))
        .filter(staff::Column::ClinicId.is_null())
        .filter(staff::Column::DisabledAt.is_null());
    Ok(admins.count(tx).await? > 0)
}

async fn set_up_in(cx: &Cx, tx: &Tx, tenant: TenantId, token: &str) -> Result<bool, Internal> {
    end(cx, tx, live(cx, tenant).filter(staff_invite::Column::Email.is_null())).await?;
    if has_admin(tx, tenant).await? {
        return Ok(false);
    }
    let id = cx.id();
    let row = staff_invite::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant.0),
        clinic_id: Set(None),
        practitioner_id: Set(None),
        role: Set(Role::Admin.as_str().to_owned()),
        name: Set(None),
        email: Set(None),
        email_key: Set(None),
        token_hash: Set(hash(token.as_bytes())),
        made_at: Set(cx.now_ms()),
        made_by: Set(None),
        expires_at: Set(cx.now_ms() + SET_UP_MS),
        ended_at: Set(None),
    };
    staff_invite::Entity::insert(row).exec_without_returning(tx).await?;
    audit::append(cx, tx, tenant, entry(Actor::SYSTEM, "staff.set_up", id)).await?;
    Ok(true)
}

async fn told(cx: &Cx, row: staff_invite::Model) -> Result<OpenStaffInvite, Internal> {
    let db = cx.db.read();
    let tenant = TenantId(row.tenant_id);
    let clinic: Option<Arc<Clinic>> = match row.clinic_id {
        Some(id) => clinic::by_id(cx, ClinicId(id)).await?,
        None => None,
    };
    let place = match clinic {
        Some(clinic) => clinic.profile.name.clone(),
        None => tenant::Entity::find_by_id(tenant.0).one(db).await?.map(|tenant| tenant.name).unwrap_or_default(),
    };
    let keys = cx.keys.scope(db, tenant.0).await?;
    let installation = cx.installation_keys().await?;
    let name = row.name.as_ref().map(|name| keys.open_text(at("name", row.id), name)).transpose()?;
    let email = row.email.as_ref().map(|email| installation.open_text(at("email", row.id), email)).transpose()?;
    Ok(OpenStaffInvite {
        id: row.id,
        tenant,
        clinic: row.clinic_id.map(ClinicId),
        place,
        role: row.role.parse().map_err(|e: domain::staff::UnknownRole| Internal::Data(e.to_string()))?,
        name: name.unwrap_or_default(),
        email,
        made_at: Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?,
    })
}

fn in_time(cx: &Cx) -> Select<staff_invite::Entity> {
    staff_invite::Entity::find()
        .filter(staff_invite::Column::EndedAt.is_null())
        .filter(staff_invite::Column::ExpiresAt.gt(cx.now_ms()))
}

fn live(cx: &Cx, tenant: TenantId) -> Select<staff_invite::Entity> {
    in_time(cx).filter(staff_invite::Column::TenantId.eq(tenant.0))
}

fn by_token(cx: &Cx, token: &str) -> Select<staff_invite::Entity> {
    in_time(cx).filter(staff_invite::Column::TokenHash.eq(hash(token.as_bytes())))
}

/// Ends those of a selection that are open. `false` when there was none.
async fn end(cx: &Cx, tx: &Tx, which: Select<staff_invite::Entity>) -> Result<bool, Internal> {
    let ids: Vec<Uuid> = which.all(tx).await?.into_iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(false);
    }
    let ended = staff_invite::Entity::update_many()
        .col_expr(staff_invite::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .filter(staff_invite::Column::Id.is_in(ids))
        .filter(staff_invite::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected > 0)
}

/// Subject and words of the mail.
pub(crate) fn invite_mail() -> (&'static str, [&'static str; 3]) {
    (
        "You are invited to work with Portico",
        [
            "A clinic that uses Portico invites you as one of its people.",
            "Open the link to see which one, and as what. It works once, within seven days. You will need this email address, \
             and a passkey or an authenticator app.",
            "If you do not know why you get this, you can ignore it.",
        ],
    )
}

fn entry(actor: Actor, action: &'static str, id: Uuid) -> Entry {
    Entry { actor, action, entity: "staff_invite", entity_id: Some(id), patient_id: None, outcome: "ok" }
}

fn at(column: &'static str, row: Uuid) -> Place {
    Place { table: "staff_invite", column, row }
}
