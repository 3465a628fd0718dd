//! Search shards: one index per tenant, in a pool that opens them lazily and bounds what is open.

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
