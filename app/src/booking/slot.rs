//! A free time as the page shows it, and how a list of them follows the calendar. Same on both sides.

use serde::{Deserialize, Serialize};

/// One time to choose. All words are made on the server, on the clinic's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// RFC 3339 in UTC, to the second: what the form sends. Sorts as text.
    pub start: String,
    /// "9:30", with the offset when the clock shows this time twice.
    pub label: String,
    /// "Mon 23 Nov, 9:30", for the button.
    pub moment: String,
    /// What else there is to know: who, or how many places are left. Often empty.
    pub note: String,
    /// Index into `PARTS`.
    pub part: u8,
}

/// Parts of the day, in order.
pub const PARTS: [&str; 3] = ["Morning", "Afternoon", "Evening"];

/// What the page shows after another look at the calendar: everything it showed, so that nothing jumps, and what is
/// new; and the starts of those that are no longer free.
#[cfg(any(feature = "hydrate", test))]
pub fn follow(shown: &[Slot], fresh: &[Slot]) -> (Vec<Slot>, Vec<String>) {
    let free = |slot: &Slot| fresh.iter().any(|f| f.start == slot.start);
    let gone: Vec<String> = shown.iter().filter(|s| !free(s)).map(|s| s.start.clone()).collect();
    let kept = shown.iter().filter(|s| !free(s));
    let mut all: Vec<Slot> = fresh.iter().chain(kept).cloned().collect();
    all.sort_by(|a, b| a.start.cmp(&b.start));
    (all, gone)
}

/// What changed, in words for those who cannot see it; empty when nothing did.
#[cfg(any(feature = "hydrate", test))]
pub fn news(shown: &[Slot], gone_before: &[String], fresh: &[Slot], chosen: &str) -> String {
    let is_free = |start: &str| fresh.iter().any(|f| f.start == start);
    let was_free = |slot: &&Slot| !gone_before.contains(&slot.start);
    let lost: Vec<&Slot> = shown.iter().filter(was_free).filter(|s| !is_free(&s.start)).collect();
    let known = |start: &String| shown.iter().filter(was_free).any(|s| s.start == *start);
    let found: Vec<&Slot> = fresh.iter().filter(|f| !known(&f.start)).collect();
    let mut words = String::new();
    if let Some(slot) = lost.iter().find(|s| s.start == chosen) {
        words = format!("{}, the time you chose, was just taken. Choose another time.", slot.label);
    } else if !lost.is_empty() {
        words = format!("No longer free: {}.", labels(&lost));
    }
    if !found.is_empty() {
        let space = if words.is_empty() { "" } else { " " };
        words = format!("{words}{space}Free now: {}.", labels(&found));
    }
    words
}

#[cfg(any(feature = "hydrate", test))]
fn labels(slots: &[&Slot]) -> String {
    slots.iter().map(|s| s.label.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(label: &str) -> Slot {
        Slot { start: format!("2026-11-23T{label}:00Z"), label: label.to_owned(), ..Slot::default() }
    }

    #[test]
    fn a_time_that_went_away_stays_where_it_was_and_a_new_one_comes_in_order() {
        let shown = [slot("08:30"), slot("09:00"), slot("10:00")];
        let (all, gone) = follow(&shown, &[slot("08:30"), slot("09:30"), slot("10:00")]);
        let labels: Vec<_> = all.iter().map(|s| s.label.as_str()).collect();
        assert_eq!(labels, ["08:30", "09:00", "09:30", "10:00"]);
        assert_eq!(gone, [slot("09:00").start]);
    }

    #[test]
    fn changes_are_said_once_and_the_chosen_time_first() {
        let shown = [slot("08:30"), slot("09:00")];
        let fresh = [slot("08:30"), slot("09:30")];
        assert_eq!(news(&shown, &[], &shown, ""), "");
        assert_eq!(news(&shown, &[], &fresh, ""), "No longer free: 09:00. Free now: 09:30.");
        let chosen = news(&shown, &[], &fresh, &shown[1].start);
        assert_eq!(chosen, "09:00, the time you chose, was just taken. Choose another time. Free now: 09:30.");
        let (all, gone) = follow(&shown, &fresh);
        assert_eq!(news(&all, &gone, &fresh, ""), "");
        assert_eq!(news(&all, &gone, &all, ""), "Free now: 09:00.");
    }
}
