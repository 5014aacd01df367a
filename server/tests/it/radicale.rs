//! A real CalDAV server: as the clinic's own calendar that we read, and as a reader of what we give out (ICS-07).

use std::{sync::Arc, time::Duration};

use adapters::HttpCalendars;
use domain::{reconcile::Entry, staff::Role};
use interop::calendar::{Whose, Window, read};
use jiff::{Timestamp, tz::TimeZone};
use portal::reconcile;
use ports::{CalendarReader, FetchError, Fetched};
use testkit::{Answer, Engine, PASSWORD, Person, Radicale, TestApp, USER, run};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::desk_patient::form_value;

const LOGIN: Option<(&str, &str)> = Some((USER, PASSWORD));

fn ours() -> HttpCalendars {
    HttpCalendars::new(true, Duration::from_secs(20)).expect("a client")
}

async fn fetched(url: &str) -> (String, String) {
    match ours().fetch(url, LOGIN, None).await {
        Ok(Fetched::Body { bytes, etag }) => (interop::text_of(&bytes), etag.expect("a tag")),
        other => panic!("{other:?}"),
    }
}

fn entries(text: &str) -> Vec<Entry> {
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    let window = Window { from: at("2026-11-01T00:00:00Z"), to: at("2026-12-20T00:00:00Z") };
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    let mut telling = read(text, window, &zone, &Whose::Location).expect("a calendar");
    assert_eq!(telling.problems, []);
    telling.entries.sort_by_key(|entry| (entry.start, entry.key.clone()));
    telling.entries
}

fn told(text: &str) -> Vec<String> {
    entries(text).iter().map(|e| format!("{} {} {:?} {}", e.key, e.start, e.state, e.whose)).collect()
}

/// One calendar object, with the zone that its times name.
fn object(events: &[&str]) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//Test//EN\r\n".to_owned();
    text += "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19961027T030000\r\n\
        TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
    for event in events {
        let lines = event.replace('\n', "\r\n");
        text += &format!("BEGIN:VEVENT\r\nDTSTAMP:20261101T080000Z\r\n{lines}\r\nEND:VEVENT\r\n");
    }
    text + "END:VCALENDAR\r\n"
}

/// A single one, a series with one that is moved and one that is left out, and one that was called off.
async fn a_clinics_calendar(radicale: &Radicale) -> String {
    radicale.make("practice").await;
    let calendar = radicale.calendar("practice");
    let single = object(&[
        "UID:single\nDTSTART;TZID=Europe/Berlin:20261124T100000\nDURATION:PT30M\nLOCATION:Room 1\nSUMMARY:Kaya\\, Amira",
    ]);
    let series = object(&[
        "UID:series\nDTSTART;TZID=Europe/Berlin:20261012T090000\nDTEND;TZID=Europe/Berlin:20261012T093000\n\
         RRULE:FREQ=WEEKLY;UNTIL=20261201T000000Z\nEXDATE;TZID=Europe/Berlin:20261116T090000\nLOCATION:Room 1\nSUMMARY:Team",
        "UID:series\nRECURRENCE-ID;TZID=Europe/Berlin:20261109T090000\nDTSTART;TZID=Europe/Berlin:20261110T140000\n\
         DTEND;TZID=Europe/Berlin:20261110T143000\nSEQUENCE:1\nLOCATION:Room 2\nSUMMARY:Team",
    ]);
    let off = object(&[
        "UID:off\nDTSTART:20261125T080000Z\nDTEND:20261125T083000Z\nSTATUS:CANCELLED\nLOCATION:Room 1\nSUMMARY:Off",
    ]);
    for (name, text) in [("single", single), ("series", series), ("off", off)] {
        radicale.put(&format!("{calendar}{name}.ics"), &text).await.expect(201);
    }
    calendar
}

const EXPECTED: [&str; 6] = [
    "series#20261102T080000Z 2026-11-02T08:00:00Z Busy Room 1",
    "series#20261109T080000Z 2026-11-10T13:00:00Z Busy Room 2",
    "series#20261123T080000Z 2026-11-23T08:00:00Z Busy Room 1",
    "single 2026-11-24T09:00:00Z Busy Room 1",
    "off 2026-11-25T08:00:00Z Cancelled Room 1",
    "series#20261130T080000Z 2026-11-30T08:00:00Z Busy Room 1",
];

