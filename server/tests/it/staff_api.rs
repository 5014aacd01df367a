//! The staff API where it makes, reads and changes what people do on pages, too: closed times, charts, calendars. Sent again
//! it answers the same, and what nobody saw is not changed.

use domain::staff::Role;
use portal::{Scope, reconcile};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

use crate::{
    matrix::NOBODYS,
    reconcile_system::{API, System},
};

on_both_engines![
    closed_times_are_listed_and_read,
    a_time_is_closed_once_however_often_it_is_sent,
    a_chart_is_made_once_and_nobody_twice,
    how_somebody_is_reached_is_corrected_at_the_version_that_was_seen,
    another_address_at_the_desk_needs_a_fresh_proof,
    a_calendar_is_made_once_and_changed_as_it_was_seen,
    how_far_a_calendar_agrees_is_told_in_numbers,
    mistakes_about_a_calendar_are_told,
    reads_have_pages_and_a_loss_is_accepted,
    hours_change_as_they_were_seen,
];

async fn send(caller: &Caller, method: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let request = caller.request(method, path).header("content-type", "application/json").body(body.to_string());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    caller.send(request).await
}

fn closing(resource: &str, hour: i64) -> Value {
    json!({ "resource": resource, "start": format!("2026-11-24T{hour:02}:00:00+01:00"), "end": format!("2026-11-24T{:02}:00:00+01:00", hour + 1), "note": "Meeting" })
}

async fn closed_times_are_listed_and_read(app: TestApp) {
    let program = app.program("lab").await;
    let blocks = format!("{API}/blocks");
    // Somebody with many places is closed once.
    let crowd = program.make(&blocks, &closing("crowd", 9)).await.expect(201);
    assert_eq!((crowd.field("note"), crowd.header("etag")), ("Meeting".to_owned(), "\"1\""));
    let crowd = crowd.field("id");
    let solo = program.make(&blocks, &closing("solo", 12)).await.expect(201).field("id");
    let system = System::of(&app).await;
    system.tell(&app, &[crate::reconcile_system::entry("m", "2026-11-24T14:00:00+01:00", 60)]).await;
    let list = program.get(&format!("{blocks}?from=2026-11-24&to=2026-11-24")).await.expect(200).json();
    let items = list["items"].as_array().expect("items");
    let told: Vec<_> = items.iter().map(|one| (one["start"].as_str(), one["by_calendar"].as_bool())).collect();
    assert_eq!(
        told,
        [
            (Some("2026-11-24T09:00:00+01:00"), Some(false)),
            (Some("2026-11-24T12:00:00+01:00"), Some(false)),
            (Some("2026-11-24T14:00:00+01:00"), Some(true)),
        ]
    );
    assert_eq!(list["next"], Value::Null);
    let one = program.get(&format!("{blocks}/{crowd}")).await.expect(200).json();
    assert_eq!((&one["id"], &one["end"]), (&json!(crowd), &json!("2026-11-24T10:00:00+01:00")));
    let other_day = program.get(&format!("{blocks}?from=2026-11-25")).await.expect(200).json();
    assert_eq!(other_day["items"], json!([]));
    for wrong in ["from=x", "from=2026-11-25&to=2026-11-24", "from=2026-11-25&to=2027-11-24", "after=x"] {
        let answer = program.get(&format!("{blocks}?{wrong}")).await;
        assert!([400, 404].contains(&answer.status), "{wrong}: {}", answer.text);
    }
    let elsewhere = app.program("riverside").await;
    elsewhere.get(&format!("{blocks}/{solo}")).await.expect(404);
    elsewhere.get(&format!("/api/v1/staff/clinics/riverside/blocks/{solo}")).await.expect(404);
    // A hundred on a page.
    for n in 0..120 {
        let start: jiff::Timestamp = "2026-12-01T06:00:00Z".parse().expect("a time");
        let at = |minutes: i64| (start + jiff::SignedDuration::from_mins(minutes)).to_string();
        let body = json!({ "resource": "solo", "start": at(n * 10), "end": at(n * 10 + 5) });
        program.make(&blocks, &body).await.expect(201);
    }
    let path = format!("{blocks}?from=2026-12-01&to=2026-12-02");
    let first = program.get(&path).await.expect(200).json();
    let next = first["next"].as_str().expect("a next page");
    let second = program.get(&format!("{path}&after={next}")).await.expect(200).json();
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().expect("items").iter().map(|one| one["id"].to_string()).collect()
    };
    let mut all = [ids(&first), ids(&second)].concat();
    assert_eq!((ids(&first).len(), all.len()), (100, 120));
    all.sort_unstable();
    all.dedup();
    assert_eq!((all.len(), &second["next"]), (120, &Value::Null));
}

