//! Hours changed on screen: rehearsed first, then done as they were rehearsed, or not at all (booking rule 19).

use std::collections::BTreeSet;

use domain::{
    booking::{Closure, WallWindow, Week},
    ids::AppointmentId,
    staff::Role,
};
use entity::displaced_visit;
use jiff::civil::{Date, date, time};
use portal::{
    Scope,
    clinic::{self, ImportError, WhenStranded},
    hours::{self, Dates, Decision, Decisions, Edit, HoursError, Level, Rehearsal, Whose},
    staff::{Permit, desk, permission::ChangeHours},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{Answer, AtDesk, Caller, Person, TestApp, clinics, on_both_engines};

on_both_engines![
    leave_is_rehearsed_and_cancels_nobody,
    without_anybody_affected_a_change_holds_at_once,
    what_was_rehearsed_is_what_loses_its_place,
    of_two_managers_at_once_one_changes_what_both_saw,
    a_visit_booked_in_between_is_not_decided_about_unseen,
    bookings_and_a_closure_at_once_leave_nobody_unseen,
    a_clinician_changes_their_own_hours_alone,
    another_clinics_rehearsal_is_not_there,
    mistakes_are_told_in_the_clinic_files_words,
    a_week_a_period_a_closure_and_settings_hold,
    the_night_the_clock_changes,
    a_file_takes_nothing_back_that_was_changed_on_screen,
    what_an_import_strands_waits_on_the_list,
    one_day_that_closes_strands_also_who_stays_late,
    everything_to_be_sent_is_written_with_the_change,
    programs_change_hours_with_the_scope,
];

const API: &str = "/api/v1/staff/clinics/lab";

pub(crate) async fn away(at: &AtDesk, whose: &str, from: &str, until: &str) -> Answer {
    let fields =
        [("clinic", "lab"), ("whose", whose), ("kind", "days"), ("from", from), ("until", until), ("note", "At sea")];
    at.caller.form("/fn/hours-away", &fields).await
}

/// The address of a rehearsal, and its page.
pub(crate) async fn rehearsed(at: &AtDesk, answer: Answer) -> (String, String) {
    let page = answer.expect(303).header("location").to_owned();
    assert!(page.contains("/hours/rehearsals/"), "{page}");
    let text = at.caller.get(&page).await.expect(200).text;
    (page, text)
}

pub(crate) async fn decide(at: &AtDesk, (page, text): &(String, String), more: &[(&str, &str)]) -> Answer {
    let mark = text.split("name=\"mark\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark");
    let id = page.rsplit('/').next().and_then(|id| id.split('?').next()).expect("an id");
    let fields = [&[("clinic", "lab"), ("rehearsal", id), ("mark", mark)][..], more].concat();
    at.caller.form("/fn/hours-apply", &fields).await.expect(303)
}

async fn book(app: &TestApp, service: &str, start: &str, n: usize) -> String {
    app.program("lab").await.book("lab", service, start, &Person::number(n)).await.field("id")
}

async fn leave_is_rehearsed_and_cancels_nobody(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let visit = book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    book(&app, "solo", "2026-11-26T10:00:00+01:00", 2).await;
    book(&app, "team", "2026-11-24T10:00:00+01:00", 3).await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "2026-11-25").await).await;
    for words in
        ["One visit would lose its place", "Given1 Family1", "Tue 24 to Wed 25 November 2026", "away all day", "At sea"]
    {
        assert!(seen.1.contains(words), "{words}: {}", seen.1);
    }
    assert!(!seen.1.contains("Family2") && !seen.1.contains("Family3"), "{}", seen.1);
    // Nothing has happened.
    let program = app.program("lab").await;
    assert!(!program.free("lab", "solo", "2026-11-24", "2026-11-24").await.is_empty());
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit").await, 0);
    // Whoever says nothing about the visits is asked.
    let led = decide(&at, &seen, &[]).await;
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains("Choose what becomes of the visits"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit").await, 0);
    let led = decide(&at, &seen, &[("all", "later")]).await;
    assert_eq!(led.header("location"), "/staff/lab/new-times?done=yes");
    assert_eq!(program.free("lab", "solo", "2026-11-24", "2026-11-25").await, Vec::<String>::new());
    assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"), "booked");
    let list = at.caller.get("/staff/lab/new-times").await.expect(200).text;
    for words in [">New times<", "Given1 Family1", "Not decided", "At sea"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let board = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(board.contains("needs a new time"), "{board}");
    // Sent twice, it is done once.
    assert_eq!(decide(&at, &seen, &[("all", "cancel")]).await.header("location"), "/staff/lab/hours?done=yes");
    assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"), "booked");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'hours.change' AND outcome = 'ok'").await, 1);
    app.run_jobs().await;
    assert!(!app.mailer.sent().iter().any(|mail| mail.subject.contains("needs a new time")), "nobody decided to tell");
}

