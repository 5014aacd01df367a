//! The clinic's own calendar and ours: what is told, what follows by itself, what people are asked and answer.

use domain::staff::Role;
use futures::FutureExt;
use portal::{Scope, reconcile};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, clinics, on_both_engines};

on_both_engines![
    a_busy_time_closes_and_opens_again,
    a_telling_that_comes_again_changes_nothing,
    an_entry_at_somebodys_time_is_asked_about_and_answered_once,
    of_two_answers_one_counts,
    what_is_no_longer_so_is_not_done,
    a_visit_is_taken_over_and_followed,
    what_was_never_told_is_taken_over_too,
    what_is_said_while_calendars_are_compared_is_not_forgotten,
    a_visit_moved_there_moves_here_when_somebody_says_so,
    a_visit_called_off_there_is_called_off_with_a_message,
    nothing_is_cancelled_because_it_is_missing,
    half_of_a_calendar_is_taken_over_when_somebody_says_so,
    what_the_engine_refuses_stays_a_question,
    a_calendar_is_the_whole_clinics_and_no_other_clinics,
    a_feed_is_fetched_and_its_troubles_are_told,
    a_feed_is_changed_and_read_now,
    a_table_is_brought_by_staff,
    a_calendar_that_is_not_read_any_more_gives_its_times_back,
    a_closed_time_keeps_off_what_patients_hold,
    what_a_hold_kept_free_closes_when_the_hold_ends,
    a_closed_time_is_closed_for_whoever_takes_more_at_once_since,
    bad_tellings_are_refused_in_words,
    visits_are_listed_in_the_order_of_their_changes,
];

const API: &str = "/api/v1/staff/clinics/lab";
const TEN: &str = "2026-11-24T10:00:00+01:00";
const ALL: [Scope; 4] =
    [Scope::CalendarsReconcile, Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsRead];

struct System {
    app: TestApp,
    caller: Caller,
    calendar: String,
}

fn entry(key: &str, start: &str, minutes: i64) -> Value {
    let start: jiff::Timestamp = start.parse().expect("a time");
    let end = start + jiff::SignedDuration::from_mins(minutes);
    json!({ "key": key, "resource": "solo", "start": start.to_string(), "end": end.to_string() })
}

fn named(mut entry: Value, name: &str) -> Value {
    entry["patient"] = json!({ "name": name });
    entry
}

impl System {
    async fn of(app: &TestApp) -> Self {
        Self::with(app, json!({ "name": "Practice system", "grace_minutes": 60 })).await
    }

    async fn with(app: &TestApp, made: Value) -> Self {
        let caller = app.program_with("lab", &ALL).await;
        let calendar = caller.post(&format!("{API}/calendars"), &made).await.expect(201).field("id");
        Self { app: app.clone(), caller, calendar }
    }

