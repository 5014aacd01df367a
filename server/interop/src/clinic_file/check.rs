//! What can be checked only when everything has been read: slugs, references between things, and whether
//! every service has a time at which it could ever be offered.

use std::collections::{HashMap, HashSet};

use domain::booking::{Exception, Hours, Settings, on_dates};
use domain::clinic::{ClinicProfile, Offering, ResourceKind, ResourcePlan, TenantPlan};
use jiff::civil::Date;

use super::amount::said;
use super::days::Days;
use super::raw::Field;
use super::resources::ReadResource;
use super::section::Section;
use super::services::ReadService;
use super::settings;
use super::windows::{DAY, reach};

/// Slugs of a list in words, cut where it becomes tiresome.
fn listed<'a>(slugs: impl Iterator<Item = &'a str>) -> String {
    let slugs: Vec<&str> = slugs.filter(|slug| !slug.is_empty()).collect();
    match slugs.as_slice() {
        [] => "none, for none is defined".to_owned(),
        slugs if slugs.len() > 30 => {
            format!("{} and {} more", slugs[..30].join(", "), slugs.len() - 30)
        }
        slugs => slugs.join(", "),
    }
}

pub(super) fn unique_slugs<'a, 'b: 'a>(things: impl Iterator<Item = (&'a Section<'b>, &'a str)>) {
    let mut seen = HashSet::new();
    for (at, slug) in things {
        if !slug.is_empty() && !seen.insert(slug) {
            at.wrong("slug", format!("{slug} is taken already"), "a slug of its own");
        }
    }
}

/// Fills the services' needs.
pub(super) fn needs(services: &mut [ReadService<'_>], resources: &[ReadResource<'_>]) {
    let things: Vec<&ResourcePlan> = resources
        .iter()
        .map(|resource| &resource.plan)
        .filter(|plan| plan.kind != ResourceKind::Practitioner)
        .collect();
    for service in services {
        for need in &service.needs {
            let mut slugs: Vec<String> = Vec::new();
            for (slug, field) in need {
                if !things.iter().any(|thing| thing.slug == *slug) {
                    let allowed = listed(things.iter().map(|thing| thing.slug.as_str()));
                    field.wrong(
                        format!("{slug} is no room or device of this file"),
                        format!("rooms and devices: {allowed}"),
                    );
                } else if slugs.contains(slug) {
                    field.wrong(format!("{slug} is named twice"), "each room or device once in a need");
                }
                slugs.push(slug.clone());
            }
            service.plan.needs.push(slugs);
        }
    }
}

/// Fills who offers each service.
pub(super) fn offerings(services: &mut [ReadService<'_>], resources: &[ReadResource<'_>]) {
    let mut index: HashMap<String, usize> = HashMap::new();
    for (place, service) in services.iter().enumerate() {
        index.entry(service.plan.slug.clone()).or_insert(place);
    }
    for resource in resources {
        for offer in &resource.offers {
            match index.get(&offer.service) {
                Some(place) => services[*place]
                    .plan
                    .offered_by
                    .push(Offering { practitioner: resource.plan.slug.clone(), settings: offer.settings.clone() }),
                None => unknown_service(&offer.field, &offer.service, services),
            }
        }
    }
    if resources.iter().any(|resource| resource.more) {
        return;
    }
    for service in services.iter() {
        // A slug that is wrong has been reported, and nobody can name it.
        if service.plan.offered_by.is_empty() && !service.plan.slug.is_empty() {
            service.at.wrong(
                "slug",
                format!("nobody offers {}", service.plan.slug),
                "a service that at least one practitioner lists under services",
            );
        }
    }
}

fn unknown_service(field: &Field<'_>, slug: &str, services: &[ReadService<'_>]) {
    let known = listed(services.iter().map(|service| service.plan.slug.as_str()));
    field.wrong(format!("{slug} is no service of this file"), format!("services: {known}"));
}

