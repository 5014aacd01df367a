//! Who works where, and taking somebody's post away, at once.

use std::collections::BTreeSet;

use domain::{
    ids::{AccountId, ClinicId, ResourceId, TenantId},
    staff::{Action, Role},
};
use entity::staff;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use uuid::Uuid;

use super::{Desk, FreshDesk, Post};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{addresses, email_of},
    keys::{Place, ScopeKeys},
    who::Actor,
};

/// One of the clinic's people, for those who manage them.
#[derive(Clone, Debug)]
pub struct Member {
    pub post: Post,
    /// Main address of the account.
    pub email: String,
    pub since: Timestamp,
    pub disabled: bool,
    /// The network's identity provider gave the post.
    pub by_provider: bool,
}

pub(super) async fn post(cx: &Cx, db: &impl ConnectionTrait, row: staff::Model) -> Result<Post, Internal> {
    let keys = cx.keys.scope(db, row.tenant_id).await?;
    Ok(Post {
        id: row.id,
        tenant: TenantId(row.tenant_id),
        clinic: row.clinic_id.map(ClinicId),
        role: row.role.parse().map_err(|e: domain::staff::UnknownRole| Internal::Data(e.to_string()))?,
        practitioner: row.practitioner_id.map(ResourceId),
        name: keys.open_text(name_at(row.id), &row.name)?,
    })
}

pub(super) fn name_at(row: Uuid) -> Place {
    Place { table: "staff", column: "name", row }
}

/// Addresses of whoever has one of these roles at a clinic or in its whole network: of the first role of which anybody can be
/// written to. One who came by an identity provider that tells no address cannot.
pub(crate) async fn addresses_of(
    cx: &Cx,
    tx: &Tx,
    (tenant, clinic): (TenantId, ClinicId),
    roles: &[Role],
) -> Result<Vec<String>, Internal> {
    let here = Condition::any().add(staff::Column::ClinicId.is_null()).add(staff::Column::ClinicId.eq(clinic.0));
    let rows = staff::Entity::find()
        .filter(staff::Column::TenantId.eq(tenant.0))
        .filter(staff::Column::DisabledAt.is_null())
        .filter(here)
        .all(tx)
        .await?;
    let with = |role: &Role| -> BTreeSet<Uuid> {
        rows.iter().filter(|row| row.role == role.as_str()).map(|row| row.account_id).collect()
    };
    for accounts in roles.iter().map(with) {
        let mut addresses = Vec::new();
        for account in accounts {
            addresses.push(email_of(cx, tx, AccountId(account)).await?);
        }
        addresses.retain(|address| !address.is_empty());
        if !addresses.is_empty() {
            return Ok(addresses);
        }
    }
    Ok(Vec::new())
}

/// How colleagues read somebody.
pub(crate) fn member_name(keys: &ScopeKeys, row: &staff::Model) -> Result<String, Internal> {
    keys.open_text(name_at(row.id), &row.name)
}

pub(super) fn seal_name(cx: &Cx, keys: &ScopeKeys, row: Uuid, name: &str) -> Result<Vec<u8>, Internal> {
    keys.seal(cx.rng.as_ref(), name_at(row), name.as_bytes())
}

/// The people somebody manages, in the order in which they came. `None`: they manage nobody in this tenant.
pub async fn members(cx: &Cx, desk: &Desk, tenant: TenantId) -> Result<Option<Vec<Member>>, Internal> {
    let managed = Managed::of(desk, tenant);
    if managed.is_empty() {
        return Ok(None);
    }
    let all = everybody(cx, tenant).await?;
    let entry = Entry {
        actor: desk.actor(),
        action: "staff.list",
        entity: "tenant",
        entity_id: Some(tenant.0),
        patient_id: None,
        outcome: "ok",
    };
    audit::append_alone(cx, tenant, entry).await?;
    Ok(Some(all.into_iter().filter(|member| managed.covers(member.post.role, member.post.clinic)).collect()))
}

