//! Weeks, periods, closures, settings and clinic files: what holds afterwards, and what a file or a program does to it.

use std::collections::BTreeSet;

use domain::staff::Role;
use portal::{
    Scope,
    clinic::{self, ImportError, WhenStranded},
};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, clinics, on_both_engines};

use crate::{
    hours::{API, away, book, decide, rehearsed},
    hours_races::open,
};

on_both_engines![
    a_week_a_period_a_closure_and_settings_hold,
    a_day_with_hours_of_its_own_has_settings_of_its_own,
    the_night_the_clock_changes,
    a_file_takes_nothing_back_that_was_changed_on_screen,
    what_an_import_strands_waits_on_the_list,
    one_day_that_closes_strands_also_who_stays_late,
    everything_to_be_sent_is_written_with_the_change,
    programs_change_hours_with_the_scope,
];

async fn a_week_a_period_a_closure_and_settings_hold(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let free = async |day: &str| program.free("lab", "solo", day, day).await;
    let change = async |action: &str, fields: &[(&str, &str)]| {
        let fields = [&[("clinic", "lab")][..], fields].concat();
        let seen = rehearsed(&at, at.caller.form(&format!("/fn/{action}"), &fields).await).await;
        decide(&at, &seen, &[]).await;
        seen.1
    };
    let all_week =
        [("mon", "08:00-12:00, 13:00-15:00"), ("tue", "9:00-10:00"), ("wed", "9:00-10:00"), ("thu", "9:00-10:00")];
    let page = change("hours-week", &[&[("whose", "solo"), ("period", "")][..], &all_week].concat()).await;
    assert!(
        page.contains("Tuesday: 9:00\u{2060}–\u{2060}10:00, until now 0:00\u{2060}–\u{2060}24:00")
            && page.contains("Friday: closed"),
        "{page}"
    );
    assert_eq!(free("2026-11-24").await.len(), 3);
    assert!(free("2026-11-27").await.is_empty());
    let monday = free("2026-11-30").await;
    assert!(
        monday.contains(&"2026-11-30T13:00:00+01:00".to_owned()) && !monday.iter().any(|start| start.contains("T12:"))
    );
    let summer =
        [("whose", "solo"), ("period", "new"), ("from", "2026-12-01"), ("until", "2026-12-06"), ("fri", "20:00-22:00")];
    change("hours-week", &summer).await;
    assert_eq!(free("2026-12-04").await.len(), 7);
    assert!(free("2026-12-01").await.is_empty() && !free("2026-12-08").await.is_empty());
    // Two that share a day are refused, and one is changed in its place.
    let twice = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("period", "new"),
        ("from", "2026-12-06"),
        ("until", "2026-12-09"),
        ("fri", "20:00-22:00"),
    ];
    let led = at.caller.form("/fn/hours-week", &twice).await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("This period overlaps another"));
    let longer = [
        ("whose", "solo"),
        ("period", "2026-12-01..2026-12-06"),
        ("from", "2026-12-01"),
        ("until", "2026-12-09"),
        ("tue", "20:00-22:00"),
    ];
    change("hours-week", &longer).await;
    assert!(free("2026-12-04").await.is_empty() && free("2026-12-08").await.len() == 7);
    change("hours-period-remove", &[("whose", "solo"), ("period", "2026-12-01..2026-12-09")]).await;
    assert_eq!(free("2026-12-08").await.len(), 3);
    // A part of a day, and other hours.
    change(
        "hours-away",
        &[("whose", "solo"), ("kind", "part"), ("from", "2026-11-30"), ("start", "9:00"), ("end", "14:00")],
    )
    .await;
    let monday = free("2026-11-30").await;
    assert!(monday.iter().all(|start| start.contains("T08:") || start.contains("T14:")), "{monday:?}");
    change("hours-away", &[("whose", "solo"), ("kind", "open"), ("from", "2026-11-27"), ("hours", "18:00-19:00")])
        .await;
    assert_eq!(free("2026-11-27").await.len(), 3);
    // The whole clinic.
    change("hours-closure", &[("from", "2026-11-25"), ("reason", "Day of rest"), ("holiday", "yes")]).await;
    assert!(free("2026-11-25").await.is_empty());
    let refused = program.hold("lab", "team", "2026-11-25T10:00:00+01:00").await.expect_problem(409, "closed");
    assert!(refused.field("title").contains("Day of rest"), "{}", refused.text);
    change("hours-closure", &[("at", "2026-11-25..2026-11-25"), ("from", "2026-11-26"), ("reason", "Moved")]).await;
    assert!(!free("2026-11-25").await.is_empty() && free("2026-11-26").await.is_empty());
    change("hours-closure-remove", &[("at", "2026-11-26..2026-11-26")]).await;
    assert!(!free("2026-11-26").await.is_empty());
    // Settings, at each level, with where they come from.
    let page =
        change("hours-settings", &[("level", "service:solo"), ("duration", "60 min"), ("buffer_after", "5 min")]).await;
    assert!(page.contains("Length of a visit: 1 h"), "{page}");
    assert_eq!(free("2026-11-24").await.len(), 1);
    change("hours-settings", &[("level", "both:solo:solo"), ("duration", "15 min")]).await;
    assert_eq!(free("2026-11-24").await.len(), 4);
    let page = at.caller.get("/staff/lab/hours/settings?level=both%3Asolo%3Asolo").await.expect(200).text;
    assert!(
        page.contains("Inherited: 1 h, from Solo hush-hush-service") && page.contains("Inherited: 0 min, from Lab"),
        "{page}"
    );
    change("hours-settings", &[("level", "clinic"), ("grid", "30 min"), ("duration", "30 min")]).await;
    assert_eq!(free("2026-11-24").await.len(), 2);
    change("hours-settings", &[("level", "practitioner:solo"), ("needs_approval", "true")]).await;
    let booked = app.program("lab").await.book("lab", "solo", "2026-11-24T09:00:00+01:00", &Person::number(1)).await;
    assert_eq!(booked.field("status"), "pending");
    let other = at.caller.get("/staff/lab/hours/settings").await.expect(200).text;
    assert!(other.contains("Length of a visit: 15 min"), "{other}");
    at.caller.get("/staff/lab/hours/settings?level=service%3Anobody").await.expect(404);
    // Opening hours are for reading.
    change("hours-week", &[("whose", "_clinic"), ("period", ""), ("mon", "08:00-18:00")]).await;
    assert!(app.anonymous().get("/c/lab").await.expect(200).text.contains("18:00"));
}

