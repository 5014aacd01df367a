//! `/people/{person}/ask`: whoever acts for somebody asks the clinic to be allowed more, and reads what it answered.

use domain::{
    grant::{Right, Rights},
    person::free_text,
    words,
};
use jiff::tz::TimeZone;
use leptos::prelude::*;
use portal::{
    Patient,
    family::{self, AskError, Asked, Asking, RequestState},
    files::{FileError, Purpose},
    patients::{self, PatientChart},
};

use super::helpers::rights;
use crate::{
    forms::{self, FormState},
    profile::{TOO_MANY_FILES, person},
    request::Request,
    ui::{
        Checkboxes, ErrorSummary, FileField, Notice, PHOTOS_AND_PDF, Page, PrimaryButton, RadioItem, SecondaryButton,
        SummaryItem, SummaryList, TextArea, Tone, answer, gone_to, param, query_value,
    },
    upload::{Sent, Upload},
    wire::Fault,
};

/// Most characters of why.
const WORDS_MOST: usize = 2000;

impl From<AskError> for Fault {
    fn from(error: AskError) -> Self {
        match error {
            AskError::File(error) => error.into(),
            AskError::NotFound => Self::NotFound,
            AskError::Nothing | AskError::Waits | AskError::TooMany => Self::BadRequest,
        }
    }
}

fn form_name(chart: &PatientChart) -> String {
    format!("ask:{}", chart.patient())
}

fn page_of(chart: &PatientChart) -> String {
    format!("/people/{}/ask", chart.patient())
}

/// Only whoever acts for somebody else has anything to ask for.
async fn helper(request: &Request, patient: &Patient, id: &str) -> Result<PatientChart, Fault> {
    let chart = person(request, patient, id).await?;
    if chart.is_own() { Err(Fault::NotFound) } else { Ok(chart) }
}

#[component]
pub fn AskPage() -> impl IntoView {
    let request = Request::current();
    let id = param("person");
    answer(request.clone(), async move { page(&request, &id).await })
}

async fn page(request: &Request, id: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&request.path))));
    };
    let chart = helper(request, patient, id).await?;
    let asked = family::asked(&request.cx, &chart).await?;
    let reached = patients::read(&request.cx, chart).await?;
    let chart = &reached.chart;
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_name(chart)).await?;
    let waits = asked.as_ref().is_some_and(|asked| asked.state == RequestState::Open);
    let told = asked.as_ref().and_then(|asked| told(chart, asked));
    let heading = if waits { "What you asked the clinic" } else { "What more do you need to be able to do?" };
    let body = if waits {
        ().into_any()
    } else if missing(chart).next().is_none() {
        view! { <p>"You may do everything that there is to allow."</p> }.into_any()
    } else {
        form(chart, &state).into_any()
    };
    Ok(view! {
        <Page
            title="Ask the clinic for more"
            back=(format!("/people/{}", chart.patient()), "Back to the overview")
            error=!state.errors.is_empty()
        >
            <ErrorSummary state=state.clone() />
            <h1>{heading}</h1>
            <p class="lead">
                "You help " <bdi>{reached.record.full_name()}</bdi> ". Now you may: " {rights(chart.rights())} "."
            </p>
            {told}
            {body}
        </Page>
    }
    .into_any())
}

/// What is not allowed yet.
fn missing(chart: &PatientChart) -> impl Iterator<Item = Right> {
    Right::ALL.into_iter().filter(|right| !chart.may(*right))
}

fn form(chart: &PatientChart, state: &FormState) -> impl IntoView + use<> {
    let items = missing(chart).map(|right| RadioItem::new(right.as_str(), right.label())).collect();
    let ticked = missing(chart).map(|right| right.as_str().to_owned());
    let ticked = ticked.filter(|right| state.value(&format!("rights-{right}")) == "yes").collect();
    view! {
        <form method="post" action="/fn/ask" enctype="multipart/form-data" novalidate>
            <input type="hidden" name="person" value=chart.patient().to_string() />
            <Checkboxes
                name="rights"
                legend="What do you need?"
                hint="Choose only what you need."
                items=items
                ticked=ticked
                error=state.error("rights")
            />
            <TextArea
                name="words"
                label="Why do you need it?"
                hint="The clinic reads this, and sees your email address."
                value=state.value("words")
                error=state.error("words")
            />
            <FileField
                name="paper"
                label="A paper that shows it"
                hint="For example a birth certificate, a court’s decision, or a power of attorney. A photo (JPEG, PNG, WebP) of at most 10 MB, or a PDF of at most 5 MB."
                error=state.error("paper")
                accept=PHOTOS_AND_PDF
                optional=true
            />
            <p class="small">"If the clinic allows it, whoever you help sees it in their own account, is told there, and can end it at any time."</p>
            <p class="actions"><PrimaryButton label="Ask the clinic" /></p>
        </form>
    }
}

