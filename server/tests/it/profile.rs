//! What patients say of themselves, and what they ask the clinic to change.

use portal::Scope;
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    what_a_patient_says_stands_beside_what_the_clinic_has,
    a_list_is_added_to_and_taken_from,
    mistakes_keep_what_was_typed,
    of_two_windows_one_is_asked_to_look_again,
    a_name_is_asked_for_and_accepted,
    a_request_that_is_declined_keeps_the_patients_words,
    a_request_can_be_taken_back,
    nothing_of_a_profile_is_readable_in_the_database,
    nobody_elses_profile_is_seen_or_changed,
    a_program_of_the_patients_reads_and_says_the_same,
    home_says_what_is_next_and_what_is_needed,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";

fn amira() -> Person {
    Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") }
}

/// A browser that booked for itself, and its person's id.
async fn patient(app: &TestApp) -> (Caller, String) {
    let browser = app.patient("amira@example.com").await;
    browser.book("lab", "solo", TEN, &amira()).await;
    let page = browser.get("/account/records").await.expect(200).text;
    let id = page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned();
    (browser, id)
}

fn seen(page: &str) -> String {
    page.split("name=\"seen\" value=\"").nth(1).and_then(|r| r.split('"').next()).unwrap_or_default().to_owned()
}

/// Fills a section's form in as its page shows it.
async fn say(browser: &Caller, person: &str, section: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(&format!("/people/{person}/{section}")).await.expect(200).text;
    let seen = seen(&page);
    let known = [("person", person), ("section", section), ("seen", &seen)];
    let fields: Vec<_> = known.into_iter().chain(fields.iter().copied()).collect();
    browser.form("/fn/profile-say", &fields).await.expect(303)
}

const ADDRESS: [(&str, &str); 4] =
    [("street", "Seestraße 9\n2. OG"), ("postcode", "13353"), ("city", "Berlin"), ("country", "DE")];

async fn what_a_patient_says_stands_beside_what_the_clinic_has(app: TestApp) {
    let (browser, person) = patient(&app).await;
    let done = say(&browser, &person, "address", &ADDRESS).await;
    assert_eq!(done.header("location"), format!("/people/{person}?saved=address"));
    let page = browser.get(&format!("/people/{person}")).await.expect(200).text;
    assert!(page.contains("Seestraße 9, 2. OG · 13353 · Berlin"), "{page}");
    // The clinic has another phone number.
    say(&browser, &person, "contact", &[("email", "amira@example.com"), ("phone", "+49 30 23125 999")]).await;
    let page = browser.get(&format!("/people/{person}/contact")).await.expect(200).text;
    assert!(page.contains("What the clinic has") && page.contains("What you say"), "{page}");
    say(&browser, &person, "address", &[ADDRESS[0], ADDRESS[1], ("city", "Potsdam"), ADDRESS[3]]).await;
    let page = browser.get(&format!("/people/{person}/address")).await.expect(200).text;
    assert!(page.contains("What was said before") && page.contains("Potsdam") && page.contains("Berlin"));
    assert_eq!(app.count("SELECT count(*) FROM profile_statement").await, 3);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'profile.say'").await, 3);
}

async fn add(browser: &Caller, person: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(&format!("/people/{person}/allergies/add")).await.expect(200).text;
    let seen = seen(&page);
    let known = [("person", person), ("section", "allergies"), ("seen", &seen)];
    let fields: Vec<_> = known.into_iter().chain(fields.iter().copied()).collect();
    browser.form("/fn/profile-add", &fields).await.expect(303)
}

async fn a_list_is_added_to_and_taken_from(app: TestApp) {
    let (browser, person) = patient(&app).await;
    let list = format!("/people/{person}/allergies");
    browser.form("/fn/profile-none", &[("person", &person), ("section", "allergies")]).await.expect(303);
    assert!(browser.get(&list).await.expect(200).text.contains("I have no allergies that I know of"));
    for substance in ["Penicillin", "</textarea><script>alert(1)</script>"] {
        let added = add(&browser, &person, &[("substance", substance), ("severity", "mild")]).await;
        assert_eq!(added.header("location"), list);
    }
    let page = browser.get(&list).await.expect(200).text;
    assert!(page.contains("Penicillin") && !page.contains("<script>alert"), "{page}");
    let latest = seen(&page);
    let remove = async |seen: &str| {
        let fields = [("person", person.as_str()), ("section", "allergies"), ("seen", seen), ("item", "0")];
        browser.form("/fn/profile-remove", &fields).await.expect(303).header("location").to_owned()
    };
    assert_eq!(remove(&latest).await, list);
    // Sent again, it removes nothing more.
    assert_eq!(remove(&latest).await, format!("{list}?changed=meanwhile"));
    let page = browser.get(&list).await.expect(200).text;
    assert!(page.contains("&lt;script&gt;"), "{page}");
}

