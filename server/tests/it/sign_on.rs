//! Single sign-on, against a provider that misbehaves in each way: who gets in, as what, and who does not.

use std::sync::Arc;

use domain::{
    single_sign_on::{RoleRule, SingleSignOn},
    staff::Role,
};
use portal::{
    clinic::{self, Clinic},
    staff::{self, ClientSecret},
};
use serde_json::{Value, json};
use testkit::{Answer, Caller, TestApp, TestProvider, Trouble, on_both_engines, provider};

on_both_engines![
    the_provider_opens_the_desk_with_the_role_it_says,
    the_sign_in_page_shows_providers_only_where_there_are_some,
    a_provider_that_proves_nothing_opens_nothing,
    nobody_is_asked_who_was_not_named,
    an_answer_counts_once_in_its_browser_and_soon,
    the_role_follows_the_claim_at_every_sign_in,
    what_a_person_ended_no_claim_brings_back,
    the_way_of_signing_in_must_be_enough,
];

pub(crate) async fn lab(app: &TestApp) -> Arc<Clinic> {
    clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic")
}

pub(crate) fn rule(value: &str, role: Role, clinic: Option<&str>) -> RoleRule {
    RoleRule { value: value.to_owned(), role, clinic: clinic.map(str::to_owned), practitioner: None }
}

pub(crate) fn settings(provider: &TestProvider) -> SingleSignOn {
    SingleSignOn {
        name: "Lab ID".to_owned(),
        issuer: provider.issuer().to_owned(),
        client_id: provider::CLIENT.to_owned(),
        hosts: Vec::new(),
        scopes: vec!["email".to_owned()],
        role_claim: "groups".to_owned(),
        practitioner_claim: Some("practitioner".to_owned()),
        acr: Vec::new(),
        amr: Vec::new(),
        only: false,
        roles: vec![
            rule("desk", Role::FrontDesk, Some("lab")),
            rule("boss", Role::Manager, Some("lab")),
            rule("doctor", Role::Clinician, Some("lab")),
            rule("it", Role::Admin, None),
        ],
    }
}

pub(crate) async fn write_down(app: &TestApp, settings: &SingleSignOn) {
    let secret = ClientSecret::New(provider::SECRET.to_owned());
    staff::set_provider(&app.cx, &lab(app).await, settings, &secret).await.expect("it fits");
}

/// A provider for the lab's network, with somebody of its front desk.
pub(crate) async fn with_provider(app: &TestApp) -> TestProvider {
    let provider = TestProvider::start(&app.clock).await;
    provider.person(ada());
    write_down(app, &settings(&provider)).await;
    provider
}

pub(crate) fn ada() -> Value {
    json!({ "sub": "ada", "name": "Ada Lovelace", "email": "ada@example.com", "groups": ["staff", "desk"] })
}

pub(crate) const BEGIN: &str = "/staff/sign-on?network=lab&next=%2Fstaff%2Flab%2Fschedule";

/// The browser is sent to the provider. Answers the browser, and where it was sent.
pub(crate) async fn begin(browser: &Caller, path: &str) -> (Caller, String) {
    let sent = browser.get(path).await.expect(303);
    let browser = if browser.cookie().is_empty() { browser.clone().with_cookie_of(&sent) } else { browser.clone() };
    (browser, sent.header("location").to_owned())
}

/// The whole way; what the last address answers.
pub(crate) async fn attempt(app: &TestApp, provider: &TestProvider) -> (Caller, Answer) {
    let (browser, location) = begin(&app.anonymous(), BEGIN).await;
    let back = provider.sign_in(&location);
    let answer = browser.get(&back).await;
    (browser, answer)
}

pub(crate) async fn sign_in(app: &TestApp, provider: &TestProvider) -> Caller {
    let (browser, answer) = attempt(app, provider).await;
    let answer = answer.expect(303);
    assert_eq!(answer.header("location"), "/staff/lab/schedule");
    browser.with_cookie_of(&answer)
}

/// Sent back to the page that says why.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, why: &str) {
    assert_told(answer, why);
    assert!(!answer.headers.contains_key("set-cookie"), "no new session");
}

