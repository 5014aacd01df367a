//! `/staff/{clinic}/hours/settings?level=`: booking settings of one level, each with what it inherits and from where (booking
//! rule 3).

use std::collections::BTreeMap;

use domain::booking::{Settings, SettingsPatch};
use jiff::civil::Date;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    clinic::Clinic,
    hours::{Edit, Level, Whose, said_in_force, said_settings, typed},
    staff::permission::ChangeHours,
};

use super::{
    Mistakes, Place, Typed, like, propose, state_or, typed as value_of,
    words::{hours_of, level_name, range_of, range_word, runs, whose, word_of as whose_word},
};
use crate::{
    forms::FormState,
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::written,
    },
    ui::{ErrorSummary, PrimaryButton, RowLink, Select, TextField, answer, param, query_value},
    wire::Fault,
};

/// The clinic file's names, and what they are called here.
const FIELDS: [(&str, &str); 20] = [
    ("duration", "Length of a visit"),
    ("buffer_before", "Kept free before it"),
    ("buffer_after", "Kept free after it"),
    ("gap", "Between two visits"),
    ("grid", "A start every"),
    ("grid_offset", "Starts shifted from the full hour by"),
    ("notice_book", "Least notice to book"),
    ("notice_move", "Least notice to move"),
    ("notice_cancel", "Least notice to cancel"),
    ("horizon", "How far ahead people may book"),
    ("bookable_from", "First day that may be booked"),
    ("bookable_until", "Last day that may be booked"),
    ("hold", "A time is kept while somebody books for"),
    ("hold_most", "At most, when kept longer"),
    ("waitlist", "People may wait for a time to become free"),
    ("waitlist_offer", "Whoever waits has so long to answer an offer"),
    ("max_active", "Visits one patient may have ahead"),
    ("max_per_period", "Visits one patient may have in a period"),
    ("period", "Length of that period"),
    ("needs_approval", "The clinic confirms each booking by hand"),
];

/// Those that are dates.
const DATES: [&str; 2] = ["bookable_from", "bookable_until"];

pub(super) fn label(field: &str) -> &str {
    FIELDS.iter().find(|(own, _)| *own == field).map_or(field, |(_, label)| label)
}

#[component]
pub fn SettingsPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

fn whole(at: &AtDesk) -> Result<(), Fault> {
    if at.permit::<ChangeHours>()?.only().is_none() { Ok(()) } else { Err(Fault::NotFound) }
}

/// In addresses and forms: `clinic`, `service:followup`, `practitioner:weber`, `both:weber:followup`,
/// `dates:weber:2026-12-24..2026-12-24`.
pub(super) fn word_of(level: &Level) -> String {
    match level {
        Level::Clinic => "clinic".to_owned(),
        Level::Service(slug) => format!("service:{slug}"),
        Level::Practitioner(slug) => format!("practitioner:{slug}"),
        Level::Both { practitioner, service } => format!("both:{practitioner}:{service}"),
        Level::Dates { whose, from, until } => {
            format!("dates:{}:{}", whose_word(whose), range_word((Some(*from), Some(*until))))
        }
    }
}

fn levels(clinic: &Clinic) -> Vec<Level> {
    let plan = clinic.plan();
    let mut levels = vec![Level::Clinic];
    levels.extend(plan.services.iter().map(|one| Level::Service(one.slug.clone())));
    levels.extend(clinic.practitioners().map(|one| Level::Practitioner(one.plan.slug.clone())));
    let both = plan.services.iter().flat_map(|service| {
        let pair =
            |practitioner: &String| Level::Both { practitioner: practitioner.clone(), service: service.slug.clone() };
        service.offered_by.iter().map(move |offering| pair(&offering.practitioner)).collect::<Vec<_>>()
    });
    levels.extend(both);
    levels
}

/// Dates with hours of their own that are not over, of the clinic and of its people: they may state settings, too.
fn dates(clinic: &Clinic, today: Date) -> Vec<Level> {
    let people = clinic.practitioners().map(|one| Whose::Resource(one.plan.slug.clone()));
    std::iter::once(Whose::Clinic).chain(people).flat_map(|whose| dates_of(clinic, &whose, today)).collect()
}

pub(super) fn dates_of(clinic: &Clinic, whose: &Whose, today: Date) -> Vec<Level> {
    let open = hours_of(clinic, whose).map(runs).unwrap_or_default().into_iter();
    open.filter(|(_, until, exception)| *until >= today && !exception.windows.is_empty())
        .map(|(from, until, _)| Level::Dates { whose: whose.clone(), from, until })
        .collect()
}

fn level_of(clinic: &Clinic, word: &str) -> Result<Level, Fault> {
    if let Some((of, range)) = word.strip_prefix("dates:").and_then(|rest| rest.split_once(':')) {
        let found = whose(clinic, of)
            .zip(range_of(range))
            .and_then(|(whose, (from, until))| Some(Level::Dates { whose, from: from?, until: until? }));
        return found.filter(|level| dates(clinic, Date::MIN).contains(level)).ok_or(Fault::NotFound);
    }
    levels(clinic).into_iter().find(|level| word_of(level) == word).ok_or(Fault::NotFound)
}

