//! `portico import clinic`: a clinic file's plan becomes rows, all or nothing. Things keep their ids by slug, so the
//! import may be repeated; what the file no longer names is kept for old visits but no longer offered.

use std::collections::HashMap;

use domain::{
    clinic::{ClinicPlan, ResourceKind, ResourcePlan, ServicePlan},
    ids::{AppointmentId, ClinicId},
};
use entity::{clinic, offering, resource, service, tenant};
use interop::clinic_file::Mistake;
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::{
    find::{save_facets, search_text},
    import_tenant, load,
    plan::{lock, overwritten},
};
use crate::{
    booking,
    cx::Cx,
    error::{Internal, MayConflict},
};

/// What to do with booked visits that the new rules leave without a place (booking rule 19 does this by hand later).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenStranded {
    /// List them and change nothing.
    #[default]
    Stop,
    /// Import; the visits stay as they are.
    Keep,
    /// Import; cancel them and tell the patients.
    Cancel,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub clinic: ClinicId,
    pub created: bool,
    pub services: usize,
    pub resources: usize,
    /// Visits that were stranded and kept or cancelled.
    pub stranded: Vec<Stranded>,
}

/// A booked visit that the new rules would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    pub appointment: AppointmentId,
    pub start: Timestamp,
    pub service: String,
    pub practitioner: String,
    /// In words.
    pub why: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{} booked visits would lose their place", .0.len())]
    Stranded(Vec<Stranded>),
    /// Something of the file that does not go together with what is there already.
    #[error("{0}")]
    Mistake(Mistake),
    /// The file would take back what was changed on screen since the last import: these places of it.
    #[error("{} places were changed on screen since the last import", .0.len())]
    EditedOnScreen(Vec<String>),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for ImportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl From<serde_json::Error> for ImportError {
    fn from(error: serde_json::Error) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for ImportError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(e) if e.is_conflict())
    }
}

/// Refuses to take back what was changed on screen.
pub async fn import(cx: &Cx, plan: &ClinicPlan, when: WhenStranded) -> Result<Imported, ImportError> {
    run(cx, plan, when, false).await
}

/// The file counts, whatever was changed on screen.
pub async fn import_over(cx: &Cx, plan: &ClinicPlan, when: WhenStranded) -> Result<Imported, ImportError> {
    run(cx, plan, when, true).await
}

async fn run(cx: &Cx, plan: &ClinicPlan, when: WhenStranded, over: bool) -> Result<Imported, ImportError> {
    // What a hold that has ended still takes is free.
    booking::sweep(cx).await?;
    let imported = cx.db.write(|tx| async move { import_in(cx, &tx, plan, (when, over)).await }).await?;
    cx.clinics.forget(cx, imported.clinic);
    cx.job_bell.ring();
    Ok(imported)
}

async fn import_in(
    cx: &Cx,
    tx: &crate::db::Tx,
    plan: &ClinicPlan,
    (when, over): (WhenStranded, bool),
) -> Result<Imported, ImportError> {
    // Before anything of it is read: a manager's change that is under way is waited for, and not written over.
    let there = clinic::Entity::find().filter(clinic::Column::Slug.eq(&plan.clinic.slug)).one(tx).await?;
    if let Some(there) = there {
        lock(tx, there.id).await?;
    }
    if !over {
        keeps_edits(tx, plan).await?;
    }
    let tenant = import_tenant::save(cx, tx, plan).await?;
    let (row, created) = save_clinic(cx, tx, plan, tenant).await?;
    save_facets(tx, plan, row.id).await?;
    let resources = save_resources(cx, tx, plan, &row).await?;
    save_services(cx, tx, plan, &row, &resources).await?;
    let clinic = load::read(tx, row).await?;
    let lost = if created { Vec::new() } else { booking::follow(cx, tx, &clinic, &booking::Extent::default()).await? };
    let stranded: Vec<Stranded> = lost.iter().map(|lost| lost.told(&clinic)).collect();
    if !stranded.is_empty() && when == WhenStranded::Stop {
        return Err(ImportError::Stranded(stranded));
    }
    if when == WhenStranded::Cancel {
        for visit in &stranded {
            booking::cancel_by_clinic(cx, tx, &clinic, visit.appointment, &visit.why).await?;
        }
    }
    if !created {
        crate::waitlist::follow(cx, tx, &clinic).await?;
        booking::block::widen(cx, tx, &clinic).await?;
    }
    // Hours may have opened that somebody waits for.
    crate::waitlist::freed(cx, tx, clinic.tenant, clinic.id).await?;
    Ok(Imported {
        clinic: clinic.id,
        created,
        services: plan.services.len(),
        resources: plan.resources.len(),
        stranded,
    })
}

