//! Series: against another implementation, across clock changes, with exceptions and overrides.

use jiff::civil::DateTime;

use super::{
    super::{recur::*, rule::Rule, zones::Zone},
    *,
};

/// `recurrences.py` wrote the file.
#[test]
fn rules_are_as_another_implementation_has_them() {
    let mut rules = 0;
    for line in include_str!("recurrences.txt").lines() {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [text, start, from, wanted] = parts[..] else { panic!("{line}") };
        let wall = |text: &str| DateTime::strptime("%Y%m%dT%H%M%S", text).unwrap();
        let (start, from) = (wall(start), wall(from));
        let wanted: Vec<DateTime> = wanted.split_whitespace().map(wall).collect();
        let to = match wanted[..] {
            [.., last] if wanted.len() == 12 => last.checked_add(jiff::SignedDuration::from_secs(1)).unwrap(),
            _ => wall("20600101T000000"),
        };
        let rule = Rule::parse(text, start, &Zone::UTC).unwrap();
        let mut found = occurrences(&rule, start, from, to, &mut Budget::new(Budget::OF_A_FILE)).unwrap();
        if start >= from {
            found.insert(0, start);
        }
        assert_eq!(found, wanted, "{line}");
        rules += 1;
    }
    assert_eq!(rules, 400);
}

