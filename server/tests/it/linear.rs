//! Recorded histories of one time, checked for linearizability: what clients saw at once must have one order in which
//! it makes sense. And the checker itself is checked with stores that are broken on purpose.

use std::sync::{Arc, Mutex};

use futures::future::{BoxFuture, join_all};
use ports::{Rng, SeededRng};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};
use tokio::sync::Barrier;

on_both_engines![
    histories_of_one_time_have_an_order,
    the_servers_own_store_is_caught_when_it_does_not_compare,
    a_time_given_away_behind_the_servers_back_is_caught,
];

/// One time of one lane, as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Slot(State);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Free,
    Held(usize),
    Booked(usize),
}

/// What client number `.0` asks for; `Confirm` and `Release` are about its own last hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Hold(usize),
    Release(usize),
    Confirm(usize),
    Cancel(usize),
    Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ret {
    Done,
    Refused,
    /// Others were faster several times in a row; nothing happened.
    Busy,
    Free(bool),
}

impl SequentialSpec for Slot {
    type Op = Op;
    type Ret = Ret;

    fn invoke(&mut self, op: &Op) -> Ret {
        let next = match (op, &self.0) {
            (Op::Look, state) => return Ret::Free(*state == State::Free),
            (Op::Hold(me), State::Free) => State::Held(*me),
            (Op::Release(me), State::Held(owner)) if me == owner => State::Free,
            (Op::Confirm(me), State::Held(owner)) if me == owner => State::Booked(*me),
            (Op::Cancel(me), State::Booked(owner)) if me == owner => State::Free,
            _ => return Ret::Refused,
        };
        self.0 = next;
        Ret::Done
    }

    fn is_valid_step(&mut self, op: &Op, ret: &Ret) -> bool {
        *ret == Ret::Busy || self.invoke(op) == *ret
    }
}

/// Whatever sells the time.
trait Store: Sync {
    fn perform(&self, op: Op) -> BoxFuture<'_, Ret>;
}

type History = Arc<Mutex<LinearizabilityTester<usize, Slot>>>;

/// One client doing one thing after another; calls and answers are noted in the order in which they happen.
async fn client(store: &impl Store, history: &History, me: usize, ops: Vec<Op>) {
    for op in ops {
        history.lock().unwrap().on_invoke(me, op).unwrap();
        let ret = store.perform(op).await;
        history.lock().unwrap().on_return(me, ret).unwrap();
    }
}

async fn record(store: &impl Store, clients: Vec<Vec<Op>>) -> History {
    let history = Arc::new(Mutex::new(LinearizabilityTester::new(Slot::default())));
    join_all(clients.into_iter().enumerate().map(|(me, ops)| client(store, &history, me, ops))).await;
    history
}

fn is_linearizable(history: &History) -> bool {
    history.lock().unwrap().is_consistent()
}

/// The server, for one start of the lab's `solo`.
struct Server {
    program: Caller,
    start: String,
    day: String,
    held: Vec<Mutex<Option<Answer>>>,
    booked: Vec<Mutex<Option<String>>>,
}

impl Server {
    fn new(program: &Caller, day: &str, clients: usize) -> Self {
        let nothing = || (0..clients).map(|_| Mutex::new(None)).collect();
        Self {
            program: program.clone(),
            start: format!("{day}T10:00:00+01:00"),
            day: day.to_owned(),
            held: nothing(),
            booked: (0..clients).map(|_| Mutex::new(None)).collect(),
        }
    }

