//! The way back from an answer to the inputs of a page.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Answer, Field, Item, Kind, NONE, Section, Shape};

/// Every input of a page with nothing in it: of the section, or of one item when it is a list.
pub fn empty_form(section: Section) -> BTreeMap<String, String> {
    section.fields().iter().flat_map(Field::inputs).map(|input| (input, String::new())).collect()
}

/// The inputs as somebody would fill them in to give this answer. Those of a list's items are numbered from 1, as in
/// "1-substance".
pub fn form_of(section: Section, answer: &Answer) -> BTreeMap<String, String> {
    if let Shape::One(_) = section.shape() {
        return form_of_item(section, answer.values());
    }
    let none = answer.says_none().then(|| (NONE.to_owned(), "yes".to_owned()));
    let items = answer.items().iter().enumerate().flat_map(|(at, item)| {
        let inputs = form_of_item(section, item).into_iter();
        inputs.map(move |(input, value)| (format!("{}-{input}", at + 1), value))
    });
    items.chain(none).collect()
}

/// The inputs of one item of a list, by their plain names: what `read_item` reads.
pub fn form_of_item(section: Section, item: &Item) -> BTreeMap<String, String> {
    let mut form = empty_form(section);
    for field in section.fields() {
        if let Some(value) = item.get(field.name) {
            form.extend(inputs(field, value));
        }
    }
    form
}

fn inputs(field: &Field, value: &str) -> Vec<(String, String)> {
    match field.kind {
        Kind::BirthDate | Kind::ComingDate => {
            // What is no date goes where it is refused.
            let parts = value.parse::<Date>().map_or([value.to_owned(), String::new(), String::new()], |date| {
                [date.day().to_string(), date.month().to_string(), format!("{:04}", date.year())]
            });
            field.date_inputs().into_iter().zip(parts).collect()
        }
        Kind::Checkboxes(_) => value.split_whitespace().map(|option| (field.part(option), "yes".to_owned())).collect(),
        _ => vec![(field.name.to_owned(), value.to_owned())],
    }
}
