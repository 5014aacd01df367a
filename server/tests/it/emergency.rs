//! Break-glass (HIP-03): a chart beyond one's role, for an hour, with a reason, watched over, and told to the patient.

use domain::{
    person::{Email, Name},
    staff::Role,
};
use portal::{
    clinic,
    staff::{self, Appointing},
};
use sea_orm::EntityTrait;
use testkit::{Answer, AtDesk, Caller, Person, TestApp, on_both_engines};

use super::desk::DAY;

on_both_engines![
    a_chart_beyond_ones_role_opens_for_an_hour,
    it_asks_for_a_reason_and_keeps_what_was_typed,
    it_needs_a_fresh_proof,
    whoever_is_reached_anyway_is_no_emergency,
    a_clinics_nurse_reaches_the_networks_patients_and_no_others,
    whoever_may_not_may_not,
    of_two_at_once_there_is_one_access_and_one_notice,
    a_post_that_is_taken_away_takes_it_along,
    another_post_and_another_reason_open_anew,
    it_is_ended_early_and_is_ones_own,
    a_privacy_officer_looks_into_it_once_and_never_into_their_own,
    without_an_officer_the_administrators_hear_of_it,
    the_patient_sees_that_it_was_an_emergency_and_not_who,
    nothing_of_it_is_readable_in_the_database,
];

const WHY: &str = "Unconscious, needs allergies and medicines";

/// A visit with the team, which is not the clinician's schedule; answers the patient's browser, and the visit.
async fn somebody(app: &TestApp) -> (Caller, String) {
    let owner = app.patient("owner@example.com").await;
    let person = Person { email: "owner@example.com".to_owned(), ..Person::new("Amira Sophie", "Khalil") };
    let visit = owner.book("lab", "team", &format!("{DAY}T10:00:00+01:00"), &person).await.field("id");
    (owner, visit)
}

async fn patient_id(app: &TestApp) -> String {
    let row = entity::patient::Entity::find().one(app.cx.db.read()).await.expect("read").expect("a chart");
    row.id.to_string()
}

/// As `Person::new` has it.
const BORN: [(&str, &str); 3] = [("birth-day", "31"), ("birth-month", "1"), ("birth-year", "1980")];

/// By name and birth date, sent by whoever is at a desk.
async fn by_name(at: &AtDesk, slug: &str, name: &str) -> Answer {
    let fields = [&[("clinic", slug), ("name", name), ("why", WHY)][..], &BORN].concat();
    at.caller.form("/fn/glass-break", &fields).await
}

async fn by_visit(at: &AtDesk, visit: &str) -> Answer {
    at.caller.form("/fn/glass-break", &[("clinic", "lab"), ("visit", visit), ("why", WHY)]).await
}

async fn accesses(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM emergency_access").await
}

async fn audited(app: &TestApp, action: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM audit WHERE action = '{action}' AND entity = 'emergency_access'");
    app.count(&sql).await
}

/// Another post for somebody who is at a desk already.
async fn also(app: &TestApp, caller: &Caller, email: &str, slug: &str, role: Role) {
    let clinic = clinic::by_slug(&app.cx, slug).await.expect("read").expect("the clinic");
    let what = Appointing {
        tenant: clinic.tenant,
        clinic: Some(clinic.id),
        role,
        practitioner: None,
        name: Name::parse("Kim Also").expect("a name"),
        email: Email::parse(email).expect("an address"),
    };
    let made = staff::appoint_from_machine(&app.cx, &what).await.expect("an invitation");
    let token = made.link.rsplit('/').next().expect("a token").to_owned();
    caller.form("/fn/staff-join", &[("token", &token)]).await.expect(303);
}

