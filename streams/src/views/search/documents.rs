//! The documents of the search: made from listings (the shop) or from products (the panel), and from categories,
//! whose names are words of all products below them, so that a rename reaches products without touching any.

use feira_connectors::{
    search::{CategoryDocument, Change, Lack, ProductDocument, Status},
    state::{State, StateError},
};
use feira_schemas::{
    groups,
    money::Money,
    records::{
        AdminEvent, EventSet, StoreEvent,
        admin::{Category, Product},
        catalogue::{ProductOption, ProductStatus},
        store::{ListedCategory, Listing},
    },
    topics::Context,
};

use super::text::plain_text;
use crate::views::removed;

/// A catalogue of documents: whose events, and what each changes.
pub trait Catalogue: Send + Sync + 'static {
    /// Consumer group and folder.
    const GROUP: &'static str;
    /// The context whose events are folded.
    const SOURCE: Context;
    /// The type of those events.
    type Event: EventSet;
    /// The change to the shard that an event makes, if any.
    fn change(event: &Self::Event) -> Option<Change>;
    /// True if the event's product was removed after it.
    fn removed(state: &State, event: &Self::Event) -> impl Future<Output = Result<bool, StateError>> + Send;
}

/// The catalogue that buyers search: the listings.
pub struct ShopCatalogue;

impl Catalogue for ShopCatalogue {
    const GROUP: &'static str = groups::SEARCH.name;
    const SOURCE: Context = Context::Store;
    type Event = StoreEvent;

    fn change(event: &StoreEvent) -> Option<Change> {
        match event {
            StoreEvent::ProductListed(event) => Some(Change::Upsert(Box::new(listing(&event.listing)))),
            StoreEvent::ProductUnlisted(event) => Some(Change::Remove(event.listing.product_id)),
            StoreEvent::CategoryListed(event) => {
                Some(Change::UpsertCategory(Box::new(listed_category(&event.category))))
            }
            StoreEvent::CategoryUnlisted(event) => Some(Change::RemoveCategory(event.category.category_id)),
            _ => None,
        }
    }

    async fn removed(state: &State, event: &StoreEvent) -> Result<bool, StateError> {
        removed::from_shop(state, event).await
    }
}

/// The catalogue that the panel searches: all products, drafts too.
pub struct PanelCatalogue;

impl Catalogue for PanelCatalogue {
    const GROUP: &'static str = groups::PANEL.name;
    const SOURCE: Context = Context::Admin;
    type Event = AdminEvent;

    fn change(event: &AdminEvent) -> Option<Change> {
        match event {
            AdminEvent::ProductChanged(event) => Some(Change::Upsert(Box::new(product(&event.product)))),
            AdminEvent::ProductDeleted(event) => Some(Change::Remove(event.product.product_id)),
            AdminEvent::CategoryChanged(event) => Some(Change::UpsertCategory(Box::new(category(&event.category)))),
            AdminEvent::CategoryDeleted(event) => Some(Change::RemoveCategory(event.category.category_id)),
            _ => None,
        }
    }

    async fn removed(state: &State, event: &AdminEvent) -> Result<bool, StateError> {
        removed::from_panel(state, event).await
    }
}

fn lowest(prices: impl Iterator<Item = Money>) -> i64 {
    prices.map(|price| price.amount).min().unwrap_or_default()
}

fn option_values(options: &[ProductOption]) -> Vec<String> {
    options.iter().flat_map(|option| option.values.iter().cloned()).collect()
}

fn listed_category(category: &ListedCategory) -> CategoryDocument {
    CategoryDocument {
        category_id: category.category_id,
        version: category.version,
        name: category.name.clone(),
        above: category.parent_id,
    }
}

fn category(category: &Category) -> CategoryDocument {
    CategoryDocument {
        category_id: category.category_id,
        version: category.version,
        name: category.name.clone(),
        above: category.parent_id,
    }
}

fn listing(listing: &Listing) -> ProductDocument {
    ProductDocument {
        product_id: listing.product_id,
        version: listing.version,
        slug: listing.slug.clone(),
        name: listing.name.clone(),
        vendor: listing.vendor.clone(),
        tags: listing.tags.clone(),
        option_values: option_values(&listing.options),
        skus: listing.variants.iter().filter_map(|variant| variant.sku.clone()).collect(),
        barcodes: listing.variants.iter().filter_map(|variant| variant.barcode.clone()).collect(),
        description: plain_text(&listing.description),
        category: listing.category_id,
        status: Status::Published,
        price: lowest(listing.variants.iter().map(|variant| variant.price)),
        available: listing.variants.iter().any(|variant| variant.available),
        featured: listing.featured,
        created_at: listing.created_at,
        sales: 0, // Orders do not exist yet; the field is there so that their coming changes no index.
        lacks: lacks(&[(Lack::Stock, !listing.variants.iter().any(|variant| variant.available))]),
    }
}

fn product(product: &Product) -> ProductDocument {
    ProductDocument {
        product_id: product.product_id,
        version: product.version,
        slug: product.slug.clone(),
        name: product.name.clone(),
        vendor: product.vendor.clone(),
        tags: product.tags.clone(),
        option_values: option_values(&product.options),
        skus: product.variants.iter().filter_map(|variant| variant.sku.clone()).collect(),
        barcodes: product.variants.iter().filter_map(|variant| variant.barcode.clone()).collect(),
        description: plain_text(&product.description),
        category: product.category_id,
        status: if product.status == ProductStatus::Published { Status::Published } else { Status::Draft },
        price: lowest(product.variants.iter().map(|variant| variant.price)),
        available: true,
        featured: product.featured,
        created_at: product.created_at,
        sales: 0,
        // What can be bought is the store's to know.
        lacks: lacks(&[
            (Lack::Picture, product.images.is_empty()),
            (Lack::Weight, product.variants.iter().any(|variant| variant.weight_grams.is_none())),
        ]),
    }
}

/// Those that are true.
fn lacks(all: &[(Lack, bool)]) -> Vec<Lack> {
    all.iter().filter(|(_, is_lacking)| *is_lacking).map(|(lack, _)| *lack).collect()
}
