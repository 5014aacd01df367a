use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use futures::future::BoxFuture;

/// What a calendar's address answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The same as when the given tag was made.
    NotModified,
    /// At most 10 MB, whole, and of any encoding. The tag is for the next time.
    Body { bytes: Vec<u8>, etag: Option<String> },
}

/// Why there is nothing to read. The words are for staff, and say nothing of what is inside our network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody there, a broken connection, an answer that was cut off, a certificate that is not right.
    #[error("the calendar cannot be reached: {0}")]
    Unreachable(String),
    /// The server's status: 401 and 403 are about the password, 404 and 410 about the address.
    #[error("the calendar's server refused with status {0}")]
    Refused(u16),
    #[error("the calendar is larger than 10 MB")]
    TooLarge,
    /// An address that Portico does not go to.
    #[error("this address is not allowed: {0}")]
    NotAllowed(String),
    #[error("the calendar's server took too long")]
    Timeout,
}

/// Reads calendars from other people's servers: feeds, files, CalDAV collections. Changes nothing there.
pub trait CalendarReader: Send + Sync {
    /// `login` is a user and a password; `etag` what came with the last answer.
    fn fetch<'a>(
        &'a self,
        url: &'a str,
        login: Option<(&'a str, &'a str)>,
        etag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>>;
}

/// Calendars that tests command. Like real servers they are away for a while, forget what they knew of tags, answer with
/// half of a file, or want a password.
#[derive(Default)]
pub struct FakeCalendarReader(Mutex<Fake>, OnceLock<Arc<dyn CalendarReader>>);

#[derive(Debug, Default)]
struct Fake {
    calendars: HashMap<String, Vec<u8>>,
    logins: HashMap<String, (String, String)>,
    failures: Vec<Failure>,
    asked: Vec<Asked>,
}

#[derive(Clone, Debug)]
enum Failure {
    Error(FetchError),
    /// Only the first bytes come, and nobody says so.
    Cut(usize),
    /// As if the tag were another's.
    Forgets,
}

/// What a fake was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub url: String,
    pub user: Option<String>,
    pub etag: Option<String>,
}

impl FakeCalendarReader {
    fn fake(&self) -> MutexGuard<'_, Fake> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the world itself is asked.
    pub fn ask(&self, world: Arc<dyn CalendarReader>) {
        let _asked_already = self.1.set(world);
    }

    /// What stands at an address from now on.
    pub fn put(&self, url: &str, body: impl Into<Vec<u8>>) {
        self.fake().calendars.insert(url.to_owned(), body.into());
    }

    /// Nothing stands there any more: 404.
    pub fn remove(&self, url: &str) {
        self.fake().calendars.remove(url);
    }

    /// Whoever does not say this is refused with 401.
    pub fn wants(&self, url: &str, user: &str, password: &str) {
        self.fake().logins.insert(url.to_owned(), (user.to_owned(), password.to_owned()));
    }

    /// The next `times` fetches fail like this.
    pub fn fail(&self, times: usize, error: FetchError) {
        self.plan(times, Failure::Error(error));
    }

    /// The next `times` fetches give the first `bytes` only.
    pub fn cut(&self, times: usize, bytes: usize) {
        self.plan(times, Failure::Cut(bytes));
    }

    /// The next `times` fetches give everything again, whatever the tag.
    pub fn forget(&self, times: usize) {
        self.plan(times, Failure::Forgets);
    }

    fn plan(&self, times: usize, failure: Failure) {
        self.fake().failures.extend(std::iter::repeat_n(failure, times));
    }

    /// What was asked since the last time.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.fake().asked)
    }

    fn answer(&self, url: &str, login: Option<(&str, &str)>, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let mut fake = self.fake();
        let user = login.map(|(user, _)| user.to_owned());
        fake.asked.push(Asked { url: url.to_owned(), user, etag: etag.map(str::to_owned) });
        let failure = (!fake.failures.is_empty()).then(|| fake.failures.remove(0));
        if let Some(Failure::Error(error)) = failure {
            return Err(error);
        }
        if fake.logins.get(url).is_some_and(|(user, password)| login != Some((user.as_str(), password.as_str()))) {
            return Err(FetchError::Refused(401));
        }
        let bytes = fake.calendars.get(url).ok_or(FetchError::Refused(404))?;
        let tag = tag_of(bytes);
        match failure {
            Some(Failure::Cut(most)) => {
                Ok(Fetched::Body { bytes: bytes[..most.min(bytes.len())].to_vec(), etag: None })
            }
            None if etag == Some(tag.as_str()) => Ok(Fetched::NotModified),
            _ => Ok(Fetched::Body { bytes: bytes.clone(), etag: Some(tag) }),
        }
    }
}

/// Another for other bytes, and of the same the same (FNV-1a).
fn tag_of(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("\"{hash:x}\"")
}

impl CalendarReader for FakeCalendarReader {
    fn fetch<'a>(
        &'a self,
        url: &'a str,
        login: Option<(&'a str, &'a str)>,
        etag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        if let Some(world) = self.1.get() {
            return world.fetch(url, login, etag);
        }
        let answer = self.answer(url, login, etag);
        Box::pin(async move { answer })
    }
}
