//! The clinic's desk: the board, the steps of a visit's day, finding patients, who sees what.

use domain::staff::Role;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{AtDesk, Person, TestApp, on_both_engines};

use super::desk_booking::{book, moved};

on_both_engines![
    the_board_shows_who_comes_when,
    a_visit_goes_through_its_day,
    a_pending_visit_is_approved,
    a_request_is_declined_in_other_words,
    a_clinician_changes_their_own_alone,
    a_patient_is_found_by_what_they_say,
    a_clinics_key_finds_that_clinics_patients,
    a_board_hears_of_changes_and_of_its_end,
    every_look_is_written_down,
    every_page_has_its_style_however_busy_the_server_is,
];

pub const DAY: &str = "2026-11-24";
pub const TEN: &str = "2026-11-24T10:00:00+01:00";
pub const API: &str = "/api/v1/staff/clinics/lab";

pub fn amira() -> Person {
    Person::new("Amira", "Khalil")
}

/// The visits' day has come: half past ten.
pub fn that_day(app: &TestApp) {
    app.clock.set("2026-11-24T09:30:00Z".parse().expect("a time"));
}

pub async fn visit_of(app: &TestApp) -> String {
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
    assert!(board.contains("Khalil, Amira") && board.contains("1 booked"), "{board}");
    // How much room there is, at each column's head: less by the visit and by who is booking just now.
    let with = |page: &str, room: &str| page.matches(room).count();
    assert_eq!((with(&empty, ", 24\u{a0}h\u{a0}free"), with(&empty, ", 23\u{a0}h\u{a0}30\u{a0}free")), (5, 0));
    assert_eq!((with(&board, ", 24\u{a0}h\u{a0}free"), with(&board, ", 23\u{a0}h\u{a0}30\u{a0}free")), (3, 2));
    assert!(board.contains(&format!("/staff/lab/visits/{visit}")) && board.contains("somebody is booking"), "{board}");
    // A week of one.
    let week = at.caller.get(&format!("/staff/lab/schedule?day={DAY}&with=solo")).await.expect(200).text;
    assert!(week.contains("week of 23 November 2026") && week.contains(", 23 to 29 Nov<"), "{week}");
    assert!(week.contains("Khalil, Amira"), "{week}");
    assert!(!week.contains("somebody is booking"), "the others' are not in it");
    let json = at.caller.get(&format!("{API}/schedule?from={DAY}")).await.expect(200).json();
    let kinds: Vec<&str> =
        json["entries"].as_array().expect("entries").iter().filter_map(|e| e["kind"].as_str()).collect();
    assert_eq!(kinds, ["visit", "hold"]);
    assert_eq!((&json["entries"][0]["name"], &json["entries"][0]["start"]), (&json!("Khalil, A."), &json!(TEN)));
    // A page is a day; the last one says so.
    let page = async |from: &str| at.caller.get(&format!("{API}/schedule?from={from}&to=2026-11-24")).await;
    let first = page("2026-11-23").await.expect(200).json();
    assert_eq!((&first["day"], &first["next"], &first["entries"]), (&json!("2026-11-23"), &json!(DAY), &json!([])));
    let last = page(DAY).await.expect(200).json();
    assert_eq!((&last["day"], &last["next"]), (&json!(DAY), &json!(null)));
    assert_eq!(last["entries"], json["entries"]);
    page("2026-11-25").await.expect_problem(400, "bad_request");
    for bad in ["2026-02-30", "yesterday", "99999-01-01"] {
        at.caller.get(&format!("/staff/lab/schedule?day={bad}")).await.expect(200);
        at.caller.get(&format!("{API}/schedule?from={bad}")).await.expect_problem(400, "bad_request");
    }
}

pub async fn step(at: &AtDesk, visit: &str, step: &str) -> String {
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
    assert!(step(&at, &visit, "check-in").await.contains("checked in"));
    assert!(step(&at, &visit, "in-room").await.contains("in the room"));
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

async fn a_request_is_declined_in_other_words(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = app.program("lab").await.book("lab", "asked", TEN, &amira()).await.field("id");
    let form = [("clinic", "lab"), ("visit", visit.as_str()), ("step", "cancel"), ("reason", "The doctor is away")];
    at.caller.form("/fn/desk-step", &form).await.expect(303);
    app.run_jobs().await;
    let sent = app.mailer.sent();
    let mail = sent.iter().rev().find(|mail| mail.to == amira().email).expect("a mail");
    assert_eq!(mail.subject, "Lab Clinic cannot confirm your request");
    assert!(mail.text.contains("Please choose another one") && !mail.text.contains("away"), "{}", mail.text);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'cancelled'").await, 1);
    // What was booked and is called off is told as before.
    let booked = visit_of(&app).await;
    let form = [("clinic", "lab"), ("visit", booked.as_str()), ("step", "cancel"), ("reason", "")];
    at.caller.form("/fn/desk-step", &form).await.expect(303);
    app.run_jobs().await;
    assert!(app.mailer.sent().last().expect("a mail").subject.contains("was cancelled"));
}

pub async fn find(at: &AtDesk, typed: &str) -> String {
    let led = at.caller.form("/fn/desk-find", &[("clinic", "lab"), ("q", typed)]).await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/patients?found=yes", "no name in an address");
    at.caller.get("/staff/lab/patients?found=yes").await.expect(200).text
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
        ("01071990", "Mehmet Müller"),
        ("1.7.90", "Mehmet Müller"),
        ("müller 1 July 1990", "Mehmet Müller"),
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
    assert!(find(&at, "nobody").await.contains("or the birth date, like 17.4.1988."));
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

async fn every_page_has_its_style_however_busy_the_server_is(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let path = format!("/staff/lab/new?day={DAY}");
    for _ in 0..4 {
        let pages = futures::future::join_all((0..32).map(|_| at.caller.get(&path))).await;
        let bare = pages.iter().filter(|page| !page.text.contains("desk.css")).count();
        assert_eq!(bare, 0, "{}", pages[0].text);
    }
}
