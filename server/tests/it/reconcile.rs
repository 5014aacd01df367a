//! The clinic's own calendar and ours: what is told, what follows by itself, what people are asked and answer.

use domain::staff::Role;
use portal::{Scope, reconcile};
use serde_json::json;
use testkit::{Person, TestApp, clinics, on_both_engines};

use super::reconcile_system::{ALL, API, System, TEN, amira, book, entry, named};

on_both_engines![
    a_busy_time_closes_and_opens_again,
    a_telling_that_comes_again_changes_nothing,
    an_entry_at_somebodys_time_is_asked_about_and_answered_once,
    what_is_suggested_is_done_beside_the_board,
    of_two_answers_one_counts,
    what_is_no_longer_so_is_not_done,
    a_visit_moved_there_moves_here_when_somebody_says_so,
    a_visit_called_off_there_is_called_off_with_a_message,
    nothing_is_cancelled_because_it_is_missing,
    what_the_engine_refuses_stays_a_question,
    a_calendar_is_the_whole_clinics_and_no_other_clinics,
    a_closed_time_keeps_off_what_patients_hold,
    what_is_booked_while_a_calendar_is_read_is_asked_about,
    what_a_hold_kept_free_closes_when_the_hold_ends,
    a_closed_time_is_closed_for_whoever_takes_more_at_once_since,
];

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
    system.decide(item, &to).await.expect_problem(412, "changed");
    app.run_jobs().await;
    assert!(app.mailer.sent().iter().any(|mail| mail.to == amira().email), "the patient hears of it");
    system.tell(&app, &[named(entry("r", TEN, 60), "Ruiz, E."), entry("x", "2026-11-25T10:00:00+01:00", 30)]).await;
    assert_eq!(system.kinds().await, [""; 0], "nobody is asked again");
    let item = app.count("SELECT count(*) FROM audit WHERE action = 'reconcile.decide' AND outcome = 'ok'").await;
    assert_eq!(item, 1);
}

async fn what_is_suggested_is_done_beside_the_board(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system.tell(&app, &[named(entry("r", TEN, 60), "Ruiz, E.")]).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let answer = async |board: &str| {
        let page = at.caller.get(board).await.expect(200).text;
        let form = page.split("action=\"/fn/reconcile-decide\"").nth(1)?.split("</form>").next()?.to_owned();
        let fields: Vec<(String, String)> = form
            .split("<input type=\"hidden\" name=\"")
            .skip(1)
            .filter_map(|input| {
                let (name, rest) = input.split_once("\" value=\"")?;
                Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
            })
            .collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Some((form, at.caller.form("/fn/reconcile-decide", &fields).await.expect(303).header("location").to_owned()))
    };
    let (form, back) = answer("/staff/lab/schedule?day=2026-11-23&with=solo").await.expect("a suggestion");
    assert!(form.contains("is told by message"), "{form}");
    assert_eq!(back, "/staff/lab/schedule?day=2026-11-23&with=solo&done=answered");
    assert!(at.caller.get(&back).await.expect(200).text.contains("It is done"));
    assert_eq!(system.visit(&visit).await["start"], "2026-11-24T11:00:00+01:00");
    system.compare().await;
    assert!(answer(&back).await.is_none(), "nothing is left to be answered");
    // Where the suggestion is to cancel, the card is looked at first: the patient may be written to.
    let mut other = named(entry("o", "2026-11-25T10:00:00+01:00", 30), "Sato, Yui");
    let yui = Person::new("Yui", "Sato");
    app.program("lab").await.book("lab", "solo", "2026-11-25T10:00:00+01:00", &yui).await;
    let first = named(entry("r", TEN, 60), "Ruiz, E.");
    system.tell(&app, &[first.clone(), other.clone()]).await;
    other["status"] = json!("cancelled");
    system.tell(&app, &[first, other]).await;
    assert_eq!(system.kinds().await, ["cancelled-there"]);
    let page = at.caller.get(&back).await.expect(200).text;
    assert!(page.contains("Answer it") && !page.contains("reconcile-decide"), "{page}");
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
    assert_eq!(statuses, [200, 412]);
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
    system.decide(&item, &json!({ "decision": "apart" })).await.expect_problem(412, "changed");
    let wrong = json!({ "decision": "follow" });
    let visit = book(&app, "2026-11-25T10:00:00+01:00").await;
    system.tell(&app, &[named(entry("r", "2026-11-25T10:00:00+01:00", 30), "Ruiz, E.")]).await;
    let item = system.questions().await.remove(0);
    system.decide(&item, &wrong).await.expect_problem(400, "bad_request");
    system.decide(&item, &json!({ "decision": "move" })).await.expect_problem(400, "bad_request");
    assert_eq!(system.visit(&visit).await["version"], 1);
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

/// Whichever comes first, nobody has a visit in a closed time without being asked about.
async fn what_is_booked_while_a_calendar_is_read_is_asked_about(app: TestApp) {
    let system = System::of(&app).await;
    let mut entries = Vec::new();
    let mut booked = 0;
    for round in 0..20 {
        let start =
            format!("2026-{}T10:00:00+01:00", ["11-24", "11-25", "11-26", "11-27", "11-30", "12-01"][round % 6]);
        let start: jiff::Timestamp = start.parse().expect("a time");
        let start = start + jiff::SignedDuration::from_mins(60 * i64::try_from(round / 6).expect("small"));
        let start = start.to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone"));
        let start = start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        entries.push(entry(&round.to_string(), &start, 30));
        let program = app.program("lab").await;
        let family = ["Khalil", "Kaya", "Sato", "Osei"][round % 4];
        let (person, key) = (Person::new("Amira", family), format!("k{round}"));
        // Held before, or also the hold at the same time.
        let held = if round % 2 == 0 { Some(program.hold("lab", "solo", &start).await.expect(201)) } else { None };
        let booking = async {
            let hold = match held {
                Some(hold) => hold,
                None => program.hold("lab", "solo", &start).await,
            };
            if hold.status == 201 { program.confirm(&hold, &person, &key).await } else { hold }
        };
        let (_, confirmed) = tokio::join!(system.tell(&app, &entries), booking);
        booked += usize::from(confirmed.status == 201);
        assert!([201, 409].contains(&confirmed.status), "{}", confirmed.text);
        reconcile::settle_changed(&app.cx).await.expect("compared");
        assert_eq!(app.problems().await, [""; 0]);
    }
    assert!(booked >= 10, "whoever held it has it");
    assert_eq!(system.kinds().await.len(), booked, "each is asked about");
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
