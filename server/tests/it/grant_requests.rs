//! Helpers ask the clinic to be allowed more: asking, looking at the paper, deciding, and what it changes.

use portal::{Scope, api_keys::Reach};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

use crate::files::{PDF, photo};

on_both_engines![
    a_helper_asks_and_the_clinic_allows_it,
    the_clinic_allows_a_part,
    the_clinic_declines_and_says_why,
    a_request_is_taken_back_with_its_paper,
    mistakes_keep_what_was_written,
    of_two_requests_at_once_one_is_made,
    a_decision_is_made_once,
    a_grant_that_ended_is_not_widened,
    a_paper_goes_with_its_grant,
    only_who_acts_for_another_asks,
    a_paper_is_for_who_sent_it_and_the_clinic,
    another_clinic_neither_sees_nor_decides,
    only_what_was_asked_for_is_allowed,
    a_request_goes_along_in_a_merge,
    a_request_goes_back_when_a_merge_is_undone,
    who_else_cares_for_a_child_is_told,
    what_a_helper_changes_is_told_and_the_insurance_is_for_who_may_pay,
    a_parent_of_a_young_person_is_allowed_what_the_clinic_confirms,
    nothing_of_a_request_is_readable_in_the_database,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";
const CARER: &str = "carer@example.com";
const OWNER: &str = "amira@example.com";
const WHY: &str = "I am her daughter, and she cannot use a phone.";

/// Somebody who was invited to one thing and accepted.
pub(crate) async fn helper(app: &TestApp, owner: &Caller, person: &str, right: &str) -> Caller {
    let right = format!("rights-{right}");
    let fields = [("person", person), ("email", CARER), ("relation", "other"), ("months", "0"), (&right, "yes")];
    owner.form("/fn/invite", &fields).await.expect(303);
    app.run_jobs().await;
    let helper = app.patient(CARER).await;
    let page = helper.get("/account/records").await.expect(200).text;
    let id = page.split("name=\"invite\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("an invitation");
    helper.form("/fn/invite-accept", &[("invite", id)]).await.expect(303);
    helper
}

/// A patient, a helper who may book, and the patient's id.
async fn two(app: &TestApp) -> (Caller, Caller, String) {
    let owner = app.patient(OWNER).await;
    let person = Person { email: OWNER.to_owned(), ..Person::new("Amira", "Khalil") };
    owner.book("lab", "solo", TEN, &person).await.expect(201);
    let page = owner.get("/account/records").await.expect(200).text;
    let id = page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned();
    let helper = helper(app, &owner, &id, "book").await;
    (owner, helper, id)
}

async fn ask(helper: &Caller, person: &str, rights: &[&str], paper: Option<&[u8]>) -> Answer {
    let boxes: Vec<String> = rights.iter().map(|right| format!("rights-{right}")).collect();
    let known = [("person", person), ("words", WHY)];
    let fields: Vec<_> = known.into_iter().chain(boxes.iter().map(|name| (name.as_str(), "yes"))).collect();
    helper.upload("/fn/ask", &fields, Some(("paper", "paper.pdf", paper.unwrap_or_default()))).await
}

async fn clinic(app: &TestApp, slug: &str) -> Caller {
    app.program_with(slug, &[Scope::PatientsRead, Scope::PatientsWrite]).await
}

async fn open(program: &Caller) -> Vec<Value> {
    program.get("/api/v1/grant-requests").await.expect(200).json()["items"].as_array().expect("a list").clone()
}

/// Where the one open request is decided.
async fn decision(program: &Caller) -> String {
    let [request] = &open(program).await[..] else { panic!("one request") };
    format!("/api/v1/grant-requests/{}/decision", request["id"].as_str().expect("an id"))
}

fn told(app: &TestApp, to: &str, subject: &str) -> usize {
    app.mailer.sent().iter().filter(|mail| mail.to == to && mail.subject.contains(subject)).count()
}

const SCOPE_IS: &str = "SELECT count(*) FROM chart_grant WHERE relation = 'other' AND ended_at IS NULL AND scope = ";

async fn a_helper_asks_and_the_clinic_allows_it(app: TestApp) {
    let (owner, helper, person) = two(&app).await;
    let page = format!("/people/{person}/ask");
    assert!(helper.get(&format!("/people/{person}")).await.expect(200).text.contains("Ask the clinic for more"));
    let form = helper.get(&page).await.expect(200).text;
    assert!(form.contains("See notes and lists of medicines") && !form.contains("rights-book"), "{form}");
    helper.get(&format!("/people/{person}/allergies")).await.expect(404);
    let sent = ask(&helper, &person, &["notes", "pay"], Some(PDF)).await.expect(303);
    assert_eq!(sent.header("location"), page);
    let waits = helper.get(&page).await.expect(200).text;
    assert!(waits.contains("The clinic has not answered yet") && waits.contains("Take it back"), "{waits}");
    let program = clinic(&app, "lab").await;
    let [request] = &open(&program).await[..] else { panic!("one request") };
    assert_eq!((&request["email"], &request["relation"]), (&json!(CARER), &json!("other")));
    assert_eq!((&request["allowed"], &request["asked"]), (&json!(["book"]), &json!(["notes", "pay"])));
    assert_eq!((&request["words"], &request["file"]), (&json!(WHY), &json!(true)));
    let path = format!("/api/v1/grant-requests/{}", request["id"].as_str().expect("an id"));
    let paper = program.get(&format!("{path}/file")).await.expect(200);
    assert_eq!((paper.header("content-type"), &paper.bytes[..]), ("application/pdf", PDF));
    assert!(paper.header("content-disposition").starts_with("attachment"));
    program.post(&format!("{path}/decision"), &json!({ "accept": true, "reply": "Welcome." })).await.expect(204);
    let answered = "The clinic answered what you asked";
    assert!(helper.get("/home").await.expect(200).text.contains(answered));
    // At once, and beside what was allowed before.
    assert_eq!(app.count(&format!("{SCOPE_IS}'book notes pay'")).await, 1);
    helper.get(&format!("/people/{person}/allergies")).await.expect(200);
    let shown = helper.get(&page).await.expect(200).text;
    assert!(shown.contains("The clinic allowed it") && shown.contains("Welcome."), "{shown}");
    assert!(!helper.get("/home").await.expect(200).text.contains(answered), "it was read");
    assert!(owner.get(&format!("/people/{person}/helpers")).await.expect(200).text.contains("See and pay bills"));
    app.run_jobs().await;
    assert_eq!(told(&app, CARER, "The clinic answered what you asked"), 1);
    assert_eq!(told(&app, OWNER, "may do more with records that you reach"), 1);
    let mails = app.mailer.sent();
    assert!(!mails.iter().any(|mail| mail.text.contains("Khalil") && mail.to == CARER), "a name is in a mail");
    let by_key = "SELECT count(*) FROM audit WHERE actor_kind = 'api_key' AND patient_id IS NOT NULL AND action = ";
    for action in ["grant_request.read", "file.read", "grant_request.accept", "grant.widen"] {
        assert!(app.count(&format!("{by_key}'{action}'")).await > 0, "{action}");
    }
    assert!(open(&program).await.is_empty());
}

async fn the_clinic_allows_a_part(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes", "pay", "sign"], None).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    program.get(&path.replace("decision", "file")).await.expect(404);
    program.post(&path, &json!({ "accept": true, "rights": ["pay"] })).await.expect(204);
    assert_eq!(app.count(&format!("{SCOPE_IS}'book pay'")).await, 1);
    let page = helper.get(&format!("/people/{person}/ask")).await.expect(200).text;
    assert!(page.contains("Allowed: See and pay bills.") && page.contains("rights-notes"), "{page}");
    // What is missing can be asked for again.
    ask(&helper, &person, &["notes"], None).await.expect(303);
    assert_eq!(open(&program).await.len(), 1);
}

async fn the_clinic_declines_and_says_why(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], None).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    for wrong in [json!({ "accept": false }), json!({ "accept": false, "reply": "No.", "rights": ["notes"] })] {
        program.post(&path, &wrong).await.expect_problem(400, "bad_request");
    }
    let no = json!({ "accept": false, "reply": "Please bring the power of attorney." });
    program.post(&path, &no).await.expect(204);
    let page = helper.get(&format!("/people/{person}/ask")).await.expect(200).text;
    assert!(page.contains("The clinic did not allow it") && page.contains("Please bring the power of attorney."));
    helper.get(&format!("/people/{person}/allergies")).await.expect(404);
    app.run_jobs().await;
    assert_eq!((told(&app, CARER, "The clinic answered"), told(&app, OWNER, "may do more")), (1, 0));
}