/// The same where the browser may have got its first session with it.
#[track_caller]
pub(crate) fn assert_told(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let expected = format!("/staff/sign-in?why={why}&next=");
    assert!(answer.header("location").starts_with(&expected), "{expected}: {}", answer.header("location"));
}

pub(crate) async fn live_posts(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM staff WHERE disabled_at IS NULL").await
}

async fn the_provider_opens_the_desk_with_the_role_it_says(app: TestApp) {
    let provider = with_provider(&app).await;
    let (browser, location) = begin(&app.anonymous(), BEGIN).await;
    let asked = provider.query(&location);
    assert_eq!(asked["redirect_uri"], "http://localhost:3000/staff/sign-on/back");
    assert_eq!((asked["scope"].as_str(), asked["max_age"].as_str()), ("openid email", "900"));
    assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43 && asked["code_challenge"].len() == 43);
    let before = browser.cookie().to_owned();
    let answer = browser.get(&provider.sign_in(&location)).await.expect(303);
    let browser = browser.with_cookie_of(&answer);
    assert_ne!(browser.cookie(), before, "a session that was fixed before is worth nothing");
    let board = browser.get("/staff/lab/schedule").await.expect(200).text;
    assert!(board.contains("Ada Lovelace") && board.contains("Front desk"), "{board}");
    browser.get("/staff/lab/patients").await.expect(200);
    browser.get("/staff/lab/people").await.expect(404);
    browser.get("/api/v1/staff/clinics/lab/schedule?from=2026-11-24").await.expect(200);
    // With other algorithms, as other people; a clinician by another claim.
    provider.has(Trouble::Rs256);
    provider.person(json!({ "sub": "grace", "name": "Grace", "groups": "boss" }));
    sign_in(&app, &provider).await.get("/staff/lab/people").await.expect(200);
    provider.has(Trouble::Ps256);
    provider.person(
        json!({ "sub": "ana", "given_name": "Ana", "family_name": "Doe", "groups": ["doctor"], "practitioner": "ana" }),
    );
    sign_in(&app, &provider).await;
    assert_eq!(app.count("SELECT count(*) FROM staff WHERE practitioner_id IS NOT NULL").await, 1);
    assert_eq!((live_posts(&app).await, app.count("SELECT count(*) FROM account").await), (3, 3));
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'staff.sign_on' AND outcome = 'ok'").await, 3);
    // The same person again is the same account.
    sign_in(&app, &provider).await;
    assert_eq!((live_posts(&app).await, app.count("SELECT count(*) FROM account").await), (3, 3));
    assert_eq!(provider.hits("/.well-known/openid-configuration"), 1, "it is remembered");
}

async fn the_sign_in_page_shows_providers_only_where_there_are_some(app: TestApp) {
    let nobody = app.anonymous();
    let led = nobody.get("/staff/lab/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/sign-in?next="), "{}", led.header("location"));
    let _provider = with_provider(&app).await;
    let led = nobody.get("/staff/lab/schedule").await.expect(303);
    assert_eq!(led.header("location"), "/staff/sign-in?next=%2Fstaff%2Flab%2Fschedule");
    let page = nobody.get(led.header("location")).await.expect(200).text;
    let link = "href=\"/staff/sign-on?network=lab&amp;next=%2Fstaff%2Flab%2Fschedule\"";
    assert!(page.contains("Sign in with Lab ID") && page.contains(link), "{page}");
    assert!(page.contains("Sign in with your email address"), "{page}");
    // Also on the page for everybody, and for the desks alone.
    assert!(nobody.get("/sign-in?next=%2Fstaff%2Flab").await.expect(200).text.contains("Sign in with Lab ID"));
    assert!(nobody.get("/sign-in?next=%2Fstaff").await.expect(200).text.contains("Sign in with Lab ID"));
    for elsewhere in
        ["/sign-in", "/sign-in?next=%2Fvisits", "/sign-in?next=%2Fstaff%2Friverside", "/sign-in?next=%2Fstaffroom"]
    {
        assert!(!nobody.get(elsewhere).await.expect(200).text.contains("Lab ID"), "{elsewhere}");
    }
    let led = nobody.get("/staff/riverside/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/sign-in?next="), "{}", led.header("location"));
    assert_told(&nobody.get("/staff/sign-on?network=riverside").await, "not-here");
    assert_told(&nobody.get("/staff/sign-on?network=nowhere").await, "not-here");
    let page = nobody.get("/staff/sign-in?why=no-post&next=%2Fstaff%2Flab").await.expect(200).text;
    assert!(page.contains("says nothing of what you do here"), "{page}");
    let page = nobody.get("/staff/sign-in?why=%3Cscript%3E&next=%2F%2Fevil.example").await.expect(200).text;
    assert!(!page.contains("evil.example") && !page.contains("<script>\""), "{page}");
}

