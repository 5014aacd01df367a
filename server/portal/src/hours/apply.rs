//! The change as it was rehearsed, in one transaction: hours, every decision, and everything that is to be sent. Where
//! something changed since, nothing is done.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AppointmentId, ClinicId};
use entity::hours_rehearsal as rehearsal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    Edit, HoursError,
    rehearse::{Seen, find, mark, note},
};
use crate::{
    audit::{self, Entry},
    booking::{self, Lost, displaced},
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    staff::{Permit, permission::ChangeHours},
    waitlist,
};

/// For how long times may be kept for a patient, in hours.
pub const HOLD_HOURS: [i64; 4] = [24, 48, 72, 168];

/// What becomes of a visit that loses its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It stays, as an exception.
    Keep,
    /// Other times are kept for the patient, who chooses; until then it stands.
    Offer,
    Cancel,
    /// It stands, and waits on the work list.
    Later,
}

impl Decision {
    pub const ALL: [Self; 4] = [Self::Offer, Self::Keep, Self::Cancel, Self::Later];

    /// In forms and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Offer => "offer",
            Self::Cancel => "cancel",
            Self::Later => "later",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == text)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// For every visit that has none of its own.
    pub all: Option<Decision>,
    pub each: BTreeMap<AppointmentId, Decision>,
    /// What patients read whose visit is cancelled.
    pub message: Option<String>,
    /// The mark of the list that was decided about.
    pub mark: String,
    /// For how many hours times are kept, of `HOLD_HOURS`.
    pub hours: i64,
}

impl Decisions {
    fn of(&self, lost: &Lost) -> Option<Decision> {
        self.each.get(&lost.id()).copied().or(self.all)
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The clinic's new version.
    pub version: i64,
    pub kept: usize,
    pub offered: usize,
    pub cancelled: usize,
    /// Left for later.
    pub left: usize,
}

/// Applies a rehearsal. `Changed`: somebody changed the clinic or booked since it was looked at.
pub async fn apply(
    cx: &Cx,
    permit: &Permit<ChangeHours>,
    id: Uuid,
    decisions: &Decisions,
) -> Result<Applied, HoursError> {
    let row = find(cx.db.read(), permit, id).await?;
    let edit: Edit = serde_json::from_str(&row.edit)?;
    if edit.allow(permit, &permit.clinic).is_err() {
        note(cx, permit, "hours.change", "forbidden").await?;
        return Err(HoursError::NotFound);
    }
    let edit = &edit;
    let done = cx.db.write(|tx| async move { apply_in(cx, &tx, permit, (id, edit), decisions).await }).await;
    // Others were faster, several times in a row: it is to be looked at again.
    let done = done.map_err(|error| if error.is_conflict() { HoursError::Changed } else { error });
    cx.clinics.forget(cx, permit.clinic.id);
    cx.job_bell.ring();
    if let Err(error) = &done
        && !matches!(error, HoursError::Internal(_))
    {
        note(cx, permit, "hours.change", error.code()).await?;
    }
    done
}

async fn apply_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeHours>,
    (id, edit): (Uuid, &Edit),
    decisions: &Decisions,
) -> Result<Applied, HoursError> {
    // From here on nobody books by the old hours.
    let version = clinic::lock(tx, permit.clinic.id.0).await?.ok_or(HoursError::NotFound)?;
    let row = find(tx, permit, id).await?;
    if row.applied_at.is_some() {
        return Err(HoursError::Applied);
    }
    // Another list than the one that was decided about, or another clinic.
    if row.clinic_version != version || mark(row.clinic_version, &row.affected) != decisions.mark {
        return Err(HoursError::Changed);
    }
    let before = clinic::in_tx(cx, tx, ClinicId(row.clinic_id)).await?.ok_or(HoursError::NotFound)?;
    edit.allow(permit, &before)?;
    let after = clinic::save(cx, tx, &before, &edit.made(&before)?).await?;
    claim(cx, tx, id).await?;
    tx.touch(before.id.0);
    let new = booking::follow(cx, tx, &after, &edit.extent(&before)?).await?;
    waitlist::follow(cx, tx, &after).await?;
    let seen: BTreeSet<Seen> = serde_json::from_str(&row.affected)?;
    // What is not within the permit waits on the list of whoever it is.
    let (own, others): (Vec<Lost>, Vec<Lost>) = new.into_iter().partition(|lost| permit.covers(lost.practitioner()));
    if own.iter().any(|lost| !seen.contains(&Seen(lost.visit.id, lost.visit.version))) {
        return Err(HoursError::Changed);
    }
    let undecided = own.iter().filter(|lost| decisions.of(lost).is_none()).count();
    if undecided > 0 {
        return Err(HoursError::Undecided(undecided));
    }
    let mut applied = Applied { version: after.version, left: others.len(), ..Applied::default() };
    for lost in own {
        let decision = decisions.of(&lost).unwrap_or(Decision::Later);
        decide(cx, tx, permit, (&after, decisions), lost, decision, &mut applied).await?;
    }
    let (entity, entity_id) = ("clinic", Some(before.id.0));
    let entry =
        Entry { actor: permit.actor, action: "hours.change", entity, entity_id, patient_id: None, outcome: "ok" };
    audit::append(cx, tx, before.tenant, entry).await?;
    Ok(applied)
}

async fn decide(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeHours>,
    (clinic, decisions): (&Clinic, &Decisions),
    lost: Lost,
    decision: Decision,
    applied: &mut Applied,
) -> Result<(), HoursError> {
    match decision {
        Decision::Keep => {
            let why = lost.reason.sentence(&clinic.zone);
            displaced::keep(cx, tx, lost.visit, (lost.reason.code(), &why), permit.actor).await?;
            applied.kept += 1;
        }
        Decision::Offer => {
            displaced::ask_for_times(cx, tx, &lost.visit, decisions.hours).await?;
            applied.offered += 1;
        }
        Decision::Cancel => {
            booking::cancel_for_clinic(cx, tx, lost.visit, decisions.message.as_deref(), permit.actor).await?;
            applied.cancelled += 1;
        }
        Decision::Later => applied.left += 1,
    }
    Ok(())
}

/// Of two who apply the same at once, one does.
async fn claim(cx: &Cx, tx: &Tx, id: Uuid) -> Result<(), HoursError> {
    let claimed = rehearsal::Entity::update_many()
        .col_expr(rehearsal::Column::AppliedAt, Expr::value(Some(cx.now_ms())))
        .filter(rehearsal::Column::Id.eq(id))
        .filter(rehearsal::Column::AppliedAt.is_null())
        .exec(tx)
        .await
        .map_err(Internal::from)?;
    if claimed.rows_affected == 1 { Ok(()) } else { Err(HoursError::Applied) }
}
