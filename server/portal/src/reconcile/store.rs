//! What is known of a calendar's entries, and what the other system said of our visits, as rows.

use std::collections::{BTreeMap, HashMap};

use domain::{
    ids::{AppointmentId, ResourceId},
    reconcile::{Entry, Known, Pair, Place, Told},
};
use entity::{appointment, calendar_closing, calendar_entry, calendar_source, calendar_told};
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use crate::{clinic::Clinic, cx::Cx, db::Tx, error::Internal, keys, keys::ScopeKeys};

/// Rows in one statement; an engine takes only so many parameters.
const ROWS: usize = 200;

pub(super) type Entries = BTreeMap<String, Known>;

/// What is known of a source, with what it was when it was read.
pub(super) struct Stored {
    pub known: Entries,
    /// By entry: its row.
    before: HashMap<Uuid, calendar_entry::Model>,
    /// Blocks of each entry's closed times.
    pub closings: HashMap<Uuid, Vec<calendar_closing::Model>>,
}

/// What another system said of a visit, and what it has yet to take over.
pub(super) type AllTold = HashMap<AppointmentId, calendar_told::Model>;

pub(super) async fn load(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    source: Uuid,
    told: &AllTold,
) -> Result<Stored, Internal> {
    let rows = calendar_entry::Entity::find().filter(calendar_entry::Column::SourceId.eq(source)).all(db).await?;
    let closings =
        calendar_closing::Entity::find().filter(calendar_closing::Column::SourceId.eq(source)).all(db).await?;
    stored(&*cx.keys.scope(db, clinic.tenant.0).await?, rows, closings, told)
}

/// One entry and one visit of a source, where each may be missing, with what was told of either.
pub(super) async fn load_one(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    source: Uuid,
    entry: Option<Uuid>,
    visit: Option<AppointmentId>,
) -> Result<(AllTold, Stored), Internal> {
    let row = match entry {
        Some(id) => {
            calendar_entry::Entity::find_by_id(id).filter(calendar_entry::Column::SourceId.eq(source)).one(db).await?
        }
        None => None,
    };
    // One after the other, because each has an index.
    let mut told = AllTold::new();
    let visit = visit.map(|id| calendar_told::Column::AppointmentId.eq(id.0));
    let key = row.as_ref().map(|row| calendar_told::Column::KeyIndex.eq(row.key_index.clone()));
    for about in [visit, key].into_iter().flatten() {
        told.extend(told_where(db, source, Condition::all().add(about)).await?);
    }
    let closings = match &row {
        Some(row) => {
            calendar_closing::Entity::find()
                .filter(calendar_closing::Column::SourceId.eq(source))
                .filter(calendar_closing::Column::EntryId.eq(row.id))
                .all(db)
                .await?
        }
        None => Vec::new(),
    };
    let stored = stored(&*cx.keys.scope(db, clinic.tenant.0).await?, row.into_iter().collect(), closings, &told)?;
    Ok((told, stored))
}

/// The entries of these keys, with what was told of their visits.
pub(super) async fn load_some(
    db: &impl ConnectionTrait,
    keys: &ScopeKeys,
    source: Uuid,
    of: Vec<Vec<u8>>,
) -> Result<(AllTold, Stored), Internal> {
    use calendar_entry::Column as C;
    let (mut rows, mut closings, mut told) = (Vec::new(), Vec::new(), AllTold::new());
    for some in of.chunks(ROWS) {
        let those = Condition::all().add(calendar_told::Column::KeyIndex.is_in(some.to_vec()));
        told.extend(told_where(db, source, those).await?);
        let those =
            calendar_entry::Entity::find().filter(C::SourceId.eq(source)).filter(C::KeyIndex.is_in(some.to_vec()));
        rows.extend(those.all(db).await?);
    }
    for some in rows.chunks(ROWS) {
        let those = calendar_closing::Column::EntryId.is_in(some.iter().map(|row| row.id));
        let of = calendar_closing::Column::SourceId.eq(source);
        closings.extend(calendar_closing::Entity::find().filter(of).filter(those).all(db).await?);
    }
    let stored = stored(keys, rows, closings, &told)?;
    Ok((told, stored))
}

