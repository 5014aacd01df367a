//! What another system has yet to take over is counted whenever its calendar is looked at: of some ten thousand visits only
//! those are in an index. The builder of indexes knows no condition.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const DUE: &str = "calendar_told_source_id_due";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = "calendar_told (source_id, appointment_id) WHERE due IS NOT NULL";
        manager.get_connection().execute_unprepared(&format!("CREATE INDEX {DUE} ON {columns}")).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(DUE).table("calendar_told").to_owned()).await
    }
}