async fn a_request_is_taken_back_with_its_paper(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], Some(&photo())).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    for _ in 0..2 {
        helper.form("/fn/ask-withdraw", &[("person", &person)]).await.expect(303);
    }
    assert!(open(&program).await.is_empty());
    program.post(&path, &json!({ "accept": true })).await.expect(404);
    program.get(&path.replace("decision", "file")).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM stored_file WHERE length(body) > 0").await, 0);
    // Then the form is there again, but not for ever.
    for n in 0..5 {
        ask(&helper, &person, &["notes"], None).await.expect(303);
        let page = helper.get(&format!("/people/{person}/ask")).await.expect(200).text;
        assert_eq!(page.contains("The clinic has not answered yet"), n < 4, "{n}: {page}");
        assert_eq!(page.contains("You have asked five times since yesterday"), n == 4, "{n}: {page}");
        helper.form("/fn/ask-withdraw", &[("person", &person)]).await.expect(303);
    }
}

async fn mistakes_keep_what_was_written(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    let page = format!("/people/{person}/ask");
    helper.upload("/fn/ask", &[("person", &person)], None).await.expect(303);
    let shown = helper.get(&page).await.expect(200).text;
    for words in ["Choose at least one thing that you need to be able to do", "Say why you need it. The clinic decides"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    ask(&helper, &person, &["notes"], Some(b"just text")).await.expect(303);
    let shown = helper.get(&page).await.expect(200).text;
    assert!(shown.contains("of at most 10 MB, or a PDF of at most 5 MB") && shown.contains(WHY), "{shown}");
    assert!(shown.contains("There is a problem") && shown.contains("checked"), "{shown}");
    assert_eq!(app.count("SELECT count(*) FROM grant_request").await, 0);
}

async fn of_two_requests_at_once_one_is_made(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    let all = futures::future::join_all((0..4).map(|_| ask(&helper, &person, &["notes"], Some(PDF)))).await;
    assert!(all.iter().all(|answer| answer.status == 303), "{all:#?}");
    assert_eq!(app.count("SELECT count(*) FROM grant_request").await, 1);
    // The paper of one that was not made is not kept.
    assert_eq!(app.count("SELECT count(*) FROM stored_file").await, 1);
}

async fn a_decision_is_made_once(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], None).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    let (yes, no) = (json!({ "accept": true }), json!({ "accept": false, "reply": "No." }));
    let both = futures::future::join_all([&yes, &no, &yes].map(|body| program.post(&path, body))).await;
    let mut statuses: Vec<u16> = both.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404, 404]);
    program.post(&path, &yes).await.expect(404);
    let widened = app.count(&format!("{SCOPE_IS}'book notes'")).await;
    assert_eq!(app.count("SELECT count(*) FROM grant_request WHERE state = 'accepted'").await, widened);
    app.run_jobs().await;
    assert_eq!(told(&app, CARER, "The clinic answered"), 1);
}

