//! Visits that lost their place: times that are kept for the patient, taken with one tap; the list of what is left; and
//! what fits again (booking rules 16 and 19).

use domain::staff::Role;
use serde_json::json;
use testkit::{Answer, AtDesk, Caller, Person, TestApp, clinics, on_both_engines};

use crate::hours::{away, decide, rehearsed};

on_both_engines![
    a_patient_takes_a_kept_time_with_one_tap,
    kept_times_are_nobody_elses,
    the_link_in_the_mail_is_enough,
    what_has_run_out_is_said_kindly,
    another_time_or_none_is_free_of_notice,
    what_fits_again_is_adopted_and_said,
    a_kept_visit_is_not_asked_about_again,
    a_cancelled_patient_reads_why,
    the_desk_settles_what_is_left,
    times_that_close_later_are_given_back,
    whatever_happens_to_the_visit_settles_it,
    of_several_ways_to_settle_at_once_one_counts,
    a_visit_in_another_networks_eyes_is_not_there,
    the_doctor_sees_what_is_kept_for_nobody,
    a_long_list_comes_in_pages,
];

const START: &str = "2026-11-26T10:00:00+01:00";

/// A patient with a visit with Dr Solo, who then goes away for two days; other times are offered.
struct Scene {
    at: AtDesk,
    patient: Caller,
    visit: String,
}

async fn booked(app: &TestApp) -> (Caller, String) {
    let person = Person::number(1);
    let patient = app.patient(&person.email).await;
    let visit = patient.book("lab", "solo", START, &person).await.field("id");
    (patient, visit)
}

async fn displace(at: &AtDesk, decision: &[(&str, &str)]) {
    let seen = rehearsed(at, away(at, "solo", "2026-11-26", "2026-11-27").await).await;
    assert!(seen.1.contains("One visit would lose its place"), "{}", seen.1);
    decide(at, &seen, decision).await;
}

async fn scene(app: &TestApp) -> Scene {
    let at = app.staff("lab", Role::Manager).await;
    let (patient, visit) = booked(app).await;
    displace(&at, &[("all", "offer"), ("hold", "48")]).await;
    app.run_jobs().await;
    Scene { at, patient, visit }
}

impl Scene {
    async fn page(&self) -> String {
        self.patient.get(&format!("/visits/{}", self.visit)).await.expect(200).text
    }

    /// The holds that the page offers.
    async fn holds(&self) -> Vec<String> {
        holds(&self.page().await)
    }

    async fn take(&self, hold: &str) -> Answer {
        self.patient.form("/fn/accept-time", &[("visit", &self.visit), ("hold", hold)]).await
    }

    /// The leave is taken back.
    async fn back(&self) {
        let fields = [("clinic", "lab"), ("whose", "solo"), ("from", "2026-11-26"), ("until", "2026-11-27")];
        let seen = rehearsed(&self.at, self.at.caller.form("/fn/hours-back", &fields).await).await;
        decide(&self.at, &seen, &[]).await;
    }

    async fn list(&self) -> String {
        self.at.caller.get("/staff/lab/new-times").await.expect(200).text
    }

    async fn settle(&self, app: &TestApp, act: &str, more: &[(&str, &str)]) -> Answer {
        let version = app.count("SELECT version FROM appointment").await.to_string();
        let fields =
            [&[("clinic", "lab"), ("visit", &self.visit), ("version", &version), ("act", act)][..], more].concat();
        self.at.caller.form("/fn/desk-new-time", &fields).await
    }
}

fn holds(page: &str) -> Vec<String> {
    let found = page.match_indices("name=\"hold\" value=\"");
    found.map(|(at, words)| page[at + words.len()..][..36].to_owned()).collect()
}

async fn live(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM hold WHERE status = 'live' AND offered").await
}

async fn state(app: &TestApp, state: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM displaced_visit WHERE state = '{state}'")).await
}

async fn start(app: &TestApp, visit: &str) -> String {
    app.program("lab").await.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("start")
}

fn mails(app: &TestApp, subject: &str) -> usize {
    app.mailer.sent().iter().filter(|mail| mail.subject.contains(subject)).count()
}