async fn without_anybody_affected_a_change_holds_at_once(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    book(&app, "solo", "2026-11-26T10:00:00+01:00", 1).await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "").await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
    assert_eq!(decide(&at, &seen, &[]).await.header("location"), "/staff/lab/hours?done=yes");
    let page = at.caller.get("/staff/lab/hours/of/solo").await.expect(200).text;
    assert!(page.contains("24 November 2026") && page.contains("away, At sea"), "{page}");
    // And back again.
    let fields = [("clinic", "lab"), ("whose", "solo"), ("from", "2026-11-24"), ("until", "2026-11-24")];
    let back = rehearsed(&at, at.caller.form("/fn/hours-back", &fields).await).await;
    assert!(back.1.contains("The weekly hours hold again"), "{}", back.1);
    decide(&at, &back, &[]).await;
    assert!(!app.program("lab").await.free("lab", "solo", "2026-11-24", "2026-11-24").await.is_empty());
}

async fn permit(app: &TestApp, at: &AtDesk) -> Permit<ChangeHours> {
    let browser = app.browser(&at.caller).await;
    let clinic = clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    desk(&app.cx, Some(&browser), false).await.expect("a desk").permit(&clinic).expect("a permit")
}

fn ids(rehearsal: &Rehearsal) -> BTreeSet<AppointmentId> {
    rehearsal.affected.iter().map(|one| one.appointment).collect()
}

