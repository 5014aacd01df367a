//! Buffers, capacity, rooms and devices (booking rules 5, 9 and 10).

use domain::booking::*;
use domain::ids::ResourceId;
use jiff::civil::{Date, date};

use crate::world::*;

const DAY: Date = date(2026, 3, 3);
const ROOM: ResourceId = id(50);
const OTHER_ROOM: ResourceId = id(40);
const DEVICE: ResourceId = id(60);

fn berlin() -> World {
    World::on("Europe/Berlin", DAY)
}

#[test]
fn a_taken_time_is_refused_and_its_neighbours_are_not() {
    let mut world = berlin();
    world.visit(DOCTOR, 0, "10:00", [0, 40, 0]);
    assert_eq!(world.walls("taken"), "10:00 10:30");
    assert_eq!(world.free(), "09:00 09:30 11:00 11:30");
}

#[test]
fn buffers_may_hang_outside_the_hours_and_bodies_may_not() {
    let mut world = berlin();
    world.settings().buffer_before = 60;
    world.settings().buffer_after = 60;
    assert_eq!(world.free(), "09:00 09:30 10:00 10:30 11:00 11:30");
    let padded = world.placement_at("09:00").padded;
    let expected = Span::new(world.cell("08:00"), world.cell("10:30"));
    assert_eq!(padded, expected);
}

#[test]
fn the_larger_buffer_is_the_gap_unless_the_setting_says_their_sum() {
    let mut world = berlin();
    world.settings().grid_interval = 5;
    world.settings().buffer_before = 10;
    // 09:00 to 09:30, and 15 minutes after it.
    world.visit(DOCTOR, 0, "09:00", [0, 30, 15]);
    assert_eq!(world.at("09:25"), "taken");
    assert_eq!(world.at("09:40"), "too_close_to_another");
    assert_eq!(world.at("09:45"), "free");
    world.settings().gap = Gap::Sum;
    assert_eq!(world.at("09:50"), "too_close_to_another");
    assert_eq!(world.at("09:55"), "free");
    // The newcomer's own buffer counts when it is the larger.
    world.settings().gap = Gap::Larger;
    world.settings().buffer_before = 30;
    assert_eq!(world.at("09:55"), "too_close_to_another");
    assert_eq!(world.at("10:00"), "free");
}

#[test]
fn a_group_visit_shows_the_places_left_and_fills_the_lowest_lane() {
    let mut world = berlin();
    world.resources.get_mut(&DOCTOR).unwrap().capacity = 3;
    assert_eq!(world.placement_at("09:00").places, 3);
    world.visit(DOCTOR, 0, "09:00", [0, 30, 0]);
    world.visit(DOCTOR, 2, "09:00", [0, 30, 0]);
    let last = world.placement_at("09:00");
    assert_eq!((last.places, last.lanes), (1, vec![(DOCTOR, 1)]));
    world.visit(DOCTOR, 1, "09:00", [0, 30, 0]);
    assert_eq!(world.at("09:00"), "taken");
    assert_eq!(world.placement_at("09:30").places, 3);
}

#[test]
fn a_visit_above_the_capacity_takes_a_place_like_any_other() {
    let mut world = berlin();
    world.visit(DOCTOR, 4, "09:00", [0, 30, 0]);
    assert_eq!(world.at("09:00"), "taken");
    world.resources.get_mut(&DOCTOR).unwrap().capacity = 2;
    let left = world.placement_at("09:00");
    assert_eq!((left.places, left.lanes), (1, vec![(DOCTOR, 0)]));
    world.visit(DOCTOR, 1, "09:00", [0, 30, 0]);
    assert_eq!(world.at("09:00"), "taken");
}

#[test]
fn one_lane_too_close_says_so_rather_than_taken() {
    let mut world = berlin();
    world.resources.get_mut(&DOCTOR).unwrap().capacity = 2;
    world.visit(DOCTOR, 0, "09:00", [0, 30, 0]);
    world.visit(DOCTOR, 1, "09:30", [5, 30, 0]);
    assert_eq!(world.at("09:00"), "too_close_to_another");
}

#[test]
fn a_need_takes_the_first_of_its_rooms_that_is_free_and_open() {
    let mut world = berlin();
    world.room(ROOM, None);
    world.room(OTHER_ROOM, Some(every_day(&[("09:30", "11:00")])));
    world.needs(&[ROOM, OTHER_ROOM]);
    world.visit(ROOM, 0, "09:00", [0, 90, 0]);
    assert_eq!(world.at("09:00"), "room_taken");
    assert_eq!(world.placement_at("09:30").lanes, [(DOCTOR, 0), (OTHER_ROOM, 0)]);
    assert_eq!(world.placement_at("10:30").lanes, [(DOCTOR, 0), (ROOM, 0)]);
}

