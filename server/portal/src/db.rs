//! The database, on either engine, and the one way to write: `Db::write`.
//!
//! SQLite has one writer. Transactions that wait for it share a commit (group commit): each runs in a savepoint of
//! the open transaction, the last of the queue commits, and all are answered after the one fsync. On Postgres a
//! transaction is a transaction.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, Statement, TransactionTrait,
};
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use crate::{
    calendars::Calendars,
    error::{Internal, MayConflict},
    sqlite::{self, Access, Readers},
};

/// Times a transaction is tried again after a conflict (booking rule 12).
const RETRIES: u32 = 3;
/// Most transactions that share one commit.
const BATCH_MOST: usize = 64;

#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    readers: Option<Arc<Readers>>,
    writer: Option<Arc<Writer>>,
    calendars: Arc<Calendars>,
}

/// Ids or rows in one statement: an engine takes only so many parameters.
pub(crate) const AT_ONCE: usize = 500;

impl Db {
    /// Opens `sqlite://path` or `postgres://…`. A SQLite file is made when missing; WAL and `synchronous=FULL`.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        Box::pin(Self::open(url, Access::Whole)).await
    }

    /// For looking alone: the engine refuses every change, and no file is made.
    pub async fn look(url: &str) -> Result<Self, DbErr> {
        Box::pin(Self::open(url, Access::Looking)).await
    }

    /// Boxed by its callers: the compiler counts how deeply futures are nested, and these are deep.
    async fn open(url: &str, access: Access) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let file = sqlite::file(url);
            let calendars = Arc::new(Calendars::default());
            let writer = Arc::new(Writer::new(sqlite::writer(&file, access).await?, Arc::clone(&calendars)));
            let readers = Arc::new(Readers::new(file, access));
            let read = sqlite::reader(Arc::clone(&readers)).await?;
            return Ok(Self { read, readers: Some(readers), writer: Some(writer), calendars });
        }
        let mut options = ConnectOptions::new(url);
        options.max_connections(20).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
        // One in use answered just now: to ask it before every transaction is a round trip more for each.
        options.test_before_acquire_if_idle_for(Duration::from_secs(1));
        if access == Access::Looking {
            options.map_sqlx_postgres_opts(|options| options.options([("default_transaction_read_only", "on")]));
        }
        let read = Database::connect(options).await?;
        Ok(Self { read, readers: None, writer: None, calendars: Arc::default() })
    }

    /// For reading outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// SQLite underneath `read`, for what every search reads and for many rows at once.
    pub(crate) fn sqlite(&self) -> Option<&Readers> {
        self.readers.as_deref()
    }

    /// Everything as of one moment, for looking alone. SQLite's readers answer each statement as of its own.
    pub(crate) async fn snapshot(&self) -> Result<Tx, Internal> {
        let connection = match &self.readers {
            Some(readers) => {
                let alone = sqlite::writer(readers.file(), Access::Looking).await?;
                alone.execute_unprepared("BEGIN").await?;
                TxKind::Sqlite(alone)
            }
            None => {
                let isolation = Some(IsolationLevel::RepeatableRead);
                TxKind::Postgres(Arc::new(self.read.begin_with_config(isolation, None).await?))
            }
        };
        Ok(Tx { connection, touched: Touched::default() })
    }

    pub fn is_postgres(&self) -> bool {
        self.writer.is_none()
    }

    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// The connection that may change the schema; nothing else should use it.
    pub fn schema(&self) -> &DatabaseConnection {
        self.writer.as_ref().map_or(&self.read, |w| &w.conn)
    }

    /// SQLite chooses among indexes by what it found in them when it was asked to look: some rows of each, within
    /// milliseconds, and again when there are many more. Postgres looks by itself.
    pub async fn tend(&self) -> Result<(), Internal> {
        let Some(readers) = &self.readers else { return Ok(()) };
        self.write(|tx| async move {
            for look in ["PRAGMA analysis_limit = 1000", "PRAGMA optimize = 0x10002"] {
                tx.execute_unprepared(look).await?;
            }
            Ok::<_, Internal>(())
        })
        .await?;
        readers.begin_anew();
        Ok(())
    }

    /// Runs `work` in a transaction, again when somebody else's change came first. `work` must not keep its `Tx`,
    /// must not call the outside world, and must not call `write`.
    pub async fn write<T, E, F, Fut>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(Tx) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: MayConflict + Send,
    {
        let mut tried = 0;
        loop {
            let result = match &self.writer {
                Some(writer) => Writer::write(writer, &mut work).await,
                None => write_postgres(self, &mut work).await,
            };
            match result {
                Err(error) if error.is_conflict() && tried < RETRIES => {
                    tried += 1;
                    tokio::time::sleep(jitter(tried)).await;
                }
                other => return other,
            }
        }
    }
}

