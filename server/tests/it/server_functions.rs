//! The actions behind the forms: which there are, and that each refuses nobody's and strangers' posts by itself.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use testkit::{Answer, Person, TestApp, on_both_engines};

on_both_engines![
    nobody_changes_anything_by_a_server_function,
    a_stranger_changes_nothing_by_a_server_function,
    a_form_that_fails_leads_to_a_page_that_says_so,
];

/// Every server function there is. Whoever adds one adds it here and thinks of who may call it.
const FUNCTIONS: &[&str] = &[
    "/fn/accept-time",
    "/fn/address-add",
    "/fn/address-main",
    "/fn/address-new",
    "/fn/address-remove",
    "/fn/ask-withdraw",
    "/fn/book-code",
    "/fn/book-code-again",
    "/fn/calendar-accept",
    "/fn/calendar-change",
    "/fn/calendar-columns",
    "/fn/calendar-link",
    "/fn/calendar-link-end",
    "/fn/calendar-make",
    "/fn/calendar-name",
    "/fn/calendar-read",
    "/fn/calendar-remove",
    "/fn/cancel",
    "/fn/card-photo-remove",
    "/fn/chart-activate",
    "/fn/chart-find",
    "/fn/chart-prove",
    "/fn/chart-register",
    "/fn/confirm",
    "/fn/desk-block",
    "/fn/desk-book",
    "/fn/desk-contact",
    "/fn/desk-find",
    "/fn/desk-match",
    "/fn/desk-move",
    "/fn/desk-new-time",
    "/fn/desk-scan",
    "/fn/desk-screen",
    "/fn/desk-step",
    "/fn/desk-stop",
    "/fn/desk-unblock",
    "/fn/desk-unmerge",
    "/fn/desk-waitlist-add",
    "/fn/desk-waitlist-offer",
    "/fn/desk-waitlist-priority",
    "/fn/desk-waitlist-remove",
    "/fn/desk-waitlist-withdraw",
    "/fn/details",
    "/fn/device-end",
    "/fn/devices-end",
    "/fn/free-times",
    "/fn/glass-break",
    "/fn/glass-end",
    "/fn/glass-review",
    "/fn/grant-end",
    "/fn/here",
    "/fn/hold",
    "/fn/hold-again",
    "/fn/hours-apply",
    "/fn/hours-away",
    "/fn/hours-back",
    "/fn/hours-closure",
    "/fn/hours-closure-remove",
    "/fn/hours-period-remove",
    "/fn/hours-settings",
    "/fn/hours-week",
    "/fn/invite",
    "/fn/invite-accept",
    "/fn/invite-decline",
    "/fn/invite-withdraw",
    "/fn/keep",
    "/fn/keep-move",
    "/fn/move",
    "/fn/passkey-ask",
    "/fn/passkey-keep",
    "/fn/passkey-offer",
    "/fn/passkey-prove",
    "/fn/passkey-remove",
    "/fn/passkey-rename",
    "/fn/profile-add",
    "/fn/profile-disagree",
    "/fn/profile-none",
    "/fn/profile-remove",
    "/fn/profile-say",
    "/fn/profile-withdraw",
    "/fn/reconcile-decide",
    "/fn/recover",
    "/fn/recover-address",
    "/fn/recover-finish",
    "/fn/recovery-codes",
    "/fn/recovery-codes-kept",
    "/fn/recovery-stop",
    "/fn/recovery-stop-own",
    "/fn/sign-in",
    "/fn/sign-in-again",
    "/fn/sign-in-code",
    "/fn/sign-out",
    "/fn/staff-app",
    "/fn/staff-app-remove",
    "/fn/staff-code",
    "/fn/staff-disable",
    "/fn/staff-invite",
    "/fn/staff-invite-withdraw",
    "/fn/staff-join",
    "/fn/staff-lock",
    "/fn/waitlist-change",
    "/fn/waitlist-claim",
    "/fn/waitlist-decline",
    "/fn/waitlist-join",
    "/fn/waitlist-leave",
];

/// Forms with a file, which are read by a handler of ours.
const UPLOADS: [&str; 3] = ["/fn/ask", "/fn/calendar-bring", "/fn/card-photo"];

#[test]
fn these_are_all_server_functions() {
    let paths: BTreeSet<_> = server_fn_paths().map(|(path, _)| path).collect();
    assert_eq!(paths, FUNCTIONS.iter().copied().collect());
}

