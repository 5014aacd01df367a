//! Every operation of the JSON API for every kind of caller: nobody, oneself, a helper with each right, one whose grant has
//! ended, another patient, the clinic's key with every scope and with none, and another network's key. What is not
//! yours is not there (ASVS 8.2.2, 8.4.1). An operation that is missing here fails the first test.

use std::collections::BTreeSet;

use domain::grant::Right;
use entity::{chart_grant, session};
use portal::Scope;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

use crate::matrix::{FAMILY, NOBODYS, Somebody, Subject, everybody};

on_both_engines![every_operation_is_in_the_table, every_operation_answers_every_caller_as_agreed];

/// Who may ask for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// The same for all.
    Everybody,
    /// A list of one's own visits: whoever is signed in, and keys that read visits.
    Visits,
    /// Whoever reaches the visit's chart with the right to book, and the clinic.
    Visit,
    /// Whoever is signed in, for themselves.
    SignedIn,
    /// Whoever reaches the chart with this right.
    With(Right),
    /// The owner, of what is theirs alone, such as a hold without its token.
    Own,
    /// A list of the clinic's: keys that read patients; another clinic's has nothing of this one.
    Clinic,
    /// One thing of the clinic's: keys of the clinic that may.
    Chart,
}

type Operation = (&'static str, &'static str, May, Value);

