//! Whoever calls the server: a program with or without a key, a browser with or without a session.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::person::Email;
use portal::identity;
use serde_json::{Value, json};

use crate::{Answer, TestApp};

/// Keeps its own cookie, because the server's are for HTTPS only and the test's port speaks HTTP.
#[derive(Clone)]
pub struct Caller {
    app: TestApp,
    key: Option<String>,
    cookie: Option<String>,
    address: Option<String>,
    headers: Vec<(String, String)>,
}

/// Somebody to book for.
#[derive(Clone, Debug)]
pub struct Person {
    pub given: String,
    pub family: String,
    pub birth_date: String,
    pub email: String,
}

impl Person {
    pub fn new(given: &str, family: &str) -> Self {
        let email = format!("{given}.{family}@example.com").to_lowercase();
        Self { given: given.to_owned(), family: family.to_owned(), birth_date: "1980-01-31".to_owned(), email }
    }

    /// The n-th of many, all different.
    pub fn number(n: usize) -> Self {
        Self::new(&format!("Given{n}"), &format!("Family{n}"))
    }

    pub fn json(&self) -> Value {
        json!({ "given": self.given, "family": self.family, "birth_date": self.birth_date, "email": self.email })
    }
}

impl Caller {
    pub(crate) fn new(app: TestApp) -> Self {
        Self { app, key: None, cookie: None, address: None, headers: Vec::new() }
    }

    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub fn with_cookie(mut self, token: &str) -> Self {
        self.cookie = Some(token.to_owned());
        self
    }

    /// With the session that an answer began or renewed.
    pub fn with_cookie_of(self, answer: &Answer) -> Self {
        let value = answer.header("set-cookie").strip_prefix("__Host-portico=").expect("a session cookie");
        let token = value.split(';').next().unwrap_or_default().to_owned();
        self.with_cookie(&token)
    }

    /// Calls from another network address.
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// Sends a header with everything.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// The session's secret; empty without one.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    /// Asks for a code, reads it in the mail, and proves the address with it.
    pub async fn sign_in(&mut self, email: &str) {
        let cx = &self.app.cx;
        let (browser, _) = identity::start(cx, None).await.expect("a session begins");
        let email = Email::parse(email).expect("an address");
        identity::request_code(cx, &browser, identity::Origin::default(), &email).await.expect("a code is sent");
        self.app.run_jobs().await;
        let (_, token) = identity::prove(cx, &browser, &self.app.newest_code()).await.expect("the code is right");
        self.cookie = Some(token);
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse::<http::Method>().expect("a method");
        let mut request = self.app.client().request(method, format!("{}{path}", self.app.url()));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if let Some(cookie) = &self.cookie {
            request =
                request.header("cookie", format!("__Host-portico={cookie}")).header("sec-fetch-site", "same-origin");
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await.expect("the server answers")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.post_request(path, body)).await
    }

    /// Posts what makes something, with a key of its own.
    pub async fn make(&self, path: &str, body: &Value) -> Answer {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let key = format!("make-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.send(self.post_request(path, body).header("idempotency-key", key)).await
    }

    pub fn post_request(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.request("POST", path).header("content-type", "application/json").body(body.to_string())
    }

    /// Posts a form, as a page does.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(&format!("{}={}", encode(name), encode(value)));
        }
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Posts a form with a file, as a page does: the field's name, the file's name, and its bytes.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Answer {
        const BOUNDARY: &str = "----boundary-of-a-test";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        if let Some((field, name, bytes)) = file {
            let what = format!("Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{what}\r\nContent-Type: image/jpeg\r\n\r\n").into_bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(self.request("POST", path).header("content-type", kind).body(body)).await
    }

    /// Holds `service` of `clinic` at `start` with anybody.
    pub async fn hold(&self, clinic: &str, service: &str, start: &str) -> Answer {
        self.hold_with(clinic, service, start, "any").await
    }

    pub async fn hold_with(&self, clinic: &str, service: &str, start: &str, practitioner: &str) -> Answer {
        let body = json!({ "service": service, "start": start, "practitioner": practitioner });
        self.post(&format!("/api/v1/clinics/{clinic}/holds"), &body).await
    }

    /// Gives a hold back, with its token.
    pub async fn release(&self, hold: &Answer) -> Answer {
        let request = self.request("DELETE", &format!("/api/v1/holds/{}", hold.field("id")));
        self.send(request.header("hold-token", hold.field("token"))).await
    }

    pub async fn confirm(&self, hold: &Answer, person: &Person, key: &str) -> Answer {
        self.confirm_body(hold, &json!({ "patient": person.json() }), key).await
    }

    pub async fn confirm_body(&self, hold: &Answer, body: &Value, key: &str) -> Answer {
        let request = self.post_request(&format!("/api/v1/holds/{}/confirm", hold.field("id")), body);
        self.send(request.header("hold-token", hold.field("token")).header("idempotency-key", key)).await
    }

    /// Holds and confirms; answers the appointment.
    pub async fn book(&self, clinic: &str, service: &str, start: &str, person: &Person) -> Answer {
        let hold = self.hold(clinic, service, start).await.expect(201);
        self.confirm(&hold, person, &hold.field("id")).await.expect(201)
    }

    pub async fn cancel(&self, appointment: &str) -> Answer {
        self.post(&format!("/api/v1/appointments/{appointment}/cancel"), &json!({})).await
    }

    pub async fn reschedule(&self, appointment: &str, hold: &Answer) -> Answer {
        let body = json!({ "hold": hold.field("id") });
        let request = self.post_request(&format!("/api/v1/appointments/{appointment}/reschedule"), &body);
        self.send(request.header("hold-token", hold.field("token"))).await
    }

    /// The free starts from one day to another, as the API lists them.
    pub async fn free(&self, clinic: &str, service: &str, from: &str, to: &str) -> Vec<String> {
        let path = format!("/api/v1/clinics/{clinic}/availability?service={service}&from={from}&to={to}");
        let days = self.get(&path).await.expect(200).json();
        let starts = days["days"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|d| d["starts"].as_array().cloned().unwrap_or_default());
        starts.map(|s| s["start"].as_str().expect("a start").to_owned()).collect()
    }
}

impl TestApp {
    /// The six digits of the newest mail with a code.
    pub fn newest_code(&self) -> String {
        let sent = self.mailer.sent();
        let mail = sent.iter().rev().find(|m| m.subject.ends_with("is your Portico code")).expect("a code was sent");
        mail.subject.chars().filter(char::is_ascii_digit).collect()
    }
}

/// Percent-encoding for forms and queries.
pub fn encode(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
