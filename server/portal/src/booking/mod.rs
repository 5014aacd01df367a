//! Booking: what is free, keeping a time, confirming, moving, cancelling. The rules are `domain::booking`'s; here they
//! meet the database. `lanes` holds occupancy, `facts` what is known of a patient;
//! `stranded`, `displaced` and `alternatives` are visits whose place went because the clinic changed (rule 19).

mod alternatives;
pub(crate) mod at_desk;
mod availability;
pub(crate) mod block;
mod blocks;
mod cancel;
mod confirm;
mod day;
pub(crate) mod displaced;
mod error;
pub(crate) mod event;
mod facts;
mod free_at_desk;
mod held;
mod hold;
pub(crate) mod lanes;
pub(crate) mod maps;
mod moving;
pub(crate) mod offered;
mod placing;
mod progress;
mod referral;
mod refusal;
mod stranded;
mod sweep;

pub use alternatives::{KeptTime, accept, accept_at_desk};
pub(crate) use alternatives::{kept_times, offer_times};
pub(crate) use at_desk::find as visit_at_desk;
pub use at_desk::{Apart, ForWhom, Moving, Overriding, Placing, call_off, place, rehearse, shift};
pub use availability::{Availability, AvailabilityQuery, Day, RefusedStart, Start, availability, next_starts};
pub use block::{BlockError, Blocking, block, unblock};
pub use blocks::{Closed, blocks, closed};
pub use cancel::cancel;
pub(crate) use cancel::{cancel_by_clinic, cancel_for_clinic};
pub(crate) use confirm::said_of;
pub use confirm::{Booking, Confirmed, Person, confirm};
pub use day::{Calling, advance, call, is_too_early};
pub(crate) use displaced::follow;
pub use error::BookingError;
pub use free_at_desk::{Wanted, likely_for, next_at_desk};
pub use held::{Hold, HoldState, extend, find_hold, release_hold};
pub use hold::{HoldAsk, hold};
pub use moving::reschedule;
pub(crate) use progress::{progress, step};
pub use referral::{Referral, Referred, refer, refer_again, referrals};
pub(crate) use stranded::{Extent, Lost, any_ahead, judged, lost_among, lost_one};
pub use sweep::sweep;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The clinic's local day of an instant.
pub fn local_day(zone: &TimeZone, at: Timestamp) -> Date {
    zone.to_datetime(at).date()
}
