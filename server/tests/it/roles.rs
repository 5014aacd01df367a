//! Every page, every action and every operation of the desk for every role (HIP-01), from the table of `domain::staff`. One
//! that is missing here fails the first tests; one that does not ask for its permit fails the last.

use std::collections::BTreeSet;

use domain::staff::{Action, Reach, Role};
use jiff::{ToSpan, civil::date};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use portal::Scope;
use serde_json::{Value, json};
use testkit::{Answer, AtDesk, Person, TestApp, on_both_engines};

use crate::{
    matrix::NOBODYS,
    reconcile_system::{System, entry, named},
};

on_both_engines![every_operation_of_the_desk_has_its_needs, each_role_sees_and_does_exactly_what_the_table_says];

/// What somebody needs for it.
#[derive(Clone, Copy, Debug)]
enum Needs {
    /// Whoever works at the clinic: what is not theirs leads to what is.
    Post,
    One(Action),
    Both(Action, Action),
    /// For all of the clinic, not their own alone.
    Whole(Action),
    /// This, and something that is theirs alone, which here is nobody's: other tests have theirs.
    Theirs(Action),
}

use Action::*;
use Needs::*;

impl Needs {
    /// Whether a role may. `None`: not for this test to say.
    fn met_by(self, role: Role) -> Option<bool> {
        let has = |action| role.reach(action).is_some();
        match self {
            Post => Some(true),
            One(action) => Some(has(action)),
            Both(one, other) => Some(has(one) && has(other)),
            Whole(action) => Some(role.reach(action) == Some(Reach::Clinic)),
            Theirs(action) => (!has(action)).then_some(false),
        }
    }
}

/// After `/staff/{clinic}`.
const PAGES: [(&str, Needs); 40] = [
    ("", Post),
    ("/schedule", Post),
    ("/go-on", Post),
    ("/new", One(ChangeVisits)),
    ("/new/who", Both(ChangeVisits, ChangePatients)),
    ("/visits/:visit", One(SeeSchedule)),
    ("/visits/:visit/move", Both(SeeSchedule, ChangeVisits)),
    ("/visits/:visit/cancel", Both(SeeSchedule, ChangeVisits)),
    ("/waiting", One(SeeSchedule)),
    ("/screen", Whole(ChangeVisits)),
    ("/poster", One(ChangeVisits)),
    ("/block", One(ChangeVisits)),
    ("/blocks/:block", One(ChangeVisits)),
    ("/hours", One(ChangeHours)),
    ("/hours/of/:whose", One(ChangeHours)),
    ("/hours/of/:whose/week", One(ChangeHours)),
    ("/hours/of/:whose/away", One(ChangeHours)),
    ("/hours/closures", Whole(ChangeHours)),
    ("/hours/closure", Whole(ChangeHours)),
    ("/hours/settings", Whole(ChangeHours)),
    ("/hours/rehearsals/:rehearsal", One(ChangeHours)),
    ("/new-times", One(ChangeVisits)),
    ("/patients", One(SeePatients)),
    ("/patients/:patient", One(SeePatients)),
    ("/patients/:patient/contact", Both(SeePatients, ChangePatients)),
    ("/patients/:patient/online-booking", Both(SeePatients, ChangePatients)),
    ("/matches", One(ChangePatients)),
    ("/reconcile", One(Reconcile)),
    ("/calendars", Both(ChangeHours, Reconcile)),
    ("/calendars/new", Both(ChangeHours, Reconcile)),
    ("/calendars/:calendar", One(Reconcile)),
    ("/calendars/:calendar/columns", Both(ChangeHours, Reconcile)),
    ("/calendar-links", One(ChangeHours)),
    ("/emergency", Both(BreakGlass, SeeSchedule)),
    ("/emergency/:access", Theirs(BreakGlass)),
    ("/emergencies", One(SeeAudit)),
    ("/waitlist", One(SeeSchedule)),
    ("/waitlist/new", Both(ChangeVisits, SeePatients)),
    ("/waitlist/:entry", One(SeeSchedule)),
    ("/people", One(ManageStaff)),
];
/// One more, which asks for a fresh proof before it asks for leave.
const INVITING: (&str, Needs) = ("/people/new", One(ManageStaff));

