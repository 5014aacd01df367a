//! What a parent reaches as a child grows up: less from birthday to birthday, by the network's own ages.

use portal::family;
use testkit::{Caller, TestApp, on_both_engines};

on_both_engines![
    what_is_sensitive_hides_first,
    a_parent_of_an_older_child_books_and_pays,
    a_parents_access_ends_when_the_child_is_of_age,
    a_new_grant_is_small_from_the_start,
    a_network_has_its_own_ages,
    what_a_young_person_allows_stays,
    it_is_told_once,
    whichever_relation_was_chosen,
    whoever_helps_a_grown_up_keeps_what_they_have,
    nobody_hears_of_the_birthdays_of_a_child_who_died,
];

const PARENT: &str = "parent@example.com";

/// A parent who was given everything, and the child, born on the day after the test's.
async fn parent(app: &TestApp, year: &str) -> (Caller, String) {
    let browser = app.patient(PARENT).await;
    let person = register(&browser, year).await;
    app.run_jobs().await;
    app.tamper("UPDATE chart_grant SET scope = 'book results notes messages pay sign'").await;
    (browser, person)
}

async fn register(browser: &Caller, year: &str) -> String {
    let fields = [
        ("clinic", "lab"),
        ("relation", "child"),
        ("given", "Lina"),
        ("family", "Khalil"),
        ("birth-day", "24"),
        ("birth-month", "11"),
        ("birth-year", year),
    ];
    let answer = browser.form("/fn/chart-register", &fields).await.expect(303);
    let rest = answer.header("location").strip_prefix("/people/").expect("a person").to_owned();
    rest.get(..36).expect("an id").to_owned()
}

/// A day later, signed in anew.
async fn birthday(app: &TestApp) -> Caller {
    app.clock.advance_minutes(24 * 60);
    family::grow_up(&app.cx).await.expect("the grants are read");
    app.run_jobs().await;
    app.patient(PARENT).await
}

async fn sees(browser: &Caller, person: &str, section: &str) -> bool {
    browser.get(&format!("/people/{person}/{section}")).await.status == 200
}

async fn scope(app: &TestApp, words: &str) -> bool {
    app.count(&format!("SELECT count(*) FROM chart_grant WHERE scope = '{words}'")).await == 1
}

fn mails(app: &TestApp, subject: &str) -> usize {
    app.mailer.sent().iter().filter(|mail| mail.subject == subject).count()
}

async fn what_is_sensitive_hides_first(app: TestApp) {
    let (browser, person) = parent(&app, "2014").await;
    family::grow_up(&app.cx).await.expect("the grants are read");
    assert!(sees(&browser, &person, "allergies").await && sees(&browser, &person, "accessibility").await);
    let browser = birthday(&app).await;
    assert!(scope(&app, "book messages pay sign").await);
    assert!(sees(&browser, &person, "address").await);
    for hidden in ["allergies", "conditions", "accessibility", "coverage"] {
        assert!(!sees(&browser, &person, hidden).await, "{hidden}");
    }
    let page = browser.get(&format!("/people/{person}")).await.expect(200).text;
    assert!(page.contains("Old enough to have a say"));
    assert_eq!(mails(&app, "You reach less of a child’s records"), 1);
    // The chart's address is the parent's here: the message names nobody and nothing.
    let sent = app.mailer.sent();
    let young = sent.iter().find(|mail| mail.subject == "You can take over your records").expect("a message");
    assert!(young.to == PARENT && !young.text.contains("Lina") && young.text.contains("have a say"));
    let audited = "SELECT count(*) FROM audit WHERE action = 'grant.narrow' AND actor_kind = 'system' \
                   AND patient_id IS NOT NULL";
    assert_eq!(app.count(audited).await, 1);
}

async fn a_parent_of_an_older_child_books_and_pays(app: TestApp) {
    let (_, person) = parent(&app, "2010").await;
    // Registered at 15, and what the clinic gave was given by hand: the next birthday makes it smaller all the same.
    let browser = birthday(&app).await;
    assert!(scope(&app, "book pay").await);
    assert!(sees(&browser, &person, "address").await && !sees(&browser, &person, "allergies").await);
}

