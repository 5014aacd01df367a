//! Precision and recall on made-up clinics.

use domain::matching::generated::{Report, Who, generate, measure};

#[test]
fn one_seed_makes_one_clinic() {
    assert_eq!(generate(7, 300, 300), generate(7, 300, 300));
    assert_ne!(generate(7, 300, 300).charts, generate(8, 300, 300).charts);
}

#[test]
fn a_made_up_clinic_has_what_makes_matching_hard() {
    let set = generate(1, 3000, 3000);
    assert_eq!((set.charts.len(), set.sign_ups.len()), (3000, 3000));
    for who in [Who::Charted, Who::Stranger, Who::Relative, Who::Twin, Who::Son, Who::Namesake] {
        let of_these = set.sign_ups.iter().filter(|sign_up| sign_up.who == who);
        let (count, charted) = of_these.fold((0, 0), |(n, c), s| (n + 1, c + usize::from(s.chart.is_some())));
        assert!(count >= 50, "{who:?}: {count}");
        assert_eq!(charted, if who == Who::Charted { count } else { 0 }, "{who:?}");
    }
    assert!(set.charts.iter().all(|chart| chart.phone.is_empty() || chart.phone.starts_with("+999 ")));
    assert!(set.charts.iter().all(|chart| chart.email.is_empty() || chart.email.ends_with("@example.com")));
}

#[test]
fn nobody_is_linked_wrongly_and_most_are_found() {
    for seed in [1, 2] {
        let report = measure(&generate(seed, 3000, 3000));
        good(seed, &report);
    }
}

/// `cargo test --release -p domain --features matching -- --ignored --nocapture large`
#[test]
#[ignore = "a measurement"]
fn measured_on_large_clinics() {
    for (seed, charts) in [(1, 10_000), (2, 10_000), (3, 10_000), (4, 10_000), (5, 10_000), (6, 100_000)] {
        let set = generate(seed, charts, 10_000);
        let report = measure(&set);
        println!(
            "seed {seed}, {charts} charts: precision {:.5}, strong recall {:.4}, recall {:.4}, reached {:.4}, {:.1} candidates (most {}), \
             uncertain {} (right {}), linked {} (right {})",
            report.precision(),
            report.strong_recall(),
            report.recall(),
            report.reached as f64 / report.charted as f64,
            report.candidates as f64 / report.sign_ups as f64,
            report.most_candidates,
            report.uncertain,
            report.uncertain_right,
            report.linked,
            report.linked_right,
        );
        for &(sign_up, chart) in report.wrong.iter().take(10) {
            println!("  wrong: {:?} -> {:?}", set.sign_ups[sign_up], set.charts[chart]);
        }
        good(seed, &report);
    }
}

fn good(seed: u64, report: &Report) {
    assert!(report.charted > report.sign_ups / 2, "seed {seed}: {report:?}");
    assert!(report.precision() >= 0.999, "seed {seed}: {} wrong of {}", report.wrong.len(), report.strong);
    assert!(report.recall() >= 0.95, "seed {seed}: {}", report.recall());
    assert!(report.strong_recall() >= 0.6, "seed {seed}: {}", report.strong_recall());
}
