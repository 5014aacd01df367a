//! Windows, closures, absences and the grid (booking rules 2, 3 and 4).

use domain::booking::*;
use jiff::civil::{Date, date};

use crate::world::*;

/// A Tuesday without a change of clocks.
const DAY: Date = date(2026, 3, 3);

fn berlin() -> World {
    World::on("Europe/Berlin", DAY)
}

#[test]
fn a_start_on_every_grid_point_of_the_window_and_the_last_one_that_does_not_fit_is_explained() {
    let mut world = berlin();
    world.settings().duration = 45;
    assert_eq!(world.free(), "09:00 09:30 10:00 10:30 11:00");
    assert_eq!(world.walls("ends_after_closing"), "11:30");
    let close = "12:00".parse().unwrap();
    assert_eq!(world.reason_at("11:30"), Reason::EndsAfterClosing { close });
}

#[test]
fn what_is_not_listed_is_refused_with_its_reason() {
    let world = berlin();
    assert_eq!(world.at("08:30"), "outside_hours");
    assert_eq!(world.at("12:00"), "outside_hours");
    assert_eq!(world.at("09:05"), "off_grid");
    let somebody_else = world.ask(|ask| verdict_at(ask, id(99), world.cell("09:00")));
    assert_eq!(somebody_else.verdict, Verdict::Refused(Reason::NotOffered));
}

#[test]
fn the_grid_is_anchored_to_midnight_not_to_the_window() {
    let mut world = berlin();
    *world.hours() = every_day(&[("09:10", "11:00")]);
    world.settings().grid_interval = 40;
    // 40-minute steps from midnight: 9:20, 10:00, 10:40.
    assert_eq!(world.free(), "09:20 10:00");
    world.settings().grid_offset = 15;
    assert_eq!(world.free(), "09:35 10:15");
    // An offset of more than a step is the same grid.
    world.settings().grid_offset = 15 + 40 * 20;
    assert_eq!(world.free(), "09:35 10:15");
}

#[test]
fn touching_and_overlapping_windows_are_one_and_a_gap_is_not_bridged() {
    let mut world = berlin();
    world.settings().duration = 60;
    *world.hours() = every_day(&[("10:00", "11:00"), ("09:00", "10:00")]);
    assert_eq!(world.free(), "09:00 09:30 10:00");
    *world.hours() = every_day(&[("09:00", "10:30"), ("09:30", "11:00")]);
    assert_eq!(world.free(), "09:00 09:30 10:00");
    *world.hours() = every_day(&[("09:00", "10:00"), ("10:05", "11:05")]);
    assert_eq!(world.free(), "09:00");
    assert_eq!(world.walls("ends_after_closing"), "09:30 10:30 11:00");
}

#[test]
fn a_window_that_ends_at_or_before_its_start_ends_the_next_day() {
    let mut world = berlin();
    world.settings().grid_interval = 120;
    *world.hours() = every_day(&[("22:00", "02:30")]);
    assert_eq!(world.free(), "00:00 02:00 22:00");
    // A visit over midnight lies in one window.
    world.settings().duration = 4 * 60;
    assert_eq!(world.free(), "22:00");
    *world.hours() = every_day(&[("00:00", "00:00")]);
    world.settings().duration = 30;
    world.settings().grid_interval = 6 * 60;
    assert_eq!(world.free(), "00:00 06:00 12:00 18:00");
    // Round the clock there is no closing time, however long the visit.
    world.settings().duration = 200 * 60;
    assert_eq!(world.free(), "00:00 06:00 12:00 18:00");
}

#[test]
fn a_start_after_midnight_is_listed_under_its_own_day_though_its_window_opened_the_day_before() {
    let mut world = berlin();
    *world.hours() = weekdays(1..=1, &[("22:00", "01:00")]);
    // DAY is the Tuesday after.
    assert_eq!(world.free(), "00:00 00:30");
    assert!(world.candidates().iter().all(|c| c.day == DAY));
}

#[test]
fn weekly_hours_hold_between_their_dates() {
    let mut world = berlin();
    world.hours().weekly.iter_mut().for_each(|w| {
        w.from = Some(DAY);
        w.until = Some(DAY);
    });
    world.from = DAY.yesterday().unwrap();
    world.to = DAY.tomorrow().unwrap();
    let days: Vec<Date> = world.candidates().iter().map(|c| c.day).collect();
    assert_eq!(days, [DAY; 6]);
}

