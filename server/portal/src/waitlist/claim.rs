//! Taking an offer: the normal commit of its hold, once, whoever taps how often. And passing it on.

use domain::ids::{AppointmentId, HoldId, PatientId, ServiceId};
use entity::{waitlist_entry, waitlist_offer};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};

use super::{
    OfferAccess, WaitlistError,
    ends::take_back,
    entry::{self, OfferState, State, offer_of},
    link,
};
use crate::{
    booking::offered::{self, Taking},
    cx::Cx,
    db::Tx,
    error::Internal,
    visits,
    who::Who,
};

/// What taking an offer led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    Booked(AppointmentId),
    Moved(AppointmentId),
}

impl Claimed {
    pub fn visit(self) -> AppointmentId {
        match self {
            Self::Booked(id) | Self::Moved(id) => id,
        }
    }
}

/// Takes the offered time. `moves` is the visit that was shown to be moved; `None`: a new one is booked. Taken again, the
/// answer is the same.
pub async fn claim(cx: &Cx, access: &OfferAccess, moves: Option<AppointmentId>) -> Result<Claimed, WaitlistError> {
    let done = cx.db.write(|tx| async move { claim_in(cx, &tx, access, moves).await }).await;
    cx.job_bell.ring();
    let Err(error) = &done else { return done };
    entry::refused(cx, access.tenant, "waitlist.claim", Some(access.entry), access.actor(), error).await?;
    if matches!(error, WaitlistError::Refused(reason) if !reason.is_about_the_patient()) {
        // The clinic closed the time meanwhile: it is kept for nobody, and whoever waits goes on waiting.
        cx.db.write(|tx| async move { put_back(cx, &tx, access).await }).await?;
        cx.job_bell.ring();
    }
    done
}

async fn claim_in(
    cx: &Cx,
    tx: &Tx,
    access: &OfferAccess,
    moves: Option<AppointmentId>,
) -> Result<Claimed, WaitlistError> {
    let tenant = access.tenant;
    let offer = locked(tx, access).await?;
    let before = entry::row(tx, tenant, offer.entry_id).await?.ok_or(WaitlistError::NotFound)?;
    link::still(cx, tx, access, &before).await?;
    match (offer_of(&offer, cx.now_ms())?.state, offer.appointment_id) {
        (OfferState::Open, _) => {}
        (OfferState::Claimed, Some(visit)) => {
            let id = AppointmentId(visit);
            if !open_for(cx, tx, access, id).await? {
                return Err(WaitlistError::NotFound);
            }
            return Ok(if moves == Some(id) { Claimed::Moved(id) } else { Claimed::Booked(id) });
        }
        (over, _) => return Err(WaitlistError::OfferOver(over)),
    }
    let (patient, service) = (PatientId(before.patient_id), ServiceId(before.service_id));
    let ahead = offered::visit_ahead(cx, tx, tenant, (patient, service)).await?;
    if ahead.as_ref().map(|visit| AppointmentId(visit.id)) != moves {
        return Err(WaitlistError::VisitsChanged);
    }
    // First the entry: whoever books waits no longer, and this is the booking it waited for.
    let claimed = State::Claimed.as_str().to_owned();
    let next = waitlist_entry::Model { state: claimed, ignored: 0, ..before.clone() };
    let next = entry::swap(cx, tx, &before, next).await?;
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let entry::Entry { about, intake, .. } = entry::open(&keys, &before)?;
    let taking = Taking {
        tenant,
        hold: HoldId(offer.hold_id),
        patient,
        intake: &intake,
        reason: about.as_deref(),
        moves: ahead,
        booked_by: access.who.patient().map(|patient| patient.account().0).or(before.account_id),
        who: &access.who,
        actor: access.actor(),
    };
    let visit = offered::take(cx, tx, taking).await?;
    if !entry::end_offer(cx, tx, &offer, OfferState::Claimed, Some(visit.id)).await? {
        return Err(WaitlistError::Busy);
    }
    let linked = waitlist_entry::Model { appointment_id: Some(visit.id), ..next.clone() };
    entry::swap(cx, tx, &next, linked).await?;
    entry::note(cx, tx, &before, "waitlist.claim", access.actor()).await?;
    let id = AppointmentId(visit.id);
    open_for(cx, tx, access, id).await?;
    Ok(if moves.is_some() { Claimed::Moved(id) } else { Claimed::Booked(id) })
}

