use super::super::{Mistake, line_of};
use super::*;

const NAME: &str = "text of 1 to 120 characters on one line";

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    let problem = only("[tenant]\nslug = \"x\"\nname = = \"y\"\n");
    assert_eq!((problem.line, problem.field.as_str()), (3, "syntax"));
    let problem = &problems("[tenant]\nslug = \"x\"\nslug = \"y\"\n")[0];
    assert_eq!((problem.line, problem.wrong.as_str()), (3, "duplicate key"));
}

#[test]
fn an_empty_file_is_told_what_it_lacks() {
    let all = problems("");
    let fields: Vec<&str> = all.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["clinic", "practitioners", "services", "tenant"]);
    assert!(all.iter().all(|problem| problem.line == 1 && problem.wrong == "this is missing"));
}

#[test]
fn a_file_too_large_is_not_read() {
    let problem = only(&"#".repeat(3 * 1024 * 1024));
    assert_eq!((problem.line, problem.wrong.as_str()), (1, "this file is too large"));
}

#[test]
fn an_unknown_field_names_the_nearest_known_one() {
    let known = super::super::settings::FIELDS.join(", ");
    refused(
        r#"duration = "15 min""#,
        r#"duratoin = "15 min""#,
        "services.followup.booking.duratoin",
        "unknown field, perhaps duration is meant",
        &known,
    );
    refused(r#"grid = "15 min""#, "xyzzyxyzzy = 1", "clinic.booking.xyzzyxyzzy", "unknown field", &known);
    let (text, line) = changed("[[rooms]]", "[[room]]");
    let all = problems(&text);
    assert_eq!((all[1].line, all[1].field.as_str()), (line, "room"));
    assert_eq!(all[1].wrong, "unknown field, perhaps rooms is meant");
}

#[test]
fn a_missing_field_is_told_at_its_table() {
    refused_at(
        -9,
        r#"emergency = "In an emergency call 112.""#,
        "",
        "clinic.emergency",
        "this is missing",
        "text of 1 to 300 characters on one line",
    );
}

#[test]
fn a_value_of_another_type_is_told() {
    refused(
        r#"city = "Berlin""#,
        "city = 1",
        "clinic.address.city",
        "this is a number",
        "text of 1 to 80 characters on one line",
    );
    refused(
        r#"services = ["followup"]"#,
        r#"services = "followup""#,
        "practitioners.weber.services",
        "this is text",
        "a list of slugs of services",
    );
}

#[test]
fn zones_currencies_and_tags_must_exist_or_have_their_shape() {
    refused(
        r#"zone = "Europe/Berlin""#,
        r#"zone = "Europe/Berlni""#,
        "clinic.zone",
        r#""Europe/Berlni" is not a known time zone"#,
        "a name of the IANA time zone database, such as Europe/Berlin",
    );
    for bad in ["eur", "EURO", "EUX", "XAU", "€", ""] {
        refused(
            r#"currency = "EUR""#,
            &format!("currency = \"{bad}\""),
            "clinic.currency",
            &format!("{bad:?} is not a currency"),
            "a currency's code of ISO 4217, such as EUR",
        );
    }
    for bad in ["en_DE", "english", "", "en-", "EN", "en-deutschland"] {
        refused(
            r#"locale = "en-DE""#,
            &format!("locale = \"{bad}\""),
            "clinic.locale",
            &format!("{bad:?} is not a language tag"),
            "a language tag, such as en, en-DE or zh-Hant",
        );
    }
    refused_at(
        1,
        r#"locale = "en-DE""#,
        "locale = \"en-DE\"\nlanguages = [\"de\", \"türkçe\"]",
        "clinic.languages[2]",
        "\"türkçe\" is not a language tag",
        "a language tag, such as en, en-DE or zh-Hant",
    );
}

#[test]
fn closures_run_forward_and_have_a_reason() {
    refused_at(
        1,
        "from = 2026-12-24",
        "from = 2026-12-24\nuntil = 2026-12-23",
        "clinic.closures[1].until",
        "2026-12-23 is before 2026-12-24",
        "the date of from or a later one",
    );
    refused_at(-2, r#"reason = "Christmas""#, "", "clinic.closures[1].reason", "this is missing", NAME);
    refused(
        "from = 2026-12-24",
        "from = 2026-12-24T10:00:00",
        "clinic.closures[1].from",
        "\"2026-12-24T10:00:00\" is not a date here",
        "a date from 2000 to 2199, such as 2026-12-24",
    );
}

#[test]
fn contact_details_have_their_shape() {
    refused(
        r#"email = "desk@example.com""#,
        r#"email = "desk@example""#,
        "clinic.email",
        "\"desk@example\" is not an email address",
        "an email address, such as desk@example.com",
    );
    refused(
        r#"phone = "+49 30 23125 100""#,
        r#"phone = "call us""#,
        "clinic.phone",
        "\"call us\" is not a phone number",
        "a phone number of 6 to 15 digits, such as +49 30 23125 100",
    );
    refused(
        r#"country = "DE""#,
        r#"country = "Germany""#,
        "clinic.address.country",
        "\"Germany\" is not a country",
        "a country's code of ISO 3166-1, such as DE",
    );
    refused_at(
        2,
        r#"country = "DE""#,
        "country = \"DE\"\nlatitude = 52.5\nlongitude = 181",
        "clinic.address.longitude",
        "\"181\" is not a place on a map",
        "degrees from -180 to 180, such as 52.5200",
    );
    refused_at(
        1,
        r#"country = "DE""#,
        "country = \"DE\"\nlatitude = 52.5",
        "clinic.address.latitude",
        "longitude is missing beside it",
        "both or neither",
    );
}

#[test]
fn texts_are_neither_empty_nor_too_long_nor_tricky() {
    let old = r#"name = "Dr Jonas Weber""#;
    let field = "practitioners.weber.name";
    refused(old, r#"name = " ""#, field, "this is empty", NAME);
    refused(old, &format!("name = \"{}\"", "ü".repeat(121)), field, "121 characters are too long", NAME);
    for trick in ["a\\nb", "a\\u202Eb", "a\\u0000b"] {
        refused(old, &format!("name = \"{trick}\""), field, "there are characters that cannot be shown here", NAME);
    }
    let about = format!("about = \"{}\"", "x".repeat(2001));
    refused_at(
        1,
        old,
        &format!("{old}\n{about}"),
        "practitioners.weber.about",
        "2001 characters are too long",
        "text of at most 2000 characters",
    );
}

#[test]
fn ages_capacities_and_prices_are_in_range() {
    refused(
        "min_age = 18",
        "min_age = 18\nmax_age = 17",
        "services.followup.who.min_age",
        "18 is more than max_age, which is 17",
        "a whole number from 0 to 17",
    );
    refused(
        "min_age = 18",
        "min_age = 131",
        "services.followup.who.min_age",
        "131 is out of range",
        "a whole number from 0 to 130",
    );
    for bad in ["0", "201", "-1"] {
        refused_at(
            1,
            r#"name = "Room 1""#,
            &format!("name = \"Room 1\"\ncapacity = {bad}"),
            "rooms.room-1.capacity",
            &format!("{bad} is out of range"),
            "a whole number from 1 to 200",
        );
    }
    let allowed = r#"an amount as text, such as "85" or "85.00", of at most 10 digits before the point"#;
    for bad in ["34.0", "34,00", "-34.00", "€34"] {
        refused(
            r#"price = "34.00""#,
            &format!("price = \"{bad}\""),
            "services.followup.price",
            &format!("{bad:?} is not an amount in this currency"),
            allowed,
        );
    }
    refused(r#"price = "34.00""#, "price = 34.00", "services.followup.price", "this is a number", allowed);
    let yen = SMALL.replace("EUR", "JPY");
    assert_eq!(only(&yen).wrong, "\"34.00\" is not an amount in this currency");
}

#[test]
fn limits_themselves_are_allowed() {
    let text = changed("min_age = 18", "min_age = 18\nmax_age = 18").0;
    parse("x", &text.replace("name = \"Room 1\"", "name = \"Room 1\"\ncapacity = 200")).unwrap();
}

#[test]
fn a_line_is_one_line_and_a_date_in_our_times() {
    refused_at(
        1,
        r#"name = "Dr Jonas Weber""#,
        "name = \"Dr Jonas Weber\"\nrole = \"a\\nb\"",
        "practitioners.weber.role",
        "there are characters that cannot be shown here",
        "text of 1 to 80 characters on one line",
    );
    refused(
        "from = 2026-12-24",
        "from = 1999-12-31",
        "clinic.closures[1].from",
        "\"1999-12-31\" is not a date here",
        "a date from 2000 to 2199, such as 2026-12-24",
    );
}

#[test]
fn what_is_asked_before_a_visit_is_read_and_written_back() {
    use domain::{
        booking::{Payer, Question},
        patient::AdministrativeGender,
    };
    let asked = r#"min_age = 18
sex = "female"
paid_by = ["private", "self"]

[[services.who.questions]]
slug = "metal"
ask = "Do you have a pacemaker?"
answer = "no"
otherwise = "Please ring us."

[[services.who.questions]]
slug = "first"
ask = "Is it your first scan?""#;
    let (text, _) = changed("min_age = 18", asked);
    let who = parse("riverside.toml", &text).unwrap().services.remove(0).eligibility;
    assert_eq!(who.sex, Some(AdministrativeGender::Female));
    assert_eq!(who.payers, [Payer::Private, Payer::Own]);
    let question = |slug: &str, ask: &str, must_be, otherwise: &str| Question {
        slug: slug.to_owned(),
        ask: ask.to_owned(),
        must_be,
        otherwise: otherwise.to_owned(),
    };
    let metal = question("metal", "Do you have a pacemaker?", Some(false), "Please ring us.");
    assert_eq!(who.questions, [metal, question("first", "Is it your first scan?", None, "")]);
}

#[test]
fn what_is_asked_before_a_visit_can_be_answered() {
    let who = "services.followup.who";
    let bad = |line: &str, field: &str, wrong: &str, allowed: &str| {
        let (text, _) = changed("min_age = 18", &format!("min_age = 18\n{line}"));
        let problem = only(&text);
        let told = (problem.field.as_str(), problem.wrong.as_str(), problem.allowed.as_str());
        assert_eq!(told, (format!("{who}.{field}").as_str(), wrong, allowed), "{problem}");
    };
    bad(r#"sex = "other""#, "sex", "\"other\" is not known here", "female, male");
    bad("paid_by = []", "paid_by", "this is empty", "at least one of public, private, self; or leave it out");
    bad(r#"paid_by = ["cash"]"#, "paid_by[1]", "\"cash\" is not known here", "public, private, self");
    let question = |more: &str| format!("[[services.who.questions]]\nslug = \"metal\"\nask = \"Metal?\"\n{more}");
    let missing = "what the patient reads whose answer is another: why not, and what to do";
    bad(&question(r#"answer = "no""#), "questions.metal.otherwise", "this is missing", missing);
    let missing = "yes or no: the answer with which the visit can be booked";
    bad(&question(r#"otherwise = "Ring.""#), "questions.metal.answer", "this is missing", missing);
    let twice = format!("{}\n{}", question(""), question(""));
    bad(&twice, "questions.metal.slug", "metal is the slug of two questions", "another slug");
}

#[test]
fn what_shows_only_when_the_file_is_used_is_told_at_its_place_too() {
    let line = |start: &str| SMALL.lines().position(|line| line.starts_with(start)).unwrap() + 1;
    assert_eq!(line_of(SMALL, "clinic.zone"), line("zone"));
    assert_eq!(line_of(SMALL, "practitioners.weber.hours.mon"), line("mon"));
    assert_eq!(line_of(SMALL, "practitioners[1].exceptions[1].note"), line("note"));
    // Where it is not stated, it is told of what it would stand in.
    assert_eq!(line_of(SMALL, "practitioners.weber.booking.hold"), line("[[practitioners]]"));
    assert_eq!(line_of(SMALL, "rooms.room-2"), line("[[rooms]]"));
    assert_eq!((line_of(SMALL, "nothing.at.all"), line_of(SMALL, "rooms[0]"), line_of("", "")), (1, 1, 1));
    let told = Mistake::new("tenant.slug", "it is another's", "your own").in_file("riverside.toml", SMALL);
    assert_eq!(told.to_string(), "riverside.toml:2: tenant.slug: it is another's. Allowed: your own.");
}
