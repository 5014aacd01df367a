use uuid::Uuid;

use super::super::bitmap::row_span;
use super::*;

const ROOM: ResourceId = ResourceId(Uuid::from_u128(1));

fn taken(start: i64, end: i64, before: i64, after: i64) -> Taken {
    let body = Span::new(Cell(start), Cell(end));
    Taken { body, padded: Span::new(Cell(start - before), Cell(end + after)) }
}

fn places(occupancy: &Occupancy, start: i64, (length, before, after): (i64, i64, i64), gap: Gap) -> Places {
    let shape = Shape { length, before, after, gap };
    occupancy.of(ROOM).unwrap().openings(shape).places(Cell(start))
}

fn room(capacity: u16) -> Occupancy {
    let mut occupancy = Occupancy::new(Span::new(Cell(0), Cell(1000)));
    occupancy.add_resource(ROOM, capacity);
    occupancy
}

#[test]
fn with_the_larger_gap_two_buffers_share_the_time_between_visits() {
    let mut occupancy = room(1);
    occupancy.add(ROOM, 0, taken(10, 20, 1, 3));
    // The earlier visit wants 3 cells after it, the later one 2 before it: 3 suffice.
    let fit = |start| places(&occupancy, start, (5, 2, 0), Gap::Larger).nearest;
    assert_eq!(fit(23), Fit::Free);
    assert_eq!(fit(22), Fit::Buffer);
    assert_eq!(fit(19), Fit::Body);
}

#[test]
fn with_the_larger_gap_the_newcomers_own_buffer_keeps_its_distance_too() {
    let mut occupancy = room(1);
    occupancy.add(ROOM, 0, taken(10, 20, 0, 1));
    let fit = |start| places(&occupancy, start, (5, 4, 0), Gap::Larger).nearest;
    assert_eq!(fit(24), Fit::Free);
    assert_eq!(fit(23), Fit::Buffer);
}

#[test]
fn with_the_summed_gap_the_buffers_follow_each_other() {
    let mut occupancy = room(1);
    occupancy.add(ROOM, 0, taken(10, 20, 1, 3));
    let fit = |start| places(&occupancy, start, (5, 2, 0), Gap::Sum).nearest;
    assert_eq!(fit(25), Fit::Free);
    assert_eq!(fit(24), Fit::Buffer);
    assert_eq!(fit(19), Fit::Body);
}

#[test]
fn every_lane_is_a_place_of_its_own() {
    let mut occupancy = room(3);
    let visit = taken(10, 20, 0, 0);
    let at_ten = |occupancy: &Occupancy| {
        let places = places(occupancy, 10, (10, 0, 0), Gap::Larger);
        (places.first, places.free)
    };
    assert_eq!(at_ten(&occupancy), (Some(0), 3));
    occupancy.add(ROOM, 0, visit);
    occupancy.add(ROOM, 2, visit);
    assert_eq!(at_ten(&occupancy), (Some(1), 1));
    occupancy.add(ROOM, 1, visit);
    assert_eq!(at_ten(&occupancy), (None, 0));
}

#[test]
fn a_lane_above_a_lowered_capacity_counts_its_minutes_and_is_never_offered() {
    let mut occupancy = room(1);
    occupancy.add(ROOM, 4, taken(10, 16, 2, 2));
    let later = places(&occupancy, 100, (10, 0, 0), Gap::Larger);
    assert_eq!((later.first, later.free), (Some(0), 1));
    assert_eq!(occupancy.minutes(ROOM, occupancy.span()), 30);
}

