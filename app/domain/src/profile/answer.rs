//! What a patient said in one section.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::same::same_item;
use super::{Mistake, NONE, Section, Shape};

/// Field names and what was said, normalised. Fields that were left empty are not in it.
pub type Item = BTreeMap<String, String>;

/// An answer, as `read` gives it. As JSON: `{"values": {"city": "Berlin"}}` for a section that is answered once, and
/// `{"items": [{"substance": "Latex"}]}` or `{"none": true}` for a list; `{}` when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    #[serde(default, skip_serializing_if = "Item::is_empty")]
    values: Item,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    none: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item>,
}

impl Answer {
    pub(super) fn once(values: Item) -> Self {
        Self { values, ..Self::default() }
    }

    pub(super) fn list(items: Vec<Item>) -> Self {
        Self { items, ..Self::default() }
    }

    /// For a list: the statement that there is nothing to list.
    pub fn none_of_these() -> Self {
        Self { none: true, ..Self::default() }
    }

    /// Whether nothing is said, not even that there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was said in a field of a section that is answered once; empty when nothing.
    pub fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    pub fn values(&self) -> &Item {
        &self.values
    }

    /// Whether the patient states that there is nothing to list.
    pub fn says_none(&self) -> bool {
        self.none
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// With one more item, at the end. One that is there already is not added again, so that a form sent twice adds
    /// once. Takes back "none of these".
    pub fn with_item(mut self, section: Section, item: Item) -> Result<Self, Mistake> {
        if self.items.iter().any(|other| same_item(section, other, &item)) {
            return Ok(self);
        }
        if self.items.len() >= most(section) {
            return Err(full(section));
        }
        self.none = false;
        self.items.push(item);
        Ok(self)
    }

    /// With another item in place of the one at `index`, counted from 0; unchanged when there is no such item.
    pub fn with_item_changed(mut self, index: usize, item: Item) -> Self {
        if let Some(place) = self.items.get_mut(index) {
            *place = item;
        }
        self
    }

    /// Without the item at `index`, counted from 0; unchanged when there is no such item. After the last one nothing is
    /// said: the patient may have removed a mistake, and has not stated that there is nothing.
    pub fn without_item(mut self, index: usize) -> Self {
        if index < self.items.len() {
            self.items.remove(index);
        }
        self
    }
}

/// Most items of a section; none where it is not a list.
pub(super) fn most(section: Section) -> usize {
    match section.shape() {
        Shape::One(_) => 0,
        Shape::Many { most, .. } => most,
    }
}

/// That a list takes no more.
pub(super) fn full(section: Section) -> Mistake {
    let most = most(section);
    Mistake::new(
        NONE,
        format!("There is room for {most} here. Remove one you no longer need, or tell us at your visit"),
    )
}