/// Whoever took it by the link in the message sees the visit in this browser, as with the link in the visit's message, and
/// for as long. `false` when that is over.
async fn open_for(cx: &Cx, tx: &Tx, access: &OfferAccess, visit: AppointmentId) -> Result<bool, Internal> {
    let Who::Browser(browser) = &access.who else { return Ok(true) };
    if !access.by_link {
        return Ok(true);
    }
    let row = entity::appointment::Entity::find_by_id(visit.0).one(tx).await?;
    let Some(row) = row.filter(|row| !visits::is_long_over(cx, row)) else { return Ok(false) };
    visits::open_in(cx, tx, browser, &row).await?;
    Ok(true)
}

/// Of several taps at once, each sees all that the one before it did.
async fn locked(tx: &Tx, access: &OfferAccess) -> Result<waitlist_offer::Model, WaitlistError> {
    let mut query =
        waitlist_offer::Entity::find_by_id(access.offer).filter(waitlist_offer::Column::TenantId.eq(access.tenant.0));
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx).await?.ok_or(WaitlistError::NotFound)
}

/// "No, thank you": the time goes on to the next, and whoever said so keeps their place. Said again, nothing happens.
pub async fn decline(cx: &Cx, access: &OfferAccess) -> Result<(), WaitlistError> {
    let done = cx.db.write(|tx| async move { decline_in(cx, &tx, access).await }).await;
    cx.job_bell.ring();
    if let Err(error) = &done {
        entry::refused(cx, access.tenant, "waitlist.decline", Some(access.entry), access.actor(), error).await?;
    }
    done
}

async fn decline_in(cx: &Cx, tx: &Tx, access: &OfferAccess) -> Result<(), WaitlistError> {
    let offer = locked(tx, access).await?;
    let before = entry::row(tx, access.tenant, offer.entry_id).await?.ok_or(WaitlistError::NotFound)?;
    link::still(cx, tx, access, &before).await?;
    match offer_of(&offer, cx.now_ms())?.state {
        OfferState::Open => {}
        OfferState::Declined => return Ok(()),
        over => return Err(WaitlistError::OfferOver(over)),
    }
    back_to_waiting(cx, tx, &before, OfferState::Declined).await?;
    entry::note(cx, tx, &before, "waitlist.decline", access.actor()).await?;
    Ok(())
}

/// Ends the open offer in this way; whoever had it waits on. Answering at all counts in their favour.
pub(super) async fn back_to_waiting(
    cx: &Cx,
    tx: &Tx,
    before: &waitlist_entry::Model,
    state: OfferState,
) -> Result<(), WaitlistError> {
    let tenant = domain::ids::TenantId(before.tenant_id);
    if !take_back(cx, tx, tenant, before.id, state).await? {
        return Err(WaitlistError::WrongState(entry::state_of(before)?));
    }
    let ignored = if state == OfferState::Declined { 0 } else { before.ignored };
    let next = waitlist_entry::Model { state: State::Waiting.as_str().to_owned(), ignored, ..before.clone() };
    entry::swap(cx, tx, before, next).await?;
    Ok(())
}

async fn put_back(cx: &Cx, tx: &Tx, access: &OfferAccess) -> Result<(), WaitlistError> {
    let Some(before) = entry::row(tx, access.tenant, access.entry).await? else { return Ok(()) };
    let offer = entry::open_offer(tx, access.tenant, before.id).await?.filter(|offer| offer.id == access.offer);
    if before.state != State::Offered.as_str() || offer.is_none() {
        return Ok(());
    }
    back_to_waiting(cx, tx, &before, OfferState::Withdrawn).await?;
    entry::note(cx, tx, &before, "waitlist.offer_closed", crate::who::Actor::SYSTEM).await?;
    Ok(())
}