async fn a_day_with_hours_of_its_own_has_settings_of_its_own(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let free = async |day: &str| program.free("lab", "solo", day, day).await.len();
    let change = async |action: &str, fields: &[(&str, &str)]| {
        let fields = [&[("clinic", "lab")][..], fields].concat();
        let seen = rehearsed(&at, at.caller.form(&format!("/fn/{action}"), &fields).await).await;
        decide(&at, &seen, &[]).await;
        seen.1
    };
    let level = "dates:solo:2026-11-26..2026-11-27";
    let page = format!("/staff/lab/hours/settings?level={}", level.replace(':', "%3A"));
    at.caller.get(&page).await.expect(404);
    let open = [("whose", "solo"), ("kind", "open")];
    let both = [("from", "2026-11-26"), ("until", "2026-11-27"), ("hours", "9:00-11:00")];
    change("hours-away", &[&open[..], &both].concat()).await;
    let (usual, other) = (free("2026-11-26").await, free("2026-11-25").await);
    assert!(at.caller.get("/staff/lab/hours/of/solo").await.expect(200).text.contains("dates%3Asolo%3A2026-11-26"));
    assert!(at.caller.get("/staff/lab/hours/settings").await.expect(200).text.contains("Dr Solo, Thu 26 to Fri 27"));
    assert!(at.caller.get(&page).await.expect(200).text.contains("Inherited: as on other days"));
    // Whoever has a visit there keeps it, at its length.
    let visit = book(&app, "solo", "2026-11-26T09:00:00+01:00", 1).await;
    let said = change("hours-settings", &[("level", level), ("duration", "60 min"), ("grid", "60 min")]).await;
    assert!(said.contains("Nobody would lose their place") && said.contains("Dr Solo, Thu 26 to Fri 27"), "{said}");
    assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.field("status"), "booked");
    assert_eq!((free("2026-11-27").await, free("2026-11-26").await), (2, 1));
    assert!(usual > 2 && free("2026-11-25").await == other, "these days alone");
    let hours = at.caller.get("/api/v1/staff/clinics/lab/hours").await.expect(200).json();
    let solo = hours["resources"].as_array().expect("resources").iter().find(|one| one["slug"] == "solo");
    let days = solo.expect("solo")["exceptions"].clone();
    assert_eq!((&days[0]["settings"]["duration"], &days[1]["date"]), (&json!("1 h"), &json!("2026-11-27")));
    // Other hours on one of them keep what else was said of it; a day off states nothing.
    change("hours-away", &[&open[..], &[("from", "2026-11-27"), ("hours", "9:00-12:00")]].concat()).await;
    assert_eq!(free("2026-11-27").await, 3);
    let settings = [("clinic", "lab"), ("level", level), ("duration", "15 min")];
    at.caller.form("/fn/hours-settings", &settings).await.expect(404);
    change("hours-settings", &[("level", "dates:solo:2026-11-27..2026-11-27")]).await;
    assert!(free("2026-11-27").await > 3, "as on other days again");
    let own = app.staff("lab", Role::Clinician).await;
    own.caller.get("/staff/lab/hours/settings?level=dates%3Asolo%3A2026-11-26..2026-11-26").await.expect(404);
}

