//! "I am here", said by the patient: the clinic's poster leads to the visits of today that this browser may see. It says
//! that they came; checking in is the counter's.

use std::collections::BTreeSet;

use domain::{
    booking::{Status, Transition},
    clinic::Mode,
    grant::Right,
    ids::{AppointmentId, ClinicId, ServiceId},
};
use entity::{appointment, chart_grant, visit_link};
use jiff::{Timestamp, ToSpan};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{
    audit::{self, Entry},
    booking::{BookingError, event, local_day, step},
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::grants,
    patients::rights_of,
    visits::{Visit, visit_of},
    who::{Browser, VisitAccess, Who},
};

/// Nobody is here earlier than that before their visit.
const BEFORE_MS: i64 = 2 * 3_600_000;
const TOKEN: usize = 15;

/// A visit of today that somebody may say they came to.
#[derive(Clone, Debug)]
pub struct Mine {
    pub visit: Visit,
    /// From when on it can be said; until the planned end.
    pub from: Timestamp,
}

/// What stands on the clinic's poster. Only who was there knows it: it keeps people from coming by a bookmark.
pub async fn here_link(cx: &Cx, clinic: &Clinic) -> Result<String, Internal> {
    let token = token(cx, clinic).await?;
    Ok(format!("{}/c/{}/here/{token}", cx.config.public_url.trim_end_matches('/'), clinic.profile.slug))
}

/// Whether it is this clinic's.
pub async fn is_here_link(cx: &Cx, clinic: &Clinic, token: &str) -> Result<bool, Internal> {
    Ok(self::token(cx, clinic).await?.as_bytes().ct_eq(token.as_bytes()).into())
}

async fn token(cx: &Cx, clinic: &Clinic) -> Result<String, Internal> {
    let keys = cx.keys.scope(cx.db.read(), clinic.tenant.0).await?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&keys.token("poster", clinic.id.0)[..TOKEN]))
}

/// Visits of today at the clinic that the browser may see: of whom its account books for, and those whose private link it
/// followed.
pub async fn here_today(cx: &Cx, browser: &Browser, clinic: &Clinic) -> Result<Vec<Mine>, Internal> {
    let db = cx.db.read();
    let tenant = clinic.tenant.0;
    let mut patients: Vec<Uuid> = Vec::new();
    if let Some(patient) = browser.patient() {
        let all = chart_grant::Entity::find()
            .filter(chart_grant::Column::AccountId.eq(patient.account.0))
            .filter(chart_grant::Column::TenantId.eq(tenant))
            .filter(grants::in_force(cx.now_ms()))
            .all(db)
            .await?;
        patients.extend(all.iter().filter(|grant| rights_of(grant).allow(Right::Book)).map(|grant| grant.patient_id));
    }
    let links = visit_link::Entity::find()
        .filter(visit_link::Column::SessionId.eq(browser.session().0))
        .filter(visit_link::Column::TenantId.eq(tenant))
        .filter(visit_link::Column::ExpiresAt.gt(cx.now_ms()))
        .all(db)
        .await?;
    let links: BTreeSet<Uuid> = links.into_iter().map(|link| link.appointment_id).collect();
    let own =
        Condition::any().add(appointment::Column::PatientId.is_in(patients)).add(appointment::Column::Id.is_in(links));
    let (from, to) = day(clinic, cx.now())?;
    let rows = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .filter(appointment::Column::StartAt.gte(from))
        .filter(appointment::Column::StartAt.lt(to))
        .filter(appointment::Column::Status.is_in(["booked", "arrived", "checked-in"]))
        .filter(own)
        .order_by_asc(appointment::Column::StartAt)
        .all(db)
        .await?;
    let mut mine = Vec::new();
    for row in rows {
        let entry = Entry {
            actor: Who::Browser(browser.clone()).actor(),
            action: "appointment.read",
            entity: "appointment",
            entity_id: Some(row.id),
            patient_id: Some(row.patient_id),
            outcome: "ok",
        };
        audit::append_alone(cx, clinic.tenant, entry).await?;
        let from = opens(row.start_at)?;
        let visit = visit_of(cx, row).await?;
        if visit.service.plan.mode == Mode::InPerson {
            mine.push(Mine { visit, from });
        }
    }
    Ok(mine)
}

/// The clinic's local day of an instant, in milliseconds.
pub(super) fn day(clinic: &Clinic, now: Timestamp) -> Result<(i64, i64), Internal> {
    let today = local_day(&clinic.zone, now);
    let midnight = |date: jiff::civil::Date| {
        let zoned = date.to_zoned(clinic.zone.clone()).map_err(|e| Internal::Data(e.to_string()))?;
        Ok::<_, Internal>(zoned.timestamp().as_millisecond())
    };
    Ok((midnight(today)?, midnight(today.saturating_add(1.day()))?))
}

fn opens(start_ms: i64) -> Result<Timestamp, Internal> {
    Timestamp::from_millisecond(start_ms - BEFORE_MS).map_err(|e| Internal::Data(e.to_string()))
}

/// Says that the patient is here. Said again it changes nothing.
pub async fn i_am_here(cx: &Cx, access: &VisitAccess) -> Result<(), BookingError> {
    let done = cx.db.write(|tx| async move { here_in(cx, &tx, access).await }).await;
    if let Err(error) = &done {
        let visit: Option<AppointmentId> = Some(access.appointment);
        event::record_refusal(cx, access.tenant, "appointment.arrive", visit, access.actor(), error).await?;
    }
    done
}

async fn here_in(cx: &Cx, tx: &Tx, access: &VisitAccess) -> Result<(), BookingError> {
    let before = event::find(tx, access).await?;
    let clinic = clinic::in_tx(cx, tx, ClinicId(before.clinic_id)).await?.ok_or(BookingError::NotFound)?;
    let service = clinic.service_by_id(ServiceId(before.service_id)).ok_or(BookingError::NotFound)?;
    let status = event::status_of(&before)?;
    if matches!(status, Status::Arrived | Status::CheckedIn) {
        return Ok(());
    }
    // Nobody comes to a call.
    if status != Status::Booked || service.plan.mode != Mode::InPerson {
        return Err(BookingError::WrongStatus(status));
    }
    let now = cx.now_ms();
    let (from, to) = day(&clinic, cx.now())?;
    if now < before.start_at - BEFORE_MS || before.start_at >= to {
        return Err(BookingError::TooEarly);
    }
    if now >= before.end_at || before.start_at < from {
        return Err(BookingError::DayOver);
    }
    step(cx, tx, before, Transition::Arrive, access.actor()).await
}
