//! Clinics to measure on, and visits by the hundred thousand, written past the use cases.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{
    booking::{
        Cell, Span,
        bitmap::{Bits, ROW_CELLS, row_of, row_span},
    },
    ids::ResourceId,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, time},
    tz::TimeZone,
};
use portal::clinic::{Clinic, WhenStranded};
use portal::{Cx, Scope, Who, api_keys, booking::local_day, clinic};
use ports::{Clock, SystemClock};
use rusqlite::{Connection, params};
use server::{config::Config, http::front::Ahead, wiring};
use uuid::Uuid;

use crate::{Outcome, folder};

pub const DAY: i64 = 288;
/// The clinic file's.
const ZONE: &str = "Europe/Berlin";

/// A database with a clinic in it.
pub struct House {
    pub cx: Cx,
    pub config: Arc<Config>,
    pub clinic: Arc<Clinic>,
    /// The clinic's own program, which may book.
    pub who: Who,
}

/// The machine's clock, some hours on or back.
struct Shifted(SignedDuration);

impl Clock for Shifted {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }
}

/// One start to book.
#[derive(Clone, Copy)]
pub struct Slot {
    pub practitioner: ResourceId,
    pub start: Timestamp,
}

impl House {
    /// A new house in SQLite, with one clinic of so many practitioners.
    pub async fn build(name: &str, practitioners: usize) -> Outcome<Self> {
        let config = config(name)?;
        let cx = wiring::connect(&config).await?;
        Self::furnish(cx, config, practitioners).await
    }

    /// The same at ten in the morning of today, because at night nobody who waits is asked; open long enough for all
    /// `HALF_HOURS`.
    pub async fn by_day(name: &str, practitioners: usize) -> Outcome<Self> {
        let config = config(name)?;
        let now = SystemClock.now();
        let ten = now.to_zoned(TimeZone::get(ZONE)?).with().time(time(10, 0, 0, 0)).build()?;
        let cx = wiring::connect_at(&config, Arc::new(Shifted(now.duration_until(ten.timestamp())))).await?;
        let file = clinic_file("bench", practitioners).replace("08:00-18:00", "07:00-20:00");
        Self::with(cx, config, &file).await
    }

    pub async fn furnish(cx: Cx, config: Config, practitioners: usize) -> Outcome<Self> {
        Self::with(cx, config, &clinic_file("bench", practitioners)).await
    }

    async fn with(cx: Cx, config: Config, file: &str) -> Outcome<Self> {
        let clinic = import(&cx, file).await?;
        let key = api_keys::create(&cx, "bench", api_keys::Reach::Clinic, "bench", &[Scope::AppointmentsWrite])
            .await?
            .ok_or("no clinic")?;
        let client = api_keys::authenticate(&cx, &key).await?.ok_or("no key")?;
        Ok(Self { cx, config: Arc::new(config), clinic, who: Who::Api(client) })
    }

    pub fn database(&self) -> PathBuf {
        self.config.data_dir.join("portico.db")
    }

    pub fn tomorrow(&self) -> Date {
        local_day(&self.clinic.zone, self.cx.now()).saturating_add(1.day())
    }

    /// Free starts, practitioner after practitioner: those of `fill` are at full and half hours, these between them.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        let (clinic, first) = (Arc::clone(&self.clinic), self.tomorrow());
        let practitioners: Vec<ResourceId> = clinic.practitioners().map(|r| r.id).collect();
        let times = (0..300).flat_map(move |day| (0..20_i64).map(move |half_hour| (day, half_hour)));
        times.flat_map(move |(day, half_hour)| {
            let day = first.saturating_add(day.days());
            let minute = 8 * 60 + 15 + half_hour * 30;
            let wall = day.at(i8::try_from(minute / 60).unwrap_or(0), i8::try_from(minute % 60).unwrap_or(0), 0, 0);
            let start = clinic.zone.to_ambiguous_timestamp(wall).compatible().unwrap_or(Timestamp::UNIX_EPOCH);
            practitioners.clone().into_iter().map(move |practitioner| Slot { practitioner, start })
        })
    }
}

/// Settings that no limit gets in the way of, in a folder of its own.
pub fn config(name: &str) -> Outcome<Config> {
    let data_dir = folder().join("data").join(name);
    if data_dir.exists() {
        std::fs::remove_dir_all(&data_dir)?;
    }
    Ok(Config {
        data_dir,
        master_key: Some(data_encoding::BASE64.encode(&[7; 32])),
        visitor_burst: u32::MAX,
        visitor_per_second: u32::MAX,
        api_burst: u32::MAX,
        api_per_second: u32::MAX,
        holds_per_address: 1_000_000,
        ..Config::default()
    })
}

/// The server with every layer, as `portico serve` has it.
pub fn router(house: &House) -> Ahead<axum::Router> {
    server::serve::router(house.cx.clone(), Arc::clone(&house.config), false)
}

pub async fn import(cx: &Cx, file: &str) -> Outcome<Arc<Clinic>> {
    let plan = interop::clinic_file::parse("bench.toml", file)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    clinic::import(cx, &plan, WhenStranded::Stop).await?;
    Ok(clinic::by_slug(cx, &plan.clinic.slug).await?.ok_or("no clinic")?)
}

