//! Calendars that a clinic keeps elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ids::ResourceId, matching::fold};
use entity::calendar_source;
use interop::calendar_csv::Mapping;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ReconcileError, closings, settling, table};
use crate::{
    audit::{self, Entry},
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::Internal,
    idempotent::{self, Sent},
    keys::{Place, ScopeKeys},
    staff::{
        Permit,
        permission::{ConnectCalendars, Reconcile},
    },
    who::Actor,
};

const MINUTE_MS: i64 = 60_000;

/// How a calendar comes to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An iCalendar address that is fetched.
    Feed,
    /// iCalendar files that staff bring.
    CalendarFile,
    /// Tables (CSV) that staff bring.
    TableFile,
    /// A program that tells the staff API.
    Push,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Feed, Self::CalendarFile, Self::TableFile, Self::Push];

    /// In the database, in forms and in the API. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::CalendarFile => "calendar-file",
            Self::TableFile => "table-file",
            Self::Push => "push",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// How a calendar is read. Sealed, for its address and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Of a feed.
    pub address: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    /// Minutes between two fetches.
    pub every_minutes: i64,
    /// The one whose calendar it is; else each entry says whose time it takes.
    pub resource: Option<ResourceId>,
    /// Which part of an iCalendar entry says so: `location`, `resources`, `categories`, `organizer`, `calendar`.
    pub whose: String,
    /// What names in it mean; `null`: nobody here. Our own names and slugs need no saying.
    pub names: BTreeMap<String, Option<ResourceId>>,
    /// Which column of a table says what.
    pub columns: Option<Mapping>,
    /// Its titles name no patients: colleagues may read them on the board.
    pub titles: bool,
    /// An entry at a visit's time is the visit, also when it says nothing of whom.
    pub time_alone: bool,
    /// How long the clinic has to take a visit over before somebody is asked.
    pub grace_minutes: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: None,
            user: None,
            password: None,
            every_minutes: 10,
            resource: None,
            whose: "location".to_owned(),
            names: BTreeMap::new(),
            columns: None,
            titles: false,
            time_alone: false,
            grace_minutes: 24 * 60,
        }
    }
}

impl Settings {
    /// Whose time a name in the calendar means.
    pub(super) fn resource_of(&self, clinic: &Clinic, name: &str) -> Option<ResourceId> {
        if let Some(resource) = self.resource {
            return Some(resource);
        }
        if let Some(meant) = self.names.get(name) {
            return *meant;
        }
        let folded = fold(name);
        let mut fits = clinic.resources.iter().filter(|one| {
            one.active && (one.plan.slug == name || one.id.to_string() == name || fold(&one.plan.name) == folded)
        });
        // A name that two have means neither.
        fits.next().filter(|_| fits.next().is_none()).map(|one| one.id)
    }

    /// Names of whom somebody said that nobody here is called so.
    pub(super) fn nobody(&self) -> BTreeSet<String> {
        self.names.iter().filter(|(_, meant)| meant.is_none()).map(|(name, _)| name.clone()).collect()
    }

