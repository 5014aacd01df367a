//! `kill -9` in the middle of a load, again and again: every acknowledged booking is there, a repeated request gets
//! the same answer, and the doctor is content.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use testkit::{Engine, Installation, Person, Process, TestDb};
use tokio::sync::watch;

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");
const CRASHES: usize = 6;
const CLIENTS: usize = 8;
/// The server is killed when so many more bookings have been acknowledged.
const BOOKINGS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_booking_is_lost_on_sqlite() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    crash_again_and_again(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_booking_is_lost_on_postgres() {
    let Some(db) = TestDb::empty(Engine::Postgres).await else { return };
    crash_again_and_again(db).await;
}

/// One client's attempt: everything needed to ask again.
#[derive(Clone)]
struct Attempt {
    hold: String,
    person: Person,
    key: String,
    /// What the server said; `None` when it went away first.
    answer: Option<String>,
}

type Attempts = Arc<Mutex<BTreeMap<String, Attempt>>>;

async fn crash_again_and_again(db: TestDb) {
    let installation = Installation::new(PORTICO, db).await;
    let attempts = Attempts::default();
    for crash in 0..CRASHES {
        let mut process = installation.serve().await;
        let first = first_start(&process).await + SignedDuration::from_hours(48 * (1 + crash as i64));
        let (acknowledged, mut enough) = watch::channel(0);
        let load = join_all((0..CLIENTS).map(|n| client(&process, &attempts, &acknowledged, first, (crash, n))));
        tokio::select! {
            _ = load => panic!("the load ended before the server was killed"),
            _ = enough.wait_for(|n| *n >= BOOKINGS) => {}
        }
        process.kill().await;
        check(&installation, &attempts).await;
    }
    let attempts = attempts.lock().unwrap().clone();
    let answered = attempts.values().filter(|a| a.answer.is_some()).count();
    assert!(answered >= CRASHES * BOOKINGS, "{answered} of {}", attempts.len());
    installation.db.remove().await;
}

/// Books one time after another until the server is gone. Two clients want each time.
async fn client(
    process: &Process,
    attempts: &Attempts,
    acknowledged: &watch::Sender<usize>,
    first: Timestamp,
    (crash, n): (usize, usize),
) {
    for turn in 0_usize.. {
        let start = first + SignedDuration::from_mins(((turn * CLIENTS / 2 + n / 2) * 45) as i64);
        let Some(held) = process.hold("solo", &start.to_string()).await else { return };
        if held.status != 201 {
            continue;
        }
        let key = format!("{crash} {n} {turn}");
        let attempt = Attempt { hold: held.field("id"), person: Person::number(n), key: key.clone(), answer: None };
        attempts.lock().unwrap().insert(key.clone(), attempt.clone());
        let Some(confirmed) = process.confirm(&attempt.hold, &attempt.person, &key).await else { return };
        if confirmed.status == 201 {
            attempts.lock().unwrap().insert(key, Attempt { answer: Some(confirmed.text), ..attempt });
            acknowledged.send_modify(|n| *n += 1);
        } else {
            attempts.lock().unwrap().remove(&key);
        }
    }
}

/// After a crash, with a new server on what is left.
async fn check(installation: &Installation, attempts: &Attempts) {
    installation.run(&["doctor"]).await;
    let mut process = installation.serve().await;
    let all: Vec<Attempt> = attempts.lock().unwrap().values().cloned().collect();
    for attempt in all {
        let again = process.confirm(&attempt.hold, &attempt.person, &attempt.key).await.expect("it serves").expect(201);
        match attempt.answer {
            Some(answer) => assert_eq!(again.text, answer, "an acknowledged booking changed"),
            // Nobody knew whether it was booked; now it is, once, by either request.
            None => drop(
                attempts
                    .lock()
                    .unwrap()
                    .insert(attempt.key.clone(), Attempt { answer: Some(again.text.clone()), ..attempt }),
            ),
        }
        let path = format!("/api/v1/appointments/{}", again.field("id"));
        assert_eq!(process.get(&path).await.expect("it serves").expect(200).field("status"), "booked");
    }
    process.kill().await;
    installation.run(&["doctor"]).await;
}

async fn first_start(process: &Process) -> Timestamp {
    let refused = process.hold("solo", "2000-01-01T00:00:00Z").await.expect("it serves").json();
    refused["next"][0]["start"].as_str().expect("something is free").parse().expect("a time")
}
