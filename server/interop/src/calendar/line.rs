//! Content lines (RFC 5545 §3.1): escaping, quoting and folding. No caller's text can start a line of its own.

const FOLD: usize = 75;

#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A name and value that need no escaping: ours, never a person's.
    pub fn raw(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// A TEXT value (§3.3.11).
    pub fn text(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for c in value.replace("\r\n", "\n").trim().chars() {
            match c {
                '\\' | ';' | ',' => line.extend(['\\', c]),
                '\n' => line.push_str("\\n"),
                c if breaks(c) => line.push(' '),
                c => line.push(c),
            }
        }
        self.fold(&line);
    }

    /// A URI or calendar address; parameters without a value are left out.
    pub fn uri(&mut self, name: &str, parameters: &[(&str, &str)], value: &str) {
        let mut line = name.to_owned();
        for (key, value) in parameters.iter().filter(|(_, value)| !value.trim().is_empty()) {
            line.push_str(&format!(";{key}={}", parameter(value)));
        }
        line.push(':');
        line.extend(value.chars().filter(|c| !c.is_whitespace() && !breaks(*c)));
        self.fold(&line);
    }

    /// Folds after 75 octets at most, the leading space of a continuation included, and never inside a character.
    fn fold(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > FOLD {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    pub fn into_text(self) -> String {
        self.0
    }
}

/// A parameter value (§3.2): in quotes when need be; quotes cannot be written inside, so they become apostrophes.
fn parameter(value: &str) -> String {
    let clean: String = value
        .trim()
        .chars()
        .map(|c| match c {
            '"' => '\'',
            c if breaks(c) => ' ',
            c => c,
        })
        .collect();
    match clean.contains([':', ';', ',']) {
        true => format!("\"{clean}\""),
        false => clean,
    }
}

/// Control characters, and the separators some readers take for line ends.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
