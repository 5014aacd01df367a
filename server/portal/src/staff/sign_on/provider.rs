//! A network's identity provider: written down by whoever works at the machine itself, and shown to those who sign in.

use std::sync::Arc;

use domain::{ids::TenantId, single_sign_on::SingleSignOn};
use entity::{session, single_sign_on, staff, tenant};
use interop::clinic_file::Mistake;
use ports::{RelyingParty, SignOnRequest};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr, sea_query::OnConflict,
};

use crate::{
    audit::{self, Entry},
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::end_session,
    keys,
    who::{Actor, Vouched},
};

/// Networks to choose from, where none was named.
const MOST: usize = 5;

/// A provider with its secret.
pub(super) struct Provider {
    pub tenant: TenantId,
    /// The network's slug.
    pub network: String,
    pub settings: SingleSignOn,
    secret: Option<String>,
}

impl Provider {
    pub async fn of(cx: &Cx, tenant: TenantId) -> Result<Option<Self>, Internal> {
        let db = cx.db.read();
        let Some(row) = single_sign_on::Entity::find_by_id(tenant.0).one(db).await? else { return Ok(None) };
        let network = tenant::Entity::find_by_id(tenant.0).one(db).await?.map(|row| row.slug).unwrap_or_default();
        let keys = cx.keys.scope(db, tenant.0).await?;
        let secret = row.secret.as_ref().map(|sealed| keys.open_text(place(tenant), sealed)).transpose()?;
        Ok(Some(Self { tenant, network, settings: serde_json::from_str(&row.settings)?, secret }))
    }

    pub async fn of_network(cx: &Cx, slug: &str) -> Result<Option<Self>, Internal> {
        let row = tenant::Entity::find().filter(tenant::Column::Slug.eq(slug)).one(cx.db.read()).await?;
        match row {
            Some(row) => Self::of(cx, TenantId(row.id)).await,
            None => Ok(None),
        }
    }

    pub fn party(&self, cx: &Cx) -> RelyingParty {
        RelyingParty {
            issuer: self.settings.issuer.clone(),
            client_id: self.settings.client_id.clone(),
            client_secret: self.secret.clone(),
            hosts: self.settings.hosts.clone(),
            redirect_uri: redirect_uri(cx),
            plain_here: is_here(&cx.config.public_url),
        }
    }
}

/// Where every provider sends browsers back to.
pub fn redirect_uri(cx: &Cx) -> String {
    format!("{}/staff/sign-on/back", cx.config.public_url)
}

/// Portico itself is only reached on this machine.
fn is_here(public_url: &str) -> bool {
    let host = public_url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    matches!(host, Some("localhost" | "127.0.0.1"))
}

/// A way to sign in, for those who choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// "Sign in with Northgate ID".
    pub provider: String,
    pub network: String,
    pub network_slug: String,
    /// There is no other way there.
    pub only: bool,
}

/// The providers to sign in with at a clinic; without a clinic those of all networks, as long as they are few.
pub async fn choices(cx: &Cx, clinic: Option<&str>) -> Result<Vec<Choice>, Internal> {
    let db = cx.db.read();
    let mut rows = single_sign_on::Entity::find();
    if let Some(slug) = clinic {
        let Some(clinic) = clinic::by_slug(cx, slug).await? else { return Ok(Vec::new()) };
        rows = rows.filter(single_sign_on::Column::TenantId.eq(clinic.tenant.0));
    }
    let rows = rows.all(db).await?;
    if rows.is_empty() || rows.len() > MOST {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.tenant_id);
    let networks =
        tenant::Entity::find().filter(tenant::Column::Id.is_in(ids)).order_by_asc(tenant::Column::Name).all(db).await?;
    let mut all = Vec::with_capacity(rows.len());
    for network in networks {
        let Some(row) = rows.iter().find(|row| row.tenant_id == network.id) else { continue };
        let settings: SingleSignOn = serde_json::from_str(&row.settings)?;
        let (provider, only) = (settings.name, settings.only);
        all.push(Choice { provider, network: network.name, network_slug: network.slug, only });
    }
    Ok(all)
}

