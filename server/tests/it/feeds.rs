//! Calendar feeds: a link for each practitioner, room or device; what it tells, to whom, and how it ends.

use domain::staff::Role;
use interop::calendar::{Whose, Window, read};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;
use testkit::{Answer, AtDesk, Person, TestApp, on_both_engines};

on_both_engines![
    a_link_tells_when_and_nothing_else,
    a_room_has_a_link_too,
    a_calendar_that_knows_it_is_told_so,
    a_link_is_shown_once_and_made_once,
    an_ended_link_gives_nothing_at_once,
    links_are_ones_own_and_ones_clinics,
    a_resource_has_so_many_links,
    what_is_long_ago_or_far_ahead_is_not_told,
    links_secrets_are_not_in_the_database,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";
const PAGE: &str = "/staff/lab/calendar-links";

fn amira() -> Person {
    Person::new("Amira", "Khalil")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// A resource's id, as the page's choice has it.
fn choice(page: &str, name: &str) -> String {
    let choices = between(page, "<select", "</select>").expect("a choice");
    let before = choices.split(name).next().expect("the choices");
    let id = before.rsplit("value=\"").next().and_then(|rest| rest.get(..36));
    id.unwrap_or_else(|| panic!("{name} is no choice: {page}")).to_owned()
}

/// The page's own key, and the id of a resource.
async fn form(at: &AtDesk, name: &str) -> (String, String) {
    let page = at.caller.get(PAGE).await.expect(200).text;
    let key = between(&page, "name=\"key\" value=\"", "\"").expect("a key").to_owned();
    (key, choice(&page, name))
}

async fn send(at: &AtDesk, key: &str, resource: &str) -> Answer {
    at.caller.form("/fn/calendar-link", &[("clinic", "lab"), ("key", key), ("resource", resource)]).await
}

/// The path of the link that the page shows.
async fn shown(at: &AtDesk) -> Option<String> {
    let page = at.caller.get(PAGE).await.expect(200).text;
    let token = between(&page, "/calendars/", ".ics")?;
    Some(format!("/calendars/{token}.ics"))
}

/// Makes a link and answers its path.
pub(crate) async fn made(at: &AtDesk, name: &str) -> String {
    let (key, resource) = form(at, name).await;
    assert_eq!(send(at, &key, &resource).await.expect(303).header("location"), PAGE);
    let page = at.caller.get(PAGE).await.expect(200).text;
    let token = between(&page, "/calendars/", ".ics").unwrap_or_else(|| panic!("no link: {page}"));
    format!("/calendars/{token}.ics")
}

fn entries(feed: &Answer) -> Vec<domain::reconcile::Entry> {
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    let window = Window { from: at("2026-01-01T00:00:00Z"), to: at("2028-01-01T00:00:00Z") };
    let telling = read(&feed.text, window, &TimeZone::UTC, &Whose::Calendar).expect("a calendar");
    assert_eq!(telling.problems, []);
    telling.entries
}

async fn a_link_tells_when_and_nothing_else(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", TEN, &amira()).await.field("id");
    let link = made(&at, "Dr Solo").await;
    let block = json!({ "resource": "solo", "start": "2026-11-24T12:00:00+01:00", "end": "2026-11-24T13:00:00+01:00", "note": "Lunch with Ada" });
    at.caller.make("/api/v1/staff/clinics/lab/blocks", &block).await.expect(201);
    program.book("lab", "team", "2026-11-24T11:00:00+01:00", &Person::number(2)).await;
    let feed = app.anonymous().get(&link).await.expect(200);
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(feed.header("cache-control"), "private, no-cache");
    assert!(
        feed.text.contains("\r\nSUMMARY:Booked\r\n") && feed.text.contains("\r\nSUMMARY:Closed\r\n"),
        "{}",
        feed.text
    );
    assert!(feed.text.contains("X-PUBLISHED-TTL:PT15M") && feed.text.contains("REFRESH-INTERVAL;VALUE=DURATION:PT15M"));
    assert_eq!(feed.text.matches("BEGIN:VEVENT").count(), 2, "another practitioner's are not in it: {}", feed.text);
    for secret in ["ush-hush", "Amira", "Khalil", "Lunch", "Ada", "example.com", "mailto"] {
        assert!(!feed.text.contains(secret), "{secret}: {}", feed.text);
    }
    let [entry] = &entries(&feed)[..] else { panic!("{}", feed.text) };
    assert_eq!(entry.visit, visit.parse().ok());
    assert_eq!(entry.key, format!("{visit}@portico"), "as in the invitations");
    assert_eq!((entry.start, entry.revision.sequence), (TEN.parse().expect("a time"), 0));
    // Moved it is the same, one more; called off it is not there.
    let hold = program.hold("lab", "solo", "2026-11-24T15:00:00+01:00").await.expect(201);
    program.reschedule(&visit, &hold).await.expect(200);
    let [moved] = &entries(&app.anonymous().get(&link).await)[..] else { panic!("one entry") };
    assert_eq!((&moved.key, moved.revision.sequence), (&entry.key, 1));
    assert_eq!(moved.start, "2026-11-24T14:00:00Z".parse().expect("a time"));
    assert!(moved.revision >= entry.revision);
    program.cancel(&visit).await.expect(200);
    assert_eq!(entries(&app.anonymous().get(&link).await), []);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'calendar_feed.make' AND outcome = 'ok'").await, 1);
    let reads = "SELECT count(*) FROM audit WHERE action = 'calendar_feed.read' AND actor_kind = 'anonymous'";
    assert_eq!(app.count(reads).await, 1, "known to the hour");
    app.clock.advance_minutes(61);
    app.anonymous().get(&link).await.expect(200);
    assert_eq!(app.count(reads).await, 2);
}

async fn a_room_has_a_link_too(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let visit = program.book("lab", "roomy", TEN, &amira()).await.field("id");
    program.book("lab", "solo", TEN, &Person::number(2)).await;
    let link = made(&at, "The only room").await;
    let feed = app.anonymous().get(&link).await.expect(200);
    let [entry] = &entries(&feed)[..] else { panic!("{}", feed.text) };
    assert_eq!((entry.visit, entry.whose.as_str()), (visit.parse().ok(), "The only room"));
}

async fn a_calendar_that_knows_it_is_told_so(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let link = made(&at, "Dr Solo").await;
    let asked = async |etag: &str| app.anonymous().with_header("if-none-match", etag).get(&link).await;
    let etag = app.anonymous().get(&link).await.expect(200).header("etag").to_owned();
    assert!(asked(&etag).await.expect(304).text.is_empty());
    asked(&format!("\"other\", W/{etag}")).await.expect(304);
    app.program("lab").await.book("lab", "solo", TEN, &amira()).await;
    let changed = asked(&etag).await.expect(200);
    assert_ne!(changed.header("etag"), etag);
}

async fn a_link_is_shown_once_and_made_once(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let (key, resource) = form(&at, "Dr Solo").await;
    // Sent twice before the page is seen, and once behind it.
    for _ in 0..2 {
        send(&at, &key, &resource).await.expect(303);
    }
    let link = shown(&at).await.expect("a link");
    app.anonymous().get(&link).await.expect(200);
    assert_eq!(shown(&at).await, None, "shown once");
    let again = send(&at, &key, &resource).await.expect(303);
    assert!(at.caller.get(again.header("location")).await.text.contains("This link was made already"));
    assert_eq!(app.count("SELECT count(*) FROM calendar_feed").await, 1);
    let page = at.caller.get(PAGE).await.text;
    assert!(page.contains("Last asked for") && !page.contains(">Never<"), "{page}");
    let (key, _) = form(&at, "Dr Solo").await;
    send(&at, &key, "nobody").await.expect(303);
    assert!(at.caller.get(PAGE).await.text.contains("Choose whose calendar it is"));
    assert_eq!(send(&at, "no-key", &resource).await.status, 400);
}

async fn end(at: &AtDesk, id: &str) -> Answer {
    at.caller.form("/fn/calendar-link-end", &[("clinic", "lab"), ("link", id)]).await
}

async fn an_ended_link_gives_nothing_at_once(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let link = made(&at, "Dr Solo").await;
    app.clock.advance_minutes(1);
    let other = made(&at, "Dr Solo").await;
    app.anonymous().get(&link).await.expect(200);
    let page = at.caller.get(PAGE).await.text;
    let ids: Vec<&str> = page.split("name=\"link\" value=\"").skip(1).filter_map(|rest| rest.get(..36)).collect();
    assert_eq!(ids.len(), 2);
    // The newest first.
    end(&at, ids[1]).await.expect(303);
    end(&at, ids[1]).await.expect(303);
    app.anonymous().get(&link).await.expect(404);
    app.anonymous().get(&other).await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'calendar_feed.revoke'").await, 1);
    for nothing in ["/calendars/x.ics", "/calendars/.ics", "/calendars/x", &other.replace(".ics", "")] {
        app.anonymous().get(nothing).await.expect(404);
    }
    // Whoever is no longer at work there has no calendar.
    app.is_sick();
    app.tamper("UPDATE resource SET active = false").await;
    app.tamper("UPDATE clinic SET version = version + 1").await;
    // A clinic is looked at again after a second.
    app.clock.advance_minutes(1);
    app.anonymous().get(&other).await.expect(404);
}

async fn links_are_ones_own_and_ones_clinics(app: TestApp) {
    let manager = app.staff("lab", Role::Manager).await;
    let clinician = app.staff("lab", Role::Clinician).await;
    let page = clinician.caller.get(PAGE).await.expect(200).text;
    let own = page.matches("<option").count();
    assert_eq!(own, 1, "their own alone: {page}");
    let theirs = made(&manager, "The only room").await;
    let page = clinician.caller.get(PAGE).await.text;
    assert!(page.contains("There are none yet"), "{page}");
    let (_, room) = form(&manager, "The only room").await;
    let (key, _) = form(&manager, "The only room").await;
    send(&clinician, &key, &room).await.expect(303);
    assert!(clinician.caller.get(PAGE).await.text.contains("This is not your schedule"));
    assert_eq!(
        app.count("SELECT count(*) FROM audit WHERE action = 'calendar_feed.make' AND outcome = 'forbidden'").await,
        1
    );
    let page = manager.caller.get(PAGE).await.text;
    let id = between(&page, "name=\"link\" value=\"", "\"").expect("a link").to_owned();
    end(&clinician, &id).await.expect(404);
    app.anonymous().get(&theirs).await.expect(200);
    let front = app.staff("lab", Role::FrontDesk).await;
    front.caller.get(PAGE).await.expect(404);
    send(&front, &key, &room).await.expect(404);
    end(&front, &id).await.expect(404);
    let patient = app.patient("somebody@example.com").await;
    patient.form("/fn/calendar-link-end", &[("clinic", "lab"), ("link", &id)]).await.expect(404);
    app.anonymous().get(&theirs).await.expect(200);
    end(&manager, &id).await.expect(303);
}

async fn a_resource_has_so_many_links(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    for _ in 0..10 {
        made(&at, "The only room").await;
    }
    let (key, room) = form(&at, "The only room").await;
    send(&at, &key, &room).await.expect(303);
    assert!(at.caller.get(PAGE).await.text.contains("There are ten links already"));
    made(&at, "Dr Solo").await;
    assert_eq!(app.count("SELECT count(*) FROM calendar_feed").await, 11);
}

async fn what_is_long_ago_or_far_ahead_is_not_told(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let link = made(&at, "Dr Solo").await;
    app.program("lab").await.book("lab", "solo", TEN, &amira()).await;
    let there = async |now: &str| {
        app.clock.set(now.parse().expect("a time"));
        entries(&app.anonymous().get(&link).await.expect(200)).len()
    };
    assert_eq!(there("2026-12-24T08:59:00Z").await, 1, "thirty days back");
    assert_eq!(there("2026-12-24T09:01:00Z").await, 0);
    assert_eq!(there("2026-05-28T09:01:00Z").await, 1, "180 days ahead");
    assert_eq!(there("2026-05-28T08:59:00Z").await, 0);
}

async fn links_secrets_are_not_in_the_database(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let link = made(&at, "Dr Solo").await;
    let token = between(&link, "/calendars/", ".ics").expect("a token");
    assert!(token.len() >= 43, "256 bits");
    let text = match app.db.engine {
        testkit::Engine::Sqlite => "CAST(token_hash AS TEXT)",
        testkit::Engine::Postgres => "encode(token_hash, 'escape')",
    };
    assert_eq!(app.count(&format!("SELECT count(*) FROM calendar_feed WHERE {text} LIKE '%{token}%'")).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM calendar_feed").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM form_state WHERE form = 'calendar-link'").await, 0, "and shown once");
}
