//! The rows a decision sees: the hot cache, and over it what the decisions before it in the same batch have changed.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use feira_schemas::row::{AnyRow, RowKey, RowType, Stored, Table, Write};

/// A row's place among all tables: keyspace, table, key.
pub type Place = (&'static str, &'static str, RowKey);

/// The knowledge of a place: its row, or that there is none.
pub type Known = Option<Arc<dyn AnyRow>>;

fn place(table: &Table, key: RowKey) -> Place {
    (table.keyspace, table.name, key)
}

/// Rows of a table that a decision asks for and that are not loaded. The caller loads them and asks for the decision again.
#[derive(Debug)]
pub enum Need {
    /// The rows with these full keys.
    Rows(&'static RowType, Vec<RowKey>),
    /// All rows whose key begins with this one.
    Prefix(&'static RowType, RowKey),
}

/// The cache in which rows stay known from one batch to the next.
pub trait RowCache: Send + Sync {
    /// Gives what is known of a place; `None` if nothing is.
    fn get(&self, place: &Place) -> Option<Known>;
    /// Keeps what is known of a place.
    fn keep(&self, place: Place, known: Known);
    /// Drops what is known of a place.
    fn evict(&self, place: &Place);
    /// A batch has ended: what does not fit leaves now.
    fn settle(&self);
    /// Drops all that is known.
    fn clear(&self);
}

/// A cache that keeps nothing: each batch knows what was loaded for it.
pub struct NotKept;

impl RowCache for NotKept {
    fn get(&self, _: &Place) -> Option<Known> {
        None
    }
    fn keep(&self, _: Place, _: Known) {}
    fn evict(&self, _: &Place) {}
    fn settle(&self) {}
    fn clear(&self) {}
}

/// The rows that decisions of one processor see.
pub struct Rows {
    hot: Box<dyn RowCache>,
    /// Changed by this batch and not yet acknowledged by the state, or loaded for it: never evicted before the batch is done.
    pinned: HashMap<Place, Known>,
    changed: HashSet<Place>,
    /// Changed by this batch, and asked for by nobody after it.
    once: HashSet<Place>,
    prefixes: HashMap<Place, BTreeSet<RowKey>>,
}

impl Rows {
    /// No rows yet; those of batches that are done stay in this cache.
    pub fn over(hot: impl RowCache + 'static) -> Self {
        Self {
            hot: Box::new(hot),
            pinned: HashMap::new(),
            changed: HashSet::new(),
            once: HashSet::new(),
            prefixes: HashMap::new(),
        }
    }

    /// A row, or none if there is none.
    pub fn get<R: Stored>(&self, key: RowKey) -> Result<Option<Arc<R>>, Need> {
        let place = place(&R::TABLE, key);
        match self.pinned.get(&place).cloned().or_else(|| self.hot.get(&place)) {
            Some(row) => Ok(row.and_then(typed::<R>)),
            None => Err(Need::Rows(RowType::of::<R>(), vec![place.2])),
        }
    }

    /// Several rows in one round trip.
    pub fn get_many<R: Stored>(&self, keys: Vec<RowKey>) -> Result<Vec<Option<Arc<R>>>, Need> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut missing = Vec::new();
        for key in keys {
            match self.get::<R>(key) {
                Ok(row) => rows.push(row),
                Err(Need::Rows(_, keys)) => missing.extend(keys),
                Err(need) => return Err(need),
            }
        }
        if missing.is_empty() { Ok(rows) } else { Err(Need::Rows(RowType::of::<R>(), missing)) }
    }

    /// All rows whose key begins with `prefix`, ascending.
    pub fn scan<R: Stored>(&self, prefix: RowKey) -> Result<Vec<Arc<R>>, Need> {
        let place = place(&R::TABLE, prefix);
        let Some(keys) = self.prefixes.get(&place) else {
            return Err(Need::Prefix(RowType::of::<R>(), place.2));
        };
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            rows.extend(self.get::<R>(key.clone())?);
        }
        Ok(rows)
    }

    /// A row was loaded, or was found not to be there.
    pub fn know(&mut self, table: &Table, key: RowKey, row: Known) {
        self.pinned.insert(place(table, key), row);
    }

    /// All rows were loaded whose key begins with `prefix`.
    pub fn know_prefix(&mut self, table: &Table, prefix: RowKey, rows: Vec<Arc<dyn AnyRow>>) {
        let mut keys: BTreeSet<RowKey> = rows.iter().map(|row| row.row_key()).collect();
        for row in rows {
            self.pinned.entry(place(table, row.row_key())).or_insert(Some(row));
        }
        // What this batch has changed already is not in the state yet.
        let changed = self
            .changed
            .iter()
            .filter(|(of, name, key)| *of == table.keyspace && *name == table.name && begins_with(key, &prefix));
        for at in changed {
            match self.pinned.get(at) {
                Some(Some(_)) => keys.insert(at.2.clone()),
                _ => keys.remove(&at.2),
            };
        }
        self.prefixes.insert(place(table, prefix), keys);
    }

    /// Applies an event's writes over what is known.
    pub fn apply<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write>) {
        for write in writes {
            let (table, key) = (write.table(), write.key());
            let row = match write {
                Write::Put { row, .. } => Some(Arc::clone(row)),
                Write::Delete { .. } => None,
            };
            for ((keyspace, name, prefix), keys) in &mut self.prefixes {
                if *keyspace == table.keyspace && *name == table.name && begins_with(&key, prefix) {
                    if row.is_some() {
                        keys.insert(key.clone())
                    } else {
                        keys.remove(&key)
                    };
                }
            }
            let place = place(&table, key);
            self.changed.insert(place.clone());
            self.pinned.insert(place, row);
        }
    }

    /// Applies writes of rows that nobody is likely to ask for again: this batch sees them, and then the state alone has them.
    pub fn apply_once<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write> + Clone) {
        self.once.extend(writes.clone().into_iter().map(|write| place(&write.table(), write.key())));
        self.apply(writes);
    }

    /// The batch is in the state: its rows may be evicted from now on.
    pub fn acknowledge(&mut self) {
        for (place, row) in self.pinned.drain() {
            if self.once.contains(&place) {
                // What was known of it before, also that there was none, holds no more.
                self.hot.evict(&place);
            } else {
                self.hot.keep(place, row);
            }
        }
        self.hot.settle();
        self.changed.clear();
        self.once.clear();
        self.prefixes.clear();
    }

    /// Another process may have written meanwhile, or the batch was not committed: nothing known holds any more.
    pub fn forget(&mut self) {
        self.pinned.clear();
        self.changed.clear();
        self.once.clear();
        self.prefixes.clear();
        self.hot.clear();
    }
}

fn begins_with(key: &RowKey, prefix: &RowKey) -> bool {
    key.partition == prefix.partition && key.clustering.starts_with(&prefix.clustering)
}

fn typed<R: Stored>(row: Arc<dyn AnyRow>) -> Option<Arc<R>> {
    row.as_any().downcast().ok()
}
