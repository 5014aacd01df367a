//! Bringing a clinic's charts in.

use std::sync::Arc;

use portal::{
    clinic::{self, Clinic},
    patients::{self, ImportedPatients},
};
use serde_json::json;
use testkit::{Person, TestApp, on_both_engines};

on_both_engines![
    a_file_comes_in_once_however_often_it_is_imported,
    a_dry_run_changes_nothing,
    a_changed_row_changes_its_chart,
    a_chart_that_was_booked_becomes_the_one_with_the_number,
    a_number_is_its_clinics_own,
    two_charts_of_one_person_are_told_to_the_clinic_once,
    what_a_chart_says_stands_nowhere_in_the_open,
];

pub(crate) const FILE: &str = "\
number,given,family,birth_date,email,phone,street,postcode,city,country,language
0001,Amira,Khalil,1980-01-31,amira@example.com,+49 30 23125 101,Am Ufer 1,13357,Berlin,DE,en
0002,,Suryani,2004-02-29,,,,,,,id
0003,Jan,Müller,1991-07-04,family@example.com,+49 30 23125 103,Am Ufer 3,13357,Berlin,DE,de
0004,Jana,Müller,1991-07-04,family@example.com,+49 30 23125 103,Am Ufer 3,13357,Berlin,DE,de
";

pub(crate) async fn clinic(app: &TestApp, slug: &str) -> Arc<Clinic> {
    clinic::by_slug(&app.cx, slug).await.expect("clinics are read").expect("the clinic is there")
}

pub(crate) async fn import(app: &TestApp, slug: &str, file: &str) -> ImportedPatients {
    let done = run(app, slug, file, false).await;
    app.run_jobs().await;
    done
}

async fn run(app: &TestApp, slug: &str, file: &str, dry_run: bool) -> ImportedPatients {
    let rows = interop::patient_file::parse(file.as_bytes(), jiff::civil::date(2026, 11, 23)).expect("no mistakes");
    patients::import(&app.cx, &*clinic(app, slug).await, &rows, dry_run).await.expect("the file is imported")
}

fn counted(created: usize, updated: usize, unchanged: usize) -> ImportedPatients {
    ImportedPatients { created, updated, unchanged }
}

async fn a_file_comes_in_once_however_often_it_is_imported(app: TestApp) {
    let before = app.count("SELECT count(*) FROM patient").await;
    assert_eq!(import(&app, "riverside", FILE).await, counted(4, 0, 0));
    assert_eq!(import(&app, "riverside", FILE).await, counted(0, 0, 4));
    assert_eq!(app.count("SELECT count(*) FROM patient").await, before + 4);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'patient.create'").await, 4);
}

async fn a_dry_run_changes_nothing(app: TestApp) {
    assert_eq!(run(&app, "riverside", FILE, true).await, counted(4, 0, 0));
    assert_eq!(app.count("SELECT count(*) FROM patient WHERE number IS NOT NULL").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'patient.create'").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM job WHERE kind = 'look_for_duplicates'").await, 0);
}

async fn a_changed_row_changes_its_chart(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let changed = FILE.replace("Khalil", "Khalil-Weber").replace("Am Ufer 1,", "Seestraße 9,");
    assert_eq!(import(&app, "riverside", &changed).await, counted(0, 1, 3));
    let program = app.program_with("riverside", &[portal::Scope::PatientsRead]).await;
    let found = program.get("/api/v1/patients?clinic=riverside&number=0001").await.expect(200).json();
    let chart = &found["items"][0];
    assert_eq!((&chart["family"], &chart["address"]["street"]), (&json!("Khalil-Weber"), &json!("Seestraße 9")));
    assert_eq!(chart["connected"], json!(false));
}

async fn a_chart_that_was_booked_becomes_the_one_with_the_number(app: TestApp) {
    let patient = app.patient("amira@example.com").await;
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    patient.book("riverside", "vaccination", "2026-11-25T09:00:00+01:00", &person).await;
    let before = app.count("SELECT count(*) FROM patient").await;
    assert_eq!(import(&app, "riverside", FILE).await, counted(3, 1, 0));
    assert_eq!(app.count("SELECT count(*) FROM patient").await, before + 3);
    // It is still the account's.
    assert!(patient.get("/account/records").await.expect(200).text.contains("Amira Khalil"));
    let program = app.program_with("riverside", &[portal::Scope::PatientsRead]).await;
    let found = program.get("/api/v1/patients?clinic=riverside&number=0001").await.expect(200).json();
    assert_eq!(found["items"][0]["connected"], json!(true));
}

async fn a_number_is_its_clinics_own(app: TestApp) {
    import(&app, "riverside", FILE).await;
    let other = FILE.lines().take(2).collect::<Vec<_>>().join("\n").replace("Amira,Khalil", "Noor,Haddad");
    assert_eq!(import(&app, "harbour", &other).await, counted(1, 0, 0));
    let program = app.program_with("riverside", &[portal::Scope::PatientsRead]).await;
    let found = program.get("/api/v1/patients?clinic=riverside&number=0001").await.expect(200).json();
    assert_eq!(found["items"][0]["given"], json!("Amira"));
    program.get("/api/v1/patients?clinic=harbour&number=0001").await.expect(200);
    let none = program.get("/api/v1/patients?clinic=harbour&number=0001").await.json();
    assert_eq!(none["items"], json!([]));
}

async fn two_charts_of_one_person_are_told_to_the_clinic_once(app: TestApp) {
    let twice = format!("{FILE}0005,Amira,Khalil,1980-01-31,amira@example.com,+49 30 23125 101,,,,,\n");
    import(&app, "riverside", &twice).await;
    import(&app, "riverside", &twice).await;
    let program = app.program_with("riverside", &[portal::Scope::PatientsRead]).await;
    let cases = program.get("/api/v1/match-cases").await.expect(200).json();
    let cases = cases["items"].as_array().expect("a list").clone();
    // The twins share everything but their given names, and are two people.
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!((&cases[0]["kind"], &cases[0]["patient"]["family"]), (&json!("duplicate"), &json!("Khalil")));
}

async fn what_a_chart_says_stands_nowhere_in_the_open(app: TestApp) {
    import(&app, "riverside", FILE).await;
    // The same words in another chart look different, and none can be read.
    let sealed = "SELECT count(DISTINCT family) FROM patient WHERE number IS NOT NULL";
    assert_eq!(app.count(sealed).await, 4);
    let keys = app.count("SELECT count(*) FROM chart_key").await;
    assert!(keys >= 20, "{keys}");
    let hashed = app.count("SELECT count(*) FROM chart_key WHERE length(key) = 16").await;
    assert_eq!(hashed, keys);
}
