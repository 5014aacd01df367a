//! Mail by SMTP, with TLS unless the configuration says otherwise.

use futures::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{Error, authentication::Credentials},
};
use ports::{Mail, MailError, Mailer};

use crate::message::build;

#[derive(Clone, Debug)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    /// `tls`, `starttls` (required) or `none`.
    pub security: String,
    pub user: Option<String>,
    pub password: Option<String>,
    /// The sender's address.
    pub from: String,
}

/// Sign in first; encrypt first; the login is wrong, too weak, or must be encrypted; not in this order (RFC 4954 and 5321).
const ABOUT_US: [u16; 6] = [503, 530, 534, 535, 538, 524];

pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

impl SmtpMailer {
    /// Does not connect yet. Fails when the configuration cannot be right.
    pub fn new(config: &SmtpConfig) -> Result<Self, String> {
        let builder = match config.security.as_str() {
            "tls" => AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host).map_err(|e| e.to_string())?,
            "starttls" => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host).map_err(|e| e.to_string())?
            }
            "none" => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host),
            other => return Err(format!("`{other}` is not allowed; allowed: tls, starttls, none")),
        };
        let mut builder = builder.port(config.port).timeout(Some(std::time::Duration::from_secs(20)));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from: config.from.clone() })
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let message = build(mail, &self.from)?;
            self.transport.send(message).await.map(drop).map_err(|e| told(&e))
        })
    }
}

/// What the server said, without what was in the message: the words end up in the jobs table.
fn told(error: &Error) -> MailError {
    let status = error.status().map(|s| s.to_string()).unwrap_or_else(|| "no answer".to_owned());
    // About us and not about the message: once the login is right, it goes.
    let about_us = error.status().is_some_and(|code| ABOUT_US.contains(&u16::from(code)));
    if error.is_permanent() && !about_us { MailError::Refused(status) } else { MailError::Later(status) }
}
