//! Shards in this process, by tantivy.
//!
//! A search walks through the files like this: `pool` finds or opens the shard → `engine` takes the question apart by `parsed`
//! and `query` (words by `analysis`, `plurals` and `joined`, codes by `codes`; which of them the shop has by `lexicon`; ways to
//! find a word by `word` and `automaton`) → `collect` goes over the matches once → a page with its `cursor`. A change goes:
//! `pool` → `shard` → a document by `schema`, and onto disk by `directory`. What may be believed of the files that an earlier
//! process left is `folder`'s.

mod analysis;
mod automaton;
mod codes;
mod collect;
mod cursor;
mod directory;
mod engine;
mod every;
mod folder;
mod joined;
mod lexicon;
mod older;
mod parsed;
mod plurals;
mod pool;
mod query;
mod removal;
mod schema;
mod shard;
mod word;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use self::pool::Shards;

/// Takes a lock, poisoned or not. What a panic of another thread left behind is whole: every write under these locks
/// is a single assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