async fn a_patient_takes_a_kept_time_with_one_tap(app: TestApp) {
    let scene = scene(&app).await;
    let mail = app.mailer.sent().into_iter().find(|mail| mail.subject.contains("needs a new time")).expect("a mail");
    assert_eq!(mail.to, Person::number(1).email);
    for words in [
        "cannot keep your appointment",
        "Thursday 26 November 2026 at 10:00",
        "It keeps these times for you until",
        "Nothing is cancelled by itself",
        "/m/",
    ] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    assert!(
        !mail.text.contains("hush-hush") && !mail.text.contains("At sea") && mail.invite.is_none(),
        "{}",
        mail.text
    );
    let home = scene.patient.get("/home").await.expect(200).text;
    assert!(home.contains("Your visit needs a new time"), "{home}");
    assert!(scene.patient.get("/visits").await.text.contains("Needs a new time"));
    let page = scene.page().await;
    let holds = holds(&page);
    assert!(page.contains("This visit needs a new time") && page.contains("Dr Solo") && holds.len() == 3, "{page}");
    // The old time stands, and looking changes nothing.
    assert_eq!(start(&app, &scene.visit).await, START);
    scene.patient.get(&format!("/fn/accept-time?visit={}&hold={}", scene.visit, holds[0])).await.expect(405);
    let led = scene.take(&holds[1]).await.expect(303);
    assert_eq!(led.header("location"), format!("/visits/{}?moved=yes", scene.visit));
    let moved = start(&app, &scene.visit).await;
    assert!(moved != START && !moved.starts_with("2026-11-26") && !moved.starts_with("2026-11-27"), "{moved}");
    assert_eq!((live(&app).await, state(&app, "moved").await), (0, 1));
    // Tapped twice, it is moved once; another one is too late.
    assert_eq!(scene.take(&holds[1]).await.header("location"), led.header("location"));
    assert_eq!(scene.take(&holds[0]).await.header("location"), format!("/visits/{}?moved=meanwhile", scene.visit));
    assert_eq!((start(&app, &scene.visit).await, app.count("SELECT version FROM appointment").await), (moved, 2));
    app.run_jobs().await;
    assert_eq!(mails(&app, "was moved"), 1);
    assert!(
        !scene.page().await.contains("needs a new time") && scene.list().await.contains("Nobody waits for a new time")
    );
    // The other times are free again.
    app.program("lab").await.hold("lab", "solo", "2026-11-25T10:00:00+01:00").await.expect(201);
}

async fn kept_times_are_nobody_elses(app: TestApp) {
    let scene = scene(&app).await;
    let list = app.program("lab").await.get("/api/v1/staff/clinics/lab/displaced").await.expect(200).json();
    let times = list["items"][0]["times"].as_array().expect("times").clone();
    assert_eq!(times.len(), 3);
    let (program, other) = (app.program("lab").await, app.patient("other@example.com").await);
    for time in &times {
        let start = time["start"].as_str().expect("a start");
        program.hold_with("lab", "solo", start, "solo").await.expect_problem(409, "taken");
        other.hold_with("lab", "solo", start, "solo").await.expect_problem(409, "taken");
    }
    // Nor is the way to them: not by a guess, not by another visit, not as a hold of one's own.
    let holds = scene.holds().await;
    other.form("/fn/accept-time", &[("visit", &scene.visit), ("hold", &holds[0])]).await.expect(404);
    app.anonymous().form("/fn/accept-time", &[("visit", &scene.visit), ("hold", &holds[0])]).await;
    let own = other
        .book(
            "lab",
            "team",
            "2026-11-30T10:00:00+01:00",
            &Person { email: "other@example.com".to_owned(), ..Person::number(2) },
        )
        .await;
    other.form("/fn/accept-time", &[("visit", &own.field("id")), ("hold", &holds[0])]).await.expect(404);
    other.form("/fn/move", &[("visit", &own.field("id")), ("hold", &holds[0])]).await.expect(404);
    scene.patient.form("/fn/move", &[("visit", &scene.visit), ("hold", &holds[0])]).await.expect(404);
    assert_eq!((live(&app).await, start(&app, &scene.visit).await), (3, START.to_owned()));
}

