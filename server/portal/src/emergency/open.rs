//! Opening a chart in an emergency, and ending it. Whoever has it holds a `BrokenGlass`, which is given out anew for every
//! look: an hour that is over, a post that was taken away or a desk that locked sees nothing more.

use std::sync::Arc;

use domain::{
    ids::{AppointmentId, PatientId},
    staff::{Action, Role},
};
use entity::{appointment, emergency_access};
use jiff::{Timestamp, civil::Date};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select, sea_query::Expr};
use uuid::Uuid;

use crate::{
    audit::{self, Entry},
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::charts,
    jobs::{self, Job},
    keys::Place,
    patients,
    staff::{
        Desk, FreshDesk, Permit, addresses_of,
        permission::{BreakGlass, SeePatients},
    },
    who::Actor,
};

/// An access ends by itself after so long.
const HOUR_MS: i64 = 3_600_000;
/// Charts of one name and birth date that are opened together: they are likely one person's.
const MOST: usize = 3;
/// Letters of a reason that is one.
const LEAST: usize = 10;

/// Leave to see one chart, now.
#[derive(Clone, Debug)]
pub struct BrokenGlass {
    pub(super) actor: Actor,
    pub(super) clinic: Arc<Clinic>,
    pub(super) access: Uuid,
    pub(super) patient: PatientId,
    until: Timestamp,
}

impl BrokenGlass {
    pub fn access(&self) -> Uuid {
        self.access
    }

    pub fn until(&self) -> Timestamp {
        self.until
    }
}

/// Whose chart.
#[derive(Clone, Debug)]
pub enum Whom {
    /// Of somebody on the clinic's board.
    Visit(AppointmentId),
    /// Anywhere in the network, by name and birth date: nobody browses in an emergency.
    Person { name: String, birth_date: Date },
}

