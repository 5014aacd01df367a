//! Random histories beside the reference. Each step must be answered as the reference says, and after each the API must say
//! what it says: who has what, and which starts are free with whom.

use std::collections::{BTreeMap, BTreeSet};

use portal::{
    Who, api_keys, booking,
    clinic::{WhenStranded, import},
};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;
use testkit::{Answer, Caller, Engine, Person, TestApp, clinics, run};

use crate::{
    histories::pick,
    reference::{DAY, Lab, Minute, NIGHT, PEOPLE, SERVICES, Start, Taken, What, at},
};

#[derive(Clone, Debug)]
enum Step {
    Hold { service: &'static str, with: Option<&'static str>, start: Minute },
    Wait { minutes: i64 },
    Keep { hold: Index },
    GiveBack { hold: Index },
    Confirm { hold: Index, person: usize },
    Move { visit: Index, hold: Index },
    Cancel { visit: Index },
    AnaWorks { until: Minute, when: WhenStranded },
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<Index>;
    // Few starts, so that many meet.
    let start = || (36..44_i64).prop_map(|quarter| quarter * 15);
    let with = prop::option::weighted(0.3, prop::sample::select(&["ana", "ben"][..]));
    let when = prop::sample::select(&[WhenStranded::Stop, WhenStranded::Cancel][..]);
    prop_oneof![
        8 => (prop::sample::select(&SERVICES[..]), start(), with)
            .prop_map(|(service, start, with)| Step::Hold { service, with, start }),
        2 => (1..8_i64).prop_map(|minutes| Step::Wait { minutes }),
        1 => any().prop_map(|hold| Step::Keep { hold }),
        1 => any().prop_map(|hold| Step::GiveBack { hold }),
        6 => (any(), 0..3_usize).prop_map(|(hold, person)| Step::Confirm { hold, person }),
        3 => (any(), any()).prop_map(|(visit, hold)| Step::Move { visit, hold }),
        1 => any().prop_map(|visit| Step::Cancel { visit }),
        1 => (prop::sample::select(&[0, 600, NIGHT][..]), when).prop_map(|(until, when)| Step::AnaWorks { until, when }),
    ]
}

#[test]
fn every_history_is_as_the_reference_says_on_sqlite() {
    histories(Engine::Sqlite, 24);
}

#[test]
fn every_history_is_as_the_reference_says_on_postgres() {
    histories(Engine::Postgres, 12);
}

/// PROPTEST_CASES asks for more.
fn histories(engine: Engine, cases: u32) {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let config = Config { failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let config = if asked { config } else { Config { cases, ..config } };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 10..25), |steps| {
            runtime.block_on(run(engine, |app| history(app, steps)));
            Ok(())
        })
        .unwrap();
}

/// The server and the reference, step by step. What is picked may be over.
struct Both {
    app: TestApp,
    program: Caller,
    who: Who,
    names: BTreeMap<String, &'static str>,
    lab: Lab,
    holds: Vec<Answer>,
    visits: Vec<String>,
    /// Which visit a hold became.
    became: BTreeMap<String, String>,
    /// Cancelled visits with their versions.
    cancelled: BTreeMap<String, i64>,
}

async fn history(app: TestApp, steps: Vec<Step>) {
    let program = app.program("lab").await;
    let who = Who::Api(api_keys::authenticate(&app.cx, program.key()).await.unwrap().unwrap());
    let names = names(&program).await;
    let lab = Lab { taken: Vec::new(), now: 0, ana_until: NIGHT };
    let (holds, visits, became, cancelled) = Default::default();
    let mut both = Both { app, program, who, names, lab, holds, visits, became, cancelled };
    for step in steps {
        both.perform(&step).await;
        both.compare(&step).await;
    }
}

/// Slugs by id.
async fn names(program: &Caller) -> BTreeMap<String, &'static str> {
    let all = program.get("/api/v1/clinics/lab/practitioners").await.expect(200).json();
    let slug = |p: &Value| PEOPLE.into_iter().find(|slug| p["slug"] == *slug).expect("one we know");
    all["items"].as_array().unwrap().iter().map(|p| (p["id"].as_str().unwrap().to_owned(), slug(p))).collect()
}

impl Both {
    async fn perform(&mut self, step: &Step) {
        match step {
            Step::Hold { service, with, start } => self.hold(step, service, *with, *start).await,
            Step::Wait { minutes } => {
                self.app.clock.advance_minutes(*minutes);
                self.lab.wait(*minutes);
            }
            Step::Keep { hold } => {
                let Some(id) = self.hold_id(hold) else { return };
                let kept = booking::extend(&self.app.cx, &self.who, id.parse().unwrap(), None).await;
                assert_eq!(kept.is_ok(), self.lab.keep(&id), "{step:?}: {kept:?}");
            }
            Step::GiveBack { hold } => {
                let Some(hold) = pick(&self.holds, hold) else { return };
                let id = hold.field("id");
                let done = !self.became.contains_key(&id);
                told(step, &self.program.release(hold).await, 204, done);
                self.lab.end(&id);
            }
            Step::Confirm { hold, person } => {
                let Some(hold) = pick(&self.holds, hold) else { return };
                let live = self.lab.hold(&hold.field("id")).filter(|live| self.lab.suits(*person, live, ""));
                let answer = self.program.confirm(hold, &Person::number(*person), &self.app.cx.id().to_string()).await;
                told(step, &answer, 201, live.is_some());
                let Some(live) = live else { return };
                let visit = answer.field("id");
                self.visits.push(visit.clone());
                self.becomes(live, visit, What::Visit { person: *person, version: 1 });
            }
            Step::Move { visit, hold } => self.moves(step, visit, hold).await,
            Step::Cancel { visit } => {
                let Some(visit) = pick(&self.visits, visit).cloned() else { return };
                let live = self.lab.visit(&visit);
                told(step, &self.program.cancel(&visit).await, 200, live.is_some());
                self.over(live);
            }
            Step::AnaWorks { until, when } => self.ana_works(step, *until, *when).await,
        }
    }

