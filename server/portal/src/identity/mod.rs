//! Who somebody is: browsers' sessions, proving an address by a code, and the charts an account reaches.

pub(crate) mod charts;
mod code;
mod devices;
mod passkeys;
mod session;

pub use charts::{KnownPerson, people};
pub(crate) use code::demo_account;
pub use code::{CodeError, prove, request_code, waiting_email};
pub use devices::{Device, device_name, devices, end_device, end_other_devices, fresh};
pub use passkeys::{
    LONGEST_NAME, PasskeyError, PasskeyInfo, ask, keep, offer, passkeys, prove_passkey, remove_passkey, rename_passkey,
};
pub use session::{account_email, browser, sign_in_address, sign_out, start, tidy};
