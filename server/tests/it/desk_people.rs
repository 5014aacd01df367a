//! The clinic's people: coming to work, what each role may, and going.

use domain::{
    ids::TenantId,
    person::{Email, Name},
    staff::{Action, Reach, Role},
};
use portal::{
    clinic,
    staff::{self, Appointing, DeskError, InviteError},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use testkit::{AtDesk, Person, TestApp, on_both_engines};

on_both_engines![
    what_is_against_a_rule_needs_leave_for_it,
    an_address_alone_is_never_enough,
    an_invitation_is_for_its_address_and_once,
    an_invitation_runs_out_and_is_taken_back,
    a_manager_appoints_nobody_who_watches_over_managers,
    a_post_that_is_taken_away_ends_at_once,
    a_network_without_administrator_has_a_link_once,
    one_clinic_is_not_the_other,
    nothing_of_the_people_is_readable_in_the_database,
];

/// `roles` has what each may see and do; this is what depends on what somebody does.
async fn what_is_against_a_rule_needs_leave_for_it(app: TestApp) {
    let program = app.program("lab").await;
    let visit =
        program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::new("Amira", "Khalil")).await.field("id");
    for role in Role::ALL {
        let at = app.staff("lab", role).await;
        let may = |action| role.reach(action).is_some();
        let moving = format!("/api/v1/staff/clinics/lab/appointments/{visit}/move");
        let version = app.count("SELECT version FROM appointment").await;
        let to = json!({ "practitioner": "solo", "start": format!("2026-11-24T{}:00:00+01:00", 11 + version % 10) });
        let moved = at.caller.post(&moving, &to).await;
        assert_eq!(moved.status, if may(Action::ChangeVisits) { 200 } else { 404 }, "{role:?}: {}", moved.text);
        // The lab is open day and night: a time off the grid is against a rule.
        let body = json!({ "practitioner": "solo", "start": "2026-11-24T09:05:00+01:00", "override": { "rule": "off_grid", "why": "She waits outside" } });
        let against = at.caller.post(&moving, &body).await;
        let expected = match (may(Action::ChangeVisits), may(Action::OverrideRules)) {
            (true, true) => 200,
            _ => 404,
        };
        assert_eq!(against.status, expected, "{role:?}: {}", against.text);
        // Whoever makes no charts chooses one first, and whoever sees no schedule is led to what they see.
        if may(Action::ChangeVisits) {
            let page = at.caller.get("/staff/lab/new").await;
            assert_eq!(page.status, if may(Action::ChangePatients) { 200 } else { 303 }, "{role:?}");
        }
        let board = at.caller.get("/staff/lab/schedule").await;
        assert_eq!(board.status, if may(Action::SeeSchedule) { 200 } else { 303 }, "{role:?}");
        // Another's hours are for whoever changes all of the clinic's.
        let whole = role.reach(Action::ChangeHours) == Some(Reach::Clinic);
        for page in ["hours/of/_clinic", "hours/of/ana"] {
            let answer = at.caller.get(&format!("/staff/lab/{page}")).await;
            assert_eq!(answer.status, if whole { 200 } else { 404 }, "{page} as {role:?}");
        }
    }
}

async fn an_address_alone_is_never_enough(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    at.caller.get("/staff/lab/schedule").await.expect(200);
    // The same person in another browser, by a code in the mail.
    let mail = app.patient(&at.email).await;
    let led = mail.get("/staff/lab/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove?next=%2Fstaff%2Flab"), "{}", led.header("location"));
    mail.get("/api/v1/staff/clinics/lab/schedule").await.expect_problem(401, "desk_locked");
    mail.get("/staff/lab/events").await.expect_problem(401, "desk_locked");
    let led = mail.form("/fn/desk-step", &[("clinic", "lab")]).await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove"));
    let page = mail.get("/staff/prove").await.expect(200).text;
    assert!(page.contains("With your authenticator app"), "{page}");
    app.clock.advance_minutes(1);
    let proved =
        mail.form("/fn/staff-code", &[("code", &at.code(&app)), ("next", "/staff/lab/schedule")]).await.expect(303);
    assert_eq!(proved.header("location"), "/staff/lab/schedule");
    mail.with_cookie_of(&proved).get("/staff/lab/schedule").await.expect(200);
    let led = app.anonymous().get("/staff/lab/schedule").await.expect(303);
    assert!(led.header("location").starts_with("/sign-in?next="));
}

