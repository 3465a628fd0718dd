//! Feira streams.
