//! What is listed can be had, and what is not is refused for the reason that `explain` gives (booking rules 1 and 25).

use std::{collections::BTreeSet, io::Read};

use serde_json::Value;
use testkit::{Answer, Person, TestApp, on_both_engines};

on_both_engines![
    every_listed_start_can_be_held_and_every_other_is_refused_as_explained,
    a_booking_changes_the_listing_at_once,
    an_unchanged_listing_is_not_sent_again,
    a_kept_listing_is_the_one_that_was_made,
    a_listing_ends_when_a_hold_ends,
    however_many_holds_ended_their_times_are_free,
    nobody_keeps_a_time_that_has_begun,
    a_refusal_names_the_next_free_times,
    a_class_says_how_many_places_are_left,
    a_listing_is_as_it_is_described,
];

const DAY: &str = "2026-11-24";

async fn every_listed_start_can_be_held_and_every_other_is_refused_as_explained(app: TestApp) {
    let program = app.program("riverside").await;
    program.book("riverside", "ultrasound", "2026-11-26T09:00:00+01:00", &Person::number(1)).await;
    let path = "/api/v1/clinics/riverside/availability?service=ultrasound&from=2026-11-23&to=2026-11-27&explain=true";
    let listing = program.get(path).await.expect(200).json();
    let (mut free, mut refused) = (0, 0);
    for day in listing["days"].as_array().unwrap() {
        for start in day["starts"].as_array().unwrap() {
            for practitioner in start["practitioners"].as_array().unwrap() {
                let (start, practitioner) = (start["start"].as_str().unwrap(), practitioner.as_str().unwrap());
                let hold = program.hold_with("riverside", "ultrasound", start, practitioner).await.expect(201);
                program.release(&hold).await.expect(204);
                free += 1;
            }
        }
        for start in day["refused"].as_array().unwrap() {
            let text = |name: &str| start[name].as_str().unwrap();
            let answer = program.hold_with("riverside", "ultrasound", text("start"), text("practitioner")).await;
            assert_eq!((answer.status, answer.field("code").as_str()), (409, text("code")), "{start}");
            assert_eq!(answer.field("title"), text("sentence"));
            refused += 1;
        }
    }
    assert!(free > 10 && refused > 3, "{free} free, {refused} refused");
}

async fn a_booking_changes_the_listing_at_once(app: TestApp) {
    let program = app.program("lab").await;
    let start = "2026-11-24T10:00:00+01:00".to_owned();
    assert!(program.free("lab", "solo", DAY, DAY).await.contains(&start));
    let hold = program.hold("lab", "solo", &start).await.expect(201);
    assert!(!program.free("lab", "solo", DAY, DAY).await.contains(&start));
    let visit = program.confirm(&hold, &Person::number(1), "key").await.expect(201);
    assert!(!program.free("lab", "solo", DAY, DAY).await.contains(&start));
    program.cancel(&visit.field("id")).await.expect(200);
    assert!(program.free("lab", "solo", DAY, DAY).await.contains(&start));
}

async fn an_unchanged_listing_is_not_sent_again(app: TestApp) {
    let path = "/api/v1/clinics/lab/availability?service=solo&from=2026-11-24&to=2026-11-24";
    let first = app.anonymous().get(path).await.expect(200);
    let knows = app.anonymous().with_header("if-none-match", first.header("etag"));
    let again = knows.get(path).await.expect(304);
    assert_eq!((again.text.as_str(), again.header("etag")), ("", first.header("etag")));
    app.anonymous().hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let changed = knows.get(path).await.expect(200);
    assert_ne!(changed.header("etag"), first.header("etag"));
}

async fn a_kept_listing_is_the_one_that_was_made(app: TestApp) {
    let path = "/api/v1/clinics/lab/availability?service=solo&from=2026-11-24&to=2026-11-24";
    // Written in another way it is made anew, the way through the router.
    let other = path.replace("solo", "sol%6f");
    let headers = |answer: &Answer| {
        let named = answer.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
        named.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect::<BTreeSet<_>>()
    };
    let made = app.anonymous().get(path).await.expect(200);
    let kept = app.anonymous().get(path).await.expect(200);
    let anew = app.anonymous().get(&other).await.expect(200);
    assert_eq!((&kept.text, headers(&kept)), (&made.text, headers(&made)));
    assert_eq!((&kept.text, headers(&kept)), (&anew.text, headers(&anew)));
    assert_ne!(kept.header("x-request-id"), made.header("x-request-id"));
    // With a key or a session it goes the whole way.
    let known = app.patient("ada@example.com").await.get(path).await.expect(200);
    assert_eq!(known.text, kept.text);
    app.anonymous().with_key("portico_unknown").get(path).await.expect(401);
    let asked = app.anonymous().request("GET", path);
    for (accepted, packed) in [("gzip, deflate, br", true), ("br;q=1.0, gzip;q=0", false), ("identity", false)] {
        let asked = asked.try_clone().expect("no body").header("accept-encoding", accepted);
        let answer = app.anonymous().send(asked).await.expect(200);
        assert_eq!(answer.header("etag"), kept.header("etag"), "{accepted}");
        let body = if packed {
            assert_eq!(answer.header("content-encoding"), "gzip");
            let mut text = String::new();
            flate2::read::GzDecoder::new(answer.bytes.as_slice()).read_to_string(&mut text).expect("gzip");
            text
        } else {
            answer.text
        };
        assert_eq!(body, kept.text, "{accepted}");
    }
    let head = app.anonymous().request("HEAD", path);
    assert_eq!(app.anonymous().send(head).await.expect(200).text, "");
}