async fn a_chart_beyond_ones_role_opens_for_an_hour(app: TestApp) {
    let (owner, visit) = somebody(&app).await;
    let patient = patient_id(&app).await;
    let allergy =
        [("person", patient.as_str()), ("section", "allergies"), ("substance", "Latex"), ("severity", "severe")];
    owner.form("/fn/profile-add", &allergy).await.expect(303);
    let officer = app.staff("lab", Role::PrivacyOfficer).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let page = clinician.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Open the chart in an emergency") && !page.contains("31 January 1980"), "{page}");
    let form = clinician.caller.get(&format!("/staff/lab/emergency?visit={visit}")).await.expect(200).text;
    assert!(form.contains("Khalil, A.") && !form.contains("Amira Sophie"), "{form}");
    let led = by_visit(&clinician, &visit).await.expect(303).header("location").to_owned();
    assert!(led.starts_with("/staff/lab/emergency/"), "{led}");
    let chart = clinician.caller.get(&led).await.expect(200).text;
    for words in ["Amira Sophie Khalil", "31 January 1980", "Latex", "Team", "Emergency access until"] {
        assert!(chart.contains(words), "{words}: {chart}");
    }
    clinician.caller.get(&led).await.expect(200);
    assert_eq!((audited(&app, "glass.break").await, audited(&app, "emergency.read").await), (1, 2), "every look");
    // It reaches that chart, and opens nothing else.
    let page = clinician.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(!page.contains("31 January 1980"), "{page}");
    app.run_jobs().await;
    let mails: Vec<_> = app.mailer.sent().into_iter().filter(|mail| mail.subject.contains("emergency")).collect();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [officer.email.as_str()]);
    assert!(mails[0].text.contains("/staff/lab/emergencies") && !mails[0].text.contains("Khalil"), "{}", mails[0].text);
    // The hour goes by, at the desk.
    for _ in 0..5 {
        app.clock.advance_minutes(11);
        clinician.caller.get("/staff/lab/schedule").await.expect(200);
    }
    assert!(clinician.caller.get(&led).await.expect(200).text.contains("Latex"), "55 minutes");
    app.clock.advance_minutes(5);
    let over = clinician.caller.get(&led).await.expect(404).text;
    assert!(!over.contains("Khalil"), "{over}");
    assert_eq!(audited(&app, "emergency.read").await, 3);
}

async fn it_asks_for_a_reason_and_keeps_what_was_typed(app: TestApp) {
    somebody(&app).await;
    let nurse = app.staff("lab", Role::Nurse).await;
    let page = async || nurse.caller.get("/staff/lab/emergency").await.expect(200).text;
    assert!(!page().await.contains("There is a problem"));
    for (fields, words) in [
        (vec![("clinic", "lab")], "Enter the patient’s full name"),
        (vec![("clinic", "lab"), ("name", "Ada Nobody")], "Enter their date of birth"),
        (vec![("clinic", "lab"), ("name", "Ada Nobody"), ("why", "   ")], "Say in a few words why"),
        ([&[("clinic", "lab"), ("name", "Ada Nobody"), ("why", "now")][..], &BORN].concat(), "Say in a few words why"),
    ] {
        nurse.caller.form("/fn/glass-break", &fields).await.expect(303);
        let shown = page().await;
        assert!(shown.contains(words), "{words}: {shown}");
        assert!(fields.len() < 2 || shown.contains("value=\"Ada Nobody\""), "{shown}");
        // Not shown to whoever comes next.
        assert!(!page().await.contains("Ada Nobody"));
    }
    assert_eq!(by_name(&nurse, "lab", "Ada Nobody").await.expect(303).header("location"), "/staff/lab/emergency");
    assert!(page().await.contains("Nobody in the network has this name and date of birth"));
    let long = "x".repeat(501);
    nurse.caller.form("/fn/glass-break", &[("clinic", "lab"), ("name", "Ada"), ("why", &long)]).await.expect(303);
    assert_eq!(accesses(&app).await, 0);
    let refused =
        "SELECT count(*) FROM audit WHERE action = 'glass.break' AND outcome <> 'ok' AND actor_kind = 'staff'";
    assert_eq!(app.count(refused).await, 2, "refusals are written down");
}

async fn it_needs_a_fresh_proof(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    for _ in 0..2 {
        app.clock.advance_minutes(9);
        clinician.caller.get("/staff/lab/schedule").await.expect(200);
    }
    let led = clinician.caller.get("/staff/lab/emergency").await.expect(303);
    assert!(led.header("location").contains("next=%2Fstaff%2Flab%2Femergency"), "{}", led.header("location"));
    let led = by_visit(&clinician, &visit).await.expect(303);
    assert!(led.header("location").contains("next=%2Fstaff%2Flab%2Femergency"), "{}", led.header("location"));
    assert_eq!(accesses(&app).await, 0);
    let fields = [("code", &*clinician.code(&app)), ("next", "/staff/lab/emergency")];
    let proved = clinician.caller.form("/fn/staff-code", &fields).await.expect(303);
    let caller = clinician.caller.clone().with_cookie_of(&proved);
    let page = caller.get(&format!("/staff/lab/emergency?visit={visit}")).await.expect(200).text;
    assert!(page.contains(WHY), "nothing typed is lost: {page}");
    let fields = [("clinic", "lab"), ("visit", visit.as_str()), ("why", WHY)];
    caller.form("/fn/glass-break", &fields).await.expect(303);
    assert_eq!(accesses(&app).await, 1);
}

