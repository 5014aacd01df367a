//! The waiting room: whose turn it is, being called, slips taken back, and what the screen on the wall reads.

use domain::staff::Role;
use serde_json::{Value, json};
use testkit::{AtDesk, Person, TestApp, on_both_engines};

use super::desk::{API, DAY, step, that_day, visit_of};

on_both_engines![
    somebody_is_called_to_a_room,
    who_is_late_is_said_with_the_minutes,
    the_desk_calls_whose_turn_it_is,
    of_two_who_call_the_same_one_does,
    a_slip_is_taken_back_on_the_same_day,
    a_time_that_went_to_somebody_else_is_not_taken_back,
    the_screen_shows_no_names_and_goes_dark,
    programs_check_in_and_see_who_waits,
];

/// The visits' own day, at this time in Berlin.
pub fn clock(app: &TestApp, time: &str) {
    app.clock.set(format!("{DAY}T{time}:00+01:00").parse().expect("a time"));
}

pub async fn book(app: &TestApp, service: &str, time: &str, n: usize) -> String {
    let start = format!("{DAY}T{time}:00+01:00");
    app.program("lab").await.book("lab", service, &start, &Person::number(n)).await.field("id")
}

pub async fn seen(at: &AtDesk, visit: &str) -> Value {
    at.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).json()
}

pub async fn room(app: &TestApp) -> String {
    let clinic = portal::clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    clinic.resources.iter().find(|one| one.plan.slug == "only-room").expect("a room").id.to_string()
}

pub async fn say(at: &AtDesk, visit: &str, word: &str, room: &str) {
    let fields = [("clinic", "lab"), ("visit", visit), ("step", word), ("room", room), ("back", "waiting")];
    let led = at.caller.form("/fn/desk-step", &fields).await.expect(303);
    // Whoever leaves the list can be brought back from there.
    let to =
        if word == "complete" { format!("/staff/lab/waiting?done={visit}") } else { "/staff/lab/waiting".to_owned() };
    assert_eq!(led.header("location"), to);
}

pub async fn list(at: &AtDesk) -> String {
    at.caller.get("/staff/lab/waiting").await.expect(200).text
}

pub async fn events(app: &TestApp, kind: &str) -> i64 {
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
    assert!(page.contains("called in just now") && page.contains("here for 5 min"), "{page}");
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
    assert!(list(&at).await.contains("in the room for 8 min"));
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
    assert!(page.contains("Undo “did not come”"), "{page}");
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
    assert!(!page.contains("Undo “"), "{page}");
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
    // Called to no room, the ticket stands beside nobody's name.
    say(&at, &visits[1], "call", "").await;
    let page = look(&token).await.expect(200).text;
    assert!(page.contains(&tickets[1]) && page.contains("the desk") && !page.contains("Dr Solo"), "{page}");
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
