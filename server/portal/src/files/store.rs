//! Keeping files, sealed and bound to their row, and giving them out. What is removed is wiped; that it was there stays.

use domain::ids::{PatientId, TenantId};
use entity::stored_file;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{MediaType, Proved, Purpose, prove};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::charts,
    keys::Place,
    patients::{ChartAccess, PatientChart, reach},
    who::{Actor, Patient},
};

/// Files that one account may send in a day.
const MOST_A_DAY: u64 = 20;
const DAY_MS: i64 = 24 * 60 * 60_000;

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The account may not send such a file.
    #[error("not found")]
    NotFound,
    /// It is nothing that is taken; `Purpose::allowed` says what is.
    #[error("not a file that is taken")]
    NotAllowed,
    #[error("too many files today")]
    TooMany,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for FileError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for FileError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// A file without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: Uuid,
    pub purpose: Purpose,
    pub media_type: MediaType,
    /// In bytes.
    pub size: i64,
    pub made_at: Timestamp,
}

/// A file with them.
#[derive(Clone, Debug)]
pub struct Opened {
    pub media_type: MediaType,
    pub body: Vec<u8>,
}

/// A row without its bytes.
#[derive(FromQueryResult)]
struct Head {
    id: Uuid,
    purpose: String,
    media_type: String,
    size: i64,
    made_at: i64,
}

impl Head {
    fn listed(self) -> Result<Listed, Internal> {
        Ok(Listed {
            id: self.id,
            purpose: Purpose::parse(&self.purpose)?,
            media_type: MediaType::parse(&self.media_type)?,
            size: self.size,
            made_at: Timestamp::from_millisecond(self.made_at).map_err(|e| Internal::Data(e.to_string()))?,
        })
    }
}

/// Keeps a photo of the insurance card, instead of one of the same side.
pub async fn add_photo(cx: &Cx, chart: &PatientChart, purpose: Purpose, sent: Vec<u8>) -> Result<(), FileError> {
    if !Purpose::CARD.contains(&purpose) || !purpose.may_see(chart, true) {
        return Err(FileError::NotFound);
    }
    let proved = &prove(sent, purpose).await?;
    cx.db
        .write(|tx| async move {
            // Of two at once, one replaces the other.
            charts::touch(&tx, chart.tenant, &charts::find(cx, &tx, chart.tenant, chart.patient).await?).await?;
            // Drawing it anew took a while: the access may have ended, or the chart become part of another.
            if !chart.still(cx, &tx).await? {
                return Err(FileError::NotFound);
            }
            let put = put(cx, &tx, chart, purpose, proved).await?;
            let former = kept(chart.tenant, chart.patient)
                .filter(stored_file::Column::Purpose.eq(purpose.as_str()))
                .filter(stored_file::Column::Id.ne(put));
            for former in heads(former).all(&tx).await? {
                wipe(cx, &tx, chart, former.id).await?;
            }
            Ok(())
        })
        .await
}

/// Keeps a file in the caller's transaction.
pub(crate) async fn put(
    cx: &Cx,
    tx: &Tx,
    chart: &PatientChart,
    purpose: Purpose,
    proved: &Proved,
) -> Result<Uuid, FileError> {
    tx.wait_for_others(&[chart.who.account.0.as_bytes()]).await?;
    let today = stored_file::Entity::find()
        .filter(stored_file::Column::MadeBy.eq(chart.who.account.0))
        .filter(stored_file::Column::MadeAt.gt(cx.now_ms() - DAY_MS));
    if today.count(tx).await? >= MOST_A_DAY {
        return Err(FileError::TooMany);
    }
    let (id, actor) = (cx.id(), chart.actor());
    let keys = cx.keys.scope(tx, chart.tenant.0).await?;
    let row = stored_file::ActiveModel {
        id: Set(id),
        tenant_id: Set(chart.tenant.0),
        patient_id: Set(chart.patient.0),
        purpose: Set(purpose.as_str().to_owned()),
        media_type: Set(proved.media_type.as_str().to_owned()),
        size: Set(i64::try_from(proved.body.len()).unwrap_or(i64::MAX)),
        body: Set(keys.seal(cx.rng.as_ref(), place(id), &proved.body)?),
        made_at: Set(cx.now_ms()),
        made_by_kind: Set(actor.kind.to_owned()),
        made_by: Set(actor.id),
        removed_at: Set(None),
    };
    stored_file::Entity::insert(row).exec_without_returning(tx).await?;
    audit::append(cx, tx, chart.tenant, entry(actor, "file.put", Some(id), chart.patient)).await?;
    Ok(id)
}

/// Removes a photo of the insurance card. `false` when there is none, or it is not the account's to see.
pub async fn remove_photo(cx: &Cx, chart: &PatientChart, id: Uuid) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let found = kept(chart.tenant, chart.patient).filter(stored_file::Column::Id.eq(id));
            let Some(file) = heads(found).one(&tx).await? else { return Ok::<_, Internal>(false) };
            let purpose = Purpose::parse(&file.purpose)?;
            if !Purpose::CARD.contains(&purpose) || !purpose.may_see(chart, true) {
                return Ok(false);
            }
            wipe(cx, &tx, chart, id).await?;
            Ok(true)
        })
        .await
}

