//! Registering at a clinic without booking: oneself, one's child, and whoever the clinic knows already.

use portal::Scope;
use serde_json::json;
use testkit::{Answer, Caller, TestApp, on_both_engines};

use crate::patient_import::{FILE, import};

on_both_engines![
    somebody_registers_and_is_led_through_what_helps,
    a_question_is_skipped_or_asked_again,
    a_chart_with_a_proved_address_is_connected_at_once,
    an_older_chart_is_found_by_a_code_sent_there,
    whether_there_is_a_chart_is_not_told,
    registering_again_makes_no_second_chart,
    one_account_is_one_person,
    a_parent_registers_a_child,
    whoever_is_of_age_registers_alone,
    a_child_the_clinic_knows_is_connected_for_booking_alone,
    a_parent_who_was_shut_out_does_not_come_back,
    a_minors_chart_is_not_opened_by_its_address_alone,
    the_clinics_own_chart_is_kept,
    an_address_that_was_given_up_proves_nothing,
    a_birthday_makes_no_proof_of_a_parents_address,
    whoever_was_shut_out_stays_out_through_a_merge,
    five_people_a_day,
];

const PATIENTS: &str = "SELECT count(*) FROM patient";

fn somebody<'a>(relation: &'a str, given: &'a str, family: &'a str, born: [&'a str; 3]) -> Vec<(&'a str, &'a str)> {
    let [day, month, year] = born;
    vec![
        ("clinic", "riverside"),
        ("relation", relation),
        ("given", given),
        ("family", family),
        ("birth-day", day),
        ("birth-month", month),
        ("birth-year", year),
    ]
}

fn amira() -> Vec<(&'static str, &'static str)> {
    somebody("self", "Amira", "Khalil", ["31", "1", "1980"])
}

async fn register(app: &TestApp, browser: &Caller, fields: &[(&str, &str)]) -> Answer {
    let answer = browser.form("/fn/chart-register", fields).await.expect(303);
    app.run_jobs().await;
    answer
}

fn person_of(answer: &Answer) -> String {
    let rest = answer.header("location").strip_prefix("/people/").expect("a person").to_owned();
    rest.get(..36).expect("an id").to_owned()
}

/// What the page says after a form came back.
async fn told(browser: &Caller, answer: &Answer) -> String {
    assert_eq!(answer.header("location"), "/c/riverside/register");
    browser.get("/c/riverside/register").await.expect(200).text
}

async fn somebody_registers_and_is_led_through_what_helps(app: TestApp) {
    let browser = app.patient("new@example.com").await;
    assert!(browser.get("/c/riverside/register").await.expect(200).text.contains("Step 1"));
    let answer = register(&app, &browser, &amira()).await;
    let person = person_of(&answer);
    let mut page = answer.header("location").to_owned();
    assert_eq!(page, format!("/people/{person}/language?welcome=1"));
    let said: [(&str, Vec<(&str, &str)>); 4] = [
        ("language", vec![("language", "ar")]),
        ("reach", vec![("best", "phone"), ("voicemail", "no")]),
        ("interpreter", vec![("needed", "spoken"), ("language", "ar")]),
        ("accessibility", vec![("help-step-free", "yes")]),
    ];
    for (step, (section, typed)) in said.into_iter().enumerate() {
        assert!(page.contains(section), "{page}");
        assert!(browser.get(&page).await.expect(200).text.contains(&format!("Step {} of 5", step + 2)));
        let known = [("person", person.as_str()), ("section", section), ("seen", ""), ("welcome", "1")];
        let fields: Vec<_> = known.into_iter().chain(typed).collect();
        page = browser.form("/fn/profile-say", &fields).await.expect(303).header("location").to_owned();
    }
    assert_eq!(page, format!("/people/{person}?welcome=done"));
    let end = browser.get(&page).await.expect(200).text;
    for words in ["You are registered", "Amira Khalil", "Arabic", "A way in without steps", "Enter that code"] {
        assert!(end.contains(words), "{words}");
    }
    // The clinic reads who it is; another does not.
    let program = app.program_with("riverside", &[Scope::PatientsRead]).await;
    program.get(&format!("/api/v1/patients/{person}")).await.expect(200);
    let other = app.program_with("northgate", &[Scope::PatientsRead]).await;
    other.get(&format!("/api/v1/patients/{person}")).await.expect(404);
    let audited = "SELECT count(*) FROM audit WHERE action = 'patient.register' AND actor_kind = 'account'";
    assert_eq!(app.count(audited).await, 1);
    assert_eq!(program.get("/api/v1/match-cases").await.expect(200).json()["items"], serde_json::json!([]));
}

