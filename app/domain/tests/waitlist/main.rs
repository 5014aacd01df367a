//! The waitlist's rules: who is asked next and why, what fits, and when nobody is asked.

use domain::{
    ids::ResourceId,
    waitlist::{
        Days, LEAST_MINUTES, MOST_A_DAY, Misfit, Part, Parts, Points, Priority, Standing, Wishes, answer_by, awake,
        order, rests_until,
    },
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday, date, datetime},
    tz::TimeZone,
};
use proptest::prelude::*;
use uuid::Uuid;

fn anything() -> Wishes {
    Wishes {
        practitioner: None,
        days: Days::ANY,
        parts: Parts::ANY,
        from: date(2026, 11, 23),
        until: date(2026, 12, 31),
        notice: 0,
    }
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn standing(n: u128, waited: i64) -> Standing {
    Standing {
        id: Uuid::from_u128(n),
        priority: Priority::Routine,
        joined: now() - days(waited),
        ignored: 0,
        wishes: anything(),
    }
}

fn places(standings: &[Standing]) -> Vec<u128> {
    order(standings, now()).iter().map(|ranked| ranked.id.as_u128()).collect()
}

#[test]
fn whoever_waits_longer_comes_first() {
    assert_eq!(places(&[standing(1, 3), standing(2, 9), standing(3, 1)]), [2, 1, 3]);
}

#[test]
fn priority_counts_as_time_and_no_further() {
    let urgent = Standing { priority: Priority::Urgent, ..standing(1, 0) };
    let soon = Standing { priority: Priority::Soon, ..standing(2, 0) };
    assert_eq!(places(&[standing(3, 59), urgent.clone(), soon.clone()]), [1, 3, 2]);
    assert_eq!(places(&[standing(3, 61), urgent, soon]), [3, 1, 2]);
}

#[test]
fn offers_that_were_not_answered_count_against() {
    let ignored = |n| Standing { ignored: n, ..standing(1, 10) };
    assert_eq!(places(&[ignored(0), standing(2, 9)]), [1, 2]);
    assert_eq!(places(&[ignored(1), standing(2, 9)]), [2, 1]);
    // At some time it is enough.
    let points = |n| order(&[ignored(n)], now())[0].points.total();
    assert_eq!(points(4), points(400));
}

#[test]
fn a_time_is_worth_most_to_whom_few_suit() {
    let narrow = Wishes { days: Days::of([Weekday::Monday]), parts: Parts::of([Part::Morning]), ..anything() };
    let narrow = Standing { wishes: narrow, ..standing(1, 8) };
    assert_eq!(places(&[standing(2, 9), narrow]), [1, 2]);
}

#[test]
fn the_order_is_said_in_sentences() {
    let urgent = Standing { priority: Priority::Urgent, ignored: 2, ..standing(1, 12) };
    let said = order(&[standing(2, 90), urgent], now())[1].because();
    assert_eq!(
        said,
        [
            "Number 2 of 2.",
            "Has waited 12 days.",
            "Urgent: counts 60 days more.",
            "Several offers in a row not answered: counts 6 days less.",
            "Counts as 66 days in all.",
        ]
    );
    assert_eq!(order(&[standing(1, 0)], now())[0].because(), ["Number 1 of 1.", "Has waited less than an hour."]);
}

#[test]
fn what_does_not_fit_says_why() {
    let one = ResourceId(Uuid::from_u128(1));
    let wishes = Wishes {
        practitioner: Some(one),
        days: Days::of([Weekday::Tuesday, Weekday::Friday]),
        parts: Parts::of([Part::Morning]),
        notice: 120,
        ..anything()
    };
    let tuesday = datetime(2026, 11, 24, 11, 45, 0, 0);
    assert_eq!(wishes.fit(&[one], tuesday, 120), Ok(()));
    assert_eq!(wishes.fit(&[], tuesday, 120), Err(Misfit::Practitioner));
    assert_eq!(wishes.fit(&[one], tuesday, 119), Err(Misfit::Notice));
    assert_eq!(wishes.fit(&[one], datetime(2026, 11, 24, 12, 0, 0, 0), 999), Err(Misfit::Part));
    assert_eq!(wishes.fit(&[one], datetime(2026, 11, 25, 9, 0, 0, 0), 999), Err(Misfit::Weekday));
    assert_eq!(wishes.fit(&[one], datetime(2027, 1, 1, 9, 0, 0, 0), 999), Err(Misfit::Date));
    let said = wishes.words();
    let expected =
        "Tuesdays and Fridays, in the morning, from Mon 23 November to Thu 31 December 2026, at 2 hours notice";
    assert_eq!(said, expected);
}

#[test]
fn whoever_names_nothing_minds_nothing() {
    assert_eq!(Days::of([]), Days::ANY);
    assert_eq!(Parts::of([]), Parts::ANY);
    assert_eq!((Days::from_bits(-1), Parts::from_bits(0)), (Days::ANY, Parts::ANY));
    assert_eq!(anything().words(), "Any day, at any time, from Mon 23 November to Thu 31 December 2026, at any notice");
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn at(zone: &TimeZone, local: DateTime) -> Timestamp {
    local.to_zoned(zone.clone()).unwrap().timestamp()
}

fn by(now: DateTime, minutes: i64, latest: DateTime) -> Option<DateTime> {
    let zone = berlin();
    answer_by(&zone, at(&zone, now), minutes, at(&zone, latest)).map(|by| zone.to_datetime(by))
}

#[test]
fn nobody_has_to_answer_at_night() {
    let day = |day: i8, hour: i8, minute: i8| datetime(2026, 11, day, hour, minute, 0, 0);
    let late = day(30, 12, 0);
    assert_eq!(by(day(24, 10, 0), 60, late), Some(day(24, 11, 0)));
    assert_eq!(by(day(24, 20, 0), 60, late), Some(day(24, 21, 0)));
    // Ten minutes in the evening, fifty in the morning.
    assert_eq!(by(day(24, 20, 50), 60, late), Some(day(25, 7, 50)));
    assert_eq!(by(day(24, 21, 0), 60, late), None);
    assert_eq!(by(day(24, 6, 59), 60, late), None);
    assert_eq!(by(day(24, 7, 0), 60, late), Some(day(24, 8, 0)));
    // A whole day of answering is the night longer.
    assert_eq!(by(day(24, 10, 0), 24 * 60, late), Some(day(25, 20, 0)));
    // Cut short by the visit itself.
    assert_eq!(by(day(24, 10, 0), 60, day(24, 10, 20)), Some(day(24, 10, 20)));
    assert_eq!(by(day(24, 10, 0), 60, day(24, 10, 9)), None);
    assert_eq!(by(day(24, 10, 0), 60, day(24, 9, 0)), None);
    // Until the middle of the night is until the evening before.
    assert_eq!(by(day(24, 20, 0), 120, day(25, 3, 0)), Some(day(24, 21, 0)));
}

#[test]
fn the_night_the_clock_changes_is_a_night() {
    let evening = datetime(2026, 10, 24, 20, 30, 0, 0);
    let late = datetime(2026, 10, 30, 12, 0, 0, 0);
    assert_eq!(by(evening, 60, late), Some(datetime(2026, 10, 25, 7, 30, 0, 0)));
}

#[test]
fn nobody_is_asked_more_than_twice_a_day() {
    let now = now();
    let hours = |n: i64| now - SignedDuration::from_hours(n);
    assert_eq!(rests_until(0, &[], now), None);
    assert_eq!(rests_until(0, &[hours(1)], now), None);
    assert_eq!(rests_until(0, &[hours(1), hours(20)], now), Some(now + SignedDuration::from_hours(4)));
    assert_eq!(rests_until(0, &[hours(1), hours(25)], now), None);
    // Whoever does not answer is left in peace for longer each time.
    assert_eq!(rests_until(1, &[hours(1)], now), Some(now + SignedDuration::from_hours(23)));
    assert_eq!(rests_until(3, &[hours(1)], now), Some(now + SignedDuration::from_hours(71)));
    assert_eq!(rests_until(99, &[hours(1)], now), Some(now + SignedDuration::from_hours(167)));
}

prop_compose! {
    fn any_wishes()(days in 0_i64..128, parts in 0_i64..8, from in 0_i64..60, length in 0_i64..60, notice in 0_i64..5000,
                    one in proptest::option::of(0_u128..3)) -> Wishes {
        let from = date(2026, 11, 1) + from.days();
        Wishes {
            practitioner: one.map(|n| ResourceId(Uuid::from_u128(n))),
            days: Days::from_bits(days),
            parts: Parts::from_bits(parts),
            from,
            until: from + length.days(),
            notice,
        }
    }
}

prop_compose! {
    fn any_standing()(n in 0_u128..1_000_000, waited in 0_i64..400_000, ignored in 0_u32..10, priority in 0_usize..3,
                      wishes in any_wishes()) -> Standing {
        Standing {
            id: Uuid::from_u128(n),
            priority: Priority::ALL[priority],
            joined: now() - SignedDuration::from_mins(waited),
            ignored,
            wishes,
        }
    }
}

proptest! {
    /// Total and stable: whatever order the rows come in, the places are the same, each once.
    #[test]
    fn the_order_does_not_depend_on_how_it_was_read(mut all in prop::collection::vec(any_standing(), 0..20), turn in 0_usize..20) {
        all.sort_by_key(|one| one.id);
        all.dedup_by_key(|one| one.id);
        let first = order(&all, now());
        let mut other = all.clone();
        other.reverse();
        let n = other.len().max(1);
        other.rotate_left(turn % n);
        prop_assert_eq!(&first, &order(&other, now()));
        let numbers: Vec<usize> = first.iter().map(|ranked| ranked.place).collect();
        prop_assert_eq!(numbers, (1..=all.len()).collect::<Vec<_>>());
    }

    /// Nobody starves: whoever comes so much later is behind, however urgent and however narrow.
    #[test]
    fn nobody_waits_for_ever(early in any_standing(), late in any_standing(), more in 1_i64..100_000) {
        prop_assume!(early.id != late.id);
        let late = Standing { joined: early.joined + SignedDuration::from_mins(Points::MOST_AHEAD + more), ..late };
        let later = late.joined + days(1);
        let ranked = order(&[late, early.clone()], later);
        prop_assert_eq!(ranked[0].id, early.id);
    }

    /// The order among people does not change by waiting alone.
    #[test]
    fn waiting_together_changes_nothing(all in prop::collection::vec(any_standing(), 0..12), more in 0_i64..1000) {
        let ids = |at: Timestamp| order(&all, at).into_iter().map(|ranked| ranked.id).collect::<Vec<_>>();
        prop_assert_eq!(ids(now()), ids(now() + days(more)));
    }

    /// What fits is what was wished.
    #[test]
    fn nothing_fits_but_what_was_wished(wishes in any_wishes(), day in 0_i64..150, minute in 0_i64..1440, ahead in 0_i64..9000, who in 0_u128..3) {
        let at: DateTime = (date(2026, 10, 1) + day.days()).to_datetime(jiff::civil::Time::midnight()) + minute.minutes();
        let who = ResourceId(Uuid::from_u128(who));
        if wishes.fit(&[who], at, ahead).is_ok() {
            prop_assert!(wishes.practitioner.is_none_or(|wished| wished == who));
            prop_assert!(wishes.days.contains(at.weekday()) && wishes.parts.contains(Part::of(at.time())));
            prop_assert!((wishes.from..=wishes.until).contains(&at.date()) && ahead >= wishes.notice);
        }
    }

    /// However long and until whenever: an answer is due by day, in time, and not at once.
    #[test]
    fn answers_are_due_by_day(start in 0_i64..600_000, minutes in 10_i64..1440, latest in 0_i64..6000) {
        let zone = berlin();
        let first: Date = date(2026, 1, 1);
        let now = first.to_zoned(zone.clone()).unwrap().timestamp() + SignedDuration::from_mins(start);
        let latest = now + SignedDuration::from_mins(latest);
        match answer_by(&zone, now, minutes, latest) {
            Some(by) => {
                prop_assert!(awake(&zone, now) && by <= latest);
                prop_assert!(by.as_second() - now.as_second() >= LEAST_MINUTES * 60);
                let due = zone.to_datetime(by).time();
                prop_assert!(due >= jiff::civil::time(7, 0, 0, 0) && due <= jiff::civil::time(21, 0, 0, 0));
            }
            None => prop_assert!(!awake(&zone, now) || latest.as_second() - now.as_second() < 24 * 3600),
        }
    }

    /// At most so many offers in any day, if each is made when one may be.
    #[test]
    fn offers_keep_their_distance(steps in prop::collection::vec(1_i64..600, 1..60), ignored in 0_u32..3) {
        let mut made: Vec<Timestamp> = Vec::new();
        let mut at = now();
        for step in steps {
            at += SignedDuration::from_mins(step);
            if rests_until(ignored, &made, at).is_none() {
                made.push(at);
            }
            let lately = made.iter().filter(|one| at.as_second() - one.as_second() < 24 * 3600).count();
            prop_assert!(lately <= MOST_A_DAY);
        }
    }
}
