//! What people are asked about two calendars, and what they answer.

use std::sync::Arc;

use domain::{
    booking::{Cell, Purpose},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
    reconcile::{Decision, Entry, Finding, Place, Told, Visit, decide as answer},
    words::{full_name, short_name},
};
use entity::{appointment, calendar_entry, patient, reconcile_item};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{ReconcileError, asking, closings, settling, source, store, visits};
use crate::{
    audit::{self, Entry as Audited},
    booking::{self, Moving, at_desk},
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    staff::{
        Permit,
        permission::{ChangeVisits, Reconcile, SeePatients},
    },
};

/// A question, as it is kept.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: Uuid,
    pub source: Uuid,
    pub finding: Finding,
    /// `open`, `decided` or `passed`.
    pub state: String,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub decision: Option<Decision>,
    pub version: i64,
}

/// A question with what staff need to answer it.
#[derive(Clone, Debug)]
pub struct Card {
    pub item: Item,
    /// The calendar's name.
    pub calendar: String,
    /// Their side, where there is one.
    pub entry: Option<Entry>,
    /// Our side, where there is one.
    pub visit: Option<VisitSide>,
}

/// A visit on a card.
#[derive(Clone, Debug)]
pub struct VisitSide {
    pub id: AppointmentId,
    pub patient: PatientId,
    /// "Kaya, A.", or "Amira Kaya" for whoever may see the patient.
    pub name: String,
    pub service: ServiceId,
    pub start: Timestamp,
    pub booked_at: Timestamp,
    /// By the patient.
    pub online: bool,
}

/// Where a visit could go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub practitioner: ResourceId,
    pub start: Timestamp,
}

/// What somebody answers.
#[derive(Clone, Debug)]
pub struct Answer {
    pub decision: Decision,
    /// Where to, with `Decision::Move`.
    pub to: Option<Suggestion>,
    /// What the patient reads, with `Decision::Cancel`.
    pub message: Option<String>,
}

/// How many questions are open.
pub async fn open_count(cx: &Cx, permit: &Permit<Reconcile>) -> Result<u64, ReconcileError> {
    source::whole(permit)?;
    Ok(of(&permit.clinic, "open").count(cx.db.read()).await?)
}

