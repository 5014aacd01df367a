//! How a clinic's own calendar comes in: feeds, tables and programs, and what is wrong with them.

use domain::staff::Role;
use portal::reconcile;
use serde_json::{Value, json};
use testkit::{TestApp, on_both_engines};

use super::reconcile_system::{API, System, TEN, book, entry, named};

on_both_engines![
    half_of_a_calendar_is_taken_over_when_somebody_says_so,
    a_feed_is_fetched_and_its_troubles_are_told,
    a_feed_is_changed_and_read_now,
    a_table_is_brought_by_staff,
    a_calendar_that_is_not_read_any_more_gives_its_times_back,
    bad_tellings_are_refused_in_words,
];

const FEED: &str = "https://calendar.example.com/solo.ics";

fn ics(events: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n".to_owned();
    for (uid, start, summary) in events {
        text += &format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT30M\r\nSUMMARY:{summary}\r\nLOCATION:solo\r\nEND:VEVENT\r\n"
        );
    }
    (text + "END:VCALENDAR\r\n").into_bytes()
}

async fn half_of_a_calendar_is_taken_over_when_somebody_says_so(app: TestApp) {
    let system = System::of(&app).await;
    let all: Vec<Value> = (1..=6).map(|n| entry(&n.to_string(), &format!("2026-12-0{n}T10:00:00+01:00"), 30)).collect();
    system.tell(&app, &all).await;
    let told = system.tell(&app, &all[..2]).await;
    assert_eq!((&told["outcome"], &told["missing"]), (&json!("lost-half"), &json!(4)));
    assert!(!system.is_free("2026-12-04T10:00:00+01:00").await);
    let at = app.staff("lab", Role::FrontDesk).await;
    let page = at.caller.get("/staff/lab/reconcile").await.expect(200).text;
    assert!(page.contains("4 of the entries ahead are missing"), "{page}");
    let read = app.count("SELECT count(*) FROM calendar_read WHERE outcome = 'lost-half'").await;
    assert_eq!(read, 1);
    let page = at.caller.get(&format!("/staff/lab/calendars/{}", system.calendar)).await.expect(200).text;
    let read = page.split("name=\"read\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a read");
    let fields = [("clinic", "lab"), ("calendar", system.calendar.as_str()), ("read", read)];
    at.caller.form("/fn/calendar-accept", &fields).await.expect(303);
    // Once it is right, the second telling without them opens their times.
    let mut later = all[..2].to_vec();
    later.push(entry("9", "2026-12-09T10:00:00+01:00", 30));
    system.tell(&app, &later).await;
    assert!(system.is_free("2026-12-04T10:00:00+01:00").await);
}

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
        let all = [&fields[..], &[("name", "Solo’s"), ("user", "lab"), ("every", "30")], more].concat();
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

async fn a_table_is_brought_by_staff(app: TestApp) {
    let system = System::of(&app).await;
    book(&app, TEN).await;
    let at = app.staff("lab", Role::Manager).await;
    let fields = [("clinic", "lab"), ("name", "Export"), ("kind", "table-file")];
    let page = at.caller.form("/fn/calendar-make", &fields).await.expect(303).header("location").to_owned();
    let calendar = page.rsplit('/').next().expect("an id").to_owned();
    let table = "Datum;Beginn;Ende;Behandler;Patient\n24.11.2026;10:00;10:30;solo;Khalil, Amira\n24.11.2026;14:00;15:00;solo;\n";
    let brought = [("clinic", "lab"), ("calendar", calendar.as_str())];
    let file = Some(("week.csv", "text/csv", table.as_bytes()));
    at.caller.upload("/fn/calendar-bring", &brought, file).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("2 entries"), "{shown}");
    assert!(!system.is_free("2026-11-24T14:00:00+01:00").await);
    assert_eq!(app.count("SELECT matched FROM calendar_source WHERE kind = 'table-file'").await, 1);
    let with_mistake = format!("{table}24.11.2026;99:00;99:30;solo;\n");
    let mistaken = Some(("week.csv", "text/csv", with_mistake.as_bytes()));
    at.caller.upload("/fn/calendar-bring", &brought, mistaken).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("1 not understood") && shown.contains("Line 4"), "{shown}");
    let nothing = Some(("week.csv", "text/csv", &b"a;b\n1;2\n"[..]));
    at.caller.upload("/fn/calendar-bring", &brought, nothing).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("No entry could be read"), "{shown}");
}

async fn a_calendar_that_is_not_read_any_more_gives_its_times_back(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, "2026-11-25T10:00:00+01:00").await;
    system.tell(&app, &[entry("m", TEN, 60), named(entry("r", "2026-11-25T10:00:00+01:00", 30), "Ruiz, E.")]).await;
    assert_eq!(system.kinds().await, ["conflict"]);
    system.caller.delete(&format!("{API}/calendars/{}", system.calendar)).await.expect(204);
    assert!(system.is_free(TEN).await);
    assert_eq!(system.kinds().await, [""; 0]);
    assert_eq!(system.visit(&visit).await["status"], "booked");
    assert_eq!(app.problems().await, [""; 0]);
}

async fn bad_tellings_are_refused_in_words(app: TestApp) {
    let system = System::of(&app).await;
    let tell =
        async |body: Value| system.caller.post(&format!("{API}/calendars/{}/reads", system.calendar), &body).await;
    let now = app.cx.now().to_string();
    let with = |entry: Value| json!({ "as_of": now, "entries": [entry] });
    let mut backwards = entry("a", TEN, 30);
    backwards["end"] = backwards["start"].clone();
    for (body, field) in [
        (json!({ "as_of": "yesterday", "entries": [] }), "as_of"),
        (json!({ "as_of": "2027-01-01T00:00:00Z", "entries": [] }), "as_of"),
        (json!({ "as_of": now, "complete": true, "entries": [] }), "from"),
        (with(backwards), "entries[0].end"),
        (with(json!({ "key": "", "resource": "solo", "start": TEN, "end": TEN })), "entries[0].key"),
        (with(json!({ "key": "a", "resource": "solo", "start": "10:00", "end": TEN })), "entries[0].start"),
        (json!({ "as_of": now, "entries": [entry("a", TEN, 30), entry("a", TEN, 30)] }), "entries[1].key"),
    ] {
        let answer = tell(body).await.expect_problem(400, "bad_request");
        assert!(answer.text.contains(field), "{field}: {}", answer.text);
    }
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 0);
}
