//! What is free, and why the rest is not.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    booking::{
        Ask, Candidate, Cell, Offer, PatientFacts, Placement, Purpose, Reason, Span, Verdict, each_candidate,
        next_free,
        offer::{ResourceRules, read_span},
    },
    ids::ResourceId,
};
use jiff::{ToSpan, civil::Date};
use sea_orm::ConnectionTrait;

use super::{lanes, local_day, sweep};
use crate::{
    clinic::{Clinic, Service},
    cx::Cx,
    error::Internal,
};

/// Which free times are wanted. Days are local to the clinic, both included; at most 92.
#[derive(Clone, Debug)]
pub struct AvailabilityQuery<'a> {
    pub service: &'a Service,
    /// `None`: any practitioner.
    pub practitioner: Option<ResourceId>,
    pub from: Date,
    pub to: Date,
    pub explain: bool,
    pub purpose: Purpose,
}

#[derive(Clone, Debug)]
pub struct Availability {
    pub days: Vec<Day>,
    /// UTC milliseconds until which the answer stays true if nobody books: a hold ends, or a notice passes.
    pub valid_until: i64,
}

#[derive(Clone, Debug)]
pub struct Day {
    pub date: Date,
    pub free: Vec<Start>,
    /// Only with `explain`.
    pub refused: Vec<RefusedStart>,
    /// Why a day without free times has none: the reason most of its starts were refused for.
    pub because: Option<Reason>,
}

/// A free start; several practitioners may be free at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub start: Cell,
    /// With whoever takes longest.
    pub end: Cell,
    pub practitioners: Vec<ResourceId>,
    /// Parallel places left with the practitioner who has most.
    pub places: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedStart {
    pub start: Cell,
    pub practitioner: ResourceId,
    pub reason: Reason,
}

pub async fn availability(
    cx: &Cx,
    clinic: &Arc<Clinic>,
    query: &AvailabilityQuery<'_>,
) -> Result<Availability, Internal> {
    let offers = clinic.offers(query.service, query.practitioner);
    let view = View::read(cx, clinic, query.service, &offers, query.from, query.to).await?;
    let ask = view.ask(cx, query.purpose, None, query.from, query.to);
    let mut days: Vec<Listing> = Vec::new();
    let mut date = query.from;
    while date <= query.to {
        days.push(Listing { date, free: Vec::new(), refused: Vec::new() });
        date = date.tomorrow().map_err(|e| Internal::Data(e.to_string()))?;
    }
    let mut calls = LastCalls::new(&offers, &clinic.rules);
    // Candidates come day by day, but for the nights on which the clock changes.
    let mut at = 0;
    each_candidate(&ask, |candidate| {
        if days.get(at).is_none_or(|day| day.date != candidate.day) {
            let Ok(found) = days.binary_search_by_key(&candidate.day, |day| day.date) else { return };
            at = found;
        }
        let day = &mut days[at];
        match &candidate.verdict {
            Verdict::Free(placement) => {
                calls.see(candidate);
                add(&mut day.free, candidate, placement, offers.len());
            }
            // Of a day with something free nobody asks why the rest is not, unless they ask for all of it.
            Verdict::Refused(_) if !query.explain && !day.free.is_empty() => {}
            Verdict::Refused(reason) => day.refused.push(RefusedStart {
                start: candidate.span.start,
                practitioner: candidate.practitioner,
                reason: reason.clone(),
            }),
        }
    });
    let days = days
        .into_iter()
        .map(|Listing { date, free, refused }| Day {
            date,
            because: free.is_empty().then(|| most_common(&refused)).flatten(),
            free,
            refused: if query.explain { refused } else { Vec::new() },
        })
        .collect();
    let midnight = local_day(&clinic.zone, cx.now())
        .tomorrow()
        .and_then(|d| d.to_zoned(clinic.zone.clone()))
        .map_or(i64::MAX, |z| z.timestamp().as_millisecond());
    let valid_until = view.holds_until.unwrap_or(i64::MAX).min(calls.first).min(midnight);
    Ok(Availability { days, valid_until })
}

/// The first `n` free starts at or after `after`, within the horizon: what to offer instead.
pub async fn next_starts(
    cx: &Cx,
    clinic: &Arc<Clinic>,
    service: &Service,
    practitioner: Option<ResourceId>,
    after: Cell,
    purpose: Purpose,
    n: usize,
) -> Result<Vec<Start>, Internal> {
    let offers = clinic.offers(service, practitioner);
    let today = local_day(&clinic.zone, cx.now());
    let mut from = local_day(&clinic.zone, after.start()).max(today);
    let last =
        today.saturating_add(offers.iter().map(|o| o.settings.horizon_days).max().unwrap_or(0).clamp(0, 3650).days());
    let mut starts: Vec<Start> = Vec::new();
    // In steps of four weeks, because the next free time is mostly near.
    while from <= last && starts.len() < n {
        let to = from.saturating_add(27.days()).min(last);
        let view = View::read(cx, clinic, service, &offers, from, to).await?;
        let ask = view.ask(cx, purpose, None, from, to);
        for candidate in next_free(&ask, after, n * offers.len().max(1)) {
            if let Verdict::Free(placement) = &candidate.verdict {
                add(&mut starts, &candidate, placement, 1);
            }
        }
        from = to.saturating_add(1.day());
        if to == last {
            break;
        }
    }
    starts.truncate(n);
    Ok(starts)
}

/// What the engine is asked with: rules and occupancy of one service, read once.
pub(super) struct View<'a> {
    clinic: &'a Clinic,
    service: &'a Service,
    offers: &'a [Offer],
    occupancy: domain::booking::Occupancy,
    holds_until: Option<i64>,
}

