//! Moving and cancelling visits (booking rules 6, 15, 16 and 23).

use serde_json::json;
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    a_moved_visit_keeps_its_id_and_gives_its_old_time_back,
    a_hold_that_has_ended_leaves_the_old_time_intact,
    a_visit_may_move_onto_a_time_that_overlaps_its_own,
    a_hold_of_another_service_or_clinic_does_not_move_a_visit,
    somebody_elses_hold_does_not_move_a_visit,
    a_cancelled_visit_gives_its_time_back_at_once,
    a_visit_that_is_cancelled_cannot_be_cancelled_or_moved,
    patients_move_and_cancel_until_the_notice_and_clinics_always,
    an_older_choice_in_a_second_window_does_not_move_a_moved_visit,
    a_pending_visit_stays_pending_when_moved,
    a_hold_given_back_frees_the_time_and_may_be_given_back_twice,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";
const TWO: &str = "2026-11-24T14:00:00+01:00";

async fn a_moved_visit_keeps_its_id_and_gives_its_old_time_back(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", TEN, &Person::number(1)).await;
    let id = visit.field("id");
    let hold = program.hold("lab", "solo", TWO).await.expect(201);
    let moved = program.reschedule(&id, &hold).await.expect(200);
    assert_eq!(
        (moved.field("id"), moved.field("start"), moved.field("status")),
        (id.clone(), TWO.to_owned(), "booked".to_owned())
    );
    assert_eq!((visit.json()["version"].clone(), moved.json()["version"].clone()), (json!(1), json!(2)));
    program.hold("lab", "solo", TEN).await.expect(201);
    program.hold("lab", "solo", TWO).await.expect_problem(409, "taken");
    app.run_jobs().await;
    let mails = app.mailer.sent();
    let invite = mails.last().unwrap().invite.as_ref().unwrap().1.clone();
    assert!(invite.contains(&format!("UID:{id}@portico")) && invite.contains("SEQUENCE:1"), "{invite}");
}

async fn a_hold_that_has_ended_leaves_the_old_time_intact(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", TEN, &Person::number(1)).await.field("id");
    let hold = program.hold("lab", "solo", TWO).await.expect(201);
    app.clock.advance_minutes(10);
    program.reschedule(&visit, &hold).await.expect_problem(409, "hold_ended");
    let read = program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    assert_eq!((read.field("start"), read.json()["version"].clone()), (TEN.to_owned(), json!(1)));
    program.hold("lab", "solo", TEN).await.expect_problem(409, "taken");
    program.hold("lab", "solo", TWO).await.expect(201);
}

async fn a_visit_may_move_onto_a_time_that_overlaps_its_own(app: TestApp) {
    // With a practitioner who has another lane free; the patient's own old time is no obstacle.
    let program = app.program("lab").await;
    let visit = program.book("lab", "wide", TEN, &Person::number(1)).await.field("id");
    let hold = program.hold("lab", "wide", "2026-11-24T10:15:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
}

async fn a_hold_of_another_service_or_clinic_does_not_move_a_visit(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", TEN, &Person::number(1)).await.field("id");
    let hold = program.hold("lab", "wide", TWO).await.expect(201);
    program.reschedule(&visit, &hold).await.expect_problem(409, "hold_mismatch");
    let elsewhere = app.anonymous().hold("riverside", "vaccination", "2026-11-24T10:00:00+01:00").await.expect(201);
    let answer = program.reschedule(&visit, &elsewhere).await;
    assert!([404, 409].contains(&answer.status), "{}", answer.text);
}

async fn somebody_elses_hold_does_not_move_a_visit(app: TestApp) {
    let (program, other) = (app.program("lab").await, app.program("lab").await);
    let visit = program.book("lab", "solo", TEN, &Person::number(1)).await.field("id");
    let hold = other.hold("lab", "solo", TWO).await.expect(201);
    let body = json!({ "hold": hold.field("id") });
    let without_token = program.post(&format!("/api/v1/appointments/{visit}/reschedule"), &body).await;
    without_token.expect_problem(404, "not_found");
    let traces = "SELECT count(*) FROM audit WHERE action = 'appointment.move' AND outcome = 'not_found'";
    assert_eq!(app.count(traces).await, 1);
}

async fn a_cancelled_visit_gives_its_time_back_at_once(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "roomy", TEN, &Person::number(1)).await.field("id");
    program.hold_with("lab", "roomy", TEN, "ben").await.expect_problem(409, "room_taken");
    let cancelled = program.cancel(&visit).await.expect(200);
    assert_eq!(cancelled.field("status"), "cancelled");
    assert_eq!(app.count("SELECT count(*) FROM allocation").await, 0);
    program.hold("lab", "roomy", TEN).await.expect(201);
}

