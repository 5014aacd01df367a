//! `/staff/{clinic}/hours/of/{whose}/away`: leave for days or hours, and other hours on single dates.

use leptos::prelude::*;
use portal::{
    hours::{Dates, Edit, Whose, typed},
    staff::permission::ChangeHours,
};

use super::{
    HOURS_LIKE, Mistakes, Place, Typed, like, propose, state_or, typed as value_of,
    whose::within,
    words::{name_of, word_of},
};
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::typed_time,
    },
    ui::{ErrorSummary, PrimaryButton, RadioItem, Radios, TextField, answer, param},
    wire::Fault,
};

#[component]
pub fn AwayPage() -> impl IntoView {
    let request = Request::current();
    let (slug, word) = (param("clinic"), param("whose"));
    answer(request.clone(), async move { page(&request, &slug, &word).await })
}

fn form_of(at: &AtDesk, word: &str) -> String {
    format!("hours-away:{}:{word}", at.clinic.profile.slug)
}

async fn page(request: &Request, slug: &str, word: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeHours>()?;
    let whose = within(&at, &permit, word)?;
    let stands =
        [("kind", "days".to_owned()), ("note", if whose == Whose::Clinic { "" } else { "On leave" }.to_owned())];
    let state = state_or(request, &form_of(&at, word), &stands).await?;
    let (frame, name) = (Frame::of(&at), name_of(&at.clinic, &whose));
    let kinds = vec![
        RadioItem::new("days", "Away all day"),
        RadioItem::new("part", "Away for a part of the day"),
        RadioItem::new("open", "Other hours").hint("They hold instead of the usual ones"),
    ];
    let (back, like) = (at.url(&format!("hours/of/{}", word_of(&whose))), like(request, &at));
    Ok(view! {
        <DeskPage title="Leave or other hours" frame=frame part=Part::Hours error=!state.errors.is_empty()>
            <p><a href=back>"Back to "<bdi>{name}</bdi></a></p>
            <ErrorSummary state=state.clone() />
            <h1>"Leave or other hours"</h1>
            <form class="desk-form" method="post" action="/fn/hours-away" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="whose" value=word_of(&whose).to_owned() />
                <div class="desk-pair">
                    <TextField name="from" label="First day" hint=format!("Like {like}") value=state.value("from") error=state.error("from") width=12 autocomplete="off" />
                    <TextField name="until" label="Last day" hint="Empty: one day" value=state.value("until") error=state.error("until") width=12 autocomplete="off" optional=true />
                </div>
                <Radios name="kind" legend="What holds then?" items=kinds value=state.value("kind") error=state.error("kind") />
                <div class="desk-pair only-part">
                    <TextField name="start" label="Away from" hint="Like 13:00" value=state.value("start") error=state.error("start") width=8 autocomplete="off" />
                    <TextField name="end" label="Away until" hint="Like 17:00" value=state.value("end") error=state.error("end") width=8 autocomplete="off" />
                </div>
                <div class="only-open">
                    <TextField name="hours" label="Hours" hint=format!("Like {HOURS_LIKE}") value=state.value("hours") error=state.error("hours") autocomplete="off" />
                </div>
                <TextField name="note" label="What patients read" hint="Such as: On leave" value=state.value("note") error=state.error("note") spellcheck=true optional=true />
                <p class="actions"><PrimaryButton label="See what would come of it" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

pub(super) async fn propose_away(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    let permit = at.permit::<ChangeHours>()?;
    let word = value_of(form, "whose");
    let whose = within(at, &permit, word)?;
    let mut mistakes = Mistakes::new(request, at);
    let from = mistakes.date("from", value_of(form, "from"));
    let from = mistakes.need("from", from, &format!("Enter the first day, like {}", mistakes.like.clone()));
    let until = mistakes.date("until", value_of(form, "until"));
    let hours = match value_of(form, "kind") {
        "days" => Some(Dates::Away),
        "part" => {
            let start =
                mistakes.need("start", Some(typed_time(value_of(form, "start"))), "Enter from when, like 13:00");
            let end = mistakes.need("end", Some(typed_time(value_of(form, "end"))), "Enter until when, like 17:00");
            start.zip(end).map(|(from, to)| Dates::AwayFrom { from, to })
        }
        "open" => {
            let open = mistakes.hours("hours", value_of(form, "hours"));
            let open = open.and_then(|open| mistakes.read(typed::hours(&open)));
            let open = open.map(|open| Some(open).filter(|open| !open.is_empty()));
            mistakes.need("hours", open, &format!("Enter the hours, like {HOURS_LIKE}")).map(Dates::Open)
        }
        _ => mistakes.need("kind", Some(None), "Choose what holds then"),
    };
    let note = mistakes.read(typed::line("note", value_of(form, "note")));
    let edit = from.zip(until).zip(hours).zip(note).map(|(((from, until), hours), note)| {
        let until = until.unwrap_or(from);
        Edit::Dates { whose, from, until, hours, note }
    });
    let place = Place { form: form_of(at, word), page: at.url(&format!("hours/of/{word}/away")) };
    propose(request, at, &place, form, edit.ok_or(mistakes.all)).await
}

pub(super) async fn propose_back(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    let permit = at.permit::<ChangeHours>()?;
    let word = value_of(form, "whose");
    let whose = within(at, &permit, word)?;
    let date = |field: &str| value_of(form, field).parse().map_err(|_| Fault::BadRequest);
    let edit = Edit::Undated { whose, from: date("from")?, until: date("until")? };
    let place = Place { form: form_of(at, word), page: at.url(&format!("hours/of/{word}")) };
    propose(request, at, &place, form, Ok(edit)).await
}
