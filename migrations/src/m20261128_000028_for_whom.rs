//! Whether a visit was cancelled for the clinic or for the patient: a program does either.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = boolean("by_clinic");
        column.default(false);
        manager.alter_table(Table::alter().table("appointment_event").add_column(&mut column).to_owned()).await?;
        // Until now it was told by who did it.
        let before = "UPDATE appointment_event SET by_clinic = TRUE WHERE kind = 'cancelled' AND actor_kind IN ('staff', 'system')";
        manager.get_connection().execute_unprepared(before).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("appointment_event").drop_column("by_clinic").to_owned()).await
    }
}
