//! What was said in a chart that becomes part of another, who is invited to it, and what files it has, goes along.

use std::collections::HashMap;

use domain::{ids::PatientId, profile::Answer};
use entity::{grant_invite, profile_statement, stored_file};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merge::Merging;
use crate::{
    cx::Cx,
    db::Tx,
    error::Internal,
    profile::statement::{Saying, State, said, write_down},
};

/// What went along.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SaidMoved {
    statements: Vec<Uuid>,
    /// With the state they had: another statement took their place.
    outdone: Vec<(Uuid, String)>,
    /// Lists made of both charts' lists: nobody's allergy is out of sight because of a merge.
    united: Vec<Uuid>,
    invites: Vec<Uuid>,
    #[serde(default)]
    files: Vec<Uuid>,
}

/// A file without its bytes.
#[derive(FromQueryResult)]
struct FileId {
    id: Uuid,
}

/// A state that only one statement of a section may have, and what the other one gets.
const SINGLE: [(State, State); 2] = [(State::Current, State::Superseded), (State::Requested, State::Withdrawn)];

/// Where both charts say something, what the kept one says counts; lists become one list.
pub(super) async fn go_along(cx: &Cx, tx: &Tx, merging: &Merging) -> Result<SaidMoved, Internal> {
    let of = |patient: PatientId| {
        profile_statement::Entity::find()
            .filter(profile_statement::Column::TenantId.eq(merging.tenant.0))
            .filter(profile_statement::Column::PatientId.eq(patient.0))
    };
    let of_kept: HashMap<(String, String), profile_statement::Model> = of(merging.kept)
        .all(tx)
        .await?
        .into_iter()
        .map(|said| ((said.section.clone(), said.state.clone()), said))
        .collect();
    let mut moved = SaidMoved::default();
    for row in of(merging.gone).all(tx).await? {
        moved.statements.push(row.id);
        let single = SINGLE.iter().find(|(state, _)| state.as_str() == row.state);
        let counts = of_kept.get(&(row.section.clone(), row.state.clone()));
        if let (Some((state, instead)), Some(counts)) = (single, counts) {
            outdo(tx, &mut moved, &row, *instead).await?;
            if *state == State::Current
                && let Some(united) = unite(cx, tx, merging, (counts, &row)).await?
            {
                outdo(tx, &mut moved, counts, *instead).await?;
                moved.united.push(united);
            }
        }
    }
    to(tx, &moved.statements, merging.kept).await?;
    let invites = grant_invite::Entity::find()
        .filter(grant_invite::Column::TenantId.eq(merging.tenant.0))
        .filter(grant_invite::Column::PatientId.eq(merging.gone.0))
        .filter(grant_invite::Column::State.eq("open"))
        .all(tx)
        .await?;
    moved.invites = invites.into_iter().map(|invite| invite.id).collect();
    invites_to(tx, &moved.invites, merging.kept).await?;
    let files = stored_file::Entity::find()
        .filter(stored_file::Column::TenantId.eq(merging.tenant.0))
        .filter(stored_file::Column::PatientId.eq(merging.gone.0))
        .select_only()
        .column(stored_file::Column::Id)
        .into_model::<FileId>()
        .all(tx)
        .await?;
    moved.files = files.into_iter().map(|file| file.id).collect();
    files_to(tx, &moved.files, merging.kept).await?;
    Ok(moved)
}

async fn outdo(tx: &Tx, moved: &mut SaidMoved, row: &profile_statement::Model, instead: State) -> Result<(), Internal> {
    set_state(tx, row.id, instead.as_str()).await?;
    moved.outdone.push((row.id, row.state.clone()));
    Ok(())
}

/// Says both lists as one. `None` when the kept chart's says it all, or they are no lists.
async fn unite(
    cx: &Cx,
    tx: &Tx,
    merging: &Merging,
    (kept, gone): (&profile_statement::Model, &profile_statement::Model),
) -> Result<Option<Uuid>, Internal> {
    let keys = cx.keys.scope(tx, merging.tenant.0).await?;
    let (kept, gone) = (said(&keys, kept)?, said(&keys, gone)?);
    let section = kept.section;
    // What finds no room stays readable under "What was said before".
    let add = |all: Answer, item: &domain::profile::Item| all.clone().with_item(section, item.clone()).unwrap_or(all);
    let all = gone.answer.items().iter().fold(kept.answer.clone(), add);
    if all == kept.answer {
        return Ok(None);
    }
    let (tenant, patient, actor) = (merging.tenant, merging.kept, merging.actor);
    let saying = Saying { tenant, patient, section, said_by: "patient", answer: &all, state: State::Current, actor };
    let id = write_down(cx, tx, &saying).await?;
    Ok(Some(id))
}

/// Everything as it was. Where the patient said something new since, that stays with the kept chart and counts there.
pub(super) async fn go_back(tx: &Tx, merging: (PatientId, PatientId), moved: &SaidMoved) -> Result<(), Internal> {
    let (kept, gone) = merging;
    to(tx, &moved.statements, gone).await?;
    for id in &moved.united {
        set_state(tx, *id, State::Superseded.as_str()).await?;
    }
    for (id, state) in &moved.outdone {
        if moved.statements.contains(id) || !says_something(tx, kept, *id).await? {
            set_state(tx, *id, state).await?;
        }
    }
    files_to(tx, &moved.files, gone).await?;
    invites_to(tx, &moved.invites, gone).await
}

/// Whether something counts in the section of `statement` in the chart now.
async fn says_something(tx: &Tx, chart: PatientId, statement: Uuid) -> Result<bool, Internal> {
    let Some(statement) = profile_statement::Entity::find_by_id(statement).one(tx).await? else { return Ok(true) };
    let counts = profile_statement::Entity::find()
        .filter(profile_statement::Column::PatientId.eq(chart.0))
        .filter(profile_statement::Column::Section.eq(statement.section))
        .filter(profile_statement::Column::State.eq(State::Current.as_str()))
        .one(tx)
        .await?;
    Ok(counts.is_some())
}

async fn to(tx: &Tx, statements: &[Uuid], patient: PatientId) -> Result<(), Internal> {
    profile_statement::Entity::update_many()
        .col_expr(profile_statement::Column::PatientId, Expr::value(patient.0))
        .filter(profile_statement::Column::Id.is_in(statements.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn set_state(tx: &Tx, id: Uuid, state: &str) -> Result<(), Internal> {
    profile_statement::Entity::update_many()
        .col_expr(profile_statement::Column::State, Expr::value(state))
        .filter(profile_statement::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn invites_to(tx: &Tx, invites: &[Uuid], patient: PatientId) -> Result<(), Internal> {
    grant_invite::Entity::update_many()
        .col_expr(grant_invite::Column::PatientId, Expr::value(patient.0))
        .filter(grant_invite::Column::Id.is_in(invites.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn files_to(tx: &Tx, files: &[Uuid], patient: PatientId) -> Result<(), Internal> {
    stored_file::Entity::update_many()
        .col_expr(stored_file::Column::PatientId, Expr::value(patient.0))
        .filter(stored_file::Column::Id.is_in(files.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}
