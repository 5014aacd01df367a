//! Arriving: the patient's code, "I am here", being called, slips taken back, and what the waiting room reads.

use domain::staff::Role;
use serde_json::{Value, json};
use testkit::{Answer, AtDesk, Caller, Person, TestApp, on_both_engines};

use super::desk::{API, DAY, amira, step, that_day, visit_of};

on_both_engines![
    somebody_is_called_to_a_room,
    who_is_late_is_said_with_the_minutes,
    the_desk_calls_whose_turn_it_is,
    of_two_who_call_the_same_one_does,
    a_slip_is_taken_back_on_the_same_day,
    a_time_that_went_to_somebody_else_is_not_taken_back,
    a_patients_code_checks_in_that_visit_and_no_other,
    a_code_of_another_day_or_clinic_says_so,
    a_code_is_for_whoever_may_change_the_visit,
    a_stranger_learns_nothing_of_a_code,
    a_code_that_is_scanned_twice_at_once_counts_once,
    the_poster_lets_patients_say_that_they_are_here,
    the_screen_shows_no_names_and_goes_dark,
    programs_check_in_and_see_who_waits,
];

/// The visits' own day, at this time in Berlin.
fn clock(app: &TestApp, time: &str) {
    app.clock.set(format!("{DAY}T{time}:00+01:00").parse().expect("a time"));
}

async fn book(app: &TestApp, service: &str, time: &str, n: usize) -> String {
    let start = format!("{DAY}T{time}:00+01:00");
    app.program("lab").await.book("lab", service, &start, &Person::number(n)).await.field("id")
}

async fn seen(at: &AtDesk, visit: &str) -> Value {
    at.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).json()
}

async fn room(app: &TestApp) -> String {
    let clinic = portal::clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    clinic.resources.iter().find(|one| one.plan.slug == "only-room").expect("a room").id.to_string()
}

async fn say(at: &AtDesk, visit: &str, word: &str, room: &str) {
    let fields = [("clinic", "lab"), ("visit", visit), ("step", word), ("room", room), ("back", "waiting")];
    let led = at.caller.form("/fn/desk-step", &fields).await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/waiting");
}

async fn list(at: &AtDesk) -> String {
    at.caller.get("/staff/lab/waiting").await.expect(200).text
}

async fn events(app: &TestApp, kind: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM appointment_event WHERE kind = '{kind}'")).await
}

async fn somebody_is_called_to_a_room(app: TestApp) {
    let visit = book(&app, "roomy", "11:00", 1).await;
    that_day(&app);
    let at = app.staff("lab", Role::FrontDesk).await;
    // Nobody is called who is not here.
    say(&at, &visit, "call", "").await;
    assert!(list(&at).await.contains("This cannot be done: the visit is booked"));
    step(&at, &visit, "arrive").await;
    step(&at, &visit, "check-in").await;
    app.clock.advance_minutes(5);
    say(&at, &visit, "call", &room(&app).await).await;
    let page = list(&at).await;
    assert!(page.contains("called in 0 min") && page.contains("here for 5 min"), "{page}");
    let now = seen(&at, &visit).await;
    // FHIR's state stays what it is.
    assert_eq!((&now["status"], &now["place"]), (&json!("checked-in"), &json!("called")));
    assert_eq!(now["room"], json!(room(&app).await));
    app.clock.advance_minutes(2);
    say(&at, &visit, "in-room", "").await;
    let now = seen(&at, &visit).await;
    assert_eq!((&now["status"], &now["place"]), (&json!("checked-in"), &json!("in-room")));
    assert_eq!(now["room"], json!(room(&app).await), "where they were called to");
    app.clock.advance_minutes(8);
    assert!(list(&at).await.contains("in the room 8 min"));
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("entry-inside"), "{board}");
    say(&at, &visit, "complete", "").await;
    assert!(list(&at).await.contains("Nobody waits"));
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Called in") && page.contains("In the room"), "{page}");
    // A room that is none, and one that is nobody's.
    for bad in ["nonsense", "00000000-0000-7000-8000-000000000000"] {
        let fields = [("clinic", "lab"), ("visit", visit.as_str()), ("step", "call"), ("room", bad)];
        let answer = at.caller.form("/fn/desk-step", &fields).await;
        assert!([400, 404].contains(&answer.status), "{bad}: {}", answer.status);
    }
}