async fn a_listing_ends_when_a_hold_ends(app: TestApp) {
    let visitor = app.anonymous();
    let start = "2026-11-24T10:00:00+01:00".to_owned();
    visitor.hold("lab", "solo", &start).await.expect(201);
    assert!(!visitor.free("lab", "solo", DAY, DAY).await.contains(&start));
    app.clock.advance_minutes(10);
    assert!(visitor.free("lab", "solo", DAY, DAY).await.contains(&start));
}

async fn however_many_holds_ended_their_times_are_free(app: TestApp) {
    let program = app.program("lab").await;
    // More than are swept at once, and the one that is asked about ends last.
    for n in 0..210 {
        let start = format!("2026-11-24T{:02}:00:00+01:00", n % 23);
        program.hold("lab", "wide", &start).await.expect(201);
    }
    app.clock.advance_minutes(1);
    let start = "2026-11-24T10:00:00+01:00".to_owned();
    program.hold("lab", "solo", &start).await.expect(201);
    app.clock.advance_minutes(11);
    assert!(program.free("lab", "solo", DAY, DAY).await.contains(&start));
    program.hold("lab", "solo", &start).await.expect(201);
}

async fn nobody_keeps_a_time_that_has_begun(app: TestApp) {
    app.clock.set("2026-11-24T08:52:00Z".parse().expect("a time"));
    let browser = app.patient("amira@example.com").await;
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    let hold = browser.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    assert_eq!(hold.field("expires_at"), "2026-11-24T10:02:00+01:00", "its first minutes are its own");
    app.clock.advance_minutes(9);
    let id = hold.field("id").parse().expect("an id");
    let who = portal::Who::Browser(app.browser(&browser).await);
    let longer = portal::booking::extend(&app.cx, &who, id, Some(&hold.field("token"))).await;
    assert_eq!(longer.unwrap_err().code(), "hold_at_most");
    app.clock.advance_minutes(2);
    browser.confirm(&hold, &person, "key").await.expect_problem(409, "hold_ended");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 0);
}

async fn a_refusal_names_the_next_free_times(app: TestApp) {
    let visitor = app.anonymous();
    visitor.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let refused = visitor.hold("lab", "solo", "2026-11-24T10:15:00+01:00").await.expect_problem(409, "taken");
    let next = refused.json()["next"].as_array().cloned().unwrap();
    assert_eq!(next.len(), 3);
    let first = next[0]["start"].as_str().unwrap();
    assert_eq!(first, "2026-11-24T10:45:00+01:00");
    visitor.hold("lab", "solo", first).await.expect(201);
}

async fn a_class_says_how_many_places_are_left(app: TestApp) {
    let start = "2026-11-24T09:00:00-05:00";
    let visitor = app.anonymous();
    visitor.hold("northgate", "physio-class", start).await.expect(201);
    visitor.hold("northgate", "physio-class", start).await.expect(201);
    let path = "/api/v1/clinics/northgate/availability?service=physio-class&from=2026-11-24&to=2026-11-24";
    let listing = visitor.get(path).await.expect(200).json();
    let starts: Vec<Value> = listing["days"][0]["starts"].as_array().cloned().unwrap();
    let of = |start: &str| starts.iter().find(|s| s["start"] == start).map(|s| s["places"].as_i64());
    assert_eq!(of(start), Some(Some(6)));
    assert_eq!(of("2026-11-24T10:00:00-05:00"), Some(Some(8)));
}

async fn a_listing_is_as_it_is_described(app: TestApp) {
    let description = app.anonymous().get("/api/openapi.json").await.expect(200).json();
    for explain in [false, true] {
        // A day with free times, and one that is over.
        let path = "/api/v1/clinics/riverside/availability?service=ultrasound&from=2026-11-22&to=2026-11-26";
        let listing = app.anonymous().get(&format!("{path}&explain={explain}")).await.expect(200).json();
        assert_fits(&description, "AvailabilityModel", &listing);
        let days = listing["days"].as_array().unwrap();
        assert_eq!(days.len(), 5);
        for day in days {
            assert_eq!(day["starts"].as_array().unwrap().len(), day["free"].as_u64().unwrap() as usize);
            assert_eq!(day.get("refused").is_some(), explain);
        }
        assert!(days.iter().any(|day| day["free"] == 0) && days.iter().any(|day| day["free"] != 0));
    }
}

/// Nothing is missing that the schema requires, and nothing is there that it does not know.
fn assert_fits(description: &Value, schema: &str, value: &Value) {
    fits(description, &description["components"]["schemas"][schema], value, schema);
}

fn fits(description: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return assert_fits(description, name.rsplit('/').next().unwrap(), value);
    }
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    };
    assert!(kinds.iter().any(|k| k == kind), "{at} is {value}, not {kinds:?}");
    for one in value.as_array().into_iter().flatten() {
        fits(description, &schema["items"], one, at);
    }
    for (name, one) in value.as_object().into_iter().flatten() {
        let property = schema["properties"].get(name).unwrap_or_else(|| panic!("{at} does not describe {name}"));
        fits(description, property, one, &format!("{at}.{name}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter(|_| value.is_object()) {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{at} lacks {name}");
    }
}
