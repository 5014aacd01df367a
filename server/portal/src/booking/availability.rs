//! What is free, and why the rest is not.

use std::{collections::BTreeMap, sync::Arc};

pub use domain::booking::FreeStart as Start;
use domain::{
    booking::{
        Ask, Candidate, Cell, Offer, PatientFacts, Placement, Purpose, Reason, Span, Verdict, candidates, free_starts,
        horizon_days, next_free, read_span,
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
    /// Only with `explain`: why a day without free times has none, the reason most of its starts were refused for.
    pub because: Option<Reason>,
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
    let mut refused = Refusals::default();
    if query.explain {
        refused.collect(&ask);
    }
    let mut calls = LastCalls::new(&offers);
    let mut days = Vec::new();
    for (date, free) in free_starts(&ask) {
        free.iter().for_each(|start| calls.see(start));
        let refused = refused.0.remove(&date).unwrap_or_default();
        let because = if free.is_empty() { most_common(&refused) } else { None };
        days.push(Day { date, free, refused, because });
    }
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
    let from = local_day(&clinic.zone, after.start()).max(today);
    let last = today.saturating_add(horizon_days(&offers).clamp(0, 3650).days());
    starts_within(cx, clinic, (service, &offers), (from, last), (after, n), (purpose, None, None)).await
}

/// The first `n` free starts at or after `after`, of these days.
pub(super) async fn starts_within(
    cx: &Cx,
    clinic: &Clinic,
    (service, offers): (&Service, &[Offer]),
    (mut from, last): (Date, Date),
    (after, n): (Cell, usize),
    (purpose, patient, own): (Purpose, Option<&PatientFacts>, Option<&lanes::Owned>),
) -> Result<Vec<Start>, Internal> {
    let mut starts: Vec<Start> = Vec::new();
    // In steps of four weeks, because the next free time is mostly near.
    while from <= last && starts.len() < n {
        let to = from.saturating_add(27.days()).min(last);
        let mut view = View::read(cx, clinic, service, offers, from, to).await?;
        if let Some(own) = own {
            own.take_out(view.occupancy_mut());
        }
        let ask = view.ask(cx, purpose, patient, from, to);
        for candidate in next_free(&ask, after, n * offers.len().max(1)) {
            if let Verdict::Free(placement) = &candidate.verdict {
                add(&mut starts, &candidate, placement);
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
        let span = read_span(&clinic.zone, from, to, offers);
        let mut rows = lanes::look(&cx.db, clinic.tenant, &resources, span).await?;
        if rows.stale(cx.now_ms()) {
            sweep(cx).await?;
            rows = lanes::look(&cx.db, clinic.tenant, &resources, span).await?;
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
        let span = read_span(&clinic.zone, from, to, offers);
        let rows = lanes::read(tx, clinic.tenant, &resources, span, true).await?;
        let occupancy = rows.occupancy(&clinic.rules, &resources, span)?;
        let holds_until = rows.holds_until();
        Ok((Self { clinic, service, offers, occupancy, holds_until }, rows))
    }

    /// For looking around inside a transaction; what is then to be taken is read again, locked.
    pub(super) async fn look(
        tx: &impl ConnectionTrait,
        clinic: &'a Clinic,
        service: &'a Service,
        offers: &'a [Offer],
        from: Date,
        to: Date,
    ) -> Result<Self, Internal> {
        let resources = resources_of(offers);
        let span = read_span(&clinic.zone, from, to, offers);
        let rows = lanes::read(tx, clinic.tenant, &resources, span, false).await?;
        let occupancy = rows.occupancy(&clinic.rules, &resources, span)?;
        Ok(Self { clinic, service, offers, occupancy, holds_until: rows.holds_until() })
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
        let span = read_span(&clinic.zone, from, to, offers);
        let occupancy = lanes::Rows::none().occupancy(&clinic.rules, &resources, span)?;
        Ok(Self { clinic, service, offers, occupancy, holds_until: None })
    }

    pub(super) fn occupancy(&self) -> &domain::booking::Occupancy {
        &self.occupancy
    }

    pub(super) fn occupancy_mut(&mut self) -> &mut domain::booking::Occupancy {
        &mut self.occupancy
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

/// Why starts are refused, day by day.
#[derive(Default)]
struct Refusals(BTreeMap<Date, Vec<RefusedStart>>);

impl Refusals {
    fn collect(&mut self, ask: &Ask<'_>) {
        for Candidate { practitioner, span, day, verdict } in candidates(ask) {
            if let Verdict::Refused(reason) = verdict {
                self.0.entry(day).or_default().push(RefusedStart { start: span.start, practitioner, reason });
            }
        }
    }
}

/// When the first free candidate stops being bookable for want of notice.
struct LastCalls {
    /// Practitioners of whom no free candidate was seen yet, with their longest notice: of each, the first is the one.
    unseen: Vec<(ResourceId, i64)>,
    /// UTC milliseconds.
    first: i64,
}

impl LastCalls {
    fn new(offers: &[Offer]) -> Self {
        let unseen = offers.iter().map(|offer| {
            let longest = offer.every().map(|settings| settings.notice_book).max();
            (offer.practitioner, longest.unwrap_or(0))
        });
        Self { unseen: unseen.collect(), first: i64::MAX }
    }

    fn see(&mut self, free: &Start) {
        let Self { unseen, first } = self;
        unseen.retain(|(practitioner, notice)| {
            let seen = free.practitioners.contains(practitioner);
            if seen {
                *first = (*first).min(free.start.plus_minutes(-notice).start().as_millisecond());
            }
            !seen
        });
    }
}

/// Candidates of several practitioners at one time make one start.
fn add(starts: &mut Vec<Start>, candidate: &Candidate, placement: &Placement) {
    let Span { start, end } = candidate.span;
    if starts.last().is_none_or(|last| last.start != start) {
        starts.push(Start::at(start, 1));
    }
    if let Some(last) = starts.last_mut() {
        last.add(candidate.practitioner, end, placement.places);
    }
}

fn most_common(refused: &[RefusedStart]) -> Option<Reason> {
    let mut counts: BTreeMap<&str, (usize, &Reason)> = BTreeMap::new();
    for start in refused {
        counts.entry(start.reason.code()).or_insert((0, &start.reason)).0 += 1;
    }
    counts.into_values().max_by_key(|(n, _)| *n).map(|(_, reason)| reason.clone())
}
