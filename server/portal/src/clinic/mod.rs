//! Clinics: loading one with its rules, finding them, importing clinic files and writing them (`plan`).

mod cache;
mod find;
mod import;
mod import_tenant;
mod load;
mod plan;
mod publish;

use std::collections::HashMap;

use domain::{
    booking::{Need, Offer, Settings, SettingsPatch, offer::ResourceRules, on_dates},
    clinic::{ClinicProfile, ResourceKind, ResourcePlan, ServicePlan},
    growing_up::GrowingUp,
    ids::{ClinicId, ResourceId, ServiceId, TenantId},
};
use jiff::{Timestamp, tz::TimeZone};

pub use cache::Clinics;
pub(crate) use cache::{version, version_in};
pub use find::{Choices, Filter, Found, choices, find};
pub use import::{ImportError, Imported, Stranded, WhenStranded, import, import_over};
pub use load::{by_id, by_slug, fresh};
pub(crate) use load::{in_tx, of_tenant};
pub use plan::export;
pub(crate) use plan::{lock, save};
pub use publish::{Site, sites, uncached};

/// A clinic with everything the booking engine and the pages need, as of one version.
#[derive(Clone, Debug)]
pub struct Clinic {
    pub id: ClinicId,
    pub tenant: TenantId,
    pub tenant_name: String,
    pub tenant_slug: String,
    pub version: i64,
    pub profile: ClinicProfile,
    pub zone: TimeZone,
    pub tenant_settings: SettingsPatch,
    pub growing_up: GrowingUp,
    /// In the file's order; those no longer offered are kept for old visits.
    pub services: Vec<Service>,
    pub resources: Vec<Resource>,
    pub rules: HashMap<ResourceId, ResourceRules>,
}

#[derive(Clone, Debug)]
pub struct Service {
    pub id: ServiceId,
    pub plan: ServicePlan,
    pub active: bool,
}

#[derive(Clone, Debug)]
pub struct Resource {
    pub id: ResourceId,
    pub plan: ResourcePlan,
    pub active: bool,
}

impl Clinic {
    /// A service by slug or id, whether or not it is still offered.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|s| s.plan.slug == name).or_else(|| {
            let id = name.parse().ok()?;
            self.services.iter().find(|s| s.id == id)
        })
    }

    pub fn service_by_id(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|s| s.id == id)
    }

    pub fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.iter().find(|r| r.id == id)
    }

    /// A practitioner, room or device by slug or id, also one that is no longer active.
    pub fn resource_named(&self, name: &str) -> Option<&Resource> {
        let id = name.parse::<ResourceId>().ok();
        self.resources.iter().find(|r| r.plan.slug == name || Some(r.id) == id)
    }

    /// A practitioner by slug or id.
    pub fn practitioner(&self, name: &str) -> Option<&Resource> {
        let id = name.parse::<ResourceId>().ok();
        self.practitioners().find(|r| r.plan.slug == name || Some(r.id) == id)
    }

    /// Those who work here now.
    pub fn practitioners(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|r| r.active && r.plan.kind == ResourceKind::Practitioner)
    }

    /// Who offers a service, or just the one asked for, with settings resolved (booking rule 3).
    pub fn offers(&self, service: &Service, only: Option<ResourceId>) -> Vec<Offer> {
        if !service.active {
            return Vec::new();
        }
        let needs = self.needs(service);
        let offering = |slug: &str| service.plan.offered_by.iter().find(|o| o.practitioner == slug);
        self.practitioners()
            .filter(|r| only.is_none_or(|id| id == r.id))
            .filter_map(|r| {
                let settings = self.settings_of(service, Some(r), offering(&r.plan.slug).map(|o| &o.settings)?);
                let own = r.plan.hours.as_ref().map_or(&[][..], |hours| &hours.exceptions);
                let dated = on_dates(&settings, &self.profile.opening.exceptions, own);
                Some(Offer { practitioner: r.id, settings, dated, needs: needs.clone() })
            })
            .collect()
    }

    /// The settings of a visit with a practitioner at an instant, dated exceptions included (booking rule 3); the
    /// service's own where the practitioner no longer offers it.
    pub fn settings_at(&self, service: &Service, practitioner: ResourceId, at: Timestamp) -> Settings {
        let date = self.zone.to_datetime(at).date();
        if let Some(offer) = self.offers(service, Some(practitioner)).first() {
            return offer.on(date).clone();
        }
        let usual = self.service_settings(service);
        let dated = on_dates(&usual, &self.profile.opening.exceptions, &[]);
        dated.into_iter().find(|(own, _)| *own == date).map_or(usual, |(_, settings)| settings)
    }

    /// A service's settings before any practitioner's say.
    pub fn service_settings(&self, service: &Service) -> Settings {
        self.settings_of(service, None, &SettingsPatch::default())
    }

    fn settings_of(&self, service: &Service, practitioner: Option<&Resource>, both: &SettingsPatch) -> Settings {
        let base = self.profile.settings.apply(&self.tenant_settings.apply(&Settings::default()));
        let settings = service.plan.settings.apply(&base);
        let settings = practitioner.map_or_else(|| settings.clone(), |r| r.plan.settings.apply(&settings));
        both.apply(&settings)
    }

    /// A need nothing active can meet any more stays, with nothing in it: then no time is free, rather than too many.
    fn needs(&self, service: &Service) -> Vec<Need> {
        let usable = |slug: &String| {
            let found = self
                .resources
                .iter()
                .find(|r| r.active && r.plan.kind != ResourceKind::Practitioner && r.plan.slug == *slug);
            found.map(|r| r.id)
        };
        service.plan.needs.iter().map(|any| Need { any_of: any.iter().filter_map(usable).collect() }).collect()
    }
}
