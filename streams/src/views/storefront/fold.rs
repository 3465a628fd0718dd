//! How store.events become what buyers read: rows first, then the cache, then the mark.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use bytes::Bytes;
use fail::fail_point;
use feira_connectors::state::StateError;
use feira_schemas::{
    ids::{Micros, TenantId},
    records::{EventSet, StoreEvent, common::EventMeta, store::Listing},
    row::Write,
    rows::storefront::{CardRow, CardSlugRow, CategoryRow, ShopRow},
    topics::Context,
};
use futures::{StreamExt, stream};

use super::{CATEGORIES, Card, ListCard, SHOP, card_key, list_key, read::categories_json, slug_key};
use crate::{
    platform::Platform,
    views::{FoldError, Prepared, Shown, View, ViewError, removed},
    waiting::Patient,
};

/// Values that are put into the cache at once. Each waits for one answer of Redis over one connection, which takes them in turn:
/// more would wait there.
const AT_ONCE: usize = 64;

/// The storefront view's fold.
pub struct StorefrontView {
    platform: Platform,
    shown: BTreeMap<u32, Shown>,
}

/// What an event does to rows and cache.
#[derive(Clone)]
pub struct Effect {
    rows: Vec<Write>,
    values: Vec<Cached>,
    /// Whether the shop's menu changed.
    menu: bool,
}

/// A value for the cache.
#[derive(Clone)]
struct Cached {
    tenant: TenantId,
    key: String,
    version: i64,
    body: Option<Bytes>,
}

