use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;

const WEBER: ResourceId = ResourceId(Uuid::from_u128(1));
const ROOM: ResourceId = ResourceId(Uuid::from_u128(2));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn entry(key: &str, start: &str, minutes: i64) -> Entry {
    let start = at(start);
    Entry {
        key: key.into(),
        whose: "Weber".into(),
        start,
        end: start + SignedDuration::from_mins(minutes),
        state: EntryState::Busy,
        revision: Revision::default(),
        visit: None,
        who: Evidence::default(),
        title: String::new(),
    }
}

fn named(entry: Entry, name: &str) -> Entry {
    Entry { who: Evidence { name: Some(name.into()), ..Evidence::default() }, ..entry }
}

fn visit(n: u128, family: &str, start: &str) -> Visit {
    let start = at(start);
    Visit {
        id: AppointmentId(Uuid::from_u128(n)),
        place: Place { resource: WEBER, start, end: start + SignedDuration::from_mins(30) },
        also: Vec::new(),
        live: true,
        who: Some(Who { given: "Amira".into(), family: family.into(), ..Who::default() }),
        changed: at("2026-03-20T08:50:00Z"),
        told: Told::Nothing,
        told_at: None,
    }
}

/// All at once, and as the server does it: whom a visit is for is said only when that matters. It comes to the same.
pub(super) fn settle_both_ways(
    known: &mut BTreeMap<String, Known>,
    visits: &[Visit],
    taken: &[Place],
    policy: &Policy,
    now: Timestamp,
) -> Settled {
    let mut silent: Vec<Visit> = visits.iter().map(|visit| Visit { who: None, ..visit.clone() }).collect();
    let (asked, known_then) = loop {
        let mut known = known.clone();
        let settled = settle(&mut known, &silent, taken, policy, now);
        if settled.unsaid.is_empty() {
            break (settled, known);
        }
        for (silent, visit) in silent.iter_mut().zip(visits).filter(|(_, visit)| settled.unsaid.contains(&visit.id)) {
            assert!(silent.who.is_none(), "asked once");
            silent.who.clone_from(&visit.who);
        }
    };
    let settled = settle(known, visits, taken, policy, now);
    assert_eq!((&asked, &known_then), (&settled, &*known), "the same");
    settled
}

struct Desk {
    known: BTreeMap<String, Known>,
    policy: Policy,
    now: Timestamp,
    ids: u128,
}

impl Desk {
    fn new() -> Self {
        let policy = Policy {
            time_alone: false,
            grace_minutes: 60,
            read_at: None,
            read_until: None,
            nobody: Default::default(),
            covers: vec![WEBER, ROOM],
            zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(),
        };
        Self { known: BTreeMap::new(), policy, now: at("2026-03-20T09:00:00Z"), ids: 100 }
    }

    fn read(&mut self, entries: &[Entry]) -> Result<Taken, NotTaken> {
        self.ids += 100;
        let mut id = self.ids;
        let window = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        let read = Read { entries, unclear: &[], complete: true, window, loss_is_right: false };
        let resource = |name: &str| match name {
            "Weber" => Some(WEBER),
            "Room" => Some(ROOM),
            _ => None,
        };
        let id = || {
            id += 1;
            Uuid::from_u128(id)
        };
        let taken = take(&mut self.known, &read, self.now, resource, id);
        if taken.is_ok() {
            (self.policy.read_at, self.policy.read_until) = (Some(self.now), Some(window.1));
        }
        taken
    }

    /// Closes what is to be closed, as the portal does.
    fn settle(&mut self, visits: &[Visit]) -> Settled {
        let taken: Vec<Place> = visits.iter().filter(|visit| visit.live).map(|visit| visit.place).collect();
        let settled = settle_both_ways(&mut self.known, visits, &taken, &self.policy, self.now);
        for closing in &settled.closings {
            self.known.get_mut(&closing.key).unwrap().closed.clone_from(&closing.times);
        }
        settled
    }

    fn kinds(&mut self, visits: &[Visit]) -> Vec<&'static str> {
        self.settle(visits).findings.iter().map(Finding::kind).collect()
    }

    fn closed(&self, key: &str) -> Vec<(Timestamp, Timestamp)> {
        self.known[key].closed.iter().map(|place| (place.start, place.end)).collect()
    }
}

