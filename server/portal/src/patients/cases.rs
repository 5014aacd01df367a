//! What only a person at the clinic can decide: whether an account is a chart's, and whether two charts are one person's.

use domain::{
    growing_up::Stage,
    ids::{AccountId, ClinicId, PatientId, TenantId},
    matching::{Finding, Verdict},
};
use entity::{chart_grant, match_case, registration};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    ChartRecord, Claimed, ClinicActor, MergeError, access, index,
    merge::{Merging, merge_in},
};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    family,
    identity::{
        charts, email_of,
        grants::{self, NewGrant},
    },
    keys::Place,
};

/// Shown at a time.
const PAGE: usize = 25;
/// So many are looked at, likeliest first: those of other clinics' charts must not hide one's own.
const LOOKED_AT: u64 = 500;

#[derive(Clone, Debug)]
pub struct MatchCase {
    pub id: Uuid,
    pub clinic: ClinicId,
    pub about: About,
    pub patient: PatientId,
    /// The chart that may be somebody's.
    pub record: ChartRecord,
    /// Whether an account reaches it.
    pub connected: bool,
    /// Whether the account that asks, or one that reaches the other chart, had an access to this one that has ended, or
    /// the other way round: saying that both are one person would let it in again.
    pub had_access: bool,
    /// Whether somebody of the chart's birth date is not of age.
    pub under_age: bool,
    /// The main address of the account that asks.
    pub asker: Option<String>,
    /// Bits that speak for it.
    pub weight: f64,
    pub made_at: Timestamp,
}

#[derive(Clone, Debug)]
pub enum About {
    /// An account whose owner says who they are.
    Claim(Claimed),
    /// Another chart, and whether an account reaches it: of two that have, a merge joins two logins.
    Duplicate(PatientId, Box<ChartRecord>, bool),
}

#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// No such case, none of this clinic's, or decided already.
    #[error("not found")]
    NotFound,
    /// Nobody lets their own account in.
    #[error("the claim is one's own")]
    Own,
    #[error(transparent)]
    Merge(#[from] MergeError),
}

impl From<Internal> for DecideError {
    fn from(error: Internal) -> Self {
        Self::Merge(error.into())
    }
}

impl From<sea_orm::DbErr> for DecideError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for DecideError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Merge(error) if error.is_conflict())
    }
}

/// Open cases, likeliest first.
pub async fn match_cases(cx: &Cx, by: &ClinicActor) -> Result<Vec<MatchCase>, Internal> {
    let rows = within_reach(cx, by).await?;
    let mut cases = Vec::with_capacity(PAGE);
    let mut traces = Vec::new();
    for row in rows.into_iter().take(PAGE) {
        // Each chart's access list tells who saw it here.
        for chart in charts_of(&row) {
            traces.push(Entry {
                actor: by.actor,
                action: "match_case.read",
                entity: "match_case",
                entity_id: Some(row.id),
                patient_id: Some(chart),
                outcome: "ok",
            });
        }
        cases.push(case_of(cx, by.tenant, row).await?);
    }
    audit::append_all(cx, by.tenant, traces).await?;
    Ok(cases)
}

/// How many wait for a decision; of very many, some.
pub async fn open_cases(cx: &Cx, by: &ClinicActor) -> Result<usize, Internal> {
    Ok(within_reach(cx, by).await?.len())
}

fn of_clinic(by: &ClinicActor) -> sea_orm::Select<match_case::Entity> {
    let open = match_case::Entity::find()
        .filter(match_case::Column::TenantId.eq(by.tenant.0))
        .filter(match_case::Column::State.eq("open"));
    match by.clinic {
        Some(clinic) => open.filter(match_case::Column::ClinicId.eq(clinic.0)),
        None => open,
    }
}

/// Open cases of which both charts are the clinic's, likeliest first. Of two clinics' patients, whoever may act for all of
/// them decides.
async fn within_reach(cx: &Cx, by: &ClinicActor) -> Result<Vec<match_case::Model>, Internal> {
    let rows = of_clinic(by).order_by_desc(match_case::Column::Weight).limit(LOOKED_AT).all(cx.db.read()).await?;
    let charts: Vec<Uuid> = rows.iter().flat_map(charts_of).collect();
    let reached = access::reached(cx, by, &charts).await?;
    Ok(rows.into_iter().filter(|row| charts_of(row).all(|chart| reached.contains(&chart))).collect())
}

/// The one or two charts that it is about.
fn charts_of(row: &match_case::Model) -> impl Iterator<Item = Uuid> + use<> {
    [Some(row.patient_id), row.other_id].into_iter().flatten()
}

