//! Sign-ups: people who have a chart and type their particulars as people do, and people who have none.

use jiff::civil::Date;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    SignUp, Who,
    charts::{latinise, namesake, son},
    cultures::Forms,
    patient::{Made, address, birth_date, email, phone},
    random::Random,
};

pub(super) fn sign_up(random: &mut Random, charts: &[Made]) -> SignUp {
    let index = random.below(charts.len());
    let Some(charted) = charts.get(index) else {
        return SignUp { patient: Made::new(random).patient, chart: None, who: Who::Stranger };
    };
    let (who, mut made) = match random.below(1000) {
        0..700 => (Who::Charted, charted.clone()),
        700..820 => (Who::Stranger, Made::new(random)),
        820..890 => (Who::Relative, charted.relative(random, 1950..2024)),
        890..940 => (Who::Twin, twin_of(random, charted, charts)),
        940..970 => (Who::Son, son_of(random, charted, charts)),
        _ => (Who::Namesake, namesake(random, charted)),
    };
    mistype(random, &mut made);
    // The namesake's, the son's and the twin's numbers are their own, and not in the set.
    let has_number = random.chance(50);
    if !has_number {
        made.patient.number.clear();
    }
    SignUp { patient: made.patient, chart: (who == Who::Charted).then_some(index), who }
}

/// A twin nobody has a chart of. Half have a name as much like the charted one's as parents choose.
fn twin_of(random: &mut Random, charted: &Made, charts: &[Made]) -> Made {
    let mut twin = charted.clone();
    twin.patient.number = format!("P{:07}", random.below(10_000_000));
    if let (true, Some(alike)) = (random.chance(500), charted.given.first().and_then(Forms::alike)) {
        twin.given = vec![alike];
        twin.write();
    } else {
        twin.rename(random);
    }
    let born = charted.patient.birth_date;
    while charts.iter().any(|chart| chart.patient.birth_date == born && chart.given.first() == twin.given.first()) {
        twin.rename(random);
    }
    twin
}

/// A son nobody has a chart of.
fn son_of(random: &mut Random, charted: &Made, charts: &[Made]) -> Made {
    let mut son = son(random, charted);
    while charts.iter().any(|chart| chart.patient.birth_date == son.patient.birth_date && chart.given == son.given) {
        son.patient.birth_date = birth_date(random, 1980, 2024);
    }
    son
}

/// How often what goes wrong, in a thousand. Higher than registries report, so that a small set has enough of each.
fn mistype(random: &mut Random, made: &mut Made) {
    latinise(random, made, 500);
    let culture = made.culture;
    let patient = &mut made.patient;
    if random.chance(350) {
        patient.given = without_marks(random, &patient.given);
        patient.family = without_marks(random, &patient.family);
    }
    if random.chance(80) {
        // The middle name is left out.
        patient.given = patient.given.split(' ').next().unwrap_or_default().to_owned();
    }
    if random.chance(40) {
        patient.given = slip(random, &patient.given);
    }
    if random.chance(50) {
        patient.family = slip(random, &patient.family);
    }
    if random.chance(40) {
        let new = culture.family(random).native().to_owned();
        patient.family = if random.chance(300) { format!("{}-{new}", patient.family) } else { new };
    }
    if random.chance(30) {
        std::mem::swap(&mut patient.given, &mut patient.family);
    }
    if random.chance(50) {
        patient.given = patient.given.to_uppercase();
        patient.family = patient.family.to_lowercase();
    }
    patient.birth_date = patient.birth_date.map(|date| slip_in_date(random, date));
    contacts(random, made);
}

fn contacts(random: &mut Random, made: &mut Made) {
    let patient = &mut made.patient;
    match random.below(1000) {
        0..150 => patient.phone.clear(),
        150..330 => patient.phone = phone(random),
        330..600 => patient.phone = patient.phone.replace("+999 ", "0"),
        600..620 => patient.phone = slip_in_digits(random, &patient.phone),
        _ => {}
    }
    match random.below(1000) {
        0..100 => patient.email.clear(),
        100..320 => patient.email = email(random),
        320..340 => patient.email = slip(random, &patient.email),
        340..400 => patient.email = patient.email.to_uppercase(),
        _ => {}
    }
    match random.below(1000) {
        0..300 => (patient.street, patient.postcode, patient.city) = Default::default(),
        300..450 => (patient.street, patient.postcode, patient.city) = address(random),
        450..600 => patient.street = patient.street.replace("straße", "str.").replace("Street", "St"),
        600..620 => patient.street = slip(random, &patient.street),
        _ => {}
    }
}

/// Marks left out; umlauts every second time as two letters.
fn without_marks(random: &mut Random, text: &str) -> String {
    let text = if random.chance(500) {
        text.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('Ü', "Ue")
    } else {
        text.to_owned()
    };
    let latin = |c: char| c < '\u{370}' || ('\u{1E00}'..'\u{1F00}').contains(&c);
    if !text.chars().all(latin) {
        return text;
    }
    let text: String = text.nfd().filter(|&c| !is_combining_mark(c)).collect();
    text.replace('ł', "l").replace('Ł', "L").replace('đ', "d").replace('Đ', "D").replace('ı', "i").replace('’', "'")
}

/// One letter wrong, left out, doubled, or swapped with the next; the first stays, as it mostly does.
fn slip(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = 1 + random.below(letters.len() - 2);
    match random.below(4) {
        0 => letters[at] = char::from(b'a' + u8::try_from(random.below(26)).unwrap_or(0)),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

fn slip_in_digits(random: &mut Random, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let Some(last) = characters.last_mut() {
        *last = char::from(b'0' + u8::try_from(random.below(10)).unwrap_or(0));
    }
    characters.into_iter().collect()
}

/// Day and month swapped, or one of three numbers a little off.
fn slip_in_date(random: &mut Random, date: Date) -> Date {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let slipped = match random.below(1000) {
        0..15 => Date::new(year, day, month),
        15..21 => Date::new(year, month, day % 28 + 1),
        21..24 => Date::new(year, month % 12 + 1, day),
        24..28 => Date::new(year - 10, month, day),
        28..30 => Date::new(year + 1, month, day),
        _ => Ok(date),
    };
    slipped.unwrap_or(date)
}