    async fn ask(&self, op: Op) -> Ret {
        let answer = match op {
            Op::Look => {
                let free = self.program.free("lab", "solo", &self.day, &self.day).await;
                return Ret::Free(free.contains(&self.start));
            }
            Op::Hold(me) => {
                let answer = self.program.hold("lab", "solo", &self.start).await;
                if answer.status == 201 {
                    *self.held[me].lock().unwrap() = Some(answer.clone());
                }
                answer
            }
            Op::Release(me) => {
                let hold = self.held[me].lock().unwrap().clone();
                let Some(hold) = hold else { return Ret::Refused };
                self.program.release(&hold).await
            }
            Op::Confirm(me) => {
                let hold = self.held[me].lock().unwrap().clone();
                let Some(hold) = hold else { return Ret::Refused };
                // A key of its own each time, so that an answer is never a repeated one.
                let key = format!("{}{}", hold.field("id"), self.booked[me].lock().unwrap().is_some());
                let answer = self.program.confirm(&hold, &Person::number(me), &key).await;
                if answer.status == 201 {
                    *self.booked[me].lock().unwrap() = Some(answer.field("id"));
                }
                answer
            }
            Op::Cancel(me) => {
                let visit = self.booked[me].lock().unwrap().clone();
                let Some(visit) = visit else { return Ret::Refused };
                self.program.cancel(&visit).await
            }
        };
        match answer.status {
            200 | 201 | 204 => Ret::Done,
            409 if answer.code() == "busy" => Ret::Busy,
            409 => Ret::Refused,
            _ => panic!("{op:?}: {}", answer.text),
        }
    }
}

impl Store for Server {
    fn perform(&self, op: Op) -> BoxFuture<'_, Ret> {
        Box::pin(self.ask(op))
    }
}

/// Few, because the checker tries every order: its time grows exponentially with what happens at once.
const CLIENTS: usize = 3;
const HISTORIES: usize = 84;

/// Each client wants the time, does something with it, and looks what others see.
fn wishes(rng: &SeededRng, me: usize) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut random = [0_u8; 2];
    rng.fill(&mut random);
    for byte in random {
        ops.push(Op::Hold(me));
        match byte % 4 {
            // Giving back what one does not have is refused only while somebody else's or confirmed, so it is not tried.
            0 => ops.push(Op::Look),
            1 => ops.extend([Op::Confirm(me), Op::Look]),
            _ => ops.extend([Op::Confirm(me), Op::Cancel(me)]),
        }
    }
    ops
}

async fn histories_of_one_time_have_an_order(app: TestApp) {
    let program = app.program("lab").await;
    let rng = SeededRng::new(26);
    for round in 0..HISTORIES {
        let day = format!("2027-{:02}-{:02}", 1 + round / 28, 1 + round % 28);
        let server = Server::new(&program, &day, CLIENTS);
        let wishes = (0..CLIENTS).map(|me| wishes(&rng, me)).collect();
        let history = record(&server, wishes).await;
        assert!(is_linearizable(&history), "{:#?}", history.lock().unwrap());
    }
}

/// The real server on a database that forgets, after every hold, what its maps said: as if somebody who had read them before
/// wrote them back without comparing.
struct Forgetful {
    app: TestApp,
    server: Server,
}

/// Of the one row that the lab's `solo` has here.
const READ: &str = "CREATE TABLE read_before AS SELECT body, padded FROM occupancy";
const WRITE_BACK: &str = "UPDATE occupancy SET body = (SELECT body FROM read_before), \
                          padded = (SELECT padded FROM read_before)";

impl Store for Forgetful {
    fn perform(&self, op: Op) -> BoxFuture<'_, Ret> {
        Box::pin(async move {
            let ret = self.server.ask(op).await;
            if matches!(op, Op::Hold(_)) {
                self.app.tamper(WRITE_BACK).await;
            }
            ret
        })
    }
}

/// One client after the other.
async fn record_in_turn(store: &impl Store, clients: [&[Op]; 2]) -> History {
    let history = Arc::new(Mutex::new(LinearizabilityTester::new(Slot::default())));
    for (me, ops) in clients.into_iter().enumerate() {
        client(store, &history, me, ops.to_vec()).await;
    }
    history
}

const BOTH_BOOK: [&[Op]; 2] = [&[Op::Hold(0), Op::Confirm(0)], &[Op::Hold(1), Op::Confirm(1)]];