impl<'a> View<'a> {
    async fn read(
        cx: &Cx,
        clinic: &'a Clinic,
        service: &'a Service,
        offers: &'a [Offer],
        from: Date,
        to: Date,
    ) -> Result<Self, Internal> {
        let resources = resources_of(offers);
        let span = read_span(&clinic.zone, from, to, offers, &clinic.rules);
        let mut rows = lanes::read(cx.db.read(), clinic.tenant, &resources, span, false).await?;
        if rows.stale(cx.now_ms()) {
            sweep(cx).await?;
            rows = lanes::read(cx.db.read(), clinic.tenant, &resources, span, false).await?;
        }
        let occupancy = rows.occupancy(&clinic.rules, &resources, span)?;
        Ok(Self { clinic, service, offers, occupancy, holds_until: rows.holds_until() })
    }

    /// For one start, inside a transaction; the caller handles ended holds. Answers the rows for `lanes::take`, too.
    pub(super) async fn read_locked(
        tx: &impl ConnectionTrait,
        clinic: &'a Clinic,
        service: &'a Service,
        offers: &'a [Offer],
        from: Date,
        to: Date,
    ) -> Result<(Self, lanes::Rows), Internal> {
        let resources = resources_of(offers);
        let span = read_span(&clinic.zone, from, to, offers, &clinic.rules);
        let rows = lanes::read(tx, clinic.tenant, &resources, span, true).await?;
        let occupancy = rows.occupancy(&clinic.rules, &resources, span)?;
        let holds_until = rows.holds_until();
        Ok((Self { clinic, service, offers, occupancy, holds_until }, rows))
    }

    /// With nothing taken: for asking about rules alone.
    pub(super) fn empty(
        clinic: &'a Clinic,
        service: &'a Service,
        offers: &'a [Offer],
        from: Date,
        to: Date,
    ) -> Result<Self, Internal> {
        let resources = resources_of(offers);
        let span = read_span(&clinic.zone, from, to, offers, &clinic.rules);
        let occupancy = lanes::Rows::none().occupancy(&clinic.rules, &resources, span)?;
        Ok(Self { clinic, service, offers, occupancy, holds_until: None })
    }

    pub(super) fn occupancy(&self) -> &domain::booking::Occupancy {
        &self.occupancy
    }

    pub(super) fn ask<'b>(
        &'b self,
        cx: &Cx,
        purpose: Purpose,
        patient: Option<&'b PatientFacts>,
        from: Date,
        to: Date,
    ) -> Ask<'b> {
        Ask {
            zone: &self.clinic.zone,
            now: cx.now(),
            from,
            to,
            purpose,
            offers: self.offers,
            resources: &self.clinic.rules,
            closures: &self.clinic.profile.closures,
            eligibility: &self.service.plan.eligibility,
            occupancy: &self.occupancy,
            patient,
        }
    }
}

/// Everything the offers touch, in one order.
fn resources_of(offers: &[Offer]) -> Vec<ResourceId> {
    let needs = offers.iter().flat_map(|o| o.needs.iter().flat_map(|n| n.any_of.iter().copied()));
    let mut all: Vec<ResourceId> = offers.iter().map(|o| o.practitioner).chain(needs).collect();
    all.sort();
    all.dedup();
    all
}

/// A day as it is put together.
struct Listing {
    date: Date,
    free: Vec<Start>,
    refused: Vec<RefusedStart>,
}

/// When the first free candidate stops being bookable for want of notice.
struct LastCalls {
    /// Practitioners of whom no free candidate was seen yet, with their longest notice: of each, the first is the one.
    unseen: Vec<(ResourceId, i64)>,
    /// UTC milliseconds.
    first: i64,
}

impl LastCalls {
    fn new(offers: &[Offer], rules: &HashMap<ResourceId, ResourceRules>) -> Self {
        let unseen = offers.iter().map(|offer| {
            let hours = rules.get(&offer.practitioner).and_then(|r| r.hours.as_ref());
            let dated = hours.into_iter().flat_map(|h| &h.exceptions).filter_map(|e| e.settings.notice_book);
            (offer.practitioner, dated.fold(offer.settings.notice_book, i64::max))
        });
        Self { unseen: unseen.collect(), first: i64::MAX }
    }

    fn see(&mut self, candidate: &Candidate) {
        if let Some(at) = self.unseen.iter().position(|(practitioner, _)| *practitioner == candidate.practitioner) {
            let (_, notice) = self.unseen.swap_remove(at);
            self.first = self.first.min(candidate.span.start.plus_minutes(-notice).start().as_millisecond());
        }
    }
}

/// Candidates of several practitioners at one time make one start, also when the visit takes some of them longer.
fn add(starts: &mut Vec<Start>, candidate: &Candidate, placement: &Placement, practitioners: usize) {
    let Span { start, end } = candidate.span;
    let places = u32::from(placement.places);
    match starts.last_mut().filter(|last| last.start == start) {
        Some(same) => {
            same.practitioners.push(candidate.practitioner);
            same.end = same.end.max(end);
            same.places = same.places.max(places);
        }
        None => {
            let mut those = Vec::with_capacity(practitioners);
            those.push(candidate.practitioner);
            starts.push(Start { start, end, practitioners: those, places });
        }
    }
}

fn most_common(refused: &[RefusedStart]) -> Option<Reason> {
    let mut counts: BTreeMap<&str, (usize, &Reason)> = BTreeMap::new();
    for start in refused {
        counts.entry(start.reason.code()).or_insert((0, &start.reason)).0 += 1;
    }
    counts.into_values().max_by_key(|(n, _)| *n).map(|(_, reason)| reason.clone())
}
