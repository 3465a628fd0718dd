//! Every row of state, one struct per table; the tables' CQL stands in `schemas/cql`, one file per keyspace.

pub mod admin;
pub mod common;
pub mod directory;
pub mod platform;
pub mod store;
pub mod storefront;

use crate::row::Table;

/// Every table, for making them and for the test that holds structs and CQL together.
pub const TABLES: &[&Table] = &[
    &platform::GENERATION,
    &platform::SCHEMA,
    &directory::NAME,
    &directory::ANSWER,
    &directory::PROGRESS,
    &admin::TENANT,
    &admin::SETTINGS,
    &admin::TOKEN,
    &admin::PRODUCT,
    &admin::PRODUCT_SLUG,
    &admin::REMOVED_PICTURE,
    &admin::CATEGORY,
    &admin::CATEGORY_SLUG,
    &admin::ANSWER,
    &admin::PROGRESS,
    &store::SHOP,
    &store::STOCK,
    &store::LISTING,
    &store::CATEGORY,
    &store::ANSWER,
    &store::PROGRESS,
    &storefront::SHOP,
    &storefront::CARD,
    &storefront::CARD_SLUG,
    &storefront::CATEGORY,
    &storefront::PARKED,
    &storefront::PROGRESS,
];

/// The CQL of each keyspace: (keyspace without its prefix, text of the file).
pub const CQL: &[(&str, &str)] = &[
    ("platform", include_str!("../../cql/platform.cql")),
    ("directory", include_str!("../../cql/directory.cql")),
    ("admin", include_str!("../../cql/admin.cql")),
    ("store", include_str!("../../cql/store.cql")),
    ("storefront", include_str!("../../cql/storefront.cql")),
];

/// The generation of each keyspace's tables: one for all of them, so that rows and the progress that says how far they are
/// folded never come from two. A change of one table, or of the fold that fills it, is the next number, and the first start of
/// the program folds it from the log; what is live in a deployment stands in [`platform::GENERATION`].
pub const GENERATIONS: &[(&str, u32)] =
    &[("platform", 1), ("directory", 1), ("admin", 2), ("store", 2), ("storefront", 2)];

/// A keyspace's generation in this program; none where it has no such keyspace.
pub fn generation_of(keyspace: &str) -> Option<u32> {
    GENERATIONS.iter().find(|(name, _)| *name == keyspace).map(|(_, generation)| *generation)
}

/// A keyspace's generation. A table whose keyspace is not listed does not compile: the index runs out.
pub(crate) const fn generation(keyspace: &str) -> u32 {
    let mut at = 0;
    while !is(GENERATIONS[at].0.as_bytes(), keyspace.as_bytes()) {
        at += 1;
    }
    GENERATIONS[at].1
}

/// Equality of texts, which the standard library does not offer to constants.
const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Makes a table's constant, a row struct's key and its place in that table.
macro_rules! table {
    ($table:ident = $keyspace:literal . $name:literal, ($($partition:literal),+), ($($clustering:literal),*)) => {
        crate::rows::table!($table = $keyspace.$name, ($($partition),+), ($($clustering),*), None);
    };
    ($table:ident = $keyspace:literal . $name:literal, ($($partition:literal),+), ($($clustering:literal),*), $kept:expr) => {
        #[doc = concat!("`feira_", $keyspace, ".", $name, "`.")]
        pub const $table: crate::row::Table = crate::row::Table {
            keyspace: $keyspace,
            name: $name,
            generation: crate::rows::generation($keyspace),
            partition_key: &[$($partition),+],
            clustering_key: &[$($clustering),*],
            kept: $kept,
        };
    };
}
pub(crate) use common::{context_rows, progress_rows};
pub(crate) use table;
