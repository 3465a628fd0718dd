//! Feira apis.
