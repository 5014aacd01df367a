//! The portal with a clock, chance and mail that tests command.

use std::{sync::Arc, time::Duration};

use adapters::OpenIdConnect;
use jiff::Timestamp;
use portal::{Cx, Db, Keys, MasterKey, PortalConfig, jobs};
use ports::{FakeCalendarReader, FakeMailer, FixedClock, SeededRng};

use crate::{Engine, TestDb};

/// Monday morning: 7:00 in Berlin, 1:00 in New York, 16:30 in Adelaide.
pub const NOW: &str = "2026-11-23T06:00:00Z";
/// How long an identity provider is waited for.
const PATIENCE: Duration = Duration::from_millis(1500);
/// The key every test database is sealed with.
pub const MASTER_KEY: [u8; 32] = [7; 32];

pub struct TestCx {
    pub cx: Cx,
    pub clock: Arc<FixedClock>,
    pub mailer: Arc<FakeMailer>,
    /// Clinics' own calendars.
    pub calendars: Arc<FakeCalendarReader>,
    pub db: TestDb,
}

impl TestCx {
    /// On a copy of the template; `None` where the engine is missing.
    pub async fn new(engine: Engine, config: PortalConfig) -> Option<Self> {
        let db = TestDb::new(engine).await?;
        let clock = Arc::new(FixedClock::at(now()));
        let mailer = Arc::new(FakeMailer::default());
        let opened = Db::connect(&db.url).await.expect("the test's database is reached");
        let calendars = Arc::new(FakeCalendarReader::default());
        let cx = make(opened, 2, Arc::clone(&clock), Arc::clone(&mailer), config, Arc::clone(&calendars));
        // As the server does when it starts.
        cx.installation_keys().await.expect("the installation's keys are there");
        Some(Self { cx, clock, mailer, calendars, db })
    }

    /// Runs jobs until none is due.
    pub async fn run_jobs(&self) {
        while jobs::run_due(&self.cx).await.expect("the queue is read") > 0 {}
    }
}

pub(crate) fn simple(db: Db, seed: u64) -> Cx {
    let clock = Arc::new(FixedClock::at(now()));
    make(db, seed, clock, Arc::default(), PortalConfig::default(), Arc::default())
}

pub(crate) async fn close(db: &Db) {
    db.schema().clone().close().await.ok();
    db.read().clone().close().await.ok();
}

fn make(
    db: Db,
    seed: u64,
    clock: Arc<FixedClock>,
    mailer: Arc<FakeMailer>,
    config: PortalConfig,
    calendars: Arc<FakeCalendarReader>,
) -> Cx {
    let keys = Keys::new(&MasterKey::new(MASTER_KEY));
    let providers = Arc::new(OpenIdConnect::new(PATIENCE).expect("a client"));
    Cx::new(db, clock, Arc::new(SeededRng::new(seed)), keys, mailer, config, calendars, providers)
}

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}
