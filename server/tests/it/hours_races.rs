//! Hours changed while others book or change them: what was rehearsed is what loses its place, and nobody is decided about unseen.

use std::collections::BTreeSet;

use domain::{
    booking::{Closure, WallWindow, Week},
    ids::AppointmentId,
    staff::Role,
};
use entity::displaced_visit;
use jiff::civil::{Date, date, time};
use portal::{
    clinic,
    hours::{self, Dates, Decision, Decisions, Edit, HoursError, Level, Rehearsal, Whose},
    staff::{Permit, desk, permission::ChangeHours},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use testkit::{AtDesk, Person, TestApp, on_both_engines};

use crate::hours::{away, book, decide, rehearsed};

on_both_engines![
    what_was_rehearsed_is_what_loses_its_place,
    of_two_managers_at_once_one_changes_what_both_saw,
    a_visit_booked_in_between_is_not_decided_about_unseen,
    bookings_and_a_closure_at_once_leave_nobody_unseen,
];

async fn permit(app: &TestApp, at: &AtDesk) -> Permit<ChangeHours> {
    let browser = app.browser(&at.caller).await;
    let clinic = clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    desk(&app.cx, Some(&browser), false).await.expect("a desk").permit(&clinic).expect("a permit")
}

fn ids(rehearsal: &Rehearsal) -> BTreeSet<AppointmentId> {
    rehearsal.affected.iter().map(|one| one.appointment).collect()
}

pub(crate) async fn open(app: &TestApp) -> BTreeSet<AppointmentId> {
    let open = displaced_visit::Entity::find().filter(displaced_visit::Column::State.eq("open"));
    let rows = open.all(app.cx.db.read()).await.expect("rows");
    rows.into_iter().map(|row| AppointmentId(row.appointment_id)).collect()
}

fn all(decision: Decision, rehearsal: &Rehearsal) -> Decisions {
    Decisions { all: Some(decision), mark: rehearsal.mark.clone(), hours: 48, ..Decisions::default() }
}

/// A simple generator, the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn day(&mut self) -> Date {
        date(2026, 11, 24).saturating_add(jiff::Span::new().days(i64::try_from(self.roll(8)).expect("a day")))
    }

    fn hour(&mut self, from: u64, to: u64) -> jiff::civil::Time {
        time(i8::try_from(from + self.roll(to - from)).expect("an hour"), 0, 0, 0)
    }

    fn edit(&mut self, closed: &[Closure]) -> Edit {
        let who = ["solo", "ana", "ben", "cem", "crowd"][usize::try_from(self.roll(5)).expect("one")];
        let whose = Whose::Resource(who.to_owned());
        let from = self.day();
        let until = from.saturating_add(jiff::Span::new().days(i64::try_from(self.roll(3)).expect("days")));
        let window = WallWindow { open: self.hour(0, 12), close: self.hour(13, 23) };
        let note = Some("Dice".to_owned());
        match self.roll(6) {
            0 => {
                let mut week = Week::default();
                week.0.iter_mut().for_each(|day| day.extend((self.roll(4) > 0).then_some(window)));
                week.0[0] = vec![window];
                Edit::Week { whose, week }
            }
            1 => Edit::Dates { whose, from, until, hours: Dates::Away, note },
            2 => Edit::Dates { whose, from, until, hours: Dates::Open(vec![window]), note },
            3 => Edit::Dates {
                whose,
                from,
                until,
                hours: Dates::AwayFrom { from: self.hour(8, 11), to: self.hour(12, 18) },
                note,
            },
            4 if closed.is_empty() => {
                let reason = "Dice".to_owned();
                Edit::Closure { was: None, closure: Some(Closure { from, until, reason, holiday: false }) }
            }
            4 => Edit::Closure { was: closed.first().cloned(), closure: None },
            _ => Edit::Undated { whose, from, until },
        }
    }
}

