//! The doctor finds what was broken on purpose: each test plants one fault, and each would pass unseen without its check.

use testkit::{Person, TestApp, on_both_engines};

on_both_engines![
    a_bit_flipped_in_a_map_is_found,
    a_row_of_a_map_that_is_missing_is_found,
    an_allocation_made_twice_is_found,
    an_allocation_without_an_owner_is_found,
    an_allocation_of_another_time_is_found,
    a_visit_without_its_lane_is_found,
    an_event_that_is_missing_is_found,
    an_audit_row_that_is_missing_is_found,
    two_visits_of_one_patient_at_once_are_found,
    a_confirmed_hold_without_its_visit_is_found,
    a_visit_cancelled_behind_its_lanes_back_is_found,
    an_offer_that_holds_nothing_is_found,
    somebody_asked_about_nothing_is_found,
    a_place_that_ended_and_does_not_say_so_is_found,
    a_time_taken_without_its_visit_is_found,
];

/// Two healthy visits, then the fault, then what the doctor says.
async fn planted(app: &TestApp, fault: &str) -> String {
    let program = app.program("lab").await;
    program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await;
    program.book("lab", "solo", "2026-11-24T14:00:00+01:00", &Person::number(1)).await;
    assert_eq!(app.problems().await, Vec::<String>::new());
    app.is_sick();
    app.tamper(fault).await;
    app.problems().await.join("\n")
}

#[track_caller]
fn assert_told(problems: &str, words: &str) {
    assert!(problems.contains(words), "expected “{words}” in: {problems}");
}

async fn a_bit_flipped_in_a_map_is_found(app: TestApp) {
    let padded = if app.cx.db.is_postgres() {
        "UPDATE occupancy SET padded = set_bit(padded, 9, 1 - get_bit(padded, 9))"
    } else {
        "UPDATE occupancy SET padded = CAST(x'ff' || substr(padded, 2) AS BLOB)"
    };
    assert_told(&planted(&app, padded).await, "is not the sum of its allocations");
}

async fn a_row_of_a_map_that_is_missing_is_found(app: TestApp) {
    assert_told(&planted(&app, "DELETE FROM occupancy").await, "is missing");
}

async fn an_allocation_made_twice_is_found(app: TestApp) {
    let twin = "INSERT INTO allocation SELECT tenant_id, (SELECT id FROM clinic LIMIT 1), resource_id, owner_kind, lane, \
                start_cell, end_cell, padded_start, padded_end, expires_at FROM allocation LIMIT 1";
    assert_told(&planted(&app, twin).await, "share lane 0");
}

async fn an_allocation_without_an_owner_is_found(app: TestApp) {
    let orphan = "UPDATE allocation SET owner_id = (SELECT id FROM clinic LIMIT 1) \
                  WHERE start_cell = (SELECT min(start_cell) FROM allocation)";
    assert_told(&planted(&app, orphan).await, "takes time but is not live");
}

async fn an_allocation_of_another_time_is_found(app: TestApp) {
    let shifted = "UPDATE appointment SET start_at = start_at - 300000";
    assert_told(&planted(&app, shifted).await, "takes another time than its own");
}

async fn a_visit_without_its_lane_is_found(app: TestApp) {
    assert_told(&planted(&app, "DELETE FROM allocation").await, "takes no time of its practitioner");
}

async fn an_event_that_is_missing_is_found(app: TestApp) {
    assert_told(&planted(&app, "DELETE FROM appointment_event").await, "is at version 1 but has events []");
}

async fn an_audit_row_that_is_missing_is_found(app: TestApp) {
    let problems = planted(&app, "DELETE FROM audit WHERE action = 'appointment.book'").await;
    assert_told(&problems, "is at version 1 but has 0 audit rows");
}

async fn two_visits_of_one_patient_at_once_are_found(app: TestApp) {
    let later = "UPDATE appointment SET end_at = end_at + 14400000";
    assert_told(&planted(&app, later).await, "of one patient overlap");
}

async fn a_confirmed_hold_without_its_visit_is_found(app: TestApp) {
    let problems = planted(&app, "DELETE FROM appointment").await;
    assert_told(&problems, "was confirmed but its visit is missing");
    assert_told(&problems, "events of a visit");
}

async fn a_visit_cancelled_behind_its_lanes_back_is_found(app: TestApp) {
    let problems = planted(&app, "UPDATE appointment SET status = 'cancelled'").await;
    assert_told(&problems, "takes time but is not live");
}

/// Somebody who is being asked about a time, then the fault, then what the doctor says.
async fn planted_while_asked(app: &TestApp, fault: &str) -> String {
    crate::waitlist::join(app, "Ada", &[]).await;
    app.run_jobs().await;
    assert_eq!(app.problems().await, Vec::<String>::new());
    assert_eq!(app.count("SELECT count(*) FROM waitlist_offer WHERE state = 'open'").await, 1);
    app.is_sick();
    app.tamper(fault).await;
    app.problems().await.join("\n")
}

async fn an_offer_that_holds_nothing_is_found(app: TestApp) {
    let problems = planted_while_asked(&app, "UPDATE waitlist_offer SET start_cell = start_cell + 1").await;
    assert_told(&problems, "is open but does not hold its time");
}

async fn somebody_asked_about_nothing_is_found(app: TestApp) {
    let problems = planted_while_asked(&app, "UPDATE waitlist_offer SET state = 'declined'").await;
    assert_told(&problems, "is offered and has 0 open offers");
    assert_told(&problems, "is kept for the waitlist but is no open offer");
}

async fn a_place_that_ended_and_does_not_say_so_is_found(app: TestApp) {
    let problems = planted_while_asked(&app, "UPDATE waitlist_entry SET state = 'withdrawn'").await;
    assert_told(&problems, "is withdrawn and does not say so everywhere");
    assert_told(&problems, "is withdrawn and has 1 open offers");
}

async fn a_time_taken_without_its_visit_is_found(app: TestApp) {
    let problems =
        planted_while_asked(&app, "UPDATE waitlist_entry SET state = 'claimed', live = NULL, ended_at = 1").await;
    assert_told(&problems, "took a time but its visit is missing");
}
