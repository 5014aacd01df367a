//! Many clients want the same thing at once (booking rules 8 to 12, 17, 20, 26).

use std::collections::HashSet;

use futures::future::join_all;
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use testkit::{Caller, Person, TestApp, on_both_engines};

use crate::support::{assert_won, count};

on_both_engines![
    one_of_64_clients_gets_a_lane_round_after_round,
    one_of_64_clients_gets_one_of_several_overlapping_times,
    one_of_many_requests_for_approval_gets_the_time,
    a_time_that_waits_for_approval_is_taken,
    eight_of_64_clients_get_into_a_class_of_eight,
    one_of_64_clients_gets_the_last_place_of_a_class,
    any_practitioner_wins_as_often_as_there_are_practitioners,
    one_room_lets_one_practitioner_in,
    a_hold_that_has_ended_is_free_for_exactly_one,
    one_hold_confirmed_by_many_with_one_key_is_one_visit,
    one_hold_confirmed_by_many_with_different_keys_is_one_visit,
    one_patient_cannot_be_in_two_places_at_once,
    one_patient_cannot_have_more_visits_ahead_than_allowed,
    a_hold_is_given_back_or_confirmed_but_never_both,
    a_visit_is_cancelled_once,
    a_visit_is_moved_or_cancelled_one_after_the_other,
];

/// Rounds of the first race on each engine; `make test` asks for a thousand by TEST_RACE_ROUNDS.
fn rounds() -> i64 {
    std::env::var("TEST_RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(40)
}

/// Hours from midday of the next day on: far enough apart that rounds do not meet.
fn start(round: i64) -> String {
    let first: Timestamp = "2026-11-24T11:00:00Z".parse().unwrap();
    (first + (round * 60).minutes()).to_string()
}

/// Visitors of different addresses, so that the limit per address is not what decides.
fn visitors(app: &TestApp, n: usize) -> Vec<Caller> {
    (0..n).map(|i| app.anonymous().from(&format!("198.51.100.{i}"))).collect()
}

async fn one_of_64_clients_gets_a_lane_round_after_round(app: TestApp) {
    let clients = visitors(&app, 64);
    for round in 0..rounds() {
        let start = start(round);
        let answers = join_all(clients.iter().map(|c| c.hold("lab", "solo", &start))).await;
        assert_won(&answers, 1);
    }
}

async fn one_of_64_clients_gets_one_of_several_overlapping_times(app: TestApp) {
    // A visit is 30 minutes with 5 after it, so any two of these collide.
    let starts = ["2026-11-24T10:00:00+01:00", "2026-11-24T10:15:00+01:00", "2026-11-24T10:30:00+01:00"];
    let clients = visitors(&app, 64);
    let answers = join_all(clients.iter().zip(starts.iter().cycle()).map(|(c, s)| c.hold("lab", "solo", s))).await;
    assert_won(&answers, 1);
}

async fn one_of_many_requests_for_approval_gets_the_time(app: TestApp) {
    let program = app.program("lab").await;
    let attempts = (0..24).map(|n| {
        let program = &program;
        async move {
            let hold = program.hold("lab", "asked", "2026-11-24T10:00:00+01:00").await;
            if hold.status != 201 {
                return hold;
            }
            program.confirm(&hold, &Person::number(n), &n.to_string()).await
        }
    });
    let answers = join_all(attempts).await;
    assert_won(&answers, 1);
    let booked = answers.iter().find(|a| a.status == 201).unwrap();
    assert_eq!(booked.field("status"), "pending");
}

async fn a_time_that_waits_for_approval_is_taken(app: TestApp) {
    let program = app.program("lab").await;
    program.book("lab", "asked", "2026-11-24T10:00:00+01:00", &Person::number(0)).await;
    for service in ["asked", "solo"] {
        let answers = join_all((0..16).map(|_| program.hold("lab", service, "2026-11-24T10:15:00+01:00"))).await;
        assert_won(&answers, 0);
        assert!(answers.iter().all(|a| a.code() == "taken"));
    }
}

async fn eight_of_64_clients_get_into_a_class_of_eight(app: TestApp) {
    let clients = visitors(&app, 64);
    let answers =
        join_all(clients.iter().map(|c| c.hold("northgate", "physio-class", "2026-11-24T09:00:00-05:00"))).await;
    assert_won(&answers, 8);
}

async fn one_of_64_clients_gets_the_last_place_of_a_class(app: TestApp) {
    let start = "2026-11-24T09:00:00-05:00";
    let program = app.program("northgate").await;
    for n in 0..7 {
        program.book("northgate", "physio-class", start, &Person::number(n)).await;
    }
    let clients = visitors(&app, 64);
    let answers = join_all(clients.iter().map(|c| c.hold("northgate", "physio-class", start))).await;
    assert_won(&answers, 1);
}

async fn any_practitioner_wins_as_often_as_there_are_practitioners(app: TestApp) {
    let clients = visitors(&app, 64);
    let answers = join_all(clients.iter().map(|c| c.hold("lab", "team", "2026-11-24T10:00:00+01:00"))).await;
    assert_won(&answers, 3);
    let practitioners: HashSet<String> =
        answers.iter().filter(|a| a.status == 201).map(|a| a.field("practitioner")).collect();
    assert_eq!(practitioners.len(), 3);
}

async fn one_room_lets_one_practitioner_in(app: TestApp) {
    let clients = visitors(&app, 48);
    let attempts = clients.iter().zip(["ana", "ben", "cem", "any"].iter().cycle());
    let answers =
        join_all(attempts.map(|(c, who)| c.hold_with("lab", "roomy", "2026-11-24T10:00:00+01:00", who))).await;
    assert_won(&answers, 1);
}

async fn a_hold_that_has_ended_is_free_for_exactly_one(app: TestApp) {
    let clients = visitors(&app, 64);
    let start = "2026-11-24T10:00:00+01:00";
    let first = clients[0].hold("lab", "solo", start).await.expect(201);
    app.clock.advance_minutes(9);
    assert_won(&join_all(clients.iter().map(|c| c.hold("lab", "solo", start))).await, 0);
    app.clock.advance_minutes(1);
    assert_won(&join_all(clients.iter().map(|c| c.hold("lab", "solo", start))).await, 1);
    let program = app.program("lab").await;
    program.confirm(&first, &Person::number(1), "late").await.expect_problem(409, "hold_ended");
}

async fn one_hold_confirmed_by_many_with_one_key_is_one_visit(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let person = Person::number(1);
    let answers = join_all((0..16).map(|_| program.confirm(&hold, &person, "one key"))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().len(), 1);
}

async fn one_hold_confirmed_by_many_with_different_keys_is_one_visit(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let people: Vec<_> = (0..16).map(Person::number).collect();
    let keys: Vec<_> = (0..16).map(|n| format!("key {n}")).collect();
    let answers = join_all(people.iter().zip(&keys).map(|(p, k)| program.confirm(&hold, p, k))).await;
    assert_won(&answers, 1);
    assert!(answers.iter().filter(|a| a.status == 409).all(|a| a.code() == "already_confirmed"));
    // The losers left nothing behind, not even their names.
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 1);
}

