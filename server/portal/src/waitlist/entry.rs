//! Entries and offers as rows and as what they mean.

use domain::{
    booking::{Cell, Intake, PatientFacts, Reason, refused_as_person},
    ids::{AppointmentId, ClinicId, PatientId, ResourceId, ServiceId, TenantId},
    waitlist::{Days, Parts, Priority, Standing, Wishes},
};
use entity::{waitlist_entry, waitlist_offer};
use jiff::{Timestamp, civil::Date};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::WaitlistError;
use crate::{
    audit,
    clinic::Clinic,
    cx::Cx,
    error::Internal,
    keys::{Place, ScopeKeys},
    patients::ChartRecord,
    who::Actor,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    /// Is being asked about a time.
    Offered,
    /// Took a time.
    Claimed,
    /// Ended by somebody, or booked otherwise.
    Withdrawn,
    /// The last day is over.
    Expired,
}

impl State {
    const ALL: [Self; 5] = [Self::Waiting, Self::Offered, Self::Claimed, Self::Withdrawn, Self::Expired];

    /// In JSON and the database. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Claimed => "claimed",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    pub fn is_live(self) -> bool {
        matches!(self, Self::Waiting | Self::Offered)
    }

    fn parse(text: &str) -> Result<Self, Internal> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Internal::Data(format!("waitlist state {text}")))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferState {
    Open,
    Claimed,
    Declined,
    Unanswered,
    /// Taken back by the clinic, or because the entry ended.
    Withdrawn,
}

impl OfferState {
    const ALL: [Self; 5] = [Self::Open, Self::Claimed, Self::Declined, Self::Unanswered, Self::Withdrawn];

    /// In JSON and the database. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::Declined => "declined",
            Self::Unanswered => "unanswered",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Somebody who waits, or waited.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: Uuid,
    pub tenant: TenantId,
    pub clinic: ClinicId,
    pub service: ServiceId,
    pub patient: PatientId,
    pub state: State,
    pub wishes: Wishes,
    pub intake: Intake,
    /// What the visit is about.
    pub about: Option<String>,
    pub priority: Priority,
    pub priority_why: Option<String>,
    pub joined: Timestamp,
    /// Offers in a row that were not answered.
    pub ignored: u32,
    /// `left`, `removed`, `booked`, `past`, `merged`.
    pub ended_why: Option<String>,
    pub ended_note: Option<String>,
    pub appointment: Option<AppointmentId>,
    /// `account`, `proxy`, `staff`, `api_key`.
    pub made_by: String,
    pub version: i64,
}

impl Entry {
    /// Why nothing that becomes free can be offered to them: the clinic asks for more than when they joined, or the visit is
    /// not for them any more. For whoever has a later visit, which would move: nobody is asked anew about that.
    pub(super) fn hindrance(&self, clinic: &Clinic, chart: &ChartRecord) -> Option<Reason> {
        let service = clinic.service_by_id(self.service).filter(|_| self.state.is_live())?;
        let known = PatientFacts {
            birth_date: Some(chart.birth_date),
            sex: chart.sex,
            intake: Some(self.intake.clone()),
            ..PatientFacts::default()
        };
        let on = |day| refused_as_person(&known, &service.plan.eligibility, day);
        on(self.wishes.from).and(on(self.wishes.until))
    }
}

/// A time that was offered.
#[derive(Clone, Debug)]
pub struct Offer {
    pub id: Uuid,
    pub entry: Uuid,
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
    /// As of now: one that nobody answered in time is over, whether or not that was tidied up.
    pub state: OfferState,
    pub made: Timestamp,
    pub expires: Timestamp,
    pub appointment: Option<AppointmentId>,
    /// Somebody at the clinic chose it.
    pub by_hand: bool,
}

pub(super) fn place(column: &'static str, row: Uuid) -> Place {
    Place { table: "waitlist_entry", column, row }
}

fn instant(ms: i64) -> Result<Timestamp, Internal> {
    Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()))
}

fn day(text: &str) -> Result<Date, Internal> {
    text.parse().map_err(|_| Internal::Data(format!("day {text}")))
}

pub(super) fn wishes(row: &waitlist_entry::Model) -> Result<Wishes, Internal> {
    Ok(Wishes {
        practitioner: row.practitioner_id.map(ResourceId),
        days: Days::from_bits(row.days),
        parts: Parts::from_bits(row.parts),
        from: day(&row.from_day)?,
        until: day(&row.until_day)?,
        notice: row.notice,
    })
}

