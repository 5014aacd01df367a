//! The table of what was measured, each line with its goal where `booking.md` sets one.

use std::{fmt, path::Path};

use serde::Serialize;

use crate::Outcome;

#[derive(Clone, Copy, Debug)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Told for its own sake.
    None,
}

impl Goal {
    fn met(self, value: f64) -> Option<bool> {
        match self {
            Self::AtLeast(least) => Some(value >= least),
            Self::AtMost(most) => Some(value <= most),
            Self::None => None,
        }
    }
}

#[derive(Debug, Serialize)]
struct Line {
    what: String,
    /// What was measured on both sides, in words.
    detail: String,
    value: Option<f64>,
    unit: &'static str,
    goal: String,
    met: Option<bool>,
}

#[derive(Debug, Default, Serialize)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Ours divided by theirs, both per second.
    pub fn share(&mut self, what: &str, ours: f64, (theirs, name): (f64, &str), goal: Goal) {
        let detail = format!("{} of {} per second ({name})", number(ours), number(theirs));
        self.add(what, detail, ours / theirs * 100.0, "%", goal);
    }

    /// How many times as long, or as much, as theirs.
    pub fn times(&mut self, what: &str, detail: String, value: f64, goal: Goal) {
        self.add(what, detail, value, "×", goal);
    }

    pub fn value(&mut self, what: &str, value: f64, unit: &'static str, goal: Goal) {
        self.add(what, String::new(), value, unit, goal);
    }

    /// Something that is no number, such as why a part was left out.
    pub fn said(&mut self, what: &str, text: &str) {
        let (what, detail) = (what.to_owned(), text.to_owned());
        self.push(Line { what, detail, value: None, unit: "", goal: String::new(), met: None });
    }

    fn add(&mut self, what: &str, detail: String, value: f64, unit: &'static str, goal: Goal) {
        let told = match goal {
            Goal::AtLeast(least) => format!("≥ {}{}", number(least), spaced(unit)),
            Goal::AtMost(most) => format!("≤ {}{}", number(most), spaced(unit)),
            Goal::None => String::new(),
        };
        let met = goal.met(value);
        self.push(Line { what: what.to_owned(), detail, value: Some(value), unit, goal: told, met });
    }

    fn push(&mut self, line: Line) {
        eprintln!("  {line}");
        self.lines.push(line);
    }

    pub fn write(&self, path: &Path) -> Outcome {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        let missed = self.lines.iter().filter(|l| l.met == Some(false)).count();
        let met = self.lines.iter().filter(|l| l.met == Some(true)).count();
        write!(f, "\n{met} goals met, {missed} missed")
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.map(|v| format!("{}{}", number(v), spaced(self.unit))).unwrap_or_default();
        let met = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        write!(f, "{:<58} {:>12}  {:<14} {:<7} {}", self.what, value, self.goal, met, self.detail)
    }
}

fn spaced(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
