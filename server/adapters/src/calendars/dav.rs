//! CalDAV (RFC 4791): the events of a collection, as one text.

use ports::FetchError;
use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::Event,
    name::{Namespace, ResolveResult},
};

/// All events of a collection (§7.8).
pub(super) const QUERY: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>"#;

const CALDAV: Namespace<'static> = Namespace("urn:ietf:params:xml:ns:caldav");
const DAV: Namespace<'static> = Namespace("DAV:");
/// What a calendar without events is.
const EMPTY: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";

/// The calendars inside a multistatus answer, one behind the other (RFC 5545 §3.4 allows as many as there are). An answer
/// that is not whole is an error: what is missing from it must not look as if it were gone.
pub(super) fn calendar(multistatus: &[u8]) -> Result<Vec<u8>, FetchError> {
    let broken = || FetchError::Unreachable("its answer is cut off or not understood".to_owned());
    let mut reader = NsReader::from_str(std::str::from_utf8(multistatus).map_err(|_| broken())?);
    let mut out = Vec::new();
    let mut depth = 0_usize;
    let mut root = false;
    // What the text that comes belongs to.
    let mut inside = Inside::Other;
    let mut text = String::new();
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|_| broken())?;
        let is = |namespace, name: &str, local: &str| space == ResolveResult::Bound(namespace) && name == local;
        match event {
            Event::Start(start) => {
                let name = start.local_name();
                if depth == 0 {
                    root = is(DAV, name.as_ref(), "multistatus");
                }
                depth += 1;
                inside = match () {
                    () if is(CALDAV, name.as_ref(), "calendar-data") => Inside::Calendar,
                    () if is(DAV, name.as_ref(), "status") => Inside::Status,
                    () => Inside::Other,
                };
                text.clear();
            }
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or_else(broken)?;
                match std::mem::replace(&mut inside, Inside::Other) {
                    Inside::Calendar => {
                        out.extend_from_slice(text.trim().as_bytes());
                        out.extend_from_slice(b"\r\n");
                    }
                    // The server leaves out what is too much (RFC 4918 §11.5).
                    Inside::Status if text.split_whitespace().nth(1) == Some("507") => {
                        return Err(FetchError::TooLarge);
                    }
                    Inside::Status | Inside::Other => {}
                }
                text.clear();
            }
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(part) => match part.resolve_char_ref().map_err(|_| broken())? {
                Some(c) => text.push(c),
                None => text.push_str(resolve_predefined_entity(&part).ok_or_else(broken)?),
            },
            // No answer has one, and it could make much of little.
            Event::DocType(_) => return Err(broken()),
            Event::Eof if depth > 0 || !root => return Err(broken()),
            Event::Eof => break,
            Event::Empty(start) if depth == 0 => root = is(DAV, start.local_name().as_ref(), "multistatus"),
            _ => {}
        }
    }
    Ok(if out.is_empty() { EMPTY.to_vec() } else { out })
}

enum Inside {
    Calendar,
    Status,
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(responses: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:x="urn:ietf:params:xml:ns:caldav">{responses}</multistatus>"#
        )
    }

    fn one(calendar: &str) -> String {
        format!(
            "<response><href>/a.ics</href><propstat><prop><x:calendar-data>{calendar}</x:calendar-data></prop>\
             <status>HTTP/1.1 200 OK</status></propstat></response>"
        )
    }

    #[test]
    fn calendars_are_put_one_behind_the_other() {
        let first = one("BEGIN:VCALENDAR&#13;\nSUMMARY:a &amp; b &lt;c&gt;&#13;\nEND:VCALENDAR&#13;\n");
        let second = one("<![CDATA[BEGIN:VCALENDAR\nSUMMARY:<d>\nEND:VCALENDAR\n]]>");
        let joined = calendar(answer(&(first + &second)).as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(joined).unwrap(),
            "BEGIN:VCALENDAR\r\nSUMMARY:a & b <c>\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\nSUMMARY:<d>\nEND:VCALENDAR\r\n"
        );
        assert_eq!(calendar(answer("").as_bytes()).unwrap(), EMPTY);
    }

    #[test]
    fn what_is_not_whole_is_an_error() {
        let whole = answer(&one("BEGIN:VCALENDAR\nEND:VCALENDAR"));
        for end in 0..whole.len() {
            assert!(calendar(&whole.as_bytes()[..end]).is_err(), "{end}");
        }
        let less = "<response><href>/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>";
        assert_eq!(calendar(answer(&(one("x") + less)).as_bytes()), Err(FetchError::TooLarge));
        for odd in [
            "",
            "<html></html>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><multistatus xmlns='DAV:'>&b;</multistatus>",
            "\0",
            "</a>",
        ] {
            assert!(calendar(odd.as_bytes()).is_err(), "{odd}");
        }
        let entity = "<multistatus xmlns='DAV:'>&secret;</multistatus>";
        assert!(calendar(entity.as_bytes()).is_err());
    }
}
