//! Where somebody registered without a visit: that clinic's patient from then on.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = Index::create();
        key.col("tenant_id").col("patient_id").col("clinic_id");
        let mut table = Table::create();
        table
            .table("registration")
            .col(uuid("tenant_id"))
            .col(uuid("patient_id"))
            .col(uuid("clinic_id"))
            .col(uuid("account_id"))
            .col(big_integer("at"))
            .primary_key(&mut key);
        manager.create_table(table).await?;
        let mut index = Index::create();
        index.name("registration_account_id").table("registration").col("account_id").col("at");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("registration").to_owned()).await
    }
}
