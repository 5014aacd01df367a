//! Work after the transaction that caused it: a row written in that transaction, taken by a worker, tried again with
//! back-off, and put aside as dead when trying cannot help. At least once; every job is safe to run twice.

mod lane;

use std::{collections::BTreeSet, panic::AssertUnwindSafe};

use domain::{
    ids::{AppointmentId, ClinicId, PatientId, TenantId},
    paper_code::PaperCode,
    person::Email,
};
use entity::job;
use futures::FutureExt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    booking,
    cx::Cx,
    db::Db,
    error::Internal,
    identity::recovery,
    keys::{INSTALLATION, Place},
    notices,
    patients::{cases, claim, index},
    waitlist,
};

pub use lane::{JobBell, Lane};

/// How long a worker may be busy with one job before another may take it: longer than a mail server takes that answers each
/// step in the last moment, because a mail that two send comes twice.
const LEASE_MS: i64 = 300_000;
/// After this many failures a job is dead.
const ATTEMPTS: i64 = 10;
const BATCH: u64 = 20;

/// What there is to do. Stored as sealed JSON; old rows must stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Job {
    /// A six-digit code to an address, within ten minutes or not at all.
    SendCode { email: String, code: String, expires_at: i64 },
    /// Something about how an account is signed in to has changed.
    SendSecurityNotice { email: String, change: SecurityChange, at: i64 },
    /// Somebody gave an address and a code to recover its account with.
    StartRecovery { email: Email, code: PaperCode },
    /// An account is being recovered, which can be stopped.
    SendRecoveryNotice { email: String, recovery: Uuid, ready_at: i64 },
    /// An account says whose chart it looks for.
    ResolveClaim { claim: Uuid, code: String },
    /// The code that shows that a chart's address is the account owner's.
    SendClaimCode { email: String, code: String },
    /// The clinic put another address into a chart: the former one hears of it.
    SendAddressCorrected { email: String, clinic: ClinicId },
    /// Somebody is invited to help with somebody's records.
    SendInvite { email: String },
    /// Somebody is invited to work at a clinic. The link is a secret.
    SendStaffInvite { email: String, link: String },
    /// A chart was opened in an emergency: its privacy officers are to look into it.
    SendEmergencyNotice { email: String, tenant: TenantId, access: Uuid },
    /// A clinic's own calendar is not read any more; to whoever runs the clinic.
    SendCalendarTrouble { email: String, clinic: ClinicId, source: Uuid },
    /// The clinic answered what a helper asked to be allowed.
    SendGrantAnswer { email: String, patient: PatientId },
    /// Somebody is old enough to have a say, and hears how to take over their records.
    SendGrowingUp { email: String, tenant: TenantId },
    /// Charts came in that may be somebody's who is here already.
    LookForDuplicates { tenant: TenantId, clinic: ClinicId, patients: Vec<Uuid> },
    /// Times may have become free that somebody waits for.
    OfferWaitlist { tenant: TenantId, clinic: ClinicId },
    /// A time is offered to somebody who waits.
    SendWaitlistOffer { tenant: TenantId, offer: Uuid },
    /// Somebody no longer waits, and did not end it themselves.
    SendWaitlistEnded { tenant: TenantId, entry: Uuid },
    /// A visit was booked, moved or cancelled.
    SendVisitMail { tenant: TenantId, appointment: AppointmentId, event: VisitEvent, sequence: i64 },
    /// A visit lost its place, and other times are to be looked for and kept for so many hours.
    OfferTimes { tenant: TenantId, appointment: AppointmentId, hours: i64 },
    /// Whether a visit's time still stands; `version` is that of what is to be said.
    SendPlaceMail { tenant: TenantId, appointment: AppointmentId, event: PlaceEvent, version: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitEvent {
    Booked,
    Moved,
    /// By or for the patient.
    Cancelled,
    /// By the clinic.
    CalledOff,
    /// Asked for, and the clinic cannot have it then.
    Declined,
}

/// What becomes of a visit's place after the clinic changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceEvent {
    /// Other times are kept for the patient to choose from.
    Choose,
    /// It stands after all.
    Stands,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityChange {
    PasskeyAdded,
    PasskeyRemoved,
    AddressAdded,
    AddressRemoved,
    AddressMain,
    RecoveryCodesMade,
    RecoveryStopped,
    Recovered,
    ChartConnected,
    ChartConnectedElsewhere,
    GrantEnded,
    HelperMayMore,
    HelperSaid,
    ChildIsOlder,
    InviteAccepted,
    InviteDeclined,
    OneTimeAdded,
    OneTimeRemoved,
    PostEnded,
}

impl SecurityChange {
    /// Action and entity of its audit row.
    pub(crate) fn audited(self) -> (&'static str, &'static str) {
        match self {
            Self::PasskeyAdded => ("passkey.add", "passkey"),
            Self::PasskeyRemoved => ("passkey.remove", "passkey"),
            Self::AddressAdded => ("address.add", "account_address"),
            Self::AddressRemoved => ("address.remove", "account_address"),
            Self::AddressMain => ("address.main", "account_address"),
            Self::RecoveryCodesMade => ("recovery_codes.make", "account"),
            Self::RecoveryStopped => ("recovery.stop", "recovery"),
            Self::Recovered => ("recovery.use", "account"),
            Self::ChartConnected => ("chart.connect", "patient"),
            Self::GrantEnded => ("grant.end", "chart_grant"),
            Self::HelperMayMore => ("grant.widen", "chart_grant"),
            Self::HelperSaid => ("profile.tell", "profile_statement"),
            Self::ChildIsOlder => ("grant.narrow", "chart_grant"),
            Self::InviteAccepted => ("grant.accept", "grant_invite"),
            Self::InviteDeclined => ("grant.decline", "grant_invite"),
            Self::OneTimeAdded => ("one_time_password.add", "account"),
            Self::OneTimeRemoved => ("one_time_password.remove", "account"),
            Self::PostEnded => ("staff.disabled", "staff"),
            Self::ChartConnectedElsewhere => ("chart.connect_elsewhere", "patient"),
        }
    }
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error("{0}")]
    Later(String),
    #[error("{0}")]
    Never(String),
}

