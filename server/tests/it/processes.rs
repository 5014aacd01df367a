//! Several server processes on one database.

use futures::future::join_all;
use testkit::{Engine, Installation, Person, TestDb};

use crate::support::assert_won;

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_two_processes_on_one_postgres_get_a_lane_once() {
    let Some(db) = TestDb::empty(Engine::Postgres).await else { return };
    race_two_processes(db, 8).await;
}

/// SQLite has one writer at a time, also among processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_two_processes_on_one_file_get_a_lane_once() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    race_two_processes(db, 4).await;
}

async fn race_two_processes(db: TestDb, rounds: usize) {
    let installation = Installation::new(PORTICO, db).await;
    let processes = [installation.serve().await, installation.serve().await];
    let starts = starts(&processes[0], rounds).await;
    for (round, start) in starts.iter().enumerate() {
        let attempts = (0..32).map(|n| processes[n % 2].hold("solo", start));
        let answers: Vec<_> = join_all(attempts).await.into_iter().flatten().collect();
        assert_eq!(answers.len(), 32);
        assert_won(&answers, 1);
        // Confirmed through both at once, it is one visit.
        let hold = answers.iter().find(|a| a.status == 201).unwrap().field("id");
        let (person, key) = (Person::number(round), round.to_string());
        let confirmed = join_all((0..8).map(|n| processes[n % 2].confirm(&hold, &person, &key))).await;
        let first = confirmed[0].clone().unwrap().expect(201);
        for answer in confirmed.into_iter().flatten() {
            assert_eq!(answer.expect(201).text, first.text);
        }
        // The process that did not book sees it, too, if not in its kept answer then in its commit.
        for process in &processes {
            process.hold("solo", start).await.unwrap().expect_problem(409, "taken");
        }
    }
    installation.run(&["doctor"]).await;
    drop(processes);
    installation.db.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_with_its_exit_code_that_something_is_broken() {
    let Some(db) = TestDb::empty(Engine::Sqlite).await else { return };
    let installation = Installation::new(PORTICO, db).await;
    let process = installation.serve().await;
    let start = starts(&process, 1).await.remove(0);
    process.hold("solo", &start).await.unwrap().expect(201);
    drop(process);
    let healthy = installation.output(&["doctor"]).await;
    assert!(healthy.status.success());
    let broken = portal::Db::connect(&installation.db.url).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(broken.schema(), "DELETE FROM occupancy").await.unwrap();
    let found = installation.output(&["doctor"]).await;
    assert_eq!(found.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&found.stdout).contains("WRONG: occupancy"), "{found:?}");
    installation.db.remove().await;
}

/// Free starts an hour apart, from the day after tomorrow on, by the server's own clock.
pub async fn starts(process: &testkit::Process, n: usize) -> Vec<String> {
    let services = process.hold("solo", "2000-01-01T00:00:00Z").await.unwrap().json();
    let soon = services["next"][0]["start"].as_str().expect("something is free").to_owned();
    let first: jiff::Timestamp = soon.parse().unwrap();
    (0..n).map(|i| (first + jiff::SignedDuration::from_hours(48 + i as i64)).to_string()).collect()
}
