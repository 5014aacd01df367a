//! The clinic's people: coming to work, showing who one is, what each role may, and going.

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
use testkit::{AtDesk, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    each_role_sees_and_does_exactly_what_the_table_says,
    an_address_alone_is_never_enough,
    an_invitation_is_for_its_address_and_once,
    an_invitation_runs_out_and_is_taken_back,
    a_manager_appoints_nobody_who_watches_over_managers,
    a_post_that_is_taken_away_ends_at_once,
    a_desk_locks_when_nobody_does_anything,
    what_was_sent_to_a_locked_desk_is_kept,
    a_desk_that_will_lock_says_so_before,
    an_apps_code_counts_once_and_wrong_ones_wait,
    whoever_reads_the_mail_sets_up_no_key_of_their_own,
    a_proof_is_one_accounts,
    a_locked_desk_proves_nothing_any_more,
    a_secret_is_shown_in_one_session_alone,
    a_network_without_administrator_has_a_link_once,
    one_clinic_is_not_the_other,
    nothing_of_the_people_is_readable_in_the_database,
];

const PAGES: [(&str, Action); 22] = [
    ("hours", Action::ChangeHours),
    ("hours/of/solo", Action::ChangeHours),
    ("hours/of/solo/week", Action::ChangeHours),
    ("hours/of/solo/week?period=new", Action::ChangeHours),
    ("hours/of/solo/away", Action::ChangeHours),
    ("new-times", Action::ChangeVisits),
    ("schedule", Action::SeeSchedule),
    ("visits/VISIT", Action::SeeSchedule),
    ("visits/VISIT/cancel", Action::ChangeVisits),
    ("waiting", Action::SeeSchedule),
    ("new", Action::ChangeVisits),
    ("block", Action::ChangeVisits),
    ("patients", Action::SeePatients),
    ("patients/PATIENT", Action::SeePatients),
    ("patients/PATIENT/contact", Action::ChangePatients),
    ("matches", Action::ChangePatients),
    ("reconcile", Action::Reconcile),
    ("emergency", Action::BreakGlass),
    ("emergencies", Action::SeeAudit),
    ("people", Action::ManageStaff),
    ("people/new", Action::ManageStaff),
    ("calendar-links", Action::ChangeHours),
];