/// What each level above states, the nearest last, and what this one does.
fn chain(clinic: &Clinic, level: &Level) -> (Vec<(String, SettingsPatch)>, SettingsPatch) {
    let profile = &clinic.profile;
    let service = |slug: &str| clinic.service(slug).map(|one| one.plan.settings.clone()).unwrap_or_default();
    let person = |slug: &str| clinic.practitioner(slug).map(|one| one.plan.settings.clone()).unwrap_or_default();
    let mut above = vec![(clinic.tenant_name.clone(), clinic.tenant_settings.clone())];
    let at_clinic = (profile.name.clone(), profile.settings.clone());
    let own = match level {
        Level::Clinic => return (above, profile.settings.clone()),
        Level::Service(slug) => service(slug),
        Level::Practitioner(slug) => person(slug),
        Level::Dates { whose, from, .. } => {
            let dated = hours_of(clinic, whose).and_then(|hours| hours.exceptions.iter().find(|one| one.date == *from));
            return (Vec::new(), dated.map(|one| one.settings.clone()).unwrap_or_default());
        }
        Level::Both { practitioner, service: slug } => {
            above.push(at_clinic);
            above.push((level_name(clinic, &Level::Service(slug.clone())), service(slug)));
            above.push((level_name(clinic, &Level::Practitioner(practitioner.clone())), person(practitioner)));
            let offered = clinic.service(slug).and_then(|one| {
                one.plan.offered_by.iter().find(|offering| offering.practitioner == *practitioner).cloned()
            });
            return (above, offered.map(|offering| offering.settings).unwrap_or_default());
        }
    };
    above.push(at_clinic);
    (above, own)
}

/// "30 min, from Riverside", by field.
fn inherited(above: &[(String, SettingsPatch)]) -> BTreeMap<&'static str, String> {
    let usual = said_in_force(&Settings::default());
    let mut all: BTreeMap<&'static str, String> =
        usual.into_iter().map(|(field, value)| (field, format!("{}, Portico’s own", chosen(field, &value)))).collect();
    for (name, patch) in above {
        let said = said_settings(patch).into_iter();
        all.extend(said.map(|(field, value)| (field, format!("{}, from {name}", chosen(field, &value)))));
    }
    all
}

/// What may be chosen for a setting, by the file's words; of the others any words may be typed.
fn choices(field: &str) -> &'static [(&'static str, &'static str)] {
    match field {
        "gap" => &[("larger", "The larger of their buffers"), ("sum", "The sum of their buffers")],
        "needs_approval" | "waitlist" => &[("true", "Yes"), ("false", "No")],
        _ => &[],
    }
}

/// A value as its choice says it.
fn chosen(field: &str, value: &str) -> String {
    let choice = choices(field).iter().find(|(word, _)| *word == value);
    choice.map_or(value, |(_, said)| said).to_owned()
}

/// "Length of a visit: 30 min · A start every: 1 h", of what one level states.
pub(super) fn stated(own: &SettingsPatch) -> String {
    let said =
        said_settings(own).into_iter().map(|(field, value)| format!("{}: {}", label(field), chosen(field, &value)));
    said.collect::<Vec<_>>().join(" · ")
}

