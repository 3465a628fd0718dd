//! The definition of a keyspace (its tables, their generation and their CQL), which the keyspace's own module of rows gives.

use super::common::{Parked, Progress, parked_of, progress_of};
use crate::row::RowType;

/// A keyspace: the tables that one context or one view writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keyspace {
    /// The keyspace's name without the prefix `feira_`.
    pub(crate) name: &'static str,
    /// The generation of its tables: one for all of them, so that rows and the progress that says how far they are folded never
    /// come from two. A change of one table, or of the fold that fills it, is the next number, and the first start of the
    /// program folds it from the log.
    pub(crate) generation: u32,
    /// The text of its file in `schemas/cql`.
    pub(crate) cql: &'static str,
}

/// The rows of a view that keeps what it shows elsewhere: how far it is, and what it has parked.
pub(super) const fn of_view(keyspace: &'static str) -> [RowType; 2] {
    [RowType::within::<Parked>(parked_of(keyspace)), RowType::within::<Progress>(progress_of(keyspace))]
}
