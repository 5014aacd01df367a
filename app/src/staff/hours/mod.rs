//! Hours, absences, closures and booking settings, each changed by a rehearsal first (booking rule 19), and the list of
//! visits that need a new time. `api` has the actions.

pub mod api;
#[cfg(feature = "ssr")]
mod away;
#[cfg(feature = "ssr")]
mod closures;
#[cfg(feature = "ssr")]
mod new_times;
#[cfg(feature = "ssr")]
mod overview;
#[cfg(feature = "ssr")]
mod rehearsal;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod week;
#[cfg(feature = "ssr")]
mod whose;
#[cfg(feature = "ssr")]
mod words;

#[cfg(feature = "ssr")]
pub use self::{
    away::AwayPage,
    closures::{ClosurePage, ClosuresPage},
    new_times::NewTimesPage,
    overview::HoursPage,
    rehearsal::RehearsalPage,
    settings::SettingsPage,
    week::WeekPage,
    whose::WhosePage,
};

#[cfg(feature = "ssr")]
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use portal::{
    hours::{Edit, HoursError, Mistake, rehearse},
    staff::permission::{ChangeHours, SeePatients},
};

#[cfg(feature = "ssr")]
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::gate::AtDesk,
    wire::Fault,
};

/// What was typed into the form of one page, by its fields.
#[cfg(feature = "ssr")]
type Typed = BTreeMap<String, String>;

#[cfg(feature = "ssr")]
fn typed<'a>(form: &'a Typed, field: &str) -> &'a str {
    form.get(field).map(String::as_str).unwrap_or_default()
}

/// Where a form is, and under which name what was typed is kept.
#[cfg(feature = "ssr")]
struct Place {
    form: String,
    page: String,
}

/// Rehearses what a form says, and leads on to what would come of it; or back, with the mistakes.
#[cfg(feature = "ssr")]
async fn propose(
    request: &Request,
    at: &AtDesk,
    place: &Place,
    form: &Typed,
    edit: Result<Edit, Vec<Mistake>>,
) -> Result<(), Fault> {
    let permit = at.permit::<ChangeHours>()?;
    let browser = request.session()?;
    let sees = at.desk.permit::<SeePatients>(&at.clinic);
    let done = match edit {
        Ok(edit) => rehearse(&request.cx, &permit, sees.as_ref(), edit).await,
        Err(mistakes) => Err(HoursError::Mistakes(mistakes)),
    };
    let mistakes = match done {
        Ok(rehearsal) => {
            forms::clear(&request.cx, &browser, &place.form).await?;
            request.redirect(&at.url(&format!("hours/rehearsals/{}", rehearsal.id)));
            return Ok(());
        }
        Err(HoursError::Mistakes(mistakes)) => mistakes,
        Err(error) => return Err(fault(error)),
    };
    let mut state = FormState { values: form.clone(), errors: Vec::new() };
    for mistake in mistakes {
        // What a page has no field for is said at its first.
        let known = form.contains_key(&mistake.field);
        let first = FIRST.iter().find(|field| form.contains_key(**field)).copied().unwrap_or("from");
        state.fail(if known { &mistake.field } else { first }, mistake.words);
    }
    forms::save(&request.cx, &browser, &place.form, &state).await?;
    request.redirect(&place.page);
    Ok(())
}

/// The first field of each form.
#[cfg(feature = "ssr")]
const FIRST: [&str; 3] = ["from", "mon", "duration"];

/// What no form can explain.
#[cfg(feature = "ssr")]
fn fault(error: HoursError) -> Fault {
    match error {
        HoursError::Internal(error) => error.into(),
        HoursError::NotFound | HoursError::Forbidden => Fault::NotFound,
        _ => Fault::BadRequest,
    }
}

/// The values of a form: as they were typed with their mistakes, else as they stand.
#[cfg(feature = "ssr")]
async fn state_or(request: &Request, form: &str, stands: &[(&str, String)]) -> Result<FormState, Fault> {
    let state = forms::take(&request.cx, request.browser.as_ref(), form).await?;
    if !state.errors.is_empty() {
        return Ok(state);
    }
    let values = stands.iter().map(|(field, value)| ((*field).to_owned(), value.clone()));
    Ok(FormState { values: values.collect(), errors: Vec::new() })
}

/// Mistakes of single fields, together.
#[cfg(feature = "ssr")]
#[derive(Default)]
struct Mistakes(Vec<Mistake>);

#[cfg(feature = "ssr")]
impl Mistakes {
    /// Keeps what was read, or notes the mistakes in the clinic file's words.
    fn read<T>(&mut self, read: Result<T, Vec<portal::hours::Problem>>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(problems) => {
                self.0.extend(problems.iter().map(Mistake::of));
                None
            }
        }
    }

    fn need<T>(&mut self, field: &str, value: Option<Option<T>>, words: &str) -> Option<T> {
        match value {
            Some(Some(value)) => Some(value),
            Some(None) => {
                self.0.push(Mistake { field: field.to_owned(), words: words.to_owned() });
                None
            }
            None => None,
        }
    }
}
