use super::*;

const SLUG: &str = "1 to 40 of a-z, 0-9 and -";

#[test]
fn slugs_have_their_shape_and_are_taken_once() {
    for bad in ["Room 1", "room_1", "", "räume", "a-slug-of-forty-one-characters-is-too-long"] {
        let (text, line) = changed(r#"slug = "room-1""#, &format!("slug = \"{bad}\""));
        let all = problems(&text);
        let problem = all.iter().find(|problem| problem.line == line).unwrap();
        assert_eq!(problem.field, "rooms[1].slug");
        assert_eq!(problem.wrong, format!("{bad:?} is not a slug"));
        assert_eq!(problem.allowed, SLUG);
    }
    let again = "[[rooms]]\nslug = \"room-1\"\nname = \"Again\"\n\n[[rooms]]";
    refused_at(5, "[[rooms]]", again, "rooms.room-1.slug", "room-1 is taken already", "a slug of its own");
    // Practitioners, rooms and devices share their slugs; services have their own.
    let device = "[[devices]]\nslug = \"weber\"\nname = \"Again\"\n\n[[rooms]]";
    refused_at(1, "[[rooms]]", device, "devices.weber.slug", "weber is taken already", "a slug of its own");
}

#[test]
fn a_service_must_be_offered() {
    let second = "[[services]]\nslug = \"lonely\"\nname = \"Lonely\"\n\n[[services]]";
    refused_at(
        1,
        "[[services]]",
        second,
        "services.lonely.slug",
        "nobody offers lonely",
        "a service that at least one practitioner lists under services",
    );
}

#[test]
fn practitioners_offer_known_services_once() {
    refused(
        r#"services = ["followup"]"#,
        r#"services = ["followup", "folowup"]"#,
        "practitioners.weber.services[2]",
        "folowup is no service of this file",
        "services: followup",
    );
    refused(
        r#"services = ["followup"]"#,
        r#"services = ["followup", "followup"]"#,
        "practitioners.weber.services[2]",
        "followup is named twice",
        "each service once",
    );
    let differs = "[practitioners.differs.other]\nduration = \"20 min\"\n\n[[rooms]]";
    refused(
        "[[rooms]]",
        differs,
        "practitioners.weber.differs.other",
        "this service is not among the practitioner's services",
        "services this practitioner offers: followup",
    );
}

#[test]
fn needs_name_rooms_and_devices() {
    let old = r#"needs = [["room-1"]]"#;
    refused(
        old,
        r#"needs = [["room-1", "room-9"]]"#,
        "services.followup.needs[1][2]",
        "room-9 is no room or device of this file",
        "rooms and devices: room-1",
    );
    refused(
        old,
        r#"needs = [["room-1"], ["weber"]]"#,
        "services.followup.needs[2][1]",
        "weber is no room or device of this file",
        "rooms and devices: room-1",
    );
    refused(
        old,
        r#"needs = [["room-1", "room-1"]]"#,
        "services.followup.needs[1][2]",
        "room-1 is named twice",
        "each room or device once in a need",
    );
    refused(
        old,
        "needs = [[]]",
        "services.followup.needs[1]",
        "this is empty",
        "at least one slug of a room or device",
    );
    refused(
        old,
        r#"needs = ["room-1"]"#,
        "services.followup.needs[1]",
        "this is text",
        "a list of slugs of rooms or devices, any one of which will do",
    );
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_lines() {
    let text = SMALL
        .replace("Europe/Berlin", "Berlin")
        .replace("\"DE\"", "\"de\"")
        .replace("duration = \"15 min\"", "duration = \"7 min\"")
        .replace("13:00-18:00", "11:00-18:00")
        .replace("[\"room-1\"]", "[\"room-2\"]");
    let all = problems(&text);
    let fields: Vec<&str> = all.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "clinic.zone",
            "clinic.address.country",
            "services.followup.needs[1][1]",
            "services.followup.booking.duration",
            "practitioners.weber.hours.mon",
        ]
    );
    assert!(all.is_sorted_by_key(|problem| problem.line));
}

#[test]
fn services_that_cannot_be_read_are_not_missed_as_well() {
    refused(
        r#"services = ["followup"]"#,
        "services = [1]",
        "practitioners.weber.services[1]",
        "this is a number",
        SLUG,
    );
}
