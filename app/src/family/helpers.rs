//! `/people/{person}/helpers`: who else reaches one's records and what they may do, and who is invited.

use domain::{
    grant::{Rights, relation_words},
    words,
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;
use portal::{
    Patient,
    family::{self, InviteError, OpenInvite, Reaching},
};
use uuid::Uuid;

use crate::{
    profile::person,
    request::Request,
    ui::{Chip, LinkButton, Notice, Page, Tone, answer as answered, gone_to, param, query_value},
    wire::Fault,
};

impl From<InviteError> for Fault {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Internal(error) => error.into(),
            _ => Self::NotFound,
        }
    }
}

#[component]
pub fn HelpersPage() -> impl IntoView {
    let request = Request::current();
    let id = param("person");
    answered(request.clone(), async move { page(&request, &id).await })
}

async fn page(request: &Request, id: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&request.path))));
    };
    let chart = person(request, patient, id).await?;
    if !chart.is_own() {
        return Err(Fault::NotFound);
    }
    let (reaching, invited) = family::reaching(&request.cx, &chart).await?;
    let here = format!("/people/{}", chart.patient());
    let done = match request.query("done").as_str() {
        "invited" => Some("We sent the invitation"),
        "ended" => Some("It has ended"),
        "withdrawn" => Some("The invitation was taken back"),
        _ => None,
    };
    let nobody = reaching.is_empty() && invited.is_empty();
    let person = chart.patient().to_string();
    let rows = reaching.into_iter().map(|one| reaching_row(one, person.clone())).collect_view();
    let open = invited.into_iter().map(|one| invited_row(one, person.clone())).collect_view();
    Ok(view! {
        <Page title="Who reaches your records" back=(here.clone(), "Your records")>
            <h1>"Who else reaches your records"</h1>
            {done
                .map(|done| {
                    view! {
                        <Notice tone=Tone::Good title=done.to_owned()>
                            <p>"You can change this here at any time."</p>
                        </Notice>
                    }
                })}
            {nobody.then(|| view! { <p class="lead">"Only you, and the clinic."</p> })}
            {(!nobody).then(|| view! { <ul class="card rows">{rows}{open}</ul> })}
            <p class="actions"><LinkButton href=format!("{here}/helpers/new") label="Invite somebody to help" /></p>
        </Page>
    }
    .into_any())
}

fn reaching_row(one: Reaching, person: String) -> impl IntoView {
    let state = view! { <Chip tone=Tone::Good label="Reaches them" /> };
    let detail = format!("{}. Since {}{}", rights(&one.rights), on(one.since), ends(one.until));
    let email = one.email.clone();
    view! {
        <li class="account-row">
            <p>
                <strong><bdi>{one.email}</bdi></strong>
                " "
                {state}
                <br />
                <span class="row-detail">{detail}</span>
            </p>
            <form method="post" action="/fn/grant-end">
                <input type="hidden" name="grant" value=one.grant.to_string() />
                <input type="hidden" name="person" value=person />
                <button class="button button-second" type="submit">"End it"<span class="hide">" for "{email}</span></button>
            </form>
        </li>
    }
}

fn invited_row(one: OpenInvite, person: String) -> impl IntoView {
    let detail = format!("{}{}", rights(&one.rights), ends(one.until));
    let email = one.email.clone();
    view! {
        <li class="account-row">
            <p>
                <strong><bdi>{one.email}</bdi></strong>
                " "
                <Chip tone=Tone::Look label="Invited" />
                <br />
                <span class="row-detail">{detail}</span>
            </p>
            <form method="post" action="/fn/invite-withdraw">
                <input type="hidden" name="invite" value=one.id.to_string() />
                <input type="hidden" name="person" value=person />
                <button class="button button-second" type="submit">
                    "Take it back"<span class="hide">" from "{email}</span>
                </button>
            </form>
        </li>
    }
}

pub(super) fn rights(rights: &Rights) -> String {
    rights.iter().map(|right| right.label()).collect::<Vec<_>>().join(", ")
}

/// Grants have no zone of their own.
fn on(at: Timestamp) -> String {
    words::date(TimeZone::UTC.to_datetime(at).date())
}

fn ends(until: Option<Timestamp>) -> String {
    until.map(|until| format!(", until {}", on(until))).unwrap_or_default()
}

pub(super) async fn withdraw(request: &Request, patient: &Patient, id: &str, invite: &str) -> Result<(), Fault> {
    let chart = person(request, patient, id).await?;
    let invite: Uuid = invite.parse().map_err(|_| Fault::NotFound)?;
    if !family::withdraw_invite(&request.cx, &chart, invite).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&format!("/people/{}/helpers?done=withdrawn", chart.patient()));
    Ok(())
}

pub(super) async fn answer(request: &Request, patient: &Patient, invite: &str, yes: bool) -> Result<(), Fault> {
    let invite: Uuid = invite.parse().map_err(|_| Fault::NotFound)?;
    if yes {
        family::accept(&request.cx, patient, invite).await?;
    } else {
        family::decline(&request.cx, patient, invite).await?;
    }
    request.redirect(if yes { "/account/records?done=accepted" } else { "/account/records" });
    Ok(())
}

pub(super) async fn end(request: &Request, patient: &Patient, grant: &str, person: &str) -> Result<(), Fault> {
    let grant: Uuid = grant.parse().map_err(|_| Fault::NotFound)?;
    if !family::end_grant(&request.cx, patient, grant).await? {
        return Err(Fault::NotFound);
    }
    // Only an id of our own making goes into the address.
    match person.parse::<Uuid>() {
        Ok(person) => request.redirect(&format!("/people/{person}/helpers?done=ended")),
        Err(_) => request.redirect("/account/records?done=ended"),
    }
    Ok(())
}

/// "your mother or father" of whoever is invited.
pub(super) fn relation_label(relation: &str) -> String {
    match relation {
        "child" => "My mother or father".to_owned(),
        "parent" => "My son or daughter".to_owned(),
        "partner" => "My partner".to_owned(),
        _ => relation_words(relation).replace("Somebody you help", "Somebody else I trust"),
    }
}
