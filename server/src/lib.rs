//! The binary `portico`, thin: configuration, command line, HTTP, JSON API, worker. What it does lives in `portal`.

pub mod api;
pub mod cli;
pub mod config;
pub mod http;
pub mod letter;
pub mod serve;
pub mod wiring;
pub mod worker;

/// A page and a listing are made of many small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
