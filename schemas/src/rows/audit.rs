//! Who changed what and when: of each change of an entity the place of its event in the log, where before and after are read. Folded
//! from the events of admin, payments and the store, by a group each.

use serde::{Deserialize, Serialize};

use super::{common, keyspace::Keyspace, progress_rows, table};
use crate::{
    ids::{Micros, TenantId},
    row::{KeyPart, Row, RowKey, RowType, Table},
    time::month,
};

table!(CHANGE: ChangeRow = "audit"."change", ("tenant_id", "month"), ("newest_first", "context"));
table!(CHANGE_OF_ENTITY: ChangeOfEntityRow = "audit"."change_of_entity", ("tenant_id", "kind", "entity_id"), ("newest_first", "context"));
progress_rows!("audit");

/// The table of what the view has parked.
pub const PARKED: Table = common::parked_of("audit");

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "audit", generation: 1, cql: include_str!("../../cql/audit.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<ChangeRow>(),
    *RowType::of::<ChangeOfEntityRow>(),
    RowType::within::<common::Parked>(PARKED),
    *RowType::of::<ProgressRow>(),
];

/// What was done to an entity.
pub mod action {
    /// It was made.
    pub const CREATED: &str = "created";
    /// It was changed.
    pub const CHANGED: &str = "changed";
    /// It was removed.
    pub const REMOVED: &str = "removed";
}

/// A change of an entity, without what it was. A context's events of a shop lie in one partition, in which times grow strictly: no two
/// changes of a shop in one context have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Minus the `write_ts` of the event.
    pub newest_first: i64,
    /// The name of the context whose event it is.
    pub context: String,
    /// The kind of the entity, as answers name it.
    pub kind: String,
    /// The entity.
    pub entity_id: String,
    /// One of [`action`].
    pub action: String,
    /// The actor, as in the command.
    pub actor: String,
    /// The partition of those events in which it lies.
    pub event_partition: i64,
    /// The event's offset there.
    pub event_offset: i64,
}

impl Change {
    /// The time of the change.
    pub fn at(&self) -> Micros {
        self.newest_first.saturating_neg()
    }

    /// Its place among the changes of a shop or an entity.
    pub fn place(&self) -> Place {
        (self.newest_first, self.context.clone())
    }
}

/// The place of a change: minus its time, and the context of its event. An empty context stands before all others.
pub type Place = (i64, String);

fn clustering((newest_first, context): &Place) -> Vec<KeyPart> {
    vec![(*newest_first).into(), context.as_str().into()]
}

/// A change of a shop among those of its month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The month in UTC, as 2026-12.
    pub month: String,
    /// The other columns.
    #[serde(flatten)]
    pub change: Change,
}

impl ChangeRow {
    /// A shop's change as a row.
    pub fn new(tenant_id: TenantId, change: Change) -> Self {
        Self { tenant_id, month: month(change.at()), change }
    }

    /// The beginning of the keys of a month's changes.
    pub fn all(tenant: TenantId, month: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), month.into()], [])
    }

    /// The key of the change at a place.
    pub fn at(tenant: TenantId, month: &str, place: &Place) -> RowKey {
        RowKey { clustering: clustering(place), ..Self::all(tenant, month) }
    }

    /// The month before, as 2026-12; `None` before those that a calendar has.
    pub fn month_before(of: &str) -> Option<String> {
        let begins = format!("{of}-01T00:00:00Z").parse::<jiff::Timestamp>().ok()?.as_microsecond();
        Some(month(begins.checked_sub(1)?))
    }
}

impl Row for ChangeRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.month, &self.change.place())
    }
}

/// A change among those of its entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeOfEntityRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub change: Change,
}

impl ChangeOfEntityRow {
    /// The beginning of the keys of an entity's changes.
    pub fn all(tenant: TenantId, kind: &str, entity_id: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), kind.into(), entity_id.into()], [])
    }

    /// The key of the entity's change at a place.
    pub fn at(tenant: TenantId, kind: &str, entity_id: &str, place: &Place) -> RowKey {
        RowKey { clustering: clustering(place), ..Self::all(tenant, kind, entity_id) }
    }
}

impl Row for ChangeOfEntityRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.change.kind, &self.change.entity_id, &self.change.place())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_back_one_by_one() {
        for (of, before) in [("2026-12", Some("2026-11")), ("2027-01", Some("2026-12")), ("x", None)] {
            assert_eq!(ChangeRow::month_before(of).as_deref(), before);
        }
    }
}