async fn the_link_in_the_mail_is_enough(app: TestApp) {
    let scene = scene(&app).await;
    let mail = app.mailer.sent().into_iter().find(|mail| mail.subject.contains("needs a new time")).expect("a mail");
    let token = mail.text.split("/m/").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a link");
    let opened = app.anonymous().get(&format!("/m/{token}")).await.expect(303);
    let browser = app.anonymous().with_cookie_of(&opened);
    let page = browser.get(opened.header("location")).await.expect(200).text;
    let holds = holds(&page);
    assert_eq!(holds.len(), 3, "{page}");
    browser.form("/fn/accept-time", &[("visit", &scene.visit), ("hold", &holds[0])]).await.expect(303);
    assert_eq!(state(&app, "moved").await, 1);
}

async fn what_has_run_out_is_said_kindly(app: TestApp) {
    let scene = scene(&app).await;
    let holds = scene.holds().await;
    assert!(scene.list().await.contains("No answer yet; other times are kept until"));
    app.clock.set("2026-11-25T07:00:00Z".parse().expect("a time"));
    let at = app.staff_as("lab", Role::FrontDesk, "later@example.com").await;
    let patient = app.patient(&Person::number(1).email).await;
    let scene = Scene { at, patient, visit: scene.visit };
    let led = scene.take(&holds[0]).await.expect(303);
    let page = scene.patient.get(led.header("location")).await.expect(200).text;
    for words in [
        "This time is not kept any more. Choose another",
        "have run out",
        "Choose any other time",
        "This visit needs a new time",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(start(&app, &scene.visit).await, START, "the old time stands");
    assert!(scene.list().await.contains("No answer; the offer ran out"), "{}", scene.list().await);
    portal::booking::sweep(&app.cx).await.expect("swept");
    assert_eq!((live(&app).await, state(&app, "open").await), (0, 1));
    // Offered again, there are others.
    scene.settle(&app, "offer", &[]).await.expect(303);
    app.run_jobs().await;
    assert_eq!((live(&app).await, scene.holds().await.len(), mails(&app, "needs a new time")), (3, 3, 2));
    // Once its time has come, the list lets it go; it is on the board.
    app.clock.set("2026-11-26T09:30:00Z".parse().expect("a time"));
    portal::hours::tidy(&app.cx).await.expect("tidied");
    assert_eq!((live(&app).await, state(&app, "passed").await), (0, 1));
}

async fn another_time_or_none_is_free_of_notice(app: TestApp) {
    // Patients of this clinic need two days' notice.
    let strict = clinics::LAB.replacen(
        "notice_move = 0\nnotice_cancel = 0",
        "notice_move = \"4 days\"\nnotice_cancel = \"4 days\"",
        1,
    );
    clinics::import(&app.cx, &strict).await;
    let at = app.staff("lab", Role::Manager).await;
    let (patient, visit) = booked(&app).await;
    let page =
        |patient: Caller, visit: String| async move { patient.get(&format!("/visits/{visit}")).await.expect(200).text };
    assert!(page(patient.clone(), visit.clone()).await.contains("too late to move or cancel"));
    displace(&at, &[("all", "later")]).await;
    app.run_jobs().await;
    // Nobody told the patient yet.
    assert!(page(patient.clone(), visit.clone()).await.contains("too late to move or cancel"));
    let scene = Scene { at, patient, visit };
    scene.settle(&app, "offer", &[]).await.expect(303);
    app.run_jobs().await;
    let text = scene.page().await;
    assert!(!text.contains("too late") && text.contains("Choose any other time"), "{text}");
    scene.patient.get(&format!("/visits/{}/move", scene.visit)).await.expect(303);
    let body = json!({ "service": "solo", "practitioner": "solo", "start": "2026-12-10T10:00:00+01:00" });
    let hold = scene.patient.post("/api/v1/clinics/lab/holds", &body).await.expect(201);
    scene.patient.form("/fn/move", &[("visit", &scene.visit), ("hold", &hold.field("id"))]).await.expect(303);
    assert_eq!(start(&app, &scene.visit).await, "2026-12-10T10:00:00+01:00");
    assert_eq!((live(&app).await, state(&app, "moved").await), (0, 1));
}

async fn what_fits_again_is_adopted_and_said(app: TestApp) {
    let scene = scene(&app).await;
    assert!(scene.list().await.contains(">New times<"));
    scene.back().await;
    assert_eq!((live(&app).await, state(&app, "adopted").await), (0, 1));
    app.run_jobs().await;
    assert_eq!((mails(&app, "stays as it was"), mails(&app, "was cancelled")), (1, 0));
    assert!(!scene.page().await.contains("needs a new time") && !scene.list().await.contains(">New times<"));
    assert_eq!(app.count("SELECT version FROM appointment").await, 1, "nothing happened to the visit");
    // Who was never told otherwise is not told that it stays; and it may lose its place again.
    displace(&scene.at, &[("all", "later")]).await;
    assert_eq!(state(&app, "open").await, 1);
    scene.back().await;
    app.run_jobs().await;
    assert_eq!((mails(&app, "stays as it was"), state(&app, "adopted").await), (1, 1));
}

async fn a_kept_visit_is_not_asked_about_again(app: TestApp) {
    let scene = scene(&app).await;
    scene.settle(&app, "keep", &[]).await.expect(303);
    assert_eq!((live(&app).await, state(&app, "kept").await), (0, 1));
    app.run_jobs().await;
    assert_eq!(mails(&app, "stays as it was"), 1);
    let other = rehearsed(&scene.at, away(&scene.at, "solo", "2026-11-26", "2026-11-28").await).await;
    assert!(other.1.contains("Nobody would lose their place"), "{}", other.1);
    let page = scene.at.caller.get(&format!("/staff/lab/visits/{}", scene.visit)).await.expect(200).text;
    assert!(
        page.contains("Stays at its time") && page.contains("while they are away"),
        "it is written down with the visit: {page}"
    );
    // The front desk, who may override no rule, keeps none.
    let desk = app.staff("lab", Role::FrontDesk).await;
    desk.caller
        .form("/fn/desk-new-time", &[("clinic", "lab"), ("visit", &scene.visit), ("act", "keep")])
        .await
        .expect(404);
    // Moved into the hours and displaced once more, it is asked about.
    let to = json!({ "practitioner": "solo", "start": "2026-12-01T10:00:00+01:00" });
    scene
        .at
        .caller
        .post(&format!("/api/v1/staff/clinics/lab/appointments/{}/move", scene.visit), &to)
        .await
        .expect(200);
    let seen = rehearsed(&scene.at, away(&scene.at, "solo", "2026-12-01", "").await).await;
    assert!(seen.1.contains("One visit would lose its place"), "{}", seen.1);
}

async fn a_cancelled_patient_reads_why(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let (patient, visit) = booked(&app).await;
    displace(&at, &[("all", "cancel"), ("message", "Dr Solo had to leave. We are sorry")]).await;
    app.run_jobs().await;
    let page = patient.get(&format!("/visits/{visit}")).await.expect(200).text;
    assert!(page.contains("The clinic wrote") && page.contains("Dr Solo had to leave. We are sorry"), "{page}");
    let mail = app.mailer.sent().into_iter().find(|mail| mail.subject.contains("was cancelled")).expect("a mail");
    assert!(!mail.text.contains("Dr Solo"), "{}", mail.text);
    assert_eq!((state(&app, "cancelled").await, live(&app).await), (1, 0));
    // What a patient wrote is for the clinic alone.
    let own = patient.book("lab", "solo", "2026-12-10T10:00:00+01:00", &Person::number(1)).await.field("id");
    patient.form("/fn/cancel", &[("visit", &own), ("reason", "Private matters")]).await.expect(303);
    assert!(!patient.get(&format!("/visits/{own}")).await.text.contains("Private matters"));
}

async fn the_desk_settles_what_is_left(app: TestApp) {
    let scene = scene(&app).await;
    let list = scene.list().await;
    for words in
        ["Given1 Family1", "No answer yet", "Offer again", "Keep it where it is", "Cancel the visit", "Move to "]
    {
        assert!(list.contains(words), "{words}: {list}");
    }
    let desk = app.staff("lab", Role::FrontDesk).await;
    let page = desk.caller.get("/staff/lab/new-times").await.expect(200).text;
    assert!(page.contains("Offer again") && !page.contains("Keep it where it is"), "{page}");
    let board = desk.caller.get("/staff/lab/schedule?day=2026-11-25").await.expect(200).text;
    assert!(board.contains("for somebody to move to"), "{board}");
    // On the phone: the first of them.
    let hold = scene.holds().await.remove(0);
    let fields = [("clinic", "lab"), ("visit", scene.visit.as_str()), ("act", "take"), ("hold", &hold)];
    desk.caller.form("/fn/desk-new-time", &fields).await.expect(303);
    assert_eq!((state(&app, "moved").await, live(&app).await), (1, 0));
    assert_eq!(
        app.count("SELECT count(*) FROM audit WHERE action = 'appointment.move' AND actor_kind = 'staff'").await,
        1
    );
    // What was settled is said to be.
    let led = desk
        .caller
        .form("/fn/desk-new-time", &[("clinic", "lab"), ("visit", &scene.visit), ("act", "offer")])
        .await
        .expect(303);
    let page = desk.caller.get(led.header("location")).await.expect(200).text;
    assert!(page.contains("It was settled or changed meanwhile"), "{page}");
    for act in ["", "explode"] {
        desk.caller
            .form("/fn/desk-new-time", &[("clinic", "lab"), ("visit", &scene.visit), ("act", act)])
            .await
            .expect(400);
    }
}

async fn times_that_close_later_are_given_back(app: TestApp) {
    let scene = scene(&app).await;
    assert_eq!(live(&app).await, 3);
    // The nearest of them lie just before the leave.
    let closing = [("clinic", "lab"), ("from", "2026-11-24"), ("until", "2026-11-25"), ("reason", "Flood")];
    let seen = rehearsed(&scene.at, scene.at.caller.form("/fn/hours-closure", &closing).await).await;
    assert!(seen.1.contains("One visit waits for a new time already"), "{}", seen.1);
    decide(&scene.at, &seen, &[]).await;
    assert!(live(&app).await < 3, "times on days that closed are not kept");
    assert_eq!(state(&app, "open").await, 1);
}

async fn whatever_happens_to_the_visit_settles_it(app: TestApp) {
    let scene = scene(&app).await;
    scene.patient.form("/fn/cancel", &[("visit", &scene.visit)]).await.expect(303);
    assert_eq!((state(&app, "cancelled").await, live(&app).await), (1, 0));
    // The patient comes all the same.
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", "2026-12-01T10:00:00+01:00", &Person::number(5)).await.field("id");
    let seen = rehearsed(&scene.at, away(&scene.at, "solo", "2026-12-01", "").await).await;
    decide(&scene.at, &seen, &[("all", "offer")]).await;
    app.run_jobs().await;
    assert_eq!(live(&app).await, 3);
    app.clock.set("2026-12-01T08:30:00Z".parse().expect("a time"));
    let at = app.staff_as("lab", Role::FrontDesk, "later@example.com").await;
    at.caller.form("/fn/desk-step", &[("clinic", "lab"), ("visit", &visit), ("step", "arrive")]).await.expect(303);
    assert_eq!((state(&app, "came").await, live(&app).await), (1, 0));
}

async fn of_several_ways_to_settle_at_once_one_counts(app: TestApp) {
    let scene = scene(&app).await;
    let holds = scene.holds().await;
    let taken = futures::future::join_all(holds.iter().map(|hold| scene.take(hold)));
    let (taken, (), kept) = futures::future::join3(taken, scene.back(), scene.settle(&app, "keep", &[])).await;
    assert!(taken.iter().all(|answer| [303, 404].contains(&answer.status)) && kept.status < 500, "{taken:?}");
    assert_eq!(live(&app).await, 0);
    let settled = app.count("SELECT count(*) FROM displaced_visit WHERE state IN ('moved', 'adopted', 'kept')").await;
    assert_eq!(settled, 1);
    let moves = app.count("SELECT count(*) FROM appointment_event WHERE kind = 'moved'").await;
    assert_eq!(moves, state(&app, "moved").await);
}

async fn a_visit_in_another_networks_eyes_is_not_there(app: TestApp) {
    let scene = scene(&app).await;
    let other = app.staff("riverside", Role::Manager).await;
    assert!(!other.caller.get("/staff/riverside/new-times").await.expect(200).text.contains("Family1"));
    other.caller.get("/staff/lab/new-times").await.expect(404);
    let hold = scene.holds().await.remove(0);
    for act in ["offer", "keep", "cancel", "take"] {
        let fields = [("clinic", "riverside"), ("visit", scene.visit.as_str()), ("act", act), ("hold", &hold)];
        other.caller.form("/fn/desk-new-time", &fields).await.expect(404);
    }
    assert_eq!((live(&app).await, state(&app, "open").await), (3, 1));
}

async fn the_doctor_sees_what_is_kept_for_nobody(app: TestApp) {
    scene(&app).await;
    assert_eq!(app.problems().await, Vec::<String>::new());
    app.is_sick();
    app.tamper("UPDATE displaced_visit SET state = 'kept'").await;
    assert!(app.problems().await.join("\n").contains("is kept for a visit that needs no new time"));
    app.tamper("UPDATE displaced_visit SET state = 'open'").await;
    assert_eq!(app.problems().await, Vec::<String>::new());
    app.tamper("UPDATE appointment SET status = 'cancelled'").await;
    assert!(app.problems().await.join("\n").contains("is over and still waits for a new time"));
}

async fn a_long_list_comes_in_pages(app: TestApp) {
    let at = app.staff("lab", Role::Manager).await;
    let program = app.program("lab").await;
    let mut visits = Vec::new();
    for n in 0..103 {
        let start = format!("2026-11-{}T{:02}:00:00+01:00", 24 + n / 24, n % 24);
        visits.push(program.book("lab", "solo", &start, &Person::number(n)).await.field("id"));
    }
    let seen = rehearsed(&at, away(&at, "solo", "2026-11-24", "2026-11-28").await).await;
    decide(&at, &seen, &[("all", "later")]).await;
    let api = "/api/v1/staff/clinics/lab/displaced";
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items");
        items.iter().map(|one| one["appointment"].as_str().expect("an id").to_owned()).collect()
    };
    let first = program.get(api).await.expect(200).json();
    assert_eq!(ids(&first), visits[..50]);
    let next = first["next"].as_str().expect("a next page");
    // The one where the page ended is settled meanwhile.
    let act = json!({ "act": "cancel" });
    program.post(&format!("{api}/{}", visits[49]), &act).await.expect(204);
    let second = program.get(&format!("{api}?after={next}")).await.expect(200).json();
    assert_eq!(ids(&second), visits[50..100]);
    let next = second["next"].as_str().expect("a third page");
    let third = program.get(&format!("{api}?after={next}")).await.expect(200).json();
    assert_eq!((ids(&third), &third["next"]), (visits[100..].to_vec(), &json!(null)));
    program.get(&format!("{api}?after=nowhere")).await.expect_problem(404, "not_found");
    // The same on screen.
    let page = at.caller.get("/staff/lab/new-times").await.expect(200).text;
    assert!(page.contains("50 of 102") && !page.contains("The first ones"), "{page}");
    let next = page.split("new-times?after=").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let page = at.caller.get(&format!("/staff/lab/new-times?after={next}")).await.expect(200).text;
    assert!(page.contains("The first ones") && page.contains(&visits[51]) && !page.contains(&visits[50]), "{page}");
    let past = portal::After::parse(next)
        .map(|after| portal::After { at: after.at + jiff::SignedDuration::from_hours(9000), ..after })
        .expect("one");
    let page = at.caller.get(&format!("/staff/lab/new-times?after={}", past.text())).await.expect(200).text;
    assert!(page.contains("0 of 102") && page.contains("The first ones"), "{page}");
}