async fn a_question_is_skipped_or_asked_again(app: TestApp) {
    let browser = app.patient("new@example.com").await;
    let person = person_of(&register(&app, &browser, &amira()).await);
    let page = browser.get(&format!("/people/{person}/language?welcome=1")).await.expect(200).text;
    assert!(page.contains(&format!("href=\"/people/{person}/reach?welcome=1\"")));
    let known = [("person", person.as_str()), ("section", "language"), ("seen", ""), ("welcome", "1")];
    let fields: Vec<_> = known.into_iter().chain([("language", "")]).collect();
    let again = browser.form("/fn/profile-say", &fields).await.expect(303);
    assert_eq!(again.header("location"), format!("/people/{person}/language?welcome=1"));
    let page = browser.get(again.header("location")).await.expect(200).text;
    assert!(page.contains("Choose the language you like best") && page.contains("Step 2 of 5"));
    // By itself the section is as ever.
    assert!(!browser.get(&format!("/people/{person}/language")).await.expect(200).text.contains("Step "));
}

async fn a_chart_with_a_proved_address_is_connected_at_once(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let before = app.count(PATIENTS).await;
    let browser = app.patient("AMIRA@example.com").await;
    let written = somebody("self", "amira", "KHALIL", ["31", "1", "1980"]);
    let person = person_of(&register(&app, &browser, &written).await);
    assert_eq!(app.count(PATIENTS).await, before);
    let page = browser.get(&format!("/people/{person}")).await.expect(200).text;
    assert!(page.contains("Amira Khalil"), "as the clinic has it");
    assert_eq!(app.mailer.sent().iter().filter(|m| m.subject.contains("connected with a clinic")).count(), 1);
}

