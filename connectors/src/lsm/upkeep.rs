//! Keeps a store's memory and journal small.
//!
//! The library holds what was written to a table in memory until that table alone has 64 MiB, and lets go of a journal only once
//! every table's share of it is in table files: with some dozens of tables that is gigabytes of both, and minutes of reading at
//! the next start. So tables are handed to its flushers from here: the largest first when all together have their share of the
//! memory, and all of them when journals are left behind. It is told so by a call of its own for each table, never by a table's
//! limit: for that the library asks itself by a queue of bounded length, in which its flushers can get stuck for good.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use fjall::{Database, Keyspace};

/// The time between two looks at the journals.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Journals that are full and still needed, beyond which all tables are flushed. The library fills one with 64 MB; more would be
/// read at the next start, fewer would write smaller table files.
const LEFT_BEHIND: usize = 2;
/// Bytes of journals, the one that is written included, at which something is wrong if they stay.
const TOO_MANY: u64 = 384 * 1024 * 1024;
/// Most that tables hold: below the 64 MiB at which the library begins to ask itself.
const LARGEST: u64 = 48 * 1024 * 1024;
/// So long they may stay: a flush takes a second or so, and a busy disk some.
const TOO_LONG: Duration = Duration::from_secs(60);
/// The time that a writer waits for the flushers where memory is beyond twice its share, and the time between its
/// looks.
const WAIT: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(5));

/// The upkeep of one store: it hands tables over to the flushers and watches the journals.
pub(crate) struct Upkeep {
    /// The store's name in metrics: `log` or `state`.
    store: &'static str,
    database: Database,
    /// Bytes that tables may hold in memory, those that are being flushed aside.
    share: u64,
    known: Mutex<Known>,
}

struct Known {
    /// Bytes written to each table since it was last handed over.
    tables: HashMap<String, (Keyspace, u64)>,
    looked: Instant,
    /// The time since when there are too many bytes of journals.
    too_many: Option<Instant>,
    /// Flushers that did not come after once are not waited for by every write.
    stuck: bool,
}

impl Upkeep {
    /// Upkeep of a store that was just opened. What its journals held is in memory now: it is handed over where that
    /// is much. `memtables` is for all that is not in table files yet: one half may be written to while the other is
    /// being flushed.
    pub(crate) fn new(store: &'static str, database: Database, memtables: u64) -> Result<Self, fjall::Error> {
        let share = (memtables / 2).min(LARGEST);
        let known = Known { tables: HashMap::new(), looked: Instant::now(), too_many: None, stuck: false };
        let upkeep = Self { store, database, share, known: Mutex::new(known) };
        if upkeep.database.write_buffer_size() > share || upkeep.database.journal_count() > LEFT_BEHIND {
            for name in upkeep.database.list_keyspace_names() {
                upkeep.database.keyspace(&name, super::table)?.rotate_memtable()?;
            }
        }
        Ok(upkeep)
    }

    /// So many bytes were written to these tables. Blocks while memory is far beyond its share.
    pub(crate) fn wrote(&self, bytes: impl IntoIterator<Item = (Keyspace, u64)>) -> Result<(), fjall::Error> {
        let mut known = self.known();
        for (table, bytes) in bytes {
            known.tables.entry(table.name().to_string()).or_insert((table, 0)).1 += bytes;
        }
        let mut full = Vec::new();
        while known.tables.values().map(|(_, bytes)| bytes).sum::<u64>() > self.share {
            let largest = known.tables.iter().max_by_key(|(_, (_, bytes))| *bytes).map(|(name, _)| name.clone());
            full.extend(largest.and_then(|name| known.tables.remove(&name)).map(|(table, _)| table));
        }
        if known.looked.elapsed() >= LOOK_EVERY {
            known.looked = Instant::now();
            if self.look(&mut known) {
                full.extend(known.tables.drain().map(|(_, (table, _))| table));
            }
        }
        let stuck = known.stuck;
        drop(known);
        for table in full {
            table.rotate_memtable()?;
        }
        if !stuck {
            self.wait_for_flushers();
        }
        Ok(())
    }

    /// A table is gone.
    pub(crate) fn forget(&self, table: &str) {
        self.known().tables.remove(table);
    }

    /// A problem of the journals (too many of them for too long), in words; `None` if all is well.
    pub(crate) fn trouble(&self) -> Option<String> {
        let mut known = self.known();
        self.look(&mut known);
        let since = known.too_many.filter(|since| since.elapsed() > TOO_LONG)?;
        let (mib, seconds) = (self.journal_bytes() >> 20, since.elapsed().as_secs());
        Some(format!("the {}'s journals have {mib} MiB and have not become fewer for {seconds} s", self.store))
    }

    fn wait_for_flushers(&self) {
        let (most, pause) = WAIT;
        let begun = Instant::now();
        while self.database.write_buffer_size() > self.share * 2 {
            if begun.elapsed() > most {
                self.known().stuck = true;
                tracing::error!(
                    store = self.store,
                    "tables in memory are not flushed; memory grows with what is written"
                );
                return;
            }
            thread::sleep(pause);
        }
    }

    /// Measures, and says whether all tables are to be flushed for the journals' sake.
    fn look(&self, known: &mut Known) -> bool {
        let (journals, memory) = (self.journal_bytes(), self.database.write_buffer_size());
        metrics::gauge!("feira_store_journal_bytes", "store" => self.store).set(journals as f64);
        metrics::gauge!("feira_store_memtable_bytes", "store" => self.store).set(memory as f64);
        known.stuck &= memory > self.share * 2;
        if journals <= TOO_MANY {
            known.too_many = None;
        } else {
            known.too_many.get_or_insert_with(Instant::now);
        }
        let alarm = known.too_many.is_some_and(|since| since.elapsed() > TOO_LONG);
        metrics::gauge!("feira_store_journals_stuck", "store" => self.store).set(f64::from(u8::from(alarm)));
        self.database.journal_count() > LEFT_BEHIND
    }

    fn journal_bytes(&self) -> u64 {
        // It can't be told where the disk says nothing, which every write says then.
        self.database.journal_disk_space().unwrap_or_default()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
