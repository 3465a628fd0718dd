//! The generation of everything that is kept, numbered here and nowhere else. What is live in a deployment stands in
//! [`platform::GENERATION`](crate::rows::platform::GENERATION).

/// The generation of each keyspace's tables: one for all of them, so that rows and the progress that says how far they are
/// folded never come from two. A change of one table, or of the fold that fills it, is the next number, and the first start of
/// the program folds it from the log.
pub const KEYSPACES: &[(&str, u32)] =
    &[("platform", 1), ("directory", 1), ("admin", 2), ("store", 2), ("storefront", 3), ("search", 1), ("panel", 1)];

/// The generation of search shards: a change of their schema or analysis is the next number.
pub const SHARDS: u32 = 2;

/// The generation of the shards of a deployment that does not say theirs: the first programs did not.
pub const FIRST_SHARDS: u32 = 1;

/// The generation of cached values. They are made of the storefront's rows, and programs of other generations share the cache.
pub const CACHE: u32 = of_keyspace("storefront");

/// The generation of how the embedded log lies in its folder.
pub const LOG: u32 = 1;

/// A keyspace's generation in this program; `None` where it has no such keyspace.
pub fn of(keyspace: &str) -> Option<u32> {
    KEYSPACES.iter().find(|(name, _)| *name == keyspace).map(|(_, generation)| *generation)
}

/// A keyspace's generation. A table whose keyspace is not listed does not compile: the index runs out.
pub(crate) const fn of_keyspace(keyspace: &str) -> u32 {
    let mut at = 0;
    while !is(KEYSPACES[at].0.as_bytes(), keyspace.as_bytes()) {
        at += 1;
    }
    KEYSPACES[at].1
}

/// Equality of texts, which the standard library does not offer to constants.
const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
