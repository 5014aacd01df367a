use super::*;

const COLUMNS: &str = "number, given, family, birth_date, sex, email, phone, street, postcode, city, region, country, \
                       language, deceased, active";

#[test]
fn columns_may_stand_in_any_order_and_be_spelled_in_any_way() {
    let all = patients("CITY;Birth Date; Family ;POST-CODE;Number\nBerlin;31.01.1980;Okafor;13357;7\n");
    assert_eq!((&*all[0].number, all[0].family.as_str()), ("7", "Okafor"));
    assert_eq!(all[0].birth_date, date(1980, 1, 31));
    assert_eq!(all[0].address.postcode.as_deref(), Some("13357"));
    for name in ["birth_date", "birth date", "Birth-Date", "BIRTH_DATE", "birthdate"] {
        patients(format!("number,family,{name}\n1,Okafor,1980-01-31\n"));
    }
}

#[test]
fn an_unknown_column_is_told_with_what_may_be_meant() {
    let row = "x,1,Okafor,1980-01-31";
    assert_eq!(
        told(format!("insurer,{HEADER}\n{row}\n")),
        [format!("row 1, column insurer: unknown column; allowed: {COLUMNS}")]
    );
    assert_eq!(
        told(format!("Adress-Country,{HEADER}\n{row}\n")),
        [format!("row 1, column Adress-Country: unknown column; allowed: {COLUMNS}")]
    );
    assert_eq!(
        told(format!("Langage,{HEADER}\n{row}\n")),
        [format!("row 1, column Langage: unknown column, perhaps language is meant; allowed: {COLUMNS}")]
    );
    assert_eq!(
        told(format!("{HEADER},\n1,Okafor,1980-01-31,\n")),
        [format!("row 1, column 4: this column has no name; allowed: {COLUMNS}")]
    );
}

#[test]
fn an_unknown_column_is_shown_short_and_without_control_characters() {
    let name = format!("a\u{7}\u{202E}{}", "x".repeat(500));
    let all = told(format!("{name},{HEADER}\nx,1,Okafor,1980-01-31\n"));
    let shown = format!("a\\u{{7}}\\u{{202e}}{}…", "x".repeat(57));
    assert_eq!(all, [format!("row 1, column {shown}: unknown column; allowed: {COLUMNS}")]);
}

#[test]
fn a_column_that_is_there_twice_is_told() {
    assert_eq!(
        told("number,Birth Date,family,birth_date\n1,1980-01-31,Okafor,1980-01-31\n"),
        ["row 1, column birth_date: this column is there twice; allowed: each column once"]
    );
}

#[test]
fn every_missing_column_is_told_once_and_the_others_are_read_all_the_same() {
    let allowed = "a header with number, family and birth_date";
    assert_eq!(
        told("family,sex\nOkafor,f\nWeber,male\n"),
        [
            format!("row 1, column number: this column is missing; allowed: {allowed}"),
            format!("row 1, column birth_date: this column is missing; allowed: {allowed}"),
            "row 2, column sex: `f` is not known here; allowed: female, male, other or unknown".to_owned(),
        ]
    );
}

#[test]
fn rows_below_something_that_is_no_header_are_not_judged() {
    let all = told("number|family|birth_date\n1|Okafor|1980-01-31\n2|Weber|nonsense\n");
    assert_eq!(all.len(), 4, "{all:#?}");
    assert!(all[0].starts_with("row 1, column number|family|birth_date: unknown column; allowed: number"), "{all:#?}");
    assert!(all[1..].iter().all(|told| told.contains("this column is missing")), "{all:#?}");
}

#[test]
fn a_file_without_rows_is_told() {
    let shape = "a header row, and below it one row for each patient";
    for empty in ["", "\u{FEFF}", " ", "\r\n\n", "\u{FEFF}\n"] {
        assert_eq!(told(empty), [format!("the file is empty; allowed: {shape}")]);
    }
    for bare in [HEADER.to_owned(), format!("{HEADER}\n\n"), format!("{HEADER}\n,,\n , ,\n")] {
        assert_eq!(told(bare), [format!("there is no row below the header; allowed: {shape}")]);
    }
}
