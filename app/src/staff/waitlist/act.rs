//! What the actions about somebody who waits do.

use domain::{person::free_text, waitlist::Priority};
use jiff::Timestamp;
use portal::{
    booking::local_day,
    clinic::Clinic,
    staff::permission::ChangeVisits,
    waitlist::{self, ByHand, WaitlistError},
};
use uuid::Uuid;

use super::entry::form_of;
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::{EntryForm, WaitlistOfferForm},
        gate::AtDesk,
        schedule::words::{instant, typed_date, typed_time, written},
    },
    wire::Fault,
};

/// Most characters of a reason.
const WHY_MOST: usize = 500;

fn seen(form: &EntryForm) -> Result<(Uuid, Option<i64>), Fault> {
    Ok((form.entry.parse().map_err(|_| Fault::NotFound)?, form.version.parse().ok()))
}

/// Back to the entry, with what is wrong.
async fn back(request: &Request, at: &AtDesk, entry: Uuid, state: &FormState) -> Result<(), Fault> {
    let browser = request.session()?;
    if state.errors.is_empty() {
        forms::clear(&request.cx, &browser, &form_of(entry)).await?;
    } else {
        forms::save(&request.cx, &browser, &form_of(entry), state).await?;
    }
    request.redirect(&at.url(&format!("waitlist/{entry}")));
    Ok(())
}

pub(in crate::staff) async fn prioritize(request: &Request, at: &AtDesk, form: &EntryForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let seen = seen(form)?;
    let mut state = FormState::with(&[("priority", &form.priority), ("why", &form.why)]);
    let priority = form.priority.parse::<Priority>().ok();
    if priority.is_none() {
        state.fail("priority", "Choose how pressing it is");
    }
    let why = reason(&mut state, "why", &form.why, "Say why: colleagues must be able to understand the order");
    if let (Some(priority), Some(why)) = (priority, why)
        && let Err(error) = waitlist::prioritize(&request.cx, &permit, seen, (priority, &why)).await
    {
        state.fail("priority", words(&at.clinic, error)?);
    }
    back(request, at, seen.0, &state).await
}

pub(in crate::staff) async fn remove(request: &Request, at: &AtDesk, form: &EntryForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let seen = seen(form)?;
    let mut state = FormState::with(&[("reason", &form.reason)]);
    if let Some(why) = reason(&mut state, "reason", &form.reason, "Say why they are taken off the list") {
        match waitlist::remove(&request.cx, &permit, seen, &why).await {
            Ok(()) => {
                request.redirect(&at.url("waitlist"));
                return Ok(());
            }
            Err(error) => state.fail("reason", words(&at.clinic, error)?),
        }
    }
    back(request, at, seen.0, &state).await
}

pub(in crate::staff) async fn withdraw(request: &Request, at: &AtDesk, form: &EntryForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let seen = seen(form)?;
    let mut state = FormState::default();
    if let Err(error) = waitlist::withdraw_offer(&request.cx, &permit, seen).await {
        state.fail("entry", words(&at.clinic, error)?);
    }
    back(request, at, seen.0, &state).await
}

pub(in crate::staff) async fn offer(request: &Request, at: &AtDesk, form: &WaitlistOfferForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let entry: Uuid = form.entry.parse().map_err(|_| Fault::NotFound)?;
    let mut state = FormState::with(&[("with", &form.with), ("date", &form.date), ("time", &form.time)]);
    let by_button = !form.start.is_empty();
    let (field, chosen) = if by_button {
        let start = form.start.parse::<Timestamp>().map_err(|_| Fault::BadRequest)?;
        ("entry", Some((None, start)))
    } else {
        ("time", typed(&at.clinic, form, request.cx.now(), &mut state))
    };
    if let Some((practitioner, start)) = chosen {
        let body = format!("{entry} {start} {practitioner:?}").into_bytes();
        let wished = by_button.then(|| wished(request, at, entry));
        let practitioner = match wished {
            Some(wished) => wished.await?,
            None => practitioner,
        };
        let version = form.version.parse().ok();
        let what = ByHand { entry, version, practitioner, start, key: form.key.clone(), body };
        if let Err(error) = waitlist::offer_by_hand(&request.cx, &permit, &what).await {
            state.fail(field, words(&at.clinic, error)?);
        }
    }
    back(request, at, entry, &state).await
}

