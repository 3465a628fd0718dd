//! Search shards: one index per tenant, in a pool that opens them lazily and bounds what is open.

mod error;
mod types;

pub use error::ShardError;
pub use types::{
    Change, Facets, Hit, MAX_LIMIT, PRICE_BANDS, Position, PriceBand, ProductDocument, SearchPage, SearchQuery,
    ShardId, Sort, Status, Suggestion,
};