#[tokio::test]
async fn a_caldav_calendar_is_read_and_read_again_when_it_changes() {
    let Some(radicale) = Radicale::start().await else { return };
    let calendar = a_clinics_calendar(&radicale).await;
    let (text, etag) = fetched(&calendar).await;
    assert_eq!(told(&text), EXPECTED);
    assert_eq!(ours().fetch(&calendar, LOGIN, Some(&etag)).await, Ok(Fetched::NotModified));
    let moved = object(&[
        "UID:single\nSEQUENCE:1\nDTSTART;TZID=Europe/Berlin:20261124T110000\nDURATION:PT30M\nLOCATION:Room 1\nSUMMARY:Kaya\\, Amira",
    ]);
    radicale.put(&format!("{calendar}single.ics"), &moved).await;
    let (text, newer) = match ours().fetch(&calendar, LOGIN, Some(&etag)).await {
        Ok(Fetched::Body { bytes, etag }) => (interop::text_of(&bytes), etag.expect("a tag")),
        other => panic!("{other:?}"),
    };
    assert_ne!(newer, etag);
    let single = entries(&text).into_iter().find(|entry| entry.key == "single").expect("it is there");
    assert_eq!((single.start.to_string().as_str(), single.revision.sequence), ("2026-11-24T10:00:00Z", 1));
    assert_eq!(single.title, "Kaya, Amira");
    // One entry alone is a calendar, too.
    let (one, _) = fetched(&format!("{calendar}single.ics")).await;
    assert_eq!(entries(&one).len(), 1);
}

#[tokio::test]
async fn a_clinic_whose_calendar_is_there_agrees_with_it() {
    let Some(radicale) = Radicale::start().await else { return };
    run(Engine::Sqlite, async move |app| agreeing(app, &radicale).await).await;
}

/// As a clinic lives with it: connected by its manager, fetched by the worker, changed there by somebody who knows nothing of us.
async fn agreeing(app: TestApp, radicale: &Radicale) {
    app.calendars.ask(Arc::new(ours()));
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    radicale.make("solo").await;
    let calendar = radicale.calendar("solo");
    let event = |uid: &str, start: &str, sequence: u8| {
        object(&[&format!(
            "UID:{uid}\nSEQUENCE:{sequence}\nDTSTART;TZID=Europe/Berlin:{start}\nDURATION:PT30M\nSUMMARY:Meeting"
        )])
    };
    let put = async |uid: &str, text: &str| {
        let answer = radicale.put(&format!("{calendar}{uid}.ics"), text).await;
        assert!([201, 204].contains(&answer.status), "{} {}", answer.status, answer.text);
    };
    let fetch = async || {
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_mins(20));
        reconcile::read_due(&app.cx).await.expect("read");
    };
    let free =
        async |start: &str| program.free("lab", "solo", &start[..10], &start[..10]).await.contains(&start.to_owned());
    let (ten, eleven) = ("2026-11-24T10:00:00+01:00", "2026-11-24T11:00:00+01:00");
    put("meeting", &event("meeting", "20261124T100000", 0)).await;
    // A wrong password is told, and the right one reads.
    let fields = [
        ("clinic", "lab"),
        ("name", "Solo"),
        ("kind", "feed"),
        ("address", calendar.as_str()),
        ("resource", "solo"),
        ("every_minutes", "15"),
    ];
    let made = [&fields[..], &[("user", USER), ("password", "wrong")]].concat();
    let page = at.caller.form("/fn/calendar-make", &made).await.expect(303).header("location").to_owned();
    reconcile::read_due(&app.cx).await.expect("read");
    let shown = at.caller.get(&page).await.expect(200).text;
    assert!(shown.contains("wants another name or password"), "{shown}");
    assert!(free(ten).await);
    let id = page.rsplit('/').next().and_then(|id| id.split('?').next()).expect("an id").to_owned();
    let version = form_value(&shown, "calendar-change", "version");
    let right = [("calendar", id.as_str()), ("version", version.as_str()), ("user", USER), ("password", PASSWORD)];
    at.caller.form("/fn/calendar-change", &[&fields[..], &right].concat()).await.expect(303);
    fetch().await;
    assert!(!free(ten).await && free(eleven).await, "{}", at.caller.get(&page).await.text);
    // Moved there, then made twice, then taken away: each as it is there.
    put("meeting", &event("meeting", "20261124T110000", 1)).await;
    fetch().await;
    assert!(free(ten).await && !free(eleven).await);
    put("second", &event("second", "20261124T100000", 0)).await;
    fetch().await;
    assert!(!free(ten).await && !free(eleven).await);
    let reads = app.count("SELECT count(*) FROM calendar_read").await;
    fetch().await;
    assert_eq!(app.count("SELECT count(*) FROM calendar_read").await, reads, "nothing changed there");
    // Over a patient's visit: a question, and the visit stands.
    let visit = program.book("lab", "solo", "2026-11-24T14:00:00+01:00", &Person::number(1)).await.field("id");
    put("over", &event("over", "20261124T140000", 0)).await;
    fetch().await;
    let at = app.staff_as("lab", Role::Manager, "later@example.com").await;
    let shown = at.caller.get("/staff/lab/reconcile").await.expect(200).text;
    assert!(shown.contains("1 open"), "{shown}");
    let stands = at.caller.get(&format!("/api/v1/staff/clinics/lab/appointments/{visit}")).await.expect(200);
    assert_eq!(stands.field("status"), "booked");
    assert_eq!(app.problems().await, [""; 0]);
}

