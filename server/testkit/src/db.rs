//! A database for one test. The demo's clinics and `lab` are imported once into a template, which every test copies.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use migrations::Migrator;
use portal::Db;
use sea_orm::{ConnectionTrait, Database};
use sea_orm_migration::MigratorTrait;
use tokio::sync::OnceCell;

use crate::{clinics, cx};

const SERVER: &str = "PORTICO_TEST_POSTGRES";
const REQUIRED: &str = "TEST_REQUIRE_POSTGRES";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Call `remove` at the end.
#[derive(Debug)]
pub struct TestDb {
    pub engine: Engine,
    pub url: String,
    /// For whatever else the test keeps in files.
    pub folder: PathBuf,
}

impl TestDb {
    /// With the demo's clinics and `lab`, in a file.
    pub async fn sqlite() -> Self {
        let db = Self::empty_sqlite();
        std::fs::copy(sqlite_template().await, db.folder.join("portico.db")).expect("the template is copied");
        db
    }

    /// The same on the server that PORTICO_TEST_POSTGRES names; `None`, and the test is skipped, without one.
    pub async fn postgres() -> Option<Self> {
        let server = server()?;
        let template = postgres_template(&server).await;
        Some(Self::on_server(&server, &format!("TEMPLATE {template}")).await)
    }

    /// With the demo's clinics and `lab`.
    pub async fn new(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::sqlite().await),
            Engine::Postgres => Self::postgres().await,
        }
    }

    /// Without a single table.
    pub async fn empty(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::empty_sqlite()),
            Engine::Postgres => Some(Self::on_server(&server()?, "").await),
        }
    }

    fn empty_sqlite() -> Self {
        let folder = folder();
        let url = format!("sqlite://{}", folder.join("portico.db").display());
        Self { engine: Engine::Sqlite, url, folder }
    }

    async fn on_server(server: &str, options: &str) -> Self {
        let name = unique();
        statement(server, &format!("CREATE DATABASE {name} {options}")).await;
        Self { engine: Engine::Postgres, url: database(server, &name), folder: folder() }
    }

    /// Takes everything away again. Every pool on it must be closed.
    pub async fn remove(&self) {
        if self.engine == Engine::Postgres
            && let (Some(server), Some((_, name))) = (server(), self.url.rsplit_once('/'))
        {
            statement(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// `None` skips the test, unless the installation says that Postgres must be there.
fn server() -> Option<String> {
    let server = std::env::var(SERVER).ok();
    let required = std::env::var(REQUIRED).is_ok_and(|v| v == "1");
    assert!(server.is_some() || !required, "{REQUIRED} is set, but {SERVER} does not name a server");
    if server.is_none() {
        eprintln!("skipped: {SERVER} does not name a Postgres server");
    }
    server
}

async fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let db = TestDb::empty_sqlite();
            fill(&db.url).await;
            db.folder.join("portico.db")
        })
        .await
}

async fn postgres_template(server: &str) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = unique();
            statement(server, &format!("CREATE DATABASE {name}")).await;
            fill(&database(server, &name)).await;
            name
        })
        .await
}

async fn fill(url: &str) {
    let db = Db::connect(url).await.expect("the template's database is reached");
    Migrator::up(db.schema(), None).await.expect("the template is migrated");
    let cx = cx::simple(db, 1);
    cx.prepare().await.expect("the installation's keys are made");
    for file in [clinics::RIVERSIDE, clinics::NORTHGATE, clinics::HARBOUR, clinics::LAB] {
        clinics::import(&cx, file).await;
    }
    if !cx.db.is_postgres() {
        cx.db.schema().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.expect("the log is emptied");
    }
    cx::close(&cx.db).await;
}

async fn statement(server: &str, sql: &str) {
    let connection = Database::connect(server).await.expect("the Postgres server is reached");
    connection.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    connection.close().await.ok();
}

fn database(server: &str, name: &str) -> String {
    let (server, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}")
}

/// Also across the processes of one machine.
fn unique() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("portico_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(unique());
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).expect("a temporary folder is made");
    folder
}
