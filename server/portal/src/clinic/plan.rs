//! A clinic's plan as it stands, as it would be, and written down: how edits on screen and `portico export clinic` see it.

use std::collections::HashMap;

use domain::{
    booking::offer::ResourceRules,
    clinic::{ClinicPlan, ResourcePlan, ServicePlan, TenantPlan},
};
use entity::{clinic, offering, resource, service};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{Clinic, by_slug, load::rules_of};
use crate::{cx::Cx, error::Internal};

/// The clinic's file as it would say what holds now. `None` when there is no such clinic.
pub async fn export(cx: &Cx, slug: &str) -> Result<Option<String>, Internal> {
    let clinic = by_slug(cx, slug).await?;
    Ok(clinic.map(|clinic| interop::clinic_file::write(&clinic.plan())))
}

impl Clinic {
    /// What its file would say.
    pub fn plan(&self) -> ClinicPlan {
        let resources: Vec<ResourcePlan> =
            self.resources.iter().filter(|one| one.active).map(|one| one.plan.clone()).collect();
        let place: HashMap<&str, usize> =
            resources.iter().enumerate().map(|(at, one)| (one.slug.as_str(), at)).collect();
        let services = self.services.iter().filter(|service| service.active).map(|service| {
            let mut plan = service.plan.clone();
            plan.offered_by.retain(|offering| place.contains_key(offering.practitioner.as_str()));
            plan.offered_by.sort_by_key(|offering| place.get(offering.practitioner.as_str()).copied());
            plan
        });
        ClinicPlan {
            tenant: TenantPlan {
                slug: self.tenant_slug.clone(),
                name: self.tenant_name.clone(),
                settings: self.tenant_settings.clone(),
                growing_up: Some(self.growing_up),
            },
            clinic: self.profile.clone(),
            services: services.collect(),
            resources,
        }
    }

    /// The clinic as it would be with other hours, closures and settings; nothing comes and nothing goes.
    pub(crate) fn with(&self, plan: &ClinicPlan) -> Self {
        let mut clinic = self.clone();
        clinic.profile = plan.clinic.clone();
        for one in clinic.resources.iter_mut().filter(|one| one.active) {
            if let Some(new) = resource_in(plan, &one.plan) {
                one.plan = new.clone();
            }
        }
        for one in clinic.services.iter_mut().filter(|one| one.active) {
            if let Some(new) = service_in(plan, &one.plan) {
                one.plan = new.clone();
            }
        }
        clinic.rules =
            clinic.resources.iter().map(|one| (one.id, rules_of(one))).collect::<HashMap<_, ResourceRules>>();
        clinic
    }
}

fn resource_in<'a>(plan: &'a ClinicPlan, of: &ResourcePlan) -> Option<&'a ResourcePlan> {
    plan.resources.iter().find(|new| new.slug == of.slug && new.kind == of.kind)
}

fn service_in<'a>(plan: &'a ClinicPlan, of: &ServicePlan) -> Option<&'a ServicePlan> {
    plan.services.iter().find(|new| new.slug == of.slug)
}

/// Writes what of hours, closures and settings is another than before, and a new version. Answers the clinic as it is then.
pub(crate) async fn save(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    before: &Clinic,
    plan: &ClinicPlan,
) -> Result<Clinic, Internal> {
    let mut after = before.with(plan);
    for (old, new) in before.resources.iter().zip(&after.resources).filter(|(old, new)| old.plan != new.plan) {
        let hours = new.plan.hours.as_ref().map(serde_json::to_string).transpose()?;
        resource::Entity::update_many()
            .col_expr(resource::Column::Hours, Expr::value(hours))
            .col_expr(resource::Column::Settings, Expr::value(serde_json::to_string(&new.plan.settings)?))
            .filter(resource::Column::TenantId.eq(before.tenant.0))
            .filter(resource::Column::Id.eq(old.id.0))
            .exec(tx)
            .await?;
    }
    for (old, new) in before.services.iter().zip(&after.services).filter(|(old, new)| old.plan != new.plan) {
        service::Entity::update_many()
            .col_expr(service::Column::Settings, Expr::value(serde_json::to_string(&new.plan.settings)?))
            .filter(service::Column::TenantId.eq(before.tenant.0))
            .filter(service::Column::Id.eq(old.id.0))
            .exec(tx)
            .await?;
        for offered in new.plan.offered_by.iter().filter(|offered| !old.plan.offered_by.contains(offered)) {
            let Some(with) = before.practitioner(&offered.practitioner) else { continue };
            offering::Entity::update_many()
                .col_expr(offering::Column::Settings, Expr::value(serde_json::to_string(&offered.settings)?))
                .filter(offering::Column::TenantId.eq(before.tenant.0))
                .filter(offering::Column::ServiceId.eq(old.id.0))
                .filter(offering::Column::ResourceId.eq(with.id.0))
                .exec(tx)
                .await?;
        }
    }
    // Of a clinic from before that was kept, what holds until now is what its file said.
    clinic::Entity::update_many()
        .col_expr(clinic::Column::Imported, Expr::value(Some(interop::clinic_file::write(&before.plan()))))
        .filter(clinic::Column::Id.eq(before.id.0))
        .filter(clinic::Column::Imported.is_null())
        .exec(tx)
        .await?;
    let profile = &after.profile;
    let saved = clinic::Entity::update_many()
        .col_expr(clinic::Column::Opening, Expr::value(serde_json::to_string(&profile.opening)?))
        .col_expr(clinic::Column::Closures, Expr::value(serde_json::to_string(&profile.closures)?))
        .col_expr(clinic::Column::Settings, Expr::value(serde_json::to_string(&profile.settings)?))
        .col_expr(clinic::Column::Version, Expr::value(before.version + 1))
        .col_expr(clinic::Column::UpdatedAt, Expr::value(cx.now_ms()))
        .filter(clinic::Column::Id.eq(before.id.0))
        .filter(clinic::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    if saved.rows_affected == 0 {
        return Err(Internal::Conflict);
    }
    after.version = before.version + 1;
    Ok(after)
}

/// What an import would take back that was changed on screen since the last one, as the file's lines: where a line is
/// neither as the last file had it, nor what the new one says.
pub(super) fn overwritten(imported: &str, now: &ClinicPlan, file: &ClinicPlan) -> Vec<String> {
    let lines = |text: &str| interop::clinic_file::places(text);
    let (base, present) = (lines(imported), lines(&interop::clinic_file::write(now)));
    let new = lines(&interop::clinic_file::write(file));
    // What the file says of the network is not changed on screen: another clinic's file may have said it meanwhile.
    let own = |place: &&String| !place.starts_with("tenant.");
    let mut places: Vec<&String> = base.keys().chain(present.keys()).filter(own).collect();
    places.sort_unstable();
    places.dedup();
    let lost = places.into_iter().filter(|place| {
        let (base, present, new) = (base.get(*place), present.get(*place), new.get(*place));
        base != present && new != present
    });
    lost.cloned().collect()
}

/// The clinic's row, which nobody else may read for booking or change until this transaction ends. Answers its version.
pub(crate) async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<i64>, Internal> {
    use sea_orm::{DbBackend, QuerySelect};
    let mut query = clinic::Entity::find_by_id(id);
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    Ok(query.one(tx).await?.map(|row| row.version))
}
