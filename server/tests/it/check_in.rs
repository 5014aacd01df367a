//! Checking in: by the patient's code at the counter, and "I am here" by the clinic's poster.

use domain::staff::Role;
use serde_json::json;
use testkit::{Answer, AtDesk, Caller, Person, TestApp, on_both_engines};

use super::{
    arrivals::{book, clock, events, list, room, say, seen},
    desk::{API, DAY, amira},
};

on_both_engines![
    a_patients_code_checks_in_that_visit_and_no_other,
    a_code_of_another_day_or_clinic_says_so,
    a_code_ends_some_hours_after_the_visit,
    a_code_is_for_whoever_may_change_the_visit,
    a_stranger_learns_nothing_of_a_code,
    a_code_that_is_scanned_twice_at_once_counts_once,
    the_poster_lets_patients_say_that_they_are_here,
];

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

async fn a_code_ends_some_hours_after_the_visit(app: TestApp) {
    let (_, visit) = owner(&app, "10:00").await;
    clock(&app, "09:30");
    let patient = app.patient("owner@example.com").await;
    let shown = code(&patient, &visit).await.expect("a code");
    clock(&app, "14:31");
    let at = app.staff("lab", Role::FrontDesk).await;
    let page = scan(&at, &shown).await;
    assert!(page.contains("This code has ended. The visit is at 10:00"), "{page}");
    at.caller.post(&format!("{API}/check-ins"), &json!({ "code": shown })).await.expect_problem(409, "code_ended");
    assert_eq!(seen(&at, &visit).await["status"], json!("booked"));
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
