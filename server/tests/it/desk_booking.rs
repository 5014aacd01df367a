//! The desk's hands on the schedule: booking, moving, overriding a rule and closing a time, at the keyboard and by programs.

use domain::staff::Role;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{Answer, AtDesk, Caller, Person, TestApp, on_both_engines};

use super::desk::{API, DAY, TEN, find, visit_of};

on_both_engines![
    the_desk_books_for_somebody_known_and_for_somebody_new,
    a_booking_sent_twice_is_made_once,
    of_many_desks_one_books_a_time,
    a_visit_moves_onto_part_of_itself,
    what_nobody_saw_is_not_changed,
    of_two_side_by_side_the_one_that_is_left_needs_the_time,
    one_reason_overrides_one_rule,
    a_rule_is_overridden_with_a_reason_and_never_by_accident,
    nobody_is_in_two_places_whatever_is_overridden,
    a_rehearsal_says_what_the_move_will_do,
    a_closed_time_is_nobodys_and_touches_nobody,
    times_of_the_night_the_clock_changes,
];

pub fn new_visit<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [("clinic", "lab"), ("service", "solo"), ("with", "solo"), ("date", DAY), ("time", "10:00")];
    base.into_iter().filter(|(name, _)| !more.iter().any(|(own, _)| own == name)).chain(more.iter().copied()).collect()
}

pub const ADA: [(&str, &str); 6] = [
    ("given", "Ada"),
    ("family", "Example"),
    ("birth-day", "1"),
    ("birth-month", "jan"),
    ("birth-year", "1980"),
    ("phone", "030 23125 101"),
];

/// Nobody like her.
const OTTO: [(&str, &str); 6] = [
    ("given", "Otto"),
    ("family", "Weber"),
    ("birth-day", "17"),
    ("birth-month", "5"),
    ("birth-year", "1951"),
    ("phone", "030 23125 102"),
];

async fn the_desk_books_for_somebody_known_and_for_somebody_new(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let page = at.caller.get(&format!("/staff/lab/new?day={DAY}")).await.expect(200).text;
    assert!(page.contains("New visit") && page.contains("name=\"key\""), "{page}");
    // Mistakes keep what was typed.
    let wrong = new_visit(&[("key", "a"), ("given", "Ada"), ("time", "soon")]);
    at.caller.form("/fn/desk-book", &wrong).await.expect(303);
    let page = at.caller.get("/staff/lab/new?form=a").await.expect(200).text;
    for words in [
        "Enter the family name",
        "Enter their date of birth",
        "Enter the time, like 9:30",
        "value=\"Ada\"",
        "value=\"soon\"",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 0);
    let right = new_visit(&[&[("key", "a")][..], &ADA].concat());
    let booked = at.caller.form("/fn/desk-book", &right).await.expect(303);
    let visit = booked.header("location").to_owned();
    let page = at.caller.get(&visit).await.expect(200).text;
    assert!(page.contains("Ada Example") && page.contains("at the desk"), "{page}");
    let found = find(&at, "exam").await;
    let id = found.split("new?patient=").nth(1).and_then(|rest| rest.get(..36)).expect("a patient").to_owned();
    let again = new_visit(&[("key", "b"), ("patient", &id), ("time", "14.30"), ("reason", "Her knee")]);
    let booked = at.caller.form("/fn/desk-book", &again).await.expect(303);
    let page = at.caller.get(booked.header("location")).await.expect(200).text;
    assert!(page.contains("Ada Example") && page.contains("Her knee") && page.contains("14:30"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 1);
    // A time that is taken is said to be, and nothing is lost.
    let taken = new_visit(&[&[("key", "c")][..], &OTTO].concat());
    at.caller.form("/fn/desk-book", &taken).await.expect(303);
    let page = at.caller.get("/staff/lab/new?form=c").await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains("value=\"Weber\""), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 1, "no chart without a visit");
    let strange = new_visit(&[("key", "d"), ("patient", "00000000-0000-7000-8000-000000000000")]);
    at.caller.form("/fn/desk-book", &strange).await.expect(404);
}

async fn a_booking_sent_twice_is_made_once(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let form = new_visit(&[&[("key", "once")][..], &ADA].concat());
    let all = futures::future::join_all((0..4).map(|_| at.caller.form("/fn/desk-book", &form))).await;
    let first = all[0].header("location").to_owned();
    assert!(first.contains("/visits/") && all.iter().all(|answer| answer.header("location") == first), "{all:#?}");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 1);
    let other = new_visit(&[&[("key", "once"), ("time", "12:00")][..], &ADA].concat());
    at.caller.form("/fn/desk-book", &other).await.expect(303);
    assert!(at.caller.get("/staff/lab/new?form=once").await.text.contains("was sent before with other words"));
}

