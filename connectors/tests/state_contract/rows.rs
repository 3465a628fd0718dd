//! The suite's tables and rows: keys of every type, nulls, and structs inside structs.

use std::collections::{BTreeMap, BTreeSet};

use feira_schemas::row::{KeyPart, Row, RowKey, Stored, Table};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const NOTE: Table = Table {
    keyspace: "contract",
    name: "note",
    generation: 1,
    partition_key: &["tenant_id", "shelf"],
    clustering_key: &["number", "name"],
    kept: None,
};
pub const MARK: Table = MARK_LIKE;
pub const LATER: Table = MARK_LIKE.of_generation(2);
/// A table whose CQL stands in the test that changes it.
pub const MOVED: Table = Table { name: "moved", ..MARK_LIKE };
pub const MARK_LIKE: Table = Table {
    keyspace: "contract",
    name: "mark",
    generation: 1,
    partition_key: &["owner"],
    clustering_key: &["id"],
    kept: None,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub tenant_id: Uuid,
    pub shelf: String,
    pub number: i64,
    pub name: String,
    pub title: Option<String>,
    pub body: String,
    pub done: bool,
    pub stars: Option<i32>,
    pub weight: Option<f64>,
    pub lines: Vec<Line>,
    pub tags: BTreeSet<String>,
    pub labels: BTreeMap<String, i64>,
    pub maker: Option<Maker>,
    pub friends: Option<Vec<Uuid>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub sku: String,
    pub quantity: i64,
    pub gift: Option<bool>,
    pub makers: Vec<Maker>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Maker {
    pub id: Uuid,
    pub country: Option<String>,
}

impl Stored for Note {
    const TABLE: Table = NOTE;
}
impl Row for Note {
    fn key(&self) -> RowKey {
        note_key(self.tenant_id, &self.shelf, [self.number.into(), self.name.as_str().into()])
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub owner: String,
    pub id: Uuid,
    pub value: Option<i64>,
}

impl Stored for Mark {
    const TABLE: Table = MARK;
}
impl Row for Mark {
    fn key(&self) -> RowKey {
        mark_key(&self.owner, self.id)
    }
}

pub fn note_key(tenant: Uuid, shelf: &str, clustering: impl Into<Vec<KeyPart>>) -> RowKey {
    RowKey::new([tenant.into(), shelf.into()], clustering)
}

pub fn mark_key(owner: &str, id: Uuid) -> RowKey {
    RowKey::new([owner.into()], [id.into()])
}

pub fn note(tenant: Uuid, shelf: &str, number: i64, name: &str) -> Note {
    Note {
        tenant_id: tenant,
        shelf: shelf.to_owned(),
        number,
        name: name.to_owned(),
        title: None,
        body: format!("{number} {name}"),
        done: false,
        stars: None,
        weight: None,
        lines: vec![],
        tags: BTreeSet::new(),
        labels: BTreeMap::new(),
        maker: None,
        friends: None,
    }
}

pub fn mark(owner: &str, id: u128, value: Option<i64>) -> Mark {
    Mark { owner: owner.to_owned(), id: Uuid::from_u128(id), value }
}

pub const CQL: &str = "
    CREATE TYPE IF NOT EXISTS feira_contract.maker_g{g} (id uuid, country text);
    CREATE TYPE IF NOT EXISTS feira_contract.line_g{g} (
        sku text, quantity bigint, gift boolean, makers frozen<list<frozen<maker_g{g}>>>
    );
    -- One row per note; a semicolon in a comment; or in 'text' ends nothing.
    CREATE TABLE IF NOT EXISTS feira_contract.note_g{g} (
        tenant_id uuid, shelf text, number bigint, name text,
        title text, body text, done boolean, stars int, weight double,
        lines frozen<list<frozen<line_g{g}>>>,
        tags frozen<set<text>>,
        labels frozen<map<text, bigint>>,
        maker frozen<maker_g{g}>,
        friends frozen<list<uuid>>,
        PRIMARY KEY ((tenant_id, shelf), number, name)
    );
    CREATE TABLE IF NOT EXISTS feira_contract.mark_g{g} (
        owner text, id uuid, value bigint, PRIMARY KEY ((owner), id)
    );
";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unknown {}

pub const NEVER: Table = Table { name: "never", ..MARK_LIKE };

impl Stored for Unknown {
    const TABLE: Table = NEVER;
}
impl Row for Unknown {
    fn key(&self) -> RowKey {
        mark_key("o", Uuid::nil())
    }
}
