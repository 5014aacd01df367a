//! Random worlds: rules, occupancy and patients around days with and without a change of clocks.

use domain::booking::invariants::Allocation;
use domain::booking::*;
use domain::ids::ResourceId;
use domain::patient::AdministrativeGender;
use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::world::*;

pub const SECOND: ResourceId = id(2);
const ROOMS: [ResourceId; 3] = [id(50), id(51), id(52)];

/// Days with and without a change of clocks, some at midnight or by half an hour.
const DAYS: [(&str, Date); 12] = [
    ("Europe/Berlin", date(2026, 3, 3)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2028, 2, 29)),
    ("America/St_Johns", date(2026, 11, 1)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 29)),
];

fn steps(of: i64, range: std::ops::Range<i64>) -> impl Strategy<Value = i64> {
    range.prop_map(move |n| n * of)
}

fn time() -> impl Strategy<Value = Time> {
    (0..96_i8, 0..3_i8).prop_map(|(quarter, cells)| Time::constant(quarter / 4, quarter % 4 * 15 + cells * 5, 0, 0))
}

fn wall_window() -> impl Strategy<Value = WallWindow> {
    prop_oneof![
        3 => (time(), time()).prop_map(|(open, close)| WallWindow { open, close }),
        1 => Just(window("00:00", "00:00")),
        1 => Just(window("22:00", "03:00")),
    ]
}

fn settings_patch() -> impl Strategy<Value = SettingsPatch> {
    let grid = (option::of(steps(5, 1..20)), option::of(steps(5, 0..12)));
    let visit = (option::of(steps(5, 1..30)), option::of(steps(5, 0..5)));
    (visit, grid, option::of(steps(60, 0..30))).prop_map(|(visit, grid, notice)| SettingsPatch {
        duration: visit.0,
        buffer_after: visit.1,
        grid_interval: grid.0,
        grid_offset: grid.1,
        notice_book: notice,
        notice_move: notice.map(|minutes| minutes / 2),
        ..Default::default()
    })
}

fn dated(day: Date) -> impl Strategy<Value = hours::Exception> {
    let exception = (-1..=2_i64, vec(wall_window(), 0..2), settings_patch());
    exception.prop_map(move |(days, windows, settings)| hours::Exception {
        date: day + days.days(),
        windows,
        note: None,
        settings,
    })
}

fn hours(day: Date) -> impl Strategy<Value = Hours> {
    (vec(wall_window(), 0..3), vec(dated(day), 0..2)).prop_map(|(windows, exceptions)| {
        let mut hours = every_day(&[]);
        hours.weekly.iter_mut().for_each(|w| w.windows = windows.clone());
        Hours { exceptions, ..hours }
    })
}

fn settings(day: Date) -> impl Strategy<Value = Settings> {
    let visit = (
        prop_oneof![4 => steps(5, 1..24), 1 => Just(1500)],
        steps(5, 0..7),
        steps(5, 0..7),
        prop_oneof![Just(Gap::Larger), Just(Gap::Sum)],
    );
    let grid = (steps(5, 2..20), steps(5, -3..30));
    let limits = (
        prop_oneof![3 => Just(0), 1 => steps(45, 0..60)],
        prop_oneof![4 => Just(90_i64), 1 => 0..4_i64],
        option::weighted(0.15, 0..3_i64),
        option::weighted(0.15, 0..3_i64),
    );
    let patient = (option::weighted(0.3, 0..4_u32), option::weighted(0.3, 0..3_u32), option::weighted(0.7, 1..9_u32));
    (visit, grid, limits, patient).prop_map(move |(visit, grid, limits, patient)| Settings {
        duration: visit.0,
        buffer_before: visit.1,
        buffer_after: visit.2,
        gap: visit.3,
        grid_interval: grid.0,
        grid_offset: grid.1,
        notice_book: limits.0,
        notice_move: limits.0 / 2,
        horizon_days: limits.1,
        bookable_from: limits.2.map(|days| day + (days - 1).days()),
        bookable_until: limits.3.map(|days| day + days.days()),
        max_active_per_patient: patient.0,
        max_per_period: patient.1,
        per_patient_period_days: patient.2,
        ..Settings::default()
    })
}

fn sex() -> impl Strategy<Value = AdministrativeGender> {
    use AdministrativeGender::*;
    prop_oneof![Just(Female), Just(Male), Just(Other), Just(Unknown)]
}

fn intake() -> impl Strategy<Value = Intake> {
    let payer = prop_oneof![Just(Payer::Public), Just(Payer::Private), Just(Payer::Unknown), Just(Payer::Own)];
    let answers = proptest::collection::btree_map(
        prop_oneof![Just("one".to_owned()), Just("two".to_owned())],
        any::<bool>(),
        0..3,
    );
    (any::<bool>(), option::of(payer), answers).prop_map(|(referral, payer, answers)| Intake {
        referral,
        payer,
        answers,
    })
}

