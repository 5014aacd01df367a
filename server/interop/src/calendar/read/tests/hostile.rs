//! Files that somebody made to hurt, and any others. Never a panic, and never more than the budget.

use proptest::prelude::*;

use super::*;

/// Bounded work: far below what a debug build needs on a slow machine for something that is not bounded.
fn within_seconds(what: &str, text: &str) -> Telling {
    let (sent, told) = std::sync::mpsc::channel();
    let owned = text.to_owned();
    std::thread::spawn(move || sent.send(read(&owned, november(), &berlin(), &Whose::Calendar)));
    let read = told
        .recv_timeout(std::time::Duration::from_secs(120))
        .unwrap_or_else(|_| panic!("{what}: too slow or a panic"));
    read.unwrap_or_default()
}

#[test]
fn files_made_to_hurt() {
    let event = |more: &str| calendar(&[&format!("UID:a\nDTSTART:19700101T000000Z\nDURATION:PT1M\n{more}")]);
    let many = |line: &str, times: usize| (0..times).map(|_| line).collect::<String>();
    let every = |n: std::ops::Range<usize>| n.map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let all_seconds = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", every(0..24), every(0..60), every(0..60));
    let rule = "RRULE:FREQ=MINUTELY;BYSECOND=1,2,3;BYSETPOS=-1;COUNT=999999";
    let costly: Vec<String> = (0..10_000).map(|n| format!("UID:{n}\nDTSTART:19700101T000000Z\n{rule}")).collect();
    let asked: Vec<String> = (0..100_000).map(|n| format!("UID:{n}\nDTSTART;TZID=Z:20000101T000000")).collect();
    let often = calendar(&asked.iter().map(String::as_str).collect::<Vec<_>>()).replacen(
        "BEGIN:VEVENT",
        "BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:20200101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=MINUTELY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT",
        1,
    );
    let cases = [
        ("a line of ten megabytes", event(&format!("SUMMARY:{}", many("x", 10_000_000)))),
        ("ten megabytes of parameters", event(&format!("SUMMARY{}:x", many(";", 10_000_000)))),
        ("ten megabytes of folds", event(&format!("SUMMARY:x\n{}", many(" \n", 5_000_000)))),
        ("ten megabytes of quotation marks", event(&format!("SUMMARY;X={}:x", many("\"", 9_999_999)))),
        ("a million noughts", event(&format!("SUMMARY:{}\0", many("\0", 1_000_000)))),
        ("a million deep", many("BEGIN:VEVENT\n", 100_000) + &many("BEGIN:X\n", 900_000)),
        ("a million ends", many("BEGIN:VCALENDAR\n", 1) + &many("END:VEVENT\n", 1_000_000)),
        ("every second for ever", event("RRULE:FREQ=SECONDLY")),
        ("every second of a day that never is", event("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5")),
        ("a year that never is", event("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5")),
        ("all seconds of every year", event(&format!("RRULE:FREQ=YEARLY;{all_seconds};BYMONTHDAY={}", every(1..32)))),
        ("a huge interval", event("RRULE:FREQ=YEARLY;INTERVAL=999999999\nRRULE:FREQ=SECONDLY;INTERVAL=999999999")),
        ("counted in seconds since 1970", event("RRULE:FREQ=SECONDLY;COUNT=999999999")),
        ("a million excepted", event(&format!("RRULE:FREQ=DAILY\nEXDATE:{}", many("20261102T000000Z,", 1_000_000)))),
        ("a length of ages", calendar(&["UID:a\nDTSTART:20261102T000000Z\nDURATION:P999999999W\nRRULE:FREQ=HOURLY"])),
        ("the last moment there is", calendar(&["UID:a\nDTSTART:99991230T220000Z", "UID:b\nDTSTART:99991231T235959Z"])),
        ("a zone of minutes, asked for often", often),
        ("the ends of time", calendar(&["UID:a\nDTSTART:00010101T000000Z\nDTEND:99991231T235959Z\nRRULE:FREQ=DAILY"])),
        (
            "ten thousand costly series",
            calendar(&costly.iter().map(String::as_str).collect::<Vec<_>>()),
        ),
        (
            "a zone of seconds",
            event("X:y").replace(
                "BEGIN:VEVENT",
                "BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nRDATE;TZID=Z:20261102T000000",
            ),
        ),
    ];
    for (what, text) in cases {
        let begun = std::time::Instant::now();
        let telling = within_seconds(what, &text);
        println!("{what}: {:?}, {} entries, {:?}", begun.elapsed(), telling.entries.len(), telling.problems.first());
        assert!(telling.entries.len() <= MOST_ENTRIES, "{what}");
        assert!(telling.problems.len() <= MOST_PROBLEMS + 1, "{what}");
        assert!(
            telling.entries.iter().all(|entry| entry.end > entry.start && entry.title.chars().count() <= 200),
            "{what}"
        );
    }
}

