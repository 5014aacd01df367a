//! The clinic's people: which roles there are, and what each may do where (HIP-01). What the table does not name is not
//! allowed.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What somebody is at a clinic, or in a whole network. Nobody has two at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    FrontDesk,
    Nurse,
    Clinician,
    Biller,
    Lab,
    Manager,
    PrivacyOfficer,
    Admin,
}

/// What may be done. One word for reading and one for changing, of each thing there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The board: who comes when to whom.
    SeeSchedule,
    /// Booking, moving and cancelling visits, and saying how far they are.
    ChangeVisits,
    /// Against a rule of booking, with a reason.
    OverrideRules,
    /// Who somebody is and how they are reached; finding them.
    SeePatients,
    /// Making charts, and deciding which is whose.
    ChangePatients,
    /// Charts that one's role does not reach, for an hour and with a reason (HIP-03).
    BreakGlass,
    /// Making the clinic's own calendar and ours agree.
    Reconcile,
    /// Hours, absences and closures, and which calendars are read.
    ChangeHours,
    /// Inviting and removing people.
    ManageStaff,
    /// Who looked at what.
    SeeAudit,
}

/// How far an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// One's own schedule, and the patients on it.
    Own,
    /// All of the clinic.
    Clinic,
}

impl Role {
    pub const ALL: [Self; 8] = [
        Self::FrontDesk,
        Self::Nurse,
        Self::Clinician,
        Self::Biller,
        Self::Lab,
        Self::Manager,
        Self::PrivacyOfficer,
        Self::Admin,
    ];

    /// In the database, in addresses and on the command line. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FrontDesk => "front-desk",
            Self::Nurse => "nurse",
            Self::Clinician => "clinician",
            Self::Biller => "biller",
            Self::Lab => "lab",
            Self::Manager => "manager",
            Self::PrivacyOfficer => "privacy-officer",
            Self::Admin => "admin",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::FrontDesk => "Front desk",
            Self::Nurse => "Nurse",
            Self::Clinician => "Clinician",
            Self::Biller => "Biller",
            Self::Lab => "Laboratory",
            Self::Manager => "Manager",
            Self::PrivacyOfficer => "Privacy officer",
            Self::Admin => "Administrator",
        }
    }

    /// For whoever chooses one.
    pub fn about(self) -> &'static str {
        match self {
            Self::FrontDesk => {
                "Runs the schedule, books for patients, finds and makes charts, and reconciles calendars"
            }
            Self::Nurse => "Sees the schedule, checks patients in, and opens a chart in an emergency",
            Self::Clinician => "Sees the schedule, and changes visits and hours that are their own",
            Self::Biller => "Sees the schedule and who patients are, and changes neither",
            Self::Lab => "Sees the schedule and who patients are, and changes neither",
            Self::Manager => "Runs the clinic: schedule, hours, exceptions from rules, and its people",
            Self::PrivacyOfficer => "Sees who looked at what, and hears of every emergency access",
            Self::Admin => "Invites and removes people, and sees no patients",
        }
    }

    /// How far a role's action reaches; `None`: not allowed.
    pub fn reach(self, action: Action) -> Option<Reach> {
        use Action::*;
        use Reach::{Clinic, Own};
        let table: &[(Action, Reach)] = match self {
            Self::FrontDesk => &[
                (SeeSchedule, Clinic),
                (ChangeVisits, Clinic),
                (SeePatients, Clinic),
                (ChangePatients, Clinic),
                (Reconcile, Clinic),
            ],
            Self::Nurse => {
                &[(SeeSchedule, Clinic), (ChangeVisits, Clinic), (SeePatients, Clinic), (BreakGlass, Clinic)]
            }
            Self::Clinician => &[
                (SeeSchedule, Clinic),
                (ChangeVisits, Own),
                (OverrideRules, Own),
                (SeePatients, Own),
                (BreakGlass, Clinic),
                (ChangeHours, Own),
            ],
            Self::Biller | Self::Lab => &[(SeeSchedule, Clinic), (SeePatients, Clinic)],
            Self::Manager => &[
                (SeeSchedule, Clinic),
                (ChangeVisits, Clinic),
                (OverrideRules, Clinic),
                (SeePatients, Clinic),
                (ChangePatients, Clinic),
                (Reconcile, Clinic),
                (ChangeHours, Clinic),
                (ManageStaff, Clinic),
            ],
            Self::PrivacyOfficer => &[(SeeAudit, Clinic)],
            Self::Admin => &[(ManageStaff, Clinic)],
        };
        table.iter().find(|(allowed, _)| *allowed == action).map(|(_, reach)| *reach)
    }

    /// Whom somebody of this role may invite and remove. A manager makes nobody who could watch over managers.
    pub fn may_appoint(self, other: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::Manager => !matches!(other, Self::Admin | Self::PrivacyOfficer),
            _ => false,
        }
    }

    /// Has a schedule of their own, so it must be said which.
    pub fn has_schedule(self) -> bool {
        Action::ALL.iter().any(|action| self.reach(*action) == Some(Reach::Own))
    }
}