fn priority(row: &waitlist_entry::Model) -> Result<Priority, Internal> {
    row.priority.parse().map_err(|_| Internal::Data(format!("priority {}", row.priority)))
}

pub(super) fn standing(row: &waitlist_entry::Model) -> Result<Standing, Internal> {
    Ok(Standing {
        id: row.id,
        priority: priority(row)?,
        joined: instant(row.joined_at)?,
        ignored: u32::try_from(row.ignored).unwrap_or(u32::MAX),
        wishes: wishes(row)?,
    })
}

pub(super) fn open(keys: &ScopeKeys, row: &waitlist_entry::Model) -> Result<Entry, Internal> {
    let text = |column, sealed: &Option<Vec<u8>>| {
        sealed.as_ref().map(|sealed| keys.open_text(place(column, row.id), sealed)).transpose()
    };
    Ok(Entry {
        id: row.id,
        tenant: TenantId(row.tenant_id),
        clinic: ClinicId(row.clinic_id),
        service: ServiceId(row.service_id),
        patient: PatientId(row.patient_id),
        state: State::parse(&row.state)?,
        wishes: wishes(row)?,
        intake: intake(keys, row)?,
        about: text("about", &row.about)?,
        priority: priority(row)?,
        priority_why: text("priority_why", &row.priority_why)?,
        joined: instant(row.joined_at)?,
        ignored: u32::try_from(row.ignored).unwrap_or(u32::MAX),
        ended_why: row.ended_why.clone(),
        ended_note: text("ended_note", &row.ended_note)?,
        appointment: row.appointment_id.map(AppointmentId),
        made_by: row.made_by_kind.clone(),
        version: row.version,
    })
}

/// What was said when it was asked for.
pub(super) fn intake(keys: &ScopeKeys, row: &waitlist_entry::Model) -> Result<Intake, Internal> {
    let intake = match &row.intake {
        Some(sealed) => serde_json::from_str(&keys.open_text(place("intake", row.id), sealed)?)?,
        None => Intake::default(),
    };
    Ok(Intake { referral: row.referral, ..intake })
}

/// As it is kept; nothing when a referral is all there is.
pub(super) fn intake_in(cx: &Cx, keys: &ScopeKeys, row: Uuid, intake: &Intake) -> Result<Option<Vec<u8>>, Internal> {
    if intake.payer.is_none() && intake.answers.is_empty() {
        return Ok(None);
    }
    Ok(Some(keys.seal(cx.rng.as_ref(), place("intake", row), &serde_json::to_vec(intake)?)?))
}

pub(super) fn offer_of(row: &waitlist_offer::Model, now_ms: i64) -> Result<Offer, Internal> {
    let state = OfferState::ALL.into_iter().find(|state| state.as_str() == row.state);
    let state = state.ok_or_else(|| Internal::Data(format!("offer state {}", row.state)))?;
    let over = state == OfferState::Open && row.expires_at <= now_ms;
    Ok(Offer {
        id: row.id,
        entry: row.entry_id,
        practitioner: ResourceId(row.practitioner_id),
        start: Cell(row.start_cell).start(),
        end: Cell(row.end_cell).start(),
        state: if over { OfferState::Unanswered } else { state },
        made: instant(row.made_at)?,
        expires: instant(row.expires_at)?,
        appointment: row.appointment_id.map(AppointmentId),
        by_hand: row.made_by_kind != "system",
    })
}

pub(super) fn state_of(row: &waitlist_entry::Model) -> Result<State, Internal> {
    State::parse(&row.state)
}

