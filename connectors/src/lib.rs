//! Feira connectors.
