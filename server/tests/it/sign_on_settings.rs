//! Single sign-on as a network sets it up: whose it is, what it may not do, and what becomes of it when it changes.

use domain::{
    person::{Email, Name},
    single_sign_on::SingleSignOn,
    staff::Role,
};
use portal::{
    clinic::{self, Clinic},
    staff::{self, ClientSecret},
};
use serde_json::json;
use testkit::{Engine, Person, TestApp, TestProvider, Trouble, on_both_engines, provider, run};

use crate::sign_on::{
    BEGIN, ada, assert_refused, assert_told, attempt, begin, lab, live_posts, settings, sign_in, with_provider,
    write_down,
};

on_both_engines![
    a_provider_opens_its_own_network_and_nobodys_records,
    an_address_is_nobody,
    where_the_provider_is_the_only_way_there_is_no_other,
    new_keys_are_asked_for_once_in_a_while,
    another_provider_sends_the_former_ones_people_home,
    what_does_not_fit_the_network_is_not_written_down,
];

async fn a_provider_opens_its_own_network_and_nobodys_records(app: TestApp) {
    let provider = with_provider(&app).await;
    // Ada is a patient here and works at Riverside, too: none of that is her employer's.
    let person = Person { email: "ada@example.com".to_owned(), ..Person::new("Ada", "Lovelace") };
    let private = app.patient("ada@example.com").await;
    let visit = private.book("lab", "solo", "2026-11-24T10:00:00+01:00", &person).await.field("id");
    app.staff_as("riverside", Role::Manager, "ada@example.com").await;
    let desk = sign_in(&app, &provider).await;
    for own in ["/visits", "/home", "/account", "/account/addresses", "/account/passkey", "/staff/app"] {
        let answer = desk.get(own).await;
        assert!(
            answer.header("location").starts_with("/sign-in"),
            "{own}: {} {}",
            answer.status,
            answer.header("location")
        );
    }
    assert_eq!(desk.get(&format!("/visits/{visit}")).await.status, 404);
    assert_eq!(desk.get(&format!("/api/v1/appointments/{visit}")).await.status, 404);
    desk.get("/staff/riverside/schedule").await.expect(404);
    for (action, fields) in [
        ("/fn/address-new", vec![("email", "evil@example.com")]),
        ("/fn/recovery-codes", vec![]),
        ("/fn/passkey-offer", vec![]),
        ("/fn/sign-in-again", vec![]),
        ("/fn/staff-app", vec![("code", "123456")]),
        ("/fn/staff-code", vec![("code", "123456")]),
    ] {
        assert_eq!(desk.form(action, &fields).await.status, 401, "{action}");
    }
    // Nor do they become one another in one browser.
    let (browser, location) = begin(&private, BEGIN).await;
    let answer = browser.get(&provider.sign_in(&location)).await.expect(303);
    let both = browser.with_cookie_of(&answer);
    assert!(both.get("/visits").await.expect(303).header("location").starts_with("/sign-in"));
    both.get("/staff/lab/schedule").await.expect(200);
    // Signing in by mail there ends the desk.
    assert_eq!(app.count("SELECT count(*) FROM account").await, 2);
}

async fn an_address_is_nobody(app: TestApp) {
    let provider = with_provider(&app).await;
    let local = app.staff_as("lab", Role::Manager, "grace@example.com").await;
    // Whoever has her address at the provider is not her.
    provider.person(json!({ "sub": "eve", "email": "grace@example.com", "email_verified": true, "groups": ["desk"] }));
    let eve = sign_in(&app, &provider).await;
    eve.get("/staff/lab/people").await.expect(404);
    assert_eq!((live_posts(&app).await, app.count("SELECT count(*) FROM account").await), (2, 2));
    local.caller.get("/staff/lab/people").await.expect(200);
    // And a code to that address signs in herself alone.
    let mail = app.patient("grace@example.com").await;
    assert!(mail.get("/staff/lab/people").await.expect(303).header("location").starts_with("/staff/prove"));
    // Two subjects with one address are two people; a changed address is the same one.
    provider.person(json!({ "sub": "eve", "email": "other@example.com", "groups": ["desk"] }));
    sign_in(&app, &provider).await;
    provider.person(json!({ "sub": "EVE", "email": "other@example.com", "groups": ["desk"] }));
    sign_in(&app, &provider).await;
    assert_eq!(app.count("SELECT count(*) FROM account").await, 3);
    let people = staff::everybody(&app.cx, lab(&app).await.tenant).await.expect("people");
    let mut emails: Vec<_> = people.iter().map(|member| member.email.as_str()).collect();
    emails.sort_unstable();
    assert_eq!(emails, ["grace@example.com", "other@example.com", "other@example.com"]);
}

