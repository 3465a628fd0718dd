//! The store library (fjall) as both embedded stores, the log's and the state's, use it: options, locks, journals and
//! upkeep.

mod journal;
#[cfg(test)]
mod tests;
mod upkeep;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::Path,
    sync::Arc,
};

use fjall::{KeyspaceCreateOptions, KvSeparationOptions, compaction::Leveled};

pub(crate) use journal::Damage;
pub(crate) use upkeep::Upkeep;

/// Threads that flush and compact. While all others compact, the library's first hands what is to be compacted back to the queue
/// again and again, which takes a core: of two threads, the library's choice on two cores, it does so during every compaction.
pub(crate) const WORKERS: usize = 4;
/// Bytes of a table file. While the library writes one it keeps the last key of each block for the file's index, and a key that was
/// read as it lies, as of a block with one large value, keeps all of the block that it was read from: of the library's own 64 MiB,
/// which are counted after compression, one compaction held 560 MB.
const TABLE_FILE: u64 = 4 * 1024 * 1024;
/// Bytes from which a row lies in a file of values, if its store has them.
const APART: u32 = 64 * 1024;

/// The options of a table that is made; a table that is there stays as it was made.
pub(crate) fn table() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .compaction_strategy(Arc::new(Leveled::default().with_table_target_size(TABLE_FILE)))
}

/// The options of a table whose large rows lie in files of values: compactions move where they lie, and write them
/// again only where a quarter of such a file is of no use any more. Not for the log: the library does not bring the
/// folder of these files to the disk, so a power cut may lose one (a state is folded again then), and of records that
/// are kept for different times some keep others' room.
pub(crate) fn table_of_rows() -> KeyspaceCreateOptions {
    table().with_kv_separation(Some(KvSeparationOptions::default().separation_threshold(APART)))
}

/// The file that the library locks while a store is open.
const LOCK: &str = "lock";
/// The file that the library makes last of a new store.
const VERSION: &str = "version";

/// Looks at a store's files before the library opens them: cuts off a last batch that is not whole, and removes what is left of a
/// store whose making was interrupted. Changes nothing while another process has it open, which the library then says.
pub(crate) fn prepare(folder: &Path) -> Result<(), Damage> {
    let Some(lock) = there(OpenOptions::new().read(true).write(true).open(folder.join(LOCK)))? else { return Ok(()) };
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let whole = journal::check(folder)?;
    let version = there(File::open(folder.join(VERSION)))?;
    let made = version.map(|version| version.metadata()).transpose()?.is_some_and(|version| version.len() > 0);
    if !made && whole == 0 {
        tracing::warn!(folder = %folder.display(), "a store whose making was interrupted is made anew");
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
    }
    Ok(())
}

fn there<T>(asked: io::Result<T>) -> io::Result<Option<T>> {
    match asked {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
