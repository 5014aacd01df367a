//! Portico's integration tests: one binary, one file a feature, through the real doors and on both engines.

mod races;
