//! Every row of state, one struct per table; the tables' CQL stands in `schemas/cql`, one file per keyspace.

pub mod admin;
pub mod audit;
pub mod common;
mod differences;
pub mod directory;
pub mod keyring;
mod keyspace;
pub mod mails;
mod panel;
pub mod payments;
pub mod platform;
mod search;
pub mod sessions;
pub mod signup;
pub mod store;
pub mod storefront;
mod tables;

use self::keyspace::Keyspace;
use crate::row::{RowType, Table};

/// Every keyspace: what all processes share, then contexts, then views.
pub(crate) const KEYSPACES: &[Keyspace] = &[
    platform::KEYSPACE,
    directory::KEYSPACE,
    admin::KEYSPACE,
    store::KEYSPACE,
    payments::KEYSPACE,
    signup::KEYSPACE,
    storefront::KEYSPACE,
    search::KEYSPACE,
    panel::KEYSPACE,
    audit::KEYSPACE,
];

/// The types of each keyspace's rows.
const ROWS: [&[RowType]; KEYSPACES.len()] = [
    platform::ROWS,
    directory::ROWS,
    admin::ROWS,
    store::ROWS,
    payments::ROWS,
    signup::ROWS,
    storefront::ROWS,
    search::ROWS,
    panel::ROWS,
    audit::ROWS,
];

/// The CQL of each keyspace: (keyspace without its prefix, text of the file).
pub const CQL: &[(&str, &str)] = &{
    let mut files = [("", ""); KEYSPACES.len()];
    let mut at = 0;
    while at < KEYSPACES.len() {
        files[at] = (KEYSPACES[at].name, KEYSPACES[at].cql);
        at += 1;
    }
    files
};

/// Every table.
pub const TABLES: &[Table] = &{
    let mut tables = [ROWS[0][0].table; count()];
    let (mut keyspace, mut at) = (0, 0);
    while keyspace < ROWS.len() {
        let mut row = 0;
        while row < ROWS[keyspace].len() {
            tables[at] = ROWS[keyspace][row].table;
            (row, at) = (row + 1, at + 1);
        }
        keyspace += 1;
    }
    tables
};

/// The number of tables.
const fn count() -> usize {
    let (mut keyspace, mut count) = (0, 0);
    while keyspace < ROWS.len() {
        count += ROWS[keyspace].len();
        keyspace += 1;
    }
    count
}

/// The type of each table's rows, for the test that holds structs and CQL together.
pub fn row_types() -> impl Iterator<Item = RowType> {
    ROWS.into_iter().flatten().copied()
}

/// A keyspace's generation. A table whose keyspace is not listed does not compile: the index runs out.
pub(crate) const fn generation_of(keyspace: &str) -> u32 {
    let mut at = 0;
    while !is(KEYSPACES[at].name.as_bytes(), keyspace.as_bytes()) {
        at += 1;
    }
    KEYSPACES[at].generation
}

/// Equality of texts, which the standard library does not offer to constants.
const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Makes a table's constant, and says that rows of this type lie in it.
macro_rules! table {
    ($table:ident: $row:ident = $keyspace:literal . $name:literal, ($($partition:literal),+), ($($clustering:literal),*)) => {
        #[doc = concat!("`feira_", $keyspace, ".", $name, "`.")]
        pub const $table: crate::row::Table = crate::row::Table {
            keyspace: $keyspace,
            name: $name,
            generation: crate::rows::generation_of($keyspace),
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
pub(crate) use mails::mail_rows;
pub(crate) use table;