/// A few milliseconds, different from task to task, longer each time.
fn jitter(tried: u32) -> Duration {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let turn = TURN.fetch_add(7, Ordering::Relaxed) % 13;
    Duration::from_millis(u64::from(tried) * (1 + turn as u64))
}

async fn write_postgres<T, E, F, Fut>(db: &Db, work: &mut F) -> Result<T, E>
where
    F: FnMut(Tx) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: MayConflict,
{
    let transaction = Arc::new(db.read.begin().await.map_err(Internal::from)?);
    let touched = Touched::default();
    let tx = Tx { connection: TxKind::Postgres(Arc::clone(&transaction)), touched: touched.clone() };
    let result = work(tx).await;
    let transaction = Arc::into_inner(transaction).ok_or(Internal::Data("a transaction was kept".into()))?;
    match result {
        Ok(value) => {
            transaction.commit().await.map_err(Internal::from)?;
            touched.take().into_iter().for_each(|clinic| db.calendars.touch(clinic));
            Ok(value)
        }
        Err(error) => {
            transaction.rollback().await.map_err(Internal::from)?;
            Err(error)
        }
    }
}

/// A transaction in progress. Only `Db::write` makes one.
#[derive(Clone)]
pub struct Tx {
    connection: TxKind,
    touched: Touched,
}

impl Tx {
    /// Says that this transaction changes a clinic's calendar.
    pub(crate) fn touch(&self, clinic: Uuid) {
        self.touched.0.lock().unwrap_or_else(PoisonError::into_inner).push(clinic);
    }

    /// Of several transactions that are about one of the same things (keyed hashes, ids) the later ones wait for the
    /// earlier one's end. What counts rows before it adds one needs it, because two that count at once both see too few.
    /// SQLite has one writer anyway.
    pub(crate) async fn wait_for_others(&self, about: &[&[u8]]) -> Result<(), Internal> {
        let TxKind::Postgres(connection) = &self.connection else { return Ok(()) };
        let number = |about: &&[u8]| {
            let mut first = [0; 8];
            first.iter_mut().zip(about.iter()).for_each(|(to, from)| *to = *from);
            i64::from_be_bytes(first)
        };
        // Always in one order, so that no two wait for each other.
        let numbers: std::collections::BTreeSet<i64> = about.iter().map(number).collect();
        for number in numbers {
            let sql = "SELECT pg_advisory_xact_lock($1)";
            connection.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [number.into()])).await?;
        }
        Ok(())
    }
}

/// Clinics whose calendars a transaction changes.
#[derive(Clone, Default)]
struct Touched(Arc<std::sync::Mutex<Vec<Uuid>>>);

impl Touched {
    fn take(&self) -> Vec<Uuid> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Clone)]
