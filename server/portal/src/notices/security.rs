//! What changed about how an account is signed in to. Says neither from where nor with what: the address may be shared.

use domain::ids::{ClinicId, PatientId, TenantId};
use entity::tenant;
use jiff::Timestamp;
use ports::Mail;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::layout;
use crate::{
    clinic,
    cx::Cx,
    emergency,
    error::Internal,
    family,
    identity::recovery,
    jobs::{JobError, SecurityChange},
    reconcile, staff,
};

/// A way to sign in came or went.
pub(crate) async fn send_security(
    cx: &Cx,
    job: Uuid,
    email: &str,
    change: SecurityChange,
    at: i64,
) -> Result<(), JobError> {
    let (subject, what) = words(change);
    let lines = [
        what.to_owned(),
        format!("When: {}.", moment(at)?),
        "If this was you, you need not do anything. If it was not, sign in, remove what you do not know, and sign out \
         everywhere."
            .to_owned(),
    ];
    let link = format!("{}/account", cx.config.public_url);
    send(cx, job, email, subject, &lines, ("Look at your account", &link)).await
}

/// Somebody recovers the account; the link stops it.
pub(crate) async fn send_recovery(cx: &Cx, job: Uuid, email: &str, id: Uuid, ready_at: i64) -> Result<(), JobError> {
    let lines = [
        "Somebody entered a recovery code of your Portico account, to sign in without this email address.".to_owned(),
        format!("From {} on, they can give the account a new address.", moment(ready_at)?),
        "If this was you, you need not do anything. If it was not, stop it now. The code is then worth nothing any more."
            .to_owned(),
    ];
    let token = recovery::stop_token(&*cx.installation_keys().await?, id);
    let link = format!("{}/recovery/{id}/{token}", cx.config.public_url);
    send(cx, job, email, "Your Portico account is being recovered", &lines, ("Stop it", &link)).await
}

/// An invitation to help somebody.
pub(crate) async fn send_invite(cx: &Cx, job: Uuid, email: &str) -> Result<(), JobError> {
    let (subject, lines) = family::invite_mail();
    let link = format!("{}/account/records", cx.config.public_url);
    send(cx, job, email, subject, &lines.map(str::to_owned), ("See the invitation", &link)).await
}

/// An invitation to work at a clinic.
pub(crate) async fn send_staff_invite(cx: &Cx, job: Uuid, email: &str, link: &str) -> Result<(), JobError> {
    let (subject, lines) = staff::invite_mail();
    send(cx, job, email, subject, &lines.map(str::to_owned), ("See the invitation", link)).await
}

/// To a privacy officer: a chart was opened in an emergency. Whose and by whom is on the page alone.
pub(crate) async fn send_emergency(cx: &Cx, job: Uuid, email: &str, access: Uuid) -> Result<(), JobError> {
    let Some((clinic, slug, at)) = emergency::notice(cx, access).await? else { return Ok(()) };
    let lines = [
        format!("Somebody at {clinic} opened a chart that their role does not reach, in an emergency."),
        format!("When: {}.", moment(at)?),
        "They had to prove who they are and to say why. The access ends by itself after an hour.".to_owned(),
        "Please look into it, and mark it as reviewed.".to_owned(),
    ];
    let link = format!("{}/staff/{slug}/emergencies", cx.config.public_url);
    send(cx, job, email, "A chart was opened in an emergency", &lines, ("Look into it", &link)).await
}

/// To a manager: a calendar of the clinic's is not read any more.
pub(crate) async fn send_calendar_trouble(
    cx: &Cx,
    job: Uuid,
    email: &str,
    clinic: ClinicId,
    source: Uuid,
) -> Result<(), JobError> {
    let Some((clinic, slug, calendar, trouble)) = reconcile::trouble(cx, clinic, source).await? else { return Ok(()) };
    let what = match trouble.as_str() {
        "lost-half" => format!(
            "Half of what is ahead is missing from the calendar “{calendar}” of {clinic}. Nothing of that was taken over."
        ),
        _ => format!("The calendar “{calendar}” of {clinic} could not be read three times in a row."),
    };
    let lines = [
        what,
        "No visit is cancelled by that, and times that are closed for it stay closed. But what is new there is not seen: \
         patients can book times that the clinic has given away."
            .to_owned(),
        "Please look at it, and say what is right.".to_owned(),
    ];
    let link = format!("{}/staff/{slug}/calendars/{source}", cx.config.public_url);
    send(cx, job, email, "A calendar of the clinic is not read any more", &lines, ("Look at it", &link)).await
}

