//! A time kept for somebody for a few minutes (booking rule 13).

use std::sync::Arc;

use domain::{
    booking::{
        Candidate, Cell, Offer, PatientFacts, Purpose, Reason, Span, Taken, Verdict, choose, choose::Contender,
        offer::Placement, verdict_at,
    },
    ids::{AppointmentId, ClinicId, HoldId, ResourceId, TenantId},
};
use entity::hold;
use jiff::{Timestamp, ToSpan};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{
    availability::{Start, View, next_starts},
    error::BookingError,
    facts,
    held::{Hold, HoldState, end, holder},
    lanes, local_day, sweep,
};
use crate::{
    clinic::{Clinic, Service},
    cx::Cx,
    db::Tx,
    error::Internal,
    keys::hash,
    waitlist,
    who::{Scope, VisitAccess, Who},
};

/// How often a transaction that met an ended hold tidies up and tries again.
const SWEEPS: usize = 3;

/// What is to be held.
#[derive(Clone, Debug)]
pub struct HoldAsk<'a> {
    pub clinic: &'a Arc<Clinic>,
    pub service: &'a Service,
    pub practitioner: Option<ResourceId>,
    pub start: Timestamp,
    /// The caller's network address, for the limit per address.
    pub address: &'a str,
    /// Set when the held time is to replace a visit's.
    pub moves: Option<&'a VisitAccess>,
}