type Fields = &'static [(&'static str, &'static str)];

/// What each is sent besides the clinic; `VISIT` and the like are what is there. What is sent does as little as it can.
const ACTIONS: [(&str, Needs, Fields); 42] = [
    ("desk-find", One(SeePatients), &[("q", "khalil")]),
    ("desk-book", One(ChangeVisits), &[("service", "solo"), ("patient", "PATIENT"), ("look", "yes")]),
    ("desk-move", One(ChangeVisits), &[("visit", "VISIT"), ("with", "solo"), ("date", "x"), ("time", "x")]),
    ("desk-step", One(ChangeVisits), &[("visit", "VISIT"), ("step", "no-such-step")]),
    ("desk-scan", One(ChangeVisits), &[("code", "x")]),
    ("desk-screen", Whole(ChangeVisits), &[("act", "make")]),
    ("desk-block", One(ChangeVisits), &[("resource", "solo"), ("date", "x")]),
    ("desk-unblock", One(ChangeVisits), &[("block", "BLOCK"), ("day", "2026-11-24")]),
    ("desk-contact", One(ChangePatients), &[("patient", "PATIENT"), ("seen", "x"), ("phone", "030 23125 109")]),
    ("desk-stop", One(ChangePatients), &[("patient", "PATIENT"), ("reason", "")]),
    ("desk-match", One(ChangePatients), &[("case", NOBODYS), ("same", "no")]),
    ("desk-unmerge", One(ChangePatients), &[("merge", NOBODYS)]),
    ("hours-week", One(ChangeHours), &[("whose", "solo")]),
    ("hours-period-remove", One(ChangeHours), &[("whose", "solo"), ("from", "2026-12-01"), ("until", "2026-12-02")]),
    ("hours-away", One(ChangeHours), &[("whose", "solo"), ("kind", "days"), ("from", "2026-12-01")]),
    ("hours-back", Theirs(ChangeHours), &[("whose", "solo"), ("from", "2026-12-01"), ("until", "2026-12-02")]),
    ("hours-closure", Whole(ChangeHours), &[("from", "2026-12-01"), ("reason", "Rest")]),
    ("hours-closure-remove", Theirs(ChangeHours), &[("from", "2026-12-01")]),
    ("hours-settings", Whole(ChangeHours), &[("level", "clinic")]),
    ("hours-apply", One(ChangeHours), &[("rehearsal", "REHEARSAL"), ("mark", "x")]),
    ("desk-new-time", Theirs(ChangeVisits), &[("visit", "VISIT"), ("act", "offer")]),
    ("reconcile-decide", One(Reconcile), &[("item", "ITEM"), ("version", "99"), ("decision", "apart")]),
    ("calendar-read", Theirs(Reconcile), &[("calendar", "CALENDAR")]),
    ("calendar-bring", One(Reconcile), &[("calendar", "TABLE")]),
    ("calendar-name", Both(ChangeHours, Reconcile), &[("calendar", "CALENDAR"), ("called", "Dr X"), ("means", "solo")]),
    ("calendar-accept", Theirs(Reconcile), &[("calendar", "CALENDAR")]),
    ("calendar-make", Both(ChangeHours, Reconcile), &[("name", "")]),
    ("calendar-change", Both(ChangeHours, Reconcile), &[("calendar", "CALENDAR"), ("version", "1"), ("name", "")]),
    ("calendar-columns", Both(ChangeHours, Reconcile), &[("calendar", "TABLE"), ("version", "1")]),
    ("calendar-remove", Both(ChangeHours, Reconcile), &[("calendar", "CALENDAR")]),
    ("calendar-link", One(ChangeHours), &[("key", "k"), ("resource", "")]),
    ("calendar-link-end", Theirs(ChangeHours), &[("link", NOBODYS)]),
    ("glass-break", One(BreakGlass), &[("visit", "VISIT"), ("why", "")]),
    ("glass-end", Theirs(BreakGlass), &[("access", NOBODYS)]),
    ("glass-review", Theirs(SeeAudit), &[("access", NOBODYS)]),
    ("desk-waitlist-priority", One(ChangeVisits), &[("entry", "ENTRY"), ("priority", "soon"), ("why", "")]),
    ("desk-waitlist-offer", One(ChangeVisits), &[("entry", "ENTRY"), ("key", "k"), ("date", "x")]),
    ("desk-waitlist-withdraw", One(ChangeVisits), &[("entry", "ENTRY")]),
    (
        "desk-waitlist-add",
        Both(ChangeVisits, SeePatients),
        &[("patient", "PATIENT"), ("service", "solo"), ("key", "k")],
    ),
    ("desk-waitlist-remove", One(ChangeVisits), &[("entry", "ENTRY"), ("reason", "Seen elsewhere")]),
    ("staff-invite", One(ManageStaff), &[("name", "")]),
    ("staff-invite-withdraw", Theirs(ManageStaff), &[("invite", NOBODYS)]),
];
/// Another whose one is nobody's: taking a post away.
const DISABLING: &str = "staff-disable";
/// Of oneself, not of a clinic.
const OF_ONESELF: [&str; 5] = ["staff-join", "staff-code", "staff-app", "staff-app-remove", "staff-lock"];