async fn who_is_late_is_said_with_the_minutes(app: TestApp) {
    let visit = book(&app, "solo", "10:00", 1).await;
    let at_ten = async |time: &str| {
        clock(&app, time);
        let at = app.staff_as("lab", Role::FrontDesk, &format!("at{}@example.com", time.replace(':', ""))).await;
        let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
        (board, list(&at).await, at)
    };
    let (board, waiting, _) = at_ten("10:05").await;
    assert!(!board.contains("min late") && !waiting.contains("min late"), "{board}");
    let (board, waiting, at) = at_ten("10:17").await;
    assert!(board.contains("17 min late") && board.contains("entry-late"), "{board}");
    assert!(waiting.contains("17 min late") && waiting.contains("Did not come"), "{waiting}");
    assert!(step(&at, &visit, "arrive").await.contains("arrived"));
    assert!(!list(&at).await.contains("min late"));
}

async fn the_desk_calls_whose_turn_it_is(app: TestApp) {
    let first = book(&app, "solo", "10:00", 1).await;
    let second = book(&app, "solo", "10:45", 2).await;
    let third = book(&app, "solo", "11:30", 3).await;
    clock(&app, "09:55");
    let at = app.staff("lab", Role::FrontDesk).await;
    // Whoever comes early does not overtake.
    for visit in [&third, &second] {
        step(&at, visit, "arrive").await;
    }
    clock(&app, "10:01");
    let next = async || {
        let page = list(&at).await;
        let form = page.split("Call next").next().expect("a form").rsplit("name=\"visit\" value=\"").next();
        form.and_then(|rest| rest.get(..36)).expect("a visit").to_owned()
    };
    assert_eq!(next().await, second);
    // Nor does whoever comes late: 45 minutes after the time, behind who was in time for a quarter to eleven.
    let relock = async |time: &str| {
        clock(&app, time);
        app.staff_as("lab", Role::FrontDesk, &format!("at{}@example.com", time.replace(':', ""))).await
    };
    let later = relock("10:50").await;
    step(&later, &first, "arrive").await;
    let page = list(&later).await;
    let order: Vec<usize> =
        [&second, &first, &third].map(|id| page.find(&format!("visits/{id}")).expect("listed")).into();
    assert!(order.is_sorted(), "{order:?}");
    // Nothing is said of the time to wait before anybody is in the room.
    assert!(!page.contains("the next in about"), "{page}");
    say(&later, &second, "call", "").await;
    say(&later, &second, "in-room", "").await;
    let page = list(&later).await;
    assert!(page.contains("2 wait") && page.contains("the next in about 30 min"), "{page}");
    let audits = app.count("SELECT count(*) FROM audit WHERE action = 'waiting.read'").await;
    assert!(audits >= 3, "every look is written down");
}

async fn of_two_who_call_the_same_one_does(app: TestApp) {
    let visit = visit_of(&app).await;
    that_day(&app);
    let at = app.staff("lab", Role::FrontDesk).await;
    step(&at, &visit, "arrive").await;
    let version = seen(&at, &visit).await["version"].to_string();
    let fields = [("clinic", "lab"), ("visit", visit.as_str()), ("version", version.as_str()), ("step", "call")];
    let all = futures::future::join_all((0..4).map(|_| at.caller.form("/fn/desk-step", &fields))).await;
    assert!(all.iter().all(|answer| answer.status == 303));
    assert_eq!(events(&app, "called").await, 1);
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Somebody changed this visit"), "{page}");
}

