//! The meanings of schema ids, kept in the state: records lie for ever under ids that a registry gave, and one that
//! lost what it held gives them again in another order. Believing it would read one record as another, or call whole
//! ones unreadable.

use std::collections::{HashMap, HashSet};

use feira_connectors::{
    registry::{Registry, RegistryError},
    state::{State, StateError},
};
use feira_schemas::{
    avro::{Identity, RecordSchema},
    ids::Micros,
    row::Write,
    rows::platform::SchemaRow,
};
use futures::{StreamExt, TryStreamExt, stream};

use crate::start::StartError;

/// Ids asked for at once at the start.
const AT_ONCE: usize = 16;
/// Rows of a page; a deployment has some dozens in all.
const PAGE: usize = 1_000;

/// Registers the schemas of this program and gives their ids, once the registry was seen to mean by every id what it meant
/// before.
pub(crate) async fn registered(
    registry: &Registry,
    state: &State,
    schemas: &'static std::collections::BTreeMap<&'static str, RecordSchema>,
    now: Micros,
) -> Result<HashMap<&'static str, u32>, StartError> {
    let kept = kept(state).await?;
    let known: HashSet<i64> = kept.iter().map(|row| row.id).collect();
    let checks: Vec<_> = kept.into_iter().map(|row| still_means(registry, row)).collect();
    stream::iter(checks).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;

    let mut ids = HashMap::with_capacity(schemas.len());
    let mut new = Vec::new();
    for (name, schema) in schemas {
        let id = registry.register(name, &schema.json).await?;
        ids.insert(*name, id);
        if !known.contains(&i64::from(id)) {
            let identity = Identity::of(&schema.json).map_err(StartError::Schema)?;
            new.push(Write::put(row(id, identity, &schema.json), now));
        }
    }
    state.write(&new).await?;
    Ok(ids)
}

async fn kept(state: &State) -> Result<Vec<SchemaRow>, StateError> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = state.scan_table::<SchemaRow>(after, PAGE).await?;
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return Ok(rows);
        }
    }
}

async fn still_means(registry: &Registry, row: SchemaRow) -> Result<(), StartError> {
    let id = u32::try_from(row.id).unwrap_or_default();
    match registry.schema(id).await? {
        Some(json) if json == row.json || means(&json, &row) => Ok(()),
        Some(_) => Err(StartError::RegistryChanged { id, name: row.name, now: "another schema" }),
        None => Err(StartError::RegistryChanged { id, name: row.name, now: "nothing" }),
    }
}

/// True if a schema means what a row keeps: by the text that is kept, not by the fingerprint beside it, which earlier
/// programs took without logical types.
fn means(json: &str, row: &SchemaRow) -> bool {
    Identity::of(json).is_ok_and(|identity| Identity::of(&row.json).is_ok_and(|kept| kept == identity))
}

/// Keeps what an id means that was met for the first time; refused where it meant something else before.
pub(crate) async fn keep(state: &State, id: u32, json: &str, now: Micros) -> Result<(), RegistryError> {
    let away =
        |error: StateError| RegistryError::Unavailable(format!("what its ids mean is kept in the state: {error}"));
    match state.get::<SchemaRow>(&SchemaRow::at(id)).await.map_err(away)? {
        Some(row) if means(json, &row) => Ok(()),
        Some(row) => Err(RegistryError::Refused(format!("it gives id {id}, which was {}, another meaning", row.name))),
        None => {
            let identity = Identity::of(json).map_err(RegistryError::Refused)?;
            state.write(&[Write::put(row(id, identity, json), now)]).await.map_err(away)
        }
    }
}

fn row(id: u32, identity: Identity, json: &str) -> SchemaRow {
    SchemaRow { id: id.into(), name: identity.name, fingerprint: identity.fingerprint, json: json.to_owned() }
}
