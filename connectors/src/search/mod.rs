//! Search shards: one index per tenant, in a pool that opens them lazily and bounds what is open.
//!
//! [`Shards`] is all that callers see; the types of the search library stay inside. A search walks through the files like
//! this: `pool` finds or opens the shard → `engine` takes the question apart by `query` (words by `analysis`, ways
//! to find a word by `word` and `automaton`) → `collect` goes over the matches once → a page with its `cursor`. A
//! change goes: `pool` → `shard` → a document by `schema`, and onto disk by `directory`.
//!
//! What never happens: a document of another tenant in an answer, a query that waits for the disk to sync, an answer older
//! than the position it names, a commit without its position.

mod analysis;
mod automaton;
mod collect;
mod cursor;
mod directory;
mod engine;
mod error;
mod pool;
mod query;
mod schema;
mod shard;
mod types;
mod word;

pub use error::ShardError;
pub use pool::{Shards, ShardsConfig};
pub use types::{
    Change, Facets, Hit, MAX_LIMIT, PRICE_BANDS, Position, PriceBand, ProductDocument, SearchPage, SearchQuery,
    ShardId, Sort, Status, Suggestion,
};
