//! Charts at the desk: asking whether somebody new is somebody known, before there are two of one person.

use domain::staff::Role;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{AtDesk, TestApp, on_both_engines};

use super::{
    desk::{DAY, visit_of},
    desk_booking::book,
};

on_both_engines![
    somebody_new_who_may_be_known_is_asked_about,
    a_program_hears_which_charts_somebody_new_may_be,
    nobody_hears_of_charts_that_are_not_theirs,
];

/// Amira Khalil as `visit_of` books her, typed at the counter.
fn amira<'a>(key: &'a str, time: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("clinic", "lab"),
        ("service", "solo"),
        ("with", "solo"),
        ("date", DAY),
        ("given", "amira"),
        ("family", "KHALIL"),
        ("birth-day", "31"),
        ("birth-month", "1"),
        ("birth-year", "1980"),
        ("reason", "Her \"knee\" </form>"),
    ];
    fields.extend([("key", key), ("time", time)]);
    fields.extend(more);
    fields
}

/// The value of the page's button of this name.
fn offered(page: &str, name: &str) -> String {
    let button = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name}: {page}"));
    button.split('"').next().expect("a value").to_owned()
}

async fn charts(app: &TestApp) -> (i64, i64) {
    let patients = app.count("SELECT count(*) FROM patient").await;
    (patients, app.count("SELECT count(*) FROM appointment").await)
}

async fn asked(at: &AtDesk, form: &[(&str, &str)]) -> String {
    let led = at.caller.form("/fn/desk-book", form).await.expect(303);
    let key = form.iter().find(|(name, _)| *name == "key").expect("a key").1;
    let question = format!("/staff/lab/new/who?form={key}");
    assert_eq!(led.header("location"), question, "no name in an address");
    at.caller.get(&question).await.expect(200).text
}

async fn somebody_new_who_may_be_known_is_asked_about(app: TestApp) {
    visit_of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    // Nothing is asked about yet.
    at.caller.get("/staff/lab/new/who").await.expect(303);
    let page = asked(&at, &amira("a", "11:00", &[])).await;
    for words in ["Is it this person?", "Amira Khalil", "31 January 1980", "Nothing is booked yet", "No, somebody new"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("value=\"Her &quot;knee&quot; &lt;/form&gt;\""), "what was typed goes along: {page}");
    assert_eq!(charts(&app).await, (1, 1));
    let looks = "SELECT count(*) FROM audit WHERE actor_kind = 'staff' AND action IN ('patient.find', 'patient.read')";
    assert!(app.count(looks).await >= 2, "each look is written down");
    let back = at.caller.get("/staff/lab/new?form=a").await.expect(200).text;
    assert!(back.contains("value=\"KHALIL\"") && back.contains("value=\"11:00\""), "{back}");
    // It is her.
    let known = offered(&page, "patient");
    let booked = at.caller.form("/fn/desk-book", &amira("a", "11:00", &[("patient", &known)])).await.expect(303);
    assert!(booked.header("location").contains("/visits/"), "{}", booked.header("location"));
    assert_eq!(charts(&app).await, (1, 2));
    // It is somebody else of her name, and sent twice it is answered the same.
    let apart = offered(&asked(&at, &amira("b", "12:00", &[])).await, "apart");
    for _ in 0..2 {
        let booked = at.caller.form("/fn/desk-book", &amira("b", "12:00", &[("apart", &apart)])).await.expect(303);
        assert!(booked.header("location").contains("/visits/"), "{}", booked.header("location"));
    }
    assert_eq!(charts(&app).await, (2, 3));
    // Said of one, it is not said of the other; a time that is taken loses neither.
    let page = asked(&at, &amira("c", "12:00", &[("apart", &apart)])).await;
    assert!(
        page.contains("Is it this person?") && !page.contains(&format!("name=\"patient\" value=\"{known}\"")),
        "{page}"
    );
    let both = offered(&page, "apart");
    assert!(both.contains(&known), "{both}");
    at.caller.form("/fn/desk-book", &amira("c", "12:00", &[("apart", &both)])).await.expect(303);
    let page = at.caller.get("/staff/lab/new?form=c").await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains(&both), "{page}");
    let page = asked(&at, &amira("d", "15:00", &[])).await;
    assert!(page.contains("Is it one of these?"), "{page}");
    // Somebody of another name is asked about nobody.
    let other = [("given", "Otto"), ("family", "Weber"), ("birth-year", "1950")];
    let form = amira("e", "16:00", &[]);
    let form =
        form.iter().map(|(name, value)| other.iter().find(|(own, _)| own == name).copied().unwrap_or((*name, *value)));
    let booked = at.caller.form("/fn/desk-book", &form.collect::<Vec<_>>()).await.expect(303);
    assert!(booked.header("location").contains("/visits/"), "{}", booked.header("location"));
    // A nurse makes no charts.
    let nurse = app.staff_as("lab", Role::Nurse, "nurse@example.com").await;
    nurse.caller.get("/staff/lab/new/who").await.expect(404);
    nurse.caller.form("/fn/desk-book", &amira("f", "17:00", &[])).await.expect(404);
}