fn operations() -> Vec<Operation> {
    let none = || Value::Null;
    vec![
        ("GET", "/clinics", May::Everybody, none()),
        ("GET", "/clinics/{clinic}", May::Everybody, none()),
        ("GET", "/clinics/{clinic}/services", May::Everybody, none()),
        ("GET", "/clinics/{clinic}/practitioners", May::Everybody, none()),
        ("GET", "/clinics/{clinic}/availability", May::Everybody, none()),
        ("GET", "/smart-scheduling/$bulk-publish", May::Everybody, none()),
        ("GET", "/smart-scheduling/locations.ndjson", May::Everybody, none()),
        ("GET", "/smart-scheduling/schedules.ndjson", May::Everybody, none()),
        ("GET", "/smart-scheduling/clinics/{clinic}/slots.ndjson", May::Everybody, none()),
        ("GET", "/booking-referrals", May::Clinic, none()),
        (
            "POST",
            "/clinics/{clinic}/holds",
            May::Everybody,
            json!({ "service": "solo", "start": "2026-11-24T10:00:00Z" }),
        ),
        ("POST", "/holds/{id}/confirm", May::Own, json!({ "patient": Person::new("Ada", "Example").json() })),
        ("DELETE", "/holds/{id}", May::Own, none()),
        ("GET", "/appointments", May::Visits, none()),
        ("GET", "/appointments/{id}", May::Visit, none()),
        ("POST", "/appointments/{id}/cancel", May::Visit, json!({})),
        ("POST", "/appointments/{id}/reschedule", May::Visit, json!({ "hold": NOBODYS })),
        ("GET", "/me/profile", May::SignedIn, none()),
        (
            "PUT",
            "/me/profile/{patient}/{section}",
            May::With(Right::Book),
            json!({ "answer": { "values": { "city": "Berlin" } } }),
        ),
        ("GET", "/me/grants", May::SignedIn, none()),
        ("DELETE", "/me/grants/{id}", May::Own, none()),
        ("GET", "/me/sessions", May::SignedIn, none()),
        ("DELETE", "/me/sessions/{id}", May::Own, none()),
        ("GET", "/me/passkeys", May::SignedIn, none()),
        ("DELETE", "/me/passkeys/{id}", May::Own, none()),
        ("GET", "/patients", May::Clinic, none()),
        ("GET", "/patients/{id}", May::Chart, none()),
        ("POST", "/patients/{id}/activation", May::Chart, json!({})),
        ("DELETE", "/patients/{id}/activation", May::Chart, none()),
        ("POST", "/patients/{id}/letter", May::Chart, json!({ "clinic": "lab" })),
        ("POST", "/patients/{id}/merge", May::Chart, json!({ "gone": NOBODYS })),
        ("POST", "/merges/{id}/undo", May::Chart, json!({})),
        ("GET", "/match-cases", May::Clinic, none()),
        ("POST", "/match-cases/{id}", May::Chart, json!({ "same": true })),
        ("GET", "/change-requests", May::Clinic, none()),
        ("POST", "/change-requests/{id}", May::Chart, json!({ "accept": true })),
        ("GET", "/patients/{id}/files", May::Chart, none()),
        ("GET", "/patients/{id}/files/{file}", May::Chart, none()),
        ("GET", "/grant-requests", May::Clinic, none()),
        ("GET", "/grant-requests/{id}/file", May::Chart, none()),
        ("POST", "/grant-requests/{id}/decision", May::Chart, json!({ "accept": true })),
        ("GET", "/staff/clinics/{clinic}/schedule", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/appointments", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/appointments", May::Chart, desk_booking()),
        ("GET", "/staff/clinics/{clinic}/appointments/{id}", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/appointments/{id}/rehearsal", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/appointments/{id}/move", May::Chart, desk_move()),
        ("POST", "/staff/clinics/{clinic}/appointments/{id}/status", May::Chart, json!({ "status": "arrived" })),
        ("GET", "/staff/clinics/{clinic}/waiting", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/check-ins", May::Chart, json!({ "code": "7F3K-9QWX-2M4T-VB6D" })),
        ("GET", "/staff/clinics/{clinic}/blocks", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/blocks", May::Chart, block()),
        ("GET", "/staff/clinics/{clinic}/blocks/{id}", May::Chart, none()),
        ("DELETE", "/staff/clinics/{clinic}/blocks/{id}", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/patients", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/patients", May::Chart, new_chart()),
        ("GET", "/staff/clinics/{clinic}/patients/{id}", May::Chart, none()),
        ("PUT", "/staff/clinics/{clinic}/patients/{id}/contact", May::Chart, json!({ "phone": "030 23125 109" })),
        (
            "PUT",
            "/staff/clinics/{clinic}/patients/{id}/booking-stop",
            May::Chart,
            json!({ "reason": "please ring us" }),
        ),
        ("GET", "/staff/clinics/{clinic}/patients/{id}/booking-stop", May::Chart, none()),
        ("DELETE", "/staff/clinics/{clinic}/patients/{id}/booking-stop", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/calendars", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/calendars", May::Chart, json!({ "name": "Practice system" })),
        ("GET", "/staff/clinics/{clinic}/calendars/{id}", May::Chart, none()),
        ("PATCH", "/staff/clinics/{clinic}/calendars/{id}", May::Chart, json!({ "name": "Another" })),
        ("DELETE", "/staff/clinics/{clinic}/calendars/{id}", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/calendars/{id}/fetch", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/calendars/{id}/reads/{read}/acceptance", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/calendars/{id}/reads", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/calendars/{id}/reads", May::Chart, telling()),
        ("GET", "/staff/clinics/{clinic}/calendars/{id}/outgoing", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/calendars/{id}/acknowledgements", May::Chart, acknowledgement()),
        ("GET", "/staff/clinics/{clinic}/reconciliation", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/reconciliation/{id}", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/reconciliation/{id}/decision", May::Chart, json!({ "decision": "apart" })),
        ("GET", "/staff/clinics/{clinic}/hours", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/hours/exceptions", May::Chart, leave()),
        ("DELETE", "/staff/clinics/{clinic}/hours/exceptions", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/hours/closures", May::Chart, closure()),
        ("DELETE", "/staff/clinics/{clinic}/hours/closures", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/displaced", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/displaced/{id}", May::Chart, json!({ "act": "offer" })),
        ("GET", "/staff/clinics/{clinic}/waitlist", May::Chart, none()),
        ("POST", "/staff/clinics/{clinic}/waitlist", May::Chart, wait()),
        ("GET", "/staff/clinics/{clinic}/waitlist/figures", May::Chart, none()),
        ("GET", "/staff/clinics/{clinic}/waitlist/{id}", May::Chart, none()),
        (
            "PUT",
            "/staff/clinics/{clinic}/waitlist/{id}/priority",
            May::Chart,
            json!({ "priority": "soon", "why": "Pain" }),
        ),
        ("POST", "/staff/clinics/{clinic}/waitlist/{id}/remove", May::Chart, json!({ "reason": "Seen elsewhere" })),
        (
            "POST",
            "/staff/clinics/{clinic}/waitlist/{id}/offers",
            May::Chart,
            json!({ "start": "2026-11-24T16:00:00+01:00" }),
        ),
        ("DELETE", "/staff/clinics/{clinic}/waitlist/{id}/offers", May::Chart, none()),
    ]
}

fn telling() -> Value {
    json!({ "as_of": "2026-11-23T06:00:00Z", "entries": [] })
}

fn acknowledgement() -> Value {
    json!({ "appointment": NOBODYS, "version": 1 })
}

fn leave() -> Value {
    json!({ "resource": "solo", "from": "2026-11-24" })
}

fn closure() -> Value {
    json!({ "from": "2026-11-24", "reason": "Rest" })
}

fn wait() -> Value {
    json!({ "patient": NOBODYS, "service": "solo", "wishes": { "until": "2026-12-18" } })
}

fn new_chart() -> Value {
    json!({ "patient": { "given": "Ada", "family": "Example", "birth_date": "1980-01-31" } })
}

fn block() -> Value {
    json!({ "resource": "solo", "start": "2026-11-24T12:00:00+01:00", "end": "2026-11-24T13:00:00+01:00" })
}

fn desk_move() -> Value {
    json!({ "practitioner": "solo", "start": "2026-11-24T16:00:00+01:00" })
}

fn desk_booking() -> Value {
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T16:00:00+01:00", "new_patient": new })
}

async fn every_operation_is_in_the_table(app: TestApp) {
    let described = app.anonymous().get("/api/openapi.json").await.expect(200).json();
    let paths = described["paths"].as_object().expect("paths");
    let mut all = BTreeSet::new();
    for (path, methods) in paths {
        let path = path.strip_prefix("/api/v1").expect("a path of this version");
        all.extend(methods.as_object().expect("methods").keys().map(|m| (m.to_uppercase(), path.to_owned())));
    }
    let listed: BTreeSet<_> =
        operations().into_iter().map(|(method, path, ..)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(listed, all);
}

/// What paths are filled with: the subject's own things, which exist.
struct Things {
    visit: String,
    entry: String,
    patient: String,
    hold: String,
    session: String,
    grant: String,
}

impl Things {
    async fn of(app: &TestApp, subject: &Subject, oneself: &Caller) -> Self {
        let hold = oneself.hold("lab", "solo", "2026-11-26T10:00:00+01:00").await.expect(201).field("id");
        let sessions = oneself.get("/api/v1/me/sessions").await.expect(200).json();
        let session = sessions["items"][0]["id"].as_str().expect("a session").to_owned();
        let row = session::Entity::find().one(app.cx.db.read()).await.expect("sessions").expect("a session");
        assert_eq!(session.len(), row.id.to_string().len());
        let own = chart_grant::Entity::find().all(app.cx.db.read()).await.expect("grants");
        let own = own.into_iter().find(|grant| grant.relation == "self").expect("an own grant");
        let (visit, patient) = (subject.visit.clone(), subject.patient.to_string());
        Self { visit, entry: subject.entry.clone(), patient, hold, session, grant: own.id.to_string() }
    }

    fn path(&self, template: &str) -> String {
        let id = match template {
            path if path.contains("/appointments") || path.contains("/displaced") => &self.visit,
            path if path.contains("/waitlist") => &self.entry,
            path if path.starts_with("/holds") => &self.hold,
            path if path.starts_with("/me/grants") => &self.grant,
            path if path.starts_with("/me/sessions") => &self.session,
            path if path.contains("/patients") => &self.patient,
            _ => NOBODYS,
        };
        let query = match template {
            "/clinics/{clinic}/availability" => "?service=solo&from=2026-11-24&to=2026-11-24",
            "/patients" => "?clinic=lab&number=1",
            "/staff/clinics/{clinic}/schedule" => "?from=2026-11-24",
            "/staff/clinics/{clinic}/patients" => "?q=khalil",
            "/staff/clinics/{clinic}/hours/exceptions" => "?resource=solo&from=2026-11-24",
            "/staff/clinics/{clinic}/hours/closures" => "?from=2026-11-24",
            "/staff/clinics/{clinic}/appointments/{id}/rehearsal" => "?practitioner=solo&start=2026-11-24T16:00:00Z",
            _ => "",
        };
        let path = template
            .replace("{clinic}", "lab")
            .replace("{patient}", &self.patient)
            .replace("{section}", "address")
            .replace("{file}", NOBODYS)
            .replace("{read}", NOBODYS)
            .replace("{id}", id);
        format!("/api/v1{path}{query}")
    }
}

async fn ask(caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
    let request = caller.request(method, path).header("idempotency-key", "matrix");
    let request = match body {
        Value::Null => request,
        body => request.header("content-type", "application/json").body(body.to_string()),
    };
    caller.send(request).await
}

/// Keys of programs, and what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    None,
    Full,
    WithoutScope,
    Elsewhere,
}

fn may_sign_in(who: &Somebody, may: May) -> bool {
    match may {
        May::Everybody => true,
        May::Clinic | May::Chart => false,
        May::Visits | May::SignedIn => who.signed_in,
        May::Visit => who.may(Right::Book),
        May::With(right) => who.may(right),
        May::Own => who.name == "oneself",
    }
}

/// `None`: allowed.
fn refusal(who: &Somebody, key: Key, may: May, template: &str) -> Option<u16> {
    match (key, may) {
        (Key::None, _) if template.starts_with("/staff/") && !who.signed_in => Some(401),
        (_, May::Everybody) => None,
        (Key::None, may) => (!may_sign_in(who, may)).then_some(404),
        // A key is no patient's.
        (_, May::SignedIn | May::With(_) | May::Own) => Some(404),
        (Key::Full, _) => None,
        (Key::WithoutScope, May::Visit) => Some(404),
        (Key::WithoutScope, _) => Some(403),
        (Key::Elsewhere, May::Visits | May::Clinic) => None,
        (Key::Elsewhere, _) => Some(404),
    }
}

async fn every_operation_answers_every_caller_as_agreed(app: TestApp) {
    let (subject, people) = everybody(&app).await;
    let things = Things::of(&app, &subject, &people[1].caller).await;
    let all_scopes = Scope::ALL.map(|(scope, _)| scope);
    let program = |name: &str, caller| Somebody {
        name: name.to_owned(),
        caller,
        signed_in: false,
        own: false,
        rights: Vec::new(),
    };
    let keys = [
        (program("the clinic's key", app.program_with("lab", &all_scopes).await), Key::Full),
        (program("a key without scope", app.program_with("lab", &[]).await), Key::WithoutScope),
        (program("another network's key", app.program_with("riverside", &all_scopes).await), Key::Elsewhere),
    ];
    let callers: Vec<_> = people.iter().map(|who| (who, Key::None)).chain(keys.iter().map(|(w, k)| (w, *k))).collect();
    let versions = async || {
        let visits = app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await;
        let grants = app.count("SELECT count(*) FROM chart_grant WHERE ended_at IS NULL").await;
        (visits, grants, app.count("SELECT count(*) FROM session").await)
    };
    let mut wrong = Vec::new();
    for (method, template, may, body) in operations() {
        let mut path = things.path(template);
        // Only what is taken back is said in the address.
        if method == "POST" && template.contains("/hours/") {
            path.truncate(path.find('?').unwrap_or(path.len()));
        }
        let before = versions().await;
        for (who, key) in &callers {
            let wanted = refusal(who, *key, may, template);
            let reads = method == "GET";
            // What changes something is done by whoever may in the tests of each feature.
            if wanted.is_none() && !reads && may != May::Everybody {
                continue;
            }
            let answer = ask(&who.caller, method, &path, &body).await;
            let what = format!("{method} {path} as {}: {} {}", who.name, answer.status, answer.text);
            let elsewhere = matches!(key, Key::Elsewhere) || who.name == "somebody else";
            let tells = answer.text.contains(FAMILY);
            let fits = match wanted {
                Some(expected) => expected == answer.status && !tells,
                None => answer.status < 500 && ![401, 403].contains(&answer.status) && !(elsewhere && tells),
            };
            if !fits {
                wrong.push(what);
            }
        }
        if may != May::Everybody {
            assert_eq!(versions().await, before, "{method} {path}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
