//! A chart that a clinic makes of somebody, without a visit.

use domain::ids::PatientId;

use super::{ChartRecord, alike, create_at_clinic};
use crate::{
    booking::Apart,
    cx::Cx,
    error::{Internal, MayConflict},
    idempotent::{self, Again, Sent},
    staff::{Permit, permission::ChangePatients},
};

#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Alike to these, likeliest first: whoever makes it says whether it is one of them.
    #[error("the clinic may know this person")]
    LikelyKnown(Vec<PatientId>),
    /// The same Idempotency-Key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<Again> for MakeError {
    fn from(error: Again) -> Self {
        match error {
            Again::KeyReused => Self::KeyReused,
            Again::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<sea_orm::DbErr> for MakeError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for MakeError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Makes it, unless the clinic may know the person. Sent again, it answers the same chart.
pub async fn make_chart(
    cx: &Cx,
    permit: &Permit<ChangePatients>,
    record: &ChartRecord,
    apart: &Apart,
    sent: &Sent,
) -> Result<PatientId, MakeError> {
    let caller = idempotent::caller(Some("chart"), permit.actor);
    let (caller, request) = ((permit.clinic.tenant, caller.as_str()), (sent.key.as_str(), sent.body.as_slice()));
    // Before the look: sent again, it would find the chart that was made the first time.
    if let Some(made) = idempotent::answered(cx, cx.db.read(), caller, request).await? {
        return Ok(made);
    }
    if let Apart::From(others) = apart {
        let found = alike(cx, &permit.lend(), record, others).await?;
        if !found.is_empty() {
            // Sent twice at once, the second finds what the first one made.
            let made = idempotent::answered(cx, cx.db.read(), caller, request).await?;
            return made.ok_or(MakeError::LikelyKnown(found));
        }
    }
    let made = cx
        .db
        .write(|tx| async move {
            if let Some(made) = idempotent::answered(cx, &tx, caller, request).await? {
                return Ok::<_, MakeError>(made);
            }
            let made = create_at_clinic(cx, &tx, permit, record).await?;
            idempotent::remember(cx, &tx, caller, request, &made).await?;
            Ok(made)
        })
        .await?;
    cx.job_bell.ring();
    Ok(made)
}