impl From<Internal> for JobError {
    fn from(error: Internal) -> Self {
        Self::Later(error.to_string())
    }
}

/// Queues a job in the caller's transaction. The caller rings `job_bell` after the commit.
pub async fn enqueue(cx: &Cx, tx: &impl ConnectionTrait, job: &Job) -> Result<(), Internal> {
    let id = cx.id();
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let kind = match job {
        Job::SendCode { .. } => "send_code",
        Job::SendSecurityNotice { .. } => "send_security_notice",
        Job::StartRecovery { .. } => "start_recovery",
        Job::SendRecoveryNotice { .. } => "send_recovery_notice",
        Job::ResolveClaim { .. } => "resolve_claim",
        Job::SendClaimCode { .. } => "send_claim_code",
        Job::SendAddressCorrected { .. } => "send_address_corrected",
        Job::SendInvite { .. } => "send_invite",
        Job::SendStaffInvite { .. } => "send_staff_invite",
        Job::SendEmergencyNotice { .. } => "send_emergency_notice",
        Job::SendCalendarTrouble { .. } => "send_calendar_trouble",
        Job::SendGrantAnswer { .. } => "send_grant_answer",
        Job::SendGrowingUp { .. } => "send_growing_up",
        Job::LookForDuplicates { .. } => "look_for_duplicates",
        Job::OfferWaitlist { .. } => "offer_waitlist",
        Job::SendWaitlistOffer { .. } => "send_waitlist_offer",
        Job::SendWaitlistEnded { .. } => "send_waitlist_ended",
        Job::SendVisitMail { .. } => "send_visit_mail",
        Job::OfferTimes { .. } => "offer_times",
        Job::SendPlaceMail { .. } => "send_place_mail",
    };
    let row = job::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        payload: Set(keys.seal(cx.rng.as_ref(), place(id), &serde_json::to_vec(job)?)?),
        run_at: Set(cx.now_ms()),
        attempts: Set(0),
        locked_until: Set(None),
        last_error: Set(None),
        dead_at: Set(None),
        created_at: Set(cx.now_ms()),
    };
    job::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Runs what is due of every lane, at most a batch. Answers how much was done: jobs, well or not, and charts whose keys were