fn form_of(at: &AtDesk, word: &str) -> String {
    format!("hours-settings:{}:{word}", at.clinic.profile.slug)
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    whole(&at)?;
    let word = request.query("level");
    if word.is_empty() {
        return Ok(list(&at, local_day(&at.clinic.zone, request.cx.now())));
    }
    let level = level_of(&at.clinic, &word)?;
    let (above, own) = chain(&at.clinic, &level);
    let mut stands: Vec<(&str, String)> = said_settings(&own);
    for (_, value) in stands.iter_mut().filter(|(field, _)| DATES.contains(field)) {
        *value = value.parse().map_or_else(|_| value.clone(), |date| written(&at.clinic, date));
    }
    let state = state_or(request, &form_of(&at, &word), &stands).await?;
    // What holds on other days is another for each service.
    let inherited = match level {
        Level::Dates { .. } => FIELDS.map(|(field, _)| (field, "as on other days".to_owned())).into(),
        _ => inherited(&above),
    };
    let like = like(request, &at);
    let fields =
        FIELDS.map(|field| field_view(field, &state, inherited.get(field.0), &like)).into_iter().collect_view();
    let (frame, name) = (Frame::of(&at), level_name(&at.clinic, &level));
    Ok(view! {
        <DeskPage title=name.clone() frame=frame part=Part::Hours error=!state.errors.is_empty()>
            <p><a href=at.url("hours/settings")>"Back to the booking settings"</a></p>
            <ErrorSummary state=state.clone() />
            <h1><bdi>{name}</bdi></h1>
            <p class="lead">"What is empty is inherited. Visits that are booked keep their length and time; a visit loses its place only where nobody could have it any more."</p>
            <form class="desk-form desk-fields" method="post" action="/fn/hours-settings" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="level" value=word />
                {fields}
                <p class="actions"><PrimaryButton label="See what would come of it" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

fn field_view(
    (name, label): (&'static str, &'static str),
    state: &FormState,
    inherited: Option<&String>,
    like: &str,
) -> AnyView {
    let from = inherited.map_or_else(|| "No limit is inherited".to_owned(), |from| format!("Inherited: {from}"));
    let (value, error) = (state.value(name), state.error(name));
    if choices(name).is_empty() {
        let hint = match name {
            _ if DATES.contains(&name) => format!("Like {like}. {from}"),
            "max_active" | "max_per_period" => format!("A number. {from}"),
            "horizon" | "period" => format!("Like 90 days. {from}"),
            _ => format!("Like 30 min or 2 h. {from}"),
        };
        return view! { <TextField name=name label=label hint=hint value=value error=error width=12 autocomplete="off" /> }
            .into_any();
    }
    let options = [("", "Inherited")]
        .iter()
        .chain(choices(name))
        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
        .collect::<Vec<_>>();
    view! { <Select name=name label=label hint=from options=options value=value error=error /> }.into_any()
}

fn list(at: &AtDesk, today: Date) -> AnyView {
    let frame = Frame::of(at);
    let row = |level: &Level| {
        let own = stated(&chain(&at.clinic, level).1);
        let detail = if own.is_empty() { "All inherited".to_owned() } else { own };
        let href = at.url(&format!("hours/settings?level={}", query_value(&word_of(level))));
        view! { <li><RowLink href=href title=level_name(&at.clinic, level) detail=detail /></li> }
    };
    let levels = levels(&at.clinic);
    let dated: Vec<_> = dates(&at.clinic, today).iter().map(row).collect();
    let dated = (!dated.is_empty()).then(|| view! { <ul class="card rows">{dated}</ul> });
    let rows = |of: &dyn Fn(&Level) -> bool| levels.iter().filter(|level| of(level)).map(row).collect::<Vec<_>>();
    let clinic = rows(&|level| matches!(level, Level::Clinic));
    let services = rows(&|level| matches!(level, Level::Service(_)));
    let people = rows(&|level| matches!(level, Level::Practitioner(_)));
    // Most people do a visit as everybody does it: those stand behind a click.
    let states = |level: &Level| chain(&at.clinic, level).1 != SettingsPatch::default();
    let pair = |level: &Level| matches!(level, Level::Both { .. });
    let own = rows(&|level| pair(level) && states(level));
    let others = rows(&|level| pair(level) && !states(level));
    let own = (!own.is_empty()).then(|| view! { <ul class="card rows">{own}</ul> });
    let others = (!others.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("{} that inherit everything", others.len())}</summary>
                <ul class="card rows">{others}</ul>
            </details>
        }
    });
    view! {
        <DeskPage title="Booking settings" frame=frame part=Part::Hours>
            <p><a href=at.url("hours")>"Back to the hours"</a></p>
            <h1>"Booking settings"</h1>
            <p class="lead">"The clinic’s hold for all its visits; a service, a person, a person doing a service, and single days may each state their own."</p>
            <ul class="card rows">{clinic}</ul>
            <div class="desk-two">
                <section aria-labelledby="services">
                    <h2 id="services">"Services"</h2>
                    <ul class="card rows">{services}</ul>
                </section>
                <div>
                    <section aria-labelledby="people">
                        <h2 id="people">"People"</h2>
                        <ul class="card rows">{people}</ul>
                    </section>
                    <section aria-labelledby="both">
                        <h2 id="both">"A person doing a service"</h2>
                        {own}
                        {others}
                    </section>
                    <section aria-labelledby="days">
                        <h2 id="days">"Days with hours of their own"</h2>
                        <p>"They may state settings that hold on those days alone. Enter the hours first, under somebody’s hours."</p>
                        {dated}
                    </section>
                </div>
            </div>
        </DeskPage>
    }
    .into_any()
}

pub(super) async fn propose_settings(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    whole(at)?;
    let word = value_of(form, "level");
    let level = level_of(&at.clinic, word)?;
    let mut mistakes = Mistakes::new(request, at);
    let mut read = form.clone();
    for field in DATES {
        let date = mistakes.date(field, value_of(form, field)).flatten();
        read.insert(field.to_owned(), date.map(|date| date.to_string()).unwrap_or_default());
    }
    let understood = mistakes.all.is_empty();
    let settings = mistakes.read(typed::booking(&read)).filter(|_| understood);
    let edit = settings.map(|settings| Edit::Settings { level, settings });
    let page = at.url(&format!("hours/settings?level={}", query_value(word)));
    propose(request, at, &Place { form: form_of(at, word), page }, form, edit.ok_or(mistakes.all)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_of_the_file_has_a_name_here() {
        let named: Vec<&str> = FIELDS.iter().map(|(field, _)| *field).collect();
        assert_eq!(named, typed::booking_fields());
    }

    #[test]
    fn what_a_level_or_a_date_states_is_said_by_these_names() {
        let own = SettingsPatch { duration: Some(90), waitlist: Some(false), ..SettingsPatch::default() };
        assert_eq!(stated(&own), "Length of a visit: 90 min · People may wait for a time to become free: No");
        assert_eq!(stated(&SettingsPatch::default()), "");
    }
}
