//! Every page and every action for every kind of caller: nobody, oneself, a helper with each right, one whose grant has
//! ended, somebody else. What is not yours is not there (ASVS 8.2.2, 8.4.1). A new route fails the first test until it is
//! written down here who may see it.

use std::collections::BTreeSet;

use domain::grant::Right;
use entity::{account, appointment, chart_grant};
use leptos_axum::generate_route_list;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};
use uuid::Uuid;

on_both_engines![every_page_answers_every_caller_as_agreed, no_action_is_done_for_whoever_may_not];

/// Who may see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// The same for all, and nothing of anybody's on it.
    Everybody,
    /// Whoever is signed in sees their own.
    Account,
    /// Whoever reaches the visit's chart with the right to book.
    Visit,
    /// Whoever reaches the person at all.
    Person,
    /// Whoever reaches the person with this right.
    With(Right),
    /// The person alone.
    Own,
    /// Whoever acts for the person.
    Helper,
    /// The clinic's people, of whom none is here: `desk` has their matrix.
    Staff,
}

const PAGES: [(&str, May); 100] = [
    ("/", May::Everybody),
    ("/c/:clinic", May::Everybody),
    ("/c/:clinic/register", May::Account),
    ("/c/:clinic/book", May::Everybody),
    ("/c/:clinic/book/with", May::Everybody),
    ("/c/:clinic/book/times", May::Everybody),
    ("/c/:clinic/book/times/why", May::Everybody),
    // A hold is its browser's; these ask with one that is nobody's.
    ("/c/:clinic/book/:hold", May::Everybody),
    ("/c/:clinic/book/:hold/code", May::Everybody),
    ("/c/:clinic/book/:hold/check", May::Everybody),
    // The poster's link; this one is no clinic's.
    ("/c/:clinic/here/:token", May::Everybody),
    ("/k/:code", May::Everybody),
    ("/screen/:token", May::Everybody),
    ("/c/:clinic/waitlist", May::Account),
    ("/waitlist/:entry", May::With(Right::Book)),
    ("/waitlist/:entry/wishes", May::With(Right::Book)),
    // Whoever has the link; this is none.
    ("/w/:token", May::Everybody),
    ("/visits", May::Account),
    ("/visits/:visit", May::Visit),
    ("/visits/:visit/booked", May::Visit),
    ("/visits/:visit/cancel", May::Visit),
    ("/visits/:visit/move", May::Visit),
    ("/visits/:visit/move/:hold", May::Visit),
    ("/sign-in", May::Everybody),
    ("/sign-in/code", May::Everybody),
    ("/sign-in/again", May::Account),
    ("/sign-in/recover", May::Everybody),
    ("/sign-in/recover/address", May::Everybody),
    ("/sign-in/recover/code", May::Everybody),
    ("/recovery/:recovery/:token", May::Everybody),
    ("/account", May::Account),
    ("/account/addresses", May::Account),
    ("/account/addresses/new", May::Account),
    ("/account/addresses/code", May::Account),
    ("/account/recovery-codes", May::Account),
    ("/account/records", May::Account),
    ("/account/records/find", May::Account),
    ("/account/records/:claim", May::Account),
    ("/account/passkey", May::Account),
    ("/account/passkeys/:passkey", May::Account),
    ("/activate", May::Account),
    ("/home", May::Account),
    ("/people/:person", May::Person),
    ("/people/:person/helpers", May::Own),
    ("/people/:person/helpers/new", May::Own),
    ("/people/:person/ask", May::Helper),
    ("/people/:person/looks", May::With(Right::Notes)),
    ("/people/:person/:section", May::With(Right::Book)),
    ("/people/:person/:section/add", May::With(Right::Notes)),
    ("/staff", May::Staff),
    ("/staff/prove", May::Account),
    ("/staff/app", May::Account),
    ("/staff/join/:token", May::Everybody),
    ("/staff/:clinic", May::Staff),
    ("/staff/:clinic/schedule", May::Staff),
    ("/staff/:clinic/new", May::Staff),
    ("/staff/:clinic/new/who", May::Staff),
    ("/staff/:clinic/visits/:visit", May::Staff),
    ("/staff/:clinic/visits/:visit/move", May::Staff),
    ("/staff/:clinic/visits/:visit/cancel", May::Staff),
    ("/staff/:clinic/waiting", May::Staff),
    ("/staff/:clinic/screen", May::Staff),
    ("/staff/:clinic/poster", May::Staff),
    ("/staff/:clinic/block", May::Staff),
    ("/staff/:clinic/blocks/:block", May::Staff),
    ("/staff/:clinic/hours", May::Staff),
    ("/staff/:clinic/hours/of/:whose", May::Staff),
    ("/staff/:clinic/hours/of/:whose/week", May::Staff),
    ("/staff/:clinic/hours/of/:whose/away", May::Staff),
    ("/staff/:clinic/hours/closures", May::Staff),
    ("/staff/:clinic/hours/closure", May::Staff),
    ("/staff/:clinic/hours/settings", May::Staff),
    ("/staff/:clinic/hours/rehearsals/:rehearsal", May::Staff),
    ("/staff/:clinic/new-times", May::Staff),
    ("/staff/:clinic/patients", May::Staff),
    ("/staff/:clinic/patients/:patient", May::Staff),
    ("/staff/:clinic/patients/:patient/contact", May::Staff),
    ("/staff/:clinic/patients/:patient/online-booking", May::Staff),
    ("/staff/:clinic/matches", May::Staff),
    ("/staff/:clinic/reconcile", May::Staff),
    ("/staff/:clinic/calendars", May::Staff),
    ("/staff/:clinic/calendars/new", May::Staff),
    ("/staff/:clinic/calendars/:calendar", May::Staff),
    ("/staff/:clinic/calendars/:calendar/columns", May::Staff),
    ("/staff/:clinic/calendar-links", May::Staff),
    ("/staff/:clinic/emergency", May::Staff),
    ("/staff/:clinic/emergency/:access", May::Staff),
    ("/staff/:clinic/emergencies", May::Staff),
    ("/staff/:clinic/waitlist", May::Staff),
    ("/staff/:clinic/waitlist/new", May::Staff),
    ("/staff/:clinic/waitlist/:entry", May::Staff),
    ("/staff/:clinic/people", May::Staff),
    ("/staff/:clinic/people/new", May::Staff),
    ("/sorry", May::Everybody),
    ("/help", May::Everybody),
    ("/dev/mailbox", May::Everybody),
    ("/dev/mailbox/:mail", May::Everybody),
    // The second of two with one shape: a section that tells of health.
    ("/people/:person/:section?health", May::With(Right::Notes)),
    ("/staff/sign-in", May::Everybody),
    ("/staff/:clinic/go-on", May::Staff),
];

