//! Two charts of one person become one, and two again.

use domain::staff::Role;
use portal::Scope;
use serde_json::json;
use testkit::{Caller, Person, TestApp, on_both_engines};

use crate::patient_import::import;

on_both_engines![
    everything_of_the_chart_that_goes_moves,
    two_charts_that_both_have_logins_are_merged,
    the_old_id_leads_to_the_kept_chart,
    what_was_said_in_both_is_there_and_the_kept_charts_counts,
    an_undone_merge_leaves_what_came_since,
    visits_that_overlap_are_not_merged,
    a_chart_is_not_merged_with_itself_or_twice,
    the_next_import_finds_the_kept_chart,
    what_a_clinic_changes_in_a_merged_chart_reaches_the_kept_one,
    looks_at_the_chart_that_goes_stay_to_be_seen,
];

const SCOPES: [Scope; 4] =
    [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsRead, Scope::PatientsWrite];
const TEN: &str = "2026-11-24T10:00:00+01:00";
const TWO: &str = "2026-11-24T14:00:00+01:00";
const FOUR: &str = "2026-11-24T16:00:00+01:00";

/// One person under two names and addresses, each with a visit and a login.
struct Two {
    program: Caller,
    kept: String,
    gone: String,
    logins: [Caller; 2],
}

fn maiden() -> Person {
    Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") }
}

fn married() -> Person {
    Person { email: "amira.weber@example.com".to_owned(), ..Person::new("Amira", "Weber") }
}

impl Two {
    async fn at(app: &TestApp, [first, second]: [&str; 2]) -> Self {
        let logins = [app.patient("amira@example.com").await, app.patient("amira.weber@example.com").await];
        logins[0].book("lab", "solo", first, &maiden()).await;
        // Ids made at one instant have no order.
        app.clock.advance_minutes(1);
        logins[1].book("lab", "wide", second, &married()).await;
        let program = app.program_with("lab", &SCOPES).await;
        let [kept, gone] = [chart_of(app, 0).await, chart_of(app, 1).await];
        Self { program, kept, gone, logins }
    }

    async fn merge(&self) -> testkit::Answer {
        self.program.post(&format!("/api/v1/patients/{}/merge", self.kept), &json!({ "gone": self.gone })).await
    }
}

/// The id of the n-th chart that was made.
async fn chart_of(app: &TestApp, n: usize) -> String {
    use sea_orm::{EntityTrait, QueryOrder};
    let all = entity::patient::Entity::find().order_by_asc(entity::patient::Column::Id);
    all.all(app.cx.db.read()).await.expect("charts")[n].id.to_string()
}

async fn visits(browser: &Caller) -> usize {
    browser.get("/api/v1/appointments").await.expect(200).json()["items"].as_array().map_or(0, Vec::len)
}

