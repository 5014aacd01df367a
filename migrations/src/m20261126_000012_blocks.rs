//! Times that a clinic closes on somebody's schedule, without a visit.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut block = Table::create();
        block
            .table("block")
            .col(uuid("id").primary_key())
            .col(uuid("group_id"))
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(uuid("resource_id"))
            .col(big_integer("start_cell"))
            .col(big_integer("end_cell"))
            .col(blob_null("note"))
            .col(big_integer("made_at"))
            .col(text("made_by_kind"))
            .col(uuid_null("made_by"));
        manager.create_table(block).await?;
        let mut index = Index::create();
        index.name("block_group_id").table("block").col("group_id");
        manager.create_index(index).await?;
        let mut index = Index::create();
        index.name("block_tenant_id_clinic_id").table("block").col("tenant_id").col("clinic_id");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("block").to_owned()).await
    }
}
