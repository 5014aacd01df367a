//! Content lines (RFC 5545 §3.1), unfolded and parted. Forgiving: what cannot be a content line is most often a text that
//! was folded wrongly, and is passed over.

use std::borrow::Cow;

/// More on one line is an attack.
const MOST_PARAMETERS: usize = 40;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Of the file, from 1; of a folded line the first.
    pub number: usize,
    /// In capitals.
    pub name: String,
    /// Names in capitals, values without quotation marks.
    parameters: Vec<(String, String)>,
    /// As it is written, escapes and all.
    pub value: String,
}

impl Line {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A TEXT value on one line, short: for cards, not for reading letters.
    pub fn text(&self) -> String {
        tidy(&unescaped(&self.value))
    }

    /// Several TEXT values, parted by commas that are not escaped.
    pub fn texts(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut escaped = false;
        for c in self.value.chars() {
            match c {
                ',' if !escaped => parts.push(String::new()),
                c => parts.last_mut().expect("it begins with one").push(c),
            }
            escaped = c == '\\' && !escaped;
        }
        parts.iter().map(|part| tidy(&unescaped(part))).filter(|part| !part.is_empty()).collect()
    }
}

pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> + '_ {
    unfolded(text).filter_map(|(number, line)| parted(number, &line))
}

/// Lines end in CRLF, LF, or in a file without any LF in CR.
fn unfolded(text: &str) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let physical = text.split(end).map(|line| line.trim_end_matches('\r')).zip(1..);
    // Blank lines are somebody's doubled line ends.
    let mut physical = physical.filter(|(line, _)| !line.is_empty()).peekable();
    std::iter::from_fn(move || {
        let (line, number) = physical.next()?;
        let mut line = Cow::Borrowed(line);
        while let Some((more, _)) = physical.next_if(|(next, _)| next.starts_with([' ', '\t'])) {
            line.to_mut().push_str(&more[1..]);
        }
        Some((number, line))
    })
}

fn parted(number: usize, line: &str) -> Option<Line> {
    let end = line.find([';', ':'])?;
    let name = line[..end].trim().to_ascii_uppercase();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return None;
    }
    let mut parameters = Vec::new();
    let mut rest = &line[end..];
    while let Some(after) = rest.strip_prefix(';') {
        let mut quoted = false;
        let (end, _) = after.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            !quoted && matches!(c, ';' | ':')
        })?;
        let (key, value) = after[..end].split_once('=').unwrap_or((&after[..end], ""));
        if parameters.len() == MOST_PARAMETERS {
            return None;
        }
        parameters.push((key.trim().to_ascii_uppercase(), unquoted(value)));
        rest = &after[end..];
    }
    Some(Line { number, name, parameters, value: rest.strip_prefix(':')?.to_owned() })
}

/// A parameter's value, with RFC 6868's signs for what cannot be written in one.
fn unquoted(value: &str) -> String {
    value.trim().replace('"', "").replace("^n", " ").replace("^'", "\"").replace("^^", "^")
}

fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// One line of at most 200 characters, without what cannot be seen.
pub(crate) fn tidy(text: &str) -> String {
    const MOST: usize = 200;
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > 4 * MOST {
            break;
        }
    }
    match out.char_indices().nth(MOST) {
        Some((at, _)) => out[..at].to_owned(),
        None => out,
    }
}
