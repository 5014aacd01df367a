//! Use cases, queries and job bodies, by feature. The only place that opens transactions.
//!
//! The kit: `cx` (what a use case may reach), `who` (who acts), `db` with `sqlite`, `calendars`, `keys` (sealed fields), `audit`,
//! `jobs`, `idempotent`, `paging`.
//! The features: `clinic`, `booking`, `visits`, `identity`, `patients`, `profile`, `family`, `files`, `notices`,
//! `staff`, `schedule`, `hours`, `waitlist`, `arrivals`, `emergency`, `reconcile`, `feeds`, `api_keys`, `forms`, `doctor`,
//! `demo`.

pub mod api_keys;
pub mod arrivals;
pub mod audit;
pub mod booking;
mod calendars;
pub mod clinic;
mod cx;
mod db;
pub mod demo;
pub mod doctor;
pub mod emergency;
mod error;
pub mod family;
pub mod feeds;
pub mod files;
pub mod forms;
pub mod hours;
mod idempotent;
pub mod identity;
pub mod jobs;
mod keys;
mod narrow;
pub mod notices;
mod paging;
pub mod patients;
pub mod profile;
pub mod reconcile;
pub mod schedule;
mod sqlite;
pub mod staff;
pub mod visits;
pub mod waitlist;
mod who;

pub use cx::{Cx, PortalConfig};
pub use db::{Db, Tx};
pub use error::{Internal, MayConflict};
pub use idempotent::Sent;
pub use keys::{Keys, MasterKey};
pub use paging::After;
pub use who::{Actor, ApiClient, Browser, Fresh, Patient, Scope, VisitAccess, Visitor, Vouched, Who};
