//! The mail about a visit, with an invite that updates one calendar entry for the visit's whole life (ICS-01 … 05).

use domain::{booking::Status, clinic::Mode};
use interop::calendar::{self, Invite};
use jiff::Timestamp;
use ports::{Mail, Method};

use super::{layout, when};
use crate::{cx::Cx, jobs::VisitEvent, visits::Visit};

pub(super) fn render(cx: &Cx, visit: &Visit, event: VisitEvent, to: &str, link: &str, changed_at: Timestamp) -> Mail {
    let clinic = &visit.clinic.profile;
    let pending = visit.status == Status::Pending;
    let (subject, opening) = match event {
        VisitEvent::Booked if pending => (
            format!("{} has your request", clinic.name),
            "Your request was received. The clinic will confirm the time:".to_owned(),
        ),
        VisitEvent::Booked => {
            (format!("Your appointment at {}", clinic.name), "Your appointment is booked:".to_owned())
        }
        VisitEvent::Moved => {
            (format!("Your appointment at {} was moved", clinic.name), "Your appointment is now:".to_owned())
        }
        VisitEvent::Cancelled => (
            format!("Your appointment at {} was cancelled", clinic.name),
            "This appointment was cancelled. You do not need to do anything:".to_owned(),
        ),
        VisitEvent::CalledOff => (
            format!("Your appointment at {} was cancelled", clinic.name),
            "The clinic had to cancel this appointment. If you still need it, please book another time:".to_owned(),
        ),
        VisitEvent::Declined => (
            format!("{} cannot confirm your request", clinic.name),
            "The clinic cannot see you at the time that you asked for. Please choose another one:".to_owned(),
        ),
    };
    let over = matches!(event, VisitEvent::Cancelled | VisitEvent::CalledOff | VisitEvent::Declined);
    let comes = !over && !pending && visit.service.plan.mode == Mode::InPerson;
    let mut lines = vec![opening, when(visit), place(visit, "\n")];
    if comes {
        lines.push("On the day, the page below has a code with which you check in at the desk.".to_owned());
    }
    lines.push(format!("Questions? Call {}.", clinic.phone));
    let changes = cx.now() <= visit.move_until.max(visit.cancel_until);
    let button = match over {
        true => ("Book another time".to_owned(), format!("{}/c/{}", cx.config.public_url, clinic.slug)),
        _ if changes => ("See, move or cancel".to_owned(), link.to_owned()),
        _ => ("See your appointment".to_owned(), link.to_owned()),
    };
    let button = Some((button.0.as_str(), button.1.as_str()));
    Mail {
        id: format!("visit-{}-{}", visit.id, visit.sequence),
        to: to.to_owned(),
        text: layout::text(&lines, button),
        html: layout::html(&subject, &lines, Some(1), button),
        subject,
        from_name: clinic.name.clone(),
        reply_to: Some(clinic.email.clone()),
        invite: Some(invite(cx, visit, event, to, changed_at)),
    }
}

/// Where to go; or that nobody need come.
fn place(visit: &Visit, between: &str) -> String {
    let clinic = &visit.clinic.profile;
    match visit.service.plan.mode {
        Mode::InPerson => {
            let mut lines = vec![clinic.name.clone()];
            lines.extend(clinic.address.lines());
            lines.join(between)
        }
        Mode::Video => format!("By video, with {}. You need not come.", clinic.name),
        Mode::Phone => format!("By phone. {} calls you.", clinic.name),
    }
}

/// Neutral words only (MSG-07), and not the mail's own link, with which whoever has it is let in: calendars are shared and
/// shown on lock screens.
pub(super) fn invite(cx: &Cx, visit: &Visit, event: VisitEvent, to: &str, changed_at: Timestamp) -> (Method, String) {
    let clinic = &visit.clinic.profile;
    let link = format!("{}/visits/{}", cx.config.public_url, visit.id);
    let (method, kind) = match event {
        VisitEvent::Cancelled | VisitEvent::CalledOff | VisitEvent::Declined => {
            (Method::Cancel, calendar::Method::Cancel)
        }
        _ => (Method::Request, calendar::Method::Request),
    };
    let text = calendar::invite(&Invite {
        uid: calendar::visit_uid(visit.id),
        sequence: u32::try_from(visit.sequence).unwrap_or(0),
        method: kind,
        tentative: visit.status == Status::Pending,
        start: visit.start,
        end: visit.end,
        zone: clinic.zone.clone(),
        summary: format!("Appointment at {}", clinic.name),
        location: place(visit, ", "),
        description: format!("See, move or cancel: {link}"),
        url: link,
        organizer_name: clinic.name.clone(),
        organizer_email: cx.config.mail_from.clone(),
        attendee_name: None,
        attendee_email: to.to_owned(),
        stamp: changed_at,
    });
    (method, text)
}
