//! What patients are written, and that it arrives once.

use portal::jobs;
use ports::{Mail, Method};
use serde_json::json;
use testkit::{Person, TestApp, on_both_engines};

on_both_engines![
    a_booking_is_told_with_an_invite,
    one_calendar_entry_follows_a_visit_through_its_life,
    no_mail_says_what_a_visit_is_about,
    a_request_that_waits_for_approval_says_so,
    a_mail_that_failed_is_sent_later,
    a_mail_taken_twice_has_one_message_id,
    what_a_program_cancels_for_the_clinic_is_told_as_the_clinics,
    a_mail_that_always_fails_is_put_aside,
    a_mail_that_was_overtaken_is_not_sent,
    a_code_that_came_too_late_is_not_sent,
    a_code_mail_says_what_it_is_for,
];

const START: &str = "2026-11-25T09:00:00+01:00";

/// The mails so far; each has both texts and a subject on one line.
async fn mails(app: &TestApp) -> Vec<Mail> {
    app.run_jobs().await;
    let sent = app.mailer.sent();
    for mail in &sent {
        assert!(!mail.text.is_empty() && mail.html.starts_with("<!doctype html>"), "{mail:#?}");
        assert!(!mail.subject.contains(['\r', '\n']), "{mail:#?}");
    }
    sent
}

/// Long lines of a calendar file are folded; read them as one.
fn unfolded(invite: &str) -> String {
    invite.replace("\r\n ", "")
}

async fn a_booking_is_told_with_an_invite(app: TestApp) {
    let program = app.program("riverside").await;
    let person = Person::new("Amira", "Khalil");
    let visit = program.book("riverside", "vaccination", START, &person).await.field("id");
    let mails = mails(&app).await;
    let [mail] = mails.as_slice() else { panic!("{mails:#?}") };
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        (person.email.as_str(), "Your appointment at Riverside Family Practice")
    );
    assert_eq!(mail.reply_to.as_deref(), Some("hello@riverside.example.com"));
    for text in [&mail.text, &mail.html] {
        for words in ["Wednesday", "25 November 2026", "9:00", "clinic time (Berlin, UTC+1)", "Am Uferpark 12", "/m/"] {
            assert!(text.contains(words), "“{words}” is not in {text}");
        }
    }
    let (method, invite) = mail.invite.as_ref().unwrap();
    let invite = unfolded(invite);
    assert_eq!(*method, Method::Request);
    for line in [
        "METHOD:REQUEST",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        &format!("UID:{visit}@portico"),
        "SEQUENCE:0",
        "DTSTART;TZID=Europe/Berlin:20261125T090000",
        "DTEND;TZID=Europe/Berlin:20261125T091000",
        "STATUS:CONFIRMED",
    ] {
        assert!(invite.contains(&format!("{line}\r\n")), "“{line}” is not in {invite}");
    }
    // Calendars are shared: whoever reads the entry is not let in by it.
    assert!(invite.contains(&format!("/visits/{visit}")) && !invite.contains("/m/"), "{invite}");
}