async fn open(app: &TestApp) -> BTreeSet<AppointmentId> {
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

async fn a_clinician_changes_their_own_hours_alone(app: TestApp) {
    let own = app.staff("lab", Role::Clinician).await;
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    book(&app, "team", "2026-11-24T10:00:00+01:00", 2).await;
    let page = own.caller.get("/staff/lab/hours").await.expect(200).text;
    assert!(page.contains("Dr Solo") && !page.contains("Dr Ana") && !page.contains("Closures"), "{page}");
    own.caller.get("/staff/lab/hours/of/ana").await.expect(404);
    away(&own, "ana", "2026-11-24", "").await.expect(404);
    own.caller
        .form("/fn/hours-closure", &[("clinic", "lab"), ("from", "2026-11-24"), ("reason", "Mine")])
        .await
        .expect(404);
    own.caller
        .form("/fn/hours-settings", &[("clinic", "lab"), ("level", "clinic"), ("duration", "5 min")])
        .await
        .expect(404);
    let body = json!({ "resource": "ana", "from": "2026-11-24" });
    own.caller.post(&format!("{API}/hours/exceptions"), &body).await.expect_problem(403, "forbidden");
    // A manager's rehearsal is no way round it.
    let manager = app.staff("lab", Role::Manager).await;
    let theirs = rehearsed(&manager, away(&manager, "ana", "2026-11-24", "").await).await;
    own.caller.get(&theirs.0).await.expect(404);
    let id = theirs.0.rsplit('/').next().expect("an id");
    own.caller.form("/fn/hours-apply", &[("clinic", "lab"), ("rehearsal", id), ("all", "cancel")]).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit").await, 0);
    let seen = rehearsed(&own, away(&own, "solo", "2026-11-24", "").await).await;
    assert!(seen.1.contains("Given1 Family1") && !seen.1.contains("Family2"), "{}", seen.1);
    decide(&own, &seen, &[("all", "keep")]).await;
    assert!(own.caller.get("/staff/lab/hours/of/solo").await.text.contains("At sea"));
}

async fn another_clinics_rehearsal_is_not_there(app: TestApp) {
    let (lab, other) = (app.staff("lab", Role::Manager).await, app.staff("riverside", Role::Manager).await);
    let seen = rehearsed(&lab, away(&lab, "solo", "2026-11-24", "").await).await;
    let id = seen.0.rsplit('/').next().expect("an id").to_owned();
    other.caller.get(&seen.0).await.expect(404);
    other.caller.get(&format!("/staff/riverside/hours/rehearsals/{id}")).await.expect(404);
    other
        .caller
        .form("/fn/hours-apply", &[("clinic", "riverside"), ("rehearsal", &id), ("all", "keep")])
        .await
        .expect(404);
    lab.caller.get("/staff/lab/hours/rehearsals/nonsense").await.expect(404);
}

async fn mistakes_are_told_in_the_clinic_files_words(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let week = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("period", ""),
        ("mon", "8-25"),
        ("tue", "08:00-12:00, 11:00-13:00"),
        ("wed", "20:00-02:00"),
        ("thu", "01:00-05:00"),
    ];
    let led = at.caller.form("/fn/hours-week", &week).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    for words in [
        "is not understood. Enter hours like",
        "08:00-12:00 and 11:00-13:00 overlap",
        "value=\"8-25\"",
        "There is a problem",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // What only the whole file shows.
    let week = [("clinic", "lab"), ("whose", "solo"), ("period", ""), ("wed", "20:00-02:00"), ("thu", "01:00-05:00")];
    let led = at.caller.form("/fn/hours-week", &week).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("20:00-02:00 of the day before runs into 01:00-05:00"), "{page}");
    let none = [("clinic", "lab"), ("whose", "solo"), ("period", "")];
    let led = at.caller.form("/fn/hours-week", &none).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("fits in no window of anybody who offers this"), "{page}");
    for (from, until, words) in [
        ("", "", "Enter the first day"),
        ("2026-02-30", "", "is not a date. Enter it like"),
        ("2026-12-02", "2026-12-01", "The last day is before the first"),
        ("2026-12-01", "2028-12-01", "more than a year"),
    ] {
        let led = away(&at, "solo", from, until).await.expect(303);
        let page = at.caller.get(led.header("location")).await.expect(200).text;
        assert!(page.contains(words), "{words}: {page}");
    }
    // All that is wrong with a field is said at once; what is understood in the clinic's own writing is.
    let week = [("clinic", "lab"), ("whose", "solo"), ("period", ""), ("mon", "8:02-12, 9-10:01")];
    let led = at.caller.form("/fn/hours-week", &week).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    // Both at the field, and both in the one line of the summary.
    assert_eq!(page.matches("is not on five minutes").count(), 4, "{page}");
    assert_eq!(page.matches("href=\"#mon\"").count(), 1, "{page}");
    let led = away(&at, "solo", "1.12.2026", "2 Dec 2026").await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("Tue 1 to Wed 2 December 2026"), "{page}");
    // A room that has no hours cannot be away from them.
    let led = away(&at, "only-room", "2026-12-01", "").await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("Enter weekly hours of its own first"));
    let closing = [("clinic", "lab"), ("from", "2026-12-24"), ("until", "2026-12-20"), ("reason", "")];
    let led = at.caller.form("/fn/hours-closure", &closing).await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("Enter why, because patients read it"));
    let closing = [("clinic", "lab"), ("from", "2026-12-24"), ("until", "2026-12-20"), ("reason", "Rest")];
    let led = at.caller.form("/fn/hours-closure", &closing).await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("The last day is before the first"));
    let settings =
        [("clinic", "lab"), ("level", "service:solo"), ("duration", "7 min"), ("max_active", "many"), ("horizon", "0")];
    let led = at.caller.form("/fn/hours-settings", &settings).await.expect(303);
    let page = at.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("7 min is not a multiple of 5 min") && page.contains("value=\"many\""), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM hours_rehearsal").await, 1, "the one that was right");
}