/// After `/api/v1/staff/clinics/{clinic}`.
fn operations() -> Vec<(&'static str, &'static str, Needs, Value)> {
    let none = || Value::Null;
    let from_to = |resource: &str| json!({ "resource": resource, "start": "2026-11-24T02:00:00+01:00", "end": "2026-11-24T01:00:00+01:00" });
    let to = json!({ "practitioner": "solo", "start": "x" });
    let wait = json!({ "patient": "PATIENT", "service": "solo", "wishes": { "until": "x" } });
    let booking = json!({ "service": "solo", "practitioner": "solo", "start": "x", "patient": "PATIENT" });
    vec![
        ("GET", "/schedule", One(SeeSchedule), none()),
        ("GET", "/appointments", One(SeeSchedule), none()),
        ("POST", "/appointments", One(ChangeVisits), booking),
        ("GET", "/appointments/{id}", One(SeeSchedule), none()),
        ("GET", "/appointments/{id}/rehearsal", One(ChangeVisits), none()),
        ("POST", "/appointments/{id}/move", One(ChangeVisits), to),
        ("POST", "/appointments/{id}/status", One(ChangeVisits), json!({ "status": "no-such-status" })),
        ("GET", "/waiting", One(SeeSchedule), none()),
        ("POST", "/check-ins", One(ChangeVisits), json!({ "code": "x" })),
        ("GET", "/blocks", One(SeeSchedule), none()),
        ("GET", "/blocks/{id}", One(SeeSchedule), none()),
        ("POST", "/blocks", One(ChangeVisits), from_to("solo")),
        ("GET", "/patients", One(SeePatients), none()),
        (
            "POST",
            "/patients",
            Both(ChangePatients, SeePatients),
            json!({ "patient": { "family": "", "birth_date": "x" } }),
        ),
        ("GET", "/patients/{id}", One(SeePatients), none()),
        ("PUT", "/patients/{id}/contact", Both(ChangePatients, SeePatients), json!({ "phone": "x" })),
        ("GET", "/patients/{id}/booking-stop", Theirs(SeePatients), none()),
        ("PUT", "/patients/{id}/booking-stop", One(ChangePatients), json!({ "reason": "please ring us" })),
        ("DELETE", "/patients/{id}/booking-stop", One(ChangePatients), none()),
        ("GET", "/calendars", One(Reconcile), none()),
        ("POST", "/calendars", Both(ChangeHours, Reconcile), json!({ "name": "" })),
        ("GET", "/calendars/{id}", One(Reconcile), none()),
        ("PATCH", "/calendars/{id}", Both(ChangeHours, Reconcile), json!({ "name": "" })),
        ("POST", "/calendars/{id}/fetch", Theirs(Reconcile), none()),
        ("POST", "/calendars/{id}/reads/{read}/acceptance", Theirs(Reconcile), none()),
        ("GET", "/calendars/{id}/reads", One(Reconcile), none()),
        ("POST", "/calendars/{id}/reads", One(Reconcile), json!({ "as_of": "x", "entries": [] })),
        ("GET", "/calendars/{id}/outgoing", One(Reconcile), none()),
        (
            "POST",
            "/calendars/{id}/acknowledgements",
            Theirs(Reconcile),
            json!({ "appointment": NOBODYS, "version": 1 }),
        ),
        ("GET", "/reconciliation", One(Reconcile), none()),
        ("GET", "/reconciliation/{id}", One(Reconcile), none()),
        ("POST", "/reconciliation/{id}/decision", One(Reconcile), json!({ "decision": "apart" })),
        ("GET", "/hours", One(SeeSchedule), none()),
        ("POST", "/hours/exceptions", One(ChangeHours), json!({ "resource": "solo", "from": "x" })),
        ("DELETE", "/hours/exceptions", Theirs(ChangeHours), none()),
        ("POST", "/hours/closures", Whole(ChangeHours), json!({ "from": "x", "reason": "Rest" })),
        ("DELETE", "/hours/closures", Theirs(ChangeHours), none()),
        ("GET", "/displaced", One(ChangeVisits), none()),
        ("POST", "/displaced/{id}", Theirs(ChangeVisits), json!({ "act": "offer" })),
        ("GET", "/waitlist", One(SeeSchedule), none()),
        ("POST", "/waitlist", Both(ChangeVisits, SeePatients), wait),
        ("GET", "/waitlist/figures", One(SeeSchedule), none()),
        ("GET", "/waitlist/{id}", One(SeeSchedule), none()),
        ("PUT", "/waitlist/{id}/priority", One(ChangeVisits), json!({ "priority": "no-such", "why": "Pain" })),
        ("POST", "/waitlist/{id}/offers", One(ChangeVisits), json!({ "start": "x" })),
        ("DELETE", "/waitlist/{id}/offers", One(ChangeVisits), none()),
        ("POST", "/waitlist/{id}/remove", One(ChangeVisits), json!({ "reason": "Seen elsewhere" })),
        ("DELETE", "/blocks/{id}", One(ChangeVisits), none()),
        ("DELETE", "/calendars/{id}", Both(ChangeHours, Reconcile), none()),
    ]
}

