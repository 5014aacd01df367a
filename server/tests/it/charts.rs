//! Getting to one's own chart: by looking for it, with a code from a letter, and past everybody who must not.

use domain::staff::Role;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{Answer, Caller, TestApp, on_both_engines};

use crate::patient_import::{FILE, import};

on_both_engines![
    an_account_with_the_charts_own_address_is_connected_at_once,
    an_address_that_a_desk_noted_proves_nothing,
    another_address_needs_the_code_sent_to_the_charts,
    whether_there_is_a_chart_is_not_told,
    a_twin_does_not_get_the_other_twins_chart,
    a_family_address_does_not_open_everybodys_chart,
    a_clinic_decides_what_is_uncertain,
    a_claim_is_its_accounts_alone,
    five_wrong_codes_end_a_claim,
    an_account_looks_five_times_a_day,
    a_letters_code_connects_whoever_knows_the_birth_date,
    a_letters_code_works_once_and_not_for_ever,
    a_letter_is_not_ones_own_for_whoever_is_somebody_else,
    a_letter_is_a_page_with_a_code_that_works,
    an_older_login_hears_of_a_new_one,
    charts_are_for_the_clinics_own_programs,
    a_chart_that_is_connected_can_be_booked_for,
];

const AMIRA: [(&str, &str); 5] =
    [("given", "Amira"), ("family", "Khalil"), ("birth-day", "31"), ("birth-month", "1"), ("birth-year", "1980")];

/// Looks for a chart at Riverside; where it led, after the job has run.
async fn look(app: &TestApp, browser: &Caller, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<(&str, &str)> = [("clinic", "riverside")].into_iter().chain(fields.iter().copied()).collect();
    let answer = browser.form("/fn/chart-find", &fields).await.expect(303);
    app.run_jobs().await;
    answer
}

fn claim_of(answer: &Answer) -> String {
    answer.header("location").strip_prefix("/account/records/").expect("a claim").to_owned()
}

fn newest_claim_code(app: &TestApp) -> String {
    let sent = app.mailer.sent();
    let mail = sent.iter().rev().find(|m| m.subject.ends_with("connects your Portico account")).expect("a code");
    mail.subject.chars().filter(char::is_ascii_digit).collect()
}

async fn records(browser: &Caller) -> String {
    browser.get("/account/records").await.expect(200).text
}

async fn an_account_with_the_charts_own_address_is_connected_at_once(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let browser = app.patient("AMIRA@example.com").await;
    assert!(!records(&browser).await.contains("Khalil"));
    // Written otherwise than in the chart.
    let typed = [("given", "amira"), ("family", "KHALIL"), AMIRA[2], AMIRA[3], AMIRA[4]];
    let claim = claim_of(&look(&app, &browser, &typed).await);
    let page = browser.get(&format!("/account/records/{claim}")).await.expect(303);
    assert_eq!(page.header("location"), "/account/records?done=connected");
    assert!(records(&browser).await.contains("Amira Khalil"));
    let told = app.mailer.sent().iter().filter(|m| m.subject.contains("connected with a clinic")).count();
    assert_eq!(told, 1);
}

