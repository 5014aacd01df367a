//! The real outside world behind `ports`: mail by SMTP, or into a local folder when no server is configured; calendars
//! over HTTP; identity providers by OpenID Connect.

mod calendars;
mod local_mailbox;
mod message;
mod open_id;
mod smtp;

pub use calendars::HttpCalendars;
pub use local_mailbox::LocalMailbox;
pub use open_id::OpenIdConnect;
pub use smtp::{SmtpConfig, SmtpMailer};