async fn a_grant_that_ended_is_not_widened(app: TestApp) {
    let (owner, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], None).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    // By its own time: the list has it no more.
    app.tamper("UPDATE chart_grant SET until_at = 1 WHERE relation = 'other'").await;
    assert!(open(&program).await.is_empty());
    program.post(&path, &json!({ "accept": true })).await.expect_problem(409, "grant_ended");
    app.tamper("UPDATE chart_grant SET until_at = NULL WHERE relation = 'other'").await;
    // By the patient: the request ends with it.
    let page = owner.get(&format!("/people/{person}/helpers")).await.expect(200).text;
    let id = page.split("name=\"grant\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("a grant");
    owner.form("/fn/grant-end", &[("grant", id), ("person", &person)]).await.expect(303);
    assert!(open(&program).await.is_empty());
    program.post(&path, &json!({ "accept": true })).await.expect(404);
    assert_eq!(
        app.count("SELECT count(*) FROM chart_grant WHERE scope LIKE '%notes%' AND relation = 'other'").await,
        0
    );
    ask(&helper, &person, &["notes"], None).await.expect(404);
    helper.get(&format!("/people/{person}/ask")).await.expect(404);
}

async fn only_who_acts_for_another_asks(app: TestApp) {
    let (owner, _, person) = two(&app).await;
    let eve = app.patient("eve@example.com").await;
    for caller in [&owner, &eve] {
        ask(caller, &person, &["notes"], None).await.expect(404);
        caller.get(&format!("/people/{person}/ask")).await.expect(404);
        caller.form("/fn/ask-withdraw", &[("person", &person)]).await.expect(404);
    }
    ask(&app.anonymous(), &person, &["notes"], None).await.expect(401);
    assert!(!owner.get(&format!("/people/{person}")).await.expect(200).text.contains("Ask the clinic for more"));
    assert_eq!(app.count("SELECT count(*) FROM grant_request").await, 0);
}

