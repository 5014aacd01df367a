//! Recovering an account by a code kept on paper: told at once, stoppable, slow, and then as strong as signing up.

use testkit::{Answer, Caller, TestApp, on_both_engines};

on_both_engines![
    a_recovered_account_has_a_new_address_and_nobody_else_in_it,
    right_and_wrong_codes_are_answered_alike,
    nothing_is_changed_before_the_cooling_off_is_over,
    the_link_in_the_notice_stops_a_recovery,
    whoever_still_gets_in_stops_a_recovery,
    new_codes_replace_the_old_and_what_was_begun_with_them,
    a_recovery_goes_on_only_where_the_code_was_typed,
    a_recovery_does_not_take_somebody_elses_address,
    a_recovery_that_nobody_finishes_runs_out,
    codes_are_shown_to_their_owner_once,
];

const OLD: &str = "amira@example.com";
const NEW: &str = "amira.new@example.com";

/// An account and its ten codes, as its page shows them.
async fn with_codes(app: &TestApp, email: &str) -> (Caller, Vec<String>) {
    let browser = app.patient(email).await;
    browser.form("/fn/recovery-codes", &[]).await.expect(303);
    let page = browser.get("/account/recovery-codes").await.expect(200).text;
    let codes = page.split("<code>").skip(1).filter_map(|rest| rest.split('<').next());
    (browser, codes.map(str::to_owned).collect())
}

/// A browser that typed an address and a code, and where it was led.
async fn recover(app: &TestApp, email: &str, code: &str) -> (Caller, Answer) {
    let answer = app.anonymous().form("/fn/recover", &[("email", email), ("code", code)]).await.expect(303);
    app.run_jobs().await;
    (app.anonymous().with_cookie_of(&answer), answer)
}

async fn finish(app: &TestApp, browser: &Caller, email: &str) -> Answer {
    app.clock.advance_minutes(1);
    browser.form("/fn/recover-address", &[("email", email)]).await.expect(303);
    app.run_jobs().await;
    browser.form("/fn/recover-finish", &[("code", &app.newest_code())]).await.expect(303)
}

/// The path of the link that stops it, from the newest notice.
fn stop_link(app: &TestApp) -> String {
    let sent = app.mailer.sent();
    let notice = sent.iter().rev().find(|m| m.subject.contains("being recovered")).expect("a notice was sent");
    let link = notice.text.split_whitespace().find(|word| word.contains("/recovery/")).expect("a link");
    link.split_once("/recovery/").map(|(_, rest)| format!("/recovery/{rest}")).unwrap()
}

async fn open(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM recovery WHERE ended_at IS NULL").await
}

const DAY: i64 = 24 * 60;

async fn a_recovered_account_has_a_new_address_and_nobody_else_in_it(app: TestApp) {
    let (owner, codes) = with_codes(&app, OLD).await;
    assert_eq!(codes.len(), 10);
    recover(&app, OLD, &codes[3]).await;
    app.clock.advance_minutes(DAY);
    let thief = app.patient(OLD).await;
    let (browser, answer) = recover(&app, "AMIRA@example.com", &codes[3].to_lowercase().replace('-', " ")).await;
    assert_eq!(answer.header("location"), "/sign-in/recover/address");
    let done = finish(&app, &browser, NEW).await;
    assert_eq!(done.header("location"), "/account?done=recovered");
    let recovered = app.anonymous().with_cookie_of(&done);
    assert!(recovered.get("/account").await.expect(200).text.contains(NEW));
    for gone in [&owner, &thief] {
        gone.get("/api/v1/appointments").await.expect(404);
    }
    // The old address is a stranger's now, the used code is worth nothing, the other nine are.
    let stranger = app.patient(OLD).await;
    assert!(!stranger.get("/account").await.expect(200).text.contains(NEW));
    let (_, again) = recover(&app, NEW, &codes[3]).await;
    assert_eq!(again.header("location"), "/sign-in/recover?begun=yes");
    assert_eq!(open(&app).await, 0);
    recover(&app, NEW, &codes[4]).await;
    assert_eq!(open(&app).await, 1);
    let told = app.mailer.sent().iter().filter(|m| m.to == OLD && m.subject.contains("was recovered")).count();
    assert_eq!(told, 1);
}