#[test]
fn the_end_of_the_year_9999_is_for_ever() {
    let text = calendar(&[
        "UID:a\nDTSTART:20261102T080000Z\nDURATION:PT30M\nRRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z",
        "UID:b\nDTSTART:20261105T080000Z\nDTEND:99991231T235959Z",
    ]);
    let telling = within_seconds("for ever", &text);
    assert_eq!(telling.problems, []);
    assert_eq!(telling.entries.iter().filter(|entry| entry.key.starts_with('a')).count(), 5);
    assert!(telling.entries.iter().any(|entry| entry.key == "b"));
}

#[test]
fn what_is_left_out_for_its_size_is_said() {
    let telling = within_seconds(
        "every minute",
        &calendar(&["UID:a\nDTSTART:20261101T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY"]),
    );
    assert_eq!(telling.entries.len(), MOST_ENTRIES);
    assert_eq!(telling.problems.len(), 1);
    assert_eq!(telling.problems[0].key, None, "nothing may be taken as gone");
    let bad: Vec<String> = (0..1_000).map(|n| format!("UID:{n}")).collect();
    let telling = within_seconds("bad ones", &calendar(&bad.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(telling.problems.len(), MOST_PROBLEMS + 1);
    assert_eq!(telling.problems.last().unwrap().key, None);
}

/// Bits of calendars, in any order.
fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        Just("BEGIN:VCALENDAR\n".to_owned()),
        Just("END:VCALENDAR\n".to_owned()),
        Just("BEGIN:VEVENT\n".to_owned()),
        Just("END:VEVENT\n".to_owned()),
        Just("BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\n".to_owned()),
        Just("END:STANDARD\nEND:VTIMEZONE\n".to_owned()),
        Just("METHOD:CANCEL\n".to_owned()),
        "(DTSTART|DTEND|RDATE|EXDATE|RECURRENCE-ID)(;TZID=(Z|Europe/Berlin|x))?:[0-9]{8}(T[0-2][0-9][0-5][0-9][0-9]{2}Z?)?\n",
        "(DTSTART|DTEND|RDATE|EXDATE):2026(0[1-9]|1[0-2])[0-2][0-9]T[0-2][0-9][0-5][0-9]00\n",
        "DURATION:[+-]?P[0-9]{0,3}[WDT]{1,2}[0-9]{0,10}[HMS]\n",
        "RRULE:FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY|SECONDLY)(;INTERVAL=[0-9]{1,3})?(;COUNT=[0-9]{1,4})?(;BYDAY=-?[0-9]{0,2}(MO|TU))?(;BYMONTHDAY=-?[0-9]{1,2})?(;BYSETPOS=-?[0-9])?(;BYWEEKNO=-?[0-9]{1,2})?\n",
        "TZOFFSET(FROM|TO):[+-][0-9]{4}\n",
        "UID:[ab]\n",
        "SEQUENCE:-?[0-9]{1,20}\n",
        "[A-Z]{1,8};[A-Z]{1,3}=\"?[^\n]{0,10}\"?:[^\n]{0,10}\n",
        "\\PC{0,20}",
        any::<String>(),
    ];
    prop::collection::vec(scrap, 0..60).prop_map(|scraps| {
        // A scrap may begin with a space, and would then go on with the line before.
        format!("BEGIN:VCALENDAR\nX-SCRAPS:\n{}", scraps.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn scraps_never_panic_and_every_entry_is_sound(text in scraps(), zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])) {
        let zone = TimeZone::get(zone).unwrap();
        let telling = read(&text, november(), &zone, &Whose::Resources).unwrap();
        let mut keys = std::collections::HashSet::new();
        for entry in &telling.entries {
            prop_assert!(entry.start < entry.end);
            prop_assert!(!entry.key.is_empty() && entry.key.len() <= 512);
            prop_assert!(keys.insert(&entry.key), "{} stands twice", entry.key);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = read(&text, november(), &TimeZone::UTC, &Whose::Location);
    }
}