    async fn tell(&self, app: &TestApp, entries: &[Value]) -> Value {
        // Two tellings are of two moments.
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_secs(1));
        self.tell_of(&app.cx.now().to_string(), entries).await.expect(200).json()
    }

    async fn tell_of(&self, as_of: &str, entries: &[Value]) -> Answer {
        let (from, to) = ("2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z");
        let told = json!({ "as_of": as_of, "complete": true, "from": from, "to": to, "entries": entries });
        self.caller.post(&format!("{API}/calendars/{}/reads", self.calendar), &told).await
    }

    async fn questions(&self) -> Vec<Value> {
        let list = self.caller.get(&format!("{API}/reconciliation")).await.expect(200).json();
        list["items"].as_array().expect("items").clone()
    }

    async fn kinds(&self) -> Vec<String> {
        self.questions().await.iter().map(|item| item["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    async fn decide(&self, item: &Value, answer: &Value) -> Answer {
        let path = format!("{API}/reconciliation/{}/decision", item["id"].as_str().expect("an id"));
        let request = self.caller.post_request(&path, answer).header("if-match", format!("\"{}\"", item["version"]));
        let answer = self.caller.send(request).await;
        self.compare().await;
        answer
    }

    /// As the worker does it when somebody rings.
    async fn compare(&self) {
        if self.app.cx.calendar_bell.rung().now_or_never().is_some() {
            reconcile::settle_wanted(&self.app.cx).await;
        }
    }

    async fn outgoing(&self) -> Vec<(String, String, i64)> {
        let path = format!("{API}/calendars/{}/outgoing", self.calendar);
        self.caller.get(&path).await.expect(200);
        self.compare().await;
        let list = self.caller.get(&path).await.expect(200).json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let items = list["items"].as_array().expect("items").iter();
        items
            .map(|i| (text(&i["appointment"]), text(&i["change"]), i["version"].as_i64().expect("a version")))
            .collect()
    }

    async fn acknowledge(&self, visit: &str, version: i64, key: Option<&str>) -> String {
        let said = json!({ "appointment": visit, "version": version, "key": key });
        let path = format!("{API}/calendars/{}/acknowledgements", self.calendar);
        self.caller.post(&path, &said).await.expect(200).field("state")
    }

    async fn visit(&self, id: &str) -> Value {
        self.caller.get(&format!("{API}/appointments/{id}")).await.expect(200).json()
    }

    async fn is_free(&self, start: &str) -> bool {
        let day = &start[..10];
        self.caller.free("lab", "solo", day, day).await.iter().any(|free| free == start)
    }
}

fn amira() -> Person {
    Person::new("Amira", "Khalil")
}

async fn book(app: &TestApp, start: &str) -> String {
    app.program("lab").await.book("lab", "solo", start, &amira()).await.field("id")
}

async fn a_busy_time_closes_and_opens_again(app: TestApp) {
    let system = System::of(&app).await;
    assert!(system.is_free(TEN).await);
    let told = system.tell(&app, &[entry("m", TEN, 60)]).await;
    assert_eq!((&told["outcome"], &told["added"]), (&json!("taken"), &json!(1)));
    assert!(!system.is_free(TEN).await, "nobody books then");
    assert_eq!(system.kinds().await, [""; 0], "it touches nobody");
    let at = app.staff("lab", Role::FrontDesk).await;
    let board = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(board.contains("In the clinic’s calendar"), "{board}");
    assert_eq!(app.problems().await, [""; 0]);
    // Moved, it closes there instead.
    system.tell(&app, &[entry("m", "2026-11-24T14:00:00+01:00", 60)]).await;
    assert!(system.is_free(TEN).await && !system.is_free("2026-11-24T14:00:00+01:00").await);
    system.tell(&app, &[]).await;
    assert!(!system.is_free("2026-11-24T14:00:00+01:00").await, "one telling may be cut short");
    system.tell(&app, &[]).await;
    assert!(system.is_free("2026-11-24T14:00:00+01:00").await);
    assert_eq!(app.problems().await, [""; 0]);
}

async fn a_telling_that_comes_again_changes_nothing(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    let entries = [named(entry("a", TEN, 30), "Khalil, Amira"), entry("m", "2026-11-24T14:00:00+01:00", 60)];
    let first = app.cx.now().to_string();
    assert_eq!(system.tell_of(&first, &entries).await.expect(200).field("outcome"), "taken");
    let rows = async || {
        let mut counts = Vec::new();
        for table in ["calendar_entry", "calendar_closing", "block", "reconcile_item", "appointment_event", "job"] {
            counts.push(app.count(&format!("SELECT count(*) FROM {table}")).await);
        }
        counts
    };
    let before = rows().await;
    let reordered = [entries[1].clone(), entries[0].clone()];
    assert_eq!(system.tell_of(&first, &reordered).await.expect(200).field("outcome"), "same");
    let earlier = (app.cx.now() - jiff::SignedDuration::from_secs(60)).to_string();
    assert_eq!(system.tell_of(&earlier, &[]).await.expect(200).field("outcome"), "older");
    assert_eq!(rows().await, before);
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 3, "each is kept");
    assert_eq!(system.visit(&visit).await["status"], "booked");
    let reads = system.caller.get(&format!("{API}/calendars/{}/reads", system.calendar)).await.expect(200).json();
    let outcomes: Vec<&str> =
        reads["items"].as_array().expect("reads").iter().filter_map(|r| r["outcome"].as_str()).collect();
    assert_eq!(outcomes.len(), 3);
    assert_eq!(reads["items"][0]["hash"].as_str().map(str::len), Some(64));
}

async fn an_entry_at_somebodys_time_is_asked_about_and_answered_once(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("r", TEN, 60), "Ruiz, E.")]).await;
    let questions = system.questions().await;
    let [item] = questions.as_slice() else { panic!("{questions:?}") };
    assert_eq!((&item["kind"], &item["decisions"][0]), (&json!("conflict"), &json!("move")));
    assert_eq!(item["appointment"], json!(visit));
    let to = json!({ "decision": "move", "practitioner": "solo", "start": "2026-11-24T15:00:00+01:00" });
    let decided = system.decide(item, &to).await.expect(200).json();
    assert_eq!((&decided["state"], &decided["decision"]), (&json!("decided"), &json!("move")));
    assert_eq!(system.visit(&visit).await["start"], "2026-11-24T15:00:00+01:00");
    assert!(!system.is_free(TEN).await, "the rest of their time is closed now");
    assert_eq!(app.problems().await, [""; 0]);
    system.decide(item, &to).await.expect_problem(409, "changed");
    app.run_jobs().await;
    assert!(app.mailer.sent().iter().any(|mail| mail.to == amira().email), "the patient hears of it");
    system.tell(&app, &[named(entry("r", TEN, 60), "Ruiz, E."), entry("x", "2026-11-25T10:00:00+01:00", 30)]).await;
    assert_eq!(system.kinds().await, [""; 0], "nobody is asked again");
    let item = app.count("SELECT count(*) FROM audit WHERE action = 'reconcile.decide' AND outcome = 'ok'").await;
    assert_eq!(item, 1);
}

