//! Posts follow the claims, at every sign-in: what is new is given, what is gone is taken away, and what a person here ended
//! stays ended.

use domain::ids::{AccountId, SessionId, TenantId};
use entity::{account, session, staff};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Place, Provider, claims::Person};
use crate::{
    audit::{self, Entry},
    clinic,
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{forget_typed, sign_in_session},
    keys::{self, INSTALLATION},
    staff::members::seal_name,
    who::Actor,
};

/// Why somebody has nowhere to sit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// The claims give no post.
    Given,
    /// They do, and each was ended here.
    Left,
}

/// Where the claims put somebody. A clinic or practitioner that is gone since the provider was written down gives nothing.
pub(super) async fn places(cx: &Cx, provider: &Provider, person: &Person) -> Result<Vec<Place>, Internal> {
    let mut places = Vec::new();
    for given in provider.settings.posts(&person.values, person.practitioner.as_deref()) {
        let place = match &given.clinic {
            None => Some(Place { role: given.role, clinic: None, practitioner: None }),
            Some(slug) => {
                let clinic = clinic::by_slug(cx, slug).await?.filter(|found| found.tenant == provider.tenant);
                clinic.and_then(|clinic| {
                    let practitioner = match &given.practitioner {
                        Some(slug) => Some(clinic.practitioner(slug)?.id),
                        None => None,
                    };
                    Some(Place { role: given.role, clinic: Some(clinic.id), practitioner })
                })
            }
        };
        match place {
            Some(place) => places.push(place),
            None => {
                tracing::warn!(network = provider.network, role = given.role.as_str(), "a claim names what is not here")
            }
        }
    }
    Ok(places)
}

/// Makes the posts agree with the claims. Answers the account of who has at least one.
pub(super) async fn agree(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    person: &Person,
    places: &[Place],
) -> Result<Result<AccountId, Nothing>, Internal> {
    let known = account_of(cx, tx, tenant, person).await?;
    let account = match known {
        Some(account) => account,
        // Nobody is kept who never had a post.
        None if places.is_empty() => return Ok(Err(Nothing::Given)),
        None => make_account(cx, tx, tenant, person).await?,
    };
    set_email(cx, tx, account, person).await?;
    let rows = staff::Entity::find()
        .filter(staff::Column::AccountId.eq(account.0))
        .filter(staff::Column::TenantId.eq(tenant.0))
        .all(tx)
        .await?;
    let place_of = |row: &staff::Model| {
        let clinic = row.clinic_id.map(domain::ids::ClinicId);
        let practitioner = row.practitioner_id.map(domain::ids::ResourceId);
        row.role.parse().ok().map(|role| Place { role, clinic, practitioner })
    };
    let mut left = 0;
    for row in &rows {
        let said = place_of(row).is_some_and(|place| places.contains(&place));
        match (said, row.disabled_at.is_some(), row.withdrawn_at.is_some()) {
            (true, false, _) => left += usize::from(confirm(cx, tx, row, person).await?),
            (true, true, true) => {
                if confirm(cx, tx, row, person).await? {
                    note(cx, tx, account, tenant, ("staff.join", row.id)).await?;
                    left += 1;
                }
            }
            (false, false, _) => {
                withdraw(cx, tx, row).await?;
                note(cx, tx, account, tenant, ("staff.withdraw", row.id)).await?;
            }
            // A person's word, or over already.
            (true, true, false) | (false, true, _) => {}
        }
    }
    for place in places.iter().filter(|place| !rows.iter().any(|row| place_of(row).as_ref() == Some(*place))) {
        let id = cx.id();
        let tenant_keys = cx.keys.scope(tx, tenant.0).await?;
        let post = staff::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant.0),
            account_id: Set(account.0),
            clinic_id: Set(place.clinic.map(|clinic| clinic.0)),
            practitioner_id: Set(place.practitioner.map(|practitioner| practitioner.0)),
            role: Set(place.role.as_str().to_owned()),
            name: Set(seal_name(cx, &tenant_keys, id, &person.name)?),
            made_at: Set(cx.now_ms()),
            made_by: Set(None),
            disabled_at: Set(None),
            claimed_at: Set(Some(cx.now_ms())),
            withdrawn_at: Set(None),
        };
        staff::Entity::insert(post).exec_without_returning(tx).await?;
        note(cx, tx, account, tenant, ("staff.join", id)).await?;
        left += 1;
    }
    Ok(match (left, places.is_empty()) {
        (0, true) => Err(Nothing::Given),
        (0, false) => Err(Nothing::Left),
        _ => Ok(account),
    })
}