fn booking(start: &str) -> Value {
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    json!({ "service": "solo", "practitioner": "solo", "start": start, "new_patient": new, "confirmed_new": true })
}

pub async fn book(caller: &Caller, key: &str, body: &Value) -> Answer {
    let request = caller.post_request(&format!("{API}/appointments"), body).header("idempotency-key", key);
    caller.send(request).await
}

async fn of_many_desks_one_books_a_time(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let keys: Vec<String> = (0..12).map(|n| format!("desk-{n}")).collect();
    let body = booking(TEN);
    let all = futures::future::join_all(keys.iter().map(|key| book(&at.caller, key, &body))).await;
    let booked = all.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(booked, 1, "{:?}", all.iter().map(|a| (a.status, a.text.clone())).collect::<Vec<_>>());
    assert!(all.iter().all(|answer| [201, 409].contains(&answer.status)));
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 1);
}

pub async fn moved(caller: &Caller, visit: &str, version: Option<&str>, body: &Value) -> Answer {
    let request = caller.post_request(&format!("{API}/appointments/{visit}/move"), body);
    let request = version.into_iter().fold(request, |request, version| request.header("if-match", version));
    caller.send(request).await
}

async fn a_visit_moves_onto_part_of_itself(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let to = json!({ "practitioner": "solo", "start": "2026-11-24T10:15:00+01:00" });
    let answer = moved(&at.caller, &visit, Some("\"1\""), &to).await.expect(200);
    assert_eq!((answer.field("start").as_str(), answer.header("etag")), ("2026-11-24T10:15:00+01:00", "\"2\""));
    // By the form, and the patient hears of the newest alone.
    let fields = [
        ("clinic", "lab"),
        ("visit", visit.as_str()),
        ("version", "2"),
        ("with", "solo"),
        ("date", DAY),
        ("time", "15:00"),
    ];
    at.caller.form("/fn/desk-move", &fields).await.expect(303);
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("15:00 to 15:30") && page.contains("Moved for Tue 24 Nov, 15:00"), "{page}");
    app.run_jobs().await;
    let mails = app.mailer.sent();
    assert_eq!(mails.iter().filter(|mail| mail.text.contains("15:00")).count(), 1);
    assert!(!mails.iter().any(|mail| mail.text.contains("10:15")));
}

