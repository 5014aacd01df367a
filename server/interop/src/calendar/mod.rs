//! Calendar invites (RFC 5545 and 5546): one appointment as an iTIP message. `read` is the other way: what other calendars
//! say.
//!
//! Written without the `icalendar` crate: 0.17 can build no VTIMEZONE (it would put DTSTAMP and UID into one, which
//! RFC 5545 §3.6.5 does not allow), and folds some last lines at 76 octets. `line` is the content line, `zone` VTIMEZONE.
//!
//! What the invite says of a person's health is the caller's affair (MSG-07): texts are passed on as they are.

mod feed;
mod line;
mod read;
mod zone;

use jiff::{Timestamp, tz::TimeZone};

pub use feed::{FeedEntry, Taken, feed, visit_uid};
use line::Lines;
pub(crate) use read::tidy;
pub use read::{MOST_ENTRIES, MOST_PROBLEMS, NotACalendar, Whose, Window, read, stands_for};

/// What the message asks a calendar to do (RFC 5546 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Enter the appointment, or update the one with this UID.
    Request,
    /// Strike it.
    Cancel,
}

impl Method {
    /// Also the `method` parameter of the MIME part, which must be the same word (ICS-03).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// One state of one appointment, for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The same for the appointment's whole life (ICS-01).
    pub uid: String,
    /// One more with every change, the cancellation included.
    pub sequence: u32,
    pub method: Method,
    /// Asked for, and not confirmed yet (RFC 5545 §3.8.1.11).
    pub tentative: bool,
    pub start: Timestamp,
    pub end: Timestamp,
    /// IANA name. Times go out in UTC when jiff does not know it.
    pub zone: String,
    pub summary: String,
    pub location: String,
    pub description: String,
    pub url: String,
    pub organizer_name: String,
    /// The mailbox the mail is really sent from (ICS-02).
    pub organizer_email: String,
    pub attendee_name: Option<String>,
    pub attendee_email: String,
    /// When this state came to be; newer with every change.
    pub stamp: Timestamp,
}

/// The whole `.ics` text: CRLF line ends, folded, no blank line at the end.
pub fn invite(invite: &Invite) -> String {
    let zone = zone_for(invite);
    let mut out = Lines::default();
    out.raw("BEGIN", "VCALENDAR");
    out.raw("VERSION", "2.0");
    out.raw("PRODID", "-//Portico//Portico//EN");
    out.raw("CALSCALE", "GREGORIAN");
    out.raw("METHOD", invite.method.as_str());
    if let Some(zone) = &zone {
        zone::write(&mut out, &invite.zone, zone, invite.start, invite.end);
    }
    event(&mut out, invite, zone.as_ref());
    out.raw("END", "VCALENDAR");
    out.into_text()
}

fn event(out: &mut Lines, invite: &Invite, zone: Option<&TimeZone>) {
    out.raw("BEGIN", "VEVENT");
    out.text("UID", &invite.uid);
    out.raw("SEQUENCE", &invite.sequence.to_string());
    out.raw("DTSTAMP", &utc(invite.stamp));
    time(out, "DTSTART", invite.start, &invite.zone, zone);
    time(out, "DTEND", invite.end, &invite.zone, zone);
    out.text("SUMMARY", &invite.summary);
    for (name, text) in [("LOCATION", &invite.location), ("DESCRIPTION", &invite.description)] {
        if !text.trim().is_empty() {
            out.text(name, text);
        }
    }
    if !invite.url.trim().is_empty() {
        out.uri("URL", &[], &invite.url);
    }
    out.raw("CLASS", "PRIVATE");
    out.raw(
        "STATUS",
        match invite.method {
            Method::Request if invite.tentative => "TENTATIVE",
            Method::Request => "CONFIRMED",
            Method::Cancel => "CANCELLED",
        },
    );
    out.raw("TRANSP", "OPAQUE");
    out.uri("ORGANIZER", &[("CN", &invite.organizer_name)], &format!("mailto:{}", invite.organizer_email));
    // The patient has booked already: nobody waits for an answer, and no reply mails reach the clinic.
    out.uri(
        "ATTENDEE",
        &[
            ("CN", invite.attendee_name.as_deref().unwrap_or_default()),
            ("CUTYPE", "INDIVIDUAL"),
            ("ROLE", "REQ-PARTICIPANT"),
            ("PARTSTAT", if invite.tentative { "TENTATIVE" } else { "ACCEPTED" }),
            ("RSVP", "FALSE"),
        ],
        &format!("mailto:{}", invite.attendee_email),
    );
    out.raw("END", "VEVENT");
}

/// The zone in which the times are written; `None` for UTC. A wall time that daylight saving repeats means its first
/// occurrence (RFC 5545 §3.3.5), so an appointment in the second one cannot be written in its zone.
fn zone_for(invite: &Invite) -> Option<TimeZone> {
    let zone = TimeZone::get(&invite.zone).ok().filter(|zone| !zone.is_unknown())?;
    let faithful = [invite.start, invite.end].into_iter().all(|at| {
        let wall = zone.to_datetime(at);
        zone.to_timestamp(wall).is_ok_and(|read| read == at)
    });
    faithful.then_some(zone)
}

fn time(out: &mut Lines, name: &str, at: Timestamp, id: &str, zone: Option<&TimeZone>) {
    match zone {
        Some(zone) => {
            let wall = zone.to_datetime(at);
            out.raw(&format!("{name};TZID={id}"), &wall.strftime("%Y%m%dT%H%M%S").to_string());
        }
        None => out.raw(name, &utc(at)),
    }
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests;