/// What managers changed on screen is not lost because somebody has an old file.
async fn keeps_edits(tx: &crate::db::Tx, plan: &ClinicPlan) -> Result<(), ImportError> {
    let row = clinic::Entity::find().filter(clinic::Column::Slug.eq(&plan.clinic.slug)).one(tx).await?;
    let Some((row, imported)) = row.and_then(|row| Some((row.clone(), row.imported?))) else { return Ok(()) };
    let now = load::read(tx, row).await?.plan();
    let lost = overwritten(&imported, &now, plan);
    if lost.is_empty() { Ok(()) } else { Err(ImportError::EditedOnScreen(lost)) }
}

async fn save_clinic(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    plan: &ClinicPlan,
    tenant: Uuid,
) -> Result<(clinic::Model, bool), ImportError> {
    let profile = &plan.clinic;
    let old = clinic::Entity::find().filter(clinic::Column::Slug.eq(&profile.slug)).one(tx).await?;
    if let Some(old) = &old {
        if old.tenant_id != tenant {
            let owner = tenant::Entity::find_by_id(old.tenant_id).one(tx).await?.map(|t| t.slug).unwrap_or_default();
            return Err(ImportError::Mistake(other_tenant(plan, &owner)));
        }
        if old.zone != profile.zone && booking::any_ahead(cx, tx, old.tenant_id, old.id).await? {
            return Err(ImportError::Mistake(zone_changed(plan, &old.zone)));
        }
    }
    let row = clinic::Model {
        id: old.as_ref().map_or_else(|| cx.id(), |o| o.id),
        tenant_id: tenant,
        slug: profile.slug.clone(),
        name: profile.name.clone(),
        kind: profile.kind.clone(),
        about: profile.about.clone(),
        zone: profile.zone.clone(),
        zone_name: profile.zone_name.clone(),
        currency: profile.currency.clone(),
        locale: profile.locale.clone(),
        languages: serde_json::to_string(&profile.languages)?,
        address: serde_json::to_string(&profile.address)?,
        phone: profile.phone.clone(),
        email: profile.email.clone(),
        emergency: profile.emergency.clone(),
        directions: profile.directions.clone(),
        settings: serde_json::to_string(&profile.settings)?,
        opening: serde_json::to_string(&profile.opening)?,
        closures: serde_json::to_string(&profile.closures)?,
        search: search_text(plan),
        imported: Some(interop::clinic_file::write(plan)),
        version: old.as_ref().map_or(1, |o| o.version + 1),
        created_at: old.as_ref().map_or_else(|| cx.now_ms(), |o| o.created_at),
        updated_at: cx.now_ms(),
    };
    let active = row.clone().into_active_model().reset_all();
    match &old {
        Some(_) => {
            active.update(tx).await?;
        }
        None => {
            clinic::Entity::insert(active).exec_without_returning(tx).await?;
        }
    }
    Ok((row, old.is_none()))
}

fn other_tenant(plan: &ClinicPlan, owner: &str) -> Mistake {
    let (clinic, named) = (&plan.clinic.slug, &plan.tenant.slug);
    let wrong = format!("the clinic {clinic} belongs to the network {owner} already, and not to {named}");
    Mistake::new("tenant.slug", wrong, format!("{owner}, or another slug for the clinic"))
}

fn zone_changed(plan: &ClinicPlan, old: &str) -> Mistake {
    let new = &plan.clinic.zone;
    let wrong = format!("visits are booked by the clock of {old}, and by {new} they would be at other hours");
    Mistake::new("clinic.zone", wrong, format!("{old}, as long as a booked visit is ahead"))
}

