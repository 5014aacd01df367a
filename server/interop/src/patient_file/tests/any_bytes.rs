//! Whatever comes in: no panic, never both nothing and no problem, and what a proper writer writes is read back.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn check(file: &[u8]) -> Result<(), TestCaseError> {
    match parse(file, TODAY) {
        Ok(patients) => prop_assert!(!patients.is_empty()),
        Err(problems) => {
            prop_assert!(!problems.told.is_empty());
            prop_assert!(problems.told.len() <= MOST_TOLD);
            prop_assert!(!problems.to_string().chars().any(|c| c.is_control() && c != '\n'));
        }
    }
    Ok(())
}

/// Pieces of which files are made, right and wrong.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"number",
        b"family",
        b"birth_date",
        b"street",
        b"Okafor",
        b"7",
        b"1980-01-31",
        b"31.02.1980",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r\n",
        b"\r",
        b"\"",
        b"\"\"",
        b" ",
        b"\0",
        b"\xFF",
        b"\xEF\xBB\xBF",
        "é".as_bytes(),
    ];
    prop_oneof![
        8 => prop::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..4),
    ]
}

/// A row of a right file, and how many blank lines stand above it.
fn row() -> impl Strategy<Value = (String, String, usize)> {
    let family = "[A-Za-zÀ-ÿ一-龥ا-ي,;\"'=-]{1,12}";
    let street = "[a-z,;\"]{1,6}(\n[a-z,;\"]{1,6}){0,3}";
    (family, street, 0..3_usize)
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(file in vec(any::<u8>(), 0..400)) {
        check(&file)?;
    }

    #[test]
    fn no_bytes_below_a_header_make_it_panic(rows in vec(piece(), 0..60)) {
        check(&rows.concat())?;
        check(&[b"number,family,birth_date,street\n".to_vec(), rows.concat()].concat())?;
    }

    #[test]
    fn what_a_writer_writes_is_read_back(
        rows in vec(row(), 1..8),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        line_break in prop::sample::select(vec!["\n", "\r\n"]),
        mark in any::<bool>(),
    ) {
        let mut file = if mark { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
        let mut write = |blank: usize, fields: &[&str]| {
            file.extend(line_break.repeat(blank).into_bytes());
            let terminator = if line_break == "\n" { Terminator::Any(b'\n') } else { Terminator::CRLF };
            let mut builder = WriterBuilder::new();
            builder.delimiter(delimiter).terminator(terminator).quote_style(QuoteStyle::Necessary);
            let mut writer = builder.from_writer(&mut file);
            writer.write_record(fields).unwrap();
        };
        write(0, &["number", "family", "birth_date", "street"]);
        for (index, (family, street, blank)) in rows.iter().enumerate() {
            write(*blank, &[&index.to_string(), family, "1980-01-31", street]);
        }
        let patients = patients(&file);
        prop_assert_eq!(patients.len(), rows.len());
        let mut above = 1;
        for (patient, (family, street, blank)) in patients.iter().zip(&rows) {
            above += *blank as u64 + 1;
            prop_assert_eq!(patient.row, above);
            prop_assert_eq!(patient.family.as_str(), family);
            prop_assert_eq!(patient.address.street.as_ref(), Some(street));
        }
    }
}