async fn a_time_is_closed_once_however_often_it_is_sent(app: TestApp) {
    let program = app.program("lab").await;
    let blocks = format!("{API}/blocks");
    let body = closing("solo", 12);
    program.post(&blocks, &body).await.expect_problem(400, "bad_request");
    let key = [("idempotency-key", "closing-1")];
    let both = futures::future::join_all((0..4).map(|_| send(&program, "POST", &blocks, &body, &key))).await;
    let ids: std::collections::BTreeSet<String> = both.into_iter().map(|one| one.expect(201).field("id")).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(app.count("SELECT count(DISTINCT group_id) FROM block").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'block.make'").await, 1);
    let other = send(&program, "POST", &blocks, &closing("solo", 15), &key).await;
    other.expect_problem(409, "idempotency_key_reused");
    // The same key of another program is another one's.
    let second = app.program("lab").await;
    send(&second, "POST", &blocks, &body, &key).await.expect_problem(409, "occupied");
    let path = format!("{blocks}/{}", ids.first().expect("an id"));
    send(&program, "DELETE", &path, &Value::Null, &[("if-match", "\"2\"")]).await.expect_problem(412, "changed");
    send(&program, "DELETE", &path, &Value::Null, &[("if-match", "\"1\"")]).await.expect(204);
    send(&program, "POST", &blocks, &body, &key).await.expect_problem(409, "opened");
    assert_eq!(app.count("SELECT count(*) FROM block").await, 0, "a request that comes late closes nothing anew");
    // A page's form, sent twice.
    let at = app.staff("lab", Role::FrontDesk).await;
    let form = [
        ("clinic", "lab"),
        ("key", "page-1"),
        ("resource", "solo"),
        ("date", "2026-11-24"),
        ("from", "12:00"),
        ("to", "13:00"),
    ];
    for _ in 0..2 {
        let led = at.caller.form("/fn/desk-block", &form).await.expect(303);
        assert_eq!(led.header("location"), "/staff/lab/schedule?day=2026-11-24");
    }
    assert_eq!(app.count("SELECT count(DISTINCT group_id) FROM block").await, 1);
    let other = [&form[..4], &[("from", "15:00"), ("to", "16:00")]].concat();
    assert_eq!(at.caller.form("/fn/desk-block", &other).await.expect(303).header("location"), "/staff/lab/block");
    assert!(at.caller.get("/staff/lab/block").await.text.contains("This page has closed another time already"));
    assert_eq!(app.problems().await, [""; 0]);
}

fn ada(more: Value) -> Value {
    let mut patient = json!({ "given": "Ada", "family": "Newcomer", "birth_date": "1980-01-31" });
    for (field, value) in more.as_object().expect("fields") {
        patient[field] = value.clone();
    }
    json!({ "patient": patient })
}

async fn a_chart_is_made_once_and_nobody_twice(app: TestApp) {
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let patients = format!("{API}/patients");
    let body = ada(json!({ "phone": "030 23125 109", "email": "ada@example.com" }));
    let key = [("idempotency-key", "ada")];
    let both = futures::future::join_all((0..3).map(|_| send(&program, "POST", &patients, &body, &key))).await;
    let ids: std::collections::BTreeSet<String> = both.into_iter().map(|one| one.expect(201).field("id")).collect();
    assert_eq!((ids.len(), app.count("SELECT count(*) FROM patient").await), (1, 1));
    let id = ids.first().expect("an id");
    let read = program.get(&format!("{patients}/{id}")).await.expect(200);
    assert_eq!((read.field("family"), read.field("phone")), ("Newcomer".to_owned(), "030 23125 109".to_owned()));
    assert_eq!(read.header("etag"), format!("\"{}\"", read.field("version")));
    send(&program, "POST", &patients, &ada(json!({})), &key).await.expect_problem(409, "idempotency_key_reused");
    let known = program.make(&patients, &body).await.expect_problem(409, "likely_known");
    assert_eq!(known.json()["candidates"], json!([id]));
    let mut confirmed = body.clone();
    confirmed["confirmed_new"] = json!(true);
    program.make(&patients, &confirmed).await.expect(201);
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 2);
    for (field, value) in
        [("birth_date", "31.1.1980"), ("birth_date", "2030-01-01"), ("family", ""), ("email", "ada"), ("phone", "x")]
    {
        let wrong = program.make(&patients, &ada(json!({ field: value }))).await.expect_problem(400, "bad_request");
        assert!(wrong.text.contains(&format!("`patient.{field}`")), "{}", wrong.text);
    }
    program
        .make(&patients, &json!({ "patient": { "family": "X", "birth_date": "1980-01-31", "vip": true } }))
        .await
        .expect(400);
    // A clinician sees their own patients only, and makes none.
    let clinician = app.staff("lab", Role::Clinician).await;
    clinician.caller.get(&format!("{patients}/{id}")).await.expect(404);
    clinician.caller.make(&patients, &body).await.expect(404);
    let reads_alone = app.program_with("lab", &[Scope::PatientsRead]).await;
    reads_alone.get(&format!("{patients}/{id}")).await.expect(200);
    reads_alone.make(&patients, &body).await.expect_problem(403, "forbidden");
    app.program("riverside").await.get(&format!("{patients}/{id}")).await.expect(404);
}

