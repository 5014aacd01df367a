//! A stolen database tells nothing about a person.

use serde_json::json;
use testkit::{Engine, Person, TestApp, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_file_holds_no_word_about_a_patient() {
    run(Engine::Sqlite, look_into_the_file).await;
}

async fn look_into_the_file(app: TestApp) {
    let secrets = [
        "Zebulon",
        "Quartermain",
        "zq1907@example.com",
        "1907-04-05",
        "+49 30 7719283",
        "itchy elbow",
        "moving to Ulm",
    ];
    let person = Person {
        given: secrets[0].to_owned(),
        family: secrets[1].to_owned(),
        birth_date: secrets[3].to_owned(),
        email: secrets[2].to_owned(),
    };
    let patient = app.patient(&person.email).await;
    let hold = patient.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let mut body = json!({ "patient": person.json(), "reason": secrets[5] });
    body["patient"]["phone"] = json!(secrets[4]);
    let visit = patient.confirm_body(&hold, &body, "key").await.expect(201).field("id");
    let path = format!("/api/v1/appointments/{visit}/cancel");
    patient.post(&path, &json!({ "reason": secrets[6] })).await.expect(200);
    // Waiting mails are in the file, too; the address and the code are in them.
    app.anonymous().form("/fn/sign-in", &[("email", secrets[2])]).await.expect(303);
    let mut bytes = Vec::new();
    for file in ["portico.db", "portico.db-wal"] {
        bytes.extend(std::fs::read(app.db.folder.join(file)).unwrap());
    }
    assert!(find(&bytes, "Dr Solo"), "the file is read as it is");
    for secret in secrets {
        assert!(!find(&bytes, secret) && !find(&bytes, &secret.to_lowercase()), "{secret} is in the file");
    }
    for secret in [hold.field("token").as_str(), patient.cookie()] {
        assert!(!find(&bytes, secret), "a token is in the file");
    }
}

fn find(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
