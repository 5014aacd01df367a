//! The one route table. Every page is rendered whole before the first byte is sent, so that status, redirect and
//! cookies are right.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    account, arrivals, booking, clinic, error::SorryPage, family, home, identity, mailbox, patients, profile,
    request::Request, staff, ui::answer, visits, waitlist, wire::Fault,
};

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| answer(Request::current(), async { Err(Fault::NotFound) })>
                <Route path=path!("/") view=clinic::FindPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic") view=clinic::ClinicPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/register") view=patients::RegisterPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book") view=booking::ServicePage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book/with") view=booking::WithPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book/times") view=booking::TimesPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book/times/why") view=booking::WhyPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book/:hold") view=booking::DetailsPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book/:hold/code") view=booking::CodePage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/book/:hold/check") view=booking::CheckPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/here/:token") view=arrivals::HerePage ssr=SsrMode::Async />
                <Route path=path!("/k/:code") view=arrivals::ScannedPage ssr=SsrMode::Async />
                <Route path=path!("/screen/:token") view=arrivals::ScreenPage ssr=SsrMode::Async />
                <Route path=path!("/c/:clinic/waitlist") view=waitlist::JoinPage ssr=SsrMode::Async />
                <Route path=path!("/waitlist/:entry") view=waitlist::EntryPage ssr=SsrMode::Async />
                <Route path=path!("/waitlist/:entry/wishes") view=waitlist::WishesPage ssr=SsrMode::Async />
                <Route path=path!("/w/:token") view=waitlist::OfferPage ssr=SsrMode::Async />
                <Route path=path!("/visits") view=visits::ListPage ssr=SsrMode::Async />
                <Route path=path!("/visits/:visit") view=visits::VisitPage ssr=SsrMode::Async />
                <Route path=path!("/visits/:visit/booked") view=visits::BookedPage ssr=SsrMode::Async />
                <Route path=path!("/visits/:visit/cancel") view=visits::CancelPage ssr=SsrMode::Async />
                <Route path=path!("/visits/:visit/move") view=visits::MovePage ssr=SsrMode::Async />
                <Route path=path!("/visits/:visit/move/:hold") view=visits::ConfirmMovePage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=identity::SignInPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in/code") view=identity::SignInCodePage ssr=SsrMode::Async />
                <Route path=path!("/sign-in/again") view=identity::AgainPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in/recover") view=identity::RecoverPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in/recover/address") view=identity::RecoveredAddressPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in/recover/code") view=identity::RecoveredCodePage ssr=SsrMode::Async />
                <Route path=path!("/recovery/:recovery/:token") view=identity::StopRecoveryPage ssr=SsrMode::Async />
                <Route path=path!("/account") view=account::AccountPage ssr=SsrMode::Async />
                <Route path=path!("/account/records") view=patients::RecordsPage ssr=SsrMode::Async />
                <Route path=path!("/account/records/find") view=patients::FindChartPage ssr=SsrMode::Async />
                <Route path=path!("/account/records/:claim") view=patients::ClaimPage ssr=SsrMode::Async />
                <Route path=path!("/home") view=home::HomePage ssr=SsrMode::Async />
                <Route path=path!("/people/:person") view=profile::PersonPage ssr=SsrMode::Async />
                <Route path=path!("/people/:person/helpers") view=family::HelpersPage ssr=SsrMode::Async />
                <Route path=path!("/people/:person/helpers/new") view=family::InvitePage ssr=SsrMode::Async />
                <Route path=path!("/people/:person/looks") view=profile::LooksPage ssr=SsrMode::Async />
                <Route path=path!("/people/:person/ask") view=family::AskPage ssr=SsrMode::Async />
                <Route path=path!("/people/:person/:section") view=profile::SectionPage ssr=SsrMode::Async />
                <Route path=path!("/people/:person/:section/add") view=profile::ItemPage ssr=SsrMode::Async />
                <Route path=path!("/activate") view=patients::ActivatePage ssr=SsrMode::Async />
                <Route path=path!("/account/passkey") view=account::PasskeyPage ssr=SsrMode::Async />
                <Route path=path!("/account/addresses") view=account::AddressesPage ssr=SsrMode::Async />
                <Route path=path!("/account/addresses/new") view=account::NewAddressPage ssr=SsrMode::Async />
                <Route path=path!("/account/addresses/code") view=account::AddressCodePage ssr=SsrMode::Async />
                <Route path=path!("/account/recovery-codes") view=account::RecoveryCodesPage ssr=SsrMode::Async />
                <Route path=path!("/account/passkeys/:passkey") view=account::ChangePage ssr=SsrMode::Async />
                <Route path=path!("/staff") view=staff::StaffPage ssr=SsrMode::Async />
                <Route path=path!("/staff/prove") view=staff::ProvePage ssr=SsrMode::Async />
                <Route path=path!("/staff/sign-in") view=staff::StaffSignInPage ssr=SsrMode::Async />
                <Route path=path!("/staff/app") view=staff::OneTimePage ssr=SsrMode::Async />
                <Route path=path!("/staff/join/:token") view=staff::JoinPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic") view=staff::BoardPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/schedule") view=staff::BoardPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/new") view=staff::NewVisitPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/new/who") view=staff::WhoPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/visits/:visit") view=staff::VisitPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/visits/:visit/move") view=staff::MovePage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/visits/:visit/cancel") view=staff::CancelPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/waiting") view=staff::WaitingPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/screen") view=staff::ScreenLinkPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/poster") view=staff::PosterPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/block") view=staff::BlockPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/blocks/:block") view=staff::OpenAgainPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/reconcile") view=staff::ReconcilePage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/calendars") view=staff::CalendarsPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/calendars/new") view=staff::NewCalendarPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/calendars/:calendar") view=staff::CalendarPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours") view=staff::HoursPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/of/:whose") view=staff::WhosePage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/of/:whose/week") view=staff::WeekPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/of/:whose/away") view=staff::AwayPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/closures") view=staff::ClosuresPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/closure") view=staff::ClosurePage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/settings") view=staff::SettingsPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/hours/rehearsals/:rehearsal") view=staff::RehearsalPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/new-times") view=staff::NewTimesPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/go-on") view=staff::GoOnPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/patients") view=staff::FinderPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/patients/:patient") view=staff::PatientPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/patients/:patient/contact") view=staff::ContactPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/patients/:patient/online-booking") view=staff::StopPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/matches") view=staff::MatchesPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/calendars/:calendar/columns") view=staff::ColumnsPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/calendar-links") view=staff::CalendarLinksPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/emergency") view=staff::EmergencyPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/emergency/:access") view=staff::EmergencyChartPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/emergencies") view=staff::EmergenciesPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/waitlist") view=staff::WaitlistPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/waitlist/new") view=staff::NewEntryPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/waitlist/:entry") view=staff::EntryPage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/people") view=staff::PeoplePage ssr=SsrMode::Async />
                <Route path=path!("/staff/:clinic/people/new") view=staff::AppointPage ssr=SsrMode::Async />
                <Route path=path!("/sorry") view=SorryPage ssr=SsrMode::Async />
                <Route path=path!("/help") view=clinic::HelpPage ssr=SsrMode::Async />
                <Route path=path!("/dev/mailbox") view=mailbox::MailboxPage ssr=SsrMode::Async />
                <Route path=path!("/dev/mailbox/:mail") view=mailbox::MailPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