async fn the_night_the_clock_changes(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    // 2:30 comes twice on 31 October 2027: once each. What is open until 2:00 closes when it is 2:00 for the second time.
    book(&app, "solo", "2027-10-31T02:30:00+02:00", 1).await;
    let second = book(&app, "solo", "2027-10-31T02:30:00+01:00", 2).await;
    book(&app, "solo", "2027-10-31T04:00:00+01:00", 3).await;
    let part = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("kind", "part"),
        ("from", "2027-10-31"),
        ("start", "2:00"),
        ("end", "3:00"),
    ];
    let seen = rehearsed(&at, at.caller.form("/fn/hours-away", &part).await).await;
    assert!(seen.1.contains("One visit would lose its place") && seen.1.contains("Family2"), "{}", seen.1);
    decide(&at, &seen, &[("all", "later")]).await;
    assert_eq!(open(&app).await, BTreeSet::from([second.parse().expect("an id")]));
    // Offered times on such a night are told apart, and each is where it says.
    at.caller.form("/fn/desk-new-time", &[("clinic", "lab"), ("visit", &second), ("act", "offer")]).await.expect(303);
    app.run_jobs().await;
    let list = app.program("lab").await.get(&format!("{API}/displaced")).await.expect(200).json();
    let times = list["items"][0]["times"].as_array().expect("times");
    assert!(
        !times.is_empty() && times.iter().all(|time| time["start"] != json!("2027-10-31T02:30:00+01:00")),
        "{list}"
    );
    // The hour that does not exist takes nobody's place.
    let part = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("kind", "part"),
        ("from", "2027-03-28"),
        ("start", "2:00"),
        ("end", "3:00"),
    ];
    book(&app, "solo", "2027-03-28T03:00:00+02:00", 4).await;
    let seen = rehearsed(&at, at.caller.form("/fn/hours-away", &part).await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
}

