//! VTIMEZONE (RFC 5545 §3.6.5) from jiff's transitions, for the time around one appointment (ICS-05).

use jiff::tz::{Dst, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::line::Lines;

/// How far around the appointment transitions are listed: far enough for the one in force and the next of each kind.
const AROUND: SignedDuration = SignedDuration::from_hours(400 * 24);

/// One change of offset, or a zone's only offset.
struct Observance {
    daylight: bool,
    /// Wall time at which it sets in, read with the offset before it.
    onset: String,
    from: Offset,
    to: Offset,
    name: String,
}

pub(super) fn write(out: &mut Lines, id: &str, zone: &TimeZone, start: Timestamp, end: Timestamp) {
    out.raw("BEGIN", "VTIMEZONE");
    out.raw("TZID", id);
    for observance in observances(zone, start, end) {
        let kind = if observance.daylight { "DAYLIGHT" } else { "STANDARD" };
        out.raw("BEGIN", kind);
        out.raw("DTSTART", &observance.onset);
        out.raw("TZOFFSETFROM", &offset(observance.from));
        out.raw("TZOFFSETTO", &offset(observance.to));
        out.text("TZNAME", &observance.name);
        out.raw("END", kind);
    }
    out.raw("END", "VTIMEZONE");
}

fn observances(zone: &TimeZone, start: Timestamp, end: Timestamp) -> Vec<Observance> {
    let since = start.checked_sub(AROUND).unwrap_or(Timestamp::MIN);
    let until = end.checked_add(AROUND).unwrap_or(Timestamp::MAX);
    let transitions: Vec<_> = zone.following(since).take_while(|transition| transition.timestamp() <= until).collect();
    let before = |at: Timestamp| {
        let just = at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN);
        zone.to_offset(just)
    };
    // The offset in force at the start of the range, for zones that have not changed for long, and for times
    // before the first change.
    let info = zone.to_offset_info(since);
    let mut observances = vec![Observance {
        daylight: info.dst() == Dst::Yes,
        onset: wall(since, info.offset()),
        from: info.offset(),
        to: info.offset(),
        name: info.abbreviation().to_owned(),
    }];
    if let [first, ..] = transitions.as_slice()
        && first.timestamp() <= start
    {
        // A listed transition covers the appointment, so the stand-in is not needed.
        observances.clear();
    } else if transitions.is_empty() {
        observances[0].onset = "19700101T000000".to_owned();
    }
    observances.extend(transitions.iter().map(|transition| {
        let from = before(transition.timestamp());
        Observance {
            daylight: transition.dst() == Dst::Yes,
            onset: wall(transition.timestamp(), from),
            from,
            to: transition.offset(),
            name: transition.abbreviation().to_owned(),
        }
    }));
    observances
}

fn wall(at: Timestamp, offset: Offset) -> String {
    offset.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string()
}

/// `+0530`; seconds only where a zone has them.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let text = format!("{sign}{:02}{:02}", seconds / 3600, seconds / 60 % 60);
    match seconds % 60 {
        0 => text,
        rest => format!("{text}{rest:02}"),
    }
}
