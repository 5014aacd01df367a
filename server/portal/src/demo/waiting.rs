//! Those who wait for the day on which nothing is left, so that the demo shows who is next and why. Whoever cancels a visit
//! of that day sees the first of them asked.

use std::sync::Arc;

use domain::{
    booking::Intake,
    person::{Email, Name},
    waitlist::{Days, Parts, Priority, Wishes},
};
use jiff::{ToSpan, civil::Date};
use ports::FixedClock;

use super::{DemoError, desk_client, find, people::WAITING};
use crate::{
    booking::ForWhom,
    cx::Cx,
    patients::ChartRecord,
    staff::Permit,
    waitlist::{self, Adding, WaitlistError},
};

/// Days ago, and how pressing it is, of each who waits.
const SINCE: [(i64, Priority, Option<&str>); 4] = [
    (16, Priority::Routine, None),
    (9, Priority::Soon, Some("Wound to be looked at within two weeks")),
    (5, Priority::Routine, None),
    (1, Priority::Urgent, Some("Dr Weber asked for it")),
];

pub(super) async fn wait_for(
    cx: &Cx,
    clock: &Arc<FixedClock>,
    (slug, practitioner, service): (&str, &str, &str),
    day: Date,
) -> Result<(), DemoError> {
    let now = cx.now();
    for ((days, priority, why), person) in SINCE.into_iter().zip(&WAITING) {
        clock.set(now - (days * 24).hours());
        let clinic = find(cx, slug).await?;
        let Some(asked) = clinic.service(service) else { continue };
        let client = desk_client(&clinic);
        let no = |_| DemoError::File("the demo's program has no permit".to_owned());
        let name = |text: &str| Name::parse(text).map_err(|e| DemoError::File(e.to_string()));
        let record = ChartRecord {
            email: Some(Email::parse(&person.email()).map_err(|e| DemoError::File(e.to_string()))?.as_str().to_owned()),
            ..ChartRecord::named(name(person.given)?.as_str(), name(person.family)?.as_str(), person.birth_date())
        };
        let what = Adding {
            service: asked.id,
            whom: ForWhom::New(Permit::of_program(&client, &clinic).map_err(no)?, Box::new(record)),
            wishes: Wishes {
                practitioner: clinic.practitioner(practitioner).map(|one| one.id),
                days: Days::ANY,
                parts: Parts::ANY,
                from: day,
                until: day,
                notice: 120,
            },
            intake: Intake::default(),
            about: None,
            priority,
            priority_why: why.map(str::to_owned),
            key: cx.id().to_string(),
            body: Vec::new(),
        };
        match waitlist::add(cx, &Permit::of_program(&client, &clinic).map_err(no)?, &what).await {
            Ok(_) => {}
            Err(WaitlistError::Internal(error)) => return Err(error.into()),
            Err(error) => return Err(DemoError::File(error.to_string())),
        }
    }
    clock.set(now);
    Ok(())
}
