//! The search of the panel keeps how far it is and what it has parked: its documents lie in shards.

use super::keyspace::{Keyspace, of_view};
use crate::row::RowType;

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "panel", generation: 1, cql: include_str!("../../cql/panel.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &of_view("panel");
