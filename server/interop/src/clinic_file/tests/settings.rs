use super::*;

#[test]
fn settings_keep_to_five_minutes_and_their_range() {
    let five = " in steps of 5 min";
    for (field, value, wrong, allowed) in [
        ("duration", "\"7 min\"", "7 min is not a multiple of 5 min", format!("5 min to 24 h{five}")),
        ("duration", "0", "0 min is out of range", format!("5 min to 24 h{five}")),
        ("duration", "\"25 h\"", "25 h is out of range", format!("5 min to 24 h{five}")),
        ("buffer_before", "\"5 h\"", "5 h is out of range", format!("0 min to 4 h{five}")),
        ("buffer_after", "3", "3 min is not a multiple of 5 min", format!("0 min to 4 h{five}")),
        ("grid", "\"1 min\"", "1 min is out of range", format!("5 min to 24 h{five}")),
        ("grid", "12", "12 min is not a multiple of 5 min", format!("5 min to 24 h{five}")),
        ("grid_offset", "\"24 h\"", "24 h is out of range", format!("0 min to 1435 min{five}")),
        ("notice_book", "\"1 min\"", "1 min is not a multiple of 5 min", format!("0 min to 365 days{five}")),
        ("notice_move", "-5", "-5 min is out of range", format!("0 min to 365 days{five}")),
        ("notice_cancel", "\"53 weeks\"", "371 days is out of range", format!("0 min to 365 days{five}")),
        ("horizon", "\"731 days\"", "731 days is out of range", "1 to 730 days".into()),
        ("horizon", "0", "0 days is out of range", "1 to 730 days".into()),
        ("horizon", "\"36 h\"", "36 h is not a number of whole days", "1 to 730 days".into()),
        ("hold", "1", "1 min is out of range", "2 min to 1 h".into()),
        ("hold_most", "\"61 min\"", "61 min is out of range", "2 min to 1 h".into()),
        ("waitlist", "\"no\"", "this is text", "true or false".into()),
        ("waitlist_offer", "\"8 min\"", "8 min is out of range", format!("10 min to 24 h{five}")),
        ("max_active", "0", "0 is out of range", "a whole number from 1 to 100".into()),
        ("gap", "\"both\"", "\"both\" is not known here", "larger, sum".into()),
        ("needs_approval", "\"yes\"", "this is text", "true or false".into()),
        (
            "bookable_from",
            "\"2026-02-30\"",
            "\"2026-02-30\" is not a date here",
            "a date from 2000 to 2199, such as 2026-12-24".into(),
        ),
        (
            "duration",
            "\"half an hour\"",
            "\"half an hour\" is not a length of time such as \"30 min\" or \"2 days\"",
            format!("5 min to 24 h{five}"),
        ),
        ("duration", "true", "this is true or false", format!("5 min to 24 h{five}")),
        ("horizon", "9223372036854775807", "this number is too large", "1 to 730 days".into()),
    ] {
        let old = r#"duration = "15 min""#;
        refused(old, &format!("{field} = {value}"), &format!("services.followup.booking.{field}"), wrong, &allowed);
    }
}

