//! Hours changed on screen: rehearsed first, then done as they were rehearsed, or not at all (booking rule 19).

use domain::staff::Role;
use serde_json::json;
use testkit::{Answer, AtDesk, Person, TestApp, on_both_engines};

on_both_engines![
    leave_is_rehearsed_and_cancels_nobody,
    without_anybody_affected_a_change_holds_at_once,
    a_clinician_changes_their_own_hours_alone,
    another_clinics_rehearsal_is_not_there,
    mistakes_are_told_in_the_clinic_files_words,
];

pub(crate) const API: &str = "/api/v1/staff/clinics/lab";

pub(crate) async fn away(at: &AtDesk, whose: &str, from: &str, until: &str) -> Answer {
    let fields =
        [("clinic", "lab"), ("whose", whose), ("kind", "days"), ("from", from), ("until", until), ("note", "At sea")];
    at.caller.form("/fn/hours-away", &fields).await
}

/// The address of a rehearsal, and its page.
pub(crate) async fn rehearsed(at: &AtDesk, answer: Answer) -> (String, String) {
    let page = answer.expect(303).header("location").to_owned();
    assert!(page.contains("/hours/rehearsals/"), "{page}");
    let text = at.caller.get(&page).await.expect(200).text;
    (page, text)
}

pub(crate) async fn decide(at: &AtDesk, (page, text): &(String, String), more: &[(&str, &str)]) -> Answer {
    let mark = text.split("name=\"mark\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark");
    let id = page.rsplit('/').next().and_then(|id| id.split('?').next()).expect("an id");
    let fields = [&[("clinic", "lab"), ("rehearsal", id), ("mark", mark)][..], more].concat();
    at.caller.form("/fn/hours-apply", &fields).await.expect(303)
}

pub(crate) async fn book(app: &TestApp, service: &str, start: &str, n: usize) -> String {
    app.program("lab").await.book("lab", service, start, &Person::number(n)).await.field("id")
}

async fn leave_is_rehearsed_and_cancels_nobody(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let visit = book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    book(&app, "solo", "2026-11-26T10:00:00+01:00", 2).await;
    book(&app, "team", "2026-11-24T10:00:00+01:00", 3).await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "2026-11-25").await).await;
    for words in
        ["One visit would lose its place", "Given1 Family1", "Tue 24 to Wed 25 November 2026", "away all day", "At sea"]
    {
        assert!(seen.1.contains(words), "{words}: {}", seen.1);
    }
    assert!(!seen.1.contains("Family2") && !seen.1.contains("Family3"), "{}", seen.1);
    // Nothing has happened.
    let program = app.program("lab").await;
    assert!(!program.free("lab", "solo", "2026-11-24", "2026-11-24").await.is_empty());
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit").await, 0);
    // Whoever says nothing about the visits is asked.
    let led = decide(&at, &seen, &[]).await;
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains("Choose what becomes of the visits"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit").await, 0);
    let led = decide(&at, &seen, &[("all", "later")]).await;
    assert_eq!(led.header("location"), "/staff/lab/new-times?done=yes");
    assert_eq!(program.free("lab", "solo", "2026-11-24", "2026-11-25").await, Vec::<String>::new());
    assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"), "booked");
    let list = at.caller.get("/staff/lab/new-times").await.expect(200).text;
    for words in [">New times<", "Given1 Family1", "Not decided", "At sea"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let board = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(board.contains("needs a new time"), "{board}");
    // Sent twice, it is done once.
    assert_eq!(decide(&at, &seen, &[("all", "cancel")]).await.header("location"), "/staff/lab/hours?done=yes");
    assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"), "booked");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'hours.change' AND outcome = 'ok'").await, 1);
    app.run_jobs().await;
    assert!(!app.mailer.sent().iter().any(|mail| mail.subject.contains("needs a new time")), "nobody decided to tell");
}

async fn without_anybody_affected_a_change_holds_at_once(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    book(&app, "solo", "2026-11-26T10:00:00+01:00", 1).await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "").await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
    assert_eq!(decide(&at, &seen, &[]).await.header("location"), "/staff/lab/hours?done=yes");
    let page = at.caller.get("/staff/lab/hours/of/solo").await.expect(200).text;
    assert!(page.contains("24 November 2026") && page.contains("away, At sea"), "{page}");
    // And back again.
    let fields = [("clinic", "lab"), ("whose", "solo"), ("from", "2026-11-24"), ("until", "2026-11-24")];
    let back = rehearsed(&at, at.caller.form("/fn/hours-back", &fields).await).await;
    assert!(back.1.contains("The weekly hours hold again"), "{}", back.1);
    decide(&at, &back, &[]).await;
    assert!(!app.program("lab").await.free("lab", "solo", "2026-11-24", "2026-11-24").await.is_empty());
}

