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
use jiff::civil::Date;
#[cfg(feature = "ssr")]
use portal::{
    booking::local_day,
    hours::{Edit, HoursError, Mistake, rehearse},
    staff::permission::{ChangeHours, SeePatients},
};

#[cfg(feature = "ssr")]
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        gate::AtDesk,
        schedule::words::{typed_date, written},
    },
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
    // All that is wrong with a field is said at once, at the field as in the summary.
    let mut said: Vec<(String, String)> = Vec::new();
    for mistake in mistakes {
        // What a page has no field for is said at its first.
        let known = form.contains_key(&mistake.field);
        let first = FIRST.iter().find(|field| form.contains_key(**field)).copied().unwrap_or("from");
        let field = if known { &mistake.field } else { first };
        match said.iter_mut().find(|(other, _)| other == field) {
            Some((_, words)) => words.extend([". ", &mistake.words]),
            None => said.push((field.to_owned(), mistake.words)),
        }
    }
    let mut state = FormState { values: form.clone(), errors: Vec::new() };
    for (field, words) in said {
        state.fail(&field, words);
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

/// How today is typed at this clinic: the example beside fields for dates.
#[cfg(feature = "ssr")]
fn like(request: &Request, at: &AtDesk) -> String {
    written(&at.clinic, local_day(&at.clinic.zone, request.cx.now()))
}

/// How hours of a day are typed.
#[cfg(feature = "ssr")]
const HOURS_LIKE: &str = "8:00-12:00, 13:00-18:00";

/// Mistakes of single fields, together.
#[cfg(feature = "ssr")]
struct Mistakes<'a> {
    all: Vec<Mistake>,
    at: &'a AtDesk,
    like: String,
}

#[cfg(feature = "ssr")]
impl<'a> Mistakes<'a> {
    fn new(request: &Request, at: &'a AtDesk) -> Self {
        Self { all: Vec::new(), at, like: like(request, at) }
    }

    fn say(&mut self, field: &str, words: String) {
        self.all.push(Mistake { field: field.to_owned(), words });
    }

    /// Keeps what was read, or notes the mistakes in the clinic file's words.
    fn read<T>(&mut self, read: Result<T, Vec<portal::hours::Problem>>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(problems) => {
                self.all.extend(problems.iter().map(Mistake::of));
                None
            }
        }
    }

    /// A date as people here write one; `Some(None)` when nothing was typed.
    fn date(&mut self, field: &str, text: &str) -> Option<Option<Date>> {
        if text.trim().is_empty() {
            return Some(None);
        }
        let read = typed_date(&self.at.clinic, text);
        if read.is_none() {
            self.say(field, format!("“{}” is not a date. Enter it like {}", start_of(text), self.like));
        }
        read.map(Some)
    }

    /// Hours of a day as people type them, in the clinic file's writing.
    fn hours(&mut self, field: &str, text: &str) -> Option<String> {
        let read = domain::typed::hours(text);
        if read.is_none() {
            self.say(field, format!("“{}” is not understood. Enter hours like {HOURS_LIKE}", start_of(text)));
        }
        read
    }

    fn need<T>(&mut self, field: &str, value: Option<Option<T>>, words: &str) -> Option<T> {
        match value {
            Some(Some(value)) => Some(value),
            Some(None) => {
                self.say(field, words.to_owned());
                None
            }
            None => None,
        }
    }
}

/// As much of what was typed as a sentence can hold.
#[cfg(feature = "ssr")]
fn start_of(text: &str) -> String {
    let text = text.trim();
    let start: String = text.chars().take(30).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
