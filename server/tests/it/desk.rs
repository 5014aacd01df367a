//! The clinic's desk: the board, booking, moving and the steps of a visit's day, at the keyboard and by programs.

use domain::staff::Role;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{Answer, AtDesk, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    the_board_shows_who_comes_when,
    a_visit_goes_through_its_day,
    a_pending_visit_is_approved,
    the_desk_books_for_somebody_known_and_for_somebody_new,
    a_booking_sent_twice_is_made_once,
    of_many_desks_one_books_a_time,
    a_visit_moves_onto_part_of_itself,
    what_nobody_saw_is_not_changed,
    a_rule_is_overridden_with_a_reason_and_never_by_accident,
    nobody_is_in_two_places_whatever_is_overridden,
    a_rehearsal_says_what_the_move_will_do,
    a_clinician_changes_their_own_alone,
    a_patient_is_found_by_what_they_say,
    a_clinics_key_finds_that_clinics_patients,
    a_board_hears_of_changes_and_of_its_end,
    a_closed_time_is_nobodys_and_touches_nobody,
    every_look_is_written_down,
    times_of_the_night_the_clock_changes,
];

const DAY: &str = "2026-11-24";
const TEN: &str = "2026-11-24T10:00:00+01:00";
const API: &str = "/api/v1/staff/clinics/lab";

fn amira() -> Person {
    Person::new("Amira", "Khalil")
}

/// The visits' day has come: half past ten.
fn that_day(app: &TestApp) {
    app.clock.set("2026-11-24T09:30:00Z".parse().expect("a time"));
}

async fn visit_of(app: &TestApp) -> String {
    app.program("lab").await.book("lab", "solo", TEN, &amira()).await.field("id")
}

async fn the_board_shows_who_comes_when(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let empty = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(empty.contains("0 booked") && empty.contains("Tomorrow, Tuesday 24 November"), "{empty}");
    let visit = visit_of(&app).await;
    let hold = app.anonymous().hold("lab", "team", "2026-11-24T11:00:00+01:00").await;
    assert_eq!(hold.status, 201);
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("Khalil, A.") && board.contains("1 booked"), "{board}");
    assert!(board.contains(&format!("/staff/lab/visits/{visit}")) && board.contains("somebody is booking"), "{board}");
    // A week of one.
    let week = at.caller.get(&format!("/staff/lab/schedule?day={DAY}&with=solo")).await.expect(200).text;
    assert!(week.contains("week of 23 November 2026") && week.contains("Khalil, A."), "{week}");
    assert!(!week.contains("somebody is booking"), "the others' are not in it");
    let json = at.caller.get(&format!("{API}/schedule?from={DAY}")).await.expect(200).json();
    let kinds: Vec<&str> =
        json["entries"].as_array().expect("entries").iter().filter_map(|e| e["kind"].as_str()).collect();
    assert_eq!(kinds, ["visit", "hold"]);
    assert_eq!((&json["entries"][0]["name"], &json["entries"][0]["start"]), (&json!("Khalil, A."), &json!(TEN)));
    for bad in ["2026-02-30", "yesterday", "99999-01-01"] {
        at.caller.get(&format!("/staff/lab/schedule?day={bad}")).await.expect(200);
        at.caller.get(&format!("{API}/schedule?from={bad}")).await.expect_problem(400, "bad_request");
    }
}

async fn step(at: &AtDesk, visit: &str, step: &str) -> String {
    let fields = [("clinic", "lab"), ("visit", visit), ("step", step)];
    at.caller.form("/fn/desk-step", &fields).await.expect(303);
    at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text
}

