//! The charts of a clinic: people alone and families, with the look-alikes that make matching dangerous.

use super::{
    cultures::Forms,
    patient::{Made, birth_date},
    random::Random,
};

/// Of a thousand households, so many have one; more than in life, so that a small set has enough of each.
const TWINS: usize = 40;
const SON_OF_ONE_NAME: usize = 20;
const NAMESAKE: usize = 20;

pub(super) fn charts(random: &mut Random, count: usize) -> Vec<Made> {
    let mut charts = Vec::with_capacity(count + 8);
    while charts.len() < count {
        household(random, &mut charts);
    }
    charts.truncate(count);
    for chart in &mut charts {
        // Charts are incomplete, too.
        let patient = &mut chart.patient;
        if random.chance(120) {
            patient.phone.clear();
        }
        if random.chance(350) {
            patient.email.clear();
        }
        if random.chance(80) {
            (patient.street, patient.postcode, patient.city) = Default::default();
        }
        latinise(random, chart, 600);
    }
    charts
}

fn household(random: &mut Random, charts: &mut Vec<Made>) {
    let head = Made::new(random);
    let size = if random.chance(550) { 1 } else { 2 + random.below(4) };
    if random.chance(NAMESAKE) {
        charts.push(namesake(random, &head));
    }
    if random.chance(SON_OF_ONE_NAME) {
        charts.push(son(random, &head));
    }
    if random.chance(TWINS) {
        let one = head.relative(random, 1980..2024);
        charts.extend(twins(random, one));
    }
    for _ in 1..size {
        charts.push(head.relative(random, 1950..2024));
    }
    charts.push(head);
}

/// Two born on one day in one home, with one phone and mail; half of them with names chosen to be alike.
fn twins(random: &mut Random, one: Made) -> [Made; 2] {
    let mut other = one.clone();
    if let (true, Some(alike)) = (random.chance(500), one.given.first().and_then(Forms::alike)) {
        other.given = vec![alike];
        other.write();
    } else {
        other.rename(random);
    }
    other.patient.number = format!("P{:07}", random.below(10_000_000));
    [one, other]
}

/// One name, one home, one phone and mail, another birth date: for one in four, the same day of another year.
pub(super) fn son(random: &mut Random, father: &Made) -> Made {
    let mut son = father.relative(random, 1980..2024);
    if let (true, Some(born)) = (random.chance(250), father.patient.birth_date) {
        son.patient.birth_date = born.checked_add(jiff::Span::new().years(30)).ok();
    }
    while son.patient.birth_date == father.patient.birth_date {
        son.patient.birth_date = birth_date(random, 1980, 2024);
    }
    son.given.clone_from(&father.given);
    son.patient.phone.clone_from(&father.patient.phone);
    son.patient.email.clone_from(&father.patient.email);
    son.write();
    son
}

/// A stranger of the same name; every second one born on the same day.
pub(super) fn namesake(random: &mut Random, of: &Made) -> Made {
    let mut stranger = Made::new(random);
    if random.chance(500) {
        stranger.patient.birth_date = of.patient.birth_date;
    }
    stranger.given.clone_from(&of.given);
    stranger.family.clone_from(&of.family);
    stranger.culture = of.culture;
    stranger.write();
    stranger
}

/// Writes a name of another script in Latin letters, `per_mille` times in a thousand.
pub(super) fn latinise(random: &mut Random, made: &mut Made, per_mille: usize) {
    let has_forms = made.given.iter().chain([&made.family]).any(|forms| forms.0.len() > 1);
    if has_forms && random.chance(per_mille) {
        let mut latin = |forms: &Forms| {
            random.pick(forms.0.get(1..).unwrap_or(&[])).cloned().unwrap_or_else(|| forms.native().to_owned())
        };
        made.patient.given = made.given.iter().map(&mut latin).collect::<Vec<_>>().join(" ");
        made.patient.family = latin(&made.family);
    }
}
