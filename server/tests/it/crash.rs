//! `kill -9` in the middle of a load of bookings, moves and cancellations, again and again: everything acknowledged is
//! there, what was not is there whole or not at all, a repeated request gets the same answer, and the doctor is content.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use testkit::{Answer, Engine, Installation, Person, Process, TestDb};
use tokio::sync::watch;

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");
const CRASHES: usize = 6;
const CLIENTS: usize = 8;
/// The server is killed when so many more bookings, moves and cancellations have been acknowledged.
const CHANGES: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    crash_again_and_again(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_postgres() {
    let Some(db) = TestDb::empty(Engine::Postgres).await else { return };
    crash_again_and_again(db).await;
}

/// One client's booking and what it then did with the visit: everything needed to ask again.
#[derive(Clone)]
struct Attempt {
    hold: String,
    start: Timestamp,
    person: Person,
    key: String,
    /// What the server said; `None` when it went away first.
    answer: Option<String>,
    then: Option<Then>,
}

#[derive(Clone)]
struct Then {
    /// The time to move to, with its hold; `None` cancels.
    moves: Option<(String, Timestamp)>,
    acknowledged: bool,
}

type Attempts = Arc<Mutex<BTreeMap<String, Attempt>>>;

async fn crash_again_and_again(db: TestDb) {
    let installation = Installation::new(PORTICO, db).await;
    let attempts = Attempts::default();
    for crash in 0..CRASHES {
        let mut process = installation.serve().await;
        let first = first_start(&process).await + SignedDuration::from_hours(96 * (1 + crash as i64));
        let (acknowledged, mut enough) = watch::channel(0);
        let load = join_all((0..CLIENTS).map(|n| client(&process, &attempts, &acknowledged, first, (crash, n))));
        tokio::select! {
            _ = load => panic!("the load ended before the server was killed"),
            _ = enough.wait_for(|n| *n >= CHANGES) => {}
        }
        process.kill().await;
        check(&installation, &attempts).await;
    }
    let attempts: Vec<Attempt> = attempts.lock().unwrap().values().cloned().collect();
    let moved = attempts.iter().filter_map(|a| a.then.as_ref()).filter(|then| then.moves.is_some()).count();
    let cancelled = attempts.iter().filter(|a| a.then.is_some()).count() - moved;
    assert!(moved > 0 && cancelled > 0 && attempts.len() + moved + cancelled >= CRASHES * CHANGES);
    installation.db.remove().await;
}

/// Books one time after another until the server is gone; moves every third visit and cancels every third. Two clients
/// want each time.
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
        let (hold, person) = (held.field("id"), Person::number(n));
        let mut attempt = Attempt { hold, start, person, key: key.clone(), answer: None, then: None };
        attempts.lock().unwrap().insert(key.clone(), attempt.clone());
        let Some(confirmed) = process.confirm(&attempt.hold, &attempt.person, &key).await else { return };
        if confirmed.status != 201 {
            attempts.lock().unwrap().remove(&key);
            continue;
        }
        attempt.answer = Some(confirmed.text.clone());
        attempts.lock().unwrap().insert(key.clone(), attempt.clone());
        acknowledged.send_modify(|n| *n += 1);
        let moves = match (n + turn) % 3 {
            0 => continue,
            1 => None,
            _ => {
                // Days later, where nobody else books.
                let start = start + SignedDuration::from_hours(48);
                let Some(held) = process.hold("solo", &start.to_string()).await else { return };
                if held.status != 201 {
                    continue;
                }
                Some((held.field("id"), start))
            }
        };
        let then = |acknowledged| Some(Then { moves: moves.clone(), acknowledged });
        attempts.lock().unwrap().insert(key.clone(), Attempt { then: then(false), ..attempt.clone() });
        let Some(done) = change(process, &confirmed.field("id"), &moves).await else { return };
        // Others may have been faster several times in a row; then nothing happened.
        let done = done.status == 200;
        attempts.lock().unwrap().insert(key, Attempt { then: then(true).filter(|_| done), ..attempt });
        acknowledged.send_modify(|n| *n += usize::from(done));
    }
}

async fn change(process: &Process, visit: &str, moves: &Option<(String, Timestamp)>) -> Option<Answer> {
    match moves {
        Some((hold, _)) => process.reschedule(visit, hold).await,
        None => process.cancel(visit).await,
    }
}

/// After a crash, with a new server on what is left.
async fn check(installation: &Installation, attempts: &Attempts) {
    installation.run(&["doctor"]).await;
    let mut process = installation.serve().await;
    let all: Vec<Attempt> = attempts.lock().unwrap().values().cloned().collect();
    for mut attempt in all {
        let again = process.confirm(&attempt.hold, &attempt.person, &attempt.key).await.expect("it serves").expect(201);
        // Where nobody knew whether it was booked, now it is, once, by either request.
        let answer = attempt.answer.get_or_insert(again.text.clone());
        assert_eq!(again.text, *answer, "an acknowledged booking changed");
        let (visit, before) = (again.field("id"), ("booked".to_owned(), attempt.start, 1));
        let mut now = seen(&process, &visit).await;
        if let Some(then) = &mut attempt.then {
            let after = match &then.moves {
                Some((_, start)) => ("booked".to_owned(), *start, 2),
                None => ("cancelled".to_owned(), attempt.start, 2),
            };
            if !then.acknowledged {
                // All of it or nothing; asked for again, it is done, once.
                assert!(now == before || now == after, "{now:?}");
                let again = change(&process, &visit, &then.moves).await.expect("it serves");
                assert!(again.status == 200 || now == after && again.code() == "wrong_status", "{}", again.text);
                now = seen(&process, &visit).await;
                then.acknowledged = true;
            }
            assert_eq!(now, after, "an acknowledged change was lost");
        } else {
            assert_eq!(now, before);
        }
        attempts.lock().unwrap().insert(attempt.key.clone(), attempt);
    }
    process.kill().await;
    installation.run(&["doctor"]).await;
}

/// Status, start and version: how often it changed.
async fn seen(process: &Process, visit: &str) -> (String, Timestamp, i64) {
    let visit = process.get(&format!("/api/v1/appointments/{visit}")).await.expect("it serves").expect(200);
    let start = visit.field("start").parse().expect("a time");
    (visit.field("status"), start, visit.json()["version"].as_i64().expect("a version"))
}

async fn first_start(process: &Process) -> Timestamp {
    let refused = process.hold("solo", "2000-01-01T00:00:00Z").await.expect("it serves").json();
    refused["next"][0]["start"].as_str().expect("something is free").parse().expect("a time")
}