/// Generated from the table (HIP-01): every page, every action and every operation for every role.
async fn each_role_sees_and_does_exactly_what_the_table_says(app: TestApp) {
    let program = app.program("lab").await;
    let visit =
        program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::new("Amira", "Khalil")).await.field("id");
    let patient =
        program.get(&format!("/api/v1/staff/clinics/lab/appointments/{visit}")).await.expect(200).field("patient");
    for role in Role::ALL {
        let at = app.staff("lab", role).await;
        let may = |action| role.reach(action).is_some();
        for (page, action) in PAGES {
            let path = format!("/staff/lab/{}", page.replace("VISIT", &visit).replace("PATIENT", &patient));
            let answer = at.caller.get(&path).await;
            // Who sees no schedule but manages people is led to them.
            let led = page == "schedule" && !may(action) && (may(Action::ManageStaff) || may(Action::SeeAudit));
            // Whoever makes no charts chooses one first.
            let led = led || page == "new" && may(action) && !may(Action::ChangePatients);
            let expected = match (led, may(action)) {
                (true, _) => 303,
                (false, true) => 200,
                (false, false) => 404,
            };
            assert_eq!(answer.status, expected, "{page} as {role:?}: {}", answer.header("location"));
            if !may(action) {
                assert!(!answer.text.contains("Khalil"), "{page} as {role:?}");
            }
        }
        let api = "/api/v1/staff/clinics/lab";
        let moving = format!("{api}/appointments/{visit}/move");
        let version = app.count("SELECT version FROM appointment").await;
        let to = json!({ "practitioner": "solo", "start": format!("2026-11-24T{}:00:00+01:00", 11 + version % 10) });
        let moved = at.caller.post(&moving, &to).await;
        assert_eq!(moved.status, if may(Action::ChangeVisits) { 200 } else { 404 }, "{role:?}: {}", moved.text);
        let found = at.caller.get(&format!("{api}/patients?q=khalil")).await;
        assert_eq!(found.status, if may(Action::SeePatients) { 200 } else { 404 }, "{role:?}");
        let board = at.caller.get(&format!("{api}/schedule?from=2026-11-24")).await;
        assert_eq!(board.status, if may(Action::SeeSchedule) { 200 } else { 404 }, "{role:?}");
        // The lab is open day and night: a time off the grid is against a rule.
        let body = json!({ "practitioner": "solo", "start": "2026-11-24T09:05:00+01:00", "override": { "rule": "off_grid", "why": "She waits outside" } });
        let against = at.caller.post(&moving, &body).await;
        let expected = match (may(Action::ChangeVisits), may(Action::OverrideRules)) {
            (true, true) => 200,
            _ => 404,
        };
        assert_eq!(against.status, expected, "{role:?}: {}", against.text);
        let invite = [("clinic", "lab"), ("name", "Ada"), ("email", "ada@example.com"), ("role", "nurse")];
        let invited = at.caller.form("/fn/staff-invite", &invite).await;
        assert_eq!(invited.status, if may(Action::ManageStaff) { 303 } else { 404 }, "{role:?}");
        // The clinic's screen is for whoever runs the whole schedule.
        let screen = role.reach(Action::ChangeVisits) == Some(Reach::Clinic);
        let page = at.caller.get("/staff/lab/screen").await;
        assert_eq!(page.status, if screen { 200 } else { 404 }, "{role:?}");
        let acted = at.caller.form("/fn/desk-screen", &[("clinic", "lab"), ("act", "make")]).await;
        assert_eq!(acted.status, if screen { 303 } else { 404 }, "{role:?}");
        let poster = at.caller.get("/staff/lab/poster").await;
        assert_eq!(poster.status, if may(Action::ChangeVisits) { 200 } else { 404 }, "{role:?}");
        let scanned = at.caller.form("/fn/desk-scan", &[("clinic", "lab"), ("code", "x")]).await;
        assert_eq!(scanned.status, if may(Action::ChangeVisits) { 303 } else { 404 }, "{role:?}");
        let list = at.caller.get(&format!("{api}/waiting")).await;
        assert_eq!(list.status, if may(Action::SeeSchedule) { 200 } else { 404 }, "{role:?}");
        // What a change would come to is for whoever may make it; of the clinic as a whole, for whom it is not their own alone.
        let own = [("clinic", "lab"), ("whose", "solo"), ("kind", "days"), ("from", "2026-12-01")];
        let rehearsed = at.caller.form("/fn/hours-away", &own).await;
        assert_eq!(rehearsed.status, if may(Action::ChangeHours) { 303 } else { 404 }, "{role:?}");
        let whole = role.reach(Action::ChangeHours) == Some(Reach::Clinic);
        for page in ["hours/closures", "hours/closure", "hours/settings", "hours/of/_clinic", "hours/of/ana"] {
            let answer = at.caller.get(&format!("/staff/lab/{page}")).await;
            assert_eq!(answer.status, if whole { 200 } else { 404 }, "{page} as {role:?}");
        }
        let closing = [("clinic", "lab"), ("from", "2026-12-01"), ("reason", "Rest")];
        let closed = at.caller.form("/fn/hours-closure", &closing).await;
        assert_eq!(closed.status, if whole { 303 } else { 404 }, "{role:?}");
        let away = json!({ "resource": "solo", "from": "2026-12-01" });
        let rehearsed = at.caller.post(&format!("{api}/hours/exceptions?rehearse=true"), &away).await;
        assert_eq!(rehearsed.status, if may(Action::ChangeHours) { 200 } else { 404 }, "{role:?}: {}", rehearsed.text);
        let read = at.caller.get(&format!("{api}/hours")).await;
        assert_eq!(read.status, if may(Action::SeeSchedule) { 200 } else { 404 }, "{role:?}");
        let list = at.caller.get(&format!("{api}/displaced")).await;
        assert_eq!(list.status, if may(Action::ChangeVisits) { 200 } else { 404 }, "{role:?}");
        let contact = [("clinic", "lab"), ("patient", patient.as_str()), ("seen", "x"), ("phone", "030 23125 109")];
        let corrected = at.caller.form("/fn/desk-contact", &contact).await;
        assert_eq!(corrected.status, if may(Action::ChangePatients) { 303 } else { 404 }, "{role:?}");
        for (act, field) in [("desk-match", "case"), ("desk-unmerge", "merge")] {
            let form = [("clinic", "lab"), (field, crate::matrix::NOBODYS), ("same", "no")];
            let decided = at.caller.form(&format!("/fn/{act}"), &form).await;
            assert_eq!(decided.status, if may(Action::ChangePatients) { 303 } else { 404 }, "{act} as {role:?}");
        }
        let step = [("clinic", "lab"), ("visit", &visit), ("step", "no-such-step")];
        let stepped = at.caller.form("/fn/desk-step", &step).await;
        assert_eq!(stepped.status, if may(Action::ChangeVisits) { 400 } else { 404 }, "{role:?}");
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