#[test]
fn an_entry_says_whose_it_is_in_many_ways() {
    let who = Who {
        given: "Amira Zoe".into(),
        family: "de la Kaya".into(),
        birth_date: Some("1984-03-31".parse().unwrap()),
        numbers: vec!["P-77".into()],
        phone: Some("+49 30 901820".into()),
        email: Some("a@example.com".into()),
    };
    let plain = entry("a", "2026-03-23T08:00:00Z", 30);
    for (name, expected) in [
        ("de la Kaya, Amira", Likeness::Same),
        ("AMIRA DE LA KAYA", Likeness::Same),
        ("Kaya de la, A.", Likeness::Same),
        ("de la Kaya", Likeness::Partly),
        ("de la Kaya, Mehmet", Likeness::Other),
        ("de la Kaya, B.", Likeness::Other),
        ("Kaya, Amira", Likeness::Other),
        ("Petrov, Ivan", Likeness::Other),
        ("", Likeness::Unknown),
    ] {
        assert_eq!(likeness(&named(plain.clone(), name), &who), expected, "{name}");
    }
    for (title, expected) in [
        ("Follow-up de la Kaya A.", Likeness::Same),
        ("de la Kaya check-up", Likeness::Partly),
        ("Staff meeting", Likeness::Unknown),
        ("", Likeness::Unknown),
    ] {
        assert_eq!(likeness(&Entry { title: title.into(), ..plain.clone() }, &who), expected, "{title}");
    }
    let said = |who_said: Evidence| likeness(&Entry { who: who_said, ..plain.clone() }, &who);
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(said(Evidence { number: name("p-77"), ..Evidence::default() }), Likeness::Same);
    let other_number = Evidence { number: name("P-78"), name: name("de la Kaya, Amira"), ..Evidence::default() };
    assert_eq!(said(other_number), Likeness::Other);
    let born = Some("1984-03-30".parse().unwrap());
    assert_eq!(
        said(Evidence { birth_date: born, name: name("de la Kaya, Amira"), ..Evidence::default() }),
        Likeness::Other
    );
    let born = who.birth_date;
    assert_eq!(said(Evidence { birth_date: born, name: name("de la Kaya"), ..Evidence::default() }), Likeness::Same);
    assert_eq!(said(Evidence { birth_date: born, ..Evidence::default() }), Likeness::Partly);
    let reached = Evidence { phone: name("030 901820"), name: name("de la Kaya"), ..Evidence::default() };
    assert_eq!(said(reached), Likeness::Same);
}

#[test]
fn a_busy_time_that_touches_nobody_closes_and_opens_after_two_reads_without_it() {
    let mut desk = Desk::new();
    let meeting = entry("m", "2026-03-23T13:00:00Z", 60);
    desk.read(std::slice::from_ref(&meeting)).unwrap();
    assert_eq!(desk.kinds(&[]), [""; 0]);
    assert_eq!(desk.closed("m"), [(meeting.start, meeting.end)]);
    let before = desk.known.clone();
    assert_eq!(desk.read(std::slice::from_ref(&meeting)).unwrap(), Taken::default());
    assert_eq!(desk.settle(&[]), Settled::default());
    assert_eq!(desk.known, before, "a read that comes again changes nothing");
    desk.read(&[]).unwrap();
    assert!(desk.settle(&[]).closings.is_empty(), "one read may be cut short");
    desk.read(&[]).unwrap();
    desk.settle(&[]);
    assert_eq!(desk.closed("m"), []);
}

#[test]
fn what_is_called_off_in_so_many_words_opens_at_once_and_what_is_only_shown_closes_nothing() {
    let mut desk = Desk::new();
    let meeting = entry("m", "2026-03-23T13:00:00Z", 60);
    let birthday = Entry { state: EntryState::Free, ..entry("b", "2026-03-23T00:00:00Z", 24 * 60) };
    desk.read(&[meeting.clone(), birthday]).unwrap();
    desk.settle(&[]);
    assert_eq!(desk.known.len(), 1);
    desk.read(&[Entry { state: EntryState::Cancelled, ..meeting }]).unwrap();
    desk.settle(&[]);
    assert_eq!(desk.closed("m"), []);
}

#[test]
fn somebody_elses_entry_at_a_visits_time_is_a_conflict_and_closes_only_what_is_free() {
    let mut desk = Desk::new();
    let ours = visit(1, "Tran", "2026-03-23T08:45:00Z");
    desk.read(&[named(entry("r", "2026-03-23T08:45:00Z", 60), "Ruiz, E.")]).unwrap();
    assert_eq!(desk.kinds(std::slice::from_ref(&ours)), ["conflict"]);
    assert_eq!(desk.closed("r"), [(at("2026-03-23T09:15:00Z"), at("2026-03-23T09:45:00Z"))]);
    // Moved away, it closes all of it.
    let moved = visit(1, "Tran", "2026-03-23T10:30:00Z");
    assert_eq!(desk.kinds(&[moved]), [""; 0]);
    assert_eq!(desk.closed("r"), [(at("2026-03-23T08:45:00Z"), at("2026-03-23T09:45:00Z"))]);
}