/// An access that one has now.
#[derive(Clone, Debug)]
pub struct OpenAccess {
    pub id: Uuid,
    pub name: String,
    pub until: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// The role does not allow it, or there is no such visit.
    #[error("not found")]
    NotFound,
    /// Nobody in the network has this name and birth date.
    #[error("no chart fits")]
    Nobody,
    /// So many have it that nobody can tell who is meant.
    #[error("too many charts fit")]
    Several,
    /// One's role reaches the chart anyway.
    #[error("the chart is reached without")]
    Reached,
    /// Not a reason that anybody could look into later.
    #[error("the reason is too short")]
    Why,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl EmergencyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Nobody => "nobody",
            Self::Several => "several",
            Self::Reached => "reached",
            Self::Why => "no_reason",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<sea_orm::DbErr> for EmergencyError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for EmergencyError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Opens the chart for an hour. Asked again meanwhile for the same reason it answers the same access. The privacy officers hear of it by what
/// is written in the same transaction.
pub async fn break_glass(
    cx: &Cx,
    desk: FreshDesk<'_>,
    clinic: &Arc<Clinic>,
    whom: &Whom,
    why: &str,
) -> Result<Vec<Uuid>, EmergencyError> {
    let permit = desk.permit::<BreakGlass>(clinic);
    let done = match &permit {
        Some(permit) => open(cx, &desk, permit, whom, why).await,
        None => Err(EmergencyError::NotFound),
    };
    cx.job_bell.ring();
    if let Err(error) = &done
        && !matches!(error, EmergencyError::Internal(_))
    {
        let (actor, outcome) = (desk.actor(), error.code());
        let (action, entity, entity_id) = ("glass.break", "clinic", Some(clinic.id.0));
        let entry = Entry { actor, action, entity, entity_id, patient_id: None, outcome };
        audit::append_alone(cx, clinic.tenant, entry).await?;
    }
    done
}

async fn open(
    cx: &Cx,
    desk: &Desk,
    permit: &Permit<BreakGlass>,
    whom: &Whom,
    why: &str,
) -> Result<Vec<Uuid>, EmergencyError> {
    if why.trim().chars().count() < LEAST {
        return Err(EmergencyError::Why);
    }
    let clinic = &permit.clinic;
    let found = match whom {
        Whom::Visit(id) => vec![of_visit(cx, clinic, *id).await?],
        Whom::Person { name, birth_date } => patients::named_exactly(cx, clinic.tenant, name, *birth_date).await?,
    };
    if found.is_empty() {
        return Err(EmergencyError::Nobody);
    }
    if found.len() > MOST {
        return Err(EmergencyError::Several);
    }
    let mut beyond = Vec::new();
    for patient in found {
        let reached = match desk.permit::<SeePatients>(clinic) {
            Some(sees) => patients::reaches(cx, &sees, patient).await?,
            None => false,
        };
        if !reached {
            beyond.push(patient);
        }
    }
    if beyond.is_empty() {
        return Err(EmergencyError::Reached);
    }
    let beyond = &beyond;
    cx.db
        .write(|tx| async move {
            let mut opened = Vec::with_capacity(beyond.len());
            for patient in beyond {
                opened.push(open_in(cx, &tx, desk, permit, *patient, why).await?);
            }
            Ok::<_, EmergencyError>(opened)
        })
        .await
}

async fn of_visit(cx: &Cx, clinic: &Clinic, id: AppointmentId) -> Result<PatientId, EmergencyError> {
    let row = appointment::Entity::find_by_id(id.0)
        .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .one(cx.db.read())
        .await?
        .ok_or(EmergencyError::NotFound)?;
    Ok(charts::kept(cx.db.read(), clinic.tenant, PatientId(row.patient_id)).await?)
}

async fn open_in(
    cx: &Cx,
    tx: &Tx,
    desk: &Desk,
    permit: &Permit<BreakGlass>,
    patient: PatientId,
    why: &str,
) -> Result<Uuid, EmergencyError> {
    let (clinic, tenant) = (&permit.clinic, permit.clinic.tenant);
    // Of two at once for one chart the second sees the first.
    let chart = charts::find(cx, tx, tenant, patient).await?;
    charts::touch(tx, tenant, &chart).await?;
    let same = live(cx.now_ms())
        .filter(emergency_access::Column::AccountId.eq(desk.account.0))
        .filter(emergency_access::Column::TenantId.eq(tenant.0))
        .filter(emergency_access::Column::ClinicId.eq(clinic.id.0))
        .filter(emergency_access::Column::PatientId.eq(patient.0))
        .all(tx)
        .await?;
    let keys = cx.keys.scope(tx, tenant.0).await?;
    for row in same {
        // By a post of now: one that was taken away opens nothing more. Another reason is another access.
        let mine = desk.posts().iter().any(|post| post.id == row.staff_id);
        if mine && keys.open_text(at("reason", row.id), &row.reason)? == why.trim() {
            return Ok(row.id);
        }
    }
    let post = desk.post_for(clinic, Action::BreakGlass).ok_or(EmergencyError::NotFound)?;
    let id = cx.id();
    let row = emergency_access::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant.0),
        clinic_id: Set(clinic.id.0),
        account_id: Set(desk.account.0),
        staff_id: Set(post.id),
        patient_id: Set(patient.0),
        reason: Set(keys.seal(cx.rng.as_ref(), at("reason", id), why.trim().as_bytes())?),
        made_at: Set(cx.now_ms()),
        expires_at: Set(cx.now_ms() + HOUR_MS),
        ended_at: Set(None),
        reviewed_at: Set(None),
        reviewed_by: Set(None),
        note: Set(None),
    };
    emergency_access::Entity::insert(row).exec_without_returning(tx).await?;
    audit::append(cx, tx, tenant, entry(permit.actor, "glass.break", id, patient)).await?;
    // Without an officer, whoever appoints one hears of it.
    for email in addresses_of(cx, tx, (tenant, clinic.id), &[Role::PrivacyOfficer, Role::Admin]).await? {
        jobs::enqueue(cx, tx, &Job::SendEmergencyNotice { email, tenant, access: id }).await?;
    }
    Ok(id)
}

/// Accesses that count now.
fn live(now: i64) -> Select<emergency_access::Entity> {
    emergency_access::Entity::find()
        .filter(emergency_access::Column::EndedAt.is_null())
        .filter(emergency_access::Column::ExpiresAt.gt(now))
}

