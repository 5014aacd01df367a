//! How waiting goes on and ends: other wishes, leaving, visits that one books or moves meanwhile, closures and merges.

use domain::staff::Role;
use portal::{Scope, jobs, waitlist};
use serde_json::json;
use testkit::{Person, TestApp, clinics, on_both_engines};

use crate::hours;
use crate::waitlist::{
    DAY, TEN, a_full_day, cancel, charts, close, entry_of, join, link, named, offer_id, offers, states, tap, that_day,
    work,
};

on_both_engines![
    a_later_visit_is_moved_and_not_doubled,
    a_safe_later_booking_does_not_end_the_waiting,
    moving_it_earlier_oneself_ends_the_waiting,
    no_offer_is_made_inside_the_notice,
    waiting_ends_by_itself,
    wishes_change_and_the_place_stays,
    whoever_leaves_gives_the_time_back,
    nobody_waits_twice_nor_for_everything,
    a_parent_waits_for_a_child,
    a_clinic_that_closes_meanwhile_says_so,
    hours_that_change_take_back_what_they_took_away,
    a_block_does_not_take_an_offered_time,
    of_many_looks_one_offers_a_time,
    an_opened_day_is_offered,
    a_merge_leaves_one_place,
    a_patient_who_may_not_come_is_told_at_once,
    what_is_asked_since_is_told_to_whoever_waits,
];

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
    // At once, and not only when somebody takes it.
    assert_eq!((states(&app, "waiting").await, offers(&app, "withdrawn").await), (1, 1));
    let page = ada.caller.get(&link).await.expect(200).text;
    assert!(page.contains("is not offered any more") && page.contains("keep your place"), "{page}");
    tap(&ada.caller, &link, "").await.expect(303);
    assert_eq!((states(&app, "waiting").await, offers(&app, "withdrawn").await), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 0);
}

async fn hours_that_change_take_back_what_they_took_away(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    cancel(&app, &visit).await;
    let link = link(&app, &ada.email).expect("an offer");
    let program = app.program_with("lab", &[Scope::HoursWrite, Scope::AppointmentsRead]).await;
    let away = async |day: &str| {
        let leave = json!({ "resource": "solo", "from": day, "note": "On leave" });
        program.make("/api/v1/staff/clinics/lab/hours/exceptions?decision=later", &leave).await.expect(200)
    };
    assert!(away("2026-11-26").await.text.contains("\"offers_taken_back\":0"));
    // Who thinks of a change is told before it holds.
    let at = app.staff("lab", Role::Manager).await;
    let seen = hours::rehearsed(&at, hours::away(&at, "solo", DAY, "").await).await;
    assert!(seen.1.contains("Whoever is asked about one of these now loses the offer"), "{}", seen.1);
    assert!(seen.1.contains("Waiting, A."), "{}", seen.1);
    assert_eq!((states(&app, "offered").await, offers(&app, "open").await), (1, 1), "another day");
    assert!(away(DAY).await.text.contains("\"offers_taken_back\":1"));
    assert_eq!((states(&app, "waiting").await, offers(&app, "withdrawn").await), (1, 1));
    let page = ada.caller.get(&link).await.expect(200).text;
    assert!(page.contains("is not offered any more"), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM hold WHERE status = 'live'").await, 0, "nobody's time is kept");
    work(&app).await;
    assert_eq!(offers(&app, "open").await, 0, "nothing is left to offer");
    assert_eq!(app.problems().await, [""; 0]);
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

async fn what_is_asked_since_is_told_to_whoever_waits(app: TestApp) {
    let visit = a_full_day(&app).await;
    let ada = join(&app, "Ada", &[]).await;
    let place = format!("/waitlist/{}", ada.entry);
    let waits_in_vain = "No time can be offered to you as it is";
    assert!(!ada.caller.get(&place).await.expect(200).text.contains(waits_in_vain));
    let rules = r#"booking = { buffer_after = "5 min" }"#;
    let asks = format!("{rules}\nwho = {{ referral = true }}");
    clinics::import(&app.cx, &clinics::LAB.replace(rules, &asks)).await;
    cancel(&app, &visit).await;
    assert!(link(&app, &ada.email).is_none(), "it cannot be offered");
    for (page, words) in [
        (place.as_str(), waits_in_vain),
        (place.as_str(), "You need a referral for this visit"),
        ("/visits", "Needs an answer from you"),
        ("/home", "The waitlist needs an answer from you"),
    ] {
        let text = ada.caller.get(page).await.expect(200).text;
        assert!(text.contains(words), "{page}: {words}: {text}");
    }
    let at = app.staff("lab", Role::FrontDesk).await;
    let list = at.caller.get("/staff/lab/waitlist").await.expect(200).text;
    assert!(list.contains("Cannot be asked") && list.contains("You need a referral for this visit"), "{list}");
    let api = format!("/api/v1/staff/clinics/lab/waitlist/{}", ada.entry);
    let entry = at.caller.get(&api).await.expect(200).json();
    assert_eq!(entry["hindrance"]["code"], "needs_referral");
    assert_eq!(entry["place"], 1, "they keep their place");
    // Said, it is offered.
    let mut fields = that_day(&[("entry", &ada.entry), ("version", "1"), ("referral", "yes")]);
    fields.retain(|(name, _)| !["clinic", "service"].contains(name));
    let changed = ada.caller.form("/fn/waitlist-change", &fields).await.expect(303);
    assert_eq!(changed.header("location"), format!("{place}?changed=yes"));
    app.run_jobs().await;
    assert!(link(&app, &ada.email).is_some());
    assert_eq!(at.caller.get(&api).await.expect(200).json()["hindrance"], json!(null));
}