#[test]
fn a_name_or_our_id_makes_an_entry_the_visit() {
    let ours = visit(1, "Tran", "2026-03-23T08:45:00Z");
    for same in [
        named(entry("a", "2026-03-23T08:45:00Z", 20), "Tran, Amira"),
        Entry { visit: Some(ours.id), ..entry("a", "2026-03-23T08:45:00Z", 30) },
        Entry { title: "TRAN A. follow-up".into(), ..entry("a", "2026-03-23T08:45:00Z", 30) },
    ] {
        let mut desk = Desk::new();
        desk.read(&[same]).unwrap();
        let settled = desk.settle(std::slice::from_ref(&ours));
        assert_eq!((settled.matched, settled.findings.len(), settled.outgoing.len()), (1, 0, 0));
        assert_eq!(desk.closed("a"), []);
    }
    // Without a name it is asked about, or taken for the visit where the clinic's calendar never has names.
    let mut desk = Desk::new();
    desk.read(&[entry("a", "2026-03-23T08:45:00Z", 30)]).unwrap();
    assert_eq!(desk.kinds(std::slice::from_ref(&ours)), ["conflict"]);
    desk.policy.time_alone = true;
    assert_eq!(desk.settle(&[ours]).matched, 1);
}

#[test]
fn two_that_would_do_are_neither() {
    let mut desk = Desk::new();
    let morning = visit(1, "Tran", "2026-03-23T08:45:00Z");
    let noon = visit(2, "Tran", "2026-03-23T11:00:00Z");
    desk.read(&[named(entry("a", "2026-03-23T14:00:00Z", 30), "Tran, Amira")]).unwrap();
    assert_eq!(desk.settle(&[morning, noon]).findings, []);
    assert_eq!(desk.closed("a").len(), 1, "it takes its time all the same");
}

#[test]
fn whoever_moved_alone_is_followed_and_where_both_did_somebody_decides() {
    let first = visit(1, "Tran", "2026-03-23T08:45:00Z");
    let there = named(entry("a", "2026-03-23T08:45:00Z", 30), "Tran, Amira");
    let agreed = || {
        let mut desk = Desk::new();
        desk.read(std::slice::from_ref(&there)).unwrap();
        assert_eq!(desk.settle(std::slice::from_ref(&first)).matched, 1);
        desk
    };
    let moved = visit(1, "Tran", "2026-03-24T10:00:00Z");
    // Here: nobody is asked, they have yet to follow.
    let mut desk = agreed();
    let settled = desk.settle(std::slice::from_ref(&moved));
    assert_eq!(settled.outgoing, [Outgoing { visit: first.id, change: Change::Moved }]);
    assert_eq!(settled.findings, []);
    // There: a card, and their new time is closed till then.
    let mut desk = agreed();
    desk.read(&[named(entry("a", "2026-03-25T09:00:00Z", 30), "Tran, Amira")]).unwrap();
    let settled = desk.settle(std::slice::from_ref(&first));
    assert!(matches!(settled.findings.as_slice(), [Finding::ChangedThere { both: false, .. }]), "{settled:?}");
    assert_eq!(settled.findings[0].decisions()[0], Decision::Follow);
    assert_eq!(desk.closed("a").len(), 1);
    // Both: a card that suggests what the patient chose.
    let settled = desk.settle(std::slice::from_ref(&moved));
    assert!(matches!(settled.findings.as_slice(), [Finding::ChangedThere { both: true, .. }]), "{settled:?}");
    assert_eq!(settled.findings[0].decisions()[0], Decision::Keep);
    assert_eq!(settled.outgoing, []);
}

#[test]
fn a_visit_that_is_missing_there_is_asked_about_and_never_cancelled() {
    let mut desk = Desk::new();
    let ours = visit(1, "Tran", "2026-03-23T08:45:00Z");
    desk.read(&[named(entry("a", "2026-03-23T08:45:00Z", 30), "Tran, Amira")]).unwrap();
    desk.settle(std::slice::from_ref(&ours));
    desk.read(&[]).unwrap();
    assert_eq!(desk.kinds(std::slice::from_ref(&ours)), [""; 0]);
    desk.read(&[]).unwrap();
    let settled = desk.settle(std::slice::from_ref(&ours));
    assert!(matches!(settled.findings.as_slice(), [Finding::MissingThere { .. }]), "{settled:?}");
    assert_eq!(settled.findings[0].decisions()[0], Decision::Keep);
}