/// Every way in which an ID token, or who it comes from, may be wrong.
async fn a_provider_that_proves_nothing_opens_nothing(app: TestApp) {
    let provider = with_provider(&app).await;
    for (trouble, why) in [
        (Trouble::OtherIssuer, "untrusted"),
        (Trouble::OtherAudience, "untrusted"),
        (Trouble::MoreAudiences, "untrusted"),
        (Trouble::OtherParty, "untrusted"),
        (Trouble::Expired, "untrusted"),
        (Trouble::MadeLater, "untrusted"),
        (Trouble::MadeLongAgo, "untrusted"),
        (Trouble::OtherNonce, "untrusted"),
        (Trouble::NoNonce, "untrusted"),
        (Trouble::NoSubject, "untrusted"),
        (Trouble::AlgNone, "untrusted"),
        (Trouble::AlgNoneWithSignature, "untrusted"),
        (Trouble::HmacWithPublicKey, "untrusted"),
        (Trouble::HmacWithSecret, "untrusted"),
        (Trouble::UnknownKey, "untrusted"),
        (Trouble::KeyAddress, "untrusted"),
        (Trouble::OtherKey, "untrusted"),
        (Trouble::Touched, "untrusted"),
        (Trouble::Critical, "untrusted"),
        (Trouble::OtherAccessToken, "untrusted"),
        (Trouble::OtherAnswerer, "untrusted"),
        (Trouble::NoAnswerer, "untrusted"),
        (Trouble::NoIdToken, "untrusted"),
        (Trouble::TokenFails, "away"),
        (Trouble::TokenHuge, "away"),
        (Trouble::TokenRedirects, "away"),
        (Trouble::TokenSlow, "away"),
    ] {
        provider.has(trouble);
        let (browser, answer) = attempt(&app, &provider).await;
        assert!(answer.header("location").contains(why), "{trouble:?}: {}", answer.header("location"));
        assert_refused(&answer, why);
        let led = browser.get("/staff/lab/schedule").await.expect(303);
        assert!(led.header("location").starts_with("/staff/sign-in"), "{trouble:?}: {}", led.header("location"));
    }
    assert_eq!(provider.trapped(), Vec::<String>::new());
    assert_eq!(app.count("SELECT count(*) FROM staff").await + app.count("SELECT count(*) FROM account").await, 0);
    let refused = "SELECT count(*) FROM audit WHERE action = 'staff.sign_on' AND outcome IN ('untrusted', 'away')";
    assert_eq!(app.count(refused).await, 27);
    // The same provider, when all is well.
    provider.has(Trouble::None);
    sign_in(&app, &provider).await;
}

/// Discovery leads nowhere but to the hosts that the administrator named.
async fn nobody_is_asked_who_was_not_named(app: TestApp) {
    for trouble in [
        Trouble::OtherIssuerFound,
        Trouble::TokenEndpointElsewhere,
        Trouble::KeysElsewhere,
        Trouble::DiscoveryRedirects,
        Trouble::DiscoverySlow,
        Trouble::DiscoveryHuge,
        Trouble::DiscoveryNonsense,
    ] {
        let provider = with_provider(&app).await;
        provider.has(trouble);
        assert_told(&app.anonymous().get(BEGIN).await, "away");
        assert_eq!(provider.trapped(), Vec::<String>::new(), "{trouble:?}");
        let tried = staff::try_provider(&app.cx, lab(&app).await.tenant).await.expect("read").expect("one is there");
        assert!(tried.is_err(), "{trouble:?}");
        // Nothing of it is remembered.
        provider.has(Trouble::None);
        sign_in(&app, &provider).await;
    }
    // One that is not there at all.
    let provider = TestProvider::start(&app.clock).await;
    write_down(&app, &settings(&provider)).await;
    drop(provider);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_told(&app.anonymous().get(BEGIN).await, "away");
}