    async fn hold(&mut self, step: &Step, service: &'static str, with: Option<&'static str>, start: Minute) {
        let answer = self.program.hold_with("lab", service, &at(start), with.unwrap_or("any")).await;
        let who = self.lab.whom(service, with, start);
        told(step, &answer, 201, who.is_some());
        let Some(who) = who else { return };
        assert_eq!(self.names[&answer.field("practitioner")], who, "{step:?}");
        let (id, now) = (answer.field("id"), self.lab.now);
        self.lab.taken.push(Taken { service, who, start, what: What::Hold { made: now, until: now + 10 }, id });
        self.holds.push(answer);
    }

    async fn moves(&mut self, step: &Step, visit: &Index, hold: &Index) {
        let (Some(visit), Some(hold)) = (pick(&self.visits, visit).cloned(), pick(&self.holds, hold)) else { return };
        let id = hold.field("id");
        let answer = self.program.reschedule(&visit, hold).await;
        // Asked again, it is answered again.
        if self.became.get(&id) == Some(&visit) {
            return told(step, &answer, 200, true);
        }
        let both = self.lab.visit(&visit).zip(self.lab.hold(&id));
        let fits = both.filter(|(old, new)| old.service == new.service && self.lab.suits(old.person(), new, &visit));
        told(step, &answer, 200, fits.is_some());
        let Some((old, new)) = fits else { return };
        let What::Visit { person, version } = old.what else { unreachable!("it is a visit") };
        self.lab.end(&visit);
        self.becomes(new, visit, What::Visit { person, version: version + 1 });
    }

    fn becomes(&mut self, hold: Taken, visit: String, what: What) {
        self.lab.end(&hold.id);
        self.became.insert(hold.id.clone(), visit.clone());
        self.lab.taken.push(Taken { what, id: visit, ..hold });
    }

    async fn ana_works(&mut self, step: &Step, until: Minute, when: WhenStranded) {
        // What stands before the next one is hers.
        let next = "[[practitioners]]\nslug = \"ben\"";
        let hours = if until == 0 { String::new() } else { format!("\"00:00-{:02}:00\"", until.min(24 * 60) / 60) };
        let file = format!("[[practitioners.exceptions]]\ndate = {DAY}\nhours = [{hours}]\n\n{next}");
        let plan = clinics::plan(&clinics::LAB.replacen(next, &file, 1));
        let imported = import(&self.app.cx, &plan, when).await;
        let stranded = self.lab.stranded(until);
        assert_eq!(imported.is_ok(), when == WhenStranded::Cancel || stranded.is_empty(), "{step:?}: {imported:?}");
        if imported.is_ok() {
            self.lab.ana_until = until;
            stranded.into_iter().for_each(|visit| self.over(Some(visit)));
        }
    }

    fn over(&mut self, visit: Option<Taken>) {
        if let Some(Taken { id, what: What::Visit { version, .. }, .. }) = visit {
            self.lab.end(&id);
            self.cancelled.insert(id, version + 1);
        }
    }

    fn hold_id(&self, hold: &Index) -> Option<String> {
        pick(&self.holds, hold).map(|hold| hold.field("id"))
    }

    /// What is free, and every visit there ever was.
    async fn compare(&self, step: &Step) {
        for service in SERVICES {
            let path = format!("/api/v1/clinics/lab/availability?service={service}&from={DAY}&to={DAY}");
            let listing = self.program.get(&path).await.expect(200).json();
            let listed = listing["days"][0]["starts"].as_array().unwrap().iter().map(|start| {
                let with = start["practitioners"].as_array().unwrap().iter();
                let with = with.map(|id| self.names[id.as_str().unwrap()]).collect();
                (start["start"].as_str().unwrap().to_owned(), with)
            });
            let (listed, free): (BTreeSet<_>, BTreeSet<_>) = (listed.collect(), self.lab.free(service));
            let only = |these: &BTreeSet<Start>, those| these.difference(those).cloned().collect::<Vec<_>>();
            let differ = (only(&listed, &free), only(&free, &listed));
            assert_eq!(differ, (vec![], vec![]), "{service} is listed or free after {step:?}");
        }
        for visit in &self.visits {
            let read = self.program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
            let (status, version) = (read.field("status"), read.json()["version"].as_i64().unwrap());
            let Some(live) = self.lab.visit(visit) else {
                assert_eq!((status.as_str(), version), ("cancelled", self.cancelled[visit]), "after {step:?}");
                continue;
            };
            let is = (self.names[&read.field("practitioner")], read.field("start"), status.as_str(), version);
            let What::Visit { version, .. } = live.what else { unreachable!("it is a visit") };
            let should = if live.service == "asked" { "pending" } else { "booked" };
            assert_eq!(is, (live.who, at(live.start), should, version), "after {step:?}");
        }
    }
}

/// Done or refused, as the reference says.
#[track_caller]
fn told(step: &Step, answer: &Answer, done: u16, should: bool) {
    assert_eq!(answer.status, if should { done } else { 409 }, "{step:?}: {}", answer.text);
}