async fn right_and_wrong_codes_are_answered_alike(app: TestApp) {
    let (_, codes) = with_codes(&app, OLD).await;
    app.patient("noor@example.com").await;
    let told = async |email: &str, code: &str| {
        let (browser, answer) = recover(&app, email, code).await;
        let page = browser.get("/sign-in/recover?begun=yes").await.expect(200).text;
        let main = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or_default();
        let main = main.to_owned();
        (answer.header("location").to_owned(), answer.text, main)
    };
    let right = told(OLD, &codes[0]).await;
    assert_eq!(told(OLD, "0000-0000-0000-0000").await, right);
    assert_eq!(told("nobody@example.com", &codes[1]).await, right);
    assert_eq!(told("noor@example.com", &codes[1]).await, right);
    assert_eq!(open(&app).await, 1);
    for (email, code) in [("", &*codes[0]), (OLD, ""), (OLD, "12"), ("amira", "7F3K-9QWX-2M4T-VB6D")] {
        let (browser, answer) = recover(&app, email, code).await;
        assert_eq!(answer.header("location"), "/sign-in/recover");
        assert!(browser.get("/sign-in/recover").await.expect(200).text.contains("There is a problem"));
    }
}

async fn nothing_is_changed_before_the_cooling_off_is_over(app: TestApp) {
    let (_, codes) = with_codes(&app, OLD).await;
    recover(&app, OLD, &codes[0]).await;
    app.clock.advance_minutes(DAY - 1);
    let (browser, answer) = recover(&app, OLD, &codes[0]).await;
    assert_eq!(answer.header("location"), "/sign-in/recover?begun=yes");
    for (path, fields) in [("/fn/recover-address", ("email", NEW)), ("/fn/recover-finish", ("code", "123456"))] {
        let refused = browser.form(path, &[fields]).await.expect(303);
        assert_eq!(refused.header("location"), "/sign-in/recover");
    }
    // Asking again does not begin again.
    assert_eq!(app.count("SELECT count(*) FROM recovery").await, 1);
    app.clock.advance_minutes(1);
    assert_eq!(recover(&app, OLD, &codes[0]).await.1.header("location"), "/sign-in/recover/address");
}

async fn the_link_in_the_notice_stops_a_recovery(app: TestApp) {
    let (_, codes) = with_codes(&app, OLD).await;
    recover(&app, OLD, &codes[0]).await;
    let link = stop_link(&app);
    let (id, token) = link.trim_start_matches("/recovery/").split_once('/').unwrap();
    // Mail programs open links: that alone changes nothing, and a made-up link stops nothing.
    app.anonymous().get(&link).await.expect(200);
    app.anonymous().form("/fn/recovery-stop", &[("recovery", id), ("token", "AAAA")]).await.expect(303);
    assert_eq!(open(&app).await, 1);
    for _ in 0..2 {
        app.anonymous().form("/fn/recovery-stop", &[("recovery", id), ("token", token)]).await.expect(303);
        assert_eq!(open(&app).await, 0);
    }
    app.clock.advance_minutes(DAY);
    let (_, answer) = recover(&app, OLD, &codes[0]).await;
    assert_eq!(answer.header("location"), "/sign-in/recover?begun=yes");
    assert_eq!(open(&app).await, 0);
    assert_eq!(app.mailer.sent().iter().filter(|m| m.subject.contains("was stopped")).count(), 1);
}

