//! Ways around a grant: booking, merging, undoing, an old letter, an old invitation, another clinic's key.

use domain::person::Email;
use portal::{Scope, api_keys::Reach, identity};
use serde_json::json;
use testkit::{Caller, Person, TestApp, on_both_engines};

use crate::patient_import::import;

on_both_engines![
    booking_under_a_name_of_the_family_opens_nothing,
    booking_does_not_bring_ended_access_back,
    booking_ones_own_known_chart_connects_and_tells,
    an_address_of_a_chart_that_is_gone_opens_nothing,
    a_merge_tells_whoever_sees_the_other_chart_now,
    undoing_a_merge_revives_nobody_who_was_shut_out,
    a_letter_for_a_chart_that_is_gone_opens_nothing,
    an_invitation_ends_with_the_inviters_own_access,
    a_clinic_does_not_decide_about_anothers_patients,
    two_rows_of_one_name_do_not_stop_an_import,
    a_visit_of_a_chart_without_address_is_told_to_whoever_booked,
    what_was_typed_is_gone_when_somebody_else_signs_in,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";
const TWO: &str = "2026-11-24T14:00:00+01:00";
const FAMILY: &str = "family@example.com";
const FILE: &str = "\
number,given,family,birth_date,email
1,Jan,Weber,1991-07-04,family@example.com
2,Otto,Weber,1961-03-02,family@example.com
";
const LIVE: &str = "SELECT count(*) FROM chart_grant WHERE ended_at IS NULL";

fn of_family(given: &str, birth_date: &str) -> Person {
    Person { birth_date: birth_date.to_owned(), email: FAMILY.to_owned(), ..Person::new(given, "Weber") }
}

async fn clinic_key(app: &TestApp, clinic: &str) -> Caller {
    app.program_with(clinic, &[Scope::PatientsRead, Scope::PatientsWrite]).await
}

async fn by_number(program: &Caller, number: &str) -> String {
    let found = program.get(&format!("/api/v1/patients?clinic=lab&number={number}")).await.expect(200).json();
    found["items"][0]["id"].as_str().expect("a chart").to_owned()
}

async fn end_first_grant(browser: &Caller, page: &str) {
    let page = browser.get(page).await.expect(200).text;
    let id = page.split("name=\"grant\" value=\"").nth(1).and_then(|r| r.get(..36)).expect("a grant").to_owned();
    browser.form("/fn/grant-end", &[("grant", &id)]).await.expect(303);
}

async fn booking_under_a_name_of_the_family_opens_nothing(app: TestApp) {
    import(&app, "lab", FILE).await;
    let browser = app.patient(FAMILY).await;
    browser.book("lab", "solo", TEN, &of_family("Jan", "1991-07-04")).await.expect(201);
    let otto = by_number(&clinic_key(&app, "lab").await, "2").await;
    let visit = browser.book("lab", "solo", TWO, &of_family("Otto", "1961-03-02")).await.expect(201).field("id");
    // The visit stands, and this browser sees what it booked; the records stay closed.
    browser.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    browser.get(&format!("/people/{otto}")).await.expect(404);
    assert_eq!(app.count(LIVE).await, 1);
    let elsewhere = app.patient(FAMILY).await;
    elsewhere.get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
}

async fn booking_does_not_bring_ended_access_back(app: TestApp) {
    let browser = app.patient(FAMILY).await;
    browser.book("lab", "solo", TEN, &of_family("Jan", "1991-07-04")).await.expect(201);
    app.tamper("UPDATE chart_grant SET relation = 'child', scope = 'book'").await;
    end_first_grant(&browser, "/account/records").await;
    assert_eq!(app.count(LIVE).await, 0);
    browser.book("lab", "solo", TWO, &of_family("Jan", "1991-07-04")).await.expect(201);
    assert_eq!(app.count(LIVE).await, 0);
}

async fn booking_ones_own_known_chart_connects_and_tells(app: TestApp) {
    import(&app, "lab", FILE).await;
    let browser = app.patient(FAMILY).await;
    let jan = by_number(&clinic_key(&app, "lab").await, "1").await;
    browser.book("lab", "solo", TEN, &of_family("Jan", "1991-07-04")).await.expect(201);
    browser.get(&format!("/people/{jan}")).await.expect(200);
    app.run_jobs().await;
    assert!(app.mailer.sent().iter().any(|m| m.to == FAMILY && m.subject.contains("is connected with a clinic")));
}

/// Two logins with a chart each, and the charts.
async fn two(app: &TestApp) -> ([Caller; 2], [String; 2]) {
    let logins = [app.patient("amira@example.com").await, app.patient("weber@example.com").await];
    let mut charts = Vec::new();
    for (login, (email, start)) in logins.iter().zip([("amira@example.com", TEN), ("weber@example.com", TWO)]) {
        let person = Person { email: email.to_owned(), ..Person::new("Amira", "Weber") };
        login.book("lab", "solo", start, &person).await.expect(201);
        let page = login.get("/account/records").await.expect(200).text;
        charts.push(page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned());
    }
    (logins, charts.try_into().expect("two"))
}

async fn merge(program: &Caller, [kept, gone]: &[String; 2]) -> String {
    let merged = program.post(&format!("/api/v1/patients/{kept}/merge"), &json!({ "gone": gone })).await;
    merged.expect(201).field("id")
}

async fn a_merge_tells_whoever_sees_the_other_chart_now(app: TestApp) {
    let (_, charts) = two(&app).await;
    merge(&clinic_key(&app, "lab").await, &charts).await;
    app.run_jobs().await;
    let told = |to: &str, start: &str| app.mailer.sent().iter().any(|m| m.to == to && m.subject.starts_with(start));
    assert!(told("weber@example.com", "Your Portico account is connected"));
    assert!(told("amira@example.com", "Another Portico account"));
}

async fn invite(app: &TestApp, owner: &Caller, person: &str, guest: &Caller) -> String {
    let fields = [
        ("person", person),
        ("email", "carer@example.com"),
        ("relation", "other"),
        ("months", "0"),
        ("rights-book", "yes"),
    ];
    owner.form("/fn/invite", &fields).await.expect(303);
    app.run_jobs().await;
    let page = guest.get("/account/records").await.expect(200).text;
    page.split("name=\"invite\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("an invitation").to_owned()
}

async fn undoing_a_merge_revives_nobody_who_was_shut_out(app: TestApp) {
    let (logins, charts) = two(&app).await;
    let carer = app.patient("carer@example.com").await;
    for (login, chart) in logins.iter().zip(&charts) {
        let id = invite(&app, login, chart, &carer).await;
        carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(303);
    }
    let program = clinic_key(&app, "lab").await;
    let id = merge(&program, &charts).await;
    end_first_grant(&carer, "/account/records").await;
    program.post(&format!("/api/v1/merges/{id}/undo"), &json!({})).await.expect(204);
    for chart in &charts {
        carer.get(&format!("/people/{chart}")).await.expect(404);
    }
    for (login, chart) in logins.iter().zip(&charts) {
        login.get(&format!("/people/{chart}")).await.expect(200);
    }
}

async fn a_letter_for_a_chart_that_is_gone_opens_nothing(app: TestApp) {
    let (_, charts) = two(&app).await;
    let program = clinic_key(&app, "lab").await;
    let code = program.post(&format!("/api/v1/patients/{}/activation", charts[1]), &json!({})).await;
    let code = code.expect(201).field("code");
    merge(&program, &charts).await;
    let eve = app.patient("eve@example.com").await;
    let born = [("birth-day", "31"), ("birth-month", "1"), ("birth-year", "1980")];
    let fields: Vec<_> = [("code", code.as_str()), ("relation", "self")].into_iter().chain(born).collect();
    assert_eq!(eve.form("/fn/chart-activate", &fields).await.expect(303).header("location"), "/activate");
    eve.get(&format!("/people/{}", charts[0])).await.expect(404);
}

async fn an_invitation_ends_with_the_inviters_own_access(app: TestApp) {
    let (logins, charts) = two(&app).await;
    let carer = app.patient("carer@example.com").await;
    let id = invite(&app, &logins[0], &charts[0], &carer).await;
    // As when a wrong account is found out: its grant ends.
    app.tamper("UPDATE chart_grant SET ended_at = 1").await;
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(404);
    assert_eq!(app.count(LIVE).await, 0);
}

async fn a_clinic_does_not_decide_about_anothers_patients(app: TestApp) {
    // Two clinics of one network.
    let riverside = "(SELECT tenant_id FROM clinic WHERE slug = 'riverside')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {riverside} WHERE slug = 'northgate'")).await;
    import(&app, "riverside", FILE).await;
    let browser = app.patient("new@example.com").await;
    // Known at Riverside alone; asked for at Northgate, of the same network.
    let born = [("birth-day", "2"), ("birth-month", "3"), ("birth-year", "1961")];
    let otto = [("clinic", "northgate"), ("given", "Otto"), ("family", "Weber")];
    browser.form("/fn/chart-find", &[&otto[..], &born[..]].concat()).await.expect(303);
    app.run_jobs().await;
    let cases = async |clinic: &str| {
        let program = clinic_key(&app, clinic).await;
        program.get("/api/v1/match-cases").await.expect(200).json()["items"].as_array().expect("a list").clone()
    };
    assert_eq!(cases("northgate").await, Vec::<serde_json::Value>::new());
    let [case] = &cases("riverside").await[..] else { panic!("one case") };
    let path = format!("/api/v1/match-cases/{}", case["id"].as_str().expect("an id"));
    clinic_key(&app, "northgate").await.post(&path, &json!({ "same": true })).await.expect(404);
    // Whoever may act for all of them decides.
    let network = app.program_of("northgate", Reach::Network, &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    network.post(&path, &json!({ "same": true })).await.expect(204);
    assert!(browser.get("/account/records").await.expect(200).text.contains("Otto Weber"));
}

async fn two_rows_of_one_name_do_not_stop_an_import(app: TestApp) {
    let browser = app.patient(FAMILY).await;
    browser.book("lab", "solo", TEN, &of_family("Jan", "1991-07-04")).await.expect(201);
    let twice = format!("{FILE}3,Jan,Weber,1991-07-04,{FAMILY}\n");
    let done = import(&app, "lab", &twice).await;
    assert_eq!((done.created, done.updated), (2, 1));
    let program = clinic_key(&app, "lab").await;
    assert_ne!(by_number(&program, "1").await, by_number(&program, "3").await);
}

async fn a_visit_of_a_chart_without_address_is_told_to_whoever_booked(app: TestApp) {
    let browser = app.patient(FAMILY).await;
    browser.book("lab", "solo", TEN, &of_family("Jan", "1991-07-04")).await.expect(201);
    import(&app, "lab", "number,given,family,birth_date,email\n1,Jan,Weber,1991-07-04,family@example.com\n").await;
    import(&app, "lab", "number,given,family,birth_date,email\n1,Jan,Weber,1991-07-04,\n").await;
    app.run_jobs().await;
    let before = app.mailer.sent().len();
    let items = browser.get("/api/v1/appointments").await.expect(200).json();
    browser.cancel(items["items"][0]["id"].as_str().expect("a visit")).await.expect(200);
    app.run_jobs().await;
    let sent = app.mailer.sent();
    assert_eq!(sent[before..].iter().map(|m| m.to.as_str()).collect::<Vec<_>>(), [FAMILY]);
}

async fn what_was_typed_is_gone_when_somebody_else_signs_in(app: TestApp) {
    let browser = app.patient("amira@example.com").await;
    browser.form("/fn/recovery-codes", &[]).await.expect(303);
    let shown = browser.get("/account/recovery-codes").await.expect(200).text;
    assert!(shown.contains("<code>"), "{shown}");
    // In another tab of the same browser.
    let there = identity::browser(&app.cx, browser.cookie()).await.expect("sessions are read").expect("a session");
    let email = Email::parse("eve@example.com").expect("an address");
    identity::request_code(&app.cx, &there, identity::Origin::default(), &email).await.expect("a code is sent");
    app.run_jobs().await;
    let (_, token) = identity::prove(&app.cx, &there, &app.newest_code()).await.expect("the code is right");
    let now = browser.with_cookie(&token).get("/account/recovery-codes").await.expect(200).text;
    assert!(!now.contains("<code"), "{now}");
}

/// Two rows of one person; the address of the one that went may be somebody else's, who once booked for her.
async fn an_address_of_a_chart_that_is_gone_opens_nothing(app: TestApp) {
    const TWICE: &str = "\
number,given,family,birth_date,email
1,Vera,Weber,1980-07-04,vera@example.com
2,Vera,Weber,1980-07-04,family@example.com
";
    import(&app, "lab", TWICE).await;
    let program = clinic_key(&app, "lab").await;
    let charts = [by_number(&program, "1").await, by_number(&program, "2").await];
    merge(&program, &charts).await;
    let browser = app.patient(FAMILY).await;
    let visit = browser.book("lab", "solo", TEN, &of_family("Vera", "1980-07-04")).await.expect(201).field("id");
    browser.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    browser.get(&format!("/people/{}", charts[0])).await.expect(404);
    assert_eq!(app.count(LIVE).await, 0);
}