/// All people of a tenant, for whoever works at the machine itself.
pub async fn everybody(cx: &Cx, tenant: TenantId) -> Result<Vec<Member>, Internal> {
    let db = cx.db.read();
    let rows = staff::Entity::find()
        .filter(staff::Column::TenantId.eq(tenant.0))
        .order_by_asc(staff::Column::MadeAt)
        .order_by_asc(staff::Column::Id)
        .all(db)
        .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let email = email_of(cx, db, AccountId(row.account_id)).await?;
        let since = Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?;
        let (disabled, by_provider) = (row.disabled_at.is_some(), row.claimed_at.is_some());
        all.push(Member { post: post(cx, db, row).await?, email, since, disabled, by_provider });
    }
    Ok(all)
}

/// Whom somebody may appoint and remove.
pub(super) struct Managed(Vec<(Role, Option<ClinicId>)>);

impl Managed {
    pub fn of(desk: &Desk, tenant: TenantId) -> Self {
        Self(desk.reach_in(tenant, Action::ManageStaff).map(|post| (post.role, post.clinic)).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A clinic's manager has no say in the whole network.
    pub fn covers(&self, role: Role, clinic: Option<ClinicId>) -> bool {
        self.0.iter().any(|(own, place)| own.may_appoint(role) && (place.is_none() || *place == clinic))
    }
}

/// Takes a post away. `false` when there is no such one among those whom `desk` manages. Their desk closes at once.
pub async fn disable(cx: &Cx, desk: FreshDesk<'_>, id: Uuid) -> Result<bool, Internal> {
    let Some(row) = staff::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(false) };
    let post = post(cx, cx.db.read(), row).await?;
    if !Managed::of(&desk, post.tenant).covers(post.role, post.clinic) {
        return Ok(false);
    }
    let actor = desk.actor();
    cx.db.write(|tx| async move { disable_in(cx, &tx, id, actor).await }).await
}

/// The same by whoever works at the machine itself.
pub async fn disable_from_machine(cx: &Cx, id: Uuid) -> Result<bool, Internal> {
    cx.db.write(|tx| async move { disable_in(cx, &tx, id, Actor::SYSTEM).await }).await
}

async fn disable_in(cx: &Cx, tx: &Tx, id: Uuid, actor: Actor) -> Result<bool, Internal> {
    let Some(row) = staff::Entity::find_by_id(id).one(tx).await? else { return Ok(false) };
    let ended = staff::Entity::update_many()
        .col_expr(staff::Column::DisabledAt, Expr::value(Some(cx.now_ms())))
        // Whatever the identity provider claims from now on.
        .col_expr(staff::Column::WithdrawnAt, Expr::value(None::<i64>))
        .filter(staff::Column::Id.eq(id))
        .filter(staff::Column::DisabledAt.is_null().or(staff::Column::WithdrawnAt.is_not_null()))
        .exec(tx)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(false);
    }
    let entry =
        Entry { actor, action: "staff.disable", entity: "staff", entity_id: Some(id), patient_id: None, outcome: "ok" };
    audit::append(cx, tx, TenantId(row.tenant_id), entry).await?;
    let change = crate::jobs::SecurityChange::PostEnded;
    addresses::tell_of(cx, tx, actor, AccountId(row.account_id), id, change).await?;
    Ok(true)
}

/// Lets the identity provider give a post again that a person ended. `false` when there is no such one.
pub async fn enable_from_machine(cx: &Cx, id: Uuid) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let Some(row) = staff::Entity::find_by_id(id).one(&tx).await? else { return Ok::<_, Internal>(false) };
            let opened = staff::Entity::update_many()
                .col_expr(staff::Column::WithdrawnAt, Expr::value(Some(cx.now_ms())))
                .filter(staff::Column::Id.eq(id))
                .filter(staff::Column::ClaimedAt.is_not_null())
                .filter(staff::Column::DisabledAt.is_not_null())
                .filter(staff::Column::WithdrawnAt.is_null())
                .exec(&tx)
                .await?;
            if opened.rows_affected == 0 {
                return Ok(false);
            }
            let (actor, action, entity) = (Actor::SYSTEM, "staff.enable", "staff");
            let entry = Entry { actor, action, entity, entity_id: Some(id), patient_id: None, outcome: "ok" };
            audit::append(cx, &tx, TenantId(row.tenant_id), entry).await?;
            Ok(true)
        })
        .await
}
