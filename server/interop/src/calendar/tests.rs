use jiff::SignedDuration;

use super::*;

fn sample() -> Invite {
    Invite {
        uid: "0198c0de-0000-7000-8000-000000000001@portico.example.com".into(),
        sequence: 1,
        method: Method::Request,
        tentative: false,
        start: "2026-11-25T08:30:00Z".parse().unwrap(),
        end: "2026-11-25T09:00:00Z".parse().unwrap(),
        zone: "Europe/Berlin".into(),
        summary: "Appointment at Riverside Family Practice".into(),
        location: "Riverside Family Practice, Uferstraße 12, 13357 Berlin".into(),
        description: "Please come five minutes early.\nTo move or cancel, sign in; we keep your place.".into(),
        url: "https://portal.example.com/visits/1".into(),
        organizer_name: "Riverside Family Practice".into(),
        organizer_email: "desk@riverside.example.com".into(),
        attendee_name: Some("Okafor, Amara".into()),
        attendee_email: "amara@example.com".into(),
        stamp: "2026-11-22T10:15:30Z".parse().unwrap(),
    }
}

/// The text as a reader sees it: unfolded, one property a line.
fn unfolded(text: &str) -> Vec<String> {
    let text = text.replace("\r\n ", "");
    text.strip_suffix("\r\n").unwrap().split("\r\n").map(str::to_owned).collect()
}

fn value<'a>(lines: &'a [String], name: &str) -> &'a str {
    let mut found = lines.iter().filter_map(|line| line.strip_prefix(name));
    let value = found.next().unwrap_or_else(|| panic!("{name} is missing in {lines:#?}"));
    assert_eq!(found.next(), None, "{name} comes twice");
    value
}

#[test]
fn a_request_is_the_golden_file() {
    let golden = include_str!("request.ics").replace('\n', "\r\n");
    assert_eq!(invite(&sample()), golden);
}

#[test]
fn a_cancellation_keeps_uid_and_organizer_and_says_so_twice() {
    let cancel = Invite { method: Method::Cancel, sequence: 2, ..sample() };
    let (request, cancel) = (unfolded(&invite(&sample())), unfolded(&invite(&cancel)));
    for same in ["UID:", "ORGANIZER;", "ATTENDEE;", "DTSTART;"] {
        assert_eq!(value(&request, same), value(&cancel, same));
    }
    assert_eq!(value(&request, "METHOD:"), "REQUEST");
    assert_eq!(value(&request, "STATUS:"), "CONFIRMED");
    assert_eq!(value(&cancel, "METHOD:"), "CANCEL");
    assert_eq!(value(&cancel, "STATUS:"), "CANCELLED");
    assert_eq!(value(&cancel, "SEQUENCE:"), "2");
    assert_eq!(value(&cancel, "CLASS:"), "PRIVATE");
}

#[test]
fn lines_are_folded_at_75_octets_and_never_inside_a_character() {
    // Every length modulo the fold, so that each character width meets each border.
    for filler in 0..80 {
        let summary = format!("{}{}", "x".repeat(filler), "Hausärztin 老虎 🏥 ".repeat(20));
        let text = invite(&Invite { summary: summary.clone(), ..sample() });
        for line in text.split("\r\n") {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
        }
        assert!(text.split("\r\n").any(|line| line.len() == 75), "folds too early");
        assert_eq!(value(&unfolded(&text), "SUMMARY:"), summary.trim());
    }
}

#[test]
fn no_text_starts_a_line_of_its_own() {
    let evil = "A\r\nATTENDEE:mailto:evil@example.com\nX-EVIL:1\rX-EVIL:2\u{85}X-EVIL:3\u{2028}X-EVIL:4\u{0B}";
    let text = invite(&Invite {
        uid: evil.into(),
        zone: evil.into(),
        summary: evil.into(),
        location: evil.into(),
        description: evil.into(),
        url: evil.into(),
        organizer_name: format!("{evil}\";X=\""),
        organizer_email: evil.into(),
        attendee_name: Some(evil.into()),
        attendee_email: evil.into(),
        ..sample()
    });
    let lines = unfolded(&text);
    let names: Vec<&str> = lines.iter().map(|line| line.split([':', ';']).next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "BEGIN",
            "VERSION",
            "PRODID",
            "CALSCALE",
            "METHOD",
            "BEGIN",
            "UID",
            "SEQUENCE",
            "DTSTAMP",
            "DTSTART",
            "DTEND",
            "SUMMARY",
            "LOCATION",
            "DESCRIPTION",
            "URL",
            "CLASS",
            "STATUS",
            "TRANSP",
            "ORGANIZER",
            "ATTENDEE",
            "END",
            "END",
        ]
    );
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!text.replace("\r\n", "").contains(breaks));
    assert_eq!(value(&lines, "ORGANIZER;").matches('"').count(), 2);
}