#[test]
fn half_of_a_calendar_is_refused_until_somebody_says_it_is_right() {
    let mut desk = Desk::new();
    let all: Vec<Entry> = (0..6).map(|n| entry(&n.to_string(), "2026-03-23T08:00:00Z", 30)).collect();
    desk.read(&all).unwrap();
    desk.settle(&[]);
    let before = desk.known.clone();
    assert_eq!(desk.read(&all[..2]), Err(NotTaken::LostHalf { ahead: 6, missing: 4 }));
    assert_eq!(desk.known, before);
    assert_eq!(desk.read(&all[..3]), Err(NotTaken::LostHalf { ahead: 6, missing: 3 }), "half is half");
    assert!(desk.read(&all[..4]).is_ok(), "less than half");
}

#[test]
fn an_older_telling_of_an_entry_is_passed_over() {
    let mut desk = Desk::new();
    let told = |sequence, start| Entry { revision: Revision { sequence, modified: None }, ..entry("a", start, 30) };
    desk.read(&[told(2, "2026-03-24T08:00:00Z")]).unwrap();
    let taken = desk.read(&[told(1, "2026-03-23T08:00:00Z")]).unwrap();
    assert_eq!(taken, Taken { older: 1, ..Taken::default() });
    assert_eq!(desk.known["a"].entry.start, at("2026-03-24T08:00:00Z"));
}

#[test]
fn one_of_a_series_goes_back_to_its_place_when_its_exception_is_taken_back() {
    let mut desk = Desk::new();
    let told = |sequence, start| Entry {
        revision: Revision { sequence, modified: None },
        ..entry("a#2026-03-23T08:00:00Z", start, 30)
    };
    desk.read(&[told(0, "2026-03-23T08:00:00Z")]).unwrap();
    desk.read(&[told(1, "2026-03-24T08:00:00Z")]).unwrap();
    desk.read(&[told(0, "2026-03-23T08:00:00Z")]).unwrap();
    assert_eq!(desk.known["a#2026-03-23T08:00:00Z"].entry.start, at("2026-03-23T08:00:00Z"));
}

#[test]
fn a_room_that_is_double_booked_there_is_theirs_to_know() {
    let mut desk = Desk::new();
    let ours = visit(1, "Tran", "2026-03-23T08:45:00Z");
    let same = named(entry("a", "2026-03-23T08:45:00Z", 30), "Tran, Amira");
    let over = named(entry("b", "2026-03-23T08:30:00Z", 60), "Ruiz, E.");
    desk.read(&[same, over]).unwrap();
    let settled = desk.settle(std::slice::from_ref(&ours));
    assert_eq!((settled.matched, settled.findings.len()), (1, 0));
    let around = [
        (at("2026-03-23T08:30:00Z"), at("2026-03-23T08:45:00Z")),
        (at("2026-03-23T09:15:00Z"), at("2026-03-23T09:30:00Z")),
    ];
    assert_eq!(desk.closed("b"), around);
}

#[test]
fn a_visit_has_its_time_to_be_taken_over_and_then_is_asked_about_once() {
    let mut desk = Desk::new();
    let ours = visit(1, "Novak", "2026-03-23T14:30:00Z");
    desk.read(&[]).unwrap();
    let settled = desk.settle(std::slice::from_ref(&ours));
    assert_eq!(settled.outgoing, [Outgoing { visit: ours.id, change: Change::New }]);
    assert_eq!(settled.findings, [], "it was booked ten minutes ago");
    desk.now = at("2026-03-20T10:00:00Z");
    assert_eq!(desk.settle(std::slice::from_ref(&ours)).findings, [], "nobody has looked since");
    desk.read(&[]).unwrap();
    let first = desk.settle(std::slice::from_ref(&ours)).findings;
    assert!(matches!(first.as_slice(), [Finding::OnlyPortal { .. }]));
    desk.now = at("2026-03-21T10:00:00Z");
    desk.read(&[]).unwrap();
    assert_eq!(desk.settle(std::slice::from_ref(&ours)).findings, first, "it is the same question");
    // What the other system acknowledged is no question while it is looked for.
    let told = Visit { told: Told::At(ours.place), told_at: Some(desk.now), ..ours };
    let settled = desk.settle(&[told]);
    assert_eq!((settled.outgoing.len(), settled.findings.len()), (0, 0));
}

