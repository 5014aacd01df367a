//! Made-up charts and sign-ups, and what `keys` and `score` make of them: for `make bench` and the tests.
//!
//! `cultures` are the names, `patient` one person, `charts` households with twins and namesakes, `sign_ups` who comes
//! and what they type wrong, `report` precision and recall. One seed, one set, on every machine.

mod charts;
mod cultures;
mod patient;
mod random;
mod report;
mod sign_ups;

pub use patient::Patient;
pub use report::{Report, measure};

use random::Random;

/// Who signs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Somebody with a chart.
    Charted,
    /// Somebody with nothing to do with any chart.
    Stranger,
    /// Somebody in the home of a charted person.
    Relative,
    /// A charted person's twin.
    Twin,
    /// A charted person's son of the same name.
    Son,
    /// Somebody of the same name, perhaps born on the same day.
    Namesake,
}

/// `chart` is the index of the person's chart, where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUp {
    pub patient: Patient,
    pub chart: Option<usize>,
    pub who: Who,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    pub charts: Vec<Patient>,
    pub sign_ups: Vec<SignUp>,
}

/// `charts` charts and `sign_ups` sign-ups, the same for the same `seed`.
pub fn generate(seed: u64, charts: usize, sign_ups: usize) -> Generated {
    let mut random = Random::new(seed);
    let made = charts::charts(&mut random, charts);
    let sign_ups = (0..sign_ups).map(|_| sign_ups::sign_up(&mut random, &made)).collect();
    Generated { charts: made.into_iter().map(|made| made.patient).collect(), sign_ups }
}
