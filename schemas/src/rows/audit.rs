//! Who changed what and when: of each change of an entity the place of its event in the log, where before and after are read. Folded
//! from the events of admin, payments and the store, by a group each.

use serde::{Deserialize, Serialize};

use super::{common, keyspace::Keyspace, progress_rows, table};
use crate::{
    ids::{Micros, TenantId},
    row::{KeyPart, Row, RowKey, RowType, Table},
    time::DAY,
};

table!(CHANGE: ChangeRow = "audit"."change", ("tenant_id", "day"), ("newest_first", "context"));
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

/// A change of a shop among those of its day: a shop that changes thousands of products a day fills no partition without end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The day in UTC, counted from 1970.
    pub day: i64,
    /// The other columns.
    #[serde(flatten)]
    pub change: Change,
}

impl ChangeRow {
    /// A shop's change as a row.
    pub fn new(tenant_id: TenantId, change: Change) -> Self {
        Self { tenant_id, day: Self::day(change.at()), change }
    }

    /// The day of a time.
    pub fn day(time: Micros) -> i64 {
        time.div_euclid(DAY)
    }

    /// The time with which a day begins.
    pub fn begins(day: i64) -> Micros {
        day.saturating_mul(DAY)
    }

    /// The beginning of the keys of a day's changes.
    pub fn all(tenant: TenantId, day: i64) -> RowKey {
        RowKey::new([tenant.uuid().into(), day.into()], [])
    }

    /// The key of the change at a place.
    pub fn at(tenant: TenantId, day: i64, place: &Place) -> RowKey {
        RowKey { clustering: clustering(place), ..Self::all(tenant, day) }
    }
}

impl Row for ChangeRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.day, &self.change.place())
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
    fn a_day_begins_with_its_first_microsecond() {
        for (time, day) in [(0, 0), (DAY - 1, 0), (DAY, 1), (-1, -1)] {
            assert_eq!(ChangeRow::day(time), day);
            assert_eq!(ChangeRow::day(ChangeRow::begins(day)), day);
            assert_eq!(ChangeRow::day(ChangeRow::begins(day) - 1), day - 1);
        }
    }
}
