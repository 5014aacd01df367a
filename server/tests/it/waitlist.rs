//! Waiting for a time: joining, offers that hold it, taking it with one tap, passing it on, and how waiting ends.

use domain::staff::Role;
use portal::{booking, jobs, waitlist};
use serde_json::json;
use testkit::{Answer, Caller, Person, TestApp, clinics, on_both_engines};
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
    a_later_visit_is_moved_and_not_doubled,
    a_safe_later_booking_does_not_end_the_waiting,
    moving_it_earlier_oneself_ends_the_waiting,
    nobody_is_asked_at_night,
    no_offer_is_made_inside_the_notice,
    a_time_that_does_not_suit_is_not_offered,
    waiting_ends_by_itself,
    wishes_change_and_the_place_stays,
    whoever_leaves_gives_the_time_back,
    nobody_waits_twice_nor_for_everything,
    a_parent_waits_for_a_child,
    a_clinic_that_closes_meanwhile_says_so,
    a_block_does_not_take_an_offered_time,
    of_many_looks_one_offers_a_time,
    an_opened_day_is_offered,
    a_merge_leaves_one_place,
    a_patient_who_may_not_come_is_told_at_once,
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

async fn close(program: &Caller, start: &str, end: &str) -> Answer {
    let body = json!({ "resource": "solo", "start": start, "end": end });
    program.post("/api/v1/staff/clinics/lab/blocks", &body).await
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

fn named<'a>(given: &'a str, relation: &'a str) -> Vec<(&'a str, &'a str)> {
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

fn entry_of(answer: &Answer) -> String {
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

fn token(link: &str) -> String {
    link.trim_start_matches("/w/").to_owned()
}

async fn tap(caller: &Caller, link: &str, moves: &str) -> Answer {
    caller.form("/fn/waitlist-claim", &[("token", &token(link)), ("move", moves)]).await
}

/// The jobs and the timetable's look, as the worker does them.
pub(crate) async fn work(app: &TestApp) {
    booking::sweep(&app.cx).await.expect("swept");
    waitlist::look(&app.cx).await.expect("looked");
    app.run_jobs().await;
}

async fn states(app: &TestApp, state: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM waitlist_entry WHERE state = '{state}'")).await
}

async fn offers(app: &TestApp, state: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM waitlist_offer WHERE state = '{state}'")).await
}

async fn free_at_ten(app: &TestApp) -> bool {
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

async fn offer_id(app: &TestApp) -> String {
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

async fn booked(app: &TestApp) -> String {
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

async fn a_later_visit_is_moved_and_not_doubled(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = app.patient("ada@example.com").await;
    let person = Person { email: "ada@example.com".to_owned(), ..Person::new("Ada", "Waiting") };
    let later = "2026-12-01T15:00:00+01:00";
    let old = ada.book("lab", "solo", later, &person).await.field("id");
    let page = ada.get("/c/lab/waitlist?service=solo").await.expect(200).text;
    let at = page.find("name=\"person\" value=\"").expect("a person") + "name=\"person\" value=\"".len();
    let id = page[at..].get(..36).expect("an id").to_owned();
    let joined = ada.form("/fn/waitlist-join", &that_day(&[("person", &id)])).await.expect(303);
    let entry = entry_of(&joined);
    cancel(&app, &visit).await;
    let link = link(&app, "ada@example.com").expect("an offer");
    let page = app.anonymous().get(&link).await.expect(200).text;
    assert!(page.contains("You have this visit already") && page.contains("Move my visit to this time"), "{page}");
    // A page from before, which would book a second one, is told to look again.
    let back = tap(&ada, &link, "").await.expect(303);
    assert_eq!(back.header("location"), link);
    assert!(ada.get(&link).await.text.contains("Your visits have changed since this page was opened"));
    let taken = tap(&ada, &link, &old).await.expect(303);
    assert_eq!(taken.header("location"), format!("/visits/{old}?moved=yes"));
    assert_eq!(tap(&ada, &link, &old).await.expect(303).header("location"), format!("/visits/{old}?moved=yes"));
    let start = ada.get(&format!("/api/v1/appointments/{old}")).await.expect(200).field("start");
    assert_eq!(start, TEN);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1);
    assert!(app.anonymous().free("lab", "solo", "2026-12-01", "2026-12-01").await.contains(&later.to_owned()));
    assert!(ada.get(&format!("/waitlist/{entry}")).await.text.contains("You took a time"));
}

async fn a_safe_later_booking_does_not_end_the_waiting(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let person = Person { email: ada.email.clone(), ..Person::new("Ada", "Waiting") };
    let later = ada.caller.book("lab", "solo", "2026-12-01T15:00:00+01:00", &person).await.field("id");
    assert_eq!(states(&app, "waiting").await, 1);
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    // While it is open, another booking by that day ends it all, and the time goes on.
    let ben = join(&app, "Ben", &[]).await;
    let early = ada.caller.book("lab", "solo", "2026-11-23T15:00:00+01:00", &person).await.field("id");
    app.run_jobs().await;
    assert_eq!((states(&app, "withdrawn").await, offers(&app, "withdrawn").await), (1, 1));
    assert!(ada.caller.get(&link).await.expect(200).text.contains("is not offered any more"));
    assert!(crate::waitlist::link(&app, &ben.email).is_some(), "the next one is asked");
    let page = ada.caller.get(&format!("/waitlist/{}", ada.entry)).await.expect(200).text;
    assert!(page.contains("You booked this visit") && page.contains(&early) && !page.contains(&later), "{page}");
}

async fn moving_it_earlier_oneself_ends_the_waiting(app: TestApp) {
    a_full_day(&app).await;
    let ada = join(&app, "Ada", &[("until-day", "25")]).await;
    let person = Person { email: ada.email.clone(), ..Person::new("Ada", "Waiting") };
    let visit = ada.caller.book("lab", "solo", "2026-12-01T15:00:00+01:00", &person).await.field("id");
    let to = async |start: &str| {
        let hold = ada.caller.hold("lab", "solo", start).await.expect(201);
        ada.caller.reschedule(&visit, &hold).await.expect(200);
    };
    to("2026-12-02T15:00:00+01:00").await;
    to("2026-11-27T15:00:00+01:00").await;
    assert_eq!(states(&app, "waiting").await, 1, "later than the last day");
    to("2026-11-25T15:00:00+01:00").await;
    assert_eq!(states(&app, "withdrawn").await, 1);
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

async fn no_offer_is_made_inside_the_notice(app: TestApp) {
    let plan = clinics::LAB.replacen("notice_book = 0", "notice_book = \"2 h\"", 1);
    clinics::import(&app.cx, &plan).await;
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    // 8:30: less than two hours before ten.
    app.clock.set("2026-11-24T07:30:00Z".parse().expect("a time"));
    cancel(&app, &visit).await;
    work(&app).await;
    assert!(link(&app, &ada.email).is_none());
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

async fn waiting_ends_by_itself(app: TestApp) {
    a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    // The last minute of the last day, and the first of the next.
    app.clock.set("2026-11-24T22:59:00Z".parse().expect("a time"));
    work(&app).await;
    assert_eq!(states(&app, "waiting").await, 1);
    app.clock.set("2026-11-24T23:00:00Z".parse().expect("a time"));
    work(&app).await;
    assert_eq!(states(&app, "expired").await, 1);
    let told = app.mailer.sent().into_iter().find(|mail| mail.subject.starts_with("You are no longer on the waitlist"));
    assert_eq!(told.expect("a mail").to, ada.email);
    let again = app.patient(&ada.email).await;
    let page = again.get(&format!("/waitlist/{}", ada.entry)).await.expect(200).text;
    assert!(page.contains("The last day is over") && page.contains("Look for a time"), "{page}");
    assert!(!again.get("/visits").await.text.contains("Waiting for a time"));
}

async fn wishes_change_and_the_place_stays(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[("parts-evening", "yes"), ("about", "My knee")]).await;
    let ben = join(&app, "Ben", &[]).await;
    let page = ada.caller.get(&format!("/waitlist/{}/wishes", ada.entry)).await.expect(200).text;
    assert!(page.contains("My knee") && page.contains("value=\"2026\""), "{page}");
    let change = |version, more: &[(&'static str, &'static str)]| {
        let mut fields = that_day(more);
        fields.retain(|(name, _)| !["clinic", "service"].contains(name));
        fields.extend([("entry", ada.entry.as_str()), ("version", version)]);
        let fields: Vec<(String, String)> = fields.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        fields
    };
    let send = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        ada.caller.form("/fn/waitlist-change", &fields).await.expect(303).header("location").to_owned()
    };
    // Mistakes keep what was typed; what nobody saw is not changed.
    let to = send(change("1", &[("until-day", "77")])).await;
    assert!(ada.caller.get(&to).await.text.contains("The day must be a number from 1 to 31"));
    let to = send(change("9", &[])).await;
    assert!(ada.caller.get(&to).await.text.contains("Something about your place changed meanwhile"));
    let to = send(change("1", &[])).await;
    assert_eq!(to, format!("/waitlist/{}?changed=yes", ada.entry));
    cancel(&app, &visit).await;
    assert!(link(&app, &ada.email).is_some() && link(&app, &ben.email).is_none(), "first as before");
}

async fn whoever_leaves_gives_the_time_back(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let ben = join(&app, "Ben", &[]).await;
    cancel(&app, &visit).await;
    for _ in 0..2 {
        ada.caller.form("/fn/waitlist-leave", &[("entry", &ada.entry)]).await.expect(303);
    }
    app.run_jobs().await;
    assert!(link(&app, &ben.email).is_some());
    assert_eq!((states(&app, "withdrawn").await, offers(&app, "withdrawn").await), (1, 1));
    let page = ada.caller.get(&format!("/waitlist/{}", ada.entry)).await.expect(200).text;
    assert!(page.contains("You left the list") && !page.contains("Leave the waitlist"), "{page}");
    // One may come back, behind those who wait.
    let again = ada.caller.form("/fn/waitlist-join", &that_day(&named("Ada", "self"))).await.expect(303);
    assert_ne!(entry_of(&again), ada.entry);
}

async fn nobody_waits_twice_nor_for_everything(app: TestApp) {
    let ada = join(&app, "Ada", &[("notice", "10080")]).await;
    let fields = that_day(&named("Ada", "self"));
    let all = futures::future::join_all((0..4).map(|_| ada.caller.form("/fn/waitlist-join", &fields))).await;
    for again in all {
        assert_eq!(again.expect(303).header("location"), format!("/waitlist/{}?there=yes", ada.entry));
    }
    assert_eq!(app.count("SELECT count(*) FROM waitlist_entry").await, 1);
    // As many as a family needs, and no more.
    let names = ["B", "C", "D", "E", "F", "G", "H", "I", "J"];
    for name in names {
        let other = that_day(&[&named(name, "other")[..], &[("notice", "10080")]].concat());
        ada.caller.form("/fn/waitlist-join", &other).await.expect(303);
    }
    let other = that_day(&named("K", "other"));
    let back = ada.caller.form("/fn/waitlist-join", &other).await.expect(303);
    let page = ada.caller.get(back.header("location")).await.expect(200).text;
    assert!(page.contains("You are waiting for many visits already") && page.contains("value=\"K\""), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM waitlist_entry").await, 10);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE outcome = 'too_many_entries'").await, 1);
}

async fn a_parent_waits_for_a_child(app: TestApp) {
    let visit = a_full_day(&app).await;
    let caller = app.patient("ada@example.com").await;
    let mut fields = that_day(&named("Leo", "child"));
    fields.retain(|(name, _)| *name != "birth-year");
    fields.push(("birth-year", "2020"));
    caller.form("/fn/waitlist-join", &fields).await.expect(303);
    cancel(&app, &visit).await;
    let link = link(&app, "ada@example.com").expect("an offer");
    assert!(caller.get("/home").await.text.contains("for Leo Waiting"));
    let offer = offer_id(&app).await;
    let taken = caller.form("/fn/waitlist-claim", &[("offer", &offer)]).await.expect(303);
    assert!(caller.get(taken.header("location")).await.expect(200).text.contains("Leo Waiting"));
    assert!(!link.is_empty());
    let by_proxy = "SELECT count(*) FROM audit WHERE actor_kind = 'proxy' AND action IN ('waitlist.join', 'waitlist.claim', 'appointment.book')";
    assert_eq!(app.count(by_proxy).await, 3);
}

async fn a_clinic_that_closes_meanwhile_says_so(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    let away = "[[practitioners.exceptions]]\ndate = 2026-11-24\nhours = []\nnote = \"At sea\"\n\n[[practitioners]]\nslug = \"ana\"";
    let plan = clinics::LAB.replacen("[[practitioners]]\nslug = \"ana\"", away, 1);
    clinics::import(&app.cx, &plan).await;
    let back = tap(&ada.caller, &link, "").await.expect(303);
    assert_eq!(back.header("location"), link);
    let page = ada.caller.get(&link).await.expect(200).text;
    assert!(
        page.contains("At sea") && page.contains("is not offered any more") && page.contains("keep your place"),
        "{page}"
    );
    assert_eq!((states(&app, "waiting").await, offers(&app, "withdrawn").await), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 0);
}

async fn a_block_does_not_take_an_offered_time(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    cancel(&app, &visit).await;
    let program = app.program("lab").await;
    close(&program, TEN, "2026-11-24T10:30:00+01:00").await.expect_problem(409, "offered");
    let at = app.staff("lab", Role::FrontDesk).await;
    let fields = [("clinic", "lab"), ("resource", "solo"), ("date", DAY), ("from", "10:00"), ("to", "10:30")];
    at.caller.form("/fn/desk-block", &fields).await.expect(303);
    assert!(at.caller.get("/staff/lab/block").await.text.contains("offered to somebody on the waitlist until"));
    let board = at.caller.get(&format!("/staff/lab/schedule?day={DAY}")).await.expect(200).text;
    assert!(board.contains("offered to the waitlist"), "{board}");
    let link = link(&app, &ada.email).expect("an offer");
    assert!(tap(&ada.caller, &link, "").await.expect(303).header("location").ends_with("/booked"));
}

async fn of_many_looks_one_offers_a_time(app: TestApp) {
    let visit = a_full_day(&app).await;
    for name in ["Ada", "Ben", "Cem"] {
        join(&app, name, &[]).await;
    }
    app.run_jobs().await;
    app.program("lab").await.cancel(&visit).await.expect(200);
    let looks = (0..6).map(|_| async {
        waitlist::look(&app.cx).await.expect("looked");
        jobs::run_due(&app.cx).await.expect("run");
    });
    futures::future::join_all(looks).await;
    app.run_jobs().await;
    assert_eq!((offers(&app, "open").await, states(&app, "offered").await), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM waitlist_offer").await, 1);
    // Whoever looks at the same time as somebody takes it, gets nothing of it.
    let entry = app.count("SELECT count(*) FROM hold WHERE status = 'live' AND waitlist_entry_id IS NOT NULL").await;
    assert_eq!(entry, 1);
}

async fn an_opened_day_is_offered(app: TestApp) {
    let away = "[[practitioners.exceptions]]\ndate = 2026-11-24\nhours = []\n\n[[practitioners]]\nslug = \"ana\"";
    clinics::import(&app.cx, &clinics::LAB.replacen("[[practitioners]]\nslug = \"ana\"", away, 1)).await;
    let ada = join(&app, "Ada", &[("parts-morning", "yes")]).await;
    app.run_jobs().await;
    assert!(link(&app, &ada.email).is_none());
    clinics::import(&app.cx, clinics::LAB).await;
    app.run_jobs().await;
    assert!(link(&app, &ada.email).is_some());
}

async fn a_merge_leaves_one_place(app: TestApp) {
    use portal::Scope;
    let visit = a_full_day(&app).await;
    let maiden = join(&app, "Ada", &[]).await;
    let married = join(&app, "Adah", &[]).await;
    let rows = charts(&app).await;
    let scopes = [Scope::PatientsRead, Scope::PatientsWrite];
    let program = app.program_of("lab", portal::api_keys::Reach::Network, &scopes).await;
    let path = format!("/api/v1/patients/{}/merge", rows[1]);
    let merged = program.post(&path, &json!({ "gone": rows[0] })).await.expect(201).field("id");
    assert_eq!((states(&app, "waiting").await, states(&app, "withdrawn").await), (1, 1));
    assert_eq!(app.count("SELECT count(DISTINCT patient_id) FROM waitlist_entry").await, 1);
    // The longer wait counts, whichever chart it came from, and whoever reaches the kept one has it.
    let page = married.caller.get(&format!("/waitlist/{}", maiden.entry)).await.expect(200).text;
    assert!(page.contains("Waiting"), "{page}");
    assert!(married.caller.get(&format!("/waitlist/{}", married.entry)).await.text.contains("twice"));
    cancel(&app, &visit).await;
    assert!(link(&app, &married.email).is_some());
    program.post(&format!("/api/v1/merges/{merged}/undo"), &json!({})).await.expect(204);
    assert_eq!(app.count("SELECT count(DISTINCT patient_id) FROM waitlist_entry").await, 2);
}

/// The charts of those who wait, by when they were made.
async fn charts(app: &TestApp) -> Vec<String> {
    use sea_orm::{EntityTrait, QueryOrder};
    let all = entity::waitlist_entry::Entity::find().order_by_asc(entity::waitlist_entry::Column::Id);
    let all = all.all(app.cx.db.read()).await.expect("entries");
    all.into_iter().map(|row| row.patient_id.to_string()).collect()
}

async fn a_patient_who_may_not_come_is_told_at_once(app: TestApp) {
    let caller = app.patient("leo@example.com").await;
    // Riverside sees children of up to 17 for this.
    let fields =
        that_day(&[&named("Leo", "self")[..], &[("clinic", "riverside"), ("service", "child-check")]].concat());
    let back = caller.form("/fn/waitlist-join", &fields).await.expect(303);
    let page = caller.get(back.header("location")).await.expect(200).text;
    assert!(page.contains("There is a problem") && page.contains("value=\"Leo\""), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM waitlist_entry").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 0, "no chart without a place");
}
