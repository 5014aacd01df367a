//! Searching and booking must cost the same whether ten clinics are in the database or ten thousand.

use std::{sync::Arc, time::Instant};

use domain::booking::{Cell, Purpose};
use jiff::ToSpan;
use portal::{
    booking::{self, AvailabilityQuery},
    clinic::Clinic,
};
use rusqlite::{Connection, params_from_iter, types::Value};
use uuid::Uuid;

use crate::{
    Outcome,
    booking::book,
    data::{self, DAY, Fill, House, Ids, open, router},
    load::{self, Client},
    median,
    report::{Goal, Report},
};

const FEW: usize = 10;
const MANY: usize = 10_000;

pub async fn measure(report: &mut Report) -> Outcome {
    let few = Arc::new(populated("flat-few", FEW).await?);
    let many = Arc::new(populated("flat-many", MANY).await?);
    let (mut searches, mut bookings) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut slots = [few.slots(), many.slots()];
    for round in 0..6 {
        for (n, house) in [&few, &many].into_iter().enumerate() {
            let search = search(house).await?;
            let booked = book(house, slots[n].by_ref().take(300).collect(), 1).await?;
            // The first round warms up.
            if round > 0 {
                searches[n].push(search);
                bookings[n].push(1000.0 / booked);
            }
        }
    }
    for (what, times) in [("Search", searches), ("Hold and confirm", bookings)] {
        let [few, many] = times.map(median);
        let detail = format!("{many:.3} ms to {few:.3} ms");
        report.times(&format!("{what}, {MANY} clinics to {FEW}"), detail, many / few, Goal::AtMost(1.2));
    }
    let mut pages = [0.0, 0.0];
    for (n, house) in [&few, &many].into_iter().enumerate() {
        let mut client = Client::connect(load::serve(router(house)).await?).await?;
        let mut times = Vec::new();
        for _ in 0..10 {
            let begun = Instant::now();
            client.ok("/").await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        pages[n] = median(times);
    }
    let detail = format!("{:.1} ms to {:.1} ms", pages[1], pages[0]);
    // The one shows fifty clinics, the other ten.
    report.times(&format!("Page /, {MANY} clinics to {FEW}"), detail, pages[1] / pages[0], Goal::None);
    Ok(())
}

/// Milliseconds for one practitioner and one day, the database asked every time.
async fn search(house: &House) -> Outcome<f64> {
    let (rounds, first) = (400, house.tomorrow());
    let practitioners: Vec<_> = house.clinic.practitioners().map(|r| r.id).collect();
    let begun = Instant::now();
    for n in 0..rounds {
        let day = first.saturating_add(i64::try_from(n % 100).unwrap_or(0).days());
        let query = AvailabilityQuery {
            service: house.clinic.service("visit").ok_or("no service")?,
            practitioner: practitioners.get(n % practitioners.len()).copied(),
            from: day,
            to: day,
            explain: false,
            purpose: Purpose::Book,
        };
        booking::availability(&house.cx, &house.clinic, &query).await?;
    }
    Ok(begun.elapsed().as_secs_f64() * 1000.0 / rounds as f64)
}

/// One clinic by import and the rest in its likeness, each with two practitioners and a dozen visits.
async fn populated(name: &str, clinics: usize) -> Outcome<House> {
    let house = House::build(name, 2).await?;
    let clinic = &house.clinic;
    let mut connection = open(&house.database())?;
    let transaction = connection.transaction()?;
    let mut ids = Ids::new(2);
    let mut resources = Vec::new();
    for n in 1..clinics {
        resources.extend(copy(&transaction, clinic, &format!("clinic-{n}"), &mut ids)?);
    }
    transaction.commit()?;
    let day = Cell::containing(house.cx.now()).0 / DAY;
    let service = clinic.service("visit").ok_or("no service")?.id.0;
    let own: Vec<Uuid> = clinic.practitioners().map(|r| r.id.0).collect();
    for (resources, days) in [(resources, 2), (own, 60)] {
        let places = Fill {
            tenant: clinic.tenant.0,
            clinic: clinic.id.0,
            service,
            resources: &resources,
            days: (day, days),
            starts: &data::HALF_HOURS[8..11],
        };
        data::fill(&mut connection, &mut ids, &places)?;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(house)
}

/// Another clinic like `from`; answers its practitioners.
fn copy(db: &Connection, from: &Clinic, slug: &str, ids: &mut Ids) -> Outcome<Vec<Uuid>> {
    let mut new = || Uuid::from_bytes(ids.next());
    let clinic = new();
    like(db, "clinic", from.id.0, &[("id", blob(clinic)), ("slug", Value::Text(slug.to_owned()))])?;
    db.prepare_cached("INSERT INTO clinic_facet SELECT kind, value, ? FROM clinic_facet WHERE clinic_id = ?")?
        .execute(params_from_iter([blob(clinic), blob(from.id.0)]))?;
    let mut resources = Vec::new();
    for old in &from.resources {
        let id = new();
        like(db, "resource", old.id.0, &[("id", blob(id)), ("clinic_id", blob(clinic))])?;
        resources.push(id);
    }
    for old in &from.services {
        let id = new();
        like(db, "service", old.id.0, &[("id", blob(id)), ("clinic_id", blob(clinic))])?;
        let mut offering = db.prepare_cached("INSERT INTO offering VALUES (?, ?, ?, '{}')")?;
        for resource in &resources {
            offering.execute(params_from_iter([blob(from.tenant.0), blob(id), blob(*resource)]))?;
        }
    }
    Ok(resources)
}

/// A row like another, but for some columns.
fn like(db: &Connection, table: &str, old: Uuid, other: &[(&str, Value)]) -> Outcome {
    let mut columns = db.prepare_cached("SELECT name FROM pragma_table_info(?)")?;
    let columns: Vec<String> = columns.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let is_other = |name: &String| other.iter().any(|(n, _)| n == name);
    let mut values: Vec<Value> =
        columns.iter().filter_map(|c| other.iter().find(|(n, _)| n == c).map(|(_, v)| v.clone())).collect();
    values.push(blob(old));
    let select: Vec<String> =
        columns.iter().map(|c| if is_other(c) { "?".to_owned() } else { format!("\"{c}\"") }).collect();
    let sql = format!("INSERT INTO {table} SELECT {} FROM {table} WHERE id = ?", select.join(","));
    db.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

fn blob(id: Uuid) -> Value {
    Value::Blob(id.as_bytes().to_vec())
}