async fn the_servers_own_store_is_caught_when_it_does_not_compare(app: TestApp) {
    app.is_sick();
    let program = app.program("lab").await;
    let server = Server::new(&program, "2027-01-12", 2);
    let history = record_in_turn(&server, BOTH_BOOK).await;
    assert!(is_linearizable(&history));
    assert_eq!(app.problems().await, Vec::<String>::new());
    app.tamper(READ).await;
    let server = Server::new(&program, "2027-01-11", 2);
    let history = record_in_turn(&Forgetful { app: app.clone(), server }, BOTH_BOOK).await;
    assert!(!is_linearizable(&history));
    let problems = app.problems().await.join("\n");
    assert!(problems.contains("share lane 0") && problems.contains("is not the sum"), "{problems}");
}

async fn a_time_given_away_behind_the_servers_back_is_caught(app: TestApp) {
    app.is_sick();
    let program = app.program("lab").await;
    let history = Arc::new(Mutex::new(LinearizabilityTester::new(Slot::default())));
    let server = Server::new(&program, "2027-01-12", 2);
    client(&server, &history, 0, vec![Op::Hold(0), Op::Confirm(0)]).await;
    // A visit that is there and takes nothing.
    app.tamper("DELETE FROM allocation").await;
    app.tamper("DELETE FROM occupancy").await;
    client(&server, &history, 1, vec![Op::Hold(1), Op::Confirm(1)]).await;
    assert!(!is_linearizable(&history));
    let problems = app.problems().await.join("\n");
    assert!(problems.contains("is live but takes no time of its practitioner"), "{problems}");
}

/// Reads, waits until the other has read as well, then writes without comparing: what the database must never do.
struct Careless {
    taken: Mutex<bool>,
    both_have_read: Barrier,
}

impl Store for Careless {
    fn perform(&self, op: Op) -> BoxFuture<'_, Ret> {
        Box::pin(async move {
            assert!(matches!(op, Op::Hold(_)));
            let free = !*self.taken.lock().unwrap();
            self.both_have_read.wait().await;
            if !free {
                return Ret::Refused;
            }
            *self.taken.lock().unwrap() = true;
            Ret::Done
        })
    }
}

/// The same, but what was read is compared again when it is written.
struct Careful(Careless);

impl Store for Careful {
    fn perform(&self, op: Op) -> BoxFuture<'_, Ret> {
        Box::pin(async move {
            assert!(matches!(op, Op::Hold(_)));
            let free = !*self.0.taken.lock().unwrap();
            self.0.both_have_read.wait().await;
            let mut taken = self.0.taken.lock().unwrap();
            if !free || std::mem::replace(&mut *taken, true) { Ret::Refused } else { Ret::Done }
        })
    }
}

fn careless() -> Careless {
    Careless { taken: Mutex::new(false), both_have_read: Barrier::new(2) }
}

#[tokio::test]
async fn a_store_that_reads_and_then_writes_is_caught() {
    let history = record(&careless(), vec![vec![Op::Hold(0)], vec![Op::Hold(1)]]).await;
    assert!(!is_linearizable(&history));
}

#[tokio::test]
async fn a_store_that_compares_and_swaps_is_not_accused() {
    let history = record(&Careful(careless()), vec![vec![Op::Hold(0)], vec![Op::Hold(1)]]).await;
    assert!(is_linearizable(&history));
}

#[test]
fn an_answer_from_before_a_booking_is_caught() {
    let mut history = LinearizabilityTester::new(Slot::default());
    history.on_invret(0, Op::Hold(0), Ret::Done).unwrap();
    // The hold was answered before this look began, so the look must see it.
    history.on_invret(1, Op::Look, Ret::Free(true)).unwrap();
    assert!(!history.is_consistent());
}

#[test]
fn a_hold_that_was_both_given_back_and_confirmed_is_caught() {
    let mut history = LinearizabilityTester::new(Slot::default());
    history.on_invret(0, Op::Hold(0), Ret::Done).unwrap();
    history.on_invoke(0, Op::Release(0)).unwrap();
    history.on_invoke(1, Op::Confirm(0)).unwrap();
    history.on_return(0, Ret::Done).unwrap();
    history.on_return(1, Ret::Done).unwrap();
    assert!(!history.is_consistent());
}