fn nurse_at(clinic: &Clinic, email: &str) -> staff::Appointing {
    staff::Appointing {
        tenant: clinic.tenant,
        clinic: Some(clinic.id),
        role: Role::Nurse,
        practitioner: None,
        name: Name::parse("Nell").expect("a name"),
        email: Email::parse(email).expect("an address"),
    }
}

async fn where_the_provider_is_the_only_way_there_is_no_other(app: TestApp) {
    let invited = app.staff("lab", Role::Manager).await;
    let riverside = clinic::by_slug(&app.cx, "riverside").await.expect("read").expect("the clinic");
    let made =
        staff::appoint_from_machine(&app.cx, &nurse_at(&riverside, &invited.email)).await.expect("an invitation");
    let token = made.link.rsplit('/').next().expect("a token").to_owned();
    invited.caller.form("/fn/staff-join", &[("token", &token)]).await.expect(303);
    let provider = TestProvider::start(&app.clock).await;
    provider.person(ada());
    let lab = lab(&app).await;
    let only = SingleSignOn { only: true, ..settings(&provider) };
    write_down(&app, &only).await;
    // Their own passkey or app opens the other network's desk, and no longer this one.
    invited.caller.get("/staff/riverside/schedule").await.expect(200);
    invited.caller.get("/staff/lab/schedule").await.expect(404);
    let made = staff::appoint_from_machine(&app.cx, &nurse_at(&lab, "x@example.com")).await;
    assert!(matches!(made, Err(staff::InviteError::SignOn)), "{made:?}");
    let page = app.anonymous().get("/staff/sign-in?next=%2Fstaff%2Flab").await.expect(200).text;
    assert!(page.contains("Sign in with Lab ID") && !page.contains("email address"), "{page}");
    sign_in(&app, &provider).await;
    // Whoever works here alone is told where to go.
    assert!(staff::remove_provider(&app.cx, lab.tenant).await.expect("written"));
    let nurse = app.staff("lab", Role::Nurse).await;
    nurse.caller.get("/staff/lab/schedule").await.expect(200);
    write_down(&app, &only).await;
    let led = nurse.caller.get("/staff/lab/schedule").await.expect(303);
    assert_eq!(led.header("location"), "/staff/sign-in?next=%2Fstaff%2Flab%2Fschedule");
    nurse.caller.get(led.header("location")).await.expect(200);
    nurse.caller.get("/api/v1/staff/clinics/lab/schedule").await.expect(404);
    // But nobody who reads their mail sets up a key for later.
    let mail = app.patient(&nurse.email).await;
    assert!(mail.get("/account/passkey").await.expect(303).header("location").contains("/again"));
}

async fn new_keys_are_asked_for_once_in_a_while(app: TestApp) {
    let provider = with_provider(&app).await;
    sign_in(&app, &provider).await;
    assert_eq!(provider.hits("/keys"), 1);
    provider.rotate("second");
    // Too soon after the first: whoever sends unknown names has nobody asked again and again.
    assert_refused(&attempt(&app, &provider).await.1, "untrusted");
    assert_eq!(provider.hits("/keys"), 1);
    app.clock.advance_minutes(2);
    sign_in(&app, &provider).await;
    sign_in(&app, &provider).await;
    assert_eq!(provider.hits("/keys"), 2);
    app.clock.advance_minutes(2);
    provider.has(Trouble::UnknownKey);
    for _ in 0..3 {
        assert_refused(&attempt(&app, &provider).await.1, "untrusted");
    }
    assert_eq!(provider.hits("/keys"), 3);
    assert_eq!(provider.hits("/.well-known/openid-configuration"), 1);
    app.clock.advance_minutes(61);
    provider.has(Trouble::None);
    sign_in(&app, &provider).await;
    assert_eq!(provider.hits("/.well-known/openid-configuration"), 2);
}

