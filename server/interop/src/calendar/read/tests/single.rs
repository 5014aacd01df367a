//! Single events, lines, and what cannot be understood.

use super::*;
use domain::reconcile::{EntryState, Evidence};

const EVENT: &str = "UID:a\nDTSTART:20261102T080000Z\nDTEND:20261102T083000Z";

#[test]
fn line_ends_byte_order_mark_and_folding_make_no_difference() {
    let text = calendar(&[&format!("{EVENT}\nSUMMARY:A long\n   title\\, fo\n\tlded\\nin two")]);
    let plain = of(&text, november(), &Whose::Calendar);
    assert_eq!(plain.entries[0].title, "A long title, folded in two");
    for other in
        [text.replace('\n', "\r\n"), text.replace('\n', "\r"), format!("\u{FEFF}{text}"), text.replace('\n', "\n\n")]
    {
        assert_eq!(of(&other, november(), &Whose::Calendar).entries, plain.entries, "{other:?}");
    }
}

#[test]
fn lines_that_are_no_lines_are_passed_over() {
    let text = calendar(&[&format!(
        "{EVENT}\nDESCRIPTION:one\nand a badly folded line\n=== : ===\nX;A=\"open:b\nSUMMARY:Here"
    )]);
    let telling = of(&text, november(), &Whose::Calendar);
    assert_eq!((telling.entries[0].title.as_str(), telling.problems.len()), ("Here", 0));
}

#[test]
fn states() {
    for (more, wanted) in [
        ("", EntryState::Busy),
        ("STATUS:CONFIRMED", EntryState::Busy),
        ("STATUS:TENTATIVE", EntryState::Busy),
        ("STATUS:CANCELLED", EntryState::Cancelled),
        ("status:cancelled", EntryState::Cancelled),
        ("TRANSP:TRANSPARENT", EntryState::Free),
        ("TRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", EntryState::Busy),
        ("TRANSP:TRANSPARENT\nSTATUS:CANCELLED", EntryState::Cancelled),
    ] {
        let telling = of(&calendar(&[&format!("{EVENT}\n{more}")]), november(), &Whose::Calendar);
        assert_eq!(telling.entries[0].state, wanted, "{more}");
    }
    let message = calendar(&[EVENT]).replace("VERSION:2.0", "METHOD:CANCEL");
    assert_eq!(of(&message, november(), &Whose::Calendar).entries[0].state, EntryState::Cancelled);
    let without_end = calendar(&["UID:a\nDTSTART:20261102T080000Z"]);
    let moment = &of(&without_end, november(), &Whose::Calendar).entries[0];
    assert_eq!((moment.state, moment.end > moment.start), (EntryState::Free, true), "a moment takes no time");
}

#[test]
fn the_window_is_half_open() {
    let events = [
        "UID:before\nDTSTART:20261031T233000Z\nDTEND:20261101T000000Z",
        "UID:in\nDTSTART:20261031T233000Z\nDTEND:20261101T000100Z",
        "UID:last\nDTSTART:20261130T235900Z\nDTEND:20261201T010000Z",
        "UID:after\nDTSTART:20261201T000000Z\nDTEND:20261201T010000Z",
    ];
    let telling = of(&calendar(&events), november(), &Whose::Calendar);
    assert_eq!(telling.entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["in", "last"]);
}

#[test]
fn the_newest_telling_of_an_event_counts() {
    let at = |hour: &str, more: &str| format!("UID:a\nDTSTART:20261102T{hour}0000Z\nDURATION:PT30M\n{more}");
    for events in [
        [at("08", "SEQUENCE:1"), at("09", "SEQUENCE:2")],
        [at("09", "SEQUENCE:2"), at("08", "SEQUENCE:1")],
        [at("09", "LAST-MODIFIED:20261102T000000Z"), at("08", "LAST-MODIFIED:20261101T000000Z")],
    ] {
        let telling = of(&calendar(&[&events[0], &events[1]]), november(), &Whose::Calendar);
        assert_eq!(told(&telling), ["a 11-02T09:00 11-02T09:30 Busy"]);
        assert_eq!(words(&telling), []);
    }
    let same = of(&calendar(&[&at("08", ""), &at("09", "")]), november(), &Whose::Calendar);
    assert_eq!(words(&same), [(3, Some("a"), "another event has the same UID; only one of them was taken")]);
}

#[test]
fn who_it_is_for_is_said_only_when_it_is_clear() {
    let organizer = "ORGANIZER;CN=Dr. Weber:mailto:weber@clinic.example.com";
    let guest = |name: &str| format!("ATTENDEE;CN={name}:mailto:{name}@example.com");
    let who = |lines: &str| {
        of(&calendar(&[&format!("{EVENT}\n{lines}")]), november(), &Whose::Calendar).entries[0].who.clone()
    };
    let amira = Evidence { name: Some("amira".into()), email: Some("amira@example.com".into()), ..Evidence::default() };
    assert_eq!(who(&format!("{organizer}\n{}", guest("amira"))), amira);
    assert_eq!(
        who(&format!("{organizer}\n{}\nATTENDEE;CN=Dr. Weber:MAILTO:Weber@Clinic.example.com", guest("amira"))),
        amira
    );
    assert_eq!(who(&format!("{}\n{}", guest("amira"), guest("ben"))), Evidence::default(), "one of two");
    assert_eq!(who(organizer), Evidence::default());
    let nameless = Evidence { email: Some("a@example.com".into()), ..Evidence::default() };
    assert_eq!(who("ATTENDEE;CN=a@example.com:mailto:a@example.com"), nameless, "an address is no name");
}

