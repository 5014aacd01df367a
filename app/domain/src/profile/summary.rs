//! Answers in words, for lists and for checking them (FRM-07).

use jiff::civil::Date;

use super::{Answer, Field, Item, Kind, Section, Shape};

/// For what was left empty.
pub const NOT_PROVIDED: &str = "Not provided";

/// Labels and values, in the section's order, without the fields that were not asked. A list has a row for each item.
pub fn summary(section: Section, answer: &Answer) -> Vec<(String, String)> {
    let Shape::Many { item: called, none, .. } = section.shape() else {
        return item_summary(section, answer.values());
    };
    if answer.items().is_empty() {
        let value = if answer.says_none() { none } else { NOT_PROVIDED };
        return vec![(section.title().to_owned(), value.to_owned())];
    }
    let rows = answer.items().iter().enumerate();
    rows.map(|(at, item)| (format!("{} {}", capital(called), at + 1), in_a_line(section, item))).collect()
}

/// Labels and values of one item of a list.
pub fn item_summary(section: Section, item: &Item) -> Vec<(String, String)> {
    let asked = section.fields().iter().filter(|field| field.asked(item));
    asked.map(|field| (field.label.to_owned(), words(field, item.get(field.name)))).collect()
}

/// "Penicillin. What happens: a rash. How bad it was: Mild".
fn in_a_line(section: Section, item: &Item) -> String {
    let said = section.fields().iter().filter_map(|field| item.get(field.name).map(|value| (field, value)));
    let parts = said.enumerate().map(|(at, (field, value))| {
        let value = words(field, Some(value));
        if at == 0 { value } else { format!("{}: {value}", field.label) }
    });
    parts.collect::<Vec<_>>().join(". ")
}

fn words(field: &Field, value: Option<&String>) -> String {
    let Some(value) = value else { return NOT_PROVIDED.to_owned() };
    let label = |value: &str| {
        let options = field.options();
        options.iter().find(|(option, _)| *option == value).map_or(value, |(_, label)| *label).to_owned()
    };
    match field.kind {
        Kind::Checkboxes(_) if value.is_empty() => "None of these".to_owned(),
        Kind::Checkboxes(_) => value.split_whitespace().map(label).collect::<Vec<_>>().join(", "),
        Kind::BirthDate | Kind::ComingDate => {
            value.parse::<Date>().map_or_else(|_| value.clone(), |date| date.strftime("%-d %B %Y").to_string())
        }
        _ => label(value),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}