/// The access, for whoever opened it and may still: `None` is all that everybody else hears.
pub async fn access(cx: &Cx, desk: &Desk, clinic: &Arc<Clinic>, id: Uuid) -> Result<Option<BrokenGlass>, Internal> {
    let Some(permit) = desk.permit::<BreakGlass>(clinic) else { return Ok(None) };
    let row = live(cx.now_ms())
        .filter(emergency_access::Column::Id.eq(id))
        .filter(emergency_access::Column::AccountId.eq(desk.account.0))
        .filter(emergency_access::Column::TenantId.eq(clinic.tenant.0))
        .filter(emergency_access::Column::ClinicId.eq(clinic.id.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row else { return Ok(None) };
    // The very post by which it was opened: one that was taken away takes what it opened with it.
    if desk.posts().iter().all(|post| post.id != row.staff_id) {
        return Ok(None);
    }
    let patient = charts::kept(cx.db.read(), clinic.tenant, PatientId(row.patient_id)).await?;
    let until = Timestamp::from_millisecond(row.expires_at).map_err(|e| Internal::Data(e.to_string()))?;
    Ok(Some(BrokenGlass { actor: permit.actor, clinic: Arc::clone(clinic), access: row.id, patient, until }))
}

/// What one has open at a clinic, oldest first. Each name that is told leaves a trace.
pub async fn open_accesses(cx: &Cx, desk: &Desk, clinic: &Arc<Clinic>) -> Result<Vec<OpenAccess>, Internal> {
    let rows = live(cx.now_ms())
        .filter(emergency_access::Column::AccountId.eq(desk.account.0))
        .filter(emergency_access::Column::TenantId.eq(clinic.tenant.0))
        .filter(emergency_access::Column::ClinicId.eq(clinic.id.0))
        .order_by_asc(emergency_access::Column::MadeAt)
        .all(cx.db.read())
        .await?;
    let mut all = Vec::new();
    for row in rows {
        let Some(glass) = access(cx, desk, clinic, row.id).await? else { continue };
        let keys = cx.keys.scope(cx.db.read(), clinic.tenant.0).await?;
        let chart = charts::row(cx.db.read(), clinic.tenant, glass.patient).await?;
        let (given, family) = charts::names(&keys, &chart)?;
        audit::append_alone(cx, clinic.tenant, glass.entry("emergency.list")).await?;
        all.push(OpenAccess { id: row.id, name: domain::words::full_name(&given, &family), until: glass.until });
    }
    Ok(all)
}

/// Ends it before its time. `false` when it is over, or not one's own.
pub async fn end_access(cx: &Cx, desk: &Desk, clinic: &Arc<Clinic>, id: Uuid) -> Result<bool, Internal> {
    let Some(glass) = access(cx, desk, clinic, id).await? else { return Ok(false) };
    let glass = &glass;
    cx.db
        .write(|tx| async move {
            let ended = emergency_access::Entity::update_many()
                .col_expr(emergency_access::Column::EndedAt, Expr::value(Some(cx.now_ms())))
                .filter(emergency_access::Column::Id.eq(glass.access))
                .filter(emergency_access::Column::EndedAt.is_null())
                .exec(&tx)
                .await?;
            if ended.rows_affected == 1 {
                audit::append(cx, &tx, glass.clinic.tenant, glass.entry("glass.end")).await?;
            }
            Ok::<_, Internal>(ended.rows_affected == 1)
        })
        .await
}

impl BrokenGlass {
    pub(super) fn entry(&self, action: &'static str) -> Entry {
        entry(self.actor, action, self.access, self.patient)
    }
}

/// Rows of an access are of a kind of their own.
pub(super) fn entry(actor: Actor, action: &'static str, access: Uuid, patient: PatientId) -> Entry {
    let (entity_id, patient_id) = (Some(access), Some(patient.0));
    Entry { actor, action, entity: "emergency_access", entity_id, patient_id, outcome: "ok" }
}

pub(super) fn at(column: &'static str, row: Uuid) -> Place {
    Place { table: "emergency_access", column, row }
}
