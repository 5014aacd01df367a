//! A clinic from its rows.

use std::{collections::HashMap, sync::Arc};

use domain::{
    booking::{Hours, offer::ResourceRules},
    clinic::{ClinicProfile, Mode, Offering, ResourceKind, ResourcePlan, ServicePlan},
    ids::{ClinicId, ResourceId, ServiceId, TenantId},
};
use entity::{clinic, offering, resource, service, tenant};
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::de::DeserializeOwned;

use super::{Clinic, Resource, Service};
use crate::{cx::Cx, db::Tx, error::Internal};

/// `None` when there is no such clinic.
pub async fn by_slug(cx: &Cx, slug: &str) -> Result<Option<Arc<Clinic>>, Internal> {
    cx.clinics.by_slug(cx, slug).await
}

/// `None` when there is no such clinic.
pub async fn by_id(cx: &Cx, id: ClinicId) -> Result<Option<Arc<Clinic>>, Internal> {
    cx.clinics.by_id(cx, id).await
}

/// By slug or id, when it was looked at within the last second.
pub fn fresh(cx: &Cx, name: &str) -> Option<Arc<Clinic>> {
    cx.clinics.fresh(name, cx.now_ms())
}

/// The clinics of a tenant.
pub(crate) async fn of_tenant(cx: &Cx, tenant: TenantId) -> Result<Vec<ClinicId>, Internal> {
    let rows = clinic::Entity::find().filter(clinic::Column::TenantId.eq(tenant.0)).all(cx.db.read()).await?;
    Ok(rows.into_iter().map(|row| ClinicId(row.id)).collect())
}

/// Inside a transaction, as of it.
pub(crate) async fn in_tx(cx: &Cx, tx: &Tx, id: ClinicId) -> Result<Option<Arc<Clinic>>, Internal> {
    cx.clinics.in_tx(cx, tx, id).await
}

/// Reads a clinic whole: five statements, so callers go through the cache.
pub(super) async fn read(db: &impl ConnectionTrait, row: clinic::Model) -> Result<Clinic, Internal> {
    let tenant = tenant::Entity::find_by_id(row.tenant_id)
        .one(db)
        .await?
        .ok_or_else(|| Internal::Data(format!("clinic {} has no tenant", row.id)))?;
    let services = service::Entity::find()
        .filter(service::Column::TenantId.eq(row.tenant_id))
        .filter(service::Column::ClinicId.eq(row.id))
        .order_by_asc(service::Column::Position)
        .all(db)
        .await?;
    let resources = resource::Entity::find()
        .filter(resource::Column::TenantId.eq(row.tenant_id))
        .filter(resource::Column::ClinicId.eq(row.id))
        .order_by_asc(resource::Column::Position)
        .all(db)
        .await?;
    let offerings = offering::Entity::find()
        .filter(offering::Column::TenantId.eq(row.tenant_id))
        .filter(offering::Column::ServiceId.is_in(services.iter().map(|s| s.id)))
        .all(db)
        .await?;
    let slugs: HashMap<_, _> = resources.iter().map(|r| (r.id, r.slug.clone())).collect();
    let services = services.into_iter().map(|s| service_of(s, &offerings, &slugs)).collect::<Result<Vec<_>, _>>()?;
    let resources = resources.into_iter().map(resource_of).collect::<Result<Vec<_>, _>>()?;
    let rules = resources.iter().map(|r| (r.id, rules_of(r))).collect();
    Ok(Clinic {
        id: ClinicId(row.id),
        tenant: TenantId(row.tenant_id),
        tenant_name: tenant.name,
        tenant_slug: tenant.slug,
        version: row.version,
        zone: TimeZone::get(&row.zone).map_err(|e| Internal::Data(e.to_string()))?,
        tenant_settings: json(&tenant.settings)?,
        growing_up: json(&tenant.growing_up)?,
        profile: profile_of(row)?,
        services,
        resources,
        rules,
    })
}

pub(super) fn rules_of(resource: &Resource) -> ResourceRules {
    // A practitioner without hours is never there; a room or device without is there whenever it is needed.
    let hours = match resource.plan.kind {
        ResourceKind::Practitioner => Some(resource.plan.hours.clone().unwrap_or_default()),
        ResourceKind::Room | ResourceKind::Device => resource.plan.hours.clone(),
    };
    ResourceRules { id: resource.id, capacity: resource.plan.capacity, hours }
}

fn profile_of(row: clinic::Model) -> Result<ClinicProfile, Internal> {
    Ok(ClinicProfile {
        languages: json(&row.languages)?,
        address: json(&row.address)?,
        settings: json(&row.settings)?,
        opening: json::<Hours>(&row.opening)?,
        closures: json(&row.closures)?,
        slug: row.slug,
        name: row.name,
        kind: row.kind,
        about: row.about,
        zone: row.zone,
        zone_name: row.zone_name,
        currency: row.currency,
        locale: row.locale,
        phone: row.phone,
        email: row.email,
        emergency: row.emergency,
        directions: row.directions,
    })
}

fn service_of(
    row: service::Model,
    offerings: &[offering::Model],
    slugs: &HashMap<uuid::Uuid, String>,
) -> Result<Service, Internal> {
    let mut offered_by = Vec::new();
    for offering in offerings.iter().filter(|o| o.service_id == row.id) {
        if let Some(practitioner) = slugs.get(&offering.resource_id) {
            offered_by.push(Offering { practitioner: practitioner.clone(), settings: json(&offering.settings)? });
        }
    }
    Ok(Service {
        id: ServiceId(row.id),
        active: row.active,
        plan: ServicePlan {
            mode: match row.mode.as_str() {
                "video" => Mode::Video,
                "phone" => Mode::Phone,
                _ => Mode::InPerson,
            },
            bring: json(&row.bring)?,
            settings: json(&row.settings)?,
            eligibility: json(&row.eligibility)?,
            needs: json(&row.needs)?,
            slug: row.slug,
            name: row.name,
            about: row.about,
            speciality: row.speciality,
            price: row.price,
            offered_by,
        },
    })
}

fn resource_of(row: resource::Model) -> Result<Resource, Internal> {
    Ok(Resource {
        id: ResourceId(row.id),
        active: row.active,
        plan: ResourcePlan {
            kind: match row.kind.as_str() {
                "room" => ResourceKind::Room,
                "device" => ResourceKind::Device,
                _ => ResourceKind::Practitioner,
            },
            languages: json(&row.languages)?,
            settings: json(&row.settings)?,
            hours: row.hours.as_deref().map(json).transpose()?,
            capacity: u16::try_from(row.capacity).map_err(|e| Internal::Data(e.to_string()))?,
            slug: row.slug,
            name: row.name,
            role: row.role,
            about: row.about,
        },
    })
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, Internal> {
    Ok(serde_json::from_str(text)?)
}
