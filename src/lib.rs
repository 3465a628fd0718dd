//! Feira.