async fn a_file_takes_nothing_back_that_was_changed_on_screen(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    // As clinics are that were imported before this was kept.
    app.tamper("UPDATE clinic SET imported = NULL").await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-12-01", "2026-12-03").await).await;
    decide(&at, &seen, &[]).await;
    // The old file says nothing of the leave.
    let refused = clinic::import(&app.cx, &clinics::plan(clinics::LAB), WhenStranded::Stop).await;
    let Err(ImportError::EditedOnScreen(places)) = refused else { panic!("{refused:?}") };
    assert_eq!(places, ["practitioners.solo.exceptions"]);
    // What holds now is written down, changed elsewhere, and imported.
    let text = clinic::export(&app.cx, "lab").await.expect("read").expect("the clinic");
    let plan = clinics::plan(&text);
    let clinic = clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    assert_eq!(plan, clinic.plan());
    let renamed = text.replacen("name = \"Dr Ana\"", "name = \"Dr Ana Maria\"", 1);
    clinic::import(&app.cx, &clinics::plan(&renamed), WhenStranded::Stop).await.expect("imported");
    assert!(app.program("lab").await.free("lab", "solo", "2026-12-01", "2026-12-03").await.is_empty());
    // A file that changes what the last one said is as good as before.
    let without = text.replace("note = \"At sea\"\n", "");
    clinic::import(&app.cx, &clinics::plan(&without), WhenStranded::Stop).await.expect("imported");
    let seen = rehearsed(&at, away(&at, "solo", "2026-12-10", "").await).await;
    decide(&at, &seen, &[]).await;
    clinic::import(&app.cx, &clinics::plan(clinics::LAB), WhenStranded::Stop).await.expect_err("refused");
    clinic::import_over(&app.cx, &clinics::plan(clinics::LAB), WhenStranded::Stop).await.expect("the file counts");
    assert!(!app.program("lab").await.free("lab", "solo", "2026-12-10", "2026-12-10").await.is_empty());
    for file in ["riverside", "northgate", "harbour"] {
        let clinic = clinic::by_slug(&app.cx, file).await.expect("read").expect("the clinic");
        let text = clinic::export(&app.cx, file).await.expect("read").expect("the clinic");
        assert_eq!(clinics::plan(&text), clinic.plan(), "{file}");
        clinic::import(&app.cx, &clinics::plan(&text), WhenStranded::Stop).await.expect("imported");
    }
    assert!(clinic::export(&app.cx, "nowhere").await.expect("read").is_none());
}

async fn what_an_import_strands_waits_on_the_list(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    let closed = clinics::LAB.replacen(
        "[clinic.booking]",
        "[[clinic.closures]]\nfrom = 2026-11-24\nreason = \"Flood\"\n\n[clinic.booking]",
        1,
    );
    let done = clinic::import(&app.cx, &clinics::plan(&closed), WhenStranded::Keep).await.expect("imported");
    assert_eq!(done.stranded.len(), 1);
    let list = at.caller.get("/staff/lab/new-times").await.expect(200).text;
    assert!(list.contains("Given1 Family1") && list.contains("Flood"), "{list}");
    // Imported again it strands nobody anew, and the old file adopts what fits again.
    let again = clinic::import(&app.cx, &clinics::plan(&closed), WhenStranded::Stop).await.expect("imported");
    assert_eq!(again.stranded.len(), 0);
    clinics::import(&app.cx, clinics::LAB).await;
    assert!(at.caller.get("/staff/lab/new-times").await.text.contains("Nobody waits for a new time"));
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit WHERE state = 'adopted'").await, 1);
}