async fn an_address_that_a_desk_noted_proves_nothing(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let at = app.staff("riverside", Role::FrontDesk).await;
    let program = app.program_with("riverside", &[Scope::PatientsRead]).await;
    let found = program.get("/api/v1/patients?clinic=riverside&number=0001").await.expect(200).json();
    let id = found["items"][0]["id"].as_str().expect("a chart").to_owned();
    let form = at.caller.get(&format!("/staff/riverside/patients/{id}/contact")).await.expect(200).text;
    let seen = form.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("seen");
    let noted = [("clinic", "riverside"), ("patient", id.as_str()), ("seen", seen), ("email", "eve@example.com")];
    let led = at.caller.form("/fn/desk-contact", &noted).await.expect(303);
    assert!(led.header("location").ends_with("done=contact"), "{}", led.header("location"));
    // Whoever has that address may be whoever sits at the desk: the clinic decides.
    let eve = app.patient("eve@example.com").await;
    look(&app, &eve, &AMIRA).await;
    assert!(!records(&eve).await.contains("Khalil"));
    let program = app.program_with("riverside", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    assert_eq!(cases(&program).await.len(), 1);
}

async fn another_address_needs_the_code_sent_to_the_charts(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let browser = app.patient("new@example.com").await;
    let with_phone: Vec<_> = AMIRA.into_iter().chain([("phone", "030 23125101")]).collect();
    let claim = claim_of(&look(&app, &browser, &with_phone).await);
    assert!(!records(&browser).await.contains("Khalil"));
    let to = app.mailer.sent().iter().rev().find(|m| m.subject.contains("connects")).map(|m| m.to.clone());
    assert_eq!(to.as_deref(), Some("amira@example.com"));
    let code = newest_claim_code(&app);
    let proved = browser.form("/fn/chart-prove", &[("claim", &claim), ("code", &code)]).await.expect(303);
    assert_eq!(proved.header("location"), "/account/records?done=connected");
    assert!(records(&browser).await.contains("Amira Khalil"));
}

async fn whether_there_is_a_chart_is_not_told(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let browser = app.patient("new@example.com").await;
    let page_of = async |fields: &[(&str, &str)]| {
        let claim = claim_of(&look(&app, &browser, fields).await);
        let page = browser.get(&format!("/account/records/{claim}")).await.expect(200).text.replace(&claim, "");
        let refused = browser.form("/fn/chart-prove", &[("claim", &claim), ("code", "000000")]).await.expect(303);
        let again = browser.get(&format!("/account/records/{claim}")).await.expect(200).text.replace(&claim, "");
        let main = |page: &str| page.split("</main>").next().map(str::to_owned);
        (main(&page), refused.header("location").replace(&claim, ""), main(&again))
    };
    let with_phone: Vec<_> = AMIRA.into_iter().chain([("phone", "030 23125101")]).collect();
    let strong = page_of(&with_phone).await;
    let strip = |(a, b, c): (Option<String>, String, Option<String>)| {
        let nonce = |page: Option<String>| page.and_then(|p| p.split("<main").nth(1).map(str::to_owned));
        (nonce(a), b, nonce(c))
    };
    let strong = strip(strong);
    assert_eq!(strip(page_of(&AMIRA).await), strong);
    let nobody = [("given", "Nobody"), ("family", "Atall"), AMIRA[2], AMIRA[3], AMIRA[4]];
    assert_eq!(strip(page_of(&nobody).await), strong);
}

async fn a_twin_does_not_get_the_other_twins_chart(app: TestApp) {
    let only_jan: String = FILE.lines().filter(|l| !l.contains("Jana")).map(|l| format!("{l}\n")).collect();
    import(&app, "riverside", &only_jan).await;
    let browser = app.patient("family@example.com").await;
    let born = [("birth-day", "4"), ("birth-month", "7"), ("birth-year", "1991")];
    let jana: Vec<_> =
        [("given", "Jana"), ("family", "Müller"), ("phone", "030 23125103")].into_iter().chain(born).collect();
    look(&app, &browser, &jana).await;
    assert!(!records(&browser).await.contains("Müller"));
    // The one whose chart it is gets it.
    let jan: Vec<_> = [("given", "Jan"), ("family", "Mueller")].into_iter().chain(born).collect();
    look(&app, &browser, &jan).await;
    assert!(records(&browser).await.contains("Jan Müller"));
}

async fn a_family_address_does_not_open_everybodys_chart(app: TestApp) {
    let family = format!("{FILE}0009,Otto,Müller,1961-03-02,family@example.com,+49 30 23125 103,,,,,\n");
    import(&app, "riverside", &family).await;
    let browser = app.patient("family@example.com").await;
    let born = [("birth-day", "4"), ("birth-month", "7"), ("birth-year", "1991")];
    let jan: Vec<_> = [("given", "Jan"), ("family", "Müller")].into_iter().chain(born).collect();
    look(&app, &browser, &jan).await;
    assert!(records(&browser).await.contains("Jan Müller"));
    // His father's chart has the same address, and is not his.
    let born = [("birth-day", "2"), ("birth-month", "3"), ("birth-year", "1961")];
    let otto: Vec<_> = [("given", "Otto"), ("family", "Müller")].into_iter().chain(born).collect();
    look(&app, &browser, &otto).await;
    assert!(!records(&browser).await.contains("Otto"));
    let program = app.program_with("riverside", &[Scope::PatientsRead]).await;
    assert_eq!(cases(&program).await.len(), 1);
}

async fn cases(program: &Caller) -> Vec<Value> {
    program.get("/api/v1/match-cases").await.expect(200).json()["items"].as_array().expect("a list").clone()
}

async fn a_clinic_decides_what_is_uncertain(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let program = app.program_with("riverside", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    for same in [false, true] {
        let browser = app.patient(&format!("new-{same}@example.com")).await;
        // The name and the birth date alone are not enough.
        look(&app, &browser, &AMIRA).await;
        let [case] = &cases(&program).await[..] else { panic!("one case") };
        assert_eq!((&case["kind"], &case["claimed"]["given"]), (&json!("claim"), &json!("Amira")));
        let path = format!("/api/v1/match-cases/{}", case["id"].as_str().unwrap());
        program.post(&path, &json!({ "same": same })).await.expect(204);
        program.post(&path, &json!({ "same": true })).await.expect(404);
        app.run_jobs().await;
        assert_eq!(records(&browser).await.contains("Amira Khalil"), same);
    }
}

async fn a_claim_is_its_accounts_alone(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let browser = app.patient("new@example.com").await;
    let with_phone: Vec<_> = AMIRA.into_iter().chain([("phone", "030 23125101")]).collect();
    let claim = claim_of(&look(&app, &browser, &with_phone).await);
    let code = newest_claim_code(&app);
    let eve = app.patient("eve@example.com").await;
    eve.get(&format!("/account/records/{claim}")).await.expect(404);
    eve.form("/fn/chart-prove", &[("claim", &claim), ("code", &code)]).await.expect(404);
    assert!(!records(&eve).await.contains("Khalil"));
}

async fn five_wrong_codes_end_a_claim(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let browser = app.patient("new@example.com").await;
    let with_phone: Vec<_> = AMIRA.into_iter().chain([("phone", "030 23125101")]).collect();
    let claim = claim_of(&look(&app, &browser, &with_phone).await);
    let code = newest_claim_code(&app);
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..5 {
        browser.form("/fn/chart-prove", &[("claim", &claim), ("code", &wrong)]).await.expect(303);
    }
    browser.form("/fn/chart-prove", &[("claim", &claim), ("code", &code)]).await.expect(303);
    assert!(!records(&browser).await.contains("Khalil"));
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE outcome = 'wrong_code'").await, 5);
}

async fn an_account_looks_five_times_a_day(app: TestApp) {
    let browser = app.patient("new@example.com").await;
    for _ in 0..5 {
        claim_of(&look(&app, &browser, &AMIRA).await);
    }
    let refused = look(&app, &browser, &AMIRA).await;
    assert_eq!(refused.header("location"), "/account/records/find?clinic=riverside");
    let page = browser.get("/account/records/find?clinic=riverside").await.expect(200).text;
    assert!(page.contains("five times today") && page.contains("value=\"Khalil\""), "{page}");
}

/// A code for the chart with a number.
async fn letter(app: &TestApp, number: &str) -> String {
    let program = app.program_with("riverside", &[Scope::PatientsWrite]).await;
    let found = program.get(&format!("/api/v1/patients?clinic=riverside&number={number}")).await.expect(200).json();
    let id = found["items"][0]["id"].as_str().expect("a chart").to_owned();
    program.post(&format!("/api/v1/patients/{id}/activation"), &json!({})).await.expect(201).field("code")
}

async fn activate(browser: &Caller, code: &str, day: &str) -> Answer {
    let born = [("birth-day", day), ("birth-month", "2"), ("birth-year", "2004")];
    let fields: Vec<_> = [("code", code), ("relation", "self")].into_iter().chain(born).collect();
    browser.form("/fn/chart-activate", &fields).await.expect(303)
}

async fn a_letters_code_connects_whoever_knows_the_birth_date(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let code = letter(&app, "0002").await;
    let browser = app.patient("suryani@example.com").await;
    assert_eq!(activate(&browser, &code, "28").await.header("location"), "/activate");
    assert!(browser.get("/activate").await.expect(200).text.contains("do not fit together"));
    assert!(!records(&browser).await.contains("Suryani"));
    let done = activate(&browser, &code.to_lowercase().replace('-', " "), "29").await;
    assert_eq!(done.header("location"), "/account/records?done=connected");
    let page = records(&browser).await;
    assert!(page.contains("<bdi>Suryani") && page.contains("Born 29 February 2004"), "{page}");
}

async fn a_letters_code_works_once_and_not_for_ever(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let old = letter(&app, "0002").await;
    let code = letter(&app, "0002").await;
    let browser = app.patient("suryani@example.com").await;
    // A new letter replaces the old one.
    assert_eq!(activate(&browser, &old, "29").await.header("location"), "/activate");
    assert_eq!(activate(&browser, &code, "29").await.header("location"), "/account/records?done=connected");
    let eve = app.patient("eve@example.com").await;
    assert_eq!(activate(&eve, &code, "29").await.header("location"), "/activate");
    let late = letter(&app, "0002").await;
    let guessed = letter(&app, "0003").await;
    for _ in 0..5 {
        activate(&eve, &guessed, "1").await;
    }
    let born = [("birth-day", "4"), ("birth-month", "7"), ("birth-year", "1991")];
    let right: Vec<_> = [("code", guessed.as_str()), ("relation", "self")].into_iter().chain(born).collect();
    assert_eq!(eve.form("/fn/chart-activate", &right).await.expect(303).header("location"), "/activate");
    app.clock.advance_minutes(61 * 24 * 60);
    let eve = app.patient("eve@example.com").await;
    assert_eq!(activate(&eve, &late, "29").await.header("location"), "/activate");
}

async fn a_letter_is_a_page_with_a_code_that_works(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let program = app.program_with("riverside", &[Scope::PatientsWrite]).await;
    let found = program.get("/api/v1/patients?clinic=riverside&number=0002").await.expect(200).json();
    let path = format!("/api/v1/patients/{}/letter", found["items"][0]["id"].as_str().expect("a chart"));
    let letter = program.post(&path, &json!({ "clinic": "riverside" })).await.expect(201);
    assert_eq!(letter.header("content-type"), "application/pdf");
    assert!(letter.text.starts_with("%PDF-"), "{:?}", letter.text.get(..20));
    // Another clinic's letterhead is not this key's to use.
    program.post(&path, &json!({ "clinic": "harbour" })).await.expect(404);
    let old = self::letter(&app, "0002").await;
    program.delete(&path.replace("letter", "activation")).await.expect(204);
    let browser = app.patient("suryani@example.com").await;
    assert_eq!(activate(&browser, &old, "29").await.header("location"), "/activate");
}

async fn an_older_login_hears_of_a_new_one(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let first = app.patient("amira@example.com").await;
    look(&app, &first, &AMIRA).await;
    let second = app.patient("new@example.com").await;
    let with_phone: Vec<_> = AMIRA.into_iter().chain([("phone", "030 23125101")]).collect();
    look(&app, &second, &with_phone).await;
    // The clinic decides, because somebody has the chart as their own.
    assert!(!records(&second).await.contains("Khalil"));
    let program = app.program_with("riverside", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let case = cases(&program).await.pop().expect("a case");
    assert_eq!(
        (&case["asker"], &case["had_access"], &case["under_age"]),
        (&json!("new@example.com"), &json!(false), &json!(false))
    );
    let path = format!("/api/v1/match-cases/{}", case["id"].as_str().expect("an id"));
    program.post(&path, &json!({ "same": true })).await.expect(204);
    app.run_jobs().await;
    assert!(records(&second).await.contains("Khalil"));
    let told = app.mailer.sent().iter().any(|m| m.to == "amira@example.com" && m.subject.starts_with("Another"));
    assert!(told);
}

async fn charts_are_for_the_clinics_own_programs(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let program = app.program_with("riverside", &[Scope::PatientsRead]).await;
    let found = program.get("/api/v1/patients?clinic=riverside&number=0001").await.expect(200).json();
    let id = found["items"][0]["id"].as_str().expect("a chart").to_owned();
    let chart = format!("/api/v1/patients/{id}");
    program.get(&chart).await.expect(200);
    let nothing = "00000000-0000-7000-8000-000000000000";
    let callers = [
        ("nobody", app.anonymous(), [404; 5]),
        ("a patient", app.patient("eve@example.com").await, [404; 5]),
        ("a key without scope", app.program("riverside").await, [403; 5]),
        (
            "another clinic's key",
            app.program_with("harbour", &[Scope::PatientsRead, Scope::PatientsWrite]).await,
            [404, 404, 404, 404, 404],
        ),
        ("a reading key", program.clone(), [200, 403, 403, 403, 403]),
    ];
    for (who, caller, expected) in callers {
        let answers = [
            caller.get(&chart).await,
            caller.post(&format!("{chart}/activation"), &json!({})).await,
            caller.post(&format!("{chart}/merge"), &json!({ "gone": nothing })).await,
            caller.post(&format!("/api/v1/merges/{nothing}/undo"), &json!({})).await,
            caller.post(&format!("/api/v1/match-cases/{nothing}"), &json!({ "same": true })).await,
        ];
        let statuses = answers.map(|a| a.status);
        assert_eq!(statuses, expected, "{who}");
    }
}

async fn a_chart_that_is_connected_can_be_booked_for(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let browser = app.patient("amira@example.com").await;
    look(&app, &browser, &AMIRA).await;
    let person = testkit::Person { email: "amira@example.com".to_owned(), ..testkit::Person::new("Amira", "Khalil") };
    browser.book("riverside", "vaccination", "2026-11-25T09:00:00+01:00", &person).await;
    // No second chart was made.
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 4);
}

async fn a_letter_is_not_ones_own_for_whoever_is_somebody_else(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let amira = app.patient("amira@example.com").await;
    look(&app, &amira, &AMIRA).await;
    let code = letter(&app, "0002").await;
    let born = [("birth-day", "29"), ("birth-month", "2"), ("birth-year", "2004")];
    let as_relation = async |relation: &'static str| {
        let fields: Vec<_> = [("code", code.as_str()), ("relation", relation)].into_iter().chain(born).collect();
        amira.form("/fn/chart-activate", &fields).await.expect(303).header("location").to_owned()
    };
    assert_eq!(as_relation("self").await, "/activate");
    // The letter is not used up.
    assert_eq!(as_relation("other").await, "/account/records?done=connected");
}