async fn a_slip_is_taken_back_on_the_same_day(app: TestApp) {
    let (here, missed) = (book(&app, "solo", "10:00", 1).await, book(&app, "solo", "09:00", 2).await);
    that_day(&app);
    let at = app.staff("lab", Role::FrontDesk).await;
    let program = app.program("lab").await;
    // All the way, and all the way back, one step at a time.
    for word in ["arrive", "check-in", "call", "in-room", "complete"] {
        step(&at, &here, word).await;
    }
    let mut back = Vec::new();
    for _ in 0..5 {
        step(&at, &here, "take-back").await;
        let now = seen(&at, &here).await;
        back.push(format!("{} {}", now["status"].as_str().unwrap_or_default(), now["place"].as_str().unwrap_or("-")));
    }
    assert_eq!(back, ["checked-in in-room", "checked-in called", "checked-in waiting", "arrived waiting", "booked -"]);
    assert!(step(&at, &here, "take-back").await.contains("This cannot be done: the visit is booked"));
    assert_eq!(app.count("SELECT count(*) FROM attendance").await, 0, "nobody came");
    // Who did not come gave the time back, and has it again.
    step(&at, &missed, "no-show").await;
    let free = async || program.free("lab", "solo", DAY, DAY).await;
    let nine = format!("{DAY}T09:00:00+01:00");
    app.clock.set(format!("{DAY}T08:00:00+01:00").parse().expect("a time"));
    assert!(free().await.contains(&nine));
    that_day(&app);
    let page = at.caller.get(&format!("/staff/lab/visits/{missed}")).await.expect(200).text;
    assert!(page.contains("A slip: not missed"), "{page}");
    let version = seen(&at, &missed).await["version"].to_string();
    let fields = [("clinic", "lab"), ("visit", missed.as_str()), ("version", version.as_str()), ("step", "take-back")];
    let all = futures::future::join_all((0..4).map(|_| at.caller.form("/fn/desk-step", &fields))).await;
    assert!(all.iter().all(|answer| answer.status == 303));
    assert_eq!(seen(&at, &missed).await["status"], json!("booked"));
    assert_eq!(events(&app, "taken-back").await, 6);
    app.clock.set(format!("{DAY}T08:00:00+01:00").parse().expect("a time"));
    assert!(!free().await.contains(&nine));
    that_day(&app);
    let page = at.caller.get(&format!("/staff/lab/visits/{missed}")).await.expect(200).text;
    assert!(page.contains("Taken back: it was a slip"), "{page}");
    assert_eq!(
        app.count("SELECT count(*) FROM audit WHERE action = 'appointment.take_back' AND outcome = 'ok'").await,
        6
    );
    // The day after it stays as it is.
    step(&at, &missed, "no-show").await;
    app.clock.advance_minutes(24 * 60);
    let at = app.staff_as("lab", Role::FrontDesk, "next@example.com").await;
    let page = at.caller.get(&format!("/staff/lab/visits/{missed}")).await.expect(200).text;
    assert!(!page.contains("A slip"), "{page}");
    assert!(step(&at, &missed, "take-back").await.contains("taken back on the same day alone"));
    assert_eq!(seen(&at, &missed).await["status"], json!("noshow"));
}

