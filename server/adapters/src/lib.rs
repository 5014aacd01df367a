//! The real outside world behind `ports`: mail by SMTP, or into a local folder when no server is configured; calendars
//! over HTTP; identity providers by OpenID Connect.

mod calendars;
mod local_mailbox;
mod message;
mod open_id;
mod smtp;

/// Makes a folder that only its owner opens; one that is there stays as it is.
pub fn private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub use calendars::HttpCalendars;
pub use local_mailbox::LocalMailbox;
pub use open_id::OpenIdConnect;
pub use smtp::{SmtpConfig, SmtpMailer};
