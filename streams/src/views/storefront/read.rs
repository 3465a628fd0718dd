//! Reading what buyers see: from the cache, and from the tables where it has nothing, or where a read must show a position.

use std::{str::FromStr, sync::Arc};

use bytes::Bytes;
use feira_connectors::{
    cache::Cached,
    state::{State, StateError},
};
use feira_schemas::{
    ids::{ProductId, TenantId},
    limits,
    records::{
        admin::Policies,
        store::{ListedCategory, Listing, Shop, ShopStatus},
    },
    rows::storefront::{CardRow, CardSlugRow, CategoryRow, ShopRow},
};
use futures::future::try_join_all;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Semaphore;

use super::{CATEGORIES, Card, ListCard, POLICIES, SHOP, card_key, list_key, slug_key};
use crate::platform::Platform;

/// The reader of the storefront's rows, by way of the cache. Every method asks for a tenant.
#[derive(Clone)]
pub struct Storefront {
    platform: Platform,
    past_caches: bool,
    /// Rows of cards that are read and turned into JSON at once.
    loads: Arc<Semaphore>,
}

/// The number of rows of cards that are read at once where the cache has none. One of 2,048 variants takes several
/// megabytes meanwhile; fewer would make who waits for a store across the network wait longer.
const LOADS: usize = 16;

/// A card as it is sent: the JSON made when it was listed.
#[derive(Debug, Clone)]
pub struct Found {
    /// The card's version, which is its ETag.
    pub version: i64,
    /// The card's JSON.
    pub json: Bytes,
}

/// The status of a shop and the version of its settings: what every read asks for, without the rest of the shop.
#[derive(Debug, Clone, Deserialize)]
pub struct Standing {
    /// The shop's status: opening, open or suspended.
    pub status: ShopStatus,
    /// The version of the settings in admin; 0 while none have come.
    pub settings_version: i64,
}

impl Found {
    /// Parses the card.
    pub fn card(&self) -> Result<Card, StateError> {
        parse(&self.json)
    }

    /// The card in a list, where that is what was asked for.
    pub fn list_card(&self) -> Result<ListCard, StateError> {
        parse(&self.json)
    }
}

impl Storefront {
    /// Reads from this platform.
    pub fn new(platform: Platform) -> Self {
        Self { platform, past_caches: false, loads: Arc::new(Semaphore::new(LOADS)) }
    }

    /// A reader for a read that was told what to show, once the view's mark says that it is there: from the tables
    /// alone, which are written before the mark moves. That a value in memory is old is heard by another way than the
    /// mark, maybe later, and a Redis may have lost what it had.
    pub fn past_caches(&self) -> Self {
        Self { past_caches: true, ..self.clone() }
    }

    /// The value cached under a key, or loaded.
    async fn read<F>(
        &self,
        tenant: TenantId,
        key: &str,
        load: impl FnOnce() -> F + Send,
    ) -> Result<Cached, Arc<StateError>>
    where
        F: Future<Output = Result<(i64, Option<Bytes>), StateError>> + Send,
    {
        if self.past_caches {
            let (version, body) = Box::pin(load()).await?;
            return Ok(Cached { version, body });
        }
        self.platform.cache.get_or_load(tenant, key, load).await
    }

    /// The shop under this id, of its policies only which are written; `None` if the storefront has no row of it.
    pub async fn shop(&self, tenant: TenantId) -> Result<Option<Shop>, Arc<StateError>> {
        self.of_shop(tenant).await
    }

    /// The standing of the shop under this id, if there is one.
    pub async fn standing(&self, tenant: TenantId) -> Result<Option<Standing>, Arc<StateError>> {
        self.of_shop(tenant).await
    }

    /// The shop, or a part of it.
    async fn of_shop<T: DeserializeOwned>(&self, tenant: TenantId) -> Result<Option<T>, Arc<StateError>> {
        let load = || async {
            let row = self.platform.state.get::<ShopRow>(&ShopRow::at(tenant)).await?;
            Ok(row.map_or((0, None), |row| (row.shop.version, to_json(&row.shop.in_short()))))
        };
        let cached = self.read(tenant, &SHOP, load).await?;
        Ok(cached.body.map(|json| parse(&json)).transpose()?)
    }

