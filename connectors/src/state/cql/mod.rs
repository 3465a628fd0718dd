//! State in ScyllaDB or Cassandra, by the CQL that both speak.
//!
//! A row is written whole with `USING TIMESTAMP write_ts`, so the store itself keeps the newer of two writes. Nulls are
//! bound, never left unset: an unset column would keep an older row's value.

mod clock;
mod generations;
mod script;
mod session;
mod tables;
mod values;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use feira_schemas::{
    ids::Micros,
    row::{AnyRow, KeyPart, RowKey, RowType, Table, Write},
};
use futures::{StreamExt, TryStreamExt, stream};
use scylla::{
    client::{execution_profile::ExecutionProfile, session::Session},
    errors::{DbError, ExecutionError, PrepareError, RequestAttemptError},
    response::{PagingState, PagingStateResponse, query_result::QueryResult},
    statement::{
        batch::{Batch, BatchType},
        prepared::PreparedStatement,
        unprepared::Statement,
    },
    value::{CqlValue, Row as CqlRow},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::tables::{Profiles, TableStatements};
use super::{CqlSettings, Cursor, Replication, StateError, TablePage, key};

/// Requests in flight for one call: enough to hide a network's latency, few enough that one rebuild doesn't fill the
/// coordinators' queues.
const CONCURRENCY: usize = 64;
/// Rows in one batch, all of one partition; ScyllaDB and Cassandra warn of larger ones.
const BATCH_ROWS: usize = 100;
/// Bytes in one batch, for the same reason.
const BATCH_BYTES: usize = 64 << 10;
/// The time limit of a write or a page of a whole-table scan; a view waits for it, no person does.
const PROJECTOR_TIMEOUT: Duration = Duration::from_secs(5);
/// The time limit of making and checking tables; see [`of_tables`].
const TABLES_TIMEOUT: Duration = Duration::from_secs(60);

/// The state in a CQL cluster. Cheap to clone; clones share the session.
#[derive(Clone)]
pub struct CqlState(Arc<Inner>);

struct Inner {
    session: Session,
    profiles: Profiles,
    replication: Replication,
    tables: RwLock<HashMap<Table, Arc<TableStatements>>>,
}

/// A statement that makes or drops tables: all nodes must agree on it, which takes a busy cluster longer than rows do.
fn of_tables(statement: &str) -> Statement {
    let mut statement = Statement::new(statement);
    statement.set_request_timeout(Some(TABLES_TIMEOUT));
    statement
}

impl std::fmt::Debug for CqlState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CqlState").finish_non_exhaustive()
    }
}

impl CqlState {
    pub(super) async fn connect(settings: &CqlSettings) -> Result<Self, StateError> {
        let profile = |timeout| {
            let profile = ExecutionProfile::builder()
                .consistency(settings.consistency.of_the_driver())
                .request_timeout(Some(timeout));
            profile.build().into_handle()
        };
        let profiles = Profiles { interactive: profile(settings.read_timeout), projector: profile(PROJECTOR_TIMEOUT) };
        let session = settings.session(profiles.projector.clone()).await?;
        let replication = settings.replication.clone();
        Ok(Self(Arc::new(Inner { session, profiles, replication, tables: RwLock::default() })))
    }

    /// Makes keyspaces, types and tables; refuses those that are there with other columns. Run it from one process at a time
    /// when they don't exist yet: `IF NOT EXISTS` on two nodes at once can make two tables of one name.
    pub(super) async fn ensure_tables(&self, tables: &[Table], cql: &[(&str, &str)]) -> Result<(), StateError> {
        let session = &self.0.session;
        let mut by_context: BTreeMap<&str, Vec<Table>> = BTreeMap::new();
        for table in tables {
            by_context.entry(table.keyspace).or_default().push(*table);
        }
        let mut made = Vec::new();
        for (context, tables) in &by_context {
            let (_, text) = cql
                .iter()
                .find(|(name, _)| name == context)
                .ok_or_else(|| StateError::Refused(format!("there is no CQL for context {context}")))?;
            let statements = script::statements(context, text, tables)?;
            for statement in &statements {
                made.push((context, script::made(statement)?));
            }
            for statement in std::iter::once(self.0.replication.create_keyspace(context)).chain(statements) {
                session
                    .query_unpaged(of_tables(&statement), &[])
                    .await
                    .map_err(|error| in_statement(error, &statement))?;
            }
        }
        session.refresh_metadata().await.map_err(|error| StateError::Unavailable(error.to_string()))?;
        let cluster = session.get_cluster_state();
        made.iter().try_for_each(|(context, made)| tables::check_made(&cluster, context, made))?;
        for table in tables {
            self.open(*table).await?;
        }
        Ok(())
    }

