//! The first tables. What each is for stands in the entity file of the same name.

use sea_orm_migration::{prelude::*, schema::*};

use crate::foundation_indexes;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// In the order they are made; dropped in reverse.
const TABLES: [&str; 23] = [
    "keyring",
    "tenant",
    "clinic",
    "clinic_facet",
    "service",
    "resource",
    "offering",
    "occupancy",
    "allocation",
    "hold",
    "patient",
    "appointment",
    "appointment_event",
    "account",
    "chart_grant",
    "session",
    "form_state",
    "visit_link",
    "sign_in_code",
    "job",
    "idempotency",
    "api_key",
    "audit",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in foundation_indexes::all() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev() {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
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
    vec![
        table("keyring", vec![uuid("scope"), blob("wrapped"), big_integer("created_at")], &["scope"]),
        table(
            "tenant",
            vec![
                uuid("id"),
                text("slug"),
                text("name"),
                text("settings"),
                big_integer("version"),
                big_integer("created_at"),
            ],
            &["id"],
        ),
        table(
            "clinic",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                text("slug"),
                text("name"),
                text("kind"),
                text("about"),
                text("zone"),
                text("zone_name"),
                text("currency"),
                text("locale"),
                text("languages"),
                text("address"),
                text("phone"),
                text("email"),
                text("emergency"),
                text("directions"),
                text("settings"),
                text("opening"),
                text("closures"),
                text("search"),
                big_integer("version"),
                big_integer("created_at"),
                big_integer("updated_at"),
            ],
            &["id"],
        ),
        table("clinic_facet", vec![text("kind"), text("value"), uuid("clinic_id")], &["kind", "value", "clinic_id"]),
        table(
            "service",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("clinic_id"),
                text("slug"),
                big_integer("position"),
                text("name"),
                text("about"),
                text("speciality"),
                text("mode"),
                text("bring"),
                big_integer_null("price"),
                text("settings"),
                text("eligibility"),
                text("needs"),
                boolean("active"),
            ],
            &["id"],
        ),
        table(
            "resource",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("clinic_id"),
                text("slug"),
                text("kind"),
                big_integer("position"),
                text("name"),
                text("role"),
                text("about"),
                text("languages"),
                big_integer("capacity"),
                text("settings"),
                text_null("hours"),
                boolean("active"),
            ],
            &["id"],
        ),
        table(
            "offering",
            vec![uuid("tenant_id"), uuid("service_id"), uuid("resource_id"), text("settings")],
            &["tenant_id", "service_id", "resource_id"],
        ),
        table(
            "occupancy",
            vec![
                uuid("tenant_id"),
                uuid("resource_id"),
                big_integer("row"),
                big_integer("lane"),
                blob("body"),
                blob("padded"),
                big_integer_null("holds_until"),
                big_integer("version"),
            ],
            &["tenant_id", "resource_id", "row", "lane"],
        ),
        table(
            "allocation",
            vec![
                uuid("tenant_id"),
                uuid("owner_id"),
                uuid("resource_id"),
                text("owner_kind"),
                big_integer("lane"),
                big_integer("start_cell"),
                big_integer("end_cell"),
                big_integer("padded_start"),
                big_integer("padded_end"),
                big_integer_null("expires_at"),
            ],
            &["tenant_id", "owner_id", "resource_id"],
        ),
        table(
            "hold",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("clinic_id"),
                uuid("service_id"),
                uuid("practitioner_id"),
                blob("token_hash"),
                blob("holder"),
                blob("address"),
                text("status"),
                big_integer("start_cell"),
                big_integer("end_cell"),
                big_integer("made_at"),
                big_integer("expires_at"),
                uuid_null("moves_appointment"),
                uuid_null("appointment_id"),
            ],
            &["id"],
        ),
        table(
            "patient",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                blob("given"),
                blob("family"),
                blob("birth_date"),
                blob("email"),
                blob_null("phone"),
                blob("match_key"),
                blob("email_key"),
                big_integer("version"),
                big_integer("created_at"),
            ],
            &["id"],
        ),
        table(
            "appointment",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid("clinic_id"),
                uuid("service_id"),
                uuid("practitioner_id"),
                uuid("patient_id"),
                text("status"),
                big_integer("start_at"),
                big_integer("end_at"),
                text("zone"),
                text("wall_start"),
                blob_null("reason"),
                blob_null("cancel_reason"),
                uuid_null("booked_by"),
                big_integer("sequence"),
                big_integer("version"),
                big_integer("created_at"),
                big_integer("updated_at"),
            ],
            &["id"],
        ),
        table(
            "appointment_event",
            vec![
                uuid("tenant_id"),
                uuid("appointment_id"),
                big_integer("version"),
                text("kind"),
                big_integer("start_at"),
                big_integer("at"),
                text("actor_kind"),
                uuid_null("actor_id"),
            ],
            &["tenant_id", "appointment_id", "version"],
        ),
        table(
            "account",
            vec![
                uuid("id"),
                blob("email"),
                blob("email_key"),
                big_integer("created_at"),
                big_integer_null("signed_in_at"),
            ],
            &["id"],
        ),
        table(
            "chart_grant",
            vec![
                uuid("id"),
                uuid("account_id"),
                uuid("tenant_id"),
                uuid("patient_id"),
                text("relation"),
                text("scope"),
                text("origin"),
                big_integer("from_at"),
                big_integer_null("until_at"),
                big_integer_null("ended_at"),
            ],
            &["id"],
        ),
        table(
            "session",
            vec![
                uuid("id"),
                blob("token_hash"),
                uuid_null("account_id"),
                big_integer("created_at"),
                big_integer("seen_at"),
                big_integer("expires_at"),
                big_integer_null("signed_in_at"),
            ],
            &["id"],
        ),
        table(
            "form_state",
            vec![uuid("session_id"), text("form"), blob("value"), big_integer("expires_at")],
            &["session_id", "form"],
        ),
        table(
            "visit_link",
            vec![uuid("session_id"), uuid("appointment_id"), uuid("tenant_id"), big_integer("expires_at")],
            &["session_id", "appointment_id"],
        ),
        table(
            "sign_in_code",
            vec![
                uuid("id"),
                uuid("session_id"),
                blob("email_key"),
                blob("code_hash"),
                big_integer("attempts"),
                big_integer("created_at"),
                big_integer("expires_at"),
                big_integer_null("used_at"),
            ],
            &["id"],
        ),
        table(
            "job",
            vec![
                uuid("id"),
                text("kind"),
                blob("payload"),
                big_integer("run_at"),
                big_integer("attempts"),
                big_integer_null("locked_until"),
                text_null("last_error"),
                big_integer_null("dead_at"),
                big_integer("created_at"),
            ],
            &["id"],
        ),
        table(
            "idempotency",
            vec![
                uuid("tenant_id"),
                text("caller"),
                text("key"),
                blob("body_hash"),
                blob("response"),
                big_integer("created_at"),
            ],
            &["tenant_id", "caller", "key"],
        ),
        table(
            "api_key",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                uuid_null("clinic_id"),
                text("name"),
                blob("hash"),
                text("scopes"),
                big_integer("created_at"),
                big_integer_null("used_at"),
                big_integer_null("revoked_at"),
            ],
            &["id"],
        ),
        table(
            "audit",
            vec![
                uuid("id"),
                uuid("tenant_id"),
                big_integer("at"),
                text("actor_kind"),
                uuid_null("actor_id"),
                text("action"),
                text("entity"),
                uuid_null("entity_id"),
                uuid_null("patient_id"),
                text("outcome"),
                text("request_id"),
            ],
            &["id"],
        ),
    ]
}
