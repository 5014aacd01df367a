//! One's own entries, and those of everybody one may book for.

use std::sync::Arc;

use domain::{
    booking::{Intake, Reason},
    grant::Right,
    ids::{ClinicId, PatientId, TenantId},
    waitlist::Wishes,
};
use entity::{chart_grant, waitlist_entry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Entry, Offer, OfferState, State, WaitlistError, ends::end, entry, join, offer};
use crate::{
    booking::offered,
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{charts, grants},
    jobs::{self, Job},
    patients::{ChartRecord, rights_of},
    who::{Actor, Patient},
};

/// Proof that an account may see and change one entry.
#[derive(Clone, Debug)]
pub struct EntryAccess {
    who: Patient,
    tenant: TenantId,
    entry: Uuid,
    patient: PatientId,
    proxy: bool,
}

impl EntryAccess {
    fn actor(&self) -> Actor {
        Actor { kind: if self.proxy { "proxy" } else { "account" }, id: Some(self.who.account.0) }
    }

    pub fn entry(&self) -> Uuid {
        self.entry
    }
}

/// An entry with what its page says.
#[derive(Clone, Debug)]
pub struct Mine {
    pub entry: Entry,
    pub clinic: Arc<Clinic>,
    /// Who waits.
    pub name: String,
    /// The newest offer.
    pub offer: Option<Offer>,
    /// Why nothing can be offered, whatever becomes free.
    pub hindrance: Option<Reason>,
}

impl Mine {
    pub fn service(&self) -> String {
        self.clinic.service_by_id(self.entry.service).map(|service| service.plan.name.clone()).unwrap_or_default()
    }

    /// The offer that waits for an answer.
    pub fn asked(&self) -> Option<&Offer> {
        self.offer.as_ref().filter(|offer| offer.state == OfferState::Open)
    }
}

/// `None`: there is no such entry, or it is not theirs.
pub async fn access(cx: &Cx, who: &Patient, id: Uuid) -> Result<Option<EntryAccess>, Internal> {
    let db = cx.db.read();
    let Some(row) = waitlist_entry::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let (tenant, patient) = (TenantId(row.tenant_id), PatientId(row.patient_id));
    let grant = grants::grant_of(cx, db, who.account, tenant, patient).await?;
    let grant = grant.filter(|grant| rights_of(grant).allow(Right::Book));
    Ok(grant.map(|grant| {
        let proxy = grant.relation != "self";
        EntryAccess { who: who.clone(), tenant, entry: id, patient, proxy }
    }))
}

/// One entry, and writes down that it was read.
pub async fn read(cx: &Cx, access: &EntryAccess) -> Result<Mine, Internal> {
    let row = entry::row(cx.db.read(), access.tenant, access.entry).await?;
    let row = row.ok_or_else(|| Internal::Data("an entry is gone".to_owned()))?;
    cx.db
        .write(|tx| {
            let row = &row;
            async move { entry::note(cx, &tx, row, "waitlist.read", access.actor()).await }
        })
        .await?;
    of_row(cx, &row).await
}

/// Everybody's live entries, those with an offer first.
pub async fn mine(cx: &Cx, who: &Patient) -> Result<Vec<Mine>, Internal> {
    let db = cx.db.read();
    let reached = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(who.account.0))
        .filter(grants::in_force(cx.now_ms()))
        .all(db)
        .await?;
    let mut all = Vec::new();
    for grant in reached.into_iter().filter(|grant| rights_of(grant).allow(Right::Book)) {
        let rows = waitlist_entry::Entity::find()
            .filter(waitlist_entry::Column::TenantId.eq(grant.tenant_id))
            .filter(waitlist_entry::Column::PatientId.eq(grant.patient_id))
            .filter(waitlist_entry::Column::Live.eq(1))
            .order_by_asc(waitlist_entry::Column::JoinedAt)
            .all(db)
            .await?;
        for row in rows {
            all.push(of_row(cx, &row).await?);
        }
    }
    all.sort_by_key(|mine| (mine.asked().is_none(), mine.entry.joined));
    Ok(all)
}

