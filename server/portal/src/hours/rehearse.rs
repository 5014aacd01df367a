//! A change before it is one: kept with the version of the clinic it was worked out from, and every visit that would lose
//! its place by it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    booking::Status,
    clinic::ClinicPlan,
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
    words::short_name,
};
use entity::{appointment, hours_rehearsal as rehearsal};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Edit, HoursError};
use crate::{
    audit::{self, Entry},
    booking::{self, Extent, Hold, Lost},
    clinic::{self, Clinic},
    cx::Cx,
    error::Internal,
    identity::charts,
    keys::hash,
    patients::ChartRecord,
    staff::{
        Permit,
        permission::{ChangeHours, SeePatients},
    },
    waitlist,
};

/// How long a change may be thought about.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;

/// What would come of a change.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    pub id: Uuid,
    pub edit: Edit,
    /// By start; only what is within the permit.
    pub affected: Vec<Affected>,
    /// Visits that wait for a new time already and would still.
    pub waiting: usize,
    /// Visits that wait for a new time and would fit again.
    pub again: usize,
    /// Times that somebody on the waitlist is asked about, and that would be none any more: they are taken back.
    pub offers: Vec<Asked>,
    pub applied: bool,
    /// Of the list as it was looked at: what is decided is decided about this one.
    pub mark: String,
}

/// A visit that would lose its place.
#[derive(Clone, Debug)]
pub struct Affected {
    pub appointment: AppointmentId,
    pub version: i64,
    /// "Amira Kaya", or "Kaya, A." for whoever sees only the board.
    pub name: String,
    /// For whoever may see the patient.
    pub phone: Option<String>,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
    pub status: Status,
    /// The rule's code, and in words.
    pub rule: &'static str,
    pub why: String,
}

/// Somebody on the waitlist who is asked about a time.
#[derive(Clone, Debug)]
pub struct Asked {
    /// "Kaya, A."
    pub name: String,
    pub practitioner: ResourceId,
    pub start: Timestamp,
}

/// A visit as it was rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Seen(pub Uuid, pub i64);

/// Works out what would come of the change, and keeps it for a week. Nothing is changed.
pub async fn rehearse(
    cx: &Cx,
    permit: &Permit<ChangeHours>,
    sees: Option<&Permit<SeePatients>>,
    edit: Edit,
) -> Result<Rehearsal, HoursError> {
    let clinic = current(cx, permit).await?;
    if let Err(error) = edit.allow(permit, &clinic) {
        note(cx, permit, "hours.rehearse", error.code()).await?;
        return Err(error);
    }
    let plan = edit.made(&clinic)?;
    let would = work_out(cx, permit, &clinic, (&plan, edit.extent(&clinic)?)).await?;
    let id = cx.id();
    let row = rehearsal::ActiveModel {
        id: Set(id),
        tenant_id: Set(clinic.tenant.0),
        clinic_id: Set(clinic.id.0),
        clinic_version: Set(clinic.version),
        edit: Set(serde_json::to_string(&edit)?),
        affected: Set(serde_json::to_string(&would.seen())?),
        made_by_kind: Set(permit.actor.kind.to_owned()),
        made_by: Set(permit.actor.id),
        made_at: Set(cx.now_ms()),
        applied_at: Set(None),
    };
    let row = &row;
    cx.db
        .write(|tx| async move {
            rehearsal::Entity::insert(row.clone()).exec_without_returning(&tx).await?;
            Ok::<_, Internal>(())
        })
        .await?;
    note(cx, permit, "hours.rehearse", "ok").await?;
    let mark = mark(clinic.version, &serde_json::to_string(&would.seen())?);
    told(cx, permit, sees, (id, edit, None), (would, mark)).await
}

