//! Who acts, as types. Only the session and key code of this crate can make one, so holding one is proof.

use domain::ids::{AccountId, ApiKeyId, AppointmentId, ClinicId, SessionId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A browser that has not signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(crate) session: SessionId,
}

/// A browser whose owner proved an e-mail address.
#[derive(Clone, Debug)]
pub struct Patient {
    pub(crate) session: SessionId,
    pub(crate) account: AccountId,
}

impl Patient {
    pub fn account(&self) -> AccountId {
        self.account
    }
}

/// A patient who proved moments ago that it is them: what a borrowed phone or a stolen cookie must not do asks for this.
#[derive(Clone, Debug)]
pub struct Fresh(pub(crate) Patient);

impl Fresh {
    pub fn patient(&self) -> &Patient {
        &self.0
    }
}

/// A browser whose owner a network's identity provider vouches for. It is at that network's desks and nowhere else: an
/// employer opens nobody's own records.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub(crate) session: SessionId,
    pub(crate) account: AccountId,
    pub(crate) tenant: TenantId,
}

/// A browser, signed in or not.
#[derive(Clone, Debug)]
pub enum Browser {
    Visitor(Visitor),
    Patient(Patient),
    Vouched(Vouched),
}

impl Browser {
    pub fn session(&self) -> SessionId {
        match self {
            Self::Visitor(v) => v.session,
            Self::Patient(p) => p.session,
            Self::Vouched(v) => v.session,
        }
    }

    pub fn patient(&self) -> Option<&Patient> {
        match self {
            Self::Visitor(_) | Self::Vouched(_) => None,
            Self::Patient(p) => Some(p),
        }
    }

    /// Whose session it is, whatever it opens.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Visitor(_) => None,
            Self::Patient(p) => Some(p.account),
            Self::Vouched(v) => Some(v.account),
        }
    }
}

/// A program of a clinic's, with a key.
#[derive(Clone, Debug)]
pub struct ApiClient {
    pub(crate) key: ApiKeyId,
    pub(crate) tenant: TenantId,
    pub(crate) clinic: Option<ClinicId>,
    pub(crate) scopes: Vec<Scope>,
}

impl ApiClient {
    pub fn key(&self) -> ApiKeyId {
        self.key
    }

    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// A key of one clinic reaches that clinic, a tenant's key every clinic of the tenant.
    pub fn reaches(&self, tenant: TenantId, clinic: ClinicId) -> bool {
        self.tenant == tenant && self.clinic.is_none_or(|own| own == clinic)
    }
}

/// What an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    #[serde(rename = "appointments:read")]
    AppointmentsRead,
    #[serde(rename = "appointments:write")]
    AppointmentsWrite,
    /// Against a rule of booking, with a reason.
    #[serde(rename = "appointments:override")]
    AppointmentsOverride,
    /// Hours, absences and closures.
    #[serde(rename = "hours:write")]
    HoursWrite,
    #[serde(rename = "patients:read")]
    PatientsRead,
    #[serde(rename = "patients:write")]
    PatientsWrite,
    /// The clinic's own calendar: what it tells, what it has taken over, and what the two disagree about.
    #[serde(rename = "calendars:reconcile")]
    CalendarsReconcile,
}

impl Scope {
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::AppointmentsRead, "appointments:read"),
        (Self::AppointmentsWrite, "appointments:write"),
        (Self::AppointmentsOverride, "appointments:override"),
        (Self::HoursWrite, "hours:write"),
        (Self::PatientsRead, "patients:read"),
        (Self::PatientsWrite, "patients:write"),
        (Self::CalendarsReconcile, "calendars:reconcile"),
    ];

    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(s, _)| *s == self).map_or("", |(_, name)| name)
    }
}

impl std::str::FromStr for Scope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(scope, _)| *scope).ok_or_else(|| {
            let allowed: Vec<_> = Self::ALL.iter().map(|(_, name)| *name).collect();
            format!("`{text}` is not a scope; allowed: {}", allowed.join(", "))
        })
    }
}

/// Whoever asks for a hold or a visit.
#[derive(Clone, Debug)]
pub enum Who {
    /// A program without a key: all it has is the token of a hold it made.
    Anonymous,
    Browser(Browser),
    Api(ApiClient),
}

impl Who {
    pub fn patient(&self) -> Option<&Patient> {
        match self {
            Self::Browser(b) => b.patient(),
            Self::Anonymous | Self::Api(_) => None,
        }
    }

    /// For audit rows and histories.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Anonymous => Actor { kind: "anonymous", id: None },
            Self::Browser(Browser::Visitor(v)) => Actor { kind: "visitor", id: Some(v.session.0) },
            Self::Browser(Browser::Patient(p)) => Actor { kind: "account", id: Some(p.account.0) },
            Self::Browser(Browser::Vouched(v)) => Actor { kind: "staff", id: Some(v.account.0) },
            Self::Api(c) => Actor { kind: "api_key", id: Some(c.key.0) },
        }
    }
}

/// Proof that somebody may read and change one visit: by a grant on its chart, its private link, or an API key.
#[derive(Clone, Debug)]
pub struct VisitAccess {
    pub(crate) who: Who,
    pub(crate) tenant: TenantId,
    pub(crate) appointment: AppointmentId,
    /// Whoever asks acts for the patient.
    pub(crate) proxy: bool,
}

impl VisitAccess {
    /// Somebody who acts for another person is written down as such.
    pub(crate) fn actor(&self) -> Actor {
        let actor = self.who.actor();
        if self.proxy { Actor { kind: "proxy", ..actor } } else { actor }
    }
}

/// Who is named in audit rows and histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: &'static str,
    pub id: Option<Uuid>,
}

impl Actor {
    pub const SYSTEM: Self = Self { kind: "system", id: None };

    /// Whether it is the clinic: its people, or what it set up. Of a program it does not tell: it may act for a patient, too.
    pub fn is_clinics(self) -> bool {
        matches!(self.kind, "staff" | "system")
    }
}