async fn what_was_rehearsed_is_what_loses_its_place(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let mut person = 0;
    for day in 24..=30 {
        for (service, hour) in
            [("solo", 2), ("solo", 9), ("solo", 17), ("team", 9), ("team", 9), ("wide", 12), ("roomy", 20)]
        {
            person += 1;
            book(&app, service, &format!("2026-11-{day}T{hour:02}:00:00+01:00"), person).await;
        }
    }
    let mut dice = Dice(7);
    let (mut lost, mut adopted) = (0, 0);
    for round in 0..40 {
        let permit = permit(&app, &at).await;
        let edit = dice.edit(&permit.clinic().profile.closures);
        let rehearsal = match hours::rehearse(&app.cx, &permit, None, edit.clone()).await {
            Ok(rehearsal) => rehearsal,
            // Nothing was set on these dates, or nobody could have a service any more.
            Err(HoursError::NotFound | HoursError::Mistakes(_)) => continue,
            Err(error) => panic!("{error}: {edit:?}"),
        };
        let before = open(&app).await;
        let done =
            hours::apply(&app.cx, &permit, rehearsal.id, &all(Decision::Later, &rehearsal)).await.expect("applied");
        let after = open(&app).await;
        let new: BTreeSet<_> = after.difference(&before).copied().collect();
        assert_eq!(new, ids(&rehearsal), "round {round}: {edit:?}");
        assert_eq!(
            (done.left, before.difference(&after).count()),
            (new.len(), rehearsal.again),
            "round {round}: {edit:?}"
        );
        lost += new.len();
        adopted += rehearsal.again;
        // What the clinic's rows say is what was worked out: nothing is left to do.
        let clinic = clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
        let same = Edit::Settings { level: Level::Clinic, settings: clinic.profile.settings.clone() };
        let permit = self::permit(&app, &at).await;
        let again = hours::rehearse(&app.cx, &permit, None, same).await.expect("rehearsed");
        assert_eq!((ids(&again), again.again), (BTreeSet::new(), 0), "round {round}: {edit:?}");
    }
    assert!(lost > 20 && adopted > 10, "the dice did something: {lost}, {adopted}");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status <> 'booked'").await, 0);
}

async fn of_two_managers_at_once_one_changes_what_both_saw(app: TestApp) {
    let (one, two) =
        (app.staff("lab", Role::Manager).await, app.staff_as("lab", Role::Manager, "two@example.com").await);
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    let (first, second) = (permit(&app, &one).await, permit(&app, &two).await);
    let away = |day| Edit::Dates {
        whose: Whose::Resource("solo".to_owned()),
        from: day,
        until: day,
        hours: Dates::Away,
        note: None,
    };
    let a = hours::rehearse(&app.cx, &first, None, away(date(2026, 11, 24))).await.expect("rehearsed");
    let b = hours::rehearse(&app.cx, &second, None, away(date(2026, 11, 25))).await.expect("rehearsed");
    let (decide_a, decide_b) = (all(Decision::Keep, &a), all(Decision::Cancel, &b));
    let (done, other) = futures::future::join(
        hours::apply(&app.cx, &first, a.id, &decide_a),
        hours::apply(&app.cx, &second, b.id, &decide_b),
    )
    .await;
    assert_ne!(done.is_ok(), other.is_ok(), "{done:?} {other:?}");
    let lost = if done.is_ok() { other } else { done };
    assert!(matches!(lost, Err(HoursError::Changed)), "{lost:?}");
    // The other looks again, sees it as it is now, and may go on.
    let permit = self::permit(&app, &two).await;
    let (first, _) = hours::look_again(&app.cx, &permit, None, a.id).await.expect("there");
    let late = if first.applied { b.id } else { a.id };
    let (again, _) = hours::look_again(&app.cx, &permit, None, late).await.expect("looked at");
    hours::apply(&app.cx, &permit, late, &all(Decision::Keep, &again)).await.expect("applied");
    // Of the same rehearsal sent twice at once, one counts.
    let c = hours::rehearse(&app.cx, &self::permit(&app, &one).await, None, away(date(2026, 11, 26)))
        .await
        .expect("rehearsed");
    let permit = self::permit(&app, &one).await;
    let decisions = all(Decision::Later, &c);
    let both = futures::future::join_all((0..4).map(|_| hours::apply(&app.cx, &permit, c.id, &decisions))).await;
    assert_eq!(both.iter().filter(|done| done.is_ok()).count(), 1, "{both:?}");
}