fn appointing(tenant: TenantId, clinic: Option<&clinic::Clinic>, role: Role, email: &str) -> Appointing {
    Appointing {
        tenant,
        clinic: clinic.map(|clinic| clinic.id),
        role,
        practitioner: None,
        name: Name::parse("Ada Newcomer").expect("a name"),
        email: Email::parse(email).expect("an address"),
    }
}

async fn lab(app: &TestApp) -> std::sync::Arc<clinic::Clinic> {
    clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic")
}

fn token(link: &str) -> String {
    link.rsplit('/').next().expect("a token").to_owned()
}

async fn an_invitation_is_for_its_address_and_once(app: TestApp) {
    let lab = lab(&app).await;
    let made =
        staff::appoint_from_machine(&app.cx, &appointing(lab.tenant, Some(&lab), Role::Nurse, "ada@example.com")).await;
    let made = made.expect("an invitation");
    app.run_jobs().await;
    let mails = app.mailer.sent();
    let mail = mails.iter().find(|mail| mail.to == "ada@example.com").expect("a mail");
    assert!(mail.text.contains(&made.link) && !mail.text.contains("Lab Clinic"), "{}", mail.text);
    let token = token(&made.link);
    let path = format!("/staff/join/{token}");
    let page = app.anonymous().get(&path).await.expect(200).text;
    assert!(page.contains("Nurse · Lab Clinic") && page.contains("First sign in"), "{page}");
    let eve = app.patient("eve@example.com").await;
    assert_eq!(eve.form("/fn/staff-join", &[("token", &token)]).await.expect(303).header("location"), path);
    assert!(eve.get(&path).await.text.contains("was sent to another address"));
    assert_eq!(app.count("SELECT count(*) FROM staff").await, 0);
    let ada = app.patient("ada@example.com").await;
    let fields = [("token", token.as_str())];
    let both = futures::future::join_all((0..4).map(|_| ada.form("/fn/staff-join", &fields))).await;
    assert!(both.iter().all(|answer| answer.status == 303));
    assert_eq!(app.count("SELECT count(*) FROM staff").await, 1);
    assert!(ada.get(&path).await.expect(200).text.contains("does not work any more"));
    // The address alone opened nothing yet.
    assert!(ada.get("/staff").await.expect(303).header("location").starts_with("/staff/prove"));
}

async fn an_invitation_runs_out_and_is_taken_back(app: TestApp) {
    let lab = lab(&app).await;
    let manager = app.staff("lab", Role::Manager).await;
    let invite = [("clinic", "lab"), ("name", "Ada"), ("email", "ada@example.com"), ("role", "nurse")];
    manager.caller.form("/fn/staff-invite", &invite).await.expect(303);
    let page = manager.caller.get("/staff/lab/people").await.expect(200).text;
    assert!(page.contains("ada@example.com") && page.contains("Invited"), "{page}");
    let id = page
        .split("name=\"invite\" value=\"")
        .nth(1)
        .and_then(|rest| rest.get(..36))
        .expect("an invitation")
        .to_owned();
    manager.caller.form("/fn/staff-invite-withdraw", &[("clinic", "lab"), ("invite", &id)]).await.expect(303);
    manager.caller.form("/fn/staff-invite-withdraw", &[("clinic", "lab"), ("invite", &id)]).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM staff_invite WHERE ended_at IS NULL").await, 0);
    let what = appointing(lab.tenant, Some(&lab), Role::Nurse, "ada@example.com");
    let first = staff::appoint_from_machine(&app.cx, &what).await.expect("an invitation");
    // A second one to the same address takes the first one's place.
    let second = staff::appoint_from_machine(&app.cx, &what).await.expect("an invitation");
    assert!(staff::opened(&app.cx, &token(&first.link)).await.expect("read").is_none());
    assert!(staff::opened(&app.cx, &token(&second.link)).await.expect("read").is_some());
    app.clock.advance_minutes(7 * 24 * 60);
    assert!(staff::opened(&app.cx, &token(&second.link)).await.expect("read").is_none());
}