#[test]
fn every_page_of_the_desk_has_its_needs() {
    let routes = generate_route_list(app::routes::App);
    let plain = |path: &str| path.replace(['{', '}', ':'], "");
    let all: BTreeSet<String> = routes
        .iter()
        .filter_map(|route| plain(route.path()).strip_prefix("/staff/clinic").map(str::to_owned))
        .collect();
    let listed: BTreeSet<String> = PAGES.iter().chain([&INVITING]).map(|(path, _)| plain(path)).collect();
    assert_eq!(listed, all);
}

#[test]
fn every_action_of_the_desk_has_its_needs() {
    let kinds = ["desk-", "hours-", "reconcile-", "calendar-", "glass-", "staff-"];
    let mut all: BTreeSet<&str> = server_fn_paths()
        .filter_map(|(path, _)| path.strip_prefix("/fn/"))
        .filter(|name| kinds.iter().any(|kind| name.starts_with(kind)))
        .collect();
    // A form with a file, which is read by a handler of ours.
    all.insert("calendar-bring");
    let mut listed: BTreeSet<&str> = ACTIONS.iter().map(|(name, ..)| *name).collect();
    listed.insert(DISABLING);
    listed.extend(OF_ONESELF);
    assert_eq!(listed, all);
}

async fn every_operation_of_the_desk_has_its_needs(app: TestApp) {
    let described = app.anonymous().get("/api/openapi.json").await.expect(200).json();
    let mut all = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().expect("paths") {
        let Some(path) = path.strip_prefix("/api/v1/staff/clinics/{clinic}") else { continue };
        all.extend(methods.as_object().expect("methods").keys().map(|m| (m.to_uppercase(), path.to_owned())));
    }
    let listed: BTreeSet<_> = operations().iter().map(|(m, path, ..)| ((*m).to_owned(), (*path).to_owned())).collect();
    assert_eq!(listed, all);
}

