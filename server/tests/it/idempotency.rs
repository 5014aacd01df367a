//! A request that comes again is answered again, and does nothing again (booking rule 14).

use serde_json::json;
use testkit::{Person, TestApp, on_both_engines};

on_both_engines![
    the_same_key_and_body_get_the_same_answer,
    the_same_key_with_another_body_is_refused,
    the_same_key_for_another_hold_is_refused,
    two_callers_with_the_same_key_do_not_meet,
    a_key_is_needed_to_confirm,
    a_move_may_be_asked_for_again,
];

const START: &str = "2026-11-24T10:00:00+01:00";

async fn the_same_key_and_body_get_the_same_answer(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", START).await.expect(201);
    let person = Person::number(1);
    let first = program.confirm(&hold, &person, "key").await.expect(201);
    app.clock.advance_minutes(60);
    let again = program.confirm(&hold, &person, "key").await.expect(201);
    assert_eq!(first.text, again.text);
    // Also after the visit has changed: it is the answer that is repeated.
    program.cancel(&first.field("id")).await.expect(200);
    assert_eq!(program.confirm(&hold, &person, "key").await.expect(201).text, first.text);
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
}

async fn the_same_key_with_another_body_is_refused(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", START).await.expect(201);
    program.confirm(&hold, &Person::number(1), "key").await.expect(201);
    program.confirm(&hold, &Person::number(2), "key").await.expect_problem(409, "idempotency_key_reused");
    let body = json!({ "patient": Person::number(1).json(), "reason": "more" });
    program.confirm_body(&hold, &body, "key").await.expect_problem(409, "idempotency_key_reused");
}

async fn the_same_key_for_another_hold_is_refused(app: TestApp) {
    let program = app.program("lab").await;
    let person = Person::number(1);
    let one = program.hold("lab", "solo", START).await.expect(201);
    let two = program.hold("lab", "solo", "2026-11-24T14:00:00+01:00").await.expect(201);
    program.confirm(&one, &person, "key").await.expect(201);
    program.confirm(&two, &person, "key").await.expect_problem(409, "idempotency_key_reused");
    program.confirm(&two, &person, "another key").await.expect(201);
}

async fn two_callers_with_the_same_key_do_not_meet(app: TestApp) {
    let (one, two) = (app.program("lab").await, app.program("lab").await);
    let held_by_one = one.hold("lab", "solo", START).await.expect(201);
    let held_by_two = two.hold("lab", "solo", "2026-11-24T14:00:00+01:00").await.expect(201);
    let first = one.confirm(&held_by_one, &Person::number(1), "1").await.expect(201);
    let second = two.confirm(&held_by_two, &Person::number(2), "1").await.expect(201);
    assert_ne!(first.field("id"), second.field("id"));
}

async fn a_key_is_needed_to_confirm(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", START).await.expect(201);
    let path = format!("/api/v1/holds/{}/confirm", hold.field("id"));
    let body = json!({ "patient": Person::number(1).json() });
    program.post(&path, &body).await.expect_problem(400, "bad_request");
    let too_long = program.post_request(&path, &body).header("idempotency-key", "k".repeat(256));
    program.send(too_long).await.expect_problem(400, "bad_request");
    program.confirm(&hold, &Person::number(1), &"k".repeat(255)).await.expect(201);
}

async fn a_move_may_be_asked_for_again(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", START, &Person::number(1)).await.field("id");
    let hold = program.hold("lab", "solo", "2026-11-24T14:00:00+01:00").await.expect(201);
    let first = program.reschedule(&visit, &hold).await.expect(200);
    let again = program.reschedule(&visit, &hold).await.expect(200);
    assert_eq!((first.text, app.count("SELECT count(*) FROM appointment_event").await), (again.text, 2));
}
