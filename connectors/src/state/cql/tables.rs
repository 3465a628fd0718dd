//! The statements that a table is read and written with, prepared once.

use std::collections::BTreeMap;

use feira_schemas::row::Table;
use scylla::{
    client::{execution_profile::ExecutionProfileHandle, session::Session},
    cluster::{
        ClusterState,
        metadata::{ColumnType, Table as TableMetadata},
    },
    statement::{Statement, prepared::PreparedStatement},
};

use super::{
    prepare_error,
    script::{Made, TypeWords},
    values,
};
use crate::state::StateError;

/// Rows per page. Cassandra counts rows, not bytes, so a page of large rows must still fit in memory.
const PAGE: i32 = 100;

#[derive(Debug)]
pub(super) struct TableStatements {
    /// The columns with their types, in the order in which `insert` binds and `select…` gives them.
    pub(super) columns: BTreeMap<String, ColumnType<'static>>,
    /// Binds all columns, then the timestamp.
    pub(super) insert: PreparedStatement,
    /// Binds the timestamp, then the full key.
    pub(super) delete: PreparedStatement,
    /// Binds the full key.
    pub(super) select: PreparedStatement,
    pub(super) select_table: PreparedStatement,
    /// The statements of scans, by length of the clustering prefix; each binds the partition key, the prefix and the
    /// limit.
    pub(super) scan: Vec<PreparedStatement>,
    /// The statements of scans behind a key, by length of the clustering prefix, which is not full; each binds the
    /// partition key, the clustering key to start behind, the prefix and the limit.
    pub(super) scan_after: Vec<PreparedStatement>,
}

/// The execution profiles of reads that pages wait for and of everything else.
pub(super) struct Profiles {
    pub(super) interactive: ExecutionProfileHandle,
    pub(super) projector: ExecutionProfileHandle,
}

impl TableStatements {
    pub(super) async fn prepare(
        session: &Session,
        profiles: &Profiles,
        table: &Table,
        metadata: &TableMetadata,
    ) -> Result<Self, StateError> {
        let columns = columns(table, metadata)?;
        let place = place(table);
        let list = columns.keys().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let marks = vec!["?"; columns.len()].join(", ");
        let partition = equal(table.partition_key);
        let full = equal(&[table.partition_key, table.clustering_key].concat());
        let read = async |text: String| prepare(session, &profiles.interactive, text).await;
        let write = async |text: String| prepare(session, &profiles.projector, text).await;

        let mut scan = Vec::new();
        let mut scan_after = Vec::new();
        let all = table.clustering_key;
        for length in 0..=all.len() {
            let prefix = &all[..length];
            let condition = equal(&[table.partition_key, prefix].concat());
            scan.push(read(format!("SELECT {list} FROM {place} WHERE {condition} LIMIT ?")).await?);
            if length < all.len() {
                // Two slices of the clustering key that both begin at its first column: the one form of a lower bound inside
                // a prefix that both ScyllaDB and Cassandra take. Rows above the bound and not above the prefix have it.
                let upper = if prefix.is_empty() { String::new() } else { format!(" AND {}", compare(prefix, "<=")) };
                let condition = format!("{partition} AND {}{upper}", compare(all, ">"));
                scan_after.push(read(format!("SELECT {list} FROM {place} WHERE {condition} LIMIT ?")).await?);
            }
        }
        Ok(Self {
            insert: write(format!("INSERT INTO {place} ({list}) VALUES ({marks}) USING TIMESTAMP ?")).await?,
            delete: write(format!("DELETE FROM {place} USING TIMESTAMP ? WHERE {full}")).await?,
            select: read(format!("SELECT {list} FROM {place} WHERE {full}")).await?,
            select_table: write(format!("SELECT {list} FROM {place}")).await?,
            scan,
            scan_after,
            columns,
        })
    }
}

/// The table's place in CQL: `feira_<context>.<name>_g<generation>`.
pub(super) fn place(table: &Table) -> String {
    format!("feira_{}.{}", table.keyspace, local_name(table))
}

