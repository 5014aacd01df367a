//! Who is "any practitioner" (booking rule 17): one seen before, then the fewest minutes booked that week, then the
//! clinic's order; decided in the transaction that takes the time.

use domain::clinic::ClinicPlan;
use futures::future::join_all;
use jiff::SignedDuration;
use portal::clinic::{WhenStranded, import};
use serde_json::json;
use testkit::{Answer, Caller, Person, TestApp, clinics, on_both_engines};

on_both_engines![
    nobody_known_and_nobody_busy_is_the_first_of_the_clinic,
    one_seen_before_is_preferred_however_busy,
    one_booked_but_not_yet_seen_is_not_preferred,
    the_fewest_minutes_are_preferred_and_not_the_fewest_visits,
    only_the_week_of_the_visit_counts,
    what_others_booked_after_the_listing_counts,
    wishes_at_once_are_shared_evenly,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";

/// Whom somebody who does not mind gets, as the clinic's slug; what was held is given back.
async fn anybody(caller: &Caller, start: &str) -> String {
    let hold = caller.hold("lab", "team", start).await.expect(201);
    caller.release(&hold).await.expect(204);
    slug(caller, &hold).await
}

async fn slug(caller: &Caller, hold: &Answer) -> String {
    let all = caller.get("/api/v1/clinics/lab/practitioners").await.expect(200).json();
    let all = all["items"].as_array().unwrap();
    let one = all.iter().find(|p| p["id"] == json!(hold.field("practitioner"))).expect("one of the clinic's");
    one["slug"].as_str().unwrap().to_owned()
}

/// Takes a practitioner's time.
async fn book(caller: &Caller, service: &str, practitioner: &str, start: &str, n: usize) {
    let hold = caller.hold_with("lab", service, start, practitioner).await.expect(201);
    caller.confirm(&hold, &Person::number(n), &hold.field("id")).await.expect(201);
}

async fn nobody_known_and_nobody_busy_is_the_first_of_the_clinic(app: TestApp) {
    let program = app.program("lab").await;
    for _ in 0..3 {
        assert_eq!(anybody(&program, TEN).await, "ana");
    }
    book(&program, "team", "ana", TEN, 1).await;
    assert_eq!(anybody(&program, TEN).await, "ben");
}

/// Somebody who has a visit with Dr Cem on Monday at noon; Ana and Ben have nothing that week, and Cem has more.
async fn with_cem(app: &TestApp) -> Caller {
    let amira = app.patient("amira@example.com").await;
    let hold = amira.hold_with("lab", "team", "2026-11-23T12:00:00+01:00", "cem").await.expect(201);
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    amira.confirm(&hold, &person, "1").await.expect(201);
    book(&app.program("lab").await, "team", "cem", "2026-11-25T10:00:00+01:00", 1).await;
    amira
}

async fn one_seen_before_is_preferred_however_busy(app: TestApp) {
    with_cem(&app).await;
    app.clock.set(app.cx.now() + SignedDuration::from_hours(8));
    let amira = app.patient("amira@example.com").await;
    assert_eq!(anybody(&amira, TEN).await, "cem");
    // Nobody else is taken for her, and when Cem has no time she gets another.
    assert_eq!(anybody(&app.patient("somebody@example.com").await, TEN).await, "ana");
    book(&app.program("lab").await, "team", "cem", TEN, 2).await;
    assert_eq!(anybody(&amira, TEN).await, "ana");
}

async fn one_booked_but_not_yet_seen_is_not_preferred(app: TestApp) {
    let amira = with_cem(&app).await;
    assert_eq!(anybody(&amira, TEN).await, "ana");
}

async fn the_fewest_minutes_are_preferred_and_not_the_fewest_visits(app: TestApp) {
    let mut plan: ClinicPlan = clinics::plan(clinics::LAB);
    let roomy = plan.services.iter_mut().find(|s| s.slug == "roomy").unwrap();
    roomy.settings.duration = Some(90);
    import(&app.cx, &plan, WhenStranded::Stop).await.unwrap();
    let program = app.program("lab").await;
    book(&program, "roomy", "ana", "2026-11-25T10:00:00+01:00", 1).await;
    for (n, hour) in (10..12).enumerate() {
        book(&program, "team", "ben", &format!("2026-11-26T{hour}:00:00+01:00"), 2 + n).await;
    }
    for (n, hour) in (10..14).enumerate() {
        book(&program, "team", "cem", &format!("2026-11-27T{hour}:00:00+01:00"), 4 + n).await;
    }
    assert_eq!(anybody(&program, TEN).await, "ben");
}

async fn only_the_week_of_the_visit_counts(app: TestApp) {
    let program = app.program("lab").await;
    // The last half hour of Sunday is in the week; the first of Monday, and of the Monday before, are not.
    book(&program, "team", "ana", "2026-11-29T23:30:00+01:00", 1).await;
    book(&program, "team", "ben", "2026-11-30T00:00:00+01:00", 2).await;
    book(&program, "team", "ben", "2026-11-30T10:00:00+01:00", 3).await;
    book(&program, "team", "cem", "2026-11-30T11:00:00+01:00", 4).await;
    assert_eq!(anybody(&program, TEN).await, "ben");
    assert_eq!(anybody(&program, "2026-12-01T10:00:00+01:00").await, "ana");
    // What was called off takes no minutes, and what is only held does.
    let hold = program.hold_with("lab", "team", "2026-11-24T12:00:00+01:00", "ben").await.expect(201);
    assert_eq!(anybody(&program, TEN).await, "cem");
    program.release(&hold).await.expect(204);
    assert_eq!(anybody(&program, TEN).await, "ben");
}

async fn what_others_booked_after_the_listing_counts(app: TestApp) {
    let program = app.program("lab").await;
    let path = "/api/v1/clinics/lab/availability?service=team&from=2026-11-24&to=2026-11-24";
    program.get(path).await.expect(200);
    let other = app.anonymous().hold("lab", "team", "2026-11-24T15:00:00+01:00").await.expect(201);
    assert_eq!(slug(&program, &other).await, "ana");
    let hold = program.hold("lab", "team", TEN).await.expect(201);
    assert_eq!(slug(&program, &hold).await, "ben");
    // Who was chosen stays chosen, however it stands with the others by the time it is confirmed.
    program.release(&other).await.expect(204);
    let visit = program.confirm(&hold, &Person::number(1), "1").await.expect(201);
    assert_eq!(visit.field("practitioner"), hold.field("practitioner"));
}

async fn wishes_at_once_are_shared_evenly(app: TestApp) {
    let program = app.program("lab").await;
    for day in 24..28 {
        // Nine times that do not meet: whoever decides by old numbers gives somebody a fourth.
        let wishes = (8..17).map(|hour| {
            let (program, start) = (&program, format!("2026-11-{day}T{hour:02}:00:00+01:00"));
            async move {
                loop {
                    let answer = program.hold("lab", "team", &start).await;
                    // Others were faster three times in a row; nothing happened.
                    if answer.code() != "busy" {
                        return answer.expect(201).field("practitioner");
                    }
                }
            }
        });
        let mut got = join_all(wishes).await;
        got.sort();
        let shares: Vec<usize> = got.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
        assert_eq!(shares, [3, 3, 3]);
    }
}