async fn a_paper_is_for_who_sent_it_and_the_clinic(app: TestApp) {
    let (owner, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], Some(&photo())).await.expect(303);
    let page = helper.get(&format!("/people/{person}/ask")).await.expect(200).text;
    let file = page.split("href=\"/files/").nth(1).and_then(|rest| rest.get(..36)).expect("a paper");
    let file = format!("/files/{file}");
    assert_eq!(helper.get(&file).await.expect(200).header("content-type"), "image/jpeg");
    // It may tell of the helper what is not for the patient.
    owner.get(&file).await.expect(404);
    let program = clinic(&app, "lab").await;
    let list = program.get(&format!("/api/v1/patients/{person}/files")).await.expect(200).json();
    assert_eq!(list["items"][0]["purpose"], json!("grant-request"));
    app.tamper("UPDATE chart_grant SET ended_at = 1 WHERE relation = 'other'").await;
    helper.get(&file).await.expect(404);
}

async fn another_clinic_neither_sees_nor_decides(app: TestApp) {
    // Two clinics of one network, and one of another.
    let network = "(SELECT tenant_id FROM clinic WHERE slug = 'lab')";
    app.tamper(&format!("UPDATE clinic SET tenant_id = {network} WHERE slug = 'northgate'")).await;
    let (_, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], Some(PDF)).await.expect(303);
    let path = decision(&clinic(&app, "lab").await).await;
    for slug in ["northgate", "harbour"] {
        let other = clinic(&app, slug).await;
        assert!(open(&other).await.is_empty(), "{slug}");
        other.post(&path, &json!({ "accept": true })).await.expect(404);
        other.get(&path.replace("decision", "file")).await.expect(404);
    }
    helper.get("/api/v1/grant-requests").await.expect(404);
    app.program("lab").await.get("/api/v1/grant-requests").await.expect(403);
    let reader = app.program_with("lab", &[Scope::PatientsRead]).await;
    reader.post(&path, &json!({ "accept": true })).await.expect(403);
    // Whoever may act for all of the network decides.
    let network = app.program_of("northgate", Reach::Network, &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    network.post(&path, &json!({ "accept": true })).await.expect(204);
    assert_eq!(app.count(&format!("{SCOPE_IS}'book notes'")).await, 1);
}

