//! The file as records: delimiter, row numbers, quotation marks. The `csv` crate takes the fields apart (RFC 4180).

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::problem::{Log, ticked};

/// The fields of one row, any bytes.
pub(crate) struct Record {
    /// As a spreadsheet counts: a record with line breaks in it is one row, a blank line is one too.
    pub row: u64,
    pub fields: ByteRecord,
    pub quoting: Quoting,
}

/// Whether quotation marks stand as RFC 4180 has them. The `csv` crate forgives, and makes another value of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    Right,
    /// Something follows the mark that ends a field: `"Amara "Ama" Okafor"`.
    Stray,
    /// A mark opens a field and none ends it, so that the rest of the file is in there.
    Unclosed,
}

pub(crate) struct Records<'a> {
    file: &'a [u8],
    delimiter: u8,
    reader: Reader<&'a [u8]>,
    row: u64,
}

impl<'a> Records<'a> {
    /// `file` is without a byte order mark.
    pub(crate) fn new(file: &'a [u8]) -> Self {
        Self::parted_by(file, delimiter(file))
    }

    pub(crate) fn parted_by(file: &'a [u8], delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(file);
        Self { file, delimiter, reader, row: 0 }
    }

    /// The bytes that the reader has not taken yet.
    fn rest(&self) -> &'a [u8] {
        usize::try_from(self.reader.position().byte()).ok().and_then(|at| self.file.get(at..)).unwrap_or_default()
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let before = self.rest();
        let mut fields = ByteRecord::new();
        // Bytes in memory, of any number of fields, are never an error.
        if !self.reader.read_byte_record(&mut fields).ok()? {
            return None;
        }
        let taken = self.file.len() - before.len();
        let after_return = taken.checked_sub(1).and_then(|at| self.file.get(at)) == Some(&b'\r');
        self.row += 1 + blank_lines(before, after_return);
        let record = &before[..before.len() - self.rest().len()];
        Some(Record { row: self.row, fields, quoting: quoting(record, self.delimiter) })
    }
}

/// The likeliest delimiter, by the first line that is not blank: comma, semicolon or tab, outside quotation marks.
fn delimiter(file: &[u8]) -> u8 {
    let mut counts = [(b'\t', 0_usize), (b';', 0), (b',', 0)];
    let mut quoted = false;
    let start = file.iter().take_while(|byte| is_line_break(**byte)).count();
    for byte in &file[start..] {
        quoted ^= *byte == b'"';
        if is_line_break(*byte) && !quoted {
            break;
        }
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte && !quoted) {
            *count += 1;
        }
    }
    // Among equals, and when there is none, the last one: the comma.
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

fn is_line_break(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

/// Blank lines before the next record. The `csv` crate passes over them, a spreadsheet shows them as rows.
fn blank_lines(rest: &[u8], after_return: bool) -> u64 {
    // The line feed after a return still belongs to the line above.
    let own = if after_return { rest.strip_prefix(b"\n").unwrap_or(rest) } else { rest };
    let mut blank = 0;
    let mut previous = b' ';
    for byte in own.iter().copied().take_while(|byte| is_line_break(*byte)) {
        blank += u64::from(!(previous == b'\r' && byte == b'\n'));
        previous = byte;
    }
    blank
}

fn quoting(record: &[u8], delimiter: u8) -> Quoting {
    enum Place {
        FieldStart,
        Plain,
        Quoted,
        /// Behind a mark that ends the field, or is the first of a pair that stands for one.
        Closed,
    }
    let mut place = Place::FieldStart;
    for byte in record {
        place = match (place, *byte) {
            (Place::FieldStart | Place::Closed, b'"') => Place::Quoted,
            (Place::Quoted, b'"') => Place::Closed,
            (Place::Quoted, _) => Place::Quoted,
            (_, byte) if byte == delimiter || is_line_break(byte) => Place::FieldStart,
            (Place::Closed, _) => return Quoting::Stray,
            (Place::FieldStart | Place::Plain, _) => Place::Plain,
        };
    }
    if matches!(place, Place::Quoted) { Quoting::Unclosed } else { Quoting::Right }
}

/// Tells where a file stops being UTF-8. Only the first place: a file in another encoding is wrong everywhere.
pub(super) fn tell_of_encoding(file: &[u8], log: &Log) {
    let mut wrong = Records::new(file).filter_map(|record| {
        let field = record.fields.iter().find(|field| std::str::from_utf8(field).is_err())?;
        Some((record.row, String::from_utf8_lossy(field).into_owned()))
    });
    let (row, what) = match wrong.next() {
        Some((row, field)) => (Some(row), format!("{} is not UTF-8", ticked(&field))),
        None => (None, "the file is not UTF-8".to_owned()),
    };
    log.push(row, None, what, "a file in UTF-8; in a spreadsheet, save it as CSV UTF-8");
}
