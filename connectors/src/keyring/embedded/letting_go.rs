//! Letting go of bytes: a copy of what is live, in which nothing lies that was erased or written over, takes the place of the store.
//!
//! The copy is made page by page among the writes, which go to both stores meanwhile; only the moment in which the two change places
//! keeps readers waiting.

use std::{ops::Bound, time::Instant};

use fjall::PersistMode;

use super::{Cell, Store, Table, folders, live::Live};
use crate::keyring::KeyringError;

/// Rows that are copied between two batches of writes: some milliseconds' worth, which is all that a writer waits for.
const PAGE: usize = 1_000;

/// A copy that is being made.
pub(super) struct LettingGo {
    copy: Store,
    /// The tables that are still to be copied, the present one last.
    tables: Vec<Table>,
    /// The last key that was copied of the present table.
    after: Option<Vec<u8>>,
    rows: usize,
    begun: Instant,
}

impl LettingGo {
    /// Begins a copy beside the live store. Takes the memory of the store's share once more while it lasts.
    pub(super) fn begin(live: &Live) -> Result<Self, KeyringError> {
        folders::remove_new(&live.folder)
            .map_err(|error| KeyringError::Away(format!("{}: {error}", live.folder.display())))?;
        let copy = Store::open(&folders::new(&live.folder), live.share, "keyring.new")?;
        Ok(Self { copy, tables: Table::ALL.to_vec(), after: None, rows: 0, begun: Instant::now() })
    }

    /// Takes what was written to the live store.
    pub(super) fn write(&self, cells: Vec<Cell>) -> Result<(), KeyringError> {
        self.copy.write(cells, PersistMode::Buffer).map(drop)
    }

    /// Copies the next page, and says whether that was all.
    pub(super) fn go_on(&mut self, live: &Live) -> Result<bool, KeyringError> {
        let Some(table) = self.tables.last().copied() else { return Ok(true) };
        let start = self.after.take().map_or(Bound::Unbounded, Bound::Excluded);
        let cells = live.read(|store| store.cells(table, (start, Bound::Unbounded), PAGE))?;
        self.after = cells.last().filter(|_| cells.len() == PAGE).map(|cell| cell.key.clone());
        if self.after.is_none() {
            self.tables.pop();
        }
        self.rows += cells.len();
        self.write(cells)?;
        Ok(self.tables.is_empty())
    }

    /// Puts the copy, which is whole, in the place of the live store.
    pub(super) fn end(self, live: &Live) -> Result<(), KeyringError> {
        let Self { copy, rows, begun, .. } = self;
        copy.sync()?;
        drop(copy);
        folders::sync(&folders::new(&live.folder))
            .map_err(|error| KeyringError::Away(format!("{}: {error}", live.folder.display())))?;
        live.take_copy()?;
        tracing::info!(
            rows,
            milliseconds = begun.elapsed().as_millis(),
            "the keyring's store has let go of what was erased"
        );
        Ok(())
    }

    /// Leaves the copy, which could not be made; what of it can't be deleted the next one or the next start deletes.
    pub(super) fn leave(self, live: &Live) {
        drop(self.copy);
        if let Err(error) = folders::remove_new(&live.folder) {
            tracing::warn!(%error, "a copy of the keyring that could not be ended is left beside it");
        }
    }
}