async fn a_time_that_went_to_somebody_else_is_not_taken_back(app: TestApp) {
    let program = app.program("lab").await;
    let visit = book(&app, "roomy", "11:00", 1).await;
    clock(&app, "11:10");
    let at = app.staff("lab", Role::FrontDesk).await;
    step(&at, &visit, "no-show").await;
    // The desk puts somebody there: the lab's one room is taken, though another practitioner has it.
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    let body = json!({ "service": "roomy", "practitioner": "cem", "start": format!("{DAY}T11:15:00+01:00"), "new_patient": new });
    let request = at.caller.post_request(&format!("{API}/appointments"), &body).header("idempotency-key", "a");
    at.caller.send(request).await.expect(201);
    let page = step(&at, &visit, "take-back").await;
    assert!(page.contains("went to something else meanwhile, from 11:15 to 11:45"), "{page}");
    let status = format!("{API}/appointments/{visit}/status");
    at.caller.post(&status, &json!({ "status": "taken-back" })).await.expect_problem(409, "in_the_way");
    assert_eq!(seen(&at, &visit).await["status"], json!("noshow"));
    assert_eq!(
        app.count("SELECT count(*) FROM audit WHERE action = 'appointment.take_back' AND outcome = 'in_the_way'").await,
        2
    );
    // The patient themselves may be elsewhere by now.
    let solo = book(&app, "solo", "12:00", 3).await;
    clock(&app, "12:10");
    let at = app.staff_as("lab", Role::FrontDesk, "noon@example.com").await;
    step(&at, &solo, "no-show").await;
    let patient = seen(&at, &solo).await["patient"].clone();
    let body = json!({ "service": "team", "practitioner": "ana", "start": format!("{DAY}T12:15:00+01:00"), "patient": patient });
    let request = at.caller.post_request(&format!("{API}/appointments"), &body).header("idempotency-key", "b");
    at.caller.send(request).await.expect(201);
    let refused =
        at.caller.post(&format!("{API}/appointments/{solo}/status"), &json!({ "status": "taken-back" })).await;
    refused.expect_problem(409, "patient_busy");
    program.free("lab", "solo", DAY, DAY).await;
}

/// What the visit's page shows its owner: the code, when there is one.
async fn code(patient: &Caller, visit: &str) -> Option<String> {
    let page = patient.get(&format!("/visits/{visit}")).await.expect(200).text;
    let shown = page.split("If it cannot be scanned: ").nth(1)?;
    assert!(page.contains("QR code to check in with"), "{page}");
    let code = shown.split("<bdi>").nth(1)?.get(..19)?;
    Some(code.to_owned())
}

async fn scan(at: &AtDesk, code: &str) -> String {
    let led = at.caller.form("/fn/desk-scan", &[("clinic", "lab"), ("code", code)]).await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/waiting", "no code in an address");
    list(at).await
}

async fn owner(app: &TestApp, time: &str) -> (Caller, String) {
    let owner = app.patient("owner@example.com").await;
    let person = Person { email: "owner@example.com".to_owned(), ..amira() };
    let visit = owner.book("lab", "solo", &format!("{DAY}T{time}:00+01:00"), &person).await.field("id");
    (owner, visit)
}

async fn a_patients_code_checks_in_that_visit_and_no_other(app: TestApp) {
    let (patient, visit) = owner(&app, "10:00").await;
    let other = book(&app, "solo", "11:00", 2).await;
    app.run_jobs().await;
    let told = app.mailer.sent().iter().any(|mail| mail.text.contains("has a code with which you check in"));
    assert!(told, "the mail leads to it");
    assert_eq!(code(&patient, &visit).await, None, "not days before");
    clock(&app, "09:30");
    let (patient, at) = (app.patient("owner@example.com").await, app.staff("lab", Role::FrontDesk).await);
    let shown = code(&patient, &visit).await.expect("a code");
    assert_eq!(code(&patient, &visit).await.as_deref(), Some(shown.as_str()), "the same on every look");
    // It says nothing by itself, and the database does not have it.
    assert!(!shown.contains(visit.get(..8).expect("an id")));
    assert_eq!(
        app.count(&format!("SELECT count(*) FROM check_in_code WHERE appointment_id = {}", id(&app, &visit))).await,
        1
    );
    let page = scan(&at, &shown).await;
    assert!(
        page.contains("Checked in") && page.contains("Amira Khalil") && page.contains("10:00 with Dr Solo"),
        "{page}"
    );
    assert_eq!(seen(&at, &visit).await["status"], json!("checked-in"));
    assert_eq!(seen(&at, &other).await["status"], json!("booked"));
    let ticket = seen(&at, &visit).await["ticket"].as_str().expect("a ticket").to_owned();
    assert!(page.contains(&ticket), "{page}");
    // The next look at the list is about somebody else.
    assert!(!list(&at).await.contains("with Dr Solo. Ticket"));
    clock(&app, "09:42");
    let page = scan(&at, &shown.to_lowercase().replace('-', " ")).await;
    assert!(page.contains("Already checked in at 9:30") && page.contains("Amira Khalil"), "{page}");
    assert_eq!(events(&app, "checked-in").await, 1);
    // What the patient sees now.
    let page = patient.get(&format!("/visits/{visit}")).await.expect(200).text;
    assert!(
        page.contains(&ticket) && page.contains("checked in since 9:30") && page.contains("You are next"),
        "{page}"
    );
    assert!(!page.contains("QR code to check in with"), "{page}");
    say(&at, &visit, "call", &room(&app).await).await;
    assert!(patient.get(&format!("/visits/{visit}")).await.text.contains("Please go to The only room now"));
    // Typed wrongly, or nothing at all.
    assert!(scan(&at, "").await.contains("Scan the patient’s code, or type it"));
    let page = scan(&at, "7F3K-9QWX-2M4T-VB6D").await;
    assert!(page.contains("No visit has this code") && page.contains("value=\"7F3K-9QWX-2M4T-VB6D\""), "{page}");
    assert_eq!(
        app.count("SELECT count(*) FROM audit WHERE action = 'check_in_code.use' AND outcome = 'already'").await,
        1
    );
}