impl StorefrontView {
    /// A fold into this platform's state and cache.
    pub fn new(platform: Platform) -> Self {
        Self { platform, shown: BTreeMap::new() }
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StateError> {
        Patient::new(&self.platform, Self::GROUP).state(|| self.platform.state.write(writes)).await
    }

    /// Writes one event's rows after the other, to find the one that the state refuses.
    async fn write_apart(&self, prepared: &[Prepared<Effect>]) -> Result<(), FoldError> {
        for prepared in prepared {
            let blame = |error: StateError| FoldError::Record { offset: prepared.offset, why: error.to_string() };
            self.write(&prepared.effect.rows).await.map_err(blame)?;
        }
        Ok(())
    }

    /// Puts what events say into the cache: of each key the last value alone, since who reads it meanwhile reads the rows.
    async fn cache(&self, prepared: &[Prepared<Effect>], seen: Shown) {
        let mut last: HashMap<(TenantId, &str), &Cached> = HashMap::new();
        for value in prepared.iter().flat_map(|prepared| &prepared.effect.values) {
            let known = last.entry((value.tenant, &value.key)).or_insert(value);
            if known.version <= value.version {
                *known = value;
            }
        }
        let cache = &self.platform.cache;
        let puts: Vec<_> = last
            .into_values()
            .map(|value| cache.put_if_newer(value.tenant, &value.key, value.version, value.body.clone()))
            .collect();
        stream::iter(puts).buffer_unordered(AT_ONCE).collect::<()>().await;
        let menus: BTreeSet<TenantId> =
            prepared.iter().filter(|prepared| prepared.effect.menu).map(|prepared| prepared.tenant).collect();
        // As new as all that is folded, also where the event is old: the menu is made from the rows as they are now.
        let menus: Vec<_> = menus.into_iter().map(|tenant| self.refresh_categories(tenant, seen.write_ts)).collect();
        stream::iter(menus).buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// A shop's menu is read whole, so its cached value is made from the rows, after they are written.
    async fn refresh_categories(&self, tenant: TenantId, write_ts: Micros) {
        match categories_json(&self.platform.state, tenant).await {
            Ok(body) => self.platform.cache.put_if_newer(tenant, CATEGORIES, write_ts, Some(body)).await,
            // A reader fills it: as version zero, so that the next event's value wins.
            Err(error) => {
                tracing::warn!(%error, tenant.id = %tenant, "menu not cached");
                self.platform.cache.put_if_newer(tenant, CATEGORIES, write_ts, None).await;
            }
        }
    }
}

impl View for StorefrontView {
    const GROUP: &'static str = "storefront";
    const SOURCE: Context = Context::Store;
    type Event = StoreEvent;
    type Effect = Effect;

    fn folder(&self) -> Option<String> {
        None // Rows and cache are everybody's.
    }

    async fn take(&mut self, partition: u32, from: Shown) -> Result<(), ViewError> {
        self.shown.insert(partition, from);
        Ok(())
    }

    fn lose(&mut self, partition: u32) {
        self.shown.remove(&partition);
    }

    fn prepare(event: &StoreEvent) -> Result<Effect, String> {
        let menu = matches!(event, StoreEvent::CategoryListed(_) | StoreEvent::CategoryUnlisted(_));
        Ok(Effect { rows: rows(event), values: values(event)?, menu })
    }

    async fn removed(&self, event: &StoreEvent) -> Result<bool, StateError> {
        removed::from_shop(&self.platform.state, event).await
    }

    /// Deletions hold whatever has come since, by their time; what is put would come back once the state has forgotten that it
    /// was deleted.
    fn of_removed(mut effect: Effect) -> Effect {
        effect.rows.retain(|write| matches!(write, Write::Delete { .. }));
        effect.values.retain(|value| value.body.is_none());
        effect
    }

    async fn fold(&mut self, partition: u32, prepared: &[Prepared<Effect>], seen: Shown) -> Result<(), FoldError> {
        let writes: Vec<Write> = prepared.iter().flat_map(|prepared| prepared.effect.rows.iter().cloned()).collect();
        fail_point!("storefront::before_write");
        if let Err(error) = self.write(&writes).await {
            tracing::warn!(%error, "a batch of cards was refused; writing them one by one");
            self.write_apart(prepared).await?;
        }
        fail_point!("storefront::after_write");
        self.cache(prepared, seen).await;
        self.shown.insert(partition, seen);
        Ok(())
    }

    async fn settle(&mut self) -> Result<BTreeMap<u32, Shown>, ViewError> {
        Ok(self.shown.clone())
    }

    async fn flush(&mut self) -> Result<bool, ViewError> {
        Ok(true) // A fold that returned has written its rows.
    }

    /// What Redis has missed is known to this process alone: another finds it again by folding it again.
    fn may_keep(&self) -> bool {
        !self.platform.cache.has_missed()
    }

    fn lost(&mut self) -> BTreeMap<u32, Shown> {
        BTreeMap::new()
    }

    fn due_in(&self) -> Option<Duration> {
        None
    }

    async fn close(&mut self) -> Result<(), ViewError> {
        Ok(())
    }
}

/// The rows of an event. At most one write per row.
pub fn rows(event: &StoreEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    match event {
        StoreEvent::ProductListed(event) => {
            let listing = &event.listing;
            let mut writes = vec![Write::put(CardRow { tenant_id, listing: listing.clone() }, write_ts)];
            // All its addresses each time: a product that comes back after it was unlisted needs the old ones again.
            writes.extend(slugs(listing).map(|slug| {
                let row = CardSlugRow { tenant_id, slug: slug.clone(), product_id: listing.product_id };
                Write::put(row, write_ts)
            }));
            writes.extend(forgotten(tenant_id, &event.forgotten_slugs, write_ts));
            writes
        }
        StoreEvent::ProductUnlisted(event) => {
            let key = CardRow::at(tenant_id, event.listing.product_id);
            let mut writes = vec![Write::delete::<CardRow>(key, write_ts)];
            writes.extend(forgotten(tenant_id, &event.forgotten_slugs, write_ts));
            writes
        }
        StoreEvent::CategoryListed(event) => {
            vec![Write::put(CategoryRow::new(tenant_id, event.category.clone()), write_ts)]
        }
        StoreEvent::CategoryUnlisted(event) => {
            let key = CategoryRow::at(tenant_id, event.category.category_id);
            vec![Write::delete::<CategoryRow>(key, write_ts)]
        }
        StoreEvent::ShopChanged(event) => vec![Write::put(ShopRow { tenant_id, shop: event.shop.clone() }, write_ts)],
        StoreEvent::StockChanged(_) | StoreEvent::CommandAnswered(_) => Vec::new(),
    }
}

fn slugs(listing: &Listing) -> impl Iterator<Item = &String> {
    let distinct: BTreeSet<&String> = std::iter::once(&listing.slug).chain(&listing.slug_history).collect();
    distinct.into_iter()
}

fn forgotten(tenant: TenantId, slugs: &[String], write_ts: Micros) -> impl Iterator<Item = Write> {
    let distinct: BTreeSet<&String> = slugs.iter().collect();
    distinct.into_iter().map(move |slug| Write::delete::<CardSlugRow>(CardSlugRow::at(tenant, slug), write_ts))
}

/// What an event puts into the cache. A deletion is a value too, so that no late reader brings the old one back.
fn values(event: &StoreEvent) -> Result<Vec<Cached>, String> {
    let EventMeta { tenant_id: tenant, write_ts, .. } = *event.meta();
    let gone = |slug: &String| Cached { tenant, key: slug_key(slug), version: write_ts, body: None };
    let values = match event {
        StoreEvent::ProductListed(event) => {
            let listing = &event.listing;
            let (id, version) = (listing.product_id, listing.version);
            let in_list = Some(json(&ListCard::from(listing))?);
            let mut values = vec![
                Cached { tenant, key: card_key(id), version, body: Some(json(&Card::from(listing))?) },
                Cached { tenant, key: list_key(id), version, body: in_list },
            ];
            let id = Bytes::from(listing.product_id.to_string());
            values.extend(slugs(listing).map(|slug| Cached {
                tenant,
                key: slug_key(slug),
                version: write_ts,
                body: Some(id.clone()),
            }));
            values.extend(event.forgotten_slugs.iter().map(gone));
            values
        }
        StoreEvent::ProductUnlisted(event) => {
            let listing = &event.listing;
            let keys = [card_key(listing.product_id), list_key(listing.product_id)];
            let mut values: Vec<_> =
                keys.into_iter().map(|key| Cached { tenant, key, version: listing.version, body: None }).collect();
            values.extend(event.forgotten_slugs.iter().map(gone));
            values
        }
        StoreEvent::ShopChanged(event) => {
            let body = Some(json(&event.shop)?);
            vec![Cached { tenant, key: SHOP.to_owned(), version: event.shop.version, body }]
        }
        StoreEvent::CategoryListed(_)
        | StoreEvent::CategoryUnlisted(_)
        | StoreEvent::StockChanged(_)
        | StoreEvent::CommandAnswered(_) => Vec::new(),
    };
    Ok(values)
}

fn json<T: serde::Serialize>(value: &T) -> Result<Bytes, String> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| error.to_string())
}
