//! Holding and confirming on PostgreSQL, against pgbench running the same statements on the same server.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use domain::booking::{
    Cell,
    bitmap::{ROW_BYTES, row_of},
};
use entity::occupancy;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use server::{config::Config, wiring};

use crate::{
    Outcome,
    booking::{Rates, book, rates},
    data::{self, House},
    median,
    report::{Goal, Report},
    statements::{CONFIRM, HOLD, Is, LOCKS, Step},
};

/// Set by `.ci/with-postgres.sh`.
const URL: &str = "PORTICO_TEST_POSTGRES";

pub async fn measure(report: &mut Report) -> Outcome {
    let Ok(url) = std::env::var(URL) else {
        report.said("PostgreSQL", "not measured: its programs are not installed");
        return Ok(());
    };
    let config = Config { database_url: Some(url.clone()), ..data::config("postgres")? };
    let cx = wiring::connect(&config).await?;
    let house = Arc::new(House::furnish(cx, config, 20).await?);
    let mut slots = house.slots();
    book(&house, slots.by_ref().take(400).collect(), 4).await?;
    // Postgres looks at its tables within a minute by itself; until then it plans as if they were empty.
    house.cx.db.schema().execute_unprepared("ANALYZE").await?;
    let pgbench = pgbench();
    let script = script(&house, house.slots().next().map_or(Timestamp::UNIX_EPOCH, |s| s.start)).await?;
    let (mut ours, mut theirs): (Vec<Rates>, [Vec<f64>; 2]) = (Vec::new(), [Vec::new(), Vec::new()]);
    for round in 0..3 {
        ours.push(rates(&house, &mut slots).await?);
        let Some(program) = &pgbench else { continue };
        for (n, clients) in [1, 16].into_iter().enumerate() {
            let run = Run { program, url: &url, script: &script, clients, series: round * 2 + n };
            theirs[n].push(run.per_second()?);
        }
    }
    let middle = |of: fn(&Rates) -> f64| median(ours.iter().map(of).collect());
    let rates = [(1, middle(|r| r.book_one)), (16, middle(|r| r.book_many))];
    for ((clients, rate), theirs) in rates.into_iter().zip(theirs) {
        let what = format!("Hold and confirm on PostgreSQL, {clients} clients");
        if theirs.is_empty() {
            report.value(&what, rate, "/s", Goal::None);
        } else {
            report.share(&what, rate, (median(theirs), "pgbench, same statements"), Goal::AtLeast(60.0));
        }
    }
    if pgbench.is_none() {
        report.said("pgbench", "not installed, so PostgreSQL is measured alone");
    }
    Ok(())
}

fn pgbench() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|p| p.join("pgbench"));
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = installed.map(|version| version.path().join("bin/pgbench"));
    on_path.chain(installed).find(|p| p.is_file())
}

/// One booking, of a practitioner drawn for each. They are nobody of ours, because pgbench's maps are nonsense. One
/// script, so that each statement is prepared once by each client, as ours are.
async fn script(house: &House, start: Timestamp) -> Outcome<PathBuf> {
    let start = Cell::containing(start).0;
    let practitioners = house.clinic.practitioners().count();
    for number in 0..practitioners {
        let row = occupancy::ActiveModel {
            tenant_id: Set(house.clinic.tenant.0),
            resource_id: Set(uuid::Uuid::from_u128((u128::from(NOBODY) << 96) + number as u128)),
            row: Set(row_of(Cell(start))),
            lane: Set(0),
            body: Set(vec![0; ROW_BYTES]),
            padded: Set(vec![0; ROW_BYTES]),
            holds_until: Set(None),
            version: Set(1),
        };
        occupancy::Entity::insert(row).exec_without_returning(house.cx.db.schema()).await?;
    }
    let names = Names { house, start };
    let mut text = format!("\\set i :i + 1\n\\set p random(0, {})\n", practitioners - 1);
    text.push_str("\\set n :series * 1000000000 + :client_id * 1000000 + :i\n");
    for steps in [HOLD, CONFIRM] {
        text.push_str("BEGIN;\n");
        for step in steps {
            let read = step.sql.starts_with("SELECT");
            let lock = LOCKS.iter().find(|(table, _)| read && step.sql.contains(table));
            let lock = lock.map_or("", |(_, clause)| clause);
            writeln!(text, "{}{lock};", names.filled(step)?)?;
        }
        text.push_str("COMMIT;\n");
    }
    let file = house.config.data_dir.join("booking.sql");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// The first eight digits of the practitioners' ids.
const NOBODY: u32 = 9;

/// What stands for a step's values in a script.
struct Names<'a> {
    house: &'a House,
    start: i64,
}

impl Names<'_> {
    fn filled(&self, step: &Step) -> Outcome<String> {
        let mut values = step.with.iter();
        let mut text = String::new();
        for (at, part) in step.sql.split('?').enumerate() {
            if at > 0 {
                text.push_str(&self.value(*values.next().ok_or("too few values")?));
            }
            text.push_str(part);
        }
        Ok(text)
    }

    fn value(&self, is: Is) -> String {
        let clinic = &self.house.clinic;
        let id = |id: uuid::Uuid| format!("'{id}'::uuid");
        // The series tells the tables apart.
        let made = |series: u32, of: &str| format!("('{series:08x}' || lpad(to_hex(:{of}::bigint), 24, '0'))::uuid");
        let new = |series| made(series, "n");
        let row = row_of(Cell(self.start));
        match is {
            Is::Tenant => id(clinic.tenant.0),
            Is::Clinic => id(clinic.id.0),
            Is::Service => clinic.service("visit").map_or_else(String::new, |s| id(s.id.0)),
            Is::Practitioner => made(NOBODY, "p"),
            Is::Hold => new(1),
            Is::Visit => new(2),
            Is::Patient => new(3),
            Is::Audit => new(4),
            Is::Job => new(5),
            Is::FirstRow | Is::LastRow | Is::Row => row.to_string(),
            // Compared with itself: another client may have been there between.
            Is::Version => "\"version\"".to_owned(),
            Is::NextVersion => "\"version\" + 1".to_owned(),
            Is::Start => self.start.to_string(),
            Is::End => (self.start + 3).to_string(),
            Is::Number(number) => number.to_string(),
            Is::Text(text) => format!("'{text}'"),
            Is::UniqueText => "to_hex(:n::bigint)".to_owned(),
            Is::UniqueBytes => "int8send(:n::bigint)".to_owned(),
            Is::Bytes(count) => format!("'\\x{}'::bytea", "05".repeat(count)),
            Is::No => "false".to_owned(),
            Is::Yes => "true".to_owned(),
            Is::Null => "NULL".to_owned(),
        }
    }
}

struct Run<'a> {
    program: &'a Path,
    url: &'a str,
    script: &'a Path,
    clients: usize,
    series: usize,
}

impl Run<'_> {
    fn per_second(&self) -> Outcome<f64> {
        let mut command = Command::new(self.program);
        command.args(["--no-vacuum", "--protocol=prepared", "--time=3", "--jobs=1"]);
        command
            .arg(format!("--client={}", self.clients))
            .args(["-D", "i=0", "-D"])
            .arg(format!("series={}", self.series + 1));
        let ended = command.arg("-f").arg(self.script).arg(self.url).output()?;
        let (told, wrong) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        let rate = told.lines().find_map(|l| l.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.filter(|_| ended.status.success()).ok_or_else(|| format!("pgbench: {}", wrong.trim()).into())
    }
}
