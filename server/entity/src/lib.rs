//! sea-orm rows, one file a table, no logic. Instants are UTC milliseconds since 1970; ids are UUIDv7 made by
//! the application; sealed and hashed columns are bytes.

pub mod account;
pub mod account_address;
pub mod activation_code;
pub mod allocation;
pub mod api_key;
pub mod appointment;
pub mod appointment_event;
pub mod audit;
pub mod chart_claim;
pub mod chart_grant;
pub mod chart_key;
pub mod chart_merge;
pub mod clinic;
pub mod clinic_facet;
pub mod form_state;
pub mod grant_invite;
pub mod hold;
pub mod idempotency;
pub mod job;
pub mod keyring;
pub mod known_browser;
pub mod match_case;
pub mod occupancy;
pub mod offering;
pub mod passkey;
pub mod patient;
pub mod profile_statement;
pub mod recovery;
pub mod recovery_code;
pub mod resource;
pub mod service;
pub mod session;
pub mod sign_in_code;
pub mod tenant;
pub mod visit_link;