#[test]
fn a_room_must_be_open_for_the_whole_visit() {
    let mut world = berlin();
    world.settings().duration = 60;
    world.room(ROOM, Some(every_day(&[("09:30", "11:00")])));
    world.needs(&[ROOM]);
    assert_eq!(world.walls("room_away"), "09:00 10:30 11:00");
    assert_eq!(world.free(), "09:30 10:00");
    let rules = world.resources.get_mut(&ROOM).unwrap();
    let hours = rules.hours.as_mut().unwrap();
    hours.exceptions.push(exception(DAY, &[]));
    assert_eq!(world.free(), "");
}

#[test]
fn a_buffer_keeps_the_room_busy_too() {
    let mut world = berlin();
    world.settings().buffer_after = 15;
    world.room(ROOM, None);
    world.needs(&[ROOM]);
    world.visit(ROOM, 0, "10:00", [0, 30, 0]);
    assert_eq!(world.walls("room_taken"), "09:30 10:00");
    world.settings().buffer_after = 0;
    assert_eq!(world.walls("room_taken"), "10:00");
}

#[test]
fn a_room_nobody_knows_does_not_exist() {
    let mut world = berlin();
    world.needs(&[id(77)]);
    assert_eq!(world.at("09:00"), "room_away");
}

#[test]
fn two_needs_never_get_the_same_room() {
    let mut world = berlin();
    world.room(ROOM, None);
    world.room(OTHER_ROOM, None);
    world.needs(&[ROOM, OTHER_ROOM]);
    world.needs(&[ROOM, OTHER_ROOM]);
    // Lanes are sorted by resource.
    let lanes = [(DOCTOR, 0), (OTHER_ROOM, 0), (ROOM, 0)];
    assert_eq!(world.placement_at("09:00").lanes, lanes);
    world.visit(OTHER_ROOM, 0, "09:00", [0, 30, 0]);
    assert_eq!(world.at("09:00"), "room_taken");
    // Nor two lanes of one room.
    world.resources.get_mut(&ROOM).unwrap().capacity = 2;
    assert_eq!(world.at("09:00"), "room_taken");
}

#[test]
fn an_earlier_need_makes_room_for_one_that_has_no_choice() {
    let mut world = berlin();
    for room in [ROOM, OTHER_ROOM, DEVICE] {
        world.room(room, None);
    }
    world.needs(&[ROOM, OTHER_ROOM]);
    world.needs(&[ROOM, DEVICE]);
    world.needs(&[ROOM]);
    let lanes = [(DOCTOR, 0), (OTHER_ROOM, 0), (ROOM, 0), (DEVICE, 0)];
    assert_eq!(world.placement_at("09:00").lanes, lanes);
    world.visit(DEVICE, 0, "09:00", [0, 30, 0]);
    assert_eq!(world.at("09:00"), "room_taken");
}

#[test]
fn the_practitioner_is_not_their_own_room() {
    let mut world = berlin();
    world.resources.get_mut(&DOCTOR).unwrap().capacity = 2;
    world.needs(&[DOCTOR]);
    assert_eq!(world.at("09:00"), "room_away");
}

#[test]
fn the_places_of_a_visit_are_those_of_its_scarcest_resource() {
    let mut world = berlin();
    world.resources.get_mut(&DOCTOR).unwrap().capacity = 5;
    world.room(ROOM, None);
    world.resources.get_mut(&ROOM).unwrap().capacity = 3;
    world.needs(&[ROOM]);
    world.visit(ROOM, 0, "09:00", [0, 30, 0]);
    assert_eq!(world.placement_at("09:00").places, 2);
    assert_eq!(world.placement_at("09:30").places, 3);
}

#[test]
fn time_that_was_not_loaded_is_taken() {
    let world = berlin();
    let narrow = Span::new(world.cell("09:00"), world.cell("10:15"));
    let verdicts = world.ask_within(narrow, candidates);
    let codes: Vec<_> = verdicts.iter().map(|c| code(&c.verdict)).collect();
    assert_eq!(codes, ["free", "free", "taken", "taken", "taken", "taken"]);
}
