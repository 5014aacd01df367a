//! What is typed stays words: it runs nowhere, asks the database for nothing of its own, breaks no page, and is refused in
//! words where it cannot be.

use domain::staff::Role;
use portal::Scope;
use serde_json::json;
use testkit::{Answer, Caller, Person, TestApp, encode, on_both_engines};

use crate::{
    bad_input::{assert_refused, rows},
    desk::{DAY, TEN},
    desk_booking::new_visit,
    support::skeleton,
};

on_both_engines![
    the_finder_takes_everything_as_words,
    wildcards_are_no_wildcards,
    what_is_too_long_finds_nothing,
    a_name_is_words_on_every_page_of_a_booking,
    a_name_is_words_at_the_desk,
    names_that_cannot_be_are_refused_on_every_way_in,
];

const NASTY: [&str; 9] = [
    "</textarea><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "\" autofocus onfocus=\"alert(1)",
    "' onfocus='alert(1)",
    "<!--<img src=x onerror=alert(1)>",
    "x' OR '1'='1",
    "x'); DROP TABLE clinic; --",
    "x\" UNION SELECT master_key FROM keyring --",
    "{{7*7}} ${7*7} <%= 7*7 %>",
];

/// A page of words that fit nowhere.
const HARMLESS: &str = "qqqq";

#[track_caller]
fn assert_words(page: &Answer, harmless: &Answer, typed: &str) {
    assert_eq!(skeleton(&page.text), skeleton(&harmless.text), "{typed}: {}", page.text);
}

async fn the_finder_takes_everything_as_words(app: TestApp) {
    let visitor = app.anonymous();
    for field in ["q", "city", "language", "after"] {
        // After `qqqq` come some clinics, as after nothing; after the last there are none.
        let harmless = if field == "after" { "zzzz" } else { HARMLESS };
        let plain = visitor.get(&format!("/?{field}={harmless}")).await.expect(200);
        for typed in NASTY.into_iter().chain(["q\u{0}q", "q\r\nSet-Cookie: x=1", "\u{202e}abc", "\u{1F4A9}"]) {
            let typed = if field == "after" { format!("z{typed}") } else { typed.to_owned() };
            let query = format!("{field}={}", encode(&typed));
            let page = visitor.get(&format!("/?{query}")).await.expect(200);
            assert_words(&page, &plain, &query);
            assert!(!page.header("set-cookie").contains("x=1"), "{query}");
            let found = visitor.get(&format!("/api/v1/clinics?{query}")).await.expect(200).json();
            assert_eq!(found["items"], json!([]), "{query}");
        }
    }
    // A speciality is a word among the others; a field of its own is told to be none.
    assert_refused(&visitor.get("/api/v1/clinics?speciality=x").await, 400, "speciality");
    assert_eq!(app.count("SELECT count(*) FROM clinic").await, 4);
}

async fn wildcards_are_no_wildcards(app: TestApp) {
    let visitor = app.anonymous();
    for typed in ["northg%te", "north%", "north_ate", "n_rthgate", "n*e", "north?ate", "nort[h]gate", "northgate\\"] {
        for field in ["q", "city", "language"] {
            let query = format!("{field}={}", encode(typed));
            let found = visitor.get(&format!("/api/v1/clinics?{query}")).await.expect(200).json();
            // The signs are left out, as somebody leaves them out who types a name.
            let fits = field == "q" && ["north%", "northgate\\"].contains(&typed);
            assert_eq!(found["items"].as_array().map(Vec::len), Some(usize::from(fits)), "{query}");
        }
    }
    for city in ["%", "_______", "new%", "new_york"] {
        let found = visitor.get(&format!("/api/v1/clinics?city={}", encode(city))).await.expect(200).json();
        assert_eq!(found["items"], json!([]), "{city}");
    }
}

async fn what_is_too_long_finds_nothing(app: TestApp) {
    let visitor = app.anonymous();
    let plain = visitor.get(&format!("/?q={HARMLESS}")).await.expect(200);
    for typed in ["q".repeat(2_000), "q".repeat(60_000), "qqqq ".repeat(5_000), "%".repeat(15_000) + "q"] {
        let length = typed.len();
        for field in ["q", "city", "language"] {
            let query = format!("{field}={}", encode(&typed));
            let page = visitor.get(&format!("/?{query}")).await;
            assert_eq!(page.status, 200, "{length} of {field}");
            if field == "q" {
                assert_words(&page, &plain, "too long");
            }
            let found = visitor.get(&format!("/api/v1/clinics?{query}")).await;
            assert_eq!((found.status, &found.json()["items"]), (200, &json!([])), "{length} of {field}");
        }
    }
}

