//! `/?q=&language=&city=&after=`: find a clinic by name, place, speciality or language. Its answers are `results`.

use domain::words;
use leptos::prelude::*;
use portal::clinic::{Choices, Filter, choices};

use super::results::{self, Asked};
use crate::{
    request::Request,
    ui::{Nav, Page, Select, TextField, answer},
    wire::Fault,
};

#[component]
pub fn FindPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let asked = Asked {
        words: request.query("q").trim().to_owned(),
        language: request.query("language"),
        city: request.query("city"),
        after: request.query("after"),
    };
    let choices = choices(&request.cx).await?;
    let filter = Filter {
        words: asked.words.clone(),
        language: asked.language.clone(),
        city: asked.city.clone(),
        after: asked.after.clone(),
        limit: results::PAGE + 1,
    };
    let found = results::find(&request.cx, &filter).await?;
    let form = form(&asked, choices);
    let title = if asked.is_open() { "Find a clinic" } else { "Clinics that fit" };
    Ok(view! {
        <Page title=title nav=Nav::Find>
            <h1>"Find a clinic"</h1>
            <p class="lead">"Book a visit in a few minutes. You do not need an account."</p>
            {form}
            {results::view(&asked, found)}
        </Page>
    }
    .into_any())
}

fn form(asked: &Asked, Choices { languages, cities }: Choices) -> impl IntoView + use<> {
    let mut languages: Vec<(String, String)> =
        languages.into_iter().map(|tag| (tag.clone(), words::language(&tag).to_owned())).collect();
    languages.sort_by(|a, b| a.1.cmp(&b.1));
    languages.insert(0, (String::new(), "Any language".to_owned()));
    let open = !asked.language.is_empty() || !asked.city.is_empty();
    view! {
        <form class="finder card" method="get" action="/" role="search" novalidate>
            <TextField
                name="q"
                label="What are you looking for?"
                hint="A clinic, a doctor, a language, or a kind of visit, like “vaccination”"
                value=asked.words.clone()
                error=None
                kind="search"
                autocomplete="off"
            />
            <details open=open>
                <summary>"Choose a language or a place"</summary>
                <div class="pair">
                    <Select
                        name="language"
                        label="They speak"
                        options=languages
                        value=asked.language.clone()
                        error=None
                    />
                    {place(asked.city.clone(), cities)}
                </div>
            </details>
            <button class="button" type="submit">"Find clinics"</button>
        </form>
    }
}

/// Chosen from a list, or written where there are too many for one.
fn place(value: String, cities: Option<Vec<String>>) -> AnyView {
    let Some(cities) = cities else {
        return view! { <TextField name="city" label="Town or city" value=value error=None autocomplete="address-level2" /> }
            .into_any();
    };
    let any = (String::new(), "Any place".to_owned());
    let options = std::iter::once(any).chain(cities.into_iter().map(|city| (city.clone(), city))).collect();
    view! { <Select name="city" label="Place" options=options value=value error=None /> }.into_any()
}