async fn an_older_chart_is_found_by_a_code_sent_there(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let before = app.count(PATIENTS).await;
    let browser = app.patient("new@example.com").await;
    let with_phone: Vec<_> = amira().into_iter().chain([("phone", "030 23125101")]).collect();
    let person = person_of(&register(&app, &browser, &with_phone).await);
    assert_eq!(app.count(PATIENTS).await, before + 1);
    let sent = app.mailer.sent();
    let mail = sent.iter().rev().find(|m| m.subject.ends_with("connects your Portico account")).expect("a code");
    assert_eq!(mail.to, "amira@example.com");
    let code: String = mail.subject.chars().filter(char::is_ascii_digit).collect();
    let end = browser.get(&format!("/people/{person}?welcome=done")).await.expect(200).text;
    let claim = end.split("/account/records/").nth(1).and_then(|rest| rest.get(..36)).expect("a claim").to_owned();
    browser.form("/fn/chart-prove", &[("claim", &claim), ("code", &code)]).await.expect(303);
    let records = browser.get("/account/records").await.expect(200).text;
    assert_eq!(records.matches("Born 31 January 1980").count(), 2);
    // That both are one person's is one case for the clinic.
    let program = app.program_with("riverside", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let cases = program.get("/api/v1/match-cases").await.expect(200).json();
    assert_eq!(cases["items"].as_array().map(Vec::len), Some(1), "{cases}");
    assert_eq!(cases["items"][0]["kind"], "duplicate", "{cases}");
    // A merge would join two logins' charts: here it is one login that reaches both.
    assert_eq!(
        (&cases["items"][0]["patient"]["connected"], &cases["items"][0]["other"]["connected"]),
        (&true.into(), &true.into())
    );
}

async fn whether_there_is_a_chart_is_not_told(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let page_of = async |email: &str, fields: &[(&str, &str)]| {
        let browser = app.patient(email).await;
        let person = person_of(&register(&app, &browser, fields).await);
        let page = browser.get(&format!("/people/{person}?welcome=done")).await.expect(200).text;
        let claim = page.split("/account/records/").nth(1).and_then(|rest| rest.get(..36)).expect("a claim").to_owned();
        let main = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a main part");
        main.replace(&person, "").replace(&claim, "").replace(email, "")
    };
    let there: Vec<_> = amira().into_iter().chain([("phone", "030 23125101")]).collect();
    let known = page_of("a@example.com", &there).await;
    let nobody: Vec<_> = somebody("self", "Amira", "Nobody", ["31", "1", "1980"]);
    let nobody: Vec<_> = nobody.into_iter().chain([("phone", "030 23125101")]).collect();
    let unknown = page_of("b@example.com", &nobody).await;
    assert_eq!(known.replace("Khalil", "Nobody"), unknown);
}

async fn registering_again_makes_no_second_chart(app: TestApp) {
    let browser = app.patient("new@example.com").await;
    let before = app.count(PATIENTS).await;
    let fields = amira();
    let (first, second) =
        tokio::join!(browser.form("/fn/chart-register", &fields), browser.form("/fn/chart-register", &fields));
    let person = person_of(&first.expect(303));
    assert_eq!(person_of(&second.expect(303)), person);
    assert_eq!(person_of(&register(&app, &browser, &fields).await), person);
    let child = somebody("child", "Lina", "Khalil", ["4", "7", "2019"]);
    let once = person_of(&register(&app, &browser, &child).await);
    assert_eq!(person_of(&register(&app, &browser, &child).await), once);
    assert_eq!(app.count(PATIENTS).await, before + 2);
}

async fn one_account_is_one_person(app: TestApp) {
    let browser = app.patient("new@example.com").await;
    register(&app, &browser, &amira()).await;
    let other = register(&app, &browser, &somebody("self", "Otto", "Khalil", ["2", "3", "1961"])).await;
    assert!(told(&browser, &other).await.contains("You are registered here with another date of birth"));
}

async fn a_parent_registers_a_child(app: TestApp) {
    let browser = app.patient("parent@example.com").await;
    // Born on a day that few years have.
    let lina = register(&app, &browser, &somebody("child", "Lina", "Khalil", ["29", "2", "2020"])).await;
    let person = person_of(&lina);
    let end = browser.get(&format!("/people/{person}?welcome=done")).await.expect(200).text;
    assert!(end.contains("Your child is registered") && !end.contains("Enter that code"));
    // Notes and lists are the clinic's to share.
    browser.get(&format!("/people/{person}/allergies")).await.expect(404);
    browser.get(&format!("/people/{person}/address")).await.expect(200);
    // A twin is another chart.
    let twin = register(&app, &browser, &somebody("child", "Sami", "Khalil", ["29", "2", "2020"])).await;
    assert_ne!(person_of(&twin), person);
    assert!(browser.get("/home").await.expect(200).text.contains("Sami"));
}

async fn whoever_is_of_age_registers_alone(app: TestApp) {
    let browser = app.patient("parent@example.com").await;
    // The test's day is 23 November 2026, in Berlin.
    let of_age = register(&app, &browser, &somebody("child", "Lina", "Khalil", ["23", "11", "2008"])).await;
    assert!(told(&browser, &of_age).await.contains("Whoever is 18 or older registers with their own email address"));
    person_of(&register(&app, &browser, &somebody("child", "Lina", "Khalil", ["24", "11", "2008"])).await);
}

const CHILD: &str = "\
number,given,family,birth_date,email
1,Lina,Khalil,2019-07-04,parent@example.com
";

async fn a_child_the_clinic_knows_is_connected_for_booking_alone(app: TestApp) {
    import(&app, "riverside", CHILD).await;
    let before = app.count(PATIENTS).await;
    let browser = app.patient("parent@example.com").await;
    let lina = somebody("child", "Lina", "Khalil", ["4", "7", "2019"]);
    let person = person_of(&register(&app, &browser, &lina).await);
    assert_eq!(app.count(PATIENTS).await, before);
    assert_eq!(app.count("SELECT count(*) FROM chart_grant WHERE scope = 'book'").await, 1);
    browser.get(&format!("/people/{person}/allergies")).await.expect(404);
}

async fn a_parent_who_was_shut_out_does_not_come_back(app: TestApp) {
    import(&app, "riverside", CHILD).await;
    let browser = app.patient("parent@example.com").await;
    let lina = somebody("child", "Lina", "Khalil", ["4", "7", "2019"]);
    let person = person_of(&register(&app, &browser, &lina).await);
    app.tamper("UPDATE chart_grant SET ended_at = 1").await;
    let again = register(&app, &browser, &lina).await;
    assert!(told(&browser, &again).await.contains("Please call the clinic"));
    browser.get(&format!("/people/{person}")).await.expect(404);
    // Nor as the child itself, nor by looking for records, nor as somebody new with the address that was given up.
    let as_self = somebody("self", "Lina", "Khalil", ["4", "7", "2019"]);
    let own = person_of(&register(&app, &browser, &as_self).await);
    assert_ne!(own, person);
    let looked: Vec<_> = as_self.iter().copied().filter(|(name, _)| *name != "relation").collect();
    browser.form("/fn/chart-find", &looked).await.expect(303);
    app.run_jobs().await;
    browser.get(&format!("/people/{person}")).await.expect(404);
}

/// The address on it is a parent's more often than not.
async fn a_minors_chart_is_not_opened_by_its_address_alone(app: TestApp) {
    import(&app, "riverside", CHILD).await;
    let lina = by_number(&app, "1").await;
    let browser = app.patient("parent@example.com").await;
    let as_self = somebody("self", "Lina", "Khalil", ["4", "7", "2019"]);
    let own = person_of(&register(&app, &browser, &as_self).await);
    assert_ne!(own, lina);
    browser.get(&format!("/people/{lina}")).await.expect(404);
    let looked: Vec<_> = as_self.iter().copied().filter(|(name, _)| *name != "relation").collect();
    browser.form("/fn/chart-find", &looked).await.expect(303);
    app.run_jobs().await;
    browser.get(&format!("/people/{lina}")).await.expect(404);
    // The clinic decides: about the two charts, and about who looked.
    let program = app.program_with("riverside", &[Scope::PatientsRead]).await;
    let cases = program.get("/api/v1/match-cases").await.expect(200).json();
    let mut kinds: Vec<_> = cases["items"].as_array().expect("a list").iter().map(|c| c["kind"].clone()).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["claim", "duplicate"], "{cases}");
}

