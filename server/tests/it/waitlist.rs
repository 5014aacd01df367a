//! Waiting for a time: joining, offers that hold it, taking it with one tap, and passing it on.

use portal::{booking, waitlist};
use serde_json::json;
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};
use uuid::Uuid;

on_both_engines![
    the_empty_day_leads_to_the_waitlist,
    what_was_typed_is_kept_with_its_mistakes,
    a_time_that_is_given_back_is_kept_for_the_first,
    the_link_takes_the_time_with_one_tap,
    many_taps_book_once,
    nobody_else_takes_it,
    nobodys_answer_passes_it_on,
    passing_it_on_keeps_the_place,
    nobody_is_asked_at_night,
    a_time_that_does_not_suit_is_not_offered,
    hundreds_of_times_that_are_not_for_them_do_not_hide_the_one_that_is,
    a_link_leads_to_no_visit_of_long_ago,
];

pub(crate) const DAY: &str = "2026-11-24";

pub(crate) const TEN: &str = "2026-11-24T10:00:00+01:00";

/// Somebody signed in who waits, and where.
pub(crate) struct Waits {
    pub(crate) caller: Caller,
    pub(crate) entry: String,
    pub(crate) email: String,
}

/// Dr Solo's whole day is closed but for ten o'clock, which is booked. Answers that visit.
pub(crate) async fn a_full_day(app: &TestApp) -> String {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", TEN, &Person::number(1)).await.field("id");
    close(&program, "2026-11-24T00:00:00+01:00", TEN).await.expect(201);
    close(&program, "2026-11-24T10:35:00+01:00", "2026-11-25T00:00:00+01:00").await.expect(201);
    visit
}

pub(crate) async fn close(program: &Caller, start: &str, end: &str) -> Answer {
    let body = json!({ "resource": "solo", "start": start, "end": end });
    program.make("/api/v1/staff/clinics/lab/blocks", &body).await
}

/// The wishes for that day alone, at any notice.
pub(crate) fn that_day<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [
        ("clinic", "lab"),
        ("service", "solo"),
        ("with", "any"),
        ("from-day", "24"),
        ("from-month", "11"),
        ("from-year", "2026"),
        ("until-day", "24"),
        ("until-month", "11"),
        ("until-year", "2026"),
        ("notice", "0"),
    ];
    base.into_iter().filter(|(name, _)| !more.iter().any(|(own, _)| own == name)).chain(more.iter().copied()).collect()
}

pub(crate) fn named<'a>(given: &'a str, relation: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("person", "new"),
        ("relation", relation),
        ("given", given),
        ("family", "Waiting"),
        ("birth-day", "31"),
        ("birth-month", "1"),
        ("birth-year", "1980"),
    ]
}

pub(crate) fn entry_of(answer: &Answer) -> String {
    let to = answer.header("location");
    let id = to.strip_prefix("/waitlist/").unwrap_or_else(|| panic!("not on the list: {to}"));
    id.split('?').next().expect("an id").to_owned()
}

pub(crate) async fn join(app: &TestApp, given: &str, more: &[(&str, &str)]) -> Waits {
    let email = format!("{}@example.com", given.to_lowercase());
    let caller = app.patient(&email).await;
    let fields = that_day(&[&named(given, "self")[..], more].concat());
    let joined = caller.form("/fn/waitlist-join", &fields).await.expect(303);
    // Ids made at one instant have no order.
    app.clock.advance_minutes(1);
    Waits { entry: entry_of(&joined), caller, email }
}

/// For tests of who may what: a place that no time suits.
pub(crate) async fn waits(caller: &Caller, patient: Uuid, service: &str) -> String {
    let patient = patient.to_string();
    let today = [("from-day", "23"), ("until-day", "23"), ("notice", "10080")];
    let fields = that_day(&[&[("person", patient.as_str()), ("service", service)][..], &today].concat());
    let joined = caller.form("/fn/waitlist-join", &fields).await.expect(303);
    entry_of(&joined)
}

pub(crate) async fn cancel(app: &TestApp, visit: &str) {
    app.program("lab").await.cancel(visit).await.expect(200);
    app.run_jobs().await;
}