    /// Whose visits should be in it.
    pub(super) fn covers(&self, clinic: &Clinic) -> Vec<ResourceId> {
        match self.resource {
            Some(resource) => vec![resource],
            None => clinic.practitioners().map(|one| one.id).collect(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Source {
    pub id: Uuid,
    pub name: String,
    pub kind: Kind,
    pub settings: Settings,
    /// As of when the newest read that was taken over told.
    pub as_of: Option<Timestamp>,
    /// When a complete read was taken over last.
    pub read_at: Option<Timestamp>,
    /// Why fetching fails, as a code, and how often in a row it did.
    pub trouble: Option<String>,
    pub failures: i64,
    /// When a feed is fetched next; what is past is being done.
    pub next_at: Option<Timestamp>,
    /// Pairs that agree.
    pub matched: i64,
    pub version: i64,
}

impl Source {
    /// When a feed was fetched last, well or not; `None` while it is being fetched, and before it ever was.
    pub fn tried_at(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.next_at.filter(|next| *next > now)?;
        let since = next_ms(0, self.settings.every_minutes, self.failures);
        Timestamp::from_millisecond(next.as_millisecond() - since).ok()
    }
}

/// The clinic's calendars, by name.
pub async fn sources(cx: &Cx, permit: &Permit<Reconcile>) -> Result<Vec<Source>, ReconcileError> {
    whole(permit)?;
    let keys = cx.keys.scope(cx.db.read(), permit.clinic.tenant.0).await?;
    let mut found = Vec::new();
    for row in rows(cx.db.read(), &permit.clinic).await? {
        found.push(open(&keys, &row)?);
    }
    found.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(found)
}

/// How many of them cannot be read, or were not taken over: somebody has to look.
pub async fn troubled_count(cx: &Cx, permit: &Permit<Reconcile>) -> Result<u64, ReconcileError> {
    whole(permit)?;
    Ok(calendar_source::Entity::find()
        .filter(calendar_source::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(calendar_source::Column::ClinicId.eq(permit.clinic.id.0))
        .filter(calendar_source::Column::RemovedAt.is_null())
        .filter(calendar_source::Column::Trouble.is_not_null())
        .count(cx.db.read())
        .await?)
}

pub async fn source(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid) -> Result<Source, ReconcileError> {
    whole(permit)?;
    let row = find(cx.db.read(), &permit.clinic, id).await?;
    let keys = cx.keys.scope(cx.db.read(), permit.clinic.tenant.0).await?;
    Ok(open(&keys, &row)?)
}

/// Begins to read a calendar. Answers its id; sent again, the same one.
pub async fn make(
    cx: &Cx,
    permit: &Permit<ConnectCalendars>,
    name: &str,
    (kind, settings): (Kind, &Settings),
    sent: Option<&Sent>,
) -> Result<Uuid, ReconcileError> {
    whole(permit)?;
    let id = cx.id();
    let caller = idempotent::caller(Some("calendar"), permit.actor);
    let (tenant, caller) = (permit.clinic.tenant, caller.as_str());
    cx.db
        .write(|tx| async move {
            let (clinic, now) = (&permit.clinic, cx.now_ms());
            if let Some(Sent { key, body }) = sent
                && let Some(made) = idempotent::answered(cx, &tx, (tenant, caller), (key, body)).await?
            {
                return Ok(made);
            }
            let row = calendar_source::ActiveModel {
                id: Set(id),
                tenant_id: Set(clinic.tenant.0),
                clinic_id: Set(clinic.id.0),
                name: Set(name.to_owned()),
                kind: Set(kind.as_str().to_owned()),
                settings: Set(seal(cx, &tx, clinic, id, settings).await?),
                made_at: Set(now),
                removed_at: Set(None),
                as_of: Set(None),
                hash: Set(None),
                read_at: Set(None),
                read_until: Set(None),
                etag: Set(None),
                next_at: Set((kind == Kind::Feed).then_some(now)),
                failures: Set(0),
                trouble: Set(None),
                pulse: Set(None),
                matched: Set(0),
                turn: Set(0),
                version: Set(1),
            };
            calendar_source::Entity::insert(row).exec_without_returning(&tx).await?;
            audited(cx, &tx, clinic, permit.actor, "calendar_source.make", id).await?;
            if let Some(Sent { key, body }) = sent {
                idempotent::remember(cx, &tx, (tenant, caller), (key, body), &id).await?;
            }
            Ok(id)
        })
        .await
}

/// Changes how it is read, at the version that was seen; a feed is fetched anew at once. What follows comes in the moment
/// after, or by `compare`.
pub async fn change(
    cx: &Cx,
    permit: &Permit<ConnectCalendars>,
    id: Uuid,
    version: i64,
    name: &str,
    settings: &Settings,
) -> Result<(), ReconcileError> {
    whole(permit)?;
    cx.db.write(|tx| async move { change_in(cx, &tx, permit, (id, version), name, settings).await }).await?;
    cx.calendar_bell.ring(permit.clinic.id, id);
    cx.job_bell.ring();
    Ok(())
}

pub(super) async fn change_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ConnectCalendars>,
    (id, version): (Uuid, i64),
    name: &str,
    settings: &Settings,
) -> Result<(), ReconcileError> {
    let clinic = &permit.clinic;
    let row = find(tx, clinic, id).await?;
    let sealed = seal(cx, tx, clinic, id, settings).await?;
    let next = (row.kind == Kind::Feed.as_str()).then(|| cx.now_ms());
    let swapped = calendar_source::Entity::update_many()
        .col_expr(calendar_source::Column::Name, Expr::value(name))
        .col_expr(calendar_source::Column::Settings, Expr::value(sealed))
        .col_expr(calendar_source::Column::NextAt, Expr::value(next))
        // What is the same bytes may mean something else now.
        .col_expr(calendar_source::Column::Hash, Expr::value(None::<Vec<u8>>))
        .col_expr(calendar_source::Column::Etag, Expr::value(None::<String>))
        .col_expr(calendar_source::Column::Pulse, Expr::value(None::<i64>))
        .col_expr(calendar_source::Column::Version, Expr::value(version + 1))
        .filter(calendar_source::Column::Id.eq(id))
        .filter(calendar_source::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if swapped.rows_affected != 1 {
        return Err(ReconcileError::Changed);
    }
    audited(cx, tx, clinic, permit.actor, "calendar_source.change", id).await?;
    settling::rename(cx, tx, clinic, id, settings).await?;
    Ok(())
}

/// Stops reading it. What is closed for it opens; visits stay as they are; its reads and answers are kept. With a version,
/// only if nobody changed it since.
pub async fn remove(
    cx: &Cx,
    permit: &Permit<ConnectCalendars>,
    id: Uuid,
    version: Option<i64>,
) -> Result<(), ReconcileError> {
    whole(permit)?;
    cx.db
        .write(|tx| async move {
            let clinic = &permit.clinic;
            settling::lock(&tx, id).await?;
            let row = find(&tx, clinic, id).await?;
            if version.is_some_and(|version| version != row.version) {
                return Err(ReconcileError::Changed);
            }
            closings::open_some(cx, &tx, clinic, id).await?;
            table::forget(&tx, clinic, id).await?;
            calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::RemovedAt, Expr::value(Some(cx.now_ms())))
                .col_expr(calendar_source::Column::NextAt, Expr::value(None::<i64>))
                .filter(calendar_source::Column::Id.eq(id))
                .exec(&tx)
                .await?;
            audited(cx, &tx, clinic, permit.actor, "calendar_source.remove", id).await?;
            Ok(())
        })
        .await
}

/// Calendars are the whole clinic's: whoever has one schedule alone has none of them.
pub(super) fn whole<P>(permit: &Permit<P>) -> Result<(), ReconcileError>
where
    P: crate::staff::Permission,
{
    if permit.only().is_some() { Err(ReconcileError::Forbidden) } else { Ok(()) }
}

pub(super) async fn rows(db: &impl ConnectionTrait, clinic: &Clinic) -> Result<Vec<calendar_source::Model>, Internal> {
    Ok(calendar_source::Entity::find()
        .filter(calendar_source::Column::TenantId.eq(clinic.tenant.0))
        .filter(calendar_source::Column::ClinicId.eq(clinic.id.0))
        .filter(calendar_source::Column::RemovedAt.is_null())
        .order_by_asc(calendar_source::Column::MadeAt)
        .all(db)
        .await?)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    id: Uuid,
) -> Result<calendar_source::Model, ReconcileError> {
    calendar_source::Entity::find_by_id(id)
        .filter(calendar_source::Column::TenantId.eq(clinic.tenant.0))
        .filter(calendar_source::Column::ClinicId.eq(clinic.id.0))
        .filter(calendar_source::Column::RemovedAt.is_null())
        .one(db)
        .await?
        .ok_or(ReconcileError::NotFound)
}

pub(super) fn open(keys: &ScopeKeys, row: &calendar_source::Model) -> Result<Source, Internal> {
    let at = |ms: Option<i64>| ms.map(Timestamp::from_millisecond).transpose();
    let data = |error: jiff::Error| Internal::Data(error.to_string());
    Ok(Source {
        id: row.id,
        name: row.name.clone(),
        kind: Kind::parse(&row.kind).ok_or_else(|| Internal::Data(format!("kind {}", row.kind)))?,
        settings: serde_json::from_slice(&keys.open(settings_at(row.id), &row.settings)?)?,
        as_of: at(row.as_of).map_err(data)?,
        read_at: at(row.read_at).map_err(data)?,
        trouble: row.trouble.clone(),
        failures: row.failures,
        next_at: at(row.next_at).map_err(data)?,
        matched: row.matched,
        version: row.version,
    })
}

async fn seal(cx: &Cx, tx: &Tx, clinic: &Clinic, id: Uuid, settings: &Settings) -> Result<Vec<u8>, Internal> {
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    keys.seal(cx.rng.as_ref(), settings_at(id), &serde_json::to_vec(settings)?)
}

fn settings_at(id: Uuid) -> Place {
    Place { table: "calendar_source", column: "settings", row: id }
}

pub(super) async fn audited(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    actor: Actor,
    action: &'static str,
    id: Uuid,
) -> Result<(), Internal> {
    let entry =
        Entry { actor, action, entity: "calendar_source", entity_id: Some(id), patient_id: None, outcome: "ok" };
    audit::append(cx, tx, clinic.tenant, entry).await
}

/// When a feed is fetched next: later each time it fails, at most every six hours.
pub(super) fn next_ms(now: i64, every_minutes: i64, failures: i64) -> i64 {
    let doublings = u32::try_from(failures).unwrap_or(0).min(6);
    now + ((every_minutes.max(1) * MINUTE_MS) << doublings).min(6 * 60 * MINUTE_MS).max(every_minutes * MINUTE_MS)
}