async fn what_nobody_saw_is_not_changed(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let to = |hour: u8| json!({ "practitioner": "solo", "start": format!("2026-11-24T{hour}:00:00+01:00") });
    moved(&at.caller, &visit, Some("\"1\""), &to(11)).await.expect(200);
    moved(&at.caller, &visit, Some("\"1\""), &to(12)).await.expect_problem(412, "visit_changed");
    moved(&at.caller, &visit, Some("yes"), &to(12)).await.expect_problem(400, "bad_request");
    moved(&at.caller, &visit, Some("W/\"2\""), &to(12)).await.expect_problem(412, "weak_version");
    let fields = [("clinic", "lab"), ("visit", visit.as_str()), ("version", "1"), ("step", "arrive")];
    at.caller.form("/fn/desk-step", &fields).await.expect(303);
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Somebody changed this visit"), "{page}");
    // Of several at once that saw the same, one moves it.
    let times = [13, 14, 15, 16].map(to);
    let all = futures::future::join_all(times.iter().map(|to| moved(&at.caller, &visit, Some("\"2\""), to))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(all.iter().all(|answer| [200, 409, 412].contains(&answer.status)));
}

async fn of_two_side_by_side_the_one_that_is_left_needs_the_time(app: TestApp) {
    let manager = app.staff("lab", Role::Manager).await;
    let first = visit_of(&app).await;
    let mut body = booking(TEN);
    body["override"] = json!({ "rule": "taken", "why": "An emergency; Dr Solo agreed" });
    let beside = book(&manager.caller, "a", &body).await.expect(201).field("id");
    let program = app.program("lab").await;
    let is_free = async || program.free("lab", "solo", DAY, DAY).await.contains(&TEN.to_owned());
    program.cancel(&first).await.expect(200);
    assert!(!is_free().await);
    app.anonymous().hold("lab", "solo", TEN).await.expect_problem(409, "taken");
    // Nor is a reason for another rule one for the time that is left: five past ten stands on no grid.
    let mut off = booking("2026-11-24T10:05:00+01:00");
    off["override"] = json!({ "rule": "off_grid", "why": "She waits outside" });
    book(&manager.caller, "b", &off).await.expect_problem(409, "taken");
    program.cancel(&beside).await.expect(200);
    assert!(is_free().await);
}

async fn one_reason_overrides_one_rule(app: TestApp) {
    let manager = app.staff("lab", Role::Manager).await;
    let over = |body: &Value, rule: &str| {
        let mut body = body.clone();
        body["override"] = json!({ "rule": rule, "why": "An emergency; all agreed" });
        body
    };
    // Dr Ana's time is not the room's.
    app.program("lab").await.book("lab", "roomy", TEN, &Person::number(4)).await;
    let there = app.count("SELECT count(*) FROM appointment").await;
    let with = async |practitioner: &str, key: &str, rule: &str| {
        let mut body = booking(TEN);
        (body["service"], body["practitioner"]) = (json!("roomy"), json!(practitioner));
        book(&manager.caller, key, &over(&body, rule)).await
    };
    for (practitioner, key) in [("ana", "a"), ("ben", "b")] {
        with(practitioner, key, "taken").await.expect_problem(409, "room_taken");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, there);
    with("ben", "d", "room_taken").await.expect(201);
    // Whoever is stopped from booking comes on the grid all the same.
    let visit =
        app.program("lab").await.book("lab", "solo", "2026-11-24T16:00:00+01:00", &Person::number(5)).await.field("id");
    let id = manager.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient");
    let stop = manager.caller.request("PUT", &format!("{API}/patients/{id}/booking-stop"));
    let stop = stop.header("content-type", "application/json").body(json!({ "reason": "please ring us" }).to_string());
    assert!(manager.caller.send(stop).await.status < 300);
    let mut theirs =
        json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T15:05:00+01:00", "patient": id });
    book(&manager.caller, "e", &over(&theirs, "blocked")).await.expect_problem(409, "off_grid");
    theirs["start"] = json!("2026-11-24T15:00:00+01:00");
    book(&manager.caller, "f", &over(&theirs, "blocked")).await.expect(201);
}

async fn a_rule_is_overridden_with_a_reason_and_never_by_accident(app: TestApp) {
    let (desk, manager) = (app.staff("lab", Role::FrontDesk).await, app.staff("lab", Role::Manager).await);
    visit_of(&app).await;
    let mut body = booking(TEN);
    book(&manager.caller, "a", &body).await.expect_problem(409, "taken");
    let over = |rule: &str, why: &str| json!({ "rule": rule, "why": why });
    body["override"] = over("taken", "");
    book(&manager.caller, "a", &body).await.expect_problem(400, "bad_request");
    // A reason for another rule is none for this one, nor is one for hours a reason for somebody else's time.
    body["override"] = over("outside_hours", "She works late");
    book(&manager.caller, "a", &body).await.expect_problem(409, "taken");
    let mut off = booking("2026-11-24T10:05:00+01:00");
    off["override"] = over("off_grid", "She waits outside");
    book(&manager.caller, "a", &off).await.expect_problem(409, "taken");
    body["override"] = over("taken", "An emergency; Dr Solo agreed");
    // Whoever may not override may not, with whatever reason.
    book(&desk.caller, "b", &body).await.expect(404);
    let double = book(&manager.caller, "c", &body).await.expect(201).field("id");
    let page = manager.caller.get(&format!("/staff/lab/visits/{double}")).await.expect(200).text;
    assert!(page.contains("beside another visit") && page.contains("An emergency; Dr Solo agreed"), "{page}");
    let board = manager.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("double booked") && board.contains("w2"), "{board}");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'appointment.book_against_a_rule'").await, 1);
    // It takes nothing from anybody else: the time is as taken as before.
    let program = app.program("lab").await;
    assert!(!program.free("lab", "solo", DAY, DAY).await.contains(&TEN.to_owned()));
    // A form asks for the reason where somebody may give one.
    let form = new_visit(&[&[("key", "d")][..], &OTTO].concat());
    manager.caller.form("/fn/desk-book", &form).await.expect(303);
    assert!(manager.caller.get("/staff/lab/new?form=d").await.text.contains("Why does the rule not count this once?"));
    desk.caller.form("/fn/desk-book", &form).await.expect(303);
    assert!(!desk.caller.get("/staff/lab/new?form=d").await.text.contains("Why does the rule not count this once?"));
    let with_why = new_visit(&[&[("key", "e"), ("against", "taken"), ("why", "He came from far")][..], &OTTO].concat());
    let booked = manager.caller.form("/fn/desk-book", &with_why).await.expect(303);
    assert!(manager.caller.get(booked.header("location")).await.text.contains("He came from far"));
    // A program with the scope, too, and without it not.
    let scopes = [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsWrite];
    let weak = app.program_with("lab", &scopes).await;
    book(&weak, "f", &body).await.expect(403);
    let strong = app.program_with("lab", &[&scopes[..], &[Scope::AppointmentsOverride]].concat()).await;
    book(&strong, "g", &body).await.expect(201);
}