/// made.
pub async fn run_due(cx: &Cx) -> Result<u64, Internal> {
    let made = index::catch_up_some(cx).await?;
    Ok(made + run_some(cx, Condition::all(), || false).await?)
}

/// The same of one lane, until `stops` says so.
pub async fn run_lane(cx: &Cx, lane: Lane, stops: impl Fn() -> bool) -> Result<u64, Internal> {
    let made = if lane == Lane::Work { index::catch_up_some(cx).await? } else { 0 };
    Ok(made + run_some(cx, lane.of(), stops).await?)
}

async fn run_some(cx: &Cx, of: Condition, stops: impl Fn() -> bool) -> Result<u64, Internal> {
    let now = cx.now_ms();
    let free = Condition::any().add(job::Column::LockedUntil.is_null()).add(job::Column::LockedUntil.lte(now));
    let due = job::Entity::find()
        .filter(job::Column::DeadAt.is_null())
        .filter(job::Column::RunAt.lte(now))
        .filter(free)
        .filter(of)
        .order_by_asc(job::Column::RunAt)
        .limit(BATCH)
        .all(cx.db.read())
        .await?;
    let mut run = 0;
    for row in due {
        if stops() {
            break;
        }
        if claim(cx, &row).await? {
            run += 1;
            run_one(cx, row).await?;
        }
    }
    Ok(run)
}

/// Jobs that wait, and jobs that are dead.
pub async fn counts(db: &Db) -> Result<(u64, u64), Internal> {
    let waiting = job::Entity::find().filter(job::Column::DeadAt.is_null()).count(db.read()).await?;
    let dead = job::Entity::find().filter(job::Column::DeadAt.is_not_null()).count(db.read()).await?;
    Ok((waiting, dead))
}

/// Visits for which other times are to be looked for still: few, and only after hours changed.
pub(crate) async fn looked_for(cx: &Cx, tenant: TenantId) -> Result<BTreeSet<AppointmentId>, Internal> {
    let rows = job::Entity::find()
        .filter(job::Column::Kind.eq("offer_times"))
        .filter(job::Column::DeadAt.is_null())
        .all(cx.db.read())
        .await?;
    let mut visits = BTreeSet::new();
    for row in rows {
        // What cannot be read is for the worker to say.
        if let Ok(Job::OfferTimes { tenant: of, appointment, .. }) = read(cx, &row).await
            && of == tenant
        {
            visits.insert(appointment);
        }
    }
    Ok(visits)
}

/// Two workers may see the same row; one of them gets it, as of now and not of when the batch was read, and only as it was
/// read: somebody else may have tried it since.
async fn claim(cx: &Cx, row: &job::Model) -> Result<bool, Internal> {
    let now = cx.now_ms();
    let free = Condition::any().add(job::Column::LockedUntil.is_null()).add(job::Column::LockedUntil.lte(now));
    cx.db
        .write(|tx| {
            let free = free.clone();
            async move {
                let result = job::Entity::update_many()
                    .col_expr(job::Column::LockedUntil, Expr::value(now + LEASE_MS))
                    .filter(job::Column::Id.eq(row.id))
                    .filter(job::Column::Attempts.eq(row.attempts))
                    .filter(job::Column::DeadAt.is_null())
                    .filter(free)
                    .exec(&tx)
                    .await
                    .map_err(Internal::from)?;
                Ok(result.rows_affected == 1)
            }
        })
        .await
}

