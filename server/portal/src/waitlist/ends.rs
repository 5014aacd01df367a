//! How entries and offers end by themselves, and how the list hears that a time became free.

use domain::{
    booking::Cell,
    ids::{ClinicId, PatientId, ResourceId, TenantId},
};
use entity::{allocation, appointment, hold, waitlist_entry, waitlist_offer};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    WaitlistError,
    claim::back_to_waiting,
    entry::{self, OfferState, State},
};
use crate::{
    booking::{Hold, offered},
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::Internal,
    jobs::{self, Job},
    who::Actor,
};

const BATCH: u64 = 200;

/// Times of a clinic became free in this transaction: where somebody waits, a job looks whom they suit.
pub(crate) async fn freed(cx: &Cx, tx: &Tx, tenant: TenantId, clinic: ClinicId) -> Result<(), Internal> {
    let waits = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::State.eq(State::Waiting.as_str()))
        .filter(waitlist_entry::Column::TenantId.eq(tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.0))
        .one(tx)
        .await?;
    match waits {
        Some(_) => jobs::enqueue(cx, tx, &Job::OfferWaitlist { tenant, clinic }).await,
        None => Ok(()),
    }
}

/// A visit was booked, or moved to an earlier time, in this transaction: whoever waited for one by then waits no longer. Somebody who books a later
/// one to be safe goes on waiting.
pub(crate) async fn booked(cx: &Cx, tx: &Tx, visit: &appointment::Model) -> Result<(), Internal> {
    let row = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::TenantId.eq(visit.tenant_id))
        .filter(waitlist_entry::Column::PatientId.eq(visit.patient_id))
        .filter(waitlist_entry::Column::ServiceId.eq(visit.service_id))
        .filter(waitlist_entry::Column::Live.eq(1))
        .one(tx)
        .await?;
    let Some(row) = row.filter(|row| visit.start_at < row.ends_at) else { return Ok(()) };
    let next = waitlist_entry::Model { appointment_id: Some(visit.id), ..row.clone() };
    end(cx, tx, &row, next, (State::Withdrawn, "booked"), ("waitlist.booked", Actor::SYSTEM)).await.map_err(internal)
}

/// After the clinic changed, in its transaction: a time that was offered and is none any more goes back, and whoever was
/// asked waits on.
pub(crate) async fn follow(cx: &Cx, tx: &Tx, clinic: &Clinic) -> Result<(), Internal> {
    for before in asked(tx, clinic).await? {
        let Some(offer) = entry::open_offer(tx, clinic.tenant, before.id).await? else { continue };
        if !offered::still_a_time(cx, tx, clinic, offer.hold_id).await? {
            back_to_waiting(cx, tx, &before, OfferState::Withdrawn).await.map_err(internal)?;
            entry::note(cx, tx, &before, "waitlist.offer_closed", Actor::SYSTEM).await?;
        }
    }
    Ok(())
}

/// Whose offer `follow` would take back if the clinic were so: the patient, and the time that they were offered.
pub(crate) async fn would_take_back(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
) -> Result<Vec<(PatientId, Hold)>, Internal> {
    let mut all = Vec::new();
    for entry in asked(db, clinic).await? {
        let Some(offer) = entry::open_offer(db, clinic.tenant, entry.id).await? else { continue };
        let closed = offered::would_close(cx, db, clinic, offer.hold_id).await?;
        all.extend(closed.map(|held| (PatientId(entry.patient_id), held)));
    }
    Ok(all)
}

/// Who has an offer at the clinic.
async fn asked(db: &impl ConnectionTrait, clinic: &Clinic) -> Result<Vec<waitlist_entry::Model>, Internal> {
    let asked = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::State.eq(State::Offered.as_str()))
        .filter(waitlist_entry::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.id.0))
        .order_by_asc(waitlist_entry::Column::Id);
    Ok(asked.all(db).await?)
}

