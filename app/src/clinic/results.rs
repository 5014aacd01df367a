//! What the finder found: a page of clinics, where the next one starts, or what to try when there is none.

use std::sync::Arc;

use domain::{ids::ClinicId, words};
use jiff::civil::DateTime;
use leptos::prelude::*;
use portal::{
    Cx, Internal,
    clinic::{self, Clinic, Filter},
};

use super::opening;
use crate::ui::{Chip, Icon, LinkButton, Tone, query_value};

/// Clinics on one page.
pub(super) const PAGE: u64 = 20;

/// What the visitor asked for.
pub(super) struct Asked {
    pub words: String,
    pub language: String,
    pub city: String,
    pub after: String,
}

pub(super) struct Answer {
    clinics: Vec<Shown>,
    /// Slug after which the next page starts.
    next: Option<String>,
}

struct Shown {
    clinic: Arc<Clinic>,
    now: DateTime,
}

/// One more than a page is asked for, to know whether there is a next one.
pub(super) async fn find(cx: &Cx, filter: &Filter) -> Result<Answer, Internal> {
    let mut found = clinic::find(cx, filter).await?;
    let more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|f| f.slug.clone());
    let mut clinics = Vec::with_capacity(found.len());
    for found in found {
        // From memory, mostly; one that was taken away meanwhile is left out.
        let Some(clinic) = clinic::by_id(cx, ClinicId(found.id)).await? else { continue };
        let now = clinic.zone.to_datetime(cx.now());
        clinics.push(Shown { clinic, now });
    }
    Ok(Answer { clinics, next })
}

pub(super) fn view(asked: &Asked, answer: Answer) -> AnyView {
    if answer.clinics.is_empty() {
        return nothing(asked).into_any();
    }
    let rows = answer.clinics.into_iter().map(|shown| view! { <li>{row(shown)}</li> }).collect_view();
    let title = if asked.is_open() { "Clinics" } else { "Clinics that fit" };
    let next = answer.next.map(|slug| asked.url(&slug));
    view! {
        <section aria-labelledby="clinics">
            <h2 id="clinics">{title}</h2>
            <ul class="card rows">{rows}</ul>
            <p class="actions">
                {next.map(|href| view! { <LinkButton href=href label="More clinics" secondary=true /> })}
                {(!asked.after.is_empty())
                    .then(|| view! { <LinkButton href=asked.url("") label="Back to the first" secondary=true /> })}
            </p>
        </section>
    }
    .into_any()
}

impl Asked {
    /// Asks for nothing in particular.
    pub(super) fn is_open(&self) -> bool {
        self.words.is_empty() && self.language.is_empty() && self.city.is_empty()
    }

    fn url(&self, after: &str) -> String {
        let pairs = [("q", self.words.as_str()), ("language", &self.language), ("city", &self.city), ("after", after)];
        let query: Vec<String> =
            pairs.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={}", query_value(v))).collect();
        if query.is_empty() { "/".to_owned() } else { format!("/?{}", query.join("&")) }
    }
}

fn row(shown: Shown) -> impl IntoView {
    let profile = &shown.clinic.profile;
    view! {
        <a class="row" href=format!("/c/{}", profile.slug)>
            <span class="row-words">
                <span class="row-title" dir="auto">{profile.name.clone()}</span>
                " "
                <span class="row-detail" dir="auto">{format!("{} · {}", profile.kind, profile.address.city)}</span>
                " "
                <span class="row-detail">{languages(&profile.languages)}</span>
                " "
                {doors(&shown.clinic, shown.now)}
            </span>
            <Icon name="chevron" />
        </a>
    }
}

/// "Open now until 18:00": the state as a chip, the rest beside it.
pub(super) fn doors(clinic: &Clinic, now: DateTime) -> impl IntoView + use<> {
    let profile = &clinic.profile;
    let state = opening::state(&profile.opening, &profile.closures, now);
    let tone = if matches!(state, opening::State::Open { .. }) { Tone::Good } else { Tone::Quiet };
    let (word, rest) = opening::doors(&state, now, &profile.locale);
    view! {
        <span class="doors">
            <Chip tone=tone label=word />
            " "
            <span class="doors-rest">{rest}</span>
        </span>
    }
}

/// "English, German and Turkish".
pub(super) fn languages(tags: &[String]) -> String {
    let names: Vec<&str> = tags.iter().map(|tag| words::language(tag)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn nothing(asked: &Asked) -> impl IntoView + use<> {
    let any = asked.is_open();
    let words = if any {
        "There are no clinics here yet. Please come back later."
    } else {
        "Check the spelling, or use fewer words. You can also look at all clinics and choose one."
    };
    view! {
        <section class="card empty">
            <h2>{if any { "No clinics yet" } else { "No clinic fits" }}</h2>
            <p>{words}</p>
            {(!any).then(|| view! { <LinkButton href="/" label="Show all clinics" secondary=true /> })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_asks_the_same() {
        let asked =
            Asked { words: "eye & ear".into(), language: "de".into(), city: String::new(), after: String::new() };
        assert_eq!(asked.url("harbour"), "/?q=eye%20%26%20ear&language=de&after=harbour");
        assert_eq!(Asked { words: String::new(), language: String::new(), ..asked }.url(""), "/");
    }

    #[test]
    fn languages_read_as_a_sentence() {
        let tags = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert_eq!(languages(&tags(&["en", "de", "tr"])), "English, German and Turkish");
        assert_eq!(languages(&tags(&["en"])), "English");
    }
}
