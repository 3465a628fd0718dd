//! The rows of the simulator: all in memory, each change in a journal on disk before anybody is answered.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::journal::{Journal, Line, StoreError};

/// A thing that is kept, in the table of its type under its id.
pub trait Row: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The table's name in the journal.
    const TABLE: &'static str;
    /// The id, unique within the table.
    fn id(&self) -> &str;
}

trait Stored: Any + Send + Sync {
    fn written(&self) -> serde_json::Result<Value>;
}

impl<T: Row> Stored for T {
    fn written(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

struct Kept {
    serial: u64,
    row: Arc<dyn Stored>,
}

type Reader = fn(Value) -> serde_json::Result<Arc<dyn Stored>>;

/// Knows the tables that a journal may name: without one of them it is not opened.
#[derive(Default)]
pub struct Tables(HashMap<&'static str, Reader>);

impl Tables {
    /// These tables and that of `T`.
    pub fn with<T: Row>(mut self) -> Self {
        self.0.insert(T::TABLE, |value| Ok(Arc::new(serde_json::from_value::<T>(value)?)));
        self
    }
}

/// All rows.
pub struct Rows {
    tables: HashMap<&'static str, BTreeMap<String, Kept>>,
    journal: Journal,
    changed: Vec<(&'static str, String)>,
    serial: u64,
}

impl Rows {
    /// Opens the rows that a folder has, or makes it. An error where another process has it open or a line can't be read.
    pub fn open(folder: &Path, tables: &Tables) -> Result<Self, StoreError> {
        let (journal, lines) = Journal::open(folder)?;
        let mut rows = Self { tables: HashMap::new(), journal, changed: Vec::new(), serial: 0 };
        for line in lines {
            let (name, read) = tables.0.get_key_value(line.table.as_str()).ok_or(StoreError::Unreadable)?;
            rows.serial = rows.serial.max(line.serial);
            let table = rows.tables.entry(name).or_default();
            match line.row {
                None => drop(table.remove(&line.id)),
                Some(value) => drop(table.insert(line.id, Kept { serial: line.serial, row: read(value)? })),
            }
        }
        rows.journal.rewrite(&rows.all()?)?;
        Ok(rows)
    }

    /// The row with that id.
    pub fn get<T: Row>(&self, id: &str) -> Option<T> {
        self.tables.get(T::TABLE)?.get(id).and_then(downcast).cloned()
    }

    /// The rows of a table, the newest first.
    pub fn list<T: Row>(&self) -> Vec<&T> {
        let mut rows: Vec<&Kept> = self.tables.get(T::TABLE).into_iter().flat_map(BTreeMap::values).collect();
        rows.sort_unstable_by_key(|kept| std::cmp::Reverse(kept.serial));
        rows.into_iter().filter_map(downcast).collect()
    }

    /// How many rows there are.
    pub fn count_all(&self) -> usize {
        self.tables.values().map(BTreeMap::len).sum()
    }

    /// How many rows a table has.
    pub fn count<T: Row>(&self) -> usize {
        self.tables.get(T::TABLE).map_or(0, BTreeMap::len)
    }

    /// Puts a row in the place of the one with its id, if there is one.
    pub fn put<T: Row>(&mut self, row: T) {
        let id = row.id().to_owned();
        let table = self.tables.entry(T::TABLE).or_default();
        let serial = table.get(&id).map_or(self.serial + 1, |kept| kept.serial);
        self.serial = self.serial.max(serial);
        table.insert(id.clone(), Kept { serial, row: Arc::new(row) });
        self.changed.push((T::TABLE, id));
    }

    /// Takes a row out.
    pub fn remove<T: Row>(&mut self, id: &str) {
        if self.tables.get_mut(T::TABLE).is_some_and(|table| table.remove(id).is_some()) {
            self.changed.push((T::TABLE, id.to_owned()));
        }
    }

    /// Brings to the disk what has changed. After an error it is still to be brought, by the next call.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let lines = self.changed.iter().map(|(table, id)| self.line(table, id)).collect::<Result<Vec<_>, _>>()?;
        self.journal.append(&lines)?;
        self.changed.clear();
        if self.journal.is_long() {
            self.journal.rewrite(&self.all()?)?;
        }
        Ok(())
    }

    fn line(&self, table: &str, id: &str) -> Result<Line, StoreError> {
        let kept = self.tables.get(table).and_then(|rows| rows.get(id));
        Ok(Line {
            table: table.to_owned(),
            id: id.to_owned(),
            serial: kept.map_or(0, |kept| kept.serial),
            row: kept.map(|kept| kept.row.written()).transpose()?,
        })
    }

    fn all(&self) -> Result<Vec<Line>, StoreError> {
        let ids = self.tables.iter().flat_map(|(table, rows)| rows.keys().map(move |id| (table, id)));
        ids.map(|(table, id)| self.line(table, id)).collect()
    }
}

fn downcast<T: Row>(kept: &Kept) -> Option<&T> {
    let row: &dyn Any = &*kept.row;
    row.downcast_ref()
}