/// Takes a file's bytes away for good.
pub(crate) async fn wipe(cx: &Cx, tx: &Tx, chart: &PatientChart, id: Uuid) -> Result<(), Internal> {
    let wiped = stored_file::Entity::update_many()
        .col_expr(stored_file::Column::Body, Expr::value(Vec::<u8>::new()))
        .col_expr(stored_file::Column::RemovedAt, Expr::value(Some(cx.now_ms())))
        .filter(stored_file::Column::Id.eq(id))
        .filter(stored_file::Column::TenantId.eq(chart.tenant.0))
        .filter(stored_file::Column::PatientId.eq(chart.patient.0))
        .exec(tx)
        .await?;
    if wiped.rows_affected == 0 {
        return Err(Internal::Conflict);
    }
    audit::append(cx, tx, chart.tenant, entry(chart.actor(), "file.remove", Some(id), chart.patient)).await
}

/// Takes the papers of requests away that came to nothing because their grant ended.
pub(crate) async fn wipe_papers(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    papers: &[(Uuid, PatientId)],
) -> Result<(), Internal> {
    for (id, patient) in papers {
        stored_file::Entity::update_many()
            .col_expr(stored_file::Column::Body, Expr::value(Vec::<u8>::new()))
            .col_expr(stored_file::Column::RemovedAt, Expr::value(Some(cx.now_ms())))
            .filter(stored_file::Column::Id.eq(*id))
            .exec(db)
            .await?;
        audit::append(cx, db, tenant, entry(Actor::SYSTEM, "file.remove", Some(*id), *patient)).await?;
    }
    Ok(())
}

/// Photos of the insurance card, by side. Empty for who may not see them.
pub async fn listed(cx: &Cx, chart: &PatientChart) -> Result<Vec<Listed>, Internal> {
    let mut all = Vec::new();
    for purpose in Purpose::CARD.into_iter().filter(|purpose| purpose.may_see(chart, true)) {
        let side = kept(chart.tenant, chart.patient).filter(stored_file::Column::Purpose.eq(purpose.as_str()));
        for head in heads(side).all(cx.db.read()).await? {
            all.push(head.listed()?);
        }
    }
    audit::append_alone(cx, chart.tenant, entry(chart.actor(), "file.list", None, chart.patient)).await?;
    Ok(all)
}

/// A file by its id alone, for whoever reaches its chart and may see what it is for.
pub async fn open(cx: &Cx, who: &Patient, id: Uuid) -> Result<Option<Opened>, Internal> {
    let row =
        stored_file::Entity::find_by_id(id).filter(stored_file::Column::RemovedAt.is_null()).one(cx.db.read()).await?;
    let Some(row) = row else { return Ok(None) };
    let Some(chart) = reach(cx, who, PatientId(row.patient_id)).await? else { return Ok(None) };
    let by_them = row.made_by == Some(who.account.0);
    if chart.tenant.0 != row.tenant_id || !Purpose::parse(&row.purpose)?.may_see(&chart, by_them) {
        return Ok(None);
    }
    opened(cx, &row, chart.actor(), chart.patient).await.map(Some)
}

/// All files of a chart, for its clinic, oldest first.
pub async fn listed_at_clinic(cx: &Cx, chart: &ChartAccess) -> Result<Vec<Listed>, Internal> {
    let rows = heads(kept(chart.by.tenant, chart.patient)).all(cx.db.read()).await?;
    audit::append_alone(cx, chart.by.tenant, entry(chart.by.actor, "file.list", None, chart.patient)).await?;
    rows.into_iter().map(Head::listed).collect()
}

/// One of them.
pub async fn open_at_clinic(cx: &Cx, chart: &ChartAccess, id: Uuid) -> Result<Option<Opened>, Internal> {
    let file = kept(chart.by.tenant, chart.patient).filter(stored_file::Column::Id.eq(id)).one(cx.db.read()).await?;
    match file {
        Some(row) => opened(cx, &row, chart.by.actor, chart.patient).await.map(Some),
        None => Ok(None),
    }
}

/// Each reading leaves a trace.
async fn opened(cx: &Cx, row: &stored_file::Model, by: Actor, patient: PatientId) -> Result<Opened, Internal> {
    let keys = cx.keys.scope(cx.db.read(), row.tenant_id).await?;
    let body = keys.open(place(row.id), &row.body)?;
    let tenant = TenantId(row.tenant_id);
    audit::append_alone(cx, tenant, entry(by, "file.read", Some(row.id), patient)).await?;
    Ok(Opened { media_type: MediaType::parse(&row.media_type)?, body })
}

/// What there is of a chart, oldest first.
fn kept(tenant: TenantId, patient: PatientId) -> Select<stored_file::Entity> {
    stored_file::Entity::find()
        .filter(stored_file::Column::TenantId.eq(tenant.0))
        .filter(stored_file::Column::PatientId.eq(patient.0))
        .filter(stored_file::Column::RemovedAt.is_null())
        .order_by_asc(stored_file::Column::MadeAt)
        .order_by_asc(stored_file::Column::Id)
}

/// Without the bytes, which nobody needs for a list.
fn heads(which: Select<stored_file::Entity>) -> sea_orm::Selector<sea_orm::SelectModel<Head>> {
    use stored_file::Column;
    let columns = [Column::Id, Column::Purpose, Column::MediaType, Column::Size, Column::MadeAt];
    which.select_only().columns(columns).into_model::<Head>()
}

fn entry(actor: Actor, action: &'static str, file: Option<Uuid>, patient: PatientId) -> Entry {
    let patient_id = Some(patient.0);
    Entry { actor, action, entity: "stored_file", entity_id: file, patient_id, outcome: "ok" }
}

fn place(row: Uuid) -> Place {
    Place { table: "stored_file", column: "body", row }
}