async fn another_provider_sends_the_former_ones_people_home(app: TestApp) {
    let provider = with_provider(&app).await;
    let desk = sign_in(&app, &provider).await;
    // Words that change send nobody home.
    write_down(&app, &SingleSignOn { name: "New name".to_owned(), ..settings(&provider) }).await;
    desk.get("/staff/lab/schedule").await.expect(200);
    let keep = staff::set_provider(&app.cx, &lab(&app).await, &settings(&provider), &ClientSecret::Keep).await;
    assert!(keep.expect("written"), "the secret stays");
    sign_in(&app, &provider).await;
    let other = with_provider(&app).await;
    assert!(desk.get("/staff/lab/schedule").await.expect(303).header("location").starts_with("/staff/sign-in"));
    assert_eq!(live_posts(&app).await, 0);
    // The same subject at another issuer is somebody else.
    sign_in(&app, &other).await;
    assert_eq!((live_posts(&app).await, app.count("SELECT count(*) FROM account").await), (1, 2));
    let keep = SingleSignOn { client_id: "another".to_owned(), ..settings(&other) };
    let keep = staff::set_provider(&app.cx, &lab(&app).await, &keep, &ClientSecret::Keep).await;
    assert!(!keep.expect("written"), "another client has not this one's secret");
    assert!(staff::remove_provider(&app.cx, lab(&app).await.tenant).await.expect("written"));
    assert!(!staff::remove_provider(&app.cx, lab(&app).await.tenant).await.expect("written"));
    assert_eq!(live_posts(&app).await, 0);
    assert_told(&app.anonymous().get(BEGIN).await, "not-here");
}

async fn what_does_not_fit_the_network_is_not_written_down(app: TestApp) {
    let provider = TestProvider::start(&app.clock).await;
    let lab = lab(&app).await;
    let tried = async |change: fn(&mut SingleSignOn)| {
        let mut settings = settings(&provider);
        change(&mut settings);
        let set = staff::set_provider(&app.cx, &lab, &settings, &ClientSecret::Keep).await;
        set.expect_err("it does not fit").to_string()
    };
    let told = tried(|s| s.roles[0].clinic = Some("riverside".to_owned())).await;
    assert!(told.contains("roles[1].clinic: there is no clinic riverside"), "{told}");
    let told = tried(|s| s.practitioner_claim = None).await;
    assert!(told.contains("practitioner: a clinician has a schedule"), "{told}");
    let told = tried(|s| s.roles[2].practitioner = Some("nobody".to_owned())).await;
    assert!(told.contains("roles[3].practitioner: there is no practitioner nobody"), "{told}");
    let told = tried(|s| s.roles[0].practitioner = Some("ana".to_owned())).await;
    assert!(told.contains("roles[1].practitioner: a front-desk has no schedule"), "{told}");
    let told = tried(|s| s.roles[2].clinic = None).await;
    assert!(told.contains("roles[3].clinic: a clinician has a schedule"), "{told}");
    assert_eq!(app.count("SELECT count(*) FROM single_sign_on").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_provider_is_readable_in_the_database() {
    run(Engine::Sqlite, look_into_the_file).await;
}

async fn look_into_the_file(app: TestApp) {
    let provider = with_provider(&app).await;
    let nowhere = |secrets: &[&str]| {
        let files =
            ["portico.db", "portico.db-wal"].map(|file| std::fs::read(app.db.folder.join(file)).expect("a file"));
        let has = |text: &str| files.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()));
        assert!(has("Lab ID"), "the file is read as it is");
        for secret in secrets {
            assert!(!has(secret), "{secret} is in the file");
        }
    };
    let (browser, location) = begin(&app.anonymous(), BEGIN).await;
    let waiting = provider.query(&location);
    nowhere(&[provider::SECRET, &waiting["state"], &waiting["nonce"]]);
    let answer = browser.get(&provider.sign_in(&location)).await.expect(303);
    let browser = browser.with_cookie_of(&answer);
    nowhere(&[provider::SECRET, "Lovelace", "ada@example.com", "code-0", browser.cookie()]);
}