async fn run_one(cx: &Cx, row: job::Model) -> Result<(), Internal> {
    let outcome = match read(cx, &row).await {
        // A panic is one job's, and not the queue's.
        Ok(job) => AssertUnwindSafe(perform(cx, row.id, job))
            .catch_unwind()
            .await
            .unwrap_or_else(|_panic| Err(JobError::Later("it panicked; the log says where".to_owned()))),
        Err(error) => Err(JobError::Never(error.to_string())),
    };
    let (id, now, attempts) = (row.id, cx.now_ms(), row.attempts + 1);
    let error = match outcome {
        Ok(()) => None,
        Err(JobError::Later(why)) => {
            tracing::warn!(job = %id, kind = row.kind, attempts, why, "job failed, will be tried again");
            Some((why, (attempts >= ATTEMPTS).then_some(now)))
        }
        Err(JobError::Never(why)) => {
            tracing::error!(job = %id, kind = row.kind, why, "job is dead");
            Some((why, Some(now)))
        }
    };
    let error = &error;
    cx.db
        .write(|tx| async move {
            match error {
                None => {
                    job::Entity::delete_by_id(id).exec(&tx).await.map_err(Internal::from)?;
                }
                Some((why, dead)) => {
                    job::Entity::update_many()
                        .col_expr(job::Column::Attempts, Expr::value(attempts))
                        .col_expr(job::Column::LastError, Expr::value(Some(why.clone())))
                        .col_expr(job::Column::RunAt, Expr::value(now + back_off_ms(attempts)))
                        .col_expr(job::Column::LockedUntil, Expr::value(None::<i64>))
                        .col_expr(job::Column::DeadAt, Expr::value(*dead))
                        .filter(job::Column::Id.eq(id))
                        .exec(&tx)
                        .await
                        .map_err(Internal::from)?;
                }
            }
            Ok::<_, Internal>(())
        })
        .await
}

/// 5 s, 10 s, 20 s … at most an hour.
fn back_off_ms(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(10);
    (5_000_i64 << doublings).min(3_600_000)
}

async fn read(cx: &Cx, row: &job::Model) -> Result<Job, Internal> {
    let keys = cx.installation_keys().await?;
    Ok(serde_json::from_slice(&keys.open(place(row.id), &row.payload)?)?)
}

/// `id` is the job's: what is sent at a second try is the same message.
async fn perform(cx: &Cx, id: Uuid, job: Job) -> Result<(), JobError> {
    match job {
        Job::SendCode { email, code, expires_at } => notices::send_code(cx, id, &email, &code, expires_at).await,
        Job::SendSecurityNotice { email, change, at } => notices::send_security(cx, id, &email, change, at).await,
        Job::StartRecovery { email, code } => Ok(recovery::start(cx, &email, &code).await?),
        Job::SendRecoveryNotice { email, recovery, ready_at } => {
            notices::send_recovery(cx, id, &email, recovery, ready_at).await
        }
        Job::ResolveClaim { claim, code } => Ok(claim::resolve(cx, claim, &code).await?),
        Job::SendClaimCode { email, code } => notices::send_claim_code(cx, id, &email, &code).await,
        Job::SendAddressCorrected { email, clinic } => notices::send_address_corrected(cx, id, &email, clinic).await,
        Job::SendInvite { email } => notices::send_invite(cx, id, &email).await,
        Job::SendStaffInvite { email, link } => notices::send_staff_invite(cx, id, &email, &link).await,
        Job::SendEmergencyNotice { email, access, .. } => notices::send_emergency(cx, id, &email, access).await,
        Job::SendCalendarTrouble { email, clinic, source } => {
            notices::send_calendar_trouble(cx, id, &email, clinic, source).await
        }
        Job::SendGrantAnswer { email, patient } => notices::send_grant_answer(cx, id, &email, patient).await,
        Job::SendGrowingUp { email, tenant } => notices::send_growing_up(cx, id, &email, tenant).await,
        Job::LookForDuplicates { tenant, clinic, patients } => {
            Ok(cases::look_for_duplicates(cx, tenant, clinic, &patients).await?)
        }
        Job::OfferWaitlist { tenant, clinic } => Ok(waitlist::offer_times(cx, tenant, clinic).await?),
        Job::SendWaitlistOffer { tenant, offer } => notices::send_waitlist_offer(cx, tenant, offer).await,
        Job::SendWaitlistEnded { tenant, entry } => notices::send_waitlist_ended(cx, tenant, entry).await,
        Job::SendVisitMail { tenant, appointment, event, sequence } => {
            notices::send_visit_mail(cx, tenant, appointment, event, sequence).await
        }
        Job::OfferTimes { tenant, appointment, hours } => {
            Ok(booking::offer_times(cx, tenant, appointment, hours).await?)
        }
        Job::SendPlaceMail { tenant, appointment, event, version } => {
            notices::send_place_mail(cx, tenant, appointment, event, version).await
        }
    }
}

fn place(id: Uuid) -> Place {
    Place { table: "job", column: "payload", row: id }
}
