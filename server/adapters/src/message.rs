//! A `Mail` as MIME (ICS-03): multipart/mixed of an alternative (text, HTML, invite) and the invite as a file.

use lettre::{
    Message,
    message::{
        Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};
use ports::{Mail, MailError};

pub(crate) fn build(mail: &Mail, from: &str) -> Result<Message, MailError> {
    let refused = |what: &str| MailError::Refused(format!("{what} is not an address"));
    let address = from.parse().map_err(|_| refused("the sender"))?;
    let from = Mailbox::new(Some(mail.from_name.clone()), address);
    let host = from.email.domain().to_owned();
    let to = Mailbox::new(None, mail.to.parse().map_err(|_| refused("the recipient"))?);
    let mut builder: MessageBuilder = Message::builder()
        .from(from)
        .to(to)
        .subject(&mail.subject)
        .message_id(Some(format!("<{}@{host}>", mail.id)))
        .header(AutoSubmitted);
    if let Some(reply_to) = mail.reply_to.as_ref().and_then(|r| r.parse().ok()) {
        builder = builder.reply_to(Mailbox::new(None, reply_to));
    }
    let mut alternative = MultiPart::alternative()
        .singlepart(SinglePart::plain(mail.text.clone()))
        .singlepart(SinglePart::html(mail.html.clone()));
    let invalid = |_| MailError::Refused("the invite's type is not a type".to_owned());
    if let Some((method, invite)) = &mail.invite {
        let kind = format!("text/calendar; method={}; charset=UTF-8", method.as_str());
        let part = SinglePart::builder().header(ContentType::parse(&kind).map_err(invalid)?).body(invite.clone());
        alternative = alternative.singlepart(part);
    }
    let mut mixed = MultiPart::mixed().multipart(alternative);
    if let Some((_, invite)) = &mail.invite {
        let kind = ContentType::parse("application/ics; name=\"invite.ics\"").map_err(invalid)?;
        mixed = mixed.singlepart(Attachment::new("invite.ics".to_owned()).body(invite.clone(), kind));
    }
    builder.multipart(mixed).map_err(|e| MailError::Refused(e.to_string()))
}

/// RFC 3834: no out-of-office answers, please.
#[derive(Clone, Copy, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
