//! A visit with what the patient needs to know about it.

use std::sync::Arc;

use domain::{
    booking::{Settings, Status},
    grant::Right,
    ids::{AppointmentId, ClinicId, PatientId, ResourceId, ServiceId, TenantId},
};
use entity::{appointment, appointment_event, chart_grant};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    audit::{self, Entry},
    booking::{self, KeptTime},
    clinic::{self, Clinic, Service},
    cx::Cx,
    error::Internal,
    identity::{charts, grants},
    keys::{Place, ScopeKeys},
    paging::After,
    patients::rights_of,
    who::{Actor, ApiClient, Patient, VisitAccess, Who},
};

#[derive(Clone, Debug)]
pub struct Visit {
    pub id: AppointmentId,
    pub tenant: TenantId,
    pub patient: PatientId,
    pub clinic: Arc<Clinic>,
    pub service: Service,
    pub practitioner: String,
    pub practitioner_id: ResourceId,
    pub given: String,
    pub family: String,
    /// Where mails about the visit go.
    pub email: String,
    pub status: Status,
    pub start: Timestamp,
    pub end: Timestamp,
    pub reason: Option<String>,
    pub sequence: i64,
    pub version: i64,
    pub created_at: Timestamp,
    /// The clinic cannot keep the visit's time, and the patient knows.
    pub lost: Option<LostPlace>,
    /// What the clinic wrote when it cancelled.
    pub clinic_said: Option<String>,
    /// Moving and cancelling online end at these instants.
    pub move_until: Timestamp,
    pub cancel_until: Timestamp,
    /// To book, move or cancel by phone or online.
    pub settings: Settings,
}

/// A visit that needs a new time; its own stands until there is one.
#[derive(Clone, Debug)]
pub struct LostPlace {
    /// Kept for the patient to choose from, by start; none when they have run out.
    pub times: Vec<KeptTime>,
}

/// A page of a list, with where the next one starts.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Reads one visit and writes down that it was read.
pub async fn read(cx: &Cx, access: &VisitAccess) -> Result<Visit, Internal> {
    let row = appointment::Entity::find_by_id(access.appointment.0)
        .filter(appointment::Column::TenantId.eq(access.tenant.0))
        .one(cx.db.read())
        .await?
        .ok_or_else(|| Internal::Data("a visit is gone".to_owned()))?;
    let entry = Entry {
        actor: access.actor(),
        action: "appointment.read",
        entity: "appointment",
        entity_id: Some(row.id),
        patient_id: Some(row.patient_id),
        outcome: "ok",
    };
    audit::append_alone(cx, access.tenant, entry).await?;
    visit_of(cx, row).await
}

/// All visits of everybody the account reaches: those ahead, next first, and those behind or cancelled, newest first.
pub async fn upcoming_and_past(cx: &Cx, who: &Patient) -> Result<(Vec<Visit>, Vec<Visit>), Internal> {
    let grants = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(who.account().0))
        .filter(grants::in_force(cx.now_ms()))
        .all(cx.db.read())
        .await?;
    let mut visits = Vec::new();
    for grant in grants.into_iter().filter(|grant| rights_of(grant).allow(Right::Book)) {
        let rows = appointment::Entity::find()
            .filter(appointment::Column::TenantId.eq(grant.tenant_id))
            .filter(appointment::Column::PatientId.eq(grant.patient_id))
            .order_by_desc(appointment::Column::StartAt)
            .limit(200)
            .all(cx.db.read())
            .await?;
        let kind = if grant.relation == "self" { "account" } else { "proxy" };
        let entry = Entry {
            actor: Actor { kind, id: Some(who.account.0) },
            action: "appointment.list",
            entity: "patient",
            entity_id: Some(grant.patient_id),
            patient_id: Some(grant.patient_id),
            outcome: "ok",
        };
        audit::append_alone(cx, TenantId(grant.tenant_id), entry).await?;
        for row in rows {
            visits.push(visit_of(cx, row).await?);
        }
    }
    let now = cx.now();
    let (mut ahead, mut behind): (Vec<_>, Vec<_>) =
        visits.into_iter().partition(|v: &Visit| v.end > now && v.status.is_live() && v.status != Status::Fulfilled);
    ahead.sort_by_key(|v| v.start);
    behind.sort_by_key(|v| std::cmp::Reverse(v.start));
    Ok((ahead, behind))
}