async fn a_week_a_period_a_closure_and_settings_hold(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let free = async |day: &str| program.free("lab", "solo", day, day).await;
    let change = async |action: &str, fields: &[(&str, &str)]| {
        let fields = [&[("clinic", "lab")][..], fields].concat();
        let seen = rehearsed(&at, at.caller.form(&format!("/fn/{action}"), &fields).await).await;
        decide(&at, &seen, &[]).await;
        seen.1
    };
    let all_week =
        [("mon", "08:00-12:00, 13:00-15:00"), ("tue", "9:00-10:00"), ("wed", "9:00-10:00"), ("thu", "9:00-10:00")];
    let page = change("hours-week", &[&[("whose", "solo"), ("period", "")][..], &all_week].concat()).await;
    assert!(
        page.contains("Tuesday: 9:00\u{2060}–\u{2060}10:00, until now 0:00\u{2060}–\u{2060}24:00")
            && page.contains("Friday: closed"),
        "{page}"
    );
    assert_eq!(free("2026-11-24").await.len(), 3);
    assert!(free("2026-11-27").await.is_empty());
    let monday = free("2026-11-30").await;
    assert!(
        monday.contains(&"2026-11-30T13:00:00+01:00".to_owned()) && !monday.iter().any(|start| start.contains("T12:"))
    );
    let summer =
        [("whose", "solo"), ("period", "new"), ("from", "2026-12-01"), ("until", "2026-12-06"), ("fri", "20:00-22:00")];
    change("hours-week", &summer).await;
    assert_eq!(free("2026-12-04").await.len(), 7);
    assert!(free("2026-12-01").await.is_empty() && !free("2026-12-08").await.is_empty());
    // Two that share a day are refused, and one is changed in its place.
    let twice = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("period", "new"),
        ("from", "2026-12-06"),
        ("until", "2026-12-09"),
        ("fri", "20:00-22:00"),
    ];
    let led = at.caller.form("/fn/hours-week", &twice).await.expect(303);
    assert!(at.caller.get(led.header("location")).await.text.contains("This period overlaps another"));
    let longer = [
        ("whose", "solo"),
        ("period", "2026-12-01..2026-12-06"),
        ("from", "2026-12-01"),
        ("until", "2026-12-09"),
        ("tue", "20:00-22:00"),
    ];
    change("hours-week", &longer).await;
    assert!(free("2026-12-04").await.is_empty() && free("2026-12-08").await.len() == 7);
    change("hours-period-remove", &[("whose", "solo"), ("period", "2026-12-01..2026-12-09")]).await;
    assert_eq!(free("2026-12-08").await.len(), 3);
    // A part of a day, and other hours.
    change(
        "hours-away",
        &[("whose", "solo"), ("kind", "part"), ("from", "2026-11-30"), ("start", "9:00"), ("end", "14:00")],
    )
    .await;
    let monday = free("2026-11-30").await;
    assert!(monday.iter().all(|start| start.contains("T08:") || start.contains("T14:")), "{monday:?}");
    change("hours-away", &[("whose", "solo"), ("kind", "open"), ("from", "2026-11-27"), ("hours", "18:00-19:00")])
        .await;
    assert_eq!(free("2026-11-27").await.len(), 3);
    // The whole clinic.
    change("hours-closure", &[("from", "2026-11-25"), ("reason", "Day of rest"), ("holiday", "yes")]).await;
    assert!(free("2026-11-25").await.is_empty());
    let refused = program.hold("lab", "team", "2026-11-25T10:00:00+01:00").await.expect_problem(409, "closed");
    assert!(refused.field("title").contains("Day of rest"), "{}", refused.text);
    change("hours-closure", &[("at", "2026-11-25..2026-11-25"), ("from", "2026-11-26"), ("reason", "Moved")]).await;
    assert!(!free("2026-11-25").await.is_empty() && free("2026-11-26").await.is_empty());
    change("hours-closure-remove", &[("at", "2026-11-26..2026-11-26")]).await;
    assert!(!free("2026-11-26").await.is_empty());
    // Settings, at each level, with where they come from.
    let page =
        change("hours-settings", &[("level", "service:solo"), ("duration", "60 min"), ("buffer_after", "5 min")]).await;
    assert!(page.contains("Length of a visit: 1 h"), "{page}");
    assert_eq!(free("2026-11-24").await.len(), 1);
    change("hours-settings", &[("level", "both:solo:solo"), ("duration", "15 min")]).await;
    assert_eq!(free("2026-11-24").await.len(), 4);
    let page = at.caller.get("/staff/lab/hours/settings?level=both%3Asolo%3Asolo").await.expect(200).text;
    assert!(
        page.contains("Inherited: 1 h, from Solo hush-hush-service") && page.contains("Inherited: 0 min, from Lab"),
        "{page}"
    );
    change("hours-settings", &[("level", "clinic"), ("grid", "30 min"), ("duration", "30 min")]).await;
    assert_eq!(free("2026-11-24").await.len(), 2);
    change("hours-settings", &[("level", "practitioner:solo"), ("needs_approval", "true")]).await;
    let booked = app.program("lab").await.book("lab", "solo", "2026-11-24T09:00:00+01:00", &Person::number(1)).await;
    assert_eq!(booked.field("status"), "pending");
    let other = at.caller.get("/staff/lab/hours/settings").await.expect(200).text;
    assert!(other.contains("Length of a visit: 15 min"), "{other}");
    at.caller.get("/staff/lab/hours/settings?level=service%3Anobody").await.expect(404);
    // Opening hours are for reading.
    change("hours-week", &[("whose", "_clinic"), ("period", ""), ("mon", "08:00-18:00")]).await;
    assert!(app.anonymous().get("/c/lab").await.expect(200).text.contains("18:00"));
}

