//! What would suit, as a form asks it and reads it: of patients, and of the desk for them.

use std::collections::BTreeMap;

use domain::{
    booking::{Intake, horizon_days},
    ids::ResourceId,
    person::{free_text, real_date},
    waitlist::{Days, Part, Parts, Wishes},
    words,
};
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use leptos::prelude::*;
use portal::{
    clinic::{Clinic, Service},
    waitlist::Entry,
};

use crate::{
    booking::{intake, typed::REASON_MOST},
    forms::FormState,
    ui::{Checkboxes, DateFields, RadioItem, Radios, Select, TextArea},
};

/// Whoever is free.
const ANY: &str = "any";
const NOTICES: [(i64, &str); 5] = [
    (0, "Any, even an hour before"),
    (180, "3 hours before"),
    (24 * 60, "1 day before"),
    (3 * 24 * 60, "3 days before"),
    (7 * 24 * 60, "1 week before"),
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Wishes, what the service asks, and what the visit is about.
pub(crate) struct Wished {
    pub wishes: Wishes,
    pub intake: Intake,
    pub about: Option<String>,
}

/// The last day that can be booked, which is as far as one need wait.
fn last(clinic: &Clinic, service: &Service, today: Date) -> Date {
    let ahead = horizon_days(&clinic.offers(service, None));
    today.saturating_add(ahead.clamp(0, 366).days())
}

/// What was typed, for showing it again.
pub(crate) fn typed(fields: &BTreeMap<String, String>) -> FormState {
    FormState { values: fields.clone(), errors: Vec::new() }
}

/// An entry's wishes as its form shows them.
pub(crate) fn filled(clinic: &Clinic, entry: &Entry) -> FormState {
    let wishes = &entry.wishes;
    let with = wishes.practitioner.and_then(|one| clinic.resource(one)).map(|one| one.plan.slug.clone());
    let mut values = BTreeMap::from([
        ("with".to_owned(), with.unwrap_or_else(|| ANY.to_owned())),
        ("notice".to_owned(), wishes.notice.to_string()),
        ("about".to_owned(), entry.about.clone().unwrap_or_default()),
    ]);
    values.extend(intake::filled(&entry.intake));
    if wishes.days != Days::ANY {
        for day in wishes.days.iter() {
            let name = DAYS[usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)];
            values.insert(format!("days-{name}"), "yes".to_owned());
        }
    }
    if wishes.parts != Parts::ANY {
        values.extend(wishes.parts.iter().map(|part| (format!("parts-{}", part.as_str()), "yes".to_owned())));
    }
    for (name, date) in [("from", wishes.from), ("until", wishes.until)] {
        values.insert(format!("{name}-day"), date.day().to_string());
        values.insert(format!("{name}-month"), date.month().to_string());
        values.insert(format!("{name}-year"), date.year().to_string());
    }
    FormState { values, errors: Vec::new() }
}

/// The fields. `with` is whom somebody looked for last.
pub(crate) fn fields(
    state: &FormState,
    (clinic, service): (&Clinic, &Service),
    today: Date,
    with: &str,
) -> impl IntoView + use<> {
    let offers = clinic.offers(service, None);
    let mut people = vec![(ANY.to_owned(), "Anyone".to_owned())];
    let names = offers.iter().filter_map(|offer| clinic.resource(offer.practitioner));
    people.extend(names.map(|one| (one.plan.slug.clone(), one.plan.name.clone())));
    let chosen = [state.value("with"), with.to_owned()].into_iter().find(|with| !with.is_empty()).unwrap_or_default();
    let days: Vec<RadioItem> = DAYS
        .into_iter()
        .enumerate()
        .map(|(n, name)| RadioItem::new(name, words::weekday_name(i8::try_from(n + 1).unwrap_or(1))))
        .collect();
    let parts: Vec<RadioItem> = Part::ALL.into_iter().map(|part| RadioItem::new(part.as_str(), part.label())).collect();
    let ticked = |group: &str, items: &[RadioItem]| -> Vec<String> {
        let on = |item: &&RadioItem| state.value(&format!("{group}-{}", item.value)) == "yes";
        items.iter().filter(on).map(|item| item.value.clone()).collect()
    };
    let (days_ticked, parts_ticked) = (ticked("days", &days), ticked("parts", &parts));
    let notices = NOTICES.map(|(minutes, label)| RadioItem::new(minutes.to_string(), label)).to_vec();
    let notice = [state.value("notice"), "180".to_owned()].into_iter().find(|n| !n.is_empty()).unwrap_or_default();
    let until = format!(
        "Leave it empty for {}, the last day that can be booked now",
        words::date(last(clinic, service, today))
    );
    view! {
        <Select name="with" label="With whom?" options=people value=chosen error=state.error("with") />
        <Checkboxes
            name="days"
            legend="Which days of the week?"
            hint="Leave all of them empty if any day will do"
            items=days
            ticked=days_ticked
            error=state.error("days")
        />
        <Checkboxes
            name="parts"
            legend="What time of the day?"
            hint="Leave all of them empty if any time will do"
            items=parts
            ticked=parts_ticked
            error=state.error("parts")
        />
        {date(state, "from", "From which day on? (optional)", "Leave it empty for today".to_owned())}
        {date(state, "until", "Until which day? (optional)", until)}
        <Radios
            name="notice"
            legend="How short before is a time still fine?"
            items=notices
            value=notice
            error=state.error("notice")
        />
        <TextArea
            name="about"
            label="What is the visit about?"
            hint="A few words help the clinic to prepare. Only the clinic’s team can read them."
            value=state.value("about")
            error=state.error("about")
            optional=true
        />
        {intake::fields(state, &service.plan.eligibility, false)}
    }
}

