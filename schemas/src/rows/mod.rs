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
            generation: crate::generations::of_keyspace($keyspace),
            partition_key: &[$($partition),+],
            clustering_key: &[$($clustering),*],
            kept: $kept,
        };
    };
}
pub(crate) use common::{context_rows, progress_rows};
pub(crate) use table;