/// The rehearsal as of now: worked out anew, because people book meanwhile. Whether it is another than before is said.
pub async fn look_again(
    cx: &Cx,
    permit: &Permit<ChangeHours>,
    sees: Option<&Permit<SeePatients>>,
    id: Uuid,
) -> Result<(Rehearsal, bool), HoursError> {
    let clinic = current(cx, permit).await?;
    let row = find(cx.db.read(), permit, id).await?;
    let edit: Edit = serde_json::from_str(&row.edit)?;
    edit.allow(permit, &clinic).map_err(|_| HoursError::NotFound)?;
    if row.applied_at.is_some() {
        let would = Would { lost: Vec::new(), waiting: 0, again: 0, offers: Vec::new() };
        return Ok((told(cx, permit, sees, (id, edit, row.applied_at), (would, String::new())).await?, false));
    }
    let plan = edit.made(&clinic)?;
    let would = work_out(cx, permit, &clinic, (&plan, edit.extent(&clinic)?)).await?;
    let before: BTreeSet<Seen> = serde_json::from_str(&row.affected)?;
    let now = would.seen();
    // Who left the list by themselves needs nobody's decision.
    let changed = row.clinic_version != clinic.version || !now.is_subset(&before);
    let seen = serde_json::to_string(&now)?;
    let mark = mark(clinic.version, &seen);
    if changed || now != before {
        let (seen, version) = (&seen, clinic.version);
        cx.db
            .write(|tx| async move {
                rehearsal::Entity::update_many()
                    .col_expr(rehearsal::Column::ClinicVersion, Expr::value(version))
                    .col_expr(rehearsal::Column::Affected, Expr::value(seen.clone()))
                    .filter(rehearsal::Column::Id.eq(id))
                    .filter(rehearsal::Column::AppliedAt.is_null())
                    .exec(&tx)
                    .await?;
                Ok::<_, Internal>(())
            })
            .await?;
    }
    Ok((told(cx, permit, sees, (id, edit, None), (would, mark)).await?, changed))
}

/// Forgets what was thought about and let be.
pub async fn tidy(cx: &Cx) -> Result<(), Internal> {
    cx.db
        .write(|tx| async move {
            rehearsal::Entity::delete_many()
                .filter(rehearsal::Column::MadeAt.lt(cx.now_ms() - KEPT_MS))
                .filter(rehearsal::Column::AppliedAt.is_null())
                .exec(&tx)
                .await?;
            Ok::<_, Internal>(())
        })
        .await?;
    booking::displaced::let_pass(cx).await.map(drop)
}

/// What would come of it, without words.
struct Would {
    lost: Vec<Lost>,
    waiting: usize,
    again: usize,
    offers: Vec<(PatientId, Hold)>,
}

impl Would {
    fn seen(&self) -> BTreeSet<Seen> {
        self.lost.iter().map(|lost| Seen(lost.visit.id, lost.visit.version)).collect()
    }
}

async fn work_out(
    cx: &Cx,
    permit: &Permit<ChangeHours>,
    clinic: &Clinic,
    (plan, extent): (&ClinicPlan, Extent),
) -> Result<Would, HoursError> {
    let db = cx.db.read();
    let open = booking::displaced::all_open(db, clinic.tenant, clinic.id).await?;
    let new = clinic.with(plan);
    let judged = booking::judged(cx, db, &new, &extent).await?;
    let mut offers = waitlist::would_take_back(cx, db, &new).await?;
    offers.retain(|(_, held)| permit.covers(held.practitioner));
    let open: BTreeSet<Uuid> = open.iter().map(|row| row.appointment_id).collect();
    let again = open.iter().filter(|visit| judged.fit.contains(visit)).count();
    let waiting = open.len() - again;
    let strange = judged.lost.into_iter().filter(|lost| !open.contains(&lost.visit.id));
    let lost = strange.filter(|lost| permit.covers(lost.practitioner())).collect();
    Ok(Would { lost, waiting, again, offers })
}

async fn told(
    cx: &Cx,
    permit: &Permit<ChangeHours>,
    sees: Option<&Permit<SeePatients>>,
    (id, edit, applied): (Uuid, Edit, Option<i64>),
    (would, mark): (Would, String),
) -> Result<Rehearsal, HoursError> {
    let visits: Vec<&appointment::Model> = would.lost.iter().map(|lost| &lost.visit).collect();
    let names = names(cx, &permit.clinic, sees, &visits).await?;
    let affected = would.lost.iter().map(|lost| {
        let visit = &lost.visit;
        let (name, phone) = names.get(&visit.id).cloned().unwrap_or_default();
        let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
        Ok(Affected {
            appointment: lost.id(),
            version: visit.version,
            name,
            phone,
            service: ServiceId(visit.service_id),
            practitioner: lost.practitioner(),
            start: at(visit.start_at)?,
            end: at(visit.end_at)?,
            status: visit.status.parse().map_err(|_| Internal::Data(format!("status {}", visit.status)))?,
            rule: lost.reason.code(),
            why: lost.reason.sentence(&permit.clinic.zone),
        })
    });
    let affected = affected.collect::<Result<Vec<_>, Internal>>()?;
    let offers = asked(cx, &permit.clinic, &would.offers).await?;
    let applied = applied.is_some();
    Ok(Rehearsal { id, edit, affected, waiting: would.waiting, again: would.again, offers, applied, mark })
}

