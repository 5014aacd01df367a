//! What a service asks whoever books (booking rule 18), who may not book for themselves (rule 20), and what the clinic may do
//! that patients may not (rules 6, 7 and 20).

use domain::staff::Role;
use jiff::SignedDuration;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{
    Answer, Caller, Person, TestApp,
    clinics::{self, LAB},
    on_both_engines,
};

use crate::{
    desk::{API, visit_of},
    desk_booking::{book, moved},
    patient_import::import,
};

on_both_engines![
    what_a_service_asks_is_said_and_the_desk_reads_it,
    whoever_waits_says_it_when_they_join,
    a_visit_for_one_sex_is_not_the_others,
    the_pages_ask_and_keep_what_was_said,
    a_patient_who_is_stopped_reads_why_and_can_still_cancel,
    a_stop_goes_along_with_a_merge_and_back,
    the_desk_may_stop_a_patient_and_let_them_again,
    one_visit_too_many_needs_a_reason_at_the_desk,
    what_the_clinic_does_past_the_notice_is_kept,
];

/// A first free time of a service some days ahead, held.
async fn held(app: &TestApp, caller: &Caller, (clinic, service): (&str, &str)) -> Answer {
    let day = |days: i64| (app.cx.now() + SignedDuration::from_hours(24 * days)).to_string()[..10].to_owned();
    let free = caller.free(clinic, service, &day(3), &day(30)).await;
    caller.hold(clinic, service, free.first().expect("a free time")).await.expect(201)
}

/// A program that sees and changes visits and patients.
async fn whole_program(app: &TestApp, clinic: &str) -> Caller {
    let scopes = [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsRead, Scope::PatientsWrite];
    app.program_with(clinic, &scopes).await
}

async fn confirm(app: &TestApp, caller: &Caller, hold: &Answer, body: &Value) -> Answer {
    caller.confirm_body(hold, body, &app.cx.id().to_string()).await
}

