//! The ledger: every row, the clock, ids and what is counted. Whoever has it works alone.

use std::{collections::HashMap, path::Path};

use feira_schemas::time::{Clock, Micros};
use serde::{Deserialize, Serialize};

use super::{
    ids::Ids,
    journal::StoreError,
    rows::{Row, Rows, Tables},
};

/// Rows that there may be. More would be a test that never ends.
pub const MOST: usize = 1_000_000;

/// Microseconds of a second.
pub const SECOND: Micros = 1_000_000;
/// Microseconds of a minute.
pub const MINUTE: Micros = 60 * SECOND;

/// All that the simulator knows.
pub struct Ledger {
    rows: Rows,
    clock: Clock,
    ids: Ids,
    public: String,
    calls: HashMap<(String, &'static str), (Micros, u32)>,
    reads: HashMap<(String, &'static str), u64>,
}

/// How far the simulator's clock was moved ahead of the machine's.
#[derive(Clone, Serialize, Deserialize)]
struct Ahead {
    micros: Micros,
}

impl Row for Ahead {
    const TABLE: &'static str = "clock";
    fn id(&self) -> &str {
        "ahead"
    }
}

impl Ledger {
    /// The table of the ledger's own row, without which it does not open.
    pub fn tables() -> Tables {
        Tables::default().with::<Ahead>()
    }

    /// Opens what the folder has. The tables begin with [`Ledger::tables`].
    pub fn open(folder: &Path, tables: &Tables, clock: Clock, ids: Ids) -> Result<Self, StoreError> {
        let rows = Rows::open(folder, tables)?;
        Ok(Self { rows, clock, ids, public: String::new(), calls: HashMap::new(), reads: HashMap::new() })
    }

    /// The address that pages of the simulator are under, without a slash at its end.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// Says under which address the pages are.
    pub fn is_at(&mut self, public: String) {
        self.public = public;
    }

    /// What time it is here.
    pub fn now(&self) -> Micros {
        self.clock.now() + self.ahead()
    }

    /// What time it is on this machine, which receivers of hooks compare with.
    pub fn machine_now(&self) -> Micros {
        self.clock.now()
    }

    /// How far the clock was moved.
    pub fn ahead(&self) -> Micros {
        self.rows.get::<Ahead>("ahead").map_or(0, |ahead| ahead.micros)
    }

    /// Moves the clock ahead.
    pub fn move_clock(&mut self, by: Micros) {
        let micros = self.ahead().saturating_add(by.max(0));
        self.rows.put(Ahead { micros });
    }

    /// A new id with that prefix.
    pub fn id(&mut self, prefix: &str) -> String {
        self.ids.next(prefix)
    }

    /// The source of ids and other random letters.
    pub fn ids(&mut self) -> &mut Ids {
        &mut self.ids
    }

    /// The row with that id.
    pub fn get<T: Row>(&self, id: &str) -> Option<T> {
        self.rows.get(id)
    }

    /// The rows of a table, the newest first.
    pub fn list<T: Row>(&self) -> Vec<&T> {
        self.rows.list()
    }

    /// Puts a row in the place of the one with its id, if there is one.
    pub fn put<T: Row>(&mut self, row: T) {
        self.rows.put(row);
    }

    /// Takes a row out.
    pub fn remove<T: Row>(&mut self, id: &str) {
        self.rows.remove::<T>(id);
    }

    /// How many rows a table has.
    pub fn rows_of<T: Row>(&self) -> usize {
        self.rows.count::<T>()
    }

    /// Whether there is no room for more rows.
    pub fn is_full(&self) -> bool {
        self.rows.count_all() >= MOST
    }

    /// Brings to the disk what has changed.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.rows.commit()
    }

    /// Counts a call that only reads. Those of before the start are forgotten: each would be a line of the journal.
    pub fn has_read(&mut self, account: &str, operation: &'static str) {
        *self.reads.entry((account.to_owned(), operation)).or_default() += 1;
    }

    /// The calls that only read, by account and operation, in no order.
    pub fn reads(&self) -> impl Iterator<Item = (&str, &'static str, u64)> {
        self.reads.iter().map(|((account, operation), count)| (account.as_str(), *operation, *count))
    }

    /// Counts a call of an account for a resource; the seconds to wait, where more than `most` came in this minute.
    pub fn count(&mut self, account: &str, resource: &'static str, most: u32) -> Option<u32> {
        let now = self.now();
        let (since, calls) = self.calls.entry((account.to_owned(), resource)).or_insert((now, 0));
        if now - *since >= MINUTE {
            (*since, *calls) = (now, 0);
        }
        *calls += 1;
        let wait = (*since + MINUTE - now).div_euclid(SECOND) + 1;
        (most > 0 && *calls > most).then(|| u32::try_from(wait).unwrap_or(60).min(60))
    }
}