async fn whoever_is_reached_anyway_is_no_emergency(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let nurse = app.staff("lab", Role::Nurse).await;
    by_visit(&nurse, &visit).await.expect(303);
    let page = nurse.caller.get(&format!("/staff/lab/emergency?visit={visit}")).await.expect(200).text;
    assert!(page.contains("Your role opens this chart without"), "{page}");
    by_name(&nurse, "lab", "Khalil Amira").await.expect(303);
    assert!(nurse.caller.get("/staff/lab/emergency").await.text.contains("Your role opens this chart without"));
    assert_eq!(accesses(&app).await, 0);
}

async fn a_clinics_nurse_reaches_the_networks_patients_and_no_others(app: TestApp) {
    somebody(&app).await;
    // Another network: nobody there has this name.
    let other = app.staff("riverside", Role::Nurse).await;
    by_name(&other, "riverside", "Amira Khalil").await.expect(303);
    assert!(other.caller.get("/staff/riverside/emergency").await.text.contains("Nobody in the network"));
    // Another clinic of the same network.
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    let near = app.staff("northgate", Role::Nurse).await;
    for wrong in ["Khal", "Amira Khalilzadeh", "A. Khalil", "%"] {
        by_name(&near, "northgate", wrong).await.expect(303);
        assert!(near.caller.get("/staff/northgate/emergency").await.text.contains("Nobody in the network"), "{wrong}");
    }
    let led = by_name(&near, "northgate", "amira KHALIL").await.expect(303).header("location").to_owned();
    let chart = near.caller.get(&led).await.expect(200).text;
    assert!(chart.contains("Amira Sophie Khalil") && chart.contains("Lab Clinic"), "{chart}");
    // At the clinic at which it was opened, and by whom.
    let id = led.rsplit('/').next().expect("an id").to_owned();
    for (who, slug) in [(&other, "riverside"), (&near, "lab"), (&other, "northgate")] {
        who.caller.get(&format!("/staff/{slug}/emergency/{id}")).await.expect(404);
    }
    for bad in ["nonsense", "00000000-0000-7000-8000-000000000000"] {
        near.caller.get(&format!("/staff/northgate/emergency/{bad}")).await.expect(404);
    }
}

async fn whoever_may_not_may_not(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    for role in Role::ALL.into_iter().filter(|role| role.reach(domain::staff::Action::BreakGlass).is_none()) {
        let at = app.staff("lab", role).await;
        at.caller.get("/staff/lab/emergency").await.expect(404);
        by_visit(&at, &visit).await.expect(404);
        by_name(&at, "lab", "Amira Khalil").await.expect(404);
    }
    for who in [app.anonymous(), app.patient("eve@example.com").await] {
        let answer = who.form("/fn/glass-break", &[("clinic", "lab"), ("visit", &visit), ("why", WHY)]).await;
        assert!([401, 404].contains(&answer.status), "{}", answer.status);
    }
    assert_eq!(accesses(&app).await, 0);
}

async fn of_two_at_once_there_is_one_access_and_one_notice(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    app.staff("lab", Role::PrivacyOfficer).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let all = futures::future::join_all((0..4).map(|_| by_visit(&clinician, &visit))).await;
    let first = all[0].header("location").to_owned();
    assert!(all.iter().all(|answer| answer.header("location") == first), "{all:#?}");
    assert_eq!((accesses(&app).await, audited(&app, "glass.break").await), (1, 1));
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().iter().filter(|mail| mail.subject.contains("emergency")).count(), 1);
    // Somebody else's is another one.
    let second = app.staff_as("lab", Role::Clinician, "second@example.com").await;
    let led = by_visit(&second, &visit).await.expect(303).header("location").to_owned();
    assert_ne!(led, first);
    assert_eq!(accesses(&app).await, 2);
    second.caller.get(&first).await.expect(404);
}

