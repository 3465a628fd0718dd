//! What both embedded stores, the log's and the state's, need around their store library (fjall).

mod journal;
#[cfg(test)]
mod tests;
mod upkeep;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::Path,
};

pub(crate) use journal::Damage;
pub(crate) use upkeep::Upkeep;

/// Threads that flush and compact. While all others compact, the library's first hands what is to be compacted back to the queue
/// again and again, which takes a core: of two threads, the library's choice on two cores, it does so during every compaction.
pub(crate) const WORKERS: usize = 4;
/// What the library holds while a store is open.
const LOCK: &str = "lock";
/// What it makes last of a new store.
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