async fn an_answer_counts_once_in_its_browser_and_soon(app: TestApp) {
    let provider = with_provider(&app).await;
    // Replayed, in the same browser and with its new session.
    let (browser, location) = begin(&app.anonymous(), BEGIN).await;
    let back = provider.sign_in(&location);
    let signed = browser.get(&back).await.expect(303);
    assert_refused(&browser.get(&back).await, "over");
    assert_refused(&browser.clone().with_cookie_of(&signed).get(&back).await, "over");
    // In a browser that asked nothing, and in one that asked something else.
    assert_refused(&app.anonymous().get(&back).await, "over");
    let (mine, my_location) = begin(&app.anonymous(), BEGIN).await;
    let (theirs, their_location) = begin(&app.anonymous(), BEGIN).await;
    let their_back = provider.sign_in(&their_location);
    assert_refused(&mine.get(&their_back).await, "over");
    // A wrong guess takes nothing away.
    let signed = mine.get(&provider.sign_in(&my_location)).await.expect(303);
    assert_eq!(signed.header("location"), "/staff/lab/schedule");
    // Somebody else's code with one's own state.
    let (eve, eves_location) = begin(&app.anonymous(), BEGIN).await;
    let eves_back = provider.sign_in(&eves_location);
    let code = |path: &str| path.split("code=").nth(1).expect("a code").split('&').next().expect("a code").to_owned();
    let injected = eves_back.replace(&code(&eves_back), &code(&their_back));
    assert_refused(&eve.get(&injected).await, "untrusted");
    // Of two at once one counts.
    let twice = futures::future::join(theirs.get(&their_back), theirs.get(&their_back)).await;
    let signed = [&twice.0, &twice.1].into_iter().filter(|answer| answer.headers.contains_key("set-cookie")).count();
    assert!(signed <= 1, "{twice:?}");
    // Too late.
    let (late, location) = begin(&app.anonymous(), BEGIN).await;
    let back = provider.sign_in(&location);
    app.clock.advance_minutes(11);
    assert_refused(&late.get(&back).await, "over");
    // The provider was told no; and an answer with nothing in it.
    let (no, location) = begin(&app.anonymous(), BEGIN).await;
    let state = provider.query(&location)["state"].clone();
    assert_refused(&no.get(&format!("/staff/sign-on/back?error=access_denied&state={state}")).await, "declined");
    assert_refused(&no.get("/staff/sign-on/back").await, "over");
    // Never to another site.
    let (browser, location) = begin(&app.anonymous(), "/staff/sign-on?network=lab&next=%2F%2Fevil.example").await;
    let signed = browser.get(&provider.sign_in(&location)).await.expect(303);
    assert_eq!(signed.header("location"), "/staff");
}

async fn the_role_follows_the_claim_at_every_sign_in(app: TestApp) {
    let provider = with_provider(&app).await;
    let desk = sign_in(&app, &provider).await;
    provider.person(json!({ "sub": "ada", "name": "Ada King", "groups": ["boss", "desk"] }));
    let boss = sign_in(&app, &provider).await;
    boss.get("/staff/lab/people").await.expect(200);
    assert!(boss.get("/staff/lab/people").await.text.contains("Ada King"));
    // At once, where they sit already.
    desk.get("/staff/lab/people").await.expect(200);
    provider.person(ada());
    sign_in(&app, &provider).await;
    boss.get("/staff/lab/people").await.expect(404);
    boss.get("/staff/lab/schedule").await.expect(200);
    // Nothing left: refused, and the desks that are open close.
    for groups in [json!([]), json!(["staff"]), json!(["DESK"]), json!({ "desk": true }), Value::Null] {
        provider.person(json!({ "sub": "ada", "groups": groups }));
        let (_, answer) = attempt(&app, &provider).await;
        assert_refused(&answer, "no-post");
        boss.get("/staff/lab/schedule").await.expect(404);
        desk.get("/api/v1/staff/clinics/lab/schedule").await.expect(404);
    }
    assert_eq!(live_posts(&app).await, 0);
    // A clinician without a schedule has no post, and nobody new is kept.
    provider.person(json!({ "sub": "ben", "groups": ["doctor"], "practitioner": "nobody" }));
    assert_refused(&attempt(&app, &provider).await.1, "no-post");
    assert_eq!(app.count("SELECT count(*) FROM account").await, 1);
    // And back.
    provider.person(ada());
    sign_in(&app, &provider).await;
    assert_eq!((live_posts(&app).await, app.count("SELECT count(*) FROM account").await), (1, 1));
    // Whoever does not come again has a desk for as long as any.
    let desk = sign_in(&app, &provider).await;
    for _ in 0..72 {
        app.clock.advance_minutes(10);
        desk.get("/staff/lab/schedule").await;
    }
    let led = desk.get("/staff/lab/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove?next="), "{}", led.header("location"));
}

