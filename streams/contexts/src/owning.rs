//! The entities that have a subject: the row by which is known that one is there. Keys are minted before the command that needs them is
//! decided, so those of an entity that never came to be are nobody's, and are erased.

use feira_schemas::{
    ids::TenantId,
    row::{RowKey, RowType, Stored},
    sealed::SubjectKind,
};
use uuid::Uuid;

/// A kind of subject that a context owns. Entities that have one are never deleted from their tables.
#[derive(Clone, Copy)]
pub struct Owning {
    /// The kind. No other context owns it.
    pub kind: SubjectKind,
    /// The type of the entity's row.
    pub rows: &'static RowType,
    /// The key of the row of the entity with the subject's id.
    pub key: fn(TenantId, Uuid) -> RowKey,
}

impl Owning {
    /// A kind whose entities are rows `R`.
    pub const fn of<R: Stored>(kind: SubjectKind, key: fn(TenantId, Uuid) -> RowKey) -> Self {
        Self { kind, rows: RowType::of::<R>(), key }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use feira_schemas::groups::Context;

    use super::*;
    use crate::{Decider, ForContext, for_context};

    struct Owned;

    impl ForContext for Owned {
        type Output = &'static [Owning];
        fn run<D: Decider>(self) -> Self::Output {
            D::OWNING
        }
    }

    #[test]
    fn a_kind_of_subject_is_of_one_context_and_its_row_of_that_contexts_keyspace() {
        let mut owned = BTreeSet::new();
        for context in Context::ALL {
            for owning in for_context(context, Owned) {
                assert!(owned.insert(owning.kind), "{:?}", owning.kind);
                assert_eq!(owning.rows.table.keyspace, context.name());
                let (key, table) = ((owning.key)(TenantId::PLATFORM, Uuid::nil()), owning.rows.table);
                assert_eq!(key.partition.len(), table.partition_key.len(), "{:?}", owning.kind);
                assert_eq!(key.clustering.len(), table.clustering_key.len(), "{:?}: a whole key", owning.kind);
            }
        }
        assert!(owned.contains(&SubjectKind::Account) && owned.contains(&SubjectKind::Charge));
    }
}
