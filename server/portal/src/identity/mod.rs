//! Who somebody is: browsers' sessions, proving an address by a code, passkeys, recovering an account, and the charts an
//! account reaches.

pub(crate) mod addresses;
pub(crate) mod charts;
mod code;
mod devices;
pub(crate) mod grants;
mod known;
mod limits;
mod passkeys;
pub(crate) mod recovery;
mod session;

pub use addresses::{Address, AddressError, add_address, addresses, make_main, remove_address};
pub use charts::{KnownPerson, people};
pub use code::{CodeError, prove, request_code, waiting_email};
pub(crate) use code::{demo_account, six_digits};
pub(crate) use devices::FRESH_MS;
pub use devices::{Device, device_name, devices, end_device, end_other_devices, fresh};
pub use known::{Origin, remember};
pub use passkeys::{
    LONGEST_NAME, PasskeyError, PasskeyInfo, ask, keep, offer, passkeys, prove_passkey, remove_passkey, rename_passkey,
};
pub use recovery::{
    CodesKept, OpenRecovery, Recovering, finish_recovery, going_on, make_recovery_codes, may_stop, open_recoveries,
    recover, recovery_codes, stop_recovery, stop_recovery_by_link,
};
pub use session::{account_email, browser, sign_in_address, sign_out, start, tidy};
pub(crate) use session::{email_of, end as end_session, forget_typed, sign_in as sign_in_session};