async fn what_a_person_ended_no_claim_brings_back(app: TestApp) {
    let provider = with_provider(&app).await;
    let desk = sign_in(&app, &provider).await;
    let lab = lab(&app).await;
    let members = staff::everybody(&app.cx, lab.tenant).await.expect("people");
    let [ada_at_work] = &members[..] else { panic!("one") };
    assert!(ada_at_work.by_provider && ada_at_work.email == "ada@example.com");
    let id = ada_at_work.post.id;
    assert!(staff::disable_from_machine(&app.cx, id).await.expect("written"));
    desk.get("/staff/lab/schedule").await.expect(404);
    assert_refused(&attempt(&app, &provider).await.1, "ended");
    // Another role of theirs still counts.
    provider.person(json!({ "sub": "ada", "groups": ["desk", "boss"] }));
    sign_in(&app, &provider).await;
    assert_eq!(live_posts(&app).await, 1);
    provider.person(ada());
    assert_refused(&attempt(&app, &provider).await.1, "ended");
    assert!(staff::enable_from_machine(&app.cx, id).await.expect("written"));
    assert!(!staff::enable_from_machine(&app.cx, id).await.expect("written"), "once");
    assert_eq!(live_posts(&app).await, 0, "until the provider says so");
    sign_in(&app, &provider).await;
    // What the provider took away, a person can end for good.
    provider.person(json!({ "sub": "ada" }));
    assert_refused(&attempt(&app, &provider).await.1, "no-post");
    assert!(staff::disable_from_machine(&app.cx, id).await.expect("written"));
    provider.person(ada());
    assert_refused(&attempt(&app, &provider).await.1, "ended");
    // Nobody who was invited comes back that way.
    let invited = app.staff("lab", Role::Nurse).await;
    let members = staff::everybody(&app.cx, lab.tenant).await.expect("people");
    let nurse = members.iter().find(|member| member.email == invited.email).expect("the nurse").post.id;
    assert!(staff::disable_from_machine(&app.cx, nurse).await.expect("written"));
    assert!(!staff::enable_from_machine(&app.cx, nurse).await.expect("written"));
}

async fn the_way_of_signing_in_must_be_enough(app: TestApp) {
    let provider = TestProvider::start(&app.clock).await;
    let strict = SingleSignOn {
        acr: vec!["gold".to_owned(), "silver".to_owned()],
        amr: vec!["mfa".to_owned()],
        ..settings(&provider)
    };
    write_down(&app, &strict).await;
    let (_, location) = begin(&app.anonymous(), BEGIN).await;
    assert_eq!(provider.query(&location)["acr_values"], "gold silver");
    for (acr, amr) in [
        (Value::Null, Value::Null),
        (json!("gold"), Value::Null),
        (json!("gold"), json!(["pwd"])),
        (json!("bronze"), json!(["pwd", "mfa"])),
        (Value::Null, json!(["mfa"])),
    ] {
        let mut person = ada();
        (person["acr"], person["amr"]) = (acr, amr);
        provider.person(person);
        assert_refused(&attempt(&app, &provider).await.1, "weak");
    }
    let mut person = ada();
    (person["acr"], person["amr"]) = (json!("silver"), json!(["pwd", "mfa"]));
    provider.person(person);
    sign_in(&app, &provider).await;
}