async fn how_somebody_is_reached_is_corrected_at_the_version_that_was_seen(app: TestApp) {
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let patients = format!("{API}/patients");
    let made = program
        .make(&patients, &ada(json!({ "email": "ada@example.com", "phone": "030 23125 109" })))
        .await
        .expect(201);
    let (chart, seen) = (format!("{patients}/{}", made.field("id")), made.header("etag").to_owned());
    let path = format!("{chart}/contact");
    let body = json!({ "phone": "030 23125 110", "email": "new@example.com", "address": { "street": "Seestraße 9", "city": "Berlin", "country": "DE" } });
    send(&program, "PUT", &path, &body, &[]).await.expect_problem(400, "bad_request");
    send(&program, "PUT", &path, &body, &[("if-match", &format!("W/{seen}"))])
        .await
        .expect_problem(412, "weak_version");
    let changed = send(&program, "PUT", &path, &body, &[("if-match", &seen)]).await.expect(200);
    assert_eq!(
        (changed.field("phone"), changed.field("email")),
        ("030 23125 110".to_owned(), "new@example.com".to_owned())
    );
    assert_eq!(changed.json()["address"]["street"], "Seestraße 9");
    assert_ne!(changed.header("etag"), seen);
    send(&program, "PUT", &path, &body, &[("if-match", &seen)]).await.expect_problem(412, "changed");
    app.run_jobs().await;
    assert!(app.mailer.sent().iter().any(|mail| mail.to == "ada@example.com"), "the former address hears of it");
    for (wrong, field) in [
        (json!({ "phone": "x" }), "`phone`"),
        (json!({ "email": "x" }), "`email`"),
        (json!({ "address": { "country": "Germany" } }), "`address.country`"),
        (json!({ "address": { "city": "x".repeat(81) } }), "`address.city`"),
    ] {
        let answer =
            send(&program, "PUT", &path, &wrong, &[("if-match", "*")]).await.expect_problem(400, "bad_request");
        assert!(answer.text.contains(field), "{}", answer.text);
    }
    // What is left out is gone: the whole of it is said.
    let bare = send(&program, "PUT", &path, &json!({}), &[("if-match", "*")]).await.expect(200).json();
    assert_eq!((&bare["phone"], &bare["email"], &bare["address"]["city"]), (&Value::Null, &Value::Null, &Value::Null));
    send(&program, "PUT", &format!("{patients}/{NOBODYS}/contact"), &body, &[("if-match", "*")]).await.expect(404);
}

