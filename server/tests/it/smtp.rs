//! Real SMTP: our mailer against a small server that speaks just enough of RFC 5321.

use adapters::{SmtpConfig, SmtpMailer};
use ports::{Mail, MailError, Mailer, Method};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A server that answers each RCPT with `rcpt`, and hands out what it took.
pub async fn server(rcpt: &'static str) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, mails) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(session(stream, rcpt, taken.clone()));
        }
    });
    (port, mails)
}

async fn session(stream: TcpStream, rcpt: &'static str, taken: mpsc::UnboundedSender<String>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await.unwrap();
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|n| n > 0) {
        let verb = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-test\r\n250 8BITMIME",
            "RCPT" => rcpt,
            "QUIT" => "221 bye",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut mail).await.unwrap();
                }
                taken.send(mail).ok();
                "250 taken"
            }
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        line.clear();
    }
}

fn mailer(port: u16) -> SmtpMailer {
    let config = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: "none".to_owned(),
        user: None,
        password: None,
        from: "portico@clinic.example".to_owned(),
    };
    SmtpMailer::new(&config).unwrap()
}

fn mail() -> Mail {
    Mail {
        id: "visit-1-0".to_owned(),
        to: "amira@example.com".to_owned(),
        subject: "Your appointment at Zahnärzte am Fluß".to_owned(),
        text: "Grüße\n.\nund mehr".to_owned(),
        html: "<!doctype html><p>Hello</p>".to_owned(),
        from_name: "Zahnärzte am Fluß".to_owned(),
        reply_to: Some("hello@clinic.example".to_owned()),
        invite: Some((Method::Request, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned())),
    }
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let (port, mut mails) = server("250 ok").await;
    mailer(port).send(&mail()).await.unwrap();
    let taken = mails.recv().await.unwrap();
    for part in [
        "Message-ID: <visit-1-0@clinic.example>",
        "To: amira@example.com",
        "Reply-To: hello@clinic.example",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "Content-Type: text/calendar; method=REQUEST; charset=utf-8",
        "filename=\"invite.ics\"",
    ] {
        assert!(taken.contains(part), "“{part}” is not in {taken}");
    }
    assert!(taken.is_ascii(), "old servers take ASCII only: {taken}");
}

#[tokio::test]
async fn an_address_refused_for_good_is_not_tried_again() {
    let (port, _mails) = server("550 no such person as amira@example.com").await;
    let refused = mailer(port).send(&mail()).await;
    let Err(MailError::Refused(why)) = &refused else { panic!("{refused:?}") };
    // What the server says may hold the address, and this ends up in a table and a log.
    assert!(!why.contains("amira"), "{why}");
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again() {
    let (port, _mails) = server("451 come back later").await;
    let refused = mailer(port).send(&mail()).await;
    assert!(matches!(refused, Err(MailError::Later(_))), "{refused:?}");
}

#[tokio::test]
async fn a_login_that_is_wrong_is_not_the_mails_fault() {
    for says in ["530 sign in first", "535 the password is wrong", "538 encrypt first"] {
        let (port, _mails) = server(says).await;
        let refused = mailer(port).send(&mail()).await;
        assert!(matches!(refused, Err(MailError::Later(_))), "{says}: {refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = mailer(port).send(&mail()).await;
    assert!(matches!(refused, Err(MailError::Later(_))), "{refused:?}");
}
