//! Single sign-on and the desk's lock: whose word of when somebody proved who they are counts for what.

use domain::staff::Role;
use serde_json::{Value, json};
use testkit::{Person, TestApp, TestProvider, on_both_engines};

use super::sign_on::{
    BEGIN, ada, assert_refused, attempt, begin, live_posts, rule, settings, sign_in, with_provider, write_down,
};

on_both_engines![
    a_locked_desk_opens_by_signing_in_anew,
    a_providers_cookie_opens_no_desk_that_locked,
    an_officer_whom_nobody_can_write_to_leaves_it_to_the_administrators,
];

async fn a_locked_desk_opens_by_signing_in_anew(app: TestApp) {
    let provider = with_provider(&app).await;
    let desk = sign_in(&app, &provider).await;
    app.clock.advance_minutes(16);
    let led = desk.get("/staff/lab/new").await.expect(303);
    assert_eq!(led.header("location"), "/staff/prove?locked=yes&next=%2Fstaff%2Flab%2Fnew");
    let page = desk.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("The desk is locked") && page.contains("Sign in with Lab ID"), "{page}");
    let again = "/staff/sign-on?network=lab&again=yes&next=%2Fstaff%2Flab%2Fnew";
    assert!(page.contains(&again.replace('&', "&amp;")), "{page}");
    // Not by being signed in there still, and not by a provider that does not say when.
    let now = app.cx.now().as_second();
    for auth_time in [json!(now - 3600), json!(now - 120), json!(now + 3600), Value::Null] {
        let (browser, location) = begin(&desk, again).await;
        let asked = provider.query(&location);
        assert_eq!((asked["prompt"].as_str(), asked["max_age"].as_str()), ("login", "0"));
        let mut person = ada();
        person["auth_time"] = auth_time;
        provider.person(person);
        assert_refused(&browser.get(&provider.sign_in(&location)).await, "weak");
        let led = desk.get("/staff/lab/new").await.expect(303);
        assert!(led.header("location").starts_with("/staff/prove?locked=yes"));
    }
    provider.person(ada());
    let (browser, location) = begin(&desk, again).await;
    let opened = browser.get(&provider.sign_in(&location)).await.expect(303);
    assert_eq!(opened.header("location"), "/staff/lab/new");
    let desk = browser.with_cookie_of(&opened);
    desk.get("/staff/lab/new").await.expect(200);
    // Locked by hand, and at once.
    let locked = desk.form("/fn/staff-lock", &[]).await.expect(303);
    assert_eq!(locked.header("location"), "/staff/prove?locked=yes");
    let led = desk.get("/staff/lab/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove?"), "{}", led.header("location"));
    desk.get("/api/v1/staff/clinics/lab/schedule").await.expect_problem(401, "desk_locked");
    // What asks for a fresh proof takes the provider's word of when it was.
    let mut boss = json!({ "sub": "boss", "groups": ["boss"] });
    boss["auth_time"] = json!(app.cx.now().as_second() - 10 * 60);
    provider.person(boss.clone());
    let old = sign_in(&app, &provider).await;
    old.get("/staff/lab/schedule").await.expect(200);
    app.clock.advance_minutes(6);
    let led = old.get("/staff/lab/people/new").await.expect(303);
    assert_eq!(led.header("location"), "/staff/prove?next=%2Fstaff%2Flab%2Fpeople%2Fnew");
    let invite = [("clinic", "lab"), ("name", "Eve"), ("email", "eve@example.com"), ("role", "nurse")];
    assert!(old.form("/fn/staff-invite", &invite).await.expect(303).header("location").starts_with("/staff/prove"));
    assert_eq!(app.count("SELECT count(*) FROM staff_invite").await, 0);
    boss["auth_time"] = json!(app.cx.now().as_second());
    provider.person(boss);
    let fresh = sign_in(&app, &provider).await;
    fresh.get("/staff/lab/people/new").await.expect(200);
    assert_eq!(
        fresh.form("/fn/staff-invite", &invite).await.expect(303).header("location"),
        "/staff/lab/people?done=invited"
    );
    // Signed out is signed out.
    fresh.form("/fn/sign-out", &[]).await.expect(303);
    assert_eq!(
        fresh.get("/staff/lab/people").await.expect(303).header("location"),
        "/staff/sign-in?next=%2Fstaff%2Flab%2Fpeople"
    );
}

async fn a_providers_cookie_opens_no_desk_that_locked(app: TestApp) {
    let provider = with_provider(&app).await;
    let desk = sign_in(&app, &provider).await;
    app.clock.advance_minutes(16);
    assert!(
        desk.get("/staff/lab/schedule").await.expect(303).header("location").starts_with("/staff/prove?locked=yes")
    );
    // Whoever comes by leaves out of the link that it is anew, or begins in another session: nobody is asked for anything.
    let mut person = ada();
    person["auth_time"] = json!(app.cx.now().as_second() - 16 * 60);
    provider.person(person);
    for signs_out in [false, true] {
        let from = if signs_out { app.anonymous() } else { desk.clone() };
        let (browser, location) = begin(&from, BEGIN).await;
        assert_eq!(provider.query(&location)["max_age"], "900", "no longer than a desk stays open unattended");
        let answer = browser.get(&provider.sign_in(&location)).await.expect(303);
        let silent = browser.with_cookie_of(&answer);
        let led = silent.get("/staff/lab/schedule").await.expect(303);
        assert!(led.header("location").starts_with("/staff/prove?locked=yes"), "{}", led.header("location"));
        let board = silent.get("/api/v1/staff/clinics/lab/schedule").await;
        board.expect_problem(401, "desk_locked");
    }
    // A provider that does not say when proves nothing of now.
    let mut person = ada();
    person["auth_time"] = Value::Null;
    provider.person(person);
    assert_refused(&attempt(&app, &provider).await.1, "weak");
}

async fn an_officer_whom_nobody_can_write_to_leaves_it_to_the_administrators(app: TestApp) {
    let provider = TestProvider::start(&app.clock).await;
    let mut with_officers = settings(&provider);
    with_officers.roles.push(rule("privacy", Role::PrivacyOfficer, Some("lab")));
    write_down(&app, &with_officers).await;
    provider.person(json!({ "sub": "officer", "name": "Olga Officer", "groups": ["privacy"] }));
    attempt(&app, &provider).await.1.expect(303);
    provider.person(json!({ "sub": "admin", "name": "Ada Admin", "email": "it@example.com", "groups": ["it"] }));
    attempt(&app, &provider).await.1.expect(303);
    assert_eq!(live_posts(&app).await, 2);
    let person = Person::new("Amira", "Khalil");
    let visit = app.program("lab").await.book("lab", "team", "2026-11-24T10:00:00+01:00", &person).await.field("id");
    let clinician = app.staff("lab", Role::Clinician).await;
    let why = [("clinic", "lab"), ("visit", visit.as_str()), ("why", "Unconscious, needs medicines")];
    clinician.caller.form("/fn/glass-break", &why).await.expect(303);
    app.run_jobs().await;
    let told: Vec<_> = app.mailer.sent().into_iter().filter(|mail| mail.subject.contains("emergency")).collect();
    assert_eq!(told.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["it@example.com"]);
}
