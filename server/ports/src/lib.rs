//! The outside world as traits: time, chance, mail, other calendars, identity providers. The real ones live in `adapters`; the
//! fakes here are for tests and behave as badly as the world does.

mod calendar_reader;
mod clock;
mod identity_provider;
mod mailer;
mod rng;

pub use calendar_reader::{Asked, CalendarReader, FakeCalendarReader, FetchError, Fetched};
pub use clock::{Clock, FixedClock, SystemClock};
pub use identity_provider::{
    Answered, IdentityProvider, NoProviders, ProviderError, RelyingParty, SignOnRequest, Vouched,
};
pub use mailer::{FakeMailer, Mail, MailError, Mailer, Method};
pub use rng::{Rng, SeededRng, SystemRng};

use uuid::Uuid;

/// A new UUIDv7 from the injected clock and randomness.
pub fn new_id(clock: &dyn Clock, rng: &dyn Rng) -> Uuid {
    let mut random = [0_u8; 10];
    rng.fill(&mut random);
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
