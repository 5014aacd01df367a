//! At the desk: locking it, and showing who one is by an app or a passkey.

use domain::staff::Role;
use portal::staff;
use testkit::{Caller, TestApp, on_both_engines};

on_both_engines![
    a_desk_locks_when_nobody_does_anything,
    what_was_sent_to_a_locked_desk_is_kept,
    a_desk_that_will_lock_says_so_before,
    an_apps_code_counts_once_and_wrong_ones_wait,
    whoever_reads_the_mail_sets_up_no_key_of_their_own,
    a_proof_is_one_accounts,
    a_locked_desk_proves_nothing_any_more,
    a_secret_is_shown_in_one_session_alone,
];

async fn a_desk_locks_when_nobody_does_anything(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let locked = async |caller: &Caller| caller.get("/staff/lab/schedule").await.status == 303;
    for _ in 0..3 {
        app.clock.advance_minutes(14);
        assert!(!locked(&at.caller).await);
    }
    // A board that only keeps itself up to date keeps no desk open.
    let board = at.caller.clone().with_header("portico-watches", "yes");
    for _ in 0..2 {
        app.clock.advance_minutes(7);
        assert!(!locked(&board).await);
    }
    app.clock.advance_minutes(2);
    assert!(locked(&board).await && locked(&at.caller).await);
    at.caller.get("/api/v1/staff/clinics/lab/schedule").await.expect_problem(401, "desk_locked");
    let page = at.caller.get("/staff/prove?locked=yes").await.expect(200).text;
    assert!(page.contains("The desk is locked"), "{page}");
    let open = at.caller.form("/fn/staff-code", &[("code", &at.code(&app))]).await.expect(303);
    let caller = at.caller.clone().with_cookie_of(&open);
    assert!(!locked(&caller).await);
    // And by hand, with where one goes on; that is a page of ours.
    let led = caller.form("/fn/staff-lock", &[("next", "/staff/lab/go-on")]).await.expect(303);
    assert_eq!(led.header("location"), "/staff/prove?locked=yes&next=%2Fstaff%2Flab%2Fgo-on");
    let led = caller.form("/fn/staff-lock", &[("next", "https://elsewhere.example/")]).await.expect(303);
    assert_eq!(led.header("location"), "/staff/prove?locked=yes&next=%2Fstaff");
    assert!(locked(&caller).await);
    // After a day's work it closes in any case.
    app.clock.advance_minutes(1);
    let open = caller.form("/fn/staff-code", &[("code", &at.code(&app))]).await.expect(303);
    let caller = caller.with_cookie_of(&open);
    for _ in 0..60 {
        app.clock.advance_minutes(12);
        caller.get("/staff/lab/schedule").await;
    }
    assert!(locked(&caller).await);
}

async fn an_apps_code_counts_once_and_wrong_ones_wait(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let caller = app.patient(&at.email).await;
    let code = at.code(&app);
    let prove = async |caller: &Caller, code: &str| caller.form("/fn/staff-code", &[("code", code)]).await.expect(303);
    // It was used when the app was set up.
    prove(&caller, &code).await;
    assert!(caller.get("/staff/prove").await.text.contains("it was used"));
    app.clock.advance_minutes(1);
    let now = at.code(&app);
    let wrong = if now == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        prove(&caller, wrong).await;
        assert!(caller.get("/staff/prove").await.text.contains("not the code of now"));
    }
    prove(&caller, &now).await;
    assert!(caller.get("/staff/prove").await.text.contains("Wait five minutes"), "the right one waits, too");
    app.clock.advance_minutes(5);
    // Of many at once with one code, one counts.
    let now = at.code(&app);
    // Whoever comes second has a session of before.
    let fields = [("code", now.as_str())];
    let all = futures::future::join_all((0..4).map(|_| caller.form("/fn/staff-code", &fields))).await;
    assert!(all.iter().all(|answer| [303, 401].contains(&answer.status)));
    assert_eq!(all.iter().filter(|answer| answer.header("location") == "/staff").count(), 1);
}

async fn whoever_reads_the_mail_sets_up_no_key_of_their_own(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let mail = app.patient(&at.email).await;
    for page in ["/account/passkey", "/staff/app", "/account/addresses/new"] {
        let led = mail.get(page).await.expect(303);
        let again = mail.get(led.header("location")).await;
        let to =
            if again.status == 303 { again.header("location").to_owned() } else { led.header("location").to_owned() };
        assert!(to.starts_with("/staff/prove"), "{page}: {to}");
    }
    mail.form("/fn/passkey-offer", &[]).await.expect(403);
    mail.form("/fn/staff-app-remove", &[]).await.expect(403);
    mail.form("/fn/staff-app", &[("code", "123456")]).await.expect(403);
    // Patients are asked for no more than before.
    let patient = app.patient("amira@example.com").await;
    patient.get("/account/passkey").await.expect(200);
    // And whoever is at the desk manages their own.
    at.caller.get("/account/passkey").await.expect(200);
    at.caller.form("/fn/staff-app-remove", &[]).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM one_time_password").await, 0);
}

/// Signs in by mail in a session that is somebody else's already.
async fn switch(app: &TestApp, caller: &Caller, email: &str) -> Caller {
    caller.form("/fn/sign-in", &[("email", email)]).await.expect(303);
    app.run_jobs().await;
    let proved = caller.form("/fn/sign-in-code", &[("code", &app.newest_code())]).await.expect(303);
    caller.clone().with_cookie_of(&proved)
}