#[test]
fn every_page_is_in_the_table() {
    let routes: BTreeSet<String> =
        generate_route_list(app::routes::App).iter().map(|route| route.path().replace(['{', '}'], "")).collect();
    let plain = |path: &str| path.split('?').next().unwrap_or_default().replace(':', "");
    let listed: BTreeSet<String> = PAGES.iter().map(|(path, _)| plain(path)).collect();
    let routes: BTreeSet<String> = routes.into_iter().map(|path| path.replace(':', "")).collect();
    assert_eq!(listed, routes);
}

pub(crate) const FAMILY: &str = "Khalilzadeh";
pub(crate) const NOBODYS: &str = "00000000-0000-7000-8000-000000000000";

/// What everything is about: one person's chart and visit.
pub(crate) struct Subject {
    pub(crate) patient: Uuid,
    pub(crate) visit: String,
    /// The person waits for another visit.
    pub(crate) entry: String,
}

/// A caller, what they may do, and whether it is their own.
pub(crate) struct Somebody {
    pub(crate) name: String,
    pub(crate) caller: Caller,
    pub(crate) signed_in: bool,
    pub(crate) own: bool,
    pub(crate) rights: Vec<Right>,
}

impl Somebody {
    fn reaches(&self) -> bool {
        self.own || !self.rights.is_empty()
    }

    pub(crate) fn may(&self, right: Right) -> bool {
        self.own || self.rights.contains(&right)
    }

    fn sees(&self, may: May) -> bool {
        match may {
            May::Everybody => true,
            May::Account => self.signed_in,
            May::Visit => self.may(Right::Book),
            May::Person => self.reaches(),
            May::With(right) => self.may(right),
            May::Own => self.own,
            May::Helper => self.reaches() && !self.own,
            May::Staff => false,
        }
    }
}