enum TxKind {
    Sqlite(DatabaseConnection),
    Postgres(Arc<DatabaseTransaction>),
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.connection {
            TxKind::Sqlite(_) => DbBackend::Sqlite,
            TxKind::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.connection {
            TxKind::Sqlite(c) => c.execute_raw(statement).await,
            TxKind::Postgres(c) => c.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.connection {
            TxKind::Sqlite(c) => c.execute_unprepared(sql).await,
            TxKind::Postgres(c) => c.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.connection {
            TxKind::Sqlite(c) => c.query_one_raw(statement).await,
            TxKind::Postgres(c) => c.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.connection {
            TxKind::Sqlite(c) => c.query_all_raw(statement).await,
            TxKind::Postgres(c) => c.query_all_raw(statement).await,
        }
    }
}

/// SQLite's one writer.
struct Writer {
    conn: DatabaseConnection,
    calendars: Arc<Calendars>,
    slot: Mutex<Slot>,
    waiting: AtomicUsize,
}

/// The open transaction, if any, and who shares it.
#[derive(Default)]
struct Slot {
    open: bool,
    /// Transactions already finished in the open one.
    members: usize,
    /// Set while a member works; still set when the next one comes only if the member was dropped half-way.
    working: bool,
    /// What the finished ones changed.
    touched: Vec<Uuid>,
    /// Told `Some(committed)` when the open transaction ends.
    outcome: Option<watch::Sender<Option<bool>>>,
}

impl Writer {
    fn new(conn: DatabaseConnection, calendars: Arc<Calendars>) -> Self {
        Self { conn, calendars, slot: Mutex::default(), waiting: AtomicUsize::new(0) }
    }

    async fn write<T, E, F, Fut>(this: &Arc<Self>, work: &mut F) -> Result<T, E>
    where
        F: FnMut(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: MayConflict,
    {
        let mut leave = Leave { writer: Arc::clone(this), queued: true, done: false };
        this.waiting.fetch_add(1, Ordering::SeqCst);
        let mut slot = this.slot.lock().await;
        leave.unqueue();
        this.enter(&mut slot).await?;
        let touched = Touched::default();
        let tx = Tx { connection: TxKind::Sqlite(this.conn.clone()), touched: touched.clone() };
        let result = work(tx).await;
        let outcome = slot.outcome.as_ref().map(watch::Sender::subscribe);
        if result.is_ok() {
            slot.touched.extend(touched.take());
        }
        let left = this.leave(&mut slot, result.is_ok()).await;
        drop(slot);
        leave.done = true;
        // Its own refusal is the better answer than what became of the others.
        let value = result?;
        left?;
        if let Some(mut outcome) = outcome {
            let committed = outcome.wait_for(Option::is_some).await.is_ok_and(|o| *o == Some(true));
            if !committed {
                return Err(Internal::Conflict.into());
            }
        }
        Ok(value)
    }

    /// Opens the transaction or joins it.
    async fn enter(&self, slot: &mut Slot) -> Result<(), Internal> {
        self.recover(slot).await?;
        if slot.open {
            self.sql("SAVEPOINT member").await?;
        } else {
            if let Err(error) = self.sql("BEGIN IMMEDIATE").await {
                // Should a transaction be open that nobody knows of, it must not stand in the way for ever.
                self.sql("ROLLBACK").await.ok();
                return Err(error);
            }
            *slot = Slot { open: true, outcome: Some(watch::Sender::new(None)), ..Slot::default() };
        }
        slot.working = true;
        Ok(())
    }

    /// Ends a member's part, and the whole transaction when nobody waits. Also after an error no member is left open.
    async fn leave(&self, slot: &mut Slot, keep: bool) -> Result<(), Internal> {
        if keep {
            if slot.members > 0 {
                self.savepoint(slot, "RELEASE member").await?;
            }
            slot.working = false;
            slot.members += 1;
        } else {
            self.recover(slot).await?;
        }
        if slot.open && (self.waiting.load(Ordering::SeqCst) == 0 || slot.members >= BATCH_MOST) {
            self.commit(slot).await?;
        }
        Ok(())
    }

    /// Takes back the part of a member that failed or was dropped half-way.
    async fn recover(&self, slot: &mut Slot) -> Result<(), Internal> {
        if !slot.working {
            return Ok(());
        }
        if slot.members > 0 {
            self.savepoint(slot, "ROLLBACK TO member").await?;
            self.savepoint(slot, "RELEASE member").await?;
            slot.working = false;
        } else {
            self.abandon(slot).await;
        }
        Ok(())
    }

    /// SQLite ends the whole transaction by itself when the disk fails, and with it every savepoint: then nobody in it
    /// may be told that it was done.
    async fn savepoint(&self, slot: &mut Slot, sql: &str) -> Result<(), Internal> {
        let done = self.sql(sql).await;
        if done.is_err() {
            self.abandon(slot).await;
        }
        done
    }

    async fn abandon(&self, slot: &mut Slot) {
        let ended = std::mem::take(slot);
        self.sql("ROLLBACK").await.ok();
        if let Some(outcome) = ended.outcome {
            outcome.send_replace(Some(false));
        }
    }

    async fn commit(&self, slot: &mut Slot) -> Result<(), Internal> {
        let ended = std::mem::take(slot);
        let result = self.sql("COMMIT").await;
        if result.is_err() {
            // The transaction may still be open; it must not leak into the next one.
            self.sql("ROLLBACK").await.ok();
        } else {
            ended.touched.into_iter().for_each(|clinic| self.calendars.touch(clinic));
        }
        if let Some(outcome) = ended.outcome {
            outcome.send_replace(Some(result.is_ok()));
        }
        result
    }

    async fn sql(&self, sql: &str) -> Result<(), Internal> {
        self.conn.execute_unprepared(sql).await?;
        Ok(())
    }
}

/// Sees to it that a caller who goes away (a closed connection) leaves no transaction open behind it.
struct Leave {
    writer: Arc<Writer>,
    queued: bool,
    done: bool,
}

impl Leave {
    fn unqueue(&mut self) {
        if std::mem::take(&mut self.queued) {
            self.writer.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.unqueue();
        if self.done {
            return;
        }
        let writer = Arc::clone(&self.writer);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let mut slot = writer.slot.lock().await;
                let recovered = writer.recover(&mut slot).await;
                if recovered.is_ok() && slot.open && writer.waiting.load(Ordering::SeqCst) == 0 {
                    writer.commit(&mut slot).await.ok();
                }
            });
        }
    }
}
