//! django-appointment, the peer that installs from a package registry: its search and its booking over HTTP, as it
//! comes, against ours on the same machine in the same run.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use domain::booking::Cell;
use jiff::ToSpan;
use portal::{Scope, api_keys};

use crate::{
    Outcome,
    cold::free_address,
    data::{self, DAY, Fill, HALF_HOURS, House, Ids, Slot, open, router},
    folder,
    load::{self, Client, Paths},
    report::{Goal, Report},
};

const PACKAGES: [&str; 2] = ["django-appointment==3.12.0", "gunicorn"];
const SITE: &str = include_str!("peer/site.py");
const TIME: Duration = Duration::from_secs(3);
const BOOKINGS: usize = 100;

pub async fn measure(report: &mut Report) -> Outcome {
    let home = folder().join("peer");
    if let Err(error) = install(&home) {
        report.said("Peer django-appointment", &format!("not measured: {error}"));
        return Ok(());
    }
    let session = run(Command::new(home.join("venv/bin/python")).arg("portico_peer.py").current_dir(&home))?;
    let session = session.lines().last().unwrap_or_default().trim().to_owned();
    let theirs = Peer::start(&home).await?;
    let house = House::build("peer", 20).await?;
    half_full(&house)?;
    let ours = load::serve(router(&house)).await?;
    searches(report, &house, ours, theirs.address).await?;
    bookings(report, &house, ours, (theirs.address, &session)).await
}

/// Once; the packages stay in the target folder.
fn install(home: &Path) -> Outcome {
    if !home.join("venv/bin/gunicorn").exists() {
        std::fs::create_dir_all(home)?;
        run(Command::new("python3").args(["-m", "venv"]).arg(home.join("venv")))?;
        run(Command::new(home.join("venv/bin/pip")).args(["install", "--quiet"]).args(PACKAGES))?;
    }
    for old in ["peer.db", "peer.db-wal", "peer.db-shm"] {
        std::fs::remove_file(home.join(old)).ok();
    }
    Ok(std::fs::write(home.join("portico_peer.py"), SITE)?)
}

fn run(command: &mut Command) -> Outcome<String> {
    let ended = command.stdin(Stdio::null()).output()?;
    if !ended.status.success() {
        let wrong = String::from_utf8_lossy(&ended.stderr).lines().last().unwrap_or_default().to_owned();
        return Err(wrong.into());
    }
    Ok(String::from_utf8(ended.stdout)?)
}

/// Ended when it goes out of sight.
struct Peer {
    program: Child,
    address: SocketAddr,
}