async fn case_of(cx: &Cx, tenant: TenantId, row: match_case::Model) -> Result<MatchCase, Internal> {
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let patient = PatientId(row.patient_id);
    let record = ChartRecord::open(&keys, &charts::row(cx.db.read(), tenant, patient).await?)?;
    let about = match (row.other_id, &row.particulars) {
        (Some(other), _) => {
            let other = PatientId(other);
            let record = ChartRecord::open(&keys, &charts::row(cx.db.read(), tenant, other).await?)?;
            About::Duplicate(other, Box::new(record), grants::anybody(cx, cx.db.read(), tenant, other).await?)
        }
        (None, Some(sealed)) => About::Claim(serde_json::from_slice(&keys.open(place(row.id), sealed)?)?),
        (None, None) => return Err(Internal::Data("a case is about nothing".to_owned())),
    };
    let made_at = Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?;
    #[expect(clippy::cast_precision_loss, reason = "some thousand hundredths at most")]
    let weight = row.weight as f64 / 100.0;
    let connected = grants::anybody(cx, cx.db.read(), tenant, patient).await?;
    let under_age = family::stage_of(cx, cx.db.read(), tenant, record.birth_date).await? != Stage::OfAge;
    let asker = match row.account_id {
        Some(account) => Some(email_of(cx, cx.db.read(), AccountId(account)).await?),
        None => None,
    };
    let had_access = had_access(cx, tenant, &row).await?;
    let clinic = ClinicId(row.clinic_id);
    Ok(MatchCase {
        id: row.id,
        clinic,
        about,
        patient,
        record,
        connected,
        had_access,
        under_age,
        asker,
        weight,
        made_at,
    })
}

async fn had_access(cx: &Cx, tenant: TenantId, row: &match_case::Model) -> Result<bool, Internal> {
    let charts: Vec<Uuid> = charts_of(row).collect();
    let all = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.is_in(charts))
        .all(cx.db.read())
        .await?;
    let ended = |account: Uuid| all.iter().any(|grant| grant.account_id == account && grant.ended_at.is_some());
    let lives = all.iter().filter(|grant| grant.ended_at.is_none()).map(|grant| grant.account_id);
    Ok(row.account_id.into_iter().chain(lives).any(ended))
}

fn is_ones_own(row: &match_case::Model, by: &ClinicActor) -> bool {
    row.account_id.is_some() && row.account_id == by.actor.id
}

/// Whether whoever decides has or had access to one of these charts in the portal: then somebody else decides.
pub(super) async fn had_by(cx: &Cx, by: &ClinicActor, charts: &[Uuid]) -> Result<bool, Internal> {
    let Some(account) = by.actor.id else { return Ok(false) };
    let had = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(by.tenant.0))
        .filter(chart_grant::Column::AccountId.eq(account))
        .filter(chart_grant::Column::PatientId.is_in(charts.iter().copied()));
    Ok(had.count(cx.db.read()).await? > 0)
}