/// The newest link to an offer that went to an address.
pub(crate) fn link(app: &TestApp, email: &str) -> Option<String> {
    let sent = app.mailer.sent();
    let mail = sent.iter().rev().find(|mail| mail.to == email && mail.subject.starts_with("A time is free"))?;
    let at = mail.text.find("/w/").expect("a link");
    Some(mail.text[at..].split_whitespace().next().expect("a link").to_owned())
}

pub(crate) fn token(link: &str) -> String {
    link.trim_start_matches("/w/").to_owned()
}

pub(crate) async fn tap(caller: &Caller, link: &str, moves: &str) -> Answer {
    caller.form("/fn/waitlist-claim", &[("token", &token(link)), ("move", moves)]).await
}

/// The jobs and the timetable's look, as the worker does them.
pub(crate) async fn work(app: &TestApp) {
    booking::sweep(&app.cx).await.expect("swept");
    waitlist::look(&app.cx).await.expect("looked");
    app.run_jobs().await;
}

pub(crate) async fn states(app: &TestApp, state: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM waitlist_entry WHERE state = '{state}'")).await
}

pub(crate) async fn offers(app: &TestApp, state: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM waitlist_offer WHERE state = '{state}'")).await
}

pub(crate) async fn free_at_ten(app: &TestApp) -> bool {
    app.anonymous().free("lab", "solo", DAY, DAY).await.contains(&TEN.to_owned())
}

