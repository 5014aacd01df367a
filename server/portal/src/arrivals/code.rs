//! The code that a patient shows at the counter. It is worked out from the visit and its time with the network's key, so
//! that it says nothing by itself; only a desk of the visit's clinic can do anything with it, and only on the day.

use domain::{
    booking::{Status, Transition},
    clinic::Mode,
    ids::{AppointmentId, ClinicId, ResourceId},
    paper_code::PaperCode,
};
use entity::{appointment, check_in_code};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::row;
use crate::{
    audit::{self, Entry},
    booking::{BookingError, event, local_day, step},
    cx::Cx,
    db::Tx,
    error::Internal,
    keys::hash,
    staff::{Permit, permission::ChangeVisits},
    visits::Visit,
};

const HOUR_MS: i64 = 3_600_000;
/// It is shown from so long before the visit: an evening before an early morning.
const BEFORE_MS: i64 = 12 * HOUR_MS;
/// And works so long after its planned end.
const AFTER_MS: i64 = 4 * HOUR_MS;

/// What the patient's phone shows.
#[derive(Clone, Debug)]
pub struct ShownCode {
    pub code: PaperCode,
    /// Where it leads whoever scans it with a phone's camera.
    pub link: String,
}

/// What became of a code at the counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    CheckedIn(AppointmentId),
    /// It was shown before.
    Already {
        visit: AppointmentId,
        at: Timestamp,
    },
    /// The visit is on another day.
    OtherDay {
        start: Timestamp,
    },
    /// The visit was today and is over, or was moved since the code was shown.
    Ended {
        start: Timestamp,
    },
    /// Of which one nobody here needs to know.
    OtherClinic,
    /// No code of ours, or one of long ago.
    Unknown,
}

impl Scanned {
    fn outcome(&self) -> &'static str {
        match self {
            Self::CheckedIn(_) => "ok",
            Self::Already { .. } => "already",
            Self::OtherDay { .. } => "other_day",
            Self::Ended { .. } => "code_ended",
            Self::OtherClinic => "other_clinic",
            Self::Unknown => "unknown",
        }
    }
}

/// The code of a visit that is read by whoever may see it. `None`: nobody checks in with one now.
pub async fn shown_code(cx: &Cx, visit: &Visit) -> Result<Option<ShownCode>, Internal> {
    let (start, now) = (visit.start.as_millisecond(), cx.now_ms());
    let expires = visit.end.as_millisecond() + AFTER_MS;
    let comes = visit.service.plan.mode == Mode::InPerson && visit.status == Status::Booked;
    if !comes || now < start - BEFORE_MS || now >= expires {
        return Ok(None);
    }
    let db = cx.db.read();
    let keys = cx.keys.scope(db, visit.tenant.0).await?;
    // Another time, another code.
    let secret = keys.token("check-in", Uuid::from_u128(visit.id.0.as_u128() ^ u128::from(start.unsigned_abs())));
    let mut bytes = [0; PaperCode::BYTES];
    bytes.copy_from_slice(&secret[..PaperCode::BYTES]);
    let code = PaperCode::of(bytes);
    let row = check_in_code::ActiveModel {
        code_hash: Set(hash(code.as_str().as_bytes())),
        tenant_id: Set(visit.tenant.0),
        clinic_id: Set(visit.clinic.id.0),
        appointment_id: Set(visit.id.0),
        start_at: Set(start),
        expires_at: Set(expires),
    };
    if check_in_code::Entity::find_by_id(hash(code.as_str().as_bytes())).one(db).await?.is_none() {
        let row = &row;
        let twice = &OnConflict::column(check_in_code::Column::CodeHash).do_nothing().to_owned();
        cx.db
            .write(|tx| async move {
                let insert = check_in_code::Entity::insert(row.clone()).on_conflict(twice.clone());
                insert.exec_without_returning(&tx).await?;
                Ok::<_, Internal>(())
            })
            .await?;
    }
    let link = format!("{}/k/{}", cx.config.public_url.trim_end_matches('/'), code.in_fours());
    Ok(Some(ShownCode { code, link }))
}