#[test]
fn a_closed_day_says_so_for_every_start_it_takes_away() {
    let mut world = berlin();
    world.closures.push(Closure {
        from: DAY.yesterday().unwrap(),
        until: DAY,
        reason: "Shrove Tuesday".into(),
        holiday: true,
    });
    assert_eq!(world.walls("closed"), "09:00 09:30 10:00 10:30 11:00 11:30");
    assert_eq!(world.free(), "");
    let reason = Reason::Closed { reason: "Shrove Tuesday".into(), holiday: true };
    assert_eq!(world.reason_at("09:00"), reason);
    world.closures[0].until = DAY.yesterday().unwrap();
    assert_eq!(world.walls("closed"), "");
}

#[test]
fn a_closure_counts_for_the_day_of_the_start_whenever_its_window_opened() {
    let mut world = berlin();
    *world.hours() = every_day(&[("23:00", "01:00")]);
    world.from = DAY.yesterday().unwrap();
    world.to = DAY.tomorrow().unwrap();
    world.closures.push(Closure { from: DAY, until: DAY, reason: "Stocktaking".into(), holiday: false });
    assert_eq!(world.walls("closed"), "00:00 00:30 23:00 23:30");
    assert_eq!(world.free(), "00:00 00:30 23:00 23:30 00:00 00:30 23:00 23:30");
}

#[test]
fn an_exception_without_windows_is_an_absence_with_its_note() {
    let mut world = berlin();
    let mut leave = exception(DAY, &[]);
    leave.note = Some("On leave".into());
    world.hours().exceptions.push(leave);
    assert_eq!(world.walls("away"), "09:00 09:30 10:00 10:30 11:00 11:30");
    let note = Some("On leave".into());
    assert_eq!(world.reason_at("10:00"), Reason::Away { note });
    assert_eq!(world.at("13:00"), "outside_hours");
}

#[test]
fn an_absence_takes_the_window_that_opens_on_its_day_also_after_midnight() {
    let mut world = berlin();
    *world.hours() = every_day(&[("23:00", "01:00")]);
    world.hours().exceptions.push(exception(DAY, &[]));
    world.to = DAY.tomorrow().unwrap();
    // The night before is worked; the night that opens on DAY is not.
    assert_eq!(world.free(), "00:00 00:30 23:00 23:30");
    assert_eq!(world.walls("away"), "23:00 23:30 00:00 00:30");
}

#[test]
fn hours_that_another_window_gives_back_are_not_away() {
    let mut world = berlin();
    // Monday night runs into Tuesday morning; Tuesday itself is away.
    *world.hours() = weekdays(1..=1, &[("20:00", "10:00")]);
    world.hours().weekly.extend(every_day(&[("09:00", "11:00")]).weekly);
    world.hours().exceptions.push(exception(DAY, &[]));
    assert!(world.free().ends_with("08:30 09:00 09:30"));
    assert_eq!(world.walls("away"), "10:00 10:30");
}

#[test]
fn an_exceptions_windows_replace_the_weekly_ones() {
    let mut world = berlin();
    let shorter = exception(DAY, &[("11:00", "13:00")]);
    world.hours().exceptions.push(shorter);
    assert_eq!(world.free(), "11:00 11:30 12:00 12:30");
    // Shorter hours are no absence, also when there is one on another day.
    world.hours().exceptions.push(exception(DAY.tomorrow().unwrap(), &[]));
    assert_eq!(world.candidates().len(), 4);
    assert_eq!(world.at("09:00"), "outside_hours");
}

#[test]
fn an_exceptions_settings_hold_on_its_date_only() {
    let mut world = berlin();
    let mut slower = exception(DAY, &[("09:00", "12:00")]);
    slower.settings.duration = Some(90);
    slower.settings.grid_interval = Some(90);
    world.hours().exceptions.push(slower);
    assert_eq!(world.free(), "09:00 10:30");
    world.from = DAY.tomorrow().unwrap();
    world.to = world.from;
    assert_eq!(world.free(), "09:00 09:30 10:00 10:30 11:00 11:30");
}

