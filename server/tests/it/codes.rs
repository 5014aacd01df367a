//! Proving an address by a code, and what a session is worth, through the pages' forms.

use testkit::{Answer, Caller, TestApp, on_both_engines};

on_both_engines![
    a_code_signs_in_once,
    what_the_page_asks_and_what_is_sent_have_one_session,
    five_wrong_codes_kill_the_right_one,
    a_code_works_for_ten_minutes,
    a_code_works_only_in_the_browser_that_asked,
    a_newer_code_replaces_an_older_one,
    an_address_gets_five_codes_an_hour,
    asked_for_at_once_they_are_no_more,
    strangers_lock_nobody_out_of_a_browser_that_the_account_knows,
    an_address_gets_twenty_codes_a_day_from_strangers,
    a_network_sends_so_many_codes_an_hour,
    a_browser_sends_five_codes_an_hour,
    known_and_unknown_addresses_are_answered_alike,
    signing_in_gives_the_session_a_new_secret,
    signing_out_ends_the_session_on_the_server,
    a_session_at_rest_ends,
    a_session_ends_after_a_day_however_busy,
    a_session_that_was_never_made_is_nobody,
];

const EMAIL: &str = "amira@example.com";

async fn what_the_page_asks_and_what_is_sent_have_one_session(app: TestApp) {
    let browser = app.anonymous().with_cookie_of(&app.anonymous().get("/sign-in").await.expect(200));
    // At once, as a script and a hurried person do.
    let (asked, sent) = tokio::join!(
        browser.form("/fn/passkey-ask", &[]),
        browser.form("/fn/sign-in", &[("email", EMAIL), ("next", "/visits")]),
    );
    assert_eq!((asked.header("set-cookie"), sent.header("set-cookie")), ("", ""));
    let page = browser.get(sent.expect(303).header("location")).await.expect(200).text;
    assert!(page.contains(EMAIL), "{page}");
}

/// A browser that asked for a code to an address.
async fn asked(app: &TestApp, email: &str) -> Caller {
    let answer = app.anonymous().form("/fn/sign-in", &[("email", email)]).await.expect(303);
    assert!(answer.header("location").starts_with("/sign-in/code"), "{answer:?}");
    app.run_jobs().await;
    app.anonymous().with_cookie_of(&answer)
}

async fn typed(browser: &Caller, code: &str) -> Answer {
    browser.form("/fn/sign-in-code", &[("code", code)]).await.expect(303)
}

fn is_in(answer: &Answer) -> bool {
    answer.header("location") == "/visits"
}

/// Any code but this one.
fn not(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

async fn a_code_signs_in_once(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let code = app.newest_code();
    // As people type it.
    let spaced = format!(" {} - {}", &code[..3], &code[3..]);
    let answer = typed(&browser, &spaced).await;
    assert!(is_in(&answer));
    app.anonymous().with_cookie_of(&answer).get("/api/v1/appointments").await.expect(200);
    let again = asked(&app, "noor@example.com").await;
    assert!(!is_in(&typed(&again, &code).await));
    assert!(!is_in(&typed(&browser, &code).await));
}

async fn five_wrong_codes_kill_the_right_one(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let code = app.newest_code();
    for _ in 0..5 {
        assert!(!is_in(&typed(&browser, &not(&code)).await));
    }
    assert!(!is_in(&typed(&browser, &code).await));
    // Four are forgiven.
    let browser = asked(&app, EMAIL).await;
    let code = app.newest_code();
    for _ in 0..4 {
        assert!(!is_in(&typed(&browser, &not(&code)).await));
    }
    assert!(is_in(&typed(&browser, &code).await));
}

async fn a_code_works_for_ten_minutes(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let code = app.newest_code();
    app.clock.advance_minutes(10);
    assert!(!is_in(&typed(&browser, &code).await));
    let browser = asked(&app, EMAIL).await;
    let code = app.newest_code();
    app.clock.advance_minutes(9);
    assert!(is_in(&typed(&browser, &code).await));
}

async fn a_code_works_only_in_the_browser_that_asked(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let code = app.newest_code();
    let thief = asked(&app, "thief@example.com").await;
    assert!(!is_in(&typed(&thief, &code).await));
    assert!(is_in(&typed(&browser, &code).await));
}

async fn a_newer_code_replaces_an_older_one(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let old = app.newest_code();
    app.clock.advance_minutes(1);
    browser.form("/fn/sign-in", &[("email", EMAIL), ("again", "yes")]).await.expect(303);
    app.run_jobs().await;
    let new = app.newest_code();
    assert!(!is_in(&typed(&browser, &old).await));
    assert!(is_in(&typed(&browser, &new).await));
}

async fn asked_for_at_once_they_are_no_more(app: TestApp) {
    let browsers: Vec<Caller> = (1..=16).map(|n| app.anonymous().from(&format!("198.51.100.{n}"))).collect();
    let fields = [("email", EMAIL)];
    futures::future::join_all(browsers.iter().map(|browser| browser.form("/fn/sign-in", &fields))).await;
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().len(), 5);
}

async fn an_address_gets_five_codes_an_hour(app: TestApp) {
    for _ in 0..5 {
        asked(&app, EMAIL).await;
    }
    // Another spelling is the same address, another browser no way around.
    let refused = app.anonymous().form("/fn/sign-in", &[("email", "AMIRA@example.com")]).await.expect(303);
    assert!(!refused.header("location").starts_with("/sign-in/code"));
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().len(), 5);
    asked(&app, "noor@example.com").await;
    app.clock.advance_minutes(60);
    asked(&app, EMAIL).await;
}

