//! The form of a new visit: who offers it, what is free, and the day it was begun on.

use domain::staff::Role;
use jiff::SignedDuration;
use testkit::{AtDesk, Person, TestApp, on_both_engines};

use super::{
    desk::{DAY, TEN, amira, find, visit_of},
    desk_booking::{ADA, new_visit},
    eligibility::{of, try_to_book},
};

on_both_engines![
    only_who_offers_a_visit_is_to_choose,
    the_next_free_times_are_listed_and_book,
    a_look_at_the_times_loses_nothing_and_does_nothing,
    what_is_refused_says_so_at_its_field,
    a_patients_other_visits_count,
    the_day_goes_along_to_the_finder_and_back,
    somebody_known_begins_at_a_visit_for_them,
];

async fn form(at: &AtDesk, query: &str) -> String {
    at.caller.get(&format!("/staff/lab/new?{query}")).await.expect(200).text
}

/// The instants of the times on offer, as `practitioner/instant`.
pub fn slots(page: &str) -> Vec<String> {
    let of = page.split("name=\"slot\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    of.filter(|slot| !slot.is_empty()).map(str::to_owned).collect()
}

/// Whom the form offers under "With".
fn people(page: &str) -> Vec<&str> {
    let list = page.split("<select id=\"with\"").nth(1).and_then(|rest| rest.split("</select>").next());
    let options = list.unwrap_or_default().split("<option value=\"").skip(1);
    options.filter_map(|rest| rest.split('"').next()).collect()
}

async fn only_who_offers_a_visit_is_to_choose(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    // Pointed at in a column: a visit that they offer, with them.
    let page = form(&at, &format!("day={DAY}&with=ana")).await;
    assert_eq!(people(&page), ["", "ana", "ben", "cem"], "{page}");
    assert!(page.contains("value=\"team\" selected") && page.contains("value=\"ana\" selected"), "{page}");
    assert!(slots(&page).iter().all(|slot| slot.starts_with("ana/")), "{page}");
    // One who alone offers it needs no "Anyone".
    assert_eq!(people(&form(&at, &format!("day={DAY}&service=solo&with=ana")).await), ["solo"]);
    // A room or nobody at all is no person.
    let page = form(&at, &format!("day={DAY}&service=team&with=only-room")).await;
    assert!(!page.contains("value=\"only-room\"") && slots(&page)[0].starts_with("ana/"), "{page}");
    // Whoever changes their own visits alone is offered those.
    let clinician = app.staff_as("lab", Role::Clinician, "solo@example.com").await;
    let id = patient(&app, &clinician).await;
    assert_eq!(people(&form(&clinician, &format!("day={DAY}&with=ana&patient={id}")).await), ["solo"]);
}

/// One whom the caller may see.
async fn patient(app: &TestApp, at: &AtDesk) -> String {
    let visit = visit_of(app).await;
    at.caller.get(&format!("/api/v1/staff/clinics/lab/appointments/{visit}")).await.expect(200).field("patient")
}

async fn the_next_free_times_are_listed_and_book(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    visit_of(&app).await;
    // From the time that was pointed at; ten is taken until 10:35, and a visit needs five minutes more.
    let page = form(&at, &format!("day={DAY}&at={}&service=solo", TEN.replace('+', "%2B"))).await;
    let listed = slots(&page);
    assert_eq!(listed.len(), 9, "{page}");
    assert_eq!(listed[0], "solo/2026-11-24T09:45:00Z", "{listed:?}");
    // What is not free stands there as it was pointed at.
    assert!(page.contains("name=\"time\" type=\"text\" value=\"10:00\""), "{page}");
    let page = form(&at, &format!("day={DAY}&time=11:00&service=solo")).await;
    assert!(page.contains("value=\"solo/2026-11-24T10:00:00Z\" checked"), "{page}");
    let chosen = [("key", "a"), ("time", ""), ("slot", "solo/2026-11-24T10:00:00Z")];
    let booked = at.caller.form("/fn/desk-book", &new_visit(&[&chosen[..], &ADA].concat())).await.expect(303);
    let page = at.caller.get(booked.header("location")).await.expect(200).text;
    assert!(page.contains("Ada Example") && page.contains("11:00 to 11:30"), "{page}");
    // With anyone, the one who is free is booked.
    let anyone = [("key", "b"), ("service", "team"), ("with", ""), ("slot", "ben/2026-11-24T10:00:00Z")];
    let otto = ADA.map(|(name, value)| if name == "family" { (name, "Somebodyelse") } else { (name, value) });
    let otto = otto.map(|(name, value)| if name == "birth-year" { (name, "1951") } else { (name, value) });
    let booked = at.caller.form("/fn/desk-book", &new_visit(&[&anyone[..], &otto].concat())).await.expect(303);
    assert!(at.caller.get(booked.header("location")).await.text.contains("Dr Ben"));
    // A time that was listed for another day than the one that stands there now is not booked.
    let listed =
        [("key", "c"), ("date", "24.11.2026"), ("listed", "2026-11-23"), ("slot", "solo/2026-11-23T10:00:00Z")];
    let refused = at.caller.form("/fn/desk-book", &new_visit(&[&listed[..], &otto].concat())).await.expect(303);
    let page = at.caller.get(refused.header("location")).await.expect(200).text;
    assert!(page.contains("Those times were for another day") && page.contains("Somebodyelse"), "{page}");
    // Opened again, nothing typed is lost; another new visit begins empty.
    assert!(at.caller.get(refused.header("location")).await.text.contains("Somebodyelse"));
    assert!(!form(&at, "service=solo").await.contains("Somebodyelse"));
    // The day as it is typed here is the day that is looked at.
    let typed = form(&at, "day=25.11.2026&service=solo").await;
    assert!(slots(&typed)[0].starts_with("solo/2026-11-2") && typed.contains("name=\"listed\" value=\"2026-11-25\""));
    // The past is offered to nobody, nor days that nobody knows.
    let page = form(&at, "day=1950-01-01&service=solo").await;
    assert!(slots(&page)[0].as_str() > "solo/2026-11-2" && !page.contains("1950-01-01T"), "{page}");
    assert_eq!(slots(&form(&at, "day=9000-12-31&service=solo").await).len(), 9);
}

async fn a_look_at_the_times_loses_nothing_and_does_nothing(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let look = [("key", "a"), ("service", "team"), ("with", "solo"), ("time", ""), ("look", "yes")];
    let led = at.caller.form("/fn/desk-book", &new_visit(&[&look[..], &ADA].concat())).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("value=\"Example\"") && page.contains("030 23125 101"), "{page}");
    assert_eq!(people(&page), ["", "ana", "ben", "cem"]);
    assert!(!page.contains("There is a problem") && slots(&page).len() == 9, "{page}");
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 0);
    // Another new visit begins empty.
    assert!(!form(&at, "").await.contains("value=\"Example\""));
}

