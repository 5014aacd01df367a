//! Portico's integration tests: one binary, one file a feature, through the real doors and on both engines.

mod access;
mod addresses;
mod availability;
mod bad_input;
mod codes;
mod crash;
mod daylight_saving;
mod doctor;
mod finding;
mod group_commit;
mod headers;
mod histories;
mod idempotency;
mod importing;
mod limits;
mod linear;
mod mails;
mod moving;
mod passkeys;
mod processes;
mod races;
mod recovery;
mod sealed;
mod server_functions;
mod smtp;
mod support;
