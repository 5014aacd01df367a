//! What the usual programs write.

use super::*;
use domain::reconcile::Evidence;

#[test]
fn google() {
    let telling = of(include_str!("files/google.ics"), november(), &Whose::Calendar);
    assert_eq!(words(&telling), []);
    // Nine o'clock on the wall is 8:00 in UTC after the change of 25 October.
    assert_eq!(
        told(&telling),
        [
            "series1@google.com#20261102T080000Z 11-03T13:00 11-03T13:30 Busy",
            "visit1@google.com 11-04T08:00 11-04T08:30 Busy",
            "holiday1@google.com 11-08T23:00 11-10T23:00 Free",
            "series1@google.com#20261109T080000Z 11-09T08:00 11-09T08:30 Busy",
            "series1@google.com#20261116T080000Z 11-16T08:00 11-16T08:30 Busy",
            "series1@google.com#20261123T080000Z 11-23T08:00 11-23T08:30 Busy",
            "series1@google.com#20261130T080000Z 11-30T08:00 11-30T08:30 Busy",
        ]
    );
    assert!(telling.entries.iter().all(|entry| entry.whose == "Dr. Lena Weber"));
    let visit = telling.entries.iter().find(|entry| entry.key == "visit1@google.com").unwrap();
    assert_eq!(visit.title, "Check-up");
    assert_eq!(visit.revision.sequence, 2);
    assert_eq!(visit.revision.modified, Some("2026-11-01T08:00:00Z".parse().unwrap()));
    let guest = Evidence {
        name: Some("Kaya, Amira".into()),
        email: Some("amira.kaya@example.com".into()),
        ..Evidence::default()
    };
    assert_eq!(visit.who, guest);
    let moved = telling.entries.iter().find(|entry| entry.title.contains("moved")).unwrap();
    assert_eq!((moved.title.as_str(), moved.revision.sequence), ("Team meeting, moved", 1));

    let october = window("2026-10-12T00:00:00Z", "2026-10-27T00:00:00Z");
    assert_eq!(
        told(&of(include_str!("files/google.ics"), october, &Whose::Calendar)),
        [
            "series1@google.com#20261012T070000Z 10-12T07:00 10-12T07:30 Busy",
            "series1@google.com#20261026T080000Z 10-26T08:00 10-26T08:30 Busy",
        ],
        "the 19th is excepted, and the clocks changed on the 25th"
    );
}

#[test]
fn exchange() {
    let telling = of(include_str!("files/exchange.ics"), november(), &Whose::Resources);
    assert_eq!(words(&telling), []);
    let uid = "040000008200E00074C5B7101A82E00800000000";
    assert_eq!(
        told(&telling),
        [
            format!("{uid}A0 11-02T09:00 11-02T09:30 Busy"),
            format!("{uid}D0 11-03T09:00 11-03T09:30 Free"),
            format!("{uid}B0#20261104T080000Z 11-04T08:00 11-04T09:00 Busy"),
            format!("{uid}C0 11-15T23:00 11-17T23:00 Busy"),
        ]
    );
    let visit = telling.entries.iter().find(|entry| entry.title == "Vorsorge").unwrap();
    assert_eq!(visit.whose, "Raum 2", "the guest that is a room");
    assert_eq!(visit.who.name.as_deref(), Some("Okafor, Amara"));
    let by = |whose| of(include_str!("files/exchange.ics"), november(), &whose).entries[0].whose.clone();
    assert_eq!(by(Whose::Organizer), "Weber, Lena");
    assert_eq!(by(Whose::Location), "Raum 2");
    assert_eq!(by(Whose::Fixed("Dr. Weber".into())), "Dr. Weber");
    // The zone that only the file knows follows its own rules: in September it is summer.
    let september = window("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z");
    assert_eq!(
        told(&of(include_str!("files/exchange.ics"), september, &Whose::Resources)),
        [format!("{uid}B0#20260902T070000Z 09-02T07:00 09-02T08:00 Busy")]
    );
}

#[test]
fn apple() {
    let telling = of(include_str!("files/apple.ics"), november(), &Whose::Calendar);
    let all =
        of(include_str!("files/apple.ics"), window("2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"), &Whose::Calendar);
    let uid = "7E2B1C50-0000-4000-8000-00000000A001";
    let expected = [
        format!("{uid}#20261029T130000Z 10-29T13:00 10-29T13:15 Busy"),
        format!("{uid}#20261030T130000Z 10-30T13:00 10-30T13:15 Cancelled"),
        format!("{uid}#20261031T130000Z 10-31T13:00 10-31T13:15 Busy"),
        format!("{uid}#20261101T140000Z 11-01T14:00 11-01T14:15 Busy"),
        format!("{uid}#20261102T140000Z 11-02T14:00 11-02T14:15 Busy"),
        format!("{uid}#20261103T140000Z 11-03T14:00 11-03T14:15 Busy"),
    ];
    assert_eq!(told(&all), expected, "New York's clocks change on 1 November");
    assert_eq!(told(&telling), expected[3..]);
}

#[test]
fn nextcloud() {
    let text = include_str!("files/nextcloud.ics");
    let telling = of(text, november(), &Whose::Categories);
    assert_eq!(words(&telling), []);
    assert_eq!(
        told(&telling),
        [
            "5c0f3a3e-0000-4000-8000-00000000b001 11-05T10:00 11-05T10:45 Busy",
            "0198c0de-0000-7000-8000-000000000002@portico 11-06T10:00 11-06T10:15 Busy",
        ],
        "a floating time is the clinic's"
    );
    let [surgery, ours] = &telling.entries[..] else { panic!("{telling:#?}") };
    assert_eq!(surgery.whose, "Dr. Weber, Surgery");
    assert_eq!(surgery.title, "Minor surgery; knee");
    assert_eq!(surgery.visit, "0198c0de-0000-7000-8000-000000000001".parse().ok(), "by our property");
    assert_eq!(ours.visit, "0198c0de-0000-7000-8000-000000000002".parse().ok(), "by our UID");
    assert_eq!(of(text, november(), &Whose::Resources).entries[0].whose, "Room 1, Ultrasound, mobile");
}

#[test]
fn our_own_invite() {
    let invite = crate::calendar::invite(&crate::calendar::Invite {
        uid: "0198c0de-0000-7000-8000-000000000001@portico".into(),
        sequence: 3,
        method: crate::calendar::Method::Cancel,
        tentative: false,
        start: "2026-11-25T08:30:00Z".parse().unwrap(),
        end: "2026-11-25T09:00:00Z".parse().unwrap(),
        zone: "Europe/Berlin".into(),
        summary: "Appointment at a clinic, and a long name of it that does not fit into one line of the file".into(),
        location: "Uferstraße 12".into(),
        description: String::new(),
        url: String::new(),
        organizer_name: "A clinic; of the \"East\"".into(),
        organizer_email: "desk@clinic.example.com".into(),
        attendee_name: Some("Okafor, Amara".into()),
        attendee_email: "amara@example.com".into(),
        stamp: "2026-11-22T10:15:30Z".parse().unwrap(),
    });
    let telling = of(&invite, november(), &Whose::Location);
    assert_eq!(told(&telling), ["0198c0de-0000-7000-8000-000000000001@portico 11-25T08:30 11-25T09:00 Cancelled"]);
    let entry = &telling.entries[0];
    assert_eq!(entry.visit, "0198c0de-0000-7000-8000-000000000001".parse().ok());
    assert_eq!(entry.who.name.as_deref(), Some("Okafor, Amara"));
    assert_eq!(entry.revision.sequence, 3);
    assert!(entry.title.ends_with("one line of the file"));
}
