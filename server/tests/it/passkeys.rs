//! Passkeys: making one, signing in with it, and everything that must not pass for either.

use serde_json::Value;
use testkit::{Answer, Authenticator, Caller, Saying, TestApp, on_both_engines};

on_both_engines![
    a_passkey_signs_in_without_an_address,
    every_spoilt_passkey_is_refused,
    every_spoilt_sign_in_is_refused,
    a_challenge_is_answered_once_and_in_time,
    a_challenge_is_answered_in_its_own_browser,
    only_a_fresh_proof_makes_or_removes_a_passkey,
    a_passkey_is_nobody_elses,
    a_passkey_that_was_removed_signs_in_no_more,
    a_copied_passkey_is_noticed_by_its_counter,
    every_change_is_told_to_the_accounts_address,
    other_devices_are_signed_out,
];

const AMIRA: &str = "amira@example.com";

/// What is wrong, and how it comes to be.
type Spoilt = (&'static str, fn(&mut Saying));

/// The JSON that an island gets.
fn options(answer: Answer) -> Value {
    let text: String = serde_json::from_str(&answer.expect(200).text).expect("a text");
    serde_json::from_str(&text).expect("options")
}

async fn offered(browser: &Caller) -> Value {
    options(browser.form("/fn/passkey-offer", &[]).await)
}

async fn asked(browser: &Caller) -> Value {
    options(browser.form("/fn/passkey-ask", &[]).await)
}

async fn keep(browser: &Caller, credential: &str) -> Answer {
    browser.form("/fn/passkey-keep", &[("credential", credential)]).await
}

async fn prove(browser: &Caller, credential: &str) -> Answer {
    browser.form("/fn/passkey-prove", &[("credential", credential)]).await
}

/// An account with a passkey.
async fn with_passkey(app: &TestApp, email: &str, seed: u8) -> (Caller, Authenticator) {
    let browser = app.patient(email).await;
    let mut phone = Authenticator::new(seed);
    let credential = phone.make(&offered(&browser).await, |_| {});
    keep(&browser, &credential).await.expect(200);
    (browser, phone)
}

/// A browser with a session and nobody signed in.
async fn visitor(app: &TestApp) -> Caller {
    let answer = app.anonymous().form("/fn/passkey-ask", &[]).await.expect(200);
    app.anonymous().with_cookie_of(&answer)
}

/// The id of the account's passkey, as its page names it.
async fn passkey_of(browser: &Caller) -> String {
    let page = browser.get("/account").await.expect(200).text;
    page.split("/account/passkeys/").nth(1).and_then(|rest| rest.get(..36)).expect("a passkey").to_owned()
}

async fn is_signed_in(browser: &Caller) -> bool {
    browser.get("/api/v1/appointments").await.status == 200
}

async fn a_passkey_signs_in_without_an_address(app: TestApp) {
    let (_, mut phone) = with_passkey(&app, AMIRA, 1).await;
    let browser = visitor(&app).await;
    let options = asked(&browser).await;
    assert_eq!(options["userVerification"], "required");
    assert!(options["allowCredentials"].as_array().is_none_or(Vec::is_empty), "{options}");
    let answer = prove(&browser, &phone.sign(&options, |_| {})).await.expect(200);
    assert_eq!(answer.text, "\"/visits\"");
    let signed_in = app.anonymous().with_cookie_of(&answer);
    assert!(is_signed_in(&signed_in).await);
    assert!(signed_in.get("/account").await.expect(200).text.contains(AMIRA));
    // The secret from before signing in is worth nothing.
    assert!(!is_signed_in(&browser).await);
}

async fn every_spoilt_passkey_is_refused(app: TestApp) {
    let browser = app.patient(AMIRA).await;
    let spoilt: [Spoilt; 11] = [
        ("type", |s| s.r#type = "webauthn.get".to_owned()),
        ("challenge", |s| s.challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        ("origin's host", |s| s.origin = "http://localhost.evil.example:3000".to_owned()),
        ("origin's port", |s| s.origin = "http://localhost:3001".to_owned()),
        ("origin's scheme", |s| s.origin = "https://localhost:3000".to_owned()),
        ("whose passkey", |s| s.rp_id = "evil.example".to_owned()),
        ("nobody there", |s| s.flags &= !0x01),
        ("nobody verified", |s| s.flags &= !0x04),
        ("no credential", |s| s.flags &= !0x40),
        ("backed up though it cannot be", |s| s.flags |= 0x10),
        ("algorithm", |s| s.algorithm = -8),
    ];
    for (what, change) in spoilt {
        let mut phone = Authenticator::new(2);
        let credential = phone.make(&offered(&browser).await, change);
        let answer = keep(&browser, &credential).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
    }
    for text in ["", "{}", "null", "\u{0}", "{\"id\":\"AA\"}"] {
        offered(&browser).await;
        keep(&browser, text).await.expect(400);
    }
    assert_eq!(app.count("SELECT count(*) FROM passkey").await, 0);
}

async fn every_spoilt_sign_in_is_refused(app: TestApp) {
    let (_, mut phone) = with_passkey(&app, AMIRA, 3).await;
    let browser = visitor(&app).await;
    let spoilt: [Spoilt; 13] = [
        ("type", |s| s.r#type = "webauthn.create".to_owned()),
        ("challenge", |s| s.challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        ("origin's host", |s| s.origin = "http://evil.example:3000".to_owned()),
        ("origin's port", |s| s.origin = "http://localhost".to_owned()),
        ("origin's scheme", |s| s.origin = "https://localhost:3000".to_owned()),
        ("whose passkey", |s| s.rp_id = "evil.example".to_owned()),
        ("nobody there", |s| s.flags &= !0x01),
        ("nobody verified", |s| s.flags &= !0x04),
        ("suddenly can be backed up", |s| s.flags |= 0x08),
        ("signature", |s| s.forged = true),
        ("unknown passkey", |s| s.id = vec![9; 32]),
        ("no user", |s| s.user = None),
        ("another user", |s| s.user = Some(vec![7; 16])),
    ];
    for (what, change) in spoilt {
        let credential = phone.sign(&asked(&browser).await, change);
        let answer = prove(&browser, &credential).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        assert!(answer.header("set-cookie").is_empty(), "{what}");
    }
    assert!(!is_signed_in(&browser).await);
    let credential = phone.sign(&asked(&browser).await, |_| {});
    prove(&browser, &credential).await.expect(200);
}

async fn a_challenge_is_answered_once_and_in_time(app: TestApp) {
    let (_, mut phone) = with_passkey(&app, AMIRA, 4).await;
    let browser = visitor(&app).await;
    let credential = phone.sign(&asked(&browser).await, |_| {});
    let answer = prove(&browser, &credential).await.expect(200);
    // Replayed, by the browser it was for.
    prove(&app.anonymous().with_cookie_of(&answer), &credential).await.expect(400);
    let late = visitor(&app).await;
    let credential = phone.sign(&asked(&late).await, |_| {});
    app.clock.advance_minutes(5);
    prove(&late, &credential).await.expect(400);
    // A newer challenge replaces the one before.
    let twice = visitor(&app).await;
    let first = asked(&twice).await;
    asked(&twice).await;
    prove(&twice, &phone.sign(&first, |_| {})).await.expect(400);
}

async fn a_challenge_is_answered_in_its_own_browser(app: TestApp) {
    let (_, mut phone) = with_passkey(&app, AMIRA, 5).await;
    let (one, two) = (visitor(&app).await, visitor(&app).await);
    asked(&two).await;
    let credential = phone.sign(&asked(&one).await, |_| {});
    prove(&two, &credential).await.expect(400);
}

async fn only_a_fresh_proof_makes_or_removes_a_passkey(app: TestApp) {
    app.anonymous().form("/fn/passkey-offer", &[]).await.expect(401);
    let (browser, mut phone) = with_passkey(&app, AMIRA, 6).await;
    let options = offered(&browser).await;
    app.clock.advance_minutes(15);
    browser.form("/fn/passkey-offer", &[]).await.expect(403);
    keep(&browser, &Authenticator::new(7).make(&options, |_| {})).await.expect(403);
    let id = passkey_of(&browser).await;
    let removing = browser.form("/fn/passkey-remove", &[("passkey", &id)]).await.expect(303);
    assert!(removing.header("location").starts_with("/sign-in/again?"), "{removing:?}");
    assert_eq!(app.count("SELECT count(*) FROM passkey").await, 1);
    // The passkey itself is such a proof, and the session gets a new secret with it.
    let again = prove(&browser, &phone.sign(&asked(&browser).await, |_| {})).await.expect(200);
    let browser = app.anonymous().with_cookie_of(&again);
    browser.form("/fn/passkey-remove", &[("passkey", &id)]).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM passkey").await, 0);
}

async fn a_passkey_is_nobody_elses(app: TestApp) {
    let (amira, mut phone) = with_passkey(&app, AMIRA, 8).await;
    let eve = app.patient("eve@example.com").await;
    // The same credential, registered to another account.
    let credential = phone.make(&offered(&eve).await, |_| {});
    keep(&eve, &credential).await.expect(400);
    // Somebody else's passkey is no proof of who is signed in.
    let user = phone.user.clone();
    let (_, mut mine) = with_passkey(&app, "noor@example.com", 9).await;
    prove(&eve, &mine.sign(&asked(&eve).await, |_| {})).await.expect(400);
    assert!(eve.get("/account").await.expect(200).text.contains("eve@example.com"));
    prove(&amira, &mine.sign(&asked(&amira).await, |s| s.user = Some(user))).await.expect(400);
    let id = passkey_of(&amira).await;
    for path in ["/fn/passkey-rename", "/fn/passkey-remove"] {
        eve.form(path, &[("passkey", &id), ("name", "Mine")]).await.expect(404);
    }
    eve.get(&format!("/account/passkeys/{id}")).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM passkey").await, 2);
}

async fn a_passkey_that_was_removed_signs_in_no_more(app: TestApp) {
    let (browser, mut phone) = with_passkey(&app, AMIRA, 10).await;
    let id = passkey_of(&browser).await;
    browser.form("/fn/passkey-rename", &[("passkey", &id), ("name", "  Phöne <b>  ")]).await.expect(303);
    assert!(browser.get("/account").await.text.contains("Phöne &lt;b&gt;"));
    browser.form("/fn/passkey-remove", &[("passkey", &id)]).await.expect(303);
    let visitor = visitor(&app).await;
    prove(&visitor, &phone.sign(&asked(&visitor).await, |_| {})).await.expect(400);
    // A code still signs in.
    assert!(is_signed_in(&app.patient(AMIRA).await).await);
}

async fn a_copied_passkey_is_noticed_by_its_counter(app: TestApp) {
    let (_, mut phone) = with_passkey(&app, AMIRA, 11).await;
    let browser = visitor(&app).await;
    phone.counter = 41;
    prove(&browser, &phone.sign(&asked(&browser).await, |_| {})).await.expect(200);
    let thief = visitor(&app).await;
    for counter in [42, 41, 1] {
        prove(&thief, &phone.sign(&asked(&thief).await, |s| s.counter = counter)).await.expect(400);
    }
    prove(&thief, &phone.sign(&asked(&thief).await, |s| s.counter = 43)).await.expect(200);
}

async fn every_change_is_told_to_the_accounts_address(app: TestApp) {
    let (browser, _) = with_passkey(&app, AMIRA, 12).await;
    app.run_jobs().await;
    let id = passkey_of(&browser).await;
    browser.form("/fn/passkey-remove", &[("passkey", &id)]).await.expect(303);
    app.run_jobs().await;
    let told: Vec<String> =
        app.mailer.sent().into_iter().filter(|mail| mail.to == AMIRA).map(|mail| mail.subject).collect();
    assert!(told.iter().any(|s| s.contains("was added")) && told.iter().any(|s| s.contains("was removed")), "{told:?}");
    let rows = app.count("SELECT count(*) FROM audit WHERE entity = 'passkey'").await;
    assert_eq!(rows, 2);
}

async fn other_devices_are_signed_out(app: TestApp) {
    let phone = app.patient(AMIRA).await;
    let (tablet, laptop) = (app.patient(AMIRA).await, app.patient(AMIRA).await);
    let eve = app.patient("eve@example.com").await;
    let page = phone.get("/account").await.expect(200).text;
    let other = page.split("name=\"device\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("a device");
    eve.form("/fn/device-end", &[("device", other)]).await.expect(404);
    phone.form("/fn/device-end", &[("device", other)]).await.expect(303);
    assert!(is_signed_in(&tablet).await != is_signed_in(&laptop).await);
    phone.form("/fn/devices-end", &[]).await.expect(303);
    assert!(!is_signed_in(&tablet).await && !is_signed_in(&laptop).await);
    assert!(is_signed_in(&phone).await && is_signed_in(&eve).await);
}
