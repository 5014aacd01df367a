//! `/staff/{clinic}/hours/of/{whose}/week?period=`: a week, the usual one or that of a range of dates.

use domain::booking::Period;
use leptos::prelude::*;
use portal::{
    hours::{Edit, typed},
    staff::permission::ChangeHours,
};

use super::{
    HOURS_LIKE, Mistakes, Place, Typed, like, propose, state_or, typed as value_of,
    whose::within,
    words::{DAYS, hours_of, name_of, range, range_of, range_word, word_of},
};
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::written,
    },
    ui::{ErrorSummary, PrimaryButton, TextField, answer, param, query_value},
    wire::Fault,
};

/// The word for a period that is not there yet; the usual week has none.
const NEW: &str = "new";

#[component]
pub fn WeekPage() -> impl IntoView {
    let request = Request::current();
    let (slug, word) = (param("clinic"), param("whose"));
    answer(request.clone(), async move { page(&request, &slug, &word).await })
}

fn form_of(at: &AtDesk, word: &str, period: &str) -> String {
    format!("hours-week:{}:{word}:{period}", at.clinic.profile.slug)
}

async fn page(request: &Request, slug: &str, word: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeHours>()?;
    let whose = within(&at, &permit, word)?;
    let asked = request.query("period");
    let stated = hours_of(&at.clinic, &whose).map(|hours| hours.stated()).unwrap_or_default();
    let shown = match asked.as_str() {
        "" => Period { from: None, until: None, week: stated.usual },
        NEW => Period::default(),
        word => {
            let range = range_of(word).ok_or(Fault::NotFound)?;
            stated.periods.into_iter().find(|period| period.range() == range).ok_or(Fault::NotFound)?
        }
    };
    let day = |date: Option<jiff::civil::Date>| date.map(|date| written(&at.clinic, date)).unwrap_or_default();
    let mut stands = vec![("from", day(shown.from)), ("until", day(shown.until))];
    stands.extend(shown.week.0.iter().zip(DAYS).map(|(open, (key, _))| (key, portal::hours::said_windows(open))));
    let state = state_or(request, &form_of(&at, word, &asked), &stands).await?;
    let (frame, name) = (Frame::of(&at), name_of(&at.clinic, &whose));
    let title = match asked.as_str() {
        "" => "The usual week".to_owned(),
        NEW => "A period with another week".to_owned(),
        _ => format!("The week {}", range(shown.range())),
    };
    let like = like(request, &at);
    let dates = (!asked.is_empty()).then(|| {
        view! {
            <div class="desk-pair">
                <TextField name="from" label="First day" hint=format!("Like {like}. Empty when only a last day is known") value=state.value("from") error=state.error("from") width=12 autocomplete="off" />
                <TextField name="until" label="Last day" hint="Empty: for ever" value=state.value("until") error=state.error("until") width=12 autocomplete="off" optional=true />
            </div>
        }
    });
    let fields = DAYS
        .into_iter()
        .map(|(key, label)| {
            view! { <TextField name=key label=label value=state.value(key) error=state.error(key) autocomplete="off" /> }
        })
        .collect_view();
    let back = at.url(&format!("hours/of/{}", word_of(&whose)));
    Ok(view! {
        <DeskPage title=title.clone() frame=frame part=Part::Hours error=!state.errors.is_empty()>
            <p><a href=back>"Back to "<bdi>{name.clone()}</bdi></a></p>
            <ErrorSummary state=state.clone() />
            <h1>{title}</h1>
            <p class="lead">{format!("Hours like {HOURS_LIKE}. A day without hours is closed; 20:00-02:00 ends on the next day.")}</p>
            <form class="desk-form desk-fields" method="post" action="/fn/hours-week" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="whose" value=word_of(&whose).to_owned() />
                <input type="hidden" name="period" value=asked />
                {dates}
                {fields}
                <p class="actions"><PrimaryButton label="See what would come of it" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

pub(super) async fn propose_week(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    let permit = at.permit::<ChangeHours>()?;
    let (word, asked) = (value_of(form, "whose"), value_of(form, "period"));
    let whose = within(at, &permit, word)?;
    let mut mistakes = Mistakes::new(request, at);
    let mut days = Typed::new();
    for (day, _) in DAYS {
        days.insert(day.to_owned(), mistakes.hours(day, value_of(form, day)).unwrap_or_default());
    }
    let understood = mistakes.all.is_empty();
    let week = mistakes.read(typed::week(&days)).filter(|_| understood);
    let edit = if asked.is_empty() {
        week.map(|week| Edit::Week { whose, week })
    } else {
        let from = mistakes.date("from", value_of(form, "from"));
        let until = mistakes.date("until", value_of(form, "until"));
        let was = match asked {
            NEW => None,
            word => Some(range_of(word).ok_or(Fault::BadRequest)?),
        };
        week.zip(from).zip(until).map(|((week, from), until)| {
            let period = Some(Period { from, until, week });
            Edit::Period { whose, was, period }
        })
    };
    let query = if asked.is_empty() { String::new() } else { format!("?period={}", query_value(asked)) };
    let page = at.url(&format!("hours/of/{word}/week{query}"));
    propose(request, at, &Place { form: form_of(at, word, asked), page }, form, edit.ok_or(mistakes.all)).await
}

pub(super) async fn propose_without(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    let permit = at.permit::<ChangeHours>()?;
    let word = value_of(form, "whose");
    let whose = within(at, &permit, word)?;
    let was = range_of(value_of(form, "period")).ok_or(Fault::BadRequest)?;
    let form_name = form_of(at, word, &range_word(was));
    let place = Place { form: form_name, page: at.url(&format!("hours/of/{word}")) };
    propose(request, at, &place, form, Ok(Edit::Period { whose, was: Some(was), period: None })).await
}