async fn of_two_answers_one_counts(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("r", TEN, 30), "Ruiz, E.")]).await;
    let item = system.questions().await.remove(0);
    let to = |start: &str| json!({ "decision": "move", "practitioner": "solo", "start": start });
    let (one, other) = (to("2026-11-24T15:00:00+01:00"), to("2026-11-24T16:00:00+01:00"));
    let (first, second) = tokio::join!(system.decide(&item, &one), system.decide(&item, &other));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let moves = app.count("SELECT count(*) FROM appointment_event WHERE kind = 'moved'").await;
    assert_eq!((moves, system.visit(&visit).await["version"].as_i64()), (1, Some(2)));
}

async fn what_is_no_longer_so_is_not_done(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("r", TEN, 30), "Ruiz, E.")]).await;
    let item = system.questions().await.remove(0);
    app.program("lab").await.cancel(&visit).await.expect(200);
    // Nobody has compared since: the answer looks for itself.
    system.decide(&item, &json!({ "decision": "apart" })).await.expect_problem(409, "passed");
    reconcile::settle_changed(&app.cx).await.expect("compared");
    assert_eq!(system.kinds().await, [""; 0]);
    assert!(!system.is_free(TEN).await, "their entry takes the time now");
    system.decide(&item, &json!({ "decision": "apart" })).await.expect_problem(409, "changed");
    let wrong = json!({ "decision": "follow" });
    let visit = book(&app, "2026-11-25T10:00:00+01:00").await;
    system.tell(&app, &[named(entry("r", "2026-11-25T10:00:00+01:00", 30), "Ruiz, E.")]).await;
    let item = system.questions().await.remove(0);
    system.decide(&item, &wrong).await.expect_problem(400, "bad_request");
    system.decide(&item, &json!({ "decision": "move" })).await.expect_problem(400, "bad_request");
    assert_eq!(system.visit(&visit).await["version"], 1);
}

async fn a_visit_is_taken_over_and_followed(app: TestApp) {
    let system = System::of(&app).await;
    system.tell(&app, &[]).await;
    let visit = book(&app, TEN).await;
    assert_eq!(system.outgoing().await, [(visit.clone(), "new".to_owned(), 1)]);
    assert_eq!(system.acknowledge(&visit, 1, Some("4711")).await, "noted");
    assert_eq!(system.acknowledge(&visit, 1, Some("4711")).await, "noted", "said twice");
    assert_eq!(system.outgoing().await, []);
    // Known by its key, whatever it says of whom.
    system.tell(&app, &[named(entry("4711", TEN, 30), "Somebody Else")]).await;
    assert_eq!(system.kinds().await, [""; 0]);
    let calendars = system.caller.get(&format!("{API}/calendars")).await.expect(200).json();
    assert_eq!(calendars["items"][0]["matched"], 1);
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-25T10:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    assert_eq!(system.outgoing().await, [(visit.clone(), "moved".to_owned(), 2)]);
    assert_eq!(system.kinds().await, [""; 0], "they have their time to follow");
    assert_eq!(system.acknowledge(&visit, 1, None).await, "older");
    assert_eq!(system.outgoing().await.len(), 1);
    assert_eq!(system.acknowledge(&visit, 2, None).await, "noted");
    system.tell(&app, &[entry("4711", "2026-11-25T10:00:00+01:00", 30)]).await;
    program.cancel(&visit).await.expect(200);
    assert_eq!(system.outgoing().await, [(visit.clone(), "cancelled".to_owned(), 3)]);
    assert_eq!(system.acknowledge(&visit, 3, None).await, "noted");
    assert_eq!(system.outgoing().await, []);
    // Not taken over in time: asked about once there is a telling without it.
    let late = book(&app, "2026-11-26T10:00:00+01:00").await;
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(2));
    system.tell(&app, &[entry("z", "2026-11-27T10:00:00+01:00", 30)]).await;
    assert_eq!(system.kinds().await, ["only-portal"]);
    let item = system.questions().await.remove(0);
    assert_eq!(item["appointment"], json!(late));
    system.decide(&item, &json!({ "decision": "done" })).await.expect(200);
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(2));
    system.tell(&app, &[entry("z", "2026-11-27T11:00:00+01:00", 30)]).await;
    assert_eq!(system.kinds().await, [""; 0], "nobody is asked again");
}