async fn everything_of_the_chart_that_goes_moves(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    two.merge().await.expect(201);
    for login in &two.logins {
        assert_eq!(visits(login).await, 2);
    }
    assert_eq!(app.count("SELECT count(DISTINCT patient_id) FROM appointment").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'patient.merge'").await, 2);
    // The moved visit is the patient's as before: it can be cancelled by either login.
    let items = two.logins[0].get("/api/v1/appointments").await.json();
    let id = items["items"][1]["id"].as_str().expect("a visit").to_owned();
    two.logins[0].cancel(&id).await.expect(200);
}

async fn two_charts_that_both_have_logins_are_merged(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    // One login reaches both.
    two.logins[0].hold("lab", "solo", FOUR).await.expect(201);
    two.merge().await.expect(201);
    let live = "SELECT count(*) FROM chart_grant WHERE ended_at IS NULL";
    assert_eq!(app.count(live).await, 2);
    for login in &two.logins {
        assert!(login.get("/account/records").await.expect(200).text.contains("Amira Khalil"));
    }
}

async fn the_old_id_leads_to_the_kept_chart(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    two.merge().await.expect(201);
    let led = two.program.get(&format!("/api/v1/patients/{}", two.gone)).await.expect(307);
    assert_eq!(led.header("location"), format!("/api/v1/patients/{}", two.kept));
    // Somebody who books under the old name gets a visit in the kept chart.
    let visit = two.logins[1].book("lab", "wide", FOUR, &married()).await.field("id");
    assert_eq!(visits(&two.logins[0]).await, 3);
    two.logins[0].get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
}

async fn what_was_said_in_both_is_there_and_the_kept_charts_counts(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    let say = async |login: &Caller, chart: &str, section: &str, field: (&str, &str)| {
        let fields = [("person", chart), ("section", section), ("seen", ""), field];
        login.form("/fn/profile-say", &fields).await.expect(303);
    };
    say(&two.logins[0], &two.kept, "language", ("language", "de")).await;
    say(&two.logins[1], &two.gone, "language", ("language", "tr")).await;
    two.logins[1].form("/fn/profile-none", &[("person", &two.gone), ("section", "medicines")]).await.expect(303);
    for (login, chart, substance) in [(0, &two.kept, "Latex"), (1, &two.gone, "Peanuts"), (1, &two.gone, "Latex")] {
        let page = two.logins[login].get(&format!("/people/{chart}/allergies/add")).await.expect(200).text;
        let seen = page.split(r#"name="seen" value=""#).nth(1).and_then(|rest| rest.split('"').next());
        let known = [("person", chart.as_str()), ("section", "allergies"), ("seen", seen.unwrap_or_default())];
        let fields = [&known[..], &[("substance", substance), ("severity", "mild")]].concat();
        two.logins[login].form("/fn/profile-add", &fields).await.expect(303);
    }
    let merge = two.merge().await.expect(201).field("id");
    let overview = async |login: &Caller, chart: &str| login.get(&format!("/people/{chart}")).await.expect(200).text;
    // The old id leads to the kept chart here, too.
    let page = overview(&two.logins[1], &two.gone).await;
    assert!(page.contains("German") && !page.contains("Turkish"), "{page}");
    assert!(page.contains("I take no medicines"), "{page}");
    // Both lists, the one thing that is in both once.
    assert!(page.contains("Latex") && page.contains("Peanuts"), "{page}");
    assert_eq!(page.matches("Latex").count(), 1, "{page}");
    let history = two.logins[0].get(&format!("/people/{}/language", two.kept)).await.expect(200).text;
    assert!(history.contains("What was said before") && history.contains("Turkish"), "{history}");
    two.program.post(&format!("/api/v1/merges/{merge}/undo"), &json!({})).await.expect(204);
    assert!(overview(&two.logins[1], &two.gone).await.contains("Turkish"));
    let page = overview(&two.logins[0], &two.kept).await;
    assert!(page.contains("Latex") && !page.contains("Peanuts") && !page.contains("I take no medicines"), "{page}");
    assert!(overview(&two.logins[1], &two.gone).await.contains("Peanuts"));
}

async fn an_undone_merge_leaves_what_came_since(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    let merge = two.merge().await.expect(201).field("id");
    two.logins[0].book("lab", "solo", FOUR, &maiden()).await;
    let undo = format!("/api/v1/merges/{merge}/undo");
    two.program.post(&undo, &json!({})).await.expect(204);
    two.program.post(&undo, &json!({})).await.expect(404);
    assert_eq!((visits(&two.logins[0]).await, visits(&two.logins[1]).await), (2, 1));
    two.program.get(&format!("/api/v1/patients/{}", two.gone)).await.expect(200);
    // And they can be merged again.
    two.merge().await.expect(201);
    assert_eq!(visits(&two.logins[1]).await, 3);
}

async fn visits_that_overlap_are_not_merged(app: TestApp) {
    let two = Two::at(&app, [TEN, TEN]).await;
    let refused = two.merge().await.expect_problem(409, "visits_overlap");
    assert!(refused.field("title").contains("Cancel or move"), "{}", refused.text);
    assert_eq!((visits(&two.logins[0]).await, visits(&two.logins[1]).await), (1, 1));
}

async fn a_chart_is_not_merged_with_itself_or_twice(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    let itself = json!({ "gone": two.kept });
    two.program.post(&format!("/api/v1/patients/{}/merge", two.kept), &itself).await.expect_problem(409, "same_chart");
    two.merge().await.expect(201);
    // Its id stands for the kept chart now.
    two.merge().await.expect_problem(409, "same_chart");
}

async fn the_next_import_finds_the_kept_chart(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    let file = "number,given,family,birth_date,email\n77,Amira,Weber,1980-01-31,amira.weber@example.com\n";
    assert_eq!(import(&app, "lab", file).await.updated, 1);
    let merge = two.merge().await.expect(201).field("id");
    let married = import(&app, "lab", &file.replace("Amira", "Amira Nour")).await;
    assert_eq!((married.created, married.updated), (0, 1));
    let found = two.program.get("/api/v1/patients?clinic=lab&number=77").await.expect(200).json();
    assert_eq!(found["items"][0]["id"].as_str(), Some(two.kept.as_str()));
    two.program.post(&format!("/api/v1/merges/{merge}/undo"), &json!({})).await.expect(204);
    let found = two.program.get("/api/v1/patients?clinic=lab&number=77").await.expect(200).json();
    assert_eq!(found["items"][0]["id"].as_str(), Some(two.gone.as_str()));
}

/// Two rows of one person: the second number stays with the chart that went.
async fn what_a_clinic_changes_in_a_merged_chart_reaches_the_kept_one(app: TestApp) {
    const HEAD: &str = "number,given,family,birth_date,email,phone\n";
    let first = "1,Amira,Khalil,1980-01-31,amira@example.com,+49 30 23125 101\n";
    let second = "2,Amira,Weber,1980-01-31,amira.weber@example.com,+49 30 23125 102\n";
    import(&app, "lab", &format!("{HEAD}{first}{second}")).await;
    let program = app.program_with("lab", &SCOPES).await;
    let by_number = async |number: u8| {
        let found = program.get(&format!("/api/v1/patients?clinic=lab&number={number}")).await.expect(200).json();
        found["items"][0].clone()
    };
    let (kept, gone) = (by_number(1).await, by_number(2).await);
    let kept_id = kept["id"].as_str().expect("an id").to_owned();
    program.post(&format!("/api/v1/patients/{kept_id}/merge"), &json!({ "gone": gone["id"] })).await.expect(201);
    // The same again changes nothing.
    import(&app, "lab", &format!("{HEAD}{second}")).await;
    assert_eq!(by_number(2).await["phone"], kept["phone"]);
    let moved = second.replace("102", "199");
    import(&app, "lab", &format!("{HEAD}{moved}")).await;
    let now = by_number(2).await;
    assert_eq!(now["id"], kept["id"]);
    assert!(now["phone"].as_str().is_some_and(|phone| phone.ends_with("199")), "{now}");
    // Its name was not changed, nor is its number.
    assert_eq!((&now["family"], &now["number"]), (&kept["family"], &kept["number"]));
    // Both in one file: each has its own word.
    import(&app, "lab", &format!("{HEAD}{first}{}", moved.replace("199", "198"))).await;
    let now = by_number(1).await;
    assert!(now["phone"].as_str().is_some_and(|phone| phone.ends_with("198")), "{now}");
}

async fn looks_at_the_chart_that_goes_stay_to_be_seen(app: TestApp) {
    let two = Two::at(&app, [TEN, TWO]).await;
    let officer = app.staff("lab", Role::PrivacyOfficer).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let visit = two.logins[1].get("/api/v1/appointments").await.expect(200).json()["items"][0]["id"].clone();
    let visit = visit.as_str().expect("an id").to_owned();
    let why = [("clinic", "lab"), ("visit", visit.as_str()), ("why", "Unconscious, needs medicines")];
    let led = clinician.caller.form("/fn/glass-break", &why).await.expect(303).header("location").to_owned();
    clinician.caller.get(&led).await.expect(200);
    two.merge().await.expect(201);
    clinician.caller.get(&led).await.expect(200);
    let page = two.logins[0].get(&format!("/people/{}/looks", two.kept)).await.expect(200).text;
    assert!(page.contains("Read your records in an emergency") && page.contains("2 times"), "{page}");
    assert!(!page.contains("Read your records<"), "no look of it is told as an ordinary one: {page}");
    let page = officer.caller.get("/staff/lab/emergencies").await.expect(200).text;
    assert!(page.contains("2 times"), "{page}");
}