async fn the_night_the_clock_changes(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    // 2:30 comes twice on 31 October 2027: once each. What is open until 2:00 closes when it is 2:00 for the second time.
    book(&app, "solo", "2027-10-31T02:30:00+02:00", 1).await;
    let second = book(&app, "solo", "2027-10-31T02:30:00+01:00", 2).await;
    book(&app, "solo", "2027-10-31T04:00:00+01:00", 3).await;
    let part = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("kind", "part"),
        ("from", "2027-10-31"),
        ("start", "2:00"),
        ("end", "3:00"),
    ];
    let seen = rehearsed(&at, at.caller.form("/fn/hours-away", &part).await).await;
    assert!(seen.1.contains("One visit would lose its place") && seen.1.contains("Family2"), "{}", seen.1);
    decide(&at, &seen, &[("all", "later")]).await;
    assert_eq!(open(&app).await, BTreeSet::from([second.parse().expect("an id")]));
    // Offered times on such a night are told apart, and each is where it says.
    at.caller.form("/fn/desk-new-time", &[("clinic", "lab"), ("visit", &second), ("act", "offer")]).await.expect(303);
    app.run_jobs().await;
    let list = app.program("lab").await.get(&format!("{API}/displaced")).await.expect(200).json();
    let times = list["items"][0]["times"].as_array().expect("times");
    assert!(
        !times.is_empty() && times.iter().all(|time| time["start"] != json!("2027-10-31T02:30:00+01:00")),
        "{list}"
    );
    // The hour that does not exist takes nobody's place.
    let part = [
        ("clinic", "lab"),
        ("whose", "solo"),
        ("kind", "part"),
        ("from", "2027-03-28"),
        ("start", "2:00"),
        ("end", "3:00"),
    ];
    book(&app, "solo", "2027-03-28T03:00:00+02:00", 4).await;
    let seen = rehearsed(&at, at.caller.form("/fn/hours-away", &part).await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
}