async fn by_number(app: &TestApp, number: &str) -> String {
    let program = app.program_with("riverside", &[Scope::PatientsRead]).await;
    let found = program.get(&format!("/api/v1/patients?clinic=riverside&number={number}")).await.expect(200).json();
    found["items"][0]["id"].as_str().expect("a chart").to_owned()
}

/// Of the clinic's chart and the one that somebody typed in, whichever came first.
async fn the_clinics_own_chart_is_kept(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let theirs = by_number(&app, "0001").await;
    let browser = app.patient("new@example.com").await;
    let with_phone: Vec<_> = amira().into_iter().chain([("phone", "030 23125101")]).collect();
    let typed = person_of(&register(&app, &browser, &with_phone).await);
    let program = app.program_with("riverside", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let cases = program.get("/api/v1/match-cases").await.expect(200).json();
    let case = cases["items"][0]["id"].as_str().expect("a case").to_owned();
    program.post(&format!("/api/v1/match-cases/{case}"), &json!({ "same": true })).await.expect(204);
    let now = program.get(&format!("/api/v1/patients/{typed}")).await.expect(307);
    assert_eq!(now.header("location"), format!("/api/v1/patients/{theirs}"));
    let now = program.get(&format!("/api/v1/patients/{theirs}")).await.expect(200).json();
    assert_eq!(now["email"].as_str(), Some("amira@example.com"));
    browser.get(&format!("/people/{theirs}")).await.expect(200);
}

async fn five_people_a_day(app: TestApp) {
    let browser = app.patient("parent@example.com").await;
    for given in ["Ada", "Ben", "Cem", "Dina", "Eva"] {
        person_of(&register(&app, &browser, &somebody("child", given, "Khalil", ["4", "7", "2019"])).await);
    }
    let sixth = register(&app, &browser, &somebody("child", "Finn", "Khalil", ["4", "7", "2019"])).await;
    assert!(told(&browser, &sixth).await.contains("You registered five people today"));
}

const GROWN_UP: &str = "\
number,given,family,birth_date,email
1,Vera,Khalil,1980-07-04,family@example.com
";

/// Somebody booked for her with an address of theirs; whoever signs in with it later is not her by that.
async fn an_address_that_was_given_up_proves_nothing(app: TestApp) {
    import(&app, "riverside", GROWN_UP).await;
    let vera = by_number(&app, "1").await;
    let partner = app.patient("family@example.com").await;
    let by = testkit::Person {
        birth_date: "1980-07-04".to_owned(),
        email: "family@example.com".to_owned(),
        ..testkit::Person::new("Vera", "Khalil")
    };
    partner.book("riverside", "vaccination", "2026-11-25T09:00:00+01:00", &by).await.expect(201);
    app.tamper("UPDATE chart_grant SET relation = 'partner', scope = 'book', ended_at = 1").await;
    // Another account has the address now.
    app.tamper("UPDATE chart_grant SET account_id = id").await;
    let vera_again = somebody("self", "Vera", "Khalil", ["4", "7", "1980"]);
    let browser = app.patient("family@example.com").await;
    assert_ne!(person_of(&register(&app, &browser, &vera_again).await), vera);
    browser.get(&format!("/people/{vera}")).await.expect(404);
}

async fn whoever_was_shut_out_stays_out_through_a_merge(app: TestApp) {
    import(&app, "riverside", CHILD).await;
    let lina = by_number(&app, "1").await;
    let browser = app.patient("parent@example.com").await;
    register(&app, &browser, &somebody("child", "Lina", "Khalil", ["4", "7", "2019"])).await;
    app.tamper("UPDATE chart_grant SET ended_at = 1").await;
    let typed = person_of(&register(&app, &browser, &somebody("self", "Lina", "Khalil", ["4", "7", "2019"])).await);
    let program = app.program_with("riverside", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let cases = program.get("/api/v1/match-cases").await.expect(200).json();
    assert!(cases["items"].as_array().is_some_and(|all| all.iter().all(|case| case["had_access"] == true)), "{cases}");
    let merged = program.post(&format!("/api/v1/patients/{lina}/merge"), &json!({ "gone": typed })).await.expect(201);
    browser.get(&format!("/people/{lina}")).await.expect(404);
    // Undoing it gives back what was not to go; and the other way round it is the same.
    program.post(&format!("/api/v1/merges/{}/undo", merged.field("id")), &json!({})).await.expect(204);
    browser.get(&format!("/people/{typed}")).await.expect(200);
    let merged = program.post(&format!("/api/v1/patients/{typed}/merge"), &json!({ "gone": lina })).await.expect(201);
    browser.get(&format!("/people/{typed}")).await.expect(404);
    program.post(&format!("/api/v1/merges/{}/undo", merged.field("id")), &json!({})).await.expect(204);
    browser.get(&format!("/people/{typed}")).await.expect(200);
}

/// Seventeen when the clinic brought the chart, with a parent's address.
async fn a_birthday_makes_no_proof_of_a_parents_address(app: TestApp) {
    const ALMOST: &str = "number,given,family,birth_date,email\n1,Lina,Khalil,2008-11-25,parent@example.com\n";
    import(&app, "riverside", ALMOST).await;
    let lina = by_number(&app, "1").await;
    app.clock.advance_minutes(5 * 24 * 60);
    let browser = app.patient("parent@example.com").await;
    let as_self = somebody("self", "Lina", "Khalil", ["25", "11", "2008"]);
    assert_ne!(person_of(&register(&app, &browser, &as_self).await), lina);
    browser.get(&format!("/people/{lina}")).await.expect(404);
}
