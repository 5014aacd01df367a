//! Who is being viewed, and everybody else a tap away.

use leptos::prelude::*;
use portal::patients::NamedPerson;

/// The links, the one that is viewed marked; nothing when there is nobody else. `everybody` is the address of the page
/// about all of them, where there is one; `to` is the page about a person.
pub(crate) fn switch(
    people: &[NamedPerson],
    viewed: Option<&NamedPerson>,
    everybody: Option<&str>,
    to: impl Fn(&NamedPerson) -> String,
) -> Option<AnyView> {
    // Somebody may be known in several networks: the one that is viewed stands for them, else the first.
    let mut shown: Vec<&NamedPerson> = viewed.into_iter().collect();
    for one in people {
        if !shown.iter().any(|known| known.is_same_person(one)) {
            shown.push(one);
        }
    }
    if shown.len() < 2 {
        return None;
    }
    shown.sort_by_cached_key(|one| (!one.is_own(), one.name.clone()));
    let link = |href: String, label: String, here: bool| {
        view! {
            <li>
                <a class="switch-link" href=href aria-current=here.then_some("true")><bdi>{label}</bdi></a>
            </li>
        }
    };
    let all = everybody.map(|href| link(href.to_owned(), "Everybody".to_owned(), viewed.is_none()));
    let short = |one: &NamedPerson| if one.is_own() { "You".to_owned() } else { one.first.clone() };
    let each = shown
        .iter()
        .map(|one| {
            let here = viewed.is_some_and(|viewed| viewed.is_same_person(one));
            // Father and son may have one given name, and one may be known under two names.
            let twice = shown.iter().filter(|other| short(other) == short(one)).count() > 1;
            link(to(one), if twice { one.name.clone() } else { short(one) }, here)
        })
        .collect_view();
    Some(
        view! {
            <nav aria-label="Viewing">
                <ul class="switch">{all}{each}</ul>
            </nav>
        }
        .into_any(),
    )
}
