//! Sealed fields and blind indexes. A data key per scope (a tenant, or the installation for logins and sessions) is
//! wrapped by the master key, which lives outside the database. A stolen database file tells nothing.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use entity::keyring;
use hmac::{Hmac, Mac};
use ports::Rng;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{db::Db, error::Internal};

/// The first byte of every sealed value, so that another algorithm can come later.
const XCHACHA20_POLY1305: u8 = 1;
const NONCE: usize = 24;

/// The scope of what belongs to no tenant: accounts, sessions, form states, jobs.
pub const INSTALLATION: Uuid = Uuid::nil();

/// 32 bytes that open everything. Losing it loses every sealed field.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Every scope's keys, unwrapped once and kept in memory.
pub struct Keys {
    master: XChaCha20Poly1305,
    scopes: RwLock<HashMap<Uuid, Arc<ScopeKeys>>>,
}

impl Keys {
    /// Whether a database that was migrated has keys that a master key sealed.
    pub async fn any_made(db: &Db) -> Result<bool, Internal> {
        Ok(keyring::Entity::find().one(db.read()).await?.is_some())
    }

    pub fn new(master: &MasterKey) -> Self {
        Self { master: XChaCha20Poly1305::new((&master.0).into()), scopes: RwLock::default() }
    }

    /// Keys of a scope that exists.
    pub async fn scope(&self, db: &impl ConnectionTrait, scope: Uuid) -> Result<Arc<ScopeKeys>, Internal> {
        if let Some(keys) = self.scopes.read().ok().and_then(|s| s.get(&scope).cloned()) {
            return Ok(keys);
        }
        let row = keyring::Entity::find_by_id(scope).one(db).await?.ok_or(Internal::Sealed("no key for the scope"))?;
        let data_key = open(&self.master, scope.as_bytes(), &row.wrapped)?;
        let keys = Arc::new(ScopeKeys::new(scope, &data_key));
        if let Ok(mut scopes) = self.scopes.write() {
            scopes.insert(scope, Arc::clone(&keys));
        }
        Ok(keys)
    }

    /// Whether the master key opens this database's keys.
    pub async fn fit(&self, db: &impl ConnectionTrait) -> Result<(), Internal> {
        self.scope(db, INSTALLATION).await.map(drop)
    }

    /// Makes a scope's data key when it has none. Safe to call again.
    pub async fn create_scope(
        &self,
        db: &impl ConnectionTrait,
        rng: &dyn Rng,
        scope: Uuid,
        now_ms: i64,
    ) -> Result<(), Internal> {
        if keyring::Entity::find_by_id(scope).one(db).await?.is_some() {
            return Ok(());
        }
        let mut data_key = [0_u8; 32];
        rng.fill(&mut data_key);
        let wrapped = seal(&self.master, rng, scope.as_bytes(), &data_key)?;
        let row = keyring::ActiveModel { scope: Set(scope), wrapped: Set(wrapped), created_at: Set(now_ms) };
        keyring::Entity::insert(row).exec_without_returning(db).await?;
        Ok(())
    }
}

/// Where a sealed value lives. It is bound to its place: moved to another row, it does not open.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

/// One scope's keys.
pub struct ScopeKeys {
    scope: Uuid,
    cipher: XChaCha20Poly1305,
    index_key: [u8; 32],
    token_key: [u8; 32],
}

impl ScopeKeys {
    fn new(scope: Uuid, data_key: &[u8]) -> Self {
        let cipher = XChaCha20Poly1305::new((&mac(data_key, &[b"seal"])).into());
        Self { scope, cipher, index_key: mac(data_key, &[b"index"]), token_key: mac(data_key, &[b"token"]) }
    }

    pub fn seal(&self, rng: &dyn Rng, place: Place, plain: &[u8]) -> Result<Vec<u8>, Internal> {
        seal(&self.cipher, rng, &self.aad(place), plain)
    }

    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Internal> {
        open(&self.cipher, &self.aad(place), sealed)
    }