/// Somebody who books on the pages, by this name; every page on the way.
async fn booked_as(app: &TestApp, email: &str, name: &str) -> Vec<Answer> {
    let browser = app.patient(email).await;
    let time = [("clinic", "lab"), ("service", "wide"), ("start", TEN)];
    let held = browser.form("/fn/hold", &time).await.expect(303);
    let (details, hold) = (held.header("location"), held.header("location").rsplit('/').next().unwrap());
    let known = [("clinic", "lab"), ("hold", hold), ("ask", "named"), ("relation", "self")];
    let born = [("birth-day", "1"), ("birth-month", "1"), ("birth-year", "1980"), ("phone", "")];
    let typed = [("given", name), ("family", name), ("reason", name), ("email", email)];
    // A day that is missing brings back the form with what was typed.
    let wrong = [&known[..], &born[1..], &typed].concat();
    browser.form("/fn/details", &wrong).await.expect(303);
    let mut pages = vec![browser.get(details).await.expect(200)];
    let check = browser.form("/fn/details", &[&known[..], &born, &typed].concat()).await.expect(303);
    assert_eq!(check.header("location"), format!("{details}/check"), "{}", pages[0].text);
    pages.push(browser.get(check.header("location")).await.expect(200));
    let booked = browser.form("/fn/confirm", &known[..2]).await.expect(303);
    pages.push(browser.get(booked.header("location")).await.expect(200));
    let visit = booked.header("location").trim_end_matches("/booked");
    for page in [visit, &format!("{visit}/cancel"), "/visits", "/home", "/account", "/account/records"] {
        pages.push(browser.get(page).await.expect(200));
    }
    pages
}

async fn a_name_is_words_on_every_page_of_a_booking(app: TestApp) {
    let plain = booked_as(&app, "plain@example.com", "Quentin").await;
    assert!(plain[..4].iter().all(|page| page.text.contains("Quentin")), "the name is on the pages");
    for (n, name) in NASTY.into_iter().enumerate() {
        let pages = booked_as(&app, &format!("nasty{n}@example.com"), name).await;
        for (page, plain) in pages.iter().zip(&plain) {
            assert_words(page, plain, name);
        }
    }
    app.run_jobs().await;
    for mail in app.mailer.sent() {
        skeleton(&mail.html);
        assert!(!mail.html.contains("<script") && !mail.html.contains("onfocus=\""), "{}", mail.html);
        assert!(!mail.subject.contains(['\r', '\n']) && !mail.text.contains("\r\nBcc"), "{mail:?}");
    }
}

async fn a_name_is_words_at_the_desk(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let pages = async |name: &str, key: &str| {
        let person = [("given", name), ("family", name), ("birth-day", "1"), ("birth-month", "1"), ("reason", name)];
        let form = [&[("key", key), ("service", "wide"), ("with", "crowd")][..], &person].concat();
        at.caller.form("/fn/desk-book", &new_visit(&form)).await.expect(303);
        let mut pages = vec![at.caller.get(&format!("/staff/lab/new?form={key}")).await.expect(200)];
        // Of each another, so that nobody is taken for somebody else.
        let (year, phone) = (format!("19{key}"), format!("030 2312510{}", &key[1..]));
        let form = [&form[..], &[("birth-year", &year), ("phone", &phone)]].concat();
        let booked = at.caller.form("/fn/desk-book", &new_visit(&form)).await.expect(303);
        pages.push(at.caller.get(booked.header("location")).await.expect(200));
        pages
    };
    let plain = pages("Quentin", "70").await;
    for (n, name) in NASTY.into_iter().enumerate() {
        let pages = pages(name, &(71 + n).to_string()).await;
        for (page, plain) in pages.iter().zip(&plain) {
            assert_words(page, plain, name);
        }
        at.caller.form("/fn/desk-find", &[("clinic", "lab"), ("q", name)]).await.expect(303);
        let found = at.caller.get("/staff/lab/patients?found=yes").await.expect(200);
        skeleton(&found.text);
    }
    for page in [format!("/staff/lab/schedule?day={DAY}"), format!("/staff/lab/schedule?day={DAY}&with=crowd")] {
        let page = at.caller.get(&page).await.expect(200).text;
        skeleton(&page);
        assert!(page.contains("Quentin") && !page.contains("<script>alert(1)"), "{page}");
    }
    let caller = app.program_with("lab", &[Scope::AppointmentsRead, Scope::PatientsRead]).await;
    let listed = caller.get(&format!("/api/v1/staff/clinics/lab/schedule?from={DAY}")).await.expect(200);
    assert_eq!(listed.header("content-type"), "application/json");
    assert_eq!(listed.json()["entries"].as_array().map(Vec::len), Some(NASTY.len() + 1));
}

