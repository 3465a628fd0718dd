//! The fold of `store.events` into what buyers read: rows first, then the cache, then the mark.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use bytes::Bytes;
use fail::fail_point;
use feira_connectors::{
    log::{LogRecord, TopicPartition},
    state::StateError,
};
use feira_contexts::store::shop_of;
use feira_schemas::{
    groups,
    ids::{Micros, TenantId},
    records::{EventSet, RecordSet, StoreEvent, common::EventMeta, store::Shop},
    row::{Stored, Write},
    rows::storefront::{CardRow, CardSlugRow, CategoryRow, ProgressRow, ShopRow},
    topics::Context,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    CATEGORIES, Card, ListCard,
    read::categories_json,
    values::{Cached, Of, json, slugs, values},
};
use crate::{
    generations::{Folded, Source},
    platform::Platform,
    reading::{Unread, read},
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

/// The rows and cached values that an event makes.
#[derive(Clone)]
pub struct Effect {
    rows: Vec<Write>,
    values: Vec<Cached>,
    /// True if the shop's menu changed.
    menu: bool,
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
    async fn cache(&self, prepared: &[Prepared<Effect>], seen: Shown) -> Result<(), StateError> {
        let mut last: HashMap<(TenantId, &Of), (&Cached, bool)> = HashMap::new();
        for prepared in prepared {
            for value in &prepared.effect.values {
                let known = last.entry((value.tenant, &value.of)).or_insert((value, prepared.parked));
                if known.0.version <= value.version {
                    *known = (value, prepared.parked);
                }
            }
        }
        let puts: Vec<_> = last.into_values().map(|(value, parked)| self.put(value, parked, seen)).collect();
        stream::iter(puts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        let menus: BTreeSet<TenantId> =
            prepared.iter().filter(|prepared| prepared.effect.menu).map(|prepared| prepared.tenant).collect();
        // As new as all that is folded, also where the event is old: the menu is made from the rows as they are now.
        let menus: Vec<_> = menus.into_iter().map(|tenant| self.refresh_categories(tenant, seen.write_ts)).collect();
        stream::iter(menus).buffer_unordered(AT_ONCE).collect::<()>().await;
        Ok(())
    }

    /// Puts a value. What a parked record says may be old, and a cache that has let go of the newer value would take it: so the
    /// value is made from the rows, which keep what is newer.
    async fn put(&self, value: &Cached, parked: bool, seen: Shown) -> Result<(), StateError> {
        let (version, body) = match parked {
            true => Patient::new(&self.platform, Self::GROUP).state(|| self.in_rows(value, seen.write_ts)).await?,
            false => (value.version, value.body.clone()),
        };
        self.platform.cache.put_if_newer(value.tenant, &value.of.key(), version, body).await;
        Ok(())
    }

    /// A value as the rows have it now, where nothing is folded after `now`. Of what is not there the event's own version tells.
    async fn in_rows(&self, value: &Cached, now: Micros) -> Result<(i64, Option<Bytes>), StateError> {
        let (state, tenant) = (&self.platform.state, value.tenant);
        let written = |json: Result<Bytes, String>| json.map(Some).map_err(StateError::Corrupt);
        Ok(match &value.of {
            Of::Card(product) => match state.get::<CardRow>(&CardRow::at(tenant, *product)).await? {
                Some(row) => (row.listing.version, written(json(&Card::from(&row.listing)))?),
                None => (value.version, None),
            },
            Of::InList(product) => match state.get::<CardRow>(&CardRow::at(tenant, *product)).await? {
                Some(row) => (row.listing.version, written(json(&ListCard::from(&row.listing)))?),
                None => (value.version, None),
            },
            Of::Address(slug) => {
                let row = state.get::<CardSlugRow>(&CardSlugRow::at(tenant, slug)).await?;
                (now, row.map(|row| Bytes::from(row.product_id.to_string())))
            }
            Of::Shop => match state.get::<ShopRow>(&ShopRow::at(tenant)).await? {
                Some(row) => (row.shop.version, written(json(&row.shop.in_short()))?),
                None => (value.version, None),
            },
            Of::Policies => match state.get::<ShopRow>(&ShopRow::at(tenant)).await? {
                Some(ShopRow { shop: Shop { version, policies: Some(policies), .. }, .. }) => {
                    (version, written(json(&policies))?)
                }
                row => (row.map_or(value.version, |row| row.shop.version), None),
            },
        })
    }

    /// A shop's menu is read whole, so its cached value is made from the rows, after they are written.
    async fn refresh_categories(&self, tenant: TenantId, write_ts: Micros) {
        match categories_json(&self.platform.state, tenant).await {
            Ok(body) => self.platform.cache.put_if_newer(tenant, &CATEGORIES, write_ts, Some(body)).await,
            // A reader fills it: as version zero, so that the next event's value wins.
            Err(error) => {
                tracing::warn!(%error, tenant.id = %tenant, "menu not cached");
                self.platform.cache.put_if_newer(tenant, &CATEGORIES, write_ts, None).await;
            }
        }
    }
}

impl View for StorefrontView {
    const GROUP: &'static str = groups::STOREFRONT.name;
    const KEPT_IN: &'static str = CardRow::TABLE.keyspace;
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
        self.cache(prepared, seen).await.map_err(ViewError::from)?;
        self.shown.insert(partition, seen);
        Ok(())
    }

    async fn settle(&mut self) -> Result<BTreeMap<u32, Shown>, ViewError> {
        Ok(self.shown.clone())
    }

    async fn flush(&mut self) -> Result<bool, ViewError> {
        Ok(true) // A fold that returned has written its rows.
    }

    /// False while Redis has missed a value, which is known to this process alone: another finds it again by folding
    /// it again.
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

/// The fold of the storefront's rows into a new generation. The cache is filled by what is folded afterwards, and by
/// who reads.
impl Source for StorefrontView {
    const PROCESSOR: &'static str = Self::GROUP;
    const KEYSPACE: &'static str = CardRow::TABLE.keyspace;
    const FILLED_BY: &'static [&'static str] = &[Self::PROCESSOR];
    const EVENTS_OF: Context = Self::SOURCE;
    type Progress = ProgressRow;

    async fn fold(platform: &Platform, _: &TopicPartition, records: &[LogRecord], committed: i64) -> Folded {
        let mut folded = Folded::default();
        for record in records {
            let why = match read(platform, Self::GROUP, record, StoreEvent::decode).await {
                Ok(event) => match catch_unwind(AssertUnwindSafe(|| rows(&event))) {
                    Ok(rows) => {
                        folded.writes.extend(rows);
                        folded.write_ts = folded.write_ts.max(event.meta().write_ts);
                        continue;
                    }
                    Err(_) => "its rows can't be made".to_owned(),
                },
                Err(Unread::Newer { write_ts, .. }) => {
                    folded.write_ts = folded.write_ts.max(write_ts.unwrap_or_default());
                    continue;
                }
                // A dead letter already.
                Err(_) if record.offset < committed => continue,
                Err(unread) => unread.to_string(),
            };
            // The view parks it, or makes a dead letter of it.
            folded.left = Some((record.offset, why));
            break;
        }
        folded
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
        StoreEvent::ShopChanged(event) => {
            vec![Write::put(ShopRow { tenant_id, shop: shop_of(event) }, write_ts)]
        }
        StoreEvent::StockChanged(_)
        | StoreEvent::ProductMethodsChanged(_)
        | StoreEvent::CommandAnswered(_)
        | StoreEvent::TimerSet(_)
        | StoreEvent::TimerCleared(_) => Vec::new(),
    }
}

fn forgotten(tenant: TenantId, slugs: &[String], write_ts: Micros) -> impl Iterator<Item = Write> {
    let distinct: BTreeSet<&String> = slugs.iter().collect();
    distinct.into_iter().map(move |slug| Write::delete::<CardSlugRow>(CardSlugRow::at(tenant, slug), write_ts))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{CommandId, EventId},
        records::{
            common::InputPosition,
            store::{Listing, ProductListed, ShopChanged},
        },
    };
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        testing::{platform, tenant},
        views::storefront::Storefront,
    };

    const SHOP_ID: u128 = 7;

    fn listing(version: i64, slug: &str) -> Listing {
        serde_json::from_value(json!({
            "product_id": Uuid::from_u128(1), "version": version, "source_version": version, "slug": slug, "slug_history": [],
            "name": format!("Versão {version}"), "description": "", "category_id": null, "vendor": null, "tags": [],
            "featured": false, "options": [], "variants": [], "images": [], "seo": null, "created_at": 1, "updated_at": version
        }))
        .unwrap()
    }

    /// The event that made this version, at that time.
    fn listed(listing: Listing, forgotten_slugs: Vec<String>) -> StoreEvent {
        let meta = EventMeta {
            event_id: EventId::from_uuid(Uuid::from_u128(2)),
            tenant_id: tenant(SHOP_ID),
            aggregate_id: listing.product_id.to_string(),
            aggregate_version: listing.version,
            write_ts: listing.version,
            causation_id: CommandId::from_uuid(Uuid::from_u128(3)),
            input: InputPosition { topic: "test".into(), partition: 0, offset: 0 },
            occurred_at: 1,
            actor: "test".into(),
            answers: None,
        };
        ProductListed { meta, listing, forgotten_slugs, low: Vec::new(), not_low: Vec::new() }.into()
    }

    async fn fold(view: &mut StorefrontView, event: &StoreEvent, parked: bool) {
        let (effect, meta) = (StorefrontView::prepare(event).unwrap(), event.meta());
        let (tenant, version, write_ts) = (meta.tenant_id, meta.aggregate_version, meta.write_ts);
        let prepared = Prepared { offset: 0, parked, tenant, version, write_ts, effect };
        view.fold(0, &[prepared], Shown { offset: 1, write_ts: 9 }).await.unwrap();
    }

    #[tokio::test]
    async fn a_letter_that_is_put_back_never_replaces_a_newer_card_that_the_cache_has_let_go_of() {
        let folder = tempfile::tempdir().unwrap();
        let mut platform = platform(folder.path()).await;
        let mut view = StorefrontView::new(platform.clone());
        fold(&mut view, &listed(listing(9, "novo"), vec!["velho".into()]), false).await;
        // A cache that has forgotten all of it, as each does after a while.
        platform.cache = platform.cache.with_generation(2);
        let (mut view, storefront) = (StorefrontView::new(platform.clone()), Storefront::new(platform.clone()));
        let (shop, product) = (tenant(SHOP_ID), listing(9, "novo").product_id);
        fold(&mut view, &listed(listing(5, "velho"), Vec::new()), true).await;
        let found = storefront.card(shop, product).await.unwrap().unwrap();
        assert_eq!((found.version, found.card().unwrap().name.as_str()), (9, "Versão 9"));
        assert!(storefront.by_slug(shop, "velho").await.unwrap().is_none(), "it was forgotten after that event");
        assert!(storefront.by_slug(shop, "novo").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_shop_is_cached_without_the_texts_of_its_policies_which_lie_beside_it() {
        for parked in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let platform = platform(folder.path()).await;
            let (mut view, storefront) = (StorefrontView::new(platform.clone()), Storefront::new(platform));
            let shop: Shop = serde_json::from_value(json!({
                "version": 5, "status": "OPEN", "subdomain": "loja", "name": "Loja", "tenant_version": 2, "settings_version": 1,
                "policies": {"returns": "Sete dias."}
            }))
            .unwrap();
            let meta = listed(listing(5, "velho"), Vec::new()).meta().clone();
            fold(&mut view, &ShopChanged { meta, shop: shop.clone() }.into(), parked).await;
            let found = storefront.shop(tenant(SHOP_ID)).await.unwrap().unwrap();
            assert_eq!(found.policies.clone().unwrap().returns.as_deref(), Some(""));
            assert_eq!(Shop { policies: shop.policies.clone(), ..found }, shop);
            assert_eq!(storefront.policies(tenant(SHOP_ID)).await.unwrap(), shop.policies);
            let past = storefront.past_caches();
            assert_eq!(past.policies(tenant(SHOP_ID)).await.unwrap(), shop.policies);
        }
    }

    #[tokio::test]
    async fn what_was_parked_and_is_the_newest_is_cached_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let (mut view, storefront) = (StorefrontView::new(platform.clone()), Storefront::new(platform.clone()));
        let product = listing(5, "velho").product_id;
        assert!(storefront.by_slug(tenant(SHOP_ID), "velho").await.unwrap().is_none());
        fold(&mut view, &listed(listing(5, "velho"), Vec::new()), true).await;
        for found in
            [storefront.by_slug(tenant(SHOP_ID), "velho").await, storefront.card(tenant(SHOP_ID), product).await]
        {
            assert_eq!(found.unwrap().unwrap().version, 5);
        }
    }
}
