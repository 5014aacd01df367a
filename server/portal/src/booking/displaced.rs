//! Visits that lost their place because the clinic changed (booking rule 19). Each stands until somebody settles it: the
//! patient takes another time, the clinic keeps or cancels it, or it fits again. Nothing is cancelled by itself.

use std::collections::{BTreeSet, HashSet};

use domain::{
    booking::{Purpose, Status},
    ids::{AppointmentId, ClinicId, ServiceId, TenantId},
};
use entity::{appointment, displaced_visit as displaced, hold};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    confirm::still_allowed,
    error::BookingError,
    event,
    held::hold_of,
    lanes,
    stranded::{Extent, Lost, judged},
};
use crate::{
    audit::{self, Entry},
    clinic::Clinic,
    cx::Cx,
    db::AT_ONCE,
    error::Internal,
    jobs::{self, Job, PlaceEvent},
    who::Actor,
};

/// After the clinic changed, in its transaction: every visit that lost its place is somebody's to settle, what fits again
/// is adopted, and times that are kept but no longer right are given back. Answers the newly lost.
pub(crate) async fn follow(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    clinic: &Clinic,
    extent: &Extent,
) -> Result<Vec<Lost>, Internal> {
    let open = all_open(tx, clinic.tenant, clinic.id).await?;
    let judged = judged(cx, tx, clinic, extent).await?;
    for row in &open {
        if judged.fit.contains(&row.appointment_id) {
            adopt(cx, tx, row).await?;
        } else if row.offered_until.is_some() {
            // The times that are kept for a visit may be touched where it is not.
            recheck_offers(cx, tx, clinic, row).await?;
        }
    }
    let known: BTreeSet<Uuid> = open.iter().map(|row| row.appointment_id).collect();
    let new: Vec<Lost> = judged.lost.into_iter().filter(|lost| !known.contains(&lost.visit.id)).collect();
    for lost in &new {
        begin(cx, tx, lost).await?;
    }
    Ok(new)
}

/// Those of a clinic that nobody settled, by visit.
pub(crate) async fn all_open(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    clinic: ClinicId,
) -> Result<Vec<displaced::Model>, Internal> {
    Ok(displaced::Entity::find()
        .filter(displaced::Column::TenantId.eq(tenant.0))
        .filter(displaced::Column::ClinicId.eq(clinic.0))
        .filter(displaced::Column::State.eq("open"))
        .order_by_asc(displaced::Column::AppointmentId)
        .all(db)
        .await?)
}

/// Which visits of a clinic nobody settled: for a board, which shows no more of them.
pub(crate) async fn open_visits(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    clinic: ClinicId,
) -> Result<HashSet<Uuid>, Internal> {
    let rows: Vec<Open> = displaced::Entity::find()
        .select_only()
        .column(displaced::Column::AppointmentId)
        .filter(displaced::Column::TenantId.eq(tenant.0))
        .filter(displaced::Column::ClinicId.eq(clinic.0))
        .filter(displaced::Column::State.eq("open"))
        .into_model()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.appointment_id).collect())
}

#[derive(FromQueryResult)]
struct Open {
    appointment_id: Uuid,
}

/// The visit's, if it waits to be settled.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    visit: Uuid,
) -> Result<Option<displaced::Model>, Internal> {
    let row = displaced::Entity::find_by_id(visit).one(db).await?;
    Ok(row.filter(|row| row.tenant_id == tenant.0 && row.state == "open"))
}

/// Whether the patient was told that the clinic cannot keep the visit's time: then its notice does not bind them.
pub(crate) async fn told(db: &impl ConnectionTrait, tenant: TenantId, visit: Uuid) -> Result<bool, Internal> {
    Ok(open(db, tenant, visit).await?.is_some_and(|row| row.told_at.is_some()))
}

async fn begin(cx: &Cx, tx: &impl ConnectionTrait, lost: &Lost) -> Result<(), Internal> {
    let visit = &lost.visit;
    let before = displaced::Entity::find_by_id(visit.id).one(tx).await?;
    let row = displaced::Model {
        appointment_id: visit.id,
        tenant_id: visit.tenant_id,
        clinic_id: visit.clinic_id,
        reason: lost.reason.code().to_owned(),
        state: "open".to_owned(),
        made_at: cx.now_ms(),
        looked_at: None,
        offered_until: None,
        told_at: None,
        settled_at: None,
        version: before.as_ref().map_or(1, |row| row.version + 1),
    };
    let row = row.into_active_model().reset_all();
    match before {
        Some(_) => {
            row.update(tx).await?;
        }
        None => {
            displaced::Entity::insert(row).exec_without_returning(tx).await?;
        }
    }
    note(cx, tx, visit, Actor::SYSTEM, "appointment.displace").await
}