/// Whose code it is, for leading somebody at a desk to the right one. Says nothing of the visit.
pub async fn clinic_of(cx: &Cx, code: &str) -> Result<Option<ClinicId>, Internal> {
    let Ok(code) = PaperCode::parse(code) else { return Ok(None) };
    let row = check_in_code::Entity::find_by_id(hash(code.as_str().as_bytes())).one(cx.db.read()).await?;
    Ok(row.map(|row| ClinicId(row.clinic_id)))
}

/// Checks in exactly the code's visit, once.
pub async fn scan(cx: &Cx, permit: &Permit<ChangeVisits>, code: &str) -> Result<Scanned, BookingError> {
    let typed = PaperCode::parse(code).ok();
    let typed = typed.as_ref();
    let done = cx
        .db
        .write(|tx| async move {
            match typed {
                Some(code) => scan_in(cx, &tx, permit, code).await,
                None => Ok((Scanned::Unknown, None)),
            }
        })
        .await;
    let (outcome, about) = match &done {
        // The visit's own row tells of it.
        Ok((Scanned::CheckedIn(_), _)) | Err(BookingError::Internal(_)) => (None, None),
        Ok((scanned, about)) => (Some(scanned.outcome()), *about),
        Err(error) => (Some(error.code()), None),
    };
    if let Some(outcome) = outcome {
        let (actor, action, entity) = (permit.actor, "check_in_code.use", "appointment");
        let (entity_id, patient_id) = (about.map(|(visit, _)| visit), about.map(|(_, patient)| patient));
        let entry = Entry { actor, action, entity, entity_id, patient_id, outcome };
        audit::append_alone(cx, permit.clinic.tenant, entry).await?;
    }
    done.map(|(scanned, _)| scanned)
}

/// The visit and the patient that it is about.
type About = Option<(Uuid, Uuid)>;

async fn scan_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    code: &PaperCode,
) -> Result<(Scanned, About), BookingError> {
    let clinic = &permit.clinic;
    let row = check_in_code::Entity::find_by_id(hash(code.as_str().as_bytes())).one(tx).await?;
    let Some(row) = row else { return Ok((Scanned::Unknown, None)) };
    if row.tenant_id != clinic.tenant.0 || row.clinic_id != clinic.id.0 {
        return Ok((Scanned::OtherClinic, None));
    }
    let visit = appointment::Entity::find_by_id(row.appointment_id)
        .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .one(tx)
        .await?
        .ok_or(BookingError::NotFound)?;
    let about = Some((visit.id, visit.patient_id));
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let start = at(visit.start_at)?;
    if !permit.covers(ResourceId(visit.practitioner_id)) {
        return Err(BookingError::Forbidden);
    }
    let today = local_day(&clinic.zone, cx.now());
    if local_day(&clinic.zone, start) != today {
        return Ok((Scanned::OtherDay { start }, about));
    }
    if row.expires_at <= cx.now_ms() {
        return Ok((Scanned::Ended { start }, about));
    }
    let id = AppointmentId(visit.id);
    let there = row::find(tx, &visit).await?;
    match (event::status_of(&visit)?, there) {
        (Status::CheckedIn | Status::Fulfilled, Some(there)) => {
            let at = at(there.checked_in_at.unwrap_or(there.arrived_at))?;
            Ok((Scanned::Already { visit: id, at }, about))
        }
        _ => {
            step(cx, tx, visit, Transition::CheckIn, permit.actor).await?;
            Ok((Scanned::CheckedIn(id), about))
        }
    }
}

/// Codes of visits that are over.
pub(crate) async fn tidy(cx: &Cx, tx: &Tx) -> Result<(), Internal> {
    // A month, in which an old one is still told from one that never was.
    let old = check_in_code::Column::ExpiresAt.lte(cx.now_ms() - 30 * 24 * HOUR_MS);
    check_in_code::Entity::delete_many().filter(old).exec(tx).await?;
    Ok(())
}
