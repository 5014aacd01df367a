//! What the demo shows: also a day on which nothing is left.

use std::sync::Arc;

use domain::booking::Purpose;
use jiff::ToSpan;
use portal::{
    booking::{self, AvailabilityQuery, local_day},
    clinic,
};
use ports::FixedClock;
use server::{config::Config, wiring};
use testkit::{Engine, TestDb};

#[tokio::test]
async fn the_demo_has_a_day_without_a_free_time() {
    let db = TestDb::empty(Engine::Sqlite).await.expect("a folder");
    let config = Config { data_dir: db.folder.join("data"), ..Config::default() };
    let saturday = "2026-11-28T08:00:00Z".parse().expect("a time");
    let cx = wiring::connect_at(&config, Arc::new(FixedClock::at(saturday))).await.expect("connected");
    assert!(portal::demo::seed(&cx).await.expect("seeded"));
    assert!(!portal::demo::seed(&cx).await.expect("looked at"), "it is there already");
    let clinic = clinic::by_slug(&cx, "riverside").await.expect("read").expect("a clinic");
    let today = local_day(&clinic.zone, cx.now());
    let mut full = Vec::new();
    for service in ["check-up", "followup"] {
        let query = AvailabilityQuery {
            service: clinic.service(service).expect("a service"),
            practitioner: clinic.practitioner("weber").map(|one| one.id),
            from: today.saturating_add(2.days()),
            to: today.saturating_add(9.days()),
            explain: true,
            purpose: Purpose::Book,
        };
        let days = booking::availability(&cx, &clinic, &query).await.expect("looked for").days;
        let taken = days
            .iter()
            .filter(|day| day.free.is_empty() && day.refused.iter().any(|refused| refused.reason.code() == "taken"));
        full.push(taken.map(|day| day.date).collect::<Vec<_>>());
        assert!(days.iter().any(|day| !day.free.is_empty()), "other days have some");
    }
    assert!(full[0].iter().any(|day| full[1].contains(day)), "{full:?}");
    assert!(portal::doctor::examine(&cx.db, cx.now_ms()).await.expect("examined").is_healthy());
    db.remove().await;
}
