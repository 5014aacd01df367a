//! Finding a patient at the desk by what somebody says at the counter: part of a name, a birth date, a phone number, the
//! clinic's own number. Names are sealed, so each word's first letters have a blind index; what begins like it is opened
//! and compared.

use std::collections::BTreeSet;

use domain::{
    ids::{PatientId, TenantId},
    matching::{digits, spellings},
    person::{parse_month, western_digits},
    typed::birth_dates,
    words,
};
use entity::{chart_key, patient};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    ChartRecord, Number,
    access::{known_to, of_clinic_by_merging},
    index::{self, merged_into},
};
use crate::{
    audit::{self, Entry},
    booking::local_day,
    cx::Cx,
    error::Internal,
    identity::charts,
    keys::ScopeKeys,
    staff::{Permit, permission::SeePatients},
};

/// Letters of a word that are indexed: more would let fewer charts be opened, and tell more of a stolen database.
const LETTERS: [usize; 3] = [2, 3, 5];
/// Digits of a phone number that two ways of writing it share.
const DIGITS: usize = 7;
/// Charts that begin alike and are opened at a time to be compared, until enough fit.
const TOGETHER: usize = 500;
/// Nobody waits for an import's charts to be indexed.
const MOST_BATCHES: u32 = 4;
/// Told at a time: whoever finds more types another letter.
const MOST: usize = 20;

/// A chart that was found.
#[derive(Clone, Debug)]
pub struct FoundChart {
    pub id: PatientId,
    pub record: ChartRecord,
}

/// What a chart is found by at the desk.
pub(super) fn keys_of(keys: &ScopeKeys, record: &ChartRecord) -> Vec<Vec<u8>> {
    let mut all = BTreeSet::new();
    for name in [&record.given, &record.family] {
        for spelling in spellings(name).into_iter().flatten() {
            all.extend(LETTERS.map(|most| Clue::Name(first(&spelling, most)).key(keys)));
        }
    }
    all.insert(Clue::Born(record.birth_date).key(keys));
    if let Some(clue) = record.phone.as_deref().and_then(phone) {
        all.insert(clue.key(keys));
    }
    all.into_iter().collect()
}

/// One thing that narrows a search.
enum Clue {
    /// The first letters of a word of the name.
    Name(String),
    Born(Date),
    Phone(String),
}

impl Clue {
    fn key(&self, keys: &ScopeKeys) -> Vec<u8> {
        match self {
            Self::Name(letters) => keys.index("finder", &["name", letters]),
            Self::Born(date) => keys.index("finder", &["born", &date.to_string()]),
            Self::Phone(digits) => keys.index("finder", &["phone", digits]),
        }
    }
}

fn first(word: &str, most: usize) -> String {
    word.chars().take(most).collect()
}

fn phone(text: &str) -> Option<Clue> {
    let digits = digits(text);
    let from = digits.len().checked_sub(DIGITS)?;
    digits.get(from..).map(|last| Clue::Phone(last.to_owned()))
}

/// What was typed, taken apart.
struct Typed {
    /// Words of a name, each as it may be spelt.
    words: Vec<Vec<String>>,
    /// Any of them; eight digits may as well be a phone number.
    born: Vec<Date>,
    phone: Option<Clue>,
    /// As it stands, for the clinic's own number.
    number: String,
}

