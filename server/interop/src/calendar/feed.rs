//! A feed (RFC 5545 and 7986): when somebody's or something's time is taken, and nothing of whom or what for.

use domain::ids::AppointmentId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    line::Lines,
    read::{OUR_CLOSED_UIDS, OUR_UIDS, VISIT_PROPERTY},
    utc,
};

/// How often a calendar is to ask again.
const AGAIN: &str = "PT15M";

/// A taken time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    pub what: Taken,
    pub start: Timestamp,
    pub end: Timestamp,
    /// When it was last changed. Also the DTSTAMP: the same feed is the same text.
    pub changed: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Visit {
        id: AppointmentId,
        sequence: i64,
        /// Waits for the clinic's answer.
        pending: bool,
    },
    /// Closed without a visit.
    Closed { group: Uuid },
}

/// The UID of a visit in everything that leaves Portico (ICS-01).
pub fn visit_uid(visit: AppointmentId) -> String {
    format!("{visit}{OUR_UIDS}")
}

/// The whole text: CRLF line ends, folded. `name` is whose time it is. Times are in UTC.
pub fn feed(name: &str, entries: &[FeedEntry]) -> String {
    let mut out = Lines::default();
    out.raw("BEGIN", "VCALENDAR");
    out.raw("VERSION", "2.0");
    out.raw("PRODID", "-//Portico//Portico//EN");
    out.raw("CALSCALE", "GREGORIAN");
    out.raw("METHOD", "PUBLISH");
    out.text("NAME", name);
    out.text("X-WR-CALNAME", name);
    out.raw("REFRESH-INTERVAL;VALUE=DURATION", AGAIN);
    out.raw("X-PUBLISHED-TTL", AGAIN);
    for entry in entries {
        event(&mut out, entry);
    }
    out.raw("END", "VCALENDAR");
    out.into_text()
}

fn event(out: &mut Lines, entry: &FeedEntry) {
    let (uid, sequence, status, summary) = match entry.what {
        Taken::Visit { id, sequence, pending } => {
            (visit_uid(id), sequence, if pending { "TENTATIVE" } else { "CONFIRMED" }, "Booked")
        }
        Taken::Closed { group } => (format!("{group}{OUR_CLOSED_UIDS}"), 0, "CONFIRMED", "Closed"),
    };
    out.raw("BEGIN", "VEVENT");
    out.raw("UID", &uid);
    out.raw("SEQUENCE", &sequence.to_string());
    out.raw("DTSTAMP", &utc(entry.changed));
    out.raw("LAST-MODIFIED", &utc(entry.changed));
    out.raw("DTSTART", &utc(entry.start));
    out.raw("DTEND", &utc(entry.end));
    out.raw("SUMMARY", summary);
    out.raw("STATUS", status);
    out.raw("TRANSP", "OPAQUE");
    out.raw("CLASS", "PRIVATE");
    // For systems that copy the entry and give it a UID of their own.
    if let Taken::Visit { id, .. } = entry.what {
        out.raw(VISIT_PROPERTY, &id.to_string());
    }
    out.raw("END", "VEVENT");
}

#[cfg(test)]
mod tests {
    use domain::reconcile::EntryState;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::calendar::{Whose, Window, read};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_feed_says_when_and_nothing_else_and_comes_back_as_our_own() {
        let visit: AppointmentId = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
        let group = Uuid::from_u128(7);
        let entries = [
            FeedEntry {
                what: Taken::Visit { id: visit, sequence: 3, pending: true },
                start: at("2026-11-25T08:30:00Z"),
                end: at("2026-11-25T09:00:00Z"),
                changed: at("2026-11-20T10:00:00Z"),
            },
            FeedEntry {
                what: Taken::Closed { group },
                start: at("2026-11-25T12:00:00Z"),
                end: at("2026-11-25T13:00:00Z"),
                changed: at("2026-11-20T10:00:00Z"),
            },
        ];
        let text = feed("Dr. Weber; and a name that is longer than what fits into one line of such a file", &entries);
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert_eq!(
            text,
            feed("Dr. Weber; and a name that is longer than what fits into one line of such a file", &entries)
        );
        let summaries: Vec<_> = text.lines().filter(|line| line.starts_with("SUMMARY")).collect();
        assert_eq!(summaries, ["SUMMARY:Booked", "SUMMARY:Closed"]);
        for word in ["DESCRIPTION", "LOCATION", "ATTENDEE", "ORGANIZER", "CATEGORIES", "COMMENT"] {
            assert!(!text.contains(word), "{word}");
        }
        let window = Window { from: at("2026-11-01T00:00:00Z"), to: at("2026-12-01T00:00:00Z") };
        let telling = read(&text, window, &TimeZone::UTC, &Whose::Calendar).unwrap();
        assert_eq!(telling.problems, []);
        // What we closed ourselves is not somebody else's news.
        let [entry] = &telling.entries[..] else { panic!("{telling:#?}") };
        assert_eq!((entry.visit, entry.state, entry.revision.sequence), (Some(visit), EntryState::Busy, 3));
        assert_eq!((entry.start, entry.end), (entries[0].start, entries[0].end));
        assert!(entry.whose.starts_with("Dr. Weber; and"));
        let copied = text.replace(&visit_uid(visit), "another-uid");
        assert_eq!(read(&copied, window, &TimeZone::UTC, &Whose::Calendar).unwrap().entries[0].visit, Some(visit));
        assert!(read(&feed("Nobody", &[]), window, &TimeZone::UTC, &Whose::Calendar).unwrap().entries.is_empty());
    }
}