fn stored(
    keys: &ScopeKeys,
    rows: Vec<calendar_entry::Model>,
    all: Vec<calendar_closing::Model>,
    told: &AllTold,
) -> Result<Stored, Internal> {
    let mut closings: HashMap<Uuid, Vec<calendar_closing::Model>> = HashMap::new();
    for row in all {
        closings.entry(row.entry_id).or_default().push(row);
    }
    for those in closings.values_mut() {
        those.sort_by_key(|row| row.start_at);
    }
    // What the other system said that it calls a visit is as good as our id in its entry.
    let named: HashMap<&[u8], AppointmentId> =
        told.values().filter_map(|row| Some((row.key_index.as_deref()?, AppointmentId(row.appointment_id)))).collect();
    let (mut known, mut before) = (BTreeMap::new(), HashMap::new());
    for row in rows {
        let mut entry = entry(keys, &row)?;
        entry.visit = entry.visit.or_else(|| named.get(row.key_index.as_slice()).copied());
        let closed = closings.get(&row.id).map_or(&[][..], Vec::as_slice);
        let one = Known {
            id: row.id,
            resource: row.resource_id.map(ResourceId),
            pair: pair(&row)?,
            not: row.not_visits.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default(),
            absent: u32::try_from(row.absent).unwrap_or_default(),
            kept: row.kept.and_then(|turn| u32::try_from(turn).ok()),
            turns: u32::try_from(row.turns).unwrap_or_default(),
            closed: closed.iter().map(closed_place).collect::<Result<_, _>>()?,
            entry,
        };
        before.insert(row.id, row);
        known.insert(one.entry.key.clone(), one);
    }
    Ok(Stored { known, before, closings })
}

/// Rows of what is new or another than it was.
pub(super) fn changed(
    cx: &Cx,
    keys: &ScopeKeys,
    source: &calendar_source::Model,
    stored: &Stored,
) -> Result<Vec<calendar_entry::Model>, Internal> {
    let mut rows = Vec::new();
    for one in stored.known.values() {
        let json = serde_json::to_vec(&one.entry)?;
        let digest = digest(keys, &json);
        let sealed = match stored.before.get(&one.id).filter(|row| row.digest == digest) {
            Some(row) => row.entry.clone(),
            None => keys.seal(cx.rng.as_ref(), entry_at(one.id), &json)?,
        };
        let agreed = one.pair.and_then(|pair| pair.agreed);
        let row = calendar_entry::Model {
            id: one.id,
            tenant_id: source.tenant_id,
            source_id: source.id,
            key_index: key_index(keys, source.id, &one.entry.key),
            entry: sealed,
            digest,
            resource_id: one.resource.map(|id| id.0),
            end_at: one.entry.end.as_millisecond(),
            appointment_id: one.pair.map(|pair| pair.visit.0),
            agreed_resource_id: agreed.map(|place| place.resource.0),
            agreed_start: agreed.map(|place| place.start.as_millisecond()),
            agreed_end: agreed.map(|place| place.end.as_millisecond()),
            not_visits: if one.not.is_empty() { None } else { Some(serde_json::to_string(&one.not)?) },
            absent: i64::from(one.absent),
            kept: one.kept.map(i64::from),
            turns: i64::from(one.turns),
        };
        if stored.before.get(&one.id) != Some(&row) {
            rows.push(row);
        }
    }
    Ok(rows)
}