async fn whoever_still_gets_in_stops_a_recovery(app: TestApp) {
    let (_, codes) = with_codes(&app, OLD).await;
    recover(&app, OLD, &codes[0]).await;
    app.clock.advance_minutes(DAY);
    let (thief, _) = recover(&app, OLD, &codes[0]).await;
    let owner = app.patient(OLD).await;
    let page = owner.get("/account").await.expect(200).text;
    let id = page.split("name=\"recovery\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("a button");
    app.patient("eve@example.com").await.form("/fn/recovery-stop-own", &[("recovery", id)]).await.expect(404);
    owner.form("/fn/recovery-stop-own", &[("recovery", id)]).await.expect(303);
    let refused = thief.form("/fn/recover-address", &[("email", NEW)]).await.expect(303);
    assert_eq!(refused.header("location"), "/sign-in/recover");
}

async fn new_codes_replace_the_old_and_what_was_begun_with_them(app: TestApp) {
    let (_, old) = with_codes(&app, OLD).await;
    recover(&app, OLD, &old[0]).await;
    let (_, new) = with_codes(&app, OLD).await;
    assert_eq!(open(&app).await, 0);
    app.clock.advance_minutes(DAY);
    recover(&app, OLD, &old[0]).await;
    recover(&app, OLD, &old[1]).await;
    assert_eq!(open(&app).await, 0);
    recover(&app, OLD, &new[0]).await;
    assert_eq!(open(&app).await, 1);
}

async fn a_recovery_goes_on_only_where_the_code_was_typed(app: TestApp) {
    let (_, codes) = with_codes(&app, OLD).await;
    recover(&app, OLD, &codes[0]).await;
    app.clock.advance_minutes(DAY);
    recover(&app, OLD, &codes[0]).await;
    let other = app.patient("eve@example.com").await;
    let refused = other.form("/fn/recover-address", &[("email", "eve@example.org")]).await.expect(303);
    assert_eq!(refused.header("location"), "/sign-in/recover");
    assert_eq!(other.get("/sign-in/recover/address").await.expect(303).header("location"), "/sign-in/recover");
}

async fn a_recovery_does_not_take_somebody_elses_address(app: TestApp) {
    app.patient("noor@example.com").await;
    let (_, codes) = with_codes(&app, OLD).await;
    recover(&app, OLD, &codes[0]).await;
    app.clock.advance_minutes(DAY);
    let (browser, _) = recover(&app, OLD, &codes[0]).await;
    assert_eq!(finish(&app, &browser, "noor@example.com").await.header("location"), "/sign-in/recover/code");
    assert_eq!(open(&app).await, 1);
    assert_eq!(finish(&app, &browser, NEW).await.header("location"), "/account?done=recovered");
}

async fn a_recovery_that_nobody_finishes_runs_out(app: TestApp) {
    let (_, codes) = with_codes(&app, OLD).await;
    recover(&app, OLD, &codes[0]).await;
    app.clock.advance_minutes(8 * DAY);
    // The code is still good: it begins anew, and is told anew.
    let (_, answer) = recover(&app, OLD, &codes[0]).await;
    assert_eq!(answer.header("location"), "/sign-in/recover?begun=yes");
    assert_eq!(app.mailer.sent().iter().filter(|m| m.subject.contains("being recovered")).count(), 2);
}

async fn codes_are_shown_to_their_owner_once(app: TestApp) {
    let (browser, codes) = with_codes(&app, OLD).await;
    let other = app.patient(OLD).await;
    assert!(!other.get("/account/recovery-codes").await.expect(200).text.contains(&codes[0]));
    browser.form("/fn/recovery-codes-kept", &[]).await.expect(303);
    let page = browser.get("/account/recovery-codes").await.expect(200).text;
    assert!(!page.contains(&codes[0]) && page.contains("10 codes left"), "{page}");
    app.clock.advance_minutes(16);
    let asked = browser.form("/fn/recovery-codes", &[]).await.expect(303);
    assert!(asked.header("location").starts_with("/sign-in/again?next="));
}
