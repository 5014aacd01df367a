//! Booking settings as a file states them, at any level: `[clinic.booking]`, `[services.booking]` and so on.

use domain::booking::{Gap, Settings, SettingsPatch};
use jiff::civil::Date;

use super::amount::{Days, Minutes, said};
use super::section::Section;
use super::value::{Choice, Count, Day, Flag};

pub(super) const FIELDS: &[&str] = &[
    "duration",
    "buffer_before",
    "buffer_after",
    "gap",
    "grid",
    "grid_offset",
    "notice_book",
    "notice_move",
    "notice_cancel",
    "horizon",
    "bookable_from",
    "bookable_until",
    "hold",
    "hold_most",
    "waitlist",
    "waitlist_offer",
    "max_active",
    "max_per_period",
    "period",
    "needs_approval",
];

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
const DURATION: Minutes = Minutes { least: 5, most: DAY, step: 5 };
const BUFFER: Minutes = Minutes { least: 0, most: 4 * HOUR, step: 5 };
const GRID: Minutes = Minutes { least: 5, most: DAY, step: 5 };
const GRID_OFFSET: Minutes = Minutes { least: 0, most: DAY - 5, step: 5 };
const NOTICE: Minutes = Minutes { least: 0, most: 365 * DAY, step: 5 };
/// Holds are compared at use, to the second, so they need not keep to five minutes.
const HOLD: Minutes = Minutes { least: 2, most: HOUR, step: 1 };
/// To answer an offer in; nights do not count.
const OFFER: Minutes = Minutes { least: 10, most: DAY, step: 5 };
const GAPS: Choice<Gap> = Choice(&[("larger", Gap::Larger), ("sum", Gap::Sum)]);

/// One level's settings from the section itself.
pub(super) fn read(at: &Section<'_>) -> SettingsPatch {
    let patch = SettingsPatch {
        duration: at.get("duration", DURATION),
        buffer_before: at.get("buffer_before", BUFFER),
        buffer_after: at.get("buffer_after", BUFFER),
        gap: at.get("gap", GAPS),
        grid_interval: at.get("grid", GRID),
        grid_offset: at.get("grid_offset", GRID_OFFSET),
        notice_book: at.get("notice_book", NOTICE),
        notice_move: at.get("notice_move", NOTICE),
        notice_cancel: at.get("notice_cancel", NOTICE),
        horizon_days: at.get("horizon", Days(1, 730)),
        bookable_from: at.get("bookable_from", Day),
        bookable_until: at.get("bookable_until", Day),
        hold_minutes: at.get("hold", HOLD),
        hold_minutes_most: at.get("hold_most", HOLD),
        waitlist: at.get("waitlist", Flag),
        waitlist_offer_minutes: at.get("waitlist_offer", OFFER),
        max_active_per_patient: at.get("max_active", Count(1, 100)),
        max_per_period: at.get("max_per_period", Count(1, 100)),
        per_patient_period_days: at.get("period", Days(1, 730)).and_then(|days| days.try_into().ok()),
        needs_approval: at.get("needs_approval", Flag),
    };
    if let Some((from, until)) = backwards(patch.bookable_from, patch.bookable_until) {
        let wrong = format!("{until} is before {from}");
        at.wrong("bookable_until", wrong, "the date of bookable_from or a later one");
    }
    patch
}

fn backwards(from: Option<Date>, until: Option<Date>) -> Option<(Date, Date)> {
    from.zip(until).filter(|(from, until)| until < from)
}

/// One level's settings from its table `booking`.
pub(super) fn read_booking(at: &Section<'_>) -> SettingsPatch {
    read(&at.section("booking", FIELDS))
}

/// Settings that are well by themselves but do not go together once inherited.
/// Gives the field, what is wrong and what is allowed.
pub(super) fn at_odds(settings: &Settings, levels: &[&SettingsPatch]) -> Vec<(&'static str, String, String)> {
    let mut odds = Vec::new();
    if settings.hold_minutes > settings.hold_minutes_most {
        let most = said(settings.hold_minutes_most);
        odds.push((
            "hold",
            format!("{} is more than hold_most, which is {most}", said(settings.hold_minutes)),
            format!("at most {most}"),
        ));
    }
    if settings.max_per_period.is_some() != settings.per_patient_period_days.is_some() {
        odds.push((
            "max_per_period",
            "max_per_period and period mean something only together".to_owned(),
            "both or neither".to_owned(),
        ));
    }
    // A level that is at odds with itself has been told so where it is written.
    let told = levels.iter().any(|l| backwards(l.bookable_from, l.bookable_until).is_some());
    if let Some((from, until)) = backwards(settings.bookable_from, settings.bookable_until)
        && !told
    {
        odds.push((
            "bookable_until",
            format!("the inherited range ends on {until}, before it starts on {from}"),
            "a date not before bookable_from".to_owned(),
        ));
    }
    odds
}
