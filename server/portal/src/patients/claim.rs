//! "Are there records of me?" An account says who it is; a job looks for the chart. A strong match is connected when the
//! chart's own address is one that the account proved, or once a code that was sent to the chart's address comes back.
//! Anything less certain is for the clinic. Whether there is a chart, nobody learns before that: every answer is the same.

use domain::{
    ids::{AccountId, ClinicId, PatientId, TenantId},
    matching::{Finding, Particulars, Verdict},
    person::typed_code,
};
use entity::{appointment, chart_claim, match_case, registration};
use jiff::civil::Date;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    Number, PatientChart,
    index::{self, Candidate},
};
use crate::{
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{
        addresses, charts,
        grants::{self, NewGrant},
        six_digits,
    },
    jobs::{self, Job},
    keys::{INSTALLATION, Place},
    who::{Actor, Patient},
};

const DAY_MS: i64 = 24 * 60 * 60_000;
/// Claims of one account in a day.
const MOST: u64 = 5;
/// Claims that lead to one chart in a day.
const MOST_A_DAY: u64 = 5;
const TRIES: i64 = 5;

/// Who somebody says they are. Texts are parsed before they come here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Empty for a single name.
    pub given: String,
    pub family: String,
    pub birth_date: Date,
    pub phone: Option<String>,
    /// The clinic's number from a letter or a card.
    pub number: Option<String>,
    /// With a chart of their own, which is compared by itself.
    #[serde(default)]
    pub registered: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    #[error("too many claims in a day")]
    TooMany,
    /// Not the code, none was sent, or it was tried too often; the same for all of them.
    #[error("wrong code")]
    Wrong,
    #[error("no such claim")]
    NotFound,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for ClaimError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for ClaimError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Begins to look for the account's chart at a clinic. Answers the claim's id.
pub async fn claim_chart(cx: &Cx, patient: &Patient, clinic: &Clinic, claimed: &Claimed) -> Result<Uuid, ClaimError> {
    let (code, account) = (six_digits(cx), patient.account);
    let code = &code;
    cx.db
        .write(|tx| async move {
            tx.wait_for_others(&[account.0.as_bytes()]).await?;
            let recent = chart_claim::Entity::find()
                .filter(chart_claim::Column::AccountId.eq(account.0))
                .filter(chart_claim::Column::MadeAt.gt(cx.now_ms() - DAY_MS));
            if recent.count(&tx).await? >= MOST {
                return Err(ClaimError::TooMany);
            }
            Ok(begin(cx, &tx, account, clinic, claimed, code).await?)
        })
        .await
        .inspect(|_: &Uuid| cx.job_bell.ring())
}

/// The claim and the job that looks for the chart.
pub(super) async fn begin(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    clinic: &Clinic,
    claimed: &Claimed,
    code: &str,
) -> Result<Uuid, Internal> {
    let id = cx.id();
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let row = chart_claim::ActiveModel {
        id: Set(id),
        tenant_id: Set(clinic.tenant.0),
        clinic_id: Set(clinic.id.0),
        account_id: Set(account.0),
        particulars: Set(keys.seal(cx.rng.as_ref(), place(id), &serde_json::to_vec(claimed)?)?),
        state: Set("open".to_owned()),
        patient_id: Set(None),
        code_hash: Set(keys.index("claim-code", &[&id.to_string(), code])),
        attempts: Set(0),
        made_at: Set(cx.now_ms()),
        expires_at: Set(cx.now_ms() + DAY_MS),
    };
    chart_claim::Entity::insert(row).exec_without_returning(tx).await?;
    jobs::enqueue(cx, tx, &Job::ResolveClaim { claim: id, code: code.to_owned() }).await?;
    Ok(id)
}

