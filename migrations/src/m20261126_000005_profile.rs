//! What patients and clinics say of a person, section by section; invitations to reach somebody's records.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut statement = Table::create();
        statement.table("profile_statement").primary_key(Index::create().col("id"));
        for mut column in [
            uuid("id"),
            uuid("tenant_id"),
            uuid("patient_id"),
            text("section"),
            text("said_by"),
            blob("value"),
            text("state"),
            text("actor_kind"),
            uuid_null("actor_id"),
            big_integer("at"),
            big_integer_null("decided_at"),
            text_null("decided_by_kind"),
            uuid_null("decided_by"),
            blob_null("reply"),
            blob_null("disagreement"),
        ] {
            statement.col(&mut column);
        }
        manager.create_table(statement).await?;
        let mut invite = Table::create();
        invite.table("grant_invite").primary_key(Index::create().col("id"));
        for mut column in [
            uuid("id"),
            uuid("tenant_id"),
            uuid("patient_id"),
            uuid("made_by"),
            blob("email"),
            blob("email_key"),
            text("relation"),
            text("scope"),
            big_integer_null("until_at"),
            text("state"),
            big_integer("made_at"),
            big_integer("expires_at"),
            big_integer_null("ended_at"),
        ] {
            invite.col(&mut column);
        }
        manager.create_table(invite).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["grant_invite", "profile_statement"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
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
        index("profile_statement_patient_id", "profile_statement", &["tenant_id", "patient_id", "section", "at"]),
        index("profile_statement_state", "profile_statement", &["tenant_id", "state", "at"]),
        index("grant_invite_email_key", "grant_invite", &["email_key", "state"]),
        index("grant_invite_patient_id", "grant_invite", &["tenant_id", "patient_id", "state"]),
    ]
}
