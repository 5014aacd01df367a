//! Mails of the waitlist: a time is free, and one no longer waits. They name a clinic and a time, not what for.

use domain::ids::{AccountId, ClinicId, PatientId, TenantId};
use entity::{waitlist_entry, waitlist_offer};
use jiff::Timestamp;
use ports::Mail;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{layout, moment};
use crate::{
    clinic::{self, Clinic},
    cx::Cx,
    identity::{charts, email_of, grants},
    jobs::JobError,
    waitlist,
};

/// The offer, with a link to the page on which one tap takes it. One that is over is not told of.
pub(crate) async fn send_waitlist_offer(cx: &Cx, tenant: TenantId, offer: Uuid) -> Result<(), JobError> {
    let row = waitlist_offer::Entity::find_by_id(offer)
        .filter(waitlist_offer::Column::TenantId.eq(tenant.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row.filter(|row| row.state == "open" && row.expires_at > cx.now_ms()) else { return Ok(()) };
    let Some((clinic, to)) = of_entry(cx, tenant, row.entry_id).await? else { return Ok(()) };
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| JobError::Never(e.to_string()));
    let start = domain::booking::Cell(row.start_cell).start();
    let name = &clinic.profile.name;
    let lines = [
        "You are on the waitlist, and a time has become free:".to_owned(),
        moment(&clinic, start),
        format!("We keep it for you until {}.", moment(&clinic, at(row.expires_at)?)),
        "If it does not suit you, say so on the same page, and somebody else can have it. You keep your place on the list."
            .to_owned(),
        format!("Questions? Call {}.", clinic.profile.phone),
    ];
    let link = format!("{}/w/{}", cx.config.public_url, waitlist::token_of(cx, tenant, offer).await?);
    let subject = format!("A time is free at {name}");
    let mail = mail(&clinic, (format!("waitlist-{offer}"), to), subject, &lines, Some(("See the time", &link)));
    Ok(cx.mailer.send(&mail).await?)
}

/// That somebody no longer waits, with the way to book.
pub(crate) async fn send_waitlist_ended(cx: &Cx, tenant: TenantId, entry: Uuid) -> Result<(), JobError> {
    let row = waitlist_entry::Entity::find_by_id(entry)
        .filter(waitlist_entry::Column::TenantId.eq(tenant.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let Some((clinic, to)) = of_entry(cx, tenant, entry).await? else { return Ok(()) };
    let why = match row.ended_why.as_deref() {
        Some("removed") => "The clinic took you off the waitlist. Call it if you want to know why.",
        _ => "The last day that you were waiting for is over, and no time became free that suited you. We are sorry.",
    };
    let lines = [
        why.to_owned(),
        "You can look for a free time, or join the waitlist again with other days.".to_owned(),
        format!("Questions? Call {}.", clinic.profile.phone),
    ];
    let link = format!("{}/c/{}/book", cx.config.public_url, clinic.profile.slug);
    let subject = format!("You are no longer on the waitlist of {}", clinic.profile.name);
    let id = format!("waitlist-ended-{entry}");
    let mail = mail(&clinic, (id, to), subject, &lines, Some(("Look for a time", &link)));
    Ok(cx.mailer.send(&mail).await?)
}

fn mail(
    clinic: &Clinic,
    (id, to): (String, String),
    subject: String,
    lines: &[String],
    button: Option<(&str, &str)>,
) -> Mail {
    Mail {
        id,
        to,
        text: layout::text(lines, button),
        html: layout::html(&subject, lines, Some(1), button),
        subject,
        from_name: clinic.profile.name.clone(),
        reply_to: Some(clinic.profile.email.clone()),
        invite: None,
    }
}

/// The clinic, and where to write: to the chart's address, or else to whoever joined, while they reach the chart.
async fn of_entry(
    cx: &Cx,
    tenant: TenantId,
    entry: Uuid,
) -> Result<Option<(std::sync::Arc<Clinic>, String)>, JobError> {
    let db = cx.db.read();
    let row =
        waitlist_entry::Entity::find_by_id(entry).filter(waitlist_entry::Column::TenantId.eq(tenant.0)).one(db).await?;
    let Some(row) = row else { return Ok(None) };
    let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { return Ok(None) };
    let keys = cx.keys.scope(db, tenant.0).await?;
    let patient = PatientId(row.patient_id);
    let mut to = charts::email(&keys, &charts::row(db, tenant, patient).await?)?;
    if let Some(account) = row.account_id.map(AccountId).filter(|_| to.is_empty())
        && grants::granted(cx, db, account, tenant, patient).await?
    {
        to = email_of(cx, db, account).await?;
    }
    Ok((!to.is_empty()).then_some((clinic, to)))
}