async fn a_parents_access_ends_when_the_child_is_of_age(app: TestApp) {
    let (browser, person) = parent(&app, "2008").await;
    browser.get(&format!("/people/{person}")).await.expect(200);
    let browser = birthday(&app).await;
    browser.get(&format!("/people/{person}")).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM chart_grant WHERE ended_at IS NULL").await, 0);
    assert_eq!(mails(&app, "Somebody no longer reaches somebody’s records"), 1);
    assert_eq!(mails(&app, "You can take over your records"), 1);
}

async fn a_new_grant_is_small_from_the_start(app: TestApp) {
    let browser = app.patient(PARENT).await;
    let person = register(&browser, "2009").await;
    assert!(scope(&app, "book pay").await);
    assert!(!sees(&browser, &person, "accessibility").await);
    family::grow_up(&app.cx).await.expect("the grants are read");
    app.run_jobs().await;
    assert_eq!(mails(&app, "You reach less of a child’s records"), 0);
}

async fn a_network_has_its_own_ages(app: TestApp) {
    let (_, person) = parent(&app, "2014").await;
    app.tamper("UPDATE tenant SET growing_up = '{\"hide_sensitive\":14,\"narrow\":16,\"of_age\":18}'").await;
    let browser = birthday(&app).await;
    assert!(sees(&browser, &person, "allergies").await);
    app.tamper("UPDATE tenant SET growing_up = '{\"hide_sensitive\":8,\"narrow\":10,\"of_age\":12}'").await;
    let browser = birthday(&app).await;
    browser.get(&format!("/people/{person}")).await.expect(404);
}

async fn what_a_young_person_allows_stays(app: TestApp) {
    let (_, person) = parent(&app, "2014").await;
    app.tamper("UPDATE chart_grant SET origin = 'invite'").await;
    let browser = birthday(&app).await;
    assert!(sees(&browser, &person, "allergies").await);
}

async fn it_is_told_once(app: TestApp) {
    parent(&app, "2014").await;
    birthday(&app).await;
    let (first, second) = tokio::join!(family::grow_up(&app.cx), family::grow_up(&app.cx));
    assert!(first.is_ok() && second.is_ok());
    app.run_jobs().await;
    assert_eq!(mails(&app, "You reach less of a child’s records"), 1);
    assert_eq!(mails(&app, "You can take over your records"), 1);
}

/// Whoever books chooses what they are to the child.
async fn whichever_relation_was_chosen(app: TestApp) {
    let (_, person) = parent(&app, "2014").await;
    app.tamper("UPDATE chart_grant SET relation = 'other'").await;
    let browser = birthday(&app).await;
    assert!(scope(&app, "book messages pay sign").await);
    assert!(!sees(&browser, &person, "allergies").await);
}

/// Also those from before there were ages: the first look must not end what was given to a grown-up's helper.
async fn whoever_helps_a_grown_up_keeps_what_they_have(app: TestApp) {
    let (_, person) = parent(&app, "2008").await;
    app.clock.advance_minutes(2 * 24 * 60);
    let now = app.cx.now_ms();
    app.tamper(&format!("UPDATE chart_grant SET from_at = {now}, age_stage = 0")).await;
    let browser = birthday(&app).await;
    browser.get(&format!("/people/{person}")).await.expect(200);
    assert!(sees(&browser, &person, "allergies").await && sees(&browser, &person, "accessibility").await);
    assert_eq!(mails(&app, "You can take over your records"), 0);
}

async fn nobody_hears_of_the_birthdays_of_a_child_who_died(app: TestApp) {
    parent(&app, "2014").await;
    app.tamper("UPDATE patient SET deceased = TRUE").await;
    birthday(&app).await;
    assert_eq!(mails(&app, "You reach less of a child’s records"), 0);
    assert_eq!(mails(&app, "You can take over your records"), 0);
}