/// Keeps a time. The verdict is the engine's, inside the transaction that takes the lanes.
pub async fn hold(cx: &Cx, who: &Who, ask: &HoldAsk<'_>) -> Result<Hold, BookingError> {
    let start = Cell::exact(ask.start);
    let offers = ask.clinic.offers(ask.service, ask.practitioner);
    let day = local_day(&ask.clinic.zone, ask.start);
    // The year bound keeps date arithmetic away from its ends; the horizon says no to such dates anyway.
    let (Some(start), false, 1900..=9000) = (start, offers.is_empty(), day.year()) else {
        let reason = if offers.is_empty() { Reason::NotOffered } else { off_grid(&offers) };
        return refused(cx, ask, reason).await;
    };
    for _ in 0..SWEEPS {
        let offers = &offers;
        let attempt = cx.db.write(|tx| async move { hold_in(cx, &tx, who, ask, offers, start).await }).await;
        match attempt {
            Ok(Attempt::Held(hold)) => return Ok(hold),
            Ok(Attempt::Refused(reason)) => return refused(cx, ask, reason).await,
            Ok(Attempt::Stale) => {
                sweep(cx).await?;
            }
            Ok(Attempt::OldRules) => {
                cx.clinics.forget(cx, ask.clinic.id);
                return Err(BookingError::BUSY);
            }
            Err(BookingError::Busy { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    Err(BookingError::Busy { next: next(cx, ask).await? })
}

pub(super) enum Attempt {
    Held(Hold),
    Refused(Reason),
    /// An ended hold is in the way.
    Stale,
    /// The clinic was imported anew since it was read.
    OldRules,
}

async fn hold_in(
    cx: &Cx,
    tx: &Tx,
    who: &Who,
    ask: &HoldAsk<'_>,
    offers: &[Offer],
    start: Cell,
) -> Result<Attempt, BookingError> {
    let clinic = ask.clinic;
    if crate::clinic::version_in(tx, clinic.id).await? != Some(clinic.version) {
        return Ok(Attempt::OldRules);
    }
    let holder = holder(cx, who).await?;
    let address = cx.installation_keys().await?.index("address", &[ask.address]);
    limit(cx, tx, who, &holder, &address).await?;
    let keeping = Keeping {
        purpose: if ask.moves.is_some() { Purpose::Move } else { Purpose::Book },
        known: None,
        seen: facts::seen_before(cx, tx, who, clinic).await?,
        holder,
        address,
        moves: ask.moves.map(|m| m.appointment),
        entry: None,
        until: None,
    };
    keep(cx, tx, (clinic, ask.service), (offers, start), keeping).await
}

/// For whom and how a time is kept.
pub(super) struct Keeping {
    pub purpose: Purpose,
    /// What is known of the patient, when it is asked already.
    pub known: Option<PatientFacts>,
    /// Practitioners whom the patient has seen before.
    pub seen: Vec<ResourceId>,
    /// Keyed hashes of who keeps it, and from where.
    pub holder: Vec<u8>,
    pub address: Vec<u8>,
    pub moves: Option<AppointmentId>,
    /// Whose offer it is, for those who wait.
    pub entry: Option<Uuid>,
    /// `None`: as long as the settings say.
    pub until: Option<Timestamp>,
}

/// Asks the engine, chooses a practitioner, and takes the lanes.
pub(super) async fn keep(
    cx: &Cx,
    tx: &Tx,
    (clinic, service): (&Arc<Clinic>, &Service),
    (offers, start): (&[Offer], Cell),
    keeping: Keeping,
) -> Result<Attempt, BookingError> {
    let day = local_day(&clinic.zone, start.start());
    // The week is read as well: "any practitioner" prefers whoever has least to do in it (rule 17).
    let monday = day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
    let sunday = monday.saturating_add(6.days());
    let (view, rows) = View::read_locked(tx, clinic, service, offers, monday, sunday).await?;
    if rows.stale(cx.now_ms()) {
        return Ok(Attempt::Stale);
    }
    let question = view.ask(cx, keeping.purpose, keeping.known.as_ref(), day, day);
    let verdicts: Vec<Candidate> = offers.iter().map(|o| verdict_at(&question, o.practitioner, start)).collect();
    let seen = &keeping.seen;
    let week = Span::new(start.plus_minutes(-7 * 24 * 60), start.plus_minutes(7 * 24 * 60));
    let contenders: Vec<Contender> = verdicts
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c.verdict, Verdict::Free(_)))
        .map(|(position, c)| Contender {
            practitioner: c.practitioner,
            seen_before: seen.contains(&c.practitioner),
            minutes_that_week: view.occupancy().minutes(c.practitioner, week_span(clinic, monday).unwrap_or(week)),
            position: u32::try_from(position).unwrap_or(u32::MAX),
        })
        .collect();
    let chosen = choose::choose(&contenders);
    let found = verdicts.iter().find(|c| Some(c.practitioner) == chosen);
    let Some(Candidate { practitioner, span, verdict: Verdict::Free(placement), .. }) = found else {
        return Ok(Attempt::Refused(best_reason(verdicts)));
    };
    let minutes = clinic.settings_at(service, *practitioner, start.start()).hold_minutes;
    // Whoever types while the visit begins loses nothing; nobody books one that is over.
    let ends = (cx.now() + minutes.minutes()).min(span.end.start());
    let hold = Hold {
        id: HoldId(cx.id()),
        token: cx.token(),
        clinic: clinic.id,
        service: service.id,
        practitioner: *practitioner,
        span: *span,
        made_at: cx.now(),
        expires_at: whole_ms(keeping.until.unwrap_or(ends)),
        state: HoldState::Live,
        moves: keeping.moves,
    };
    insert(tx, clinic.tenant, &hold, &keeping).await?;
    place(tx, clinic.tenant, &rows, &hold, placement).await?;
    tx.touch(clinic.id.0);
    Ok(Attempt::Held(hold))
}

/// As it is kept.
fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

async fn place(
    tx: &Tx,
    tenant: TenantId,
    rows: &lanes::Rows,
    hold: &Hold,
    placement: &Placement,
) -> Result<(), Internal> {
    let taken = Taken { body: hold.span, padded: placement.padded };
    let until = hold.expires_at.as_millisecond();
    lanes::take(tx, tenant, rows, lanes::Owner::Hold(hold.id.0), &placement.lanes, taken, Some(until)).await
}

async fn insert(tx: &impl ConnectionTrait, tenant: TenantId, made: &Hold, keeping: &Keeping) -> Result<(), Internal> {
    let row = hold::ActiveModel {
        id: Set(made.id.0),
        tenant_id: Set(tenant.0),
        clinic_id: Set(made.clinic.0),
        service_id: Set(made.service.0),
        practitioner_id: Set(made.practitioner.0),
        token_hash: Set(hash(made.token.as_bytes())),
        holder: Set(keeping.holder.clone()),
        address: Set(keeping.address.clone()),
        status: Set("live".to_owned()),
        start_cell: Set(made.span.start.0),
        end_cell: Set(made.span.end.0),
        made_at: Set(made.made_at.as_millisecond()),
        expires_at: Set(made.expires_at.as_millisecond()),
        moves_appointment: Set(made.moves.map(|a| a.0)),
        appointment_id: Set(None),
        offered: Set(false),
        waitlist_entry_id: Set(keeping.entry),
    };
    hold::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Browsers and addresses may keep only so many times. A browser at its limit gives back its oldest, because going
/// back to choose again is what people do; an address at its limit is refused. Programs that may book are not limited.
async fn limit(cx: &Cx, tx: &Tx, who: &Who, holder: &[u8], address: &[u8]) -> Result<(), BookingError> {
    if matches!(who, Who::Api(client) if client.may(Scope::AppointmentsWrite)) {
        return Ok(());
    }
    tx.wait_for_others(&[holder, address]).await?;
    // A whole practice may share an address: whoever is signed in is counted by themselves.
    let mine = Condition::any().add(hold::Column::Holder.eq(holder));
    let mine = if who.patient().is_some() { mine } else { mine.add(hold::Column::Address.eq(address)) };
    let live: Vec<hold::Model> = hold::Entity::find()
        .filter(hold::Column::Status.eq("live"))
        .filter(hold::Column::ExpiresAt.gt(cx.now_ms()))
        .filter(mine)
        .order_by_asc(hold::Column::MadeAt)
        .limit(cx.config.holds_per_address + 1)
        .all(tx)
        .await?;
    if live.len() as u64 >= cx.config.holds_per_address {
        return Err(BookingError::TooManyHolds);
    }
    let own: Vec<_> = live.into_iter().filter(|h| h.holder == holder).collect();
    if matches!(who, Who::Browser(_))
        && own.len() as u64 >= cx.config.holds_per_browser
        && let Some(oldest) = own.first()
        && end(tx, oldest, "released").await?
    {
        waitlist::freed(cx, tx, TenantId(oldest.tenant_id), ClinicId(oldest.clinic_id)).await?;
    }
    Ok(())
}

/// The refusal with what is free instead.
async fn refused<T>(cx: &Cx, ask: &HoldAsk<'_>, reason: Reason) -> Result<T, BookingError> {
    Err(BookingError::Refused { reason, next: next(cx, ask).await? })
}

/// The next three starts that are free; where none is from then on, the next three of all.
async fn next(cx: &Cx, ask: &HoldAsk<'_>) -> Result<Vec<Start>, Internal> {
    let purpose = if ask.moves.is_some() { Purpose::Move } else { Purpose::Book };
    let from = async |at: Timestamp| {
        next_starts(cx, ask.clinic, ask.service, ask.practitioner, Cell::containing(at), purpose, 3).await
    };
    let after = from(ask.start.max(cx.now())).await?;
    if after.is_empty() && ask.start > cx.now() { from(cx.now()).await } else { Ok(after) }
}

/// Of several practitioners' reasons, the one closest to yes: taken says more than "not in on Mondays".
fn best_reason(verdicts: Vec<Candidate>) -> Reason {
    let rank = |reason: &Reason| match reason.code() {
        "taken" | "too_close_to_another" | "room_taken" => 0,
        "outside_hours" | "off_grid" | "away" | "not_offered" => 2,
        _ => 1,
    };
    let reasons = verdicts.into_iter().filter_map(|c| match c.verdict {
        Verdict::Refused(reason) => Some(reason),
        Verdict::Free(_) => None,
    });
    reasons.min_by_key(rank).unwrap_or(Reason::NotOffered)
}

fn off_grid(offers: &[Offer]) -> Reason {
    Reason::OffGrid { interval: offers.first().map_or(5, |o| o.settings.grid_interval) }
}

fn week_span(clinic: &Clinic, monday: jiff::civil::Date) -> Option<Span> {
    let start = monday.to_zoned(clinic.zone.clone()).ok()?;
    let end = monday.saturating_add(7.days()).to_zoned(clinic.zone.clone()).ok()?;
    Some(Span::new(Cell::containing(start.timestamp()), Cell::containing(end.timestamp())))
}