/// A reason given against one rule is none against another.
async fn one_day_that_closes_strands_also_who_stays_late(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let week = ["mon", "tue", "wed", "thu", "fri"].map(|day| (day, "08:00-12:00"));
    let fields = [&[("clinic", "lab"), ("whose", "solo"), ("period", "")][..], &week].concat();
    decide(&at, &rehearsed(&at, at.caller.form("/fn/hours-week", &fields).await).await, &[]).await;
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    let late = json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T19:00:00+01:00", "new_patient": new, "override": { "rule": "outside_hours", "why": "She works late" } });
    let request = at.caller.post_request(&format!("{API}/appointments"), &late).header("idempotency-key", "late");
    at.caller.send(request).await.expect(201);
    // Other hours that leave it as late as it was strand nobody.
    let week = ["mon", "tue", "wed", "thu", "fri"].map(|day| (day, "09:00-12:00"));
    let fields = [&[("clinic", "lab"), ("whose", "solo"), ("period", "")][..], &week].concat();
    let seen = rehearsed(&at, at.caller.form("/fn/hours-week", &fields).await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
    decide(&at, &seen, &[]).await;
    let closing = [("clinic", "lab"), ("from", "2026-11-24"), ("reason", "Flood")];
    let seen = rehearsed(&at, at.caller.form("/fn/hours-closure", &closing).await).await;
    assert!(seen.1.contains("Ada Example") && seen.1.contains("Flood"), "{}", seen.1);
    // Kept then, it is not asked about again.
    decide(&at, &seen, &[("all", "keep")]).await;
    let seen = rehearsed(&at, away(&at, "ana", "2026-12-01", "").await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
    let page = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(page.contains("Example, Ada") && !page.contains("needs a new time"), "{page}");
}

async fn everything_to_be_sent_is_written_with_the_change(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    book(&app, "solo", "2026-11-24T11:00:00+01:00", 2).await;
    app.run_jobs().await;
    let jobs = async || app.count("SELECT count(*) FROM job").await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "").await).await;
    let visits: Vec<String> =
        seen.1.match_indices("name=\"visit-").map(|(at, found)| seen.1[at + found.len()..][..36].to_owned()).collect();
    assert_eq!(visits.len(), 2);
    let (first, second) = (format!("visit-{}", visits[0]), format!("visit-{}", visits[1]));
    // Half decided is not done at all.
    decide(&at, &seen, &[(&first, "offer")]).await;
    assert_eq!((jobs().await, app.count("SELECT count(*) FROM displaced_visit").await), (0, 0));
    decide(&at, &seen, &[(&first, "offer"), (&second, "cancel")]).await;
    // Before any worker runs: what is to be looked for, and what is to be said, stands beside the change.
    assert_eq!(jobs().await, 2);
    let kinds = async |kind: &str| app.count(&format!("SELECT count(*) FROM job WHERE kind = '{kind}'")).await;
    assert_eq!((kinds("offer_times").await, kinds("send_visit_mail").await), (1, 1));
    // A job may run twice.
    app.run_jobs().await;
    let mails = app.mailer.sent();
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("needs a new time")).count(), 1);
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("was cancelled")).count(), 1);
}

async fn post(caller: &Caller, path: &str, body: &Value) -> Answer {
    caller.post(&format!("{API}/{path}"), body).await
}