async fn the_empty_day_leads_to_the_waitlist(app: TestApp) {
    a_full_day(&app).await;
    let visitor = app.anonymous();
    let page = visitor.get(&format!("/c/lab/book/times?service=solo&with=any&day={DAY}")).await.expect(200).text;
    assert!(page.contains("Nothing is free on this day") && page.contains("Wait for a time"), "{page}");
    assert!(page.contains("/c/lab/waitlist?service=solo&amp;with=any"), "{page}");
    // The proof is the one that booking asks for.
    let led = visitor.get("/c/lab/waitlist?service=solo&with=any").await.expect(303);
    assert!(led.header("location").starts_with("/sign-in?next=%2Fc%2Flab%2Fwaitlist"));
    let caller = app.patient("ada@example.com").await;
    let page = caller.get("/c/lab/waitlist?service=solo&with=any").await.expect(200).text;
    for words in ["What would suit you?", "Date of birth", "Which days of the week?", "Join the waitlist"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let fields = that_day(&named("Ada", "self"));
    let joined = caller.form("/fn/waitlist-join", &fields).await.expect(303);
    let page = caller.get(joined.header("location")).await.expect(200).text;
    assert!(page.contains("You are on the waitlist") && page.contains("on Tue 24 November 2026"), "{page}");
    for path in ["/home", "/visits"] {
        let page = caller.get(path).await.expect(200).text;
        assert!(page.contains("Waiting for a time") && page.contains(&entry_of(&joined)), "{path}: {page}");
    }
    // Signed in, one chooses among the people one may book for.
    let page = caller.get("/c/lab/waitlist?service=wide").await.expect(200).text;
    assert!(page.contains("Ada Waiting") && !page.contains("Date of birth"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'waitlist.join' AND outcome = 'ok'").await, 1);
    caller.get("/c/lab/waitlist?service=nothing").await.expect(200);
}

async fn what_was_typed_is_kept_with_its_mistakes(app: TestApp) {
    let caller = app.patient("ada@example.com").await;
    let mut fields = named("Ada", "self");
    fields.retain(|(name, _)| *name != "birth-year");
    fields.extend([("until-day", "23"), ("until-month", "10"), ("about", "My knee"), ("days-monday", "yes")]);
    fields.push(("notice", "17"));
    let back = caller.form("/fn/waitlist-join", &that_day(&fields)).await.expect(303);
    let page = caller.get(back.header("location")).await.expect(200).text;
    for words in [
        "There is a problem",
        "Date of birth must include a year",
        "The last day must not be before the first",
        "Choose how short before a time is still fine",
        "value=\"Ada\"",
        "My knee",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(states(&app, "waiting").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 0);
}

async fn a_time_that_is_given_back_is_kept_for_the_first(app: TestApp) {
    let visit = a_full_day(&app).await;
    let first = join(&app, "Ada", &[]).await;
    let second = join(&app, "Ben", &[]).await;
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM waitlist_offer").await, 0, "nothing is free");
    cancel(&app, &visit).await;
    let mail = app.mailer.sent().into_iter().rev().find(|mail| mail.to == first.email).expect("a mail");
    assert!(mail.text.contains("Tuesday 24 November 2026 at 10:00, clinic time"), "{}", mail.text);
    assert!(mail.text.contains("We keep it for you until") && !mail.text.contains("hush-hush"), "{}", mail.text);
    assert!(!mail.html.contains("hush-hush") && !mail.subject.contains("hush-hush"));
    assert!(link(&app, &second.email).is_none(), "one person at a time");
    assert!(!free_at_ten(&app).await, "the time is kept");
    app.anonymous().hold("lab", "solo", TEN).await.expect_problem(409, "taken");
    let page = first.caller.get("/home").await.expect(200).text;
    assert!(page.contains("A time is kept for you"), "{page}");
    let page = first.caller.get(&format!("/waitlist/{}", first.entry)).await.expect(200).text;
    assert!(page.contains("Take this time") && page.contains("10:00 to 10:30"), "{page}");
    // An hour by day, if the settings say nothing else.
    assert_eq!(app.count("SELECT max(expires_at) - max(made_at) FROM waitlist_offer").await, 60 * 60_000);
}

async fn the_link_takes_the_time_with_one_tap(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[("about", "My knee hurts")]).await;
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    let browser = app.anonymous();
    // What looks through mail takes nothing.
    for _ in 0..2 {
        let page = browser.get(&link).await.expect(200).text;
        assert!(page.contains("Take this time") && page.contains("Tuesday 24 November"), "{page}");
    }
    browser.get(&link.replace("/w/", "/fn/")).await;
    assert_eq!(offers(&app, "open").await, 1);
    let taken = tap(&browser, &link, "").await.expect(303);
    let to = taken.header("location").to_owned();
    assert!(to.starts_with("/visits/") && to.ends_with("/booked"), "{to}");
    // This browser sees what it took.
    let browser = browser.with_cookie_of(&taken);
    let page = browser.get(&to).await.expect(200).text;
    assert!(page.contains("10:00") && page.contains("My knee hurts"), "{page}");
    assert_eq!((states(&app, "claimed").await, offers(&app, "claimed").await), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1);
    // Once more leads to the same, and the page says what became of it.
    assert_eq!(tap(&browser, &link, "").await.expect(303).header("location"), to);
    let page = browser.get(&link).await.expect(200).text;
    assert!(page.contains("You took the time") && !page.contains("Take this time"), "{page}");
    app.run_jobs().await;
    let told =
        app.mailer.sent().into_iter().any(|mail| mail.to == ada.email && mail.subject.contains("Your appointment"));
    assert!(told, "a visit like every other");
    let page = ada.caller.get(&format!("/waitlist/{}", ada.entry)).await.expect(200).text;
    assert!(page.contains("You took a time") && page.contains("See the visit"), "{page}");
}

async fn many_taps_book_once(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    let offer: String = offer_id(&app).await;
    let own = [("offer", offer.as_str())];
    let token = token(&link);
    let by_link = [("token", token.as_str())];
    let taps = (0..3)
        .flat_map(|_| [ada.caller.form("/fn/waitlist-claim", &own), ada.caller.form("/fn/waitlist-claim", &by_link)]);
    let all = futures::future::join_all(taps).await;
    let first = all[0].header("location").to_owned();
    assert!(first.ends_with("/booked") && all.iter().all(|answer| answer.header("location") == first), "{all:#?}");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'waitlist.claim' AND outcome = 'ok'").await, 1);
}

pub(crate) async fn offer_id(app: &TestApp) -> String {
    use sea_orm::EntityTrait;
    let row = entity::waitlist_offer::Entity::find().one(app.cx.db.read()).await.expect("offers");
    row.expect("an offer").id.to_string()
}

async fn nobody_else_takes_it(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    let offer = offer_id(&app).await;
    for caller in [&ben.caller, &app.anonymous(), &app.patient("eve@example.com").await] {
        for action in ["/fn/waitlist-claim", "/fn/waitlist-decline"] {
            caller.form(action, &[("offer", &offer)]).await.expect(404);
        }
    }
    let mut wrong = token(&link);
    wrong.replace_range(30..31, if &wrong[30..31] == "A" { "B" } else { "A" });
    for bad in [wrong.as_str(), "AAAA", "", &token(&link)[..20]] {
        app.anonymous().get(&format!("/w/{bad}")).await.expect(404);
        app.anonymous().form("/fn/waitlist-claim", &[("token", bad)]).await.expect(404);
    }
    // Nor by the hold itself, with whatever key or session.
    let hold = app.count("SELECT count(*) FROM hold WHERE status = 'live'").await;
    assert_eq!((offers(&app, "open").await, hold), (1, 1));
    ben.caller.get(&format!("/waitlist/{}", ada.entry)).await.expect(404);
}

async fn nobodys_answer_passes_it_on(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    cancel(&app, &visit).await;
    let late = link(&app, &ada.email).expect("an offer");
    app.clock.advance_minutes(61);
    // Over at once, also before anybody tidied up.
    let page = app.anonymous().get(&late).await.expect(200).text;
    assert!(page.contains("It has gone to somebody else") && page.contains("keep your place"), "{page}");
    let back = tap(&ada.caller, &late, "").await.expect(303);
    assert_eq!(back.header("location"), late);
    work(&app).await;
    let link = link(&app, &ben.email).expect("the next one is asked");
    assert_eq!((states(&app, "waiting").await, states(&app, "offered").await), (1, 1));
    assert_eq!(app.count("SELECT ignored FROM waitlist_entry WHERE state = 'waiting'").await, 1);
    assert_eq!(tap(&ada.caller, &late, "").await.expect(303).header("location"), late);
    assert!(tap(&ben.caller, &link, "").await.expect(303).header("location").ends_with("/booked"));
    assert!(
        app.count("SELECT count(*) FROM audit WHERE action = 'waitlist.claim' AND outcome = 'offer_over'").await > 1
    );
    // Left in peace for a day: what becomes free now goes to nobody.
    let visit = app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await;
    assert_eq!(visit, 1);
    let id = booked(&app).await;
    cancel(&app, &id).await;
    assert_eq!(offers(&app, "open").await, 0);
    assert!(free_at_ten(&app).await);
}

pub(crate) async fn booked(app: &TestApp) -> String {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let booked = entity::appointment::Entity::find().filter(entity::appointment::Column::Status.eq("booked"));
    booked.one(app.cx.db.read()).await.expect("visits").expect("a visit").id.to_string()
}

async fn passing_it_on_keeps_the_place(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    cancel(&app, &visit).await;
    let link_of_ada = link(&app, &ada.email).expect("an offer");
    for _ in 0..2 {
        let back = ada.caller.form("/fn/waitlist-decline", &[("token", &token(&link_of_ada))]).await.expect(303);
        assert_eq!(back.header("location"), link_of_ada);
    }
    app.run_jobs().await;
    let page = ada.caller.get(&link_of_ada).await.expect(200).text;
    assert!(page.contains("You passed the time on") && page.contains("keep your place"), "{page}");
    let link_of_ben = link(&app, &ben.email).expect("the next one is asked");
    ben.caller.form("/fn/waitlist-decline", &[("token", &token(&link_of_ben))]).await.expect(303);
    work(&app).await;
    // Both said no: nobody is asked about it again, and everybody may book it.
    assert_eq!((offers(&app, "open").await, offers(&app, "declined").await), (0, 2));
    assert_eq!(app.count("SELECT CAST(sum(ignored) AS BIGINT) FROM waitlist_entry").await, 0);
    assert!(free_at_ten(&app).await);
}

async fn nobody_is_asked_at_night(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    // 22:30 in Berlin.
    app.clock.set("2026-11-23T21:30:00Z".parse().expect("a time"));
    cancel(&app, &visit).await;
    work(&app).await;
    assert!(link(&app, &ada.email).is_none());
    // The time is anybody's meanwhile; seven in the morning is soon enough for those who wait.
    app.clock.set("2026-11-24T06:00:00Z".parse().expect("a time"));
    work(&app).await;
    assert!(link(&app, &ada.email).is_some());
    // Asked at 20:31 in the evening, one has until 7:31 in the morning.
    let program = app.program("lab").await;
    app.clock.set("2026-11-30T19:30:00Z".parse().expect("a time"));
    work(&app).await;
    let tomorrow = [("from-day", "2"), ("from-month", "12"), ("until-day", "2"), ("until-month", "12")];
    close(&program, "2026-12-02T00:00:00+01:00", "2026-12-02T10:00:00+01:00").await.expect(201);
    close(&program, "2026-12-02T10:35:00+01:00", "2026-12-03T00:00:00+01:00").await.expect(201);
    let ben = join(&app, "Ben", &tomorrow).await;
    app.run_jobs().await;
    assert!(link(&app, &ben.email).is_some());
    let due = app.count("SELECT max(expires_at) FROM waitlist_offer").await;
    let until: jiff::Timestamp = "2026-12-01T06:31:00Z".parse().expect("a time");
    assert_eq!(due, until.as_millisecond());
}

async fn a_time_that_does_not_suit_is_not_offered(app: TestApp) {
    let visit = a_full_day(&app).await;
    join(&app, "Ada", &[("days-monday", "yes"), ("from-day", "23")]).await;
    join(&app, "Ben", &[("parts-afternoon", "yes")]).await;
    join(&app, "Cem", &[("notice", "10080")]).await;
    join(&app, "Dan", &[("with", "solo"), ("parts-morning", "yes"), ("days-tuesday", "yes")]).await;
    cancel(&app, &visit).await;
    assert!(link(&app, "dan@example.com").is_some(), "the last one, whom it suits");
    // Ada is asked about a Monday: today's.
    for nobody in ["ben@example.com", "cem@example.com"] {
        assert!(link(&app, nobody).is_none(), "{nobody}");
    }
}

async fn hundreds_of_times_that_are_not_for_them_do_not_hide_the_one_that_is(app: TestApp) {
    let mut plan = testkit::clinics::plan(testkit::clinics::LAB);
    let solo = plan.services.iter_mut().find(|service| service.slug == "solo").expect("solo");
    (solo.settings.max_per_period, solo.settings.per_patient_period_days) = (Some(1), Some(7));
    portal::clinic::import(&app.cx, &plan, portal::clinic::WhenStranded::Stop).await.expect("imported");
    let visit = a_full_day(&app).await;
    // She was there this morning, so that the next time for her is a week from now.
    let ada = app.patient("ada@example.com").await;
    let person = Person { email: "ada@example.com".to_owned(), ..Person::new("Ada", "Waiting") };
    let start = "2026-11-23T12:00:00+01:00";
    ada.book("lab", "solo", start, &person).await;
    app.clock.set("2026-11-23T12:00:00Z".parse().expect("a time"));
    let ada = join(&app, "Ada", &[("until-day", "4"), ("until-month", "12")]).await;
    cancel(&app, &visit).await;
    waitlist::look(&app.cx).await.expect("looked");
    app.run_jobs().await;
    let page = app.anonymous().get(&link(&app, &ada.email).expect("an offer")).await.expect(200).text;
    assert!(page.contains("Monday 30 November"), "{page}");
}

async fn a_link_leads_to_no_visit_of_long_ago(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[("about", "My knee hurts")]).await;
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    let to = tap(&app.anonymous(), &link, "").await.expect(303).header("location").to_owned();
    for (days, opens) in [(20, true), (40, false)] {
        app.clock.set(app.cx.now() + jiff::SignedDuration::from_hours(24 * days));
        let browser = app.anonymous();
        let again = tap(&browser, &link, "").await;
        assert_eq!(again.status == 303 && again.header("location") == to, opens, "{again:?}");
        let seen = browser.with_cookie_of(&again).get(to.trim_end_matches("/booked")).await;
        assert_eq!(seen.status == 200 && seen.text.contains("My knee hurts"), opens, "{}", seen.text);
    }
}

/// The charts of those who wait, by when they were made.
pub(crate) async fn charts(app: &TestApp) -> Vec<String> {
    use sea_orm::{EntityTrait, QueryOrder};
    let all = entity::waitlist_entry::Entity::find().order_by_asc(entity::waitlist_entry::Column::Id);
    let all = all.all(app.cx.db.read()).await.expect("entries");
    all.into_iter().map(|row| row.patient_id.to_string()).collect()
}
