//! Comparing a calendar with the visits: what follows by itself is done, what the other system has yet to take over is
//! kept, and people are asked the rest.

use std::collections::HashMap;

use domain::{
    ids::{AppointmentId, ClinicId},
    reconcile::{Entry, Finding, Outgoing, Policy, Settled, settle},
};
use entity::{calendar_entry, calendar_source};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    ReconcileError,
    asking::ask,
    closings,
    source::{self, Settings},
    store::{self, AllTold, Stored},
    visits,
};
use crate::{
    booking,
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    schedule,
    staff::{Permit, permission::Reconcile},
};

/// Somebody else may come in between so often; then it is left to the next comparison.
const MOST_MISSED: u32 = 5;

/// What a transaction kept of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    All,
    /// There is more to close than one transaction does.
    Part,
    /// Nothing: somebody else worked on the calendar, or changed the clinic, since it was looked at.
    Missed,
}

/// What a transaction works on.
pub(super) struct Work {
    pub source: calendar_source::Model,
    pub settings: Settings,
    pub told: AllTold,
    pub stored: Stored,
}

impl Work {
    /// What the other system said that it calls a visit is as good as our id in its entry.
    pub(super) async fn name(&self, cx: &Cx, tx: &Tx, clinic: &Clinic, entries: &mut [Entry]) -> Result<(), Internal> {
        let named: HashMap<&[u8], Uuid> =
            self.told.values().filter_map(|row| Some((row.key_index.as_deref()?, row.appointment_id))).collect();
        if named.is_empty() {
            return Ok(());
        }
        let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
        for entry in entries.iter_mut().filter(|entry| entry.visit.is_none()) {
            let index = store::key_index(&keys, self.source.id, &entry.key);
            entry.visit = named.get(index.as_slice()).map(|visit| AppointmentId(*visit));
        }
        Ok(())
    }
}

/// What comparing a calendar with the visits found.
struct Looked {
    /// Of the visits that were looked at.
    pulse: i64,
    settled: Settled,
    /// Of entries that are known otherwise than before.
    rows: Vec<calendar_entry::Model>,
    /// What somebody holds may be free in a few minutes, without anything being changed: then it is looked at again.
    waits: bool,
}

/// Reads what is known of a source, alone: whoever else does waits.
pub(super) async fn begin(cx: &Cx, tx: &Tx, clinic: &Clinic, id: Uuid) -> Result<Work, ReconcileError> {
    lock(tx, id).await?;
    known(cx, tx, clinic, id).await
}

/// Of a source what these entries are about, alone.
pub(super) async fn begin_some(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    id: Uuid,
    entries: &[Entry],
) -> Result<Work, ReconcileError> {
    lock(tx, id).await?;
    let row = source::find(tx, clinic, id).await?;
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let settings = source::open(&keys, &row)?.settings;
    let of = entries.iter().map(|entry| store::key_index(&keys, id, &entry.key)).collect();
    let (told, stored) = store::load_some(tx, &keys, id, of).await?;
    Ok(Work { source: row, settings, told, stored })
}

/// For one question, by whoever holds the lock: the entry and the visit that it is about.
pub(super) async fn begin_one(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    id: Uuid,
    about: &Finding,
) -> Result<Work, ReconcileError> {
    let row = source::find(tx, clinic, id).await?;
    let settings = source::open(&*cx.keys.scope(tx, clinic.tenant.0).await?, &row)?.settings;
    let (told, stored) = store::load_one(cx, tx, clinic, id, about.entry(), about.visit()).await?;
    Ok(Work { source: row, settings, told, stored })
}

