//! Search shards: one index per tenant, in a pool that opens them lazily and bounds what is open.
//!
//! [`Shards`] is all that callers see; the types of the search library stay inside. A search walks through the files like
//! this: `pool` finds or opens the shard → `engine` takes the question apart by `parsed` and `query` (words by `analysis`, `plurals` and
//! `joined`, codes by `codes`; which of them the shop has by `lexicon`; ways to find a word by `word` and `automaton`) →
//! `collect` goes over the matches once → a page with its `cursor`. A change goes: `pool` → `shard` → a document by `schema`,
//! and onto disk by `directory`. What may be believed of the files that an earlier process left is `folder`'s.
//!
//! What never happens: a document of another tenant in an answer, a query that waits for the disk to sync, an answer older
//! than the position it names, a commit without its position, an answer from a shard that lost its files.

use std::sync::{Mutex, MutexGuard, PoisonError};

mod analysis;
mod automaton;
mod codes;
mod collect;
mod cursor;
mod directory;
mod engine;
mod error;
mod every;
mod folder;
mod joined;
mod lexicon;
mod older;
mod parsed;
mod plurals;
mod pool;
mod query;
mod schema;
mod settings;
mod shard;
mod types;
mod word;

pub use error::ShardError;
pub use pool::Shards;
pub use settings::ShardsConfig;
pub use types::{
    CategoryDocument, Change, Entity, Facets, Hit, MAX_LIMIT, PRICE_BANDS, Position, PriceBand, ProductDocument,
    SearchPage, SearchQuery, ShardId, Sort, Status, Suggestion,
};

/// What a panic of another thread left behind is whole: every write under these locks is a single assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