async fn a_clinician_changes_their_own_hours_alone(app: TestApp) {
    let own = app.staff("lab", Role::Clinician).await;
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    book(&app, "team", "2026-11-24T10:00:00+01:00", 2).await;
    let page = own.caller.get("/staff/lab/hours").await.expect(200).text;
    assert!(page.contains("Dr Solo") && !page.contains("Dr Ana") && !page.contains("Closures"), "{page}");
    own.caller.get("/staff/lab/hours/of/ana").await.expect(404);
    away(&own, "ana", "2026-11-24", "").await.expect(404);
    own.caller
        .form("/fn/hours-closure", &[("clinic", "lab"), ("from", "2026-11-24"), ("reason", "Mine")])
        .await
        .expect(404);
    own.caller
        .form("/fn/hours-settings", &[("clinic", "lab"), ("level", "clinic"), ("duration", "5 min")])
        .await
        .expect(404);
    let body = json!({ "resource": "ana", "from": "2026-11-24" });
    own.caller.post(&format!("{API}/hours/exceptions"), &body).await.expect_problem(403, "forbidden");
    // A manager's rehearsal is no way round it.
    let manager = app.staff("lab", Role::Manager).await;
    let theirs = rehearsed(&manager, away(&manager, "ana", "2026-11-24", "").await).await;
    own.caller.get(&theirs.0).await.expect(404);
    let id = theirs.0.rsplit('/').next().expect("an id");
    own.caller.form("/fn/hours-apply", &[("clinic", "lab"), ("rehearsal", id), ("all", "cancel")]).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit").await, 0);
    let seen = rehearsed(&own, away(&own, "solo", "2026-11-24", "").await).await;
    assert!(seen.1.contains("Given1 Family1") && !seen.1.contains("Family2"), "{}", seen.1);
    decide(&own, &seen, &[("all", "keep")]).await;
    assert!(own.caller.get("/staff/lab/hours/of/solo").await.text.contains("At sea"));
}

async fn another_clinics_rehearsal_is_not_there(app: TestApp) {
    let (lab, other) = (app.staff("lab", Role::Manager).await, app.staff("riverside", Role::Manager).await);
    let seen = rehearsed(&lab, away(&lab, "solo", "2026-11-24", "").await).await;
    let id = seen.0.rsplit('/').next().expect("an id").to_owned();
    other.caller.get(&seen.0).await.expect(404);
    other.caller.get(&format!("/staff/riverside/hours/rehearsals/{id}")).await.expect(404);
    other
        .caller
        .form("/fn/hours-apply", &[("clinic", "riverside"), ("rehearsal", &id), ("all", "keep")])
        .await
        .expect(404);
    lab.caller.get("/staff/lab/hours/rehearsals/nonsense").await.expect(404);
}

async fn mistakes_are_told_in_the_clinic_files_words(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let week = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("period", ""),
        ("mon", "8-25"),
        ("tue", "08:00-12:00, 11:00-13:00"),
        ("wed", "20:00-02:00"),
        ("thu", "01:00-05:00"),
    ];
    let led = at.caller.form("/fn/hours-week", &week).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    for words in [
        "is not understood. Enter hours like",
        "08:00-12:00 and 11:00-13:00 overlap",
        "value=\"8-25\"",
        "There is a problem",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // What only the whole file shows.
    let week = [("clinic", "lab"), ("whose", "solo"), ("period", ""), ("wed", "20:00-02:00"), ("thu", "01:00-05:00")];
    let led = at.caller.form("/fn/hours-week", &week).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("20:00-02:00 of the day before runs into 01:00-05:00"), "{page}");
    let none = [("clinic", "lab"), ("whose", "solo"), ("period", "")];
    let led = at.caller.form("/fn/hours-week", &none).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("fits in no window of anybody who offers this"), "{page}");
    for (from, until, words) in [
        ("", "", "Enter the first day"),
        ("2026-02-30", "", "is not a date. Enter it like"),
        ("2026-12-02", "2026-12-01", "The last day is before the first"),
        ("2026-12-01", "2028-12-01", "more than a year"),
    ] {
        let led = away(&at, "solo", from, until).await.expect(303);
        let page = at.caller.get(led.header("location")).await.expect(200).text;
        assert!(page.contains(words), "{words}: {page}");
    }
    // All that is wrong with a field is said at once; what is understood in the clinic's own writing is.
    let week = [("clinic", "lab"), ("whose", "solo"), ("period", ""), ("mon", "8:02-12, 9-10:01")];
    let led = at.caller.form("/fn/hours-week", &week).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    // Both at the field, and both in the one line of the summary.
    assert_eq!(page.matches("is not on five minutes").count(), 4, "{page}");
    assert_eq!(page.matches("href=\"#mon\"").count(), 1, "{page}");
    let led = away(&at, "solo", "1.12.2026", "2 Dec 2026").await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("Tue 1 to Wed 2 December 2026"), "{page}");
    // A room that has no hours cannot be away from them.
    let led = away(&at, "only-room", "2026-12-01", "").await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("Enter weekly hours of its own first"));
    let closing = [("clinic", "lab"), ("from", "2026-12-24"), ("until", "2026-12-20"), ("reason", "")];
    let led = at.caller.form("/fn/hours-closure", &closing).await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("Enter why, because patients read it"));
    let closing = [("clinic", "lab"), ("from", "2026-12-24"), ("until", "2026-12-20"), ("reason", "Rest")];
    let led = at.caller.form("/fn/hours-closure", &closing).await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("The last day is before the first"));
    let settings =
        [("clinic", "lab"), ("level", "service:solo"), ("duration", "7 min"), ("max_active", "many"), ("horizon", "0")];
    let led = at.caller.form("/fn/hours-settings", &settings).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("7 min is not a multiple of 5 min") && page.contains("value=\"many\""), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM hours_rehearsal").await, 1, "the one that was right");
}
