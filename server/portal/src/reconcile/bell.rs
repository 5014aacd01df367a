//! When a calendar is compared: when somebody asks for it, and when the clinic's visits have changed.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use domain::ids::ClinicId;
use entity::calendar_source;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::sync::Notify;
use uuid::Uuid;

use super::settling::settle_source;
use crate::{clinic, cx::Cx, error::Internal, schedule};

/// Calendars that somebody asks to have compared, so that the worker need not wait for its next look.
#[derive(Default)]
pub struct CalendarBell {
    wanted: Mutex<BTreeSet<(ClinicId, Uuid)>>,
    notify: Notify,
}

impl CalendarBell {
    pub(super) fn ring(&self, clinic: ClinicId, source: Uuid) {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).insert((clinic, source));
        self.notify.notify_one();
    }

    /// When somebody asks.
    pub async fn rung(&self) {
        self.notify.notified().await;
    }

    fn take(&self) -> BTreeSet<(ClinicId, Uuid)> {
        std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The sources that somebody asked for.
pub async fn settle_wanted(cx: &Cx) {
    for (clinic, source) in cx.calendar_bell.take() {
        settle_or_say(cx, clinic, source).await;
    }
}

async fn settle_or_say(cx: &Cx, clinic: ClinicId, source: Uuid) {
    if let Err(error) = settle_source(cx, clinic, source).await {
        tracing::error!(%source, %error, "a calendar could not be compared");
    }
}

/// Sources of clinics whose calendar changed here since it was compared. For the timetable.
pub async fn settle_changed(cx: &Cx) -> Result<(), Internal> {
    let rows = calendar_source::Entity::find()
        .filter(calendar_source::Column::RemovedAt.is_null())
        .filter(calendar_source::Column::AsOf.is_not_null())
        .all(cx.db.read())
        .await?;
    for row in rows {
        let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { continue };
        if row.pulse == Some(schedule::pulse_of(cx.db.read(), &clinic).await?) && !grace_is_over(cx, &row) {
            continue;
        }
        settle_or_say(cx, clinic.id, row.id).await;
    }
    Ok(())
}

/// Questions wait for the clinic to have had its time, which passes without anything being changed: they are looked for
/// with each complete read, and once an hour.
fn grace_is_over(cx: &Cx, row: &calendar_source::Model) -> bool {
    row.read_at.is_some() && cx.now_ms().rem_euclid(3_600_000) < 60_000
}
