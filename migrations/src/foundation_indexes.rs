//! The first tables' indexes: what is looked up by, and what must be there only once.

use sea_orm_migration::prelude::*;

pub(crate) fn all() -> Vec<IndexCreateStatement> {
    vec![
        index("tenant_slug", "tenant", &["slug"]).unique().to_owned(),
        index("clinic_slug", "clinic", &["slug"]).unique().to_owned(),
        index("clinic_tenant_id", "clinic", &["tenant_id"]),
        index("clinic_name", "clinic", &["name"]),
        index("clinic_facet_clinic_id", "clinic_facet", &["clinic_id"]),
        index("service_tenant_id_clinic_id_slug", "service", &["tenant_id", "clinic_id", "slug"]).unique().to_owned(),
        index("resource_tenant_id_clinic_id_kind_slug", "resource", &["tenant_id", "clinic_id", "kind", "slug"])
            .unique()
            .to_owned(),
        index(
            "allocation_tenant_id_resource_id_lane_padded_start",
            "allocation",
            &["tenant_id", "resource_id", "lane", "padded_start"],
        ),
        index("allocation_expires_at", "allocation", &["expires_at"]),
        index("hold_status_expires_at", "hold", &["status", "expires_at"]),
        index("hold_holder_status", "hold", &["holder", "status"]),
        index("patient_tenant_id_match_key", "patient", &["tenant_id", "match_key"]).unique().to_owned(),
        index("patient_tenant_id_email_key", "patient", &["tenant_id", "email_key"]),
        index("appointment_tenant_id_patient_id_start_at", "appointment", &["tenant_id", "patient_id", "start_at"]),
        index("appointment_tenant_id_clinic_id_start_at", "appointment", &["tenant_id", "clinic_id", "start_at"]),
        index(
            "appointment_tenant_id_practitioner_id_start_at",
            "appointment",
            &["tenant_id", "practitioner_id", "start_at"],
        ),
        index("account_email_key", "account", &["email_key"]).unique().to_owned(),
        index("chart_grant_account_id", "chart_grant", &["account_id"]),
        index("chart_grant_tenant_id_patient_id", "chart_grant", &["tenant_id", "patient_id"]),
        index("session_token_hash", "session", &["token_hash"]).unique().to_owned(),
        index("session_account_id", "session", &["account_id"]),
        index("session_expires_at", "session", &["expires_at"]),
        index("form_state_expires_at", "form_state", &["expires_at"]),
        index("sign_in_code_session_id", "sign_in_code", &["session_id"]),
        index("sign_in_code_email_key_created_at", "sign_in_code", &["email_key", "created_at"]),
        index("job_dead_at_run_at", "job", &["dead_at", "run_at"]),
        index("idempotency_created_at", "idempotency", &["created_at"]),
        index("api_key_tenant_id", "api_key", &["tenant_id"]),
        index("audit_tenant_id_patient_id_at", "audit", &["tenant_id", "patient_id", "at"]),
        index("audit_tenant_id_at", "audit", &["tenant_id", "at"]),
    ]
}

fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
