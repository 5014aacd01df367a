//! Two o'clock comes twice in Berlin on 25 October 2026, and not at all on 28 March 2027 (booking rule 2).

use testkit::{Person, TestApp, on_both_engines};

on_both_engines![the_hour_that_comes_twice_can_be_booked_twice, the_hour_that_is_skipped_is_not_offered];

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
