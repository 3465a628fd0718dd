//! The generation of everything that is kept, numbered here or, of tables, in their keyspace's module of [`rows`]. What is live in a
//! deployment stands in [`platform::GENERATION`](crate::rows::platform::GENERATION).

use crate::rows;

/// The generation of each keyspace's tables: (keyspace without its prefix, generation). Each is numbered in the keyspace's own
/// module of [`rows`].
pub const KEYSPACES: &[(&str, u32)] = &{
    let mut generations = [("", 0); rows::KEYSPACES.len()];
    let mut at = 0;
    while at < generations.len() {
        generations[at] = (rows::KEYSPACES[at].name, rows::KEYSPACES[at].generation);
        at += 1;
    }
    generations
};

/// The generation of search shards: a change of their schema or analysis is the next number.
pub const SHARDS: u32 = 3;

/// The generation of the shards of a deployment that does not say theirs: the first programs did not.
pub const FIRST_SHARDS: u32 = 1;

/// The generation of cached values. They are made of the storefront's rows, and programs of other generations share the cache.
pub const CACHE: u32 = rows::generation_of("storefront");

/// The generation of how the embedded log lies in its folder.
pub const LOG: u32 = 1;

/// A keyspace's generation in this program; `None` where it has no such keyspace.
pub fn of(keyspace: &str) -> Option<u32> {
    KEYSPACES.iter().find(|(name, _)| *name == keyspace).map(|(_, generation)| *generation)
}
