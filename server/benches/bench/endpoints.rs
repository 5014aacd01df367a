//! Every operation of the staff API, as the description lists them, over HTTP
//! against the whole server: 20 people with half a year of visits, 100,000 charts, a waitlist, a calendar to reconcile.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use domain::matching::generated::generate;
use interop::patient_file::PatientRow;
use jiff::{SignedDuration, Timestamp, ToSpan};
use portal::{Scope, api_keys, patients, reconcile};
use rusqlite::params;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Outcome,
    data::{HALF_HOURS, House, open, router, visits_from},
    load::{self, Client},
    matching::row,
    report::{Goal, Report},
};

const CHARTS: usize = 100_000;
const SEED: u64 = 53;
const DAYS: i64 = 180;
/// Patients who wait, and entries of the clinic's own calendar, every fourth of which names a patient.
const WAITING: i64 = 300;
const ENTRIES: usize = 2_000;
const LOOKS: usize = 200;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Milliseconds.
const GOAL: f64 = 20.0;
const FINDER_GOAL: f64 = 50.0;
const STAFF: &str = "/api/v1/staff/clinics/bench";

pub async fn measure(report: &mut Report) -> Outcome {
    let house = House::by_day("endpoints", 20).await?;
    let set = generate(SEED, CHARTS, 0);
    let rows: Vec<PatientRow> = set.charts.iter().enumerate().filter_map(|(at, chart)| row(at, chart)).collect();
    for some in rows.chunks(10_000) {
        patients::import(&house.cx, &house.clinic, some, false).await?;
    }
    patients::catch_up(&house.cx).await?;
    let (without, codes) = half_full(&house)?;
    let scopes = Scope::ALL.map(|(scope, _)| scope);
    let key =
        api_keys::create(&house.cx, "bench", api_keys::Reach::Clinic, "desk", &scopes).await?.ok_or("no clinic")?;
    let client = Client::connect(load::serve(router(&house)).await?).await?;
    let mut desk = Desk {
        client,
        key,
        asked: 0,
        took: Duration::ZERO,
        tomorrow: house.tomorrow(),
        now: house.cx.now(),
        family: String::new(),
        patients: Vec::new(),
        codes,
        timed: BTreeSet::new(),
    };
    let chart = set.charts.iter().find(|chart| chart.family.is_ascii() && chart.family.len() > 4).ok_or("no chart")?;
    desk.family = chart.family.chars().take(3).collect();
    desk.furnish(report, &without).await?;
    // As the worker does.
    reconcile::settle_wanted(&house.cx).await;
    house.cx.db.tend().await?;
    // What filling left to be written is none of the clinic's days.
    open(&house.database())?.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    report.value("A row written by rusqlite alone, p99", disk(&house)?, "ms", Goal::None);
    let described = desk.ask("GET", "/api/openapi.json", None).await?;
    let paths = described["paths"].as_object().ok_or("no paths")?;
    for (template, operations) in paths.iter().filter(|(path, _)| path.starts_with("/api/v1/staff/")) {
        if let Some(operation) = operations.get("get") {
            let path = desk.filled(template, operation).await?;
            desk.time(report, "GET", template, |_| (path.clone(), None)).await?;
        }
    }
    desk.office(report).await?;
    desk.day(report, &without).await?;
    desk.charts(report).await?;
    let all = paths.iter().filter_map(|(path, operations)| Some((path.strip_prefix("/api/v1")?, operations)));
    let all = all.filter(|(path, _)| path.starts_with("/staff/"));
    for (path, method) in
        all.flat_map(|(path, one)| one.as_object().into_iter().flat_map(move |o| o.keys().map(move |m| (path, m))))
    {
        let name = format!("{} {}", method.to_uppercase(), shortened(path));
        if !desk.timed.contains(&name) && !ONCE.contains(&name.as_str()) {
            return Err(format!("{name} is described and not timed").into());
        }
    }
    Ok(())
}