/// It fits again, as if nothing had been. Whoever was told otherwise is told so.
async fn adopt(cx: &Cx, tx: &impl ConnectionTrait, row: &displaced::Model) -> Result<(), Internal> {
    let visit = appointment::Entity::find_by_id(row.appointment_id)
        .filter(appointment::Column::TenantId.eq(row.tenant_id))
        .one(tx)
        .await?
        .ok_or_else(|| Internal::Data(format!("visit {} is gone", row.appointment_id)))?;
    // Over, or under way: time settles it.
    let waits = event::status_of(&visit)?.is_live() && visit.start_at > cx.now_ms();
    if !waits || !close(cx, tx, &visit, "adopted").await? {
        return Ok(());
    }
    note(cx, tx, &visit, Actor::SYSTEM, "appointment.adopt").await?;
    if row.told_at.is_some() {
        tell(cx, tx, &visit, PlaceEvent::Stands).await?;
    }
    Ok(())
}

pub(super) async fn tell(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    event: PlaceEvent,
) -> Result<(), Internal> {
    let (tenant, appointment) = (TenantId(visit.tenant_id), AppointmentId(visit.id));
    let version = displaced::Entity::find_by_id(visit.id).one(tx).await?.map_or(0, |row| row.version);
    jobs::enqueue(cx, tx, &Job::SendPlaceMail { tenant, appointment, event, version }).await
}

/// What happened to a visit settles it: moved, cancelled, under way. Asked with every transition.
pub(super) async fn settle(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    before: &appointment::Model,
    next: &appointment::Model,
) -> Result<(), Internal> {
    let status = event::status_of(next)?;
    let moved = before.start_at != next.start_at || before.practitioner_id != next.practitioner_id;
    let state = match status {
        Status::Cancelled | Status::EnteredInError => "cancelled",
        Status::NoShow => "passed",
        _ if moved => "moved",
        Status::Arrived | Status::CheckedIn | Status::Fulfilled => "came",
        _ => return Ok(()),
    };
    close(cx, tx, next, state).await.map(drop)
}

/// Ends an open one and gives back what was kept for it. `false`: it was not open.
pub(super) async fn close(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    state: &str,
) -> Result<bool, Internal> {
    let closed = displaced::Entity::update_many()
        .col_expr(displaced::Column::State, Expr::value(state))
        .col_expr(displaced::Column::SettledAt, Expr::value(Some(cx.now_ms())))
        .col_expr(displaced::Column::OfferedUntil, Expr::value(None::<i64>))
        .col_expr(displaced::Column::Version, Expr::col(displaced::Column::Version).add(1))
        .filter(displaced::Column::AppointmentId.eq(visit.id))
        .filter(displaced::Column::TenantId.eq(visit.tenant_id))
        .filter(displaced::Column::State.eq("open"))
        .exec(tx)
        .await?;
    if closed.rows_affected == 0 {
        return Ok(false);
    }
    for row in offers(tx, TenantId(visit.tenant_id), visit.id).await? {
        release(tx, &row).await?;
    }
    Ok(true)
}

/// The times that are kept for a visit, by start, also those that have just run out.
pub(super) async fn offers(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    visit: Uuid,
) -> Result<Vec<hold::Model>, Internal> {
    Ok(hold::Entity::find()
        .filter(hold::Column::MovesAppointment.eq(visit))
        .filter(hold::Column::TenantId.eq(tenant.0))
        .filter(hold::Column::Offered.eq(true))
        .filter(hold::Column::Status.eq("live"))
        .order_by_asc(hold::Column::StartCell)
        .all(db)
        .await?)
}

/// Gives one back.
pub(super) async fn release(tx: &impl ConnectionTrait, row: &hold::Model) -> Result<(), Internal> {
    let ended = hold::Entity::update_many()
        .col_expr(hold::Column::Status, Expr::value("released"))
        .filter(hold::Column::Id.eq(row.id))
        .filter(hold::Column::Status.eq("live"))
        .exec(tx)
        .await?;
    if ended.rows_affected == 1 {
        lanes::release(tx, TenantId(row.tenant_id), row.id).await?;
    }
    Ok(())
}