/// Keeps what is known now. What follows from it comes with the next comparison.
pub(super) async fn finish(cx: &Cx, tx: &Tx, work: &Work) -> Result<(), ReconcileError> {
    let keys = cx.keys.scope(tx, work.source.tenant_id).await?;
    store::save(tx, &store::changed(cx, &keys, &work.source, &work.stored)?).await?;
    calendar_source::Entity::update_many()
        .col_expr(calendar_source::Column::Pulse, Expr::value(None::<i64>))
        .filter(calendar_source::Column::Id.eq(work.source.id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn known(cx: &Cx, db: &impl ConnectionTrait, clinic: &Clinic, id: Uuid) -> Result<Work, ReconcileError> {
    let row = source::find(db, clinic, id).await?;
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let settings = source::open(&keys, &row)?.settings;
    let told = store::told(db, id).await?;
    let stored = store::load(cx, db, clinic, id, &told).await?;
    Ok(Work { source: row, settings, told, stored })
}

/// Whoever else works on the source waits, and whoever looked at it before knows that somebody did.
pub(super) async fn lock(tx: &Tx, id: Uuid) -> Result<(), Internal> {
    use calendar_source::Column as C;
    calendar_source::Entity::update_many()
        .col_expr(C::Turn, Expr::col(C::Turn).add(1))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Compares a calendar with the visits before somebody looks at it. A large one takes a second.
pub async fn compare(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid) -> Result<(), ReconcileError> {
    super::source::whole(permit)?;
    super::source::find(cx.db.read(), &permit.clinic, id).await?;
    settle_source(cx, permit.clinic.id, id).await
}

/// Compares a source with the visits, until nothing follows any more. Comparing a large calendar takes a second, and
/// nobody who books is to wait for that: it is looked at outside of the transaction that keeps what was found, and looked
/// at anew when somebody else worked on the source meanwhile. Visits may change meanwhile; then the pulse that is kept is
/// an older one, and the source is compared again.
pub(super) async fn settle_source(cx: &Cx, clinic: ClinicId, id: Uuid) -> Result<(), ReconcileError> {
    let mut missed = 0;
    while missed < MOST_MISSED {
        booking::sweep(cx).await?;
        let clinic = clinic::by_id(cx, clinic).await?.ok_or(ReconcileError::NotFound)?;
        let mut work = known(cx, cx.db.read(), &clinic, id).await?;
        let looked = look(cx, cx.db.read(), &clinic, &mut work).await?;
        match keep_if(cx, &clinic, work, looked).await? {
            Kept::All => return Ok(()),
            Kept::Part => missed = 0,
            Kept::Missed => missed += 1,
        }
    }
    Ok(())
}

async fn look(cx: &Cx, db: &impl ConnectionTrait, clinic: &Clinic, work: &mut Work) -> Result<Looked, ReconcileError> {
    let pulse = schedule::pulse_of(db, clinic).await?;
    let own = closings::own_blocks(db, &work.stored).await?;
    let mut calendar = visits::ahead(cx, db, clinic, &work.told, &own).await?;
    let policy = policy(clinic, work)?;
    let now = cx.now();
    // Opening every patient's record takes long, and it matters of few whom a visit is for.
    let settled = loop {
        let mut known = work.stored.known.clone();
        let settled = settle(&mut known, &calendar.visits, &calendar.taken, &policy, now);
        if settled.unsaid.is_empty() {
            work.stored.known = known;
            break settled;
        }
        calendar.say(cx, db, clinic, &settled.unsaid).await?;
    };
    let holds = &calendar.holds;
    let mut waits = work.stored.known.values().filter(|one| one.is_busy()).filter_map(|one| one.place());
    let waits = !holds.is_empty() && waits.any(|at| holds.iter().any(|hold| hold.overlaps(&at)));
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let rows = store::changed(cx, &keys, &work.source, &work.stored)?;
    Ok(Looked { pulse, settled, rows, waits })
}

async fn keep_if(cx: &Cx, clinic: &Clinic, work: Work, looked: Looked) -> Result<Kept, ReconcileError> {
    let mut seen = Some((work, looked));
    cx.db
        .write(|tx| {
            let seen = seen.take();
            async move {
                // A transaction that is tried again: somebody else's came first.
                let Some((mut work, looked)) = seen else { return Ok(Kept::Missed) };
                let id = work.source.id;
                let current = clinic::in_tx(cx, &tx, clinic.id).await?;
                lock(&tx, id).await?;
                let alone = source::find(&tx, clinic, id).await?.turn == work.source.turn + 1;
                if !alone || current.is_none_or(|current| current.version != clinic.version) {
                    return Ok(Kept::Missed);
                }
                keep(cx, &tx, clinic, &mut work, &looked).await
            }
        })
        .await
}

async fn keep(cx: &Cx, tx: &Tx, clinic: &Clinic, work: &mut Work, looked: &Looked) -> Result<Kept, ReconcileError> {
    let settled = &looked.settled;
    let closed = closings::close(cx, tx, clinic, work, &settled.closings).await?;
    store::save(tx, &looked.rows).await?;
    due(tx, clinic, work, &settled.outgoing).await?;
    ask(cx, tx, clinic, work, settled).await?;
    let matched = i64::try_from(settled.matched).unwrap_or(i64::MAX);
    let again = closed.more || closed.in_the_way || looked.waits;
    let seen = if again { None } else { Some(looked.pulse) };
    calendar_source::Entity::update_many()
        .col_expr(calendar_source::Column::Matched, Expr::value(matched))
        .col_expr(calendar_source::Column::Pulse, Expr::value(seen))
        .filter(calendar_source::Column::Id.eq(work.source.id))
        .exec(tx)
        .await?;
    Ok(if closed.more { Kept::Part } else { Kept::All })
}

fn policy(clinic: &Clinic, work: &Work) -> Result<Policy, Internal> {
    Ok(Policy {
        time_alone: work.settings.time_alone,
        grace_minutes: work.settings.grace_minutes,
        covers: work.settings.covers(clinic),
        read_at: work.source.read_at.map(store::instant).transpose()?,
        read_until: work.source.read_until.map(store::instant).transpose()?,
        nobody: work.settings.nobody(),
        zone: clinic.zone.clone(),
    })
}

/// Forgets what was over long ago. For the timetable.
pub async fn tidy(cx: &Cx) -> Result<(), Internal> {
    let sources = calendar_source::Entity::find().all(cx.db.read()).await?;
    for source in sources {
        store::forget_old(cx, source.id).await?;
    }
    Ok(())
}

/// Names mean something else than before.
pub(super) async fn rename(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    id: Uuid,
    settings: &Settings,
) -> Result<(), ReconcileError> {
    let mut work = begin(cx, tx, clinic, id).await?;
    for one in work.stored.known.values_mut() {
        one.resource = settings.resource_of(clinic, &one.entry.whose);
    }
    finish(cx, tx, &work).await
}

/// Keeps what the other system has yet to take over.
async fn due(tx: &Tx, clinic: &Clinic, work: &mut Work, outgoing: &[Outgoing]) -> Result<(), Internal> {
    let due: HashMap<AppointmentId, &'static str> =
        outgoing.iter().map(|one| (one.visit, one.change.as_str())).collect();
    let mut rows = Vec::new();
    for (visit, word) in &due {
        let there = work.told.get(visit).cloned();
        let mut row = there.unwrap_or_else(|| store::untold(clinic, work.source.id, *visit));
        if row.due.as_deref() != Some(*word) {
            row.due = Some((*word).to_owned());
            work.told.insert(*visit, row.clone());
            rows.push(row);
        }
    }
    for row in
        work.told.values_mut().filter(|row| row.due.is_some() && !due.contains_key(&AppointmentId(row.appointment_id)))
    {
        row.due = None;
        rows.push(row.clone());
    }
    store::save_told(tx, rows).await
}
