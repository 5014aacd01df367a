//! An account's addresses: more than one, each proved, all of them told of every change.

use testkit::{Answer, Caller, TestApp, on_both_engines};

on_both_engines![
    a_second_address_signs_in_to_the_same_account,
    another_main_address_takes_over_and_the_first_still_signs_in,
    an_address_that_was_removed_signs_in_no_more,
    an_address_of_somebody_else_is_not_added,
    only_a_fresh_proof_changes_addresses,
    an_account_has_five_addresses_at_most,
    every_address_hears_of_every_change,
];

const FIRST: &str = "amira@example.com";
const SECOND: &str = "amira.k@example.org";

async fn add(app: &TestApp, browser: &Caller, email: &str) -> Answer {
    let asked = browser.form("/fn/address-new", &[("email", email)]).await.expect(303);
    assert_eq!(asked.header("location"), "/account/addresses/code");
    app.run_jobs().await;
    browser.form("/fn/address-add", &[("code", &app.newest_code())]).await.expect(303)
}

/// The ids of the addresses that are not the main one, in the page's order.
async fn others(browser: &Caller) -> Vec<String> {
    let page = browser.get("/account/addresses").await.expect(200).text;
    let forms = page.split("/fn/address-remove").skip(1);
    forms.filter_map(|rest| rest.split("value=\"").nth(1)?.get(..36).map(str::to_owned)).collect()
}

async fn account_of(browser: &Caller) -> String {
    browser.get("/account/addresses").await.expect(200).text
}

fn mails_to(app: &TestApp, email: &str, subject: &str) -> usize {
    app.mailer.sent().iter().filter(|m| m.to == email && m.subject.contains(subject)).count()
}

async fn a_second_address_signs_in_to_the_same_account(app: TestApp) {
    let browser = app.patient(FIRST).await;
    assert_eq!(add(&app, &browser, SECOND).await.header("location"), "/account/addresses?done=added");
    let same = app.patient("Amira.K@EXAMPLE.org").await;
    let page = account_of(&same).await;
    assert!(page.contains(FIRST) && page.contains(SECOND), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM account").await, 1);
}

async fn another_main_address_takes_over_and_the_first_still_signs_in(app: TestApp) {
    let browser = app.patient(FIRST).await;
    add(&app, &browser, SECOND).await;
    let [id] = &others(&browser).await[..] else { panic!("one other address") };
    browser.form("/fn/address-main", &[("address", id)]).await.expect(303);
    let page = browser.get("/account").await.expect(200).text;
    assert!(page.contains(SECOND) && !page.contains(FIRST), "{page}");
    for email in [FIRST, SECOND] {
        let page = account_of(&app.patient(email).await).await;
        assert!(page.contains(FIRST) && page.contains(SECOND), "{page}");
    }
    // And back again, which the row that was the main one's survives.
    let [id] = &others(&browser).await[..] else { panic!("one other address") };
    browser.form("/fn/address-main", &[("address", id)]).await.expect(303);
    assert!(browser.get("/account").await.expect(200).text.contains(FIRST));
}

async fn an_address_that_was_removed_signs_in_no_more(app: TestApp) {
    let browser = app.patient(FIRST).await;
    add(&app, &browser, SECOND).await;
    let [id] = &others(&browser).await[..] else { panic!("one other address") };
    browser.form("/fn/address-remove", &[("address", id)]).await.expect(303);
    browser.form("/fn/address-remove", &[("address", id)]).await.expect(404);
    let stranger = app.patient(SECOND).await;
    assert!(!account_of(&stranger).await.contains(FIRST));
    assert_eq!(app.count("SELECT count(*) FROM account").await, 2);
    assert_eq!(mails_to(&app, SECOND, "was removed"), 1);
}

async fn an_address_of_somebody_else_is_not_added(app: TestApp) {
    app.patient("noor@example.com").await;
    let browser = app.patient(FIRST).await;
    for taken in ["noor@example.com", FIRST] {
        assert_eq!(add(&app, &browser, taken).await.header("location"), "/account/addresses/code");
        let page = browser.get("/account/addresses/code").await.expect(200).text;
        assert!(page.contains("signs in to an account already"), "{page}");
    }
    // Nor is anything of somebody else's changed or removed.
    let other = app.patient("noor@example.com").await;
    add(&app, &other, SECOND).await;
    let [id] = &others(&other).await[..] else { panic!("one other address") };
    for path in ["/fn/address-main", "/fn/address-remove"] {
        browser.form(path, &[("address", id)]).await.expect(404);
    }
    assert_eq!(app.count("SELECT count(*) FROM account_address").await, 3);
}

async fn only_a_fresh_proof_changes_addresses(app: TestApp) {
    let browser = app.patient(FIRST).await;
    add(&app, &browser, SECOND).await;
    let [id] = &others(&browser).await[..] else { panic!("one other address") };
    app.clock.advance_minutes(16);
    let changes: [(&str, Vec<(&str, &str)>); 4] = [
        ("/fn/address-new", vec![("email", "third@example.com")]),
        ("/fn/address-add", vec![("code", "123456")]),
        ("/fn/address-main", vec![("address", id)]),
        ("/fn/address-remove", vec![("address", id)]),
    ];
    for (path, fields) in changes {
        let answer = browser.form(path, &fields).await.expect(303);
        assert!(answer.header("location").starts_with("/sign-in/again?next="), "{path}: {answer:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM account_address").await, 2);
}

async fn an_account_has_five_addresses_at_most(app: TestApp) {
    let browser = app.patient(FIRST).await;
    for n in 2..=4 {
        add(&app, &browser, &format!("a{n}@example.com")).await;
    }
    // Five codes an hour are a browser's share.
    app.clock.advance_minutes(61);
    let browser = app.patient(FIRST).await;
    assert_eq!(add(&app, &browser, "a5@example.com").await.header("location"), "/account/addresses?done=added");
    assert_eq!(add(&app, &browser, "a6@example.com").await.header("location"), "/account/addresses/code");
    assert_eq!(app.count("SELECT count(*) FROM account_address").await, 5);
}

async fn every_address_hears_of_every_change(app: TestApp) {
    let browser = app.patient(FIRST).await;
    add(&app, &browser, SECOND).await;
    browser.form("/fn/recovery-codes", &[]).await.expect(303);
    app.run_jobs().await;
    for email in [FIRST, SECOND] {
        assert_eq!(mails_to(&app, email, "was added"), 1, "{email}");
        assert_eq!(mails_to(&app, email, "New recovery codes"), 1, "{email}");
    }
    let audited = "SELECT count(*) FROM audit WHERE action IN ('address.add', 'recovery_codes.make')";
    assert_eq!(app.count(audited).await, 2);
}
