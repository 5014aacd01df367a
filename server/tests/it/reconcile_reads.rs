//! How a clinic's own calendar comes in: feeds, tables and programs, and what is wrong with them.

use domain::staff::Role;
use portal::reconcile;
use serde_json::{Value, json};
use testkit::{TestApp, on_both_engines};

use super::reconcile_system::{API, System, TEN, book, entry, named};

on_both_engines![
    half_of_a_calendar_is_taken_over_when_somebody_says_so,
    a_table_is_brought_by_staff,
    an_earlier_file_is_not_taken_for_the_newest,
    a_calendar_that_is_not_read_any_more_gives_its_times_back,
    a_large_one_gives_them_back_bit_by_bit,
    bad_tellings_are_refused_in_words,
    what_changed_is_told_alone,
    what_was_over_long_ago_is_forgotten,
    whoever_runs_the_clinic_hears_of_trouble_once,
    an_empty_calendar_is_no_calendar,
];

pub(crate) const FEED: &str = "https://calendar.example.com/solo.ics";

pub(crate) fn ics(events: &[(&str, &str, &str)]) -> Vec<u8> {
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
    // First somebody says which column is what; what the header suggests is filled in.
    let led = at.caller.upload("/fn/calendar-bring", &brought, file).await.expect(303).header("location").to_owned();
    assert_eq!(led, format!("{page}/columns"));
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, 0, "nothing is read before");
    let shown = at.caller.get(&led).await.expect(200).text;
    for words in ["As it would be read", "Khalil, Amira", "Behandler", "For example: solo, solo"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let say = async |columns: &[&str], more: &[(&str, &str)]| {
        let names: Vec<String> = (0..columns.len()).map(|n| format!("column-{n}")).collect();
        let mut fields = vec![("clinic", "lab"), ("calendar", calendar.as_str()), ("header", "yes"), ("order", "dmy")];
        fields.extend(names.iter().zip(columns).map(|(name, kind)| (name.as_str(), *kind)));
        fields.extend(more);
        at.caller.form("/fn/calendar-columns", &fields).await.expect(303).header("location").to_owned()
    };
    assert_eq!(say(&["start", "start", "", "whose", "name"], &[("version", "1"), ("minutes", "2")]).await, led);
    let shown = at.caller.get(&led).await.expect(200).text;
    for words in ["Another column is this already", "Enter minutes from 5 to 1440"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let right = ["start", "start_time", "end", "whose", "name"];
    // By this nothing can be read, so it is not kept.
    assert_eq!(say(&["title", "", "", "start", ""], &[("version", "1"), ("minutes", "30")]).await, led);
    assert!(at.caller.get(&led).await.expect(200).text.contains("No entry could be read"));
    assert_eq!(say(&right, &[("version", "1")]).await, format!("{page}?done=brought"));
    assert_eq!(say(&right, &[("version", "1")]).await, led, "somebody changed it meanwhile");
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("2 entries") && shown.contains("Look at what its columns are"), "{shown}");
    assert!(!system.is_free("2026-11-24T14:00:00+01:00").await);
    assert_eq!(app.count("SELECT matched FROM calendar_source WHERE kind = 'table-file'").await, 1);
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_mins(1));
    let with_mistake = format!("{table}24.11.2026;99:00;99:30;solo;\n");
    let mistaken = Some(("week.csv", "text/csv", with_mistake.as_bytes()));
    at.caller.upload("/fn/calendar-bring", &brought, mistaken).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("1 not understood") && shown.contains("Line 4"), "{shown}");
    let nothing = Some(("week.csv", "text/csv", &b"a;b\n1;2\n"[..]));
    at.caller.upload("/fn/calendar-bring", &brought, nothing).await.expect(303);
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("No entry could be read"), "{shown}");
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_mins(1));
    // Said anew, the newest table is read by it: now the third column is only a title.
    let again = format!("{table}\n");
    let again = Some(("week.csv", "text/csv", again.as_bytes()));
    at.caller.upload("/fn/calendar-bring", &brought, again).await.expect(303);
    let shorter = ["start", "start_time", "title", "whose", "name"];
    say(&shorter, &[("version", "2"), ("minutes", "30")]).await;
    assert!(system.is_free("2026-11-24T14:45:00+01:00").await, "it ends at half past two now");
    // The front desk brings tables; what their columns are, others say.
    let desk = app.staff("lab", Role::FrontDesk).await;
    desk.caller.get(&led).await.expect(404);
    let fields = [("clinic", "lab"), ("name", "Second"), ("kind", "table-file")];
    let second = at.caller.form("/fn/calendar-make", &fields).await.expect(303).header("location").to_owned();
    let into = [("clinic", "lab"), ("calendar", second.rsplit('/').next().expect("an id"))];
    let asked = desk.caller.upload("/fn/calendar-bring", &into, file).await.expect(303).header("location").to_owned();
    assert!(desk.caller.get(&asked).await.expect(200).text.contains("says first what its columns are"));
    // With the calendar the table goes.
    at.caller.form("/fn/calendar-remove", &into).await.expect(303);
    assert_eq!(app.count("SELECT count(*) FROM calendar_table").await, 1);
}

