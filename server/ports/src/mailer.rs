use std::sync::Mutex;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// A message to one person. No health information in it (MSG-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Stable for one message, so that a message sent again after a crash can be recognised: becomes the Message-ID.
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Whose name the sender's address carries, such as the clinic's.
    pub from_name: String,
    /// Where answers go; the clinic's address.
    pub reply_to: Option<String>,
    /// An iCalendar invite with its iTIP method.
    pub invite: Option<(Method, String)>,
}

/// iTIP methods (RFC 5546) that Portico sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    Request,
    Cancel,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Try again later: the server was not there, or said 4xx.
    #[error("mail could not be sent now: {0}")]
    Later(String),
    /// Trying again cannot help: the server said 5xx, or the address is impossible.
    #[error("mail was refused: {0}")]
    Refused(String),
}

pub trait Mailer: Send + Sync {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}

/// Keeps what was sent. Like real servers it may fail for a while, and may take a message and fail afterwards.
#[derive(Debug, Default)]
pub struct FakeMailer {
    sent: Mutex<Vec<Mail>>,
    failures: Mutex<Vec<Failure>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    BeforeTaking,
    AfterTaking,
}

impl FakeMailer {
    /// Everything taken so far, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        self.sent.lock().map(|sent| sent.clone()).unwrap_or_default()
    }

    /// What was sent since the last time.
    pub fn take(&self) -> Vec<Mail> {
        self.sent.lock().map(|mut sent| std::mem::take(&mut *sent)).unwrap_or_default()
    }

    /// The next `times` messages are not taken.
    pub fn fail(&self, times: usize) {
        self.plan(times, Failure::BeforeTaking);
    }

    /// The next `times` messages are taken, and the connection breaks before the server can say so.
    pub fn fail_after_taking(&self, times: usize) {
        self.plan(times, Failure::AfterTaking);
    }

    fn plan(&self, times: usize, failure: Failure) {
        if let Ok(mut failures) = self.failures.lock() {
            failures.extend(std::iter::repeat_n(failure, times));
        }
    }
}

impl Mailer for FakeMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        let failure = self.failures.lock().ok().and_then(|mut f| (!f.is_empty()).then(|| f.remove(0)));
        if failure != Some(Failure::BeforeTaking)
            && let Ok(mut sent) = self.sent.lock()
        {
            sent.push(mail.clone());
        }
        Box::pin(async move {
            match failure {
                None => Ok(()),
                Some(_) => Err(MailError::Later("the connection broke".to_owned())),
            }
        })
    }
}
