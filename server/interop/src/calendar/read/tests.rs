use super::*;

mod files;
mod hostile;
mod recurrences;
mod single;

/// November 2026.
fn november() -> Window {
    window("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
}

fn window(from: &str, to: &str) -> Window {
    Window { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn of(text: &str, window: Window, whose: &Whose) -> Telling {
    read(text, window, &berlin(), whose).unwrap()
}

/// A calendar of these events, each a few lines; the rest of what every event has is put in.
fn calendar(events: &[&str]) -> String {
    let mut out = "BEGIN:VCALENDAR\nVERSION:2.0\n".to_owned();
    for event in events {
        out += &format!("BEGIN:VEVENT\n{}\nEND:VEVENT\n", event.trim());
    }
    out + "END:VCALENDAR\n"
}

/// `key start end state`, sorted by start; times in UTC.
fn told(telling: &Telling) -> Vec<String> {
    let mut lines: Vec<_> = telling
        .entries
        .iter()
        .map(|e| (e.start, e.key.clone(), format!("{} {} {} {:?}", e.key, short(e.start), short(e.end), e.state)))
        .collect();
    lines.sort();
    lines.into_iter().map(|(.., line)| line).collect()
}

fn short(at: Timestamp) -> String {
    at.strftime("%m-%dT%H:%M").to_string()
}

fn words(telling: &Telling) -> Vec<(usize, Option<&str>, &str)> {
    telling.problems.iter().map(|p| (p.line, p.key.as_deref(), p.words.as_str())).collect()
}