fn new_amira(start: &str, confirmed: bool) -> Value {
    let new = json!({ "given": "Amira", "family": "Khalil", "birth_date": "1980-01-31" });
    json!({ "service": "solo", "practitioner": "solo", "start": start, "new_patient": new, "confirmed_new": confirmed })
}

async fn a_program_hears_which_charts_somebody_new_may_be(app: TestApp) {
    visit_of(&app).await;
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let eleven = "2026-11-24T11:00:00+01:00";
    let answer = book(&program, "a", &new_amira(eleven, false)).await.expect_problem(409, "likely_known");
    let candidates = answer.json()["candidates"].as_array().expect("a list").clone();
    let known = candidates.first().and_then(Value::as_str).expect("an id").to_owned();
    assert_eq!(candidates.len(), 1);
    assert!(!answer.text.contains("Khalil"), "{}", answer.text);
    assert_eq!(charts(&app).await, (1, 1));
    let body = json!({ "service": "solo", "practitioner": "solo", "start": eleven, "patient": known });
    book(&program, "a", &body).await.expect(201);
    let twelve = new_amira("2026-11-24T12:00:00+01:00", true);
    let first = book(&program, "b", &twelve).await.expect(201).field("id");
    assert_eq!(book(&program, "b", &twelve).await.expect(201).field("id"), first);
    assert_eq!(charts(&app).await, (2, 3));
    // Many at once with one key are one booking, though the second would find what the first made.
    let otto = json!({ "given": "Otto", "family": "Weber", "birth_date": "1950-05-05" });
    let body =
        json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T16:00:00+01:00", "new_patient": otto });
    let all = futures::future::join_all((0..6).map(|_| book(&program, "c", &body))).await;
    assert!(all.iter().all(|answer| answer.status == 201), "{:?}", all.iter().map(|a| a.status).collect::<Vec<_>>());
    assert_eq!(charts(&app).await, (3, 4));
    let refused = "SELECT count(*) FROM audit WHERE action = 'appointment.book' AND outcome = 'likely_known'";
    assert_eq!(app.count(refused).await, 1);
}

async fn nobody_hears_of_charts_that_are_not_theirs(app: TestApp) {
    use portal::api_keys::Reach;
    visit_of(&app).await;
    // She is a patient of another clinic of the network.
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    app.tamper("UPDATE appointment SET clinic_id = (SELECT id FROM clinic WHERE slug = 'northgate')").await;
    let scopes = Scope::ALL.map(|(scope, _)| scope);
    let body = new_amira("2026-11-24T15:00:00+01:00", false);
    let all = app.program_of("lab", Reach::Network, &scopes).await;
    book(&all, "a", &body).await.expect_problem(409, "likely_known");
    let own = app.program_of("lab", Reach::Clinic, &scopes).await;
    book(&own, "b", &body).await.expect(201);
    assert_eq!(charts(&app).await, (2, 2));
}
