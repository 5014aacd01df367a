//! How often and how much somebody may ask.

use testkit::{Engine, TestApp, on_both_engines, run_with};

on_both_engines![a_browser_at_its_limit_gives_back_its_oldest_hold, a_hold_is_kept_longer_up_to_the_most];

#[tokio::test]
async fn a_visitor_who_asks_too_often_is_told_when_to_come_back() {
    let few = |c: &mut server::config::Config| (c.visitor_burst, c.visitor_per_second) = (3, 1);
    run_with(Engine::Sqlite, few, async |app: TestApp| {
        let (one, two) = (app.anonymous().from("198.51.100.1"), app.anonymous().from("198.51.100.2"));
        for _ in 0..3 {
            one.get("/api/v1/clinics").await.expect(200);
        }
        let refused = one.get("/api/v1/clinics").await.expect_problem(429, "too_many_requests");
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|s| s > 0));
        two.get("/api/v1/clinics").await.expect(200);
        // What is kept counts, too.
        let three = app.anonymous().from("198.51.100.3");
        let path = "/api/v1/clinics/lab/availability?service=solo&from=2026-11-24&to=2026-11-24";
        for _ in 0..3 {
            three.get(path).await.expect(200);
        }
        let refused = three.get(path).await.expect_problem(429, "too_many_requests");
        assert_eq!(refused.json()["request_id"], refused.header("x-request-id"));
        // Health checks are nobody's visits.
        for _ in 0..5 {
            one.get("/healthz").await.expect(200);
            assert_eq!(one.get("/readyz").await.expect(200).json()["ready"], true);
        }
    })
    .await;
}

#[tokio::test]
async fn each_key_has_its_own_limit_and_a_wrong_key_its_addresss() {
    let few = |c: &mut server::config::Config| {
        (c.visitor_burst, c.visitor_per_second) = (2, 1);
        (c.api_burst, c.api_per_second) = (3, 1);
    };
    run_with(Engine::Sqlite, few, async |app: TestApp| {
        let (one, two) = (app.program("lab").await, app.program("lab").await);
        for _ in 0..3 {
            one.get("/api/v1/appointments").await.expect(200);
        }
        one.get("/api/v1/appointments").await.expect_problem(429, "too_many_requests");
        two.get("/api/v1/appointments").await.expect(200);
        // Wrong keys have a limit of their own, so that guessing takes nothing from honest visitors and programs.
        let guesser = |n: u8| app.anonymous().from("198.51.100.1").with_key(&format!("portico_{:032x}_{n}", 7));
        for n in 0..2 {
            guesser(n).get("/api/v1/clinics").await.expect(401);
        }
        guesser(2).get("/api/v1/clinics").await.expect(429);
        app.anonymous().from("198.51.100.1").get("/api/v1/clinics").await.expect(200);
        two.from("198.51.100.1").get("/api/v1/appointments").await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_no_trusted_proxy_vouches_for_is_not_believed() {
    let few = |c: &mut server::config::Config| {
        (c.visitor_burst, c.visitor_per_second) = (3, 1);
        c.trusted_proxies = "10.0.0.0/8".to_owned();
    };
    run_with(Engine::Sqlite, few, async |app: TestApp| {
        for n in 0..3 {
            app.anonymous().from(&format!("198.51.100.{n}")).get("/api/v1/clinics").await.expect(200);
        }
        app.anonymous().from("198.51.100.9").get("/api/v1/clinics").await.expect(429);
    })
    .await;
}

#[tokio::test]
async fn an_address_may_hold_only_so_many_times() {
    run_with(
        Engine::Sqlite,
        |c| c.holds_per_address = 2,
        async |app: TestApp| {
            let (one, two) = (app.anonymous().from("198.51.100.1"), app.anonymous().from("198.51.100.2"));
            let start = |hour: i64| format!("2026-11-24T{hour}:00:00+01:00");
            let first = one.hold("lab", "solo", &start(10)).await.expect(201);
            one.hold("lab", "solo", &start(11)).await.expect(201);
            let refused = one.hold("lab", "solo", &start(12)).await.expect_problem(429, "too_many_holds");
            assert!(!refused.header("retry-after").is_empty());
            two.hold("lab", "solo", &start(12)).await.expect(201);
            // A program with a key has no such limit; giving back or waiting makes room again.
            for hour in 13..17 {
                app.program("lab").await.hold("lab", "solo", &start(hour)).await.expect(201);
            }
            one.release(&first).await.expect(204);
            one.hold("lab", "solo", &start(18)).await.expect(201);
            one.hold("lab", "solo", &start(19)).await.expect(429);
            app.clock.advance_minutes(10);
            one.hold("lab", "solo", &start(19)).await.expect(201);
        },
    )
    .await;
}

async fn a_browser_at_its_limit_gives_back_its_oldest_hold(app: TestApp) {
    let patient = app.patient("amira@example.com").await;
    let mut holds = Vec::new();
    for hour in 10..14 {
        app.clock.advance_minutes(1);
        holds.push(patient.hold("lab", "solo", &format!("2026-11-24T{hour}:00:00+01:00")).await.expect(201));
    }
    assert_eq!(app.count("SELECT count(*) FROM hold WHERE status = 'live'").await, 3);
    app.anonymous().hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    app.anonymous().hold("lab", "solo", "2026-11-24T11:00:00+01:00").await.expect(409);
}

async fn a_hold_is_kept_longer_up_to_the_most(app: TestApp) {
    use portal::{Who, api_keys, booking};
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let who = Who::Api(api_keys::authenticate(&app.cx, program.key()).await.unwrap().unwrap());
    let id = hold.field("id").parse().unwrap();
    let minutes = async || {
        let kept = booking::extend(&app.cx, &who, id, None).await?;
        Ok::<_, booking::BookingError>((kept.expires_at.as_second() - kept.made_at.as_second()) / 60)
    };
    app.clock.advance_minutes(9);
    assert_eq!(minutes().await.unwrap(), 19);
    app.clock.advance_minutes(9);
    assert_eq!(minutes().await.unwrap(), 28);
    app.clock.advance_minutes(9);
    assert_eq!(minutes().await.unwrap(), 30);
    app.clock.advance_minutes(2);
    assert_eq!(minutes().await.unwrap_err().code(), "hold_at_most");
    app.anonymous().hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(409);
    app.clock.advance_minutes(1);
    assert_eq!(minutes().await.unwrap_err().code(), "hold_ended");
    app.anonymous().hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
}