impl Typed {
    /// `None`: nothing that could find anybody.
    fn of(text: &str, locale: &str, today: Date) -> Option<Self> {
        let text = western_digits(text.trim());
        let parts: Vec<&str> = text.split([' ', ',', ';']).filter(|part| !part.is_empty()).collect();
        let (mut names, mut born) = (Vec::new(), Vec::new());
        let mut rest = parts.as_slice();
        while let Some((part, after)) = rest.split_first() {
            // "17 Apr 1988": of three words that are a date one is a month.
            let three = rest.get(..3).filter(|three| {
                three[..2].iter().any(|word| parse_month(word).is_some() && word.parse::<u8>().is_err())
            });
            let three =
                three.map(|three| birth_dates(&three.join(" "), locale, today)).filter(|dates| !dates.is_empty());
            let alone = || Some(birth_dates(part, locale, today)).filter(|dates| !dates.is_empty());
            (rest, born) = match (three, alone()) {
                (Some(dates), _) => (&rest[3..], dates),
                (None, Some(dates)) => (after, dates),
                (None, None) => {
                    names.push(*part);
                    (after, born)
                }
            };
        }
        let letters = names.iter().any(|part| part.chars().any(char::is_alphabetic));
        let words = if letters { spellings(&names.join(" ")) } else { Vec::new() };
        // A single letter begins too many names.
        let words: Vec<_> = words.into_iter().filter(|word| word.iter().any(|w| w.chars().count() >= 2)).collect();
        // A date with marks in it is none.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let phone = if letters || !(born.is_empty() || digits) { None } else { phone(&text) };
        let number = if text.len() <= 40 { text } else { String::new() };
        (!words.is_empty() || !born.is_empty() || phone.is_some() || !number.is_empty()).then_some(Self {
            words,
            born,
            phone,
            number,
        })
    }

    /// Blind indexes of which a chart must have one of each.
    fn clues(&self, keys: &ScopeKeys) -> Vec<Vec<Vec<u8>>> {
        let letters =
            |w: &str| LETTERS.into_iter().filter(|most| *most <= w.chars().count()).max().unwrap_or(LETTERS[0]);
        let name = |word: &Vec<String>| word.iter().map(|w| Clue::Name(first(w, letters(w))).key(keys)).collect();
        let mut all: Vec<Vec<Vec<u8>>> = self.words.iter().map(name).collect();
        let born = self.born.iter().map(|date| Clue::Born(*date).key(keys));
        let any: Vec<Vec<u8>> = born.chain(self.phone.iter().map(|clue| clue.key(keys))).collect();
        all.extend((!any.is_empty()).then_some(any));
        all
    }

    /// Whether each typed word is a word of the name.
    fn is_whole(&self, name: &[Vec<String>]) -> bool {
        self.words.iter().all(|typed| name.iter().any(|own| own.iter().any(|own| typed.contains(own))))
    }

    /// Whether a name begins as it was typed. The birth date needs no look: its index is of the whole.
    fn names(&self, name: &str) -> bool {
        let own: Vec<Vec<String>> = spellings(name);
        let begins = |typed: &Vec<String>| {
            own.iter().flatten().any(|own| typed.iter().any(|typed| own.starts_with(typed.as_str())))
        };
        self.words.iter().all(begins)
    }
}

