//! What the storefront view puts into the cache: of each event the values, each with the key that readers ask for.

use std::collections::BTreeSet;

use bytes::Bytes;
use feira_contexts::store::shop_of;
use feira_schemas::{
    ids::{ProductId, TenantId},
    records::{EventSet, StoreEvent, common::EventMeta, store::Listing},
};

use super::{Card, ListCard, POLICIES, SHOP, card_key, list_key, slug_key};

/// A value for the cache.
#[derive(Clone)]
pub(super) struct Cached {
    pub tenant: TenantId,
    pub of: Of,
    pub version: i64,
    pub body: Option<Bytes>,
}

/// The subject of a cached value, which its key is made of.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Card(ProductId),
    InList(ProductId),
    Address(String),
    Shop,
    Policies,
}

impl Of {
    /// The key, without the shop.
    pub fn key(&self) -> String {
        match self {
            Self::Card(product) => card_key(*product),
            Self::InList(product) => list_key(*product),
            Self::Address(slug) => slug_key(slug),
            Self::Shop => SHOP.to_owned(),
            Self::Policies => POLICIES.to_owned(),
        }
    }
}

/// The values that an event puts into the cache. A deletion is a value too, so that no late reader brings the old one
/// back.
pub(super) fn values(event: &StoreEvent) -> Result<Vec<Cached>, String> {
    let EventMeta { tenant_id: tenant, write_ts, .. } = *event.meta();
    let gone = |slug: &String| Cached { tenant, of: Of::Address(slug.clone()), version: write_ts, body: None };
    let values = match event {
        StoreEvent::ProductListed(event) => {
            let listing = &event.listing;
            let (product, version) = (listing.product_id, listing.version);
            let (card, in_list) = (json(&Card::from(listing))?, json(&ListCard::from(listing))?);
            let mut values = vec![
                Cached { tenant, of: Of::Card(product), version, body: Some(card) },
                Cached { tenant, of: Of::InList(product), version, body: Some(in_list) },
            ];
            let id = Bytes::from(listing.product_id.to_string());
            values.extend(slugs(listing).map(|slug| Cached {
                tenant,
                of: Of::Address(slug.clone()),
                version: write_ts,
                body: Some(id.clone()),
            }));
            values.extend(event.forgotten_slugs.iter().map(gone));
            values
        }
        StoreEvent::ProductUnlisted(event) => {
            let listing = &event.listing;
            let (product, version) = (listing.product_id, listing.version);
            let shown = [Of::Card(product), Of::InList(product)];
            let mut values: Vec<_> = shown.into_iter().map(|of| Cached { tenant, of, version, body: None }).collect();
            values.extend(event.forgotten_slugs.iter().map(gone));
            values
        }
        StoreEvent::ShopChanged(event) => {
            let shop = shop_of(event);
            let policies = shop.policies.as_ref().map(json).transpose()?;
            let (version, body) = (shop.version, Some(json(&shop.in_short())?));
            vec![
                Cached { tenant, of: Of::Shop, version, body },
                Cached { tenant, of: Of::Policies, version, body: policies },
            ]
        }
        StoreEvent::CategoryListed(_)
        | StoreEvent::CategoryUnlisted(_)
        | StoreEvent::StockChanged(_)
        | StoreEvent::ProductMethodsChanged(_)
        | StoreEvent::CommandAnswered(_)
        | StoreEvent::TimerSet(_)
        | StoreEvent::TimerCleared(_) => Vec::new(),
    };
    Ok(values)
}

/// The addresses of a listing, each once.
pub(super) fn slugs(listing: &Listing) -> impl Iterator<Item = &String> {
    let distinct: BTreeSet<&String> = std::iter::once(&listing.slug).chain(&listing.slug_history).collect();
    distinct.into_iter()
}

/// A value as the cache keeps it.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<Bytes, String> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| error.to_string())
}