async fn only_what_was_asked_for_is_allowed(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    // What one may do already is not asked for.
    ask(&helper, &person, &["book"], None).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM grant_request").await, 0);
    ask(&helper, &person, &["book", "notes"], None).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    for rights in [json!(["pay"]), json!(["notes", "sign"]), json!([]), json!(["everything"])] {
        let wrong = json!({ "accept": true, "rights": rights });
        program.post(&path, &wrong).await.expect_problem(400, "bad_request");
    }
    assert_eq!(app.count(&format!("{SCOPE_IS}'book'")).await, 1);
    assert_eq!(open(&program).await.len(), 1);
}

async fn a_request_goes_along_in_a_merge(app: TestApp) {
    let (_, helper, gone) = two(&app).await;
    ask(&helper, &gone, &["notes"], Some(PDF)).await.expect(303);
    let other = app.patient("weber@example.com").await;
    let person = Person { email: "weber@example.com".to_owned(), ..Person::new("Amira", "Weber") };
    other.book("lab", "solo", "2026-11-24T14:00:00+01:00", &person).await.expect(201);
    let page = other.get("/account/records").await.expect(200).text;
    let kept = page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned();
    let program = clinic(&app, "lab").await;
    program.post(&format!("/api/v1/patients/{kept}/merge"), &json!({ "gone": gone })).await.expect(201);
    let [request] = &open(&program).await[..] else { panic!("one request") };
    assert_eq!(request["patient"], json!(kept));
    let path = decision(&program).await;
    program.get(&path.replace("decision", "file")).await.expect(200);
    program.post(&path, &json!({ "accept": true })).await.expect(204);
    helper.get(&format!("/people/{kept}/allergies")).await.expect(200);
    assert!(helper.get(&format!("/people/{gone}/ask")).await.expect(200).text.contains("The clinic allowed it"));
    app.run_jobs().await;
    // It is the own chart of both.
    assert_eq!((told(&app, OWNER, "may do more"), told(&app, "weber@example.com", "may do more")), (1, 1));
}

async fn a_request_goes_back_when_a_merge_is_undone(app: TestApp) {
    let (_, helper, gone) = two(&app).await;
    ask(&helper, &gone, &["notes"], Some(PDF)).await.expect(303);
    let other = app.patient("weber@example.com").await;
    let person = Person { email: "weber@example.com".to_owned(), ..Person::new("Amira", "Weber") };
    other.book("lab", "solo", "2026-11-24T14:00:00+01:00", &person).await.expect(201);
    let page = other.get("/account/records").await.expect(200).text;
    let kept = page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned();
    let program = clinic(&app, "lab").await;
    let merge = program.post(&format!("/api/v1/patients/{kept}/merge"), &json!({ "gone": gone })).await.expect(201);
    let merge = merge.json()["id"].as_str().expect("an id").to_owned();
    program.post(&format!("/api/v1/merges/{merge}/undo"), &json!({})).await.expect(204);
    let [request] = &open(&program).await[..] else { panic!("one request") };
    assert_eq!(request["patient"], json!(gone));
    let path = decision(&program).await;
    program.get(&path.replace("decision", "file")).await.expect(200);
    program.post(&path, &json!({ "accept": true })).await.expect(204);
    helper.get(&format!("/people/{gone}/allergies")).await.expect(200);
    helper.get(&format!("/people/{kept}/allergies")).await.expect(404);
    app.run_jobs().await;
    assert_eq!((told(&app, OWNER, "may do more"), told(&app, "weber@example.com", "may do more")), (1, 0));
}

async fn who_else_cares_for_a_child_is_told(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    // A child who has no account: both reach the chart for it.
    app.tamper("UPDATE chart_grant SET relation = 'child' WHERE relation = 'self'").await;
    ask(&helper, &person, &["notes"], None).await.expect(303);
    let program = clinic(&app, "lab").await;
    program.post(&decision(&program).await, &json!({ "accept": true })).await.expect(204);
    app.run_jobs().await;
    assert_eq!((told(&app, OWNER, "may do more"), told(&app, CARER, "may do more")), (1, 0));
}

