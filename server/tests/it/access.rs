//! Who may do what: every route of the API for every kind of caller. What is not yours does not exist.

use portal::{Scope, api_keys};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    every_route_answers_every_caller_as_agreed,
    a_key_that_was_revoked_is_refused,
    a_key_that_was_never_made_is_refused,
    public_answers_are_the_same_for_everybody,
    a_list_holds_only_ones_own,
    a_patient_books_under_a_proved_address_only,
    a_hold_belongs_to_whoever_knows_its_token_or_made_it,
    a_private_link_opens_one_visit_in_one_browser,
];

const START: &str = "2026-11-25T09:00:00+01:00";

fn amira() -> Person {
    Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") }
}

/// Callers in the order of the table's columns.
struct Callers {
    all: Vec<(&'static str, Caller)>,
}

impl Callers {
    async fn of(app: &TestApp) -> Self {
        Self {
            all: vec![
                ("nobody", app.anonymous()),
                ("other session", app.patient("somebody.else@example.com").await),
                ("key without scope", app.program_with("riverside", &[]).await),
                ("key of another clinic", app.program("harbour").await),
                ("reading key", app.program_with("riverside", &[Scope::AppointmentsRead]).await),
            ],
        }
    }
}

async fn every_route_answers_every_caller_as_agreed(app: TestApp) {
    let owner = app.patient("amira@example.com").await;
    let program = app.program("riverside").await;
    let visit = owner.book("riverside", "vaccination", START, &amira()).await.field("id");
    let hold = owner.hold("riverside", "vaccination", "2026-11-26T09:00:00+01:00").await.expect(201);
    let (visit_path, hold_path) =
        (format!("/api/v1/appointments/{visit}"), format!("/api/v1/holds/{}", hold.field("id")));
    let moving = json!({ "hold": hold.field("id") });
    let booking = json!({ "patient": amira().json() });
    // method, path, body, and the status for: nobody, other session, key without scope, other clinic's key, reading key
    let table: Vec<(&str, String, Value, [u16; 5])> = vec![
        ("GET", "/api/v1/appointments".into(), Value::Null, [404, 200, 403, 200, 200]),
        ("GET", visit_path.clone(), Value::Null, [404, 404, 404, 404, 200]),
        ("POST", format!("{visit_path}/cancel"), json!({}), [404, 404, 404, 404, 403]),
        ("POST", format!("{visit_path}/reschedule"), moving, [404, 404, 404, 404, 403]),
        ("POST", format!("{hold_path}/confirm"), booking, [404, 404, 404, 404, 404]),
        ("DELETE", hold_path.clone(), Value::Null, [404, 404, 404, 404, 404]),
    ];
    let callers = Callers::of(&app).await;
    let before = app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await;
    for (method, path, body, expected) in &table {
        for ((name, caller), status) in callers.all.iter().zip(expected) {
            let answer = ask(caller, method, path, body).await;
            assert_eq!(answer.status, *status, "{method} {path} as {name}: {}", answer.text);
            // Not yours and not there look the same.
            if *status == 404 {
                let missing = path.replace(|c: char| c.is_ascii_digit(), "0");
                let nothing = ask(caller, method, &missing, body).await;
                let fields = |a: &Answer| (a.field("code"), a.field("title"), a.json()["status"].clone());
                assert_eq!(fields(&answer), fields(&nothing), "{method} {path} as {name}");
            }
        }
    }
    assert_eq!(app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await, before);
    // And those who may, may.
    for caller in [&owner, &program] {
        caller.get(&visit_path).await.expect(200);
        caller.get("/api/v1/appointments").await.expect(200);
    }
    owner.delete(&hold_path).await.expect(204);
    let hold = owner.hold("riverside", "vaccination", "2026-11-26T09:00:00+01:00").await.expect(201);
    owner.reschedule(&visit, &hold).await.expect(200);
    owner.cancel(&visit).await.expect(200);
}

async fn ask(caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
    let request = match body {
        Value::Null => caller.request(method, path),
        body => caller.request(method, path).header("content-type", "application/json").body(body.to_string()),
    };
    caller.send(request.header("idempotency-key", "matrix")).await
}

async fn a_key_that_was_revoked_is_refused(app: TestApp) {
    let program = app.program("riverside").await;
    program.get("/api/v1/appointments").await.expect(200);
    let (key, _) = api_keys::list(&app.cx).await.unwrap().pop().unwrap();
    assert!(api_keys::revoke(&app.cx, key.id).await.unwrap());
    program.get("/api/v1/appointments").await.expect_problem(401, "unauthorized");
    // Also where no key would be needed: a program must learn that its key is dead.
    program.get("/api/v1/clinics").await.expect_problem(401, "unauthorized");
    assert!(!api_keys::revoke(&app.cx, key.id).await.unwrap());
}

async fn a_key_that_was_never_made_is_refused(app: TestApp) {
    let key = app.program("riverside").await.key().to_owned();
    let flipped = format!("{}{}", &key[..key.len() - 1], if key.ends_with('A') { 'B' } else { 'A' });
    for wrong in ["", "x", "portico_", "portico_00000000000000000000000000000000_x", &flipped, &key[..key.len() - 1]] {
        let caller = app.anonymous().with_header("authorization", &format!("Bearer {wrong}"));
        caller.get("/api/v1/appointments").await.expect_problem(401, "unauthorized");
    }
    let basic = app.anonymous().with_header("authorization", "Basic dXNlcjpwYXNz");
    basic.get("/api/v1/appointments").await.expect_problem(401, "unauthorized");
}

async fn public_answers_are_the_same_for_everybody(app: TestApp) {
    let (patient, program) = (app.patient("amira@example.com").await, app.program("harbour").await);
    for path in [
        "/api/v1/clinics",
        "/api/v1/clinics/riverside",
        "/api/v1/clinics/riverside/services",
        "/api/v1/clinics/riverside/practitioners",
        "/api/v1/clinics/riverside/availability?service=vaccination&from=2026-11-24&to=2026-11-24",
    ] {
        let public = app.anonymous().get(path).await.expect(200);
        for caller in [&patient, &program] {
            assert_eq!(caller.get(path).await.expect(200).text, public.text, "{path}");
        }
    }
}

async fn a_list_holds_only_ones_own(app: TestApp) {
    let (amira_s, other) = (app.patient("amira@example.com").await, app.patient("noor@example.com").await);
    let visit = amira_s.book("riverside", "vaccination", START, &amira()).await.field("id");
    let noor = Person { email: "noor@example.com".to_owned(), ..Person::new("Noor", "Khalil") };
    let others = other.book("riverside", "vaccination", START, &noor).await.field("id");
    let (riverside, harbour) = (app.program("riverside").await, app.program("harbour").await);
    for (caller, expected) in
        [(&amira_s, vec![&visit]), (&other, vec![&others]), (&riverside, vec![&visit, &others]), (&harbour, vec![])]
    {
        let list = caller.get("/api/v1/appointments").await.expect(200).json();
        let mut ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|v| v["id"].as_str().unwrap()).collect();
        let mut expected: Vec<_> = expected.into_iter().map(String::as_str).collect();
        ids.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ids, expected);
    }
}