/// The clinic's answer to a helper.
pub(crate) async fn send_grant_answer(cx: &Cx, job: Uuid, email: &str, patient: PatientId) -> Result<(), JobError> {
    let (subject, lines) = family::answer_mail();
    let link = format!("{}/people/{patient}/ask", cx.config.public_url);
    send(cx, job, email, subject, &lines.map(str::to_owned), ("Read the answer", &link)).await
}

/// To the address in the chart of somebody who is old enough to have a say. It may be a parent's, so it says nothing of
/// what is in the chart.
pub(crate) async fn send_growing_up(cx: &Cx, job: Uuid, email: &str, tenant: TenantId) -> Result<(), JobError> {
    let network = tenant::Entity::find_by_id(tenant.0).one(cx.db.read()).await?.map(|row| row.name).unwrap_or_default();
    let lines = [
        format!("This is for the young person whose visits at {network} are booked with this email address."),
        "You are old enough to have a say. From now on your parents see less of your records there.".to_owned(),
        "To see all of them yourself, sign in with an email address of your own, open your clinic’s page, and choose “I \
         have been here before”. Your clinic then looks into it. It can also give you a letter with a code, which is quicker."
            .to_owned(),
        "Afterwards you decide who helps you, and with what.".to_owned(),
    ];
    let link = format!("{}/account/records", cx.config.public_url);
    let subject = "You can take over your records";
    send(cx, job, email, subject, &lines, ("Take over your records", &link)).await
}

/// A code that shows that the address a clinic has is the account owner's. Says nothing of what the clinic has.
/// Whose chart it is, is not said: the address may have been somebody else's all along.
pub(crate) async fn send_address_corrected(cx: &Cx, job: Uuid, email: &str, clinic: ClinicId) -> Result<(), JobError> {
    let clinic = clinic::by_id(cx, clinic).await?.ok_or_else(|| Internal::Data("no clinic".to_owned()))?;
    let (name, phone) = (&clinic.profile.name, &clinic.profile.phone);
    let lines = [
        format!("{name} no longer writes to this address about somebody's visits: its staff noted another address."),
        format!("If that is right, there is nothing to do. If not, call {name}: {phone}."),
    ];
    let mail = Mail {
        id: format!("address-{}", job),
        to: email.to_owned(),
        subject: format!("{name} has another address now"),
        text: layout::text(&lines, None),
        html: layout::html("Another address was noted", &lines, None, None),
        from_name: "Portico".to_owned(),
        reply_to: None,
        invite: None,
    };
    Ok(cx.mailer.send(&mail).await?)
}

pub(crate) async fn send_claim_code(cx: &Cx, job: Uuid, email: &str, code: &str) -> Result<(), JobError> {
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let lines = [
        "Use this code to connect your Portico account with your clinic:".to_owned(),
        spaced.clone(),
        "It works once, for one day, on the page on which you asked for it.".to_owned(),
        "If you did not ask for it, do not give it to anybody, and call your clinic: somebody says that they are you."
            .to_owned(),
    ];
    let subject = format!("{spaced} connects your Portico account");
    let mail = Mail {
        id: format!("claim-{}", job),
        to: email.to_owned(),
        subject,
        text: layout::text(&lines, None),
        html: layout::html("Your code", &lines, Some(1), None),
        from_name: "Portico".to_owned(),
        reply_to: None,
        invite: None,
    };
    Ok(cx.mailer.send(&mail).await?)
}

