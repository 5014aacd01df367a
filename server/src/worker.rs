//! The worker: due jobs, and the one timetable of recurring work.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures::FutureExt;
use portal::{Cx, booking, family, hours, identity, jobs, reconcile, waitlist};
use tokio::{sync::watch, task::JoinSet, time::MissedTickBehavior};

/// (what, how often in seconds)
const SWEEP_EVERY: u64 = 5;
const TIDY_EVERY: u64 = 600;
const GROW_UP_EVERY: Duration = Duration::from_secs(3600);
const READ_CALENDARS_EVERY: Duration = Duration::from_secs(15);
const COMPARE_CALENDARS_EVERY: Duration = Duration::from_secs(60);
const WAITLIST_EVERY: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs until told to stop; the jobs in hand are finished first.
pub async fn run(cx: Cx, stop: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    for lane in jobs::Lane::ALL {
        tasks.spawn(work(cx.clone(), lane, stop.clone()));
    }
    tasks.spawn(keep_time(cx.clone(), stop.clone()));
    tasks.spawn(grow_up(cx.clone(), stop.clone()));
    tasks.spawn(read_calendars(cx.clone(), stop.clone()));
    tasks.spawn(compare_calendars(cx.clone(), stop.clone()));
    tasks.spawn(look_at_waitlists(cx, stop));
    while tasks.join_next().await.is_some() {}
}

/// What panics is told, and done again when it is due again: whatever else there is to do goes on.
async fn calmly(what: &str, work: impl Future<Output = ()>) {
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        tracing::error!(what, "it panicked");
    }
}

async fn work(cx: Cx, lane: jobs::Lane, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let stopping = stop.clone();
        match AssertUnwindSafe(jobs::run_lane(&cx, lane, || *stopping.borrow())).catch_unwind().await {
            Ok(Ok(0)) => {}
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => tracing::error!(%error, "the job queue cannot be read"),
            Err(_panic) => tracing::error!(?lane, "the job queue panicked"),
        }
        tokio::select! {
            () = cx.job_bell.rung(lane) => {}
            _ = stop.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// However busy the queue is.
async fn keep_time(cx: Cx, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    let mut seconds: u64 = 0;
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = ticks.tick() => {
                seconds += 1;
                calmly("the timetable", timetable(&cx, seconds)).await;
            }
        }
    }
}

/// By itself, because it looks at many charts. Also at once, for birthdays while nothing ran.
async fn grow_up(cx: Cx, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(GROW_UP_EVERY);
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = ticks.tick() => {
                calmly("growing up", async {
                    if let Err(error) = family::grow_up(&cx).await {
                        tracing::error!(%error, "what parents reach could not be made smaller");
                    }
                })
                .await;
            }
        }
    }
}

/// By itself, because other people's servers may be slow.
async fn read_calendars(cx: Cx, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(READ_CALENDARS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = ticks.tick() => {
                calmly("reading calendars", async {
                    if let Err(error) = reconcile::read_due(&cx).await {
                        tracing::error!(%error, "clinics' calendars could not be read");
                    }
                })
                .await;
            }
        }
    }
}

/// By itself, because large ones take a while. It rests as long as it worked, however often somebody asks.
async fn compare_calendars(cx: Cx, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(COMPARE_CALENDARS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        let asked = tokio::select! {
            _ = stop.changed() => return,
            () = cx.calendar_bell.rung() => true,
            _ = ticks.tick() => false,
        };
        let begun = Instant::now();
        calmly("comparing calendars", async {
            if asked {
                reconcile::settle_wanted(&cx).await;
            } else if let Err(error) = reconcile::settle_changed(&cx).await {
                tracing::error!(%error, "clinics' calendars could not be compared");
            }
        })
        .await;
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(begun.elapsed()) => {}
        }
    }
}

/// By itself, because it looks at many calendars: what no cancellation tells of, such as hours that opened, a morning that
/// came, or a last day that is over.
async fn look_at_waitlists(cx: Cx, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(WAITLIST_EVERY);
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = ticks.tick() => {
                calmly("looking at waitlists", async {
                    if let Err(error) = waitlist::look(&cx).await {
                        tracing::error!(%error, "the waitlists could not be looked at");
                    }
                })
                .await;
            }
        }
    }
}

async fn timetable(cx: &Cx, seconds: u64) {
    if seconds.is_multiple_of(SWEEP_EVERY)
        && let Err(error) = booking::sweep(cx).await
    {
        tracing::error!(%error, "ended holds could not be swept");
    }
    if (seconds == 1 || seconds.is_multiple_of(TIDY_EVERY))
        && let Err(error) = cx.db.tend().await
    {
        tracing::error!(%error, "the database's indexes could not be looked at");
    }
    if seconds.is_multiple_of(TIDY_EVERY)
        && let Err(error) = identity::tidy(cx).await
    {
        tracing::error!(%error, "old sessions could not be tidied");
    }
    if seconds.is_multiple_of(TIDY_EVERY)
        && let Err(error) = hours::tidy(cx).await
    {
        tracing::error!(%error, "old rehearsals could not be tidied");
    }
    if seconds.is_multiple_of(TIDY_EVERY)
        && let Err(error) = reconcile::tidy(cx).await
    {
        tracing::error!(%error, "old entries of calendars could not be tidied");
    }
}
