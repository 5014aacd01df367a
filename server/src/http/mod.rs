//! Layers around everything: who asks, from where, how often, and what every answer must say.

pub mod address;
pub(crate) mod body;
pub mod csrf;
mod desk;
pub mod error;
mod feeds;
pub(crate) mod files;
pub mod front;
pub mod headers;
pub mod limits;
mod observe;
pub mod pages;
pub(crate) mod refused;
pub mod session;
mod sign_on;
mod uploads;

use std::{ops::Deref, sync::Arc};

use app::shell::Assets;
use portal::Cx;

use crate::config::Config;

/// What handlers share. axum copies it several times a request, so it is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub cx: Cx,
    pub config: Arc<Config>,
    pub assets: Arc<Assets>,
    /// Demo mode: the local mailbox is shown.
    pub demo: bool,
    pub cache: crate::api::AnswerCache,
    pub slot_files: crate::api::SlotFiles,
    /// Becomes true when this process is to end.
    pub closing: tokio::sync::watch::Receiver<bool>,
}

impl AppState {
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
