//! Feeds: fetched by the worker, from servers that fail, hang and say that nothing changed.

use domain::staff::Role;
use portal::reconcile;
use serde_json::{Value, json};
use testkit::{TestApp, on_both_engines};

use super::{
    reconcile_reads::{FEED, ics},
    reconcile_system::{API, System, TEN},
};

on_both_engines![
    a_feed_is_fetched_and_its_troubles_are_told,
    a_feed_is_changed_and_read_now,
    a_feed_that_stays_as_it_is_is_read_whole_once_a_day,
    what_comes_from_the_address_of_before_is_dropped,
];

async fn a_feed_is_fetched_and_its_troubles_are_told(app: TestApp) {
    let system = System::of(&app).await;
    let at = app.staff("lab", Role::Manager).await;
    let fields =
        [("clinic", "lab"), ("name", "Solo’s calendar"), ("kind", "feed"), ("address", FEED), ("titles", "yes")];
    let made = at.caller.form("/fn/calendar-make", &fields).await.expect(303);
    let page = made.header("location").to_owned();
    app.calendars.put(FEED, ics(&[("m", "20261124T090000Z", "Staff meeting")]));
    reconcile::read_due(&app.cx).await.expect("read");
    assert!(!system.is_free(TEN).await);
    let board = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(board.contains("Staff meeting"), "{board}");
    reconcile::read_due(&app.cx).await.expect("read");
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 1, "it is not due yet");
    let page = at.caller.get(&page).await.expect(200).text;
    assert!(page.contains("1 entry") && page.contains(FEED), "{page}");
    for (trouble, what) in [("unreachable", None), ("unreadable: ", Some(b"<html>Sign in".to_vec()))] {
        match what {
            Some(bytes) => app.calendars.put(FEED, bytes),
            None => app.calendars.fail(1, ports::FetchError::Unreachable("nobody there".into())),
        }
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(7));
        reconcile::read_due(&app.cx).await.expect("read");
        let list = system.caller.get(&format!("{API}/calendars")).await.expect(200).json();
        let feed = list["items"].as_array().expect("items").iter().find(|one| one["kind"] == "feed").expect("it");
        assert!(feed["trouble"].as_str().expect("a trouble").starts_with(trouble), "{feed}");
    }
    assert!(!system.is_free(TEN).await, "what cannot be read changes nothing");
}

async fn a_feed_is_changed_and_read_now(app: TestApp) {
    const OTHER: &str = "https://other.example.com/solo.ics";
    let at = app.staff("lab", Role::Manager).await;
    let login = [("user", "lab"), ("password", "secret")];
    let made = [("clinic", "lab"), ("name", "Solo"), ("kind", "feed"), ("address", FEED)];
    let page = at.caller.form("/fn/calendar-make", &[&made[..], &login].concat()).await.expect(303);
    let page = page.header("location").to_owned();
    let id = page.rsplit('/').next().expect("an id").to_owned();
    let fields = [("clinic", "lab"), ("calendar", id.as_str())];
    let read = async || at.caller.form("/fn/calendar-read", &fields).await.expect(303).header("location").to_owned();
    let look = async || at.caller.get(&page).await.expect(200).text;
    assert!(look().await.contains("data-again"), "it is fetched at once");
    app.calendars.fail(1, ports::FetchError::Unreachable("nobody there".into()));
    reconcile::read_due(&app.cx).await.expect("tried");
    let shown = look().await;
    for words in ["cannot be reached", "Last try", "Next try", "Read it now", "Change how it is read"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("data-again") && !shown.contains("secret"), "{shown}");
    // Another server is not asked twice in a moment, nor in this request.
    assert!(read().await.ends_with("done=just-read"));
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_mins(1));
    app.calendars.put(FEED, ics(&[("m", "20261124T090000Z", "Staff meeting")]));
    assert!(read().await.ends_with("done=reading") && read().await.ends_with("done=reading"));
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'calendar_source.read_now'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 0);
    reconcile::read_due(&app.cx).await.expect("read");
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 1);

    let version = |page: &str| {
        let rest = page.split("name=\"version\" value=\"").nth(1).expect("a version");
        rest.split('"').next().expect("its end").to_owned()
    };
    let seen = version(&look().await);
    let change = async |more: &[(&str, &str)]| {
        let all = [&fields[..], &[("name", "Solo’s"), ("user", "lab"), ("every_minutes", "30")], more].concat();
        let led = at.caller.form("/fn/calendar-change", &all).await.expect(303);
        (led.header("location").to_owned(), at.caller.get(led.header("location")).await.expect(200).text)
    };
    // What was kept for one server is not sent to another.
    let (_, shown) = change(&[("version", &seen), ("address", OTHER)]).await;
    assert!(shown.contains("Enter the password for the new address") && shown.contains(OTHER), "{shown}");
    let (_, shown) = change(&[("version", &seen), ("address", "ftp://x")]).await;
    assert!(shown.contains("Enter the address of the calendar") && shown.contains("ftp://x"), "{shown}");
    let (led, _) = change(&[("version", &seen), ("address", OTHER), ("password", "another")]).await;
    assert!(led.ends_with("done=changed"), "{led}");
    let (_, shown) = change(&[("version", &seen), ("address", OTHER)]).await;
    assert!(shown.contains("Somebody changed this calendar meanwhile"), "{shown}");
    app.calendars.put(OTHER, ics(&[("n", "20261125T090000Z", "Another meeting")]));
    reconcile::read_due(&app.cx).await.expect("read");
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 2, "from the new address, at once");

    // The front desk has no say about addresses, and another clinic none about this calendar.
    let desk = app.staff("lab", Role::FrontDesk).await;
    let all = [&fields[..], &[("version", "1"), ("name", "Mine"), ("address", OTHER)]].concat();
    desk.caller.form("/fn/calendar-change", &all).await.expect(404);
    let clinician = app.staff("lab", Role::Clinician).await;
    clinician.caller.form("/fn/calendar-read", &fields).await.expect(404);
    let unknown = [("clinic", "lab"), ("calendar", "00000000-0000-7000-8000-000000000000")];
    at.caller.form("/fn/calendar-read", &unknown).await.expect(404);
}

