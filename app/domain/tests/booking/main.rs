//! The booking engine through its public door: `candidates`, `verdict_at`, `next_free`, `read_span`.
//! `world` builds questions, `generated` random ones, `reference` answers them minute by minute, the other files hold the sentences.

mod bits;
mod generated;
mod hours;
mod model;
mod patients;
mod places;
mod reference;
mod rules;
mod world;
mod zones;
