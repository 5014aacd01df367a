//! The clinic's side. `gate` lets its people in, `frame` is drawn around every page, `door` is how one gets there
//! (invitation, proof, choice of clinic), `sign_on` the way
//! by the network's own identity provider, `kept` what was sent to a locked desk; the features are a folder or a file each. `api` has the actions.

pub mod api;
#[cfg(feature = "ssr")]
mod arrivals;
#[cfg(feature = "ssr")]
mod door;
#[cfg(feature = "ssr")]
mod emergency;
#[cfg(feature = "ssr")]
mod finder;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
mod gate;
pub mod hours;
#[cfg(feature = "ssr")]
mod kept;
#[cfg(feature = "ssr")]
mod links;
#[cfg(feature = "ssr")]
mod lost;
#[cfg(feature = "ssr")]
mod one_time;
pub mod patients;
#[cfg(feature = "ssr")]
mod people;
#[cfg(feature = "ssr")]
mod reconcile;
#[cfg(feature = "ssr")]
mod schedule;
#[cfg(feature = "ssr")]
pub mod sign_on;
#[cfg(feature = "ssr")]
mod waitlist;

#[cfg(feature = "ssr")]
pub(crate) use self::lost::lost;
#[cfg(feature = "ssr")]
pub use self::{
    arrivals::{PosterPage, ScreenLinkPage, WaitingPage},
    door::{JoinPage, ProvePage, StaffPage},
    emergency::{EmergenciesPage, EmergencyChartPage, EmergencyPage},
    finder::FinderPage,
    hours::{
        AwayPage, ClosurePage, ClosuresPage, HoursPage, NewTimesPage, RehearsalPage, SettingsPage, WeekPage, WhosePage,
    },
    kept::GoOnPage,
    links::CalendarLinksPage,
    one_time::OneTimePage,
    patients::{ContactPage, MatchesPage, PatientPage, StopPage},
    people::{AppointPage, PeoplePage},
    reconcile::{CalendarPage, CalendarsPage, ColumnsPage, NewCalendarPage, ReconcilePage, bring},
    schedule::{BlockPage, BoardPage, CancelPage, MovePage, NewVisitPage, OpenAgainPage, VisitPage, WhoPage},
    sign_on::StaffSignInPage,
    waitlist::{EntryPage, NewEntryPage, WaitlistPage},
};
