//! A visit's day as the desk says it: one step each (booking rule 15).

use domain::{booking::Transition, ids::AppointmentId};
use jiff::Timestamp;

use super::{
    at_desk::{find, refused},
    error::BookingError,
    local_day,
    progress::step,
};
use crate::{
    clinic::Clinic,
    cx::Cx,
    staff::{Permit, permission::ChangeVisits},
};

/// One step of the visit's day: approved, arrived, checked in, done, not come.
pub async fn advance(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
    transition: Transition,
) -> Result<(), BookingError> {
    let done = cx
        .db
        .write(|tx| async move {
            let before = find(&tx, permit, visit, version).await?;
            let start = Timestamp::from_millisecond(before.start_at).unwrap_or(Timestamp::UNIX_EPOCH);
            if is_too_early(&permit.clinic, transition, start, cx.now()) {
                return Err(BookingError::TooEarly);
            }
            step(cx, &tx, before, transition, permit.actor).await
        })
        .await;
    cx.job_bell.notify_one();
    if let Err(error) = &done {
        refused(cx, permit, transition.as_str(), Some(visit), error).await?;
    }
    done
}

/// A visit's day has its steps: nobody comes before it, and nobody fails to come before the time.
pub fn is_too_early(clinic: &Clinic, transition: Transition, start: Timestamp, now: Timestamp) -> bool {
    match transition {
        Transition::Arrive | Transition::CheckIn | Transition::Complete => {
            local_day(&clinic.zone, now) < local_day(&clinic.zone, start)
        }
        Transition::NoShow => now < start,
        _ => false,
    }
}
