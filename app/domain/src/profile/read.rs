//! A page's form, read into an answer. Mistakes come in the order of the fields.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::answer::{full, most};
use super::{Answer, Field, Item, Section, Shape, empty_form, form_of, value};

/// The input with which a patient states that there is nothing to list; it sends "yes". Mistakes that are about the
/// whole list are noted under it.
pub const NONE: &str = "none";

/// One mistake: the field's name (for an item of a list as `form_of` names it), and a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    pub field: String,
    pub message: String,
}

impl Mistake {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// The answer that a form gives, by the names of its inputs; inputs that the section does not know are passed over.
/// A list is read whole, as `form_of` writes it; for one item there is `read_item`.
pub fn read(section: Section, typed: &BTreeMap<String, String>, today: Date) -> Result<Answer, Vec<Mistake>> {
    match section.shape() {
        Shape::One(fields) => fields_of(fields, typed, today).map(Answer::once),
        Shape::Many { item, none, .. } => list(section, item, none, typed, today),
    }
}

/// One item of a list, from a form with the plain names of its fields.
pub fn read_item(section: Section, typed: &BTreeMap<String, String>, today: Date) -> Result<Item, Vec<Mistake>> {
    fields_of(section.fields(), typed, today)
}

/// An answer from outside, such as an API's JSON, normalised and proved. Fields that the section does not know are left
/// out.
pub fn check(section: Section, answer: &Answer, today: Date) -> Result<Answer, Vec<Mistake>> {
    read(section, &form_of(section, answer), today)
}

fn fields_of(fields: &[Field], typed: &BTreeMap<String, String>, today: Date) -> Result<Item, Vec<Mistake>> {
    let (mut item, mut mistakes) = (Item::new(), Vec::new());
    for field in fields {
        if !field.asked(&item) {
            continue;
        }
        match value::read(field, typed, today) {
            Ok(Some(value)) => drop(item.insert(field.name.to_owned(), value)),
            Ok(None) => {}
            Err(message) => mistakes.push(Mistake::new(field.name, message)),
        }
    }
    if mistakes.is_empty() { Ok(item) } else { Err(mistakes) }
}

fn list(
    section: Section,
    item: &str,
    none: &str,
    typed: &BTreeMap<String, String>,
    today: Date,
) -> Result<Answer, Vec<Mistake>> {
    let mistake = |message: String| Err(vec![Mistake::new(NONE, message)]);
    let numbered = numbered(section, typed);
    match (typed.get(NONE).map_or("", String::as_str), numbered.is_empty()) {
        ("yes", true) => return Ok(Answer::none_of_these()),
        ("yes", false) => return mistake(format!("Remove each {item} from the list, or do not choose “{none}”")),
        ("", false) => {}
        _ => return mistake(format!("Add each {item}, or choose “{none}”")),
    }
    if numbered.len() > most(section) {
        return Err(vec![full(section)]);
    }
    let (mut items, mut mistakes) = (Vec::new(), Vec::new());
    for (number, typed) in numbered {
        match read_item(section, &typed, today) {
            Ok(item) => items.push(item),
            Err(wrong) => {
                mistakes.extend(wrong.into_iter().map(|m| Mistake::new(format!("{number}-{}", m.field), m.message)))
            }
        }
    }
    if mistakes.is_empty() { Ok(Answer::list(items)) } else { Err(mistakes) }
}

/// What was typed for each item that has anything, by its number ("1-substance").
fn numbered(section: Section, typed: &BTreeMap<String, String>) -> BTreeMap<usize, BTreeMap<String, String>> {
    let known = empty_form(section);
    let mut items: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    for (name, value) in typed.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let parts = name.split_once('-').and_then(|(number, field)| Some((number.parse().ok()?, field)));
        if let Some((number, field)) = parts
            && known.contains_key(field)
        {
            items.entry(number).or_default().insert(field.to_owned(), value.clone());
        }
    }
    items
}
