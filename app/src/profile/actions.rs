//! What the actions on a profile do: read the form, say it, and lead on to a page.

use domain::{
    person::free_text,
    profile::{Answer, Mistake, Owner, Section, Shape, read, read_item},
};
use jiff::{civil::Date, tz::TimeZone};
use portal::{
    Patient,
    patients::PatientChart,
    profile::{self, ProfileError},
};
use uuid::Uuid;

use super::{api::SectionForm, item::item_form, person, section::form_name, welcome};
use crate::{
    forms::{self, FormState},
    request::Request,
    wire::Fault,
};

/// Most characters of what is said to a declined request.
const WORDS_MOST: usize = 2000;

impl From<ProfileError> for Fault {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Internal(error) => error.into(),
            ProfileError::NotFound | ProfileError::Changed => Self::NotFound,
        }
    }
}

/// Whose section it is, and where its page is.
struct Place {
    chart: PatientChart,
    section: Section,
    person: String,
    page: String,
}

impl Place {
    async fn find(request: &Request, patient: &Patient, id: &str, slug: &str) -> Result<Self, Fault> {
        let section = Section::parse(slug).ok_or(Fault::NotFound)?;
        let chart = person(request, patient, id).await?;
        let page = format!("/people/{}/{}", chart.patient(), section.slug());
        Ok(Self { chart, section, person: id.to_owned(), page })
    }

    /// What stands there now, for lists.
    async fn said(&self, request: &Request) -> Result<Answer, Fault> {
        let known = profile::known_in(&request.cx, &self.chart, self.section).await?.ok_or(Fault::NotFound)?;
        Ok(known.patient.map(|said| said.answer).unwrap_or_default())
    }

    /// Says it and leads on to `then`; to the section's page when something else was said meanwhile.
    async fn say(&self, request: &Request, answer: &Answer, seen: &str, then: &str) -> Result<(), Fault> {
        let seen = if seen.is_empty() { None } else { Some(seen.parse::<Uuid>().map_err(|_| Fault::BadRequest)?) };
        let to = match profile::say(&request.cx, &self.chart, self.section, answer, seen).await {
            Ok(()) => then.to_owned(),
            Err(ProfileError::Changed) => format!("{}?changed=meanwhile", self.page),
            Err(error) => return Err(error.into()),
        };
        let browser = request.session()?;
        forms::clear(&request.cx, &browser, &form_name(&self.person, self.section)).await?;
        request.redirect(&to);
        Ok(())
    }
}

/// On a chart without a zone, today is the day that it is anywhere already.
fn today(request: &Request) -> Date {
    TimeZone::fixed(jiff::tz::offset(14)).to_datetime(request.cx.now()).date()
}

fn wrong(form: &SectionForm, mistakes: Vec<Mistake>) -> FormState {
    let mut state = FormState { values: form.typed.clone(), errors: Vec::new() };
    for Mistake { field, message } in mistakes {
        state.fail(&field, message);
    }
    state
}

pub(super) async fn say(request: &Request, patient: &Patient, form: SectionForm) -> Result<(), Fault> {
    let place = Place::find(request, patient, &form.person, &form.section).await?;
    let Shape::One(_) = place.section.shape() else { return Err(Fault::BadRequest) };
    match read(place.section, &form.typed, today(request)) {
        Ok(answer) => {
            let overview = format!("/people/{}?saved={}", place.chart.patient(), place.section.slug());
            let step = welcome::step(form.welcome == "1", &place.chart, place.section);
            let then = match &step {
                Some(step) => &step.next,
                None if place.section.owner() == Owner::Patient => &overview,
                None => &place.page,
            };
            place.say(request, &answer, &form.seen, then).await
        }
        Err(mistakes) => {
            let state = wrong(&form, mistakes);
            forms::save(&request.cx, &request.session()?, &form_name(&form.person, place.section), &state).await?;
            let step = welcome::step(form.welcome == "1", &place.chart, place.section);
            request.redirect(step.as_ref().map_or(&place.page, |step| &step.page));
            Ok(())
        }
    }
}

pub(super) async fn add(request: &Request, patient: &Patient, form: SectionForm) -> Result<(), Fault> {
    let place = Place::find(request, patient, &form.person, &form.section).await?;
    let Shape::Many { .. } = place.section.shape() else { return Err(Fault::BadRequest) };
    let said = place.said(request).await?;
    let read = read_item(place.section, &form.typed, today(request))
        .and_then(|item| said.with_item(place.section, item).map_err(|mistake| vec![mistake]));
    let form_name = item_form(&form.person, place.section);
    match read {
        Ok(answer) => {
            forms::clear(&request.cx, &request.session()?, &form_name).await?;
            place.say(request, &answer, &form.seen, &place.page).await
        }
        Err(mistakes) => {
            forms::save(&request.cx, &request.session()?, &form_name, &wrong(&form, mistakes)).await?;
            request.redirect(&format!("{}/add", place.page));
            Ok(())
        }
    }
}

pub(super) async fn remove(
    request: &Request,
    patient: &Patient,
    (id, slug, seen): (&str, &str, &str),
    item: &str,
) -> Result<(), Fault> {
    let place = Place::find(request, patient, id, slug).await?;
    let at: u32 = item.parse().map_err(|_| Fault::BadRequest)?;
    let answer = place.said(request).await?.without_item(at as usize);
    place.say(request, &answer, seen, &place.page).await
}

pub(super) async fn none(
    request: &Request,
    patient: &Patient,
    (id, slug, seen): (&str, &str, &str),
) -> Result<(), Fault> {
    let place = Place::find(request, patient, id, slug).await?;
    let Shape::Many { .. } = place.section.shape() else { return Err(Fault::BadRequest) };
    place.say(request, &Answer::none_of_these(), seen, &place.page).await
}

pub(super) async fn withdraw(request: &Request, patient: &Patient, id: &str, slug: &str) -> Result<(), Fault> {
    let place = Place::find(request, patient, id, slug).await?;
    profile::withdraw(&request.cx, &place.chart, place.section).await?;
    request.redirect(&place.page);
    Ok(())
}

pub(super) async fn disagree(
    request: &Request,
    patient: &Patient,
    (id, slug): (&str, &str),
    request_id: &str,
    words: &str,
) -> Result<(), Fault> {
    let place = Place::find(request, patient, id, slug).await?;
    let request_id: Uuid = request_id.parse().map_err(|_| Fault::NotFound)?;
    let words = free_text(words, WORDS_MOST).map_err(|_| Fault::BadRequest)?;
    if let Some(words) = words
        && !profile::disagree(&request.cx, &place.chart, request_id, &words).await?
    {
        return Err(Fault::NotFound);
    }
    request.redirect(&place.page);
    Ok(())
}