fn date(state: &FormState, name: &'static str, legend: &'static str, hint: String) -> impl IntoView + use<> {
    let part = |part: &str| state.value(&format!("{name}-{part}"));
    view! {
        <DateFields
            name=name
            legend=legend
            hint=hint
            day=part("day")
            month=part("month")
            year=part("year")
            other=true
            error=state.error(name)
        />
    }
}

/// Notes every mistake, in the order of the fields.
pub(crate) fn read(state: &mut FormState, (clinic, service): (&Clinic, &Service), today: Date) -> Option<Wished> {
    let practitioner = whom(state, clinic, service);
    let on = |state: &FormState, name: String| state.value(&name) == "yes";
    let weekdays = Weekday::Monday.cycle_forward().zip(DAYS);
    let days = Days::of(weekdays.filter(|(_, name)| on(state, format!("days-{name}"))).map(|(day, _)| day));
    let parts = Part::ALL.into_iter().filter(|part| on(state, format!("parts-{}", part.as_str())));
    let parts = Parts::of(parts);
    let from = three(state, "from").map(|from| from.unwrap_or(today).max(today));
    let last = last(clinic, service, today);
    let until = three(state, "until").map(|until| until.unwrap_or(last));
    if let (Some(from), Some(until)) = (from, until) {
        if until < from {
            state.fail("until", "The last day must not be before the first, nor in the past");
        } else if until > today.saturating_add(366.days()) {
            state.fail("until", "The last day must be within a year");
        }
    }
    let notice = state.value("notice").parse::<i64>().ok();
    let notice = notice.filter(|minutes| NOTICES.iter().any(|(known, _)| known == minutes));
    if notice.is_none() {
        state.fail("notice", "Choose how short before a time is still fine");
    }
    let typed = state.value("about");
    let about = state.check("about", free_text(&typed, REASON_MOST));
    let intake = intake::read(state, &service.plan.eligibility, &clinic.zone);
    let wishes = Wishes { practitioner: practitioner?, days, parts, from: from?, until: until?, notice: notice? };
    state.errors.is_empty().then_some(Wished { wishes, intake, about: about? })
}

fn whom(state: &mut FormState, clinic: &Clinic, service: &Service) -> Option<Option<ResourceId>> {
    match state.value("with").as_str() {
        "" | ANY => Some(None),
        slug => {
            let one = clinic.practitioner(slug).map(|one| one.id);
            let one = one.filter(|one| !clinic.offers(service, Some(*one)).is_empty());
            if one.is_none() {
                state.fail("with", "Choose somebody who does this visit, or anyone");
            }
            one.map(Some)
        }
    }
}

/// A day from three fields; `Some(None)` when they are empty.
fn three(state: &mut FormState, name: &str) -> Option<Option<Date>> {
    let part = |state: &FormState, part: &str| state.value(&format!("{name}-{part}"));
    let (day, month, year) = (part(state, "day"), part(state, "month"), part(state, "year"));
    if [&day, &month, &year].iter().all(|text| text.trim().is_empty()) {
        return Some(None);
    }
    state.check(name, real_date(&day, &month, &year)).map(Some)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_left_empty_or_whole() {
        let read = |values: &[(&str, &str)]| {
            let mut state = FormState::with(values);
            let read = three(&mut state, "until");
            (read, state.error("until").is_some())
        };
        assert_eq!(read(&[]), (Some(None), false));
        let whole = [("until-day", "3"), ("until-month", "dec"), ("until-year", "2026")];
        assert_eq!(read(&whole), (Some(Some(date(2026, 12, 3))), false));
        assert_eq!(read(&[("until-day", "3")]), (None, true));
        assert_eq!(read(&[("until-day", "31"), ("until-month", "2"), ("until-year", "2026")]), (None, true));
    }
}
