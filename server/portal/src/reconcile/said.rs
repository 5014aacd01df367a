//! How somebody says that a calendar is read, checked: pages and programs say it alike.

use domain::person::free_text;

use super::source::{Kind, Settings};
use crate::clinic::Clinic;

/// Which part of an iCalendar entry says whose time it takes.
pub const WHOSE: [&str; 5] = ["location", "resources", "categories", "organizer", "calendar"];
/// Minutes between two fetches of a feed.
const EVERY: std::ops::RangeInclusive<i64> = 5..=24 * 60;
/// Minutes that the clinic has to take a visit over.
const GRACE: std::ops::RangeInclusive<i64> = 10..=30 * 24 * 60;

/// As it was said.
#[derive(Clone, Debug)]
pub struct Said {
    /// At most 100 characters.
    pub name: String,
    /// Of a feed: `https`, `http` or `webcal`.
    pub address: String,
    pub user: String,
    /// Empty: as it is, as long as there is a user and the server is the same.
    pub password: String,
    pub every_minutes: i64,
    /// Whose calendar it is, slug or id; empty: each entry says whose.
    pub resource: String,
    /// One of [`WHOSE`].
    pub whose: String,
    pub titles: bool,
    pub time_alone: bool,
    pub grace_minutes: i64,
}

/// What is wrong, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaidMistake {
    /// As `Said` calls it.
    pub field: &'static str,
    pub words: &'static str,
}

impl Default for Said {
    fn default() -> Self {
        let Settings { every_minutes, whose, titles, time_alone, grace_minutes, .. } = Settings::default();
        let [name, address, user, password, resource] = [const { String::new() }; 5];
        Self { name, address, user, password, every_minutes, resource, whose, titles, time_alone, grace_minutes }
    }
}

impl Said {
    /// What stands, for changing some of it.
    pub fn of(clinic: &Clinic, name: &str, settings: &Settings) -> Self {
        let resource = settings.resource.and_then(|id| clinic.resource(id));
        Self {
            name: name.to_owned(),
            address: settings.address.clone().unwrap_or_default(),
            user: settings.user.clone().unwrap_or_default(),
            password: String::new(),
            every_minutes: settings.every_minutes,
            resource: resource.map(|one| one.plan.slug.clone()).unwrap_or_default(),
            whose: settings.whose.clone(),
            titles: settings.titles,
            time_alone: settings.time_alone,
            grace_minutes: settings.grace_minutes,
        }
    }

    /// Name and settings: what is said of `was`, with the names and columns that it has.
    pub fn check(
        &self,
        clinic: &Clinic,
        kind: Kind,
        was: Option<&Settings>,
    ) -> Result<(String, Settings), Vec<SaidMistake>> {
        let mut wrong = Vec::new();
        let mut fail = |field, words| wrong.push(SaidMistake { field, words });
        let mut settings = was.cloned().unwrap_or_default();
        let name = free_text(&self.name, 100);
        if name.is_err() {
            fail("name", "Use at most 100 characters");
        }
        let name = name.ok().flatten();
        if name.is_none() && self.name.trim().is_empty() {
            fail("name", "Enter what the calendar is called");
        }
        if kind == Kind::Feed {
            let address = self.address.trim();
            let schemes = ["https://", "http://", "webcal://"];
            if address.len() > 2000 || !schemes.iter().any(|scheme| address.to_lowercase().starts_with(scheme)) {
                fail("address", "Enter the address of the calendar, like https://example.com/calendar.ics");
            }
            let user = Some(self.user.trim().to_owned()).filter(|user| !user.is_empty());
            let kept = settings.password.take().filter(|_| user.is_some());
            // A password is of one server, and is not sent to another because somebody changed the address.
            let moved = settings.address.as_deref().is_some_and(|from| host(from) != host(address));
            if moved && self.password.is_empty() && kept.is_some() {
                fail("password", "Enter the password for the new address, or leave the user name empty");
            }
            settings.password = if self.password.is_empty() { kept } else { Some(self.password.clone()) };
            settings.address = Some(address.to_owned());
            settings.user = user;
            if !EVERY.contains(&self.every_minutes) {
                fail("every_minutes", "A feed is fetched every 5 to 1440 minutes");
            }
            settings.every_minutes = self.every_minutes;
        }
        let resource = clinic.resource_named(&self.resource).filter(|one| one.active).map(|one| one.id);
        if !self.resource.is_empty() && resource.is_none() {
            fail("resource", "Choose whose calendar it is");
        }
        settings.resource = resource;
        if !WHOSE.contains(&self.whose.as_str()) {
            fail("whose", "Choose location, resources, categories, organizer or calendar");
        }
        settings.whose.clone_from(&self.whose);
        settings.titles = self.titles;
        settings.time_alone = self.time_alone;
        if !GRACE.contains(&self.grace_minutes) {
            fail("grace_minutes", "The clinic has 10 minutes to 30 days to take a visit over");
        }
        settings.grace_minutes = self.grace_minutes;
        match name.filter(|_| wrong.is_empty()) {
            Some(name) => Ok((name, settings)),
            None => Err(wrong),
        }
    }
}

/// The part of an address that says whom a password is sent to.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_of_one_server() {
        let one = "https://calendar.example.com/a.ics";
        for same in
            ["https://calendar.example.com/b", "webcal://Calendar.Example.com?x", "http://calendar.example.com#y"]
        {
            assert_eq!(host(one), host(same), "{same}");
        }
        for other in ["https://calendar.example.com.evil.example/a.ics", "https://evil.example/calendar.example.com"] {
            assert_ne!(host(one), host(other), "{other}");
        }
    }
}
