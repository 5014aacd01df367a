//! The actions at the desk. Each asks on its first line who is at the desk, and its work asks for the permit.

mod emergency;
mod waitlist;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{arrivals, door, finder, gate, links, one_time, people, schedule};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

pub use self::{emergency::*, waitlist::*};

/// Who is invited.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct AppointForm {
    #[serde(default)]
    pub clinic: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub practitioner: String,
    #[serde(default)]
    pub place: String,
}

/// A new visit.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct NewVisitForm {
    #[serde(default)]
    pub clinic: String,
    /// Of this page, so that sent twice it books once.
    #[serde(default)]
    pub key: String,
    #[serde(default)]
    pub service: String,
    #[serde(default)]
    pub with: String,
    #[serde(default)]
    pub date: String,
    /// One of the free times, or empty for another, that is typed.
    #[serde(default)]
    pub slot: String,
    /// The day that the free times were listed for.
    #[serde(default)]
    pub listed: String,
    #[serde(default)]
    pub time: String,
    /// Not empty: only the free times of what is chosen are to be shown.
    #[serde(default)]
    pub look: String,
    /// A chart, or empty for somebody new.
    #[serde(default)]
    pub patient: String,
    /// Charts that somebody new is not, with commas.
    #[serde(default)]
    pub apart: String,
    #[serde(default)]
    pub given: String,
    #[serde(default)]
    pub family: String,
    #[serde(default)]
    #[serde(rename = "birth-day")]
    pub birth_day: String,
    #[serde(default)]
    #[serde(rename = "birth-month")]
    pub birth_month: String,
    #[serde(default)]
    #[serde(rename = "birth-year")]
    pub birth_year: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub reason: String,
    /// Why a rule does not count this once, and which: the one that was told.
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub against: String,
}

/// Who is looked for, and where on the schedule a visit for them was begun.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FindForm {
    pub clinic: String,
    pub q: String,
    pub day: String,
    pub time: String,
    pub with: String,
    pub service: String,
    #[serde(rename = "for")]
    pub purpose: String,
}

/// Where a visit is to go.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct MoveForm {
    #[serde(default)]
    pub clinic: String,
    #[serde(default)]
    pub visit: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub with: String,
    #[serde(default)]
    pub date: String,
    /// As in a new visit's.
    #[serde(default)]
    pub slot: String,
    #[serde(default)]
    pub listed: String,
    #[serde(default)]
    pub time: String,
    #[serde(default)]
    pub look: String,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub against: String,
}

/// One step of a visit's day.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct StepForm {
    #[serde(default)]
    pub clinic: String,
    #[serde(default)]
    pub visit: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub step: String,
    /// Where somebody is called to.
    #[serde(default)]
    pub room: String,
    /// Of a cancellation.
    #[serde(default)]
    pub reason: String,
    /// `waiting`: said on the waiting list.
    #[serde(default)]
    pub back: String,
}

/// A time to close.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct BlockForm {
    #[serde(default)]
    pub clinic: String,
    /// Of this page, so that sent twice it closes once.
    #[serde(default)]
    pub key: String,
    #[serde(default)]
    pub resource: String,
    #[serde(default)]
    pub date: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub note: String,
}

/// Takes up an invitation to work somewhere.
#[server(name = JoinStaff, prefix = "/fn", endpoint = "staff-join")]
pub async fn join_staff(#[server(default)] token: String, #[server(default)] name: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    door::take_up(&request, &patient, &token, &name).await
}

/// Shows by the authenticator app who is signed in.
#[server(name = StaffCode, prefix = "/fn", endpoint = "staff-code")]
pub async fn staff_code(#[server(default)] code: String, #[server(default)] next: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    door::use_code(&request, &patient, &code, &next).await
}

/// The authenticator app shows the right code for the first time.
#[server(name = StaffApp, prefix = "/fn", endpoint = "staff-app")]
pub async fn staff_app(#[server(default)] code: String, #[server(default)] next: String) -> Result<(), Fault> {
    let request = Request::current();
    let fresh = request.fresh().await?;
    one_time::confirm(&request, &fresh, &code, &next).await
}