async fn what_was_never_told_is_taken_over_too(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    assert_eq!(system.outgoing().await, [(visit.clone(), "new".to_owned(), 1)]);
    app.program("lab").await.cancel(&visit).await.expect(200);
    // Not told of before: as it was compared last it would be new, and it is called off.
    let path = format!("{API}/calendars/{}/outgoing", system.calendar);
    assert_eq!(system.caller.get(&path).await.expect(200).json()["items"], json!([]));
    assert_eq!(system.outgoing().await, []);
}

async fn what_is_said_while_calendars_are_compared_is_not_forgotten(app: TestApp) {
    let system = System::of(&app).await;
    system.tell(&app, &[]).await;
    for day in 23..=27 {
        for hour in 9..13 {
            let start = format!("2026-11-{day}T{hour:02}:00:00+01:00");
            let who = Person::number(day * 24 + hour);
            if system.is_free(&start).await {
                app.program("lab").await.book("lab", "solo", &start, &who).await;
            }
        }
    }
    let due = system.outgoing().await;
    assert!(due.len() > 10, "{due:?}");
    let compare = async {
        for _ in 0..due.len() {
            app.tamper("UPDATE calendar_source SET pulse = NULL").await;
            reconcile::settle_changed(&app.cx).await.expect("compared");
        }
    };
    let acknowledge = async {
        for (visit, _, version) in &due {
            assert_eq!(system.acknowledge(visit, *version, None).await, "noted");
        }
    };
    tokio::join!(compare, acknowledge);
    reconcile::settle_changed(&app.cx).await.expect("compared");
    assert_eq!(system.outgoing().await, []);
}

async fn a_visit_moved_there_moves_here_when_somebody_says_so(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("a", TEN, 30), "Khalil, Amira")]).await;
    let there = "2026-11-26T15:00:00+01:00";
    system.tell(&app, &[named(entry("a", there, 30), "Khalil, Amira")]).await;
    assert!(!system.is_free(there).await, "nobody takes it meanwhile");
    let item = system.questions().await.remove(0);
    assert_eq!((&item["kind"], &item["decisions"][0]), (&json!("changed-there"), &json!("follow")));
    assert_eq!(item["there"]["start"], there);
    system.decide(&item, &json!({ "decision": "follow" })).await.expect(200);
    assert_eq!(system.visit(&visit).await["start"], there);
    assert_eq!(system.outgoing().await, []);
    assert_eq!((system.kinds().await.len(), app.problems().await.len()), (0, 0));
    // And once more, when the patient moved, too: then what the patient chose is suggested.
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-27T10:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    system.tell(&app, &[named(entry("a", "2026-11-27T14:00:00+01:00", 30), "Khalil, Amira")]).await;
    let item = system.questions().await.remove(0);
    assert_eq!((&item["kind"], &item["decisions"][0]), (&json!("changed-there"), &json!("keep")));
    system.decide(&item, &json!({ "decision": "keep" })).await.expect(200);
    assert_eq!(system.visit(&visit).await["start"], "2026-11-27T10:00:00+01:00");
    let due = system.outgoing().await;
    assert_eq!(due.first().map(|(id, change, _)| (id.as_str(), change.as_str())), Some((visit.as_str(), "moved")));
}

async fn a_visit_called_off_there_is_called_off_with_a_message(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    let there = named(entry("a", TEN, 30), "Khalil, Amira");
    system.tell(&app, std::slice::from_ref(&there)).await;
    let mut off = there.clone();
    off["status"] = json!("cancelled");
    system.tell(&app, &[off]).await;
    assert_eq!(system.visit(&visit).await["status"], "booked", "somebody decides");
    let item = system.questions().await.remove(0);
    assert_eq!(item["kind"], "cancelled-there");
    let answer = json!({ "decision": "cancel", "message": "The doctor is ill" });
    system.decide(&item, &answer).await.expect(200);
    assert_eq!(system.visit(&visit).await["status"], "cancelled");
    assert_eq!((system.kinds().await.len(), system.outgoing().await.len()), (0, 0));
}

async fn nothing_is_cancelled_because_it_is_missing(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("a", TEN, 30), "Khalil, Amira")]).await;
    for n in 0..5 {
        system.tell(&app, &[entry(&format!("o{n}"), &format!("2026-12-0{}T10:00:00+01:00", n + 1), 30)]).await;
    }
    assert_eq!(system.visit(&visit).await["status"], "booked");
    assert_eq!(system.kinds().await, ["missing-there"]);
    let item = system.questions().await.remove(0);
    system.decide(&item, &json!({ "decision": "keep" })).await.expect(200);
    assert_eq!(system.visit(&visit).await["status"], "booked");
    assert_eq!(system.outgoing().await, [(visit, "new".to_owned(), 1)], "they are to take it over again");
}