async fn new_account(app: &TestApp, email: &str) -> (Caller, Uuid) {
    let all = async || {
        let rows = account::Entity::find().all(app.cx.db.read()).await.expect("accounts");
        rows.into_iter().map(|row| row.id).collect::<BTreeSet<_>>()
    };
    let before = all().await;
    let caller = app.patient(email).await;
    let new = all().await.difference(&before).next().copied().expect("a new account");
    (caller, new)
}

async fn grant(app: &TestApp, subject: &Subject, account: Uuid, scope: &str, ended: bool) {
    let visit = appointment::Entity::find().one(app.cx.db.read()).await.expect("a visit").expect("a visit");
    let row = chart_grant::ActiveModel {
        id: Set(app.cx.id()),
        account_id: Set(account),
        tenant_id: Set(visit.tenant_id),
        patient_id: Set(subject.patient),
        relation: Set("other".to_owned()),
        scope: Set(scope.to_owned()),
        origin: Set("invite".to_owned()),
        from_at: Set(app.cx.now_ms()),
        until_at: Set(None),
        ended_at: Set(ended.then(|| app.cx.now_ms())),
        age_stage: Set(0),
    };
    row.insert(app.cx.db.schema()).await.expect("a grant");
}

pub(crate) async fn everybody(app: &TestApp) -> (Subject, Vec<Somebody>) {
    let owner = app.patient("owner@example.com").await;
    let person = Person { email: "owner@example.com".to_owned(), ..Person::new("Amira", FAMILY) };
    let visit = owner.book("lab", "solo", "2026-11-24T10:00:00+01:00", &person).await.field("id");
    let row = appointment::Entity::find().one(app.cx.db.read()).await.expect("a visit").expect("a visit");
    let entry = crate::waitlist::waits(&owner, row.patient_id, "wide").await;
    let subject = Subject { patient: row.patient_id, visit, entry };
    let somebody =
        |name: &str, caller, signed_in, own, rights| Somebody { name: name.to_owned(), caller, signed_in, own, rights };
    let mut all = vec![
        somebody("nobody", app.anonymous(), false, false, Vec::new()),
        somebody("oneself", owner, true, true, Vec::new()),
        somebody("somebody else", app.patient("else@example.com").await, true, false, Vec::new()),
    ];
    for right in Right::ALL {
        let (caller, account) = new_account(app, &format!("{}@example.com", right.as_str())).await;
        grant(app, &subject, account, right.as_str(), false).await;
        all.push(somebody(&format!("a helper who may {}", right.as_str()), caller, true, false, vec![right]));
    }
    let (caller, account) = new_account(app, "ended@example.com").await;
    grant(app, &subject, account, "book results notes messages pay sign", true).await;
    all.push(somebody("a helper whose grant has ended", caller, true, false, Vec::new()));
    (subject, all)
}

fn address(page: &str, subject: &Subject) -> String {
    let section = match page {
        "/people/:person/:section?health" | "/people/:person/:section/add" => "allergies",
        _ => "address",
    };
    let page = if page == "/c/:clinic/waitlist" { "/c/:clinic/waitlist?service=solo" } else { page };
    page.replace("?health", "")
        .replace(":clinic", "lab")
        .replace(":visit", &subject.visit)
        .replace(":entry", &subject.entry)
        .replace(":patient", &subject.patient.to_string())
        .replace(":person", &subject.patient.to_string())
        .replace(":section", section)
        .replace(":token", "AAAA")
        .split('/')
        .map(|part| if part.starts_with(':') { NOBODYS } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn leads_to_signing_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/sign-in")
}

async fn every_page_answers_every_caller_as_agreed(app: TestApp) {
    let (subject, all) = everybody(&app).await;
    for (page, may) in PAGES {
        let path = address(page, &subject);
        for who in &all {
            let answer = who.caller.get(&path).await;
            let what = format!("{page} as {}: {} {}", who.name, answer.status, answer.header("location"));
            // The page about a fault of ours has its status.
            assert!(answer.status < 500 || page == "/sorry", "{what}");
            assert!(who.reaches() || !answer.text.contains(FAMILY), "{what} tells the name");
            match may {
                May::Everybody => {}
                May::Account => assert_eq!(leads_to_signing_in(&answer), !who.signed_in, "{what}"),
                _ if who.sees(may) => {
                    // A page may lead on, as one about moving a visit to a hold that is gone does.
                    let gone = path.ends_with(NOBODYS) && answer.status == 404;
                    assert!(gone || [200, 303].contains(&answer.status) && !leads_to_signing_in(&answer), "{what}");
                }
                _ if who.signed_in || may == May::Visit => assert_eq!(answer.status, 404, "{what}"),
                _ => assert!(leads_to_signing_in(&answer), "{what}"),
            }
        }
    }
}

/// A server function, who may call it, and what it is sent.
type Action = (&'static str, May, Vec<(&'static str, String)>);