async fn mistakes_keep_what_was_typed(app: TestApp) {
    let (browser, person) = patient(&app).await;
    let refused = say(&browser, &person, "address", &[("street", "Seestraße 9"), ("country", "XX")]).await;
    assert_eq!(refused.header("location"), format!("/people/{person}/address"));
    let page = browser.get(&format!("/people/{person}/address")).await.expect(200).text;
    for words in ["There is a problem", "Enter your town or city", "Choose your country", "Seestraße 9"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(app.count("SELECT count(*) FROM profile_statement").await, 0);
}

async fn of_two_windows_one_is_asked_to_look_again(app: TestApp) {
    let (browser, person) = patient(&app).await;
    let fields: Vec<_> =
        [("person", person.as_str()), ("section", "address"), ("seen", "")].into_iter().chain(ADDRESS).collect();
    let first = browser.form("/fn/profile-say", &fields).await.expect(303);
    assert_eq!(first.header("location"), format!("/people/{person}?saved=address"));
    let second = browser.form("/fn/profile-say", &fields).await.expect(303);
    assert_eq!(second.header("location"), format!("/people/{person}/address?changed=meanwhile"));
    assert_eq!(app.count("SELECT count(*) FROM profile_statement").await, 1);
}

const MARRIED: [(&str, &str); 2] = [("given", "Amira"), ("family", "Weber")];

async fn requests(program: &Caller) -> Vec<Value> {
    program.get("/api/v1/change-requests").await.expect(200).json()["items"].as_array().expect("a list").clone()
}

async fn a_name_is_asked_for_and_accepted(app: TestApp) {
    let (browser, person) = patient(&app).await;
    say(&browser, &person, "name", &MARRIED).await;
    let page = browser.get(&format!("/people/{person}/name")).await.expect(200).text;
    assert!(page.contains("The clinic has not answered yet"), "{page}");
    assert!(browser.get("/visits").await.expect(200).text.contains("Amira Khalil"));
    let program = app.program_with("lab", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let [request] = &requests(&program).await[..] else { panic!("one request") };
    assert_eq!(request["asked"]["values"]["family"], json!("Weber"));
    assert_eq!(request["clinic"]["values"]["family"], json!("Khalil"));
    let path = format!("/api/v1/change-requests/{}", request["id"].as_str().unwrap());
    let other = app.program_with("harbour", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    other.post(&path, &json!({ "accept": true })).await.expect(404);
    assert!(requests(&other).await.is_empty());
    program.post(&path, &json!({ "accept": true })).await.expect(204);
    program.post(&path, &json!({ "accept": true })).await.expect(404);
    assert!(browser.get("/visits").await.expect(200).text.contains("Amira Weber"));
    assert!(browser.get(&format!("/people/{person}/name")).await.expect(200).text.contains("The clinic changed it"));
    // It is found by its new name.
    let married = Person { family: "Weber".to_owned(), ..amira() };
    browser.book("lab", "solo", "2026-11-24T14:00:00+01:00", &married).await;
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 1);
}

async fn a_request_that_is_declined_keeps_the_patients_words(app: TestApp) {
    let (browser, person) = patient(&app).await;
    say(&browser, &person, "birth-date", &[("birth-day", "1"), ("birth-month", "1"), ("birth-year", "1981")]).await;
    let program = app.program_with("lab", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let id = requests(&program).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/change-requests/{id}");
    program.post(&path, &json!({ "accept": false })).await.expect(400);
    program.post(&path, &json!({ "accept": false, "reply": "Please bring your passport." })).await.expect(204);
    let section = format!("/people/{person}/birth-date");
    assert!(browser.get(&section).await.expect(200).text.contains("Please bring your passport."));
    assert!(browser.get("/home").await.expect(200).text.contains("The clinic answered you"));
    let fields = [
        ("person", person.as_str()),
        ("section", "birth-date"),
        ("request_id", &id),
        ("words", "It is in the passport you copied."),
    ];
    browser.form("/fn/profile-disagree", &fields).await.expect(303);
    browser.form("/fn/profile-disagree", &fields).await.expect(404);
    assert!(browser.get(&section).await.expect(200).text.contains("It is in the passport you copied."));
    assert!(!browser.get("/home").await.expect(200).text.contains("The clinic answered you"));
}

async fn a_request_can_be_taken_back(app: TestApp) {
    let (browser, person) = patient(&app).await;
    say(&browser, &person, "name", &MARRIED).await;
    browser.form("/fn/profile-withdraw", &[("person", &person), ("section", "name")]).await.expect(303);
    let program = app.program_with("lab", &[Scope::PatientsRead]).await;
    assert!(requests(&program).await.is_empty());
    let page = browser.get(&format!("/people/{person}/name")).await.expect(200).text;
    assert!(!page.contains("has not answered yet"), "{page}");
}

async fn nothing_of_a_profile_is_readable_in_the_database(app: TestApp) {
    use sea_orm::EntityTrait;
    let (browser, person) = patient(&app).await;
    add(&browser, &person, &[("substance", "Penicillin"), ("severity", "severe")]).await;
    let rows = entity::profile_statement::Entity::find().all(app.cx.db.read()).await.expect("statements");
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].value.windows(10).any(|bytes| bytes == b"Penicillin"));
}

async fn nobody_elses_profile_is_seen_or_changed(app: TestApp) {
    let (_, person) = patient(&app).await;
    let eve = app.patient("eve@example.com").await;
    for path in ["", "/address", "/allergies/add", "/helpers", "/helpers/new"] {
        let address = format!("/people/{person}{path}");
        eve.get(&address).await.expect(404);
        let led = app.anonymous().get(&address).await.expect(303);
        assert!(led.header("location").starts_with("/sign-in?next="), "{address}");
    }
    let fields: Vec<_> = [("person", person.as_str()), ("section", "address")].into_iter().chain(ADDRESS).collect();
    eve.form("/fn/profile-say", &fields).await.expect(404);
    let answer = json!({ "answer": { "values": { "language": "en" } } });
    let put = eve.request("PUT", &format!("/api/v1/me/profile/{person}/language"));
    eve.send(put.header("content-type", "application/json").body(answer.to_string())).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM profile_statement").await, 0);
}

async fn a_program_of_the_patients_reads_and_says_the_same(app: TestApp) {
    let (browser, person) = patient(&app).await;
    let put = async |section: &str, body: Value| {
        let request = browser.request("PUT", &format!("/api/v1/me/profile/{person}/{section}"));
        browser.send(request.header("content-type", "application/json").body(body.to_string())).await
    };
    put("language", json!({ "answer": { "values": { "language": "tr" } } })).await.expect(204);
    put("language", json!({ "answer": { "values": { "language": "de" } } }))
        .await
        .expect_problem(409, "changed_meanwhile");
    put("language", json!({ "answer": { "values": { "language": "xx" } } })).await.expect(400);
    put("nothing", json!({ "answer": {} })).await.expect(404);
    let people = browser.get("/api/v1/me/profile").await.expect(200).json();
    let sections = people["items"][0]["sections"].as_array().expect("sections").clone();
    assert_eq!(sections.len(), 15);
    let language = sections.iter().find(|s| s["section"] == "language").expect("language");
    assert_eq!(language["patient"]["values"]["language"], json!("tr"));
    app.anonymous().get("/api/v1/me/profile").await.expect(404);
    app.program("lab").await.get("/api/v1/me/grants").await.expect(404);
    let sessions = browser.get("/api/v1/me/sessions").await.expect(200).json();
    assert_eq!(sessions["items"][0]["this"], json!(true));
    assert_eq!(browser.get("/api/v1/me/passkeys").await.expect(200).json()["items"], json!([]));
}

async fn home_says_what_is_next_and_what_is_needed(app: TestApp) {
    let (browser, person) = patient(&app).await;
    let page = browser.get("/home").await.expect(200).text;
    for words in ["Hello, Amira", "Your next visit", "10:00", "Allergies, or that there are none"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    browser.form("/fn/profile-none", &[("person", &person), ("section", "allergies")]).await.expect(303);
    assert!(!browser.get("/home").await.expect(200).text.contains("Allergies, or that there are none"));
    app.anonymous().get("/home").await.expect(303);
}