/// What the disk takes for each of them, because every look is written down: a row of its own in a file beside the house's.
fn disk(house: &House) -> Outcome<f64> {
    let connection = open(&house.database().with_extension("disk"))?;
    connection.execute_batch("CREATE TABLE IF NOT EXISTS row (text)")?;
    let mut times = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let begun = Instant::now();
        connection.execute("INSERT INTO row VALUES (?)", params!["x".repeat(200)])?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(load::percentile(&times, 99))
}

/// What cannot be done two hundred times to one clinic: asking another server, and a read of which half was lost.
const ONCE: [&str; 2] = ["POST …/calendars/{id}/fetch", "POST …/calendars/{id}/reads/{read}/acceptance"];

/// A path as the report has it.
fn shortened(path: &str) -> String {
    path.trim_start_matches("/api/v1").replace("/staff/clinics/{clinic}", "…")
}

/// Every second start taken for half a year, by patients of the clinic. Answers some who have no visit, and codes with which
/// those of today check in.
fn half_full(house: &House) -> Outcome<(Vec<String>, Vec<String>)> {
    let connection = visits_from(house, house.tomorrow().yesterday()?, DAYS, &HALF_HOURS)?;
    connection.execute_batch(
        "CREATE TEMP TABLE numbered AS SELECT id FROM patient;
         CREATE TEMP TABLE visits AS SELECT id FROM appointment;
         CREATE INDEX temp.visit ON visits (id);
         UPDATE appointment SET patient_id = (SELECT numbered.id FROM visits, numbered
             WHERE visits.id = appointment.id AND numbered.rowid = 1 + visits.rowid % 50000)",
    )?;
    // Made one after another, a second apart.
    let made =
        "UPDATE appointment SET updated_at = ? - (SELECT 1000 * rowid FROM visits WHERE visits.id = appointment.id)";
    connection.execute(made, params![house.cx.now_ms()])?;
    let codes: Vec<String> = (0..LOOKS).map(|n| format!("7F3K-9QWX-2M4T-{n:04}")).collect();
    let today = house.tomorrow().yesterday()?.to_zoned(house.clinic.zone.clone())?;
    let (from, to) = (today.timestamp().as_millisecond(), today.tomorrow()?.timestamp().as_millisecond());
    let today = "SELECT id FROM appointment WHERE start_at >= ? AND start_at < ? LIMIT ?";
    let today: Vec<Uuid> = connection
        .prepare(today)?
        .query_map(params![from, to, i64::try_from(LOOKS)?], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for (code, visit) in codes.iter().zip(&today) {
        let shown = "INSERT INTO check_in_code SELECT ?, tenant_id, clinic_id, id, start_at, end_at + 14400000
             FROM appointment WHERE id = ?";
        connection.execute(shown, params![Sha256::digest(code.replace('-', "")).to_vec(), visit])?;
    }
    // Charts beyond those have no visit, so they may wait for one.
    let mut waiting = connection.prepare("SELECT id FROM numbered WHERE rowid > 60000 LIMIT ?")?;
    let ids = waiting.query_map(params![WAITING], |row| row.get::<_, Uuid>(0))?;
    let without = ids.map(|id| id.map(|id| id.to_string())).collect::<Result<_, _>>()?;
    Ok((without, codes))
}

/// A program that does what a desk does.
struct Desk {
    client: Client,
    key: String,
    asked: usize,
    /// From asking to the last byte of the answer.
    took: Duration,
    tomorrow: jiff::civil::Date,
    now: Timestamp,
    /// How a family name begins.
    family: String,
    /// Some charts' ids.
    patients: Vec<String>,
    /// Of visits today.
    codes: Vec<String>,
    /// Operations that were timed.
    timed: BTreeSet<String>,
}

impl Desk {
    /// The answer's body, `Null` when it has none.
    async fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Outcome<Value> {
        self.asked += 1;
        let (key, asked) = (&self.key, self.asked);
        let mut headers =
            format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\nIdempotency-Key: {asked}\r\n");
        // As it is when nobody else works on it.
        if path.ends_with("/decision") {
            headers += "If-Match: \"1\"\r\n";
        }
        if path.ends_with("/contact") {
            headers += "If-Match: *\r\n";
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let begun = Instant::now();
        let answer = self.client.ask(method, path, &headers, &body).await?;
        // Reading what was answered is the program's own work.
        self.took = begun.elapsed();
        if !(200..300).contains(&answer.status) {
            let said = String::from_utf8_lossy(answer.body).into_owned();
            return Err(format!("{method} {path} answered {}: {said}", answer.status).into());
        }
        Ok(if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(answer.body)? })
    }

    async fn furnish(&mut self, report: &mut Report, without: &[String]) -> Outcome {
        let found = self.ask("GET", &format!("{STAFF}/patients?q={}", self.family), None).await?;
        let found = found["items"].as_array().ok_or("nobody found")?;
        self.patients = found.iter().filter_map(|one| Some(one["id"].as_str()?.to_owned())).collect();
        let calendar = self.ask("POST", &format!("{STAFF}/calendars"), Some(&json!({ "name": "Own" }))).await?;
        let entries: Vec<Value> = (0..ENTRIES).map(|n| self.entry(n)).collect();
        let began = self.now - HOUR;
        let telling = json!({ "as_of": began.to_string(), "entries": entries });
        let path = format!("{STAFF}/calendars/{}/reads", id(&calendar)?);
        self.ask("POST", &path, Some(&telling)).await?;
        // One entry as it stood, told anew.
        let entry = self.entry(0);
        let told = |n: usize| {
            let as_of = began + SignedDuration::from_secs(1 + i64::try_from(n).unwrap_or(0));
            (path.clone(), Some(json!({ "as_of": as_of.to_string(), "entries": [entry] })))
        };
        self.time(report, "POST", "…/calendars/{id}/reads", told).await?;
        let lunch = json!({ "resource": "p0", "start": format!("{}T21:00:00Z", self.tomorrow), "end": format!("{}T21:30:00Z", self.tomorrow) });
        self.ask("POST", &format!("{STAFF}/blocks"), Some(&lunch)).await?;
        let stop = format!("{STAFF}/patients/{}/booking-stop", self.patients[0]);
        self.ask("PUT", &stop, Some(&json!({ "reason": "please ring us" }))).await?;
        let until = self.tomorrow.saturating_add(60.days()).to_string();
        let waitlist = format!("{STAFF}/waitlist");
        let wish = |n: usize| json!({ "patient": without[n], "service": "visit", "wishes": { "until": until } });
        self.time(report, "POST", "…/waitlist", |n| (waitlist.clone(), Some(wish(n)))).await?;
        for n in LOOKS..without.len() {
            self.ask("POST", &waitlist, Some(&wish(n))).await?;
        }
        // Everybody away for a day of full lists: 16 visits each that need a new time.
        let away = self.tomorrow.saturating_add(20.days());
        for n in 0..20 {
            let body = json!({ "resource": format!("p{n}"), "from": away, "start": "09:00", "end": "17:00" });
            self.ask("POST", &format!("{STAFF}/hours/exceptions?decision=later"), Some(&body)).await?;
        }
        Ok(())
    }

    /// Over the visits that are there: a quarter with somebody else.
    fn entry(&self, n: usize) -> Value {
        let day = self.tomorrow.saturating_add(i64::try_from(n / 40).unwrap_or(0).days());
        let (hour, person) = (8 + n / 4 % 10, n % 20);
        let named = n.is_multiple_of(4).then(|| json!({ "name": "Example, Ada" }));
        json!({
            "key": n.to_string(), "resource": format!("p{person}"), "title": "Told",
            "start": format!("{day}T{hour:02}:00:00Z"), "end": format!("{day}T{hour:02}:15:00Z"), "patient": named,
        })
    }

    /// A described path with what is there: the first thing of each list for its id.
    async fn filled(&mut self, template: &str, operation: &Value) -> Outcome<String> {
        let mut path = template.replace("{clinic}", "bench");
        if let Some((list, _)) = path.split_once("/{id}") {
            let found = match list.ends_with("/patients") {
                true => self.patients[0].clone(),
                false => {
                    let listed = self.ask("GET", list, None).await?;
                    id(listed["items"].get(0).ok_or_else(|| format!("{list} is empty"))?)?
                }
            };
            path = path.replace("{id}", &found);
        }
        let asked = operation["parameters"].as_array().into_iter().flatten();
        let asked = asked.filter(|one| one["in"] == "query" && one["required"] == true);
        let mut query = Vec::new();
        for name in asked.filter_map(|one| one["name"].as_str()) {
            query.push(match name {
                "from" | "to" => format!("{name}={}", self.tomorrow),
                "q" => format!("q={}", self.family),
                "practitioner" => "practitioner=p3".to_owned(),
                "start" => format!("start={}T10:15:00Z", self.tomorrow),
                other => return Err(format!("{template} asks for `{other}`, which the bench does not know").into()),
            });
        }
        Ok(if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) })
    }

    async fn time(
        &mut self,
        report: &mut Report,
        method: &str,
        template: &str,
        mut what: impl FnMut(usize) -> (String, Option<Value>),
    ) -> Outcome<Vec<Value>> {
        let (mut times, mut answers) = (Vec::new(), Vec::new());
        for n in 0..LOOKS {
            let (path, body) = what(n);
            answers.push(self.ask(method, &path, body.as_ref()).await?);
            times.push(self.took.as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let p99 = load::percentile(&times, 99);
        let short = shortened(template);
        self.timed.insert(format!("{method} {short}"));
        // Finding among sealed names has a goal of its own.
        let goal = if method == "GET" && template.ends_with("/patients") { FINDER_GOAL } else { GOAL };
        if p99 > goal {
            // One long wait for the disk is another thing than work that takes long.
            let (half, slowest) = (load::percentile(&times, 50), &times[times.len() - 5..]);
            println!("  half of {method} {short} within {half:.1} ms; the slowest {slowest:.1?}");
        }
        report.value(&format!("{method} {short}, p99"), p99, "ms", Goal::AtMost(goal));
        Ok(answers)
    }

    /// Questions answered, visits taken over, hours and closures changed and changed back, people on the waitlist offered
    /// times and taken off it, calendars connected and given up.
    async fn office(&mut self, report: &mut Report) -> Outcome {
        let listed = self.all(&format!("{STAFF}/reconciliation")).await?;
        let items: Vec<String> = listed.iter().map(id).collect::<Outcome<_>>()?;
        let apart = json!({ "decision": "apart" });
        let answer = |n: usize| (format!("{STAFF}/reconciliation/{}/decision", items[n]), Some(apart.clone()));
        self.time(report, "POST", "…/reconciliation/{id}/decision", answer).await?;
        let calendar = id(&self.ask("GET", &format!("{STAFF}/calendars"), None).await?["items"][0])?;
        let path = format!("{STAFF}/calendars/{calendar}");
        let due = self.all(&format!("{path}/outgoing")).await?;
        let known = |n: usize| {
            let said = json!({ "appointment": due[n]["appointment"], "version": due[n]["version"], "key": format!("own-{n}") });
            (format!("{path}/acknowledgements"), Some(said))
        };
        self.time(report, "POST", "…/calendars/{id}/acknowledgements", known).await?;
        let first = self.tomorrow;
        let day = move |n: usize| first.saturating_add((130 + i64::try_from(n / 20).unwrap_or(0)).days());
        let hours = format!("{STAFF}/hours/exceptions");
        let away = |n: usize| {
            let body = json!({ "resource": format!("p{}", n % 20), "from": day(n), "start": "12:15", "end": "12:30" });
            (format!("{hours}?decision=later"), Some(body))
        };
        self.time(report, "POST", "…/hours/exceptions", away).await?;
        let back = |n: usize| (format!("{hours}?decision=later&resource=p{}&from={}", n % 20, day(n)), None);
        self.time(report, "DELETE", "…/hours/exceptions", back).await?;
        // Days on which nobody has a visit.
        let holiday = move |n: usize| first.saturating_add((200 + i64::try_from(n).unwrap_or(0)).days());
        let closures = format!("{STAFF}/hours/closures");
        let close = |n: usize| (closures.clone(), Some(json!({ "from": holiday(n), "reason": "Away" })));
        self.time(report, "POST", "…/hours/closures", close).await?;
        let open = |n: usize| (format!("{closures}?from={}", holiday(n)), None);
        self.time(report, "DELETE", "…/hours/closures", open).await?;
        let displaced = format!("{STAFF}/displaced");
        let lost = self.all(&displaced).await?;
        let lost: Vec<String> = lost.iter().map(|one| of(one, "appointment")).collect::<Outcome<_>>()?;
        let offer = json!({ "act": "offer" });
        let settle = |n: usize| (format!("{displaced}/{}", lost[n]), Some(offer.clone()));
        self.time(report, "POST", "…/displaced/{id}", settle).await?;
        let calendars = format!("{STAFF}/calendars");
        let connect = |n: usize| (calendars.clone(), Some(json!({ "name": format!("Another {n}") })));
        let made = self.time(report, "POST", "…/calendars", connect).await?;
        let made: Vec<String> = made.iter().map(id).collect::<Outcome<_>>()?;
        let otherwise = json!({ "grace_minutes": 120 });
        let change = |n: usize| (format!("{calendars}/{}", made[n]), Some(otherwise.clone()));
        self.time(report, "PATCH", "…/calendars/{id}", change).await?;
        let give_up = |n: usize| (format!("{calendars}/{}", made[n]), None);
        self.time(report, "DELETE", "…/calendars/{id}", give_up).await?;
        let waitlist = format!("{STAFF}/waitlist");
        let live = self.all(&waitlist).await?;
        let live: Vec<String> = live.iter().map(id).collect::<Outcome<_>>()?;
        let pressing = json!({ "priority": "soon", "why": "Wound" });
        let press = |n: usize| (format!("{waitlist}/{}/priority", live[n]), Some(pressing.clone()));
        self.time(report, "PUT", "…/waitlist/{id}/priority", press).await?;
        let free = move |n: usize| {
            let day = first.saturating_add((30 + i64::try_from(n / 20).unwrap_or(0)).days());
            json!({ "start": format!("{day}T09:15:00Z"), "practitioner": format!("p{}", n % 20) })
        };
        let offers = |n: usize| format!("{waitlist}/{}/offers", live[n]);
        self.time(report, "POST", "…/waitlist/{id}/offers", |n| (offers(n), Some(free(n)))).await?;
        self.time(report, "DELETE", "…/waitlist/{id}/offers", |n| (offers(n), None)).await?;
        let reason = json!({ "reason": "Was seen elsewhere" });
        let remove = |n: usize| (format!("{waitlist}/{}/remove", live[n]), Some(reason.clone()));
        self.time(report, "POST", "…/waitlist/{id}/remove", remove).await?;
        Ok(())
    }

    /// A list with all its pages.
    async fn all(&mut self, path: &str) -> Outcome<Vec<Value>> {
        let (mut items, mut page) = (Vec::new(), path.to_owned());
        loop {
            let mut listed = self.ask("GET", &page, None).await?;
            items.append(listed["items"].as_array_mut().ok_or("no items")?);
            match listed["next"].as_str() {
                // Enough for all looks.
                Some(next) if items.len() < LOOKS => page = format!("{path}?after={next}"),
                _ => return Ok(items),
            }
        }
    }

    /// Visits made, moved and called off; times closed and opened again; people who come to the counter.
    async fn day(&mut self, report: &mut Report, without: &[String]) -> Outcome {
        // Whoever has visits already may have no more than two.
        let (first, without) = (self.tomorrow, without.to_vec());
        let at = move |n: usize, days: i64| {
            let day = first.saturating_add((days + i64::try_from(n / 20).unwrap_or(0)).days());
            format!("{day}T09:15:00Z")
        };
        let visit = move |n: usize| {
            json!({ "service": "visit", "practitioner": format!("p{}", n % 20), "start": at(n, 100),
                    "patient": without[n] })
        };
        let appointments = format!("{STAFF}/appointments");
        let made = self.time(report, "POST", "…/appointments", |n| (appointments.clone(), Some(visit(n)))).await?;
        let made: Vec<String> = made.iter().map(id).collect::<Outcome<_>>()?;
        let to = |n: usize| json!({ "practitioner": format!("p{}", n % 20), "start": at(n, 120) });
        let path = |n: usize, what: &str| format!("{STAFF}/appointments/{}/{what}", made[n]);
        self.time(report, "POST", "…/appointments/{id}/move", |n| (path(n, "move"), Some(to(n)))).await?;
        let called_off = json!({ "status": "cancelled" });
        let status = |n: usize| (path(n, "status"), Some(called_off.clone()));
        self.time(report, "POST", "…/appointments/{id}/status", status).await?;
        let blocks = format!("{STAFF}/blocks");
        let block = |n: usize| {
            let (start, end) = (at(n, 100), at(n, 100).replace("T09:15", "T09:30"));
            json!({ "resource": format!("p{}", n % 20), "start": start, "end": end })
        };
        let closed = self.time(report, "POST", "…/blocks", |n| (blocks.clone(), Some(block(n)))).await?;
        let closed: Vec<String> = closed.iter().map(id).collect::<Outcome<_>>()?;
        self.time(report, "DELETE", "…/blocks/{id}", |n| (format!("{blocks}/{}", closed[n]), None)).await?;
        let (counter, codes) = (format!("{STAFF}/check-ins"), self.codes.clone());
        let come = |n: usize| (counter.clone(), Some(json!({ "code": codes[n] })));
        self.time(report, "POST", "…/check-ins", come).await?;
        Ok(())
    }
}

impl Desk {
    /// Charts made, corrected, and kept from booking for themselves.
    async fn charts(&mut self, report: &mut Report) -> Outcome {
        let charts = format!("{STAFF}/patients");
        let family = |n: usize| -> String {
            (0..4).map(|at| char::from(b'a' + u8::try_from(n >> (4 * at) & 15).unwrap_or(0))).collect()
        };
        let new = |n: usize| {
            let patient = json!({ "given": "Zyx", "family": format!("Qw{}", family(n)), "birth_date": "1931-07-01" });
            (charts.clone(), Some(json!({ "patient": patient, "confirmed_new": true })))
        };
        let made = self.time(report, "POST", "…/patients", new).await?;
        let made: Vec<String> = made.iter().map(id).collect::<Outcome<_>>()?;
        let phone = |n: usize| {
            (format!("{charts}/{}/contact", made[n]), Some(json!({ "phone": format!("+49 30 2312{n:04}") })))
        };
        self.time(report, "PUT", "…/patients/{id}/contact", phone).await?;
        let reason = json!({ "reason": "please ring us" });
        let stop = |n: usize| format!("{charts}/{}/booking-stop", made[n]);
        self.time(report, "PUT", "…/patients/{id}/booking-stop", |n| (stop(n), Some(reason.clone()))).await?;
        self.time(report, "DELETE", "…/patients/{id}/booking-stop", |n| (stop(n), None)).await?;
        Ok(())
    }
}

fn id(one: &Value) -> Outcome<String> {
    of(one, "id")
}

fn of(one: &Value, field: &str) -> Outcome<String> {
    Ok(one[field].as_str().ok_or_else(|| format!("no {field}"))?.to_owned())
}