/// Names that nobody has.
fn impossible() -> [String; 5] {
    let [a, b, c, d] = ["a\u{0}b", "a\u{7}b", "a\r\nBcc: x@example.com", "\u{202e}abc"].map(str::to_owned);
    [a, b, c, d, "x".repeat(121)]
}

async fn names_that_cannot_be_are_refused_on_every_way_in(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "wide", TEN).await.expect(201);
    let browser = app.patient("amira@example.com").await;
    let led = browser.form("/fn/hold", &[("clinic", "lab"), ("service", "wide"), ("start", TEN)]).await.expect(303);
    let details = led.header("location").to_owned();
    let of_hold = details.rsplit('/').next().unwrap();
    let at = app.staff("lab", Role::FrontDesk).await;
    let desk = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let before = rows(&app).await;
    for name in impossible() {
        for field in ["given", "family"] {
            let person = |rest: [(&'static str, &'static str); 4]| -> Vec<(&str, String)> {
                let names =
                    ["given", "family"].map(|of| (of, if of == field { name.clone() } else { "Ada".to_owned() }));
                let born = [("birth-day", "1"), ("birth-month", "1"), ("birth-year", "1980")];
                let rest = rest.into_iter().chain(born).map(|(of, value)| (of, value.to_owned()));
                names.into_iter().chain(rest).collect()
            };
            let mut patient = Person::number(1).json();
            patient[field] = json!(name);
            let confirmed = program.confirm_body(&hold, &json!({ "patient": patient }), "k").await;
            assert_refused(&confirmed, 400, &name);
            let new = json!({ "given": patient["given"], "family": patient["family"], "birth_date": "1980-01-31" });
            let body = json!({ "service": "solo", "practitioner": "solo", "start": TEN, "new_patient": new });
            let request = desk.post_request("/api/v1/staff/clinics/lab/appointments", &body);
            assert_refused(&desk.send(request.header("idempotency-key", "k")).await, 400, &name);
            // On a page the mistake stands at its field.
            let mut fields = person([("ask", "named"), ("relation", "self"), ("clinic", "lab"), ("hold", "")]);
            fields.retain(|(of, _)| *of != "hold");
            fields.push(("hold", of_hold.to_owned()));
            told(&browser, "/fn/details", &fields, &details, field).await;
            let fields = person([("relation", "self"), ("clinic", "lab"), ("phone", ""), ("source", "")]);
            told(&browser, "/fn/chart-register", &fields, "/c/lab/register", field).await;
            let fields = person([("clinic", "lab"), ("key", "k"), ("phone", "030 23125 101"), ("service", "solo")]);
            let date = [("with", "solo".to_owned()), ("date", DAY.to_owned()), ("time", "10:00".to_owned())];
            let fields: Vec<_> = fields.into_iter().chain(date).collect();
            told(&at.caller, "/fn/desk-book", &fields, "/staff/lab/new?patient=&form=k", field).await;
        }
    }
    assert_eq!(rows(&app).await, before);
}

/// A form that comes back and says what is wrong with a field.
async fn told(browser: &Caller, form: &str, fields: &[(&str, String)], page: &str, field: &str) {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let led = browser.form(form, &fields).await.expect(303);
    assert_eq!(led.header("location"), page, "{form}: {fields:?}");
    let page = browser.get(page).await.expect(200).text;
    skeleton(&page);
    assert!(page.contains(&format!("href=\"#{field}\"")), "{form}: {fields:?}: {page}");
}
