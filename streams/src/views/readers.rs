//! The readers of the views: the storefront and the two searches.

use super::{
    search::{PanelCatalogue, SearchReader, SearchShards, ShopCatalogue},
    storefront::Storefront,
};
use crate::platform::Platform;

/// The readers of the views.
#[derive(Clone)]
pub struct Readers {
    /// Cards, addresses, categories and the shop itself, as buyers see them.
    pub storefront: Storefront,
    /// The shops' listings, searched.
    pub search: SearchReader,
    /// The panels' products, searched: drafts too.
    pub panel: SearchReader,
}

impl Readers {
    /// Reads from the platform's tables and cache, and from these shards.
    pub fn of(platform: &Platform, shards: &SearchShards) -> Self {
        Self {
            storefront: Storefront::new(platform.clone()),
            search: SearchReader::new::<ShopCatalogue>(platform.clone(), shards.shop.clone()),
            panel: SearchReader::new::<PanelCatalogue>(platform.clone(), shards.panel.clone()),
        }
    }
}
