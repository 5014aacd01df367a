//! Migrations, run at start and by `portico migrate`. Each works on SQLite and on Postgres and has a `down`.

use sea_orm_migration::prelude::*;

mod foundation_indexes;
mod m20261122_000001_foundation;
mod m20261122_000002_passkeys;
mod m20261126_000003_sign_in_means;
mod m20261126_000004_charts;
mod m20261126_000005_profile;
mod m20261126_000006_chart_keys_due;
mod m20261126_000007_registration;
mod m20261126_000008_files;
mod m20261126_000009_growing_up;
mod m20261126_000010_answer_seen;
mod m20261126_000011_staff;
mod m20261126_000012_blocks;
mod m20261126_000013_reconcile;
mod m20261126_000014_waitlist;
mod m20261126_000015_hours;
mod m20261126_000016_counter;
mod m20261126_000017_emergency;
mod m20261126_000018_single_sign_on;
mod m20261126_000019_calendar_feeds;
mod m20261127_000020_calendar_turn;
mod m20261127_000021_intake;
mod m20261127_000022_calendar_table;
mod m20261127_000023_registered_by_clinic;
mod m20261127_000024_blocks_by_start;
mod m20261128_000025_calendar_due;
mod m20261128_000026_calendar_file;
mod m20261128_000027_offers_of_an_entry;
mod m20261128_000028_for_whom;
mod standing;

pub use standing::{Standing, standing};

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_foundation::Migration),
            Box::new(m20261122_000002_passkeys::Migration),
            Box::new(m20261126_000003_sign_in_means::Migration),
            Box::new(m20261126_000004_charts::Migration),
            Box::new(m20261126_000005_profile::Migration),
            Box::new(m20261126_000006_chart_keys_due::Migration),
            Box::new(m20261126_000007_registration::Migration),
            Box::new(m20261126_000008_files::Migration),
            Box::new(m20261126_000009_growing_up::Migration),
            Box::new(m20261126_000010_answer_seen::Migration),
            Box::new(m20261126_000011_staff::Migration),
            Box::new(m20261126_000012_blocks::Migration),
            Box::new(m20261126_000013_reconcile::Migration),
            Box::new(m20261126_000014_waitlist::Migration),
            Box::new(m20261126_000015_hours::Migration),
            Box::new(m20261126_000019_calendar_feeds::Migration),
            Box::new(m20261126_000016_counter::Migration),
            Box::new(m20261126_000017_emergency::Migration),
            Box::new(m20261126_000018_single_sign_on::Migration),
            Box::new(m20261127_000020_calendar_turn::Migration),
            Box::new(m20261127_000021_intake::Migration),
            Box::new(m20261127_000022_calendar_table::Migration),
            Box::new(m20261127_000023_registered_by_clinic::Migration),
            Box::new(m20261127_000024_blocks_by_start::Migration),
            Box::new(m20261128_000025_calendar_due::Migration),
            Box::new(m20261128_000026_calendar_file::Migration),
            Box::new(m20261128_000027_offers_of_an_entry::Migration),
            Box::new(m20261128_000028_for_whom::Migration),
        ]
    }
}
