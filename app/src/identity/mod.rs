//! Signing in by a code sent to an email address or by a recovery code, and signing out. No passwords.
//! `api` has the actions; the others are a page each, with the work of its action beside it.

#[cfg(feature = "ssr")]
mod again;
pub mod api;
#[cfg(feature = "ssr")]
mod code;
#[cfg(feature = "ssr")]
mod code_field;
#[cfg(feature = "ssr")]
mod email;
#[cfg(feature = "ssr")]
mod new_address;
#[cfg(feature = "ssr")]
mod recover;
#[cfg(feature = "ssr")]
mod recovered;
#[cfg(feature = "ssr")]
mod stop;

#[cfg(feature = "ssr")]
pub use self::{
    again::AgainPage,
    code::SignInCodePage,
    email::SignInPage,
    recover::RecoverPage,
    recovered::{RecoveredAddressPage, RecoveredCodePage},
    stop::StopRecoveryPage,
};
#[cfg(feature = "ssr")]
pub(crate) use self::{
    code_field::{CodeField, code_mistake, code_refusal, too_many_codes},
    new_address::{AddressForm, ProofForm, Steps, refusal as address_refusal},
};

/// Where to go after signing in: a page of our own, or one's visits.
#[cfg(feature = "ssr")]
pub(crate) fn next_or_visits(next: &str) -> &str {
    crate::request::own_path(next).unwrap_or("/visits")
}

/// A page of the sign-in with where to go afterwards.
#[cfg(feature = "ssr")]
fn with_next(page: &str, next: &str) -> String {
    format!("{page}?next={}", crate::ui::query_value(next_or_visits(next)))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_our_own_pages_only() {
        assert_eq!(with_next("/sign-in", "/visits/1?a=b"), "/sign-in?next=%2Fvisits%2F1%3Fa%3Db");
        for bad in ["", "//evil.example", "https://evil.example"] {
            assert_eq!(with_next("/sign-in", bad), "/sign-in?next=%2Fvisits");
        }
    }
}
