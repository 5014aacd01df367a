//! Past, notice, range, horizon, and the order in which reasons win (booking rules 6, 7 and 25).

use domain::booking::*;
use domain::patient::AdministrativeGender;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};

use crate::world::*;

/// A Tuesday.
const DAY: Date = date(2026, 3, 3);

fn berlin() -> World {
    World::on("Europe/Berlin", DAY)
}

fn at(world: &World, wall: &str) -> Timestamp {
    world.cell(wall).start()
}

#[test]
fn a_start_before_now_has_passed_and_one_at_now_has_not() {
    let mut world = berlin();
    world.now = at(&world, "10:00");
    assert_eq!(world.at("09:30"), "in_the_past");
    assert_eq!(world.at("10:00"), "free");
    world.now += 1.nanosecond();
    assert_eq!(world.at("10:00"), "in_the_past");
    assert_eq!(world.at("10:30"), "free");
}

#[test]
fn notice_is_counted_to_the_minute_and_the_first_possible_time_is_named() {
    let mut world = berlin();
    world.settings().notice_book = 90;
    world.now = at(&world, "08:30");
    assert_eq!(world.at("10:00"), "free");
    world.now = at(&world, "08:35");
    let reason = world.reason_at("10:00");
    let first = at(&world, "10:30");
    assert_eq!(reason, Reason::TooSoon { notice_minutes: 90, first });
    assert_eq!(
        reason.sentence(&world.zone),
        "Needs 1 hour and 30 minutes' notice. The first possible time is 10:30 on Tuesday 3 March."
    );
    assert_eq!(world.walls("too_soon"), "09:00 09:30 10:00");
}

