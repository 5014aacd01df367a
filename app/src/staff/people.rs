//! `/staff/{clinic}/people`: who works here, inviting somebody, and taking a post away.

use domain::{
    ids::{ClinicId, ResourceId},
    person::{Email, Name},
    staff::{Action, Role},
    words,
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;
use portal::staff::{self, Appointing, FreshDesk, InviteError, Member, OpenStaffInvite};
use uuid::Uuid;

use super::{
    api::AppointForm,
    frame::{DeskPage, Frame, Part},
    gate::{AtDesk, page_at},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{
        Chip, ErrorSummary, LinkButton, Notice, PrimaryButton, RadioItem, Radios, Select, TextField, Tone, answer,
        param,
    },
    wire::Fault,
};

const FORM: &str = "staff-appoint";

/// Whether somebody manages people here.
pub(super) fn manages(at: &AtDesk) -> bool {
    let here = |clinic: Option<ClinicId>| clinic.is_none_or(|own| own == at.clinic.id);
    at.desk.posts().iter().any(|post| {
        post.tenant == at.clinic.tenant && here(post.clinic) && post.role.reach(Action::ManageStaff).is_some()
    })
}

/// The roles that somebody here may give.
fn roles(at: &AtDesk) -> Vec<Role> {
    let own: Vec<Role> =
        at.desk.posts().iter().filter(|post| post.tenant == at.clinic.tenant).map(|post| post.role).collect();
    Role::ALL.into_iter().filter(|role| own.iter().any(|mine| mine.may_appoint(*role))).collect()
}

/// Somebody who manages a whole network.
fn network(at: &AtDesk) -> bool {
    let all = |post: &&staff::Post| post.tenant == at.clinic.tenant && post.clinic.is_none();
    at.desk.posts().iter().filter(all).any(|post| post.role.reach(Action::ManageStaff).is_some())
}

#[component]
pub fn PeoplePage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    if !manages(&at) {
        return Err(Fault::NotFound);
    }
    let members = staff::members(&request.cx, &at.desk, at.clinic.tenant).await?.ok_or(Fault::NotFound)?;
    let here = |clinic: Option<ClinicId>| clinic.is_none_or(|own| own == at.clinic.id);
    let (gone, rows): (Vec<_>, Vec<_>) =
        members.iter().filter(|member| here(member.post.clinic)).partition(|member| member.disabled);
    let invites = staff::open_invites(&request.cx, &at.desk, at.clinic.tenant).await?;
    let frame = Frame::of(&at);
    let done = match request.query("done").as_str() {
        "invited" => Some("The invitation is on its way"),
        "disabled" => Some("They no longer work here, and their desk is closed"),
        "withdrawn" => Some("The invitation does not work any more"),
        _ => None,
    };
    let rows = rows.into_iter().map(|member| member_row(&at, member)).collect_view();
    let gone = gone.into_iter().map(former_row).collect_view();
    let open = invites.iter().map(|invite| invite_row(&at, invite)).collect_view();
    Ok(view! {
        <DeskPage title="People" frame=frame part=Part::People>
            <div class="desk-head">
                <h1>"People"</h1>
                <LinkButton href=at.url("people/new") label="Invite somebody" />
            </div>
            {done.map(|done| view! { <Notice tone=Tone::Good title=done.to_owned()><p></p></Notice> })}
            <table class="desk-table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Where"</th>
                        <th scope="col">"Email"</th>
                        <th scope="col">"Since"</th>
                        <td></td>
                    </tr>
                </thead>
                <tbody>{rows}{open}{gone}</tbody>
            </table>
        </DeskPage>
    }
    .into_any())
}

fn place(at: &AtDesk, clinic: Option<ClinicId>) -> String {
    if clinic.is_some() { at.clinic.profile.name.clone() } else { at.clinic.tenant_name.clone() }
}

fn on(at: Timestamp) -> String {
    words::date(TimeZone::UTC.to_datetime(at).date())
}

fn member_row(at: &AtDesk, member: &Member) -> impl IntoView + use<> {
    let post = &member.post;
    let name = post.name.clone();
    view! {
        <tr>
            <th scope="row"><bdi>{post.name.clone()}</bdi></th>
            <td data-label="Role">{post.role.label()}</td>
            <td data-label="Where">
                <bdi>{place(at, post.clinic)}</bdi>
                {member.by_provider.then(|| view! { " "<Chip tone=Tone::Quiet label="Single sign-on" /> })}
            </td>
            <td class="long" data-label="Email"><bdi dir="ltr">{member.email.clone()}</bdi></td>
            <td class="whole" data-label="Since">{on(member.since)}</td>
            <td>
                <details>
                <summary>"Remove"<span class="hide">" "{name.clone()}</span></summary>
                <form method="post" action="/fn/staff-disable">
                    <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                    <input type="hidden" name="post" value=post.id.to_string() />
                    <button class="button button-second" type="submit">"Yes, remove"<span class="hide">" "{name}</span></button>
                </form>
                </details>
            </td>
        </tr>
    }
}

fn former_row(member: &Member) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row"><bdi>{member.post.name.clone()}</bdi></th>
            <td data-label="Role">{member.post.role.label()}</td>
            <td><Chip tone=Tone::Quiet label="Removed" /></td>
            <td class="long" data-label="Email"><bdi dir="ltr">{member.email.clone()}</bdi></td>
            <td class="whole" data-label="Since">{on(member.since)}</td>
            <td></td>
        </tr>
    }
}