async fn a_visit_booked_in_between_is_not_decided_about_unseen(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let visit = book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "").await).await;
    let meanwhile = book(&app, "solo", "2026-11-24T14:00:00+01:00", 2).await;
    let led = decide(&at, &seen, &[("all", "cancel"), ("message", "Dr Solo is at sea")]).await;
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    for words in [
        "Something changed since you looked",
        "2 visits would lose their place",
        "Family1",
        "Family2",
        "Dr Solo is at sea",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'cancelled'").await, 0);
    // Somebody else may look at it in between: what is decided is about the list that was seen.
    let again = (led.header("location").to_owned(), page);
    let third = book(&app, "solo", "2026-11-24T16:00:00+01:00", 3).await;
    at.caller.get(&again.0).await.expect(200);
    decide(&at, &again, &[("all", "cancel")]).await;
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'cancelled'").await, 0);
    // Who cancelled by themselves meanwhile stands in nobody's way.
    let page = at.caller.get(&again.0).await.expect(200).text;
    app.program("lab").await.cancel(&third).await.expect(200);
    let visits = [(format!("visit-{visit}"), "keep"), (format!("visit-{meanwhile}"), "cancel")];
    let each: Vec<(&str, &str)> = visits.iter().map(|(field, value)| (field.as_str(), *value)).collect();
    let led = decide(&at, &(again.0, page), &each).await;
    assert_eq!(led.header("location"), "/staff/lab/hours?done=yes");
    let status =
        async |id: &str| app.program("lab").await.get(&format!("/api/v1/appointments/{id}")).await.field("status");
    assert_eq!((status(&visit).await.as_str(), status(&meanwhile).await.as_str()), ("booked", "cancelled"));
}

/// Whoever books at the moment in which the clinic closes is either refused, or seen.
async fn bookings_and_a_closure_at_once_leave_nobody_unseen(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    for round in 0..3 {
        let day = 24 + round;
        let permit = permit(&app, &at).await;
        let reason = "At once".to_owned();
        let (from, until) = (date(2026, 11, day), date(2026, 11, day));
        let edit = Edit::Closure { was: None, closure: Some(Closure { from, until, reason, holiday: false }) };
        let rehearsal = hours::rehearse(&app.cx, &permit, None, edit).await.expect("rehearsed");
        let mut holds = Vec::new();
        for hour in 8..14 {
            holds.push(program.hold("lab", "solo", &format!("2026-11-{day}T{hour:02}:00:00+01:00")).await.expect(201));
        }
        let people: Vec<Person> =
            (0..holds.len()).map(|n| Person::number(n + 10 * usize::try_from(day).unwrap())).collect();
        let booking = futures::future::join_all(
            holds
                .iter()
                .zip(&people)
                .map(|(hold, person)| async { program.confirm(hold, person, &hold.field("id")).await }),
        );
        let decisions = all(Decision::Later, &rehearsal);
        let (booked, done) =
            futures::future::join(booking, hours::apply(&app.cx, &permit, rehearsal.id, &decisions)).await;
        let booked = booked.iter().filter(|answer| answer.status == 201).count();
        match done {
            // Whoever booked after it was refused.
            Ok(_) => assert_eq!(booked, 0),
            Err(HoursError::Changed) => assert!(booked > 0),
            Err(error) => panic!("{error}"),
        }
    }
}
