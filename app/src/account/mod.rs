//! One's own account: addresses, passkeys, recovery codes, and the devices that are signed in. `api` has the actions; the
//! others are a page each; `island` is what needs the browser's own passkey dialog, and `browser` talks to it.

#[cfg(feature = "ssr")]
mod addresses;
pub mod api;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod change;
pub mod island;
#[cfg(feature = "ssr")]
mod new_address;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod passkey;
#[cfg(feature = "ssr")]
mod recovery_codes;

#[cfg(feature = "ssr")]
pub use self::{
    addresses::AddressesPage,
    change::ChangePage,
    new_address::{AddressCodePage, NewAddressPage},
    page::AccountPage,
    passkey::PasskeyPage,
    recovery_codes::RecoveryCodesPage,
};