/// A clinic program's list, oldest start first; `after` is where the last page ended.
pub async fn page(
    cx: &Cx,
    client: &ApiClient,
    since: Option<Timestamp>,
    after: Option<After>,
    limit: u64,
) -> Result<Page<Visit>, Internal> {
    let limit = limit.clamp(1, 100);
    let mut query = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(client.tenant.0))
        .order_by_asc(appointment::Column::StartAt)
        .order_by_asc(appointment::Column::Id)
        .limit(limit + 1);
    if let Some(clinic) = client.clinic {
        query = query.filter(appointment::Column::ClinicId.eq(clinic.0));
    }
    if let Some(since) = since {
        query = query.filter(appointment::Column::StartAt.gte(since.as_millisecond()));
    }
    // Where it was when the page was read: it may have been moved since.
    if let Some(After { at, id }) = after {
        let same = Condition::all()
            .add(appointment::Column::StartAt.eq(at.as_millisecond()))
            .add(appointment::Column::Id.gt(id));
        query = query.filter(Condition::any().add(appointment::Column::StartAt.gt(at.as_millisecond())).add(same));
    }
    let mut rows = query.all(cx.db.read()).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let place = |row: &appointment::Model| {
        let at = Timestamp::from_millisecond(row.start_at).map_err(|e| Internal::Data(e.to_string()))?;
        Ok::<_, Internal>(After { at, id: row.id }.text())
    };
    let next = rows.last().filter(|_| more).map(place).transpose()?;
    let entry = Entry {
        actor: Who::Api(client.clone()).actor(),
        action: "appointment.list",
        entity: "tenant",
        entity_id: Some(client.tenant.0),
        patient_id: None,
        outcome: "ok",
    };
    audit::append_alone(cx, client.tenant, entry).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(visit_of(cx, row).await?);
    }
    Ok(Page { items, next })
}

pub(crate) async fn visit_of(cx: &Cx, row: appointment::Model) -> Result<Visit, Internal> {
    let tenant = TenantId(row.tenant_id);
    let clinic = clinic::by_id(cx, ClinicId(row.clinic_id))
        .await?
        .ok_or_else(|| Internal::Data(format!("clinic {} is gone", row.clinic_id)))?;
    let service = clinic
        .service_by_id(ServiceId(row.service_id))
        .cloned()
        .ok_or_else(|| Internal::Data(format!("service {} is gone", row.service_id)))?;
    let practitioner_id = ResourceId(row.practitioner_id);
    let practitioner = clinic.resource(practitioner_id).map(|r| r.plan.name.clone()).unwrap_or_default();
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let chart = charts::row(cx.db.read(), tenant, PatientId(row.patient_id)).await?;
    let (given, family) = charts::names(&keys, &chart)?;
    let place = Place { table: "appointment", column: "reason", row: row.id };
    let reason = row.reason.as_ref().map(|r| keys.open_text(place, r)).transpose()?;
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    // As moving and cancelling ask it.
    let settings = clinic.settings_at(&service, practitioner_id, at(row.start_at)?);
    let lost = lost_place(cx, &row).await?;
    // Whom the clinic asks to come at another time needs no notice.
    let notice = |minutes: i64| if lost.is_some() { 0 } else { minutes * 60_000 };
    let (move_until, cancel_until) = (notice(settings.notice_move), notice(settings.notice_cancel));
    let clinic_said = clinic_said(cx, &keys, &row).await?;
    Ok(Visit {
        lost,
        clinic_said,
        id: AppointmentId(row.id),
        tenant,
        patient: PatientId(row.patient_id),
        practitioner,
        practitioner_id,
        given,
        family,
        email: charts::email(&keys, &chart)?,
        status: row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?,
        start: at(row.start_at)?,
        end: at(row.end_at)?,
        reason,
        sequence: row.sequence,
        version: row.version,
        created_at: at(row.created_at)?,
        move_until: at(row.start_at - move_until)?,
        cancel_until: at(row.start_at - cancel_until)?,
        settings,
        clinic,
        service,
    })
}

/// Only of visits ahead: what is over needs no new time.
async fn lost_place(cx: &Cx, row: &appointment::Model) -> Result<Option<LostPlace>, Internal> {
    if row.start_at <= cx.now_ms() || !row.status.parse().is_ok_and(Status::is_live) {
        return Ok(None);
    }
    let tenant = TenantId(row.tenant_id);
    let open = booking::displaced::open(cx.db.read(), tenant, row.id).await?;
    match open.filter(|open| open.told_at.is_some()) {
        Some(_) => Ok(Some(LostPlace { times: booking::kept_times(cx, tenant, row.id).await? })),
        None => Ok(None),
    }
}

/// What patients write when they cancel is for the clinic alone, and the other way round it is for them.
async fn clinic_said(cx: &Cx, keys: &ScopeKeys, row: &appointment::Model) -> Result<Option<String>, Internal> {
    let Some(sealed) = row.cancel_reason.as_ref().filter(|_| row.status == Status::Cancelled.as_str()) else {
        return Ok(None);
    };
    let cancelled = appointment_event::Entity::find()
        .filter(appointment_event::Column::TenantId.eq(row.tenant_id))
        .filter(appointment_event::Column::AppointmentId.eq(row.id))
        .filter(appointment_event::Column::Kind.eq("cancelled"))
        .order_by_desc(appointment_event::Column::Version)
        .one(cx.db.read())
        .await?;
    let by_clinic = cancelled.is_some_and(|event| event.by_clinic);
    let place = Place { table: "appointment", column: "cancel_reason", row: row.id };
    by_clinic.then(|| keys.open_text(place, sealed)).transpose()
}
