//! From the scores of all candidates to what happens with a sign-up.

use super::score::{Score, Verdict};

/// What the charts say of a sign-up. `T` names a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding<T> {
    /// This chart, and no other as strongly.
    Chart(T),
    /// Any of these, likeliest first: somebody must look.
    Unsure(Vec<T>),
    /// None: a new person.
    Nobody,
}

/// Two strong charts are one person charted twice, or a mistake in one: neither is chosen.
pub fn settle<T>(scored: impl IntoIterator<Item = (T, Score)>) -> Finding<T> {
    let mut scored: Vec<(T, Score)> = scored.into_iter().filter(|(_, score)| score.verdict > Verdict::None).collect();
    scored.sort_by(|(_, a), (_, b)| b.verdict.cmp(&a.verdict).then(b.weight.total_cmp(&a.weight)));
    let strong = scored.iter().filter(|(_, score)| score.verdict == Verdict::Strong).count();
    let mut charts = scored.into_iter().map(|(chart, _)| chart);
    match (strong, charts.next()) {
        (_, None) => Finding::Nobody,
        (1, Some(chart)) => Finding::Chart(chart),
        (_, Some(first)) => Finding::Unsure(std::iter::once(first).chain(charts).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(chart: u8, verdict: Verdict, weight: f64) -> (u8, Score) {
        (chart, Score { weight, evidence: Vec::new(), verdict })
    }

    #[test]
    fn one_strong_chart_is_the_chart() {
        let found = settle([scored(1, Verdict::Uncertain, 40.0), scored(2, Verdict::Strong, 30.0)]);
        assert_eq!(found, Finding::Chart(2));
    }

    #[test]
    fn two_strong_charts_are_for_somebody_to_look_at() {
        let found = settle([
            scored(1, Verdict::Uncertain, 40.0),
            scored(2, Verdict::Strong, 30.0),
            scored(3, Verdict::Strong, 31.0),
            scored(4, Verdict::None, 5.0),
        ]);
        assert_eq!(found, Finding::Unsure(vec![3, 2, 1]));
    }

    #[test]
    fn no_likely_chart_is_nobody() {
        assert_eq!(settle([scored(1, Verdict::None, 9.0)]), Finding::Nobody);
    }
}
