//! A short name for something that has none: the same wherever the same is read.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// 128 bits in hex, of texts in their order.
pub(crate) fn of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hash.update(part.as_bytes());
    }
    HEXLOWER.encode(&hash.finalize()[..16])
}
