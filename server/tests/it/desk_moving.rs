//! The page on which a visit is moved: its next free times, and what was pointed at on the board.

use domain::staff::Role;
use testkit::{Answer, AtDesk, TestApp, on_both_engines};

use super::{
    desk::{DAY, visit_of},
    desk_new_visit::slots,
};

on_both_engines![
    free_times_are_listed_and_one_tap_moves,
    what_was_pointed_at_says_why_not,
    a_look_moves_nothing_and_mistakes_lose_nothing,
    what_cannot_move_has_no_page,
    the_second_of_a_time_that_comes_twice_is_not_taken_for_the_first,
];

async fn page(at: &AtDesk, visit: &str, query: &str) -> String {
    at.caller.get(&format!("/staff/lab/visits/{visit}/move?{query}")).await.expect(200).text
}

async fn send(at: &AtDesk, visit: &str, version: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("clinic", "lab"), ("visit", visit), ("version", version)][..], more].concat();
    at.caller.form("/fn/desk-move", &fields).await.expect(303)
}

async fn starts(at: &AtDesk, visit: &str) -> String {
    at.caller.get(&format!("/api/v1/staff/clinics/lab/appointments/{visit}")).await.expect(200).field("start")
}

async fn free_times_are_listed_and_one_tap_moves(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let shown = page(&at, &visit, "time=9:30").await;
    // Its own time is no obstacle: half past nine ends in it. Where it is, it need not move to.
    let listed = slots(&shown);
    assert_eq!(listed.len(), 9, "{shown}");
    assert!(listed.contains(&"solo/2026-11-24T08:45:00Z".to_owned()), "{listed:?}");
    assert!(!listed.contains(&"solo/2026-11-24T09:00:00Z".to_owned()), "{listed:?}");
    assert!(shown.contains("Nobody is told") || shown.contains("told by email"), "{shown}");
    // The day stands there as it is typed here.
    assert!(shown.contains("value=\"24.11.2026\""), "{shown}");
    let chosen = [("with", "solo"), ("date", "24.11.2026"), ("listed", DAY), ("slot", "solo/2026-11-24T10:00:00Z")];
    let led = send(&at, &visit, "1", &chosen).await;
    assert_eq!(led.header("location"), format!("/staff/lab/visits/{visit}"));
    assert_eq!(starts(&at, &visit).await, "2026-11-24T11:00:00+01:00");
    // Sent again, it is another version's: nothing moves, and the page says so.
    let later = [("with", "solo"), ("date", "24.11.2026"), ("time", "15:00")];
    let led = send(&at, &visit, "1", &later).await;
    let shown = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(shown.contains("Somebody changed this visit"), "{shown}");
    assert_eq!(starts(&at, &visit).await, "2026-11-24T11:00:00+01:00");
}

async fn what_was_pointed_at_says_why_not(app: TestApp) {
    let (desk, manager) = (app.staff("lab", Role::FrontDesk).await, app.staff("lab", Role::Manager).await);
    let visit = visit_of(&app).await;
    let off = "with=solo&at=2026-11-24T11:05:00Z";
    let asked = page(&manager, &visit, off).await;
    assert!(
        asked.contains("There is a problem") && asked.contains("Why does the rule not count this once?"),
        "{asked}"
    );
    assert!(asked.contains("name=\"time\" type=\"text\" value=\"12:05\""), "{asked}");
    assert_eq!(slots(&asked).len(), 9, "{asked}");
    // Whoever may not override reads why, and who may.
    let told = page(&desk, &visit, off).await;
    assert!(
        told.contains("A manager can do it all the same") && !told.contains("Why does the rule not count this once?"),
        "{told}"
    );
    // A free place is no problem, and chosen.
    let free = page(&manager, &visit, "with=solo&at=2026-11-24T11:00:00Z").await;
    assert!(!free.contains("There is a problem"), "{free}");
    assert!(free.contains("value=\"solo/2026-11-24T11:00:00Z\" checked"), "{free}");
    let why =
        [("with", "solo"), ("date", "24.11.2026"), ("time", "12:05"), ("against", "off_grid"), ("why", "She waits")];
    send(&manager, &visit, "1", &why).await;
    assert_eq!(starts(&desk, &visit).await, "2026-11-24T12:05:00+01:00");
    let page = desk.caller.get(&format!("/staff/lab/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("between the usual starts") && page.contains("She waits"), "{page}");
}

async fn a_look_moves_nothing_and_mistakes_lose_nothing(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let look = [("with", "solo"), ("date", "25.11.2026"), ("time", ""), ("look", "yes")];
    let led = send(&at, &visit, "1", &look).await;
    let shown = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(shown.contains("value=\"25.11.2026\"") && !shown.contains("There is a problem"), "{shown}");
    assert!(slots(&shown).iter().all(|slot| slot.as_str() >= "solo/2026-11-24T23"), "{shown}");
    let led = send(&at, &visit, "1", &[("with", "solo"), ("date", "someday"), ("time", "noon")]).await;
    let shown = at.caller.get(led.header("location")).await.expect(200).text;
    for kept in ["someday", "noon", "Enter the day, like 23.11.2026", "Enter the time, like 9:30"] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    assert_eq!(starts(&at, &visit).await, "2026-11-24T10:00:00+01:00");
}

async fn what_cannot_move_has_no_page(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    let visit = visit_of(&app).await;
    let own = format!("/staff/lab/visits/{visit}");
    let cancel = [("clinic", "lab"), ("visit", visit.as_str()), ("version", "1"), ("step", "cancel")];
    at.caller.form("/fn/desk-step", &cancel).await.expect(303);
    let led = at.caller.get(&format!("{own}/move")).await.expect(303);
    assert_eq!(led.header("location"), own);
    // Nor another's, for whoever has their own schedule alone.
    let other = app.staff_as("lab", Role::Clinician, "ana@example.com").await;
    assert!([303, 404].contains(&other.caller.get(&format!("{own}/move")).await.status));
}

async fn the_second_of_a_time_that_comes_twice_is_not_taken_for_the_first(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let visit = visit_of(&app).await;
    // Half past two on the night of the clock change, before and after.
    let first = page(&at, &visit, "with=solo&at=2027-10-31T00:30:00Z").await;
    assert!(first.contains("name=\"time\" type=\"text\" value=\"2:30\""), "{first}");
    assert!(first.contains("value=\"solo/2027-10-31T00:30:00Z\" checked"), "{first}");
    let second = page(&at, &visit, "with=solo&at=2027-10-31T01:30:00Z").await;
    assert!(second.contains("this is the second") && !second.contains("value=\"2:30\""), "{second}");
    assert!(!second.contains("Z\" checked"), "{second}");
}
