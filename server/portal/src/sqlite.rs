//! SQLite by rusqlite, underneath sea-orm. A statement runs in the thread that asks for it and takes some microseconds;
//! sqlx gives every connection a thread of its own, and the way there and back takes longer than a booking's whole
//! work (README, decisions). Only BEGIN and COMMIT wait, for another process's lock or for the disk: the runtime is
//! told, so that other requests go on meanwhile.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, Row, ToSql,
    config::DbConfig,
    ffi, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};
use sea_orm::{
    Database, DatabaseConnection, DbBackend, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, RuntimeErr,
    Statement, Value, sqlx,
};
use tokio::runtime::{Handle, RuntimeFlavor};
use uuid::Uuid;

/// Another process may hold the write lock for so long before "busy".
const BUSY: Duration = Duration::from_secs(10);
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 256;

/// The path of `sqlite://path`, without what may follow it.
pub(crate) fn file(url: &str) -> PathBuf {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().unwrap_or(path).into()
}

/// What may be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everything; the file is made when it is missing.
    Whole,
    Looking,
}

/// The one connection that writes.
pub(crate) async fn writer(file: &Path, access: Access) -> Result<DatabaseConnection, DbErr> {
    connect(Writer(Mutex::new(open(file, access)?))).await
}

/// The connection of sea-orm for these.
pub(crate) async fn reader(readers: Arc<Readers>) -> Result<DatabaseConnection, DbErr> {
    connect(Reader(readers)).await
}

/// Busy or locked by another process, or a row that a twin inserted first.
pub(crate) fn is_conflict(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|e| {
        matches!(e.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            || [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY].contains(&e.extended_code)
    })
}

async fn connect(proxy: impl ProxyDatabaseTrait + 'static) -> Result<DatabaseConnection, DbErr> {
    Database::connect_proxy(DbBackend::Sqlite, Arc::new(Box::new(proxy))).await
}

fn open(file: &Path, access: Access) -> Result<Connection, DbErr> {
    if access == Access::Looking {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(conn)?;
        connection.busy_timeout(BUSY).map_err(conn)?;
        return Ok(connection);
    }
    let connection = Connection::open(file).map_err(conn)?;
    connection.busy_timeout(BUSY).map_err(conn)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A savepoint's undo log is kept in memory: on disk it was three writes of four (README, decisions).
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY",
        )
        .map_err(conn)?;
    // Otherwise each new value for a `LIMIT ?` has the statement parsed and planned anew: five times a booking.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(conn)?;
    Ok(connection)
}

#[derive(Debug)]
struct Writer(Mutex<Connection>);

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Writer {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        query(&self.0.lock().unwrap_or_else(PoisonError::into_inner), &statement)
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let run = || execute(&self.0.lock().unwrap_or_else(PoisonError::into_inner), &statement);
        if matches!(statement.sql.as_str(), "BEGIN IMMEDIATE" | "COMMIT") { waiting(run) } else { run() }
    }
}

#[derive(Debug)]
struct Reader(Arc<Readers>);

/// For reading, from any number of threads at once.
#[derive(Debug)]
pub(crate) struct Readers {
    file: PathBuf,
    access: Access,
    /// A read holds a connection without ever waiting, so there are never more than threads.
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(file: PathBuf, access: Access) -> Self {
        Self { file, access, idle: Mutex::default() }
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// A statement's rows as they come, without sea-orm's maps of named values: for what every search asks.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = impl ToSql>,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, DbErr> {
        self.with(|connection| {
            let mut prepared = connection.prepare_cached(sql).map_err(failed)?;
            prepared.query_map(params_from_iter(values), row).and_then(Iterator::collect).map_err(failed)
        })
    }

    /// The same of a statement that sea-orm built: its columns must be those that `row` reads, in that order.
    pub(crate) fn narrow<T>(
        &self,
        statement: &Statement,
        columns: &[&str],
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, DbErr> {
        self.with(|connection| {
            let mut prepared = connection.prepare_cached(&statement.sql).map_err(failed)?;
            if prepared.column_names() != columns {
                return Err(DbErr::Type(format!("{:?} are not {columns:?}", prepared.column_names())));
            }
            let found = prepared.query_map(params_from_iter(bound(statement)?), row);
            found.and_then(Iterator::collect).map_err(failed)
        })
    }

    /// A connection knows what was found in the indexes when it was opened.
    pub(crate) fn begin_anew(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, DbErr>) -> Result<T, DbErr> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let connection = match taken {
            Some(connection) => connection,
            None => open(&self.file, self.access)?,
        };
        let result = work(&connection);
        idle().push(connection);
        result
    }
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Reader {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.0.with(|connection| query(connection, &statement))
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        self.0.with(|connection| execute(connection, &statement))
    }
}

