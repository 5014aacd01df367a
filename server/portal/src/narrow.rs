//! Reading many rows of few columns: on SQLite as they come, without sea-orm's map of named values for each, which for some
//! hundred rows takes longer than finding them.

use rusqlite::Row;
use sea_orm::{DbBackend, DbErr, EntityTrait, FromQueryResult, QueryTrait, Select};

use crate::db::Db;

/// What is made of such a row.
pub(crate) trait Narrow: FromQueryResult {
    /// The query's columns, in its order.
    const COLUMNS: &'static [&'static str];

    fn of(row: &Row<'_>) -> rusqlite::Result<Self>;
}

/// A struct whose fields are a query's columns, in its order.
macro_rules! narrow {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(sea_orm::FromQueryResult)]
        struct $name {
            $($field: $kind),+
        }

        impl $crate::narrow::Narrow for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
                let mut columns = 0..;
                let mut next = || columns.next().unwrap_or_default();
                Ok(Self { $($field: row.get(next())?),+ })
            }
        }
    };
}
pub(crate) use narrow;

impl Db {
    /// All rows of a query that selects a narrow struct's columns.
    pub(crate) async fn narrow<E: EntityTrait, T: Narrow>(&self, select: Select<E>) -> Result<Vec<T>, DbErr> {
        match self.sqlite() {
            Some(sqlite) => sqlite.narrow(&select.build(DbBackend::Sqlite), T::COLUMNS, T::of),
            None => select.into_model::<T>().all(self.read()).await,
        }
    }
}
