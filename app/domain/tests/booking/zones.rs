//! Changes of clocks (booking rule 2), checked against jiff for every change of several years in several zones.

use std::collections::BTreeSet;

use domain::booking::*;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::world::*;

const ZONES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Africa/Casablanca",
];

/// The local days of every change of offset from 2024 to 2030, and one ordinary day.
fn days(zone: &str) -> Vec<Date> {
    let zone = TimeZone::get(zone).unwrap();
    let start: Timestamp = "2024-01-01T00:00Z".parse().unwrap();
    let end: Timestamp = "2031-01-01T00:00Z".parse().unwrap();
    let changes = zone
        .following(start)
        .take_while(|change| change.timestamp() < end)
        .map(|change| zone.to_datetime(change.timestamp()).date());
    changes.chain([date(2028, 2, 29)]).collect()
}

/// Open all the time from the day before to the day after, a start every 15 minutes.
fn around(zone: &str, day: Date) -> World {
    let mut world = World::on(zone, day);
    world.from = day.yesterday().unwrap();
    world.to = day.tomorrow().unwrap();
    world.now -= 3.hours();
    *world.hours() = every_day(&[("00:00", "00:00")]);
    world.settings().grid_interval = 15;
    world.settings().duration = 15;
    world
}

#[test]
fn the_zones_do_change_their_clocks() {
    let changes = ZONES.map(|zone| days(zone).len() - 1);
    // Morocco's future changes are decided from year to year.
    assert_eq!(changes[..6], [14, 14, 0, 14, 0, 14]);
    assert!(changes[6] >= 6);
}

#[test]
fn at_every_change_the_starts_are_the_wall_times_that_exist_once_for_each_time_they_exist() {
    for zone in ZONES {
        for day in days(zone) {
            let world = around(zone, day);
            let mut free = Vec::new();
            let mut skipped = Vec::new();
            for candidate in world.candidates() {
                let start = candidate.span.start.start();
                match candidate.verdict {
                    Verdict::Free(_) => free.push((start, candidate.day)),
                    Verdict::Refused(Reason::SkippedByClock { wall }) => {
                        skipped.push((start, wall));
                    }
                    Verdict::Refused(reason) => panic!("{zone} {day} {start}: {reason:?}"),
                }
            }
            let (mut expected, mut never) = (Vec::new(), Vec::new());
            let midnight = world.from.at(0, 0, 0, 0);
            for step in 0..3 * 96_i64 {
                let wall: DateTime = midnight + (step * 15).minutes();
                let ambiguous = world.zone.to_ambiguous_timestamp(wall);
                match ambiguous.offset() {
                    AmbiguousOffset::Unambiguous { offset } => {
                        expected.push((offset.to_timestamp(wall).unwrap(), wall.date()));
                    }
                    AmbiguousOffset::Fold { before, after } => {
                        expected.push((before.to_timestamp(wall).unwrap(), wall.date()));
                        expected.push((after.to_timestamp(wall).unwrap(), wall.date()));
                    }
                    AmbiguousOffset::Gap { .. } => {
                        never.push((ambiguous.compatible().unwrap(), wall));
                    }
                }
            }
            expected.sort();
            assert_eq!(free, expected, "{zone} {day}");
            assert_eq!(skipped, never, "{zone} {day}");
        }
    }
}

#[test]
fn at_every_change_the_starts_of_three_open_days_fill_their_real_time_without_a_gap() {
    for zone in ZONES {
        for day in days(zone) {
            let world = around(zone, day);
            let free = world.candidates().into_iter().filter(|c| placement(c).is_some());
            let spans: Vec<Span> = free.map(|c| c.span).collect();
            assert!(spans.windows(2).all(|two| two[0].end == two[1].start), "{zone} {day}");
            let start = world.from.to_zoned(world.zone.clone()).unwrap();
            let after = world.to.tomorrow().unwrap();
            let end = after.to_zoned(world.zone.clone()).unwrap();
            assert_eq!(spans.first().unwrap().start.start(), start.timestamp());
            assert_eq!(spans.last().unwrap().end.start(), end.timestamp());
        }
    }
}

#[test]
fn at_every_change_a_night_shift_lasts_as_long_as_the_clock_makes_it() {
    for zone in ZONES {
        for day in days(zone) {
            let mut world = around(zone, day);
            *world.hours() = every_day(&[]);
            let night = exception(day.yesterday().unwrap(), &[("20:00", "08:00")]);
            world.hours().exceptions.push(night);
            let spans: BTreeSet<Span> =
                world.candidates().into_iter().filter(|c| placement(c).is_some()).map(|c| c.span).collect();
            let minutes: i64 = spans.iter().map(|span| span.minutes()).sum();
            let wall = |date: Date, hour| date.at(hour, 0, 0, 0).to_zoned(world.zone.clone());
            let start = wall(day.yesterday().unwrap(), 20).unwrap();
            let end = wall(day, 8).unwrap();
            let expected = end.timestamp().duration_since(start.timestamp());
            assert_eq!(minutes * 60, expected.as_secs(), "{zone} {day}");
        }
    }
}

