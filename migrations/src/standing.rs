//! How a database stands to this program's migrations. Only looks: the migrator itself makes a table before it answers.

use std::collections::BTreeSet;

use sea_orm_migration::{
    prelude::{MigrationName, MigratorTrait},
    sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, Statement},
    seaql_migrations,
};

use crate::Migrator;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// No migration has ever run.
    Empty,
    /// These have not run yet, in their order.
    Older(Vec<String>),
    /// These ran, and this program does not know them: a newer one was here.
    Newer(Vec<String>),
}

pub async fn standing(db: &impl ConnectionTrait) -> Result<Standing, DbErr> {
    if !has_migrations(db).await? {
        return Ok(Standing::Empty);
    }
    let rows = seaql_migrations::Entity::find().all(db).await?;
    let mut ran: BTreeSet<String> = rows.into_iter().map(|row| row.version).collect();
    if ran.is_empty() {
        return Ok(Standing::Empty);
    }
    let known: Vec<String> =
        Migrator::migrations().iter().map(|one| MigrationName::name(one.as_ref()).to_owned()).collect();
    let missing: Vec<String> = known.into_iter().filter(|name| !ran.remove(name)).collect();
    Ok(match (ran.is_empty(), missing.is_empty()) {
        (false, _) => Standing::Newer(ran.into_iter().collect()),
        (true, false) => Standing::Older(missing),
        (true, true) => Standing::Current,
    })
}

async fn has_migrations(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'seaql_migrations'",
        _ => {
            "SELECT table_name FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'seaql_migrations'"
        }
    };
    Ok(db.query_one_raw(Statement::from_string(backend, sql)).await?.is_some())
}
