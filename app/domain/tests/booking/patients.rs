//! Eligibility, the patient's own time and limits (booking rules 18 and 20).

use domain::booking::*;
use jiff::civil::{Date, date};

use crate::world::*;

const DAY: Date = date(2026, 3, 3);

fn berlin() -> World {
    World::on("Europe/Berlin", DAY)
}

fn aged(birth: Date, day: Date, min: Option<u32>, max: Option<u32>) -> &'static str {
    let mut world = World::on("Europe/Berlin", day);
    world.eligibility.min_age = min;
    world.eligibility.max_age = max;
    world.patient().birth_date = Some(birth);
    world.at("09:00")
}

#[test]
fn age_counts_on_the_day_of_the_visit_not_on_the_day_of_booking() {
    let birth = date(2008, 3, 3);
    // Booked the day before: still 17 then.
    assert_eq!(aged(birth, date(2026, 3, 3), Some(18), None), "free");
    assert_eq!(aged(birth, date(2026, 3, 2), Some(18), None), "too_young");
    assert_eq!(aged(birth, date(2026, 3, 3), None, Some(17)), "too_old");
    assert_eq!(aged(birth, date(2026, 3, 2), None, Some(17)), "free");
}

#[test]
fn somebody_born_on_29_february_turns_older_on_1_march_in_other_years() {
    let birth = date(2008, 2, 29);
    assert_eq!(aged(birth, date(2026, 2, 28), Some(18), None), "too_young");
    assert_eq!(aged(birth, date(2026, 3, 1), Some(18), None), "free");
    assert_eq!(aged(birth, date(2028, 2, 28), Some(20), None), "too_young");
    assert_eq!(aged(birth, date(2028, 2, 29), Some(20), None), "free");
}

#[test]
fn a_child_not_yet_born_counts_as_newborn() {
    let birth = date(2026, 5, 1);
    assert_eq!(aged(birth, DAY, Some(0), Some(1)), "free");
    assert_eq!(aged(birth, DAY, Some(1), None), "too_young");
}

#[test]
fn new_and_established_patients_are_told_apart() {
    let mut world = berlin();
    world.eligibility.established = Some(true);
    world.patient().established = Some(false);
    assert_eq!(world.at("09:00"), "only_established");
    world.patient().established = Some(true);
    assert_eq!(world.at("09:00"), "free");
    world.eligibility.established = Some(false);
    assert_eq!(world.at("09:00"), "only_new");
}

#[test]
fn a_missing_referral_refuses_and_a_given_one_does_not() {
    let mut world = berlin();
    world.eligibility.referral = true;
    world.patient().intake = Some(Intake::default());
    assert_eq!(world.at("09:00"), "needs_referral");
    world.patient().intake = Some(Intake { referral: true, ..Default::default() });
    assert_eq!(world.at("09:00"), "free");
}

#[test]
fn a_visit_for_one_sex_refuses_the_other_alone() {
    use domain::patient::AdministrativeGender::*;
    let mut world = berlin();
    world.eligibility.sex = Some(Female);
    for (own, said) in [(Male, "other_sex"), (Female, "free"), (Other, "free"), (Unknown, "free")] {
        world.patient().sex = Some(own);
        assert_eq!(world.at("09:00"), said, "{own:?}");
    }
}

#[test]
fn what_a_service_asks_is_said_before_it_is_had() {
    let mut world = berlin();
    world.eligibility.payers = vec![Payer::Private];
    let question = Question {
        slug: "metal".into(),
        ask: "Do you have metal in your body?".into(),
        must_be: Some(false),
        otherwise: "Please ring us.".into(),
    };
    world.eligibility.questions = vec![question];
    let said = |payer, metal: Option<bool>| Intake {
        referral: false,
        payer,
        answers: metal.into_iter().map(|yes| ("metal".to_owned(), yes)).collect(),
    };
    for (payer, metal, verdict) in [
        (None, Some(false), "needs_payer"),
        (Some(Payer::Public), Some(false), "other_payer"),
        (Some(Payer::Private), None, "needs_answer"),
        (Some(Payer::Private), Some(true), "other_answer"),
        (Some(Payer::Private), Some(false), "free"),
    ] {
        world.patient().intake = Some(said(payer, metal));
        assert_eq!(world.at("09:00"), verdict);
    }
    world.patient().intake = None;
    assert_eq!(world.at("09:00"), "free");
}

