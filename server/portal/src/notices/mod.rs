//! Messages to people. No health information in them (MSG-01): a clinic, a time, a link. `job` is the job that sends one, and
//! makes it the same message at each try.

mod layout;
mod place_mail;
mod security;
mod visit_mail;
mod waitlist_mail;

pub(crate) use security::{
    send_address_corrected, send_calendar_trouble, send_claim_code, send_emergency, send_grant_answer, send_growing_up,
    send_invite, send_recovery, send_security, send_staff_invite,
};

pub(crate) use waitlist_mail::{send_waitlist_ended, send_waitlist_offer};

use domain::{
    ids::{AppointmentId, TenantId},
    words,
};
use entity::{appointment, displaced_visit};
use jiff::Timestamp;
use ports::{Mail, MailError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    booking,
    clinic::Clinic,
    cx::Cx,
    error::Internal,
    identity::charts,
    jobs::{JobError, PlaceEvent, VisitEvent},
    staff::{Permit, permission::ChangeVisits},
    visits,
};

impl From<MailError> for JobError {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Later(why) => Self::Later(why),
            MailError::Refused(why) => Self::Never(why),
        }
    }
}

impl From<sea_orm::DbErr> for JobError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

/// A six-digit code. Late codes are not sent: they would only puzzle.
pub(crate) async fn send_code(cx: &Cx, job: Uuid, email: &str, code: &str, expires_at: i64) -> Result<(), JobError> {
    if cx.now_ms() >= expires_at {
        return Ok(());
    }
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let lines = [
        "Use this code to show that this email address is yours:".to_owned(),
        spaced.clone(),
        "It works once, for ten minutes, in the browser in which you asked for it.".to_owned(),
        "If you did not ask for a code, you can ignore this message. Nobody can sign in without the code.".to_owned(),
    ];
    let mail = Mail {
        id: format!("code-{}", job),
        to: email.to_owned(),
        subject: format!("{spaced} is your Portico code"),
        text: layout::text(&lines, None),
        html: layout::html("Your code", &lines, Some(1), None),
        from_name: "Portico".to_owned(),
        reply_to: None,
        invite: None,
    };
    Ok(cx.mailer.send(&mail).await?)
}

/// Booked, moved or cancelled. A message that a later change has overtaken is not sent: the later one says it all.
pub(crate) async fn send_visit_mail(
    cx: &Cx,
    tenant: TenantId,
    id: AppointmentId,
    event: VisitEvent,
    sequence: i64,
) -> Result<(), JobError> {
    let row = appointment::Entity::find_by_id(id.0)
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row.filter(|r| r.sequence == sequence) else { return Ok(()) };
    let to = whom(cx, tenant, &row).await?;
    if to.is_empty() {
        return Ok(());
    }
    let changed_at = Timestamp::from_millisecond(row.updated_at).map_err(|e| JobError::Never(e.to_string()))?;
    let visit = visits::visit_of(cx, row).await?;
    let link = format!("{}/m/{}", cx.config.public_url, visits::link_token(cx, tenant, id).await?);
    let mail = visit_mail::render(cx, &visit, event, &to, &link, changed_at);
    Ok(cx.mailer.send(&mail).await?)
}

/// That the clinic cannot keep a visit's time, or that it can after all. What a later event has overtaken is not sent.
pub(crate) async fn send_place_mail(
    cx: &Cx,
    tenant: TenantId,
    id: AppointmentId,
    event: PlaceEvent,
    version: i64,
) -> Result<(), JobError> {
    let place = displaced_visit::Entity::find_by_id(id.0).one(cx.db.read()).await?;
    let open = event == PlaceEvent::Choose;
    let current = |place: &displaced_visit::Model| place.version == version && (place.state == "open") == open;
    if !place.is_some_and(|place| current(&place)) {
        return Ok(());
    }
    let row = appointment::Entity::find_by_id(id.0)
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let to = whom(cx, tenant, &row).await?;
    if to.is_empty() {
        return Ok(());
    }
    let times = booking::kept_times(cx, tenant, id.0).await?;
    let visit = visits::visit_of(cx, row).await?;
    let link = format!("{}/m/{}", cx.config.public_url, visits::link_token(cx, tenant, id).await?);
    let mail = place_mail::render(&visit, event, &times, (&to, &link), version);
    Ok(cx.mailer.send(&mail).await?)
}

/// Whether a mail about a visit reaches anybody.
pub async fn reaches_patient(cx: &Cx, permit: &Permit<ChangeVisits>, id: AppointmentId) -> Result<bool, Internal> {
    let tenant = permit.clinic().tenant;
    let row = appointment::Entity::find_by_id(id.0)
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::ClinicId.eq(permit.clinic().id.0))
        .one(cx.db.read())
        .await?;
    match row {
        Some(row) => Ok(!whom(cx, tenant, &row).await?.is_empty()),
        None => Ok(false),
    }
}

/// The chart's address. A clinic's own records often have none: then whoever booked is told.
async fn whom(cx: &Cx, tenant: TenantId, row: &appointment::Model) -> Result<String, Internal> {
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let chart = charts::row(cx.db.read(), tenant, domain::ids::PatientId(row.patient_id)).await?;
    let to = charts::email(&keys, &chart)?;
    match row.booked_by.filter(|_| to.is_empty()) {
        Some(account) => Ok(crate::identity::email_of(cx, cx.db.read(), domain::ids::AccountId(account)).await?),
        None => Ok(to),
    }
}

/// "Monday 23 November 2026 at 9:30, clinic time (Berlin)". Always with the year and the zone: a message is read on
/// other days and in other places than it was written.
pub(crate) fn when(visit: &visits::Visit) -> String {
    moment(&visit.clinic, visit.start)
}

fn moment(clinic: &Clinic, at: Timestamp) -> String {
    let profile = &clinic.profile;
    let local = clinic.zone.to_datetime(at);
    let date = local.date();
    let day = words::day(date, date.with().year(1).build().unwrap_or(date));
    let time = words::time(local.time(), &profile.locale);
    let offset = clinic.zone.to_offset(at);
    format!("{day} at {time}, clinic time ({}, UTC{})", profile.zone_name, utc_offset(offset.seconds()))
}

fn utc_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '−' } else { '+' };
    let minutes = seconds.abs() / 60;
    if minutes % 60 == 0 {
        format!("{sign}{}", minutes / 60)
    } else {
        format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
    }
}

/// The visit as a calendar file to add by hand: the same entry that the mails keep up to date.
pub async fn calendar_file(cx: &Cx, visit: &visits::Visit) -> Result<String, Internal> {
    let event = if visit.status.is_live() { VisitEvent::Booked } else { VisitEvent::Cancelled };
    let to = cx.config.mail_from.clone();
    Ok(visit_mail::invite(cx, visit, event, &to, cx.now()).1)
}