/// The job behind `claim_chart`.
pub(crate) async fn resolve(cx: &Cx, claim: Uuid, code: &str) -> Result<(), Internal> {
    index::catch_up(cx).await?;
    cx.db.write(|tx| async move { resolve_in(cx, &tx, claim, code).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn resolve_in(cx: &Cx, tx: &Tx, claim: Uuid, code: &str) -> Result<(), Internal> {
    let Some(row) = chart_claim::Entity::find_by_id(claim).one(tx).await?.filter(|row| row.state == "open") else {
        return Ok(());
    };
    let (tenant, account) = (TenantId(row.tenant_id), AccountId(row.account_id));
    let claimed = claimed_of(cx, tx, &row).await?;
    let proved: Vec<String> =
        addresses::of_account(cx, tx, account).await?.into_iter().map(|a| a.email.to_lowercase()).collect();
    let clinic = crate::clinic::in_tx(cx, tx, ClinicId(row.clinic_id)).await?.ok_or(Internal::Conflict)?;
    let particulars = particulars(&claimed, &clinic.profile.slug, &proved);
    // Whoever has a chart of their own here asks for somebody else's, as a shared family address lets them: that is for
    // the clinic to decide.
    let own = grants::own_birth_dates(cx, tx, account, tenant).await?;
    let somebody_else = !own.is_empty() && !own.contains(&claimed.birth_date);
    let theirs = grants::own_charts(cx, tx, account, tenant).await?;
    let (state, chart) = match index::find(cx, tx, tenant, &particulars, &theirs).await? {
        Finding::Nobody => ("nothing", None),
        Finding::Unsure(charts) => (with_clinic(cx, tx, &row, charts.first()).await?, None),
        Finding::Chart(chart) if somebody_else => (with_clinic(cx, tx, &row, Some(&chart)).await?, None),
        Finding::Chart(chart)
            if !grants::address_proves(cx, tx, account, ((tenant, chart.id), chart.record.birth_date)).await? =>
        {
            (with_clinic(cx, tx, &row, Some(&chart)).await?, None)
        }
        Finding::Chart(chart) => match chart.record.email.as_ref().map(|email| email.to_lowercase()) {
            Some(email) if proved.contains(&email) => {
                grants::connect(cx, tx, account, (tenant, chart.id), NewGrant::own("match")).await?;
                ("linked", Some(chart.id))
            }
            // Whoever holds the address is not to be asked all day, nor is its code to be guessed by many accounts.
            Some(_) if asked_today(cx, tx, chart.id).await? >= MOST_A_DAY => {
                (with_clinic(cx, tx, &row, Some(&chart)).await?, None)
            }
            Some(email) => {
                jobs::enqueue(cx, tx, &Job::SendClaimCode { email, code: code.to_owned() }).await?;
                ("sent", Some(chart.id))
            }
            None => (with_clinic(cx, tx, &row, Some(&chart)).await?, None),
        },
    };
    set_state(tx, claim, state, chart).await
}

async fn asked_today(cx: &Cx, tx: &Tx, chart: PatientId) -> Result<u64, Internal> {
    let asked = chart_claim::Entity::find()
        .filter(chart_claim::Column::PatientId.eq(chart.0))
        .filter(chart_claim::Column::MadeAt.gt(cx.now_ms() - DAY_MS));
    Ok(asked.count(tx).await?)
}

fn particulars(claimed: &Claimed, clinic: &str, proved: &[String]) -> Particulars {
    let mut all = super::record::named(&claimed.given, &claimed.family, claimed.birth_date);
    if let Some(phone) = &claimed.phone {
        all = all.with_phone(phone);
    }
    if let Some(number) = &claimed.number {
        let number = Number { clinic: clinic.to_owned(), number: number.clone() };
        all = all.with_number(&number.text());
    }
    proved.iter().fold(all, |all, email| all.with_email(email))
}

/// Somebody at the clinic has to look.
async fn with_clinic(
    cx: &Cx,
    tx: &Tx,
    row: &chart_claim::Model,
    likeliest: Option<&Candidate>,
) -> Result<&'static str, Internal> {
    let Some(chart) = likeliest else { return Ok("nothing") };
    let claimed = claimed_of(cx, tx, row).await?;
    // Their own new chart is compared with the others, and is the clinic's case already when it is surely the same.
    if claimed.registered && chart.score.verdict == Verdict::Strong {
        return Ok("nothing");
    }
    let id = cx.id();
    let tenant = TenantId(row.tenant_id);
    let claimed = serde_json::to_vec(&claimed)?;
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let case = match_case::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant.0),
        clinic_id: Set(of_clinic(cx, tx, tenant, chart).await?.map_or(row.clinic_id, |clinic| clinic.0)),
        kind: Set("claim".to_owned()),
        patient_id: Set(chart.id.0),
        other_id: Set(None),
        account_id: Set(Some(row.account_id)),
        particulars: Set(Some(keys.seal(cx.rng.as_ref(), super::cases::place(id), &claimed)?)),
        weight: Set(super::cases::hundredths(chart.score.weight)),
        state: Set("open".to_owned()),
        made_at: Set(cx.now_ms()),
        decided_at: Set(None),
        decided_by_kind: Set(None),
        decided_by: Set(None),
    };
    match_case::Entity::insert(case).exec_without_returning(tx).await?;
    Ok("with_clinic")
}