/// Says that both are one person, which connects or merges them, or that they are not.
pub async fn decide(cx: &Cx, by: &ClinicActor, id: Uuid, same: bool) -> Result<(), DecideError> {
    let row = of_clinic(by).filter(match_case::Column::Id.eq(id)).one(cx.db.read()).await?;
    let row = row.ok_or(DecideError::NotFound)?;
    let charts: Vec<Uuid> = charts_of(&row).collect();
    let reached = access::reached(cx, by, &charts).await?;
    if !charts.iter().all(|chart| reached.contains(chart)) {
        return Err(DecideError::NotFound);
    }
    if same && (is_ones_own(&row, by) || had_by(cx, by, &charts).await?) {
        let entry = Entry {
            actor: by.actor,
            action: "match_case.same",
            entity: "match_case",
            entity_id: Some(id),
            patient_id: Some(row.patient_id),
            outcome: "own",
        };
        audit::append_alone(cx, by.tenant, entry).await?;
        return Err(DecideError::Own);
    }
    cx.db.write(|tx| async move { decide_in(cx, &tx, by, id, same).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn decide_in(cx: &Cx, tx: &Tx, by: &ClinicActor, id: Uuid, same: bool) -> Result<(), DecideError> {
    let row = of_clinic(by).filter(match_case::Column::Id.eq(id)).one(tx).await?.ok_or(DecideError::NotFound)?;
    let decided = match_case::Entity::update_many()
        .col_expr(match_case::Column::State, Expr::value(if same { "same" } else { "different" }))
        .col_expr(match_case::Column::DecidedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(match_case::Column::DecidedByKind, Expr::value(Some(by.actor.kind)))
        .col_expr(match_case::Column::DecidedBy, Expr::value(by.actor.id))
        .filter(match_case::Column::Id.eq(id))
        .filter(match_case::Column::State.eq("open"))
        .exec(tx)
        .await?;
    if decided.rows_affected == 0 {
        return Err(DecideError::NotFound);
    }
    let patient = charts::kept(tx, by.tenant, PatientId(row.patient_id)).await?;
    if same {
        match (row.other_id, row.account_id) {
            (Some(other), _) => {
                let gone = charts::kept(tx, by.tenant, PatientId(other)).await?;
                // They may have been merged otherwise meanwhile.
                if gone != patient {
                    let (kept, gone) = worth_keeping(cx, tx, by.tenant, (patient, gone)).await?;
                    merge_in(cx, tx, &Merging { tenant: by.tenant, kept, gone, actor: by.actor }).await?;
                }
            }
            (None, Some(account)) => {
                grants::connect(cx, tx, AccountId(account), (by.tenant, patient), NewGrant::own("clinic")).await?;
            }
            (None, None) => {}
        }
    }
    let entry = Entry {
        actor: by.actor,
        action: if same { "match_case.same" } else { "match_case.different" },
        entity: "match_case",
        entity_id: Some(id),
        patient_id: Some(patient.0),
        outcome: "ok",
    };
    Ok(audit::append(cx, tx, by.tenant, entry).await?)
}

/// The first is kept: the one with the clinic's number, or else the one that nobody typed in themselves, or the older one.
async fn worth_keeping(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    (a, b): (PatientId, PatientId),
) -> Result<(PatientId, PatientId), Internal> {
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let mut charts = Vec::with_capacity(2);
    for id in [a, b] {
        let record = ChartRecord::open(&keys, &charts::row(tx, tenant, id).await?)?;
        let registered = registration::Entity::find()
            .filter(registration::Column::TenantId.eq(tenant.0))
            .filter(registration::Column::PatientId.eq(id.0))
            .filter(registration::Column::AccountId.is_not_null())
            .one(tx)
            .await?;
        charts.push((record.number.is_none(), registered.is_some(), id));
    }
    Ok(if charts[0] <= charts[1] { (a, b) } else { (b, a) })
}

/// The job after charts came in: is any of them somebody who is here already?
pub(crate) async fn look_for_duplicates(
    cx: &Cx,
    tenant: TenantId,
    clinic: ClinicId,
    patients: &[Uuid],
) -> Result<(), Internal> {
    index::catch_up(cx).await?;
    for patient in patients {
        look_for_one(cx, tenant, clinic, PatientId(*patient)).await?;
    }
    Ok(())
}

async fn look_for_one(cx: &Cx, tenant: TenantId, clinic: ClinicId, patient: PatientId) -> Result<(), Internal> {
    let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
    let record = ChartRecord::open(&keys, &charts::row(cx.db.read(), tenant, patient).await?)?;
    // Two charts of one person have two numbers, which speaks against nothing here.
    let record = ChartRecord { number: None, ..record };
    let found = index::find(cx, cx.db.read(), tenant, &record.particulars(), &[patient]).await?;
    let likeliest = match found {
        Finding::Chart(chart) => Some(chart),
        // Of charts that are strong alike, the first; what is merely possible would fill the list.
        Finding::Unsure(charts) => charts.into_iter().find(|chart| chart.score.verdict == Verdict::Strong),
        Finding::Nobody => None,
    };
    let Some(other) = likeliest else { return Ok(()) };
    let weight = hundredths(other.score.weight);
    let pair = (patient, other.id);
    cx.db.write(|tx| async move { open_duplicate(cx, &tx, (tenant, clinic), pair, weight).await }).await
}

/// Once a pair, whichever of the two came first, also when it was decided.
async fn open_duplicate(
    cx: &Cx,
    tx: &Tx,
    (tenant, clinic): (TenantId, ClinicId),
    (a, b): (PatientId, PatientId),
    weight: i64,
) -> Result<(), Internal> {
    for (one, other) in [(a, b), (b, a)] {
        let known = match_case::Entity::find()
            .filter(match_case::Column::PatientId.eq(one.0))
            .filter(match_case::Column::OtherId.eq(other.0));
        if known.one(tx).await?.is_some() {
            return Ok(());
        }
    }
    let case = match_case::ActiveModel {
        id: Set(cx.id()),
        tenant_id: Set(tenant.0),
        clinic_id: Set(clinic.0),
        kind: Set("duplicate".to_owned()),
        patient_id: Set(a.0),
        other_id: Set(Some(b.0)),
        account_id: Set(None),
        particulars: Set(None),
        weight: Set(weight),
        state: Set("open".to_owned()),
        made_at: Set(cx.now_ms()),
        decided_at: Set(None),
        decided_by_kind: Set(None),
        decided_by: Set(None),
    };
    match_case::Entity::insert(case).exec_without_returning(tx).await?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "weights are a few hundred bits at most")]
pub(super) fn hundredths(weight: f64) -> i64 {
    (weight * 100.0).round() as i64
}

pub(super) fn place(row: Uuid) -> Place {
    Place { table: "match_case", column: "particulars", row }
}
