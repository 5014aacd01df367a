//! Form state for post-redirect-get. A server function that finds mistakes saves what was typed and what is wrong,
//! and redirects to the page, which shows both. Nothing travels in the URL; everything is sealed in the browser's
//! session on the server.

use std::collections::BTreeMap;

use portal::{Browser, Cx, Internal, Sent};
use serde::{Deserialize, Serialize};

use crate::request::Request;

/// What was typed, by field name, and what is wrong, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    pub values: BTreeMap<String, String>,
    pub errors: Vec<FieldError>,
}

/// One mistake: the field's name (also the id its input has), and a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FormState {
    pub fn with(values: &[(&str, &str)]) -> Self {
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { values, errors: Vec::new() }
    }

    pub fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone())
    }

    pub fn fail(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// Keeps a parsed value, or notes the mistake and answers `None`.
    pub fn check<T, E: std::fmt::Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(field, error.to_string());
                None
            }
        }
    }
}

/// A form that makes something, with its page's key: sent twice, it makes it once. `None` without one.
pub fn sent(key: &str, form: &impl Serialize) -> Result<Option<Sent>, Internal> {
    let body = serde_json::to_vec(form)?;
    Ok((!key.is_empty() && key.len() <= 64).then(|| Sent { key: key.to_owned(), body }))
}

/// Keeps a form's state for this browser.
pub async fn save(cx: &Cx, browser: &Browser, form: &str, state: &FormState) -> Result<(), Internal> {
    portal::forms::save(cx, browser.session(), form, state).await
}

/// What was kept, or an empty form.
pub async fn load(cx: &Cx, browser: Option<&Browser>, form: &str) -> Result<FormState, Internal> {
    let Some(browser) = browser else { return Ok(FormState::default()) };
    Ok(portal::forms::load(cx, browser.session(), form).await?.unwrap_or_default())
}

/// Shows errors once: a page that was left and opened again has the values without the scolding.
pub async fn take(cx: &Cx, browser: Option<&Browser>, form: &str) -> Result<FormState, Internal> {
    let state = load(cx, browser, form).await?;
    if let (Some(browser), false) = (browser, state.errors.is_empty()) {
        save(cx, browser, form, &FormState { errors: Vec::new(), ..state.clone() }).await?;
    }
    Ok(state)
}

/// `take` for pages that keep themselves up to date: those looks leave the errors for the person.
pub async fn told(request: &Request, form: &str) -> Result<FormState, Internal> {
    let (cx, browser) = (&request.cx, request.browser.as_ref());
    if request.watches { load(cx, browser, form).await } else { take(cx, browser, form).await }
}

pub async fn clear(cx: &Cx, browser: &Browser, form: &str) -> Result<(), Internal> {
    portal::forms::clear(cx, browser.session(), form).await
}
