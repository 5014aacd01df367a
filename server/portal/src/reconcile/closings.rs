//! Closing times for entries of a clinic's own calendar, and opening them again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    booking::{Cell, Span},
    reconcile::{Closing, Known, Place},
};
use entity::{block, calendar_closing, reconcile_item};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    ReconcileError,
    settling::Work,
    source,
    store::{self, Stored},
};
use crate::{
    booking::{block as blocks, lanes},
    clinic::{Clinic, Resource},
    cx::Cx,
    db::{AT_ONCE, Tx},
    error::Internal,
    who::Actor,
};

/// So many times are closed in one transaction; bookings wait no longer than for these where a large
/// calendar is read for the first time. Each transaction reads what is known of the calendar anew: with a tenth of this a
/// calendar of 5,000 entries took three times as long as with half of it.
const CLOSINGS: usize = 2000;
/// And so many opened, each of which is several statements.
const OPENINGS: u64 = 500;

/// The blocks that are closed for this source.
pub(super) async fn own_blocks(db: &impl ConnectionTrait, stored: &Stored) -> Result<BTreeSet<Uuid>, Internal> {
    let groups: Vec<Uuid> = stored.closings.values().flatten().map(|row| row.block_group).collect();
    let mut own = BTreeSet::new();
    for some in groups.chunks(AT_ONCE) {
        let rows = block::Entity::find().filter(block::Column::GroupId.is_in(some.iter().copied())).all(db).await?;
        own.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(own)
}

/// What came of closing times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Closed {
    /// There is more to close than one transaction does.
    pub more: bool,
    /// Somebody holds or has one of the times: it is to be looked at again.
    pub in_the_way: bool,
}

/// Closes what is to be closed and opens what is not, as much as one transaction does.
pub(super) async fn close(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    work: &mut Work,
    closings: &[Closing],
) -> Result<Closed, ReconcileError> {
    let ids: HashMap<&str, (Uuid, Option<String>)> =
        work.stored.known.iter().map(|(key, one)| (key.as_str(), (one.id, note(one, work.settings.titles)))).collect();
    // First what opens: it may be in the way of what closes.
    let (mut done, mut in_the_way) = (0, false);
    let mut now_closed: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for closing in closings {
        let Some((entry, _)) = ids.get(closing.key.as_str()) else { continue };
        let wanted: BTreeSet<Place> = closing.times.iter().copied().collect();
        let there = work.stored.closings.entry(*entry).or_default();
        let mut kept = Vec::new();
        for row in std::mem::take(there) {
            if done >= CLOSINGS || wanted.contains(&place_of(&row)?) {
                kept.push(row);
                continue;
            }
            open(tx, clinic, &row).await?;
            done += 1;
        }
        now_closed.insert(closing.key.clone(), kept.iter().map(place_of).collect::<Result<_, _>>()?);
        *there = kept;
    }
    for closing in closings {
        let Some((entry, note)) = ids.get(closing.key.as_str()) else { continue };
        let closed = now_closed.entry(closing.key.clone()).or_default();
        for time in closing.times.iter().filter(|time| !closed.contains(time)).copied().collect::<Vec<_>>() {
            if done >= CLOSINGS {
                break;
            }
            // A resource that the clinic has no more has no time to close.
            let Some(resource) = clinic.resource(time.resource).filter(|one| one.active) else { continue };
            let (Some(start), Some(end)) = (Cell::exact(time.start), Cell::exact(time.end)) else { continue };
            let span = Span::new(start, end);
            let Some(group) = close_one(cx, tx, clinic, (resource, span), note.as_deref()).await? else {
                in_the_way = true;
                continue;
            };
            store::closed(tx, clinic, work.source.id, *entry, group, time).await?;
            closed.push(time);
            done += 1;
        }
        closed.sort_unstable();
    }
    for (key, closed) in now_closed {
        if let Some(one) = work.stored.known.get_mut(&key) {
            one.closed = closed;
        }
    }
    if done > 0 {
        tx.touch(clinic.id.0);
        source::audited(cx, tx, clinic, Actor::SYSTEM, "calendar_source.close_times", work.source.id).await?;
    }
    Ok(Closed { more: done >= CLOSINGS, in_the_way })
}

/// `None`: somebody booked or held it since the times were read.
async fn close_one(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    (resource, span): (&Resource, Span),
    note: Option<&str>,
) -> Result<Option<Uuid>, Internal> {
    let rows = lanes::read(tx, clinic.tenant, &[resource.id], span, true).await?;
    if blocks::first_within(tx, clinic, resource, span).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(blocks::close_in(cx, tx, clinic, resource, (span, note, Actor::SYSTEM), &rows).await?))
}

async fn open(tx: &Tx, clinic: &Clinic, row: &calendar_closing::Model) -> Result<(), Internal> {
    blocks::open_in(tx, clinic.tenant, row.block_group).await?;
    calendar_closing::Entity::delete_by_id(row.block_group).exec(tx).await?;
    Ok(())
}

/// What is closed for a source that nobody reads any more opens, so much of it at once that nobody who books has to wait
/// long. The rest is the timetable's.
pub(super) async fn open_some(cx: &Cx, tx: &Tx, clinic: &Clinic, id: Uuid) -> Result<(), Internal> {
    let rows = of_source(id).limit(OPENINGS).all(tx).await?;
    for row in &rows {
        open(tx, clinic, row).await?;
    }
    reconcile_item::Entity::update_many()
        .col_expr(reconcile_item::Column::State, Expr::value("passed"))
        .col_expr(reconcile_item::Column::ClosedAt, Expr::value(Some(cx.now_ms())))
        .filter(reconcile_item::Column::SourceId.eq(id))
        .filter(reconcile_item::Column::State.eq("open"))
        .exec(tx)
        .await?;
    tx.touch(clinic.id.0);
    Ok(())
}

fn of_source(id: Uuid) -> sea_orm::Select<calendar_closing::Entity> {
    calendar_closing::Entity::find().filter(calendar_closing::Column::SourceId.eq(id))
}

/// What is still closed for a source that was removed opens.
pub(super) async fn open_rest(cx: &Cx, clinic: &Clinic, id: Uuid) -> Result<(), Internal> {
    while of_source(id).one(cx.db.read()).await?.is_some() {
        cx.db.write(|tx| async move { open_some(cx, &tx, clinic, id).await }).await?;
    }
    Ok(())
}

/// Opens what is closed for one entry, for a visit that is about to take its place.
pub(super) async fn open_entry(tx: &Tx, clinic: &Clinic, work: &mut Work, key: &str) -> Result<(), Internal> {
    let Some(one) = work.stored.known.get_mut(key) else { return Ok(()) };
    for row in work.stored.closings.remove(&one.id).unwrap_or_default() {
        open(tx, clinic, &row).await?;
    }
    one.closed.clear();
    Ok(())
}

fn place_of(row: &calendar_closing::Model) -> Result<Place, Internal> {
    let resource = domain::ids::ResourceId(row.resource_id);
    Ok(Place { resource, start: store::instant(row.start_at)?, end: store::instant(row.end_at)? })
}

/// What the board says of a closed time. Clinics write patients' names into titles, so they are shown only where somebody
/// said that this calendar's name nobody.
fn note(one: &Known, titles: bool) -> Option<String> {
    let title = one.entry.title.trim();
    let names_nobody = titles && one.entry.who.is_empty() && !title.is_empty();
    let shown = if names_nobody { title } else { "In the clinic’s calendar" };
    Some(shown.chars().take(200).collect())
}
