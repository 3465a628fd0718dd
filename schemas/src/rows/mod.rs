//! Every row of state, one struct per table; the tables' CQL stands in `schemas/cql`, one file per keyspace.

pub mod admin;
pub mod common;
pub mod directory;
pub mod platform;
pub mod store;
pub mod storefront;
mod tables;

use crate::row::Table;

/// Every table, for making them and for the test that holds structs and CQL together.
pub const TABLES: &[Table] = &[
    platform::GENERATION,
    platform::SCHEMA,
    directory::NAME,
    directory::ANSWER,
    directory::PROGRESS,
    admin::TENANT,
    admin::SETTINGS,
    admin::TOKEN,
    admin::PRODUCT,
    admin::PRODUCT_SLUG,
    admin::REMOVED_PICTURE,
    admin::CATEGORY,
    admin::CATEGORY_SLUG,
    admin::ANSWER,
    admin::PROGRESS,
    store::SHOP,
    store::STOCK,
    store::LISTING,
    store::CATEGORY,
    store::ANSWER,
    store::PROGRESS,
    storefront::SHOP,
    storefront::CARD,
    storefront::CARD_SLUG,
    storefront::CATEGORY,
    storefront::PARKED,
    storefront::PROGRESS,
    common::parked_of("search"),
    common::progress_of("search"),
    common::parked_of("panel"),
    common::progress_of("panel"),
];

/// The CQL of each keyspace: (keyspace without its prefix, text of the file).
pub const CQL: &[(&str, &str)] = &[
    ("platform", include_str!("../../cql/platform.cql")),
    ("directory", include_str!("../../cql/directory.cql")),
    ("admin", include_str!("../../cql/admin.cql")),
    ("store", include_str!("../../cql/store.cql")),
    ("storefront", include_str!("../../cql/storefront.cql")),
    ("search", include_str!("../../cql/search.cql")),
    ("panel", include_str!("../../cql/panel.cql")),
];

/// Makes a table's constant, and says that rows of this type lie in it.
macro_rules! table {
    ($table:ident: $row:ident = $keyspace:literal . $name:literal, ($($partition:literal),+), ($($clustering:literal),*)) => {
        #[doc = concat!("`feira_", $keyspace, ".", $name, "`.")]
        pub const $table: crate::row::Table = crate::row::Table {
            keyspace: $keyspace,
            name: $name,
            generation: crate::generations::of_keyspace($keyspace),
            partition_key: &[$($partition),+],
            clustering_key: &[$($clustering),*],
            kept: None,
        };

        impl crate::row::Stored for $row {
            const TABLE: crate::row::Table = $table;
        }
    };
}
pub(crate) use common::{context_rows, progress_rows};
pub(crate) use table;