/// A visit's id as the engine's SQL has it.
fn id(app: &TestApp, visit: &str) -> String {
    if app.cx.db.is_postgres() { format!("'{visit}'") } else { format!("x'{}'", visit.replace('-', "")) }
}

async fn a_code_of_another_day_or_clinic_says_so(app: TestApp) {
    let (_, visit) = owner(&app, "10:00").await;
    clock(&app, "09:30");
    let patient = app.patient("owner@example.com").await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let shown = code(&patient, &visit).await.expect("a code");
    // Another clinic's desk: no word of which, nor of whose.
    let elsewhere = app.staff("riverside", Role::FrontDesk).await;
    elsewhere.caller.form("/fn/desk-scan", &[("clinic", "riverside"), ("code", &shown)]).await.expect(303);
    let page = elsewhere.caller.get("/staff/riverside/waiting").await.expect(200).text;
    assert!(
        page.contains("This code is for another clinic") && !page.contains("Khalil") && !page.contains("Lab"),
        "{page}"
    );
    let page = elsewhere.caller.get(&format!("/k/{shown}")).await.expect(200).text;
    assert!(page.contains("No visit of yours has this code") && !page.contains("Khalil"), "{page}");
    // Moved to another day, the code of before says when.
    let to = json!({ "practitioner": "solo", "start": "2026-11-25T10:00:00+01:00" });
    at.caller.post(&format!("{API}/appointments/{visit}/move"), &to).await.expect(200);
    let page = scan(&at, &shown).await;
    assert!(page.contains("This code is for another day: Wednesday 25 November, 10:00"), "{page}");
    assert_eq!(seen(&at, &visit).await["status"], json!("booked"));
    assert_eq!(code(&patient, &visit).await, None);
    // On that day the page has a new one.
    app.clock.set("2026-11-25T08:00:00Z".parse().expect("a time"));
    let patient = app.patient("owner@example.com").await;
    let at = app.staff_as("lab", Role::FrontDesk, "next@example.com").await;
    let new = code(&patient, &visit).await.expect("a code");
    assert_ne!(new, shown);
    assert!(scan(&at, &new).await.contains("Checked in"));
    // A visit that was cancelled, or said to be missed, is said to be.
    let person = Person { email: "owner@example.com".to_owned(), ..amira() };
    let mut gone = Vec::new();
    for (time, status) in [("15:00", "cancelled"), ("09:00", "noshow")] {
        let start = format!("2026-11-25T{time}:00+01:00");
        let visit = patient.book("lab", "solo", &start, &person).await;
        gone.push((visit.expect(201).field("id"), status));
    }
    for (visit, status) in gone {
        let shown = code(&patient, &visit).await.expect("a code");
        app.clock.set("2026-11-25T08:14:00Z".parse().expect("a time"));
        at.caller.post(&format!("{API}/appointments/{visit}/status"), &json!({ "status": status })).await.expect(200);
        let page = scan(&at, &shown).await;
        let words = if status == "noshow" { "said to be missed" } else { "the visit is cancelled" };
        assert!(page.contains(words), "{page}");
    }
}