/// Charts of the clinic's network that fit what was typed, those whose names begin with it first by name. A name needs
/// two letters.
pub async fn find_charts(cx: &Cx, permit: &Permit<SeePatients>, text: &str) -> Result<Vec<FoundChart>, Internal> {
    let (locale, today) = (&permit.clinic.profile.locale, local_day(&permit.clinic.zone, cx.now()));
    let Some(typed) = Typed::of(text, locale, today) else { return Ok(Vec::new()) };
    index::catch_up_most(cx, MOST_BATCHES).await?;
    let (db, tenant) = (cx.db.read(), permit.clinic.tenant);
    let keys = cx.keys.scope(db, tenant.0).await?;
    let mut ids: Option<BTreeSet<Uuid>> = None;
    for clue in typed.clues(&keys) {
        let having: BTreeSet<Uuid> = having(cx, tenant.0, clue).await?;
        ids = Some(match ids {
            None => having,
            Some(ids) => ids.intersection(&having).copied().collect(),
        });
    }
    // The newest first: whoever came lately comes again.
    let ids: Vec<Uuid> = ids.unwrap_or_default().into_iter().rev().collect();
    let number = Number { clinic: permit.clinic.profile.slug.clone(), number: typed.number.clone() };
    let numbered = patient::Entity::find()
        .filter(patient::Column::TenantId.eq(tenant.0))
        .filter(patient::Column::NumberKey.eq(number.key(&keys)))
        .one(db)
        .await?;
    let mut found = Vec::new();
    for ids in ids.chunks(TOGETHER) {
        let before = fitting_before(&keys, &merged_into(db, &BTreeSet::from([tenant.0]), ids).await?, &typed)?;
        let rows = patient::Entity::find().filter(patient::Column::Id.is_in(ids.iter().copied())).all(db).await?;
        let mut some = Vec::new();
        for row in rows.iter().filter(|row| row.tenant_id == tenant.0 && row.merged_into.is_none()) {
            // The name alone first: what merely begins alike is most of them.
            let (given, family) = charts::names(&keys, row)?;
            if typed.names(&words::full_name(&given, &family)) || before.contains(&row.id) {
                some.push(FoundChart { id: PatientId(row.id), record: ChartRecord::open(&keys, row)? });
            }
        }
        found.extend(within(cx, permit, some).await?);
        if found.len() >= MOST {
            break;
        }
    }
    if let Some(row) = numbered {
        let id = charts::kept(db, tenant, PatientId(row.id)).await?;
        if found.iter().all(|chart| chart.id != id) {
            let row = charts::row(db, tenant, id).await?;
            let chart = FoundChart { id, record: ChartRecord::open(&keys, &row)? };
            found.extend(within(cx, permit, vec![chart]).await?);
        }
    }
    // Another clinic's number says nothing here.
    for chart in &mut found {
        chart.record.number.take_if(|number| number.clinic != permit.clinic.profile.slug);
    }
    // Whole words first: "Ng" before "Nguyễn".
    found.sort_by_cached_key(|chart| {
        let name = spellings(&chart.record.full_name());
        (chart.record.deceased, !typed.is_whole(&name), name, chart.id)
    });
    found.truncate(MOST);
    note(cx, permit, &found).await?;
    Ok(found)
}

/// Charts of a whole network by birth date and name: each typed word must be a whole word of the name. Leaves no trace:
/// whoever asks writes down what comes of it.
pub(crate) async fn named_exactly(
    cx: &Cx,
    tenant: TenantId,
    name: &str,
    born: Date,
) -> Result<Vec<PatientId>, Internal> {
    let words: Vec<Vec<String>> = spellings(name);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    index::catch_up_most(cx, MOST_BATCHES).await?;
    let db = cx.db.read();
    let keys = cx.keys.scope(db, tenant.0).await?;
    let ids = having(cx, tenant.0, vec![Clue::Born(born).key(&keys)]).await?;
    let rows = patient::Entity::find().filter(patient::Column::Id.is_in(ids)).all(db).await?;
    let typed = Typed { words, born: vec![born], phone: None, number: String::new() };
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| row.tenant_id == tenant.0 && row.merged_into.is_none()) {
        let (given, family) = charts::names(&keys, row)?;
        if typed.is_whole(&spellings(&words::full_name(&given, &family))) {
            found.push(PatientId(row.id));
        }
    }
    Ok(found)
}

/// Charts that fit by what one said that became part of them.
fn fitting_before(
    keys: &ScopeKeys,
    gone: &[(Uuid, patient::Model)],
    typed: &Typed,
) -> Result<BTreeSet<Uuid>, Internal> {
    let mut fitting = BTreeSet::new();
    for (kept, row) in gone {
        let (given, family) = charts::names(keys, row)?;
        if typed.names(&words::full_name(&given, &family)) {
            fitting.insert(*kept);
        }
    }
    Ok(fitting)
}

#[derive(FromQueryResult)]
struct Having {
    patient_id: Uuid,
}

async fn having(cx: &Cx, tenant: Uuid, clue: Vec<Vec<u8>>) -> Result<BTreeSet<Uuid>, Internal> {
    let all: Vec<Having> = chart_key::Entity::find()
        .select_only()
        .column(chart_key::Column::PatientId)
        .filter(chart_key::Column::TenantId.eq(tenant))
        .filter(chart_key::Column::Key.is_in(clue))
        .into_model()
        .all(cx.db.read())
        .await?;
    Ok(all.into_iter().map(|row| row.patient_id).collect())
}

