//! Who may answer an offer: whoever may book for the patient, and whoever has the link from the message.

use std::sync::Arc;

use domain::{
    grant::Right,
    ids::{AppointmentId, ClinicId, PatientId, ServiceId, TenantId},
};
use entity::{waitlist_entry, waitlist_offer};
use sea_orm::EntityTrait;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    Entry, Offer, WaitlistError,
    entry::{self, offer_of},
};
use crate::{
    booking::offered,
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::grants,
    patients::rights_of,
    visits::{self, Visit},
    who::{Actor, Browser, Who},
};

/// Proof that somebody may answer one offer.
#[derive(Clone, Debug)]
pub struct OfferAccess {
    pub(crate) who: Who,
    pub(crate) tenant: TenantId,
    pub(crate) offer: Uuid,
    pub(crate) entry: Uuid,
    pub(crate) by_link: bool,
    proxy: bool,
}

impl OfferAccess {
    pub fn entry(&self) -> Uuid {
        self.entry
    }

    pub fn is_by_link(&self) -> bool {
        self.by_link
    }

    /// Somebody who acts for another person is written down as such.
    pub(super) fn actor(&self) -> Actor {
        let actor = self.who.actor();
        if self.proxy { Actor { kind: "proxy", ..actor } } else { actor }
    }
}

/// For whoever is signed in. `None`: there is no such offer, or it is not theirs.
pub async fn offer_access(cx: &Cx, browser: &Browser, id: Uuid) -> Result<Option<OfferAccess>, Internal> {
    let db = cx.db.read();
    let Some(patient) = browser.patient() else { return Ok(None) };
    let Some(offer) = waitlist_offer::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let tenant = TenantId(offer.tenant_id);
    let Some(row) = entry::row(db, tenant, offer.entry_id).await? else { return Ok(None) };
    let grant = grants::grant_of(cx, db, patient.account, tenant, PatientId(row.patient_id)).await?;
    let Some(grant) = grant.filter(|grant| rights_of(grant).allow(Right::Book)) else { return Ok(None) };
    let who = Who::Browser(browser.clone());
    let proxy = grant.relation != "self";
    Ok(Some(OfferAccess { who, tenant, offer: id, entry: row.id, by_link: false, proxy }))
}

/// The secret of an offer's link: its id and a keyed hash of it, so that it need not be stored.
pub(crate) async fn token_of(cx: &Cx, tenant: TenantId, offer: Uuid) -> Result<String, Internal> {
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let mut bytes = offer.as_bytes().to_vec();
    bytes.extend_from_slice(&keys.token("waitlist-offer", offer)[..24]);
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

/// For whoever has the link. Looking changes nothing. `None` for wrong links.
pub async fn offer_by_link(cx: &Cx, who: Who, token: &str) -> Result<Option<OfferAccess>, Internal> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap_or_default();
    let Some((id, mac)) = bytes.split_at_checked(16).filter(|(_, mac)| mac.len() == 24) else { return Ok(None) };
    let Ok(id) = Uuid::from_slice(id) else { return Ok(None) };
    let Some(offer) = waitlist_offer::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(None) };
    let tenant = TenantId(offer.tenant_id);
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let right = bool::from(keys.token("waitlist-offer", id)[..24].ct_eq(mac));
    let access = OfferAccess { who, tenant, offer: id, entry: offer.entry_id, by_link: true, proxy: false };
    Ok(right.then_some(access))
}

/// Whether it is true still, in the transaction that acts on it.
pub(super) async fn still(
    cx: &Cx,
    tx: &Tx,
    access: &OfferAccess,
    row: &waitlist_entry::Model,
) -> Result<(), WaitlistError> {
    if access.by_link {
        return Ok(());
    }
    let account = access.who.patient().ok_or(WaitlistError::NotFound)?.account();
    let grant = grants::grant_of(cx, tx, account, access.tenant, PatientId(row.patient_id)).await?;
    let may = grant.is_some_and(|grant| rights_of(&grant).allow(Right::Book));
    if may { Ok(()) } else { Err(WaitlistError::NotFound) }
}

/// An offer with what its page says.
#[derive(Clone, Debug)]
pub struct Asked {
    pub offer: Offer,
    pub entry: Entry,
    pub clinic: Arc<Clinic>,
    /// The visit that would move to the offered time.
    pub moves: Option<Visit>,
}

/// Reads the offer, for its page.
pub async fn read_offer(cx: &Cx, access: &OfferAccess) -> Result<Asked, Internal> {
    let db = cx.db.read();
    let gone = || Internal::Data("an offer is gone".to_owned());
    let offer = waitlist_offer::Entity::find_by_id(access.offer).one(db).await?.ok_or_else(gone)?;
    let row = entry::row(db, access.tenant, access.entry).await?.ok_or_else(gone)?;
    let clinic = clinic::by_id(cx, ClinicId(row.clinic_id)).await?.ok_or_else(gone)?;
    let keys = cx.keys.scope(db, access.tenant.0).await?;
    let entry = entry::open(&keys, &row)?;
    let about = (entry.patient, ServiceId(row.service_id));
    let moves = match entry.state.is_live() {
        true => offered::visit_ahead(cx, db, access.tenant, about).await?,
        false => None,
    };
    let moves = match moves {
        Some(visit) => Some(visits::visit_of(cx, visit).await?),
        None => None,
    };
    Ok(Asked { offer: offer_of(&offer, cx.now_ms())?, entry, clinic, moves })
}

impl Asked {
    pub fn moves_id(&self) -> Option<AppointmentId> {
        self.moves.as_ref().map(|visit| visit.id)
    }
}
