//! Who reaches whose records: inviting, accepting, what a grant allows, and ending it.

use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    somebody_who_is_invited_reaches_what_was_chosen,
    what_was_not_chosen_is_not_there,
    an_invitation_is_its_addresses_alone,
    an_invitation_that_was_taken_back_is_over,
    either_side_ends_a_grant_at_once,
    a_grant_ends_by_itself_when_its_time_is_over,
    only_ones_own_records_are_shared,
    only_a_fresh_proof_invites,
    who_acts_for_another_is_written_down_as_such,
    a_parent_who_booked_for_a_child_sees_no_health_lists,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";
const CARER: &str = "carer@example.com";

async fn person_of(browser: &Caller) -> String {
    let page = browser.get("/account/records").await.expect(200).text;
    page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned()
}

/// A browser with a visit of its own, its person and its visit.
async fn owner(app: &TestApp) -> (Caller, String, String) {
    let browser = app.patient("amira@example.com").await;
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    let visit = browser.book("lab", "solo", TEN, &person).await.field("id");
    let id = person_of(&browser).await;
    (browser, id, visit)
}

async fn invite(app: &TestApp, owner: &Caller, person: &str, rights: &[&str], months: &str) -> Answer {
    let boxes: Vec<String> = rights.iter().map(|right| format!("rights-{right}")).collect();
    let known = [("person", person), ("email", CARER), ("relation", "other"), ("months", months)];
    let fields: Vec<_> = known.into_iter().chain(boxes.iter().map(|name| (name.as_str(), "yes"))).collect();
    let answer = owner.form("/fn/invite", &fields).await.expect(303);
    app.run_jobs().await;
    answer
}

async fn invite_id(browser: &Caller) -> Option<String> {
    let page = browser.get("/account/records").await.expect(200).text;
    let id = page.split("name=\"invite\" value=\"").nth(1)?.get(..36)?;
    Some(id.to_owned())
}

/// Somebody who accepted.
async fn carer(app: &TestApp, owner: &Caller, person: &str, rights: &[&str], months: &str) -> Caller {
    invite(app, owner, person, rights, months).await;
    let carer = app.patient(CARER).await;
    let id = invite_id(&carer).await.expect("an invitation");
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(303);
    carer
}

async fn somebody_who_is_invited_reaches_what_was_chosen(app: TestApp) {
    let (owner, person, visit) = owner(&app).await;
    let sent = invite(&app, &owner, &person, &["book", "pay"], "6").await;
    assert_eq!(sent.header("location"), format!("/people/{person}/helpers?done=invited"));
    // The mail says nothing of who, and nothing is reached before it is accepted.
    let mail = app.mailer.sent().into_iter().rev().find(|m| m.to == CARER).expect("a mail");
    assert!(!mail.text.contains("Amira") && !mail.text.contains("Khalil"), "{}", mail.text);
    let carer = app.patient(CARER).await;
    carer.get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
    let page = carer.get("/account/records").await.expect(200).text;
    assert!(page.contains("Amira Khalil") && page.contains("See and pay bills") && page.contains("ends by itself"));
    let id = invite_id(&carer).await.expect("an invitation");
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(303);
    carer.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(404);
    let page = owner.get(&format!("/people/{person}/helpers")).await.expect(200).text;
    assert!(page.contains(CARER) && page.contains("Reaches them"), "{page}");
}

async fn what_was_not_chosen_is_not_there(app: TestApp) {
    let (owner, person, visit) = owner(&app).await;
    let carer = carer(&app, &owner, &person, &["pay"], "0").await;
    // No right to book: no visits, no contact details, no health lists.
    carer.get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
    for section in ["address", "allergies", "communication", "name"] {
        carer.get(&format!("/people/{person}/{section}")).await.expect(404);
    }
    let fields = [("person", person.as_str()), ("section", "language"), ("language", "en")];
    carer.form("/fn/profile-say", &fields).await.expect(404);
    // A wider invitation replaces the narrow one.
    invite(&app, &owner, &person, &["book", "notes"], "0").await;
    let id = invite_id(&carer).await.expect("an invitation");
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(303);
    carer.get(&format!("/people/{person}/allergies")).await.expect(200);
    carer.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    // How to reach somebody safely is for their own eyes.
    carer.get(&format!("/people/{person}/communication")).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM chart_grant WHERE ended_at IS NULL").await, 2);
}

async fn an_invitation_is_its_addresses_alone(app: TestApp) {
    let (owner, person, _) = owner(&app).await;
    invite(&app, &owner, &person, &["book"], "0").await;
    let carer = app.patient(CARER).await;
    let id = invite_id(&carer).await.expect("an invitation");
    let eve = app.patient("eve@example.com").await;
    assert_eq!(invite_id(&eve).await, None);
    eve.form("/fn/invite-accept", &[("invite", &id)]).await.expect(404);
    eve.form("/fn/invite-withdraw", &[("person", &person), ("invite", &id)]).await.expect(404);
    carer.form("/fn/invite-decline", &[("invite", &id)]).await.expect(303);
    assert_eq!(invite_id(&carer).await, None);
    assert_eq!(app.count("SELECT count(*) FROM chart_grant").await, 1);
}