async fn programs_change_hours_with_the_scope(app: TestApp) {
    let scopes = [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::HoursWrite];
    let program = app.program_with("lab", &scopes).await;
    let weak = app.program("lab").await;
    let visit = book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    let read = program.get(&format!("{API}/hours")).await.expect(200);
    let before = read.json();
    assert_eq!(read.header("etag"), format!("\"{}\"", before["version"]));
    let solo =
        |json: &Value| json["resources"].as_array().unwrap().iter().find(|one| one["slug"] == "solo").cloned().unwrap();
    assert_eq!(solo(&before)["week"]["mon"], json!(["00:00-24:00"]));
    let leave = json!({ "resource": "solo", "from": "2026-11-24", "until": "2026-11-25", "note": "At sea" });
    post(&weak, "hours/exceptions", &leave).await.expect_problem(403, "forbidden");
    let rehearsal = post(&program, "hours/exceptions?rehearse=true", &leave).await.expect(200).json();
    assert_eq!((&rehearsal["applied"], &rehearsal["affected"][0]["appointment"]), (&json!(false), &json!(visit)));
    assert_eq!(
        (&rehearsal["affected"][0]["name"], &rehearsal["affected"][0]["rule"]),
        (&json!("Family1, G."), &json!("away"))
    );
    post(&program, "hours/exceptions", &leave).await.expect_problem(409, "decision_needed");
    post(&program, "hours/exceptions?decision=cancel", &leave).await.expect_problem(400, "bad_request");
    post(&program, "hours/exceptions?decision=cancel&seen=other", &leave)
        .await
        .expect_problem(409, "changed_meanwhile");
    assert!(rehearsal["mark"].as_str().is_some_and(|mark| !mark.is_empty()));
    post(&program, "hours/exceptions?decision=perhaps", &leave).await.expect_problem(400, "bad_request");
    let done = post(&program, "hours/exceptions?decision=offer&hold_hours=24", &leave).await.expect(200).json();
    assert_eq!(done["applied"], json!(true));
    app.run_jobs().await;
    let list = program.get(&format!("{API}/displaced")).await.expect(200).json();
    assert_eq!(
        (&list["items"][0]["appointment"], list["items"][0]["times"].as_array().map(Vec::len)),
        (&json!(visit), Some(3))
    );
    let now = program.get(&format!("{API}/hours")).await.expect(200).json();
    assert_eq!(
        solo(&now)["exceptions"][0],
        json!({ "date": "2026-11-24", "hours": [], "note": "At sea", "settings": {} })
    );
    // One of the kept times, for somebody on the phone.
    let hold = list["items"][0]["times"][0]["hold"].clone();
    let took = json!({ "act": "take", "hold": hold, "version": 1 });
    post(&program, &format!("displaced/{visit}"), &took).await.expect(204);
    post(&program, &format!("displaced/{visit}"), &json!({ "act": "offer" }))
        .await
        .expect_problem(409, "settled_meanwhile");
    assert_eq!(program.get(&format!("{API}/displaced")).await.json()["items"], json!([]));
    let back = format!("{API}/hours/exceptions?resource=solo&from=2026-11-24&until=2026-11-25");
    assert_eq!(program.delete(&back).await.expect(200).json()["affected"], json!([]));
    program.delete(&back).await.expect_problem(404, "not_found");
    let gone = json!({ "resource": "solo", "from": "2026-12-10" });
    let seen = async || post(&program, "hours/exceptions?rehearse=true", &gone).await.expect(200).field("mark");
    let first = book(&app, "solo", "2026-12-10T10:00:00+01:00", 7).await;
    let before = seen().await;
    let second = book(&app, "solo", "2026-12-10T12:00:00+01:00", 8).await;
    let cancel =
        async |mark: &str| post(&program, &format!("hours/exceptions?decision=cancel&seen={mark}"), &gone).await;
    cancel(&before).await.expect_problem(409, "changed_meanwhile");
    for visit in [&first, &second] {
        assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"), "booked");
    }
    cancel(&seen().await).await.expect(200);
    for visit in [&first, &second] {
        assert_eq!(
            program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"),
            "cancelled"
        );
    }
    let closure = json!({ "from": "2026-12-24", "until": "2026-12-26", "reason": "Christmas", "holiday": true });
    post(&program, "hours/closures", &closure).await.expect(200);
    program.delete(&format!("{API}/hours/closures?from=2026-12-24")).await.expect_problem(404, "not_found");
    program.delete(&format!("{API}/hours/closures?from=2026-12-24&until=2026-12-26")).await.expect(200);
    for wrong in [
        json!({ "resource": "solo", "from": "soon" }),
        json!({ "resource": "nobody", "from": "2026-12-01" }),
        json!({ "resource": "solo", "from": "2026-12-01", "start": "9:00" }),
        json!({ "resource": "solo", "from": "2026-12-01", "hours": ["9-10"] }),
    ] {
        post(&program, "hours/exceptions", &wrong).await.expect_problem(400, "bad_request");
    }
}