#[test]
fn whoever_stands_above_the_capacity_takes_a_place() {
    let visit = taken(10, 20, 0, 2);
    let mut occupancy = room(1);
    occupancy.add(ROOM, 0, visit);
    occupancy.add(ROOM, 1, visit);
    // The first one is called off; the one that was booked beside it comes.
    occupancy.release(ROOM, 0, visit, &[]);
    let shape = Shape { length: 5, before: 0, after: 0, gap: Gap::Larger };
    let openings = occupancy.of(ROOM).unwrap().openings(shape);
    let at = |start| openings.places(Cell(start));
    assert_eq!((at(12).first, at(12).free, at(12).nearest), (None, 0, Fit::Body));
    assert_eq!((at(20).free, at(20).nearest), (0, Fit::Buffer));
    assert_eq!((at(22).first, at(22).free), (Some(0), 1));
    // Of three places, lowered to two while three stood there, one that leaves makes no room, and two do.
    let mut group = room(2);
    (0..3).for_each(|lane| group.add(ROOM, lane, visit));
    for (gone, free) in [(0, 0), (1, 1)] {
        group.release(ROOM, gone, visit, &[]);
        assert_eq!(places(&group, 10, (10, 0, 0), Gap::Larger).free, free);
    }
}

#[test]
fn a_deliberate_double_booking_takes_a_lane_of_its_own() {
    let mut occupancy = room(1);
    let settings = Settings { duration: 50, buffer_before: 0, buffer_after: 0, ..Settings::default() };
    assert_eq!(occupancy.lane_beside(ROOM, &settings, Cell(10)), 0);
    occupancy.add(ROOM, 0, taken(10, 20, 0, 0));
    assert_eq!(occupancy.lane_beside(ROOM, &settings, Cell(10)), 1);
    assert_eq!(occupancy.lane_beside(ROOM, &settings, Cell(20)), 0);
    occupancy.add(ROOM, 1, taken(10, 20, 0, 0));
    assert_eq!(occupancy.lane_beside(ROOM, &settings, Cell(15)), 2);
    // And is offered to nobody else.
    assert_eq!(places(&occupancy, 15, (5, 0, 0), Gap::Larger).first, None);
}

#[test]
fn what_was_not_loaded_is_taken() {
    let occupancy = room(1);
    assert!(occupancy.of(ResourceId(Uuid::from_u128(2))).is_none());
    assert_eq!(places(&occupancy, 995, (5, 0, 1), Gap::Larger).nearest, Fit::Body);
    assert_eq!(places(&occupancy, 995, (5, 0, 0), Gap::Larger).nearest, Fit::Free);
    assert_eq!(places(&occupancy, 2, (5, 3, 0), Gap::Larger).nearest, Fit::Body);
}

#[test]
fn stored_rows_are_what_was_added() {
    let visit = taken(9210, 9220, 3, 3);
    let mut stored = Occupancy::new(Span::new(row_span(0).start, row_span(1).end));
    stored.add_resource(ROOM, 1);
    stored.add(ROOM, 0, visit);
    let lane = &stored.resources[&ROOM].taken[&0];
    let mut read = Occupancy::new(Span::new(Cell(9000), Cell(9300)));
    read.add_resource(ROOM, 1);
    for row in 0..=1 {
        let (body, padded) = (lane.body.row_bytes(row), lane.padded.row_bytes(row));
        read.load(ROOM, 0, row, &body, &padded).unwrap();
    }
    assert_eq!(read.minutes(ROOM, read.span()), 50);
    assert_eq!(places(&read, 9220, (5, 0, 0), Gap::Larger).nearest, Fit::Buffer);
    assert_eq!(places(&read, 9223, (2, 0, 0), Gap::Larger).nearest, Fit::Free);
    assert!(read.load(ROOM, 0, 0, &[0; 1152], &[0; 3]).is_err());
}

#[test]
fn releasing_a_visit_leaves_the_buffer_it_shared_to_its_neighbour() {
    let (earlier, later) = (taken(10, 20, 0, 4), taken(24, 30, 4, 0));
    let mut occupancy = room(1);
    occupancy.add(ROOM, 0, earlier);
    occupancy.add(ROOM, 0, later);
    occupancy.release(ROOM, 0, earlier, &[later]);
    let fit = |length| places(&occupancy, 10, (length, 0, 0), Gap::Larger).nearest;
    assert_eq!(fit(10), Fit::Free);
    assert_eq!(fit(11), Fit::Buffer);
}
