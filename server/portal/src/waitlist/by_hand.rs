//! What the clinic does by hand: putting somebody on the list, and offering a certain time. Each is sent as often as it
//! may be, and done once.

use domain::{
    booking::Intake,
    ids::{ResourceId, ServiceId},
    waitlist::{Priority, Wishes},
};
use entity::{waitlist_entry, waitlist_offer};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    WaitlistError,
    desk::{find, may_change, settle},
    join::{self, New},
    offer::{self, Making},
};
use crate::{
    booking::ForWhom,
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    keys::hash,
    patients::create_at_clinic,
    staff::{Permit, permission::ChangeVisits},
};

/// An entry that the clinic makes.
#[derive(Clone, Debug)]
pub struct Adding {
    pub service: ServiceId,
    pub whom: ForWhom,
    pub wishes: Wishes,
    pub intake: Intake,
    pub about: Option<String>,
    pub priority: Priority,
    pub priority_why: Option<String>,
    /// Of the request; sent twice it adds once.
    pub key: String,
    pub body: Vec<u8>,
}

/// Puts somebody on the list. Answers the same when it is sent again.
pub async fn add(cx: &Cx, permit: &Permit<ChangeVisits>, what: &Adding) -> Result<Uuid, WaitlistError> {
    let done = cx.db.write(|tx| async move { add_in(cx, &tx, permit, what).await }).await;
    settle(cx, permit, "waitlist.add", None, done).await
}

async fn add_in(cx: &Cx, tx: &Tx, permit: &Permit<ChangeVisits>, what: &Adding) -> Result<Uuid, WaitlistError> {
    let clinic = crate::clinic::in_tx(cx, tx, permit.clinic.id).await?.ok_or(WaitlistError::NotFound)?;
    let request = request_of(cx, tx, permit, (&what.key, &what.body)).await?;
    let sent = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_entry::Column::RequestKey.eq(request.0.clone()))
        .one(tx)
        .await?;
    if let Some(sent) = sent {
        return if sent.request_hash.as_ref() == Some(&request.1) {
            Ok(sent.id)
        } else {
            Err(WaitlistError::KeyReused)
        };
    }
    let service = join::open_service(&clinic, what.service)?;
    if !may_change(permit, &clinic, what.wishes.practitioner, service.id) {
        return Err(WaitlistError::Forbidden);
    }
    let wishes = join::checked(cx, &clinic, service, what.wishes.clone())?;
    let patient = match &what.whom {
        ForWhom::Chart(id) => charts::kept(tx, clinic.tenant, *id).await.map_err(|_| WaitlistError::NotFound)?,
        ForWhom::New(may, record) => create_at_clinic(cx, tx, may, record).await?,
    };
    charts::touch(tx, clinic.tenant, &charts::find(cx, tx, clinic.tenant, patient).await?).await?;
    let new = New {
        clinic: &clinic,
        service,
        patient,
        account: None,
        wishes,
        intake: &what.intake,
        about: what.about.as_deref(),
        priority: what.priority,
        priority_why: what.priority_why.as_deref(),
        request: Some(request),
        actor: permit.actor,
    };
    join::insert(cx, tx, &new, "waitlist.add").await
}

/// Keys are the caller's own: one person's or program's cannot meet another's.
async fn request_of(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    (key, body): (&str, &[u8]),
) -> Result<(Vec<u8>, Vec<u8>), Internal> {
    let keys = cx.keys.scope(tx, permit.clinic.tenant.0).await?;
    let by = permit.actor.id.unwrap_or_default().to_string();
    Ok((keys.index("waitlist-request", &[permit.actor.kind, &by, key]), hash(body)))
}

/// A certain time for a certain person.
#[derive(Clone, Debug)]
pub struct ByHand {
    pub entry: Uuid,
    /// The version that whoever offers it saw.
    pub version: Option<i64>,
    /// `None`: whoever is free.
    pub practitioner: Option<ResourceId>,
    pub start: Timestamp,
    /// Of the request; sent twice it offers once.
    pub key: String,
    pub body: Vec<u8>,
}

/// Offers it, whoever's turn it is: written down with who did. The engine's rules and the night count here, too.
pub async fn offer_by_hand(cx: &Cx, permit: &Permit<ChangeVisits>, what: &ByHand) -> Result<Uuid, WaitlistError> {
    let done = by_hand(cx, permit, what).await;
    settle(cx, permit, "waitlist.offer", Some(what.entry), done).await
}

async fn by_hand(cx: &Cx, permit: &Permit<ChangeVisits>, what: &ByHand) -> Result<Uuid, WaitlistError> {
    let tenant = permit.clinic.tenant;
    let request = cx.db.write(|tx| async move { request_of(cx, &tx, permit, (&what.key, &what.body)).await }).await?;
    let sent = waitlist_offer::Entity::find()
        .filter(waitlist_offer::Column::TenantId.eq(tenant.0))
        .filter(waitlist_offer::Column::RequestKey.eq(request.0.clone()))
        .one(cx.db.read())
        .await?;
    if let Some(sent) = sent {
        return if sent.request_hash.as_ref() == Some(&request.1) {
            Ok(sent.id)
        } else {
            Err(WaitlistError::KeyReused)
        };
    }
    find(cx.db.read(), permit, (what.entry, what.version)).await?;
    // Whose schedule is their own offers that.
    let practitioner = what.practitioner.or(permit.only());
    if practitioner.is_some_and(|one| !permit.covers(one)) {
        return Err(WaitlistError::Forbidden);
    }
    let making = Making {
        entry: what.entry,
        version: what.version,
        practitioner,
        start: what.start,
        actor: permit.actor,
        request: Some(request),
    };
    offer::make(cx, tenant, &making).await
}
