//! The tests' workshop: a database of one's own on either engine (`TestDb`), the portal on it with a clock, chance and
//! mail that tests command (`TestCx`), and the real server on a real port (`TestApp`) with the programs and browsers
//! that call it (`Caller`); and a CalDAV server beside it (`Radicale`). At the end of every test no job may be dead and the doctor must be content.

mod answer;
mod app;
mod authenticator;
mod caller;
pub mod clinics;
mod cx;
mod db;
mod desk;
mod engines;
mod process;
pub mod provider;
mod radicale;

pub use answer::Answer;
pub use app::TestApp;
pub use authenticator::{Authenticator, Saying};
pub use caller::{Caller, Person, encode};
pub use cx::{MASTER_KEY, NOW, TestCx};
pub use db::{Engine, TestDb};
pub use desk::AtDesk;
pub use engines::{run, run_with};
pub use process::{Installation, Process};
pub use provider::{TestProvider, Trouble};
pub use radicale::{PASSWORD, Radicale, USER};