async fn another_address_at_the_desk_needs_a_fresh_proof(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let patients = format!("{API}/patients");
    let made = at.caller.make(&patients, &ada(json!({ "email": "ada@example.com" }))).await.expect(201);
    let path = format!("{patients}/{}/contact", made.field("id"));
    app.clock.advance_minutes(10);
    let phone = json!({ "phone": "030 23125 110", "email": "ada@example.com" });
    send(&at.caller, "PUT", &path, &phone, &[("if-match", "*")]).await.expect(200);
    app.clock.advance_minutes(10);
    let other = json!({ "phone": "030 23125 110", "email": "new@example.com" });
    send(&at.caller, "PUT", &path, &other, &[("if-match", "*")]).await.expect_problem(401, "desk_locked");
    let proved = at.caller.form("/fn/staff-code", &[("code", &at.code(&app))]).await.expect(303);
    let caller = at.caller.with_cookie_of(&proved);
    send(&caller, "PUT", &path, &other, &[("if-match", "*")]).await.expect(200);
}

async fn a_calendar_is_made_once_and_changed_as_it_was_seen(app: TestApp) {
    let system = System::of(&app).await;
    let program = &system.caller;
    let calendars = format!("{API}/calendars");
    let feed = json!({ "kind": "feed", "name": "Solo", "address": "https://calendar.example.com/a.ics", "user": "lab", "password": "hunter22", "resource": "solo" });
    program.post(&calendars, &feed).await.expect_problem(400, "bad_request");
    let key = [("idempotency-key", "feed")];
    let made = send(program, "POST", &calendars, &feed, &key).await.expect(201);
    assert_eq!(send(program, "POST", &calendars, &feed, &key).await.expect(201).field("id"), made.field("id"));
    assert_eq!(app.count("SELECT count(*) FROM calendar_source").await, 2);
    send(program, "POST", &calendars, &json!({ "name": "X" }), &key)
        .await
        .expect_problem(409, "idempotency_key_reused");
    assert!(!made.text.contains("hunter22"), "{}", made.text);
    let one = format!("{calendars}/{}", made.field("id"));
    let read = program.get(&one).await.expect(200);
    assert_eq!((read.header("etag"), read.field("resource")), ("\"1\"", "solo".to_owned()));
    // Some of it; the rest stays.
    let other = json!({ "every_minutes": 30, "names": { "Dr X": "ana", "Nobody": null } });
    let changed = send(program, "PATCH", &one, &other, &[("if-match", "\"1\"")]).await.expect(200).json();
    assert_eq!(
        (&changed["every_minutes"], &changed["user"], &changed["version"]),
        (&json!(30), &json!("lab"), &json!(2))
    );
    assert_eq!(changed["names"], json!({ "Dr X": "ana", "Nobody": null }));
    send(program, "PATCH", &one, &other, &[("if-match", "\"1\"")]).await.expect_problem(412, "changed");
    // A password goes to no other server.
    let moved = json!({ "address": "https://other.example.com/a.ics" });
    let refused = send(program, "PATCH", &one, &moved, &[]).await.expect_problem(400, "bad_request");
    assert!(refused.text.contains("`password`"), "{}", refused.text);
    // The front desk answers questions and reads no addresses, which may be secrets.
    let desk = app.staff("lab", Role::FrontDesk).await;
    let seen = desk.caller.get(&one).await.expect(200).json();
    assert_eq!((&seen["address"], &seen["name"]), (&Value::Null, &json!("Solo")));
    let page = format!("/staff/lab/calendars/{}", made.field("id"));
    assert!(!desk.caller.get(&page).await.expect(200).text.contains("calendar.example.com"), "on the page neither");
    desk.caller.make(&calendars, &feed).await.expect(404);
    // Fetched now, and not over and over.
    app.calendars.fail(1, ports::FetchError::Unreachable("nobody there".into()));
    reconcile::read_due(&app.cx).await.expect("tried");
    send(program, "POST", &format!("{one}/fetch"), &Value::Null, &[]).await.expect_problem(429, "just_fetched");
    app.clock.advance_minutes(1);
    send(program, "POST", &format!("{one}/fetch"), &Value::Null, &[]).await.expect(202);
    send(program, "POST", &format!("{calendars}/{}/fetch", system.calendar), &Value::Null, &[]).await.expect(404);
    send(program, "DELETE", &one, &Value::Null, &[("if-match", "\"1\"")]).await.expect_problem(412, "changed");
    send(program, "DELETE", &one, &Value::Null, &[("if-match", "\"2\"")]).await.expect(204);
    program.get(&one).await.expect(404);
}