fn words(change: SecurityChange) -> (&'static str, &'static str) {
    match change {
        SecurityChange::PasskeyAdded => {
            ("A passkey was added to your Portico account", "It can be used to sign in to your account from now on.")
        }
        SecurityChange::PasskeyRemoved => (
            "A passkey was removed from your Portico account",
            "It can no longer be used to sign in to your account. A code sent to this address still can.",
        ),
        SecurityChange::AddressAdded => (
            "An email address was added to your Portico account",
            "A code sent to it can be used to sign in to your account from now on.",
        ),
        SecurityChange::AddressRemoved => (
            "An email address was removed from your Portico account",
            "A code sent to it can no longer be used to sign in to your account.",
        ),
        SecurityChange::AddressMain => (
            "Your Portico account has another main email address",
            "Messages about your account go there from now on. Every address of the account still signs in.",
        ),
        SecurityChange::RecoveryCodesMade => {
            ("New recovery codes were made for your Portico account", "Codes made before are worth nothing any more.")
        }
        SecurityChange::RecoveryStopped => (
            "The recovery of your Portico account was stopped",
            "Nothing was changed, and the recovery code that was used is worth nothing any more.",
        ),
        SecurityChange::ChartConnected => {
            ("Your Portico account is connected with a clinic", "From now on it shows what the clinic has about you.")
        }
        SecurityChange::ChartConnectedElsewhere => (
            "Another Portico account was connected with your clinic",
            "Whoever owns it showed the clinic that they are you. If you have only this account, call the clinic.",
        ),
        SecurityChange::GrantEnded => (
            "Somebody no longer reaches somebody’s records",
            "What was allowed with your Portico account, or with your records, has ended.",
        ),
        SecurityChange::HelperMayMore => (
            "Somebody who helps may do more with records that you reach",
            "The clinic allowed it, because they asked. Under “Who else reaches these records” you see who it is and what \
             they may do, and you can end it there at any time.",
        ),
        SecurityChange::OneTimeAdded => {
            ("An authenticator app was added to your account", "Its codes prove that it is you, after a code by email.")
        }
        SecurityChange::OneTimeRemoved => (
            "The authenticator app was removed from your account",
            "Its codes no longer prove anything. You can set up another one.",
        ),
        SecurityChange::PostEnded => (
            "You no longer work at a clinic in Portico",
            "Somebody who manages its people took your access to its side of Portico away. What you see as a patient stays \
             as it is. If you think it is a mistake, ask at the clinic.",
        ),
        SecurityChange::HelperSaid => (
            "Somebody who helps you changed something in your records",
            "They may keep right how the clinic reaches you and what it knows of you. In your records you see what stands \
             there now and what stood there before, and under “Who else reaches these records” you can end it.",
        ),
        SecurityChange::ChildIsOlder => (
            "You reach less of a child’s records",
            "A child whose records you reach is old enough to have a say. From this age on, their clinic shows you less. \
             They can take over their records, and allow you what they like.",
        ),
        SecurityChange::InviteAccepted => (
            "Your invitation was accepted",
            "Somebody whom you invited can now do for you what you allowed. You see and end it on the page of your records.",
        ),
        SecurityChange::InviteDeclined => (
            "Your invitation was declined",
            "Somebody whom you invited does not want to help. Nobody got access to your records by it.",
        ),
        SecurityChange::Recovered => (
            "Your Portico account was recovered",
            "It has a new email address, and no longer signs in with this one. It was signed out everywhere.",
        ),
    }
}

fn moment(ms: i64) -> Result<String, JobError> {
    let at = Timestamp::from_millisecond(ms).map_err(|e| JobError::Never(e.to_string()))?;
    // An account has no zone of its own.
    Ok(format!("{} UTC", at.strftime("%-d %B %Y, %H:%M")))
}

async fn send(
    cx: &Cx,
    job: Uuid,
    email: &str,
    subject: &str,
    lines: &[String],
    button: (&str, &str),
) -> Result<(), JobError> {
    let mail = Mail {
        id: format!("security-{}", job),
        to: email.to_owned(),
        subject: subject.to_owned(),
        text: layout::text(lines, Some(button)),
        html: layout::html(subject, lines, None, Some(button)),
        from_name: "Portico".to_owned(),
        reply_to: None,
        invite: None,
    };
    Ok(cx.mailer.send(&mail).await?)
}
