//! Tables of whatever generation: finding, opening and dropping them.

use std::sync::PoisonError;

use feira_schemas::row::Table;

use super::{CqlState, in_statement, tables};
use crate::state::{StateError, generation_of};

/// The prefix of Feira's keyspaces.
const PREFIX: &str = "feira_";

impl CqlState {
    pub(in crate::state) async fn open_table(&self, table: Table) -> Result<bool, StateError> {
        let there = self.table_names().await?.contains(&format!("{}.{}", table.keyspace, tables::local_name(&table)));
        if there {
            self.open(table).await?;
        }
        Ok(there)
    }

    /// `<keyspace without its prefix>.<table>`, as the cluster has them now.
    pub(in crate::state) async fn table_names(&self) -> Result<Vec<String>, StateError> {
        let away = |error: scylla::errors::MetadataError| StateError::Unavailable(error.to_string());
        self.0.session.refresh_metadata().await.map_err(away)?;
        let cluster = self.0.session.get_cluster_state();
        let ours = cluster.keyspaces_iter().filter_map(|(name, keyspace)| Some((name.strip_prefix(PREFIX)?, keyspace)));
        let names =
            ours.flat_map(|(name, keyspace)| keyspace.tables.keys().map(move |table| format!("{name}.{table}")));
        Ok(names.collect())
    }

    pub(in crate::state) async fn drop_generation(&self, keyspace: &str, generation: u32) -> Result<(), StateError> {
        let wanted = Some((keyspace.to_owned(), generation));
        for name in self.table_names().await?.iter().filter(|name| generation_of(name) == wanted) {
            self.run(&format!("DROP TABLE IF EXISTS {PREFIX}{name}")).await?;
        }
        let opened = &self.0.tables;
        opened
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|table, _| (table.keyspace, table.generation) != (keyspace, generation));
        let cluster = self.0.session.get_cluster_state();
        let types = cluster.get_keyspace(format!("{PREFIX}{keyspace}")).map(|found| found.user_defined_types.keys());
        let mut types: Vec<String> = types.into_iter().flatten().cloned().collect();
        types.retain(|name| generation_of(&format!("{keyspace}.{name}")) == wanted);
        // One that another is made of goes after it; each round finds at least one that none is made of.
        while !types.is_empty() {
            let (before, mut refused) = (types.len(), None);
            let mut left = Vec::new();
            for name in types {
                match self.run(&format!("DROP TYPE IF EXISTS {PREFIX}{keyspace}.{name}")).await {
                    Ok(()) => {}
                    Err(error @ StateError::Refused(_)) => {
                        refused = Some(error);
                        left.push(name);
                    }
                    Err(error) => return Err(error),
                }
            }
            if let Some(error) = refused.filter(|_| left.len() == before) {
                return Err(error);
            }
            types = left;
        }
        Ok(())
    }

    async fn run(&self, statement: &str) -> Result<(), StateError> {
        let done = self.0.session.query_unpaged(super::of_tables(statement), &[]).await;
        done.map(drop).map_err(|error| in_statement(error, statement))
    }
}