pub(super) async fn save(tx: &Tx, rows: &[calendar_entry::Model]) -> Result<(), Internal> {
    use calendar_entry::Column as C;
    let same = OnConflict::column(C::Id)
        .update_columns([
            C::Entry,
            C::Digest,
            C::ResourceId,
            C::EndAt,
            C::AppointmentId,
            C::AgreedResourceId,
            C::AgreedStart,
            C::AgreedEnd,
            C::NotVisits,
            C::Absent,
            C::Kept,
            C::Turns,
        ])
        .to_owned();
    for some in rows.chunks(ROWS) {
        let some = some.iter().map(|row| calendar_entry::ActiveModel::from(row.clone()).reset_all());
        calendar_entry::Entity::insert_many(some).on_conflict(same.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What was over a month ago is of no use any more; reads and answers are kept. What it is, is looked for outside of the
/// transaction: a large clinic's calendar is told of tens of thousands of visits.
pub(super) async fn forget_old(cx: &Cx, source: Uuid) -> Result<(), Internal> {
    const MONTH_MS: i64 = 30 * 24 * 3_600_000;
    let before = cx.now_ms() - MONTH_MS;
    let this = (calendar_told::Entity, calendar_told::Column::AppointmentId);
    let over = Query::select()
        .column(appointment::Column::Id)
        .from(appointment::Entity)
        .and_where(Expr::col((appointment::Entity, appointment::Column::Id)).equals(this))
        .and_where(appointment::Column::EndAt.lt(before))
        .to_owned();
    let told = told_where(cx.db.read(), source, Condition::all().add(Expr::exists(over))).await?;
    let told: Vec<Uuid> = told.into_keys().map(|id| id.0).collect();
    let told = &told;
    cx.db
        .write(|tx| async move {
            calendar_entry::Entity::delete_many()
                .filter(calendar_entry::Column::SourceId.eq(source))
                .filter(calendar_entry::Column::EndAt.lt(before))
                .exec(&tx)
                .await?;
            calendar_closing::Entity::delete_many()
                .filter(calendar_closing::Column::SourceId.eq(source))
                .filter(calendar_closing::Column::EndAt.lt(before))
                .exec(&tx)
                .await?;
            for some in told.chunks(ROWS) {
                calendar_told::Entity::delete_many()
                    .filter(calendar_told::Column::SourceId.eq(source))
                    .filter(calendar_told::Column::AppointmentId.is_in(some.iter().copied()))
                    .exec(&tx)
                    .await?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn told(db: &impl ConnectionTrait, source: Uuid) -> Result<AllTold, Internal> {
    told_where(db, source, Condition::all()).await
}

async fn told_where(db: &impl ConnectionTrait, source: Uuid, of: Condition) -> Result<AllTold, Internal> {
    let rows =
        calendar_told::Entity::find().filter(calendar_told::Column::SourceId.eq(source)).filter(of).all(db).await?;
    Ok(rows.into_iter().map(|row| (AppointmentId(row.appointment_id), row)).collect())
}

pub(super) fn told_of(row: &calendar_told::Model) -> Result<(Told, Option<Timestamp>), Internal> {
    let told = match (row.told.as_str(), row.resource_id, row.start_at, row.end_at) {
        ("at", Some(resource), Some(start), Some(end)) => {
            Told::At(Place { resource: ResourceId(resource), start: instant(start)?, end: instant(end)? })
        }
        ("off", ..) => Told::Off,
        _ => Told::Nothing,
    };
    Ok((told, row.told_at.map(instant).transpose()?))
}

/// Puts rows of what was told in the place of those that were there.
pub(super) async fn save_told(tx: &Tx, rows: Vec<calendar_told::Model>) -> Result<(), Internal> {
    use calendar_told::Column as C;
    let same = OnConflict::columns([C::SourceId, C::AppointmentId])
        .update_columns([C::Told, C::ResourceId, C::StartAt, C::EndAt, C::ToldAt, C::KeyIndex, C::Due])
        .to_owned();
    for some in rows.chunks(ROWS) {
        let some = some.iter().map(|row| calendar_told::ActiveModel::from(row.clone()).reset_all());
        calendar_told::Entity::insert_many(some).on_conflict(same.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// A row that says nothing yet.
pub(super) fn untold(clinic: &Clinic, source: Uuid, visit: AppointmentId) -> calendar_told::Model {
    calendar_told::Model {
        source_id: source,
        appointment_id: visit.0,
        tenant_id: clinic.tenant.0,
        told: "nothing".to_owned(),
        resource_id: None,
        start_at: None,
        end_at: None,
        told_at: None,
        key_index: None,
        due: None,
    }
}

pub(super) fn tell(row: &mut calendar_told::Model, told: Told, at: Option<Timestamp>) {
    let (word, place) = match told {
        Told::Nothing => ("nothing", None),
        Told::At(place) => ("at", Some(place)),
        Told::Off => ("off", None),
    };
    word.clone_into(&mut row.told);
    row.resource_id = place.map(|place| place.resource.0);
    row.start_at = place.map(|place| place.start.as_millisecond());
    row.end_at = place.map(|place| place.end.as_millisecond());
    row.told_at = at.map(Timestamp::as_millisecond);
}

pub(super) fn entry(keys: &ScopeKeys, row: &calendar_entry::Model) -> Result<Entry, Internal> {
    Ok(serde_json::from_slice(&keys.open(entry_at(row.id), &row.entry)?)?)
}

fn pair(row: &calendar_entry::Model) -> Result<Option<Pair>, Internal> {
    let Some(visit) = row.appointment_id else { return Ok(None) };
    let agreed = match (row.agreed_resource_id, row.agreed_start, row.agreed_end) {
        (Some(resource), Some(start), Some(end)) => {
            Some(Place { resource: ResourceId(resource), start: instant(start)?, end: instant(end)? })
        }
        _ => None,
    };
    Ok(Some(Pair { visit: AppointmentId(visit), agreed }))
}

fn closed_place(row: &calendar_closing::Model) -> Result<Place, Internal> {
    Ok(Place { resource: ResourceId(row.resource_id), start: instant(row.start_at)?, end: instant(row.end_at)? })
}

/// A row of a time that is closed.
pub(super) async fn closed(
    tx: &Tx,
    clinic: &Clinic,
    source: Uuid,
    entry: Uuid,
    group: Uuid,
    at: Place,
) -> Result<(), Internal> {
    let row = calendar_closing::ActiveModel {
        block_group: Set(group),
        tenant_id: Set(clinic.tenant.0),
        source_id: Set(source),
        entry_id: Set(entry),
        resource_id: Set(at.resource.0),
        start_at: Set(at.start.as_millisecond()),
        end_at: Set(at.end.as_millisecond()),
    };
    calendar_closing::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub(super) fn instant(ms: i64) -> Result<Timestamp, Internal> {
    Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()))
}

pub(super) fn key_index(keys: &ScopeKeys, source: Uuid, key: &str) -> Vec<u8> {
    keys.index("calendar_entry.key", &[&source.to_string(), key])
}

fn digest(keys: &ScopeKeys, json: &[u8]) -> Vec<u8> {
    keys.index("calendar_entry.entry", &[&data_encoding::HEXLOWER.encode(&keys::hash(json))])
}

fn entry_at(id: Uuid) -> keys::Place {
    keys::Place { table: "calendar_entry", column: "entry", row: id }
}