/// Removes the authenticator app.
#[server(name = RemoveStaffApp, prefix = "/fn", endpoint = "staff-app-remove")]
pub async fn remove_staff_app() -> Result<(), Fault> {
    let request = Request::current();
    let fresh = request.fresh().await?;
    one_time::remove(&request, &fresh).await
}

/// Locks the desk until its owner shows once more who they are.
#[server(name = LockDesk, prefix = "/fn", endpoint = "staff-lock")]
pub async fn lock_desk(#[server(default)] next: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    door::lock(&request, &browser, &next).await
}

/// Invites somebody to work here.
#[server(name = Appoint, prefix = "/fn", endpoint = "staff-invite")]
pub async fn appoint(#[server(flatten)] form: AppointForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    let Some(fresh) = at.fresh_or_prove(&request, &at.url("people")) else { return Ok(()) };
    people::appoint(&request, &at, fresh, &form).await
}

/// Takes an invitation back.
#[server(name = WithdrawAppointing, prefix = "/fn", endpoint = "staff-invite-withdraw")]
pub async fn withdraw_appointing(
    #[server(default)] clinic: String,
    #[server(default)] invite: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    people::withdraw(&request, &at, &invite).await
}

/// Takes a post away.
#[server(name = DisableStaff, prefix = "/fn", endpoint = "staff-disable")]
pub async fn disable_staff(#[server(default)] clinic: String, #[server(default)] post: String) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    let Some(fresh) = at.fresh_or_prove(&request, &at.url("people")) else { return Ok(()) };
    people::disable(&request, &at, fresh, &post).await
}

/// Books for a patient, known or new.
#[server(name = DeskBook, prefix = "/fn", endpoint = "desk-book")]
pub async fn desk_book(#[server(flatten)] form: NewVisitForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    schedule::book(&request, &at, &form).await
}

/// Moves a visit.
#[server(name = DeskMove, prefix = "/fn", endpoint = "desk-move")]
pub async fn desk_move(#[server(flatten)] form: MoveForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    schedule::shift(&request, &at, &form).await
}

/// One step of a visit's day, or its end.
#[server(name = DeskStep, prefix = "/fn", endpoint = "desk-step")]
pub async fn desk_step(#[server(flatten)] form: StepForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    schedule::step(&request, &at, &form).await
}

/// Checks in the visit of a code that was scanned or typed.
#[server(name = DeskScan, prefix = "/fn", endpoint = "desk-scan")]
pub async fn desk_scan(#[server(default)] clinic: String, #[server(default)] code: String) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    arrivals::scan(&request, &at, &code).await
}

/// Makes a link for the waiting room's screen, or ends it.
#[server(name = DeskScreen, prefix = "/fn", endpoint = "desk-screen")]
pub async fn desk_screen(#[server(default)] clinic: String, #[server(default)] act: String) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    arrivals::screen(&request, &at, &act).await
}

/// Closes a time.
#[server(name = DeskBlock, prefix = "/fn", endpoint = "desk-block")]
pub async fn desk_block(#[server(flatten)] form: BlockForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    schedule::close(&request, &at, &form).await
}

/// Opens a closed time again.
#[server(name = DeskUnblock, prefix = "/fn", endpoint = "desk-unblock")]
pub async fn desk_unblock(
    #[server(default)] clinic: String,
    #[server(default)] block: String,
    #[server(default)] day: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    schedule::reopen(&request, &at, &block, &day).await
}

/// Finds a patient by what they say.
#[server(name = DeskFind, prefix = "/fn", endpoint = "desk-find")]
pub async fn desk_find(#[server(flatten)] form: FindForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    finder::find(&request, &at, &form).await
}

/// Makes a link by which a calendar shows when somebody is booked.
#[server(name = MakeCalendarLink, prefix = "/fn", endpoint = "calendar-link")]
pub async fn make_calendar_link(
    #[server(default)] clinic: String,
    #[server(default)] key: String,
    #[server(default)] resource: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    links::make(&request, &at, &key, &resource).await
}

/// Ends such a link.
#[server(name = EndCalendarLink, prefix = "/fn", endpoint = "calendar-link-end")]
pub async fn end_calendar_link(
    #[server(default)] clinic: String,
    #[server(default)] link: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    links::end(&request, &at, &link).await
}
