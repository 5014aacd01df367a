//! What the log of a real process says: a line of JSON for every request, with the id that its answer carries, and not a
//! word about anybody.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use testkit::{Answer, Engine, Installation, Process, TestDb, encode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::processes::starts;

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");

const GIVEN: &str = "Xanthippe";
const FAMILY: &str = "Quillfeather";
const EMAIL: &str = "xq1907@example.com";
const PHONE: &str = "+49 30 7719283";
const BORN: &str = "1907-04-05";
const REASON: &str = "itchy elbow";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_no_word_about_a_patient_on_sqlite() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    booked_and_looked_for(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_no_word_about_a_patient_on_postgres() {
    let Some(db) = TestDb::empty(Engine::Postgres).await else { return };
    booked_and_looked_for(db).await;
}

async fn booked_and_looked_for(db: TestDb) {
    let installation = Installation::new(PORTICO, db).await;
    // A mail server that repeats whom it does not know.
    let (port, _mails) = crate::smtp::server("550 no such person as xq1907@example.com").await;
    let port = port.to_string();
    let process = installation
        .serve_with(&[
            ("PORTICO_LOG", "debug"),
            ("PORTICO_LOG_FORMAT", "json"),
            ("PORTICO_SMTP_HOST", "127.0.0.1"),
            ("PORTICO_SMTP_PORT", &port),
            ("PORTICO_SMTP_SECURITY", "none"),
        ])
        .await;
    let (answers, secrets) = everything(&process).await;
    asks_for_a_code(&process).await;
    // The worker tries every mail, and every one is refused.
    let tried = async { while process.get("/readyz").await.unwrap().json()["jobs"] != 0 {} };
    tokio::time::timeout(Duration::from_secs(60), tried).await.expect("the worker tries");
    process.terminate().await;
    let (_, log) = process.ended().await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let ids: BTreeSet<&str> = lines.iter().filter_map(|line| line["request_id"].as_str()).collect();
    for answer in &answers {
        assert!(ids.contains(answer.header("x-request-id")), "{} is not in {log}", answer.header("x-request-id"));
    }
    let told = |what: &str| lines.iter().any(|line| line["message"] == what);
    assert!(told("request") && told("job is dead"), "{log}");
    let known = [GIVEN, FAMILY, EMAIL, "xq1907", PHONE, "7719283", BORN, REASON, &installation.key];
    for secret in known.iter().copied().chain(secrets.iter().map(String::as_str)) {
        let found = log.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert_eq!(found, None, "{secret} is in the log");
    }
    // What became of the mails is for the doctor to tell, who names nobody either.
    let doctor = installation.output(&["doctor"]).await;
    let told = String::from_utf8_lossy(&doctor.stdout);
    assert_eq!(doctor.status.code(), Some(1), "{told}");
    assert!(told.contains("WRONG: ") && told.contains("`send_code` jobs were given up"), "{told}");
    assert!(!told.contains("xq1907") && told.contains("Every booking invariant holds"), "{told}");
    installation.db.remove().await;
}

/// Whatever may be done with somebody, well and badly; and the secrets that were given out.
async fn everything(process: &Process) -> (Vec<Answer>, Vec<String>) {
    let mut answers = Vec::new();
    let patient = json!({ "given": GIVEN, "family": FAMILY, "birth_date": BORN, "email": EMAIL, "phone": PHONE });
    let start = starts(process, 1).await.remove(0);
    let hold = process.hold("solo", &start).await.unwrap().expect(201);
    let confirm = format!("/api/v1/holds/{}/confirm", hold.field("id"));
    let mut wrong = patient.clone();
    wrong["phone"] = json!("call 7719283 or Xanthippe");
    let key = [("idempotency-key", "xq1907")];
    let body = json!({ "patient": patient, "reason": REASON });
    for (body, status) in [(json!({ "patient": wrong }), 400), (body.clone(), 201), (body, 201)] {
        answers.push(process.post(&confirm, &key, &body).await.unwrap().expect(status));
    }
    let visit = answers[1].field("id");
    let searched = format!("/?q={FAMILY}&city={GIVEN}");
    for path in
        [&format!("/api/v1/appointments/{visit}"), "/api/v1/appointments", &searched, "/Quillfeather", "/m/Xanthippe"]
    {
        answers.push(process.get(path).await.unwrap());
    }
    let cancel = format!("/api/v1/appointments/{visit}/cancel");
    for status in [200, 409] {
        answers.push(process.post(&cancel, &[], &json!({ "reason": REASON })).await.unwrap().expect(status));
    }
    (answers, vec![hold.field("token")])
}

/// Asks for a code, as a browser does.
async fn asks_for_a_code(process: &Process) {
    let body = format!("email={}", encode(EMAIL));
    let mut stream = TcpStream::connect(&process.address).await.unwrap();
    let request = format!(
        "POST /fn/sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}