#[test]
fn the_night_of_a_clock_change_is_no_other_time() {
    // 02:30 happens twice in Berlin on 25 October 2026: instants tell them apart.
    let first = visit(1, "Tran", "2026-10-25T00:30:00Z");
    let second = visit(2, "Tran", "2026-10-25T01:30:00Z");
    let mut desk = Desk::new();
    let there = named(entry("a", "2026-10-25T01:30:00Z", 30), "Tran, Amira");
    desk.read(&[there]).unwrap();
    let settled = desk.settle(&[first.clone(), second.clone()]);
    assert_eq!(settled.matched, 1);
    assert_eq!(desk.known["a"].pair.map(|pair| pair.visit), Some(second.id));
    assert_eq!(settled.outgoing, [Outgoing { visit: first.id, change: Change::New }]);
}

#[test]
fn a_name_that_nobody_knows_is_asked_about_once_for_all_its_entries() {
    let mut desk = Desk::new();
    let of = |key: &str| Entry { whose: "Dr Nobody".into(), ..entry(key, "2026-03-23T08:00:00Z", 30) };
    desk.read(&[of("a"), of("b")]).unwrap();
    assert_eq!(desk.settle(&[]).findings, [Finding::Whose { name: "Dr Nobody".into() }]);
}

#[test]
fn what_was_cancelled_here_is_told_and_then_asked_about() {
    let mut desk = Desk::new();
    let ours = visit(1, "Tran", "2026-03-23T08:45:00Z");
    let there = named(entry("a", "2026-03-23T08:45:00Z", 30), "Tran, Amira");
    desk.read(std::slice::from_ref(&there)).unwrap();
    desk.settle(std::slice::from_ref(&ours));
    let off = Visit { live: false, changed: desk.now, ..ours };
    let settled = desk.settle(std::slice::from_ref(&off));
    assert_eq!(settled.outgoing, [Outgoing { visit: off.id, change: Change::Cancelled }]);
    assert_eq!((settled.findings.len(), settled.closings.len()), (0, 0), "the time is free, as the patient was told");
    desk.now += SignedDuration::from_hours(2);
    desk.read(&[there]).unwrap();
    assert_eq!(desk.kinds(&[off]), ["cancelled-here"]);
}

#[test]
fn a_visits_room_is_its_own_and_somebody_elses_there_is_a_conflict() {
    let ours = Visit { also: vec![ROOM], ..visit(1, "Tran", "2026-03-23T08:45:00Z") };
    let room = |entry: Entry| Entry { whose: "Room".into(), ..entry };
    let mut desk = Desk::new();
    desk.read(&[room(entry("a", "2026-03-23T08:45:00Z", 30))]).unwrap();
    assert_eq!(desk.kinds(std::slice::from_ref(&ours)), [""; 0]);
    let mut desk = Desk::new();
    desk.read(&[room(named(entry("a", "2026-03-23T08:45:00Z", 30), "Ruiz, E."))]).unwrap();
    assert_eq!(desk.kinds(&[ours]), ["conflict"]);
}

#[test]
fn two_entries_close_a_time_once_and_on_the_grid() {
    let mut desk = Desk::new();
    let (first, second) = (entry("a", "2026-03-23T08:02:00Z", 30), entry("b", "2026-03-23T08:20:00Z", 30));
    desk.read(&[first, second.clone()]).unwrap();
    desk.settle(&[]);
    assert_eq!(desk.closed("a"), [(at("2026-03-23T08:00:00Z"), at("2026-03-23T08:35:00Z"))]);
    assert_eq!(desk.closed("b"), [(at("2026-03-23T08:35:00Z"), at("2026-03-23T08:50:00Z"))]);
    desk.read(std::slice::from_ref(&second)).unwrap();
    desk.read(&[second]).unwrap();
    desk.settle(&[]);
    assert_eq!(desk.closed("b"), [(at("2026-03-23T08:20:00Z"), at("2026-03-23T08:50:00Z"))]);
}

#[test]
fn a_leave_of_days_closes_a_day_at_a_time() {
    let mut desk = Desk::new();
    desk.read(&[entry("leave", "2026-03-23T07:00:00Z", 3 * 24 * 60)]).unwrap();
    let ours = visit(1, "Tran", "2026-03-24T08:45:00Z");
    assert_eq!(desk.kinds(&[ours]), ["conflict"]);
    let closed = desk.closed("leave");
    assert_eq!(closed.len(), 5);
    assert!(closed.iter().all(|(start, end)| end.duration_since(*start) <= SignedDuration::from_hours(24)));
    assert_eq!(closed.last().map(|(_, end)| *end), Some(at("2026-03-26T07:00:00Z")));
}
