//! API keys of a clinic's programs. The key is shown once; the row holds its hash.

use domain::ids::{ApiKeyId, ClinicId, TenantId};
use entity::{api_key, tenant};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{
    clinic,
    cx::Cx,
    error::Internal,
    keys::hash,
    who::{ApiClient, Scope},
};

const PREFIX: &str = "portico_";
/// `used_at` is kept to the minute.
const SEEN_MS: i64 = 60_000;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Clinic,
    /// Every clinic of the clinic's network.
    Network,
}

/// Makes a key and answers it. `None` when there is no such clinic.
pub async fn create(
    cx: &Cx,
    clinic: &str,
    reach: Reach,
    name: &str,
    scopes: &[Scope],
) -> Result<Option<String>, Internal> {
    let Some(clinic) = clinic::by_slug(cx, clinic).await? else { return Ok(None) };
    let (id, secret) = (cx.id(), cx.token());
    let (clinic, secret_ref) = (&clinic, &secret);
    cx.db
        .write(|tx| async move {
            let names: Vec<&str> = scopes.iter().map(|s| s.as_str()).collect();
            let row = api_key::ActiveModel {
                id: Set(id),
                tenant_id: Set(clinic.tenant.0),
                clinic_id: Set((reach == Reach::Clinic).then_some(clinic.id.0)),
                name: Set(name.to_owned()),
                hash: Set(hash(secret_ref.as_bytes())),
                scopes: Set(names.join(" ")),
                created_at: Set(cx.now_ms()),
                used_at: Set(None),
                revoked_at: Set(None),
            };
            api_key::Entity::insert(row).exec_without_returning(&tx).await.map_err(Internal::from)
        })
        .await?;
    Ok(Some(format!("{PREFIX}{}_{secret}", id.simple())))
}

/// The program a key belongs to; `None` for unknown, wrong and revoked keys alike.
pub async fn authenticate(cx: &Cx, key: &str) -> Result<Option<ApiClient>, Internal> {
    let parts = key.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
    let Some((id, secret)) = parts.and_then(|(id, secret)| Some((Uuid::try_parse(id).ok()?, secret))) else {
        return Ok(None);
    };
    let Some(row) = api_key::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(None) };
    if !bool::from(hash(secret.as_bytes()).ct_eq(&row.hash)) || row.revoked_at.is_some() {
        return Ok(None);
    }
    if row.used_at.is_none_or(|at| cx.now_ms() - at > SEEN_MS) {
        cx.db
            .write(|tx| async move {
                api_key::Entity::update_many()
                    .col_expr(api_key::Column::UsedAt, Expr::value(Some(cx.now_ms())))
                    .filter(api_key::Column::Id.eq(id))
                    .exec(&tx)
                    .await
                    .map_err(Internal::from)
            })
            .await?;
    }
    Ok(Some(ApiClient {
        key: ApiKeyId(row.id),
        tenant: TenantId(row.tenant_id),
        clinic: row.clinic_id.map(ClinicId),
        scopes: row.scopes.split_whitespace().filter_map(|s| s.parse().ok()).collect(),
    }))
}

/// Every key of the installation with its tenant's slug, newest last.
pub async fn list(cx: &Cx) -> Result<Vec<(api_key::Model, String)>, Internal> {
    let tenants = tenant::Entity::find().all(cx.db.read()).await?;
    let keys = api_key::Entity::find().order_by_asc(api_key::Column::CreatedAt).all(cx.db.read()).await?;
    let slug = |id| tenants.iter().find(|t| t.id == id).map(|t| t.slug.clone()).unwrap_or_default();
    Ok(keys
        .into_iter()
        .map(|k| {
            let slug = slug(k.tenant_id);
            (k, slug)
        })
        .collect())
}

/// Takes effect with the next request. `false` when there is no such live key.
pub async fn revoke(cx: &Cx, id: Uuid) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let result = api_key::Entity::update_many()
                .col_expr(api_key::Column::RevokedAt, Expr::value(Some(cx.now_ms())))
                .filter(api_key::Column::Id.eq(id))
                .filter(api_key::Column::RevokedAt.is_null())
                .exec(&tx)
                .await
                .map_err(Internal::from)?;
            Ok(result.rows_affected == 1)
        })
        .await
}