async fn a_post_that_is_taken_away_takes_it_along(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let led = by_visit(&clinician, &visit).await.expect(303).header("location").to_owned();
    clinician.caller.get(&led).await.expect(200);
    // Another post that may, too, does not go on with what the first one opened.
    also(&app, &clinician.caller, &clinician.email, "lab", Role::Nurse).await;
    let posts = entity::staff::Entity::find().all(app.cx.db.read()).await.expect("posts");
    let post = posts.iter().find(|post| post.role == "clinician").expect("the post");
    assert!(staff::disable_from_machine(&app.cx, post.id).await.expect("disabled"));
    clinician.caller.get("/staff/lab/schedule").await.expect(200);
    clinician.caller.get(&led).await.expect(404);
    let id = led.rsplit('/').next().expect("an id");
    clinician.caller.form("/fn/glass-end", &[("clinic", "lab"), ("access", id)]).await.expect(404);
    assert_eq!(audited(&app, "emergency.read").await, 1);
}

async fn it_is_ended_early_and_is_ones_own(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let other = app.staff_as("lab", Role::Nurse, "other@example.com").await;
    let led = by_visit(&clinician, &visit).await.expect(303).header("location").to_owned();
    let id = led.rsplit('/').next().expect("an id");
    let end = [("clinic", "lab"), ("access", id)];
    let list = clinician.caller.get("/staff/lab/emergency").await.expect(200).text;
    assert!(list.contains("Amira Sophie Khalil") && list.contains("60 min left"), "{list}");
    assert_eq!(audited(&app, "emergency.list").await, 1, "a name that is told leaves a trace");
    assert!(!other.caller.get("/staff/lab/emergency").await.expect(200).text.contains("Khalil"));
    other.caller.get(&led).await.expect(404);
    other.caller.form("/fn/glass-end", &end).await.expect(404);
    clinician.caller.get(&led).await.expect(200);
    let ended = clinician.caller.form("/fn/glass-end", &end).await.expect(303);
    assert!(clinician.caller.get(ended.header("location")).await.text.contains("It is closed again"));
    clinician.caller.get(&led).await.expect(404);
    clinician.caller.form("/fn/glass-end", &end).await.expect(404);
    assert_eq!(audited(&app, "glass.end").await, 1);
    // Opened again it is another one.
    assert_ne!(by_visit(&clinician, &visit).await.expect(303).header("location"), led);
    assert_eq!(accesses(&app).await, 2);
}

async fn a_privacy_officer_looks_into_it_once_and_never_into_their_own(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let officer = app.staff("lab", Role::PrivacyOfficer).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let led = by_visit(&clinician, &visit).await.expect(303).header("location").to_owned();
    clinician.caller.get(&led).await.expect(200);
    let id = led.rsplit('/').next().expect("an id").to_owned();
    // The officer's desk is about nothing else.
    assert_eq!(
        officer.caller.get("/staff/lab/schedule").await.expect(303).header("location"),
        "/staff/lab/emergencies"
    );
    let page = async |at: &AtDesk| at.caller.get("/staff/lab/emergencies").await.expect(200).text;
    let shown = page(&officer).await;
    for words in ["Clinician", "Khalil, A.", WHY, "looked once", "One waits for your review"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("Amira Sophie") && !shown.contains("1980"), "{shown}");
    officer.caller.get(&led).await.expect(404);
    // Another clinic's officer sees and does nothing here.
    let other = app.staff("riverside", Role::PrivacyOfficer).await;
    assert!(!other.caller.get("/staff/riverside/emergencies").await.expect(200).text.contains("Khalil"));
    let send = async |at: &AtDesk, slug: &str, note: &str| {
        let fields = [("clinic", slug), ("access", id.as_str()), ("note", note)];
        at.caller.form("/fn/glass-review", &fields).await
    };
    send(&other, "riverside", "Fine").await.expect(404);
    send(&clinician, "lab", "Fine").await.expect(404);
    send(&officer, "lab", "  ").await.expect(303);
    assert!(page(&officer).await.contains("Say what you found"));
    // Of two officers at once, one marks it.
    let second = app.staff_as("lab", Role::PrivacyOfficer, "second@example.com").await;
    futures::future::join(
        send(&officer, "lab", "An accident, justified"),
        send(&second, "lab", "An accident, justified"),
    )
    .await;
    assert_eq!(audited(&app, "glass.review").await, 1);
    let shown = page(&officer).await;
    assert!(shown.contains("An accident, justified") && shown.contains("All are reviewed"), "{shown}");
    send(&officer, "lab", "Something else").await.expect(303);
    assert!(!page(&officer).await.contains("q dir=\"auto\">Something else"));
    // An officer who opens a chart themselves is looked into by somebody else.
    also(&app, &second.caller, "second@example.com", "lab", Role::Nurse).await;
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    also(&app, &second.caller, "second@example.com", "northgate", Role::Nurse).await;
    also(&app, &second.caller, "second@example.com", "northgate", Role::PrivacyOfficer).await;
    let led = by_name(&second, "northgate", "Amira Khalil").await.expect(303).header("location").to_owned();
    let own = led.rsplit('/').next().expect("an id");
    let page = second.caller.get("/staff/northgate/emergencies").await.expect(200).text;
    assert!(page.contains("It is your own: somebody else reviews it"), "{page}");
    let fields = [("clinic", "northgate"), ("access", own), ("note", "All is well")];
    second.caller.form("/fn/glass-review", &fields).await.expect(303);
    assert_eq!(audited(&app, "glass.review").await, 1);
}