#[test]
fn texts_are_escaped_and_names_quoted() {
    let lines = unfolded(&invite(&Invite {
        summary: "a, b; c\\d\r\ne: \"f\"".into(),
        organizer_name: "Dr. \"Jo\" Weber; GP".into(),
        attendee_name: None,
        ..sample()
    }));
    assert_eq!(value(&lines, "SUMMARY:"), r#"a\, b\; c\\d\ne: "f""#);
    assert!(value(&lines, "ORGANIZER;").starts_with("CN=\"Dr. 'Jo' Weber; GP\":mailto:"));
    assert!(value(&lines, "ATTENDEE;").starts_with("CUTYPE="));
}

#[test]
fn empty_texts_are_left_out_and_no_line_is_blank() {
    let text = invite(&Invite { location: String::new(), description: " ".into(), url: String::new(), ..sample() });
    for name in ["LOCATION", "DESCRIPTION", "URL"] {
        assert!(!text.contains(name), "{name}");
    }
    assert!(text.ends_with("END:VCALENDAR\r\n") && !text.contains("\r\n\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
}

/// Onset, offsets and kind of every observance, in order.
fn observances(lines: &[String]) -> Vec<(String, i64, i64, String)> {
    let start = lines.iter().position(|line| line == "BEGIN:VTIMEZONE").unwrap();
    let end = lines.iter().position(|line| line == "END:VTIMEZONE").unwrap();
    let seconds = |text: &str| {
        let number: i64 = text[1..].parse().unwrap();
        assert_eq!(text.len(), 5, "{text}");
        (number / 100 * 60 + number % 100) * 60 * if text.starts_with('-') { -1 } else { 1 }
    };
    lines[start + 2..end]
        .chunks(6)
        .map(|part| {
            let kind = part[0].strip_prefix("BEGIN:").unwrap();
            assert_eq!(part[5], format!("END:{kind}"));
            (
                part[1].strip_prefix("DTSTART:").unwrap().to_owned(),
                seconds(part[2].strip_prefix("TZOFFSETFROM:").unwrap()),
                seconds(part[3].strip_prefix("TZOFFSETTO:").unwrap()),
                kind.to_owned(),
            )
        })
        .collect()
}

/// What a calendar makes of the invite: the wall time through the last observance that has set in.
fn instant(lines: &[String], name: &str, zone: &str) -> Timestamp {
    let mut event = lines.iter().skip_while(|line| *line != "BEGIN:VEVENT");
    if let Some(utc) = event.find_map(|line| line.strip_prefix(&format!("{name}:"))) {
        let wall = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", utc).unwrap();
        return jiff::tz::Offset::UTC.to_timestamp(wall).unwrap();
    }
    let wall = value(lines, &format!("{name};TZID={zone}:"));
    let in_force = observances(lines).into_iter().filter(|(onset, ..)| onset.as_str() <= wall).max();
    let (.., offset, _) = in_force.expect("an observance covers the time");
    let wall = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", wall).unwrap();
    let offset = jiff::tz::Offset::from_seconds(i32::try_from(offset).unwrap()).unwrap();
    offset.to_timestamp(wall).unwrap()
}

#[test]
fn the_time_is_right_around_every_transition_of_many_zones() {
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Adelaide",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Europe/Dublin",
        "Africa/Casablanca",
        "America/Santiago",
        "UTC",
    ];
    let mut transitions = 0;
    for id in zones {
        let zone = TimeZone::get(id).unwrap();
        let from: Timestamp = "2025-06-01T00:00:00Z".parse().unwrap();
        let until: Timestamp = "2028-06-01T00:00:00Z".parse().unwrap();
        let mut around = vec![from, until];
        around.extend(zone.following(from).map(|t| t.timestamp()).take_while(|t| *t < until));
        transitions += around.len() - 2;
        for center in around {
            for minutes in (-150..=150).step_by(15) {
                let start = center + SignedDuration::from_mins(minutes);
                let sample = Invite { zone: id.into(), start, end: start + SignedDuration::from_mins(90), ..sample() };
                let lines = unfolded(&invite(&sample));
                assert_eq!(instant(&lines, "DTSTART", id), sample.start, "{id} {start} {lines:#?}");
                assert_eq!(instant(&lines, "DTEND", id), sample.end, "{id} {start} {lines:#?}");
            }
        }
    }
    assert!(transitions >= 7 * 6, "seven of the zones change twice a year, not {transitions} times");
}

#[test]
fn daylight_is_the_part_ahead_also_where_law_has_it_backwards() {
    for id in ["Europe/Berlin", "Europe/Dublin", "Australia/Adelaide", "Africa/Casablanca"] {
        let lines = unfolded(&invite(&Invite { zone: id.into(), ..sample() }));
        let all = observances(&lines);
        assert!(all.len() >= 3, "{id} {all:?}");
        for (_, from, to, kind) in all {
            assert_eq!(kind, if to > from { "DAYLIGHT" } else { "STANDARD" }, "{id}");
        }
    }
}

#[test]
fn a_zone_that_never_changes_has_one_standard_part() {
    let lines = unfolded(&invite(&Invite { zone: "Asia/Kolkata".into(), ..sample() }));
    assert_eq!(observances(&lines), [("19700101T000000".to_owned(), 19800, 19800, "STANDARD".to_owned())]);
}

#[test]
fn the_second_of_two_equal_wall_times_is_written_in_utc() {
    let first: Timestamp = "2026-10-25T00:15:00Z".parse().unwrap();
    let second = first + SignedDuration::from_hours(1);
    let at = |start: Timestamp| {
        let end = start + SignedDuration::from_mins(15);
        unfolded(&invite(&Invite { start, end, ..sample() }))
    };
    assert_eq!(value(&at(first), "DTSTART;TZID=Europe/Berlin:"), "20261025T021500");
    let lines = at(second);
    assert_eq!(value(&lines, "DTSTART:"), "20261025T011500Z");
    assert_eq!(value(&lines, "DTEND:"), "20261025T013000Z");
    assert!(!lines.iter().any(|line| line.contains("TZ")));
}

#[test]
fn an_unknown_zone_falls_back_to_utc() {
    let lines = unfolded(&invite(&Invite { zone: "Mars/Olympus".into(), ..sample() }));
    assert_eq!(value(&lines, "DTSTART:"), "20261125T083000Z");
    assert!(!lines.iter().any(|line| line.contains("Mars") || line.contains("VTIMEZONE")));
}