/// Ids of resources by slug; slugs are unique among practitioners, and among rooms and devices together.
async fn save_resources(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    plan: &ClinicPlan,
    clinic: &clinic::Model,
) -> Result<HashMap<String, Uuid>, ImportError> {
    let old = resource::Entity::find()
        .filter(resource::Column::TenantId.eq(clinic.tenant_id))
        .filter(resource::Column::ClinicId.eq(clinic.id))
        .all(tx)
        .await?;
    let mut practitioners = HashMap::new();
    let mut kept = Vec::new();
    for (position, resource) in plan.resources.iter().enumerate() {
        let before = old.iter().find(|o| o.slug == resource.slug && o.kind == resource.kind.as_str());
        let id = before.map_or_else(|| cx.id(), |o| o.id);
        let row = resource_row(clinic, id, position, resource)?.into_active_model().reset_all();
        match before {
            Some(_) => {
                row.update(tx).await?;
            }
            None => {
                resource::Entity::insert(row).exec_without_returning(tx).await?;
            }
        }
        kept.push(id);
        if resource.kind == ResourceKind::Practitioner {
            practitioners.insert(resource.slug.clone(), id);
        }
    }
    for gone in old.into_iter().filter(|o| o.active && !kept.contains(&o.id)) {
        let mut row = gone.into_active_model();
        row.active = Set(false);
        row.update(tx).await?;
    }
    Ok(practitioners)
}

fn resource_row(
    clinic: &clinic::Model,
    id: Uuid,
    position: usize,
    plan: &ResourcePlan,
) -> Result<resource::Model, ImportError> {
    Ok(resource::Model {
        id,
        tenant_id: clinic.tenant_id,
        clinic_id: clinic.id,
        slug: plan.slug.clone(),
        kind: plan.kind.as_str().to_owned(),
        position: i64::try_from(position).unwrap_or(i64::MAX),
        name: plan.name.clone(),
        role: plan.role.clone(),
        about: plan.about.clone(),
        languages: serde_json::to_string(&plan.languages)?,
        capacity: i64::from(plan.capacity),
        settings: serde_json::to_string(&plan.settings)?,
        hours: plan.hours.as_ref().map(serde_json::to_string).transpose()?,
        active: true,
    })
}

async fn save_services(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    plan: &ClinicPlan,
    clinic: &clinic::Model,
    practitioners: &HashMap<String, Uuid>,
) -> Result<(), ImportError> {
    let old = service::Entity::find()
        .filter(service::Column::TenantId.eq(clinic.tenant_id))
        .filter(service::Column::ClinicId.eq(clinic.id))
        .all(tx)
        .await?;
    offering::Entity::delete_many()
        .filter(offering::Column::TenantId.eq(clinic.tenant_id))
        .filter(offering::Column::ServiceId.is_in(old.iter().map(|o| o.id)))
        .exec(tx)
        .await?;
    let mut kept = Vec::new();
    for (position, service) in plan.services.iter().enumerate() {
        let before = old.iter().find(|o| o.slug == service.slug);
        let id = before.map_or_else(|| cx.id(), |o| o.id);
        let row = service_row(clinic, id, position, service)?.into_active_model().reset_all();
        match before {
            Some(_) => {
                row.update(tx).await?;
            }
            None => {
                service::Entity::insert(row).exec_without_returning(tx).await?;
            }
        }
        kept.push(id);
        for offered in &service.offered_by {
            let Some(resource) = practitioners.get(&offered.practitioner) else { continue };
            let row = offering::ActiveModel {
                tenant_id: Set(clinic.tenant_id),
                service_id: Set(id),
                resource_id: Set(*resource),
                settings: Set(serde_json::to_string(&offered.settings)?),
            };
            offering::Entity::insert(row).exec_without_returning(tx).await?;
        }
    }
    for gone in old.into_iter().filter(|o| o.active && !kept.contains(&o.id)) {
        let mut row = gone.into_active_model();
        row.active = Set(false);
        row.update(tx).await?;
    }
    Ok(())
}

fn service_row(
    clinic: &clinic::Model,
    id: Uuid,
    position: usize,
    plan: &ServicePlan,
) -> Result<service::Model, ImportError> {
    Ok(service::Model {
        id,
        tenant_id: clinic.tenant_id,
        clinic_id: clinic.id,
        slug: plan.slug.clone(),
        position: i64::try_from(position).unwrap_or(i64::MAX),
        name: plan.name.clone(),
        about: plan.about.clone(),
        speciality: plan.speciality.clone(),
        mode: plan.mode.as_str().to_owned(),
        bring: serde_json::to_string(&plan.bring)?,
        price: plan.price,
        settings: serde_json::to_string(&plan.settings)?,
        eligibility: serde_json::to_string(&plan.eligibility)?,
        needs: serde_json::to_string(&plan.needs)?,
        active: true,
    })
}
