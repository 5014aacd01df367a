//! The real outside world behind `ports`: mail by SMTP, or into a local folder when no server is configured; calendars
//! over HTTP.

mod calendars;
mod local_mailbox;
mod message;
mod smtp;

pub use calendars::HttpCalendars;
pub use local_mailbox::LocalMailbox;
pub use smtp::{SmtpConfig, SmtpMailer};