async fn how_far_a_calendar_agrees_is_told_in_numbers(app: TestApp) {
    use crate::reconcile_system::{TEN, book, entry, named};
    let system = System::of(&app).await;
    let path = format!("{API}/calendars/{}", system.calendar);
    let numbers = async || {
        let now = system.caller.get(&path).await.expect(200).json();
        ["matched", "only_here", "only_there", "asked"].map(|name| now[name].as_i64().expect("a number"))
    };
    book(&app, TEN).await;
    let program = app.program("lab").await;
    for (n, hour) in [(2, "12"), (3, "13")] {
        let start = format!("2026-11-24T{hour}:00:00+01:00");
        program.book("lab", "solo", &start, &Person::number(n)).await;
    }
    assert_eq!(numbers().await, [0; 4]);
    // One that is a visit, two that touch nobody, one at somebody else's time; one visit is not in it.
    let told = [
        named(entry("a", TEN, 30), "Khalil, Amira"),
        entry("m", "2026-11-24T15:00:00+01:00", 60),
        entry("n", "2026-11-25T15:00:00+01:00", 60),
        named(entry("r", "2026-11-24T12:00:00+01:00", 30), "Ruiz, E."),
    ];
    system.tell(&app, &told).await;
    system.outgoing().await;
    let [matched, only_here, only_there, asked] = numbers().await;
    assert_eq!((matched, only_there, asked), (1, 2, 1));
    assert!(only_here >= 1, "{only_here}");
    let list = system.caller.get(&format!("{API}/calendars")).await.expect(200).json();
    assert_eq!(list["items"][0]["only_there"], 2);
    let at = app.staff("lab", Role::Manager).await;
    let page = at.caller.get(&format!("/staff/lab/calendars/{}", system.calendar)).await.expect(200).text;
    for words in ["Compared with the visits", "1 visit", "2 entries", "1 question", "Answer them"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

async fn mistakes_about_a_calendar_are_told(app: TestApp) {
    let system = System::of(&app).await;
    let calendars = format!("{API}/calendars");
    for (wrong, field) in [
        (json!({}), "`name`"),
        (json!({ "name": "x".repeat(101) }), "`name`"),
        (json!({ "name": "X", "kind": "carrier-pigeon" }), "`kind`"),
        (json!({ "name": "X", "kind": "feed", "address": "ftp://example.com" }), "`address`"),
        (
            json!({ "name": "X", "kind": "feed", "address": "https://example.com", "every_minutes": 1 }),
            "`every_minutes`",
        ),
        (json!({ "name": "X", "resource": "nobody" }), "`resource`"),
        (json!({ "name": "X", "whose": "weather" }), "`whose`"),
        (json!({ "name": "X", "grace_minutes": 1 }), "`grace_minutes`"),
        (json!({ "name": "X", "names": { "Y": "nobody" } }), "`names`"),
        (json!({ "name": "X", "colour": "red" }), "colour"),
    ] {
        let answer = system.caller.make(&calendars, &wrong).await.expect_problem(400, "bad_request");
        assert!(answer.text.contains(field), "{wrong}: {}", answer.text);
    }
    assert_eq!(app.count("SELECT count(*) FROM calendar_source").await, 1);
    // The same on the page.
    let at = app.staff("lab", Role::Manager).await;
    let form = [("clinic", "lab"), ("kind", "feed"), ("name", ""), ("address", "x"), ("grace_minutes", "1")];
    at.caller.form("/fn/calendar-make", &form).await.expect(303);
    let page = at.caller.get("/staff/lab/calendars/new").await.expect(200).text;
    for words in ["Enter what the calendar is called", "Enter the address of the calendar", "10 minutes to 30 days"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Sent twice, it is one; and what it says can be changed.
    let form = [("clinic", "lab"), ("key", "page-1"), ("kind", "push"), ("name", "Till")];
    let led: Vec<Answer> = vec![
        at.caller.form("/fn/calendar-make", &form).await.expect(303),
        at.caller.form("/fn/calendar-make", &form).await.expect(303),
    ];
    assert_eq!(led[0].header("location"), led[1].header("location"));
    let id = led[0].header("location").rsplit('/').next().expect("an id").to_owned();
    let change = [
        ("clinic", "lab"),
        ("calendar", id.as_str()),
        ("version", "1"),
        ("name", "Till"),
        ("resource", "ana"),
        ("titles", "yes"),
        ("grace_minutes", "60"),
    ];
    at.caller.form("/fn/calendar-change", &change).await.expect(303);
    let now = system.caller.get(&format!("{calendars}/{id}")).await.expect(200).json();
    assert_eq!((&now["resource"], &now["titles"], &now["grace_minutes"]), (&json!("ana"), &json!(true), &json!(60)));
}

async fn reads_have_pages_and_a_loss_is_accepted(app: TestApp) {
    let system = System::of(&app).await;
    let all: Vec<Value> = (1..=6)
        .map(|n| crate::reconcile_system::entry(&n.to_string(), &format!("2026-12-0{n}T10:00:00+01:00"), 30))
        .collect();
    for _ in 0..101 {
        system.tell(&app, &all).await;
    }
    assert_eq!(system.tell(&app, &all[..2]).await["outcome"], "lost-half");
    let path = format!("{API}/calendars/{}/reads", system.calendar);
    let first = system.caller.get(&path).await.expect(200).json();
    let items = first["items"].as_array().expect("items");
    assert_eq!((items.len(), &items[0]["acceptable"], &items[1]["acceptable"]), (100, &json!(true), &json!(false)));
    let next = first["next"].as_str().expect("a next page");
    let second = system.caller.get(&format!("{path}?after={next}")).await.expect(200).json();
    assert_eq!((second["items"].as_array().map(Vec::len), &second["next"]), (Some(2), &Value::Null));
    let accept = |read: &str| format!("{path}/{read}/acceptance");
    system.caller.post(&accept(NOBODYS), &json!({})).await.expect(404);
    let lost = items[0]["id"].as_str().expect("an id");
    let taken = system.caller.post(&accept(lost), &json!({})).await.expect(200);
    assert_eq!(taken.field("outcome"), "taken");
    assert_eq!(system.caller.get(&format!("{API}/calendars/{}", system.calendar)).await.json()["trouble"], Value::Null);
}

async fn hours_change_as_they_were_seen(app: TestApp) {
    let program = app.program_with("lab", &[Scope::HoursWrite, Scope::AppointmentsRead]).await;
    let all = program.get(&format!("{API}/hours")).await.expect(200).json();
    let resources = all["resources"].as_array().expect("resources");
    assert_eq!(all["next"], Value::Null, "fewer than fifty");
    let first = resources[0]["id"].as_str().expect("an id");
    let rest = program.get(&format!("{API}/hours?after={first}")).await.expect(200).json();
    assert_eq!(rest["resources"].as_array().map(Vec::len), Some(resources.len() - 1));
    program.get(&format!("{API}/hours?after={NOBODYS}")).await.expect(404);
    let seen = program.get(&format!("{API}/hours")).await.expect(200).header("etag").to_owned();
    let closure = json!({ "from": "2026-12-24", "reason": "Holidays" });
    let path = format!("{API}/hours/closures");
    send(&program, "POST", &path, &closure, &[("if-match", "\"0\"")]).await.expect_problem(412, "changed");
    send(&program, "POST", &path, &closure, &[("if-match", &seen)]).await.expect(200);
    let leave = json!({ "resource": "solo", "from": "2026-12-28" });
    let stale = send(&program, "POST", &format!("{API}/hours/exceptions"), &leave, &[("if-match", &seen)]).await;
    stale.expect_problem(412, "changed");
    let take_back = format!("{path}?from=2026-12-24");
    send(&program, "DELETE", &take_back, &Value::Null, &[("if-match", &seen)]).await.expect_problem(412, "changed");
    let seen = program.get(&format!("{API}/hours")).await.expect(200).header("etag").to_owned();
    send(&program, "DELETE", &take_back, &Value::Null, &[("if-match", &seen)]).await.expect(200);
}
