//! What people read when a time is refused (booking rule 25): plain English at a reading age of 9 to 11 that says why
//! and what to do. "You" is the patient; staff read the same words.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Reason;

impl Reason {
    /// Plain English: why, and what to do. `zone` is the clinic's; times are on its clock.
    pub fn sentence(&self, zone: &TimeZone) -> String {
        match self {
            Self::InThePast => "This time has passed. Choose a later time.".into(),
            Self::TooSoon { notice_minutes, first } => {
                let first = first.to_zoned(zone.clone());
                format!(
                    "Needs {} notice. The first possible time is {}.",
                    notice(*notice_minutes),
                    first.strftime("%H:%M on %A %-d %B")
                )
            }
            Self::TooFarAhead { last } => {
                format!("You cannot book this far ahead yet. The last day you can book now is {}.", day(*last))
            }
            Self::BeforeRange { first } => {
                format!("You can book this visit from {} on. Choose that day or a later one.", day(*first))
            }
            Self::Closed { reason, holiday: true } => {
                format!("The clinic is closed for a public holiday: {}. Choose another day.", bare(reason))
            }
            Self::Closed { reason, .. } => format!("The clinic is closed: {}. Choose another day.", bare(reason)),
            Self::Away { note: Some(note) } => {
                format!("Not here at this time: {}. Choose another day or another person.", bare(note))
            }
            Self::Away { note: None } => "Not here at this time. Choose another day or another person.".into(),
            Self::OutsideHours => "Outside the opening hours for this visit. Choose one of the times shown.".into(),
            Self::EndsAfterClosing { close } => format!(
                "The visit would last past {}, when the hours end or a break begins. Choose an earlier time.",
                close.strftime("%H:%M")
            ),
            Self::OffGrid { interval } => {
                format!("Visits start every {}. Choose one of the times shown.", count(*interval, "minute"))
            }
            Self::SkippedByClock { wall } => format!(
                "The clocks go forward on {}, so there is no {}. Choose another time.",
                wall.strftime("%A %-d %B"),
                wall.strftime("%H:%M")
            ),
            Self::Taken => "This time is taken. Choose another time.".into(),
            Self::TooCloseToAnother => "Too close to another visit. Choose a time a little earlier or later.".into(),
            Self::RoomTaken => "The room or device for this visit is in use. Choose another time.".into(),
            Self::RoomAway => "The room or device for this visit is not open then. Choose another time.".into(),
            Self::PatientBusy => {
                "You have another visit at this time. Choose another time, or move that visit first.".into()
            }
            Self::TooManyActive { most } => format!(
                "You already have {} of this kind ahead, and that is the most you can have. \
                 Come to one or cancel one, then book again.",
                count(i64::from(*most), "visit")
            ),
            Self::TooManyInPeriod { most, days } => format!(
                "You can have {} of this kind in {}, and you already have that many. \
                 Choose a day further away from them.",
                count(i64::from(*most), "visit"),
                count(i64::from(*days), "day")
            ),
            Self::Blocked { reason } => {
                format!("You cannot book here at the moment: {}. Please contact the clinic.", bare(reason))
            }
            Self::TooYoung { min } => format!(
                "This visit is for people aged {min} or older. \
                 Choose another kind of visit, or ask the clinic."
            ),
            Self::TooOld { max } => format!(
                "This visit is for people aged {max} or younger. \
                 Choose another kind of visit, or ask the clinic."
            ),
            Self::OnlyEstablished => {
                "This visit is for people who have been here before. Choose a visit for new patients.".into()
            }
            Self::OnlyNew => "This visit is for people who are new here. Choose another kind of visit.".into(),
            Self::OtherSex { sex } => format!(
                "This visit is for {} patients. Choose another kind of visit, or ask the clinic if it has this wrong.",
                sex.code()
            ),
            Self::NeedsPayer => "Say who pays for this visit, then book.".into(),
            Self::OtherPayer { accepted } => {
                let who: Vec<_> = accepted.iter().map(|payer| payer.who()).collect();
                format!(
                    "This visit is for people {}. Choose another kind of visit, or ask the clinic.",
                    crate::words::or(&who)
                )
            }
            Self::NeedsAnswer { ask } => format!("Answer this first, then book: {ask}"),
            Self::OtherAnswer { otherwise } => otherwise.clone(),
            Self::NeedsReferral => "You need a referral for this visit. Ask your doctor for one, then book.".into(),
            Self::NotOffered => "This person does not offer this visit. Choose another person or another visit.".into(),
        }
    }
}

fn day(date: Date) -> String {
    date.strftime("%A %-d %B %Y").to_string()
}