async fn nobody_is_in_two_places_whatever_is_overridden(app: TestApp) {
    let manager = app.staff("lab", Role::Manager).await;
    let visit = visit_of(&app).await;
    let patient = manager.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient");
    let body = json!({ "service": "team", "practitioner": "ana", "start": TEN, "patient": patient, "override": { "rule": "taken", "why": "Please" } });
    book(&manager.caller, "a", &body).await.expect_problem(409, "patient_busy");
    // Nor when another rule says no first.
    let off = json!({ "service": "team", "practitioner": "ana", "start": "2026-11-24T10:05:00+01:00", "patient": patient, "override": { "rule": "off_grid", "why": "Please" } });
    book(&manager.caller, "b", &off).await.expect_problem(409, "patient_busy");
    // What a practitioner does not do is not overridden either.
    let wrong = json!({ "service": "solo", "practitioner": "ana", "start": TEN, "patient": patient, "override": { "rule": "taken", "why": "Please" } });
    book(&manager.caller, "c", &wrong).await.expect_problem(409, "not_offered");
}

async fn rehearsed(at: &AtDesk, visit: &str, with: &str, start: &str) -> String {
    let start = start.replace('+', "%2B");
    let path = format!("{API}/appointments/{visit}/rehearsal?practitioner={with}&start={start}");
    at.caller.get(&path).await.expect(200).field("verdict")
}

async fn a_rehearsal_says_what_the_move_will_do(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    app.program("lab").await.book("lab", "solo", "2026-11-24T11:00:00+01:00", &Person::number(2)).await;
    for (start, with) in [
        ("2026-11-24T10:15:00+01:00", "solo"),
        ("2026-11-24T10:30:00+01:00", "solo"),
        ("2026-11-24T10:45:00+01:00", "solo"),
        ("2026-11-24T11:00:00+01:00", "solo"),
        ("2026-11-24T11:30:00+01:00", "solo"),
        ("2026-11-24T11:45:00+01:00", "solo"),
        ("2026-11-24T14:05:00+01:00", "solo"),
        ("2026-11-24T14:00:00+01:00", "ana"),
    ] {
        let version = app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await;
        let said = rehearsed(&at, &visit, with, start).await;
        assert_eq!(
            app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await,
            version,
            "it changes nothing"
        );
        let done = moved(&at.caller, &visit, None, &json!({ "practitioner": with, "start": start })).await;
        let did = if done.status == 200 { "free".to_owned() } else { done.field("code") };
        assert_eq!(said, did, "{start} {with}");
    }
    assert_eq!(rehearsed(&at, &visit, "only-room", TEN).await, "not_offered");
}