async fn without_an_officer_the_administrators_hear_of_it(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let admin = app.staff("lab", Role::Admin).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    by_visit(&clinician, &visit).await.expect(303);
    app.run_jobs().await;
    let told: Vec<String> =
        app.mailer.sent().into_iter().filter(|mail| mail.subject.contains("emergency")).map(|mail| mail.to).collect();
    assert_eq!(told, [admin.email]);
}

async fn the_patient_sees_that_it_was_an_emergency_and_not_who(app: TestApp) {
    let (owner, visit) = somebody(&app).await;
    let officer = app.staff("lab", Role::PrivacyOfficer).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let desk = app.staff("lab", Role::FrontDesk).await;
    desk.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200);
    let path = format!("/people/{}/looks", patient_id(&app).await);
    let before = owner.get(&path).await.expect(200).text;
    assert!(before.contains("Opened a visit of yours") && before.contains("Front desk, Lab Clinic"), "{before}");
    assert!(!before.contains("in an emergency"), "{before}");
    let led = by_visit(&clinician, &visit).await.expect(303).header("location").to_owned();
    for _ in 0..3 {
        clinician.caller.get(&led).await.expect(200);
    }
    let page = owner.get(&path).await.expect(200).text;
    assert!(page.contains("Read your records in an emergency") && page.contains("Clinician, Lab Clinic"), "{page}");
    assert!(page.contains("3 times") && !page.contains(&clinician.email) && !page.contains(WHY), "{page}");
    let id = led.rsplit('/').next().expect("an id");
    officer
        .caller
        .form("/fn/glass-review", &[("clinic", "lab"), ("access", id), ("note", "Justified")])
        .await
        .expect(303);
    let page = owner.get(&path).await.expect(200).text;
    assert!(page.contains("emergency, reviewed") && !page.contains("Justified"), "{page}");
    // Nobody else's business.
    app.patient("eve@example.com").await.get(&path).await.expect(404);
    clinician.caller.get(&path).await.expect(404);
}

async fn another_post_and_another_reason_open_anew(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let led = by_visit(&clinician, &visit).await.expect(303).header("location").to_owned();
    assert_eq!(by_visit(&clinician, &visit).await.expect(303).header("location"), led);
    let other = [("clinic", "lab"), ("visit", visit.as_str()), ("why", "Called about a lab value of hers")];
    let second = clinician.caller.form("/fn/glass-break", &other).await.expect(303).header("location").to_owned();
    assert_ne!(second, led);
    assert_eq!(accesses(&app).await, 2, "each reason is there to be looked into");
    let lab = clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    let members = staff::everybody(&app.cx, lab.tenant).await.expect("people");
    let post = members.iter().find(|member| member.email == clinician.email).expect("the clinician").post.id;
    also(&app, &clinician.caller, &clinician.email, "lab", Role::Nurse).await;
    assert!(staff::disable_from_machine(&app.cx, post).await.expect("written"));
    clinician.caller.get(&led).await.expect(404);
    let anew = by_name(&clinician, "lab", "Amira Sophie Khalil").await.expect(303).header("location").to_owned();
    assert_ne!(anew, led);
    clinician.caller.get(&anew).await.expect(200);
}

async fn nothing_of_it_is_readable_in_the_database(app: TestApp) {
    let (_, visit) = somebody(&app).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    by_visit(&clinician, &visit).await.expect(303);
    let row = entity::emergency_access::Entity::find().one(app.cx.db.read()).await.expect("read").expect("a row");
    assert!(!row.reason.windows(11).any(|part| part == b"Unconscious"));
    assert_eq!(row.expires_at - row.made_at, 3_600_000);
}
