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
    records::store::{ListedCategory, Shop},
    rows::storefront::{CardRow, CardSlugRow, CategoryRow, ShopRow},
};
use futures::future::try_join_all;
use serde::de::DeserializeOwned;

use super::{CATEGORIES, Card, SHOP, card_key, slug_key};
use crate::platform::Platform;

/// What the storefront reads with. Every method asks for a tenant.
#[derive(Clone)]
pub struct Storefront {
    platform: Platform,
    past_caches: bool,
}

/// A card as it is sent: the JSON made when it was listed.
#[derive(Debug, Clone)]
pub struct Found {
    /// Version; the ETag.
    pub version: i64,
    /// The card's JSON.
    pub json: Bytes,
}

impl Found {
    /// The card itself.
    pub fn card(&self) -> Result<Card, StateError> {
        parse(&self.json)
    }
}

impl Storefront {
    /// Reads from this platform.
    pub fn new(platform: Platform) -> Self {
        Self { platform, past_caches: false }
    }

    /// The same for a read that was told what to show, once the view's mark says that it is there: from the tables alone, which
    /// are written before the mark moves. That a value in memory is old is heard by another way than the mark, maybe later, and a
    /// Redis may have lost what it had.
    pub fn past_caches(&self) -> Self {
        Self { past_caches: true, ..self.clone() }
    }

    /// What is cached under a key, or loaded.
    async fn read(
        &self,
        tenant: TenantId,
        key: &str,
        load: impl Future<Output = Result<(i64, Option<Bytes>), StateError>> + Send,
    ) -> Result<Cached, Arc<StateError>> {
        if self.past_caches {
            let (version, body) = load.await?;
            return Ok(Cached { version, body });
        }
        self.platform.cache.get_or_load(tenant, key, load).await
    }

    /// The shop, if the tenant has one.
    pub async fn shop(&self, tenant: TenantId) -> Result<Option<Shop>, Arc<StateError>> {
        let load = async {
            let row = self.platform.state.get::<ShopRow>(&ShopRow::at(tenant)).await?;
            Ok(row.map_or((0, None), |row| (row.shop.version, to_json(&row.shop))))
        };
        let cached = self.read(tenant, SHOP, load).await?;
        Ok(cached.body.map(|json| parse(&json)).transpose()?)
    }

    /// All categories, by name.
    pub async fn categories(&self, tenant: TenantId) -> Result<Vec<ListedCategory>, Arc<StateError>> {
        let load = async { Ok((0, Some(categories_json(&self.platform.state, tenant).await?))) };
        let cached = self.read(tenant, CATEGORIES, load).await?;
        match cached.body {
            Some(json) => Ok(parse(&json)?),
            None => Ok(parse(&categories_json(&self.platform.state, tenant).await?)?),
        }
    }

    /// A product's card.
    pub async fn card(&self, tenant: TenantId, product: ProductId) -> Result<Option<Found>, Arc<StateError>> {
        let load = async {
            let row = self.platform.state.get::<CardRow>(&CardRow::at(tenant, product)).await?;
            Ok(row.map_or((0, None), |row| (row.listing.version, to_json(&Card::from(&row.listing)))))
        };
        let cached = self.read(tenant, &card_key(product), load).await?;
        Ok(cached.body.map(|json| Found { version: cached.version, json }))
    }

    /// Several cards, in the order asked for; those that are not listed are left out.
    pub async fn cards(&self, tenant: TenantId, products: &[ProductId]) -> Result<Vec<Card>, Arc<StateError>> {
        let found = try_join_all(products.iter().map(|product| self.card(tenant, *product))).await?;
        found.into_iter().flatten().map(|found| Ok(found.card()?)).collect()
    }

    /// The card an address leads to. Its own slug may be another by now: then the address redirects.
    pub async fn by_slug(&self, tenant: TenantId, slug: &str) -> Result<Option<Found>, Arc<StateError>> {
        let load = async {
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
