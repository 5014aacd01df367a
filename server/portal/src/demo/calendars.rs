//! Riverside's own calendar of Dr Weber, as a program tells it: some visits that it has taken over, a meeting, one that it
//! moved, one that it cancelled, and somebody else at one's time.

use domain::{
    booking::Status,
    reconcile::{Entry, EntryState, Evidence, Revision, Telling},
};
use entity::appointment;
use jiff::{Timestamp, ToSpan};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{DemoError, find};
use crate::{
    cx::Cx,
    error::Internal,
    identity::charts,
    reconcile::{self, Kind, ReconcileError, Settings, Tell},
    staff::Permit,
    who::{ApiClient, Scope},
};

pub(super) async fn tell(cx: &Cx) -> Result<(), DemoError> {
    let clinic = find(cx, "riverside").await?;
    let Some(weber) = clinic.practitioner("weber").map(|one| one.id) else { return Ok(()) };
    let client = ApiClient {
        key: domain::ids::ApiKeyId(Uuid::nil()),
        tenant: clinic.tenant,
        clinic: Some(clinic.id),
        scopes: vec![Scope::CalendarsReconcile],
    };
    let refused = |_| DemoError::File("no permit".to_owned());
    let connects = Permit::of_program(&client, &clinic).map_err(refused)?;
    let reads = Permit::of_program(&client, &clinic).map_err(refused)?;
    // A demo has no second system that would take anything over: nobody is asked for that.
    let settings = Settings { resource: Some(weber), titles: true, grace_minutes: 30 * 24 * 60, ..Settings::default() };
    let told = |error: ReconcileError| match error {
        ReconcileError::Internal(error) => DemoError::Internal(error),
        error => DemoError::File(error.to_string()),
    };
    let id = reconcile::make(cx, &connects, "Practice system", (Kind::Push, &settings), None).await.map_err(told)?;
    let rows = appointment::Entity::find()
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .filter(appointment::Column::PractitionerId.eq(weber.0))
        .filter(appointment::Column::Status.eq(Status::Booked.as_str()))
        .filter(appointment::Column::StartAt.gt((cx.now() + 24.hours()).as_millisecond()))
        .order_by_asc(appointment::Column::StartAt)
        .limit(8)
        .all(cx.db.read())
        .await
        .map_err(Internal::from)?;
    let keys = cx.keys.scope(cx.db.read(), clinic.tenant.0).await?;
    let mut entries = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let chart = charts::row(cx.db.read(), clinic.tenant, domain::ids::PatientId(row.patient_id)).await?;
        let (given, family) = charts::names(&keys, &chart)?;
        let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
        let (start, end) = (at(row.start_at)?, at(row.end_at)?);
        let (name, state, later) = match n {
            1 => ("Ruiz, Elena".to_owned(), EntryState::Busy, 0),
            3 => (format!("{family}, {given}"), EntryState::Busy, 7 * 24),
            5 => (format!("{family}, {given}"), EntryState::Cancelled, 0),
            _ => (format!("{family}, {given}"), EntryState::Busy, 0),
        };
        let visit = (n != 1).then_some(domain::ids::AppointmentId(row.id));
        let who = Evidence { name: Some(name), ..Evidence::default() };
        let entry = entry(&n.to_string(), (start + later.hours(), end + later.hours()), state);
        entries.push(Entry { visit, who, ..entry });
    }
    let Some(last) = entries.last().map(|entry| entry.end) else { return Ok(()) };
    let meeting = (last + 1.hours(), last + 2.hours());
    entries.push(Entry { title: "Staff meeting".to_owned(), ..entry("meeting", meeting, EntryState::Busy) });
    let tell = Tell {
        telling: Telling { entries, problems: Vec::new() },
        complete: true,
        window: (cx.now(), cx.now() + (60 * 24).hours()),
        as_of: cx.now(),
        file: None,
    };
    reconcile::read(cx, &reads, id, &tell).await.map_err(told)?;
    reconcile::settle_wanted(cx).await;
    Ok(())
}

fn entry(key: &str, (start, end): (Timestamp, Timestamp), state: EntryState) -> Entry {
    Entry {
        key: key.to_owned(),
        whose: "weber".to_owned(),
        start,
        end,
        state,
        revision: Revision::default(),
        visit: None,
        who: Evidence::default(),
        title: String::new(),
    }
}
