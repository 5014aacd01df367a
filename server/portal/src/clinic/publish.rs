//! Every clinic there is, one after another: for files about all of them. Read past the cache, which would grow with them.

use domain::{clinic::Address, ids::ClinicId};
use entity::{clinic, tenant};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Clinic, load};
use crate::{cx::Cx, error::Internal};

/// A clinic in a list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub id: ClinicId,
    pub slug: String,
    /// Of the configuration.
    pub version: i64,
    /// State or region of its address; may be empty.
    pub region: String,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    slug: String,
    version: i64,
    address: String,
}

/// All clinics by slug, or a network's. `None`: there is no such network.
pub async fn sites(cx: &Cx, network: Option<&str>) -> Result<Option<Vec<Site>>, Internal> {
    let db = cx.db.read();
    let mut clinics = clinic::Entity::find();
    if let Some(slug) = network {
        // Addresses may hold anything, also what Postgres refuses to compare a text with.
        if !slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Ok(None);
        }
        let found = tenant::Entity::find().filter(tenant::Column::Slug.eq(slug)).one(db).await?;
        let Some(found) = found else { return Ok(None) };
        clinics = clinics.filter(clinic::Column::TenantId.eq(found.id));
    }
    let rows: Vec<Row> = clinics
        .select_only()
        .columns([clinic::Column::Id, clinic::Column::Slug, clinic::Column::Version, clinic::Column::Address])
        .order_by_asc(clinic::Column::Slug)
        .into_model()
        .all(db)
        .await?;
    let site = |row: Row| {
        let address: Address = serde_json::from_str(&row.address)?;
        Ok(Site { id: ClinicId(row.id), slug: row.slug, version: row.version, region: address.region })
    };
    rows.into_iter().map(site).collect::<Result<_, Internal>>().map(Some)
}

/// A clinic as it is now; `None` when it is gone since it was listed.
pub async fn uncached(cx: &Cx, id: ClinicId) -> Result<Option<Clinic>, Internal> {
    let db = cx.db.read();
    match clinic::Entity::find_by_id(id.0).one(db).await? {
        Some(row) => load::read(db, row).await.map(Some),
        None => Ok(None),
    }
}
