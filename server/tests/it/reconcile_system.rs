//! A clinic's own system, as it tells Portico of its calendar.

use futures::FutureExt;
use portal::{Scope, reconcile};
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp};

pub(crate) const API: &str = "/api/v1/staff/clinics/lab";
pub(crate) const TEN: &str = "2026-11-24T10:00:00+01:00";
pub(crate) const ALL: [Scope; 4] =
    [Scope::CalendarsReconcile, Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::PatientsRead];

pub(crate) struct System {
    pub(crate) app: TestApp,
    pub(crate) caller: Caller,
    pub(crate) calendar: String,
}

pub(crate) fn entry(key: &str, start: &str, minutes: i64) -> Value {
    let start: jiff::Timestamp = start.parse().expect("a time");
    let end = start + jiff::SignedDuration::from_mins(minutes);
    json!({ "key": key, "resource": "solo", "start": start.to_string(), "end": end.to_string() })
}

pub(crate) fn named(mut entry: Value, name: &str) -> Value {
    entry["patient"] = json!({ "name": name });
    entry
}

impl System {
    pub(crate) async fn of(app: &TestApp) -> Self {
        Self::with(app, json!({ "name": "Practice system", "grace_minutes": 60 })).await
    }

    pub(crate) async fn with(app: &TestApp, made: Value) -> Self {
        let caller = app.program_with("lab", &ALL).await;
        let calendar = caller.make(&format!("{API}/calendars"), &made).await.expect(201).field("id");
        Self { app: app.clone(), caller, calendar }
    }

    pub(crate) async fn tell(&self, app: &TestApp, entries: &[Value]) -> Value {
        // Two tellings are of two moments.
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_secs(1));
        self.tell_of(&app.cx.now().to_string(), entries).await.expect(200).json()
    }

    pub(crate) async fn tell_of(&self, as_of: &str, entries: &[Value]) -> Answer {
        let (from, to) = ("2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z");
        let told = json!({ "as_of": as_of, "complete": true, "from": from, "to": to, "entries": entries });
        let answer = self.caller.post(&format!("{API}/calendars/{}/reads", self.calendar), &told).await;
        self.compare().await;
        answer
    }

    pub(crate) async fn questions(&self) -> Vec<Value> {
        let list = self.caller.get(&format!("{API}/reconciliation")).await.expect(200).json();
        list["items"].as_array().expect("items").clone()
    }

    pub(crate) async fn kinds(&self) -> Vec<String> {
        self.questions().await.iter().map(|item| item["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    pub(crate) async fn decide(&self, item: &Value, answer: &Value) -> Answer {
        let path = format!("{API}/reconciliation/{}/decision", item["id"].as_str().expect("an id"));
        let request = self.caller.post_request(&path, answer).header("if-match", format!("\"{}\"", item["version"]));
        let answer = self.caller.send(request).await;
        self.compare().await;
        answer
    }

    /// As the worker does it when somebody rings.
    pub(crate) async fn compare(&self) {
        if self.app.cx.calendar_bell.rung().now_or_never().is_some() {
            reconcile::settle_wanted(&self.app.cx).await;
        }
    }

    pub(crate) async fn outgoing(&self) -> Vec<(String, String, i64)> {
        let path = format!("{API}/calendars/{}/outgoing", self.calendar);
        self.caller.get(&path).await.expect(200);
        self.compare().await;
        let list = self.caller.get(&path).await.expect(200).json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let items = list["items"].as_array().expect("items").iter();
        items
            .map(|i| (text(&i["appointment"]), text(&i["change"]), i["version"].as_i64().expect("a version")))
            .collect()
    }

    pub(crate) async fn acknowledge(&self, visit: &str, version: i64, key: Option<&str>) -> String {
        let said = json!({ "appointment": visit, "version": version, "key": key });
        let path = format!("{API}/calendars/{}/acknowledgements", self.calendar);
        self.caller.post(&path, &said).await.expect(200).field("state")
    }

    pub(crate) async fn visit(&self, id: &str) -> Value {
        self.caller.get(&format!("{API}/appointments/{id}")).await.expect(200).json()
    }

    pub(crate) async fn is_free(&self, start: &str) -> bool {
        let day = &start[..10];
        self.caller.free("lab", "solo", day, day).await.iter().any(|free| free == start)
    }
}

pub(crate) fn amira() -> Person {
    Person::new("Amira", "Khalil")
}

pub(crate) async fn book(app: &TestApp, start: &str) -> String {
    app.program("lab").await.book("lab", "solo", start, &amira()).await.field("id")
}
