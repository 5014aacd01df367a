//! One patient at the desk: who may open whom, correcting how they are reached, and charts that are one person's.

use domain::staff::Role;
use portal::Scope;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use testkit::{AtDesk, Caller, Person, TestApp, on_both_engines};
use uuid::Uuid;

use super::{
    desk::{API, TEN, find, step, that_day, visit_of},
    desk_booking::book,
    matrix::NOBODYS,
};

on_both_engines![
    a_patients_page_tells_who_it_is_and_what_comes,
    a_page_is_opened_by_whoever_finds_the_patient,
    how_somebody_is_reached_is_corrected_once_it_was_seen,
    two_charts_are_made_one_and_two_again,
    other_clinics_cases_hide_none_of_ones_own,
    an_accounts_claim_is_decided_at_the_desk,
    a_visit_is_cancelled_after_a_question_and_booked_again,
    a_slip_in_the_waiting_room_is_taken_back,
    whoever_is_lost_finds_the_way_back_to_the_desk,
];

async fn patient_of(at: &AtDesk, visit: &str) -> String {
    at.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient")
}

async fn a_patients_page_tells_who_it_is_and_what_comes(app: TestApp) {
    let visit = visit_of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let patient = patient_of(&at, &visit).await;
    let found = find(&at, "khalil").await;
    assert!(found.contains(&format!("href=\"/staff/lab/patients/{patient}\"")), "the finder leads there: {found}");
    let read = "SELECT count(*) FROM audit WHERE action = 'patient.read' AND actor_kind = 'staff'";
    let before = app.count(read).await;
    let page = at.caller.get(&format!("/staff/lab/patients/{patient}")).await.expect(200).text;
    for words in [
        "Amira Khalil",
        "31 January 1980 (46 years)",
        "Coming visits",
        &format!("/staff/lab/visits/{visit}"),
        &format!("/staff/lab/new?patient={patient}"),
        &format!("/staff/lab/waitlist/new?patient={patient}"),
        "Correct phone, email or address",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(app.count(read).await, before + 1, "each look is written down");
    // The visit leads back to who it is.
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains(&format!("/staff/lab/patients/{patient}")), "{page}");
    assert!(page.contains("by a program of the clinic, Test"), "who booked it: {page}");
    // Once it took place it is a past visit.
    app.clock.set("2026-11-25T09:30:00Z".parse().expect("a time"));
    let at = app.staff_as("lab", Role::FrontDesk, "later@example.com").await;
    let page = at.caller.get(&format!("/staff/lab/patients/{patient}")).await.expect(200).text;
    let past = page.find("Past visits").expect("a heading");
    assert!(page.find(&visit).expect("the visit") > past, "{page}");
}

async fn a_page_is_opened_by_whoever_finds_the_patient(app: TestApp) {
    let program = app.program("lab").await;
    let own = visit_of(&app).await;
    let ben = Person { email: "ben@example.com".to_owned(), ..Person::new("Ben", "Other") };
    let other = program.book("lab", "team", "2026-11-24T11:00:00+01:00", &ben).await.field("id");
    let desk = app.staff("lab", Role::FrontDesk).await;
    let (own, other) = (patient_of(&desk, &own).await, patient_of(&desk, &other).await);
    // A clinician opens their own patients alone, and corrects nobody.
    let clinician = app.staff_as("lab", Role::Clinician, "solo@example.com").await;
    let page = clinician.caller.get(&format!("/staff/lab/patients/{own}")).await.expect(200).text;
    assert!(page.contains("Amira Khalil") && !page.contains("Correct phone"), "{page}");
    let lost = clinician.caller.get(&format!("/staff/lab/patients/{other}")).await.expect(404).text;
    assert!(!lost.contains("Other") && lost.contains("Back to the schedule"), "{lost}");
    clinician.caller.get(&format!("/staff/lab/patients/{own}/contact")).await.expect(404);
    desk.caller.get(&format!("/staff/lab/patients/{NOBODYS}")).await.expect(404);
    desk.caller.get("/staff/lab/patients/nonsense").await.expect(404);
    // Another clinic of the network has no such patient, but whoever waits there is one.
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    let next_door = app.staff_as("northgate", Role::FrontDesk, "north@example.com").await;
    let path = format!("/staff/northgate/patients/{other}");
    let page = next_door.caller.get(&path).await.expect(404).text;
    assert!(!page.contains("Other"), "{page}");
    let clinic = "(SELECT id FROM clinic WHERE slug = 'northgate')";
    let wait = json!({ "patient": other, "service": "team", "wishes": { "until": "2026-12-18" } });
    let request = desk.caller.post_request(&format!("{API}/waitlist"), &wait).header("idempotency-key", "wait");
    desk.caller.send(request).await.expect(201);
    let page = desk.caller.get(&format!("/staff/lab/patients/{other}")).await.expect(200).text;
    assert!(page.contains("/staff/lab/waitlist/"), "{page}");
    app.tamper(&format!("UPDATE waitlist_entry SET clinic_id = {clinic}")).await;
    next_door.caller.get(&path).await.expect(200);
}