/// The provider says so (again): the post is there, under the name that it says. `false` when a person ended it meanwhile.
async fn confirm(cx: &Cx, tx: &Tx, row: &staff::Model, person: &Person) -> Result<bool, Internal> {
    let keys = cx.keys.scope(tx, row.tenant_id).await?;
    let ended_by_nobody =
        Condition::any().add(staff::Column::DisabledAt.is_null()).add(staff::Column::WithdrawnAt.is_not_null());
    let confirmed = staff::Entity::update_many()
        .col_expr(staff::Column::Name, Expr::value(seal_name(cx, &keys, row.id, &person.name)?))
        .col_expr(staff::Column::ClaimedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(staff::Column::DisabledAt, Expr::value(None::<i64>))
        .col_expr(staff::Column::WithdrawnAt, Expr::value(None::<i64>))
        .filter(staff::Column::Id.eq(row.id))
        .filter(ended_by_nobody)
        .exec(tx)
        .await?;
    Ok(confirmed.rows_affected == 1)
}

async fn withdraw(cx: &Cx, tx: &Tx, row: &staff::Model) -> Result<(), Internal> {
    staff::Entity::update_many()
        .col_expr(staff::Column::DisabledAt, Expr::value(Some(cx.now_ms())))
        .col_expr(staff::Column::WithdrawnAt, Expr::value(Some(cx.now_ms())))
        .filter(staff::Column::Id.eq(row.id))
        .filter(staff::Column::DisabledAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Signs the browser in. Its proof is as old as the provider says, and so is the last sign of somebody at the desk: the
/// provider's own cookie may have answered for whoever sits there, and must not open a desk that had locked.
pub(super) async fn sit_down(
    cx: &Cx,
    tx: &Tx,
    (session, former): (SessionId, Option<AccountId>),
    (tenant, account): (TenantId, AccountId),
    token: &str,
    proved_at: i64,
) -> Result<(), Internal> {
    if former != Some(account) {
        forget_typed(tx, session).await?;
    }
    sign_in_session(cx, tx, session, account, token).await?;
    session::Entity::update_many()
        .col_expr(session::Column::ProviderTenantId, Expr::value(Some(tenant.0)))
        .col_expr(session::Column::ProvedAt, Expr::value(Some(proved_at)))
        .col_expr(session::Column::DeskAt, Expr::value(Some(proved_at)))
        .filter(session::Column::Id.eq(session.0))
        .exec(tx)
        .await?;
    note(cx, tx, account, tenant, ("staff.sign_on", account.0)).await
}

async fn account_of(cx: &Cx, tx: &Tx, tenant: TenantId, person: &Person) -> Result<Option<AccountId>, Internal> {
    let row = account::Entity::find()
        .filter(account::Column::EmailKey.eq(key(cx, tx, tenant, person).await?))
        .one(tx)
        .await?;
    Ok(row.map(|row| AccountId(row.id)))
}

/// Without a row in `account_address`: no address opens it.
async fn make_account(cx: &Cx, tx: &Tx, tenant: TenantId, person: &Person) -> Result<AccountId, Internal> {
    let id = cx.id();
    let installation = cx.keys.scope(tx, INSTALLATION).await?;
    let row = account::ActiveModel {
        id: Set(id),
        email: Set(installation.seal(cx.rng.as_ref(), email_at(id), person.email.as_bytes())?),
        email_key: Set(key(cx, tx, tenant, person).await?),
        created_at: Set(cx.now_ms()),
        signed_in_at: Set(None),
    };
    account::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(AccountId(id))
}

async fn set_email(cx: &Cx, tx: &Tx, account: AccountId, person: &Person) -> Result<(), Internal> {
    let installation = cx.keys.scope(tx, INSTALLATION).await?;
    let sealed = installation.seal(cx.rng.as_ref(), email_at(account.0), person.email.as_bytes())?;
    account::Entity::update_many()
        .col_expr(account::Column::Email, Expr::value(sealed))
        .filter(account::Column::Id.eq(account.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// What an account is found by instead of an address: issuer and subject, in this network alone.
async fn key(cx: &Cx, tx: &Tx, tenant: TenantId, person: &Person) -> Result<Vec<u8>, Internal> {
    let installation = cx.keys.scope(tx, INSTALLATION).await?;
    Ok(installation.index("single-sign-on", &[&tenant.0.to_string(), &person.issuer, &person.subject]))
}

async fn note(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    tenant: TenantId,
    (action, id): (&'static str, uuid::Uuid),
) -> Result<(), Internal> {
    let actor = Actor { kind: "staff", id: Some(account.0) };
    let entry = Entry { actor, action, entity: "staff", entity_id: Some(id), patient_id: None, outcome: "ok" };
    audit::append(cx, tx, tenant, entry).await
}

fn email_at(account: uuid::Uuid) -> keys::Place {
    keys::Place { table: "account", column: "email", row: account }
}
