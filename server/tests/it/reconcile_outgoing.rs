//! What the clinic's own system has yet to take over of ours, and what it says of it.

use std::time::Duration;

use portal::reconcile;
use serde_json::{Value, json};
use testkit::{Person, TestApp, on_both_engines};

use super::reconcile_system::{ALL, API, System, TEN, book, entry, named};

on_both_engines![
    a_visit_is_taken_over_and_followed,
    what_was_never_told_is_taken_over_too,
    what_is_said_while_calendars_are_compared_is_not_forgotten,
    visits_are_listed_in_the_order_of_their_changes,
];

async fn a_visit_is_taken_over_and_followed(app: TestApp) {
    let system = System::of(&app).await;
    system.tell(&app, &[]).await;
    let visit = book(&app, TEN).await;
    assert_eq!(system.outgoing().await, [(visit.clone(), "new".to_owned(), 1)]);
    assert_eq!(system.acknowledge(&visit, 1, Some("4711")).await, "noted");
    assert_eq!(system.acknowledge(&visit, 1, Some("4711")).await, "noted", "said twice");
    assert_eq!(system.outgoing().await, []);
    // Known by its key, whatever it says of whom.
    system.tell(&app, &[named(entry("4711", TEN, 30), "Somebody Else")]).await;
    assert_eq!(system.kinds().await, [""; 0]);
    let calendars = system.caller.get(&format!("{API}/calendars")).await.expect(200).json();
    assert_eq!(calendars["items"][0]["matched"], 1);
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", "2026-11-25T10:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    assert_eq!(system.outgoing().await, [(visit.clone(), "moved".to_owned(), 2)]);
    assert_eq!(system.kinds().await, [""; 0], "they have their time to follow");
    assert_eq!(system.acknowledge(&visit, 1, None).await, "older");
    assert_eq!(system.outgoing().await.len(), 1);
    assert_eq!(system.acknowledge(&visit, 2, None).await, "noted");
    system.tell(&app, &[entry("4711", "2026-11-25T10:00:00+01:00", 30)]).await;
    program.cancel(&visit).await.expect(200);
    assert_eq!(system.outgoing().await, [(visit.clone(), "cancelled".to_owned(), 3)]);
    assert_eq!(system.acknowledge(&visit, 3, None).await, "noted");
    assert_eq!(system.outgoing().await, []);
    // Not taken over in time: asked about once there is a telling without it.
    let late = book(&app, "2026-11-26T10:00:00+01:00").await;
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(2));
    system.tell(&app, &[entry("z", "2026-11-27T10:00:00+01:00", 30)]).await;
    assert_eq!(system.kinds().await, ["only-portal"]);
    let item = system.questions().await.remove(0);
    assert_eq!(item["appointment"], json!(late));
    system.decide(&item, &json!({ "decision": "done" })).await.expect(200);
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(2));
    system.tell(&app, &[entry("z", "2026-11-27T11:00:00+01:00", 30)]).await;
    assert_eq!(system.kinds().await, [""; 0], "nobody is asked again");
}

async fn what_was_never_told_is_taken_over_too(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    assert_eq!(system.outgoing().await, [(visit.clone(), "new".to_owned(), 1)]);
    app.program("lab").await.cancel(&visit).await.expect(200);
    // Not told of before: as it was compared last it would be new, and it is called off.
    let path = format!("{API}/calendars/{}/outgoing", system.calendar);
    assert_eq!(system.caller.get(&path).await.expect(200).json()["items"], json!([]));
    assert_eq!(system.outgoing().await, []);
}

async fn what_is_said_while_calendars_are_compared_is_not_forgotten(app: TestApp) {
    let system = System::of(&app).await;
    system.tell(&app, &[]).await;
    let mut said = 0;
    for day in 23..=27 {
        for hour in 9..17 {
            let start = format!("2026-11-{day}T{hour:02}:00:00+01:00");
            if !system.is_free(&start).await {
                continue;
            }
            let who = Person::number(day * 24 + hour);
            let visit = app.program("lab").await.book("lab", "solo", &start, &who).await.field("id");
            // Before, between and after what the comparison looks at and what it keeps.
            let later = Duration::from_millis(said % 8);
            let acknowledge = async {
                tokio::time::sleep(later).await;
                system.acknowledge(&visit, 1, None).await
            };
            let (word, compared) = tokio::join!(acknowledge, reconcile::settle_changed(&app.cx));
            compared.expect("compared");
            assert_eq!(word, "noted");
            said += 1;
        }
    }
    assert!(said > 16, "{said}");
    reconcile::settle_changed(&app.cx).await.expect("compared");
    assert_eq!(system.outgoing().await, []);
}

async fn visits_are_listed_in_the_order_of_their_changes(app: TestApp) {
    let program = app.program_with("lab", &ALL).await;
    let mut made = Vec::new();
    for n in 0..3 {
        let start = format!("2026-11-2{}T10:00:00+01:00", 4 + n);
        made.push(app.program("lab").await.book("lab", "solo", &start, &Person::number(n)).await.field("id"));
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_secs(60));
    }
    let since = app.cx.now().to_string();
    app.program("lab").await.cancel(&made[0]).await.expect(200);
    let list = async |query: &str| {
        let json = program.get(&format!("{API}/appointments{query}")).await.expect(200).json();
        let ids =
            json["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id").to_owned());
        (ids.collect::<Vec<_>>(), json)
    };
    let (ids, json) = list("").await;
    assert_eq!(ids, [made[1].clone(), made[2].clone(), made[0].clone()]);
    assert_eq!((&json["items"][2]["status"], &json["next"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(list(&format!("?since={since}")).await.0, [made[0].clone()]);
    // From the second on.
    let changed: jiff::Timestamp = json["items"][0]["changed"].as_str().expect("a time").parse().expect("a time");
    let after = format!("{}-{}", changed.as_millisecond(), made[1].replace('-', ""));
    assert_eq!(list(&format!("?after={after}")).await.0, [made[2].clone(), made[0].clone()]);
    program.get(&format!("{API}/appointments?since=yesterday")).await.expect_problem(400, "bad_request");
    program.get(&format!("{API}/appointments?after=nowhere")).await.expect_problem(404, "not_found");
}
