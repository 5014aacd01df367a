//! The doctor finds what was broken on purpose: each test plants one fault, and each would pass unseen without its check.

use portal::Db;
use sea_orm::{ConnectionTrait, Statement};
use testkit::{Engine, Installation, Person, TestApp, TestDb, on_both_engines};

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");

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
    mail_that_was_given_up_is_found,
    mail_that_nobody_sends_is_found,
    mail_that_is_on_its_way_is_nothing_to_tell,
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

/// What the doctor says of the queue.
async fn stuck(app: &TestApp) -> String {
    let report = portal::doctor::examine(&app.cx.db, app.cx.now_ms()).await.unwrap();
    assert_eq!(report.is_healthy(), report.stuck.is_empty());
    report.stuck.join("\n")
}

/// Two visits, whose mails wait.
async fn two_mails(app: &TestApp) {
    let program = app.program("lab").await;
    for hour in [10, 14] {
        program.book("lab", "solo", &format!("2026-11-24T{hour}:00:00+01:00"), &Person::number(1)).await;
    }
}

async fn mail_that_was_given_up_is_found(app: TestApp) {
    two_mails(&app).await;
    // Nine attempts failed; so does the tenth.
    app.tamper("UPDATE job SET attempts = 9").await;
    app.mailer.fail(2);
    app.run_jobs().await;
    let told = stuck(&app).await;
    assert_told(&told, "2 `send_visit_mail` jobs were given up, the first at 2026-11-23T06:00:00Z");
    let advice = told.split_once("let them run again: ").expect("what to do").1;
    app.tamper(advice).await;
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().len(), 2);
    assert_eq!(stuck(&app).await, "");
}

async fn mail_that_nobody_sends_is_found(app: TestApp) {
    two_mails(&app).await;
    app.clock.advance_minutes(11);
    assert_told(&stuck(&app).await, "2 `send_visit_mail` jobs wait, the first since 2026-11-23T06:00:00Z");
    app.run_jobs().await;
    assert_eq!(stuck(&app).await, "");
}

async fn mail_that_is_on_its_way_is_nothing_to_tell(app: TestApp) {
    two_mails(&app).await;
    app.clock.advance_minutes(9);
    assert_eq!(stuck(&app).await, "");
    // It fails, and is tried again later.
    app.mailer.fail(2);
    app.run_jobs().await;
    assert_eq!((stuck(&app).await.as_str(), app.mailer.sent().len()), ("", 0));
    app.clock.advance_minutes(1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_changes_nothing_of_a_file() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    looks_alone(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_changes_nothing_on_a_server() {
    let Some(db) = TestDb::empty(Engine::Postgres).await else { return };
    looks_alone(db).await;
}

/// On a database without tables, an older, a newer and a current one.
async fn looks_alone(db: TestDb) {
    let nothing = Installation::untouched(PORTICO, db);
    assert_told(&refused(&nothing).await, "`portico migrate`");
    assert!(std::fs::read_dir(&nothing.db.folder).unwrap().next().is_none(), "no file is made");
    if nothing.db.engine == Engine::Postgres {
        assert_eq!(rows(&nothing.db, "information_schema.tables WHERE table_schema = 'public'").await, 0);
    }
    nothing.run(&["migrate"]).await;
    nothing.run(&["doctor"]).await;

    let last = "(SELECT max(version) FROM seaql_migrations)";
    change(&nothing.db, &format!("DELETE FROM seaql_migrations WHERE version = {last}")).await;
    let before = rows(&nothing.db, "seaql_migrations").await;
    let told = refused(&nothing).await;
    assert_told(&told, "older than this program: 1 of its migrations have not run");
    assert_told(&told, "run `portico migrate`");
    assert_eq!(rows(&nothing.db, "seaql_migrations").await, before);

    change(&nothing.db, "INSERT INTO seaql_migrations VALUES ('m21001231_000001_later', 1)").await;
    assert_told(&refused(&nothing).await, "newer than this program");
    // Nor does anything else go on with tables that it does not know.
    let output = nothing.output(&["migrate"]).await;
    assert_told(&String::from_utf8_lossy(&output.stderr), "m21001231_000001_later");
    nothing.db.remove().await;
}

async fn refused(installation: &Installation) -> String {
    let output = installation.output(&["doctor"]).await;
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn rows(db: &TestDb, of: &str) -> i64 {
    let found = Db::connect(&db.url).await.unwrap();
    let sql = Statement::from_string(found.read().get_database_backend(), format!("SELECT count(*) AS n FROM {of}"));
    let row = found.read().query_one_raw(sql).await.unwrap().unwrap();
    let number = row.try_get::<i64>("", "n").unwrap();
    found.read().clone().close().await.ok();
    number
}

async fn change(db: &TestDb, sql: &str) {
    let found = Db::connect(&db.url).await.unwrap();
    found.schema().execute_unprepared(sql).await.unwrap();
    found.read().clone().close().await.ok();
}