/// What a service asks, one of a few ways.
fn asked(kind: u8) -> Eligibility {
    let question = |slug: &str, must_be| Question {
        slug: slug.to_owned(),
        ask: "Is it so?".to_owned(),
        must_be,
        otherwise: "Please ring us.".to_owned(),
    };
    let mut asked = Eligibility { referral: kind == 3, ..Default::default() };
    match kind {
        4 => asked.sex = Some(AdministrativeGender::Female),
        5 => asked.payers = vec![Payer::Private],
        6 => asked.payers = vec![Payer::Own, Payer::Public],
        7 => asked.questions = vec![question("one", Some(true)), question("two", None)],
        _ => {}
    }
    asked
}

fn facts(noon: Cell, day: Date) -> impl Strategy<Value = PatientFacts> {
    let near = (-900..900_i64).prop_map(move |cells| Cell(noon.0 + cells));
    let busy = (near.clone(), 1..30_i64).prop_map(|(at, cells)| Span::new(at, Cell(at.0 + cells)));
    (
        option::of((0..3_i64).prop_map(move |days| day - 18.years() - 1.day() + days.days())),
        option::of(any::<bool>()),
        option::of(intake()),
        option::weighted(0.1, Just("a reason".to_owned())),
        vec(busy, 0..3),
        vec(near, 0..4),
        option::of(sex()),
    )
        .prop_map(|f| PatientFacts {
            birth_date: f.0,
            established: f.1,
            sex: f.6,
            intake: f.2,
            blocked: f.3,
            busy: f.4,
            same_service: f.5,
        })
}

/// A question about one to three days with two practitioners, three rooms, visits, closures and a patient.
pub fn world() -> impl Strategy<Value = World> {
    (0..DAYS.len()).prop_flat_map(|at| {
        let (zone, day) = DAYS[at];
        let noon = World::on(zone, day).cell("12:00");
        let ids = [DOCTOR, SECOND, ROOMS[0], ROOMS[1], ROOMS[2]];
        // Practitioners and low lanes more often, so that times get scarce.
        let which = prop_oneof![2 => 0..2_usize, 1 => 2..ids.len()];
        let lane = prop_oneof![3 => Just(0_u16), 2 => Just(1), 1 => Just(2)];
        let visit = (which, lane, -500..400_i64, 1..40_i64, 0..6_i64, 0..6_i64);
        let visit = visit.prop_map(move |(which, lane, at, cells, before, after)| {
            let start = Cell(noon.0 + at);
            let body = Span::new(start, Cell(start.0 + cells));
            Allocation { resource: ids[which], lane, body, padded: body.widened(before * 5, after * 5) }
        });
        let doer = || (settings(day), hours(day), 1..3_u16);
        let needs = vec(vec(0..ROOMS.len(), 1..3), 0..3);
        let room = || (option::weighted(0.4, hours(day)), 1..3_u16);
        let eligibility = (option::weighted(0.2, any::<bool>()), 17..20_u32, 0..9_u8);
        (
            [doer(), doer()],
            needs,
            [room(), room(), room()],
            vec(visit, 0..24),
            (option::weighted(0.6, facts(noon, day)), eligibility),
            (option::weighted(0.15, -1..2_i64), -1..1_i64, 0..2_i64, vec(dated(day), 0..2)),
            prop_oneof![3 => Just(Purpose::Book), 1 => Just(Purpose::Move), 1 => Just(Purpose::Staff)],
            prop_oneof![2 => Just(-9000_i64), 1 => -2000..1500_i64],
        )
            .prop_map(move |(doers, needs, rooms, visits, person, days, purpose, now)| {
                let mut world = World::on(zone, day);
                world.offers.clear();
                for (doctor, (settings, hours, capacity)) in [SECOND, DOCTOR].into_iter().zip(doers) {
                    world.practitioner(doctor, hours);
                    world.resources.get_mut(&doctor).unwrap().capacity = capacity;
                    let offer = world.offers.last_mut().unwrap();
                    offer.settings = settings;
                    if doctor == DOCTOR {
                        let any_of = |need: Vec<usize>| need.into_iter().map(|n| ROOMS[n]).collect();
                        offer.needs = needs.iter().map(|n| Need { any_of: any_of(n.clone()) }).collect();
                    }
                }
                for (room, (hours, capacity)) in ROOMS.into_iter().zip(rooms) {
                    world.room(room, hours);
                    world.resources.get_mut(&room).unwrap().capacity = capacity;
                }
                world.visits = visits;
                let (facts, (established, age, kind)) = person;
                world.patient = facts;
                world.eligibility = Eligibility {
                    established,
                    min_age: (kind == 1).then_some(age - 1),
                    max_age: (kind == 2).then_some(age - 2),
                    ..asked(kind)
                };
                let (closed, from, to, exceptions) = days;
                world.exceptions = exceptions;
                world.from = day + from.days();
                world.to = day + to.days();
                world.closures = closed
                    .map(|days| Closure {
                        from: day + days.days(),
                        until: day + days.days(),
                        reason: "Closed".into(),
                        holiday: false,
                    })
                    .into_iter()
                    .collect();
                world.purpose = purpose;
                // Off the five-minute grid on purpose.
                world.now = Cell(noon.0 + now / 10).start() + 61.seconds();
                world
            })
    })
}
