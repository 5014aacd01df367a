//! Who reaches a chart, for whose it is; and ending it, which either side can at once.

use domain::{grant::Rights, ids::AccountId};
use entity::chart_grant;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{OpenInvite, invite::open_of};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    identity::{addresses, grants},
    jobs::SecurityChange,
    patients::{PatientChart, rights_of},
    who::{Actor, Patient},
};

/// An account that reaches one's chart.
#[derive(Clone, Debug)]
pub struct Reaching {
    pub grant: Uuid,
    /// Its main address.
    pub email: String,
    pub relation: String,
    pub rights: Rights,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

/// Others who reach a chart, and who is invited. Empty for a chart that is not one's own.
pub async fn reaching(cx: &Cx, chart: &PatientChart) -> Result<(Vec<Reaching>, Vec<OpenInvite>), Internal> {
    if !chart.is_own() {
        return Ok((Vec::new(), Vec::new()));
    }
    let rows = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(chart.tenant.0))
        .filter(chart_grant::Column::PatientId.eq(chart.patient.0))
        .filter(chart_grant::Column::AccountId.ne(chart.who.account.0))
        .filter(grants::in_force(cx.now_ms()))
        .order_by_asc(chart_grant::Column::FromAt)
        .all(cx.db.read())
        .await?;
    let time = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let own = addresses::of_account(cx, cx.db.read(), AccountId(row.account_id)).await?;
        all.push(Reaching {
            grant: row.id,
            email: own.into_iter().next().map(|address| address.email).unwrap_or_default(),
            rights: rights_of(&row),
            since: time(row.from_at)?,
            until: row.until_at.map(time).transpose()?,
            relation: row.relation,
        });
    }
    Ok((all, open_of(cx, chart).await?))
}

/// Ends a grant at once: one's own to somebody's chart, or somebody's to one's own chart. Both sides hear of it. `false`
/// when there is none to end.
pub async fn end_grant(cx: &Cx, who: &Patient, id: Uuid) -> Result<bool, Internal> {
    let account = who.account;
    let ended = cx
        .db
        .write(|tx| async move {
            let row = chart_grant::Entity::find_by_id(id).filter(grants::in_force(cx.now_ms())).one(&tx).await?;
            let Some(row) = row else { return Ok::<_, Internal>(false) };
            let tenant = domain::ids::TenantId(row.tenant_id);
            let patient = domain::ids::PatientId(row.patient_id);
            let mine = row.account_id == account.0;
            let of_mine = grants::grant_of(cx, &tx, account, tenant, patient).await?;
            if !mine && of_mine.is_none_or(|own| own.relation != "self") {
                return Ok(false);
            }
            grants::end(cx, &tx, id).await?;
            super::invite::withdraw_of(cx, &tx, AccountId(row.account_id), (tenant, patient)).await?;
            let actor = Actor { kind: "account", id: Some(account.0) };
            let entry = Entry {
                actor,
                action: "grant.end",
                entity: "chart_grant",
                entity_id: Some(id),
                patient_id: Some(patient.0),
                outcome: "ok",
            };
            audit::append(cx, &tx, tenant, entry).await?;
            let theirs = AccountId(row.account_id);
            addresses::tell_of(cx, &tx, actor, theirs, id, SecurityChange::GrantEnded).await?;
            if !mine {
                addresses::tell(cx, &tx, account, id, SecurityChange::GrantEnded).await?;
            }
            Ok(true)
        })
        .await?;
    cx.job_bell.ring();
    Ok(ended)
}
