//! How well the charts of a generated set are found.

use std::collections::{BTreeSet, HashMap};

use super::Generated;
use crate::matching::{Finding, Key, Particulars, Verdict, keys, score, settle};

/// Counts over all sign-ups of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub sign_ups: usize,
    /// Sign-ups whose chart is in the set.
    pub charted: usize,
    /// Pairs of sign-up and candidate chart; each is scored.
    pub candidates: usize,
    /// Of one sign-up.
    pub most_candidates: usize,
    /// Sign-ups whose own chart is among the candidates.
    pub reached: usize,
    /// Pairs that are `Strong`, and how many of them are one person.
    pub strong: usize,
    pub strong_right: usize,
    /// Pairs that are `Uncertain`, and how many of them are one person.
    pub uncertain: usize,
    pub uncertain_right: usize,
    /// Sign-ups `settle` gives one chart, and how many of them the right one.
    pub linked: usize,
    pub linked_right: usize,
    /// Every wrong `Strong`: index of the sign-up, index of the chart.
    pub wrong: Vec<(usize, usize)>,
    /// Sign-ups whose own chart is neither `Strong` nor `Uncertain`.
    pub missed: Vec<usize>,
}

impl Report {
    /// Of the `Strong` pairs, how many are one person: 0 to 1.
    pub fn precision(&self) -> f64 {
        share(self.strong_right, self.strong)
    }

    /// Of the sign-ups with a chart, how many have it `Strong`.
    pub fn strong_recall(&self) -> f64 {
        share(self.strong_right, self.charted)
    }

    /// Of the sign-ups with a chart, how many have it `Strong` or `Uncertain`.
    pub fn recall(&self) -> f64 {
        share(self.strong_right + self.uncertain_right, self.charted)
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

/// Finds candidates by their keys, as the store does, and scores them.
pub fn measure(set: &Generated) -> Report {
    let charts: Vec<Particulars> = set.charts.iter().map(|chart| chart.particulars()).collect();
    let mut index: HashMap<Key, Vec<usize>> = HashMap::new();
    for (i, chart) in charts.iter().enumerate() {
        for key in keys(chart) {
            index.entry(key).or_default().push(i);
        }
    }
    let mut report = Report { sign_ups: set.sign_ups.len(), ..Report::default() };
    for (i, sign_up) in set.sign_ups.iter().enumerate() {
        let particulars = sign_up.patient.particulars();
        let candidates: BTreeSet<usize> =
            keys(&particulars).iter().filter_map(|key| index.get(key)).flatten().copied().collect();
        let scored: Vec<_> = candidates.iter().map(|&chart| (chart, score(&particulars, &charts[chart]))).collect();
        report.charted += usize::from(sign_up.chart.is_some());
        report.candidates += candidates.len();
        report.most_candidates = report.most_candidates.max(candidates.len());
        report.reached += usize::from(sign_up.chart.is_some_and(|chart| candidates.contains(&chart)));
        let mut found = false;
        for (chart, score) in &scored {
            let right = sign_up.chart == Some(*chart);
            found |= right && score.verdict > Verdict::None;
            match score.verdict {
                Verdict::Strong => {
                    report.strong += 1;
                    report.strong_right += usize::from(right);
                    report.wrong.extend((!right).then_some((i, *chart)));
                }
                Verdict::Uncertain => {
                    report.uncertain += 1;
                    report.uncertain_right += usize::from(right);
                }
                Verdict::None => {}
            }
        }
        report.missed.extend((sign_up.chart.is_some() && !found).then_some(i));
        if let Finding::Chart(chart) = settle(scored) {
            report.linked += 1;
            report.linked_right += usize::from(sign_up.chart == Some(chart));
        }
    }
    report
}