pub(super) fn local_name(table: &Table) -> String {
    format!("{}_g{}", table.name, table.generation)
}

/// Refuses a table or type that is there otherwise than this program's CQL makes it. `IF NOT EXISTS` has passed over it, and
/// without this the first row that has what it lacks would end the process, after its event was appended.
pub(super) fn check_made(cluster: &ClusterState, context: &str, made: &Made) -> Result<(), StateError> {
    let place = format!("{} feira_{context}.{}", made.kind.to_ascii_lowercase(), made.name);
    let live = live_columns(cluster, context, made)
        .ok_or_else(|| StateError::Unavailable(format!("{place} isn't known yet")))?;
    let mut differences = Vec::new();
    for (name, kind) in &made.columns {
        match live.get(name) {
            None => differences.push(format!("{name} is missing")),
            Some(there) if there != kind => {
                differences.push(format!("{name} is {}, not {}", there.join(" "), kind.join(" ")));
            }
            Some(_) => {}
        }
    }
    let strangers = live.keys().filter(|name| !made.columns.contains_key(*name));
    differences.extend(strangers.map(|name| format!("{name} is unknown here")));
    if differences.is_empty() {
        return Ok(());
    }
    Err(StateError::Refused(format!(
        "{place} has not the columns that this program writes ({}), and CREATE … IF NOT EXISTS leaves it as it is: start the \
         program that made it. A table is changed by making the next generation (its keyspace's number in schemas/src/rows), \
         which gets tables of its own",
        differences.join("; ")
    )))
}

fn live_columns(cluster: &ClusterState, context: &str, made: &Made) -> Option<BTreeMap<String, TypeWords>> {
    let keyspace = cluster.get_keyspace(format!("feira_{context}"))?;
    if made.kind == "TYPE" {
        let fields = &keyspace.user_defined_types.get(&made.name)?.field_types;
        return Some(fields.iter().map(|(name, typ)| (name.to_string(), values::words(typ))).collect());
    }
    let columns = &keyspace.tables.get(&made.name)?.columns;
    Some(columns.iter().map(|(name, column)| (name.clone(), values::words(&column.typ))).collect())
}

/// The table's columns, once it is known that rows can be kept in them and that its key is the one the code expects.
fn columns(table: &Table, metadata: &TableMetadata) -> Result<BTreeMap<String, ColumnType<'static>>, StateError> {
    let refused = |why: String| StateError::Refused(format!("table {}: {why}", place(table)));
    if metadata.partition_key != table.partition_key || metadata.clustering_key != table.clustering_key {
        return Err(refused(format!(
            "its key is (({:?}), {:?}), but the program expects (({:?}), {:?})",
            metadata.partition_key, metadata.clustering_key, table.partition_key, table.clustering_key
        )));
    }
    for (name, column) in &metadata.columns {
        if let Some(why) = values::unsupported(&column.typ, false) {
            return Err(refused(format!("column {name}: {why}")));
        }
    }
    Ok(metadata.columns.iter().map(|(name, column)| (name.clone(), column.typ.clone())).collect())
}

/// A column may be called like a word of CQL.
fn quoted(column: &str) -> String {
    format!("\"{column}\"")
}

fn equal(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("{} = ?", quoted(column))).collect::<Vec<_>>().join(" AND ")
}

fn compare(columns: &[&str], operator: &str) -> String {
    let names: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
    format!("({}) {operator} ({})", names.join(", "), vec!["?"; columns.len()].join(", "))
}

async fn prepare(
    session: &Session,
    profile: &ExecutionProfileHandle,
    text: String,
) -> Result<PreparedStatement, StateError> {
    let mut prepared = session.prepare(Statement::new(text)).await.map_err(prepare_error)?;
    // Every statement may be repeated: reads change nothing, and writes carry their timestamp.
    prepared.set_is_idempotent(true);
    prepared.set_page_size(PAGE);
    prepared.set_execution_profile_handle(Some(profile.clone()));
    Ok(prepared)
}