/// "1 visit", "2 visits".
fn count(n: i64, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

/// "30 minutes'", "1 hour's", "4 hours'", "1 hour and 30 minutes'", "2 days'".
fn notice(minutes: i64) -> String {
    let text = match (minutes / 60, minutes % 60) {
        (hours, 0) if hours >= 48 && hours % 24 == 0 => count(hours / 24, "day"),
        (0, minutes) => count(minutes, "minute"),
        (hours, 0) => count(hours, "hour"),
        (hours, minutes) => format!("{} and {}", count(hours, "hour"), count(minutes, "minute")),
    };
    let ending = if text.ends_with('s') { "'" } else { "'s" };
    text + ending
}

/// Somebody's own words without their full stop, as they go into a sentence.
fn bare(words: &str) -> &str {
    words.trim().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{booking::Payer, patient::AdministrativeGender};
    use jiff::civil::{date, time};

    fn examples() -> Vec<(Reason, &'static str)> {
        let first = "2026-11-23T13:30:00Z".parse().unwrap();
        let own = |text: &str| text.to_owned();
        vec![
            (Reason::InThePast, "This time has passed. Choose a later time."),
            (
                Reason::TooSoon { notice_minutes: 240, first },
                "Needs 4 hours' notice. The first possible time is 14:30 on Monday 23 November.",
            ),
            (
                Reason::TooFarAhead { last: date(2027, 2, 5) },
                "You cannot book this far ahead yet. The last day you can book now is Friday 5 February 2027.",
            ),
            (
                Reason::BeforeRange { first: date(2027, 3, 1) },
                "You can book this visit from Monday 1 March 2027 on. Choose that day or a later one.",
            ),
            (
                Reason::Closed { reason: own("New Year's Day"), holiday: true },
                "The clinic is closed for a public holiday: New Year's Day. Choose another day.",
            ),
            (
                Reason::Closed { reason: own("We are moving house."), holiday: false },
                "The clinic is closed: We are moving house. Choose another day.",
            ),
            (
                Reason::Away { note: Some(own("On leave")) },
                "Not here at this time: On leave. Choose another day or another person.",
            ),
            (Reason::Away { note: None }, "Not here at this time. Choose another day or another person."),
            (Reason::OutsideHours, "Outside the opening hours for this visit. Choose one of the times shown."),
            (
                Reason::EndsAfterClosing { close: time(17, 0, 0, 0) },
                "The visit would last past 17:00, when the hours end or a break begins. Choose an earlier time.",
            ),
            (Reason::OffGrid { interval: 15 }, "Visits start every 15 minutes. Choose one of the times shown."),
            (
                Reason::SkippedByClock { wall: date(2026, 3, 29).at(2, 30, 0, 0) },
                "The clocks go forward on Sunday 29 March, so there is no 02:30. Choose another time.",
            ),
            (Reason::Taken, "This time is taken. Choose another time."),
            (Reason::TooCloseToAnother, "Too close to another visit. Choose a time a little earlier or later."),
            (Reason::RoomTaken, "The room or device for this visit is in use. Choose another time."),
            (Reason::RoomAway, "The room or device for this visit is not open then. Choose another time."),
            (
                Reason::PatientBusy,
                "You have another visit at this time. Choose another time, or move that visit first.",
            ),
            (
                Reason::TooManyActive { most: 2 },
                "You already have 2 visits of this kind ahead, and that is the most you can have. \
                 Come to one or cancel one, then book again.",
            ),
            (
                Reason::TooManyInPeriod { most: 1, days: 7 },
                "You can have 1 visit of this kind in 7 days, and you already have that many. \
                 Choose a day further away from them.",
            ),
            (
                Reason::Blocked { reason: own("please call about your last visit") },
                "You cannot book here at the moment: please call about your last visit. Please contact the clinic.",
            ),
            (
                Reason::TooYoung { min: 18 },
                "This visit is for people aged 18 or older. Choose another kind of visit, or ask the clinic.",
            ),
            (
                Reason::TooOld { max: 17 },
                "This visit is for people aged 17 or younger. Choose another kind of visit, or ask the clinic.",
            ),
            (
                Reason::OnlyEstablished,
                "This visit is for people who have been here before. Choose a visit for new patients.",
            ),
            (Reason::OnlyNew, "This visit is for people who are new here. Choose another kind of visit."),
            (
                Reason::OtherSex { sex: AdministrativeGender::Female },
                "This visit is for female patients. \
                 Choose another kind of visit, or ask the clinic if it has this wrong.",
            ),
            (Reason::NeedsReferral, "You need a referral for this visit. Ask your doctor for one, then book."),
            (Reason::NeedsPayer, "Say who pays for this visit, then book."),
            (
                Reason::OtherPayer { accepted: vec![Payer::Private, Payer::Own] },
                "This visit is for people with private health insurance or who pay themselves. \
                 Choose another kind of visit, or ask the clinic.",
            ),
            (
                Reason::NeedsAnswer { ask: own("Do you have a pacemaker?") },
                "Answer this first, then book: Do you have a pacemaker?",
            ),
            (Reason::OtherAnswer { otherwise: own("Please ring us.") }, "Please ring us."),
            (Reason::NotOffered, "This person does not offer this visit. Choose another person or another visit."),
        ]
    }

    #[test]
    fn every_reason_says_why_and_what_to_do() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (reason, sentence) in examples() {
            assert_eq!(reason.sentence(&zone), sentence);
        }
    }

    #[test]
    fn every_code_is_listed_once_and_has_an_example() {
        let mut exemplified: Vec<_> = examples().iter().map(|(reason, _)| reason.code()).collect();
        exemplified.dedup();
        assert_eq!(exemplified, Reason::ALL_CODES);
        let snake = |code: &str| code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(Reason::ALL_CODES.iter().all(|code| snake(code)));
    }

    #[test]
    fn notice_is_said_in_the_largest_fitting_unit() {
        assert_eq!(notice(30), "30 minutes'");
        assert_eq!(notice(60), "1 hour's");
        assert_eq!(notice(90), "1 hour and 30 minutes'");
        assert_eq!(notice(24 * 60), "24 hours'");
        assert_eq!(notice(72 * 60), "3 days'");
        assert_eq!(notice(49 * 60), "49 hours'");
    }
}