/// Lets the thread's other tasks go on elsewhere.
fn waiting<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|h| h.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn query(connection: &Connection, statement: &Statement) -> Result<Vec<ProxyRow>, DbErr> {
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(failed)?;
    let columns: Vec<(String, Kind)> =
        prepared.columns().iter().map(|c| (c.name().to_owned(), Kind::of(c.decl_type()))).collect();
    let mut found = prepared.query(params_from_iter(bound(statement)?)).map_err(failed)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        rows.push(ProxyRow::new(values(row, &columns)?));
    }
    Ok(rows)
}

fn execute(connection: &Connection, statement: &Statement) -> Result<ProxyExecResult, DbErr> {
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(failed)?;
    // A pragma answers with rows that nobody wants.
    let mut rows = prepared.query(params_from_iter(bound(statement)?)).map_err(failed)?;
    while rows.next().map_err(failed)?.is_some() {}
    drop(rows);
    // sea-orm asks for the id of every insert; no table here counts its rows.
    Ok(ProxyExecResult::new(0, connection.changes()))
}

fn bound(statement: &Statement) -> Result<Vec<ToSqlOutput<'_>>, DbErr> {
    statement.values.iter().flat_map(|v| &v.0).map(sql_value).collect()
}

fn sql_value(value: &Value) -> Result<ToSqlOutput<'_>, DbErr> {
    let bytes = |b: &'_ [u8]| ToSqlOutput::Owned(rusqlite::types::Value::Blob(b.to_vec()));
    let null = || ToSqlOutput::Borrowed(ValueRef::Null);
    let integer = |i: i64| ToSqlOutput::Borrowed(ValueRef::Integer(i));
    Ok(match value {
        Value::Bool(v) => v.map_or_else(null, |v| integer(v.into())),
        Value::Int(v) => v.map_or_else(null, |v| integer(v.into())),
        Value::BigInt(v) => v.map_or_else(null, integer),
        // LIMIT and OFFSET.
        Value::BigUnsigned(v) => v.map_or_else(null, |v| integer(i64::try_from(v).unwrap_or(i64::MAX))),
        Value::String(v) => v.as_ref().map_or_else(null, |v| ToSqlOutput::Borrowed(ValueRef::Text(v.as_bytes()))),
        Value::Bytes(v) => v.as_ref().map_or_else(null, |v| ToSqlOutput::Borrowed(ValueRef::Blob(v))),
        Value::Uuid(v) => v.map_or_else(null, |v| bytes(v.as_bytes())),
        other => return Err(DbErr::Type(format!("SQLite is given no {other:?} here"))),
    })
}

/// What a column holds, as its table declares it. SQLite itself knows no Booleans, no UUIDs and integers of one size
/// only: entities use `i64`.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Integer,
    Text,
    Bytes,
    Uuid,
    /// An expression, such as a count: as it comes.
    Any,
}

impl Kind {
    fn of(declared: Option<&str>) -> Self {
        let Some(declared) = declared else { return Self::Any };
        let is = |word: &str| declared.len() >= word.len() && declared[..word.len()].eq_ignore_ascii_case(word);
        match () {
            () if is("bool") => Self::Bool,
            () if is("int") || is("bigint") => Self::Integer,
            () if is("uuid") => Self::Uuid,
            () if is("blob") => Self::Bytes,
            () if is("text") || is("varchar") => Self::Text,
            () => Self::Any,
        }
    }

    fn null(self) -> Value {
        match self {
            Self::Bool => Value::Bool(None),
            Self::Integer | Self::Any => Value::BigInt(None),
            Self::Text => Value::String(None),
            Self::Bytes => Value::Bytes(None),
            Self::Uuid => Value::Uuid(None),
        }
    }

    fn value(self, stored: ValueRef<'_>) -> Option<Value> {
        Some(match (self, stored) {
            (kind, ValueRef::Null) => kind.null(),
            (Self::Bool, ValueRef::Integer(i)) => Value::Bool(Some(i != 0)),
            (Self::Integer | Self::Any, ValueRef::Integer(i)) => Value::BigInt(Some(i)),
            (Self::Text | Self::Any, ValueRef::Text(text)) => {
                Value::String(Some(std::str::from_utf8(text).ok()?.to_owned()))
            }
            (Self::Bytes | Self::Any, ValueRef::Blob(bytes)) => Value::Bytes(Some(bytes.to_vec())),
            (Self::Uuid, ValueRef::Blob(bytes)) => Value::Uuid(Some(Uuid::from_slice(bytes).ok()?)),
            _ => return None,
        })
    }
}

fn values(row: &Row<'_>, columns: &[(String, Kind)]) -> Result<BTreeMap<String, Value>, DbErr> {
    let read = |(at, (name, kind)): (usize, &(String, Kind))| {
        let value = kind.value(row.get_ref(at).map_err(failed)?);
        let value = value.ok_or_else(|| DbErr::Type(format!("the column {name} holds something else")))?;
        Ok((name.clone(), value))
    };
    columns.iter().enumerate().map(read).collect()
}

/// Kept whole, so that `is_conflict` can be asked of it.
fn failed(error: rusqlite::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(sqlx::Error::AnyDriverError(Box::new(error)))))
}

fn conn(error: rusqlite::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(error.to_string()))
}