#[test]
fn nine_o_clock_stays_nine_o_clock_over_both_changes() {
    let text = calendar(&[
        "UID:a\nDTSTART;TZID=Europe/Berlin:20260101T090000\nDTEND;TZID=Europe/Berlin:20260101T093000\nRRULE:FREQ=WEEKLY",
    ]);
    let telling = of(&text, window("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), &Whose::Calendar);
    assert_eq!(telling.entries.len(), 53);
    let zone = berlin();
    for entry in &telling.entries {
        assert_eq!(zone.to_datetime(entry.start).time(), jiff::civil::time(9, 0, 0, 0));
        assert_eq!(entry.end.duration_since(entry.start).as_mins(), 30);
    }
}

#[test]
fn times_that_do_not_exist_and_times_that_come_twice() {
    // Berlin: 02:30 does not exist on 29 March 2026, and comes twice on 25 October.
    let text =
        calendar(&["UID:a\nDTSTART;TZID=Europe/Berlin:20260328T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3"]);
    let march = window("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    assert_eq!(
        told(&of(&text, march, &Whose::Calendar)),
        [
            "a#20260328T013000Z 03-28T01:30 03-28T02:00 Busy",
            "a#20260329T013000Z 03-29T01:30 03-29T02:00 Busy",
            "a#20260330T003000Z 03-30T00:30 03-30T01:00 Busy",
        ]
    );
    let text = calendar(&["UID:a\nDTSTART;TZID=Europe/Berlin:20261025T023000\nDURATION:PT30M"]);
    let october = window("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
    assert_eq!(told(&of(&text, october, &Whose::Calendar)), ["a 10-25T00:30 10-25T01:00 Busy"], "the first of the two");
}

/// The same with a zone that only the file knows: it must come to the same instants as the zone itself.
#[test]
fn a_zone_of_the_file_is_as_good_as_a_known_one() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Practice\n\
        BEGIN:DAYLIGHT\nDTSTART:19810329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\n\
        BEGIN:STANDARD\nDTSTART:19961027T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\n\
        END:VTIMEZONE\n";
    let event = "UID:a\nDTSTART;TZID=Practice:20260101T003000\nDURATION:PT30M\nRRULE:FREQ=HOURLY";
    let text = calendar(&[event]).replace("VERSION:2.0\n", zone);
    let known = calendar(&[&event.replace("Practice", "Europe/Berlin")]);
    for (from, to) in
        [("2026-03-27T00:00:00Z", "2026-04-02T00:00:00Z"), ("2026-10-23T00:00:00Z", "2026-10-28T00:00:00Z")]
    {
        let here = window(from, to);
        let found = of(&text, here, &Whose::Calendar);
        assert_eq!(words(&found), []);
        assert!(found.entries.len() > 100);
        assert_eq!(told(&found), told(&of(&known, here, &Whose::Calendar)));
    }
    // UNTIL in UTC is before the last one on the wall.
    let until = "UID:a\nDTSTART;TZID=Practice:20260701T090000\nDURATION:PT30M\nRRULE:FREQ=DAILY;UNTIL=20260703T065959Z";
    let text = calendar(&[until]).replace("VERSION:2.0\n", zone);
    assert_eq!(of(&text, window("2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z"), &Whose::Calendar).entries.len(), 2);
}

#[test]
fn exceptions_additions_and_their_forms() {
    let text = calendar(&[
        "UID:a\nDTSTART;TZID=Europe/Berlin:20261102T090000\nDTEND;TZID=Europe/Berlin:20261102T093000\n\
        RRULE:FREQ=DAILY;COUNT=8\nEXDATE;TZID=Europe/Berlin:20261103T090000,20261104T090000\nEXDATE:20261105T080000Z\n\
        EXDATE;VALUE=DATE:20261106\nEXRULE:FREQ=WEEKLY;BYDAY=SU\n\
        RDATE;TZID=Europe/Berlin:20261120T100000\nRDATE;VALUE=PERIOD:20261121T100000Z/PT2H,20261122T100000Z/20261122T101500Z",
    ]);
    let telling = of(&text, november(), &Whose::Calendar);
    assert_eq!(words(&telling), []);
    assert_eq!(
        told(&telling),
        [
            "a#20261102T080000Z 11-02T08:00 11-02T08:30 Busy",
            "a#20261107T080000Z 11-07T08:00 11-07T08:30 Busy",
            "a#20261109T080000Z 11-09T08:00 11-09T08:30 Busy",
            "a#20261120T090000Z 11-20T09:00 11-20T09:30 Busy",
            "a#20261121T100000Z 11-21T10:00 11-21T12:00 Busy",
            "a#20261122T100000Z 11-22T10:00 11-22T10:15 Busy",
        ]
    );
}

#[test]
fn overrides_move_into_and_out_of_the_window() {
    let master = "UID:a\nDTSTART:20261025T080000Z\nDURATION:PT30M\nRRULE:FREQ=WEEKLY";
    let into = "UID:a\nRECURRENCE-ID:20261025T080000Z\nDTSTART:20261110T100000Z\nDURATION:PT1H\nSEQUENCE:1";
    let out_of = "UID:a\nRECURRENCE-ID:20261108T080000Z\nDTSTART:20270110T100000Z\nDURATION:PT1H\nSEQUENCE:1";
    let cancelled = "UID:a\nRECURRENCE-ID:20261115T080000Z\nDTSTART:20261115T080000Z\nDURATION:PT30M\nSTATUS:CANCELLED";
    let older = "UID:a\nRECURRENCE-ID:20261025T080000Z\nDTSTART:20261111T100000Z\nDURATION:PT1H\nSEQUENCE:0";
    let expected = [
        "a#20261101T080000Z 11-01T08:00 11-01T08:30 Busy",
        "a#20261025T080000Z 11-10T10:00 11-10T11:00 Busy",
        "a#20261115T080000Z 11-15T08:00 11-15T08:30 Cancelled",
        "a#20261122T080000Z 11-22T08:00 11-22T08:30 Busy",
        "a#20261129T080000Z 11-29T08:00 11-29T08:30 Busy",
        "a#20261108T080000Z 01-10T10:00 01-10T11:00 Busy",
    ];
    for events in [[master, into, out_of, cancelled, older], [older, cancelled, out_of, into, master]] {
        let telling = of(&calendar(&events), november(), &Whose::Calendar);
        assert_eq!(told(&telling), expected, "in any order of the file");
    }
}

#[test]
fn an_override_of_this_and_all_that_follow() {
    let master = "UID:a\nDTSTART:20261102T080000Z\nDURATION:PT30M\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Old";
    let later = "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261116T080000Z\nDTSTART:20261117T090000Z\nDURATION:PT1H\nSUMMARY:New";
    let telling = of(&calendar(&[master, later]), november(), &Whose::Calendar);
    assert_eq!(
        told(&telling),
        [
            "a#20261102T080000Z 11-02T08:00 11-02T08:30 Busy",
            "a#20261109T080000Z 11-09T08:00 11-09T08:30 Busy",
            "a#20261116T080000Z 11-17T09:00 11-17T10:00 Busy",
            "a#20261123T080000Z 11-24T09:00 11-24T10:00 Busy",
        ]
    );
    assert_eq!(telling.entries.iter().filter(|entry| entry.title == "New").count(), 2);
}

#[test]
fn all_day_series_follow_the_clinics_midnights() {
    let text = calendar(&["UID:a\nDTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;COUNT=3"]);
    assert_eq!(
        told(&of(&text, window("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"), &Whose::Calendar)),
        [
            "a#20261023T220000Z 10-23T22:00 10-24T22:00 Busy",
            "a#20261024T220000Z 10-24T22:00 10-25T23:00 Busy",
            "a#20261025T230000Z 10-25T23:00 10-26T23:00 Busy",
        ]
    );
}

#[test]
fn a_rule_that_is_not_understood_costs_its_series_only() {
    for rule in [
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=MONTHLY;BYDAY=9XX",
        "RSCALE=HEBREW;FREQ=YEARLY",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=MONTHLY;BYMONTHDAY=40",
    ] {
        let bad = format!("UID:bad\nDTSTART:20261102T080000Z\nDURATION:PT30M\nSUMMARY:Round\nRRULE:{rule}");
        let telling =
            of(&calendar(&[&bad, "UID:b\nDTSTART:20261103T080000Z\nDURATION:PT30M"]), november(), &Whose::Calendar);
        assert_eq!(told(&telling), ["b 11-03T08:00 11-03T08:30 Busy"], "{rule}");
        let [(8, Some("bad"), words)] = words(&telling)[..] else { panic!("{rule}: {telling:#?}") };
        assert!(words.starts_with("how it repeats is not understood") && words.ends_with("(\"Round\")"), "{words}");
    }
}
