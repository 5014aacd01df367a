use domain::{
    patient::{AdministrativeGender, PostalAddress},
    person::{Email, Name, PhoneNumber},
};

use super::*;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

#[test]
fn every_column_arrives_in_its_field() {
    let file =
        "number,given,family,birth_date,sex,email,phone,street,postcode,city,region,country,language,deceased,active
0093,Amara,Okafor,1980-01-31,female,amara@example.com,+49 30 23125 101,Am Ufer 1,13357,Berlin,Mitte,DE,en-DE,true,false
";
    let expected = PatientRow {
        row: 2,
        number: "0093".to_owned(),
        given: Some(name("Amara")),
        family: name("Okafor"),
        birth_date: date(1980, 1, 31),
        sex: Some(AdministrativeGender::Female),
        email: Some(Email::parse("amara@example.com").unwrap()),
        phone: Some(PhoneNumber::parse("+49 30 23125 101").unwrap()),
        address: PostalAddress {
            street: Some("Am Ufer 1".to_owned()),
            postcode: Some("13357".to_owned()),
            city: Some("Berlin".to_owned()),
            region: Some("Mitte".to_owned()),
            country: Some("DE".to_owned()),
        },
        language: Some("en-DE".to_owned()),
        deceased: Some(true),
        active: false,
    };
    assert_eq!(patient(file), expected);
}

#[test]
fn what_the_file_does_not_say_is_not_made_up() {
    let bare = patient("number,family,birth_date\n1,Okafor,1980-01-31\n");
    let expected = PatientRow {
        row: 2,
        number: "1".to_owned(),
        given: None,
        family: name("Okafor"),
        birth_date: date(1980, 1, 31),
        sex: None,
        email: None,
        phone: None,
        address: PostalAddress::default(),
        language: None,
        deceased: None,
        active: true,
    };
    assert_eq!(bare, expected);
    let empty =
        "number,given,family,birth_date,sex,email,phone,street,postcode,city,region,country,language,deceased,active
1, ,Okafor,1980-01-31,,,,\"\",,,,,,,
";
    assert_eq!(patient(empty), expected);
}

#[test]
fn comma_semicolon_and_tab_are_told_by_the_header() {
    for delimiter in [",", ";", "\t"] {
        let header = ["number", "family", "birth_date", "city"].join(delimiter);
        // What is no delimiter in this file, or is quoted, stays part of the name.
        let row = ["1", "\"Okafor,; Lind\"", "1980-01-31", "Berlin"].join(delimiter);
        let patient = patient(&format!("{header}\n{row}\n"));
        assert_eq!(patient.family.as_str(), "Okafor,; Lind");
        assert_eq!(patient.address.city.as_deref(), Some("Berlin"));
    }
}

#[test]
fn a_delimiter_inside_a_quoted_column_name_does_not_count() {
    let all = told("\"a;b;c;d;e\",number,family,birth_date\nx,1,Okafor,1980-01-31\n");
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].starts_with("row 1, column a;b;c;d;e: unknown column; allowed: number, given, family"), "{all:#?}");
}

#[test]
fn lines_end_as_on_any_machine() {
    for line_break in ["\n", "\r\n", "\r"] {
        let file = "number,family,birth_date\n1,Okafor,1980-01-31\n2,Weber,1980-01-31".replace('\n', line_break);
        for end in ["", line_break] {
            let all = patients(format!("{file}{end}"));
            assert_eq!(all.iter().map(|patient| patient.row).collect::<Vec<_>>(), [2, 3]);
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    assert_eq!(patient("\u{FEFF}number,family,birth_date\n1,Okafor,1980-01-31\n").row, 2);
    assert_eq!(patient("\u{FEFF}\"number\";\"family\";\"birth_date\"\r\n1;Okafor;1980-01-31\r\n").number, "1");
}

#[test]
fn names_of_every_script_are_kept() {
    let families =
        ["O’Connor-Łuczak", "李", "عائشة", "Ng", "Нестеренко", "Παππάς", "שרון", "คำ", "अरुण", "ქეთევან", "𠮷野"];
    for family in families {
        assert_eq!(patient(&with("family", family)).family.as_str(), family);
    }
}

#[test]
fn a_quotation_mark_written_twice_is_one() {
    assert_eq!(patient(&with("given", "Amara \"Ama\"")).given, Some(name("Amara \"Ama\"")));
}

#[test]
fn a_name_that_looks_like_a_formula_is_a_name() {
    for family in ["=Okafor", "+Okafor", "-Okafor", "@Okafor"] {
        assert_eq!(patient(&with("family", family)).family.as_str(), family);
    }
}

#[test]
fn a_street_may_have_several_lines() {
    for written in ["c/o Weber\nUferstraße 12", "c/o Weber \r\n\r\n Uferstraße 12\r\n", "c/o Weber\rUferstraße 12"] {
        assert_eq!(patient(&with("street", written)).address.street.as_deref(), Some("c/o Weber\nUferstraße 12"));
    }
}

#[test]
fn birth_dates_are_read_both_ways() {
    for (written, birth_date) in [
        ("1980-01-31", date(1980, 1, 31)),
        ("31.01.1980", date(1980, 1, 31)),
        ("29.02.2024", date(2024, 2, 29)),
        ("2000-02-29", date(2000, 2, 29)),
        ("2026-11-22", TODAY),
        ("01.01.1896", date(1896, 1, 1)),
        (" 1980-01-31 ", date(1980, 1, 31)),
    ] {
        assert_eq!(patient(&with("birth_date", written)).birth_date, birth_date);
    }
}

#[test]
fn codes_and_flags_are_read_in_any_case() {
    use AdministrativeGender::{Female, Male, Other, Unknown};
    for (written, sex) in [("female", Female), ("Male", Male), ("OTHER", Other), ("unknown", Unknown)] {
        assert_eq!(patient(&with("sex", written)).sex, Some(sex));
        assert_eq!(sex.code(), written.to_lowercase());
    }
    assert_eq!(patient(&with("deceased", "TRUE")).deceased, Some(true));
    assert_eq!(patient(&with("deceased", "false")).deceased, Some(false));
    assert!(!patient(&with("active", "False")).active);
}

#[test]
fn numbers_that_differ_in_a_zero_or_in_case_are_two() {
    let all =
        patients(format!("{HEADER}\n93,Okafor,1980-01-31\n093,Weber,1980-01-31\nA1,Lind,1980-01-31\na1,Ng,1980-01-31"));
    assert_eq!(all.iter().map(|patient| &*patient.number).collect::<Vec<_>>(), ["93", "093", "A1", "a1"]);
}
