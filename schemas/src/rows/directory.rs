//! The directory's rows: who has which name.

use serde::{Deserialize, Serialize};

use super::{context_rows, keyspace::Keyspace, table};
use crate::{
    records::directory::Name,
    row::{Row, RowKey, RowType},
};

table!(NAME: NameRow = "directory"."name", ("name"), ());
context_rows!("directory");

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "directory", generation: 3, cql: include_str!("../../cql/directory.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<NameRow>(),
    *RowType::of::<AnswerRow>(),
    *RowType::of::<TimerRow>(),
    *RowType::of::<ProgressRow>(),
];

/// A name and its holder. It is found by the name alone: whoever asks for a host does not know the tenant yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRow {
    /// The columns.
    #[serde(flatten)]
    pub name: Name,
    /// +1 each event.
    pub version: i64,
}

impl NameRow {
    /// The key of a name's row.
    pub fn at(name: &str) -> RowKey {
        RowKey::new([name.into()], [])
    }
}

impl Row for NameRow {
    fn key(&self) -> RowKey {
        Self::at(&self.name.name)
    }
}
