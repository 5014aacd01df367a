//! Step 1: what the visit is for.

use domain::{booking::Eligibility, clinic::Mode, words};
use leptos::prelude::*;
use portal::clinic::{Clinic, Service};

use super::{
    api::TimeForm,
    choice::{self, ANY},
};
use crate::{
    request::Request,
    ui::{self, Icon, Page},
    wire::Fault,
};

/// A list this long is easier to read in groups.
const MANY: usize = 6;

#[component]
pub fn ServicePage() -> impl IntoView {
    let (request, slug) = (Request::current(), ui::param("clinic"));
    ui::answer(request.clone(), async move { services(&request, &slug).await })
}

async fn services(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let clinic = choice::clinic(request, slug).await?;
    let form = choice::asked(request, slug).without_time();
    let offered: Vec<&Service> =
        clinic.services.iter().filter(|s| s.active && !clinic.offers(s, None).is_empty()).collect();
    let back = if form.instead.is_empty() {
        (format!("/c/{slug}"), clinic.profile.name.clone())
    } else {
        (format!("/c/{slug}/book/{}/check", ui::query_value(&form.instead)), "Check your visit".to_owned())
    };
    let list = if offered.is_empty() {
        view! {
            <p class="lead">
                "Nothing can be booked online here at the moment. Call the clinic: " {phone_link(&clinic)}
            </p>
        }
        .into_any()
    } else {
        groups(&offered)
            .into_iter()
            .map(|(name, services)| {
                let rows = services.iter().map(|s| view! { <li>{row(&clinic, s, &form)}</li> }).collect_view();
                view! {
                    {name.map(|name| view! { <h2 dir="auto">{name}</h2> })}
                    <ul class="card rows">{rows}</ul>
                }
            })
            .collect_view()
            .into_any()
    };
    let view = view! {
        <Page
            title="Choose a visit"
            subtitle=format!("Step 1 of 4 · {}", clinic.profile.name)
            back=back
            emergency=clinic.profile.emergency.clone()
        >
            <h1>"What do you need?"</h1>
            {list}
        </Page>
    };
    Ok(view.into_any())
}

/// In the clinic's order; by speciality when there are many, those without one last.
fn groups<'a>(offered: &[&'a Service]) -> Vec<(Option<String>, Vec<&'a Service>)> {
    if offered.len() <= MANY {
        return vec![(None, offered.to_vec())];
    }
    let mut groups: Vec<(Option<String>, Vec<&Service>)> = Vec::new();
    for service in offered {
        let name = Some(service.plan.speciality.clone()).filter(|s| !s.is_empty());
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, services)) => services.push(service),
            None => groups.push((name, vec![service])),
        }
    }
    groups.sort_by_key(|(name, _)| name.is_none());
    if groups.len() > 1
        && let Some((name, _)) = groups.last_mut().filter(|(name, _)| name.is_none())
    {
        *name = Some("More visits".to_owned());
    }
    groups
}

fn row(clinic: &Clinic, service: &Service, form: &TimeForm) -> impl IntoView + use<> {
    let offers = clinic.offers(service, None);
    let form = TimeForm { service: service.plan.slug.clone(), with: String::new(), ..form.clone() };
    // A step with one answer is no step.
    let href = if offers.len() == 1 {
        TimeForm { with: ANY.to_owned(), ..form }.url("book/times")
    } else {
        form.url("book/with")
    };
    let facts: Vec<String> = [length(offers.iter().map(|o| o.settings.duration)), mode(service.plan.mode).to_owned()]
        .into_iter()
        .chain(for_whom(&service.plan.eligibility))
        .collect();
    let price = service.plan.price.map(|p| words::money(p, &clinic.profile.currency));
    let about = service.plan.about.clone();
    view! {
        <a class="row" href=href>
            <span class="row-words">
                <span class="visit-head">
                    <span class="row-title" dir="auto">{service.plan.name.clone()}</span>
                    " "
                    {price.map(|price| view! { <span class="visit-price">{price}</span> })}
                </span>
                " "
                {(!about.is_empty()).then(|| view! { <span class="row-detail" dir="auto">{about}</span> })}
                " "
                <span class="row-detail small">{facts.join(" · ")}</span>
            </span>
            <Icon name="chevron" />
        </a>
    }
}

/// "30 minutes", or "15 to 20 minutes" where it depends on the person.
pub(super) fn length(minutes: impl Iterator<Item = i64> + Clone) -> String {
    match (minutes.clone().min(), minutes.max()) {
        (Some(least), Some(most)) if least < most && most < 60 => format!("{least} to {}", words::duration(most)),
        (Some(least), Some(most)) if least < most => {
            format!("{} to {}", words::duration(least), words::duration(most))
        }
        (least, _) => words::duration(least.unwrap_or(0)),
    }
}

pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::InPerson => "at the clinic",
        Mode::Video => "by video",
        Mode::Phone => "by phone",
    }
}

/// Who may book, in a few words each (booking rule 18).
fn for_whom(who: &Eligibility) -> Vec<String> {
    let been_here = who
        .established
        .map(|established| if established { "if you have been here before" } else { "if you are new here" }.to_owned());
    let age = match (who.min_age, who.max_age) {
        (Some(min), Some(max)) => Some(format!("ages {min} to {max}")),
        (Some(min), None) => Some(format!("ages {min} and over")),
        (None, Some(max)) => Some(format!("up to age {max}")),
        (None, None) => None,
    };
    let sex = who.sex.map(|sex| format!("for {} patients", sex.code()));
    let referral = who.referral.then(|| "needs a referral".to_owned());
    let payers: Vec<_> = who.payers.iter().map(|payer| payer.who()).collect();
    let payers = (!payers.is_empty()).then(|| format!("for people {}", words::or(&payers)));
    [been_here, sex, age, referral, payers].into_iter().flatten().collect()
}

/// The clinic's number, to tap.
pub(super) fn phone_link(clinic: &Clinic) -> impl IntoView + use<> {
    let phone = clinic.profile.phone.clone();
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    view! { <a class="tel" href=format!("tel:{digits}") dir="ltr">{phone}</a> }
}

#[cfg(test)]
mod tests {
    use domain::{booking::Payer, patient::AdministrativeGender};

    use super::*;

    #[test]
    fn a_length_that_depends_on_the_person_is_a_range() {
        assert_eq!(length([30, 30].into_iter()), "30 minutes");
        assert_eq!(length([60, 30].into_iter()), "30 minutes to 1 hour");
        assert_eq!(length([20, 15].into_iter()), "15 to 20 minutes");
    }

    #[test]
    fn who_may_book_is_said_in_a_few_words() {
        let who = Eligibility {
            established: Some(false),
            sex: Some(AdministrativeGender::Female),
            min_age: Some(18),
            referral: true,
            payers: vec![Payer::Private, Payer::Own],
            ..Default::default()
        };
        let payers = "for people with private health insurance or who pay themselves";
        let told = ["if you are new here", "for female patients", "ages 18 and over", "needs a referral", payers];
        assert_eq!(for_whom(&who), told);
        assert_eq!(for_whom(&Eligibility::default()), [""; 0]);
    }
}