async fn what_is_refused_says_so_at_its_field(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let refused = async |more: &[(&str, &str)]| {
        let led = at.caller.form("/fn/desk-book", &new_visit(&[more, &ADA].concat())).await.expect(303);
        at.caller.get(led.header("location")).await.expect(200).text
    };
    let page = refused(&[("key", "a"), ("service", "team"), ("with", "solo")]).await;
    assert!(page.contains("href=\"#with\"") && page.contains("does not offer this visit"), "{page}");
    let page = refused(&[("key", "b"), ("time", "")]).await;
    assert!(page.contains("href=\"#slot\"") && page.contains("Choose one of the free times"), "{page}");
    let page = refused(&[("key", "f"), ("service", "team"), ("with", ""), ("time", "")]).await;
    assert!(page.contains("href=\"#slot\"") && !page.contains("href=\"#with\""), "one mistake is told once: {page}");
    // Of somebody who was chosen before, when there is no script.
    let old = [("key", "c"), ("service", "team"), ("with", "ana"), ("slot", "ben/2026-11-24T10:00:00Z")];
    let page = refused(&old).await;
    assert!(page.contains("That time was with Dr Ben") && slots(&page)[0].starts_with("ana/"), "{page}");
    for slot in ["ben", "nobody/2026-11-24T10:00:00Z", "ben/soon", "/"] {
        assert!(refused(&[("key", "d"), ("slot", slot)]).await.contains("Choose one of these times"), "{slot}");
    }
    // Taken meanwhile: it stands there as it was chosen, and what is free now beside it.
    visit_of(&app).await;
    let page = refused(&[("key", "e"), ("time", ""), ("slot", "solo/2026-11-24T09:00:00Z")]).await;
    assert!(page.contains("href=\"#time\"") && page.contains("This time is taken"), "{page}");
    assert!(page.contains("name=\"time\" type=\"text\" value=\"10:00\""), "{page}");
    assert_eq!(slots(&page)[0], "solo/2026-11-24T09:45:00Z");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
}