/// What waits for the clinic, or what it answered.
fn told(chart: &PatientChart, asked: &Asked) -> Option<AnyView> {
    // A grant has no zone of its own.
    let on = words::date(TimeZone::UTC.to_datetime(asked.made_at).date());
    let paper = if asked.file.is_some() { "Sent" } else { "None" };
    let summary = vec![
        SummaryItem::new("Asked for", rights(&asked.rights)),
        SummaryItem::new("Why", asked.words.clone()),
        SummaryItem::new("Paper", paper),
    ];
    let said = asked.reply.clone().map(|reply| view! { <p dir="auto">{reply}</p> });
    match asked.state {
        RequestState::Open => Some(
            view! {
                <Notice tone=Tone::Look title="The clinic has not answered yet">
                    <p>{format!("You asked on {on}:")}</p>
                    <SummaryList items=summary />
                    {asked.file.map(|file| view! { <p><a href=format!("/files/{file}")>"See the paper"</a></p> })}
                    <form method="post" action="/fn/ask-withdraw">
                        <input type="hidden" name="person" value=chart.patient().to_string() />
                        <p class="actions"><SecondaryButton label="Take it back" /></p>
                    </form>
                </Notice>
            }
            .into_any(),
        ),
        RequestState::Accepted => Some(
            view! {
                <Notice tone=Tone::Good title="The clinic allowed it">
                    <p>{format!("You asked on {on}. Allowed: {}.", rights(&asked.allowed))}</p>
                    {said}
                </Notice>
            }
            .into_any(),
        ),
        RequestState::Declined => Some(
            view! {
                <Notice tone=Tone::Look title="The clinic did not allow it">
                    {said}
                    <p>{format!("You asked on {on}:")}</p>
                    <SummaryList items=summary />
                </Notice>
            }
            .into_any(),
        ),
        RequestState::Withdrawn => None,
    }
}

/// Sends what was asked for.
pub async fn ask(request: &Request, patient: &Patient, upload: Upload) -> Result<(), Fault> {
    let chart = helper(request, patient, upload.field("person")).await?;
    let browser = request.session()?;
    let mut state = FormState { values: upload.fields.clone(), errors: Vec::new() };
    if let Some(what) = read(&mut state, &chart, upload) {
        match family::ask(&request.cx, &chart, what).await {
            // The page says that it waits.
            Ok(()) | Err(AskError::Waits) => {
                forms::clear(&request.cx, &browser, &form_name(&chart)).await?;
                request.redirect(&page_of(&chart));
                return Ok(());
            }
            Err(AskError::Nothing) => state.fail("rights", "Choose something that you may not do yet"),
            Err(AskError::TooMany) => state.fail("words", "You have asked five times since yesterday. Call the clinic"),
            Err(AskError::File(FileError::NotAllowed)) => state.fail("paper", Purpose::GrantRequest.allowed()),
            Err(AskError::File(FileError::TooMany)) => state.fail("paper", TOO_MANY_FILES),
            Err(error) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, &browser, &form_name(&chart), &state).await?;
    request.redirect(&page_of(&chart));
    Ok(())
}

fn read(state: &mut FormState, chart: &PatientChart, upload: Upload) -> Option<Asking> {
    let ticked = |right: &Right| upload.field(&format!("rights-{}", right.as_str())) == "yes";
    let rights = Rights::of(missing(chart).filter(ticked));
    if rights.is_empty() {
        state.fail("rights", "Choose at least one thing that you need to be able to do");
    }
    let words = state.check("words", free_text(upload.field("words"), WORDS_MOST)).flatten();
    if words.is_none() && state.error("words").is_none() {
        state.fail("words", "Say why you need it. The clinic decides by what you write");
    }
    let paper = match upload.file {
        Sent::File(sent) => Some(sent),
        Sent::Nothing => None,
        Sent::TooLarge => {
            state.fail("paper", Purpose::GrantRequest.allowed());
            None
        }
    };
    let words = words?;
    state.errors.is_empty().then_some(Asking { rights, words, paper })
}

/// Takes back what waits. What was answered meanwhile stands on the page.
pub(super) async fn withdraw(request: &Request, patient: &Patient, id: &str) -> Result<(), Fault> {
    let chart = helper(request, patient, id).await?;
    family::withdraw_request(&request.cx, &chart).await?;
    request.redirect(&page_of(&chart));
    Ok(())
}