async fn a_closed_time_is_nobodys_and_touches_nobody(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let lunch = [
        ("clinic", "lab"),
        ("resource", "solo"),
        ("date", DAY),
        ("from", "12:00"),
        ("to", "13:00"),
        ("note", "Staff meeting"),
    ];
    at.caller.form("/fn/desk-block", &lunch).await.expect(303);
    let program = app.program("lab").await;
    let free = program.free("lab", "solo", DAY, DAY).await;
    assert!(!free.iter().any(|start| start.contains("T12:")) && free.contains(&"2026-11-24T13:00:00+01:00".to_owned()));
    program.hold("lab", "solo", "2026-11-24T12:30:00+01:00").await.expect_problem(409, "taken");
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("Staff meeting") && board.contains("entry-block"), "{board}");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'block.make' AND actor_kind = 'staff'").await, 1);
    // Where somebody is booked, or is booking, it says so and changes nothing.
    let body = |resource: &str, from: &str, to: &str| json!({ "resource": resource, "start": format!("2026-11-24T{from}:00+01:00"), "end": format!("2026-11-24T{to}:00+01:00") });
    let blocks = format!("{API}/blocks");
    at.caller.make(&blocks, &body("solo", "09:00", "10:15")).await.expect_problem(409, "occupied");
    let hold = program.hold_with("lab", "team", "2026-11-24T15:00:00+01:00", "ana").await.expect(201);
    at.caller.make(&blocks, &body("ana", "14:00", "16:00")).await.expect_problem(409, "occupied");
    program.release(&hold).await.expect(204);
    at.caller.make(&blocks, &body("ana", "14:00", "16:00")).await.expect(201);
    for (from, to) in [("16:00", "15:00"), ("16:00", "16:00"), ("16:01", "17:00")] {
        at.caller.make(&blocks, &body("ana", from, to)).await.expect_problem(400, "bad_request");
    }
    at.caller.make(&blocks, &body("nobody", "16:00", "17:00")).await.expect_problem(400, "bad_request");
    // A room, and every place of somebody with many.
    at.caller.make(&blocks, &body("only-room", "09:00", "10:00")).await.expect(201);
    program.hold("lab", "roomy", "2026-11-24T09:00:00+01:00").await.expect_problem(409, "room_taken");
    let crowd = at.caller.make(&blocks, &body("crowd", "09:00", "10:00")).await.expect(201).field("id");
    program.hold("lab", "wide", "2026-11-24T09:00:00+01:00").await.expect_problem(409, "taken");
    at.caller.delete(&format!("{blocks}/{crowd}")).await.expect(204);
    at.caller.delete(&format!("{blocks}/{crowd}")).await.expect(404);
    program.hold("lab", "wide", "2026-11-24T09:00:00+01:00").await.expect(201);
    // Of a block and a booking at once, one is there.
    for minute in [0, 15, 30] {
        let start = format!("17:{minute:02}");
        let closing = body("solo", &start, "18:00");
        let at_once = format!("2026-11-24T{start}:00+01:00");
        let (closed, held) =
            futures::future::join(at.caller.make(&blocks, &closing), program.hold("lab", "solo", &at_once)).await;
        assert_ne!(closed.status == 201, held.status == 201, "{} {}", closed.text, held.text);
        if closed.status == 201 {
            at.caller.delete(&format!("{blocks}/{}", closed.field("id"))).await.expect(204);
        } else {
            program.release(&held).await.expect(204);
        }
    }
    let page = board.split("/staff/lab/blocks/").nth(1).and_then(|rest| rest.get(..36)).expect("a block").to_owned();
    at.caller.get(&format!("/staff/lab/blocks/{page}?day={DAY}")).await.expect(200);
    let fields = [("clinic", "lab"), ("block", page.as_str()), ("day", DAY)];
    at.caller.form("/fn/desk-unblock", &fields).await.expect(303);
    assert!(program.free("lab", "solo", DAY, DAY).await.iter().any(|start| start.contains("T12:")));
    at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200);
}

async fn times_of_the_night_the_clock_changes(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    // 2:30 does not exist on 28 March 2027 in Berlin.
    let skipped = new_visit(&[&[("key", "a"), ("date", "2027-03-28"), ("time", "2:30")][..], &ADA].concat());
    at.caller.form("/fn/desk-book", &skipped).await.expect(303);
    assert!(at.caller.get("/staff/lab/new?form=a").await.text.contains("The clock is put forward over this time"));
    let after = new_visit(&[&[("key", "b"), ("date", "2027-03-28"), ("time", "3:00")][..], &ADA].concat());
    let booked = at.caller.form("/fn/desk-book", &after).await.expect(303);
    assert!(at.caller.get(booked.header("location")).await.text.contains("3:00 to 3:30"));
    at.caller.get("/staff/lab/schedule?day=2027-03-28").await.expect(200);
    // And 2:30 comes twice on 25 October 2027: the first is meant.
    let twice = new_visit(&[&[("key", "c"), ("date", "2027-10-31"), ("time", "2:30")][..], &OTTO].concat());
    let booked = at.caller.form("/fn/desk-book", &twice).await.expect(303);
    let id = booked.header("location").rsplit('/').next().expect("an id").to_owned();
    assert_eq!(
        at.caller.get(&format!("{API}/appointments/{id}")).await.expect(200).field("start"),
        "2027-10-31T02:30:00+02:00"
    );
    at.caller.get("/staff/lab/schedule?day=2027-10-31&with=solo").await.expect(200);
}