#[test]
fn settings_must_go_together_once_inherited() {
    let old = r#"duration = "15 min""#;
    refused_at(
        2,
        old,
        "duration = 15\nbookable_from = 2027-01-01\nbookable_until = 2026-12-31",
        "services.followup.booking.bookable_until",
        "2026-12-31 is before 2027-01-01",
        "the date of bookable_from or a later one",
    );
    // Stated by the clinic, told where they meet: at the service.
    let service = |clinic: &str| only(&changed(r#"grid = "15 min""#, clinic).0);
    let problem = service("max_per_period = 2");
    assert_eq!((problem.line, problem.field.as_str()), (34, "services.followup.booking.max_per_period"));
    assert_eq!(problem.wrong, "with weber, max_per_period and period mean something only together");
    let problem = service("hold_most = 5");
    assert_eq!(problem.field, "services.followup.booking.hold");
    assert_eq!(problem.wrong, "with weber, 10 min is more than hold_most, which is 5 min");
    let (text, _) = changed(r#"grid = "15 min""#, "bookable_until = 2026-12-31");
    let problem = only(&text.replace(old, "bookable_from = 2027-01-01"));
    assert_eq!(problem.wrong, "with weber, the inherited range ends on 2026-12-31, before it starts on 2027-01-01");
}

#[test]
fn a_visit_must_fit_in_somebodys_hours() {
    let field = "services.followup.booking.duration";
    let allowed = "a duration and grid that leave at least one start in somebody's hours";
    refused(
        r#"duration = "15 min""#,
        r#"duration = "6 h""#,
        field,
        "6 h fits in no window of anybody who offers this",
        allowed,
    );
    // 5 h fit from 13:00, but starts are at 01:00, 07:00, 13:00 and so on, moved on by 5 minutes.
    let off_grid = "duration = \"5 h\"\ngrid = \"6 h\"\ngrid_offset = \"65 min\"";
    refused(r#"duration = "15 min""#, off_grid, field, "5 h fits in no window of anybody who offers this", allowed);
    let on_grid = "duration = \"5 h\"\ngrid = \"6 h\"\ngrid_offset = \"1 h\"";
    parse("x", &changed(r#"duration = "15 min""#, on_grid).0).unwrap();
    // Windows that touch are one.
    let (text, _) =
        changed(r#"mon = ["08:00-12:00", "13:00-18:00"]"#, "mon = [\"20:00-24:00\"]\ntue = [\"00:00-04:00\"]");
    parse("x", &text.replace("duration = \"15 min\"", "duration = \"8 h\"")).unwrap();
    // A day with hours of its own is enough, by its own settings.
    let (text, _) = changed(r#"note = "On leave""#, "hours = [\"08:00-18:00\"]\nbooking = { duration = 480 }");
    parse("x", &text.replace("duration = \"15 min\"", "duration = \"11 h\"")).unwrap();
    only(&text.replace("duration = \"15 min\"", "duration = \"11 h\"").replace("480", "630"));
    // Or by the clinic's for that day.
    let (text, _) =
        changed("[clinic.booking]", &format!("{OPENING}booking = {{ duration = \"4 h\" }}\n\n[clinic.booking]"));
    let long = |text: &str| text.replace("duration = \"15 min\"", "duration = \"6 h\"");
    parse("x", &long(&text.replacen("2026-12-08", "2026-12-07", 1))).unwrap();
    only(&long(&text));
}

const OPENING: &str = "[clinic.opening]\nmon = [\"08:00-18:00\"]\n\n[[clinic.exceptions]]\ndate = 2026-12-08\n";

#[test]
fn settings_of_a_date_must_go_together_with_what_it_inherits() {
    let old = r#"note = "On leave""#;
    refused_at(
        1,
        old,
        "hours = [\"08:00-12:00\"]\nbooking = { hold_most = 5 }",
        "practitioners.weber.exceptions[1].booking.hold",
        "10 min is more than hold_most, which is 5 min",
        "at most 5 min",
    );
    refused_at(
        1,
        old,
        "hours = [\"08:00-12:00\"]\nbooking = { duration = \"4 h\", grid_offset = 5 }",
        "practitioners.weber.exceptions[1].booking.duration",
        "4 h fits in no window of this day",
        "a duration and grid that leave at least one start in its hours",
    );
    // Told at the clinic's date when that is what says so.
    refused_at(
        5,
        "[clinic.booking]",
        &format!("{OPENING}booking = {{ max_per_period = 2 }}\n\n[clinic.booking]"),
        "clinic.exceptions[1].booking.max_per_period",
        "max_per_period and period mean something only together",
        "both or neither",
    );
    // On a day on which nobody is there nothing need fit.
    parse("x", &changed(old, "booking = { duration = \"20 h\" }").0).unwrap();
}

#[test]
fn a_room_has_no_booking_settings_on_a_date_either() {
    let old = r#"name = "Room 1""#;
    let new = format!(
        "{old}\nhours = {{ mon = [\"08:00-12:00\"] }}\n\n[[rooms.exceptions]]\ndate = 2026-12-07\nbooking = {{ duration = 30 }}"
    );
    refused_at(
        5,
        old,
        &new,
        "rooms.room-1.exceptions[1].booking",
        "rooms and devices have no booking settings, for a visit has those of its clinic, service and practitioner",
        "date, hours, note",
    );
}

#[test]
fn a_range_that_runs_backwards_is_told_where_it_is_stated() {
    let range = "bookable_from = 2027-01-01\nbookable_until = 2026-12-31";
    refused_at(
        1,
        r#"grid = "15 min""#,
        range,
        "clinic.booking.bookable_until",
        "2026-12-31 is before 2027-01-01",
        "the date of bookable_from or a later one",
    );
}

#[test]
fn every_level_counts_for_whether_a_visit_fits() {
    let long = SMALL.replace("duration = \"15 min\"", "");
    let at = |old: &str, new: &str| long.replacen(old, &format!("{new}\n{old}"), 1);
    let texts = [
        at("[clinic]\n", "booking = { duration = \"6 h\" }\n"),
        at("grid = \"15 min\"", "duration = \"6 h\""),
        at("services = [", "booking = { duration = \"6 h\" }"),
        at("[[rooms]]", "[practitioners.differs.followup]\nduration = \"6 h\"\n"),
    ];
    for text in texts {
        assert_eq!(only(&text).wrong, "6 h fits in no window of anybody who offers this", "{text}");
    }
}