async fn a_file_takes_nothing_back_that_was_changed_on_screen(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    // As clinics are that were imported before this was kept.
    app.tamper("UPDATE clinic SET imported = NULL").await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-12-01", "2026-12-03").await).await;
    decide(&at, &seen, &[]).await;
    // The old file says nothing of the leave.
    let refused = clinic::import(&app.cx, &clinics::plan(clinics::LAB), WhenStranded::Stop).await;
    let Err(ImportError::EditedOnScreen(places)) = refused else { panic!("{refused:?}") };
    assert_eq!(places, ["practitioners.solo.exceptions"]);
    // What holds now is written down, changed elsewhere, and imported.
    let text = clinic::export(&app.cx, "lab").await.expect("read").expect("the clinic");
    let plan = clinics::plan(&text);
    let clinic = clinic::by_slug(&app.cx, "lab").await.expect("read").expect("the clinic");
    assert_eq!(plan, clinic.plan());
    let renamed = text.replacen("name = \"Dr Ana\"", "name = \"Dr Ana Maria\"", 1);
    clinic::import(&app.cx, &clinics::plan(&renamed), WhenStranded::Stop).await.expect("imported");
    assert!(app.program("lab").await.free("lab", "solo", "2026-12-01", "2026-12-03").await.is_empty());
    // A file that changes what the last one said is as good as before.
    let without = text.replace("note = \"At sea\"\n", "");
    clinic::import(&app.cx, &clinics::plan(&without), WhenStranded::Stop).await.expect("imported");
    let seen = rehearsed(&at, away(&at, "solo", "2026-12-10", "").await).await;
    decide(&at, &seen, &[]).await;
    clinic::import(&app.cx, &clinics::plan(clinics::LAB), WhenStranded::Stop).await.expect_err("refused");
    clinic::import_over(&app.cx, &clinics::plan(clinics::LAB), WhenStranded::Stop).await.expect("the file counts");
    assert!(!app.program("lab").await.free("lab", "solo", "2026-12-10", "2026-12-10").await.is_empty());
    for file in ["riverside", "northgate", "harbour"] {
        let clinic = clinic::by_slug(&app.cx, file).await.expect("read").expect("the clinic");
        let text = clinic::export(&app.cx, file).await.expect("read").expect("the clinic");
        assert_eq!(clinics::plan(&text), clinic.plan(), "{file}");
        clinic::import(&app.cx, &clinics::plan(&text), WhenStranded::Stop).await.expect("imported");
    }
    assert!(clinic::export(&app.cx, "nowhere").await.expect("read").is_none());
}

async fn what_an_import_strands_waits_on_the_list(app: TestApp) {
    let at = app.staff("lab", Role::FrontDesk).await;
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    let closed = clinics::LAB.replacen(
        "[clinic.booking]",
        "[[clinic.closures]]\nfrom = 2026-11-24\nreason = \"Flood\"\n\n[clinic.booking]",
        1,
    );
    let done = clinic::import(&app.cx, &clinics::plan(&closed), WhenStranded::Keep).await.expect("imported");
    assert_eq!(done.stranded.len(), 1);
    let list = at.caller.get("/staff/lab/new-times").await.expect(200).text;
    assert!(list.contains("Given1 Family1") && list.contains("Flood"), "{list}");
    // Imported again it strands nobody anew, and the old file adopts what fits again.
    let again = clinic::import(&app.cx, &clinics::plan(&closed), WhenStranded::Stop).await.expect("imported");
    assert_eq!(again.stranded.len(), 0);
    clinics::import(&app.cx, clinics::LAB).await;
    assert!(at.caller.get("/staff/lab/new-times").await.text.contains("Nobody waits for a new time"));
    assert_eq!(app.count("SELECT count(*) FROM displaced_visit WHERE state = 'adopted'").await, 1);
}

