//! Where somebody registered without a visit: that clinic's patient from then on. And indexes for what each registration
//! asks: claims of a chart, and cases about it.

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
        manager.create_index(index).await?;
        let mut index = Index::create();
        index.name("chart_claim_patient_id").table("chart_claim").col("patient_id").col("made_at");
        manager.create_index(index).await?;
        let mut index = Index::create();
        index.name("match_case_patient_id").table("match_case").col("patient_id").col("other_id");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("match_case_patient_id").table("match_case").to_owned()).await?;
        manager.drop_index(Index::drop().name("chart_claim_patient_id").table("chart_claim").to_owned()).await?;
        manager.drop_table(Table::drop().table("registration").to_owned()).await
    }
}
