//! A clinic registers people, too: such a registration is no account's. The table is made anew, because SQLite changes no
//! column.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

async fn made_anew(manager: &SchemaManager<'_>, account: ColumnDef, rows: &str) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().name("registration_account_id").table("registration").to_owned()).await?;
    manager.rename_table(Table::rename().table("registration", "registration_before").to_owned()).await?;
    let mut key = Index::create();
    key.col("tenant_id").col("patient_id").col("clinic_id");
    let mut table = Table::create();
    table
        .table("registration")
        .col(uuid("tenant_id"))
        .col(uuid("patient_id"))
        .col(uuid("clinic_id"))
        .col(account)
        .col(big_integer("at"))
        .primary_key(&mut key);
    manager.create_table(table).await?;
    let copied = format!(
        "INSERT INTO registration (tenant_id, patient_id, clinic_id, account_id, at)
         SELECT tenant_id, patient_id, clinic_id, account_id, at FROM registration_before {rows}"
    );
    manager.get_connection().execute_unprepared(&copied).await?;
    manager.drop_table(Table::drop().table("registration_before").to_owned()).await?;
    let mut index = Index::create();
    index.name("registration_account_id").table("registration").col("account_id").col("at");
    manager.create_index(index).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        made_anew(manager, uuid_null("account_id"), "").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        made_anew(manager, uuid("account_id"), "WHERE account_id IS NOT NULL").await
    }
}
