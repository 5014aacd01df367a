//! Random rules and occupancy: the engine against the reference, and against itself.

use domain::booking::invariants::{Allocation, overlapping};
use domain::booking::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::generated::{SECOND, world};
use crate::reference::Reference;
use crate::world::*;

/// The candidates that stand for an instant of their own, without the wall times that the clock skips.
fn real(all: Vec<Candidate>) -> Vec<Candidate> {
    let skipped = "skipped_by_clock";
    all.into_iter().filter(|c| code(&c.verdict) != skipped).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_lists_and_judges_as_the_reference_does(
        world in world(),
        others in vec((-900..900_i64, any::<bool>()), 40),
    ) {
        let reference = Reference::new(&world);
        world.ask(|ask| {
            let listed = real(candidates(ask));
            let starts: Vec<_> = listed.iter().map(|c| (c.span.start, c.practitioner)).collect();
            prop_assert_eq!(&starts, &reference.listed());
            for candidate in &listed {
                let said = reference.said(candidate.practitioner, candidate.span.start);
                prop_assert_eq!(code(&candidate.verdict), said, "{:?}", candidate);
                let alone = verdict_at(ask, candidate.practitioner, candidate.span.start);
                prop_assert_eq!(&alone, candidate);
            }
            let noon = world.zone.to_ambiguous_timestamp(world.from.at(12, 0, 0, 0)).later().unwrap();
            for (cells, doctor) in others {
                let start = Cell(Cell::containing(noon).0 + cells);
                let practitioner = if doctor { DOCTOR } else { SECOND };
                if starts.contains(&(start, practitioner)) || !ask.occupancy.span().contains(Span::new(start, start)) {
                    continue;
                }
                let day = world.zone.to_datetime(start.start()).date();
                if day < world.from || day > world.to {
                    continue;
                }
                let verdict = verdict_at(ask, practitioner, start).verdict;
                prop_assert_ne!(code(&verdict), "free");
                prop_assert_eq!(code(&verdict), reference.said(practitioner, start));
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_free_candidate_is_placed_on_free_lanes_of_its_practitioner_and_of_every_need(world in world()) {
        let reference = Reference::new(&world);
        for candidate in world.candidates() {
            let Some(found) = placement(&candidate) else { continue };
            let offer = world.offers.iter().find(|o| o.practitioner == candidate.practitioner).unwrap();
            let settings = reference.settings(offer, candidate.day.at(12, 0, 0, 0));
            prop_assert_eq!(candidate.span.minutes(), settings.duration);
            prop_assert_eq!(found.padded, candidate.span.widened(settings.buffer_before, settings.buffer_after));
            prop_assert_eq!(found.lanes.len(), 1 + offer.needs.len());
            prop_assert!(found.lanes.is_sorted_by(|a, b| a.0 < b.0));
            prop_assert!(found.lanes.iter().any(|(id, _)| *id == candidate.practitioner));
            let mut places = u16::MAX;
            for (id, lane) in &found.lanes {
                let free = reference.lanes(*id, candidate.span.start, &settings);
                prop_assert_eq!(free.first(), Some(lane));
                places = places.min(free.len() as u16);
                let needed = offer.needs.iter().any(|need| need.any_of.contains(id));
                prop_assert!(needed || *id == candidate.practitioner);
            }
            for need in &offer.needs {
                prop_assert!(found.lanes.iter().any(|(id, _)| need.any_of.contains(id)));
            }
            prop_assert_eq!(found.places, places);
        }
    }

    #[test]
    fn booking_one_free_time_after_the_other_never_overlaps_and_ends_when_none_is_left(mut world in world()) {
        // Start from visits that respect each other.
        let mut kept: Vec<Allocation> = Vec::new();
        for visit in std::mem::take(&mut world.visits) {
            kept.push(visit);
            if !overlapping(&kept).is_empty() {
                kept.pop();
            }
        }
        world.visits = kept;
        world.patient = None;
        let listed = world.candidates().iter().filter(|c| placement(c).is_some()).count();
        let mut booked = 0;
        while let [next] = world.ask(|ask| next_free(ask, Cell(i64::MIN / 400), 1)).as_slice() {
            let found = placement(next).unwrap();
            for (resource, lane) in found.lanes {
                let (body, padded) = (next.span, found.padded);
                world.visits.push(Allocation { resource, lane, body, padded });
            }
            booked += 1;
        }
        prop_assert_eq!(overlapping(&world.visits), vec![]);
        prop_assert_eq!(booked > 0, listed > 0);
        prop_assert!(world.candidates().iter().all(|c| placement(c).is_none()));
    }

    #[test]
    fn next_free_is_the_free_part_of_the_list(world in world(), cells in -400..400_i64, n in 0..9_usize) {
        let after = Cell(world.cell("12:00").0 + cells);
        let expected: Vec<_> = world
            .candidates()
            .into_iter()
            .filter(|c| c.span.start >= after && placement(c).is_some())
            .take(n)
            .collect();
        prop_assert_eq!(world.ask(|ask| next_free(ask, after, n)), expected);
    }

    #[test]
    fn what_read_span_loads_is_enough(world in world()) {
        let narrow = world.candidates();
        let span = world.ask(|ask| ask.occupancy.span());
        let wide = world.ask_within(span.widened(5 * 24 * 60, 5 * 24 * 60), candidates);
        prop_assert_eq!(narrow, wide);
    }

    #[test]
    fn asking_day_by_day_gives_the_same_answers(mut world in world()) {
        let mut whole = world.candidates();
        let mut days = Vec::new();
        let (mut day, to) = (world.from, world.to);
        while day <= to {
            (world.from, world.to) = (day, day);
            days.extend(world.candidates());
            day = day.tomorrow().unwrap();
        }
        let key = |c: &Candidate| (c.day, c.span, c.practitioner, format!("{:?}", c.verdict));
        whole.sort_by_key(key);
        days.sort_by_key(key);
        prop_assert_eq!(whole, days);
    }
}
