//! Identifiers as types, so that a patient's id cannot be passed where a clinic's is meant.
//! All are UUIDv7, made by the application; their text form is the hyphenated UUID.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A healthcare network.
    TenantId,
    /// One site of a tenant, with one time zone.
    ClinicId,
    /// A kind of visit.
    ServiceId,
    /// A practitioner, room or device.
    ResourceId,
    /// A chart in one tenant.
    PatientId,
    /// A person's login, across tenants.
    AccountId,
    HoldId,
    AppointmentId,
    SessionId,
    ApiKeyId,
}