async fn what_a_service_asks_is_said_and_the_desk_reads_it(app: TestApp) {
    let program = whole_program(&app, "northgate").await;
    let services = program.get("/api/v1/clinics/northgate/services").await.expect(200).json();
    let mri =
        services["items"].as_array().expect("services").iter().find(|one| one["slug"] == "mri").expect("the scan");
    assert_eq!(mri["questions"][0]["slug"], "implant");
    assert_eq!((&mri["questions"][0]["answer"], &mri["questions"][1]["answer"]), (&json!(false), &Value::Null));
    let hold = held(&app, &program, ("northgate", "mri")).await;
    let mut body = json!({ "patient": Person::number(1).json(), "referral": true });
    let refused = confirm(&app, &program, &hold, &body).await.expect_problem(409, "needs_answer");
    assert!(refused.field("title").ends_with("another device in your body?"), "{}", refused.text);
    body["answers"] = json!({ "implant": true, "narrow-rooms": true });
    let refused = confirm(&app, &program, &hold, &body).await.expect_problem(409, "other_answer");
    assert!(refused.field("title").contains("Please call us"), "{}", refused.text);
    body["answers"] = json!({ "implant": false });
    confirm(&app, &program, &hold, &body).await.expect_problem(409, "needs_answer");
    body["answers"] = json!({ "implant": false, "narrow-rooms": true, "nobody-asked": true });
    let visit = confirm(&app, &program, &hold, &body).await.expect(201).field("id");
    let seen = program.get(&format!("/api/v1/staff/clinics/northgate/appointments/{visit}")).await.expect(200).json();
    let said: Vec<_> = seen["said"].as_array().expect("a list").iter().map(|one| one["answer"].clone()).collect();
    assert_eq!(said, ["Yes", "No", "Yes"], "referral, implant, narrow rooms: {seen}");
    let desk = app.staff("northgate", Role::FrontDesk).await;
    let page = desk.caller.get(&format!("/staff/northgate/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("Do narrow rooms frighten you?"), "{page}");
    // Moving asks nothing again.
    let hold = held(&app, &program, ("northgate", "mri")).await;
    program.reschedule(&visit, &hold).await.expect(200);
    // Who pays is one of those whom the visit is for.
    let hold = held(&app, &program, ("northgate", "dermatology-video")).await;
    let mut body = json!({ "patient": Person::number(2).json() });
    confirm(&app, &program, &hold, &body).await.expect_problem(409, "needs_payer");
    // A slip in a name is no "no".
    let slip = json!({ "patient": Person::number(2).json(), "payed_by": "self" });
    confirm(&app, &program, &hold, &slip).await.expect_problem(400, "bad_request");
    for (payer, status) in [("cash", 400), ("public", 409), ("unknown", 201)] {
        body["paid_by"] = json!(payer);
        assert_eq!(confirm(&app, &program, &hold, &body).await.status, status, "{payer}");
    }
    assert_eq!(app.problems().await, [""; 0]);
}

async fn whoever_waits_says_it_when_they_join(app: TestApp) {
    // Ten in the morning in New York: nobody is asked at night.
    app.clock.set("2026-11-23T15:00:00Z".parse().expect("a time"));
    let program = whole_program(&app, "northgate").await;
    let hold = held(&app, &program, ("northgate", "dermatology")).await;
    let visit = confirm(&app, &program, &hold, &json!({ "patient": Person::number(1).json() })).await.expect(201);
    let api = "/api/v1/staff/clinics/northgate";
    let patient = program.get(&format!("{api}/appointments/{}", visit.field("id"))).await.expect(200).field("patient");
    let until = (app.cx.now() + SignedDuration::from_hours(24 * 40)).to_string()[..10].to_owned();
    let mut body = json!({ "patient": patient, "service": "mri", "wishes": { "until": until }, "referral": true });
    let join = async |body: &Value, key: &str| {
        program.send(program.post_request(&format!("{api}/waitlist"), body).header("idempotency-key", key)).await
    };
    join(&body, "a").await.expect_problem(409, "needs_answer");
    body["answers"] = json!({ "implant": true, "narrow-rooms": false });
    join(&body, "b").await.expect_problem(409, "other_answer");
    body["answers"] = json!({ "implant": false, "narrow-rooms": false });
    let entry = join(&body, "c").await.expect(201).field("id");
    // What was said holds when a time is offered, and is kept with the visit.
    let day = |days: i64| (app.cx.now() + SignedDuration::from_hours(24 * days)).to_string()[..10].to_owned();
    let free = program.free("northgate", "mri", &day(3), &day(30)).await;
    let offer = json!({ "start": free[0] });
    let request =
        program.post_request(&format!("{api}/waitlist/{entry}/offers"), &offer).header("idempotency-key", "d");
    let answer = program.send(request).await;
    assert!(answer.status < 300, "{}", answer.text);
    let sealed = "SELECT count(*) FROM waitlist_entry WHERE intake IS NOT NULL";
    assert_eq!(app.count(sealed).await, 1);
}

async fn a_visit_for_one_sex_is_not_the_others(app: TestApp) {
    let file = "number,given,family,birth_date,sex,email\n\
                1,Ada,Example,1970-01-31,female,ada@example.com\n\
                2,Otto,Example,1970-01-31,male,otto@example.com\n";
    import(&app, "northgate", file).await;
    let program = whole_program(&app, "northgate").await;
    let of = |given: &str, email: &str| json!({ "patient": { "given": given, "family": "Example", "birth_date": "1970-01-31", "email": email } });
    let hold = held(&app, &program, ("northgate", "mammography")).await;
    let otto = confirm(&app, &program, &hold, &of("Otto", "otto@example.com")).await;
    let otto = otto.expect_problem(409, "other_sex");
    assert!(otto.field("title").contains("female patients"), "{}", otto.text);
    // Of whom the clinic knows nothing, nothing is held against them.
    let unknown = confirm(&app, &program, &hold, &of("Sam", "sam@example.com")).await.expect(201);
    program.cancel(&unknown.field("id")).await.expect(200);
    let hold = held(&app, &program, ("northgate", "mammography")).await;
    confirm(&app, &program, &hold, &of("Ada", "ada@example.com")).await.expect(201);
}

async fn the_pages_ask_and_keep_what_was_said(app: TestApp) {
    let patient = app.patient("ada@example.com").await;
    let program = whole_program(&app, "northgate").await;
    let day = |days: i64| (app.cx.now() + SignedDuration::from_hours(24 * days)).to_string()[..10].to_owned();
    let free = program.free("northgate", "mri", &day(3), &day(30)).await;
    let time = [("clinic", "northgate"), ("service", "mri"), ("with", "any"), ("start", free[0].as_str())];
    let led = patient.form("/fn/hold", &time).await.expect(303).header("location").to_owned();
    let page = patient.get(&led).await.expect(200).text;
    assert!(page.contains("Do narrow rooms frighten you?") && page.contains("name=\"answer-implant\""), "{page}");
    let hold = led.rsplit('/').next().expect("a hold");
    let typed = |more: &[(&str, &str)]| {
        let mut all = vec![("clinic", "northgate"), ("hold", hold), ("ask", "named"), ("relation", "self")];
        all.extend([("given", "Ada"), ("family", "Example"), ("email", "ada@example.com")]);
        all.extend([("birth-day", "31"), ("birth-month", "1"), ("birth-year", "1980"), ("referral", "yes")]);
        all.extend(more);
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let send = async |more: &[(&str, &str)]| {
        let typed = typed(more);
        let fields: Vec<_> = typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        patient.form("/fn/details", &fields).await.expect(303).header("location").to_owned()
    };
    let back = send(&[("answer-implant", "yes")]).await;
    let page = patient.get(&back).await.expect(200).text;
    for words in ["Please call us", "Answer yes or no", "value=\"Example\""] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let check = send(&[("answer-implant", "no"), ("answer-narrow-rooms", "yes")]).await;
    assert!(check.ends_with("/check"), "{check}");
    let page = patient.get(&check).await.expect(200).text;
    assert!(page.contains("Do narrow rooms frighten you?") && page.contains("#answer-narrow-rooms"), "{page}");
    let led = patient.form("/fn/confirm", &[("clinic", "northgate"), ("hold", hold)]).await.expect(303);
    assert!(led.header("location").ends_with("/booked"), "{}", led.header("location"));
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE said IS NOT NULL").await, 1);
}

/// The lab with other rules for its visits with Dr Solo.
async fn rules(app: &TestApp, booking: &str) {
    let usual = r#"booking = { buffer_after = "5 min" }"#;
    assert!(LAB.contains(usual));
    clinics::import(&app.cx, &LAB.replace(usual, &format!("booking = {{ {booking} }}"))).await;
}

async fn put(caller: &Caller, path: &str, body: &Value) -> Answer {
    let request = caller.request("PUT", path).header("content-type", "application/json").body(body.to_string());
    caller.send(request).await
}

fn ada() -> Value {
    json!({ "patient": { "given": "Ada", "family": "Example", "birth_date": "1980-01-31", "email": "ada@example.com" } })
}

async fn a_patient_who_is_stopped_reads_why_and_can_still_cancel(app: TestApp) {
    let program = whole_program(&app, "lab").await;
    let at = |time: &str| format!("2026-11-24T{time}:00+01:00");
    let book_at = async |time: &str| {
        let hold = program.hold("lab", "solo", &at(time)).await.expect(201);
        confirm(&app, &program, &hold, &ada()).await
    };
    let visit = book_at("10:00").await.expect(201).field("id");
    let patient = program.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient");
    let stop = format!("{API}/patients/{patient}/booking-stop");
    program.get(&stop).await.expect(404);
    let send = async |body: &Value| put(&program, &stop, body).await;
    for bad in [json!({ "reason": " " }), json!({ "reason": "one\ntwo" }), json!({ "reason": "x".repeat(201) })] {
        send(&bad).await.expect_problem(400, "bad_request");
    }
    send(&json!({ "reason": "please ring us about your last visits" })).await.expect(204);
    send(&json!({ "reason": "please ring us" })).await.expect(204);
    assert_eq!(program.get(&stop).await.expect(200).field("reason"), "please ring us");
    let refused = book_at("11:00").await.expect_problem(409, "blocked");
    assert!(refused.field("title").contains("please ring us. Please contact the clinic"), "{}", refused.text);
    // The clinic moves what is theirs, and books for them when it means to.
    moved(&program, &visit, None, &json!({ "practitioner": "solo", "start": at("12:00") })).await.expect(200);
    let again = json!({ "service": "solo", "practitioner": "solo", "start": at("13:00"), "patient": patient });
    book(&program, "a", &again).await.expect_problem(409, "blocked");
    // They move nothing themselves, and cancel.
    let own = app.patient("ada@example.com").await;
    let (held, path) =
        (own.hold("lab", "solo", &at("14:00")).await.expect(201), format!("/api/v1/appointments/{visit}"));
    let to = own.post(&format!("{path}/reschedule"), &json!({ "hold": held.field("id") })).await;
    assert!([404, 409].contains(&to.status), "{}", to.text);
    program.cancel(&visit).await.expect(200);
    program.delete(&stop).await.expect(204);
    program.delete(&stop).await.expect(204);
    book_at("15:00").await.expect(201);
    let said = "SELECT count(*) FROM audit WHERE action IN ('patient.stop_booking', 'patient.allow_booking')";
    assert_eq!(app.count(said).await, 3);
    // Nobody else's: another clinic has no such patient.
    let other = whole_program(&app, "riverside").await;
    let path = stop.replace("/lab/", "/riverside/");
    put(&other, &path, &json!({ "reason": "no" })).await.expect(404);
    let reads = app.program_with("lab", &[Scope::PatientsRead]).await;
    put(&reads, &stop, &json!({ "reason": "no" })).await.expect(403);
    reads.delete(&stop).await.expect(403);
}

async fn a_stop_goes_along_with_a_merge_and_back(app: TestApp) {
    let program = whole_program(&app, "lab").await;
    let mut ids = Vec::new();
    for (email, time) in [("ada@example.com", "10:00"), ("old@example.com", "11:00")] {
        let mut who = ada();
        who["patient"]["email"] = json!(email);
        let hold = program.hold("lab", "solo", &format!("2026-11-24T{time}:00+01:00")).await.expect(201);
        let visit = confirm(&app, &program, &hold, &who).await.expect(201).field("id");
        ids.push(program.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient"));
    }
    let stop = |id: &str| format!("{API}/patients/{id}/booking-stop");
    let body = json!({ "reason": "please ring us" });
    put(&program, &stop(&ids[1]), &body).await.expect(204);
    program.get(&stop(&ids[0])).await.expect(404);
    let merge = format!("/api/v1/patients/{}/merge", ids[0]);
    let merged = program.post(&merge, &json!({ "gone": ids[1] })).await.expect(201).field("id");
    program.get(&stop(&ids[0])).await.expect(200);
    program.post(&format!("/api/v1/merges/{merged}/undo"), &json!({})).await.expect(204);
    program.get(&stop(&ids[0])).await.expect(404);
    program.get(&stop(&ids[1])).await.expect(200);
}

async fn the_desk_may_stop_a_patient_and_let_them_again(app: TestApp) {
    let visit = visit_of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let patient = at.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient");
    let chart = format!("/staff/lab/patients/{patient}");
    let send = async |reason: &str, allow: &str| {
        let fields = [("clinic", "lab"), ("patient", patient.as_str()), ("reason", reason), ("allow", allow)];
        at.caller.form("/fn/desk-stop", &fields).await.expect(303).header("location").to_owned()
    };
    assert_eq!(send(" ", "").await, format!("{chart}/online-booking"));
    let page = at.caller.get(&format!("{chart}/online-booking")).await.expect(200).text;
    assert!(page.contains("Say why. The patient has to know what to do"), "{page}");
    let led = send("please ring us <b>now</b>", "").await;
    let page = at.caller.get(&led).await.expect(200).text;
    assert!(page.contains("Cannot book online") && page.contains("please ring us &lt;b&gt;now"), "{page}");
    let led = send("", "yes").await;
    let page = at.caller.get(&led).await.expect(200).text;
    assert!(!page.contains("Cannot book online") && page.contains("They can book for themselves again"), "{page}");
    // Whoever only sees patients stops nobody.
    let biller = app.staff_as("lab", Role::Biller, "biller@example.com").await;
    biller.caller.get(&format!("{chart}/online-booking")).await.expect(404);
    let fields = [("clinic", "lab"), ("patient", patient.as_str()), ("reason", "no")];
    biller.caller.form("/fn/desk-stop", &fields).await.expect(404);
}

async fn one_visit_too_many_needs_a_reason_at_the_desk(app: TestApp) {
    rules(&app, "max_active = 1").await;
    let (desk, manager) = (app.staff("lab", Role::FrontDesk).await, app.staff("lab", Role::Manager).await);
    let visit = visit_of(&app).await;
    let patient = desk.caller.get(&format!("{API}/appointments/{visit}")).await.expect(200).field("patient");
    let start = "2026-11-24T13:00:00+01:00";
    let mut body = json!({ "service": "solo", "practitioner": "solo", "start": start, "patient": patient });
    book(&desk.caller, "a", &body).await.expect_problem(409, "too_many_active");
    body["override"] = json!({ "rule": "too_many_active", "why": "Two sessions, says Dr Solo" });
    book(&desk.caller, "b", &body).await.expect_problem(404, "not_found");
    let second = book(&manager.caller, "c", &body).await.expect(201).field("id");
    let page = manager.caller.get(&format!("/staff/lab/visits/{second}")).await.expect(200).text;
    assert!(page.contains("Two sessions, says Dr Solo"), "{page}");
    // One that moves was counted before.
    let to = json!({ "practitioner": "solo", "start": "2026-11-24T15:00:00+01:00" });
    moved(&desk.caller, &second, None, &to).await.expect(200);
}

async fn what_the_clinic_does_past_the_notice_is_kept(app: TestApp) {
    rules(&app, r#"notice_book = "2 days", notice_move = "2 days", notice_cancel = "2 days""#).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    let body = |hour: u8| {
        let start = format!("2026-11-24T{hour}:00:00+01:00");
        json!({ "service": "solo", "practitioner": "solo", "start": start, "new_patient": new, "confirmed_new": true })
    };
    let visit = book(&at.caller, "a", &body(10)).await.expect(201).field("id");
    let to = json!({ "practitioner": "solo", "start": "2026-11-24T11:00:00+01:00" });
    moved(&at.caller, &visit, None, &to).await.expect(200);
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert_eq!(page.matches(", at shorter notice than patients have").count(), 2, "{page}");
    let program = whole_program(&app, "lab").await;
    program.cancel(&visit).await.expect(200);
    let page = at.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert_eq!(page.matches(", at shorter notice than patients have").count(), 3, "{page}");
    let kept = "SELECT count(*) FROM audit WHERE action LIKE 'appointment.%_against_a_rule'";
    assert_eq!(app.count(kept).await, 3);
    assert_eq!(app.problems().await, [""; 0]);
}