async fn what_a_helper_changes_is_told_and_the_insurance_is_for_who_may_pay(app: TestApp) {
    let (owner, helper, person) = two(&app).await;
    let section = |name: &'static str| [("person", person.as_str()), ("section", name), ("seen", "")];
    let contact = [&section("contact")[..], &[("email", CARER), ("phone", "+49 30 23125 999")]].concat();
    helper.form("/fn/profile-say", &contact).await.expect(303);
    app.run_jobs().await;
    assert_eq!(told(&app, OWNER, "changed something in your records"), 1);
    let name = [&section("name")[..], &[("given", "Amira"), ("family", "Khalil-Weber")]].concat();
    helper.form("/fn/profile-say", &name).await.expect(303);
    let page = owner.get(&format!("/people/{person}/name")).await.expect(200).text;
    assert!(page.contains("Somebody who helps asked on") && !page.contains("You asked on"), "{page}");
    // What one says of oneself is no news.
    let address =
        [&section("address")[..], &[("street", "Seestraße 9"), ("city", "Berlin"), ("country", "DE")]].concat();
    owner.form("/fn/profile-say", &address).await.expect(303);
    app.run_jobs().await;
    assert_eq!(told(&app, OWNER, "changed something in your records"), 2);
    helper.get(&format!("/people/{person}/coverage")).await.expect(404);
    app.tamper("UPDATE chart_grant SET scope = 'book pay' WHERE relation = 'other'").await;
    helper.get(&format!("/people/{person}/coverage")).await.expect(200);
}

async fn a_parent_of_a_young_person_is_allowed_what_the_clinic_confirms(app: TestApp) {
    let (_, helper, person) = two(&app).await;
    // As growing up leaves a parent's grant at twelve.
    app.tamper("UPDATE chart_grant SET relation = 'child', origin = 'booking', age_stage = 1 WHERE relation = 'other'")
        .await;
    for section in ["allergies", "coverage"] {
        helper.get(&format!("/people/{person}/{section}")).await.expect(404);
    }
    ask(&helper, &person, &["notes"], Some(PDF)).await.expect(303);
    let program = clinic(&app, "lab").await;
    program.post(&decision(&program).await, &json!({ "accept": true })).await.expect(204);
    helper.get(&format!("/people/{person}/allergies")).await.expect(200);
    // What was not asked for stays the young person's own.
    helper.get(&format!("/people/{person}/coverage")).await.expect(404);
    helper.upload("/fn/card-photo", &[("person", &person)], None).await.expect(404);
}

async fn nothing_of_a_request_is_readable_in_the_database(app: TestApp) {
    use sea_orm::EntityTrait;
    let (_, helper, person) = two(&app).await;
    ask(&helper, &person, &["notes"], Some(PDF)).await.expect(303);
    let program = clinic(&app, "lab").await;
    let path = decision(&program).await;
    program.post(&path, &json!({ "accept": true, "reply": "Come by and see us." })).await.expect(204);
    let request = entity::grant_request::Entity::find().one(app.cx.db.read()).await.expect("read").expect("a request");
    let file = entity::stored_file::Entity::find().one(app.cx.db.read()).await.expect("read").expect("a file");
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(!has(&request.words, b"daughter") && !has(&request.reply.expect("a reply"), b"Come by"));
    assert!(!has(&file.body, b"%PDF") && !has(&file.body, b"endobj"));
}

/// Nobody keeps a paper about what can no longer be.
async fn a_paper_goes_with_its_grant(app: TestApp) {
    let (owner, helper, person) = two(&app).await;
    ask(&helper, &person, &["results"], Some(PDF)).await.expect(303);
    let kept = "SELECT count(*) FROM stored_file WHERE removed_at IS NULL AND length(body) > 0";
    assert_eq!(app.count(kept).await, 1);
    let page = owner.get(&format!("/people/{person}/helpers")).await.expect(200).text;
    let grant = page.split("name=\"grant\" value=\"").nth(1).and_then(|rest| rest.get(..36)).expect("a grant");
    owner.form("/fn/grant-end", &[("grant", grant)]).await.expect(303);
    assert_eq!(app.count(kept).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'file.remove'").await, 1);
}