async fn a_visit_goes_through_its_day(app: TestApp) {
    let visit = visit_of(&app).await;
    let program = app.program("lab").await;
    let book = async |start: &str, n| program.book("lab", "solo", start, &Person::number(n)).await.field("id");
    let missed = book("2026-11-24T09:00:00+01:00", 2).await;
    let late = book("2026-11-24T13:00:00+01:00", 4).await;
    let before = app.staff("lab", Role::FrontDesk).await;
    // The day before, nobody has come, and nobody has failed to.
    let page = before.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(!page.contains(">Arrived<") && !page.contains("Did not come") && page.contains("Cancel it"), "{page}");
    assert!(step(&before, &visit, "no-show").await.contains("before the visit’s time has come"));
    that_day(&app);
    let at = app.staff_as("lab", Role::FrontDesk, "front@example.com").await;
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Amira Khalil") && page.contains("Arrived") && page.contains("Did not come"), "{page}");
    assert!(step(&at, &visit, "arrive").await.contains("In the room"));
    assert!(step(&at, &visit, "check-in").await.contains("in the room"));
    let done = step(&at, &visit, "complete").await;
    assert!(done.contains("at the desk") && !done.contains("Move it") && !done.contains("Cancel it"), "{done}");
    // What is over is over: said, and nothing done.
    assert!(step(&at, &visit, "no-show").await.contains("This cannot be done: the visit is done"));
    assert!(step(&at, &missed, "no-show").await.contains("did not come"));
    // It is still to be seen.
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("entry-noshow"), "{board}");
    let fields = [("clinic", "lab"), ("visit", &late), ("step", "cancel"), ("reason", "The doctor is ill")];
    at.caller.form("/fn/desk-step", &fields).await.expect(303);
    let page = at.caller.get(&format!("/staff/lab/visits/{late}")).await.expect(200).text;
    assert!(page.contains("The doctor is ill") && page.contains("cancelled"), "{page}");
    program.book("lab", "solo", "2026-11-24T13:00:00+01:00", &Person::number(5)).await;
    app.run_jobs().await;
    let told =
        app.mailer.sent().iter().any(|mail| mail.to == Person::number(4).email && mail.subject.contains("ancelled"));
    assert!(told, "the patient is told");
}

async fn a_pending_visit_is_approved(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = app.program("lab").await.book("lab", "asked", TEN, &amira()).await;
    let (id, status) = (visit.field("id"), visit.field("status"));
    assert_eq!(status, "pending");
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("One visit waits for your answer") && board.contains("waits for you"), "{board}");
    app.run_jobs().await;
    let before = app.mailer.sent().len();
    assert!(step(&at, &id, "approve").await.contains("Approved"));
    app.run_jobs().await;
    let sent = app.mailer.sent();
    assert_eq!(sent.len(), before + 1, "the patient was promised to hear");
    assert_eq!(sent.last().expect("a mail").to, amira().email);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1);
}

async fn find(at: &AtDesk, typed: &str) -> String {
    let led = at.caller.form("/fn/desk-find", &[("clinic", "lab"), ("q", typed)]).await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/patients?found=yes", "no name in an address");
    at.caller.get("/staff/lab/patients?found=yes").await.expect(200).text
}

fn new_visit<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [("clinic", "lab"), ("service", "solo"), ("with", "solo"), ("date", DAY), ("time", "10:00")];
    base.into_iter().filter(|(name, _)| !more.iter().any(|(own, _)| own == name)).chain(more.iter().copied()).collect()
}

const ADA: [(&str, &str); 6] = [
    ("given", "Ada"),
    ("family", "Example"),
    ("birth-day", "1"),
    ("birth-month", "jan"),
    ("birth-year", "1980"),
    ("phone", "030 23125 101"),
];

async fn the_desk_books_for_somebody_known_and_for_somebody_new(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let page = at.caller.get(&format!("/staff/lab/new?day={DAY}")).await.expect(200).text;
    assert!(page.contains("New visit") && page.contains("name=\"key\""), "{page}");
    // Mistakes keep what was typed.
    let wrong = new_visit(&[("key", "a"), ("given", "Ada"), ("time", "soon")]);
    at.caller.form("/fn/desk-book", &wrong).await.expect(303);
    let page = at.caller.get("/staff/lab/new").await.expect(200).text;
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
    let taken = new_visit(&[&[("key", "c")][..], &ADA].concat());
    at.caller.form("/fn/desk-book", &taken).await.expect(303);
    let page = at.caller.get("/staff/lab/new").await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains("value=\"Example\""), "{page}");
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
    assert!(at.caller.get("/staff/lab/new").await.text.contains("was sent before with other words"));
}

fn booking(start: &str) -> Value {
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    json!({ "service": "solo", "practitioner": "solo", "start": start, "new_patient": new })
}