async fn an_invitation_that_was_taken_back_is_over(app: TestApp) {
    let (owner, person, _) = owner(&app).await;
    invite(&app, &owner, &person, &["book"], "0").await;
    let carer = app.patient(CARER).await;
    let id = invite_id(&carer).await.expect("an invitation");
    owner.form("/fn/invite-withdraw", &[("person", &person), ("invite", &id)]).await.expect(303);
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(404);
    // So is one that nobody answered for two weeks.
    invite(&app, &owner, &person, &["book"], "0").await;
    let id = invite_id(&carer).await.expect("an invitation");
    app.clock.advance_minutes(15 * 24 * 60);
    let carer = app.patient(CARER).await;
    carer.form("/fn/invite-accept", &[("invite", &id)]).await.expect(404);
}

async fn either_side_ends_a_grant_at_once(app: TestApp) {
    let (owner, person, visit) = owner(&app).await;
    for by_carer in [false, true] {
        let carer = carer(&app, &owner, &person, &["book"], "0").await;
        carer.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
        let (by, page) = if by_carer {
            (&carer, "/account/records".to_owned())
        } else {
            (&owner, format!("/people/{person}/helpers"))
        };
        let page = by.get(&page).await.expect(200).text;
        let id = page.split("name=\"grant\" value=\"").nth(1).and_then(|r| r.get(..36)).expect("a grant").to_owned();
        app.patient("eve@example.com").await.form("/fn/grant-end", &[("grant", &id)]).await.expect(404);
        by.form("/fn/grant-end", &[("grant", &id)]).await.expect(303);
        carer.get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
        carer.get(&format!("/people/{person}")).await.expect(404);
    }
    // Nobody takes the owner's own away.
    let own = owner.get("/api/v1/me/grants").await.expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    app.patient(CARER).await.form("/fn/grant-end", &[("grant", &own)]).await.expect(404);
}

async fn a_grant_ends_by_itself_when_its_time_is_over(app: TestApp) {
    let (owner, person, visit) = owner(&app).await;
    carer(&app, &owner, &person, &["book"], "1").await;
    app.clock.advance_minutes(29 * 24 * 60);
    app.patient(CARER).await.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    app.clock.advance_minutes(2 * 24 * 60);
    app.patient(CARER).await.get(&format!("/api/v1/appointments/{visit}")).await.expect(404);
}

async fn only_ones_own_records_are_shared(app: TestApp) {
    let (owner, person, _) = owner(&app).await;
    let carer = carer(&app, &owner, &person, &["book", "notes", "sign"], "0").await;
    carer.get(&format!("/people/{person}/helpers")).await.expect(404);
    let fields = [
        ("person", person.as_str()),
        ("email", "x@example.com"),
        ("relation", "other"),
        ("months", "0"),
        ("rights-book", "yes"),
    ];
    carer.form("/fn/invite", &fields).await.expect(404);
    // Nor can one invite oneself.
    let mut own = fields;
    own[1].1 = "AMIRA@example.com";
    assert_eq!(
        owner.form("/fn/invite", &own).await.expect(303).header("location"),
        format!("/people/{person}/helpers/new")
    );
    assert_eq!(app.count("SELECT count(*) FROM grant_invite").await, 1);
}

async fn only_a_fresh_proof_invites(app: TestApp) {
    let (owner, person, _) = owner(&app).await;
    app.clock.advance_minutes(16);
    let asked = invite(&app, &owner, &person, &["book"], "0").await;
    assert!(asked.header("location").starts_with("/sign-in/again?next="), "{asked:?}");
    assert_eq!(app.count("SELECT count(*) FROM grant_invite").await, 0);
}

async fn who_acts_for_another_is_written_down_as_such(app: TestApp) {
    let (owner, person, visit) = owner(&app).await;
    let carer = carer(&app, &owner, &person, &["book"], "0").await;
    carer.get(&format!("/visits/{visit}")).await.expect(200);
    carer.cancel(&visit).await.expect(200);
    let by = |action: &str, kind: &str| {
        format!(
            "SELECT count(*) FROM audit WHERE action = '{action}' AND actor_kind = '{kind}' AND patient_id IS NOT NULL"
        )
    };
    assert_eq!(app.count(&by("appointment.cancel", "proxy")).await, 1);
    assert_eq!(app.count(&by("appointment.cancel", "account")).await, 0);
    assert_eq!(app.count(&by("appointment.book", "account")).await, 1);
    assert!(app.count(&by("appointment.read", "proxy")).await > 0);
}

async fn a_parent_who_booked_for_a_child_sees_no_health_lists(app: TestApp) {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let (parent, person, visit) = owner(&app).await;
    // As booking for a child leaves it.
    let grant = entity::chart_grant::Entity::find().one(app.cx.db.read()).await.unwrap().unwrap();
    let mut grant = grant.into_active_model();
    (grant.relation, grant.scope) = (Set("child".to_owned()), Set("book".to_owned()));
    grant.update(app.cx.db.schema()).await.expect("the grant is changed");
    parent.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    parent.get(&format!("/people/{person}/address")).await.expect(200);
    for section in ["allergies", "medicines", "conditions", "communication"] {
        parent.get(&format!("/people/{person}/{section}")).await.expect(404);
    }
    parent.get(&format!("/people/{person}/helpers")).await.expect(404);
}
