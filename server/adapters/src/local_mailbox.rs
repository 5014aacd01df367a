//! Mail into a folder, for trying Portico out and for tests: each message as it would have been sent (`.eml`), and
//! its parts (`.json`) for the page that shows them.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::future::BoxFuture;
use ports::{Clock, Mail, MailError, Mailer};
use serde::Serialize;

use crate::message::build;

pub struct LocalMailbox {
    folder: PathBuf,
    from: String,
    clock: Arc<dyn Clock>,
    count: AtomicU64,
}

/// What the mailbox page reads.
#[derive(Serialize)]
struct Kept<'a> {
    to: &'a str,
    from: String,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    at: String,
    ics: Option<&'a str>,
}

impl LocalMailbox {
    pub fn new(folder: PathBuf, from: String, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        crate::private_folder(&folder)?;
        Ok(Self { folder, from, clock, count: AtomicU64::new(0) })
    }

    async fn keep(&self, mail: &Mail) -> Result<(), MailError> {
        let message = build(mail, &self.from)?;
        let at = self.clock.now();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        // Names sort by time, also within one millisecond.
        let name = format!("{:015}-{number:06}", at.as_millisecond());
        let kept = Kept {
            to: &mail.to,
            from: format!("{} <{}>", mail.from_name, self.from),
            subject: &mail.subject,
            text: &mail.text,
            html: &mail.html,
            at: at.to_string(),
            ics: mail.invite.as_ref().map(|(_, ics)| ics.as_str()),
        };
        let json = serde_json::to_vec_pretty(&kept).map_err(|e| MailError::Refused(e.to_string()))?;
        let later = |e: std::io::Error| MailError::Later(e.to_string());
        tokio::fs::write(self.folder.join(format!("{name}.eml")), message.formatted()).await.map_err(later)?;
        // Written aside and renamed, so that nobody reads half a message.
        let aside = self.folder.join(format!("{name}.part"));
        tokio::fs::write(&aside, json).await.map_err(later)?;
        tokio::fs::rename(&aside, self.folder.join(format!("{name}.json"))).await.map_err(later)
    }
}

impl Mailer for LocalMailbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(self.keep(mail))
    }
}