async fn one_calendar_entry_follows_a_visit_through_its_life(app: TestApp) {
    let program = app.program("riverside").await;
    let visit = program.book("riverside", "vaccination", START, &Person::number(1)).await.field("id");
    mails(&app).await;
    app.clock.advance_minutes(1);
    let hold = program.hold("riverside", "vaccination", "2026-11-26T09:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    mails(&app).await;
    app.clock.advance_minutes(1);
    program.cancel(&visit).await.expect(200);
    let mails = mails(&app).await;
    assert_eq!(mails.len(), 3);
    let subjects: Vec<_> = mails
        .iter()
        .map(|m| m.subject.trim_start_matches("Your appointment at Riverside Family Practice").trim())
        .collect();
    assert_eq!(subjects, ["", "was moved", "was cancelled"]);
    let mut stamps = Vec::new();
    for (n, mail) in mails.iter().enumerate() {
        let (method, invite) = mail.invite.as_ref().unwrap();
        let invite = unfolded(invite);
        assert!(
            invite.contains(&format!("UID:{visit}@portico\r\n")) && invite.contains(&format!("SEQUENCE:{n}\r\n")),
            "{invite}"
        );
        assert_eq!(*method, if n == 2 { Method::Cancel } else { Method::Request });
        assert!(invite.contains(&format!("METHOD:{}\r\n", method.as_str())));
        assert_eq!(invite.contains("STATUS:CANCELLED"), n == 2);
        stamps.push(invite.lines().find(|l| l.starts_with("DTSTAMP:")).unwrap().to_owned());
    }
    assert!(stamps.is_sorted() && stamps[0] != stamps[2], "{stamps:?}");
    assert!(mails[1].text.contains("26 November 2026"));
    // A calendar on the page shows the same entry.
    let ids: std::collections::HashSet<_> = mails.iter().map(|m| &m.id).collect();
    assert_eq!(ids.len(), 3);
}

async fn no_mail_says_what_a_visit_is_about(app: TestApp) {
    // The lab's names are made for this: none of them may be in any part of any mail (MSG-01).
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let person = Person { email: "x@example.com".to_owned(), ..Person::number(1) };
    let body = json!({ "patient": person.json(), "reason": "hush-hush reason" });
    let visit = program.confirm_body(&hold, &body, "key").await.expect(201).field("id");
    mails(&app).await;
    let hold = program.hold("lab", "solo", "2026-11-24T14:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    mails(&app).await;
    program
        .post(&format!("/api/v1/appointments/{visit}/cancel"), &json!({ "reason": "hush-hush reason" }))
        .await
        .expect(200);
    let mails = mails(&app).await;
    assert_eq!(mails.len(), 3);
    for mail in mails {
        let all = format!("{mail:?}").to_lowercase();
        for secret in ["hush-hush", "dr solo", "given1", "family1", "1980"] {
            assert!(!all.contains(secret), "{secret} is in {mail:#?}");
        }
    }
}

async fn a_request_that_waits_for_approval_says_so(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "asked", "2026-11-24T10:00:00+01:00", &Person::number(1)).await.field("id");
    let mails = mails(&app).await;
    assert!(mails[0].subject.contains("has your request") && !mails[0].text.contains("is booked"), "{:#?}", mails[0]);
    let invite = unfolded(&mails[0].invite.as_ref().unwrap().1);
    assert!(invite.contains("STATUS:TENTATIVE") && invite.contains("PARTSTAT=TENTATIVE"), "{invite}");
    let approved = format!("/api/v1/staff/clinics/lab/appointments/{visit}/status");
    program.post(&approved, &json!({ "status": "booked" })).await.expect(200);
    let invite = unfolded(&self::mails(&app).await[1].invite.as_ref().unwrap().1);
    assert!(invite.contains("STATUS:CONFIRMED") && invite.contains("PARTSTAT=ACCEPTED"), "{invite}");
    assert!(invite.contains("SEQUENCE:1"), "{invite}");
}

async fn a_mail_that_failed_is_sent_later(app: TestApp) {
    let program = app.program("lab").await;
    app.mailer.fail(3);
    program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await;
    assert_eq!(mails(&app).await.len(), 0);
    // 5, 10, 20 seconds: after a minute all three tries have failed and the fourth is done.
    for _ in 0..4 {
        app.clock.advance_minutes(1);
        app.run_jobs().await;
    }
    assert_eq!(mails(&app).await.len(), 1);
    assert_eq!(jobs::counts(&app.cx.db).await.unwrap(), (0, 0));
}

async fn a_mail_taken_twice_has_one_message_id(app: TestApp) {
    let program = app.program("lab").await;
    app.mailer.fail_after_taking(1);
    program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await;
    app.run_jobs().await;
    app.clock.advance_minutes(1);
    assert_twice(&mails(&app).await);
    // The same of what is about an account.
    app.mailer.take();
    app.mailer.fail_after_taking(1);
    app.anonymous().form("/fn/sign-in", &[("email", "amira@example.com")]).await.expect(303);
    app.run_jobs().await;
    app.clock.advance_minutes(1);
    assert_twice(&mails(&app).await);
}

fn assert_twice(mails: &[Mail]) {
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
}

async fn what_a_program_cancels_for_the_clinic_is_told_as_the_clinics(app: TestApp) {
    let program = app.program("lab").await;
    let owner = app.patient("owner@example.com").await;
    let person = Person { email: "owner@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    for (service, hour, subject, words) in [
        ("asked", 10, "cannot confirm your request", "Please choose another one"),
        ("solo", 14, "was cancelled", "The clinic had to cancel this appointment"),
    ] {
        let start = format!("2026-11-24T{hour}:00:00+01:00");
        let visit = owner.book("lab", service, &start, &person).await.field("id");
        mails(&app).await;
        let status = format!("/api/v1/staff/clinics/lab/appointments/{visit}/status");
        let why = json!({ "status": "cancelled", "reason": "Dr Solo is ill" });
        program.post(&status, &why).await.expect(200);
        let mail = mails(&app).await.pop().expect("a mail");
        assert!(mail.subject.contains(subject) && mail.text.contains(words), "{mail:#?}");
        let page = owner.get(&format!("/visits/{visit}")).await.expect(200).text;
        assert!(page.contains("Dr Solo is ill"), "{page}");
    }
    // By the patients' part of the interface the same program acts for the patient.
    let visit = owner.book("lab", "solo", "2026-11-24T16:00:00+01:00", &person).await.field("id");
    let said = json!({ "reason": "She is better" });
    program.post(&format!("/api/v1/appointments/{visit}/cancel"), &said).await.expect(200);
    let mail = mails(&app).await.pop().expect("a mail");
    assert!(mail.text.contains("You do not need to do anything"), "{mail:#?}");
    assert!(!owner.get(&format!("/visits/{visit}")).await.expect(200).text.contains("She is better"));
}

async fn a_mail_that_always_fails_is_put_aside(app: TestApp) {
    let program = app.program("lab").await;
    app.mailer.fail(1000);
    program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await;
    for _ in 0..9 {
        app.run_jobs().await;
        app.clock.advance_minutes(60);
    }
    assert_eq!(jobs::counts(&app.cx.db).await.unwrap(), (1, 0));
    app.run_jobs().await;
    assert_eq!(jobs::counts(&app.cx.db).await.unwrap(), (0, 1));
    app.clock.advance_minutes(60);
    app.run_jobs().await;
    assert_eq!(app.mailer.sent().len(), 0);
    app.tamper("DELETE FROM job").await;
}

async fn a_mail_that_was_overtaken_is_not_sent(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await.field("id");
    program.cancel(&visit).await.expect(200);
    let mails = mails(&app).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.ends_with("was cancelled"));
}

async fn a_code_that_came_too_late_is_not_sent(app: TestApp) {
    app.anonymous().form("/fn/sign-in", &[("email", "amira@example.com")]).await.expect(303);
    app.clock.advance_minutes(10);
    assert_eq!(mails(&app).await.len(), 0);
}

async fn a_code_mail_says_what_it_is_for(app: TestApp) {
    app.anonymous().form("/fn/sign-in", &[("email", "amira@example.com")]).await.expect(303);
    let mails = mails(&app).await;
    let code = app.newest_code();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert!(mails[0].text.contains(&spaced) && mails[0].html.contains(&spaced));
    assert!(mails[0].invite.is_none() && mails[0].text.contains("If you did not ask"));
}