/// What an answer sets the cookie of that name to.
fn cookie(answer: &Answer, name: &str) -> String {
    let set = answer.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
    let found = set.filter_map(|c| c.split(';').next()).find(|c| c.starts_with(&format!("{name}=")));
    found.unwrap_or_else(|| panic!("no {name} in {answer:?}")).to_owned()
}

async fn strangers_lock_nobody_out_of_a_browser_that_the_account_knows(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let known = cookie(&typed(&browser, &app.newest_code()).await, "__Host-portico-known");
    app.clock.advance_minutes(61);
    for _ in 0..5 {
        asked(&app, EMAIL).await;
    }
    let ask = async |caller: Caller, email: &str| {
        caller.form("/fn/sign-in", &[("email", email)]).await.expect(303).header("location").to_owned()
    };
    let sent = |location: String| location.starts_with("/sign-in/code");
    assert!(!sent(ask(app.anonymous(), EMAIL).await));
    let with =
        |cookie: &str| app.anonymous().with_header("cookie", cookie).with_header("sec-fetch-site", "same-origin");
    let own = || with(&known);
    for _ in 0..5 {
        assert!(sent(ask(own(), EMAIL).await));
    }
    // Its own share has an end, too, and is of no use for somebody else's address.
    assert!(!sent(ask(own(), EMAIL).await));
    for _ in 0..5 {
        asked(&app, "noor@example.com").await;
    }
    assert!(!sent(ask(own(), "noor@example.com").await));
    // A made-up secret is a stranger's.
    assert!(!sent(ask(with("__Host-portico-known=AAAA"), EMAIL).await));
}

async fn an_address_gets_twenty_codes_a_day_from_strangers(app: TestApp) {
    for _ in 0..4 {
        for _ in 0..5 {
            asked(&app, EMAIL).await;
        }
        app.clock.advance_minutes(61);
    }
    let refused = app.anonymous().form("/fn/sign-in", &[("email", EMAIL)]).await.expect(303);
    assert!(!refused.header("location").starts_with("/sign-in/code"));
    app.clock.advance_minutes(21 * 60);
    asked(&app, EMAIL).await;
}

async fn a_network_sends_so_many_codes_an_hour(app: TestApp) {
    let ask = async |from: &str, n: usize| {
        let caller = app.anonymous().from(from);
        let answer = caller.form("/fn/sign-in", &[("email", &format!("p{n}@example.com"))]).await.expect(303);
        answer.header("location").to_owned()
    };
    for n in 0..60 {
        assert!(ask("203.0.113.7", n).await.starts_with("/sign-in/code"), "{n}");
    }
    assert_eq!(ask("203.0.113.7", 61).await, "/sign-in?next=%2Fvisits");
    assert!(ask("203.0.113.8", 61).await.starts_with("/sign-in/code"));
}

async fn a_browser_sends_five_codes_an_hour(app: TestApp) {
    let browser = asked(&app, "0@example.com").await;
    for n in 1..5 {
        browser.form("/fn/sign-in", &[("email", &format!("{n}@example.com"))]).await.expect(303);
    }
    let refused = browser.form("/fn/sign-in", &[("email", "6@example.com")]).await.expect(303);
    assert!(!refused.header("location").starts_with("/sign-in/code"));
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().len(), 5);
}

async fn known_and_unknown_addresses_are_answered_alike(app: TestApp) {
    app.patient(EMAIL).await;
    let known = app.anonymous().form("/fn/sign-in", &[("email", EMAIL)]).await;
    let unknown = app.anonymous().form("/fn/sign-in", &[("email", "nobody@example.com")]).await;
    assert_eq!(
        (known.status, known.header("location"), &known.text),
        (unknown.status, unknown.header("location"), &unknown.text)
    );
}

async fn signing_in_gives_the_session_a_new_secret(app: TestApp) {
    let browser = asked(&app, EMAIL).await;
    let answer = typed(&browser, &app.newest_code()).await;
    let signed_in = app.anonymous().with_cookie_of(&answer);
    assert_ne!(browser.cookie(), signed_in.cookie());
    // Whoever fixed the secret before has nothing now.
    browser.get("/api/v1/appointments").await.expect(404);
    signed_in.get("/api/v1/appointments").await.expect(200);
    let cookie = answer.header("set-cookie");
    for attribute in ["__Host-portico=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

async fn signing_out_ends_the_session_on_the_server(app: TestApp) {
    let patient = app.patient(EMAIL).await;
    let answer = patient.form("/fn/sign-out", &[]).await.expect(303);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    patient.get("/api/v1/appointments").await.expect(404);
}

async fn a_session_at_rest_ends(app: TestApp) {
    let patient = app.patient(EMAIL).await;
    for _ in 0..3 {
        app.clock.advance_minutes(59);
        patient.get("/api/v1/appointments").await.expect(200);
    }
    app.clock.advance_minutes(61);
    patient.get("/api/v1/appointments").await.expect(404);
}

async fn a_session_ends_after_a_day_however_busy(app: TestApp) {
    let patient = app.patient(EMAIL).await;
    for _ in 0..47 {
        app.clock.advance_minutes(30);
        patient.get("/api/v1/appointments").await.expect(200);
    }
    app.clock.advance_minutes(30);
    patient.get("/api/v1/appointments").await.expect(404);
}

async fn a_session_that_was_never_made_is_nobody(app: TestApp) {
    for token in ["x", "", "null", &"A".repeat(43), &"x".repeat(4000)] {
        app.anonymous().with_cookie(token).get("/api/v1/appointments").await.expect(404);
    }
}