/// Times that were kept under the old hours may lie in what closed since.
async fn recheck_offers(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    clinic: &Clinic,
    row: &displaced::Model,
) -> Result<(), Internal> {
    let offers = offers(tx, clinic.tenant, row.appointment_id).await?;
    let Some(service) = offers.first().and_then(|offer| clinic.service_by_id(ServiceId(offer.service_id))) else {
        return Ok(());
    };
    let mut left = 0;
    for offer in &offers {
        let held = hold_of(offer, cx.now_ms());
        let known = domain::booking::PatientFacts::default();
        match still_allowed(cx, clinic, service, &held, &known, Purpose::Staff) {
            Ok(_) => left += 1,
            Err(BookingError::Internal(error)) => return Err(error),
            Err(_) => release(tx, offer).await?,
        }
    }
    // Whoever was to choose has nothing to choose from any more: other times are looked for, for as long as they had.
    let hours = row.offered_until.map_or(0, |until| (until - cx.now_ms()) / 3_600_000 + 1);
    let visit = appointment::Entity::find_by_id(row.appointment_id).one(tx).await?;
    if let (0, 1.., Some(visit)) = (left, hours, visit) {
        ask_for_times(cx, tx, &visit, hours).await?;
    }
    Ok(())
}

/// Visits whose time came before anybody settled them. Answers how many.
pub(crate) async fn let_pass(cx: &Cx) -> Result<usize, Internal> {
    let open = displaced::Entity::find().filter(displaced::Column::State.eq("open")).all(cx.db.read()).await?;
    let ids: Vec<Uuid> = open.iter().map(|row| row.appointment_id).collect();
    let mut begun = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let those = appointment::Entity::find()
            .filter(appointment::Column::Id.is_in(some.iter().copied()))
            .filter(appointment::Column::StartAt.lte(cx.now_ms()));
        begun.extend(those.all(cx.db.read()).await?);
    }
    let mut passed = 0;
    for visit in &begun {
        let done = cx.db.write(|tx| async move {
            tx.touch(visit.clinic_id);
            close(cx, &tx, visit, "passed").await
        });
        passed += usize::from(done.await?);
    }
    Ok(passed)
}

async fn note(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    actor: Actor,
    action: &'static str,
) -> Result<(), Internal> {
    let entry = Entry {
        actor,
        action,
        entity: "appointment",
        entity_id: Some(visit.id),
        patient_id: Some(visit.patient_id),
        outcome: "ok",
    };
    audit::append(cx, tx, TenantId(visit.tenant_id), entry).await
}

/// Notes that other times were looked for, and until when those that were found are kept. `false`: it is settled already.
pub(super) async fn looked(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    row: &displaced::Model,
    until: Option<i64>,
) -> Result<bool, Internal> {
    let told = row.told_at.or(until.map(|_| cx.now_ms()));
    let done = displaced::Entity::update_many()
        .col_expr(displaced::Column::LookedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(displaced::Column::OfferedUntil, Expr::value(until))
        .col_expr(displaced::Column::ToldAt, Expr::value(told))
        .col_expr(displaced::Column::Version, Expr::value(row.version + 1))
        .filter(displaced::Column::AppointmentId.eq(row.appointment_id))
        .filter(displaced::Column::State.eq("open"))
        .filter(displaced::Column::Version.eq(row.version))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Keeps the visit where it is, against the rule that would not have it there: written down with it, so that the same rule
/// does not strand it again.
pub(crate) async fn keep(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: appointment::Model,
    (rule, why): (&str, &str),
    actor: Actor,
) -> Result<(), BookingError> {
    let told = told(tx, TenantId(visit.tenant_id), visit.id).await?;
    close(cx, tx, &visit, "kept").await?;
    let next = event::swap(cx, tx, &visit, visit.clone()).await?;
    let why = format!("{rule}: {why}");
    event::note(cx, tx, &next, ("kept", "appointment.keep"), actor, Some(&why)).await?;
    if told {
        tell(cx, tx, &next, PlaceEvent::Stands).await?;
    }
    Ok(())
}

/// Has other times looked for and kept, in a job: looking takes longer than a transaction should.
pub(crate) async fn ask_for_times(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    hours: i64,
) -> Result<(), Internal> {
    let (tenant, appointment) = (TenantId(visit.tenant_id), AppointmentId(visit.id));
    jobs::enqueue(cx, tx, &Job::OfferTimes { tenant, appointment, hours }).await
}
