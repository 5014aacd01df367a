//! Messages to people. No health information in them (MSG-01): a clinic, a time, a link.

mod layout;
mod security;
mod visit_mail;

pub(crate) use security::{
    send_claim_code, send_emergency, send_grant_answer, send_growing_up, send_invite, send_recovery, send_security,
    send_staff_invite,
};

use domain::{
    ids::{AppointmentId, TenantId},
    words,
};
use entity::appointment;
use jiff::Timestamp;
use ports::{Mail, MailError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    cx::Cx,
    error::Internal,
    identity::charts,
    jobs::{JobError, VisitEvent},
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
pub(crate) async fn send_code(cx: &Cx, email: &str, code: &str, expires_at: i64) -> Result<(), JobError> {
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
        id: format!("code-{}", cx.id()),
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
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let chart = charts::row(cx.db.read(), tenant, domain::ids::PatientId(row.patient_id)).await?;
    let mut to = charts::email(&keys, &chart)?;
    // A clinic's own records often have no address: then whoever booked is told.
    if let Some(account) = row.booked_by.filter(|_| to.is_empty()) {
        to = crate::identity::email_of(cx, cx.db.read(), domain::ids::AccountId(account)).await?;
    }
    if to.is_empty() {
        return Ok(());
    }
    let changed_at = Timestamp::from_millisecond(row.updated_at).map_err(|e| JobError::Never(e.to_string()))?;
    let visit = visits::visit_of(cx, row).await?;
    let link = format!("{}/m/{}", cx.config.public_url, visits::link_token(cx, tenant, id).await?);
    let mail = visit_mail::render(cx, &visit, event, &to, &link, changed_at);
    Ok(cx.mailer.send(&mail).await?)
}

/// "Monday 23 November 2026 at 9:30, clinic time (Berlin)". Always with the year and the zone: a message is read on
/// other days and in other places than it was written.
pub(crate) fn when(visit: &visits::Visit) -> String {
    let profile = &visit.clinic.profile;
    let local = visit.clinic.zone.to_datetime(visit.start);
    let date = local.date();
    let day = words::day(date, date.with().year(1).build().unwrap_or(date));
    let time = words::time(local.time(), &profile.locale);
    let offset = visit.clinic.zone.to_offset(visit.start);
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
    let link = format!("{}/visits/{}", cx.config.public_url, visit.id);
    let event = if visit.status.is_live() { VisitEvent::Booked } else { VisitEvent::Cancelled };
    let to = cx.config.mail_from.clone();
    Ok(visit_mail::invite(cx, visit, event, &to, &link, cx.now()).1)
}
