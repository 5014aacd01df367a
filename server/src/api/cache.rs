//! Answers to "what is free" kept in memory, keyed by the clinic's two versions: its configuration and its calendar.
//! A booking raises the calendar's, so a kept answer is never older than this process's last booking; an answer also
//! ends when time itself changes it (a notice passes, a hold ends), and on Postgres after a second, because other
//! processes book there, too.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, OnceLock, RwLock},
};

use axum::{body::Bytes, http::HeaderValue};
use flate2::{Compression, write::GzEncoder};
use uuid::Uuid;

/// So many bytes are kept; then all are forgotten, which is simpler than choosing and cheap to make up for. With four
/// times as many, each new answer was written to memory that no processor had near.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// A longer answer is not kept: many would push out all others, and making one anew takes little longer than sending it.
const LONGEST: usize = 128 * 1024;
/// About what an entry takes beside its body and key.
const ENTRY_BYTES: usize = 256;

#[derive(Default)]
pub struct AnswerCache(RwLock<Answers>);

#[derive(Default)]
struct Answers {
    /// By clinic, then by query as it was written.
    kept: HashMap<Uuid, HashMap<String, Arc<Kept>>>,
    bytes: usize,
}

pub(super) struct Kept {
    pub version: (i64, u64),
    /// UTC milliseconds.
    pub valid_until: i64,
    pub body: Bytes,
    pub etag: HeaderValue,
    packed: OnceLock<Option<Bytes>>,
}

impl Kept {
    pub(super) fn new(version: (i64, u64), valid_until: i64, body: Bytes, etag: HeaderValue) -> Self {
        Self { version, valid_until, body, etag, packed: OnceLock::new() }
    }

    /// The body as gzip, made when it is first asked for: packing takes longer than all the rest of an answer.
    pub(super) fn packed(&self) -> Option<Bytes> {
        let packed = || {
            let mut gzip = GzEncoder::new(Vec::with_capacity(self.body.len() / 4), Compression::default());
            gzip.write_all(&self.body).and_then(|()| gzip.finish())
        };
        self.packed.get_or_init(|| packed().ok().map(|bytes| Bytes::from(bytes.into_boxed_slice()))).clone()
    }
}

impl AnswerCache {
    pub(super) fn get(&self, clinic: Uuid, query: &str, version: (i64, u64), now_ms: i64) -> Option<Arc<Kept>> {
        let kept = self.0.read().ok()?.kept.get(&clinic)?.get(query).cloned()?;
        (kept.version == version && now_ms < kept.valid_until).then_some(kept)
    }

    /// Whether it is kept now.
    pub(super) fn put(&self, clinic: Uuid, query: &str, kept: Arc<Kept>) -> bool {
        if kept.body.len() > LONGEST {
            return false;
        }
        // Packed, as most ask for it, it is there once more, and much smaller.
        let bytes = query.len() + kept.body.len() * 3 / 2 + ENTRY_BYTES;
        let mut forgotten = Answers::default();
        if let Ok(mut all) = self.0.write() {
            // Counted as if nothing were ever replaced: at worst all are forgotten sooner.
            all.bytes += bytes;
            if all.bytes > MOST_BYTES {
                std::mem::swap(&mut *all, &mut forgotten);
                all.bytes = bytes;
            }
            all.kept.entry(clinic).or_default().insert(query.to_owned(), kept);
        }
        // Freeing so much takes a while: nobody has to wait for it.
        drop(forgotten);
        true
    }
}