/// The provider that signed somebody in; `None` when the network has none any more.
pub async fn choice_of(cx: &Cx, vouched: &Vouched) -> Result<Option<Choice>, Internal> {
    let row = tenant::Entity::find_by_id(vouched.tenant.0).one(cx.db.read()).await?;
    let (Some(provider), Some(row)) = (Provider::of(cx, vouched.tenant).await?, row) else { return Ok(None) };
    let (network, only) = (row.name, provider.settings.only);
    Ok(Some(Choice { provider: provider.settings.name, network, network_slug: provider.network, only }))
}

/// What becomes of the client's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    New(String),
    /// As it was, if it is the same client of the same provider; else there is none.
    Keep,
}

/// Why a provider cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Something of the file that does not fit the network.
    #[error("{0}")]
    Mistake(Mistake),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for SettingsError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for SettingsError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Writes a network's provider down. Whoever another one signed in, or the same as another client, is signed out and has
/// no post any more. Answers whether there is a secret.
pub async fn set_provider(
    cx: &Cx,
    clinic: &Arc<Clinic>,
    settings: &SingleSignOn,
    secret: &Secret,
) -> Result<bool, SettingsError> {
    check(cx, clinic, settings).await?;
    let tenant = clinic.tenant;
    cx.db.write(|tx| async move { set_in(cx, &tx, tenant, settings, secret).await }).await
}

async fn check(cx: &Cx, of: &Arc<Clinic>, settings: &SingleSignOn) -> Result<(), SettingsError> {
    if settings.issuer.starts_with("http://") && !is_here(&cx.config.public_url) {
        let wrong = "plain http is for trying out on one machine, and public_url is not there";
        return Err(SettingsError::Mistake(Mistake::new("issuer", wrong, "an address that begins with https://")));
    }
    for (place, rule) in (1..).zip(&settings.roles) {
        let wrong = |field: &str, wrong: String, allowed: &str| {
            SettingsError::Mistake(Mistake::new(format!("roles[{place}].{field}"), wrong, allowed))
        };
        let clinic = match &rule.clinic {
            Some(slug) => {
                let found = clinic::by_slug(cx, slug).await?.filter(|found| found.tenant == of.tenant);
                let none =
                    || wrong("clinic", format!("there is no clinic {slug} in this network"), "a slug of its clinics");
                Some(found.ok_or_else(none)?)
            }
            None => None,
        };
        let role = rule.role.as_str();
        match (rule.role.has_schedule(), &rule.practitioner, clinic) {
            (false, Some(_), _) => {
                let why = format!("a {role} has no schedule of their own");
                return Err(wrong("practitioner", why, "no practitioner"));
            }
            (true, None, _) if settings.practitioner_claim.is_none() => {
                let why = format!("a {role} has a schedule of their own, and nothing says whose");
                return Err(wrong("practitioner", why, "a practitioner's slug here, or a practitioner_claim"));
            }
            (true, _, None) => {
                let why = format!("a {role} has a schedule of their own, which is one clinic's");
                return Err(wrong("clinic", why, "a clinic's slug"));
            }
            (true, Some(slug), Some(clinic)) if clinic.practitioner(slug).is_none() => {
                let why = format!("there is no practitioner {slug} at {}", clinic.profile.slug);
                return Err(wrong("practitioner", why, "a slug of the clinic's practitioners"));
            }
            _ => {}
        }
    }
    Ok(())
}

