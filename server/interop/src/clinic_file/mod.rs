//! The clinic file: a clinic, its services, people, rooms and devices, as one TOML text.
//!
//! `parse` turns it into a `domain::clinic::ClinicPlan` or into every problem it has. `raw` and `section` are the tree
//! with its positions, `value`, `text`, `amount` and `windows` the single values, `settings`, `hours`, `clinic`, `services` and
//! `resources` the tables, `who` whom a visit is for, `check` and `days` what spans them. `write` is the way back, and `typed`
//! reads single parts for screens. `sign_on` reads another file the same way; `mistake` tells what shows only when a file is used.
//!
//! # Clinic file reference
//!
//! A clinic file is [TOML](https://toml.io), one file for each clinic. Things refer to one another by **slug**: a short
//! name of 1 to 40 of `a-z`, `0-9` and `-` that stays the same from import to import. Unknown fields are problems. A file has
//! at most 2 MiB.
//!
//! | Written as | Type | Examples and limits |
//! |---|---|---|
//! | length of time | text with units `min`, `h`, `days`, `weeks`, or a number of minutes | `"30 min"`, `"1 h 30 min"`, `45` |
//! | days | the same, in whole days; a plain number is days | `"90 days"`, `"2 weeks"`, `90` |
//! | date | TOML date or text, 2000 to 2199 | `2026-12-24` |
//! | window | text, local wall time, on five minutes | `"08:00-12:30"`; `"20:00-02:00"` ends on the next day; `"00:00-24:00"` is a whole day |
//! | windows of a day | list of windows that do not overlap, also after midnight; at most 24 | `["08:00-12:00", "13:00-18:00"]`; `[]` is closed |
//! | line | text on one line, not empty | |
//! | prose | text, may have several lines or be empty | |
//! | name | line of at most 120 characters | |
//! | language tag | BCP 47 | `"en"`, `"en-DE"`, `"zh-Hant"` |
//!
//! ## `[tenant]` (required)
//!
//! The healthcare network the clinic belongs to.
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `slug` | slug | | required |
//! | `name` | name | | required |
//! | `booking` | table | see [booking settings](#booking-settings) | nothing stated |
//! | `growing_up` | table | from which ages on parents reach less, below | |
//!
//! What `[tenant.growing_up]` says, in completed years, each at least the one before. It holds for everybody who reaches a
//! child's records for them, and not for whom a young person invited. A file without it leaves what the network says.
//!
//! | Field | Type | From this age on | Default |
//! |---|---|---|---|
//! | `hide_sensitive` | number, 0 to 25 | results, notes, and what is sensitive in the profile are hidden from parents | 12 |
//! | `narrow` | number, 0 to 25 | parents only book and pay | 16 |
//! | `of_age` | number, 0 to 25 | a parent's access ends | 18 |
//!
//! ## `[clinic]` (required)
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `slug` | slug | | required |
//! | `name` | name | | required |
//! | `kind` | line | at most 80 characters, such as `"Family practice"` | required |
//! | `about` | prose | at most 2000 characters | empty |
//! | `zone` | text | IANA time zone, such as `"Europe/Berlin"` | required |
//! | `zone_name` | line | at most 60 characters; what people call the zone | last part of `zone`, such as `Berlin` |
//! | `currency` | text | a code of ISO 4217, 3 capital letters | required |
//! | `locale` | language tag | decides 12 or 24 hour times | required |
//! | `languages` | list of language tags | at most 30; languages spoken | the language of `locale` |
//! | `phone` | text | 6 to 15 digits | required |
//! | `email` | text | an email address | required |
//! | `emergency` | line | at most 300 characters, such as `"In an emergency call 112."` | required |
//! | `directions` | prose | at most 1000 characters; how to get there and in | empty |
//! | `address` | table | below | required |
//! | `booking` | table | see [booking settings](#booking-settings) | nothing stated |
//! | `opening`, `opening_period`, `exceptions` | tables | when the doors are open, see [hours](#hours) | no opening hours shown |
//! | `closures` | tables | below | none |
//!
//! `[clinic.address]` (required)
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `street` | line | at most 120 characters | required |
//! | `postcode` | line | at most 20 characters | empty |
//! | `city` | line | at most 80 characters | required |
//! | `region` | line | at most 80 characters | empty |
//! | `country` | text | a code of ISO 3166-1, 2 capital letters | required |
//! | `latitude`, `longitude` | text or number | degrees, -90 to 90 and -180 to 180; both or neither | none |
//!
//! `[[clinic.closures]]`: days on which the whole clinic is closed. Every start on these local days is refused; hours that
//! run past midnight keep what lies on the next day
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `from` | date | first day closed | required |
//! | `until` | date | last day closed, not before `from` | `from` |
//! | `reason` | line | at most 120 characters; patients read it | required |
//! | `holiday` | true or false | a public holiday | `false` |
//!
//! ## `[[services]]` (at least one)
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `slug` | slug | unique among services; at least one practitioner must offer it | required |
//! | `name` | name | | required |
//! | `about` | prose | at most 2000 characters | empty |
//! | `speciality` | line | at most 80 characters | empty |
//! | `mode` | text | `"in_person"`, `"video"`, `"phone"` | `"in_person"` |
//! | `bring` | list of lines | at most 20 of at most 200 characters | none |
//! | `price` | text | amount in the clinic's currency with all its decimals or none: `"85"`, `"85.00"`, yen `"8500"`, dinar `"1.250"` | no price shown |
//! | `booking` | table | see [booking settings](#booking-settings) | nothing stated |
//! | `who` | table | below | everybody |
//! | `needs` | list of lists of slugs | rooms and devices; one of every inner list is needed: `[["room-1", "room-2"], ["ultrasound"]]` | nothing |
//!
//! `[services.who]`: who may book
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `established` | true or false | `true`: only people who have been here; `false`: only people who have not | both |
//! | `sex` | text | `"female"`, `"male"`: only where the visit makes sense for one alone. Whose chart says the other is refused; whose chart says neither is not | everybody |
//! | `min_age`, `max_age` | number | completed years on the day of the visit, 0 to 130, both included; the first not above the second | no limit |
//! | `referral` | true or false | the patient must say that they have a referral | `false` |
//! | `paid_by` | list of texts | who may pay: `"public"` and `"private"` insurance, `"self"`. Whoever books is asked | nobody is asked |
//! | `questions` | tables | at most 8, below. Each is answered with yes or no before the visit can be booked | none |
//!
//! `[[services.who.questions]]`: the answers are kept with the visit, and the clinic reads them
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `slug` | slug | unique among the visit's questions | required |
//! | `ask` | line | at most 200 characters | required |
//! | `answer` | text | `"yes"` or `"no"`: the answer with which the visit can be booked | either will do |
//! | `otherwise` | line | at most 300 characters; what the patient reads whose answer is another: why not, and what to do | required with `answer` |
//!
//! ## `[[practitioners]]` (at least one)
//!
//! A practitioner is whoever or whatever people book: a person, a team, a class.
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `slug` | slug | unique among practitioners, rooms and devices | required |
//! | `name` | name | | required |
//! | `role` | line | at most 80 characters | empty |
//! | `about` | prose | at most 2000 characters | empty |
//! | `languages` | list of language tags | at most 30 | none |
//! | `capacity` | number | visits at the same time, 1 to 200 | 1 |
//! | `services` | list of slugs | services offered, each once | required |
//! | `booking` | table | see [booking settings](#booking-settings) | nothing stated |
//! | `hours`, `hours_period`, `exceptions` | tables | see [hours](#hours) | `hours` or `hours_period` required |
//! | `differs` | tables | `[practitioners.differs.followup]`: booking settings of this practitioner for one of their services | nothing |
//!
//! ## `[[rooms]]` and `[[devices]]`
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `slug` | slug | unique among practitioners, rooms and devices | required |
//! | `name` | name | | required |
//! | `about` | prose | at most 2000 characters | empty |
//! | `capacity` | number | visits at the same time, 1 to 200 | 1 |
//! | `hours`, `hours_period`, `exceptions` | tables | see [hours](#hours) | usable whenever the practitioner is there |
//!
//! ## Hours
//!
//! `[practitioners.hours]`, and likewise `[rooms.hours]`, `[devices.hours]` and `[clinic.opening]`
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun` | windows of a day | | closed |
//!
//! `[[practitioners.hours_period]]` (`[[clinic.opening_period]]`): a range of dates in which these hours hold **instead of**
//! the usual ones, for the whole week. Periods must not share a day.
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `from`, `until` | date | first and last day; at least one of them | open-ended |
//! | `mon` to `sun` | windows of a day | | closed |
//!
//! `[[practitioners.exceptions]]`, and likewise `[[rooms.exceptions]]`, `[[devices.exceptions]]` and `[[clinic.exceptions]]`:
//! one date whose windows replace the weekly ones. Only beside hours (`opening`) to be changed
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `date` | date | each once | required |
//! | `hours` | windows of a day | | absent that day; of the clinic: the doors are closed, whoever is there (nobody is booked on a `closures` day) |
//! | `note` | line | at most 120 characters; patients read it | none |
//! | `booking` | table | see [booking settings](#booking-settings); of a practitioner or the clinic, whose holds for everybody that day; a `duration` must fit into the practitioner's day | nothing stated |
//!
//! ## Booking settings
//!
//! Inherited field by field: `[tenant.booking]`, `[clinic.booking]`, `[services.booking]`, `[practitioners.booking]`,
//! `[practitioners.differs.SERVICE]`, and on a single date `[clinic.exceptions.booking]`, `[practitioners.exceptions.booking]`;
//! a later one wins. Those of a date are for visits that start on it.
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `duration` | length of time | 5 min to 24 h in steps of 5 min; must fit in somebody's hours | 30 min |
//! | `buffer_before`, `buffer_after` | length of time | 0 to 4 h in steps of 5 min | 0 min |
//! | `gap` | text | between two visits lies the `"larger"` of their buffers, or the `"sum"` | `"larger"` |
//! | `grid` | length of time | a start every so often, 5 min to 24 h in steps of 5 min | 15 min |
//! | `grid_offset` | length of time | shifts the starts from midnight, 0 to 1435 min in steps of 5 min | 0 min |
//! | `notice_book` | length of time | least notice to book, 0 to 365 days in steps of 5 min | 2 h |
//! | `notice_move`, `notice_cancel` | length of time | least notice to move and to cancel, likewise | 24 h |
//! | `horizon` | days | how far ahead people may book, 1 to 730 | 90 days |
//! | `bookable_from`, `bookable_until` | date | only these days may be booked | no limit |
//! | `hold` | length of time | how long a time is kept while somebody books, 2 min to 1 h, at most `hold_most` | 10 min |
//! | `hold_most` | length of time | the most when kept longer, 2 min to 1 h | 1 h |
//! | `waitlist` | true or false | people may wait for a time to become free | `true` |
//! | `waitlist_offer` | length of time | how long somebody who waits has to answer an offer, 10 min to 24 h in steps of 5 min; 21:00 to 7:00 does not count | 1 h |
//! | `max_active` | number | visits of this service one patient may have ahead, 1 to 100 | 2 |
//! | `max_per_period` | number | visits of this service in any `period`, 1 to 100; only with `period` | no limit |
//! | `period` | days | 1 to 730; only with `max_per_period` | none |
//! | `needs_approval` | true or false | the clinic confirms every booking by hand | `false` |

mod amount;
mod check;
mod clinic;
mod days;
mod hours;
mod mistake;
mod raw;
mod resources;
mod section;
mod services;
mod settings;
mod sign_on;
mod text;
pub mod typed;
mod value;
mod who;
mod windows;
mod write;

use domain::clinic::ClinicPlan;
pub use mistake::{Mistake, line_of};
use section::Section;
pub use sign_on::parse_sign_on;
use toml::de::DeTable;
pub use write::{places, said_in_force, said_settings, said_windows, write};

const ROOT: &[&str] = &["tenant", "clinic", "services", "practitioners", "rooms", "devices"];
/// Far above any clinic, far below what would take noticeable time.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// One thing that is wrong with a clinic file, for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {field}: {wrong}. Allowed: {allowed}.")]
pub struct Problem {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Such as `practitioners.weber.hours.mon`; an entry without a proper slug goes by its place: `services[2].slug`.
    pub field: String,
    pub wrong: String,
    pub allowed: String,
}

/// Reads a clinic file. On failure gives every problem there is, in the order of the lines, and at least one;
/// text that is no TOML is reported alone.
pub fn parse(file_name: &str, text: &str) -> Result<ClinicPlan, Vec<Problem>> {
    read_file(file_name, text, ROOT, read)
}

/// Reads a file with these tables and fields.
fn read_file<T>(
    file_name: &str,
    text: &str,
    known: &'static [&'static str],
    read: impl FnOnce(&Section<'_>) -> T,
) -> Result<T, Vec<Problem>> {
    let log = raw::Log::new(file_name, text);
    if text.len() > MOST_BYTES {
        log.push(0, "file", "this file is too large", "at most 2 MiB");
        return Err(log.into_problems());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(text.len(), |span| span.start);
        // Once the parser has lost its way, what it says of the rest of the line helps nobody.
        if log.told_of_line(at) {
            continue;
        }
        let wrong = error.message().lines().collect::<Vec<_>>().join(", ");
        // A day that no calendar has is no mistake of the language's.
        let begun = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        match begun.split_once('=').map(|(field, _)| field.trim()).filter(|_| wrong.contains("date")) {
            Some(field) => log.push(at, field, wrong, "a date like 2026-02-28, a time like 08:30"),
            None => log.push(at, "syntax", wrong, "TOML, see https://toml.io"),
        }
    }
    if !errors.is_empty() {
        return Err(log.into_problems());
    }

    let plan = read(&Section::root(&log, &table, known));
    let problems = log.into_problems();
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

fn read(root: &Section<'_>) -> ClinicPlan {
    let tenant = clinic::read_tenant(root);
    let clinic = clinic::read_clinic(root);
    let mut services = services::read(root, &clinic.currency);
    let resources = resources::read(root);

    check::unique_slugs(services.iter().map(|s| (&s.at, s.plan.slug.as_str())));
    check::unique_slugs(resources.iter().map(|r| (&r.at, r.plan.slug.as_str())));
    check::needs(&mut services, &resources);
    check::offerings(&mut services, &resources);

    check::inherited(root, (&tenant, &clinic), &services, &resources);
    ClinicPlan {
        tenant,
        clinic,
        services: services.into_iter().map(|s| s.plan).collect(),
        resources: resources.into_iter().map(|r| r.plan).collect(),
    }
}

#[cfg(test)]
mod tests;
