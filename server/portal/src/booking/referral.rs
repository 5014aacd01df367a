//! Who sent somebody here: what a page elsewhere that lists free times adds to the link (SMART Scheduling Links), kept with the
//! time that was chosen. It names no person, and is told to the clinic's programs alone.

use domain::ids::{AppointmentId, HoldId};
use entity::{booking_referral, hold};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use super::held::Hold;
use crate::{clinic::Clinic, cx::Cx, error::Internal, who::ApiClient};

/// Longer ones are nobody's handle.
const LONGEST: usize = 128;

/// Two handles of the page that led here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referral {
    /// Which page it was.
    pub source: String,
    /// This very link of it.
    pub booking_referral: String,
}

impl Referral {
    /// What is no handle counts as absent: whoever follows a link is not to blame for it.
    pub fn of(source: &str, booking_referral: &str) -> Self {
        Self { source: handle(source), booking_referral: handle(booking_referral) }
    }

    pub fn is_empty(&self) -> bool {
        self.source.is_empty() && self.booking_referral.is_empty()
    }
}

fn handle(text: &str) -> String {
    let plain = text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'\\`".contains(&b));
    if plain { text.to_owned() } else { String::new() }
}

/// A visit that somebody came to by a link elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referred {
    /// For going on after it.
    pub hold: HoldId,
    pub referral: Referral,
    pub appointment: AppointmentId,
    pub at: Timestamp,
}

/// Notes who sent somebody to a time that is kept. The first word counts.
pub async fn refer(cx: &Cx, clinic: &Clinic, hold: &Hold, referral: &Referral) -> Result<(), Internal> {
    if referral.is_empty() || hold.clinic != clinic.id {
        return Ok(());
    }
    let row = booking_referral::Model {
        hold_id: hold.id.0,
        tenant_id: clinic.tenant.0,
        clinic_id: clinic.id.0,
        source: referral.source.clone(),
        booking_referral: referral.booking_referral.clone(),
        made_at: cx.now_ms(),
    };
    keep(cx, &row).await
}

/// The same for the time that takes another's place.
pub async fn refer_again(cx: &Cx, from: HoldId, to: HoldId) -> Result<(), Internal> {
    match booking_referral::Entity::find_by_id(from.0).one(cx.db.read()).await? {
        Some(row) => keep(cx, &booking_referral::Model { hold_id: to.0, ..row }).await,
        None => Ok(()),
    }
}

async fn keep(cx: &Cx, row: &booking_referral::Model) -> Result<(), Internal> {
    cx.db
        .write(|tx| async move {
            let known = OnConflict::column(booking_referral::Column::HoldId).do_nothing().to_owned();
            let row = booking_referral::ActiveModel {
                hold_id: Set(row.hold_id),
                tenant_id: Set(row.tenant_id),
                clinic_id: Set(row.clinic_id),
                source: Set(row.source.clone()),
                booking_referral: Set(row.booking_referral.clone()),
                made_at: Set(row.made_at),
            };
            booking_referral::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
            Ok::<_, Internal>(())
        })
        .await
}

/// Visits that were booked by links elsewhere, the first first, and whether there are more. `after` is where the last page ended.
pub async fn referrals(
    cx: &Cx,
    client: &ApiClient,
    after: Option<HoldId>,
    limit: u64,
) -> Result<(Vec<Referred>, Option<HoldId>), Internal> {
    let db = cx.db.read();
    let limit = limit.clamp(1, 100);
    let mut query = booking_referral::Entity::find()
        .filter(booking_referral::Column::TenantId.eq(client.tenant.0))
        .order_by_asc(booking_referral::Column::HoldId)
        .limit(limit + 1);
    if let Some(clinic) = client.clinic {
        query = query.filter(booking_referral::Column::ClinicId.eq(clinic.0));
    }
    if let Some(after) = after {
        query = query.filter(booking_referral::Column::HoldId.gt(after.0));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| HoldId(row.hold_id));
    // Most were never booked.
    let booked =
        hold::Entity::find().filter(hold::Column::Id.is_in(rows.iter().map(|row| row.hold_id))).all(db).await?;
    let mut all = Vec::new();
    for row in rows {
        let visit = booked.iter().find(|hold| hold.id == row.hold_id && hold.tenant_id == row.tenant_id);
        let Some(visit) = visit.and_then(|hold| hold.appointment_id) else { continue };
        all.push(Referred {
            hold: HoldId(row.hold_id),
            referral: Referral { source: row.source, booking_referral: row.booking_referral },
            appointment: AppointmentId(visit),
            at: Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?,
        });
    }
    Ok((all, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_handle_is_dropped() {
        let referral = Referral::of("source-abc", "34d1a803-cd6c-4420-9cf5-c5edcc533538");
        assert_eq!((referral.source.as_str(), referral.is_empty()), ("source-abc", false));
        for bad in ["a b", "<script>", "é", "a\nb", "\"", &"x".repeat(129)] {
            assert!(Referral::of(bad, bad).is_empty(), "{bad}");
        }
    }
}
