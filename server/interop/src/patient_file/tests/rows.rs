use super::*;

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    let file = "number,family,birth_date,street
1,Okafor,1980-01-31,\"c/o Weber


Uferstraße 12\"
2,Weber,31.02.1980,

,,,
4,Lind,never,\"one
two\"
5,Ng,1980/01/31,
";
    for line_break in ["\n", "\r\n", "\r"] {
        let all = told(file.replace('\n', line_break));
        let rows: Vec<&str> = all.iter().map(|told| told.split(':').next().unwrap()).collect();
        assert_eq!(rows, ["row 3, column birth_date", "row 6, column birth_date", "row 7, column birth_date"]);
    }
}

#[test]
fn rows_above_the_header_count_too() {
    assert_eq!(patient(&format!("\n\r\n{HEADER}\n1,Okafor,1980-01-31\n")).row, 4);
    assert!(told("\n\nnumber,family\n1,Okafor\n")[0].starts_with("row 3, column birth_date: this column is missing"));
}

#[test]
fn a_row_with_another_number_of_values_is_told_and_not_judged() {
    let allowed = "a value for each column; one with the delimiter in it stands in quotation marks";
    assert_eq!(
        told(format!("{HEADER}\n1,Okafor, Amara,nonsense\n2,Weber,1980-01-31\n3,Lind\n")),
        [
            format!("row 2: 4 values below 3 columns; allowed: {allowed}"),
            format!("row 4: 2 values below 3 columns; allowed: {allowed}"),
        ]
    );
}

#[test]
fn two_rows_with_one_number_are_both_named() {
    let allowed = "a number that no other row has";
    assert_eq!(
        told(format!("{HEADER}\n7,Okafor,1980-01-31\n8,Weber,1980-01-31\n 7 ,Lind,1980-01-31\n7,Ng,1980-01-31\n")),
        [
            format!("row 4, column number: `7` is the number of row 2 too; allowed: {allowed}"),
            format!("row 5, column number: `7` is the number of row 2 too; allowed: {allowed}"),
        ]
    );
}

#[test]
fn a_number_counts_as_taken_by_a_row_that_has_other_problems() {
    let all = told(format!("{HEADER}\n7,,1980-01-31\n7,Lind,1980-01-31\n"));
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all[1].starts_with("row 3, column number: `7` is the number of row 2 too"), "{all:#?}");
}

#[test]
fn every_problem_of_a_row_is_told() {
    let all = told("number,family,birth_date,email,phone\n,,,x,y\n");
    let columns: Vec<&str> = all.iter().map(|told| told.split([' ', ':']).nth(3).unwrap()).collect();
    assert_eq!(columns, ["number", "family", "birth_date", "email", "phone"]);
}

#[test]
fn problems_beyond_two_hundred_are_counted() {
    let rows: String = (0..207).map(|number| format!("{number},Okafor,never\n")).collect();
    let problems = parse(format!("{HEADER}\n{rows}").as_bytes(), TODAY).unwrap_err();
    assert_eq!((problems.told.len(), problems.more), (200, 7));
    let text = problems.to_string();
    assert_eq!(text.lines().count(), 201);
    assert_eq!(
        text.lines().next(),
        Some("row 2, column birth_date: `never` is not a date; allowed: 1980-01-31 or 31.01.1980")
    );
    assert_eq!(text.lines().last(), Some("and 7 more"));
}

#[test]
fn a_quotation_mark_that_nothing_closes_is_told_where_it_opens() {
    let unclosed = "a quotation mark opens a value and none ends it; allowed: a value between two quotation marks; \
                    one inside it is written twice";
    let rows = "1,Okafor,1980-01-31\n2,\"Weber,1980-01-31\n3,Lind,1980-01-31\n";
    assert_eq!(told(format!("{HEADER}\n{rows}")), [format!("row 3: {unclosed}")]);
    assert_eq!(told(format!("{HEADER}\n1,Okafor,\"1980-01-31\"\"")), [format!("row 2: {unclosed}")]);
    for mark in ["", "\u{FEFF}"] {
        assert_eq!(told(format!("{mark}\"{HEADER}\n1,Okafor,1980-01-31\n")), [format!("row 1: {unclosed}")]);
    }
    assert_eq!(told(format!("{HEADER}\n1,Okafor,1980-01-31\n\"")), [format!("row 3: {unclosed}")]);
    // Inside a value that none opens, a quotation mark is just that.
    assert_eq!(patient(&format!("{HEADER}\n1,Okafor \"Ama,1980-01-31")).family.as_str(), "Okafor \"Ama");
}

#[test]
fn a_value_that_goes_on_behind_its_quotation_marks_is_not_guessed_at() {
    let stray = "a value goes on behind the quotation mark that ends it; allowed: a value between two quotation marks; \
                 one inside it is written twice";
    let rows = "1,\"Amara \"Ama\" Okafor\",1980-01-31\n2,Weber,1980-01-31\n3,Lind,never\n";
    assert_eq!(
        told(format!("{HEADER}\n{rows}")),
        [
            format!("row 2: {stray}"),
            "row 4, column birth_date: `never` is not a date; allowed: 1980-01-31 or 31.01.1980".to_owned()
        ]
    );
    // Also where the next row's mark ends what this row's has opened.
    assert_eq!(
        told(format!("{HEADER}\n1,\"Okafor,1980-01-31\n2,\"Lind\",1980-01-31\n3,Ng,1980-01-31\n")),
        [format!("row 2: {stray}")]
    );
    assert_eq!(told(format!("\"num\"ber,family,birth_date\n{rows}")), [format!("row 1: {stray}")]);
}

#[test]
fn a_file_in_another_encoding_is_told_where_it_shows() {
    let allowed = "a file in UTF-8; in a spreadsheet, save it as CSV UTF-8";
    let latin = b"number;family;birth_date\n1;Okafor;never\n\n2;M\xFCller;1980-01-31\n3;M\xFCller;1980-01-31\n";
    assert_eq!(told(latin), [format!("row 4: `M\u{FFFD}ller` is not UTF-8; allowed: {allowed}")]);
    let utf16: Vec<u8> =
        "\u{FEFF}number,family\n1,Okafor\n".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
    let all = told(utf16);
    assert!(all.len() == 1 && all[0].starts_with("row 1: `") && all[0].ends_with(allowed), "{all:#?}");
}

#[test]
fn a_file_above_the_limits_is_not_read() {
    assert_eq!(told(vec![b'x'; MOST_BYTES + 1]), ["the file is too large; allowed: at most 100 MB"]);
    let right: String = (1..=MOST_ROWS).map(|number| format!("{number},Okafor,1980-01-31\n")).collect();
    let right = format!("{HEADER}\n{right}");
    assert_eq!(patients(&right).len(), MOST_ROWS);
    assert_eq!(
        told(format!("{right}one,Okafor,never\nmore,Okafor,never\n")),
        ["row 200002: more than 200000 rows; allowed: at most 200000"]
    );
}