/// Those that are within the permit: the clinic's, by its number, a visit, a wait or a registration there; and of those, for
/// whoever sees only their own patients, those.
pub(super) async fn within(
    cx: &Cx,
    permit: &Permit<SeePatients>,
    mut charts: Vec<FoundChart>,
) -> Result<Vec<FoundChart>, Internal> {
    let ids: Vec<Uuid> = charts.iter().map(|chart| chart.id.0).collect();
    if let (Some(clinic), false) = (permit.within, charts.is_empty()) {
        let here = known_to(cx.db.read(), permit.clinic.tenant, clinic, &ids).await?;
        let slug = &permit.clinic.profile.slug;
        let is_here = |chart: &FoundChart| {
            here.contains(&chart.id.0) || chart.record.number.as_ref().is_some_and(|number| number.clinic == *slug)
        };
        // What became part of a chart may have been the clinic's: its number and its registration stay where they were.
        let others: Vec<Uuid> = charts.iter().filter(|chart| !is_here(chart)).map(|chart| chart.id.0).collect();
        let once = of_clinic_by_merging(cx, permit.clinic.tenant, clinic, &others).await?;
        charts.retain(|chart| is_here(chart) || once.contains(&chart.id.0));
    }
    if let Some(only) = permit.only() {
        let own = patients_of(cx, permit, only, &ids).await?;
        charts.retain(|chart| own.contains(&chart.id.0));
    }
    Ok(charts)
}

#[derive(FromQueryResult)]
struct Seen {
    patient_id: Uuid,
    practitioner_id: Uuid,
}

/// Those of some charts who have or had a visit with a practitioner.
pub(super) async fn patients_of(
    cx: &Cx,
    permit: &Permit<SeePatients>,
    practitioner: domain::ids::ResourceId,
    charts: &[Uuid],
) -> Result<BTreeSet<Uuid>, Internal> {
    // The practitioner afterwards: asked for, SQLite would go through all of their visits.
    let all: Vec<Seen> = entity::appointment::Entity::find()
        .select_only()
        .columns([entity::appointment::Column::PatientId, entity::appointment::Column::PractitionerId])
        .filter(entity::appointment::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(entity::appointment::Column::PatientId.is_in(charts.iter().copied()))
        .into_model()
        .all(cx.db.read())
        .await?;
    Ok(all.into_iter().filter(|row| row.practitioner_id == practitioner.0).map(|row| row.patient_id).collect())
}

/// Each chart's access list tells who saw its name.
pub(super) async fn note(cx: &Cx, permit: &Permit<SeePatients>, found: &[FoundChart]) -> Result<(), Internal> {
    let entries = found.iter().map(|chart| {
        let (entity_id, patient_id) = (Some(chart.id.0), Some(chart.id.0));
        let (actor, action) = (permit.actor, "patient.find");
        Entry { actor, action, entity: "patient", entity_id, patient_id, outcome: "ok" }
    });
    audit::append_all(cx, permit.clinic.tenant, entries.collect()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_taken_apart() {
        let day = jiff::civil::date;
        let of = |text: &str| Typed::of(text, "en-DE", day(2026, 11, 28));
        let typed = of("kaya, 31.1.1980").unwrap();
        assert_eq!(typed.words, [["kaya"]]);
        assert_eq!(typed.born, [day(1980, 1, 31)]);
        let typed = of("kaya 31 Jan 1980").unwrap();
        assert_eq!((typed.words.len(), typed.born), (1, vec![day(1980, 1, 31)]));
        // A month's name that is somebody's.
        assert_eq!(of("April Kaya").unwrap().words.len(), 2);
        assert_eq!(of("Müller").unwrap().words, [["muller", "mueller"]]);
        assert!(of("030 901 820").unwrap().phone.is_some());
        // Both, until it is looked up.
        let typed = of("17041988").unwrap();
        assert!(typed.phone.is_some() && typed.born == [day(1988, 4, 17)]);
        assert!(of("17.04.1988").unwrap().phone.is_none());
        assert!(of("12").unwrap().phone.is_none());
        assert!(of("  ").is_none());
        // One letter alone is not searched for, but may be a number.
        assert!(of("k").unwrap().words.is_empty());
    }
}