async fn a_patient_books_under_a_proved_address_only(app: TestApp) {
    let visitor = app.anonymous();
    let hold = visitor.hold("riverside", "vaccination", START).await.expect(201);
    visitor.confirm(&hold, &amira(), "1").await.expect_problem(403, "email_not_proved");
    let other = app.patient("noor@example.com").await;
    let hold = other.hold("riverside", "vaccination", START).await.expect(201);
    other.confirm(&hold, &amira(), "1").await.expect_problem(403, "email_not_proved");
    let reader = app.program_with("riverside", &[Scope::AppointmentsRead]).await;
    let hold = reader.hold("riverside", "vaccination", "2026-11-25T09:30:00+01:00").await.expect(201);
    reader.confirm(&hold, &amira(), "1").await.expect_problem(403, "forbidden");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 0);
    // Every refusal is in the audit.
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'appointment.book' AND outcome <> 'ok'").await, 3);
}

async fn a_hold_belongs_to_whoever_knows_its_token_or_made_it(app: TestApp) {
    let (maker, thief) = (app.program("riverside").await, app.program("riverside").await);
    let hold = maker.hold("riverside", "vaccination", START).await.expect(201);
    let path = format!("/api/v1/holds/{}", hold.field("id"));
    thief.delete(&path).await.expect_problem(404, "not_found");
    let guess = thief.request("DELETE", &path).header("hold-token", "guess");
    thief.send(guess).await.expect_problem(404, "not_found");
    app.program("harbour").await.release(&hold).await.expect_problem(404, "not_found");
    let mistaken = maker.request("DELETE", &path).header("hold-token", "guess");
    maker.send(mistaken).await.expect_problem(404, "not_found");
    maker.delete(&path).await.expect(204);
}

async fn a_private_link_opens_one_visit_in_one_browser(app: TestApp) {
    let program = app.program("riverside").await;
    let visit = program.book("riverside", "vaccination", START, &amira()).await.field("id");
    let other =
        program.book("riverside", "vaccination", "2026-11-25T09:30:00+01:00", &Person::number(2)).await.field("id");
    app.run_jobs().await;
    let mail = app.mailer.sent().into_iter().find(|m| m.to == "amira@example.com").unwrap();
    let link = mail.text.lines().find_map(|l| l.split_once("/m/").map(|(_, token)| format!("/m/{token}"))).unwrap();
    let opened = app.anonymous().get(&link).await.expect(303);
    assert_eq!(opened.header("location"), format!("/visits/{visit}"));
    let browser = app.anonymous().with_cookie_of(&opened);
    browser.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    browser.get(&format!("/api/v1/appointments/{other}")).await.expect(404);
    browser.get("/api/v1/appointments").await.expect(404);
    app.anonymous().get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
    let forged = format!("{}AAAA", &link[..link.len() - 4]);
    assert!(!app.anonymous().get(&forged).await.expect(303).header("location").contains("/visits/"));
    // The way in closes a day after it was opened.
    app.clock.advance_minutes(24 * 60);
    browser.get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
}