async fn an_earlier_file_is_not_taken_for_the_newest(app: TestApp) {
    let system = System::of(&app).await;
    let at = app.staff("lab", Role::FrontDesk).await;
    let manager = app.staff("lab", Role::Manager).await;
    let fields = [("clinic", "lab"), ("name", "Practice"), ("kind", "calendar-file"), ("titles", "yes")];
    let page = manager.caller.form("/fn/calendar-make", &fields).await.expect(303).header("location").to_owned();
    let into = [("clinic", "lab"), ("calendar", page.rsplit('/').next().expect("an id"))];
    let bring = async |file: &[u8]| {
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_mins(1));
        let file = Some(("calendar.ics", "text/calendar", file));
        let led = at.caller.upload("/fn/calendar-bring", &into, file).await.expect(303).header("location").to_owned();
        (led.ends_with("done=brought"), at.caller.get(&led).await.expect(200).text)
    };
    let free = async || (system.is_free(TEN).await, system.is_free("2026-11-24T12:00:00+01:00").await);
    let (monday, tuesday) = (ics(&[("m", "20261124T090000Z", "Staff")]), ics(&[("m", "20261124T110000Z", "Staff")]));
    assert!(bring(&monday).await.0 && bring(&monday).await.0, "the newest may come again");
    assert_eq!(free().await, (false, true));
    assert!(bring(&tuesday).await.0);
    assert_eq!(free().await, (true, false));

    let (done, shown) = bring(&monday).await;
    assert!(!done && shown.contains("This file was read before, and another one since"), "{shown}");
    assert!(shown.contains("An earlier file again: not taken over"), "{shown}");
    assert_eq!(free().await, (true, false), "nothing was taken over");

    // But whoever looks may say that it is right: from then on the other one is the earlier.
    let read = shown.split("name=\"read\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a read");
    at.caller.form("/fn/calendar-accept", &[&into[..], &[("read", read)]].concat()).await.expect(303);
    assert_eq!(free().await, (false, true));
    assert!(!bring(&tuesday).await.0);
    assert!(bring(&monday).await.0);
    assert_eq!(free().await, (false, true));
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

async fn a_large_one_gives_them_back_bit_by_bit(app: TestApp) {
    let system = System::of(&app).await;
    let first: jiff::Zoned = "2026-12-01T00:00:00+01:00[Europe/Berlin]".parse().expect("a time");
    let start =
        |n: i64| (&first + jiff::SignedDuration::from_mins(60 * n)).strftime("%Y-%m-%dT%H:%M:00%:z").to_string();
    let all: Vec<Value> = (0..520).map(|n| entry(&n.to_string(), &start(n), 30)).collect();
    system.tell(&app, &all).await;
    assert_eq!(app.count("SELECT count(*) FROM calendar_closing").await, 520);
    system.caller.delete(&format!("{API}/calendars/{}", system.calendar)).await.expect(204);
    assert_eq!(app.count("SELECT count(*) FROM calendar_closing").await, 20, "nobody who books waits for the rest");
    reconcile::settle_changed(&app.cx).await.expect("compared");
    assert_eq!(app.count("SELECT count(*) FROM calendar_closing").await, 0);
    assert!(system.is_free(&start(519)).await);
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

async fn what_changed_is_told_alone(app: TestApp) {
    let system = System::of(&app).await;
    let on = |day: &str| format!("2026-{day}T10:00:00+01:00");
    system.tell(&app, &[entry("stays", &on("11-24"), 30), entry("moves", &on("11-25"), 30)]).await;
    let tell = async |entries: &[Value]| {
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_secs(1));
        let told = json!({ "as_of": app.cx.now().to_string(), "entries": entries });
        let told = system.caller.post(&format!("{API}/calendars/{}/reads", system.calendar), &told).await.expect(200);
        system.compare().await;
        (
            told.field("outcome"),
            [&told.json()["added"], &told.json()["changed"], &told.json()["missing"]].map(Value::to_string),
        )
    };
    let taken = |counts: [&str; 3]| ("taken".to_owned(), counts.map(str::to_owned));
    let free = async || {
        let mut free = Vec::new();
        for day in ["11-24", "11-25", "11-26", "11-27"] {
            free.push(system.is_free(&on(day)).await);
        }
        free
    };
    let told = tell(&[entry("moves", &on("11-26"), 30), entry("new", &on("11-27"), 30)]).await;
    assert_eq!((told, free().await), (taken(["1", "1", "0"]), vec![false, true, false, false]));
    assert_eq!((tell(&[]).await, free().await), (taken(["0", "0", "0"]), vec![false, true, false, false]));
    let mut off = entry("new", &on("11-27"), 30);
    off["status"] = json!("cancelled");
    assert_eq!((tell(&[off]).await, free().await), (taken(["0", "1", "0"]), vec![false, true, false, true]));
    // By the key that the other system gave a visit, and what it told before.
    let visit = book(&app, &on("11-30")).await;
    system.outgoing().await;
    assert_eq!(system.acknowledge(&visit, 1, Some("theirs")).await, "noted");
    assert_eq!(tell(&[named(entry("theirs", &on("11-30"), 30), "Somebody Else")]).await, taken(["1", "0", "0"]));
    assert_eq!(system.kinds().await, [""; 0]);
    assert_eq!(tell(&[named(entry("theirs", &on("12-01"), 30), "Somebody Else")]).await, taken(["0", "1", "0"]));
    assert_eq!(system.kinds().await, ["changed-there"]);
    assert_eq!(app.problems().await, [""; 0]);
}