/// The actions on a person or a visit.
fn actions(subject: &Subject) -> Vec<Action> {
    let person = || ("person", subject.patient.to_string());
    let visit = || ("visit", subject.visit.clone());
    let entry = || ("entry", subject.entry.clone());
    let text = |name: &'static str, value: &str| (name, value.to_owned());
    let address = vec![
        person(),
        text("section", "address"),
        text("street", "Seestraße 9"),
        text("city", "Berlin"),
        text("country", "DE"),
    ];
    let allergy = vec![person(), text("section", "allergies"), text("substance", "Latex"), text("severity", "mild")];
    let safe = vec![person(), text("section", "communication"), text("safe", "call my sister")];
    let invite = vec![
        person(),
        text("email", "x@example.com"),
        text("relation", "other"),
        text("months", "0"),
        text("rights-book", "yes"),
    ];
    vec![
        ("/fn/profile-say", May::With(Right::Book), address),
        ("/fn/profile-say", May::Own, safe),
        ("/fn/profile-add", May::With(Right::Notes), allergy),
        ("/fn/profile-none", May::With(Right::Notes), vec![person(), text("section", "medicines")]),
        ("/fn/profile-withdraw", May::With(Right::Book), vec![person(), text("section", "name")]),
        ("/fn/invite", May::Own, invite),
        ("/fn/card-photo", May::With(Right::Pay), vec![person(), text("side", "card-front")]),
        ("/fn/card-photo-remove", May::With(Right::Pay), vec![person(), text("photo", NOBODYS)]),
        ("/fn/ask", May::Helper, vec![person(), text("rights-book", "yes"), text("words", "I am her daughter")]),
        ("/fn/ask-withdraw", May::Helper, vec![person()]),
        ("/fn/waitlist-change", May::With(Right::Book), vec![entry(), text("version", "1"), text("notice", "180")]),
        ("/fn/waitlist-leave", May::With(Right::Book), vec![entry()]),
        ("/fn/cancel", May::Visit, vec![visit(), text("reason", "ill")]),
    ]
}

/// Forms with a file are sent as such, with one.
async fn act(who: &Caller, path: &str, fields: &[(&str, &str)]) -> Answer {
    match path {
        "/fn/card-photo" => who.upload(path, fields, Some(("photo", "card.jpg", &crate::files::photo()))).await,
        "/fn/ask" => who.upload(path, fields, Some(("paper", "court.pdf", crate::files::PDF))).await,
        _ => who.form(path, fields).await,
    }
}

async fn no_action_is_done_for_whoever_may_not(app: TestApp) {
    let (subject, all) = everybody(&app).await;
    let state = async || {
        let said = app.count("SELECT count(*) FROM profile_statement").await;
        let invited = app.count("SELECT count(*) FROM grant_invite").await;
        let sent = app.count("SELECT count(*) FROM stored_file").await;
        let asked = app.count("SELECT count(*) FROM grant_request").await;
        let waits = app.count("SELECT CAST(sum(version) AS BIGINT) FROM waitlist_entry").await;
        let visits = app.count("SELECT CAST(sum(version) AS BIGINT) FROM appointment").await;
        (said, invited, sent, asked, visits, waits)
    };
    for (path, may, fields) in actions(&subject) {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (may_not, allowed): (Vec<_>, Vec<_>) = all.iter().partition(|who| !who.sees(may));
        let before = state().await;
        for who in may_not {
            let answer = act(&who.caller, path, &fields).await;
            let expected = if who.signed_in || may == May::Visit { 404 } else { 401 };
            assert_eq!(answer.status, expected, "{path} as {}: {}", who.name, answer.text);
        }
        assert_eq!(state().await, before, "{path}");
        // Each who may, may: the last one's word stands.
        let who = allowed.last().expect("somebody may");
        let answer = act(&who.caller, path, &fields).await;
        assert_eq!(answer.status, 303, "{path} as {}: {}", who.name, answer.text);
    }
    let (_, invited, sent, asked, ..) = state().await;
    assert_eq!((invited, sent, asked), (1, 2, 1));
}
