//! A number for each clinic that grows whenever a transaction of this process changes its calendar: the key of answers
//! that are kept. It grows with the commit itself, so that a caller who goes away in between makes no difference.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use uuid::Uuid;

#[derive(Debug, Default)]
pub struct Calendars(RwLock<HashMap<Uuid, u64>>);

impl Calendars {
    pub fn version(&self, clinic: Uuid) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&clinic).copied().unwrap_or(0)
    }

    pub(crate) fn touch(&self, clinic: Uuid) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner).entry(clinic).or_default() += 1;
    }
}