fn invite_row(at: &AtDesk, invite: &OpenStaffInvite) -> impl IntoView + use<> {
    let name = invite.name.clone();
    view! {
        <tr>
            <th scope="row"><bdi>{invite.name.clone()}</bdi></th>
            <td data-label="Role">{invite.role.label()}</td>
            <td><Chip tone=Tone::Look label="Invited" /></td>
            <td class="long" data-label="Email"><bdi dir="ltr">{invite.email.clone()}</bdi></td>
            <td class="whole" data-label="Since">{on(invite.made_at)}</td>
            <td>
                <form method="post" action="/fn/staff-invite-withdraw">
                    <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                    <input type="hidden" name="invite" value=invite.id.to_string() />
                    <button class="button button-second" type="submit">
                        "Take it back"<span class="hide">" from "{name}</span>
                    </button>
                </form>
            </td>
        </tr>
    }
}

/// `/staff/{clinic}/people/new`.
#[component]
pub fn AppointPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { appoint_page(&request, &slug).await })
}

async fn appoint_page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    if !manages(&at) {
        return Err(Fault::NotFound);
    }
    let Some(_) = at.fresh_or_prove(request, &at.url("people/new")) else { return Ok(().into_any()) };
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let frame = Frame::of(&at);
    let roles = roles(&at)
        .into_iter()
        .map(|role| RadioItem::new(role.as_str(), role.label()).hint(role.about()))
        .collect::<Vec<_>>();
    let mut practitioners = vec![(String::new(), "Nobody’s".to_owned())];
    practitioners.extend(at.clinic.practitioners().map(|one| (one.id.to_string(), one.plan.name.clone())));
    let places = vec![
        RadioItem::new("clinic", at.clinic.profile.name.clone()),
        RadioItem::new("network", at.clinic.tenant_name.clone()).hint("Every clinic of the network"),
    ];
    let whole = network(&at).then(|| {
        let value = state.value("place");
        let value = if value.is_empty() { "clinic".to_owned() } else { value };
        view! { <Radios name="place" legend="Where?" items=places value=value error=state.error("place") /> }
    });
    Ok(view! {
        <DeskPage title="Invite somebody" frame=frame part=Part::People error=!state.errors.is_empty()>
            <p><a href=at.url("people")>"Back to the people"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>"Whom do you invite to work here?"</h1>
            <form class="desk-form" method="post" action="/fn/staff-invite" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <TextField name="name" label="Name" hint="As colleagues know them" value=state.value("name") error=state.error("name") autocomplete="off" />
                <TextField
                    name="email"
                    label="Email address"
                    hint="Their own: nobody shares an account"
                    value=state.value("email")
                    error=state.error("email")
                    kind="email"
                    autocomplete="off"
                    inputmode="email"
                />
                <Radios name="role" legend="Role" items=roles value=state.value("role") error=state.error("role") />
                <Select
                    name="practitioner"
                    label="Whose schedule is their own?"
                    hint="Needed for clinicians, and for nobody else"
                    options=practitioners
                    value=state.value("practitioner")
                    error=state.error("practitioner")
                />
                {whole}
                <p class="actions"><PrimaryButton label="Send the invitation" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

pub(super) async fn appoint(
    request: &Request,
    at: &AtDesk,
    fresh: FreshDesk<'_>,
    form: &AppointForm,
) -> Result<(), Fault> {
    if !manages(at) {
        return Err(Fault::NotFound);
    }
    let browser = request.session()?;
    let mut state = FormState::with(&[
        ("name", &form.name),
        ("email", &form.email),
        ("role", &form.role),
        ("practitioner", &form.practitioner),
        ("place", &form.place),
    ]);
    let name = state.check("name", Name::parse(&form.name));
    let email = match form.email.trim() {
        "" => {
            state.fail("email", "Enter their email address");
            None
        }
        email => state.check("email", Email::parse(email)),
    };
    let role = form.role.parse::<Role>().ok().filter(|role| roles(at).contains(role));
    if role.is_none() {
        state.fail("role", "Choose their role here");
    }
    let practitioner = form.practitioner.parse::<ResourceId>().ok();
    if let (Some(name), Some(email), Some(role)) = (name, email, role) {
        let whole = form.place == "network" && network(at);
        let clinic = (!whole).then_some(at.clinic.id);
        let what = Appointing { tenant: at.clinic.tenant, clinic, role, practitioner, name, email };
        match staff::appoint(&request.cx, fresh, &what).await {
            Ok(_) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&at.url("people?done=invited"));
                return Ok(());
            }
            Err(InviteError::Practitioner) if role.has_schedule() => {
                state.fail("practitioner", "Choose whose schedule is theirs; it must be one of this clinic");
            }
            Err(InviteError::Practitioner) => {
                state.fail("practitioner", "Choose nobody’s: only clinicians have a schedule of their own");
            }
            Err(InviteError::SignOn) => state.fail(
                "email",
                "Nobody is invited here by email: people come by your network’s own sign-in. Give them their role there",
            ),
            Err(InviteError::TooMany) => state.fail("email", "Too many invitations are open. Take some back first"),
            Err(InviteError::Internal(error)) => return Err(error.into()),
            Err(_) => return Err(Fault::NotFound),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url("people/new"));
    Ok(())
}

pub(super) async fn disable(request: &Request, at: &AtDesk, fresh: FreshDesk<'_>, post: &str) -> Result<(), Fault> {
    let post: Uuid = post.parse().map_err(|_| Fault::NotFound)?;
    if !staff::disable(&request.cx, fresh, post).await? {
        return Err(Fault::NotFound);
    }
    request.cx.job_bell.ring();
    request.redirect(&at.url("people?done=disabled"));
    Ok(())
}

pub(super) async fn withdraw(request: &Request, at: &AtDesk, invite: &str) -> Result<(), Fault> {
    let invite: Uuid = invite.parse().map_err(|_| Fault::NotFound)?;
    if !staff::withdraw(&request.cx, &at.desk, invite).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&at.url("people?done=withdrawn"));
    Ok(())
}
