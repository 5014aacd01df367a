//! Leave to do one thing at one clinic, as a type: use cases of the clinic's side take one, and only a desk or a key of a
//! clinic's program gives one out. Nothing is done at the desk without.

use std::{marker::PhantomData, sync::Arc};

use domain::{
    ids::{ClinicId, ResourceId},
    staff::Action,
};

use crate::{
    clinic::Clinic,
    who::{Actor, ApiClient, Scope, Who},
};

/// What a permit is for.
pub trait Permission: Send + Sync + 'static {
    const ACTION: Action;
    /// With which a program may do it. `None`: people only.
    const SCOPE: Option<Scope>;
}

/// One type for each action.
pub mod permission {
    use super::{Action, Permission, Scope};

    macro_rules! permissions {
        ($($name:ident $scope:expr),+ $(,)?) => {$(
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Permission for $name {
                const ACTION: Action = Action::$name;
                const SCOPE: Option<Scope> = $scope;
            }
        )+};
    }

    permissions! {
        SeeSchedule Some(Scope::AppointmentsRead),
        ChangeVisits Some(Scope::AppointmentsWrite),
        OverrideRules Some(Scope::AppointmentsOverride),
        SeePatients Some(Scope::PatientsRead),
        ChangePatients Some(Scope::PatientsWrite),
        ChangeHours Some(Scope::HoursWrite),
        Reconcile Some(Scope::CalendarsReconcile),
        BreakGlass None,
        SeeAudit None,
    }

    /// Saying which calendars of the clinic are read is part of its hours, for people; programs have a scope for it.
    #[derive(Clone, Copy, Debug)]
    pub struct ConnectCalendars;
    impl Permission for ConnectCalendars {
        const ACTION: Action = Action::ChangeHours;
        const SCOPE: Option<Scope> = Some(Scope::CalendarsReconcile);
    }
}

/// Leave for one action at one clinic.
#[derive(Debug)]
pub struct Permit<P> {
    pub(crate) actor: Actor,
    pub(crate) clinic: Arc<Clinic>,
    /// Whose charts are within it: that clinic's, or all of the network's.
    pub(crate) within: Option<ClinicId>,
    /// Only what is this practitioner's.
    own: Option<ResourceId>,
    what: PhantomData<fn() -> P>,
}

impl<P> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self { clinic: Arc::clone(&self.clinic), what: PhantomData, ..*self }
    }
}

/// Why a program gets no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The clinic is not the key's.
    NotFound,
    /// The key has not the scope.
    Scope(Scope),
    /// No program may.
    People,
}

impl<P: Permission> Permit<P> {
    pub(super) fn new(actor: Actor, clinic: &Arc<Clinic>, within: Option<ClinicId>, own: Option<ResourceId>) -> Self {
        Self { actor, clinic: Arc::clone(clinic), within, own, what: PhantomData }
    }

    /// For a clinic's program.
    pub fn of_program(client: &ApiClient, clinic: &Arc<Clinic>) -> Result<Self, Refused> {
        if !client.reaches(clinic.tenant, clinic.id) {
            return Err(Refused::NotFound);
        }
        let scope = P::SCOPE.ok_or(Refused::People)?;
        if !client.may(scope) {
            return Err(Refused::Scope(scope));
        }
        Ok(Self::new(Who::Api(client.clone()).actor(), clinic, client.clinic, None))
    }

    /// For what an action consists of: whoever reconciles moves and calls off visits.
    pub(crate) fn lend<Q: Permission>(&self) -> Permit<Q> {
        Permit::new(self.actor, &self.clinic, self.within, self.own)
    }

    pub fn clinic(&self) -> &Arc<Clinic> {
        &self.clinic
    }

    /// Whether what is this practitioner's is within it.
    pub fn covers(&self, practitioner: ResourceId) -> bool {
        self.own.is_none_or(|own| own == practitioner)
    }

    /// Whose alone; `None`: all of the clinic.
    pub fn only(&self) -> Option<ResourceId> {
        self.own
    }
}
