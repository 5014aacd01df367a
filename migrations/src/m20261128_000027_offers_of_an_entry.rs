//! Offers are looked for by tenant and entry. With the entry alone in its index, SQLite took the tenant's instead and went
//! through every offer that ever was.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const BEFORE: &str = "waitlist_offer_entry_id";
const NOW: &str = "waitlist_offer_tenant_id_entry_id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name(NOW).table("waitlist_offer").col("tenant_id").col("entry_id").col("made_at");
        manager.create_index(index).await?;
        manager.drop_index(Index::drop().name(BEFORE).table("waitlist_offer").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name(BEFORE).table("waitlist_offer").col("entry_id").col("made_at");
        manager.create_index(index).await?;
        manager.drop_index(Index::drop().name(NOW).table("waitlist_offer").to_owned()).await
    }
}
