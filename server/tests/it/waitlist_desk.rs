//! The waitlist at the clinic's desk and for its programs: the order and its reasons, priority, offers by hand, figures.

use domain::staff::Role;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{Answer, AtDesk, Caller, TestApp, on_both_engines};

use crate::waitlist::{DAY, TEN, a_full_day, cancel, join, link, work};

on_both_engines![
    the_list_says_who_is_next_and_why,
    priority_has_a_reason_and_changes_the_order,
    a_time_is_offered_by_hand_and_taken_back,
    any_free_time_is_offered_and_no_other,
    whoever_is_taken_off_is_told,
    somebody_is_put_on_the_list,
    each_role_does_what_it_may,
    the_figures_add_up,
    a_program_adds_lists_and_offers,
    what_nobody_saw_is_not_changed,
    a_page_ends_where_the_next_begins,
    every_look_and_change_is_written_down,
];

const API: &str = "/api/v1/staff/clinics/lab/waitlist";

async fn list(at: &AtDesk) -> String {
    at.caller.get("/staff/lab/waitlist").await.expect(200).text
}

async fn act(at: &AtDesk, action: &str, entry: &str, more: &[(&str, &str)]) -> String {
    let fields = [&[("clinic", "lab"), ("entry", entry)][..], more].concat();
    at.caller.form(&format!("/fn/desk-waitlist-{action}"), &fields).await.expect(303);
    at.caller.get(&format!("/staff/lab/waitlist/{entry}")).await.expect(200).text
}

/// Whose name comes first on a page.
fn is_before(page: &str, first: &str, second: &str) -> bool {
    let at = |name: &str| page.find(name).unwrap_or_else(|| panic!("no {name}: {page}"));
    at(first) < at(second)
}