async fn a_feed_that_stays_as_it_is_is_read_whole_once_a_day(app: TestApp) {
    let system = System::of(&app).await;
    let at = app.staff("lab", Role::Manager).await;
    let fields = [("clinic", "lab"), ("name", "Solo"), ("kind", "feed"), ("address", FEED)];
    at.caller.form("/fn/calendar-make", &fields).await.expect(303);
    let weekly = String::from_utf8(ics(&[("m", "20261124T090000Z", "Staff meeting")])).expect("text");
    app.calendars.put(FEED, weekly.replace("SUMMARY", "RRULE:FREQ=WEEKLY\r\nSUMMARY"));
    let mut whole = 0;
    for hours in 0..60 {
        reconcile::read_due(&app.cx).await.expect("read");
        whole += app.calendars.take().iter().filter(|asked| asked.etag.is_none()).count();
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(1));
        assert!(whole > 0, "{hours}");
    }
    assert_eq!(whole, 3, "now, tomorrow, and the day after");
    // A year from then its last one stands: the first read looked less far.
    assert!(!system.is_free("2027-11-23T10:00:00+01:00").await);
}

/// A server that takes its time.
#[derive(Default)]
struct Slow {
    asked: tokio::sync::Notify,
    go: tokio::sync::Notify,
}

impl ports::CalendarReader for Slow {
    fn fetch<'a>(
        &'a self,
        url: &'a str,
        _login: Option<(&'a str, &'a str)>,
        _etag: Option<&'a str>,
    ) -> futures::future::BoxFuture<'a, Result<ports::Fetched, ports::FetchError>> {
        Box::pin(async move {
            if url != FEED {
                let bytes = ics(&[("n", "20261125T090000Z", "Another meeting")]);
                return Ok(ports::Fetched::Body { bytes, etag: None });
            }
            self.asked.notify_one();
            self.go.notified().await;
            Err(ports::FetchError::Timeout)
        })
    }
}

async fn what_comes_from_the_address_of_before_is_dropped(app: TestApp) {
    let system = System::of(&app).await;
    let feed = json!({ "name": "Solo", "kind": "feed", "address": FEED });
    let made = system.caller.make(&format!("{API}/calendars"), &feed).await.expect(201);
    let (id, version) = (made.field("id"), made.header("etag").to_owned());
    let slow = std::sync::Arc::new(Slow::default());
    app.calendars.ask(slow.clone());
    let (cx, caller) = (&app.cx, &system.caller);
    let path = format!("{API}/calendars/{id}");
    let read = async { reconcile::read_due(cx).await.expect("read") };
    let change = async {
        slow.asked.notified().await;
        let body = json!({ "address": "https://other.example.com/solo.ics" });
        let request =
            caller.request("PATCH", &path).header("content-type", "application/json").header("if-match", &version);
        caller.send(request.body(body.to_string())).await.expect(200);
        slow.go.notify_one();
    };
    tokio::join!(read, change);
    let now = caller.get(&path).await.expect(200).json();
    assert_eq!(now["trouble"], Value::Null, "{now}");
    reconcile::read_due(cx).await.expect("read");
    assert!(!system.is_free("2026-11-25T10:00:00+01:00").await, "the new address is asked at once");
}