async fn half_of_a_calendar_is_taken_over_when_somebody_says_so(app: TestApp) {
    let system = System::of(&app).await;
    let all: Vec<Value> = (1..=6).map(|n| entry(&n.to_string(), &format!("2026-12-0{n}T10:00:00+01:00"), 30)).collect();
    system.tell(&app, &all).await;
    let told = system.tell(&app, &all[..2]).await;
    assert_eq!((&told["outcome"], &told["missing"]), (&json!("lost-half"), &json!(4)));
    assert!(!system.is_free("2026-12-04T10:00:00+01:00").await);
    let at = app.staff("lab", Role::FrontDesk).await;
    let page = at.caller.get("/staff/lab/reconcile").await.expect(200).text;
    assert!(page.contains("4 of the entries ahead are missing"), "{page}");
    let read = app.count("SELECT count(*) FROM calendar_read WHERE outcome = 'lost-half'").await;
    assert_eq!(read, 1);
    let page = at.caller.get(&format!("/staff/lab/calendars/{}", system.calendar)).await.expect(200).text;
    let read = page.split("name=\"read\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a read");
    let fields = [("clinic", "lab"), ("calendar", system.calendar.as_str()), ("read", read)];
    at.caller.form("/fn/calendar-accept", &fields).await.expect(303);
    // Once it is right, the second telling without them opens their times.
    let mut later = all[..2].to_vec();
    later.push(entry("9", "2026-12-09T10:00:00+01:00", 30));
    system.tell(&app, &later).await;
    assert!(system.is_free("2026-12-04T10:00:00+01:00").await);
}

async fn what_the_engine_refuses_stays_a_question(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("a", TEN, 30), "Khalil, Amira")]).await;
    // Visits begin on the grid.
    system.tell(&app, &[named(entry("a", "2026-11-25T10:07:00+01:00", 30), "Khalil, Amira")]).await;
    let item = system.questions().await.remove(0);
    system.decide(&item, &json!({ "decision": "follow" })).await.expect_problem(409, "off_grid");
    assert_eq!(system.visit(&visit).await["start"], TEN);
    assert_eq!(system.questions().await.remove(0)["version"], item["version"], "nothing was changed");
    assert_eq!(app.problems().await, [""; 0]);
}

async fn a_calendar_is_the_whole_clinics_and_no_other_clinics(app: TestApp) {
    let system = System::of(&app).await;
    book(&app, TEN).await;
    system.tell(&app, &[named(entry("r", TEN, 30), "Ruiz, E.")]).await;
    let item = system.questions().await.remove(0);
    let id = item["id"].as_str().expect("an id");
    let calendar = &system.calendar;
    let without = app.program_with("lab", &[Scope::AppointmentsWrite]).await;
    without.get(&format!("{API}/calendars")).await.expect_problem(403, "forbidden");
    without.get(&format!("{API}/reconciliation/{id}")).await.expect_problem(403, "forbidden");
    let elsewhere = app.program_with("riverside", &ALL).await;
    let other = "/api/v1/staff/clinics/riverside";
    for (whose, path) in [
        (API, format!("/reconciliation/{id}")),
        (other, format!("/reconciliation/{id}")),
        (other, format!("/calendars/{calendar}/outgoing")),
    ] {
        elsewhere.get(&format!("{whose}{path}")).await.expect_problem(404, "not_found");
    }
    let told = json!({ "as_of": app.cx.now().to_string(), "entries": [] });
    elsewhere.post(&format!("{other}/calendars/{calendar}/reads"), &told).await.expect_problem(404, "not_found");
    let decision =
        elsewhere.post_request(&format!("{other}/reconciliation/{id}/decision"), &json!({ "decision": "apart" }));
    elsewhere.send(decision.header("if-match", "\"1\"")).await.expect_problem(404, "not_found");
    for role in [Role::Nurse, Role::Clinician, Role::Biller, Role::Admin] {
        let at = app.staff_as("lab", role, &format!("{}@example.com", role.as_str())).await;
        for page in ["reconcile", "calendars", "calendars/new", &format!("calendars/{calendar}")] {
            at.caller.get(&format!("/staff/lab/{page}")).await.expect(404);
        }
        at.caller.get(&format!("{API}/reconciliation")).await.expect_problem(404, "not_found");
    }
    // The front desk answers, and does not say which calendars are read.
    let at = app.staff("lab", Role::FrontDesk).await;
    at.caller.get("/staff/lab/reconcile").await.expect(200);
    at.caller.get("/staff/lab/calendars").await.expect(404);
    let fields = [("clinic", "lab"), ("name", "Another"), ("kind", "push")];
    at.caller.form("/fn/calendar-make", &fields).await.expect(404);
    at.caller.delete(&format!("{API}/calendars/{calendar}")).await.expect_problem(404, "not_found");
}

