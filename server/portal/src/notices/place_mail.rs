//! The mail about a visit that needs a new time: when it was to be, until when others are kept, and the link under which
//! one tap takes one. No health information, no reason.

use ports::Mail;

use super::{layout, moment, when};
use crate::{booking::KeptTime, jobs::PlaceEvent, visits::Visit};

pub(super) fn render(
    visit: &Visit,
    event: PlaceEvent,
    times: &[KeptTime],
    (to, link): (&str, &str),
    version: i64,
) -> Mail {
    let clinic = &visit.clinic.profile;
    let call = format!("Questions? Call {}.", clinic.phone);
    let (subject, mut lines, label) = match event {
        PlaceEvent::Choose => (
            format!("Your appointment at {} needs a new time", clinic.name),
            vec![
                "The clinic’s hours have changed, and it cannot keep your appointment as it is:".to_owned(),
                when(visit),
            ],
            "Choose your new time",
        ),
        PlaceEvent::Stands => (
            format!("Your appointment at {} stays as it was", clinic.name),
            vec![
                "We asked you for another time. That is no longer needed: your appointment stays.".to_owned(),
                when(visit),
            ],
            "See your appointment",
        ),
    };
    if event == PlaceEvent::Choose {
        if let Some(until) = times.iter().map(|time| time.until).max() {
            let all: Vec<String> =
                times.iter().map(|time| format!("• {}", moment(&visit.clinic, time.span.start.start()))).collect();
            lines.push(format!(
                "It keeps these times for you until {}:\n{}",
                moment(&visit.clinic, until),
                all.join("\n")
            ));
        }
        lines.push(
            "One tap takes one of them. You can also choose any other time, or cancel. Nothing is cancelled by itself."
                .to_owned(),
        );
    }
    lines.push(call);
    let button = Some((label, link));
    Mail {
        id: format!("place-{}-{version}", visit.id),
        to: to.to_owned(),
        text: layout::text(&lines, button),
        html: layout::html(&subject, &lines, Some(1), button),
        subject,
        from_name: clinic.name.clone(),
        reply_to: Some(clinic.email.clone()),
        invite: None,
    }
}
