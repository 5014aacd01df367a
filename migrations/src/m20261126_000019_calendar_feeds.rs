//! Links by which somebody's own calendar shows when they are booked.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut feed = Table::create();
        feed.table("calendar_feed")
            .col(uuid("id").primary_key())
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(uuid("resource_id"))
            .col(blob("token_hash"))
            .col(big_integer("made_at"))
            .col(uuid_null("made_by"))
            .col(big_integer_null("read_at"))
            .col(big_integer_null("ended_at"));
        manager.create_table(feed).await?;
        let mut index = Index::create();
        index.name("calendar_feed_token_hash").table("calendar_feed").col("token_hash").unique();
        manager.create_index(index).await?;
        let mut index = Index::create();
        index.name("calendar_feed_tenant_id_clinic_id").table("calendar_feed").col("tenant_id").col("clinic_id");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("calendar_feed").to_owned()).await
    }
}