/// Questions in one state, the oldest first, after the one with this id.
pub async fn items(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    state: &str,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Item>, ReconcileError> {
    source::whole(permit)?;
    let keys = cx.keys.scope(cx.db.read(), permit.clinic.tenant.0).await?;
    let mut asked = of(&permit.clinic, state).order_by_asc(reconcile_item::Column::Id).limit(most);
    if let Some(after) = after {
        asked = asked.filter(reconcile_item::Column::Id.gt(after));
    }
    let mut items = Vec::new();
    for row in asked.all(cx.db.read()).await? {
        items.push(open(asking::finding(&keys, &row)?, &row)?);
    }
    Ok(items)
}

fn of(clinic: &Clinic, state: &str) -> sea_orm::Select<reconcile_item::Entity> {
    reconcile_item::Entity::find()
        .filter(reconcile_item::Column::ClinicId.eq(clinic.id.0))
        .filter(reconcile_item::Column::State.eq(state))
        .filter(reconcile_item::Column::TenantId.eq(clinic.tenant.0))
}

fn open(finding: Finding, row: &reconcile_item::Model) -> Result<Item, Internal> {
    Ok(Item {
        id: row.id,
        source: row.source_id,
        finding,
        state: row.state.clone(),
        opened_at: store::instant(row.opened_at)?,
        closed_at: row.closed_at.map(store::instant).transpose()?,
        decision: row.decision.as_deref().and_then(Decision::parse),
        version: row.version,
    })
}

/// The open questions with both their sides, those about the soonest first. Leaves a trace for each patient.
/// Patients are called by their whole names for whoever may see them.
pub async fn cards(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    sees: Option<&Permit<SeePatients>>,
    most: usize,
) -> Result<Vec<Card>, ReconcileError> {
    let mut open = items(cx, permit, "open", None, 500).await?;
    // What is about no time comes last.
    open.sort_by_key(|item| {
        let start = item.finding.ours().or(item.finding.at()).map(|place| place.start);
        (start.is_none(), start)
    });
    open.truncate(most);
    filled(cx, permit, sees, open).await
}

/// One question with both its sides.
pub async fn card(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid) -> Result<Card, ReconcileError> {
    source::whole(permit)?;
    let row = find(cx.db.read(), &permit.clinic, id).await?;
    let keys = cx.keys.scope(cx.db.read(), permit.clinic.tenant.0).await?;
    let item = open(asking::finding(&keys, &row)?, &row)?;
    filled(cx, permit, None, vec![item]).await?.pop().ok_or(ReconcileError::NotFound)
}

async fn find(
    db: &impl sea_orm::ConnectionTrait,
    clinic: &Clinic,
    id: Uuid,
) -> Result<reconcile_item::Model, ReconcileError> {
    reconcile_item::Entity::find_by_id(id)
        .filter(reconcile_item::Column::TenantId.eq(clinic.tenant.0))
        .filter(reconcile_item::Column::ClinicId.eq(clinic.id.0))
        .one(db)
        .await?
        .ok_or(ReconcileError::NotFound)
}

async fn filled(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    sees: Option<&Permit<SeePatients>>,
    items: Vec<Item>,
) -> Result<Vec<Card>, ReconcileError> {
    let (db, clinic) = (cx.db.read(), &permit.clinic);
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let names = source::rows(db, clinic).await?;
    let entries = calendar_entry::Entity::find()
        .filter(calendar_entry::Column::Id.is_in(items.iter().filter_map(|item| item.finding.entry())))
        .all(db)
        .await?;
    let visits = appointment::Entity::find()
        .filter(appointment::Column::Id.is_in(items.iter().filter_map(|item| item.finding.visit()).map(|id| id.0)))
        .all(db)
        .await?;
    let charts = patient::Entity::find()
        .filter(patient::Column::Id.is_in(visits.iter().map(|visit| visit.patient_id)))
        .all(db)
        .await?;
    let mut seen = Vec::new();
    let mut cards = Vec::with_capacity(items.len());
    for item in items {
        let theirs = entries.iter().find(|row| Some(row.id) == item.finding.entry());
        let entry = theirs.map(|row| store::entry(&keys, row)).transpose()?;
        let ours = visits.iter().find(|row| Some(AppointmentId(row.id)) == item.finding.visit());
        let mut visit = None;
        if let Some(row) = ours.filter(|row| row.clinic_id == clinic.id.0) {
            let chart = charts.iter().find(|chart| chart.id == row.patient_id);
            let (given, family) = chart.map(|chart| charts::names(&keys, chart)).transpose()?.unwrap_or_default();
            let whole = sees.is_some_and(|sees| sees.covers(ResourceId(row.practitioner_id)));
            visit = Some(VisitSide {
                id: AppointmentId(row.id),
                patient: PatientId(row.patient_id),
                name: if whole { full_name(&given, &family) } else { short_name(&given, &family) },
                service: ServiceId(row.service_id),
                start: store::instant(row.start_at)?,
                booked_at: store::instant(row.created_at)?,
                online: row.booked_by.is_some(),
            });
            seen.push((row.id, row.patient_id));
        }
        let calendar = names.iter().find(|row| row.id == item.source).map(|row| row.name.clone()).unwrap_or_default();
        cards.push(Card { item, calendar, entry, visit });
    }
    let trace = seen.into_iter().map(|(visit, patient)| Audited {
        actor: permit.actor,
        action: "reconcile.read",
        entity: "appointment",
        entity_id: Some(visit),
        patient_id: Some(patient),
        outcome: "ok",
    });
    audit::append_all(cx, clinic.tenant, trace.collect()).await?;
    Ok(cards)
}

/// The first free time after where the visit is, with the same person. `None`: there is none in sight.
pub async fn suggestion(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    card: &Card,
) -> Result<Option<Suggestion>, ReconcileError> {
    let clinic = &permit.clinic;
    let (Some(visit), Some(ours)) = (&card.visit, card.item.finding.ours()) else { return Ok(None) };
    let Some(service) = clinic.service_by_id(visit.service) else { return Ok(None) };
    let after = Cell::containing(ours.start.max(cx.now()));
    let next = booking::next_starts(cx, clinic, service, Some(ours.resource), after, Purpose::Staff, 1).await?;
    Ok(next.first().map(|start| Suggestion { practitioner: ours.resource, start: start.start.start() }))
}

/// Does what was answered, and remembers that it was; what follows for other times and questions comes with the comparison
/// that it asks for. An item is answered once, at the version that was seen, and only
/// while it is the case.
pub async fn decide(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    version: i64,
    what: &Answer,
) -> Result<(), ReconcileError> {
    source::whole(permit)?;
    booking::sweep(cx).await?;
    let done = cx.db.write(|tx| async move { decide_in(cx, &tx, permit, id, version, what).await }).await;
    cx.job_bell.ring();
    let outcome = match &done {
        Ok(source) => {
            // Comparing a large calendar takes a second; nobody waits for that.
            cx.calendar_bell.ring(permit.clinic.id, *source);
            return Ok(());
        }
        Err(ReconcileError::Booking(error)) => error.code(),
        Err(ReconcileError::Internal(_)) => return done.map(drop),
        Err(ReconcileError::NotFound) => "not_found",
        Err(_) => "refused",
    };
    audit::append_alone(cx, permit.clinic.tenant, audited(permit, id, None, outcome)).await?;
    done.map(drop)
}

fn audited(permit: &Permit<Reconcile>, id: Uuid, patient_id: Option<Uuid>, outcome: &'static str) -> Audited {
    let entity_id = Some(id);
    Audited {
        actor: permit.actor,
        action: "reconcile.decide",
        entity: "reconcile_item",
        entity_id,
        patient_id,
        outcome,
    }
}

async fn decide_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    version: i64,
    what: &Answer,
) -> Result<Uuid, ReconcileError> {
    let clinic: Arc<Clinic> = clinic::in_tx(cx, tx, permit.clinic.id).await?.ok_or(ReconcileError::NotFound)?;
    let row = find(tx, &clinic, id).await?;
    // Whoever comes second waits here, and then sees what the first one did.
    settling::lock(tx, row.source_id).await?;
    let row = find(tx, &clinic, row.id).await?;
    if row.version != version {
        return Err(ReconcileError::Changed);
    }
    if row.state != "open" {
        return Err(ReconcileError::Passed);
    }
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let finding = asking::finding(&keys, &row)?;
    if !finding.decisions().contains(&what.decision) {
        return Err(ReconcileError::Answer("This question has not that answer."));
    }
    let mut work = settling::begin_one(cx, tx, &clinic, row.source_id, &finding).await?;
    let visit = match finding.visit() {
        Some(id) => visits::one(tx, &clinic, &work.told, id).await?,
        None => None,
    };
    let mut visit = still_so(&finding, visit)?;
    // What is done is done to the visit as it was looked at.
    let seen = match &visit {
        Some(visit) => appointment::Entity::find_by_id(visit.id.0).one(tx).await?,
        None => None,
    };
    let stands = |row: &appointment::Model, seen: &Visit| row.start_at == seen.place.start.as_millisecond();
    if seen.as_ref().zip(visit.as_ref()).is_some_and(|(row, seen)| !stands(row, seen)) {
        return Err(ReconcileError::Passed);
    }
    let seen = seen.map(|row| row.version);
    let key = finding
        .entry()
        .and_then(|id| work.stored.known.iter().find(|(_, one)| one.id == id).map(|(key, _)| key.clone()));
    act(cx, tx, permit, &clinic, &mut work, (&finding, seen), key.as_deref(), what).await?;
    let entry = key.as_ref().and_then(|key| work.stored.known.get_mut(key));
    answer(&finding, what.decision, entry, visit.as_mut(), cx.now());
    if let Some(visit) = &visit {
        let followed = finding.at().filter(|_| what.decision == Decision::Follow);
        let (told, at) = match followed {
            // They have it there.
            Some(at) => (Told::At(at), Some(cx.now())),
            None => (visit.told, visit.told_at),
        };
        let mut told_row =
            work.told.get(&visit.id).cloned().unwrap_or_else(|| store::untold(&clinic, row.source_id, visit.id));
        store::tell(&mut told_row, told, at);
        store::save_told(tx, vec![told_row.clone()]).await?;
        work.told.insert(visit.id, told_row);
    }
    reconcile_item::Entity::update_many()
        .col_expr(reconcile_item::Column::State, Expr::value("decided"))
        .col_expr(reconcile_item::Column::ClosedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(reconcile_item::Column::Decision, Expr::value(Some(what.decision.as_str())))
        .col_expr(reconcile_item::Column::ActorKind, Expr::value(Some(permit.actor.kind)))
        .col_expr(reconcile_item::Column::ActorId, Expr::value(permit.actor.id))
        .col_expr(reconcile_item::Column::Version, Expr::value(row.version + 1))
        .filter(reconcile_item::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    let patient = match finding.visit() {
        Some(visit) => appointment::Entity::find_by_id(visit.0).one(tx).await?.map(|row| row.patient_id),
        None => None,
    };
    audit::append(cx, tx, clinic.tenant, audited(permit, id, patient, "ok")).await?;
    settling::finish(cx, tx, &work).await?;
    Ok(row.source_id)
}

/// The visit, when it stands as the question says.
fn still_so(finding: &Finding, visit: Option<Visit>) -> Result<Option<Visit>, ReconcileError> {
    let Some(visit) = visit else { return Err(ReconcileError::Passed) };
    let live = !matches!(finding, Finding::CancelledHere { .. });
    if visit.live != live || finding.ours().is_some_and(|ours| ours != visit.place) {
        return Err(ReconcileError::Passed);
    }
    Ok(Some(visit))
}

/// What an answer does to the visit.
#[expect(clippy::too_many_arguments, reason = "a transaction, a question and its answer")]
async fn act(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<Reconcile>,
    clinic: &Clinic,
    work: &mut settling::Work,
    (finding, version): (&Finding, Option<i64>),
    key: Option<&str>,
    what: &Answer,
) -> Result<(), ReconcileError> {
    let Some(visit) = finding.visit() else { return Ok(()) };
    let may: Permit<ChangeVisits> = permit.lend();
    let to = match (what.decision, what.to, finding.at()) {
        (Decision::Move, Some(to), _) => to,
        (Decision::Move, None, _) => return Err(ReconcileError::Answer("Say where the visit is to go.")),
        (Decision::Follow, _, Some(Place { resource, start, .. })) => Suggestion { practitioner: resource, start },
        (Decision::Cancel, ..) => {
            let message = what.message.as_deref();
            return Ok(at_desk::call_off_in(cx, tx, &may, visit, version, message).await?);
        }
        _ => return Ok(()),
    };
    if let Some(key) = key.filter(|_| what.decision == Decision::Follow) {
        // Their time is closed for their entry, which the visit is.
        closings::open_entry(tx, clinic, work, key).await?;
    }
    let moving = Moving { practitioner: to.practitioner, start: to.start, overriding: None, version };
    at_desk::shift_in(cx, tx, &may, visit, &moving).await?;
    Ok(())
}
