//! When a calendar is compared: when somebody asks for it, and when the clinic's visits have changed.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::ids::ClinicId;
use entity::calendar_source;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{closings, settling::settle_source};
use crate::{clinic, cx::Cx, error::Internal, schedule};

/// Calendars that somebody asks to have compared, so that the worker need not wait for its next look.
#[derive(Default)]
pub struct CalendarBell {
    wanted: Mutex<BTreeSet<(ClinicId, Uuid)>>,
    /// The last hour in which all were compared, counted from 1970.
    hour: AtomicI64,
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

    /// Whether it is the first time in its hour.
    fn strikes(&self, now_ms: i64) -> bool {
        let hour = now_ms.div_euclid(3_600_000);
        self.hour.swap(hour, Ordering::Relaxed) != hour
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

/// Sources of clinics whose calendar changed here since it was compared, and once an hour those that were read whole:
/// questions wait for the clinic to have had its time, which passes without anything being changed. For the timetable.
pub async fn settle_changed(cx: &Cx) -> Result<(), Internal> {
    let hourly = cx.calendar_bell.strikes(cx.now_ms());
    let rows =
        calendar_source::Entity::find().filter(calendar_source::Column::AsOf.is_not_null()).all(cx.db.read()).await?;
    for row in rows {
        let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { continue };
        if row.removed_at.is_some() {
            if let Err(error) = closings::open_rest(cx, &clinic, row.id).await {
                tracing::error!(source = %row.id, %error, "what a removed calendar closed could not be opened");
            }
            continue;
        }
        let same = row.pulse == Some(schedule::pulse_of(cx.db.read(), &clinic).await?);
        if same && !(hourly && row.read_at.is_some()) {
            continue;
        }
        settle_or_say(cx, clinic.id, row.id).await;
    }
    Ok(())
}
