//! Whether two statements say the same, such as the clinic's and the patient's.

use super::{Answer, Field, Item, Kind, Section};

/// Whether the answers differ in nothing that matters: not in case, white space or the order of a list. In phone
/// numbers only the digits count, in codes the letters and digits. An empty field is one that is not there.
pub fn same(section: Section, a: &Answer, b: &Answer) -> bool {
    let list = |answer: &Answer| {
        let mut items: Vec<Vec<String>> = answer.items().iter().map(|item| folded(section, item)).collect();
        items.sort();
        items
    };
    a.says_none() == b.says_none() && same_item(section, a.values(), b.values()) && list(a) == list(b)
}

pub(super) fn same_item(section: Section, a: &Item, b: &Item) -> bool {
    folded(section, a) == folded(section, b)
}

/// What counts of every field, in the section's order.
fn folded(section: Section, item: &Item) -> Vec<String> {
    section
        .fields()
        .iter()
        .map(|field| item.get(field.name).map_or_else(String::new, |text| fold(field, text)))
        .collect()
}

fn fold(field: &Field, text: &str) -> String {
    match field.kind {
        Kind::Phone => text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
        Kind::Code => text.to_lowercase().chars().filter(|c| !c.is_whitespace() && !"-‐–".contains(*c)).collect(),
        _ => text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