    async fn open(&self, table: Table) -> Result<(), StateError> {
        let statements = self.prepare(table).await?;
        self.0.tables.write().unwrap_or_else(PoisonError::into_inner).insert(table, Arc::new(statements));
        Ok(())
    }

    async fn prepare(&self, table: Table) -> Result<TableStatements, StateError> {
        let cluster = self.0.session.get_cluster_state();
        let keyspace = format!("feira_{}", table.keyspace);
        let metadata = cluster
            .get_keyspace(&keyspace)
            .and_then(|keyspace| keyspace.tables.get(&tables::local_name(&table)))
            .ok_or_else(|| StateError::Unavailable(format!("table {} isn't known yet", tables::place(&table))))?;
        TableStatements::prepare(&self.0.session, &self.0.profiles, &table, metadata).await
    }

    pub(super) async fn get_any(
        &self,
        row_type: &'static RowType,
        key: &RowKey,
    ) -> Result<Option<Arc<dyn AnyRow>>, StateError> {
        let json: Option<Value> = self.get(row_type.table, key).await?;
        json.map(|json| any_row(row_type, json)).transpose()
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, table: Table, key: &RowKey) -> Result<Option<T>, StateError> {
        key::check_full(&table, key)?;
        let statements = self.table(table)?;
        let bound: Vec<_> = key.partition.iter().chain(&key.clustering).map(part_to_cql).collect();
        let result = self.0.session.execute_unpaged(&statements.select, bound).await.map_err(execution_error)?;
        Ok(rows_of(&table, &statements, result)?.pop())
    }

    pub(super) async fn get_many<T: DeserializeOwned>(
        &self,
        table: Table,
        keys: &[RowKey],
    ) -> Result<Vec<Option<T>>, StateError> {
        // Collected first (they start when polled): with the closure inside, a caller's future can't be seen to be `Send`.
        let reads: Vec<_> = keys.iter().map(|key| self.get(table, key)).collect();
        stream::iter(reads).buffered(CONCURRENCY).try_collect().await
    }

    pub(super) async fn scan_any(
        &self,
        row_type: &'static RowType,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<Arc<dyn AnyRow>>, StateError> {
        let rows: Vec<Value> = self.scan(row_type.table, prefix, after, limit).await?;
        rows.into_iter().map(|json| any_row(row_type, json)).collect()
    }