#[test]
fn at_every_change_each_listed_start_has_the_same_verdict_when_asked_for_alone() {
    for zone in ZONES {
        for day in days(zone) {
            let mut world = around(zone, day);
            world.settings().grid_interval = 60;
            world.settings().duration = 90;
            world.ask(|ask| {
                for candidate in candidates(ask) {
                    let skipped = "skipped_by_clock";
                    let alone = verdict_at(ask, DOCTOR, candidate.span.start);
                    if code(&candidate.verdict) == skipped {
                        assert_ne!(code(&alone.verdict), skipped);
                    } else {
                        assert_eq!(alone, candidate);
                    }
                }
            });
        }
    }
}

/// Sunday in New York: 02:00 to 03:00 does not exist.
const SPRING: Date = date(2026, 3, 8);
/// Sunday in New York: 01:00 to 02:00 comes twice.
const AUTUMN: Date = date(2026, 11, 1);

#[test]
fn a_skipped_hour_is_never_free_and_says_so() {
    let mut world = World::on("America/New_York", SPRING);
    *world.hours() = every_day(&[("01:30", "04:00")]);
    assert_eq!(world.free(), "01:30-05:00 03:00-04:00 03:30-04:00");
    let skipped: Vec<Reason> = world
        .candidates()
        .into_iter()
        .filter_map(|c| match c.verdict {
            Verdict::Refused(reason) => Some(reason),
            Verdict::Free(_) => None,
        })
        .collect();
    let wall = |minute| Reason::SkippedByClock { wall: SPRING.at(2, minute, 0, 0) };
    assert_eq!(skipped, [wall(0), wall(30)]);
    // Also in a window that opened the day before.
    *world.hours() = every_day(&[("22:00", "04:00")]);
    assert_eq!(world.walls("skipped_by_clock"), "03:00-04:00 03:30-04:00");
}

#[test]
fn a_skipped_time_is_mentioned_only_where_the_hours_would_have_offered_it() {
    let mut world = World::on("America/New_York", SPRING);
    *world.hours() = every_day(&[("03:00", "04:00")]);
    assert_eq!(world.walls("skipped_by_clock"), "");
    *world.hours() = every_day(&[("02:30", "03:30")]);
    assert_eq!(world.walls("skipped_by_clock"), "03:30-04:00");
    world.hours().exceptions.push(exception(SPRING, &[]));
    assert_eq!(world.walls("skipped_by_clock"), "");
    assert_eq!(world.walls("away"), "03:00-04:00");
}

#[test]
fn a_skipped_time_says_so_whatever_else_is_wrong_with_it() {
    let mut world = World::on("America/New_York", SPRING);
    *world.hours() = every_day(&[("02:00", "04:00")]);
    world.patient().blocked = Some("a reason".into());
    assert_eq!(world.walls("skipped_by_clock"), "03:00-04:00 03:30-04:00");
    assert_eq!(world.walls("blocked"), "03:00-04:00 03:30-04:00");
}

#[test]
fn a_repeated_hour_gives_two_starts_told_apart_by_their_offset() {
    let mut world = World::on("America/New_York", AUTUMN);
    *world.hours() = every_day(&[("00:30", "02:30")]);
    assert_eq!(world.free(), "00:30-04:00 01:00-04:00 01:30-04:00 01:00-05:00 01:30-05:00 02:00-05:00");
    // Each of the two is a time of its own.
    world.visit(DOCTOR, 0, "01:30", [0, 30, 0]);
    assert_eq!(world.free(), "00:30-04:00 01:00-04:00 01:00-05:00 01:30-05:00 02:00-05:00");
}

#[test]
fn a_window_that_opens_in_a_gap_opens_when_the_gap_ends() {
    let mut world = World::on("America/New_York", SPRING);
    world.settings().grid_interval = 15;
    *world.hours() = every_day(&[("02:30", "03:45")]);
    assert_eq!(world.free(), "03:00-04:00 03:15-04:00");
}

#[test]
fn a_window_that_closes_in_a_gap_closes_when_the_gap_begins() {
    let mut world = World::on("America/New_York", SPRING);
    world.settings().grid_interval = 15;
    *world.hours() = every_day(&[("01:00", "02:30")]);
    assert_eq!(world.free(), "01:00-05:00 01:15-05:00 01:30-05:00");
    assert_eq!(world.walls("ends_after_closing"), "01:45-05:00");
    // A window within the gap is not there at all.
    *world.hours() = every_day(&[("02:10", "02:50")]);
    assert_eq!(world.free(), "");
}

