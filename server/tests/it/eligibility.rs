//! Who may have which visit is asked when it is booked, by whichever door (booking rule 18).

use jiff::SignedDuration;
use serde_json::json;
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

use crate::patient_import::{FILE, import};

on_both_engines![
    whoever_was_here_is_known_however_long_ago,
    charts_that_the_clinic_brought_are_nobodys_first,
    age_and_referral_count_on_the_day,
];

/// A first free time of a service, and what came of booking it for somebody.
pub async fn try_to_book(
    app: &TestApp,
    program: &Caller,
    (clinic, service): (&str, &str),
    whom: &serde_json::Value,
) -> Answer {
    let today = app.cx.now().to_string();
    let until = (app.cx.now() + SignedDuration::from_hours(24 * 21)).to_string();
    let free = program.free(clinic, service, &today[..10], &until[..10]).await;
    let hold = program.hold(clinic, service, free.first().expect("a free time")).await.expect(201);
    let done = program.confirm_body(&hold, whom, &app.cx.id().to_string()).await;
    if done.status != 201 {
        program.release(&hold).await.expect(204);
    }
    done
}

pub fn of(person: &Person) -> serde_json::Value {
    json!({ "patient": person.json() })
}

async fn whoever_was_here_is_known_however_long_ago(app: TestApp) {
    let program = app.program("riverside").await;
    let new = of(&Person::number(1));
    let book = async |service| try_to_book(&app, &program, ("riverside", service), &new).await;
    book("followup").await.expect_problem(409, "only_established");
    book("new-patient").await.expect(201);
    book("followup").await.expect_problem(409, "only_established");
    // That visit is over, and so are ten years after it.
    for days in [60, 3650] {
        app.clock.set(app.cx.now() + SignedDuration::from_hours(24 * days));
        book("new-patient").await.expect_problem(409, "only_new");
        let visit = book("followup").await.expect(201).field("id");
        program.cancel(&visit).await.expect(200);
    }
    // Of another clinic nobody knows.
    app.clock.set(app.cx.now());
    let there = app.program("harbour").await;
    try_to_book(&app, &there, ("harbour", "filling"), &new).await.expect_problem(409, "only_established");
}

async fn charts_that_the_clinic_brought_are_nobodys_first(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let program = app.program("riverside").await;
    let brought = json!({ "patient": { "given": "Amira", "family": "Khalil", "birth_date": "1980-01-31", "email": "amira@example.com" } });
    let visit = try_to_book(&app, &program, ("riverside", "followup"), &brought).await.expect(201).field("id");
    program.cancel(&visit).await.expect(200);
    // Nor is it said that they came: whoever was entered this morning may have a first visit.
    try_to_book(&app, &program, ("riverside", "new-patient"), &brought).await.expect(201);
}

async fn age_and_referral_count_on_the_day(app: TestApp) {
    let born = |date: &str| {
        let patient =
            json!({ "given": "Ada", "family": format!("Of {date}"), "birth_date": date, "email": "ada@example.com" });
        json!({ "patient": patient })
    };
    let riverside = app.program("riverside").await;
    for (service, date, code) in [("check-up", "2012-05-01", "too_young"), ("child-check", "1980-05-01", "too_old")] {
        try_to_book(&app, &riverside, ("riverside", service), &born(date)).await.expect_problem(409, code);
    }
    try_to_book(&app, &riverside, ("riverside", "child-check"), &born("2012-05-01")).await.expect(201);
    let northgate = app.program("northgate").await;
    let mut adult = born("1980-05-01");
    try_to_book(&app, &northgate, ("northgate", "x-ray"), &adult).await.expect_problem(409, "needs_referral");
    adult["referral"] = json!(true);
    try_to_book(&app, &northgate, ("northgate", "x-ray"), &adult).await.expect(201);
}