async fn of_row(cx: &Cx, row: &waitlist_entry::Model) -> Result<Mine, Internal> {
    let (db, tenant) = (cx.db.read(), TenantId(row.tenant_id));
    let clinic = clinic::by_id(cx, ClinicId(row.clinic_id)).await?;
    let clinic = clinic.ok_or_else(|| Internal::Data(format!("clinic {} is gone", row.clinic_id)))?;
    let keys = cx.keys.scope(db, tenant.0).await?;
    let chart = charts::row(db, tenant, PatientId(row.patient_id)).await?;
    let chart = ChartRecord::open(&keys, &chart)?;
    let offer = offer::all_of(cx, db, tenant, &[row.id]).await?.into_iter().next();
    let entry = entry::open(&keys, row)?;
    let moves = offered::visit_ahead(cx, db, tenant, (entry.patient, entry.service)).await?.is_some();
    let hindrance = if moves { None } else { entry.hindrance(&clinic, &chart) };
    Ok(Mine { entry, clinic, name: chart.full_name(), offer, hindrance })
}

/// Other wishes; the place stays. `version` is what the page showed.
pub async fn change(
    cx: &Cx,
    access: &EntryAccess,
    wishes: &Wishes,
    (intake, about): (&Intake, Option<&str>),
    version: i64,
) -> Result<(), WaitlistError> {
    let done = cx
        .db
        .write(|tx| async move { change_in(cx, &tx, access, wishes.clone(), (intake, about), version).await })
        .await;
    cx.job_bell.ring();
    if let Err(error) = &done {
        entry::refused(cx, access.tenant, "waitlist.change", Some(access.entry), access.actor(), error).await?;
    }
    done
}

async fn change_in(
    cx: &Cx,
    tx: &Tx,
    access: &EntryAccess,
    wishes: Wishes,
    (intake, about): (&Intake, Option<&str>),
    version: i64,
) -> Result<(), WaitlistError> {
    let before = live(cx, tx, access).await?;
    if before.version != version {
        return Err(WaitlistError::Changed);
    }
    let clinic = clinic::in_tx(cx, tx, ClinicId(before.clinic_id)).await?.ok_or(WaitlistError::NotFound)?;
    let service = join::open_service(&clinic, domain::ids::ServiceId(before.service_id))?;
    let wishes = join::checked(cx, &clinic, service, wishes)?;
    let keys = cx.keys.scope(tx, access.tenant.0).await?;
    let about = about
        .map(|about| keys.seal(cx.rng.as_ref(), entry::place("about", before.id), about.as_bytes()))
        .transpose()?;
    let next = waitlist_entry::Model {
        practitioner_id: wishes.practitioner.map(|one| one.0),
        days: wishes.days.bits(),
        parts: wishes.parts.bits(),
        from_day: wishes.from.to_string(),
        until_day: wishes.until.to_string(),
        notice: wishes.notice,
        ends_at: join::end_of(&clinic, wishes.until)?,
        referral: intake.referral,
        intake: entry::intake_in(cx, &keys, before.id, intake)?,
        about,
        ..before.clone()
    };
    entry::swap(cx, tx, &before, next).await?;
    entry::note(cx, tx, &before, "waitlist.change", access.actor()).await?;
    let (tenant, clinic) = (access.tenant, clinic.id);
    jobs::enqueue(cx, tx, &Job::OfferWaitlist { tenant, clinic }).await?;
    Ok(())
}

/// The entry while it is live and still within reach.
async fn live(cx: &Cx, tx: &Tx, access: &EntryAccess) -> Result<waitlist_entry::Model, WaitlistError> {
    let grant = grants::grant_of(cx, tx, access.who.account, access.tenant, access.patient).await?;
    if !grant.is_some_and(|grant| rights_of(&grant).allow(Right::Book)) {
        return Err(WaitlistError::NotFound);
    }
    let row = entry::row(tx, access.tenant, access.entry).await?.ok_or(WaitlistError::NotFound)?;
    let state = entry::state_of(&row)?;
    if state.is_live() { Ok(row) } else { Err(WaitlistError::WrongState(state)) }
}

/// Leaves the list; an offer goes on to the next. Left twice is fine.
pub async fn leave(cx: &Cx, access: &EntryAccess) -> Result<(), WaitlistError> {
    let done = cx.db.write(|tx| async move { leave_in(cx, &tx, access).await }).await;
    cx.job_bell.ring();
    match done {
        Err(WaitlistError::WrongState(State::Withdrawn)) => Ok(()),
        Err(error) => {
            entry::refused(cx, access.tenant, "waitlist.leave", Some(access.entry), access.actor(), &error).await?;
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}

async fn leave_in(cx: &Cx, tx: &Tx, access: &EntryAccess) -> Result<(), WaitlistError> {
    let before = live(cx, tx, access).await?;
    let how = ("waitlist.leave", access.actor());
    end(cx, tx, &before, before.clone(), (State::Withdrawn, "left"), how).await
}
