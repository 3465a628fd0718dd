//! What a process of a deployment does.

use serde::{Deserialize, Serialize};

/// What a process does; with none named it does everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Role {
    /// Decides who has which name.
    Directory,
    /// Decides the merchants' changes.
    Admin,
    /// Decides stock and listings.
    Store,
    /// Folds search shards.
    Search,
    /// Folds cards and pages.
    Storefront,
    /// Serves HTTP.
    Api,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Directory, Self::Admin, Self::Store, Self::Search, Self::Storefront, Self::Api];
}
