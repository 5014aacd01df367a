use domain::booking::WallWindow;
use jiff::civil::{Date, date, time};

use super::*;

const MON: &str = r#"mon = ["08:00-12:00", "13:00-18:00"]"#;
const FIELD: &str = "practitioners.weber.hours.mon";
const OVERLAP: &str = "windows of one day that do not overlap";
const MIDNIGHT: &str = "windows that do not overlap, also after midnight";
const WINDOW: &str = "windows such as \"08:00-12:30\", on five minutes, from 00:00 to 24:00";

fn on(text: &str, day: Date) -> Vec<WallWindow> {
    let plan = parse("x", text).unwrap_or_else(|all| panic!("{all:#?}"));
    let weber = plan.resources.iter().find(|resource| resource.slug == "weber").unwrap();
    weber.hours.as_ref().unwrap().on(day).windows
}

fn window(open: i8, close: i8) -> WallWindow {
    WallWindow { open: time(open, 0, 0, 0), close: time(close, 0, 0, 0) }
}

#[test]
fn windows_are_read_in_any_order_and_may_touch_or_end_next_day() {
    let monday = date(2026, 11, 23);
    let at = |windows: &str| on(&changed(MON, &format!("mon = [{windows}]")).0, monday);
    assert_eq!(at(r#""13:00-18:00", "8:00 – 13:00""#), [window(8, 13), window(13, 18)]);
    assert_eq!(at(r#""20:00-02:00""#), [window(20, 2)]);
    assert_eq!(at(r#""00:00-24:00""#), [window(0, 0)]);
    assert_eq!(on(SMALL, date(2026, 11, 24)), []);
}

#[test]
fn overlapping_windows_are_told() {
    refused(MON, r#"mon = ["09:00-12:00", "11:00-13:00"]"#, FIELD, "09:00-12:00 and 11:00-13:00 overlap", OVERLAP);
    refused_at(
        2,
        MON,
        "mon = [\n  \"20:00-02:00\",\n  \"19:00-20:05\",\n]",
        FIELD,
        "19:00-20:05 and 20:00-02:00 overlap",
        OVERLAP,
    );
    refused(MON, r#"mon = ["00:00-24:00", "11:00-13:00"]"#, FIELD, "00:00-24:00 and 11:00-13:00 overlap", OVERLAP);
}

#[test]
fn windows_that_run_past_midnight_must_not_meet_the_next_day() {
    let both = |one: &str, other: &str| format!("{one} = [\"20:00-02:00\"]\n{other} = [\"01:00-05:00\"]");
    let wrong = "20:00-02:00 of the day before runs into 01:00-05:00";
    refused_at(1, MON, &both("mon", "tue"), "practitioners.weber.hours.tue", wrong, MIDNIGHT);
    refused_at(1, MON, &both("sun", "mon"), FIELD, wrong, MIDNIGHT);
    let touching = "sun = [\"20:00-02:00\"]\nmon = [\"02:00-05:00\"]";
    parse("x", &changed(MON, touching).0).unwrap();
    parse("x", &changed(MON, &both("mon", "wed")).0).unwrap();
}

#[test]
fn windows_have_their_shape() {
    for bad in ["08:00", "8-12", "08:00-25:00", "24:00-08:00", "08:60-09:00", "morning", "+8:00-09:00"] {
        refused(MON, &format!("mon = [\"{bad}\"]"), FIELD, &format!("{bad:?} is not a window"), WINDOW);
    }
    refused(MON, r#"mon = ["08:00-12:03"]"#, FIELD, "\"08:00-12:03\" is not on five minutes", WINDOW);
    refused(
        MON,
        r#"mon = ["08:00-08:00"]"#,
        FIELD,
        "\"08:00-08:00\" ends when it starts (a whole day is 00:00-24:00)",
        WINDOW,
    );
    refused(MON, r#"mon = "08:00-12:00""#, FIELD, "this is text", &format!("a list of {WINDOW}"));
    let many = vec!["\"08:00-08:05\""; 25].join(", ");
    refused(MON, &format!("mon = [{many}]"), FIELD, "25 windows", "at most 24 windows");
}

#[test]
fn practitioners_must_have_hours() {
    let (text, _) = changed("[practitioners.hours]", "");
    let text =
        text.replace(MON, "").replace("[[practitioners.exceptions]]\ndate = 2026-12-08\nnote = \"On leave\"", "");
    let problem = only(&text);
    assert_eq!((problem.field.as_str(), problem.wrong.as_str()), ("practitioners.weber.hours", "this is missing"));
}

#[test]
fn a_room_without_hours_has_no_exceptions() {
    let old = r#"name = "Room 1""#;
    let new = format!("{old}\nexceptions = [{{ date = 2026-12-08 }}]");
    refused_at(1, old, &new, "rooms.room-1.exceptions", "there are no hours to be changed", "exceptions beside hours");
}

#[test]
fn exceptions_come_once_a_date() {
    let old = "[[rooms]]";
    let again = "[[practitioners.exceptions]]\ndate = 2026-12-08\n\n[[rooms]]";
    refused_at(
        1,
        old,
        again,
        "practitioners.weber.exceptions[2].date",
        "2026-12-08 has two exceptions",
        "one exception for a date",
    );
    refused_at(
        -1,
        "date = 2026-12-08",
        "",
        "practitioners.weber.exceptions[1].date",
        "this is missing",
        "the date, such as 2026-12-24",
    );
}

#[test]
fn exceptions_must_not_meet_the_days_around_them() {
    // The 8th is a Tuesday, the day before it a Monday.
    let (text, _) = changed(MON, r#"mon = ["20:00-02:00"]"#);
    let late = |hours: &str| text.replace("note = \"On leave\"", &format!("hours = [\"{hours}\"]"));
    assert_eq!(only(&late("01:00-05:00")).wrong, "20:00-02:00 of the day before runs into 01:00-05:00");
    parse("x", &late("02:00-05:00")).unwrap();
    let (text, _) = changed(MON, r#"wed = ["01:00-05:00"]"#);
    let late = |hours: &str| text.replace("note = \"On leave\"", &format!("hours = [\"{hours}\"]"));
    let problem = only(&late("20:00-02:00"));
    assert_eq!(problem.wrong, "20:00-02:00 runs into 01:00-05:00 of the next day");
    assert_eq!(problem.field, "practitioners.weber.exceptions[1].hours");
}

const PERIOD: &str = "[[practitioners.hours_period]]\nfrom = 2027-01-04\nuntil = 2027-01-10\n";

#[test]
fn a_period_holds_instead_of_the_usual_hours() {
    let (text, _) = changed("[[rooms]]", &format!("{PERIOD}tue = [\"10:00-11:00\"]\n\n[[rooms]]"));
    assert_eq!(on(&text, date(2026, 12, 28)), [window(8, 12), window(13, 18)]);
    assert_eq!(on(&text, date(2027, 1, 4)), []);
    assert_eq!(on(&text, date(2027, 1, 5)), [window(10, 11)]);
    assert_eq!(on(&text, date(2027, 1, 11)), [window(8, 12), window(13, 18)]);
    assert_eq!(on(&text, date(2027, 1, 12)), []);

    let open = "[[practitioners.hours_period]]\nfrom = 2027-01-05\nmon = [\"10:00-11:00\"]\n\n[[rooms]]";
    let (text, _) = changed("[[rooms]]", open);
    assert_eq!(on(&text, date(2027, 1, 4)), [window(8, 12), window(13, 18)]);
    assert_eq!(on(&text, date(2031, 1, 6)), [window(10, 11)]);
}

#[test]
fn periods_have_dates_run_forward_and_do_not_share_a_day() {
    let with = |period: &str| format!("{period}\n[[rooms]]");
    let path = "practitioners.weber.hours_period";
    refused(
        "[[rooms]]",
        &with("[[practitioners.hours_period]]\nmon = [\"10:00-11:00\"]\n"),
        &format!("{path}[1].from"),
        "this is missing",
        "from, until or both, as dates",
    );
    refused_at(
        2,
        "[[rooms]]",
        &with(&PERIOD.replace("01-10", "01-03")),
        &format!("{path}[1].until"),
        "2027-01-03 is before 2027-01-04",
        "the date of from or a later one",
    );
    let second = PERIOD.replace("01-04", "01-10").replace("until = 2027-01-10\n", "");
    refused_at(
        5,
        "[[rooms]]",
        &with(&format!("{PERIOD}\n{second}")),
        &format!("{path}[2].from"),
        "this period overlaps another",
        "periods that do not share a day",
    );
    let next = second.replace("01-10", "01-11");
    parse("x", &changed("[[rooms]]", &with(&format!("{PERIOD}\n{next}"))).0).unwrap();
}

#[test]
fn nights_are_looked_at_across_the_border_of_a_period() {
    // The period ends on a Sunday, whose night runs into a usual Monday.
    let night = |day: &str| format!("{PERIOD}{day} = [\"20:00-09:00\"]\n\n[[rooms]]");
    let (text, _) = changed("[[rooms]]", &night("sun"));
    let problem = only(&text);
    assert_eq!(problem.field, FIELD);
    assert_eq!(problem.wrong, "20:00-09:00 of the day before runs into 08:00-12:00");
    // A period that ends on a Saturday does not meet it.
    parse("x", &text.replace("2027-01-10", "2027-01-09")).unwrap();
}

#[test]
fn periods_may_come_in_any_order_and_leave_no_empty_range() {
    let second = PERIOD.replace("01-10", "01-17").replace("01-04", "01-11");
    let (text, _) = changed("[[rooms]]", &format!("{second}\n{PERIOD}\n[[rooms]]"));
    assert_eq!(on(&text, date(2026, 12, 28)), [window(8, 12), window(13, 18)]);
    assert_eq!(on(&text, date(2027, 1, 4)), []);
    assert_eq!(on(&text, date(2027, 1, 11)), []);
    assert_eq!(on(&text, date(2027, 1, 18)), [window(8, 12), window(13, 18)]);
    let plan = parse("x", &text).unwrap();
    let weekly = &plan.resources[0].hours.as_ref().unwrap().weekly;
    let ranges: Vec<_> = weekly.iter().map(|hours| (hours.from, hours.until)).collect();
    assert_eq!(ranges, [(None, Some(date(2027, 1, 3))), (Some(date(2027, 1, 18)), None)]);
}

#[test]
fn usual_hours_are_checked_once_however_many_ranges_they_hold_in() {
    let wrong = "mon = [\"09:00-12:00\", \"11:00-13:00\"]";
    let two = changed("[[rooms]]", &format!("{PERIOD}\n[[rooms]]")).0.replace(MON, wrong);
    assert_eq!(only(&two).field, FIELD);
    let none = "[[practitioners.hours_period]]\nuntil = 2027-01-03\n\n[[practitioners.hours_period]]\nfrom = 2027-01-04\nmon = [\"08:00-12:00\"]\n\n[[rooms]]";
    let none = changed("[[rooms]]", none).0;
    parse("x", &none).unwrap();
    assert_eq!(only(&none.replacen(MON, wrong, 1)).field, FIELD);
}

#[test]
fn exceptions_are_kept_in_the_order_of_their_dates() {
    let earlier = "[[practitioners.exceptions]]\ndate = 2026-12-01\n\n[[rooms]]";
    let plan = parse("x", &changed("[[rooms]]", earlier).0).unwrap();
    let exceptions = &plan.resources[0].hours.as_ref().unwrap().exceptions;
    let dates: Vec<Date> = exceptions.iter().map(|exception| exception.date).collect();
    assert_eq!(dates, [date(2026, 12, 1), date(2026, 12, 8)]);
}