#[test]
fn unknown_facts_are_not_held_against_anybody() {
    let mut world = berlin();
    world.eligibility = Eligibility {
        established: Some(true),
        min_age: Some(18),
        max_age: Some(20),
        referral: true,
        ..Default::default()
    };
    world.settings().max_active_per_patient = Some(0);
    assert_eq!(world.at("09:00"), "free");
    world.settings().max_active_per_patient = None;
    *world.patient() = PatientFacts::default();
    assert_eq!(world.at("09:00"), "free");
}

#[test]
fn a_block_is_shown_with_its_reason_on_every_start() {
    let mut world = berlin();
    world.patient().blocked = Some("Please call us first".into());
    assert_eq!(world.walls("blocked").split(' ').count(), 6);
    let reason = "Please call us first".into();
    assert_eq!(world.reason_at("09:00"), Reason::Blocked { reason });
}

#[test]
fn a_patient_is_not_in_two_places_and_buffers_are_not_the_patients() {
    let mut world = berlin();
    world.settings().buffer_before = 15;
    world.settings().buffer_after = 15;
    let busy = Span::new(world.cell("09:30"), world.cell("10:00"));
    world.patient().busy = vec![busy];
    assert_eq!(world.walls("patient_busy"), "09:30");
    assert_eq!(world.free(), "09:00 10:00 10:30 11:00 11:30");
}

#[test]
fn only_visits_ahead_count_as_active() {
    let mut world = berlin();
    world.settings().max_active_per_patient = Some(2);
    let starts = ["2026-03-01T09:00", "2026-03-02T00:00", "2026-05-01T09:00"];
    world.patient().same_service = starts.map(|wall| world.cell(wall)).to_vec();
    // Now is 2 March, 00:00: a visit that starts now is not ahead.
    assert_eq!(world.at("09:00"), "free");
    let another = world.cell("2026-06-01T09:00");
    world.patient().same_service.push(another);
    assert_eq!(world.reason_at("09:00"), Reason::TooManyActive { most: 2 });
}

#[test]
fn visits_of_a_period_count_on_both_sides_of_the_new_one() {
    let mut world = berlin();
    world.settings().max_per_period = Some(2);
    world.settings().per_patient_period_days = Some(7);
    let around = ["2026-02-28T09:00", "2026-03-06T09:00"];
    world.patient().same_service = around.map(|wall| world.cell(wall)).to_vec();
    let reason = Reason::TooManyInPeriod { most: 2, days: 7 };
    assert_eq!(world.reason_at("09:00"), reason);
    // Eight days from the first to the last: no seven days hold both.
    world.patient().same_service[1] = world.cell("2026-03-07T09:00");
    assert_eq!(world.at("09:00"), "free");
    // Without a period the number means nothing.
    world.patient().same_service[1] = world.cell("2026-03-06T09:00");
    world.settings().per_patient_period_days = None;
    assert_eq!(world.at("09:00"), "free");
}

#[test]
fn a_period_is_counted_in_local_days() {
    let mut world = World::on("America/New_York", DAY);
    world.settings().max_per_period = Some(1);
    world.settings().per_patient_period_days = Some(1);
    // 23:30 in New York is the next day in UTC.
    world.patient().same_service = vec![world.cell("2026-03-02T23:30")];
    assert_eq!(world.at("09:00"), "free");
    world.patient().same_service = vec![world.cell("2026-03-03T23:30")];
    assert_eq!(world.at("09:00"), "too_many_in_period");
}
