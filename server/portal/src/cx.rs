//! The one context: everything a use case may reach, made once in the server's `wiring`.

use std::{ops::Deref, sync::Arc};

use jiff::Timestamp;
use ports::{CalendarReader, Clock, IdentityProvider, Mailer, Rng};
use uuid::Uuid;

use crate::{
    clinic::Clinics,
    db::Db,
    error::Internal,
    jobs::JobBell,
    keys::{INSTALLATION, Keys, ScopeKeys},
    reconcile::CalendarBell,
};

/// Cheap to clone.
#[derive(Clone)]
pub struct Cx(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub keys: Arc<Keys>,
    pub mailer: Arc<dyn Mailer>,
    /// Networks' single sign-on.
    pub providers: Arc<dyn IdentityProvider>,
    pub config: PortalConfig,
    /// Clinics' own calendars.
    pub calendar_reader: Arc<dyn CalendarReader>,
    pub clinics: Clinics,
    /// Rung when a job was queued, so that the worker need not wait for its next look.
    pub job_bell: JobBell,
    pub calendar_bell: CalendarBell,
}

/// What use cases need to know of the installation.
#[derive(Clone, Debug)]
pub struct PortalConfig {
    /// Without a trailing slash.
    pub public_url: String,
    /// Sender's address of every mail.
    pub mail_from: String,
    /// Most live holds of one browser, and of one network address (booking rule 13).
    pub holds_per_browser: u64,
    pub holds_per_address: u64,
    /// Codes sent in an hour to one address, from one browser; from one network address; and in all. What strangers ask
    /// for counts apart from what browsers that an account knows ask for.
    pub codes_per_hour: u64,
    pub codes_per_network: u64,
    pub codes_in_all: u64,
    /// Hours between a right recovery code and a new address.
    pub recovery_hours: i64,
    /// A signed-in session ends after so many minutes of rest, and after so many in all.
    pub session_idle_minutes: i64,
    pub session_minutes: i64,
    /// A desk locks when nobody did anything at it for so long, and closes so long after it was opened.
    pub staff_idle_minutes: i64,
    pub staff_minutes: i64,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:3000".to_owned(),
            mail_from: "portico@example.com".to_owned(),
            holds_per_browser: 3,
            holds_per_address: 40,
            codes_per_hour: 5,
            codes_per_network: 60,
            codes_in_all: 10_000,
            recovery_hours: 24,
            session_idle_minutes: 60,
            session_minutes: 24 * 60,
            staff_idle_minutes: 15,
            staff_minutes: 12 * 60,
        }
    }
}

impl Cx {
    #[expect(clippy::too_many_arguments, reason = "the whole outside world, put together once")]
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        keys: Keys,
        mailer: Arc<dyn Mailer>,
        config: PortalConfig,
        calendar_reader: Arc<dyn CalendarReader>,
        providers: Arc<dyn IdentityProvider>,
    ) -> Self {
        let keys = Arc::new(keys);
        Self(Arc::new(Inner {
            db,
            clock,
            rng,
            keys,
            mailer,
            providers,
            config,
            calendar_reader,
            clinics: Clinics::default(),
            job_bell: JobBell::default(),
            calendar_bell: CalendarBell::default(),
        }))
    }

    /// The same database and keys with another clock, chance and mail: for making demo data.
    pub(crate) fn elsewhere(&self, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, mailer: Arc<dyn Mailer>) -> Self {
        Self(Arc::new(Inner {
            db: self.db.clone(),
            clock,
            rng,
            keys: Arc::clone(&self.keys),
            mailer,
            providers: Arc::clone(&self.providers),
            config: self.config.clone(),
            calendar_reader: Arc::clone(&self.calendar_reader),
            clinics: Clinics::default(),
            job_bell: JobBell::default(),
            calendar_bell: CalendarBell::default(),
        }))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// UTC milliseconds, as the database keeps instants.
    pub fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    pub fn id(&self) -> Uuid {
        ports::new_id(self.clock.as_ref(), self.rng.as_ref())
    }

    /// 256 bits that cannot be guessed, as text for cookies, links and headers.
    pub fn token(&self) -> String {
        let mut bytes = [0_u8; 32];
        self.rng.fill(&mut bytes);
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    }

    /// Keys of what belongs to no tenant.
    pub async fn installation_keys(&self) -> Result<Arc<ScopeKeys>, Internal> {
        self.keys.scope(self.db.read(), INSTALLATION).await
    }

    /// Makes what every installation needs. Safe to call at every start.
    pub async fn prepare(&self) -> Result<(), Internal> {
        let cx = self;
        self.db
            .write(|tx| async move { cx.keys.create_scope(&tx, cx.rng.as_ref(), INSTALLATION, cx.now_ms()).await })
            .await
    }
}

impl Deref for Cx {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
