//! Keeping the chosen time. A refusal goes back to the times with its reason and what is free next; nothing else that
//! was chosen is lost.

use domain::ids::HoldId;
use jiff::Timestamp;
use portal::{
    Browser, Who,
    booking::{HoldAsk, Referral, refer, release_hold},
};

use super::{
    api::TimeForm,
    choice::{self, Chosen},
    held::carry,
    own, refusal, times,
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui,
    wire::Fault,
};

pub(super) async fn hold(request: &Request, browser: &Browser, form: &TimeForm) -> Result<(), Fault> {
    let clinic = choice::clinic(request, &form.clinic).await?;
    let back = TimeForm { start: String::new(), ..form.clone() };
    let Some(chosen) = Chosen::find(&clinic, form) else {
        request.redirect(&back.url("book/times"));
        return Ok(());
    };
    let Ok(start) = form.start.parse::<Timestamp>() else {
        let mut state = FormState::default();
        state.fail("start", "Choose a time");
        forms::save(&request.cx, browser, times::FORM, &state).await?;
        request.redirect(&back.url("book/times"));
        return Ok(());
    };
    let access = choice::access(request, &form.moves).await?;
    let own = own::live(request, &clinic, &chosen, &form.moves).await?;
    if let Some(mine) = own.into_iter().find(|h| h.span.start.start() == start) {
        return go_on(request, browser, form, mine.id).await;
    }
    let ask = HoldAsk {
        clinic: &clinic,
        service: chosen.service,
        practitioner: chosen.practitioner(),
        start,
        address: &request.address,
        moves: access.as_ref(),
    };
    match portal::booking::hold(&request.cx, &request.who(), &ask).await {
        Ok(hold) => {
            own::remember(request, browser, &clinic, hold.id, &form.with).await?;
            let referral = Referral::of(&form.source, &form.booking_referral);
            refer(&request.cx, &clinic, &hold, &referral).await?;
            go_on(request, browser, form, hold.id).await
        }
        Err(error) => {
            let refused = refusal::of(error, &clinic.zone)?;
            refusal::save(request, &refusal::of_times(form), &refused).await?;
            request.redirect(&back.url("book/times"));
            Ok(())
        }
    }
}

/// To the details; to the last step when only the time was changed there; to its own page when a visit is moved.
async fn go_on(request: &Request, browser: &Browser, form: &TimeForm, id: HoldId) -> Result<(), Fault> {
    if !form.moves.is_empty() {
        request.redirect(&format!("/visits/{}/move/{id}", ui::query_value(&form.moves)));
        return Ok(());
    }
    let base = format!("/c/{}/book/{id}", ui::query_value(&form.clinic));
    match form.instead.parse::<HoldId>() {
        Ok(old) if old != id => {
            carry(request, browser, old, id).await?;
            // The old time is free for others again; if it was not ours or is gone already, so be it.
            let _ = release_hold(&request.cx, &Who::Browser(browser.clone()), old, None).await;
            request.redirect(&format!("{base}/check"));
        }
        Ok(_) => request.redirect(&format!("{base}/check")),
        Err(_) => request.redirect(&base),
    }
    Ok(())
}