fn contact<'a>(patient: &'a str, seen: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("clinic", "lab"), ("patient", patient), ("seen", seen)];
    fields.extend(more);
    fields
}

fn seen(page: &str) -> String {
    let value = page.split("name=\"seen\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
    value.split('"').next().expect("a value").to_owned()
}

async fn how_somebody_is_reached_is_corrected_once_it_was_seen(app: TestApp) {
    let visit = visit_of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let patient = patient_of(&at, &visit).await;
    let form = format!("/staff/lab/patients/{patient}/contact");
    let page = at.caller.get(&form).await.expect(200).text;
    let before = seen(&page);
    // Mistakes keep what was typed.
    let wrong = contact(&patient, &before, &[("phone", "12"), ("email", "no address"), ("city", "Berlin")]);
    let led = at.caller.form("/fn/desk-contact", &wrong).await.expect(303);
    assert_eq!(led.header("location"), form);
    let page = at.caller.get(&form).await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains("value=\"no address\""), "{page}");
    assert_eq!(seen(&page), before);
    // A booking meanwhile is no correction.
    let again =
        json!({ "service": "team", "practitioner": "ana", "start": "2026-11-24T14:00:00+01:00", "patient": patient });
    book(&at.caller, "meanwhile", &again).await.expect(201);
    let right = [
        ("phone", "030 23125 177"),
        ("email", "amira.new@example.com"),
        ("street", "Seestraße 9\r\n3rd floor"),
        ("postcode", "13347"),
        ("city", "Berlin"),
        ("country", "DE"),
    ];
    let led = at.caller.form("/fn/desk-contact", &contact(&patient, &before, &right)).await.expect(303);
    assert_eq!(led.header("location"), format!("/staff/lab/patients/{patient}?done=contact"));
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    for words in ["Corrected", "amira.new@example.com", "Seestraße 9", "13347 Berlin", "Germany", "23125"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // She is found by it, and a mail goes there.
    assert!(find(&at, "030 23125 177").await.contains("Amira Khalil"));
    let written =
        "SELECT count(*) FROM audit WHERE action = 'patient.contact' AND outcome = 'ok' AND actor_kind = 'staff'";
    assert_eq!(app.count(written).await, 1);
    // Of two at once, the second looks first; what they typed is kept.
    let late = contact(&patient, &before, &[("phone", "030 23125 188")]);
    at.caller.form("/fn/desk-contact", &late).await.expect(303);
    let page = at.caller.get(&form).await.expect(200).text;
    assert!(page.contains("Somebody corrected the chart while you typed") && page.contains("030 23125 188"), "{page}");
    assert!(page.contains("amira.new@example.com"), "what stands there now is told: {page}");
    assert_eq!(app.count(written).await, 1);
    let all = futures::future::join_all((0..4).map(|n| {
        let phone = format!("030 23125 10{n}");
        let (caller, patient, seen) = (at.caller.clone(), patient.clone(), seen(&page));
        async move {
            let form = [("clinic", "lab"), ("patient", patient.as_str()), ("seen", &seen), ("phone", &phone)];
            caller.form("/fn/desk-contact", &form).await.expect(303).header("location").to_owned()
        }
    }))
    .await;
    assert_eq!(all.iter().filter(|led| led.ends_with("done=contact")).count(), 1, "{all:?}");
    assert_eq!(app.count(written).await, 2);
    // What stood there is kept, and its owner hears that it is not written to any more.
    let page = at.caller.get(&format!("/staff/lab/patients/{patient}")).await.expect(200).text;
    assert!(page.contains("What was noted before") && page.contains("amira.new@example.com"), "{page}");
    app.run_jobs().await;
    let told = app.mailer.sent();
    let told = told.iter().filter(|m| m.to == "amira.new@example.com" && m.subject.contains("another address")).count();
    assert_eq!(told, 1);
    // Nobody notes their own address in somebody's chart.
    let before = seen(&at.caller.get(&form).await.expect(200).text);
    let own = contact(&patient, &before, &[("email", at.email.as_str())]);
    assert_eq!(at.caller.form("/fn/desk-contact", &own).await.expect(303).header("location"), form);
    assert!(at.caller.get(&form).await.expect(200).text.contains("an address of your own account"));
    // Nothing of it stands in the database.
    let row = entity::patient::Entity::find().one(app.cx.db.read()).await.expect("read");
    let phone = row.expect("a row").phone.expect("a phone");
    assert!(!phone.windows(5).any(|window| window == b"23125"));
}

/// Two charts of one person, made at the desk though it was asked.
async fn twice(app: &TestApp, program: &Caller) -> (String, String) {
    let mut visits = Vec::new();
    for (n, start) in [TEN, "2026-11-24T12:00:00+01:00"].into_iter().enumerate() {
        let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31", "phone": "030 23125101" });
        let body = json!({ "service": "solo", "practitioner": "solo", "start": start, "new_patient": new, "confirmed_new": true });
        visits.push(book(program, &format!("twice-{n}"), &body).await.expect(201).field("patient"));
    }
    app.run_jobs().await;
    (visits.remove(0), visits.remove(0))
}

pub fn form_value(page: &str, action: &str, name: &str) -> String {
    let form = page.split(&format!("action=\"/fn/{action}\"")).nth(1).unwrap_or_else(|| panic!("{action}: {page}"));
    let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a field");
    value.split('"').next().expect("a value").to_owned()
}

async fn two_charts_are_made_one_and_two_again(app: TestApp) {
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let (first, second) = twice(&app, &program).await;
    assert_ne!(first, second);
    let at = app.staff("lab", Role::FrontDesk).await;
    assert!(find(&at, "ada").await.contains("Possible duplicates (1)"));
    let page = at.caller.get("/staff/lab/matches").await.expect(200).text;
    assert!(page.contains("Are these one person?") && page.matches("Ada Example").count() >= 2, "{page}");
    let looks = "SELECT count(*) FROM audit WHERE action = 'match_case.read' AND actor_kind = 'staff'";
    assert_eq!(app.count(looks).await, 2, "each chart's list tells of it");
    let case = form_value(&page, "desk-match", "case");
    let decide = async |same: &str| {
        let form = [("clinic", "lab"), ("case", case.as_str()), ("same", same)];
        at.caller.form("/fn/desk-match", &form).await
    };
    decide("perhaps").await.expect(400);
    assert_eq!(decide("yes").await.expect(303).header("location"), "/staff/lab/matches?done=same");
    // Of two who decide, one does.
    decide("no").await.expect(303);
    let page = at.caller.get("/staff/lab/matches").await.expect(200).text;
    assert!(page.contains("Somebody decided this a moment ago") && page.contains("Merged lately"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM patient WHERE merged_into IS NOT NULL").await, 1);
    // The page of the chart that went leads to the other, which has both visits.
    let kept: Vec<String> = [&first, &second].map(|id| format!("/staff/lab/patients/{id}")).into();
    let mut led = 0;
    for path in &kept {
        let answer = at.caller.get(path).await;
        led += i32::from(answer.status == 303 && kept.contains(&answer.header("location").to_owned()));
        if answer.status == 200 {
            assert_eq!(answer.text.matches("/staff/lab/visits/").count(), 2, "{}", answer.text);
        }
    }
    assert_eq!(led, 1);
    let merge = form_value(&page, "desk-unmerge", "merge");
    let undo = async || at.caller.form("/fn/desk-unmerge", &[("clinic", "lab"), ("merge", &merge)]).await.expect(303);
    assert_eq!(undo().await.header("location"), "/staff/lab/matches?done=undone");
    assert_eq!(app.count("SELECT count(*) FROM patient WHERE merged_into IS NOT NULL").await, 0);
    undo().await;
    assert!(at.caller.get("/staff/lab/matches").await.text.contains("It was undone"), "once");
    // Another clinic of the network sees neither.
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    let next_door = app.staff_as("northgate", Role::FrontDesk, "north@example.com").await;
    let page = next_door.caller.get("/staff/northgate/matches").await.expect(200).text;
    assert!(!page.contains("Ada Example"), "{page}");
    let form = [("clinic", "northgate"), ("case", case.as_str()), ("same", "yes")];
    next_door.caller.form("/fn/desk-match", &form).await.expect(303);
    next_door.caller.form("/fn/desk-unmerge", &[("clinic", "northgate"), ("merge", &merge)]).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM patient WHERE merged_into IS NOT NULL").await, 0);
}

async fn other_clinics_cases_hide_none_of_ones_own(app: TestApp) {
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let (first, _) = twice(&app, &program).await;
    // Somebody of whom this clinic knows nothing any more.
    let new = json!({ "given": "Zoe", "family": "Elsewhere", "birth_date": "1970-05-05", "phone": "030 23125109" });
    let body =
        json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T14:00:00+01:00", "new_patient": new });
    let visit = book(&program, "zoe", &body).await.expect(201);
    let [first, zoe]: [Uuid; 2] = [first, visit.field("patient")].map(|id| id.parse().expect("an id"));
    let db = app.cx.db.schema();
    entity::appointment::Entity::update_many()
        .col_expr(entity::appointment::Column::PatientId, Expr::value(first))
        .filter(entity::appointment::Column::PatientId.eq(zoe))
        .exec(db)
        .await
        .expect("written");
    let registered = entity::registration::Entity::delete_many();
    registered.filter(entity::registration::Column::PatientId.eq(zoe)).exec(db).await.expect("written");
    let case = entity::match_case::Entity::find().one(db).await.expect("read").expect("a case");
    let likelier = (0..30).map(|n| entity::match_case::Model {
        id: Uuid::from_u128(n + 1),
        patient_id: zoe,
        other_id: Some(first),
        weight: case.weight + 1,
        ..case.clone()
    });
    let likelier = likelier.map(|row| entity::match_case::ActiveModel::from(row).reset_all());
    entity::match_case::Entity::insert_many(likelier).exec_without_returning(db).await.expect("written");
    let at = app.staff("lab", Role::FrontDesk).await;
    assert!(find(&at, "ada").await.contains("Possible duplicates (1)"));
    let page = at.caller.get("/staff/lab/matches").await.expect(200).text;
    assert_eq!(page.matches("Are these one person?").count(), 1, "{page}");
    assert!(!page.contains("Elsewhere"), "{page}");
    app.is_sick();
}

async fn an_accounts_claim_is_decided_at_the_desk(app: TestApp) {
    let visit = visit_of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let patient = patient_of(&at, &visit).await;
    // She has another address now, so only the clinic can say that it is her.
    let browser = app.patient("new@example.com").await;
    let said = [
        ("clinic", "lab"),
        ("given", "Amira"),
        ("family", "Khalil"),
        ("birth-day", "31"),
        ("birth-month", "1"),
        ("birth-year", "1980"),
    ];
    browser.form("/fn/chart-find", &said).await.expect(303);
    app.run_jobs().await;
    let page = at.caller.get("/staff/lab/matches").await.expect(200).text;
    assert!(page.contains("Is this account’s owner the patient?") && page.contains("new@example.com"), "{page}");
    let case = form_value(&page, "desk-match", "case");
    let form = [("clinic", "lab"), ("case", case.as_str()), ("same", "yes")];
    // Not at a desk that was left alone: it opens her records.
    for _ in 0..2 {
        app.clock.advance_minutes(8);
        at.caller.get("/staff/lab/schedule").await.expect(200);
    }
    let led = at.caller.form("/fn/desk-match", &form).await.expect(303);
    assert!(led.header("location").starts_with("/staff/prove"), "{}", led.header("location"));
    // Nor by whose account it is.
    let boss = app.staff_as("lab", Role::Manager, "boss@example.com").await;
    let own = "(SELECT account_id FROM staff WHERE role = 'manager')";
    app.tamper(&format!("UPDATE match_case SET decided_by = account_id, account_id = {own}")).await;
    boss.caller.form("/fn/desk-match", &form).await.expect(303);
    let page = boss.caller.get("/staff/lab/matches").await.expect(200).text;
    assert!(page.contains("It is your own account"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'match_case.same' AND outcome = 'own'").await, 1);
    app.tamper("UPDATE match_case SET account_id = decided_by, decided_by = NULL").await;
    browser.get(&format!("/people/{patient}")).await.expect(404);
    boss.caller.form("/fn/desk-match", &form).await.expect(303);
    browser.get(&format!("/people/{patient}")).await.expect(200);
    let page = at.caller.get(&format!("/staff/lab/patients/{patient}")).await.expect(200).text;
    assert!(page.contains("Portal account"), "{page}");
}

async fn a_visit_is_cancelled_after_a_question_and_booked_again(app: TestApp) {
    let visit = visit_of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let own = format!("/staff/lab/visits/{visit}");
    let page = at.caller.get(&own).await.expect(200).text;
    assert!(
        page.contains(&format!("{own}/cancel")) && !page.contains("value=\"cancel\""),
        "nothing in one click: {page}"
    );
    let ask = at.caller.get(&format!("{own}/cancel")).await.expect(200).text;
    for words in ["Cancel the visit of", "Amira Khalil", "The patient is told by email", "free at once", "Keep it"] {
        assert!(ask.contains(words), "{words}: {ask}");
    }
    let patient = patient_of(&at, &visit).await;
    // What somebody else changed meanwhile is not cancelled; the reason is kept.
    let version = form_value(&ask, "desk-step", "version");
    at.caller
        .form(
            "/fn/desk-move",
            &[
                ("clinic", "lab"),
                ("visit", &visit),
                ("version", &version),
                ("with", "solo"),
                ("date", "2026-11-24"),
                ("time", "15:00"),
            ],
        )
        .await
        .expect(303);
    let cancel = |version: &str| {
        let fields =
            [("clinic", "lab"), ("step", "cancel"), ("reason", "The doctor is ill")].map(|(n, v)| (n, v.to_owned()));
        let own = [("visit", visit.clone()), ("version", version.to_owned())];
        fields.into_iter().chain(own).collect::<Vec<_>>()
    };
    let send = async |version: &str| {
        let fields = cancel(version);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        at.caller.form("/fn/desk-step", &fields).await.expect(303).header("location").to_owned()
    };
    assert_eq!(send(&version).await, format!("{own}/cancel"));
    let ask = at.caller.get(&format!("{own}/cancel")).await.expect(200).text;
    assert!(ask.contains("Somebody changed this visit") && ask.contains("value=\"The doctor is ill\""), "{ask}");
    assert_eq!(send(&form_value(&ask, "desk-step", "version")).await, own);
    let page = at.caller.get(&own).await.expect(200).text;
    let again = format!("/staff/lab/new?patient={patient}&amp;service=solo&amp;with=solo");
    assert!(page.contains("Book again") && page.contains(&again), "{page}");
    assert!(page.contains("at the desk, "), "who did it: {page}");
    assert_eq!(at.caller.get(&format!("{own}/cancel")).await.expect(303).header("location"), own);
    let page = at.caller.get(&again.replace("&amp;", "&")).await.expect(200).text;
    assert!(page.contains("Amira Khalil"), "{page}");
}

async fn a_slip_in_the_waiting_room_is_taken_back(app: TestApp) {
    let visit = visit_of(&app).await;
    that_day(&app);
    let at = app.staff("lab", Role::FrontDesk).await;
    step(&at, &visit, "check-in").await;
    let done = [("clinic", "lab"), ("visit", visit.as_str()), ("step", "complete"), ("back", "waiting")];
    let led = at.caller.form("/fn/desk-step", &done).await.expect(303);
    assert_eq!(led.header("location"), format!("/staff/lab/waiting?done={visit}"));
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("Undo") && page.contains("Amira Khalil"), "{page}");
    let version = form_value(&page, "desk-step", "version");
    let back = [
        ("clinic", "lab"),
        ("visit", visit.as_str()),
        ("version", &version),
        ("step", "take-back"),
        ("back", "waiting"),
    ];
    assert_eq!(at.caller.form("/fn/desk-step", &back).await.expect(303).header("location"), "/staff/lab/waiting");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'checked-in'").await, 1);
    // Nothing is offered of a visit that stands otherwise, nor of another's.
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(!page.contains(">Undo"), "{page}");
    at.caller.get(&format!("/staff/lab/waiting?done={NOBODYS}")).await.expect(200);
}

async fn whoever_is_lost_finds_the_way_back_to_the_desk(app: TestApp) {
    let at = app.staff("lab", Role::Nurse).await;
    for page in ["no-such", "no/such/page", &format!("visits/{NOBODYS}"), "hours", "matches"] {
        let text = at.caller.get(&format!("/staff/lab/{page}")).await.expect(404).text;
        assert!(text.contains("Back to the schedule") && !text.contains("Find a clinic"), "{page}: {text}");
        assert!(text.contains("desk-side"), "{page}");
    }
    // A form that fails leads there, too.
    let form = at.caller.request("POST", "/fn/desk-contact").header("accept", "text/html");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let form = form.header("referer", "http://localhost:3000/staff/lab/patients");
    let led = at.caller.send(form.body(format!("clinic=lab&patient={NOBODYS}"))).await.expect(303);
    assert_eq!(led.header("location"), "/sorry?why=not_found&desk=lab");
    let text = at.caller.get(led.header("location")).await.expect(404).text;
    assert!(text.contains("Back to the schedule"), "{text}");
    let text = app.anonymous().get(led.header("location")).await.expect(404).text;
    assert!(text.contains("Find a clinic") && !text.contains("desk-side"), "{text}");
    // Everybody else has the patients' page, and nobody learns that there is a desk.
    for caller in [app.anonymous(), app.patient("eve@example.com").await] {
        let text = caller.get("/staff/lab/no-such").await.expect(404).text;
        assert!(text.contains("Find a clinic") && !text.contains("desk-side"), "{text}");
    }
    let locked: Value = at.caller.get(&format!("{API}/appointments/{NOBODYS}")).await.expect(404).json();
    assert_eq!(locked["code"], json!("not_found"));
    // A desk that locked says nothing of what is behind it.
    app.clock.advance_minutes(16);
    let text = at.caller.get("/staff/lab/no-such").await.expect(404).text;
    assert!(!text.contains("desk-side"), "{text}");
}