#[test]
fn what_is_wrong_is_told_by_line_and_the_rest_is_read() {
    let text = calendar(&[
        "UID:no-start\nSUMMARY:Nothing",
        "UID:backwards\nDTSTART:20261102T090000Z\nDTEND:20261102T080000Z",
        "UID:odd\nDTSTART:20261302T090000Z",
        "UID:zone\nDTSTART;TZID=Mars/Olympus:20261102T090000",
        "UID:length\nDTSTART:20261102T090000Z\nDURATION:a while",
        "UID:minus\nDTSTART:20261102T090000Z\nDURATION:-PT5M",
        EVENT,
    ]);
    let telling = of(&text, november(), &Whose::Calendar);
    assert_eq!(told(&telling), ["a 11-02T08:00 11-02T08:30 Busy"]);
    assert_eq!(
        words(&telling),
        [
            (3, Some("no-start"), "the event has no start (\"Nothing\")"),
            (10, Some("backwards"), "the end is before the start"),
            (14, Some("odd"), "the time \"20261302T090000Z\" is not understood"),
            (18, Some("zone"), "the time zone \"Mars/Olympus\" is not known"),
            (23, Some("length"), "the duration \"a while\" is not understood"),
            (28, Some("minus"), "the end is before the start"),
        ]
    );
}

#[test]
fn a_problem_stands_for_the_whole_series_and_for_no_other() {
    for (entry, wanted) in
        [("a", true), ("a#20261126T080000Z", true), ("ab", false), ("ab#20261126T080000Z", false), ("", false)]
    {
        assert_eq!(stands_for("a", entry), wanted, "{entry}");
    }
}

/// Nothing may be taken as gone only because the connection broke.
#[test]
fn a_file_that_is_cut_off_says_so() {
    let text = calendar(&[EVENT, "UID:b\nDTSTART:20261103T080000Z\nDURATION:PT30M"]);
    let whole = of(&text, november(), &Whose::Calendar);
    assert_eq!(words(&whole), []);
    for end in "BEGIN:VCALENDAR".len()..text.len() - "END:VCALENDAR\n".len() {
        let telling = of(&text[..end], november(), &Whose::Calendar);
        assert!(telling.problems.iter().any(|problem| problem.key.is_none()), "{:?}", &text[..end]);
    }
    let unclosed = text.replacen("END:VEVENT\n", "", 1);
    let telling = of(&unclosed, november(), &Whose::Calendar);
    assert_eq!(telling.problems[0].key, None);
    assert_eq!(told(&telling), ["b 11-03T08:00 11-03T08:30 Busy"]);
}

#[test]
fn keys_are_short_plain_and_there_for_every_event() {
    let long = "u".repeat(2_000);
    let events = [
        format!("UID:{long}\nDTSTART:20261102T080000Z\nDURATION:PT5M\nRRULE:FREQ=DAILY;COUNT=2"),
        "UID:with#sign\nDTSTART:20261102T080000Z\nDURATION:PT5M".to_owned(),
        "DTSTART:20261102T080000Z\nDURATION:PT5M\nSUMMARY:One".to_owned(),
        "DTSTART:20261102T080000Z\nDURATION:PT5M\nSUMMARY:Two".to_owned(),
    ];
    let text = calendar(&events.each_ref().map(String::as_str));
    let telling = of(&text, november(), &Whose::Calendar);
    assert_eq!(telling.entries.len(), 5);
    let again = of(&text, november(), &Whose::Calendar);
    assert_eq!(again, telling, "the same at every read");
    let keys: std::collections::HashSet<&str> = telling.entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().all(|key| key.len() <= 512 && key.matches('#').count() <= 1), "{keys:?}");
}

#[test]
fn what_is_no_calendar_is_named() {
    let zone = berlin();
    for (text, wanted) in [
        ("", NotACalendar::Empty),
        ("\u{FEFF}\r\n", NotACalendar::Empty),
        ("  <!DOCTYPE html><html>", NotACalendar::WebPage),
        ("<html><body>BEGIN</body>", NotACalendar::WebPage),
        ("Date;Time\n1;2", NotACalendar::NoCalendar),
        ("BEGIN:VCARD\nEND:VCARD", NotACalendar::NoCalendar),
    ] {
        assert_eq!(read(text, november(), &zone, &Whose::Calendar), Err(wanted), "{text}");
    }
    let empty = of("BEGIN:VCALENDAR\nEND:VCALENDAR", november(), &Whose::Calendar);
    assert_eq!(empty, Telling::default(), "an empty calendar is one");
}
