//! An orderly end: what is under way is answered, nobody new is let in, and the process says that all is well.

use std::time::Duration;

use serde_json::json;
use testkit::{Engine, Installation, TestDb};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_before_the_end_on_sqlite() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    stopped_in_a_request(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_before_the_end_on_postgres() {
    let Some(db) = TestDb::empty(Engine::Postgres).await else { return };
    stopped_in_a_request(db).await;
}

async fn stopped_in_a_request(db: TestDb) {
    let installation = Installation::new(PORTICO, db).await;
    let process = installation.serve().await;
    // This leaves a connection open on which nothing is asked: nobody waits for it.
    let start = crate::processes::starts(&process, 1).await.remove(0);
    let address = process.address.clone();
    let body = json!({ "service": "solo", "start": start }).to_string();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/clinics/lab/holds HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        installation.key,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body when the handler does: the request is under way.
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    process.terminate().await;
    // Nothing tells when a port is closed; it is tried until it is.
    while TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created") && answer.contains("\"token\""), "{answer}");
    let (status, log) = process.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("cut off"), "{log}");
    // What was answered is there.
    let process = installation.serve().await;
    process.hold("solo", &start).await.unwrap().expect_problem(409, "taken");
    drop(process);
    installation.run(&["doctor"]).await;
    installation.db.remove().await;
}