#[test]
fn the_clinics_exception_changes_everybodys_settings_on_its_date_and_no_hours() {
    let mut world = berlin();
    world.practitioner(id(2), every_day(&[("10:00", "11:00")]));
    let mut slower = exception(DAY, &[]);
    slower.settings.duration = Some(60);
    slower.settings.grid_interval = Some(60);
    world.exceptions.push(slower);
    // At 10:00 both of them.
    assert_eq!(world.free(), "09:00 10:00 10:00 11:00");
    world.from = DAY.tomorrow().unwrap();
    world.to = world.from;
    assert_eq!(world.free(), "09:00 09:30 10:00 10:00 10:30 10:30 11:00 11:30");
}

#[test]
fn a_practitioners_own_exception_wins_over_the_clinics_field_by_field() {
    let mut world = berlin();
    let mut slower = exception(DAY, &[]);
    slower.settings.duration = Some(60);
    slower.settings.grid_interval = Some(60);
    world.exceptions.push(slower);
    let mut own = exception(DAY, &[("09:00", "12:00")]);
    own.settings.duration = Some(90);
    world.hours().exceptions.push(own);
    assert_eq!(world.free(), "09:00 10:00");
    assert_eq!(world.at("11:00"), "ends_after_closing");
}

#[test]
fn a_leap_day_is_a_day_like_any_other() {
    let mut world = World::on("America/New_York", date(2028, 2, 29));
    assert_eq!(world.free(), "09:00 09:30 10:00 10:30 11:00 11:30");
    world.from = date(2028, 2, 28);
    world.to = date(2028, 3, 1);
    let mut days: Vec<Date> = world.candidates().iter().map(|c| c.day).collect();
    days.dedup();
    assert_eq!(days, [world.from, date(2028, 2, 29), world.to]);
}

#[test]
fn a_practitioner_without_hours_is_never_there() {
    let mut world = berlin();
    world.resources.get_mut(&DOCTOR).unwrap().hours = None;
    assert_eq!(world.candidates(), []);
    assert_eq!(world.at("09:00"), "outside_hours");
}

#[test]
fn candidates_come_in_order_of_start_then_practitioner() {
    let mut world = berlin();
    // The later id comes first in the question.
    world.offers.clear();
    world.practitioner(id(9), every_day(&[("09:00", "10:30")]));
    world.practitioner(id(4), every_day(&[("09:30", "10:30")]));
    let order: Vec<_> = world.candidates().iter().map(|c| (c.span.start, c.practitioner)).collect();
    let [nine, half, ten] = ["09:00", "09:30", "10:00"].map(|wall| world.cell(wall));
    let expected = [(nine, id(9)), (half, id(4)), (half, id(9)), (ten, id(4)), (ten, id(9))];
    assert_eq!(order, expected);
}

#[test]
fn next_free_gives_the_first_free_ones_at_or_after_a_time() {
    let mut world = berlin();
    world.to = DAY.tomorrow().unwrap();
    world.visit(DOCTOR, 0, "11:00", [0, 30, 0]);
    let after = world.cell("10:30");
    let next = world.ask(|ask| next_free(ask, after, 3));
    let starts: Vec<Cell> = next.iter().map(|c| c.span.start).collect();
    let expected = ["10:30", "11:30", "2026-03-04T09:00"].map(|wall| world.cell(wall));
    assert_eq!(starts, expected);
    assert!(next.iter().all(|c| placement(c).is_some()));
    assert_eq!(world.ask(|ask| next_free(ask, after, 0)), []);
    assert_eq!(world.ask(|ask| next_free(ask, after, 100)).len(), 8);
}

#[test]
fn read_span_reaches_as_far_as_any_visit_it_may_list_with_its_buffers() {
    let mut world = berlin();
    *world.hours() = every_day(&[("00:00", "00:00")]);
    let mut longer = exception(DAY, &[("00:00", "00:00")]);
    longer.settings.duration = Some(120);
    longer.settings.buffer_before = Some(25);
    world.hours().exceptions.push(longer);
    world.settings().buffer_after = 10;
    let span = world.ask(|ask| ask.occupancy.span());
    assert_eq!(span.start, world.cell("2026-03-02T23:35"));
    assert_eq!(span.end, world.cell("2026-03-04T02:10"));
    let last = world.placement_at("23:30");
    assert_eq!(last.padded.end, world.cell("2026-03-04T01:40"));
}
