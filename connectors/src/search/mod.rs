//! Search shards: one index per tenant, in a pool that opens them lazily and bounds what is open.
//!
//! [`Shards`] is all that callers see; the types of the search library stay inside. There is one adapter, since a shard lies
//! where its partition's view runs.
//!
//! These never happen: a document of another tenant in an answer, a query that waits for the disk to sync, an answer
//! older than the position it names, a commit without its position, an answer from a shard that lost its files.

mod embedded;
mod error;
mod settings;
mod types;

pub use self::{
    embedded::Shards,
    error::ShardError,
    settings::ShardsSettings,
    types::{
        CategoryDocument, Change, Entity, Facets, Hit, Lack, MAX_LIMIT, PRICE_BANDS, Position, PriceBand,
        ProductDocument, SearchPage, SearchQuery, ShardId, Sort, Status, Suggestion,
    },
};