async fn book(caller: &Caller, key: &str, body: &Value) -> Answer {
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

async fn moved(caller: &Caller, visit: &str, version: Option<&str>, body: &Value) -> Answer {
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
    moved(&at.caller, &visit, Some("\"1\""), &to(12)).await.expect_problem(409, "visit_changed");
    moved(&at.caller, &visit, Some("yes"), &to(12)).await.expect_problem(400, "bad_request");
    let fields = [("clinic", "lab"), ("visit", visit.as_str()), ("version", "1"), ("step", "arrive")];
    at.caller.form("/fn/desk-step", &fields).await.expect(303);
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Somebody changed this visit"), "{page}");
    // Of several at once that saw the same, one moves it.
    let times = [13, 14, 15, 16].map(to);
    let all = futures::future::join_all(times.iter().map(|to| moved(&at.caller, &visit, Some("\"2\""), to))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(all.iter().all(|answer| [200, 409].contains(&answer.status)));
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
    assert!(page.contains("taken: An emergency; Dr Solo agreed"), "{page}");
    let board = manager.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("double booked") && board.contains("w2"), "{board}");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'appointment.book_against_a_rule'").await, 1);
    // It takes nothing from anybody else: the time is as taken as before, and free when the first is gone.
    let program = app.program("lab").await;
    assert!(!program.free("lab", "solo", DAY, DAY).await.contains(&TEN.to_owned()));
    // A form asks for the reason where somebody may give one.
    let form = new_visit(&[&[("key", "d")][..], &ADA].concat());
    manager.caller.form("/fn/desk-book", &form).await.expect(303);
    assert!(manager.caller.get("/staff/lab/new").await.text.contains("Why does the rule not count this once?"));
    desk.caller.form("/fn/desk-book", &form).await.expect(303);
    assert!(!desk.caller.get("/staff/lab/new").await.text.contains("Why does the rule not count this once?"));
    let with_why = new_visit(&[&[("key", "e"), ("against", "taken"), ("why", "He came from far")][..], &ADA].concat());
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

async fn a_clinician_changes_their_own_alone(app: TestApp) {
    // The clinic's first practitioner is `solo`.
    let program = app.program("lab").await;
    let own = visit_of(&app).await;
    let person = Person { email: "ben@example.com".to_owned(), ..Person::new("Ben", "Other") };
    let other = program.book("lab", "team", "2026-11-24T11:00:00+01:00", &person).await.field("id");
    that_day(&app);
    let clinician = app.staff("lab", Role::Clinician).await;
    assert!(step(&clinician, &own, "arrive").await.contains("In the room"));
    let page = step(&clinician, &other, "arrive").await;
    assert!(page.contains("This is not your schedule") && !page.contains("Move it"), "{page}");
    let to = json!({ "practitioner": "ana", "start": "2026-11-24T15:00:00+01:00" });
    moved(&clinician.caller, &other, None, &to).await.expect(403);
    // Of others' patients they see what is on the board, and cannot name them for a visit of their own.
    assert!(
        page.contains("Other, B.") && !page.contains("31 January 1980") && !page.contains("ben@example.com"),
        "{page}"
    );
    let seen = clinician.caller.get(&format!("{API}/appointments/{other}")).await.expect(200).json();
    assert_eq!((&seen["birth_date"], &seen["email"], &seen["reason"]), (&Value::Null, &Value::Null, &Value::Null));
    let patient = seen["patient"].as_str().expect("an id").to_owned();
    clinician.caller.get(&format!("/staff/lab/new?patient={patient}")).await.expect(303);
    let body =
        json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T16:00:00+01:00", "patient": patient });
    book(&clinician.caller, "x", &body).await.expect(404);
    // They see the board, and find their own patients.
    let found = async |q: &str| {
        clinician.caller.get(&format!("{API}/patients?q={q}")).await.expect(200).json()["items"].clone()
    };
    assert_eq!(found("khalil").await.as_array().expect("a list").len(), 1);
    assert_eq!(found("other").await, json!([]));
}

async fn a_patient_is_found_by_what_they_say(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let program = app.program("lab").await;
    let people = [
        ("Jürgen", "Müller-Lüdenscheid", "1950-02-28"),
        ("Mehmet", "Müller", "1990-07-01"),
        ("Đặng", "Nguyễn", "2001-12-31"),
        ("", "Ng", "1988-08-08"),
        ("Амир", "Каримов", "1975-05-05"),
    ];
    for (n, (given, family, born)) in people.iter().enumerate() {
        let email = format!("found-{n}@example.com");
        let phone = format!("+49 30 23125 1{n}9");
        let hold = program.hold("lab", "team", &format!("2026-11-24T1{n}:00:00+01:00")).await.expect(201);
        let patient = json!({ "given": given, "family": family, "birth_date": born, "email": email, "phone": phone });
        program.confirm_body(&hold, &json!({ "patient": patient }), &email).await.expect(201);
    }
    let names = async |q: &str| {
        let q: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
        let json = at.caller.get(&format!("{API}/patients?q={q}")).await.expect(200).json();
        let names = json["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| item["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>().join("; ")
    };
    for (typed, wanted) in [
        ("müll", "Jürgen Müller-Lüdenscheid; Mehmet Müller"),
        ("MUELLER", "Jürgen Müller-Lüdenscheid; Mehmet Müller"),
        ("mehmet mul", "Mehmet Müller"),
        ("müller 28.2.1950", "Jürgen Müller-Lüdenscheid"),
        ("lüden", "Jürgen Müller-Lüdenscheid"),
        ("nguyen", "Đặng Nguyễn"),
        ("ng", "Ng; Đặng Nguyễn"),
        ("karim", "Амир Каримов"),
        ("карим", "Амир Каримов"),
        ("1990-07-01", "Mehmet Müller"),
        ("030 23125 119", "Mehmet Müller"),
        ("nobody", ""),
        ("%", ""),
        ("", ""),
        ("m", ""),
    ] {
        assert_eq!(names(typed).await, wanted, "{typed}");
    }
    let page = find(&at, "mehmet").await;
    assert!(page.contains("Mehmet Müller") && page.contains("1 July 1990") && page.contains("23125 119"), "{page}");
    assert!(find(&at, "nobody").await.contains("Nobody here fits that"));
    assert!(app.count("SELECT count(*) FROM audit WHERE action = 'patient.find' AND actor_kind = 'staff'").await > 10);
}

async fn a_clinics_key_finds_that_clinics_patients(app: TestApp) {
    use portal::api_keys::Reach;
    let visit = visit_of(&app).await;
    let patient = app.program_with("lab", &[Scope::AppointmentsRead, Scope::PatientsRead]).await;
    let patient = patient.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient");
    // Another clinic of the same network.
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    let scopes = [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsRead];
    let path = "/api/v1/staff/clinics/northgate/patients?q=khalil";
    let own = app.program_with("northgate", &scopes).await;
    assert_eq!(own.get(path).await.expect(200).json()["items"], json!([]));
    let body = json!({ "service": "x", "practitioner": "x", "start": TEN, "patient": patient });
    let request = own.post_request("/api/v1/staff/clinics/northgate/appointments", &body);
    own.send(request.header("idempotency-key", "a")).await.expect(404);
    let all = app.program_of("northgate", Reach::Network, &scopes).await;
    assert_eq!(all.get(path).await.expect(200).json()["items"].as_array().expect("a list").len(), 1);
    // Visits alone tell neither birth date nor address nor reason.
    let weak = app.program_with("lab", &[Scope::AppointmentsRead]).await;
    let seen = weak.get(&format!("{API}/appointments/{visit}")).await.expect(200).json();
    assert_eq!(
        (&seen["name"], &seen["birth_date"], &seen["email"]),
        (&json!("Khalil, A."), &Value::Null, &Value::Null)
    );
}

async fn a_board_hears_of_changes_and_of_its_end(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let mut response = at.caller.request("GET", "/staff/lab/events").send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut next = async || {
        let chunk = tokio::time::timeout(std::time::Duration::from_secs(10), response.chunk()).await.expect("in time");
        String::from_utf8(chunk.expect("bytes").expect("more").to_vec()).expect("text")
    };
    assert!(next().await.contains("event: pulse\ndata: 0"));
    app.clock.advance_minutes(1);
    visit_of(&app).await;
    let pulse = next().await;
    assert!(pulse.contains("event: pulse") && !pulse.contains("data: 0"), "{pulse}");
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    let number = pulse.split("data: ").nth(1).expect("a number").trim().to_owned();
    assert!(board.contains(&format!("data-pulse=\"{number}\"")), "{number}");
    at.caller.form("/fn/staff-lock", &[]).await.expect(303);
    assert!(next().await.contains("event: locked"));
    app.anonymous().get("/staff/lab/events").await.expect(404);
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
    at.caller.post(&blocks, &body("solo", "09:00", "10:15")).await.expect_problem(409, "occupied");
    let hold = program.hold_with("lab", "team", "2026-11-24T15:00:00+01:00", "ana").await.expect(201);
    at.caller.post(&blocks, &body("ana", "14:00", "16:00")).await.expect_problem(409, "occupied");
    program.release(&hold).await.expect(204);
    at.caller.post(&blocks, &body("ana", "14:00", "16:00")).await.expect(201);
    for (from, to) in [("16:00", "15:00"), ("16:00", "16:00"), ("16:01", "17:00")] {
        at.caller.post(&blocks, &body("ana", from, to)).await.expect_problem(400, "bad_request");
    }
    at.caller.post(&blocks, &body("nobody", "16:00", "17:00")).await.expect_problem(400, "bad_request");
    // A room, and every place of somebody with many.
    at.caller.post(&blocks, &body("only-room", "09:00", "10:00")).await.expect(201);
    program.hold("lab", "roomy", "2026-11-24T09:00:00+01:00").await.expect_problem(409, "room_taken");
    let crowd = at.caller.post(&blocks, &body("crowd", "09:00", "10:00")).await.expect(201).field("id");
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
            futures::future::join(at.caller.post(&blocks, &closing), program.hold("lab", "solo", &at_once)).await;
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

async fn every_look_is_written_down(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let looks = async |action: &str| {
        app.count(&format!(
            "SELECT count(*) FROM audit WHERE actor_kind = 'staff' AND actor_id IS NOT NULL AND action = '{action}'"
        ))
        .await
    };
    at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200);
    at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200);
    find(&at, "khalil").await;
    assert_eq!((looks("schedule.read").await, looks("appointment.read").await, looks("patient.find").await), (1, 1, 1));
    let refused = json!({ "practitioner": "solo", "start": "2026-11-24T10:05:00+01:00" });
    moved(&at.caller, &visit, None, &refused).await.expect_problem(409, "off_grid");
    assert_eq!(
        app.count("SELECT count(*) FROM audit WHERE action = 'appointment.move' AND outcome = 'off_grid'").await,
        1
    );
}

async fn times_of_the_night_the_clock_changes(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    // 2:30 does not exist on 28 March 2027 in Berlin.
    let skipped = new_visit(&[&[("key", "a"), ("date", "2027-03-28"), ("time", "2:30")][..], &ADA].concat());
    at.caller.form("/fn/desk-book", &skipped).await.expect(303);
    assert!(at.caller.get("/staff/lab/new").await.text.contains("The clock is put forward over this time"));
    let after = new_visit(&[&[("key", "b"), ("date", "2027-03-28"), ("time", "3:00")][..], &ADA].concat());
    let booked = at.caller.form("/fn/desk-book", &after).await.expect(303);
    assert!(at.caller.get(booked.header("location")).await.text.contains("3:00 to 3:30"));
    at.caller.get("/staff/lab/schedule?day=2027-03-28").await.expect(200);
    // And 2:30 comes twice on 25 October 2027: the first is meant.
    let twice = new_visit(&[&[("key", "c"), ("date", "2027-10-31"), ("time", "2:30")][..], &ADA].concat());
    let booked = at.caller.form("/fn/desk-book", &twice).await.expect(303);
    let id = booked.header("location").rsplit('/').next().expect("an id").to_owned();
    assert_eq!(
        at.caller.get(&format!("{API}/appointments/{id}")).await.expect(200).field("start"),
        "2027-10-31T02:30:00+02:00"
    );
    at.caller.get("/staff/lab/schedule?day=2027-10-31&with=solo").await.expect(200);
}