/// With whom somebody wants to come, if with a certain one.
async fn wished(request: &Request, at: &AtDesk, entry: Uuid) -> Result<Option<domain::ids::ResourceId>, Fault> {
    let permit = at.permit::<portal::staff::permission::SeeSchedule>()?;
    let one = waitlist::one(&request.cx, &permit, None, entry).await?.ok_or(Fault::NotFound)?;
    Ok(one.entry.wishes.practitioner)
}

/// A time that was typed.
fn typed(
    clinic: &Clinic,
    form: &WaitlistOfferForm,
    now: Timestamp,
    state: &mut FormState,
) -> Option<(Option<domain::ids::ResourceId>, Timestamp)> {
    let practitioner = clinic.practitioner(&form.with).map(|one| one.id);
    if practitioner.is_none() {
        state.fail("with", "Choose with whom");
    }
    let date = typed_date(clinic, &form.date);
    if date.is_none() {
        let like = written(clinic, local_day(&clinic.zone, now));
        state.fail("date", format!("Enter the day, like {like}"));
    }
    let Some(clock) = typed_time(&form.time) else {
        state.fail("time", "Enter the time, like 9:30");
        return None;
    };
    let start = instant(clinic, date?, clock);
    if start.is_none() {
        state.fail("time", "The clock is put forward over this time on that day. Choose another");
    }
    Some((Some(practitioner?), start?))
}

fn reason(state: &mut FormState, field: &str, typed: &str, empty: &str) -> Option<String> {
    match free_text(typed, WHY_MOST) {
        Ok(Some(why)) => Some(why),
        Ok(None) => {
            state.fail(field, empty);
            None
        }
        Err(wrong) => {
            state.fail(field, wrong.to_string());
            None
        }
    }
}

/// Why the desk cannot do it, and what to do.
pub(super) fn words(clinic: &Clinic, error: WaitlistError) -> Result<String, Fault> {
    Ok(match error {
        WaitlistError::Refused(reason) => reason.sentence(&clinic.zone),
        WaitlistError::Changed | WaitlistError::Busy => {
            "Somebody changed this while you looked at it. Look at it as it is now, and do it again".to_owned()
        }
        WaitlistError::WrongState(state) => match state {
            waitlist::State::Offered => "They are being asked about another time already".to_owned(),
            waitlist::State::Waiting => "No offer is open any more".to_owned(),
            _ => "They do not wait any more".to_owned(),
        },
        WaitlistError::EarlierVisit => "They have a visit of this kind before that time already".to_owned(),
        WaitlistError::TooLate { .. } => {
            "They have a visit of this kind that begins too soon to be moved online. Move it on the schedule".to_owned()
        }
        WaitlistError::NoTimeToAnswer => {
            "Nobody could answer in time: it is night, or the time is too near. Ring them, and book it on the schedule"
                .to_owned()
        }
        WaitlistError::KeyReused => "This form was sent before with other words. Open it anew".to_owned(),
        WaitlistError::Forbidden => "This is not your schedule. Ask the front desk".to_owned(),
        WaitlistError::Off => "There is no waitlist for this visit".to_owned(),
        WaitlistError::Already(_) => "They are on the waitlist for this visit already".to_owned(),
        WaitlistError::Dates => "The last day must lie ahead and within a year".to_owned(),
        WaitlistError::Practitioner => "Choose somebody who does this visit, or anyone".to_owned(),
        WaitlistError::Internal(error) => return Err(error.into()),
        _ => return Err(Fault::NotFound),
    })
}