const FEED: &str = "https://calendar.example.com/solo.ics";

fn ics(events: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n".to_owned();
    for (uid, start, summary) in events {
        text += &format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT30M\r\nSUMMARY:{summary}\r\nLOCATION:solo\r\nEND:VEVENT\r\n"
        );
    }
    (text + "END:VCALENDAR\r\n").into_bytes()
}

async fn a_feed_is_fetched_and_its_troubles_are_told(app: TestApp) {
    let system = System::of(&app).await;
    let at = app.staff("lab", Role::Manager).await;
    let fields =
        [("clinic", "lab"), ("name", "Solo’s calendar"), ("kind", "feed"), ("address", FEED), ("titles", "yes")];
    let made = at.caller.form("/fn/calendar-make", &fields).await.expect(303);
    let page = made.header("location").to_owned();
    app.calendars.put(FEED, ics(&[("m", "20261124T090000Z", "Staff meeting")]));
    reconcile::read_due(&app.cx).await.expect("read");
    assert!(!system.is_free(TEN).await);
    let board = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(board.contains("Staff meeting"), "{board}");
    reconcile::read_due(&app.cx).await.expect("read");
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 1, "it is not due yet");
    let page = at.caller.get(&page).await.expect(200).text;
    assert!(page.contains("1 entry") && page.contains(FEED), "{page}");
    for (trouble, what) in [("unreachable", None), ("unreadable: ", Some(b"<html>Sign in".to_vec()))] {
        match what {
            Some(bytes) => app.calendars.put(FEED, bytes),
            None => app.calendars.fail(1, ports::FetchError::Unreachable("nobody there".into())),
        }
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(7));
        reconcile::read_due(&app.cx).await.expect("read");
        let list = system.caller.get(&format!("{API}/calendars")).await.expect(200).json();
        let feed = list["items"].as_array().expect("items").iter().find(|one| one["kind"] == "feed").expect("it");
        assert!(feed["trouble"].as_str().expect("a trouble").starts_with(trouble), "{feed}");
    }
    assert!(!system.is_free(TEN).await, "what cannot be read changes nothing");
}

async fn a_feed_is_changed_and_read_now(app: TestApp) {
    const OTHER: &str = "https://other.example.com/solo.ics";
    let at = app.staff("lab", Role::Manager).await;
    let login = [("user", "lab"), ("password", "secret")];
    let made = [("clinic", "lab"), ("name", "Solo"), ("kind", "feed"), ("address", FEED)];
    let page = at.caller.form("/fn/calendar-make", &[&made[..], &login].concat()).await.expect(303);
    let page = page.header("location").to_owned();
    let id = page.rsplit('/').next().expect("an id").to_owned();
    let fields = [("clinic", "lab"), ("calendar", id.as_str())];
    let read = async || at.caller.form("/fn/calendar-read", &fields).await.expect(303).header("location").to_owned();
    let look = async || at.caller.get(&page).await.expect(200).text;
    assert!(look().await.contains("data-again"), "it is fetched at once");
    app.calendars.fail(1, ports::FetchError::Unreachable("nobody there".into()));
    reconcile::read_due(&app.cx).await.expect("tried");
    let shown = look().await;
    for words in ["cannot be reached", "Last try", "Next try", "Read it now", "Change how it is read"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("data-again") && !shown.contains("secret"), "{shown}");
    // Another server is not asked twice in a moment, nor in this request.
    assert!(read().await.ends_with("done=just-read"));
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_mins(1));
    app.calendars.put(FEED, ics(&[("m", "20261124T090000Z", "Staff meeting")]));
    assert!(read().await.ends_with("done=reading") && read().await.ends_with("done=reading"));
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'calendar_source.read_now'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 0);
    reconcile::read_due(&app.cx).await.expect("read");
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 1);

    let version = |page: &str| {
        let rest = page.split("name=\"version\" value=\"").nth(1).expect("a version");
        rest.split('"').next().expect("its end").to_owned()
    };
    let seen = version(&look().await);
    let change = async |more: &[(&str, &str)]| {
        let all = [&fields[..], &[("name", "Solo’s"), ("user", "lab"), ("every", "30")], more].concat();
        let led = at.caller.form("/fn/calendar-change", &all).await.expect(303);
        (led.header("location").to_owned(), at.caller.get(led.header("location")).await.expect(200).text)
    };
    // What was kept for one server is not sent to another.
    let (_, shown) = change(&[("version", &seen), ("address", OTHER)]).await;
    assert!(shown.contains("Enter the password for the new address") && shown.contains(OTHER), "{shown}");
    let (_, shown) = change(&[("version", &seen), ("address", "ftp://x")]).await;
    assert!(shown.contains("Enter the address of the calendar") && shown.contains("ftp://x"), "{shown}");
    let (led, _) = change(&[("version", &seen), ("address", OTHER), ("password", "another")]).await;
    assert!(led.ends_with("done=changed"), "{led}");
    let (_, shown) = change(&[("version", &seen), ("address", OTHER)]).await;
    assert!(shown.contains("Somebody changed this calendar meanwhile"), "{shown}");
    app.calendars.put(OTHER, ics(&[("n", "20261125T090000Z", "Another meeting")]));
    reconcile::read_due(&app.cx).await.expect("read");
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 2, "from the new address, at once");

    // The front desk has no say about addresses, and another clinic none about this calendar.
    let desk = app.staff("lab", Role::FrontDesk).await;
    let all = [&fields[..], &[("version", "1"), ("name", "Mine"), ("address", OTHER)]].concat();
    desk.caller.form("/fn/calendar-change", &all).await.expect(404);
    let clinician = app.staff("lab", Role::Clinician).await;
    clinician.caller.form("/fn/calendar-read", &fields).await.expect(404);
    let unknown = [("clinic", "lab"), ("calendar", "00000000-0000-7000-8000-000000000000")];
    at.caller.form("/fn/calendar-read", &unknown).await.expect(404);
}

