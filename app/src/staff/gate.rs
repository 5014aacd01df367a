//! Who is at the desk, on the first line of every page and action. Whoever has to show once more that it is them is led
//! there and back.

use std::sync::Arc;

use portal::{
    clinic::{self, Clinic},
    hours, reconcile,
    staff::{
        Desk, DeskError, FreshDesk, Permission, Permit, desk,
        permission::{ChangeVisits, Reconcile, SeeSchedule},
    },
    waitlist,
};

use super::{kept, sign_on::sign_in_page};
use crate::{request::Request, ui::query_value, wire::Fault};

pub(super) const PROVE: &str = "/staff/prove";

/// Somebody at the desk of one clinic.
pub(super) struct AtDesk {
    pub desk: Desk,
    pub clinic: Arc<Clinic>,
    /// Visits that need a new time, people who wait for one, and questions about calendars, for the desk's links; actions do
    /// not count them.
    pub displaced: u64,
    pub waiting: u64,
    pub questions: u64,
}

impl AtDesk {
    /// Leave for an action; without it there is no such page.
    pub fn permit<P: Permission>(&self) -> Result<Permit<P>, Fault> {
        self.desk.permit(&self.clinic).ok_or(Fault::NotFound)
    }

    pub fn may<P: Permission>(&self) -> bool {
        self.desk.permit::<P>(&self.clinic).is_some()
    }

    /// The desk of who proved a moment ago who they are. `None`: the browser was sent to where it can, and from there to
    /// `next`.
    pub fn fresh_or_prove(&self, request: &Request, next: &str) -> Option<FreshDesk<'_>> {
        let fresh = self.desk.fresh();
        if fresh.is_none() {
            request.redirect(&format!("{PROVE}?next={}", query_value(next)));
        }
        fresh
    }

    pub fn url(&self, path: &str) -> String {
        format!("/staff/{}/{path}", self.clinic.profile.slug)
    }
}

/// For a page. `None`: the browser was sent to where it can show who it is.
pub(super) async fn desk_or_prove(request: &Request) -> Result<Option<Desk>, Fault> {
    let next = || query_value(&request.path_and_query());
    match desk(&request.cx, request.browser.as_ref(), request.watches).await {
        Ok(desk) => Ok(Some(desk)),
        Err(DeskError::SignIn | DeskError::SignOn) => {
            request.redirect(&sign_in_page(request, &request.path_and_query()).await?);
            Ok(None)
        }
        Err(DeskError::Prove) => {
            request.redirect(&format!("{PROVE}?next={}", next()));
            Ok(None)
        }
        Err(DeskError::Locked) => {
            request.redirect(&format!("{PROVE}?locked=yes&next={}", next()));
            Ok(None)
        }
        Err(DeskError::NotStaff) => Err(Fault::NotFound),
        Err(DeskError::Internal(error)) => Err(error.into()),
    }
}

/// At the desk of the clinic with this slug; a clinic where somebody does not work is not there.
pub(super) async fn at(request: &Request, desk: Desk, slug: &str) -> Result<AtDesk, Fault> {
    let clinic = clinic::by_slug(&request.cx, slug).await?.ok_or(Fault::NotFound)?;
    if desk.post_at(&clinic).is_none() {
        return Err(Fault::NotFound);
    }
    Ok(AtDesk { desk, clinic, displaced: 0, waiting: 0, questions: 0 })
}

pub(super) async fn page_at(request: &Request, slug: &str) -> Result<Option<AtDesk>, Fault> {
    match desk_or_prove(request).await? {
        Some(desk) => {
            let at = at(request, desk, slug).await?;
            let displaced = match at.desk.permit::<ChangeVisits>(&at.clinic) {
                Some(permit) => hours::count(&request.cx, &permit).await?,
                None => 0,
            };
            let waiting = match at.desk.permit::<SeeSchedule>(&at.clinic) {
                Some(permit) => waitlist::count(&request.cx, &permit).await?,
                None => 0,
            };
            let questions = match at.desk.permit::<Reconcile>(&at.clinic) {
                Some(permit) => {
                    let open = reconcile::open_count(&request.cx, &permit).await.unwrap_or_default();
                    open + reconcile::troubled_count(&request.cx, &permit).await.unwrap_or_default()
                }
                None => 0,
            };
            Ok(Some(AtDesk { displaced, waiting, questions, ..at }))
        }
        None => Ok(None),
    }
}

/// For an action. `None`: nothing was done, the form is kept, and the browser was sent to where it can show who it is and go
/// on with it.
pub(super) async fn action_at(request: &Request, slug: &str) -> Result<Option<AtDesk>, Fault> {
    let desk = match desk(&request.cx, request.browser.as_ref(), request.keeps).await {
        Ok(_) if request.keeps => Err(DeskError::Locked),
        outcome => outcome,
    };
    let desk = match desk {
        Ok(desk) => desk,
        Err(DeskError::SignIn | DeskError::SignOn) => return Err(Fault::SignIn),
        Err(DeskError::Prove | DeskError::Locked) => {
            let next = kept::keep(request, slug).await?;
            request.redirect(&format!("{PROVE}?locked=yes&next={}", query_value(&next)));
            return Ok(None);
        }
        Err(DeskError::NotStaff) => return Err(Fault::NotFound),
        Err(DeskError::Internal(error)) => return Err(error.into()),
    };
    at(request, desk, slug).await.map(Some)
}