fn first_possible(world: &World, wall: &str) -> Timestamp {
    match world.reason_at(wall) {
        Reason::TooSoon { first, .. } => first,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_possible_time_lies_within_the_hours_and_is_named_though_it_is_taken() {
    let mut world = berlin();
    world.settings().notice_book = 4 * 60;
    world.now = at(&world, "09:00");
    // 13:00 is after closing: tomorrow at nine, which somebody has.
    world.visit(DOCTOR, 0, "2026-03-04T09:00", [0, 60, 0]);
    let tomorrow = at(&world, "2026-03-04T09:00");
    assert_eq!(first_possible(&world, "11:00"), tomorrow);
    // Nor is a closed or absent day possible.
    world.closures.push(Closure {
        from: DAY.tomorrow().unwrap(),
        until: DAY.tomorrow().unwrap(),
        reason: "Works".into(),
        holiday: false,
    });
    world.hours().exceptions.push(exception(date(2026, 3, 5), &[]));
    let friday = at(&world, "2026-03-06T09:00");
    assert_eq!(first_possible(&world, "11:00"), friday);
    // Nor is a visit that would end after closing.
    world.hours().exceptions.push(exception(date(2026, 3, 6), &[("11:40", "12:20")]));
    let saturday = at(&world, "2026-03-07T09:00");
    assert_eq!(first_possible(&world, "11:00"), saturday);
}

#[test]
fn the_first_possible_time_may_be_weeks_away_and_is_never_out_of_range() {
    let mut world = berlin();
    world.settings().notice_book = 4 * 60;
    world.now = at(&world, "09:00");
    let back = date(2026, 4, 20);
    let mut day = DAY.tomorrow().unwrap();
    while day < back {
        world.hours().exceptions.push(exception(day, &[]));
        day = day.tomorrow().unwrap();
    }
    let first = at(&world, "2026-04-20T09:00");
    assert_eq!(first_possible(&world, "11:00"), first);
    // When the range ends before, only the end of the notice is left to name.
    world.settings().bookable_until = Some(date(2026, 4, 19));
    assert_eq!(first_possible(&world, "11:00"), at(&world, "13:00"));
}

#[test]
fn a_day_with_shorter_notice_may_come_first() {
    let mut world = berlin();
    world.settings().notice_book = 3 * 24 * 60;
    world.now = at(&world, "08:00");
    assert_eq!(first_possible(&world, "09:00"), at(&world, "2026-03-06T09:00"));
    let mut urgent = exception(date(2026, 3, 4), &[("09:00", "12:00")]);
    urgent.settings.notice_book = Some(26 * 60);
    world.hours().exceptions.push(urgent);
    assert_eq!(first_possible(&world, "09:00"), at(&world, "2026-03-04T10:00"));
}

#[test]
fn a_day_on_which_the_clinic_asks_less_notice_may_come_first() {
    let mut world = berlin();
    world.settings().notice_book = 3 * 24 * 60;
    world.now = at(&world, "08:00");
    let mut urgent = exception(date(2026, 3, 4), &[]);
    urgent.settings.notice_book = Some(26 * 60);
    world.exceptions.push(urgent);
    assert_eq!(first_possible(&world, "09:00"), at(&world, "2026-03-04T10:00"));
}

#[test]
fn without_any_open_time_ahead_the_end_of_the_notice_is_named() {
    let mut world = berlin();
    world.settings().notice_book = 60;
    world.now = at(&world, "08:30") + 1.minute();
    world.hours().weekly.iter_mut().for_each(|w| w.until = Some(DAY));
    world.hours().exceptions.push(exception(DAY, &[("09:00", "09:30")]));
    assert_eq!(first_possible(&world, "09:00"), at(&world, "09:35"));
}

#[test]
fn booking_and_moving_have_notices_of_their_own_and_staff_have_none() {
    let mut world = berlin();
    world.settings().notice_book = 60;
    world.settings().notice_move = 120;
    world.now = at(&world, "09:00");
    assert_eq!(world.walls("too_soon"), "09:00 09:30");
    world.purpose = Purpose::Move;
    assert_eq!(world.walls("too_soon"), "09:00 09:30 10:00 10:30");
    world.purpose = Purpose::Staff;
    assert_eq!(world.walls("too_soon"), "");
}

#[test]
fn the_last_bookable_day_is_today_and_the_horizon() {
    let mut world = berlin();
    world.settings().horizon_days = 1;
    // Now is the day before DAY.
    assert_eq!(world.at("09:00"), "free");
    world.settings().horizon_days = 0;
    let last = DAY.yesterday().unwrap();
    assert_eq!(world.reason_at("09:00"), Reason::TooFarAhead { last });
    // Today is the clinic's: 23:30 on 2 March in Berlin is still that day, half an hour later it is not.
    world.settings().horizon_days = 1;
    world.from = date(2026, 3, 4);
    world.to = world.from;
    world.now = at(&world, "2026-03-02T23:30");
    assert_eq!(world.at("09:00"), "too_far_ahead");
    world.now = at(&world, "2026-03-03T00:00");
    assert_eq!(world.at("09:00"), "free");
}

#[test]
fn a_fixed_range_includes_both_ends_and_the_narrower_of_range_and_horizon_counts() {
    let mut world = berlin();
    world.settings().bookable_from = Some(DAY);
    world.settings().bookable_until = Some(DAY);
    assert_eq!(world.at("09:00"), "free");
    assert_eq!(world.reason_at("2026-03-02T09:00"), Reason::BeforeRange { first: DAY });
    assert_eq!(world.reason_at("2026-03-04T09:00"), Reason::TooFarAhead { last: DAY });
    world.settings().bookable_until = Some(date(2027, 1, 1));
    world.settings().horizon_days = 1;
    assert_eq!(world.reason_at("2026-03-04T09:00"), Reason::TooFarAhead { last: DAY });
}

#[test]
fn staff_are_not_asked_about_past_notice_range_or_limits_but_about_all_else() {
    let mut world = berlin();
    world.purpose = Purpose::Staff;
    world.now = at(&world, "10:00");
    world.settings().notice_book = 600;
    world.settings().notice_move = 600;
    world.settings().horizon_days = -1;
    world.settings().bookable_from = Some(date(2027, 1, 1));
    world.settings().max_active_per_patient = Some(0);
    world.settings().max_per_period = Some(0);
    world.settings().per_patient_period_days = Some(1);
    world.patient();
    assert_eq!(world.at("09:00"), "free");
    assert_eq!(world.at("12:00"), "outside_hours");
    assert_eq!(world.at("11:35"), "off_grid");
    world.patient().busy = vec![Span::new(world.cell("09:00"), world.cell("09:05"))];
    assert_eq!(world.at("09:00"), "patient_busy");
    world.visit(DOCTOR, 0, "09:00", [0, 30, 0]);
    assert_eq!(world.at("09:00"), "taken");
    world.eligibility.established = Some(true);
    world.patient().established = Some(false);
    assert_eq!(world.at("09:00"), "only_established");
}

/// Everything is wrong with 09:00 at first; each repair uncovers the next reason.
#[test]
fn reasons_win_in_the_documented_order() {
    let mut world = berlin();
    let room = id(50);
    world.room(room, Some(every_day(&[("20:00", "21:00")])));
    world.needs(&[room]);
    world.visit(DOCTOR, 0, "09:00", [0, 30, 0]);
    world.settings().duration = 60;
    world.settings().notice_book = 60;
    world.settings().horizon_days = 0;
    world.settings().max_active_per_patient = Some(0);
    world.settings().max_per_period = Some(0);
    world.settings().per_patient_period_days = Some(1);
    world.now = at(&world, "2026-03-03T09:05");
    world.closures.push(Closure { from: DAY, until: DAY, reason: "Works".into(), holiday: false });
    world.hours().exceptions.push(exception(DAY, &[]));
    world.eligibility = Eligibility {
        established: Some(true),
        sex: Some(AdministrativeGender::Female),
        min_age: Some(18),
        referral: true,
        ..Default::default()
    };
    let busy = Span::new(world.cell("09:00"), world.cell("10:00"));
    *world.patient() = PatientFacts {
        birth_date: Some(date(2020, 1, 1)),
        established: Some(false),
        sex: Some(AdministrativeGender::Male),
        intake: Some(Intake::default()),
        blocked: Some("unpaid bill".into()),
        busy: vec![busy],
        same_service: Vec::new(),
    };
    type Repair = fn(&mut World);
    let steps: [(&str, Repair); 18] = [
        ("blocked", |w| w.patient().blocked = None),
        ("only_established", |w| w.patient().established = None),
        ("other_sex", |w| w.patient().sex = None),
        ("too_young", |w| w.patient().birth_date = None),
        ("needs_referral", |w| w.patient().intake = None),
        ("in_the_past", |w| w.now = at(w, "2026-03-02T09:05")),
        ("too_far_ahead", |w| {
            w.settings().horizon_days = 1;
            w.now = at(w, "2026-03-03T08:30");
        }),
        ("too_soon", |w| w.now = at(w, "2026-03-03T07:00")),
        ("closed", |w| w.closures.clear()),
        ("away", |w| {
            w.hours().exceptions[0].windows = windows(&[("10:00", "12:00")]);
        }),
        ("outside_hours", |w| {
            w.hours().exceptions[0].windows = windows(&[("08:55", "09:30")]);
            w.settings().grid_offset = 5;
        }),
        ("off_grid", |w| w.settings().grid_offset = 0),
        ("ends_after_closing", |w| w.hours().exceptions.clear()),
        ("taken", |w| {
            w.visits.clear();
            w.visit(DOCTOR, 0, "10:00", [5, 30, 0]);
        }),
        ("too_close_to_another", |w| w.visits.clear()),
        ("room_away", |w| w.room(id(50), None)),
        ("patient_busy", |w| w.patient().busy.clear()),
        ("too_many_active", |w| w.settings().max_active_per_patient = None),
    ];
    for (expected, repair) in steps {
        assert_eq!(world.at("09:00"), expected);
        repair(&mut world);
    }
    assert_eq!(world.at("09:00"), "too_many_in_period");
    world.settings().max_per_period = None;
    assert_eq!(world.at("09:00"), "free");
}