    pub fn open_text(&self, place: Place, sealed: &[u8]) -> Result<String, Internal> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| Internal::Sealed("not text"))
    }

    /// A keyed hash to look a value up by. `what` tells columns apart, so equal values in two columns do not match.
    pub fn index(&self, what: &str, parts: &[&str]) -> Vec<u8> {
        let parts: Vec<&[u8]> = std::iter::once(what.as_bytes()).chain(parts.iter().map(|p| p.as_bytes())).collect();
        mac(&self.index_key, &parts)[..16].to_vec()
    }

    /// A secret derived from an id, so that it need not be stored: the private link in a mail.
    pub fn token(&self, what: &str, id: Uuid) -> [u8; 32] {
        mac(&self.token_key, &[what.as_bytes(), id.as_bytes()])
    }

    fn aad(&self, place: Place) -> Vec<u8> {
        let mut aad = Vec::with_capacity(34 + place.table.len() + place.column.len());
        aad.extend_from_slice(self.scope.as_bytes());
        aad.extend_from_slice(place.table.as_bytes());
        aad.push(0);
        aad.extend_from_slice(place.column.as_bytes());
        aad.push(0);
        aad.extend_from_slice(place.row.as_bytes());
        aad
    }
}

/// SHA-256 of a secret with enough randomness of its own: session tokens, hold tokens, API keys.
pub fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// HMAC-SHA256 over length-prefixed parts.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn seal(cipher: &XChaCha20Poly1305, rng: &dyn Rng, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Internal> {
    let mut nonce = [0_u8; NONCE];
    rng.fill(&mut nonce);
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| Internal::Sealed("too long to seal"))?;
    let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
    out.push(XCHACHA20_POLY1305);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

fn open(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Internal> {
    let [XCHACHA20_POLY1305, rest @ ..] = sealed else {
        return Err(Internal::Sealed("unknown algorithm"));
    };
    let (nonce, body) = rest.split_at_checked(NONCE).ok_or(Internal::Sealed("too short"))?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Internal::Sealed("too short"))?;
    cipher
        .decrypt(&XNonce::from(nonce), Payload { msg: body, aad })
        .map_err(|_| Internal::Sealed("wrong key, place or bytes"))
}

#[cfg(test)]
mod tests {
    use ports::SeededRng;

    use super::*;

    const PLACE: Place = Place { table: "patient", column: "given", row: Uuid::from_u128(7) };

    fn keys(scope: u128) -> ScopeKeys {
        ScopeKeys::new(Uuid::from_u128(scope), &[scope as u8; 32])
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place() {
        let sealed = keys(1).seal(&SeededRng::new(1), PLACE, "Amira".as_bytes()).unwrap();
        assert!(!sealed.windows(5).any(|w| w == b"Amira"));
        assert_eq!(keys(1).open_text(PLACE, &sealed).unwrap(), "Amira");
        for elsewhere in [
            Place { table: "account", ..PLACE },
            Place { column: "family", ..PLACE },
            Place { row: Uuid::from_u128(8), ..PLACE },
        ] {
            assert!(keys(1).open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        assert!(keys(2).open(PLACE, &sealed).is_err());
    }

    #[test]
    fn a_sealed_value_that_was_touched_does_not_open() {
        let sealed = keys(1).seal(&SeededRng::new(1), PLACE, b"x").unwrap();
        for i in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[i] ^= 1;
            assert!(keys(1).open(PLACE, &touched).is_err(), "byte {i}");
        }
        assert!(keys(1).open(PLACE, &[]).is_err());
    }

    #[test]
    fn blind_indexes_tell_columns_and_tenants_apart_and_parts_from_one_another() {
        let a = keys(1).index("email", &["a@example.com"]);
        assert_eq!(a, keys(1).index("email", &["a@example.com"]));
        assert_ne!(a, keys(1).index("phone", &["a@example.com"]));
        assert_ne!(a, keys(2).index("email", &["a@example.com"]));
        assert_ne!(keys(1).index("n", &["ab", "c"]), keys(1).index("n", &["a", "bc"]));
    }
}
