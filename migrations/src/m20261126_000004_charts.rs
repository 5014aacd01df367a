//! Charts that clinics bring along: what else a chart says, the keys it is found by, activation codes, claims, cases for
//! the clinic to look at, and merges.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 5] = ["chart_key", "activation_code", "chart_claim", "match_case", "chart_merge"];
const PATIENT: [&str; 8] = ["number", "number_key", "sex", "address", "language", "deceased", "active", "merged_into"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in patient_columns() {
            manager.alter_table(Table::alter().table("patient").add_column(&mut column).to_owned()).await?;
        }
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("patient_number_key").table("patient").to_owned()).await?;
        for table in TABLES.into_iter().rev() {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for column in PATIENT {
            manager.alter_table(Table::alter().table("patient").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn patient_columns() -> Vec<ColumnDef> {
    let [number, number_key, sex, address, language, deceased, active, merged_into] = PATIENT;
    vec![
        blob_null(number),
        blob_null(number_key),
        blob_null(sex),
        blob_null(address),
        blob_null(language),
        boolean(deceased).default(false).to_owned(),
        boolean(active).default(true).to_owned(),
        uuid_null(merged_into),
    ]
}

fn table(name: &'static str, columns: Vec<ColumnDef>, key: &[&'static str]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(*column);
    }
    table.primary_key(&mut primary);
    table
}

fn tables() -> Vec<TableCreateStatement> {
    let [keys, codes, claims, cases, merges] = TABLES;
    vec![
        table(keys, vec![uuid("tenant_id"), blob("key"), uuid("patient_id")], &["tenant_id", "key", "patient_id"]),
        table(
            codes,
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("patient_id"),
                blob("code_key"),
                big_integer("attempts"),
                big_integer("made_at"),
                big_integer("expires_at"),
                big_integer_null("used_at"),
            ],
            &["id"],
        ),
        table(
            claims,
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("clinic_id"),
                uuid("account_id"),
                blob("particulars"),
                text("state"),
                uuid_null("patient_id"),
                blob("code_hash"),
                big_integer("attempts"),
                big_integer("made_at"),
                big_integer("expires_at"),
            ],
            &["id"],
        ),
        table(
            cases,
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("clinic_id"),
                text("kind"),
                uuid("patient_id"),
                uuid_null("other_id"),
                uuid_null("account_id"),
                blob_null("particulars"),
                big_integer("weight"),
                text("state"),
                big_integer("made_at"),
                big_integer_null("decided_at"),
                text_null("decided_by_kind"),
                uuid_null("decided_by"),
            ],
            &["id"],
        ),
        table(
            merges,
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("kept_id"),
                uuid("gone_id"),
                text("moved"),
                text("by_kind"),
                uuid_null("by_id"),
                big_integer("at"),
                big_integer_null("undone_at"),
            ],
            &["id"],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("patient_number_key", "patient", &["tenant_id", "number_key"]).unique().to_owned(),
        index("chart_key_patient_id", "chart_key", &["tenant_id", "patient_id"]),
        index("activation_code_code_key", "activation_code", &["code_key"]).unique().to_owned(),
        index("activation_code_patient_id", "activation_code", &["tenant_id", "patient_id"]),
        index("chart_claim_account_id", "chart_claim", &["account_id", "made_at"]),
        index("match_case_tenant_id_state", "match_case", &["tenant_id", "state", "made_at"]),
        index("chart_merge_gone_id", "chart_merge", &["tenant_id", "gone_id"]),
        index("chart_merge_kept_id", "chart_merge", &["tenant_id", "kept_id"]),
    ]
}