/// Led elsewhere, or told one of the faults that are nobody's mistake but the caller's.
#[track_caller]
fn assert_harmless(path: &str, answer: &Answer) {
    let known = match answer.status {
        400 => answer.text == "\"BadRequest\"",
        403 => answer.text == "\"Again\"",
        401 => answer.text == "\"SignIn\"",
        404 => answer.text == "\"NotFound\"",
        status => status < 400,
    };
    assert!(known, "{path}: {} {}", answer.status, answer.text);
}

/// Something for every field that any of them takes, about somebody else's visit and hold.
fn fields<'a>(visit: &'a str, hold: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("visit", visit),
        ("hold", hold),
        ("move", visit),
        ("instead", hold),
        ("clinic", "lab"),
        ("service", "solo"),
        ("start", "2026-11-24T16:00:00+01:00"),
        ("day", "2026-11-24"),
        ("reason", "because"),
        ("ask", "named"),
        ("given", "Eve"),
        ("family", "Else"),
        ("birth-day", "1"),
        ("birth-month", "1"),
        ("birth-year", "1990"),
        ("email", "eve@example.com"),
        ("code", "123456"),
        ("passkey", visit),
        ("device", hold),
        ("address", visit),
        ("recovery", visit),
        ("claim", visit),
        ("person", visit),
        ("side", "card-front"),
        ("rights-notes", "yes"),
        ("words", "because"),
        ("photo", visit),
        ("section", "name"),
        ("request_id", visit),
        ("item", "0"),
        ("invite", visit),
        ("grant", visit),
        ("token", "token"),
        ("key", visit),
        ("link", visit),
        ("resource", visit),
        ("credential", "{}"),
        ("name", "Mine"),
        ("entry", visit),
        ("offer", hold),
        ("until-day", "24"),
        ("patient", visit),
        ("case", visit),
        ("same", "yes"),
        ("merge", visit),
    ]
}

async fn nobody_changes_anything_by_a_server_function(app: TestApp) {
    everything_is_refused(&app, &app.anonymous()).await;
}

async fn a_stranger_changes_nothing_by_a_server_function(app: TestApp) {
    everything_is_refused(&app, &app.patient("eve@example.com").await).await;
}

async fn everything_is_refused(app: &TestApp, caller: &testkit::Caller) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await.field("id");
    let held = "2026-11-24T14:00:00+01:00";
    let hold = program.hold("lab", "solo", held).await.expect(201).field("id");
    let cell = held.parse::<jiff::Timestamp>().unwrap().as_second() / 300;
    let kept =
        format!("SELECT CAST(sum(expires_at) AS BIGINT) FROM hold WHERE status = 'live' AND start_cell = {cell}");
    let state = async || {
        let visits = app.count("SELECT CAST(sum(version) AS BIGINT) + count(*) FROM appointment").await;
        (visits, app.count(&kept).await, app.count("SELECT count(*) FROM patient").await)
    };
    let before = state().await;
    for path in FUNCTIONS.iter().copied() {
        let answer = caller.form(path, &fields(&visit, &hold)).await;
        assert_harmless(path, &answer);
        assert!(!answer.text.contains("Given1") && !answer.text.contains("Family1"), "{path}: {}", answer.text);
        let empty = caller.form(path, &[]).await;
        assert_harmless(path, &empty);
    }
    for path in UPLOADS {
        let photo = crate::files::photo();
        let answer = caller.upload(path, &fields(&visit, &hold), Some(("file", "card.jpg", &photo))).await;
        assert_harmless(path, &answer);
        assert_harmless(path, &caller.upload(path, &[], None).await);
        assert_harmless(path, &caller.form(path, &fields(&visit, &hold)).await);
    }
    assert_eq!(app.count("SELECT count(*) FROM stored_file").await, 0);
    assert_eq!(state().await, before);
}

async fn a_form_that_fails_leads_to_a_page_that_says_so(app: TestApp) {
    let browser = app.patient("eve@example.com").await;
    for referer in [None, Some("http://localhost:3000/c/lab/book/check?hold=1"), Some("https://elsewhere.example/")] {
        let form = browser.request("POST", "/fn/confirm").header("accept", "text/html");
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        let form = referer.into_iter().fold(form, |form, page| form.header("referer", page));
        let answer = browser.send(form.body("clinic=lab&hold=0195f000-0000-7000-8000-000000000001")).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/sorry?why=not_found"), "{referer:?}");
    }
    browser.get("/fn/confirm").await.expect(405);
}