async fn a_table_is_brought_by_staff(app: TestApp) {
    let system = System::of(&app).await;
    book(&app, TEN).await;
    let at = app.staff("lab", Role::Manager).await;
    let fields = [("clinic", "lab"), ("name", "Export"), ("kind", "table-file")];
    let page = at.caller.form("/fn/calendar-make", &fields).await.expect(303).header("location").to_owned();
    let calendar = page.rsplit('/').next().expect("an id").to_owned();
    let table = "Datum;Beginn;Ende;Behandler;Patient\n24.11.2026;10:00;10:30;solo;Khalil, Amira\n24.11.2026;14:00;15:00;solo;\n";
    let brought = [("clinic", "lab"), ("calendar", calendar.as_str())];
    let file = Some(("week.csv", "text/csv", table.as_bytes()));
    at.caller.upload("/fn/calendar-bring", &brought, file).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("2 entries"), "{shown}");
    assert!(!system.is_free("2026-11-24T14:00:00+01:00").await);
    assert_eq!(app.count("SELECT matched FROM calendar_source WHERE kind = 'table-file'").await, 1);
    let with_mistake = format!("{table}24.11.2026;99:00;99:30;solo;\n");
    let mistaken = Some(("week.csv", "text/csv", with_mistake.as_bytes()));
    at.caller.upload("/fn/calendar-bring", &brought, mistaken).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("1 not understood") && shown.contains("Line 4"), "{shown}");
    let nothing = Some(("week.csv", "text/csv", &b"a;b\n1;2\n"[..]));
    at.caller.upload("/fn/calendar-bring", &brought, nothing).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("No entry could be read"), "{shown}");
}

async fn a_calendar_that_is_not_read_any_more_gives_its_times_back(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, "2026-11-25T10:00:00+01:00").await;
    system.tell(&app, &[entry("m", TEN, 60), named(entry("r", "2026-11-25T10:00:00+01:00", 30), "Ruiz, E.")]).await;
    assert_eq!(system.kinds().await, ["conflict"]);
    system.caller.delete(&format!("{API}/calendars/{}", system.calendar)).await.expect(204);
    assert!(system.is_free(TEN).await);
    assert_eq!(system.kinds().await, [""; 0]);
    assert_eq!(system.visit(&visit).await["status"], "booked");
    assert_eq!(app.problems().await, [""; 0]);
}

async fn a_closed_time_keeps_off_what_patients_hold(app: TestApp) {
    let system = System::of(&app).await;
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", TEN).await.expect(201);
    system.tell(&app, &[entry("m", "2026-11-24T09:00:00+01:00", 120)]).await;
    assert_eq!(app.problems().await, [""; 0]);
    let visit = program.confirm(&hold, &amira(), "k").await.expect(201).field("id");
    reconcile::settle_changed(&app.cx).await.expect("compared");
    let item = system.questions().await.remove(0);
    assert_eq!((&item["kind"], &item["appointment"]), (&json!("conflict"), &json!(visit)));
    assert_eq!(app.problems().await, [""; 0]);
}