    pub(super) async fn scan<T: DeserializeOwned>(
        &self,
        table: Table,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<T>, StateError> {
        key::check_prefix(&table, prefix)?;
        let mut bound: Vec<_> = prefix.partition.iter().map(part_to_cql).collect();
        let statements = self.table(table)?;
        let length = prefix.clustering.len();
        let statement = match start(&table, prefix, after)? {
            Start::Nowhere => return Ok(Vec::new()),
            _ if limit == 0 => return Ok(Vec::new()),
            Start::First => {
                bound.extend(prefix.clustering.iter().map(part_to_cql));
                &statements.scan[length]
            }
            Start::After(after) => {
                bound.extend(after.clustering.iter().chain(&prefix.clustering).map(part_to_cql));
                &statements.scan_after[length]
            }
        };
        bound.push(CqlValue::Int(i32::try_from(limit).unwrap_or(i32::MAX)));
        let mut rows = Vec::new();
        let mut page = PagingState::start();
        loop {
            let (more, next) = self.page(&table, &statements, statement, &bound, page).await?;
            rows.extend(more);
            match next {
                Some(next) if rows.len() < limit => page = next,
                _ => return Ok(rows),
            }
        }
    }

    pub(super) async fn scan_table<T: DeserializeOwned>(
        &self,
        table: Table,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<TablePage<T>, StateError> {
        let statements = self.table(table)?;
        let mut statement = statements.select_table.clone();
        statement.set_page_size(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
        let page = after.map_or_else(PagingState::start, |Cursor(bytes)| PagingState::new_from_raw_bytes(bytes));
        let (rows, next) = self.page(&table, &statements, &statement, &[], page).await?;
        let next = next.and_then(|next| next.as_bytes_slice().map(|bytes| Cursor(bytes.to_vec())));
        Ok(TablePage { rows, next })
    }

    async fn page<T: DeserializeOwned>(
        &self,
        table: &Table,
        statements: &TableStatements,
        statement: &PreparedStatement,
        bound: &[CqlValue],
        page: PagingState,
    ) -> Result<(Vec<T>, Option<PagingState>), StateError> {
        let request = self.0.session.execute_single_page(statement, bound, page);
        let (result, next) = request.await.map_err(execution_error)?;
        let next = match next {
            PagingStateResponse::HasMorePages { state } => Some(state),
            PagingStateResponse::NoMorePages => None,
        };
        Ok((rows_of(table, statements, result)?, next))
    }

    pub(super) async fn write(&self, writes: &[Write]) -> Result<(), StateError> {
        let mut groups: HashMap<(Table, Vec<KeyPart>), Vec<Bound>> = HashMap::new();
        for write in writes {
            let table = write.table();
            let group = groups.entry((table, write.key().partition)).or_default();
            group.push(Bound::of(write, &*self.table(table)?)?);
        }
        let requests = groups.into_values().flat_map(chunks).map(|chunk| self.send(chunk));
        stream::iter(requests).buffer_unordered(CONCURRENCY).try_collect().await
    }

    /// Writes rows of one partition of one table, which the store applies together.
    async fn send(&self, mut chunk: Vec<Bound>) -> Result<(), StateError> {
        let session = &self.0.session;
        if let [_] = chunk.as_slice()
            && let Some(Bound { statement, values }) = chunk.pop()
        {
            return session.execute_unpaged(&statement, values).await.map(drop).map_err(execution_error);
        }
        let mut batch = Batch::new(BatchType::Unlogged);
        batch.set_is_idempotent(true);
        batch.set_execution_profile_handle(Some(self.0.profiles.projector.clone()));
        let mut values = Vec::with_capacity(chunk.len());
        for bound in chunk {
            batch.append_statement(bound.statement);
            values.push(bound.values);
        }
        session.batch(&batch, values).await.map(drop).map_err(execution_error)
    }

    fn table(&self, table: Table) -> Result<Arc<TableStatements>, StateError> {
        self.0
            .tables
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&table)
            .cloned()
            .ok_or_else(|| StateError::Refused(format!("table {} was not ensured at start", tables::place(&table))))
    }
}

/// One write as it is sent.
struct Bound {
    statement: PreparedStatement,
    values: Vec<Option<CqlValue>>,
}

impl Bound {
    fn of(write: &Write, statements: &TableStatements) -> Result<Self, StateError> {
        let (table, key) = (write.table(), write.key());
        key::check_full(&table, &key)?;
        match write {
            Write::Put { row, write_ts, .. } => {
                let refused = |why: String| StateError::Refused(format!("a row of {}: {why}", tables::place(&table)));
                let json = row.to_json().map_err(|error| refused(error.to_string()))?;
                let mut values = values::row_to_cql(&json, &statements.columns).map_err(refused)?;
                values.push(Some(timestamp(*write_ts)));
                Ok(Self { statement: statements.insert.clone(), values })
            }
            Write::Delete { write_ts, .. } => {
                let parts = key.partition.iter().chain(&key.clustering).map(part_to_cql);
                let values = std::iter::once(timestamp(*write_ts)).chain(parts).map(Some).collect();
                Ok(Self { statement: statements.delete.clone(), values })
            }
        }
    }

    fn bytes(&self) -> usize {
        self.values.iter().flatten().map(values::size).sum()
    }
}

fn timestamp(write_ts: Micros) -> CqlValue {
    CqlValue::BigInt(write_ts)
}

/// The writes of one partition in batches within the limits; a row above them goes alone.
fn chunks(writes: Vec<Bound>) -> Vec<Vec<Bound>> {
    let mut chunks: Vec<Vec<Bound>> = Vec::new();
    let mut room = 0;
    for write in writes {
        let bytes = write.bytes();
        match chunks.last_mut() {
            Some(last) if last.len() < BATCH_ROWS && bytes <= room => {
                last.push(write);
                room -= bytes;
            }
            _ => {
                chunks.push(vec![write]);
                room = BATCH_BYTES.saturating_sub(bytes);
            }
        }
    }
    chunks
}

/// The place where a scan begins within its partition.
enum Start<'a> {
    First,
    After(&'a RowKey),
    Nowhere,
}

fn start<'a>(table: &Table, prefix: &RowKey, after: Option<&'a RowKey>) -> Result<Start<'a>, StateError> {
    let Some(after) = after else { return Ok(Start::First) };
    key::check_full(table, after)?;
    let (first, place) = (key::encode(prefix), key::encode(after));
    if place < first {
        return Ok(Start::First);
    }
    // Behind the prefix there is nothing, and behind a full key that is its own prefix neither.
    let behind = key::end_of_prefix(&first).is_some_and(|end| place >= end);
    Ok(if behind || place == first { Start::Nowhere } else { Start::After(after) })
}