    /// What the policies of the shop under this id say; `None` if it has written none.
    pub async fn policies(&self, tenant: TenantId) -> Result<Option<Policies>, Arc<StateError>> {
        let load = || async {
            let row = self.platform.state.get::<ShopRow>(&ShopRow::at(tenant)).await?;
            Ok(row.map_or((0, None), |row| (row.shop.version, row.shop.policies.as_ref().and_then(to_json))))
        };
        let cached = self.read(tenant, &POLICIES, load).await?;
        Ok(cached.body.map(|json| parse(&json)).transpose()?)
    }

    /// All categories, by name: a JSON list of [`ListedCategory`].
    pub async fn categories(&self, tenant: TenantId) -> Result<Bytes, Arc<StateError>> {
        let load = || async { Ok((0, Some(categories_json(&self.platform.state, tenant).await?))) };
        let cached = self.read(tenant, &CATEGORIES, load).await?;
        match cached.body {
            Some(json) => Ok(json),
            None => Ok(Box::pin(categories_json(&self.platform.state, tenant)).await?),
        }
    }

    /// A product's card; `None` if the storefront has none.
    pub async fn card(&self, tenant: TenantId, product: ProductId) -> Result<Option<Found>, Arc<StateError>> {
        self.made(tenant, product, &card_key(product), |listing| to_json(&Card::from(listing))).await
    }

    /// A product as lists show it.
    pub async fn in_list(&self, tenant: TenantId, product: ProductId) -> Result<Option<Found>, Arc<StateError>> {
        self.made(tenant, product, &list_key(product), |listing| to_json(&ListCard::from(listing))).await
    }

    /// The value made of a product's row, kept under a key.
    async fn made(
        &self,
        tenant: TenantId,
        product: ProductId,
        key: &str,
        make: impl FnOnce(&Listing) -> Option<Bytes> + Send,
    ) -> Result<Option<Found>, Arc<StateError>> {
        let load = || async {
            // Never closed.
            let _turn = self.loads.acquire().await;
            let row = self.platform.state.get::<CardRow>(&CardRow::at(tenant, product)).await?;
            Ok(row.map_or((0, None), |row| (row.listing.version, make(&row.listing))))
        };
        let cached = self.read(tenant, key, load).await?;
        Ok(cached.body.map(|json| Found { version: cached.version, json }))
    }

    /// Several products as lists show them, in the order asked for; those that are not listed are left out.
    pub async fn list(&self, tenant: TenantId, products: &[ProductId]) -> Result<Vec<ListCard>, Arc<StateError>> {
        let found = try_join_all(products.iter().map(|product| self.in_list(tenant, *product))).await?;
        found.into_iter().flatten().map(|found| Ok(parse(&found.json)?)).collect()
    }

    /// Several cards, in the order asked for; those that are not listed are left out.
    pub async fn cards(&self, tenant: TenantId, products: &[ProductId]) -> Result<Vec<Card>, Arc<StateError>> {
        let found = try_join_all(products.iter().map(|product| self.card(tenant, *product))).await?;
        found.into_iter().flatten().map(|found| Ok(found.card()?)).collect()
    }

    /// The card an address leads to. Its own slug may be another by now: then the address redirects.
    pub async fn by_slug(&self, tenant: TenantId, slug: &str) -> Result<Option<Found>, Arc<StateError>> {
        let load = || async {
            let row = self.platform.state.get::<CardSlugRow>(&CardSlugRow::at(tenant, slug)).await?;
            Ok((0, row.map(|row| Bytes::from(row.product_id.to_string()))))
        };
        let cached = self.read(tenant, &slug_key(slug), load).await?;
        let id = cached.body.and_then(|id| ProductId::from_str(std::str::from_utf8(&id).ok()?).ok());
        match id {
            Some(product) => self.card(tenant, product).await,
            None => Ok(None),
        }
    }
}

/// A shop's categories as JSON, sorted by name.
pub(super) async fn categories_json(state: &State, tenant: TenantId) -> Result<Bytes, StateError> {
    let rows = state.scan::<CategoryRow>(&CategoryRow::all(tenant), None, limits::CATEGORIES).await?;
    let mut categories: Vec<ListedCategory> = rows.into_iter().map(|row| row.category).collect();
    categories.sort_by_cached_key(|category| (category.name.to_lowercase(), category.category_id));
    to_json(&categories).ok_or_else(|| StateError::Corrupt("categories can't be written as JSON".into()))
}

fn to_json<T: serde::Serialize>(value: &T) -> Option<Bytes> {
    serde_json::to_vec(value).ok().map(Bytes::from)
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, StateError> {
    serde_json::from_slice(json).map_err(|error| StateError::Corrupt(format!("cached value: {error}")))
}
