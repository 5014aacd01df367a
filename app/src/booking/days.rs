//! The strip of seven days over the times. Weeks are counted from today, so the strip stays where it is while somebody
//! chooses among its days.

use domain::{booking::Reason, words};
use jiff::{ToSpan, civil::Date};
use leptos::prelude::*;
use portal::booking::Day;

use super::{api::TimeForm, when::ClinicClock};

pub(super) const DAYS: i32 = 7;

/// The first day of the strip that shows `day`.
pub(super) fn strip_start(today: Date, day: Date) -> Date {
    let ahead = today.until(day).map_or(0, |span| span.get_days()).max(0);
    today.saturating_add((ahead / DAYS * DAYS).days())
}

/// `last` is the last day that can be booked at all.
pub(super) fn strip(
    clock: &ClinicClock<'_>,
    form: &TimeForm,
    days: &[Day],
    chosen: Date,
    last: Date,
) -> impl IntoView + use<> {
    let (Some(first), Some(end)) = (days.first().map(|d| d.date), days.last().map(|d| d.date)) else {
        return ().into_any();
    };
    let earlier = (first > clock.today).then(|| form.on(first.saturating_sub(DAYS.days())).url("book/times"));
    let later = (end < last).then(|| form.on(end.saturating_add(1.day())).url("book/times"));
    let chips = days
        .iter()
        .map(|day| {
            let nobody = match form.with.as_str() {
                "" | super::choice::ANY if is_open(clock, day.date) => Nobody::Offers,
                "" | super::choice::ANY => Nobody::Open,
                _ => Nobody::In,
            };
            let (short, spoken) = state(day, nobody, !form.moves.is_empty());
            let name = format!("{}, {spoken}", clock.near_day(day.date));
            let class = if day.free.is_empty() { "day day-none" } else { "day" };
            view! {
                <li>
                    <a
                        class=class
                        href=form.on(day.date).url("book/times")
                        aria-current=(day.date == chosen).then_some("date")
                    >
                        <span class="day-name" aria-hidden="true">{&words::weekday(day.date)[..3]}</span>
                        <span class="day-number" aria-hidden="true">{day.date.day()}</span>
                        <span class="day-free" aria-hidden="true">{short}</span>
                        <span class="hide">{name}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="days" aria-label="Days">
            <div class="days-head">
                {earlier.map(|href| view! { <a class="days-move" href=href>"Earlier"<span class="hide">" days"</span></a> })}
                <p class="days-span">{format!("{} to {}", words::short_day(first), words::short_day(end))}</p>
                {later.map(|href| view! { <a class="days-move" href=href>"Later"<span class="hide">" days"</span></a> })}
            </div>
            <ol class="days-list">{chips}</ol>
        </nav>
    }
    .into_any()
}

/// Why there is nothing at all on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nobody {
    /// The clinic is closed.
    Open,
    /// The clinic is open, and this visit is not offered.
    Offers,
    /// The chosen person is not there.
    In,
}

fn is_open(clock: &ClinicClock<'_>, date: Date) -> bool {
    clock.clinic.profile.opening.windows(date).next().is_some()
}

/// What a day is, in a word, and as it is heard.
fn state(day: &Day, nobody: Nobody, moving: bool) -> (String, String) {
    let free = day.free.len();
    if free > 0 {
        return (format!("{free} free"), times_free(free));
    }
    let (short, spoken) = match &day.because {
        Some(Reason::Closed { .. }) => ("closed", "closed"),
        Some(Reason::Away { .. }) => ("away", "away"),
        Some(Reason::InThePast | Reason::TooSoon { .. }) => {
            ("too late", if moving { "too late to move to" } else { "too late to book" })
        }
        Some(Reason::TooFarAhead { .. } | Reason::BeforeRange { .. }) => ("not yet", "cannot be booked yet"),
        None | Some(Reason::OutsideHours | Reason::NotOffered) => match nobody {
            Nobody::Open => ("closed", "closed"),
            Nobody::Offers => ("none", "not offered on this day"),
            Nobody::In => ("not in", "not in"),
        },
        Some(_) => ("full", "full"),
    };
    (short.to_owned(), spoken.to_owned())
}

/// "9 times free", "1 time free".
pub(super) fn times_free(n: usize) -> String {
    if n == 1 { "1 time free".to_owned() } else { format!("{n} times free") }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_strip_stays_while_choosing_in_it() {
        let today = date(2026, 11, 22);
        assert_eq!(strip_start(today, today), today);
        assert_eq!(strip_start(today, date(2026, 11, 28)), today);
        assert_eq!(strip_start(today, date(2026, 11, 29)), date(2026, 11, 29));
        assert_eq!(strip_start(today, date(2027, 1, 5)), date(2027, 1, 3));
        assert_eq!(strip_start(today, date(2026, 11, 1)), today);
    }

    #[test]
    fn a_day_says_what_it_is() {
        let day = |because| Day { date: date(2026, 11, 23), free: Vec::new(), refused: Vec::new(), because };
        assert_eq!(state(&day(Some(Reason::Taken)), Nobody::Open, false).0, "full");
        assert_eq!(state(&day(None), Nobody::Open, false).0, "closed");
        assert_eq!(state(&day(None), Nobody::Offers, false).0, "none");
        assert_eq!(state(&day(None), Nobody::In, false).0, "not in");
        assert_eq!(state(&day(Some(Reason::InThePast)), Nobody::In, false).1, "too late to book");
        assert_eq!(state(&day(Some(Reason::InThePast)), Nobody::In, true).1, "too late to move to");
        assert_eq!(times_free(1), "1 time free");
    }
}