pub(super) async fn row(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<waitlist_entry::Model>, Internal> {
    let found = waitlist_entry::Entity::find_by_id(id).filter(waitlist_entry::Column::TenantId.eq(tenant.0));
    Ok(found.one(db).await?)
}

/// The entry's open offer.
pub(super) async fn open_offer(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    entry: Uuid,
) -> Result<Option<waitlist_offer::Model>, Internal> {
    let found = waitlist_offer::Entity::find()
        .filter(waitlist_offer::Column::TenantId.eq(tenant.0))
        .filter(waitlist_offer::Column::EntryId.eq(entry))
        .filter(waitlist_offer::Column::State.eq(OfferState::Open.as_str()))
        .one(db)
        .await?;
    Ok(found)
}

/// Writes a changed entry if nobody changed it since it was read: compare-and-swap on (state, version).
pub(super) async fn swap(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    before: &waitlist_entry::Model,
    mut next: waitlist_entry::Model,
) -> Result<waitlist_entry::Model, WaitlistError> {
    next.version = before.version + 1;
    next.updated_at = cx.now_ms();
    next.live = State::parse(&next.state)?.is_live().then_some(1);
    if next.live.is_none() {
        next.ended_at = Some(cx.now_ms());
    }
    let result = waitlist_entry::Entity::update_many()
        .set(next.clone().into_active_model().reset_all())
        .filter(waitlist_entry::Column::TenantId.eq(before.tenant_id))
        .filter(waitlist_entry::Column::Id.eq(before.id))
        .filter(waitlist_entry::Column::Version.eq(before.version))
        .filter(waitlist_entry::Column::State.eq(before.state.clone()))
        .exec(tx)
        .await?;
    if result.rows_affected == 1 { Ok(next) } else { Err(WaitlistError::Busy) }
}

/// Ends an open offer. `false` when it was no longer open.
pub(super) async fn end_offer(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    offer: &waitlist_offer::Model,
    state: OfferState,
    visit: Option<Uuid>,
) -> Result<bool, Internal> {
    let result = waitlist_offer::Entity::update_many()
        .col_expr(waitlist_offer::Column::State, Expr::value(state.as_str()))
        .col_expr(waitlist_offer::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(waitlist_offer::Column::AppointmentId, Expr::value(visit))
        .filter(waitlist_offer::Column::Id.eq(offer.id))
        .filter(waitlist_offer::Column::State.eq(OfferState::Open.as_str()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

pub(super) async fn note(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    row: &waitlist_entry::Model,
    action: &'static str,
    actor: Actor,
) -> Result<(), Internal> {
    let entry = audit::Entry {
        actor,
        action,
        entity: "waitlist_entry",
        entity_id: Some(row.id),
        patient_id: Some(row.patient_id),
        outcome: "ok",
    };
    audit::append(cx, tx, TenantId(row.tenant_id), entry).await
}

/// A refusal leaves a trace as well, outside the transaction that did not happen.
pub(super) async fn refused(
    cx: &Cx,
    tenant: TenantId,
    action: &'static str,
    entry: Option<Uuid>,
    actor: Actor,
    error: &WaitlistError,
) -> Result<(), Internal> {
    if matches!(error, WaitlistError::Busy | WaitlistError::Internal(_)) {
        return Ok(());
    }
    let entry = audit::Entry {
        actor,
        action,
        entity: "waitlist_entry",
        entity_id: entry,
        patient_id: None,
        outcome: error.code(),
    };
    audit::append_alone(cx, tenant, entry).await
}

/// Who waits at a clinic, the longest first. More than this no list is made of.
pub(super) async fn live(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    clinic: ClinicId,
) -> Result<Vec<waitlist_entry::Model>, Internal> {
    const MOST: u64 = 5000;
    let all = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::State.is_in([State::Waiting.as_str(), State::Offered.as_str()]))
        .filter(waitlist_entry::Column::TenantId.eq(tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.0))
        .order_by_asc(waitlist_entry::Column::JoinedAt)
        .limit(MOST)
        .all(db)
        .await?;
    Ok(all)
}

/// Clinics at which somebody waits and is not being asked.
pub(super) async fn waited_for(cx: &Cx) -> Result<Vec<(TenantId, ClinicId)>, Internal> {
    #[derive(FromQueryResult)]
    struct Place {
        tenant_id: Uuid,
        clinic_id: Uuid,
    }
    let all = waitlist_entry::Entity::find()
        .select_only()
        .column(waitlist_entry::Column::TenantId)
        .column(waitlist_entry::Column::ClinicId)
        .distinct()
        .filter(waitlist_entry::Column::State.eq(State::Waiting.as_str()))
        .into_model::<Place>()
        .all(cx.db.read())
        .await?;
    Ok(all.into_iter().map(|place| (TenantId(place.tenant_id), ClinicId(place.clinic_id))).collect())
}