/// Of whoever is called so, in the list of people.
fn post_of(people: &str, name: &str) -> String {
    let row = people.split("<tr>").find(|row| row.contains(&format!("<bdi>{name}"))).expect("their row");
    row.split("name=\"post\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("a post").to_owned()
}

async fn a_manager_appoints_nobody_who_watches_over_managers(app: TestApp) {
    let manager = app.staff("lab", Role::Manager).await;
    let page = manager.caller.get("/staff/lab/people/new").await.expect(200).text;
    assert!(page.contains("Front desk") && !page.contains("Administrator") && !page.contains("Privacy officer"));
    for role in ["admin", "privacy-officer", "king", ""] {
        let invite = [("clinic", "lab"), ("name", "Ada"), ("email", "ada@example.com"), ("role", role)];
        manager.caller.form("/fn/staff-invite", &invite).await.expect(303);
        assert!(manager.caller.get("/staff/lab/people/new").await.text.contains("Choose their role here"), "{role}");
    }
    // The whole network is not a clinic's manager's, whatever the form says.
    let invite =
        [("clinic", "lab"), ("name", "Ada"), ("email", "ada@example.com"), ("role", "nurse"), ("place", "network")];
    manager.caller.form("/fn/staff-invite", &invite).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM staff_invite WHERE clinic_id IS NULL").await, 0);
    // A clinician needs a schedule, and nobody else has one.
    let invite = [("clinic", "lab"), ("name", "Ada"), ("email", "bob@example.com"), ("role", "clinician")];
    manager.caller.form("/fn/staff-invite", &invite).await.expect(303);
    assert!(manager.caller.get("/staff/lab/people/new").await.text.contains("Choose whose schedule is theirs"));
    let admin = app.staff("lab", Role::Admin).await;
    let people = admin.caller.get("/staff/lab/people").await.expect(200).text;
    // The administrator may remove the manager, who may not remove the administrator.
    let id = post_of(&people, "Manager");
    // Nobody's own post is offered to them.
    let own = entity::staff::Entity::find().filter(entity::staff::Column::Role.eq("admin")).one(app.cx.db.read()).await;
    let own = own.expect("posts").expect("the administrator's").id.to_string();
    manager.caller.form("/fn/staff-disable", &[("clinic", "lab"), ("post", &own)]).await.expect(404);
    admin.caller.form("/fn/staff-disable", &[("clinic", "lab"), ("post", &id)]).await.expect(303);
}

async fn a_post_that_is_taken_away_ends_at_once(app: TestApp) {
    let nurse = app.staff("lab", Role::Nurse).await;
    let admin = app.staff("lab", Role::Admin).await;
    nurse.caller.get("/staff/lab/schedule").await.expect(200);
    let people = admin.caller.get("/staff/lab/people").await.expect(200).text;
    let id = post_of(&people, "Nurse");
    for expected in [303, 404] {
        admin.caller.form("/fn/staff-disable", &[("clinic", "lab"), ("post", &id)]).await.expect(expected);
    }
    nurse.caller.get("/staff/lab/schedule").await.expect(404);
    nurse.caller.get("/api/v1/staff/clinics/lab/schedule").await.expect(404);
    nurse.caller.get("/staff/lab/events").await.expect(404);
    app.run_jobs().await;
    let told =
        app.mailer.sent().into_iter().any(|mail| mail.to == nurse.email && mail.subject.contains("no longer work"));
    assert!(told, "whoever lost the post is told");
    assert!(admin.caller.get("/staff/lab/people?done=disabled").await.text.contains("Removed"));
}

async fn a_network_without_administrator_has_a_link_once(app: TestApp) {
    let links = staff::set_up_links(&app.cx).await.expect("links");
    let (_, old) = links.iter().find(|(name, _)| name == "Lab").expect("the lab's").clone();
    let links = staff::set_up_links(&app.cx).await.expect("links");
    let (_, link) = links.iter().find(|(name, _)| name == "Lab").expect("the lab's").clone();
    assert!(staff::opened(&app.cx, &token(&old)).await.expect("read").is_none(), "the newest alone works");
    let ada = app.patient("ada@example.com").await;
    let token = token(&link);
    ada.form("/fn/staff-join", &[("token", &token)]).await.expect(303);
    assert!(ada.get(&format!("/staff/join/{token}")).await.text.contains("Enter a name"));
    ada.form("/fn/staff-join", &[("token", &token), ("name", "Ada")]).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM staff WHERE role = 'admin' AND clinic_id IS NULL").await, 1);
    let links = staff::set_up_links(&app.cx).await.expect("links");
    assert!(links.iter().all(|(name, _)| name != "Lab"), "{links:?}");
    // Somebody else who has the link comes too late.
    let eve = app.patient("eve@example.com").await;
    eve.form("/fn/staff-join", &[("token", &token), ("name", "Eve")]).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM staff").await, 1);
    // Without a proof there is no desk.
    let browser = app.browser(&ada).await;
    assert!(matches!(staff::desk(&app.cx, Some(&browser), false).await, Err(DeskError::Prove)));
    let admin: AtDesk = app.with_app(ada, "ada@example.com").await;
    admin.caller.get("/staff/lab/people").await.expect(200);
}

async fn one_clinic_is_not_the_other(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    for slug in ["riverside", "northgate", "no-such-clinic"] {
        for page in ["schedule", "patients", "people", "new", "matches"] {
            let page = at.caller.get(&format!("/staff/{slug}/{page}")).await.expect(404).text;
            // There is a way back, and nothing that tells whether there is such a clinic.
            assert!(page.contains("href=\"/staff\"") && !page.contains("Find a clinic"), "{page}");
        }
        at.caller.get(&format!("/api/v1/staff/clinics/{slug}/schedule")).await.expect(404);
        at.caller.get(&format!("/staff/{slug}/events")).await.expect(404);
    }
    let lab = lab(&app).await;
    let riverside = clinic::by_slug(&app.cx, "riverside").await.expect("read").expect("the clinic");
    // A clinic of another network is no place to be invited to.
    let wrong = appointing(lab.tenant, Some(&riverside), Role::Nurse, "ada@example.com");
    assert!(matches!(staff::appoint_from_machine(&app.cx, &wrong).await, Err(InviteError::NotFound)));
    // Two posts: each at its place.
    let what = appointing(riverside.tenant, Some(&riverside), Role::Biller, &at.email);
    let made = staff::appoint_from_machine(&app.cx, &what).await.expect("an invitation");
    at.caller.form("/fn/staff-join", &[("token", &token(&made.link))]).await.expect(303);
    at.caller.get("/staff/riverside/schedule").await.expect(200);
    at.caller.get("/staff/riverside/new").await.expect(404);
    at.caller.get("/staff/lab/new").await.expect(200);
    let choice = at.caller.get("/staff").await.expect(200).text;
    assert!(choice.contains("Lab Clinic") && choice.contains("Manager") && choice.contains("Biller"), "{choice}");
}

async fn nothing_of_the_people_is_readable_in_the_database(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let db = app.cx.db.read();
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let row = entity::staff::Entity::find().one(db).await.expect("read").expect("a row");
    assert!(!has(&row.name, b"Front desk"));
    let invite = entity::staff_invite::Entity::find().one(db).await.expect("read").expect("a row");
    assert!(!has(&invite.email.expect("an address"), at.email.as_bytes()));
    let secret = entity::one_time_password::Entity::find().one(db).await.expect("read").expect("a row").secret;
    assert!(!has(&secret, at.app.secret().as_bytes()));
}