async fn one_patient_cannot_be_in_two_places_at_once(app: TestApp) {
    let program = app.program("lab").await;
    let mut holds = Vec::new();
    for service in ["wide", "team", "solo", "rare", "wide", "team", "wide", "wide"] {
        holds.push(program.hold("lab", service, "2026-11-24T10:00:00+01:00").await.expect(201));
    }
    let keys: Vec<_> = (0..holds.len()).map(|n| n.to_string()).collect();
    // The first booking makes the chart; both it and a known chart must guard the patient.
    for person in [Person::number(1), Person::number(1)] {
        let answers = join_all(holds.iter().zip(&keys).map(|(h, k)| program.confirm(h, &person, k))).await;
        assert_eq!(count(&answers, 201), 1, "{answers:#?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
}

async fn one_patient_cannot_have_more_visits_ahead_than_allowed(app: TestApp) {
    let program = app.program("lab").await;
    let mut holds = Vec::new();
    for hour in 10..18 {
        holds.push(program.hold("lab", "rare", &format!("2026-11-24T{hour}:00:00+01:00")).await.expect(201));
    }
    let keys: Vec<_> = (0..holds.len()).map(|n| n.to_string()).collect();
    let person = Person::number(1);
    let answers = join_all(holds.iter().zip(&keys).map(|(h, k)| program.confirm(h, &person, k))).await;
    assert_won(&answers, 1);
    assert!(answers.iter().all(|a| a.status == 201 || ["too_many_active", "busy"].contains(&a.code().as_str())));
}

async fn a_hold_is_given_back_or_confirmed_but_never_both(app: TestApp) {
    let program = app.program("lab").await;
    for round in 0..12 {
        let hold = program.hold("lab", "solo", &start(round)).await.expect(201);
        let (person, key) = (Person::number(1), format!("round {round}"));
        let (released, confirmed) = futures::join!(program.release(&hold), program.confirm(&hold, &person, &key));
        match (released.status, confirmed.status) {
            (204, 409) => assert_eq!(confirmed.code(), "hold_ended"),
            (409, 201) => assert_eq!(released.code(), "already_confirmed"),
            other => panic!("{other:?}: {} {}", released.text, confirmed.text),
        }
    }
}

async fn a_visit_is_cancelled_once(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await.field("id");
    let answers = join_all((0..16).map(|_| program.cancel(&visit))).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, 15));
    assert_eq!(app.count("SELECT count(*) FROM appointment_event WHERE kind = 'cancelled'").await, 1);
}

async fn a_visit_is_moved_or_cancelled_one_after_the_other(app: TestApp) {
    let program = app.program("lab").await;
    for round in 0..8 {
        let person = Person::number(1);
        let visit = program.book("lab", "solo", &start(round * 3), &person).await.field("id");
        let hold = program.hold("lab", "solo", &start(round * 3 + 1)).await.expect(201);
        let (moved, cancelled) = futures::join!(program.reschedule(&visit, &hold), program.cancel(&visit));
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
        assert!(moved.status == 200 || moved.code() == "wrong_status", "{}", moved.text);
        let read = program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).json();
        let version = if moved.status == 200 { 3 } else { 2 };
        assert_eq!((&read["status"], &read["version"]), (&json!("cancelled"), &json!(version)));
    }
}
