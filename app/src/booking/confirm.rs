//! The last step's button. Sent twice it books once; refused, it says why and keeps everything.

use domain::{clinic::Mode, ids::AppointmentId};
use portal::{
    Browser, Who,
    booking::{Booking, BookingError, Person},
};

use super::{
    check::{complete, of_check},
    gone::still,
    held::{Held, Standing, details_form, latest_form, standing},
    refusal,
    typed::{Typed, Whom},
};
use crate::{forms, request::Request, wire::Fault};

pub(super) async fn confirm(request: &Request, browser: &Browser, clinic: &str, hold: &str) -> Result<(), Fault> {
    let held = Held::find(request, clinic, hold).await?;
    let asked = held.hold.id;
    let Some(held) = still(request, browser, held).await? else { return Ok(()) };
    if held.hold.id != asked {
        // It ran out and is kept again: said on the page, and booked by the button there.
        request.redirect(&held.url("check"));
        return Ok(());
    }
    let Some(typed) = complete(request, &held).await? else {
        // Sent twice at once: the other may have booked meanwhile and cleared what was typed.
        let held = Held::find(request, clinic, hold).await?;
        return match standing(&held.hold) {
            Standing::Booked(visit) => booked(request, browser, &held, visit).await,
            Standing::Live | Standing::Ended => Ok(()),
        };
    };
    let booking = booking(&held, &typed)?;
    let who = Who::Browser(browser.clone());
    match portal::booking::confirm(&request.cx, &who, held.hold.id, None, &booking).await {
        Ok(confirmed) => booked(request, browser, &held, confirmed.id).await,
        Err(BookingError::AlreadyConfirmed(visit)) => booked(request, browser, &held, visit).await,
        Err(BookingError::EmailNotProved) => {
            request.redirect(&held.url("code"));
            Ok(())
        }
        // It ended between the look and the booking: the page of the hold knows what to do.
        Err(BookingError::HoldEnded { .. }) => {
            request.redirect(&held.url(""));
            Ok(())
        }
        Err(error) => {
            let refused = refusal::of(error, &held.clinic.zone)?;
            refusal::save(request, &of_check(&held), &refused).await?;
            request.redirect(&held.url("check"));
            Ok(())
        }
    }
}

async fn booked(request: &Request, browser: &Browser, held: &Held, visit: AppointmentId) -> Result<(), Fault> {
    forms::clear(&request.cx, browser, &details_form(held.hold.id)).await?;
    forms::clear(&request.cx, browser, &latest_form(&held.clinic)).await?;
    request.redirect(&format!("/visits/{visit}/booked"));
    Ok(())
}

fn booking(held: &Held, typed: &Typed) -> Result<Booking, Fault> {
    let (person, relation, name) = match &typed.whom {
        Whom::Known(known) => (Person::Chart(known.id), known.relation.clone(), known.id.to_string()),
        Whom::Named { given, family, birth, relation } => {
            let person = Person::Named {
                given: given.clone(),
                family: family.clone(),
                birth_date: *birth,
                email: typed.email.clone(),
                phone: typed.phone.clone(),
            };
            let name = format!("{}\n{}\n{birth}", given.as_ref().map_or("", |given| given.as_str()), family.as_str());
            (person, relation.clone(), name)
        }
    };
    let phone = typed.phone.as_ref().map(|p| p.as_str().to_owned());
    // A chart that is there already keeps its number, and the clinic has to know which one to ring now.
    let reason = match (&phone, held.service.plan.mode) {
        (Some(phone), Mode::Phone) => {
            Some(format!("Ring {phone}\n{}", typed.reason.as_deref().unwrap_or_default()).trim_end().to_owned())
        }
        _ => typed.reason.clone(),
    };
    let equal = (held.hold.id.to_string(), name, &relation, typed.email.folded(), &phone, &reason, &typed.intake);
    let body = serde_json::to_vec(&equal).map_err(|_| Fault::Internal)?;
    let key = format!("page:{}", held.hold.id);
    Ok(Booking { person, relation, reason, intake: typed.intake.clone(), key, body })
}