impl Peer {
    async fn start(home: &Path) -> Outcome<Self> {
        let address = free_address()?;
        let program = Command::new(home.join("venv/bin/gunicorn"))
            .args(["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "60"])
            .args(["--log-level", "critical", "--bind", &address.to_string(), "portico_peer:application"])
            .current_dir(home)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let peer = Self { program, address };
        for _ in 0..300 {
            if let Ok(mut client) = Client::connect(address).await
                && client.ask("GET", "/", "", "").await.is_ok()
            {
                return Ok(peer);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("gunicorn did not start".into())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Politely, so that it ends its workers, too.
        Command::new("kill").arg(self.program.id().to_string()).status().ok();
        self.program.wait().ok();
    }
}

/// The same full and half hours taken as there.
fn half_full(house: &House) -> Outcome {
    let clinic = &house.clinic;
    let resources: Vec<_> = clinic.practitioners().map(|r| r.id.0).collect();
    let places = Fill {
        tenant: clinic.tenant.0,
        clinic: clinic.id.0,
        service: clinic.service("visit").ok_or("no service")?.id.0,
        resources: &resources,
        days: (Cell::containing(house.cx.now()).0 / DAY, 310),
        starts: &HALF_HOURS,
    };
    data::fill(&mut open(&house.database())?, &mut Ids::new(1), &places)?;
    Ok(())
}

/// One practitioner and one day, another question each time.
async fn searches(report: &mut Report, house: &House, ours: SocketAddr, theirs: SocketAddr) -> Outcome {
    let first = house.tomorrow();
    let day = move |n: usize, days| first.saturating_add(i64::try_from(n / 20 % days).unwrap_or(0).days());
    let their_path: Paths = Arc::new(move |n| {
        let (day, staff) = (day(n, 50), n % 20 + 1);
        format!("/appointment/ajax/available_slots/?selected_date={day}&staff_member={staff}&service_id=1")
    });
    let path = move |days| -> Paths {
        Arc::new(move |n| {
            let (day, name) = (day(n, days), n % 20);
            format!("/api/v1/clinics/bench/availability?service=visit&practitioner=p{name}&from={day}&to={day}")
        })
    };
    // 6000 questions are more than answers are kept, 1000 are fewer.
    let computed = load::flood(ours, 8, TIME, path(300)).await?;
    let peer = load::flood(theirs, 8, TIME, their_path).await?;
    let kept = load::flood(ours, 8, TIME, path(50)).await?;
    for (what, load) in [("computed", &computed), ("kept answers", &kept)] {
        let detail = format!(
            "{:.0} to {:.0} per second (django-appointment, gunicorn, 2 workers)",
            load.per_second, peer.per_second
        );
        let times = load.per_second / peer.per_second;
        report.times(&format!("Search 1 × 1 day to the peer's, {what}"), detail, times, Goal::None);
    }
    report.value("  p99, 8 clients, ours computed", computed.percentile(99), "ms", Goal::None);
    report.value("  p99, 8 clients, the peer's", peer.percentile(99), "ms", Goal::None);
    Ok(())
}

/// Choosing a time and giving one's name: two posts here and there.
async fn bookings(
    report: &mut Report,
    house: &House,
    ours: SocketAddr,
    (theirs, session): (SocketAddr, &str),
) -> Outcome {
    let slots: Vec<Slot> = house.slots().take(BOOKINGS).collect();
    let scopes = [Scope::AppointmentsWrite];
    let key =
        api_keys::create(&house.cx, "bench", api_keys::Reach::Clinic, "peer", &scopes).await?.ok_or("no clinic")?;
    let (mut client, begun) = (Client::connect(ours).await?, Instant::now());
    for (n, slot) in slots.iter().enumerate() {
        book_ours(&mut client, &key, slot, n).await?;
    }
    let our_rate = BOOKINGS as f64 / begun.elapsed().as_secs_f64();
    let (mut client, begun) = (Client::connect(theirs).await?, Instant::now());
    for (n, slot) in slots.iter().enumerate() {
        let wall = house.clinic.zone.to_datetime(slot.start);
        book_theirs(&mut client, session, (wall, n % 20 + 1)).await?;
    }
    let their_rate = BOOKINGS as f64 / begun.elapsed().as_secs_f64();
    let detail = format!("{our_rate:.0} to {their_rate:.0} per second (django-appointment, two posts each)");
    report.times("Hold and confirm over HTTP to the peer's, 1 client", detail, our_rate / their_rate, Goal::None);
    Ok(())
}

async fn book_ours(client: &mut Client, key: &str, slot: &Slot, n: usize) -> Outcome {
    let headers = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    let body = format!(r#"{{"service":"visit","practitioner":"{}","start":"{}"}}"#, slot.practitioner, slot.start);
    let answer = client.ask("POST", "/api/v1/clinics/bench/holds", &headers, &body).await?;
    if answer.status != 201 {
        return Err(format!("a hold answered {}", answer.status).into());
    }
    let hold: serde_json::Value = serde_json::from_slice(answer.body)?;
    let text = |name: &str| hold[name].as_str().unwrap_or_default().to_owned();
    let (id, token) = (text("id"), text("token"));
    let headers = format!("{headers}Hold-Token: {token}\r\nIdempotency-Key: {id}\r\n");
    let body = format!(
        r#"{{"patient":{{"given":"Amira","family":"Kaya","birth_date":"1980-01-31","email":"patient{n}@example.com"}}}}"#
    );
    let answer = client.ask("POST", &format!("/api/v1/holds/{id}/confirm"), &headers, &body).await?;
    if answer.status == 201 { Ok(()) } else { Err(format!("a confirmation answered {}", answer.status).into()) }
}

async fn book_theirs(client: &mut Client, session: &str, (wall, staff): (jiff::civil::DateTime, usize)) -> Outcome {
    let headers = format!("Cookie: sessionid={session}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    let end = wall.saturating_add(15.minutes());
    let body = format!(
        "date={}&start_time={:02}%3A{:02}&end_time={:02}%3A{:02}&service=1&staff_member={staff}",
        wall.date(),
        wall.hour(),
        wall.minute(),
        end.hour(),
        end.minute()
    );
    let asked = client.ask("POST", "/appointment/request-submit/", &headers, &body).await?;
    let details = asked.location.ok_or("the peer refused the time")?;
    let body = "name=Amira+Kaya&email=a%40example.com&phone_0=DE&phone_1=305550100&address=Street&payment_type=full";
    let booked = client.ask("POST", &details, &headers, body).await?;
    if booked.status == 302 { Ok(()) } else { Err(format!("the peer's booking answered {}", booked.status).into()) }
}