/// One of each thing that there is at a desk, all of the practitioner whose schedule is the clinician's.
struct Things {
    patient: String,
    visit: String,
    entry: String,
    block: String,
    calendar: String,
    table: String,
    item: String,
    rehearsal: String,
}

impl Things {
    /// On a day of their own, the `n`th from the first, of a patient of their own.
    async fn of(app: &TestApp, manager: &AtDesk, n: u8) -> Self {
        let all = Scope::ALL.map(|(scope, _)| scope);
        let program = app.program_with("lab", &all).await;
        let day = date(2026, 11, 24).saturating_add(i64::from(n).days());
        let at = |time: &str| format!("{day}T{time}:00+01:00");
        let given = format!("Amira{}", char::from(b'a' + n));
        let api = "/api/v1/staff/clinics/lab";
        let visit = program.book("lab", "solo", &at("10:00"), &Person::new(&given, "Khalil")).await.field("id");
        let patient = program.get(&format!("{api}/appointments/{visit}")).await.expect(200).field("patient");
        let wishes = json!({ "patient": patient, "service": "solo", "wishes": { "practitioner": "solo", "from": "2026-12-01", "until": "2026-12-18" } });
        let waits = program.post_request(&format!("{api}/waitlist"), &wishes).header("idempotency-key", given);
        let entry_id = program.send(waits).await.expect(201).field("id");
        let closed = json!({ "resource": "solo", "start": at("12:00"), "end": at("13:00") });
        let block = program.make(&format!("{api}/blocks"), &closed).await.expect(201).field("id");
        let system = System::of(app).await;
        system.tell(app, &[named(entry("r", &at("10:00"), 30), "Ruiz, E.")]).await;
        let item = system.questions().await.into_iter().find(|item| item["appointment"] == json!(visit));
        let item = item.expect("a question")["id"].as_str().expect("an id").to_owned();
        let table = [("clinic", "lab"), ("name", "Export"), ("kind", "table-file")];
        let made = manager.caller.form("/fn/calendar-make", &table).await.expect(303).header("location").to_owned();
        let table = made.rsplit('/').next().expect("an id").to_owned();
        let file = b"Date;Start;Doctor\n2026-12-09;10:00;solo\n";
        let brought = [("clinic", "lab"), ("calendar", table.as_str())];
        manager.caller.upload("/fn/calendar-bring", &brought, Some(("week.csv", "text/csv", file))).await.expect(303);
        let away = crate::hours::away(manager, "solo", "2026-12-17", "2026-12-17").await;
        let (page, _) = crate::hours::rehearsed(manager, away).await;
        let rehearsal = page.rsplit('/').next().and_then(|id| id.split('?').next()).expect("an id").to_owned();
        Self { patient, visit, entry: entry_id, block, calendar: system.calendar, table, item, rehearsal }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("PATIENT", &self.patient)
            .replace("VISIT", &self.visit)
            .replace("ENTRY", &self.entry)
            .replace("BLOCK", &self.block)
            .replace("CALENDAR", &self.calendar)
            .replace("TABLE", &self.table)
            .replace("ITEM", &self.item)
            .replace("REHEARSAL", &self.rehearsal)
    }

    fn page(&self, page: &str) -> String {
        let path = page
            .replace("/calendars/:calendar/columns", "/calendars/TABLE/columns")
            .replace(":patient", "PATIENT")
            .replace(":visit", "VISIT")
            .replace(":entry", "ENTRY")
            .replace(":block", "BLOCK")
            .replace(":calendar", "CALENDAR")
            .replace(":rehearsal", "REHEARSAL")
            .replace(":whose", "solo")
            .replace(":access", NOBODYS);
        let query = match page {
            "/waitlist/new" => "?patient=PATIENT&service=solo",
            _ => "",
        };
        self.fill(&format!("/staff/lab{path}{query}"))
    }