async fn set_in(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    settings: &SingleSignOn,
    secret: &Secret,
) -> Result<bool, SettingsError> {
    let former = single_sign_on::Entity::find_by_id(tenant.0).one(tx).await?;
    let said = former.as_ref().map(|row| serde_json::from_str::<SingleSignOn>(&row.settings)).transpose();
    let said = said.map_err(Internal::from)?;
    let same =
        said.is_some_and(|was| (was.issuer, was.client_id) == (settings.issuer.clone(), settings.client_id.clone()));
    let sealed = match secret {
        Secret::New(text) => {
            let keys = cx.keys.scope(tx, tenant.0).await?;
            Some(keys.seal(cx.rng.as_ref(), place(tenant), text.as_bytes())?)
        }
        Secret::Keep => former.as_ref().filter(|_| same).and_then(|row| row.secret.clone()),
    };
    let has_secret = sealed.is_some();
    let row = single_sign_on::ActiveModel {
        tenant_id: Set(tenant.0),
        settings: Set(serde_json::to_string(settings).map_err(Internal::from)?),
        secret: Set(sealed),
        only: Set(settings.only),
        version: Set(former.as_ref().map_or(1, |row| row.version + 1)),
        updated_at: Set(cx.now_ms()),
    };
    let replace = OnConflict::column(single_sign_on::Column::TenantId)
        .update_columns([
            single_sign_on::Column::Settings,
            single_sign_on::Column::Secret,
            single_sign_on::Column::Only,
            single_sign_on::Column::Version,
            single_sign_on::Column::UpdatedAt,
        ])
        .to_owned();
    single_sign_on::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    if former.is_some() && !same {
        send_home(cx, tx, tenant).await?;
    }
    audit::append(cx, tx, tenant, entry("sign_on.set", tenant)).await?;
    Ok(has_secret)
}

/// Forgets a network's provider, and signs out whom it signed in. `false` when there is none.
pub async fn remove_provider(cx: &Cx, tenant: TenantId) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let gone = single_sign_on::Entity::delete_by_id(tenant.0).exec(&tx).await?.rows_affected == 1;
            if gone {
                send_home(cx, &tx, tenant).await?;
                audit::append(cx, &tx, tenant, entry("sign_on.remove", tenant)).await?;
            }
            Ok::<_, Internal>(gone)
        })
        .await
}

/// Ends every post that the provider gave, and every session that it signed in.
async fn send_home(cx: &Cx, tx: &Tx, tenant: TenantId) -> Result<(), Internal> {
    let sessions = session::Entity::find().filter(session::Column::ProviderTenantId.eq(tenant.0)).all(tx).await?;
    for row in sessions {
        end_session(tx, domain::ids::SessionId(row.id)).await?;
    }
    staff::Entity::update_many()
        .col_expr(staff::Column::DisabledAt, Expr::value(Some(cx.now_ms())))
        .col_expr(staff::Column::WithdrawnAt, Expr::value(Some(cx.now_ms())))
        .filter(staff::Column::TenantId.eq(tenant.0))
        .filter(staff::Column::ClaimedAt.is_not_null())
        .filter(staff::Column::DisabledAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// What is written down of a network's provider, and whether with a secret.
pub async fn shown_provider(cx: &Cx, tenant: TenantId) -> Result<Option<(SingleSignOn, bool)>, Internal> {
    Ok(Provider::of(cx, tenant).await?.map(|provider| (provider.settings, provider.secret.is_some())))
}

/// Asks the provider what it says of itself, as a first sign-in would. The error is for whoever works at the machine.
pub async fn try_provider(cx: &Cx, tenant: TenantId) -> Result<Option<Result<(), String>>, Internal> {
    let Some(provider) = Provider::of(cx, tenant).await? else { return Ok(None) };
    let request = SignOnRequest {
        state: cx.token(),
        nonce: cx.token(),
        verifier: cx.token(),
        scopes: provider.settings.scopes.clone(),
        acr: Vec::new(),
        max_age: None,
        again: false,
        now: cx.now(),
    };
    let tried = cx.providers.begin(&provider.party(cx), &request).await;
    Ok(Some(tried.map(drop).map_err(|error| error.to_string())))
}

/// Whether the network's people have no other way.
pub(crate) async fn is_only(db: &impl ConnectionTrait, tenant: TenantId) -> Result<bool, Internal> {
    let row = single_sign_on::Entity::find_by_id(tenant.0).one(db).await?;
    Ok(row.is_some_and(|row| row.only))
}

fn entry(action: &'static str, tenant: TenantId) -> Entry {
    let (entity, entity_id) = ("tenant", Some(tenant.0));
    Entry { actor: Actor::SYSTEM, action, entity, entity_id, patient_id: None, outcome: "ok" }
}

fn place(tenant: TenantId) -> keys::Place {
    keys::Place { table: "single_sign_on", column: "secret", row: tenant.0 }
}