/// Settings as inherited: do they go together, and is there a window that holds the visit?
pub(super) fn inherited(
    root: &Section<'_>,
    (tenant, clinic): (&TenantPlan, &ClinicProfile),
    services: &[ReadService<'_>],
    resources: &[ReadResource<'_>],
) {
    let days = Days::new(root, clinic);
    for service in services.iter().filter(|service| !service.at.is_troubled()) {
        let booking = service.at.section("booking", settings::FIELDS);
        let mut durations = Vec::new();
        let mut holds = false;
        for offering in &service.plan.offered_by {
            let same = |resource: &&ReadResource<'_>| resource.plan.slug == offering.practitioner;
            let Some(practitioner) = resources.iter().find(same) else {
                continue;
            };
            let levels = [
                &tenant.settings,
                &clinic.settings,
                &service.plan.settings,
                &practitioner.plan.settings,
                &offering.settings,
            ];
            let settings = levels.iter().fold(Settings::default(), |base, level| level.apply(&base));
            let dated = on_dates(&settings, &clinic.opening.exceptions, exceptions(practitioner));
            let odds = settings::at_odds(&settings, &levels);
            if odds.is_empty() {
                days.check(practitioner, &levels, &dated);
            }
            for (field, wrong, allowed) in odds {
                booking.wrong(field, format!("with {}, {wrong}", offering.practitioner), allowed);
            }
            // Hours that are wrong themselves have been reported, and may be meant to hold the visit.
            let hours = practitioner.plan.hours.as_ref();
            holds |= practitioner.at.is_troubled() || hours.is_none_or(|hours| fits(&settings, &dated, hours));
            durations.push(settings.duration);
        }
        if let Some(shortest) = durations.into_iter().min()
            && !holds
        {
            booking.wrong(
                "duration",
                format!("{} fits in no window of anybody who offers this", said(shortest)),
                "a duration and grid that leave at least one start in somebody's hours",
            );
        }
    }
}

/// Does a start of the grid in these hours leave room for the visit before the windows end?
fn fits(settings: &Settings, dated: &[(Date, Settings)], hours: &Hours) -> bool {
    let week = hours.weekly.iter().flat_map(|day| {
        let midnight = i64::from(day.weekday - 1) * DAY;
        day.windows.iter().map(move |window| {
            let (open, close) = reach(*window);
            (midnight + open, midnight + close)
        })
    });
    let week: Vec<(i64, i64)> = week.collect();
    let weekly = week.iter().any(|window| holds(settings, *window, &week));
    weekly
        || dated.iter().any(|(date, settings)| fits_on(settings, hours, *date))
        || hours.exceptions.iter().any(|one| {
            let own = dated.iter().any(|(date, _)| *date == one.date);
            !own && fits_on(settings, hours, one.date)
        })
}

pub(super) fn fits_on(settings: &Settings, hours: &Hours, date: Date) -> bool {
    let day: Vec<(i64, i64)> = hours.windows(date).map(reach).collect();
    day.iter().any(|window| holds(settings, *window, &day))
}

pub(super) fn exceptions<'a>(practitioner: &'a ReadResource<'_>) -> &'a [Exception] {
    practitioner.plan.hours.as_ref().map_or(&[], |hours| &hours.exceptions)
}

/// Minutes from Monday's midnight. The engine joins windows that touch, so the end runs on through those.
fn holds(settings: &Settings, (open, close): (i64, i64), all: &[(i64, i64)]) -> bool {
    let mut end = close;
    while end - open < 3 * DAY
        && let Some((from, until)) = all.iter().find(|(from, _)| from % (7 * DAY) == end % (7 * DAY))
    {
        end += until - from;
    }
    let last = (end - settings.duration).min(close - 5);
    (open..=last).step_by(5).any(|start| (start % DAY - settings.grid_offset).rem_euclid(settings.grid_interval) == 0)
}