#[tokio::test]
async fn a_caldav_server_says_who_may_read() {
    let Some(radicale) = Radicale::start().await else { return };
    let calendar = a_clinics_calendar(&radicale).await;
    let read = async |login| ours().fetch(&calendar, login, None).await;
    assert_eq!(read(None).await, Err(FetchError::Refused(401)));
    assert_eq!(read(Some((USER, "wrong"))).await, Err(FetchError::Refused(401)));
    let nothing = radicale.calendar("no-such");
    assert_eq!(ours().fetch(&nothing, LOGIN, None).await, Err(FetchError::Refused(404)));
    let guarded = HttpCalendars::new(false, Duration::from_secs(20)).expect("a client");
    assert!(matches!(guarded.fetch(&calendar, LOGIN, None).await, Err(FetchError::NotAllowed(_))));
}

/// Some servers have nothing to say to GET on a collection: then its entries are asked for by REPORT.
#[tokio::test]
async fn a_collection_is_read_by_report_where_get_says_nothing() {
    let Some(radicale) = Radicale::start().await else { return };
    a_clinics_calendar(&radicale).await;
    let behind = without_get(radicale.address().to_owned()).await;
    let calendar = format!("http://{behind}/{USER}/practice/");
    let (text, etag) = fetched(&calendar).await;
    assert_eq!(told(&text), EXPECTED);
    assert_eq!(ours().fetch(&calendar, LOGIN, Some(&etag)).await, Ok(Fetched::NotModified));
    assert_eq!(
        ours().fetch(&calendar, None, None).await,
        Err(FetchError::Refused(401)),
        "and not without the password"
    );
}

/// Stands before a server and refuses GET.
async fn without_get(server: String) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let mut first = [0; 16 * 1024];
                let read = caller.read(&mut first).await.unwrap_or_default();
                if first.starts_with(b"GET ") {
                    let no = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    caller.write_all(no).await.ok();
                    return;
                }
                let Ok(mut behind) = TcpStream::connect(&server).await else { return };
                if behind.write_all(&first[..read]).await.is_ok() {
                    copy_bidirectional(&mut caller, &mut behind).await.ok();
                }
            });
        }
    });
    address
}

/// Each event of a feed as an object of its own, as a client that subscribes and copies stores it.
fn objects(feed: &str) -> Vec<(String, String)> {
    let events = feed.split("BEGIN:VEVENT\r\n").skip(1);
    events
        .map(|rest| {
            let event = rest.split("END:VEVENT").next().expect("an event");
            let uid = event.lines().find_map(|line| line.strip_prefix("UID:")).expect("a UID").to_owned();
            let text = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//Test//EN\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"
            );
            (uid, text)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_feed_is_taken_and_updated_and_not_doubled() {
    let Some(radicale) = Radicale::start().await else { return };
    run(Engine::Sqlite, async move |app| our_feed(app, &radicale).await).await;
}

async fn our_feed(app: TestApp, radicale: &Radicale) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let visit =
        program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::new("Amira", "Khalil")).await.field("id");
    program.book("lab", "solo", "2026-11-25T10:00:00+01:00", &Person::number(2)).await;
    let link = super::feeds::made(&at, "Dr Solo").await;
    let feed: Answer = app.anonymous().get(&link).await.expect(200);
    // As a whole, and as what it consists of.
    let (whole, parts) = (radicale.calendar("whole"), radicale.calendar("parts"));
    radicale.put(&whole, &feed.text).await.expect(201);
    radicale.make("parts").await;
    for (uid, text) in objects(&feed.text) {
        radicale.put(&format!("{parts}{uid}.ics"), &text).await.expect(201);
    }
    let hold = program.hold("lab", "solo", "2026-11-24T15:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    let moved = app.anonymous().get(&link).await.expect(200);
    radicale.put(&whole, &moved.text).await.expect(201);
    for (uid, text) in objects(&moved.text) {
        let answer = radicale.put(&format!("{parts}{uid}.ics"), &text).await;
        assert!([201, 204].contains(&answer.status), "{} {}", answer.status, answer.text);
        // The same UID under another name would be a double, and the server says so.
        assert_eq!(radicale.put(&format!("{parts}double-{uid}.ics"), &text).await.status, 409);
    }
    for calendar in [whole, parts] {
        let back = radicale.get(&calendar).await.expect(200);
        assert_eq!(back.text.matches("BEGIN:VEVENT").count(), 2, "{}", back.text);
        let (text, _) = fetched(&calendar).await;
        let all = entries(&text);
        let ours: Vec<_> = all.iter().filter(|entry| entry.visit == visit.parse().ok()).collect();
        let [entry] = ours[..] else { panic!("{all:#?}") };
        assert_eq!((entry.start.to_string().as_str(), entry.revision.sequence), ("2026-11-24T14:00:00Z", 1));
        assert!(all.iter().all(|entry| entry.visit.is_some()), "each carries the visit it is");
    }
}