async fn a_patients_other_visits_count(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let id = patient(&app, &at).await;
    let query = format!("day={DAY}&time=10:00&service=team&with=ana");
    let first = async |query: String| slots(&form(&at, &query).await).swap_remove(0);
    assert_eq!(first(query.clone()).await, "ana/2026-11-24T09:00:00Z");
    assert_eq!(first(format!("{query}&patient={id}")).await, "ana/2026-11-24T09:30:00Z");
}

async fn the_day_goes_along_to_the_finder_and_back(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    visit_of(&app).await;
    let page = form(&at, &format!("day={DAY}&time=10:00&with=ana")).await;
    let along = format!("day={DAY}&time=10:00&with=ana&service=team");
    let escaped = along.replace('&', "&amp;").replace(':', "%3A");
    assert!(page.contains(&format!("/staff/lab/schedule?day={DAY}\"")), "{page}");
    assert!(page.contains(&format!("/staff/lab/patients?{escaped}\"")), "{page}");
    let fields =
        [("clinic", "lab"), ("q", "khalil"), ("day", DAY), ("time", "10:00"), ("with", "ana"), ("service", "team")];
    let led = at.caller.form("/fn/desk-find", &fields).await.expect(303);
    let found = at.caller.get(led.header("location")).await.expect(200).text;
    let book = found.split("/staff/lab/new?").find(|rest| rest.starts_with("patient=")).expect("a way to book");
    let book = book.split('"').next().unwrap_or_default().replace("&amp;", "&");
    assert!(book.ends_with(&along.replace(':', "%3A")), "{book}");
    let page = form(&at, &book).await;
    assert!(page.contains(&amira().given) && page.contains("value=\"ana\" selected"), "{page}");
    // The week of one goes along, too, and nothing that is no day and nobody.
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}&with=ana")).await.expect(200).text;
    assert!(board.contains(&format!("/staff/lab/new?day={DAY}&amp;with=ana")), "{board}");
    let fields =
        [("clinic", "lab"), ("q", "khalil"), ("day", "\"><b>"), ("time", "soon"), ("with", "//x"), ("service", "?")];
    let led = at.caller.form("/fn/desk-find", &fields).await.expect(303);
    assert_eq!(led.header("location"), "/staff/lab/patients?found=yes");
    assert!(find(&at, "khalil").await.contains("Khalil"));
}

async fn somebody_known_begins_at_a_visit_for_them(app: TestApp) {
    let at = app.staff("riverside", Role::FrontDesk).await;
    let program = app.program("riverside").await;
    let new = of(&Person::number(1));
    let visit = try_to_book(&app, &program, ("riverside", "new-patient"), &new).await.expect(201).field("id");
    let visit = at.caller.get(&format!("/api/v1/staff/clinics/riverside/appointments/{visit}")).await.expect(200);
    let path = format!("/staff/riverside/new?patient={}", visit.field("patient"));
    let page = at.caller.get(&path).await.expect(200).text;
    assert!(page.contains("value=\"new-patient\" selected"), "{page}");
    app.clock.set(app.cx.now() + SignedDuration::from_hours(24 * 60));
    let at = app.staff_as("riverside", Role::FrontDesk, "later@example.com").await;
    let page = at.caller.get(&path).await.expect(200).text;
    assert!(page.contains("value=\"followup\" selected"), "{page}");
}
