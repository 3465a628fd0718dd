//! Search: one shard per tenant, folded from events. Two catalogues use the same fold: the shop's and the panel's.

mod documents;
mod fold;
mod read;
mod shards;
mod text;

pub use documents::{Catalogue, PanelCatalogue, ShopCatalogue};
pub use fold::SearchView;
pub use read::SearchReader;
pub use shards::SearchShards;
pub use text::plain_text;