async fn what_was_over_long_ago_is_forgotten(app: TestApp) {
    let system = System::of(&app).await;
    let visit = book(&app, TEN).await;
    system
        .tell(&app, &[entry("old", "2026-11-25T10:00:00+01:00", 30), entry("new", "2027-03-02T10:00:00+01:00", 30)])
        .await;
    system.outgoing().await;
    assert_eq!(system.acknowledge(&visit, 1, None).await, "noted");
    let there = async || {
        let count = async |table: &str| app.count(&format!("SELECT count(*) FROM {table}")).await;
        [count("calendar_entry").await, count("calendar_closing").await, count("calendar_told").await]
    };
    assert_eq!(there().await, [2, 2, 1]);
    for (days, left) in [(20, [2, 2, 1]), (20, [1, 1, 0])] {
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(24 * days));
        reconcile::tidy(&app.cx).await.expect("tidied");
        assert_eq!(there().await, left);
    }
    assert!(!system.is_free("2027-03-02T10:00:00+01:00").await);
    assert_eq!(app.problems().await, [""; 0]);
}

async fn whoever_runs_the_clinic_hears_of_trouble_once(app: TestApp) {
    const SUBJECT: &str = "A calendar of the clinic is not read any more";
    let system = System::of(&app).await;
    let at = app.staff("lab", Role::Manager).await;
    app.staff("lab", Role::FrontDesk).await;
    let heard = async || {
        app.run_jobs().await;
        app.mailer.sent().into_iter().filter(|mail| mail.subject == SUBJECT).collect::<Vec<_>>()
    };
    let fields = [("clinic", "lab"), ("name", "Solo’s calendar"), ("kind", "feed"), ("address", FEED)];
    at.caller.form("/fn/calendar-make", &fields).await.expect(303);
    let fails = async || {
        app.calendars.fail(1, ports::FetchError::Unreachable("nobody there".into()));
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(7));
        reconcile::read_due(&app.cx).await.expect("tried");
    };
    fails().await;
    fails().await;
    assert!(heard().await.is_empty(), "servers are restarted");
    fails().await;
    let mails = heard().await;
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!(mail.to, at.email);
    assert!(mail.text.contains("Solo’s calendar") && mail.text.contains("/staff/lab/calendars/"), "{}", mail.text);
    fails().await;
    assert_eq!(heard().await.len(), 1, "once");
    app.calendars.put(FEED, ics(&[("m", "20261224T090000Z", "Staff meeting")]));
    app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(7));
    reconcile::read_due(&app.cx).await.expect("read");
    for _ in 0..3 {
        fails().await;
    }
    assert_eq!(heard().await.len(), 2, "it was read in between");
    // What a program tells, too: at once, and once.
    let all: Vec<Value> = (1..=6).map(|n| entry(&n.to_string(), &format!("2026-12-1{n}T10:00:00+01:00"), 30)).collect();
    system.tell(&app, &all).await;
    for _ in 0..2 {
        assert_eq!(system.tell(&app, &all[..2]).await["outcome"], "lost-half");
    }
    let mails = heard().await;
    assert_eq!(mails.len(), 3);
    assert!(mails[2].text.contains("Half of what is ahead is missing"), "{}", mails[2].text);
    let list = system.caller.get(&format!("{API}/calendars/{}", system.calendar)).await.expect(200);
    assert_eq!(list.field("trouble"), "lost-half");
    system.tell(&app, &all).await;
    let now = system.caller.get(&format!("{API}/calendars/{}", system.calendar)).await.expect(200).json();
    assert_eq!(now["trouble"], Value::Null);
}

async fn an_empty_calendar_is_no_calendar(app: TestApp) {
    let system = System::of(&app).await;
    let two = [entry("a", TEN, 30), entry("b", "2026-11-25T10:00:00+01:00", 30)];
    system.tell(&app, &two).await;
    assert_eq!(system.tell(&app, &[]).await["outcome"], "lost-half", "nothing at all is left");
    assert!(!system.is_free(TEN).await);
    assert_eq!(system.tell(&app, &two[..1]).await["outcome"], "taken", "of two, one may go");
    assert_eq!(system.tell(&app, &[]).await["outcome"], "taken", "and the last one, too");
}