async fn a_proof_is_one_accounts(app: TestApp) {
    let nurse = app.staff("lab", Role::Nurse).await;
    // Somebody proves what is theirs, and then reads the nurse's mail in the same browser.
    let eve = app.patient("eve@example.com").await;
    let eve = app.with_app(eve, "eve@example.com").await;
    let switched = switch(&app, &eve.caller, &nurse.email).await;
    let led = switched.get("/staff/lab/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove"), "{}", led.header("location"));
    switched.form("/fn/passkey-offer", &[]).await.expect(403);
    switched.get("/api/v1/staff/clinics/lab/schedule").await.expect_problem(401, "desk_locked");
}

async fn a_locked_desk_proves_nothing_any_more(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    at.caller.get("/account/passkey").await.expect(200);
    at.caller.form("/fn/staff-lock", &[]).await.expect(303);
    at.caller.get("/account/passkey").await.expect(303);
    at.caller.form("/fn/passkey-offer", &[]).await.expect(403);
}

async fn a_secret_is_shown_in_one_session_alone(app: TestApp) {
    let here = app.patient("ada@example.com").await;
    let there = app.patient("ada@example.com").await;
    let shown = async |caller: &Caller| staff::begin(&app.cx, &app.fresh(caller).await).await.expect("a secret").base32;
    let first = shown(&here).await;
    assert_eq!(shown(&here).await, first, "the page is opened again");
    let second = shown(&there).await;
    assert_ne!(second, first, "who began elsewhere may be somebody else");
    assert_ne!(shown(&here).await, second);
    app.clock.advance_minutes(14);
    let late = shown(&here).await;
    app.clock.advance_minutes(15);
    let here = switch(&app, &here, "ada@example.com").await;
    assert_ne!(shown(&here).await, late);
}

async fn what_was_sent_to_a_locked_desk_is_kept(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    app.clock.advance_minutes(16);
    let form = [
        ("clinic", "lab"),
        ("resource", "solo"),
        ("date", "2026-11-24"),
        ("from", "12:00"),
        ("to", "13:00"),
        ("note", "Tea & \"cake\" <b>für alle</b>"),
    ];
    let led = at.caller.form("/fn/desk-block", &form).await.expect(303);
    assert_eq!(led.header("location"), "/staff/prove?locked=yes&next=%2Fstaff%2Flab%2Fgo-on");
    assert_eq!(app.count("SELECT count(*) FROM block").await, 0);
    // Not before they showed who they are, and not to anybody else.
    assert!(at.caller.get("/staff/lab/go-on").await.expect(303).header("location").starts_with("/staff/prove"));
    let other = app.staff_as("lab", Role::Manager, "other@example.com").await;
    let led = other.caller.get("/staff/lab/go-on").await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/schedule");
    app.clock.advance_minutes(1);
    let code = at.code(&app);
    let proved = at.caller.form("/fn/staff-code", &[("code", &code), ("next", "/staff/lab/go-on")]).await.expect(303);
    assert_eq!(proved.header("location"), "/staff/lab/go-on");
    let desk = at.caller.clone().with_cookie_of(&proved);
    let page = desk.get("/staff/lab/go-on").await.expect(200).text;
    for kept in ["action=\"/fn/desk-block\"", "value=\"12:00\"", "&lt;b&gt;für alle&lt;/b&gt;", "Do it now"] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    assert!(!page.contains("<b>für"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM block").await, 0, "until the button is pressed");
    desk.form("/fn/desk-block", &form).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM block").await, 1);
    // What was typed and not sent is kept by the page, and not done, though the desk is open still.
    let keeping = desk.clone().with_header("portico-keeps", "yes");
    let led = keeping.form("/fn/desk-block", &[("clinic", "lab"), ("note", "half a")]).await.expect(303);
    assert!(led.header("location").ends_with("next=%2Fstaff%2Flab%2Fgo-on"), "{}", led.header("location"));
    assert!(desk.get("/staff/lab/go-on").await.expect(200).text.contains("value=\"half a\""));
    assert_eq!(app.count("SELECT count(*) FROM block").await, 1);
    // A form of nothing leads to the desk alone.
    app.clock.advance_minutes(16);
    let led = desk.form("/fn/desk-block", &[]).await.expect(303);
    assert!(!led.header("location").contains("go-on"), "{}", led.header("location"));
}

async fn a_desk_that_will_lock_says_so_before(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    at.caller.get("/staff/lab/schedule").await.expect(200);
    let desk = async |watches| staff::desk(&app.cx, Some(&app.browser(&at.caller).await), watches).await.expect("open");
    let left = async |watches| (desk(watches).await.locks_at() - app.cx.now_ms()) / 1000;
    assert_eq!(left(true).await, 15 * 60);
    app.clock.advance_minutes(14);
    assert_eq!(left(true).await, 60, "who only watches does not stay");
    let mut events = at.caller.request("GET", "/staff/lab/events").send().await.expect("a stream");
    let mut heard = String::new();
    while !heard.contains("\n\n") {
        heard.push_str(&String::from_utf8_lossy(&events.chunk().await.expect("it goes on").expect("a chunk")));
    }
    assert!(heard.contains("event: locking") && heard.contains("data: 60"), "{heard}");
    // Somebody is there after all, perhaps in another tab.
    at.caller.get("/staff/lab/schedule").await.expect(200);
    while !heard.contains("event: staying") {
        heard.push_str(&String::from_utf8_lossy(&events.chunk().await.expect("it goes on").expect("a chunk")));
    }
    assert!(!heard.contains("event: locked"), "{heard}");
    assert_eq!(left(true).await, 15 * 60);
}
