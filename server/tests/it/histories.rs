//! Random histories through the API: hold, wait, keep, give back, confirm, move, cancel, close a day, change hours.
//! After every step the doctor is content, a listed start can be had, and one that is not listed is refused for the
//! reason that `explain` gives.

use portal::{
    Scope, Who, api_keys, booking,
    clinic::{WhenStranded, import},
};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Engine, Person, TestApp, clinics, run};

const DAY: &str = "2026-11-24";
const STAFF: &str = "/api/v1/staff/clinics/lab";
const SERVICES: [&str; 5] = ["solo", "asked", "roomy", "team", "rare"];

#[derive(Clone, Debug)]
enum Step {
    Hold {
        service: Index,
        hour: i64,
    },
    Wait {
        minutes: i64,
    },
    Keep {
        hold: Index,
    },
    GiveBack {
        hold: Index,
    },
    Confirm {
        hold: Index,
        person: usize,
    },
    Move {
        visit: Index,
        hold: Index,
    },
    Cancel {
        visit: Index,
    },
    Import {
        file: Index,
        when: Index,
    },
    /// The clinic's own calendar tells of entries at these quarters of an hour from eight, so long, of whom.
    Calendar {
        entries: Vec<(i64, i64, Index)>,
    },
    /// Somebody answers a question about it.
    Decide {
        item: Index,
        answer: Index,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<Index>;
    prop_oneof![
        5 => (any(), 8..14_i64).prop_map(|(service, hour)| Step::Hold { service, hour }),
        2 => (1..12_i64).prop_map(|minutes| Step::Wait { minutes }),
        1 => any().prop_map(|hold| Step::Keep { hold }),
        1 => any().prop_map(|hold| Step::GiveBack { hold }),
        4 => (any(), 0..3_usize).prop_map(|(hold, person)| Step::Confirm { hold, person }),
        2 => (any(), any()).prop_map(|(visit, hold)| Step::Move { visit, hold }),
        1 => any().prop_map(|visit| Step::Cancel { visit }),
        1 => (any(), any()).prop_map(|(file, when)| Step::Import { file, when }),
        2 => prop::collection::vec((0..24_i64, 1..8_i64, any()), 0..6).prop_map(|entries| Step::Calendar { entries }),
        2 => (any(), any()).prop_map(|(item, answer)| Step::Decide { item, answer }),
    ]
}

#[test]
fn every_history_keeps_the_invariants_on_sqlite() {
    histories(Engine::Sqlite, 16);
}

#[test]
fn every_history_keeps_the_invariants_on_postgres() {
    histories(Engine::Postgres, 8);
}

/// PROPTEST_CASES asks for more.
fn histories(engine: Engine, cases: u32) {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let config = Config { failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let config = if asked { config } else { Config { cases, ..config } };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let steps = prop::collection::vec((step(), any::<Index>()), 8..20);
    TestRunner::new(config)
        .run(&steps, |steps| {
            runtime.block_on(run(engine, |app| history(app, steps)));
            Ok(())
        })
        .unwrap();
}

/// What the history has made so far.
struct World {
    app: TestApp,
    program: Caller,
    who: Who,
    files: [String; 3],
    holds: Vec<Answer>,
    visits: Vec<String>,
    confirmations: usize,
    calendar: String,
}

async fn history(app: TestApp, steps: Vec<(Step, Index)>) {
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let made = json!({ "name": "Practice system", "time_alone": true, "grace_minutes": 10 });
    let calendar = program.make(&format!("{STAFF}/calendars"), &made).await.expect(201).field("id");
    let who = Who::Api(api_keys::authenticate(&app.cx, program.key()).await.unwrap().unwrap());
    let ana = "[[practitioners]]\nslug = \"ana\"";
    let closed = format!("[[practitioners.exceptions]]\ndate = {DAY}\nhours = []\n\n{ana}");
    let shorter = format!("[[practitioners.exceptions]]\ndate = {DAY}\nhours = [\"09:00-11:00\"]\n\n{ana}");
    let files =
        [clinics::LAB.to_owned(), clinics::LAB.replacen(ana, &closed, 1), clinics::LAB.replacen(ana, &shorter, 1)];
    let mut world =
        World { app, program, who, files, holds: Vec::new(), visits: Vec::new(), confirmations: 0, calendar };
    for (step, sample) in steps {
        world.perform(&step).await;
        assert_eq!(world.app.problems().await, Vec::<String>::new(), "after {step:?}");
        world.listing_is_commit(sample).await;
    }
}

impl World {
    async fn perform(&mut self, step: &Step) {
        match step {
            Step::Hold { service, hour } => {
                let start = format!("{DAY}T{hour:02}:00:00+01:00");
                let answer = self.program.hold("lab", service.get::<&str>(&SERVICES), &start).await;
                if allowed(step, &answer, 201) {
                    self.holds.push(answer);
                }
            }
            Step::Wait { minutes } => self.app.clock.advance_minutes(*minutes),
            Step::Keep { hold } => {
                let Some(hold) = pick(&self.holds, hold) else { return };
                let kept = booking::extend(&self.app.cx, &self.who, hold.field("id").parse().unwrap(), None).await;
                if let Err(error) = kept {
                    assert!(["hold_ended", "already_confirmed", "hold_at_most"].contains(&error.code()), "{error:?}");
                }
            }
            Step::GiveBack { hold } => {
                let Some(hold) = pick(&self.holds, hold) else { return };
                allowed(step, &self.program.release(hold).await, 204);
            }
            Step::Confirm { hold, person } => {
                let Some(hold) = pick(&self.holds, hold) else { return };
                self.confirmations += 1;
                let key = self.confirmations.to_string();
                let answer = self.program.confirm(hold, &Person::number(*person), &key).await;
                if allowed(step, &answer, 201) {
                    self.visits.push(answer.field("id"));
                }
            }
            Step::Move { visit, hold } => {
                let (Some(visit), Some(hold)) = (pick(&self.visits, visit), pick(&self.holds, hold)) else { return };
                allowed(step, &self.program.reschedule(visit, hold).await, 200);
            }
            Step::Cancel { visit } => {
                let Some(visit) = pick(&self.visits, visit) else { return };
                allowed(step, &self.program.cancel(visit).await, 200);
            }
            Step::Calendar { entries } => self.calendar_tells(entries).await,
            Step::Decide { item, answer } => self.decides(step, item, answer).await,
            Step::Import { file, when } => {
                let when = [WhenStranded::Stop, WhenStranded::Keep, WhenStranded::Cancel][when.index(3)];
                let plan = clinics::plan(file.get::<String>(&self.files));
                match import(&self.app.cx, &plan, when).await {
                    Ok(_) => {}
                    Err(error) => assert!(when == WhenStranded::Stop, "{error}"),
                }
            }
        }
    }

    /// Each entry keeps its key, so that telling another list moves, adds and drops some.
    async fn calendar_tells(&self, entries: &[(i64, i64, Index)]) {
        let begin: jiff::Timestamp = format!("{DAY}T08:00:00+01:00").parse().unwrap();
        let entry = |(n, (quarter, length, whose)): (usize, &(i64, i64, Index))| {
            let start = begin + jiff::SignedDuration::from_mins(15 * quarter + n as i64);
            let end = start + jiff::SignedDuration::from_mins(15 * length);
            let resource = whose.get(&["solo", "ana", "ben", "only-room"]);
            json!({ "key": n.to_string(), "resource": resource, "start": start.to_string(), "end": end.to_string() })
        };
        let entries: Vec<Value> = entries.iter().enumerate().map(entry).collect();
        let now = self.app.cx.now();
        let (from, to) = (now.to_string(), (now + jiff::SignedDuration::from_hours(24 * 30)).to_string());
        let told = json!({ "as_of": from, "complete": true, "from": from, "to": to, "entries": entries });
        self.program.post(&format!("{STAFF}/calendars/{}/reads", self.calendar), &told).await.expect(200);
        portal::reconcile::settle_wanted(&self.app.cx).await;
    }

    async fn decides(&self, step: &Step, item: &Index, answer: &Index) {
        let open = self.program.get(&format!("{STAFF}/reconciliation")).await.expect(200).json();
        let Some(item) = pick(open["items"].as_array().unwrap(), item).cloned() else { return };
        let Some(decision) = pick(item["decisions"].as_array().unwrap(), answer).cloned() else { return };
        let mut body = json!({ "decision": decision });
        if decision == "move" {
            body["practitioner"] = json!("ana");
            body["start"] = json!(format!("{DAY}T13:00:00+01:00"));
        }
        let path = format!("{STAFF}/reconciliation/{}/decision", item["id"].as_str().unwrap());
        let request = self.program.post_request(&path, &body).header("if-match", item["version"].to_string());
        allowed(step, &self.program.send(request).await, 200);
    }

    /// One sampled start of one service's listing (booking rules 1 and 25).
    async fn listing_is_commit(&self, sample: Index) {
        let service = *sample.get(&SERVICES);
        let path = format!("/api/v1/clinics/lab/availability?service={service}&from={DAY}&to={DAY}&explain=true");
        let listing = self.program.get(&path).await.expect(200).json();
        let list = |name: &str| listing["days"][0][name].as_array().cloned().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        if let Some(start) = pick(&list("starts"), &sample) {
            for practitioner in start["practitioners"].as_array().unwrap() {
                let hold = self
                    .program
                    .hold_with("lab", service, &text(&start["start"]), &text(practitioner))
                    .await
                    .expect(201);
                self.program.release(&hold).await.expect(204);
            }
        }
        if let Some(start) = pick(&list("refused"), &sample) {
            let (at, practitioner, code) = (text(&start["start"]), text(&start["practitioner"]), text(&start["code"]));
            self.program.hold_with("lab", service, &at, &practitioner).await.expect_problem(409, &code);
        }
    }
}

pub fn pick<'a, T>(all: &'a [T], index: &Index) -> Option<&'a T> {
    (!all.is_empty()).then(|| index.get(all))
}

/// Done, or refused with 409; anything else is a fault of the server's.
fn allowed(step: &Step, answer: &Answer, done: u16) -> bool {
    assert!(answer.status == done || answer.status == 409, "{step:?}: {} {}", answer.status, answer.text);
    answer.status == done
}