pub fn clinic_file(slug: &str, practitioners: usize) -> String {
    let hours: String = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .map(|day| format!("{day} = [\"08:00-18:00\"]\n"))
        .collect();
    let people: String = (0..practitioners)
        .map(|n| {
            format!(
                "[[practitioners]]\nslug = \"p{n}\"\nname = \"Dr Number {n}\"\nrole = \"Doctor\"\nabout = \"Works.\"\n\
                 languages = [\"en\"]\nservices = [\"visit\"]\n[practitioners.hours]\n{hours}"
            )
        })
        .collect();
    format!(
        r#"[tenant]
slug = "bench"
name = "Bench"
[clinic]
slug = "{slug}"
name = "Clinic {slug}"
kind = "Practice"
about = "Measured all day."
zone = "Europe/Berlin"
currency = "EUR"
locale = "en-DE"
languages = ["en"]
phone = "+49 30 5550100"
email = "bench@example.com"
emergency = "In an emergency call 112."
directions = "First floor."
[clinic.address]
street = "Street 1"
postcode = "10999"
city = "Berlin"
country = "DE"
[clinic.booking]
grid = "15 min"
horizon = "365 days"
notice_book = "0 min"
hold = "60 min"
[clinic.opening]
{hours}
[[services]]
slug = "visit"
name = "Visit"
about = "A visit."
speciality = "General practice"
booking = {{ duration = "15 min" }}
{people}"#
    )
}

/// Where a lot of visits are to be.
pub struct Fill<'a> {
    pub tenant: Uuid,
    pub clinic: Uuid,
    pub service: Uuid,
    pub resources: &'a [Uuid],
    /// First day since 1970, and how many.
    pub days: (i64, i64),
    /// Starts of a day, in cells; each visit takes three.
    pub starts: &'a [i64],
}

/// Every half hour from 06:00 to 17:00 UTC: full and half hours whatever the season.
pub const HALF_HOURS: [i64; 22] =
    [72, 78, 84, 90, 96, 102, 108, 114, 120, 126, 132, 138, 144, 150, 156, 162, 168, 174, 180, 186, 192, 198];

/// Visits of the house's people at these starts of each of so many days. Answers the connection to its database.
pub fn visits_from(house: &House, first: Date, days: i64, starts: &[i64]) -> Outcome<Connection> {
    let clinic = &house.clinic;
    let resources: Vec<_> = clinic.practitioners().map(|r| r.id.0).collect();
    let first = Date::new(1970, 1, 1)?.until(first)?.get_days();
    let places = Fill {
        tenant: clinic.tenant.0,
        clinic: clinic.id.0,
        service: clinic.service("visit").ok_or("no service")?.id.0,
        resources: &resources,
        days: (i64::from(first), days),
        starts,
    };
    let mut connection = open(&house.database())?;
    fill(&mut connection, &mut Ids::new(1), &places)?;
    Ok(connection)
}

/// Writes visits, their allocations and the maps they add up to. Answers how many visits.
pub fn fill(connection: &mut Connection, ids: &mut Ids, fill: &Fill<'_>) -> Outcome<usize> {
    let mut visits = 0;
    let taken: Vec<Span> = (fill.days.0..fill.days.0 + fill.days.1)
        .flat_map(|day| fill.starts.iter().map(move |start| day * DAY + start))
        .map(|start| Span::new(Cell(start), Cell(start + 3)))
        .collect();
    let (first, last) = (fill.days.0 * DAY / ROW_CELLS, (fill.days.0 + fill.days.1) * DAY / ROW_CELLS);
    let maps: Vec<(i64, Vec<u8>)> = (first..=last)
        .map(|row| {
            let mut bits = Bits::empty(row_span(row));
            taken.iter().filter(|t| row_of(t.start) == row).for_each(|t| bits.set(*t));
            (row, bits.row_bytes(row))
        })
        .collect();
    let transaction = connection.transaction()?;
    {
        let mut occupancy = transaction.prepare("INSERT INTO occupancy VALUES (?,?,?,0,?,?,NULL,1)")?;
        let mut allocation =
            transaction.prepare("INSERT INTO allocation VALUES (?,?,?,'appointment',0,?,?,?,?,NULL)")?;
        let mut appointment = transaction.prepare(
            "INSERT INTO appointment (id, tenant_id, clinic_id, service_id, practitioner_id, patient_id, status, start_at, end_at,
             zone, wall_start, sequence, version, created_at, updated_at)
             VALUES (?,?,?,?,?,?,'booked',?,?,'Europe/Berlin','2026-11-23T08:00:00',0,1,0,0)",
        )?;
        for resource in fill.resources {
            let resource = resource.as_bytes();
            for (row, map) in &maps {
                occupancy.execute(params![fill.tenant.as_bytes(), resource, row, map, map])?;
            }
            for span in &taken {
                let (visit, patient) = (ids.next(), ids.next());
                let (start, end) = (span.start.0, span.end.0);
                allocation.execute(params![fill.tenant.as_bytes(), visit, resource, start, end, start, end])?;
                appointment.execute(params![
                    visit,
                    fill.tenant.as_bytes(),
                    fill.clinic.as_bytes(),
                    fill.service.as_bytes(),
                    resource,
                    patient,
                    span.start.start().as_millisecond(),
                    span.end.start().as_millisecond(),
                ])?;
                visits += 1;
            }
        }
    }
    transaction.commit()?;
    Ok(visits)
}

/// Ids in ascending order, as UUIDv7 are.
pub struct Ids(u128);

impl Ids {
    pub fn new(series: u8) -> Self {
        Self(u128::from(series) << 96)
    }

    pub fn next(&mut self) -> [u8; 16] {
        self.0 += 1;
        self.0.to_be_bytes()
    }
}

/// A second connection to a database of ours, for writing and for the bare loops.
pub fn open(path: &Path) -> Outcome<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA mmap_size = 268435456",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}
