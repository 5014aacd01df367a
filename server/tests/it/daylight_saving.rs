//! Two o'clock comes twice in Berlin on 25 October 2026, and not at all on 28 March 2027 (booking rule 2).

use testkit::{Person, TestApp, on_both_engines};

on_both_engines![
    the_hour_that_comes_twice_can_be_booked_twice,
    the_hour_that_is_skipped_is_not_offered,
    the_boards_script_knows_from_where_its_rows_are_off,
];

async fn the_hour_that_comes_twice_can_be_booked_twice(app: TestApp) {
    app.clock.set("2026-10-05T06:00:00Z".parse().unwrap());
    let program = app.program("lab").await;
    let listed = program.free("lab", "solo", "2026-10-25", "2026-10-25").await;
    let (summer, winter) = ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00");
    assert!(listed.contains(&summer.to_owned()) && listed.contains(&winter.to_owned()), "{listed:?}");
    assert_eq!(listed.len(), 25 * 4);
    let person = Person::number(1);
    let first = program.book("lab", "solo", summer, &person).await;
    program.hold("lab", "solo", summer).await.expect_problem(409, "taken");
    let second = program.book("lab", "solo", winter, &person).await;
    assert_ne!(first.field("id"), second.field("id"));
    assert_eq!((first.field("start").as_str(), second.field("start").as_str()), (summer, winter));
    app.run_jobs().await;
    let mails = app.mailer.sent();
    let told = |n: usize, offset: &str| mails[n].text.contains("at 2:30") && mails[n].text.contains(offset);
    assert!(told(0, "UTC+2") || told(1, "UTC+2"), "{mails:#?}");
    assert!(told(0, "UTC+1") || told(1, "UTC+1"), "{mails:#?}");
}

async fn the_hour_that_is_skipped_is_not_offered(app: TestApp) {
    let program = app.program("lab").await;
    let listed = program.free("lab", "solo", "2027-03-28", "2027-03-28").await;
    assert_eq!(listed.len(), 23 * 4);
    assert!(listed.iter().all(|start| !start.contains("T02:")), "{listed:?}");
}

async fn the_boards_script_knows_from_where_its_rows_are_off(app: TestApp) {
    let desk = app.staff("lab", domain::staff::Role::FrontDesk).await.caller;
    for (day, told) in [
        ("2026-10-25", Some("data-shift-row=\"24\" data-shift=\"12\"")),
        ("2027-03-28", Some("data-shift-row=\"36\" data-shift=\"-12\"")),
        ("2026-11-24", None),
    ] {
        let board = desk.get(&format!("/staff/lab/schedule?day={day}")).await.expect(200).text;
        match told {
            Some(told) => assert!(board.contains(told), "{day}: {board}"),
            None => assert!(!board.contains("data-shift"), "{day}: {board}"),
        }
    }
}