#[test]
fn an_ambiguous_opening_is_the_earlier_one_and_an_ambiguous_closing_the_later() {
    let mut world = World::on("America/New_York", AUTUMN);
    *world.hours() = every_day(&[("01:30", "03:00")]);
    assert!(world.free().starts_with("01:30-04:00 01:00-05:00"));
    *world.hours() = every_day(&[("00:00", "01:30")]);
    assert!(world.free().ends_with("01:30-04:00 01:00-05:00"));
    let close = "01:30".parse().unwrap();
    world.settings().duration = 60;
    // The later 01:00 would end at 02:00.
    let all = world.candidates();
    let last = all.last().unwrap();
    assert_eq!(last.verdict, Verdict::Refused(Reason::EndsAfterClosing { close }));
}

#[test]
fn half_an_hour_is_skipped_and_repeated_on_lord_howe() {
    let mut world = World::on("Australia/Lord_Howe", date(2026, 10, 4));
    *world.hours() = every_day(&[("01:30", "03:00")]);
    assert_eq!(world.free(), "01:30+10:30 02:30+11:00");
    let mut world = World::on("Australia/Lord_Howe", date(2026, 4, 5));
    *world.hours() = every_day(&[("01:00", "02:30")]);
    assert_eq!(world.free(), "01:00+11:00 01:30+11:00 01:30+10:30 02:00+10:30");
}

#[test]
fn zones_off_the_hour_have_their_grid_on_their_own_midnight() {
    for (zone, wall) in [("Asia/Kathmandu", "09:00"), ("Asia/Kolkata", "09:00")] {
        let mut world = World::on(zone, date(2026, 3, 3));
        world.settings().grid_interval = 60;
        assert!(world.free().starts_with(wall));
    }
    let world = World::on("Asia/Kathmandu", date(2026, 3, 3));
    let first = world.candidates()[0].span.start.start();
    assert_eq!(first.to_string(), "2026-03-03T03:15:00Z");
}

#[test]
fn clocks_that_change_at_midnight_leave_no_start_out_and_list_none_twice() {
    // Cairo skips 00:00 to 01:00 on a Friday and repeats 23:00 to 24:00 on a Thursday.
    let mut world = around("Africa/Cairo", date(2026, 4, 24));
    world.settings().grid_interval = 60;
    let starts = |world: &World| {
        let free = world.candidates().into_iter().filter(|c| placement(c).is_some());
        free.map(|c| c.span.start).collect::<Vec<_>>()
    };
    assert_eq!(starts(&world).len(), 71);
    let mut world = around("Africa/Cairo", date(2026, 10, 29));
    world.settings().grid_interval = 60;
    let autumn = starts(&world);
    assert_eq!(autumn.len(), 73);
    assert!(autumn.is_sorted());
}

#[test]
fn a_change_that_repeats_both_sides_of_midnight_keeps_the_starts_in_order() {
    // Until 2011 the clocks of Newfoundland went from 00:01 back to 23:01.
    let mut world = World::on("America/St_Johns", date(2010, 11, 6));
    world.to = date(2010, 11, 7);
    *world.hours() = every_day(&[("23:00", "01:00")]);
    let starts: Vec<_> = world.candidates().iter().map(|c| (c.span.start.start().to_string(), c.day.day())).collect();
    let at = |time: &str, day| (format!("2010-11-{time}:00Z"), day);
    let night = [
        at("07T01:30", 6),
        at("07T02:00", 6),
        at("07T02:30", 7),
        at("07T03:00", 6),
        at("07T03:30", 7),
        at("07T04:00", 7),
    ];
    assert_eq!(starts[2..8], night);
    let after = world.ask(|ask| next_free(ask, world.cell("2010-11-07T00:00"), 2));
    let days: Vec<i8> = after.iter().map(|c| c.day.day()).collect();
    assert_eq!(days, [7, 6]);
}

#[test]
fn a_skipped_time_is_listed_after_the_real_one_at_its_instant() {
    // In Nuuk 23:00 to 24:00 of a Saturday is skipped, and read as Sunday's first hour.
    let mut world = World::on("America/Nuuk", date(2026, 3, 28));
    world.to = date(2026, 3, 29);
    *world.hours() = every_day(&[("23:00", "01:00")]);
    let night: Vec<_> = world.candidates().iter().skip(2).take(4).map(|c| (c.day.day(), code(&c.verdict))).collect();
    let (free, skipped) = ((29, "free"), (28, "skipped_by_clock"));
    assert_eq!(night, [free, skipped, free, skipped]);
}

#[test]
fn a_day_that_a_country_skipped_has_no_start() {
    // Samoa went from 29 to 31 December 2011.
    let mut world = around("Pacific/Apia", date(2011, 12, 30));
    world.settings().grid_interval = 60;
    let days: BTreeSet<Date> =
        world.candidates().into_iter().filter(|c| placement(c).is_some()).map(|c| c.day).collect();
    assert_eq!(days, BTreeSet::from([date(2011, 12, 29), date(2011, 12, 31)]));
}