/// A reason given against one rule is none against another.
async fn one_day_that_closes_strands_also_who_stays_late(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let week = ["mon", "tue", "wed", "thu", "fri"].map(|day| (day, "08:00-12:00"));
    let fields = [&[("clinic", "lab"), ("whose", "solo"), ("period", "")][..], &week].concat();
    decide(&at, &rehearsed(&at, at.caller.form("/fn/hours-week", &fields).await).await, &[]).await;
    let new = json!({ "given": "Ada", "family": "Example", "birth_date": "1980-01-31" });
    let late = json!({ "service": "solo", "practitioner": "solo", "start": "2026-11-24T19:00:00+01:00", "new_patient": new, "override": { "rule": "outside_hours", "why": "She works late" } });
    let request = at.caller.post_request(&format!("{API}/appointments"), &late).header("idempotency-key", "late");
    at.caller.send(request).await.expect(201);
    // Other hours that leave it as late as it was strand nobody.
    let week = ["mon", "tue", "wed", "thu", "fri"].map(|day| (day, "09:00-12:00"));
    let fields = [&[("clinic", "lab"), ("whose", "solo"), ("period", "")][..], &week].concat();
    let seen = rehearsed(&at, at.caller.form("/fn/hours-week", &fields).await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
    decide(&at, &seen, &[]).await;
    let closing = [("clinic", "lab"), ("from", "2026-11-24"), ("reason", "Flood")];
    let seen = rehearsed(&at, at.caller.form("/fn/hours-closure", &closing).await).await;
    assert!(seen.1.contains("Ada Example") && seen.1.contains("Flood"), "{}", seen.1);
    // Kept then, it is not asked about again.
    decide(&at, &seen, &[("all", "keep")]).await;
    let seen = rehearsed(&at, away(&at, "ana", "2026-12-01", "").await).await;
    assert!(seen.1.contains("Nobody would lose their place"), "{}", seen.1);
    let page = at.caller.get("/staff/lab/schedule?day=2026-11-24").await.expect(200).text;
    assert!(page.contains("Example, Ada") && !page.contains("needs a new time"), "{page}");
}

async fn everything_to_be_sent_is_written_with_the_change(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    book(&app, "solo", "2026-11-24T11:00:00+01:00", 2).await;
    app.run_jobs().await;
    let jobs = async || app.count("SELECT count(*) FROM job").await;
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "").await).await;
    let visits: Vec<String> =
        seen.1.match_indices("name=\"visit-").map(|(at, found)| seen.1[at + found.len()..][..36].to_owned()).collect();
    assert_eq!(visits.len(), 2);
    let (first, second) = (format!("visit-{}", visits[0]), format!("visit-{}", visits[1]));
    // Half decided is not done at all.
    decide(&at, &seen, &[(&first, "offer")]).await;
    assert_eq!((jobs().await, app.count("SELECT count(*) FROM displaced_visit").await), (0, 0));
    decide(&at, &seen, &[(&first, "offer"), (&second, "cancel")]).await;
    // Before any worker runs: what is to be looked for, and what is to be said, stands beside the change.
    assert_eq!(jobs().await, 2);
    let kinds = async |kind: &str| app.count(&format!("SELECT count(*) FROM job WHERE kind = '{kind}'")).await;
    assert_eq!((kinds("offer_times").await, kinds("send_visit_mail").await), (1, 1));
    // A job may run twice.
    app.run_jobs().await;
    let mails = app.mailer.sent();
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("needs a new time")).count(), 1);
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("was cancelled")).count(), 1);
}

async fn post(caller: &Caller, path: &str, body: &Value) -> Answer {
    caller.post(&format!("{API}/{path}"), body).await
}