async fn what_a_hold_kept_free_closes_when_the_hold_ends(app: TestApp) {
    let system = System::of(&app).await;
    app.anonymous().hold("lab", "solo", TEN).await.expect(201);
    system.tell(&app, &[entry("m", "2026-11-24T09:00:00+01:00", 120)]).await;
    app.clock.advance_minutes(11);
    assert!(system.is_free(TEN).await, "nobody has looked yet");
    reconcile::settle_changed(&app.cx).await.expect("compared");
    assert!(!system.is_free(TEN).await);
    assert_eq!(app.problems().await, [""; 0]);
}

async fn a_closed_time_is_closed_for_whoever_takes_more_at_once_since(app: TestApp) {
    let system = System::of(&app).await;
    system.tell(&app, &[entry("m", TEN, 60)]).await;
    let solo = "role = \"Hush-hush-role\"";
    let more = clinics::LAB.replace(solo, &format!("capacity = 3\n{solo}"));
    assert_ne!(more, clinics::LAB);
    clinics::import(&app.cx, &more).await;
    assert!(!system.is_free(TEN).await, "the clinic has something else then");
    assert!(system.is_free("2026-11-24T12:00:00+01:00").await);
    assert_eq!(app.problems().await, [""; 0]);
    // It opens again whole.
    system.tell(&app, &[]).await;
    system.tell(&app, &[]).await;
    assert!(system.is_free(TEN).await);
    let day = app.anonymous().get("/api/v1/clinics/lab/availability?service=solo&from=2026-11-24&to=2026-11-24").await;
    let starts = day.expect(200).json()["days"][0]["starts"].clone();
    let ten = starts.as_array().expect("starts").iter().find(|one| one["start"] == TEN).cloned().expect("ten");
    assert_eq!(ten["places"], 3);
    assert_eq!(app.problems().await, [""; 0]);
}

async fn bad_tellings_are_refused_in_words(app: TestApp) {
    let system = System::of(&app).await;
    let tell =
        async |body: Value| system.caller.post(&format!("{API}/calendars/{}/reads", system.calendar), &body).await;
    let now = app.cx.now().to_string();
    let with = |entry: Value| json!({ "as_of": now, "entries": [entry] });
    let mut backwards = entry("a", TEN, 30);
    backwards["end"] = backwards["start"].clone();
    for (body, field) in [
        (json!({ "as_of": "yesterday", "entries": [] }), "as_of"),
        (json!({ "as_of": "2027-01-01T00:00:00Z", "entries": [] }), "as_of"),
        (json!({ "as_of": now, "complete": true, "entries": [] }), "from"),
        (with(backwards), "entries[0].end"),
        (with(json!({ "key": "", "resource": "solo", "start": TEN, "end": TEN })), "entries[0].key"),
        (with(json!({ "key": "a", "resource": "solo", "start": "10:00", "end": TEN })), "entries[0].start"),
        (json!({ "as_of": now, "entries": [entry("a", TEN, 30), entry("a", TEN, 30)] }), "entries[1].key"),
    ] {
        let answer = tell(body).await.expect_problem(400, "bad_request");
        assert!(answer.text.contains(field), "{field}: {}", answer.text);
    }
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 0);
}

async fn visits_are_listed_in_the_order_of_their_changes(app: TestApp) {
    let program = app.program_with("lab", &ALL).await;
    let mut made = Vec::new();
    for n in 0..3 {
        let start = format!("2026-11-2{}T10:00:00+01:00", 4 + n);
        made.push(app.program("lab").await.book("lab", "solo", &start, &Person::number(n)).await.field("id"));
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_secs(60));
    }
    let since = app.cx.now().to_string();
    app.program("lab").await.cancel(&made[0]).await.expect(200);
    let list = async |query: &str| {
        let json = program.get(&format!("{API}/appointments{query}")).await.expect(200).json();
        let ids =
            json["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id").to_owned());
        (ids.collect::<Vec<_>>(), json)
    };
    let (ids, json) = list("").await;
    assert_eq!(ids, [made[1].clone(), made[2].clone(), made[0].clone()]);
    assert_eq!((&json["items"][2]["status"], &json["next"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(list(&format!("?since={since}")).await.0, [made[0].clone()]);
    // From the second on.
    let changed: jiff::Timestamp = json["items"][0]["changed"].as_str().expect("a time").parse().expect("a time");
    let after = format!("{}-{}", changed.as_millisecond(), made[1].replace('-', ""));
    assert_eq!(list(&format!("?after={after}")).await.0, [made[2].clone(), made[0].clone()]);
    program.get(&format!("{API}/appointments?since=yesterday")).await.expect_problem(400, "bad_request");
    program.get(&format!("{API}/appointments?after=nowhere")).await.expect_problem(404, "not_found");
}