/// The clinic whose patient it is: only there may the case be seen.
async fn of_clinic(cx: &Cx, tx: &Tx, tenant: TenantId, chart: &Candidate) -> Result<Option<ClinicId>, Internal> {
    if let Some(number) = &chart.record.number {
        let clinic = crate::clinic::by_slug(cx, &number.clinic).await?;
        return Ok(clinic.filter(|clinic| clinic.tenant == tenant).map(|clinic| clinic.id));
    }
    let visit = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.eq(chart.id.0))
        .order_by_desc(appointment::Column::StartAt)
        .one(tx)
        .await?;
    if let Some(visit) = visit {
        return Ok(Some(ClinicId(visit.clinic_id)));
    }
    let registered = registration::Entity::find()
        .filter(registration::Column::TenantId.eq(tenant.0))
        .filter(registration::Column::PatientId.eq(chart.id.0))
        .one(tx)
        .await?;
    Ok(registered.map(|row| ClinicId(row.clinic_id)))
}

async fn set_state(tx: &Tx, claim: Uuid, state: &str, chart: Option<PatientId>) -> Result<(), Internal> {
    chart_claim::Entity::update_many()
        .col_expr(chart_claim::Column::State, Expr::value(state))
        .col_expr(chart_claim::Column::PatientId, Expr::value(chart.map(|chart| chart.0)))
        .filter(chart_claim::Column::Id.eq(claim))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether the claim led to a chart; to whoever made it alone.
pub async fn claim_is_linked(cx: &Cx, patient: &Patient, claim: Uuid) -> Result<bool, ClaimError> {
    Ok(own(cx, patient, claim).await?.state == "linked")
}

/// The claim that was begun when the account registered a chart, while its code may still come. It is there whether or
/// not another chart was found.
pub async fn claim_of_registration(cx: &Cx, patient: &Patient, chart: &PatientChart) -> Result<Option<Uuid>, Internal> {
    let claims = chart_claim::Entity::find()
        .filter(chart_claim::Column::AccountId.eq(patient.account.0))
        .filter(chart_claim::Column::TenantId.eq(chart.tenant.0))
        .filter(chart_claim::Column::ExpiresAt.gt(cx.now_ms()))
        .order_by_desc(chart_claim::Column::MadeAt)
        .all(cx.db.read())
        .await?;
    for row in claims.into_iter().filter(|row| row.state != "linked" && chart.is_own()) {
        if claimed_of(cx, cx.db.read(), &row).await?.registered {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

/// The clinic at which a chart was last registered. `None`: at none.
pub async fn registered_at(cx: &Cx, chart: &PatientChart) -> Result<Option<std::sync::Arc<Clinic>>, Internal> {
    let row = registration::Entity::find()
        .filter(registration::Column::TenantId.eq(chart.tenant.0))
        .filter(registration::Column::PatientId.eq(chart.patient.0))
        .order_by_desc(registration::Column::At)
        .one(cx.db.read())
        .await?;
    match row {
        Some(row) => crate::clinic::by_id(cx, ClinicId(row.clinic_id)).await,
        None => Ok(None),
    }
}

async fn own(cx: &Cx, patient: &Patient, claim: Uuid) -> Result<chart_claim::Model, ClaimError> {
    let row = chart_claim::Entity::find_by_id(claim).one(cx.db.read()).await?;
    row.filter(|row| row.account_id == patient.account.0).ok_or(ClaimError::NotFound)
}

/// The code that came to the chart's address connects the account with it.
pub async fn prove_claim(cx: &Cx, patient: &Patient, claim: Uuid, typed: &str) -> Result<(), ClaimError> {
    own(cx, patient, claim).await?;
    let typed = typed_code(typed);
    // Trying costs a try even if the rest fails, so it commits by itself.
    let row = cx.db.write(|tx| async move { spend_try(cx, &tx, claim).await }).await?;
    let keys = cx.installation_keys().await?;
    let right = keys.index("claim-code", &[&claim.to_string(), &typed]).ct_eq(&row.code_hash);
    let (true, "sent", Some(chart)) = (bool::from(right), row.state.as_str(), row.patient_id) else {
        let actor = Actor { kind: "account", id: Some(patient.account.0) };
        let (action, entity_id) = ("chart.claim", Some(claim));
        let entry = crate::audit::Entry {
            actor,
            action,
            entity: "chart_claim",
            entity_id,
            patient_id: row.patient_id,
            outcome: "wrong_code",
        };
        crate::audit::append_alone(cx, TenantId(row.tenant_id), entry).await?;
        return Err(ClaimError::Wrong);
    };
    let (tenant, account) = (TenantId(row.tenant_id), patient.account);
    cx.db
        .write(|tx| async move {
            let chart = charts::kept(&tx, tenant, PatientId(chart)).await?;
            let birth_date = charts::find(cx, &tx, tenant, chart).await?.birth_date;
            // What was true when the code was sent must be true still.
            if !grants::address_proves(cx, &tx, account, ((tenant, chart), birth_date)).await? {
                return Err(ClaimError::Wrong);
            }
            grants::connect(cx, &tx, account, (tenant, chart), NewGrant::own("match")).await?;
            set_state(&tx, claim, "linked", Some(chart)).await?;
            Ok::<_, ClaimError>(())
        })
        .await?;
    cx.job_bell.ring();
    Ok(())
}

async fn spend_try(cx: &Cx, tx: &Tx, claim: Uuid) -> Result<chart_claim::Model, ClaimError> {
    let row = chart_claim::Entity::find_by_id(claim).one(tx).await?.ok_or(ClaimError::NotFound)?;
    if row.attempts >= TRIES || row.expires_at <= cx.now_ms() {
        return Err(ClaimError::Wrong);
    }
    let spent = chart_claim::Entity::update_many()
        .col_expr(chart_claim::Column::Attempts, Expr::value(row.attempts + 1))
        .filter(chart_claim::Column::Id.eq(claim))
        .filter(chart_claim::Column::Attempts.eq(row.attempts))
        .exec(tx)
        .await?;
    if spent.rows_affected == 1 { Ok(row) } else { Err(Internal::Conflict.into()) }
}

async fn claimed_of(cx: &Cx, db: &impl ConnectionTrait, row: &chart_claim::Model) -> Result<Claimed, Internal> {
    let keys = cx.keys.scope(db, INSTALLATION).await?;
    Ok(serde_json::from_slice(&keys.open(place(row.id), &row.particulars)?)?)
}

fn place(row: Uuid) -> Place {
    Place { table: "chart_claim", column: "particulars", row }
}