async fn asked(cx: &Cx, clinic: &Clinic, offers: &[(PatientId, Hold)]) -> Result<Vec<Asked>, Internal> {
    let db = cx.db.read();
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let patients: Vec<Uuid> = offers.iter().map(|(patient, _)| patient.0).collect();
    let charts = charts::rows(db, clinic.tenant, &patients).await?;
    let mut all = Vec::with_capacity(offers.len());
    for (patient, held) in offers {
        let Some(chart) = charts.get(&patient.0) else { continue };
        let record = ChartRecord::open(&keys, chart)?;
        let (practitioner, start) = (held.practitioner, held.span.start.start());
        all.push(Asked { name: short_name(&record.given, &record.family), practitioner, start });
    }
    Ok(all)
}

/// Of a clinic's version and a list of visits.
pub(super) fn mark(version: i64, seen: &str) -> String {
    data_encoding::HEXLOWER.encode(&hash(format!("{version} {seen}").as_bytes())[..12])
}

/// Name and phone by visit: in full for whoever may see the patient, which leaves a trace.
pub(super) async fn names(
    cx: &Cx,
    clinic: &Clinic,
    sees: Option<&Permit<SeePatients>>,
    visits: &[&appointment::Model],
) -> Result<BTreeMap<Uuid, (String, Option<String>)>, Internal> {
    let db = cx.db.read();
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let mut names = BTreeMap::new();
    let mut read = Vec::new();
    let patients: BTreeSet<Uuid> = visits.iter().map(|visit| visit.patient_id).collect();
    let charts = charts::rows(db, clinic.tenant, &patients.into_iter().collect::<Vec<_>>()).await?;
    for visit in visits {
        let chart =
            charts.get(&visit.patient_id).ok_or_else(|| Internal::Data(format!("visit {} is nobody's", visit.id)))?;
        let record = ChartRecord::open(&keys, chart)?;
        let sees = sees.filter(|permit| permit.covers(ResourceId(visit.practitioner_id)));
        let told = match sees {
            Some(permit) => {
                read.push(Entry {
                    actor: permit.actor,
                    action: "appointment.read",
                    entity: "appointment",
                    entity_id: Some(visit.id),
                    patient_id: Some(visit.patient_id),
                    outcome: "ok",
                });
                (record.full_name(), record.phone.clone())
            }
            None => (short_name(&record.given, &record.family), None),
        };
        names.insert(visit.id, told);
    }
    audit::append_all(cx, clinic.tenant, read).await?;
    Ok(names)
}

/// The clinic as it is now: what the permit was given for may be a second old.
async fn current(cx: &Cx, permit: &Permit<ChangeHours>) -> Result<std::sync::Arc<Clinic>, HoursError> {
    if clinic::version(cx.db.read(), permit.clinic.id).await? != Some(permit.clinic.version) {
        cx.clinics.forget(cx, permit.clinic.id);
    }
    clinic::by_id(cx, permit.clinic.id).await?.ok_or(HoursError::NotFound)
}

/// A rehearsal of the permit's clinic.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    permit: &Permit<ChangeHours>,
    id: Uuid,
) -> Result<rehearsal::Model, HoursError> {
    let row = rehearsal::Entity::find_by_id(id)
        .filter(rehearsal::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(rehearsal::Column::ClinicId.eq(permit.clinic.id.0))
        .one(db)
        .await?;
    row.ok_or(HoursError::NotFound)
}

pub(super) async fn note(
    cx: &Cx,
    permit: &Permit<ChangeHours>,
    action: &'static str,
    outcome: &'static str,
) -> Result<(), Internal> {
    let (entity, entity_id) = ("clinic", Some(permit.clinic.id.0));
    let entry = Entry { actor: permit.actor, action, entity, entity_id, patient_id: None, outcome };
    audit::append_alone(cx, permit.clinic.tenant, entry).await
}
