//! Many clients want the same thing at once.

use futures::future::join_all;
use testkit::{TestApp, on_both_engines};

on_both_engines![
    one_of_64_clients_gets_a_lane_round_after_round,
];

async fn one_of_64_clients_gets_a_lane_round_after_round(app: TestApp) {
    let program = app.program("lab").await;
    for hour in 10..12 {
        let start = format!("2026-11-24T{hour}:00:00+01:00");
        let began = std::time::Instant::now();
        let answers = join_all((0..64).map(|_| program.hold("lab", "solo", &start))).await;
        eprintln!("{:?}", began.elapsed());
        let won = answers.iter().filter(|a| a.status == 201).count();
        let lost = answers.iter().filter(|a| a.status == 409).count();
        assert_eq!((won, lost), (1, 63));
    }
}