/// Ends a live entry, and with it its open offer.
pub(super) async fn end(
    cx: &Cx,
    tx: &Tx,
    before: &waitlist_entry::Model,
    next: waitlist_entry::Model,
    (state, why): (State, &str),
    (action, actor): (&'static str, Actor),
) -> Result<(), WaitlistError> {
    let tenant = TenantId(before.tenant_id);
    take_back(cx, tx, tenant, before.id, OfferState::Withdrawn).await?;
    let next = waitlist_entry::Model { state: state.as_str().to_owned(), ended_why: Some(why.to_owned()), ..next };
    entry::swap(cx, tx, before, next).await?;
    entry::note(cx, tx, before, action, actor).await?;
    Ok(())
}

/// Ends the open offer and gives its time back, for the next one. `false` when there was none.
pub(super) async fn take_back(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    entry: Uuid,
    state: OfferState,
) -> Result<bool, Internal> {
    let Some(offer) = entry::open_offer(tx, tenant, entry).await? else { return Ok(false) };
    if !entry::end_offer(cx, tx, &offer, state, None).await? {
        return Err(Internal::Conflict);
    }
    offered::give_back(tx, tenant, offer.hold_id).await?;
    let clinic = ClinicId(offer.clinic_id);
    // Whoever else waits is asked, also when this one is the last who is not being asked already.
    jobs::enqueue(cx, tx, &Job::OfferWaitlist { tenant, clinic }).await?;
    Ok(true)
}

/// Of two entries of one person, this one ends.
pub(crate) async fn merged(cx: &Cx, tx: &Tx, row: &waitlist_entry::Model, actor: Actor) -> Result<(), Internal> {
    let how = ("waitlist.merge", actor);
    end(cx, tx, row, row.clone(), (State::Withdrawn, "merged"), how).await.map_err(internal)
}

/// A hold ended by its time. If it was an offer's, nobody answered: the time goes on to the next.
pub(crate) async fn unanswered(cx: &Cx, tx: &Tx, ended: &hold::Model) -> Result<(), Internal> {
    let Some(entry) = ended.waitlist_entry_id else { return Ok(()) };
    let tenant = TenantId(ended.tenant_id);
    let offer = waitlist_offer::Entity::find().filter(waitlist_offer::Column::HoldId.eq(ended.id)).one(tx).await?;
    let Some(offer) = offer else { return Err(Internal::Data(format!("hold {} has no offer", ended.id))) };
    if !entry::end_offer(cx, tx, &offer, OfferState::Unanswered, None).await? {
        return Ok(());
    }
    let Some(row) = entry::row(tx, tenant, entry).await?.filter(|row| row.state == State::Offered.as_str()) else {
        return Ok(());
    };
    let (state, ignored) = (State::Waiting.as_str().to_owned(), row.ignored + 1);
    let next = waitlist_entry::Model { state, ignored, ..row.clone() };
    entry::swap(cx, tx, &row, next).await.map_err(internal)?;
    entry::note(cx, tx, &row, "waitlist.unanswered", Actor::SYSTEM).await
}

/// Ends entries whose last day is over, at most a batch. Whoever is being asked may answer first.
pub(super) async fn expire(cx: &Cx) -> Result<(), Internal> {
    cx.db
        .write(|tx| async move {
            let over = waitlist_entry::Entity::find()
                .filter(waitlist_entry::Column::State.eq(State::Waiting.as_str()))
                .filter(waitlist_entry::Column::EndsAt.lte(cx.now_ms()))
                .limit(BATCH)
                .all(&tx)
                .await?;
            for row in over {
                let told = Job::SendWaitlistEnded { tenant: TenantId(row.tenant_id), entry: row.id };
                let how = ("waitlist.expire", Actor::SYSTEM);
                end(cx, &tx, &row, row.clone(), (State::Expired, "past"), how).await.map_err(internal)?;
                jobs::enqueue(cx, &tx, &told).await?;
            }
            Ok::<_, Internal>(())
        })
        .await?;
    cx.job_bell.ring();
    Ok(())
}

/// Until when what begins at a cell of a resource is kept for somebody who waits; `None` when it is no offer.
pub(crate) async fn offered_until(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    (resource, first): (ResourceId, Cell),
) -> Result<Option<Timestamp>, Internal> {
    let there = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::ResourceId.eq(resource.0))
        .filter(allocation::Column::StartCell.eq(first.0))
        .filter(allocation::Column::OwnerKind.eq("hold"))
        .all(db)
        .await?;
    let offered = hold::Entity::find()
        .filter(hold::Column::TenantId.eq(tenant.0))
        .filter(hold::Column::Id.is_in(there.iter().map(|row| row.owner_id)))
        .filter(hold::Column::Status.eq("live"))
        .filter(hold::Column::WaitlistEntryId.is_not_null())
        .one(db)
        .await?;
    offered
        .map(|row| Timestamp::from_millisecond(row.expires_at).map_err(|e| Internal::Data(e.to_string())))
        .transpose()
}

pub(super) fn internal(error: WaitlistError) -> Internal {
    match error {
        WaitlistError::Internal(error) => error,
        WaitlistError::Busy => Internal::Conflict,
        other => Internal::Data(other.to_string()),
    }
}
