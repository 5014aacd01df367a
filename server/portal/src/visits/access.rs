//! Who may read and change a visit. Everything else is "not found", whether or not the visit exists.

use domain::{
    grant::Right,
    ids::{AppointmentId, ClinicId, PatientId, TenantId},
};
use entity::{appointment, visit_link};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::grants,
    patients::rights_of,
    who::{Browser, Scope, VisitAccess, Who},
};

/// A browser that followed the link may manage the visit for so long.
const LINK_MS: i64 = 24 * 60 * 60_000;
/// Links stop working so long after the visit.
const AFTERWARDS_MS: i64 = 30 * 24 * 60 * 60_000;

/// Proof that `who` may see the visit; `None` when there is no such visit or it is not theirs.
pub async fn visit_access(cx: &Cx, who: &Who, id: AppointmentId) -> Result<Option<VisitAccess>, Internal> {
    let Some(visit) = appointment::Entity::find_by_id(id.0).one(cx.db.read()).await? else { return Ok(None) };
    let tenant = TenantId(visit.tenant_id);
    let way = match who {
        Who::Anonymous => None,
        Who::Api(client) => {
            let may = client.may(Scope::AppointmentsRead) || client.may(Scope::AppointmentsWrite);
            (may && client.reaches(tenant, ClinicId(visit.clinic_id))).then_some(Way::Own)
        }
        Who::Browser(browser) => by_browser(cx, browser, tenant, &visit).await?,
    };
    Ok(way.map(|way| VisitAccess { who: who.clone(), tenant, appointment: id, proxy: way == Way::Proxy }))
}

/// How somebody comes to see a visit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Own,
    /// For another person.
    Proxy,
}

async fn by_browser(
    cx: &Cx,
    browser: &Browser,
    tenant: TenantId,
    visit: &appointment::Model,
) -> Result<Option<Way>, Internal> {
    if let Some(patient) = browser.patient() {
        let chart = PatientId(visit.patient_id);
        let grant = grants::grant_of(cx, cx.db.read(), patient.account(), tenant, chart).await?;
        if let Some(grant) = grant.filter(|grant| rights_of(grant).allow(Right::Book)) {
            return Ok(Some(if grant.relation == "self" { Way::Own } else { Way::Proxy }));
        }
    }
    let link = visit_link::Entity::find_by_id((browser.session().0, visit.id)).one(cx.db.read()).await?;
    Ok(link.filter(|link| link.expires_at > cx.now_ms()).map(|_| Way::Own))
}

/// The secret of a visit's private link: the visit's id and a keyed hash of it, so that it need not be stored.
pub async fn link_token(cx: &Cx, tenant: TenantId, id: AppointmentId) -> Result<String, Internal> {
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let mut bytes = id.0.as_bytes().to_vec();
    bytes.extend_from_slice(&keys.token("visit-link", id.0)[..24]);
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

/// Exchanges a private link for access in this browser, so that the secret leaves the address bar.
/// `None` for wrong and for old links.
pub async fn open_link(cx: &Cx, browser: &Browser, token: &str) -> Result<Option<AppointmentId>, Internal> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap_or_default();
    let Some((id, mac)) = bytes.split_at_checked(16).filter(|(_, mac)| mac.len() == 24) else { return Ok(None) };
    let Ok(id) = Uuid::from_slice(id) else { return Ok(None) };
    let Some(visit) = appointment::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(None) };
    let keys = cx.keys.scope(cx.db.read(), visit.tenant_id).await?;
    let right = bool::from(keys.token("visit-link", id)[..24].ct_eq(mac));
    if !right || is_long_over(cx, &visit) {
        return Ok(None);
    }
    let visit = &visit;
    cx.db.write(|tx| async move { open_in(cx, &tx, browser, visit).await }).await?;
    Ok(Some(AppointmentId(id)))
}

/// No link leads to it any more, of whatever message.
pub(crate) fn is_long_over(cx: &Cx, visit: &appointment::Model) -> bool {
    visit.end_at + AFTERWARDS_MS < cx.now_ms()
}

/// Lets this browser see the visit for a while.
pub(crate) async fn open_in(cx: &Cx, tx: &Tx, browser: &Browser, visit: &appointment::Model) -> Result<(), Internal> {
    let row = visit_link::ActiveModel {
        session_id: Set(browser.session().0),
        appointment_id: Set(visit.id),
        tenant_id: Set(visit.tenant_id),
        expires_at: Set(cx.now_ms() + LINK_MS),
    };
    let again = OnConflict::columns([visit_link::Column::SessionId, visit_link::Column::AppointmentId])
        .update_column(visit_link::Column::ExpiresAt)
        .to_owned();
    visit_link::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Whoever booked for a chart that they do not reach sees at least what they booked, as with the link in the message.
pub(crate) async fn open_booked(cx: &Cx, tx: &Tx, who: &Who, visit: &appointment::Model) -> Result<(), Internal> {
    let Who::Browser(browser) = who else { return Ok(()) };
    let Some(patient) = browser.patient() else { return Ok(()) };
    let (tenant, chart) = (TenantId(visit.tenant_id), PatientId(visit.patient_id));
    if grants::granted(cx, tx, patient.account(), tenant, chart).await? {
        return Ok(());
    }
    open_in(cx, tx, browser, visit).await
}