/// A clinician, whose schedule is the first practitioner's, checks in their own patients alone.
async fn a_code_is_for_whoever_may_change_the_visit(app: TestApp) {
    let owner = app.patient("owner@example.com").await;
    let person = Person { email: "owner@example.com".to_owned(), ..amira() };
    let book = async |service: &str, time: &str| {
        owner.book("lab", service, &format!("{DAY}T{time}:00+01:00"), &person).await.field("id")
    };
    let (own, other) = (book("solo", "10:00").await, book("team", "11:00").await);
    clock(&app, "09:30");
    let (patient, clinician) = (app.patient("owner@example.com").await, app.staff("lab", Role::Clinician).await);
    let shown = code(&patient, &other).await.expect("a code");
    assert!(scan(&clinician, &shown).await.contains("This is not your schedule"));
    let shown = code(&patient, &own).await.expect("a code");
    assert!(scan(&clinician, &shown).await.contains("Checked in"));
    assert_eq!(events(&app, "checked-in").await, 1);
    // Nor has a clinician a say about the clinic's screen.
    clinician.caller.get("/staff/lab/screen").await.expect(404);
    clinician.caller.form("/fn/desk-screen", &[("clinic", "lab"), ("act", "make")]).await.expect(404);
}

async fn a_stranger_learns_nothing_of_a_code(app: TestApp) {
    let (_, visit) = owner(&app, "10:00").await;
    clock(&app, "09:30");
    let patient = app.patient("owner@example.com").await;
    let shown = code(&patient, &visit).await.expect("a code");
    let eve = app.patient("eve@example.com").await;
    for who in [&app.anonymous(), &eve, &patient] {
        let (right, wrong) = (who.get(&format!("/k/{shown}")).await, who.get("/k/7F3K-9QWX-2M4T-VB6D").await);
        assert_eq!((right.status, wrong.status), (200, 200));
        let plain = |answer: &Answer| {
            let main = answer.text.split("<main").nth(1).expect("a page").split("</main>").next().expect("a page");
            main.to_owned()
        };
        assert_eq!(plain(&right), plain(&wrong), "the same for any code");
        assert!(plain(&right).contains("A code for the clinic’s desk") && !right.text.contains("Khalil"));
        assert_eq!(who.form("/fn/desk-scan", &[("clinic", "lab"), ("code", &shown)]).await.status / 100, 4);
    }
    // Somebody at the desk checks in with one tap; whose desk is locked shows first who they are.
    let at = app.staff("lab", Role::Nurse).await;
    let page = at.caller.get(&format!("/k/{shown}")).await.expect(200).text;
    assert!(page.contains("Check in the visit of this code?"), "{page}");
    at.caller.form("/fn/staff-lock", &[]).await.expect(303);
    let led = at.caller.get(&format!("/k/{shown}")).await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove?next=%2Fk%2F"), "{}", led.header("location"));
    assert_eq!(events(&app, "checked-in").await, 0, "looking changes nothing");
}