async fn the_list_says_who_is_next_and_why(app: TestApp) {
    a_full_day(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    assert!(list(&at).await.contains("Nobody waits at the moment."));
    join(&app, "Ada", &[]).await;
    app.clock.advance_minutes(180);
    join(&app, "Ben", &[("parts-morning", "yes"), ("days-tuesday", "yes"), ("with", "solo")]).await;
    let at = app.staff_as("lab", Role::FrontDesk, "two@example.com").await;
    let page = list(&at).await;
    // Few times suit Ben: such a one is worth three days to him.
    assert!(is_before(&page, "Ben Waiting", "Ada Waiting"), "{page}");
    assert!(page.contains("Few times suit them, so one that does counts 3 days more."), "{page}");
    assert!(page.contains("Has waited 3 hours.") && page.contains("How the order is made"), "{page}");
    assert!(page.contains("desk-count\">2") && page.contains(" waiting"), "a number beside the name: {page}");
    assert!(page.contains("Tuesdays, in the morning, on Tue 24 November 2026, at any notice"), "{page}");
}

async fn priority_has_a_reason_and_changes_the_order(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    let at = app.staff("lab", Role::Nurse).await;
    let page = act(&at, "priority", &ben.entry, &[("priority", "urgent")]).await;
    assert!(page.contains("Say why: colleagues must be able to understand the order"), "{page}");
    let page = act(&at, "priority", &ben.entry, &[("priority", "urgent"), ("why", "Wound looks bad")]).await;
    assert!(page.contains("Wound looks bad") && page.contains("Urgent: counts 60 days more."), "{page}");
    assert!(page.contains("Number 1 of 2."), "{page}");
    cancel(&app, &visit).await;
    assert!(link(&app, &ben.email).is_some() && link(&app, &ada.email).is_none());
    // Patients do not read it.
    let page = ben.caller.get(&format!("/waitlist/{}", ben.entry)).await.expect(200).text;
    assert!(!page.contains("Wound") && !page.contains("rgent"), "{page}");
}

async fn a_time_is_offered_by_hand_and_taken_back(app: TestApp) {
    a_full_day(&app).await;
    let december = [("from-day", "1"), ("from-month", "12"), ("until-day", "1"), ("until-month", "12")];
    join(&app, "Ada", &[&december[..], &[("notice", "0"), ("parts-evening", "yes")]].concat()).await;
    let ben = join(&app, "Ben", &[&december[..], &[("parts-morning", "yes")]].concat()).await;
    // Before any look at the list: both would be asked by themselves.
    app.tamper("DELETE FROM job WHERE kind = 'offer_waitlist'").await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let one = at.caller.get(&format!("{API}/{}", ben.entry)).await.expect(200);
    if one.field("state") == "offered" {
        let page = act(&at, "withdraw", &ben.entry, &[]).await;
        assert!(page.contains("taken back") && page.contains("Offer a time by hand"), "{page}");
    }
    let page = act(&at, "offer", &ben.entry, &[("key", "a"), ("start", "2026-12-01T09:00:00+01:00")]).await;
    assert!(
        page.contains("Is asked") && page.contains("offered by hand") && page.contains("Tue 1 Dec, 9:00"),
        "{page}"
    );
    // Sent twice, it is offered once; and nobody is asked about two times at once.
    let page = act(&at, "offer", &ben.entry, &[("key", "a"), ("start", "2026-12-01T09:00:00+01:00")]).await;
    assert!(!page.contains("There is a problem"), "{page}");
    let page = act(&at, "offer", &ben.entry, &[("key", "b"), ("start", "2026-12-01T10:00:00+01:00")]).await;
    assert!(page.contains("They are being asked about another time already"), "{page}");
    app.run_jobs().await;
    assert!(link(&app, &ben.email).is_some());
    let page = act(&at, "withdraw", &ben.entry, &[]).await;
    assert!(page.contains("taken back") && !page.contains("Is asked"), "{page}");
    let gone = app.anonymous().get(&link(&app, &ben.email).expect("a link")).await.expect(200).text;
    assert!(gone.contains("is not offered any more") && gone.contains("keep your place"), "{gone}");
    assert_eq!(app.count("SELECT count(*) FROM waitlist_offer WHERE made_by_kind = 'staff'").await, 1);
}

async fn any_free_time_is_offered_and_no_other(app: TestApp) {
    a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let other = async |key: &str, with: &str, date: &str, time: &str| {
        act(&at, "offer", &ada.entry, &[("key", key), ("with", with), ("date", date), ("time", time)]).await
    };
    let page = other("a", "solo", DAY, "soon").await;
    assert!(page.contains("Enter the time, like 9:30") && page.contains("value=\"soon\""), "{page}");
    let page = other("b", "solo", DAY, "10:00").await;
    assert!(page.contains("This time is taken"), "{page}");
    let page = other("c", "solo", "2026-12-03", "10:05").await;
    assert!(page.contains("Visits start every 15 minutes"), "{page}");
    let page = other("d", "ana", "2026-12-03", "10:00").await;
    assert!(page.contains("There is a problem"), "Dr Ana does not do this visit: {page}");
    // Somebody may be rung and agree to a day that they had not wished.
    let page = other("e", "solo", "2026-12-03", "10:00").await;
    assert!(page.contains("Is asked") && page.contains("Thu 3 Dec, 10:00"), "{page}");
}

async fn whoever_is_taken_off_is_told(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    cancel(&app, &visit).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let page = act(&at, "remove", &ada.entry, &[]).await;
    assert!(page.contains("Say why they are taken off the list"), "{page}");
    let page = act(&at, "remove", &ada.entry, &[("reason", "Was seen elsewhere")]).await;
    assert!(page.contains("Was seen elsewhere") && page.contains("Ended"), "{page}");
    app.run_jobs().await;
    let told = app.mailer.sent().into_iter().find(|mail| mail.subject.starts_with("You are no longer on the waitlist"));
    let told = told.expect("a mail");
    assert!(told.to == ada.email && !told.text.contains("elsewhere"), "{}", told.text);
    assert!(link(&app, &ben.email).is_some(), "the time goes on");
    let page = ada.caller.get(&format!("/waitlist/{}", ada.entry)).await.expect(200).text;
    assert!(page.contains("The clinic took you off the list") && !page.contains("elsewhere"), "{page}");
    assert!(act(&at, "remove", &ada.entry, &[("reason", "Again")]).await.contains("They do not wait any more"));
}

async fn somebody_is_put_on_the_list(app: TestApp) {
    a_full_day(&app).await;
    let program = app.program("lab").await;
    let person = testkit::Person::new("Amira", "Khalil");
    program.book("lab", "wide", TEN, &person).await;
    let patient = app.count("SELECT count(*) FROM patient").await;
    let at = app.staff("lab", Role::FrontDesk).await;
    at.caller.form("/fn/desk-find", &[("clinic", "lab"), ("q", "khalil")]).await.expect(303);
    let found = at.caller.get("/staff/lab/patients?found=yes").await.expect(200).text;
    let id = found.split("waitlist/new?patient=").nth(1).and_then(|rest| rest.get(..36)).expect("a way").to_owned();
    let page = at.caller.get(&format!("/staff/lab/waitlist/new?patient={id}")).await.expect(200).text;
    assert!(page.contains("Amira Khalil") && page.contains("service=solo"), "{page}");
    let page = at.caller.get(&format!("/staff/lab/waitlist/new?patient={id}&service=solo")).await.expect(200).text;
    assert!(page.contains("Which days of the week?"), "{page}");
    let wrong = [("clinic", "lab"), ("service", "solo"), ("patient", id.as_str()), ("key", "a"), ("notice", "x")];
    let back = at.caller.form("/fn/desk-waitlist-add", &wrong).await.expect(303);
    assert!(at.caller.get(back.header("location")).await.text.contains("Choose how short before a time is still fine"));
    let right = [
        ("clinic", "lab"),
        ("service", "solo"),
        ("patient", id.as_str()),
        ("key", "b"),
        ("notice", "0"),
        ("about", "Her knee"),
    ];
    let first = at.caller.form("/fn/desk-waitlist-add", &right).await.expect(303);
    let again = at.caller.form("/fn/desk-waitlist-add", &right).await.expect(303);
    assert_eq!(first.header("location"), again.header("location"));
    let page = at.caller.get(first.header("location")).await.expect(200).text;
    assert!(page.contains("Amira Khalil") && page.contains("Her knee") && page.contains("The desk"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM patient").await, patient);
    assert_eq!(app.count("SELECT count(*) FROM waitlist_entry").await, 1);
    // The chart's address hears of a time, though nobody joined for it.
    app.run_jobs().await;
    assert!(link(&app, &person.email).is_some());
    // Whoever came for the list is led on to it, also after looking twice.
    let led = at.caller.get("/staff/lab/waitlist/new").await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/patients?for=waitlist");
    assert!(at.caller.get(led.header("location")).await.text.contains("Who is to wait?"));
    let asked = [("clinic", "lab"), ("q", "example"), ("for", "waitlist")];
    let led = at.caller.form("/fn/desk-find", &asked).await.expect(303);
    let found = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(found.contains("Who is to wait?") && !found.contains(">Book<"), "{found}");
    at.caller.get("/staff/lab/waitlist/new?patient=00000000-0000-7000-8000-000000000000").await.expect(404);
}

async fn each_role_does_what_it_may(app: TestApp) {
    a_full_day(&app).await;
    let ada = join(&app, "Ada", &[("with", "solo")]).await;
    let ben = join(&app, "Ben", &[("service", "team")]).await;
    for role in Role::ALL {
        let at = app.staff_as("lab", role, &format!("{}@lab.example.com", role.as_str())).await;
        let sees = !matches!(role, Role::PrivacyOfficer | Role::Admin);
        let answer = at.caller.get("/staff/lab/waitlist").await;
        assert_eq!(answer.status, if sees { 200 } else { 404 }, "{role:?}");
        let one = at.caller.get(&format!("{API}/{}", ben.entry)).await;
        assert_eq!(one.status, if sees { 200 } else { 404 }, "{role:?}");
        let changes = matches!(role, Role::FrontDesk | Role::Nurse | Role::Manager);
        let body = json!({ "priority": "soon", "why": "Pain" });
        let put = at.caller.request("PUT", &format!("{API}/{}/priority", ben.entry));
        let put = at.caller.send(put.header("content-type", "application/json").body(body.to_string())).await;
        let expected = match role {
            _ if changes => 200,
            // Not what waits for others.
            Role::Clinician => 403,
            _ => 404,
        };
        assert_eq!(put.status, expected, "{role:?}: {}", put.text);
        if role == Role::Clinician {
            // Full names of those who wait for them, and of nobody else.
            assert!(answer.text.contains("Ada Waiting") && answer.text.contains("Waiting, B."), "{}", answer.text);
            let page = act(&at, "priority", &ada.entry, &[("priority", "soon"), ("why", "Seen in the corridor")]).await;
            assert!(page.contains("Seen in the corridor"), "{page}");
            let page = at.caller.get(&format!("/staff/lab/waitlist/{}", ben.entry)).await.expect(200).text;
            assert!(!page.contains("Change the priority"), "{page}");
        }
    }
    let elsewhere = app.staff("riverside", Role::Manager).await;
    elsewhere.caller.get("/staff/lab/waitlist").await.expect(404);
    elsewhere.caller.get(&format!("/staff/riverside/waitlist/{}", ada.entry)).await.expect(404);
    elsewhere.caller.get(&format!("/api/v1/staff/clinics/riverside/waitlist/{}", ada.entry)).await.expect(404);
    let fields = [("clinic", "riverside"), ("entry", ada.entry.as_str()), ("reason", "x")];
    elsewhere.caller.form("/fn/desk-waitlist-remove", &fields).await.expect(404);
}

async fn the_figures_add_up(app: TestApp) {
    let visit = a_full_day(&app).await;
    join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    let cem = join(&app, "Cem", &[]).await;
    cancel(&app, &visit).await;
    app.clock.advance_minutes(61);
    work(&app).await;
    let token = |email: &str| link(&app, email).expect("an offer").trim_start_matches("/w/").to_owned();
    ben.caller.form("/fn/waitlist-decline", &[("token", &token(&ben.email))]).await.expect(303);
    app.run_jobs().await;
    cem.caller.form("/fn/waitlist-claim", &[("token", &token(&cem.email))]).await.expect(303);
    let at = app.staff("lab", Role::Manager).await;
    let figures = at.caller.get(&format!("{API}/figures")).await.expect(200).json();
    assert_eq!(
        (&figures["offers"], &figures["claimed"], &figures["declined"], &figures["unanswered"]),
        (&json!(3), &json!(1), &json!(1), &json!(1)),
        "{figures}"
    );
    assert_eq!((&figures["filled_minutes"], &figures["waiting"]), (&json!(30), &json!(2)));
    let page = list(&at).await;
    assert!(page.contains("33 %") && page.contains("30 minutes"), "{page}");
}

fn adding(patient: &str) -> Value {
    json!({
        "patient": patient,
        "service": "solo",
        "wishes": { "practitioner": "solo", "days": ["tue"], "parts": ["morning"], "from": DAY, "until": DAY, "notice": 60 },
        "priority": { "priority": "soon", "why": "Stitches out" },
        "about": "Knee",
    })
}

async fn add(program: &Caller, key: &str, body: &Value) -> Answer {
    program.send(program.post_request(API, body).header("idempotency-key", key)).await
}

async fn a_program_adds_lists_and_offers(app: TestApp) {
    let visit = a_full_day(&app).await;
    let all = [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsRead];
    let program = app.program_with("lab", &all).await;
    let patient = app
        .program("lab")
        .await
        .book("lab", "wide", "2026-11-24T14:00:00+01:00", &testkit::Person::new("Amira", "Khalil"))
        .await;
    let seen = program.get(&format!("/api/v1/staff/clinics/lab/appointments/{}", patient.field("id"))).await;
    let body = adding(&seen.expect(200).field("patient"));
    let added = add(&program, "a", &body).await.expect(201);
    assert_eq!(added.header("etag"), "\"1\"");
    let json = added.json();
    assert_eq!((&json["name"], &json["place"], &json["state"]), (&json!("Amira Khalil"), &json!(1), &json!("waiting")));
    assert_eq!((&json["priority_why"], &json["about"]), (&json!("Stitches out"), &json!("Knee")));
    assert_eq!(json["wishes"]["days"], json!(["tue"]));
    // Sent again, also at once, it is the same.
    let again = futures::future::join_all((0..4).map(|_| add(&program, "a", &body))).await;
    assert!(again.iter().all(|answer| answer.status == 201 && answer.field("id") == added.field("id")), "{again:#?}");
    let mut other = body.clone();
    other["about"] = json!("Elbow");
    add(&program, "a", &other).await.expect_problem(409, "idempotency_key_reused");
    add(&program, "b", &other).await.expect_problem(409, "waits_already");
    other["wishes"]["days"] = json!(["someday"]);
    add(&program, "c", &other).await.expect_problem(400, "bad_request");
    other["wishes"] = json!({ "until": "2020-01-01" });
    other["service"] = json!("team");
    add(&program, "d", &other).await.expect_problem(400, "bad_request");
    program.post(API, &body).await.expect_problem(400, "bad_request");
    let listed = program.get(API).await.expect(200).json();
    assert_eq!(listed["items"][0]["id"], json!(added.field("id")));
    assert!(listed["items"][0]["because"].as_array().is_some_and(|all| all.len() >= 3), "{listed}");
    cancel(&app, &visit).await;
    let path = format!("{API}/{}", added.field("id"));
    let asked = program.get(&path).await.expect(200).json();
    assert_eq!((&asked["state"], &asked["offers"][0]["start"]), (&json!("offered"), &json!(TEN)));
    let taken_back = program.delete(&format!("{path}/offers")).await.expect(200);
    assert_eq!(taken_back.field("state"), "waiting");
    program.delete(&format!("{path}/offers")).await.expect_problem(409, "wrong_state");
    let offers = format!("{path}/offers");
    let offer = async |key: &str, start: &str| {
        let request = program.post_request(&offers, &json!({ "start": start, "practitioner": "solo" }));
        program.send(request.header("idempotency-key", key)).await
    };
    app.tamper("DELETE FROM job WHERE kind = 'offer_waitlist'").await;
    offer("x", "2026-11-24T09:00:00+01:00").await.expect_problem(409, "taken");
    let made = offer("y", TEN).await.expect(201).json();
    assert_eq!((&made["offers"][0]["by_hand"], &made["state"]), (&json!(true), &json!("offered")));
    assert_eq!(offer("y", TEN).await.expect(201).json()["offers"].as_array().map(Vec::len), Some(2));
    let removed = program.post(&format!("{path}/remove"), &json!({ "reason": "Seen" })).await.expect(200);
    assert_eq!((removed.field("state"), removed.field("ended")), ("withdrawn".to_owned(), "removed".to_owned()));
    // Without the scope for patients, no whole name; without the one for visits, nothing is changed.
    let weak = app.program_with("lab", &[Scope::AppointmentsRead]).await;
    assert_eq!(weak.get(&path).await.expect(200).field("name"), "Khalil, A.");
    assert_eq!(weak.get(&path).await.json()["about"], Value::Null);
    weak.post(&format!("{path}/remove"), &json!({ "reason": "Seen" })).await.expect(403);
}

async fn what_nobody_saw_is_not_changed(app: TestApp) {
    a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let at = app.staff("lab", Role::Manager).await;
    let path = format!("{API}/{}/priority", ada.entry);
    let put = async |version: &str, priority: &str| {
        let body = json!({ "priority": priority, "why": "Pain" }).to_string();
        let request = at.caller.request("PUT", &path).header("content-type", "application/json").body(body);
        at.caller.send(request.header("if-match", version)).await
    };
    assert_eq!(put("\"1\"", "soon").await.expect(200).header("etag"), "\"2\"");
    put("\"1\"", "urgent").await.expect_problem(412, "entry_changed");
    put("soon", "urgent").await.expect_problem(400, "bad_request");
    put("\"2\"", "at once").await.expect_problem(400, "bad_request");
    let all = futures::future::join_all(["routine", "soon", "urgent"].map(|priority| put("\"2\"", priority))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1, "{all:#?}");
    let page = act(&at, "remove", &ada.entry, &[("version", "1"), ("reason", "Seen")]).await;
    assert!(page.contains("Somebody changed this while you looked at it"), "{page}");
}

async fn a_page_ends_where_the_next_begins(app: TestApp) {
    a_full_day(&app).await;
    for name in ["Ada", "Ben", "Cem", "Dan", "Eve"] {
        join(&app, name, &[]).await;
    }
    let program = app.program_with("lab", &[Scope::AppointmentsRead, Scope::PatientsRead]).await;
    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let page = program.get(&format!("{API}?limit=2{after}")).await.expect(200).json();
        names.extend(
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["name"].as_str().unwrap_or_default().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["Ada Waiting", "Ben Waiting", "Cem Waiting", "Dan Waiting", "Eve Waiting"]);
    for bad in ["?after=x", "?state=gone", "?limit=many", "?else=1"] {
        program.get(&format!("{API}{bad}")).await.expect_problem(400, "bad_request");
    }
    assert_eq!(
        program.get(&format!("{API}?state=all&limit=100")).await.expect(200).json()["items"].as_array().map(Vec::len),
        Some(5)
    );
}

async fn every_look_and_change_is_written_down(app: TestApp) {
    a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    list(&at).await;
    act(&at, "priority", &ada.entry, &[("priority", "soon"), ("why", "Pain")]).await;
    act(&at, "remove", &ada.entry, &[("reason", "Seen")]).await;
    act(&at, "remove", &ada.entry, &[("reason", "Seen")]).await;
    let count = async |what: &str| {
        app.count(&format!("SELECT count(*) FROM audit WHERE actor_kind = 'staff' AND {what}")).await
    };
    assert_eq!(count("action = 'waitlist.read' AND entity = 'clinic'").await, 1);
    assert_eq!(count("action = 'waitlist.read' AND entity = 'waitlist_entry' AND patient_id IS NOT NULL").await, 3);
    assert_eq!(count("action = 'waitlist.priority' AND outcome = 'ok'").await, 1);
    assert_eq!(count("action = 'waitlist.remove' AND outcome = 'ok'").await, 1);
    assert_eq!(count("action = 'waitlist.remove' AND outcome = 'wrong_state'").await, 1);
    // Nothing of what was written stands readable in the database.
    let plain = "SELECT count(*) FROM waitlist_entry WHERE CAST(priority_why AS TEXT) LIKE '%Pain%' OR CAST(ended_note AS TEXT) LIKE '%Seen%'";
    if !app.cx.db.is_postgres() {
        assert_eq!(app.count(plain).await, 0);
    }
}