async fn programs_change_hours_with_the_scope(app: TestApp) {
    let scopes = [Scope::AppointmentsRead, Scope::AppointmentsWrite, Scope::HoursWrite];
    let program = app.program_with("lab", &scopes).await;
    let weak = app.program("lab").await;
    let visit = book(&app, "solo", "2026-11-24T10:00:00+01:00", 1).await;
    let read = program.get(&format!("{API}/hours")).await.expect(200);
    let before = read.json();
    assert_eq!(read.header("etag"), format!("\"{}\"", before["version"]));
    let solo =
        |json: &Value| json["resources"].as_array().unwrap().iter().find(|one| one["slug"] == "solo").cloned().unwrap();
    assert_eq!(solo(&before)["week"]["mon"], json!(["00:00-24:00"]));
    let leave = json!({ "resource": "solo", "from": "2026-11-24", "until": "2026-11-25", "note": "At sea" });
    post(&weak, "hours/exceptions", &leave).await.expect_problem(403, "forbidden");
    let rehearsal = post(&program, "hours/exceptions?rehearse=true", &leave).await.expect(200).json();
    assert_eq!((&rehearsal["applied"], &rehearsal["affected"][0]["appointment"]), (&json!(false), &json!(visit)));
    assert_eq!(
        (&rehearsal["affected"][0]["name"], &rehearsal["affected"][0]["rule"]),
        (&json!("Family1, G."), &json!("away"))
    );
    post(&program, "hours/exceptions", &leave).await.expect_problem(409, "decision_needed");
    post(&program, "hours/exceptions?decision=perhaps", &leave).await.expect_problem(400, "bad_request");
    let done = post(&program, "hours/exceptions?decision=offer&hold_hours=24", &leave).await.expect(200).json();
    assert_eq!(done["applied"], json!(true));
    app.run_jobs().await;
    let list = program.get(&format!("{API}/displaced")).await.expect(200).json();
    assert_eq!(
        (&list["items"][0]["appointment"], list["items"][0]["times"].as_array().map(Vec::len)),
        (&json!(visit), Some(3))
    );
    let now = program.get(&format!("{API}/hours")).await.expect(200).json();
    assert_eq!(solo(&now)["exceptions"][0], json!({ "date": "2026-11-24", "hours": [], "note": "At sea" }));
    // One of the kept times, for somebody on the phone.
    let hold = list["items"][0]["times"][0]["hold"].clone();
    let took = json!({ "act": "take", "hold": hold, "version": 1 });
    post(&program, &format!("displaced/{visit}"), &took).await.expect(204);
    post(&program, &format!("displaced/{visit}"), &json!({ "act": "offer" }))
        .await
        .expect_problem(409, "settled_meanwhile");
    assert_eq!(program.get(&format!("{API}/displaced")).await.json()["items"], json!([]));
    let back = format!("{API}/hours/exceptions?resource=solo&from=2026-11-24&until=2026-11-25");
    assert_eq!(program.delete(&back).await.expect(200).json()["affected"], json!([]));
    program.delete(&back).await.expect_problem(404, "not_found");
    let closure = json!({ "from": "2026-12-24", "until": "2026-12-26", "reason": "Christmas", "holiday": true });
    post(&program, "hours/closures", &closure).await.expect(200);
    program.delete(&format!("{API}/hours/closures?from=2026-12-24")).await.expect_problem(404, "not_found");
    program.delete(&format!("{API}/hours/closures?from=2026-12-24&until=2026-12-26")).await.expect(200);
    for wrong in [
        json!({ "resource": "solo", "from": "soon" }),
        json!({ "resource": "nobody", "from": "2026-12-01" }),
        json!({ "resource": "solo", "from": "2026-12-01", "start": "9:00" }),
        json!({ "resource": "solo", "from": "2026-12-01", "hours": ["9-10"] }),
    ] {
        post(&program, "hours/exceptions", &wrong).await.expect_problem(400, "bad_request");
    }
}
