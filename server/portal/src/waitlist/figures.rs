//! How the waitlist does: how many wait and how long, what was offered and what came of it, and how much time it filled.

use domain::booking::CELL_MINUTES;
use entity::{waitlist_entry, waitlist_offer};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr};

use super::{OfferState, State};
use crate::{
    clinic::Clinic,
    cx::Cx,
    error::Internal,
    staff::{Permit, permission::SeeSchedule},
};

/// Offers count for so long.
pub(super) const DAYS: i64 = 90;

/// Numbers of one clinic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub waiting: usize,
    /// Minutes that the one in the middle, and the first, have waited.
    pub median_minutes: i64,
    pub longest_minutes: i64,
    /// Of the last 90 days.
    pub made: i64,
    pub claimed: i64,
    pub declined: i64,
    pub unanswered: i64,
    /// Minutes of visits that were booked by offers.
    pub filled_minutes: i64,
}

#[derive(FromQueryResult)]
struct Count {
    state: String,
    offers: i64,
    cells: Option<i64>,
}

#[derive(FromQueryResult)]
struct Joined {
    joined_at: i64,
}

/// Numbers alone: nobody is looked at.
pub async fn figures(cx: &Cx, permit: &Permit<SeeSchedule>) -> Result<Figures, Internal> {
    let clinic = permit.clinic();
    let joined = waitlist_entry::Entity::find()
        .select_only()
        .column(waitlist_entry::Column::JoinedAt)
        .filter(waitlist_entry::Column::State.is_in([State::Waiting.as_str(), State::Offered.as_str()]))
        .filter(waitlist_entry::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.id.0))
        .into_model::<Joined>()
        .all(cx.db.read())
        .await?;
    of(cx, clinic, joined.into_iter().map(|row| (cx.now_ms() - row.joined_at) / 60_000).collect()).await
}

/// `waited`: the minutes that everybody who waits has.
pub(super) async fn of(cx: &Cx, clinic: &Clinic, mut waited: Vec<i64>) -> Result<Figures, Internal> {
    let since = cx.now_ms() - DAYS * 24 * 60 * 60_000;
    let counts = waitlist_offer::Entity::find()
        .select_only()
        .column(waitlist_offer::Column::State)
        .column_as(waitlist_offer::Column::Id.count(), "offers")
        .column_as(Expr::cust("CAST(SUM(\"end_cell\" - \"start_cell\") AS BIGINT)"), "cells")
        .filter(waitlist_offer::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_offer::Column::ClinicId.eq(clinic.id.0))
        .filter(waitlist_offer::Column::MadeAt.gt(since))
        .group_by(waitlist_offer::Column::State)
        .into_model::<Count>()
        .all(cx.db.read())
        .await?;
    let of = |state: OfferState| counts.iter().find(|count| count.state == state.as_str());
    let offers = |state| of(state).map_or(0, |count| count.offers);
    waited.sort_unstable();
    Ok(Figures {
        waiting: waited.len(),
        median_minutes: waited.get(waited.len() / 2).copied().unwrap_or(0),
        longest_minutes: waited.last().copied().unwrap_or(0),
        made: counts.iter().map(|count| count.offers).sum(),
        claimed: offers(OfferState::Claimed),
        declined: offers(OfferState::Declined),
        unanswered: offers(OfferState::Unanswered),
        filled_minutes: of(OfferState::Claimed).and_then(|count| count.cells).unwrap_or(0) * CELL_MINUTES,
    })
}
