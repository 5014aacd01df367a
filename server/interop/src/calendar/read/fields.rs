//! What an event says besides its times: whose it is, for whom, what of it stands.

use domain::{
    ids::AppointmentId,
    reconcile::{EntryState, Evidence, Revision},
};

use super::{
    Whose,
    lines::{Line, tidy},
    parts::Part,
    value::Written,
    zones::Zone,
};

/// What our own invites and feeds put behind the visit's id to make a UID.
pub(crate) const OUR_UIDS: &str = "@portico";
/// The same for times that are closed without a visit.
pub(crate) const OUR_CLOSED_UIDS: &str = "@closed.portico";
/// Where our feeds carry the visit's id for a system that makes UIDs of its own.
pub(crate) const VISIT_PROPERTY: &str = "X-PORTICO-VISIT";

#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub whose: String,
    pub state: EntryState,
    pub revision: Revision,
    pub visit: Option<AppointmentId>,
    pub who: Evidence,
    pub title: String,
}

pub(super) fn read(part: &Part, uid: &str, whose: &Whose, calendar: &str) -> Fields {
    Fields {
        whose: whose_of(part, whose, calendar),
        state: state(part),
        revision: revision(part),
        visit: visit(part, uid),
        who: guest(part),
        title: part.line("SUMMARY").map(Line::text).unwrap_or_default(),
    }
}

fn whose_of(part: &Part, whose: &Whose, calendar: &str) -> String {
    let joined = |name: &str| part.all(name).flat_map(Line::texts).collect::<Vec<_>>().join(", ");
    match whose {
        Whose::Location => part.line("LOCATION").map(Line::text).unwrap_or_default(),
        Whose::Organizer => {
            part.line("ORGANIZER").and_then(|line| name(line).or_else(|| email(line))).unwrap_or_default()
        }
        Whose::Resources => Some(joined("RESOURCES")).filter(|named| !named.is_empty()).unwrap_or_else(|| {
            let rooms = part.all("ATTENDEE").filter(|line| is_room(line));
            rooms.filter_map(|line| name(line).or_else(|| email(line))).collect::<Vec<_>>().join(", ")
        }),
        Whose::Categories => joined("CATEGORIES"),
        Whose::Calendar => calendar.to_owned(),
        Whose::Fixed(whose) => tidy(whose),
    }
}

fn state(part: &Part) -> EntryState {
    let says =
        |name: &str, word: &str| part.line(name).is_some_and(|line| line.value.trim().eq_ignore_ascii_case(word));
    if part.called_off || says("STATUS", "CANCELLED") || says("STATUS", "CANCELED") {
        return EntryState::Cancelled;
    }
    // Exchange says it in a word of its own, and sometimes there only.
    let free = match part.line("TRANSP") {
        Some(_) => says("TRANSP", "TRANSPARENT"),
        None => says("X-MICROSOFT-CDO-BUSYSTATUS", "FREE"),
    };
    if free { EntryState::Free } else { EntryState::Busy }
}

fn revision(part: &Part) -> Revision {
    let at = |name: &str| {
        let written = Written::parse(&part.line(name)?.value)?;
        Zone::UTC.instant(written.wall)
    };
    let sequence = part.line("SEQUENCE").and_then(|line| line.value.trim().parse().ok()).unwrap_or(0_i64);
    Revision { sequence: sequence.max(0), modified: at("LAST-MODIFIED").or_else(|| at("DTSTAMP")) }
}

fn visit(part: &Part, uid: &str) -> Option<AppointmentId> {
    let carried = part.line(VISIT_PROPERTY).and_then(|line| line.value.trim().parse().ok());
    carried.or_else(|| uid.strip_suffix(OUR_UIDS)?.parse().ok())
}

/// The one guest, if there is exactly one.
fn guest(part: &Part) -> Evidence {
    let organizer = part.line("ORGANIZER").and_then(email);
    let mut guests = part.all("ATTENDEE").filter(|line| {
        let person = line.parameter("CUTYPE").is_none_or(|kind| kind.eq_ignore_ascii_case("INDIVIDUAL"));
        let chair = line.parameter("ROLE").is_some_and(|role| role.eq_ignore_ascii_case("CHAIR"));
        person && !chair && (organizer.is_none() || email(line) != organizer)
    });
    match (guests.next(), guests.next()) {
        (Some(guest), None) => Evidence { name: name(guest), email: email(guest), ..Evidence::default() },
        _ => Evidence::default(),
    }
}

fn is_room(line: &Line) -> bool {
    line.parameter("CUTYPE").is_some_and(|kind| ["ROOM", "RESOURCE"].iter().any(|room| kind.eq_ignore_ascii_case(room)))
}

/// The name, unless it is only the address again, as Google has it.
fn name(line: &Line) -> Option<String> {
    line.parameter("CN").map(tidy).filter(|name| !name.is_empty() && !name.contains('@'))
}

fn email(line: &Line) -> Option<String> {
    let value = line.value.trim();
    let scheme = value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))?;
    let email = tidy(&value[scheme.len()..]).to_lowercase();
    let at = email.find('@')?;
    (at > 0 && !email.contains(' ')).then_some(email)
}