fn part_to_cql(part: &KeyPart) -> CqlValue {
    match part {
        KeyPart::BigInt(number) => CqlValue::BigInt(*number),
        KeyPart::Text(text) => CqlValue::Text(text.clone()),
        KeyPart::Uuid(uuid) => CqlValue::Uuid(*uuid),
    }
}

fn rows_of<T: DeserializeOwned>(
    table: &Table,
    statements: &TableStatements,
    result: QueryResult,
) -> Result<Vec<T>, StateError> {
    let corrupt = |why: String| StateError::Corrupt(format!("a row of {}: {why}", tables::place(table)));
    let result = result.into_rows_result().map_err(|error| corrupt(error.to_string()))?;
    let rows = result.rows::<CqlRow>().map_err(|error| corrupt(error.to_string()))?;
    rows.map(|row| {
        let row = row.map_err(|error| corrupt(error.to_string()))?;
        let columns = statements.columns.keys().zip(row.columns);
        let object = columns.map(|(name, value)| Ok((name.clone(), values::to_json(value)?)));
        let object = object.collect::<Result<serde_json::Map<_, _>, String>>().map_err(corrupt)?;
        serde_json::from_value(Value::Object(object)).map_err(|error| corrupt(error.to_string()))
    })
    .collect()
}

fn any_row(row_type: &'static RowType, json: Value) -> Result<Arc<dyn AnyRow>, StateError> {
    let corrupt = |error| StateError::Corrupt(format!("a row of {}: {error}", tables::place(&row_type.table)));
    row_type.from_json(json).map_err(corrupt)
}

fn in_statement(error: ExecutionError, statement: &str) -> StateError {
    let statement = statement.split_ascii_whitespace().take(8).collect::<Vec<_>>().join(" ");
    match execution_error(error) {
        StateError::Refused(why) => StateError::Refused(format!("{statement} …: {why}")),
        other => other,
    }
}

fn prepare_error(error: PrepareError) -> StateError {
    match &error {
        PrepareError::AllAttemptsFailed { first_attempt } if is_refusal(first_attempt) => {
            StateError::Refused(error.to_string())
        }
        _ => StateError::Unavailable(error.to_string()),
    }
}

fn execution_error(error: ExecutionError) -> StateError {
    let refused = match &error {
        ExecutionError::BadQuery(_) => true,
        ExecutionError::LastAttemptError(attempt) => is_refusal(attempt),
        ExecutionError::PrepareError(PrepareError::AllAttemptsFailed { first_attempt }) => is_refusal(first_attempt),
        _ => false,
    };
    if refused { StateError::Refused(error.to_string()) } else { StateError::Unavailable(error.to_string()) }
}

/// True if the server would answer the same to the same request for ever.
fn is_refusal(error: &RequestAttemptError) -> bool {
    match error {
        RequestAttemptError::SerializationError(_) | RequestAttemptError::CqlRequestSerialization(_) => true,
        RequestAttemptError::DbError(error, _) => matches!(
            error,
            DbError::SyntaxError
                | DbError::Invalid
                | DbError::AlreadyExists { .. }
                | DbError::AuthenticationError
                | DbError::Unauthorized
                | DbError::ConfigError
        ),
        _ => false,
    }
}
