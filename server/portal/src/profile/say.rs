//! A patient says something. In the clinic's own sections it is a request.

use domain::{
    grant::Right,
    profile::{Answer, Group, Owner, Section},
};
use entity::profile_statement;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::statement::{Saying, State, place, read, write_down};
use crate::{
    audit,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{addresses, grants},
    jobs::SecurityChange,
    patients::PatientChart,
};

#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The account may not see or change this section.
    #[error("not found")]
    NotFound,
    /// Something else was said since the page was made.
    #[error("changed meanwhile")]
    Changed,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for ProfileError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for ProfileError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Whether the account may see and change a section. How to reach somebody safely is for their own eyes.
pub fn may_see(chart: &PatientChart, section: Section) -> bool {
    match (section, section.group()) {
        (Section::Communication, _) => chart.is_own(),
        // A parent loses this right as the child grows up, unless the clinic gave it back.
        (_, Group::YourHealth) => chart.may(Right::Notes),
        // What is sensitive is a young person's own first.
        _ if section.sensitive() && chart.is_young_persons() => false,
        // Whoever was invited sees of the insurance what they were invited to.
        (_, Group::Paying) if chart.is_invited() => chart.may(Right::Pay),
        _ => chart.may(Right::Book),
    }
}

/// Says it. `seen` is `Known::seen` of the page that was filled in: of two pages at once, one is asked to look again.
pub async fn say(
    cx: &Cx,
    chart: &PatientChart,
    section: Section,
    answer: &Answer,
    seen: Option<Uuid>,
) -> Result<(), ProfileError> {
    if !may_see(chart, section) {
        return Err(ProfileError::NotFound);
    }
    cx.db.write(|tx| async move { say_in(cx, &tx, chart, section, answer, seen).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn say_in(
    cx: &Cx,
    tx: &Tx,
    chart: &PatientChart,
    section: Section,
    answer: &Answer,
    seen: Option<Uuid>,
) -> Result<(), ProfileError> {
    // Of two at once, one sees the other.
    let guard = crate::identity::charts::find(cx, tx, chart.tenant, chart.patient).await?;
    crate::identity::charts::touch(tx, chart.tenant, &guard).await?;
    let known = read(cx, tx, chart).await?;
    let known = known.iter().find(|known| known.section == section).ok_or(ProfileError::NotFound)?;
    if known.seen() != seen {
        return Err(ProfileError::Changed);
    }
    let (from, to, action) = match section.owner() {
        Owner::Patient => (State::Current, State::Current, "profile.say"),
        Owner::Clinic => (State::Requested, State::Requested, "profile.request"),
    };
    let over = if from == State::Current { State::Superseded } else { State::Withdrawn };
    replace(tx, chart, section, from, over).await?;
    let (tenant, patient, actor) = (chart.tenant, chart.patient, chart.actor());
    let saying = Saying { tenant, patient, section, said_by: "patient", answer, state: to, actor };
    let id = write_down(cx, tx, &saying).await?;
    if !chart.is_own() {
        // Whose chart it is hears of what others say of them.
        for own in grants::own_accounts(cx, tx, chart.tenant, chart.patient).await? {
            addresses::tell_of(cx, tx, actor, own, id, SecurityChange::HelperSaid).await?;
        }
    }
    Ok(audit::append(cx, tx, chart.tenant, chart.entry(action)).await?)
}

async fn replace(tx: &Tx, chart: &PatientChart, section: Section, from: State, over: State) -> Result<u64, Internal> {
    let result = profile_statement::Entity::update_many()
        .col_expr(profile_statement::Column::State, Expr::value(over.as_str()))
        .filter(profile_statement::Column::TenantId.eq(chart.tenant.0))
        .filter(profile_statement::Column::PatientId.eq(chart.patient.0))
        .filter(profile_statement::Column::Section.eq(section.slug()))
        .filter(profile_statement::Column::State.eq(from.as_str()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// Takes a request back that waits. `false` when none waits.
pub async fn withdraw(cx: &Cx, chart: &PatientChart, section: Section) -> Result<bool, ProfileError> {
    if !may_see(chart, section) {
        return Err(ProfileError::NotFound);
    }
    cx.db
        .write(|tx| async move {
            let withdrawn = replace(&tx, chart, section, State::Requested, State::Withdrawn).await? > 0;
            if withdrawn {
                audit::append(cx, &tx, chart.tenant, chart.entry("profile.withdraw")).await?;
            }
            Ok::<_, ProfileError>(withdrawn)
        })
        .await
}

/// The patient's words to a request that was declined; they stay with it (HIP-14). `false` when there is none.
pub async fn disagree(cx: &Cx, chart: &PatientChart, request: Uuid, words: &str) -> Result<bool, ProfileError> {
    let row = profile_statement::Entity::find_by_id(request)
        .filter(profile_statement::Column::TenantId.eq(chart.tenant.0))
        .filter(profile_statement::Column::PatientId.eq(chart.patient.0))
        .one(cx.db.read())
        .await?;
    if !row.and_then(|row| Section::parse(&row.section)).is_some_and(|section| may_see(chart, section)) {
        return Ok(false);
    }
    let keys = cx.keys.scope(cx.db.read(), chart.tenant.0).await?;
    let sealed = keys.seal(cx.rng.as_ref(), place("disagreement", request), words.as_bytes())?;
    let sealed = &sealed;
    cx.db
        .write(|tx| async move {
            let result = profile_statement::Entity::update_many()
                .col_expr(profile_statement::Column::Disagreement, Expr::value(Some(sealed.clone())))
                .filter(profile_statement::Column::Id.eq(request))
                .filter(profile_statement::Column::TenantId.eq(chart.tenant.0))
                .filter(profile_statement::Column::PatientId.eq(chart.patient.0))
                .filter(profile_statement::Column::State.eq(State::Declined.as_str()))
                .filter(profile_statement::Column::Disagreement.is_null())
                .exec(&tx)
                .await?;
            if result.rows_affected == 1 {
                audit::append(cx, &tx, chart.tenant, chart.entry("profile.disagree")).await?;
            }
            Ok::<_, ProfileError>(result.rows_affected == 1)
        })
        .await
}
