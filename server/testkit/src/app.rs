//! The real router behind a real port, on a database of its own.

use std::{
    net::SocketAddr,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::ServiceExt;
use portal::{Scope, api_keys, doctor, jobs};
use sea_orm::{ConnectionTrait, Statement};
use server::config::Config;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{Caller, Engine, TestCx, cx};

/// Cheap to clone. Derefs to its `TestCx`.
#[derive(Clone)]
pub struct TestApp(Arc<Inner>);

pub struct Inner {
    test: TestCx,
    url: String,
    client: reqwest::Client,
    server: JoinHandle<()>,
    sick: AtomicBool,
}

impl TestApp {
    /// Requests are not limited unless the changed configuration says so. `None` where the engine is missing.
    pub(crate) async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Option<Self> {
        let most = u32::MAX;
        let mut config = Config {
            visitor_burst: most,
            visitor_per_second: most,
            api_burst: most,
            api_per_second: most,
            holds_per_address: 5_000,
            trusted_proxies: "127.0.0.1".to_owned(),
            ..Config::default()
        };
        change(&mut config);
        let test = TestCx::new(engine, server::wiring::portal_config(&config)).await?;
        config.data_dir.clone_from(&test.db.folder);
        config.site_dir = test.db.folder.join("site");
        let router = server::serve::router(test.cx.clone(), Arc::new(config), false);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, service).await.ok();
        });
        // reqwest has none of its own; `adapters` uses this one.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Some(Self(Arc::new(Inner { test, url, client, server, sick: AtomicBool::new(false) })))
    }

    /// A program without a key.
    pub fn anonymous(&self) -> Caller {
        Caller::new(self.clone())
    }

    /// A clinic's program with a new key for both scopes.
    pub async fn program(&self, clinic: &str) -> Caller {
        self.program_with(clinic, &[Scope::AppointmentsRead, Scope::AppointmentsWrite]).await
    }

    pub async fn program_with(&self, clinic: &str, scopes: &[Scope]) -> Caller {
        self.program_of(clinic, api_keys::Reach::Clinic, scopes).await
    }

    pub async fn program_of(&self, clinic: &str, reach: api_keys::Reach, scopes: &[Scope]) -> Caller {
        let key = api_keys::create(&self.cx, clinic, reach, "Test", scopes).await.expect("a key is made");
        Caller::new(self.clone()).with_key(&key.expect("the clinic is there"))
    }

    /// A browser whose owner proved the address.
    pub async fn patient(&self, email: &str) -> Caller {
        let mut browser = Caller::new(self.clone());
        browser.sign_in(email).await;
        browser
    }

    /// One number from the database.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = self.cx.db.read();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
        let row = row.unwrap_or_else(|e| panic!("{sql}: {e}")).expect("one row");
        row.try_get_by_index::<i64>(0).expect("one number")
    }

    /// Changes the database behind everybody's back.
    pub async fn tamper(&self, sql: &str) {
        self.cx.db.schema().execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// The doctor's findings.
    pub async fn problems(&self) -> Vec<String> {
        doctor::examine(&self.cx.db, self.cx.now_ms()).await.expect("the doctor can look").problems
    }

    /// This test breaks things on purpose, so nobody looks at what it leaves behind.
    pub fn is_sick(&self) {
        self.0.sick.store(true, Ordering::Relaxed);
    }

    /// What every test must leave behind: no dead job, and every booking invariant.
    pub(crate) async fn check(&self) {
        if self.0.sick.load(Ordering::Relaxed) {
            return;
        }
        self.run_jobs().await;
        let (_, dead) = jobs::counts(&self.cx.db).await.expect("the queue is read");
        assert_eq!(dead, 0, "dead jobs were left behind");
        assert_eq!(self.problems().await, Vec::<String>::new());
    }

    pub(crate) async fn stop(&self) {
        self.0.server.abort();
        cx::close(&self.cx.db).await;
        self.db.remove().await;
    }
}

impl Deref for TestApp {
    type Target = TestCx;
    fn deref(&self) -> &TestCx {
        &self.0.test
    }
}

impl TestApp {
    pub fn url(&self) -> &str {
        &self.0.url
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.0.client
    }
}