async fn a_code_that_is_scanned_twice_at_once_counts_once(app: TestApp) {
    let (_, visit) = owner(&app, "10:00").await;
    clock(&app, "09:30");
    let (patient, at) = (app.patient("owner@example.com").await, app.staff("lab", Role::FrontDesk).await);
    let shown = code(&patient, &visit).await.expect("a code");
    let body = json!({ "code": shown });
    let path = format!("{API}/check-ins");
    let all = futures::future::join_all((0..6).map(|_| at.caller.post(&path, &body))).await;
    assert!(all.iter().all(|answer| answer.status == 200), "{all:#?}");
    assert_eq!(all.iter().filter(|answer| answer.json()["already_at"].is_null()).count(), 1);
    assert_eq!(events(&app, "checked-in").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM attendance").await, 1);
}

async fn the_poster_lets_patients_say_that_they_are_here(app: TestApp) {
    let (_, visit) = owner(&app, "10:00").await;
    let tomorrow = app.program("lab").await;
    tomorrow.book("lab", "solo", "2026-11-25T10:00:00+01:00", &Person::number(7)).await;
    clock(&app, "07:30");
    let at = app.staff("lab", Role::FrontDesk).await;
    let poster = at.caller.get("/staff/lab/poster").await.expect(200).text;
    let link =
        poster.split("/c/lab/here/").nth(1).expect("a link").split(['<', '"']).next().expect("a link").to_owned();
    let path = format!("/c/lab/here/{link}");
    let patient = app.patient("owner@example.com").await;
    let page = patient.get(&path).await.expect(200).text;
    assert!(page.contains("You can say it from 8:00 on") && page.contains("Amira Khalil"), "{page}");
    let here = [("clinic", "lab"), ("token", link.as_str()), ("visit", visit.as_str())];
    assert_eq!(patient.form("/fn/here", &here).await.expect(303).header("location"), path);
    assert!(patient.get(&path).await.text.contains("It is too early for this visit"));
    clock(&app, "08:30");
    let patient = app.patient("owner@example.com").await;
    assert!(patient.get(&path).await.expect(200).text.contains(">I am here<"));
    // Others see nothing of it, and can do nothing about it.
    let eve = app.patient("eve@example.com").await;
    let page = eve.get(&path).await.expect(200).text;
    assert!(page.contains("You have no visit here today") && !page.contains("Khalil"), "{page}");
    eve.form("/fn/here", &here).await.expect(404);
    assert!(app.anonymous().get(&path).await.expect(200).text.contains("Sign in to see your visits"));
    for wrong in ["/c/lab/here/AAAA", &format!("/c/riverside/here/{link}")] {
        patient.get(wrong).await.expect(404);
    }
    patient.form("/fn/here", &[("clinic", "lab"), ("token", "AAAA"), ("visit", &visit)]).await.expect(404);
    // One tap, also when it is tapped twice.
    let all = futures::future::join_all((0..4).map(|_| patient.form("/fn/here", &here))).await;
    assert!(all.iter().all(|answer| answer.header("location") == format!("/visits/{visit}")), "{all:#?}");
    assert_eq!(events(&app, "arrived").await, 1);
    let page = patient.get(&format!("/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("The clinic knows since 8:30 that you are here"), "{page}");
    let at = app.staff_as("lab", Role::FrontDesk, "later@example.com").await;
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Arrived") && page.contains("by the patient"), "{page}");
    // With the link of the message alone.
    let person = Person { email: "ben@example.com".to_owned(), ..Person::new("Ben", "Other") };
    let other =
        app.program("lab").await.book("lab", "solo", &format!("{DAY}T09:00:00+01:00"), &person).await.field("id");
    let clinic = portal::clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    let token =
        portal::visits::link_token(&app.cx, clinic.tenant, other.parse().expect("an id")).await.expect("a token");
    let browser = app.anonymous();
    let opened = browser.get(&format!("/m/{token}")).await.expect(303);
    let browser = browser.with_cookie_of(&opened);
    assert!(browser.get(&path).await.expect(200).text.contains("Ben Other"));
    let here = [("clinic", "lab"), ("token", link.as_str()), ("visit", other.as_str())];
    browser.form("/fn/here", &here).await.expect(303);
    assert_eq!(seen(&at, &other).await["status"], json!("arrived"));
}

async fn the_screen_shows_no_names_and_goes_dark(app: TestApp) {
    let visits = [book(&app, "roomy", "10:00", 1).await, book(&app, "solo", "10:00", 2).await];
    that_day(&app);
    let at = app.staff("lab", Role::FrontDesk).await;
    let make = async |act: &str| {
        let led = at.caller.form("/fn/desk-screen", &[("clinic", "lab"), ("act", act)]).await.expect(303);
        let page = at.caller.get(led.header("location")).await.expect(200).text;
        page.split("/screen/")
            .find_map(|rest| rest.get(..43).filter(|token| !token.contains(['<', '"', ' '])).map(str::to_owned))
    };
    let token = make("make").await.expect("a link");
    let wall = app.anonymous();
    let look = async |token: &str| wall.get(&format!("/screen/{token}")).await;
    let empty = look(&token).await.expect(200);
    assert_eq!(empty.header("refresh"), "5", "without a script");
    assert!(empty.text.contains("Nobody is called just now") && empty.text.contains("Lab Clinic"), "{}", empty.text);
    for visit in &visits {
        step(&at, visit, "arrive").await;
    }
    let tickets: Vec<String> = {
        let mut all = Vec::new();
        for visit in &visits {
            all.push(seen(&at, visit).await["ticket"].as_str().expect("a ticket").to_owned());
        }
        all
    };
    assert_ne!(tickets[0], tickets[1]);
    say(&at, &visits[0], "call", &room(&app).await).await;
    let page = look(&token).await.expect(200).text;
    assert!(tickets.iter().all(|ticket| page.contains(ticket)) && page.contains("The only room"), "{page}");
    for secret in ["Given", "Family", "hush-hush", "Roomy", "10:00", visits[0].as_str(), visits[1].as_str()] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    // Out of the room's door, off the screen.
    say(&at, &visits[0], "in-room", "").await;
    assert!(!look(&token).await.text.contains(&tickets[0]));
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE actor_kind = 'anonymous'").await, 0);
    // A new link ends the old one, and ending ends it at once.
    let second = make("make").await.expect("a link");
    let dark = look(&token).await.expect(404).text;
    assert!(
        dark.contains("This screen is switched off") && !dark.contains(&tickets[1]) && !dark.contains("Lab"),
        "{dark}"
    );
    assert!(look(&second).await.expect(200).text.contains(&tickets[1]));
    assert_eq!(make("end").await, None);
    look(&second).await.expect(404);
    look("AAAA").await.expect(404);
    at.caller.form("/fn/desk-screen", &[("clinic", "lab"), ("act", "nonsense")]).await.expect(400);
    // The secret is not in the database.
    use sea_orm::EntityTrait;
    let rows = entity::waiting_screen::Entity::find().all(app.cx.db.read()).await.expect("rows");
    assert!(rows.len() == 2 && rows.iter().all(|row| row.ended_at.is_some() && row.token_hash.len() == 32));
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action LIKE 'screen.%' AND actor_kind = 'staff'").await, 4);
}

async fn programs_check_in_and_see_who_waits(app: TestApp) {
    let visit = visit_of(&app).await;
    that_day(&app);
    let program = app.program("lab").await;
    let status = format!("{API}/appointments/{visit}/status");
    program.post(&status, &json!({ "status": "called" })).await.expect_problem(409, "wrong_status");
    program.post(&status, &json!({ "status": "arrived" })).await.expect(200);
    program
        .post(&status, &json!({ "status": "called", "room": "no-such-room" }))
        .await
        .expect_problem(400, "bad_request");
    let called = program.post(&status, &json!({ "status": "called", "room": "only-room" })).await.expect(200).json();
    assert_eq!((&called["status"], &called["place"]), (&json!("checked-in"), &json!("called")));
    let list = program.get(&format!("{API}/waiting")).await.expect(200).json();
    assert_eq!((&list["here"][0]["place"], &list["here"][0]["name"]), (&json!("called"), &json!("Khalil, A.")));
    assert_eq!(list["here"][0]["ticket"], called["ticket"]);
    let board = program.get(&format!("{API}/schedule?from={DAY}")).await.expect(200).json();
    assert_eq!(board["entries"][0]["place"], json!("called"));
    for (code, problem) in [("7F3K-9QWX-2M4T-VB6D", "unknown_code"), ("nonsense", "unknown_code")] {
        program.post(&format!("{API}/check-ins"), &json!({ "code": code })).await.expect_problem(409, problem);
    }
    let back = program.post(&status, &json!({ "status": "taken-back" })).await.expect(200).json();
    assert_eq!((&back["status"], &back["place"]), (&json!("checked-in"), &json!("waiting")));
}