impl Action {
    pub const ALL: [Self; 10] = [
        Self::SeeSchedule,
        Self::ChangeVisits,
        Self::OverrideRules,
        Self::SeePatients,
        Self::ChangePatients,
        Self::BreakGlass,
        Self::Reconcile,
        Self::ChangeHours,
        Self::ManageStaff,
        Self::SeeAudit,
    ];

    /// In audit rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeeSchedule => "schedule.see",
            Self::ChangeVisits => "visits.change",
            Self::OverrideRules => "rules.override",
            Self::SeePatients => "patients.see",
            Self::ChangePatients => "patients.change",
            Self::BreakGlass => "glass.break",
            Self::Reconcile => "calendars.reconcile",
            Self::ChangeHours => "hours.change",
            Self::ManageStaff => "staff.manage",
            Self::SeeAudit => "audit.see",
        }
    }
}

/// A text that is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role; allowed: front-desk, nurse, clinician, biller, lab, manager, privacy-officer, admin")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_allows_exactly_this() {
        let mut lines = Vec::new();
        for role in Role::ALL {
            for action in Action::ALL {
                if let Some(reach) = role.reach(action) {
                    lines.push(format!("{} {} {reach:?}", role.as_str(), action.as_str()));
                }
            }
        }
        let expected = "\
front-desk schedule.see Clinic
front-desk visits.change Clinic
front-desk patients.see Clinic
front-desk patients.change Clinic
front-desk calendars.reconcile Clinic
nurse schedule.see Clinic
nurse visits.change Clinic
nurse patients.see Clinic
nurse glass.break Clinic
clinician schedule.see Clinic
clinician visits.change Own
clinician rules.override Own
clinician patients.see Own
clinician glass.break Clinic
clinician hours.change Own
biller schedule.see Clinic
biller patients.see Clinic
lab schedule.see Clinic
lab patients.see Clinic
manager schedule.see Clinic
manager visits.change Clinic
manager rules.override Clinic
manager patients.see Clinic
manager patients.change Clinic
manager calendars.reconcile Clinic
manager hours.change Clinic
manager staff.manage Clinic
privacy-officer audit.see Clinic
admin staff.manage Clinic";
        assert_eq!(lines.join("\n"), expected);
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        let error = "Front desk".parse::<Role>().unwrap_err().to_string();
        assert!(Role::ALL.iter().all(|role| error.contains(role.as_str())), "{error}");
    }

    #[test]
    fn nobody_appoints_who_watches_over_them() {
        for role in Role::ALL {
            for other in Role::ALL {
                let manages = role.reach(Action::ManageStaff).is_some();
                assert!(manages || !role.may_appoint(other), "{role:?} {other:?}");
            }
        }
        assert!(!Role::Manager.may_appoint(Role::Admin) && !Role::Manager.may_appoint(Role::PrivacyOfficer));
        assert!(Role::Admin.may_appoint(Role::Admin));
    }
}
