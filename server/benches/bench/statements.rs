//! What holding a time and confirming it say to the database for a new patient, statement by statement, as the use
//! cases do: change a use case, change it here. `bare` runs them by rusqlite, `postgres` by pgbench.

/// What stands for one `?`.
#[derive(Clone, Copy)]
pub enum Is {
    Tenant,
    Clinic,
    Service,
    Practitioner,
    /// Ids made for this booking.
    Hold,
    Visit,
    Patient,
    Audit,
    Job,
    /// First and last occupancy row of the week, and the one that is changed.
    FirstRow,
    LastRow,
    Row,
    /// The row's version as read, and one more.
    Version,
    NextVersion,
    Start,
    End,
    Number(i64),
    Text(&'static str),
    /// Unlike every other booking's.
    UniqueText,
    UniqueBytes,
    No,
    Yes,
    /// So many bytes.
    Bytes(usize),
    Null,
}

pub struct Step {
    pub sql: &'static str,
    pub with: &'static [Is],
}

use Is::{
    Audit, Bytes, Clinic, End, FirstRow, Hold, Job, LastRow, NextVersion, No, Null, Number, Patient, Practitioner, Row,
    Service, Start, Tenant, Text, UniqueBytes, UniqueText, Version, Visit, Yes,
};

pub const HOLD: &[Step] = &[
    Step { sql: r#"SELECT "version" FROM "clinic" WHERE "id" = ? LIMIT 1"#, with: &[Clinic] },
    Step {
        sql: r#"SELECT "resource_id", "row", "lane", "body", "padded", "holds_until", "version" FROM "occupancy" WHERE "tenant_id" = ? AND "resource_id" IN (?) AND "row" BETWEEN ? AND ?"#,
        with: &[Tenant, Practitioner, FirstRow, LastRow],
    },
    Step {
        sql: r#"INSERT INTO "hold" ("id", "tenant_id", "clinic_id", "service_id", "practitioner_id", "token_hash", "holder", "address", "status", "start_cell", "end_cell", "made_at", "expires_at", "moves_appointment", "appointment_id", "offered", "waitlist_entry_id") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"#,
        with: &[
            Hold,
            Tenant,
            Clinic,
            Service,
            Practitioner,
            Bytes(32),
            Bytes(16),
            Bytes(16),
            Text("live"),
            Start,
            End,
            Number(NOW),
            Number(NOW + 3_600_000),
            Null,
            Null,
            No,
            Null,
        ],
    },
    Step {
        sql: r#"INSERT INTO "allocation" ("tenant_id", "owner_id", "resource_id", "owner_kind", "lane", "start_cell", "end_cell", "padded_start", "padded_end", "expires_at") VALUES (?,?,?,?,?,?,?,?,?,?)"#,
        with: &[Tenant, Hold, Practitioner, Text("hold"), Number(0), Start, End, Start, End, Number(NOW + 3_600_000)],
    },
    Step {
        sql: r#"UPDATE "occupancy" SET "body" = ?, "padded" = ?, "holds_until" = ?, "version" = ? WHERE "tenant_id" = ? AND "resource_id" = ? AND "row" = ? AND "lane" = ? AND "version" = ?"#,
        with: &[
            Bytes(1152),
            Bytes(1152),
            Number(NOW + 3_600_000),
            NextVersion,
            Tenant,
            Practitioner,
            Row,
            Number(0),
            Version,
        ],
    },
];

/// What Postgres gets after a statement that reads, by its table.
pub const LOCKS: &[(&str, &str)] = &[
    (r#"FROM "clinic""#, " FOR SHARE"),
    (r#"FROM "hold""#, " FOR UPDATE"),
    (r#"FROM "occupancy""#, r#" ORDER BY "resource_id", "row", "lane" FOR UPDATE"#),
];

pub const CONFIRM: &[Step] = &[
    Step {
        sql: r#"SELECT "id", "tenant_id", "clinic_id", "service_id", "practitioner_id", "token_hash", "holder", "address", "status", "start_cell", "end_cell", "made_at", "expires_at", "moves_appointment", "appointment_id", "offered", "waitlist_entry_id" FROM "hold" WHERE "id" = ? LIMIT 1"#,
        with: &[Hold],
    },
    Step {
        sql: r#"SELECT "tenant_id", "caller", "key", "body_hash", "response", "created_at" FROM "idempotency" WHERE "tenant_id" = ? AND "caller" = ? AND "key" = ? LIMIT 1"#,
        with: &[Tenant, Text(CALLER), UniqueText],
    },
    Step { sql: r#"SELECT "version" FROM "clinic" WHERE "id" = ? LIMIT 1"#, with: &[Clinic] },
    Step {
        sql: r#"SELECT "id", "tenant_id", "given", "family", "birth_date", "email", "phone", "match_key", "email_key", "version", "created_at", "number", "number_key", "sex", "address", "language", "deceased", "active", "merged_into", "keys_due" FROM "patient" WHERE "tenant_id" = ? AND "match_key" = ? LIMIT 1"#,
        with: &[Tenant, UniqueBytes],
    },
    Step {
        sql: r#"INSERT INTO "patient" ("id", "tenant_id", "given", "family", "birth_date", "email", "phone", "match_key", "email_key", "version", "created_at", "number", "number_key", "sex", "address", "language", "deceased", "active", "merged_into", "keys_due") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"#,
        with: &[
            Patient,
            Tenant,
            Bytes(46),
            Bytes(48),
            Bytes(51),
            Bytes(62),
            Null,
            UniqueBytes,
            UniqueBytes,
            Number(1),
            Number(NOW),
            Null,
            Null,
            Null,
            Null,
            Null,
            No,
            Yes,
            Null,
            Yes,
        ],
    },
    Step {
        sql: r#"UPDATE "hold" SET "status" = ?, "appointment_id" = ? WHERE "id" = ? AND "status" = ?"#,
        with: &[Text("confirmed"), Visit, Hold, Text("live")],
    },
    Step {
        sql: r#"UPDATE "allocation" SET "owner_id" = ?, "owner_kind" = ?, "expires_at" = ? WHERE "tenant_id" = ? AND "owner_id" = ?"#,
        with: &[Visit, Text("appointment"), Null, Tenant, Hold],
    },
    Step {
        sql: r#"INSERT INTO "appointment" ("id", "tenant_id", "clinic_id", "service_id", "practitioner_id", "patient_id", "status", "start_at", "end_at", "zone", "wall_start", "reason", "said", "cancel_reason", "booked_by", "sequence", "version", "created_at", "updated_at") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"#,
        with: &[
            Visit,
            Tenant,
            Clinic,
            Service,
            Practitioner,
            Patient,
            Text("booked"),
            Number(NOW),
            Number(NOW + 900_000),
            Text("Europe/Berlin"),
            Text("2026-11-23T08:00:00"),
            Null,
            Null,
            Null,
            Null,
            Number(0),
            Number(1),
            Number(NOW),
            Number(NOW),
        ],
    },
    Step {
        sql: r#"SELECT "id", "tenant_id", "clinic_id", "service_id", "patient_id", "account_id", "state", "live", "practitioner_id", "days", "parts", "from_day", "until_day", "notice", "referral", "intake", "about", "priority", "priority_why", "joined_at", "ends_at", "ignored", "appointment_id", "ended_why", "ended_note", "ended_at", "request_key", "request_hash", "made_by_kind", "made_by", "version", "updated_at" FROM "waitlist_entry" WHERE "tenant_id" = ? AND "patient_id" = ? AND "service_id" = ? AND "live" = ? LIMIT 1"#,
        with: &[Tenant, Patient, Service, Number(1)],
    },
    Step {
        sql: r#"INSERT INTO "appointment_event" ("tenant_id", "appointment_id", "version", "kind", "start_at", "at", "actor_kind", "actor_id", "note", "by_clinic") VALUES (?,?,?,?,?,?,?,?,?,?)"#,
        with: &[Tenant, Visit, Number(1), Text("booked"), Number(NOW), Number(NOW), Text("api_key"), Clinic, Null, No],
    },
    Step {
        sql: r#"INSERT INTO "audit" ("id", "tenant_id", "at", "actor_kind", "actor_id", "action", "entity", "entity_id", "patient_id", "outcome", "request_id") VALUES (?,?,?,?,?,?,?,?,?,?,?)"#,
        with: &[
            Audit,
            Tenant,
            Number(NOW),
            Text("api_key"),
            Clinic,
            Text("appointment.book"),
            Text("appointment"),
            Visit,
            Patient,
            Text("ok"),
            Text(""),
        ],
    },
    Step {
        sql: r#"INSERT INTO "job" ("id", "kind", "payload", "run_at", "attempts", "locked_until", "last_error", "dead_at", "created_at") VALUES (?,?,?,?,?,?,?,?,?)"#,
        with: &[Job, Text("send_visit_mail"), Bytes(210), Number(NOW), Number(0), Null, Null, Null, Number(NOW)],
    },
    Step {
        sql: r#"INSERT INTO "idempotency" ("tenant_id", "caller", "key", "body_hash", "response", "created_at") VALUES (?,?,?,?,?,?)"#,
        with: &[Tenant, Text(CALLER), UniqueText, Bytes(32), Bytes(400), Number(NOW)],
    },
];

const CALLER: &str = "key:0195f000-0000-7000-8000-000000000001";
/// Any time will do; the sweeper does not run here.
const NOW: i64 = 1_795_000_000_000;
