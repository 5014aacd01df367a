//! Clinics in memory. A clinic changes when somebody imports its file, perhaps in another process, so its version is
//! looked at again after a second; commits compare it inside their transaction.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use domain::ids::ClinicId;
use entity::clinic;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Clinic, load};
use crate::{cx::Cx, db::Tx, error::Internal};

const FRESH_MS: i64 = 1000;

#[derive(Default)]
pub struct Clinics {
    known: RwLock<HashMap<Uuid, Known>>,
    slugs: RwLock<HashMap<String, Uuid>>,
}

#[derive(Clone)]
struct Known {
    clinic: Arc<Clinic>,
    looked_at: i64,
}

impl Known {
    fn fresh(&self, now: i64) -> Option<Arc<Clinic>> {
        // A clock that jumped back must not keep an old clinic for ever.
        (self.looked_at..self.looked_at + FRESH_MS).contains(&now).then(|| Arc::clone(&self.clinic))
    }
}

impl Clinics {
    /// By slug or id, when nobody has to be asked for it.
    pub(super) fn fresh(&self, name: &str, now: i64) -> Option<Arc<Clinic>> {
        let id = name.parse().ok().or_else(|| self.slugs.read().ok()?.get(name).copied())?;
        self.known.read().ok()?.get(&id)?.fresh(now)
    }

    /// What is fresh is answered without asking the database.
    pub(super) async fn by_slug(&self, cx: &Cx, slug: &str) -> Result<Option<Arc<Clinic>>, Internal> {
        let id = self.slugs.read().ok().and_then(|s| s.get(slug).copied());
        match id {
            Some(id) => self.by_id(cx, ClinicId(id)).await,
            None => Box::pin(self.read_slug(cx, slug)).await,
        }
    }

    pub(super) async fn by_id(&self, cx: &Cx, id: ClinicId) -> Result<Option<Arc<Clinic>>, Internal> {
        let known = self.known.read().ok().and_then(|k| k.get(&id.0).cloned());
        let now = cx.now_ms();
        match known.as_ref().and_then(|known| known.fresh(now)) {
            Some(clinic) => Ok(Some(clinic)),
            // In a box, because every caller's future would have to have room for reading a clinic.
            None => Box::pin(self.read(cx, id, known, now)).await,
        }
    }

    async fn read_slug(&self, cx: &Cx, slug: &str) -> Result<Option<Arc<Clinic>>, Internal> {
        // Addresses may hold anything, also what Postgres refuses to compare a text with.
        if !slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Ok(None);
        }
        let row = clinic::Entity::find().filter(clinic::Column::Slug.eq(slug)).one(cx.db.read()).await?;
        self.keep(cx, row).await
    }

    async fn read(
        &self,
        cx: &Cx,
        id: ClinicId,
        known: Option<Known>,
        now: i64,
    ) -> Result<Option<Arc<Clinic>>, Internal> {
        if let Some(known) = known
            && version(cx.db.read(), id).await? == Some(known.clinic.version)
        {
            self.remember(&known.clinic, now);
            return Ok(Some(known.clinic));
        }
        let row = clinic::Entity::find_by_id(id.0).one(cx.db.read()).await?;
        self.keep(cx, row).await
    }

    /// As of a transaction: one statement when the clinic is known. Asks the transaction's own connection, because on
    /// Postgres every transaction waiting for a second connection would be a standstill.
    pub(super) async fn in_tx(&self, cx: &Cx, tx: &Tx, id: ClinicId) -> Result<Option<Arc<Clinic>>, Internal> {
        let known = self.known.read().ok().and_then(|k| k.get(&id.0).cloned());
        let current = version_in(tx, id).await?;
        if let Some(known) = known.filter(|k| Some(k.clinic.version) == current) {
            return Ok(Some(known.clinic));
        }
        let Some(row) = clinic::Entity::find_by_id(id.0).one(tx).await? else { return Ok(None) };
        let clinic = Arc::new(load::read(tx, row).await?);
        self.remember(&clinic, cx.now_ms());
        Ok(Some(clinic))
    }

    async fn keep(&self, cx: &Cx, row: Option<clinic::Model>) -> Result<Option<Arc<Clinic>>, Internal> {
        let Some(row) = row else { return Ok(None) };
        let clinic = Arc::new(load::read(cx.db.read(), row).await?);
        self.remember(&clinic, cx.now_ms());
        Ok(Some(clinic))
    }

    fn remember(&self, clinic: &Arc<Clinic>, now: i64) {
        if let Ok(mut known) = self.known.write() {
            known.insert(clinic.id.0, Known { clinic: Arc::clone(clinic), looked_at: now });
        }
        if let Ok(mut slugs) = self.slugs.write() {
            slugs.insert(clinic.profile.slug.clone(), clinic.id.0);
        }
    }

    /// Forgets a clinic, so that the next look reads it anew.
    pub(crate) fn forget(&self, cx: &Cx, id: ClinicId) {
        if let Ok(mut known) = self.known.write() {
            known.remove(&id.0);
        }
        cx.db.calendars().touch(id.0);
    }
}

#[derive(FromQueryResult)]
struct Versioned {
    version: i64,
}

/// The same in a transaction that books by it: who changes the hours waits for it, and it for them, so that no visit comes
/// to stand where nobody looked (booking rule 19). SQLite has one writer.
pub(crate) async fn version_in(tx: &Tx, id: ClinicId) -> Result<Option<i64>, Internal> {
    let mut query = clinic::Entity::find_by_id(id.0).select_only().column(clinic::Column::Version);
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_shared();
    }
    let found: Option<Versioned> = query.into_model().one(tx).await?;
    Ok(found.map(|f| f.version))
}

/// The version of a clinic's configuration, `None` when it is gone.
pub(crate) async fn version(db: &impl ConnectionTrait, id: ClinicId) -> Result<Option<i64>, Internal> {
    let query = clinic::Entity::find_by_id(id.0).select_only().column(clinic::Column::Version);
    let found: Option<Versioned> = query.into_model().one(db).await?;
    Ok(found.map(|f| f.version))
}