async fn a_visit_that_is_cancelled_cannot_be_cancelled_or_moved(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", TEN, &Person::number(1)).await.field("id");
    program.cancel(&visit).await.expect(200);
    program.cancel(&visit).await.expect_problem(409, "wrong_status");
    let hold = program.hold("lab", "solo", TWO).await.expect(201);
    program.reschedule(&visit, &hold).await.expect_problem(409, "wrong_status");
}

/// A vaccination at Riverside, which wants a day's notice for changes, booked by the patient.
async fn vaccination(patient: &Caller, start: &str) -> Answer {
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    patient.book("riverside", "vaccination", start, &person).await
}

async fn patients_move_and_cancel_until_the_notice_and_clinics_always(app: TestApp) {
    let patient = app.patient("amira@example.com").await;
    let visit = vaccination(&patient, "2026-11-25T09:00:00+01:00").await.field("id");
    let hold = patient.hold("riverside", "vaccination", "2026-11-26T09:00:00+01:00").await.expect(201);
    // 9:00 on the day before is the last moment; a minute later it is too late for both.
    app.clock.set("2026-11-24T08:00:00Z".parse().unwrap());
    let patient = app.patient("amira@example.com").await;
    let again = patient.hold("riverside", "vaccination", "2026-11-26T09:15:00+01:00").await.expect(201);
    app.clock.advance_minutes(1);
    let late = patient.reschedule(&visit, &again).await.expect_problem(409, "too_late");
    assert!(late.field("title").contains("24 hours") || late.field("title").contains("1 day"), "{}", late.text);
    patient.cancel(&visit).await.expect_problem(409, "too_late");
    app.clock.set("2026-11-24T08:00:00Z".parse().unwrap());
    patient.reschedule(&visit, &again).await.expect(200);
    drop(hold);
    // The clinic's own program is not bound by the notice.
    let program = app.program("riverside").await;
    app.clock.set("2026-11-26T07:00:00Z".parse().unwrap());
    program.cancel(&visit).await.expect(200);
}

async fn an_older_choice_in_a_second_window_does_not_move_a_moved_visit(app: TestApp) {
    let patient = app.patient("amira@example.com").await;
    let visit = vaccination(&patient, "2026-11-25T09:00:00+01:00").await.field("id");
    let chosen = async |start: &str| {
        let fields = [("clinic", "riverside"), ("service", "vaccination"), ("move", &visit), ("start", start)];
        let confirm = patient.form("/fn/hold", &fields).await.expect(303);
        confirm.header("location").rsplit('/').next().unwrap_or_default().to_owned()
    };
    let (older, newer) = (chosen("2026-11-26T09:00:00+01:00").await, chosen("2026-11-26T10:00:00+01:00").await);
    app.clock.advance_minutes(1);
    let moved = async |hold: &str| {
        let answer = patient.form("/fn/move", &[("visit", &visit), ("hold", hold)]).await.expect(303);
        answer.header("location").to_owned()
    };
    assert_eq!(moved(&newer).await, format!("/visits/{visit}?moved=yes"));
    assert_eq!(moved(&older).await, format!("/visits/{visit}?moved=meanwhile"));
    let page = patient.get(&format!("/visits/{visit}?moved=meanwhile")).await.expect(200);
    assert!(page.text.contains("Your visit was not moved again"), "{}", page.text);
    let read = patient.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    assert_eq!(read.field("start"), "2026-11-26T10:00:00+01:00");
}

async fn a_pending_visit_stays_pending_when_moved(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "asked", TEN, &Person::number(1)).await.field("id");
    let hold = program.hold("lab", "asked", TWO).await.expect(201);
    assert_eq!(program.reschedule(&visit, &hold).await.expect(200).field("status"), "pending");
}

async fn a_hold_given_back_frees_the_time_and_may_be_given_back_twice(app: TestApp) {
    let visitor = app.anonymous();
    let hold = visitor.hold("lab", "solo", TEN).await.expect(201);
    visitor.hold("lab", "solo", TEN).await.expect_problem(409, "taken");
    visitor.release(&hold).await.expect(204);
    visitor.release(&hold).await.expect(204);
    visitor.hold("lab", "solo", TEN).await.expect(201);
}
