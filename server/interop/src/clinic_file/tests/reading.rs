use domain::booking::{Closure, Gap, SettingsPatch};
use domain::clinic::{Mode, ResourceKind};
use jiff::civil::date;

use super::*;

fn plan(text: &str) -> domain::clinic::ClinicPlan {
    parse("x", text).unwrap_or_else(|all| panic!("{all:#?}"))
}

#[test]
fn every_setting_arrives_in_its_field() {
    let settings = r#"duration = "1 h 30 min"
buffer_before = 5
buffer_after = "10 min"
gap = "sum"
grid = "20 min"
grid_offset = 10
notice_book = "4 h"
notice_move = "2 days"
notice_cancel = "1 week"
horizon = "2 weeks"
bookable_from = 2026-12-01
bookable_until = "2027-02-28"
hold = 7
hold_most = "20 min"
waitlist = false
waitlist_offer = "2 h"
max_active = 3
max_per_period = 4
period = "30 days"
needs_approval = true"#;
    let text = changed(r#"duration = "15 min""#, settings).0;
    let expected = SettingsPatch {
        duration: Some(90),
        buffer_before: Some(5),
        buffer_after: Some(10),
        gap: Some(Gap::Sum),
        grid_interval: Some(20),
        grid_offset: Some(10),
        notice_book: Some(240),
        notice_move: Some(2880),
        notice_cancel: Some(10_080),
        horizon_days: Some(14),
        bookable_from: Some(date(2026, 12, 1)),
        bookable_until: Some(date(2027, 2, 28)),
        hold_minutes: Some(7),
        hold_minutes_most: Some(20),
        waitlist: Some(false),
        waitlist_offer_minutes: Some(120),
        max_active_per_patient: Some(3),
        max_per_period: Some(4),
        per_patient_period_days: Some(30),
        needs_approval: Some(true),
    };
    assert_eq!(plan(&text).services[0].settings, expected);
}

#[test]
fn settings_arrive_at_the_level_that_states_them() {
    let text = SMALL
        .replace("name = \"Riverside\"\n\n[clinic]", "name = \"Riverside\"\nbooking = { horizon = 30 }\n\n[clinic]")
        .replace("date = 2026-12-08", "date = 2026-12-08\nbooking = { duration = 25 }")
        .replace("services = [\"followup\"]", "services = [\"followup\"]\nbooking = { hold = 5 }")
        .replace("[[rooms]]", "[practitioners.differs.followup]\nduration = 20\n\n[[rooms]]");
    let plan = plan(&text);
    let weber = &plan.resources[0];
    assert_eq!(plan.tenant.settings, SettingsPatch { horizon_days: Some(30), ..Default::default() });
    assert_eq!(plan.clinic.settings, SettingsPatch { grid_interval: Some(15), ..Default::default() });
    assert_eq!(plan.services[0].settings, SettingsPatch { duration: Some(15), ..Default::default() });
    assert_eq!(weber.settings, SettingsPatch { hold_minutes: Some(5), ..Default::default() });
    let offering = &plan.services[0].offered_by[0];
    assert_eq!(offering.practitioner, "weber");
    assert_eq!(offering.settings, SettingsPatch { duration: Some(20), ..Default::default() });
    let exception = &weber.hours.as_ref().unwrap().exceptions[0];
    assert_eq!(exception.settings, SettingsPatch { duration: Some(25), ..Default::default() });
    assert_eq!((exception.date, exception.note.as_deref()), (date(2026, 12, 8), Some("On leave")));
    assert_eq!(exception.windows, []);
}

#[test]
fn what_is_not_stated_has_its_default() {
    let plan = plan(SMALL);
    assert_eq!(plan.clinic.zone_name, "Berlin");
    assert_eq!(plan.clinic.languages, ["en"]);
    assert_eq!(plan.clinic.address.latitude, None);
    assert!(plan.clinic.opening.weekly.is_empty());
    let closure =
        Closure { from: date(2026, 12, 24), until: date(2026, 12, 24), reason: "Christmas".into(), holiday: false };
    assert_eq!(plan.clinic.closures, [closure]);
    let service = &plan.services[0];
    assert_eq!((service.mode, service.price), (Mode::InPerson, Some(3400)));
    assert_eq!(service.eligibility.min_age, Some(18));
    assert_eq!((service.eligibility.established, service.eligibility.referral), (None, false));
    let room = &plan.resources[1];
    assert_eq!((room.kind, room.capacity, &room.hours), (ResourceKind::Room, 1, &None));
}

#[test]
fn degrees_are_kept_as_written_and_zones_as_the_database_has_them() {
    let text = SMALL
        .replace("country = \"DE\"", "country = \"DE\"\nlatitude = -52.5200\nlongitude = \"013.40\"")
        .replace("Europe/Berlin", "europe/berlin");
    let clinic = plan(&text).clinic;
    assert_eq!(clinic.address.latitude.as_deref(), Some("-52.5200"));
    assert_eq!(clinic.address.longitude.as_deref(), Some("013.40"));
    assert_eq!(clinic.zone, "Europe/Berlin");
}
