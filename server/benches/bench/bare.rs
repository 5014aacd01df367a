//! The same statements by rusqlite in a loop: what SQLite can do when nothing stands between. Every booking finds its
//! occupancy row there already, as nearly every booking does.

use std::time::Instant;

use rusqlite::{Connection, OptionalExtension, params, params_from_iter, types::Value};
use uuid::Uuid;

use crate::{
    Outcome,
    data::{House, Ids, Slot, open},
    statements::{CONFIRM, HOLD, Is, Step},
};
use domain::booking::{
    Cell,
    bitmap::{ROW_BYTES, row_of},
};

pub struct Bare {
    connection: Connection,
    tenant: Uuid,
    clinic: Uuid,
    service: Uuid,
    ids: Ids,
    made: u64,
}

/// One booking's values.
struct Turn {
    slot: Slot,
    hold: [u8; 16],
    visit: [u8; 16],
    patient: [u8; 16],
    audit: [u8; 16],
    job: [u8; 16],
    number: u64,
    version: i64,
}

impl Bare {
    /// On a copy of the house's database.
    pub fn copy(house: &House) -> Outcome<Self> {
        let copy = house.config.data_dir.join("bare.db");
        open(&house.database())?.execute("VACUUM INTO ?", params![copy.display().to_string()])?;
        let connection = open(&copy)?;
        let clinic = &house.clinic;
        let service = clinic.service("visit").ok_or("no service")?.id.0;
        Ok(Self { connection, tenant: clinic.tenant.0, clinic: clinic.id.0, service, ids: Ids::new(9), made: 0 })
    }

    /// Holds and confirms, a transaction each. Answers how many bookings a second.
    pub fn book(&mut self, slots: &[Slot]) -> Outcome<f64> {
        let turns = self.turns(slots)?;
        let begun = Instant::now();
        for mut turn in turns {
            self.transaction(HOLD, &mut turn)?;
            self.transaction(CONFIRM, &mut turn)?;
        }
        Ok(slots.len() as f64 / begun.elapsed().as_secs_f64())
    }

    /// Confirms what was held before.
    pub fn confirm(&mut self, slots: &[Slot]) -> Outcome<f64> {
        let mut turns = self.turns(slots)?;
        for turn in &mut turns {
            self.transaction(HOLD, turn)?;
        }
        let begun = Instant::now();
        for turn in &mut turns {
            self.transaction(CONFIRM, turn)?;
        }
        Ok(slots.len() as f64 / begun.elapsed().as_secs_f64())
    }

    fn turns(&mut self, slots: &[Slot]) -> Outcome<Vec<Turn>> {
        let empty = vec![0_u8; ROW_BYTES];
        let mut turns = Vec::new();
        for slot in slots {
            let key = params![self.tenant.as_bytes(), slot.practitioner.0.as_bytes(), row(slot), empty, empty];
            self.connection.execute("INSERT OR IGNORE INTO occupancy VALUES (?,?,?,0,?,?,NULL,1)", key)?;
            self.made += 1;
            turns.push(Turn {
                slot: *slot,
                hold: self.ids.next(),
                visit: self.ids.next(),
                patient: self.ids.next(),
                audit: self.ids.next(),
                job: self.ids.next(),
                number: self.made,
                version: 0,
            });
        }
        Ok(turns)
    }

    fn transaction(&self, steps: &[Step], turn: &mut Turn) -> Outcome {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for step in steps {
            let values = step.with.iter().map(|is| self.value(*is, turn));
            let mut statement = self.connection.prepare_cached(step.sql)?;
            if step.sql.starts_with("SELECT") {
                let mut rows = statement.query(params_from_iter(values))?;
                while let Some(read) = rows.next()? {
                    let wanted = step.sql.contains("\"occupancy\"") && read.get::<_, i64>(1)? == row(&turn.slot);
                    // Every column is read, as a caller would.
                    for column in 0..step.sql.split(" FROM ").next().map_or(1, |c| c.split(',').count()) {
                        std::hint::black_box(read.get::<_, Value>(column)?);
                    }
                    if wanted {
                        turn.version = read.get(6)?;
                    }
                }
            } else if statement.execute(params_from_iter(values))? == 0 {
                return Err(format!("changed nothing: {}", step.sql).into());
            }
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn value(&self, is: Is, turn: &Turn) -> Value {
        let id = |id: Uuid| Value::Blob(id.as_bytes().to_vec());
        let start = Cell::containing(turn.slot.start).0;
        match is {
            Is::Tenant => id(self.tenant),
            Is::Clinic => id(self.clinic),
            Is::Service => id(self.service),
            Is::Practitioner => id(turn.slot.practitioner.0),
            Is::Hold => Value::Blob(turn.hold.to_vec()),
            Is::Visit => Value::Blob(turn.visit.to_vec()),
            Is::Patient => Value::Blob(turn.patient.to_vec()),
            Is::Audit => Value::Blob(turn.audit.to_vec()),
            Is::Job => Value::Blob(turn.job.to_vec()),
            Is::FirstRow | Is::LastRow | Is::Row => Value::Integer(row(&turn.slot)),
            Is::Version => Value::Integer(turn.version),
            Is::NextVersion => Value::Integer(turn.version + 1),
            Is::Start => Value::Integer(start),
            Is::End => Value::Integer(start + 3),
            Is::Number(number) => Value::Integer(number),
            Is::Text(text) => Value::Text(text.to_owned()),
            Is::UniqueText => Value::Text(format!("00000000-0000-7000-8000-{:012x}", turn.number)),
            Is::UniqueBytes => Value::Blob(u128::from(turn.number).to_be_bytes().to_vec()),
            Is::Bytes(count) => Value::Blob(vec![5; count]),
            Is::No => Value::Integer(0),
            Is::Yes => Value::Integer(1),
            Is::Null => Value::Null,
        }
    }
}

fn row(slot: &Slot) -> i64 {
    row_of(Cell::containing(slot.start))
}

/// The search of 20 practitioners and 30 days: the rows, and every start looked up in the map.
pub fn search(connection: &Connection, house: &House, rows: (i64, i64), starts: &[i64]) -> Outcome<usize> {
    let practitioners: Vec<[u8; 16]> = house.clinic.practitioners().map(|r| *r.id.0.as_bytes()).collect();
    let marks = vec!["?"; practitioners.len()].join(",");
    let sql = format!(
        r#"SELECT "resource_id", "row", "lane", "body", "padded", "holds_until", "version" FROM "occupancy" WHERE "tenant_id" = ? AND "resource_id" IN ({marks}) AND "row" BETWEEN ? AND ?"#
    );
    let mut values = vec![Value::Blob(house.clinic.tenant.0.as_bytes().to_vec())];
    values.extend(practitioners.iter().map(|p| Value::Blob(p.to_vec())));
    values.extend([Value::Integer(rows.0), Value::Integer(rows.1)]);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let (mut free, mut read) = (0, 0);
    while let Some(one) = found.next()? {
        read += 1;
        let (number, map): (i64, Vec<u8>) = (one.get(1)?, one.get(4)?);
        std::hint::black_box(one.get::<_, Vec<u8>>(3)?);
        let first = number * 9216;
        for start in starts.iter().filter(|s| (first..first + 9216 - 3).contains(*s)) {
            let taken = (start - first..start - first + 3).any(|c| map[c as usize / 8] >> (c % 8) & 1 == 1);
            free += usize::from(!taken);
        }
    }
    if read == 0 { Err("no occupancy rows".into()) } else { Ok(free) }
}

/// The one number a query answers.
pub fn number(connection: &Connection, sql: &str) -> Outcome<i64> {
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or(0))
}
