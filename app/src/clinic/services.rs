//! The visits a clinic offers: how long, how, for how much. Each row leads into the booking journey.

use domain::{clinic::Mode, words};
use leptos::prelude::*;
use portal::clinic::{Clinic, Service};

use crate::ui::RowLink;

pub(super) fn services(clinic: &Clinic) -> impl IntoView + use<> {
    let profile = &clinic.profile;
    let rows = clinic
        .services
        .iter()
        .filter(|s| s.active)
        .map(|service| {
            let href = format!("/c/{}/book/with?service={}", profile.slug, service.plan.slug);
            let price = service.plan.price.map(|p| words::money(p, &profile.currency)).unwrap_or_default();
            let detail = format!("{} · {}", duration(clinic, service), mode(service.plan.mode));
            view! { <li><RowLink href=href title=service.plan.name.clone() detail=detail note=price /></li> }
        })
        .collect_view();
    let priced = clinic.services.iter().any(|s| s.active && s.plan.price.is_some());
    view! {
        <section aria-labelledby="visits">
            <h2 id="visits">"Visits you can book"</h2>
            <ul class="card rows">{rows}</ul>
            {priced.then(|| view! { <p class="small">"Prices are for people who pay themselves."</p> })}
        </section>
    }
}

/// "30 minutes", or "20 to 30 minutes" where it depends on who does it.
fn duration(clinic: &Clinic, service: &Service) -> String {
    let minutes: Vec<i64> = clinic.offers(service, None).iter().map(|o| o.settings.duration).collect();
    let usual = clinic.service_settings(service).duration;
    let least = minutes.iter().copied().min().unwrap_or(usual);
    let most = minutes.iter().copied().max().unwrap_or(usual);
    range(least, most)
}

fn range(least: i64, most: i64) -> String {
    match (least, most) {
        (a, b) if a == b => words::duration(a),
        (a, b) if b < 60 => format!("{a} to {}", words::duration(b)),
        (a, b) => format!("{} to {}", words::duration(a), words::duration(b)),
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::InPerson => "at the clinic",
        Mode::Video => "by video",
        Mode::Phone => "by phone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_that_differ_are_a_range() {
        assert_eq!(range(30, 30), "30 minutes");
        assert_eq!(range(20, 30), "20 to 30 minutes");
        assert_eq!(range(45, 90), "45 minutes to 1 hour 30 minutes");
    }
}
