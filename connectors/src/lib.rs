//! Ports to the outside and their adapters: log, state, cache, keyring, sessions, registry, files, search shards, mail, names and payment gateways; and
//! the one way in which strangers' servers are asked ([`http`]). [`turns`] shares out what there is too little of.
//!
//! Each port is a closed enum with one adapter for a process of its own (embedded) and one for a cluster; both pass one
//! contract suite. Gateways are many and found by name, so theirs is a trait. A vendor's types never leave the adapter that wraps them.

pub mod cache;
pub mod clock;
pub mod dns;
pub mod files;
pub mod gateway;
pub mod http;
pub mod keyring;
pub mod log;
mod lsm;
pub mod mail;
pub mod random;
pub mod registry;
pub mod search;
pub mod sessions;
pub mod state;
pub mod tls;
pub mod turns;