    fn operation(&self, path: &str) -> String {
        let id = match path {
            path if path.starts_with("/appointments") || path.starts_with("/displaced") => &self.visit,
            path if path.starts_with("/waitlist") => &self.entry,
            path if path.starts_with("/patients") => &self.patient,
            path if path.starts_with("/blocks") => &self.block,
            path if path.starts_with("/calendars") => &self.calendar,
            _ => &self.item,
        };
        let query = match path {
            "/schedule" => "?from=2026-11-24",
            "/patients" => "?q=khalil",
            "/hours/exceptions" => "?resource=solo&from=2026-11-24",
            "/hours/closures" => "?from=2026-11-24",
            "/appointments/{id}/rehearsal" => "?practitioner=solo&start=2026-11-24T16:00:00Z",
            _ => "",
        };
        format!("/api/v1/staff/clinics/lab{}{query}", path.replace("{id}", id).replace("{read}", NOBODYS))
    }
}

/// What is wrong with an answer: whoever may not gets what they would get if it were not there, and nobody's name. Whoever
/// changes their own hours knows that the clinic has some.
fn wrong(answer: &Answer, needs: Needs, role: Role) -> bool {
    match needs.met_by(role) {
        Some(false) if matches!(needs, Whole(action) if role.reach(action).is_some()) => {
            ![403, 404].contains(&answer.status) || answer.text.contains("Khalil")
        }
        Some(true) => answer.status == 404 || answer.status >= 500 || answer.status == 401,
        Some(false) => answer.status != 404 || answer.text.contains("Khalil"),
        None => answer.status >= 500,
    }
}

async fn each_role_sees_and_does_exactly_what_the_table_says(app: TestApp) {
    let manager = app.staff_as("lab", Role::Manager, "runs@lab.example.com").await;
    let mut all = Vec::new();
    for (role, n) in Role::ALL.into_iter().zip((0..).step_by(2)) {
        // Refused is refused before anything is written, except that somebody looked at what they may see.
        let written = async || {
            let rows = app.count("SELECT count(*) FROM audit").await;
            let visits = app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await;
            let waits = app.count("SELECT CAST(sum(version) AS BIGINT) FROM waitlist_entry").await;
            (rows, visits, waits, app.count("SELECT count(*) FROM block").await)
        };
        let things = Things::of(&app, &manager, n).await;
        let at = app.staff("lab", role).await;
        for (page, needs) in PAGES.into_iter().chain([INVITING]) {
            let answer = at.caller.get(&things.page(page)).await;
            if wrong(&answer, needs, role) {
                all.push(format!("{page} as {role:?}: {}", answer.status));
            }
        }
        for (name, needs, fields) in
            ACTIONS.into_iter().chain([(DISABLING, Theirs(ManageStaff), &[("post", NOBODYS)] as Fields)])
        {
            let fields: Vec<(&str, String)> =
                fields.iter().map(|(field, value)| (*field, things.fill(value))).collect();
            let fields: Vec<(&str, &str)> = fields.iter().map(|(field, value)| (*field, value.as_str())).collect();
            let fields = [&[("clinic", "lab")][..], &fields].concat();
            let (path, before) = (format!("/fn/{name}"), written().await);
            let answer = match name {
                "calendar-bring" => at.caller.upload(&path, &fields, None).await,
                _ => at.caller.form(&path, &fields).await,
            };
            let may = needs.met_by(role);
            if wrong(&answer, needs, role) || may == Some(false) && written().await != before {
                all.push(format!("{name} as {role:?}: {} {}", answer.status, answer.text));
            }
        }
        // What the actions ended is there again.
        let things = Things::of(&app, &manager, n + 1).await;
        for (method, path, needs, body) in operations() {
            let mut address = things.operation(path);
            // Only what is taken back is said in the address.
            if method == "POST" {
                address.truncate(address.find('?').unwrap_or(address.len()));
            }
            let request = at.caller.request(method, &address);
            let request = request.header("idempotency-key", "roles").header("if-match", "\"1\"");
            let request = match &body {
                Value::Null => request,
                body => request.header("content-type", "application/json").body(things.fill(&body.to_string())),
            };
            let before = written().await;
            let (answer, may) = (at.caller.send(request).await, needs.met_by(role));
            if wrong(&answer, needs, role) || may == Some(false) && written().await != before {
                all.push(format!("{method} {path} as {role:?}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
