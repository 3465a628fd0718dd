//! The listing: a product as buyers see it, whole in one event, and again whenever it or its availability changes.

use std::collections::HashMap;

use feira_schemas::{
    ids::VariantId,
    records::{
        StoreEvent,
        admin::{Product, ProductChanged, ProductDeleted, Variant},
        catalogue::ProductStatus,
        store::{ListedMethod, ListedVariant, Listing, ProductListed, ProductUnlisted, Stock},
    },
    rows::store::{ListingRow, StockRow},
};

use super::{
    low::{self, Low, Turned},
    methods, pieces,
};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows};

pub(super) fn product_changed(event: &ProductChanged, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let (product, tenant) = (&event.product, context.cause.tenant_id);
    let row = rows.get::<ListingRow>(ListingRow::at(tenant, product.product_id))?;
    let mut decision = Decision::new(context);
    if row.as_ref().is_some_and(|row| row.listing.source_version >= product.version) {
        return Ok(decision); // Not newer than what is decided already.
    }
    let said = methods::of_product(product.product_id, rows, context)?;
    let (stocks, mut turned) = first_stock(&mut decision, product, rows, context)?;
    let version = row.as_ref().map_or(0, |row| row.listing.version) + 1;
    let listed = row.filter(|row| row.listed);
    if let Some(row) = &listed {
        let shown = row.listing.variants.iter().map(|variant| variant.variant_id);
        let leave = shown.filter(|variant| !stocks.contains_key(variant));
        turned.not_low.extend(low::ended(tenant, product.product_id, leave, rows)?);
    }
    if product.status == ProductStatus::Published {
        let listing = listing(product, &stocks, said, version);
        list(&mut decision, listing, event.forgotten_slugs.clone(), turned);
    } else if let Some(row) = listed {
        unlist(&mut decision, &row.listing, product.version, &event.forgotten_slugs, turned.not_low);
    }
    Ok(decision)
}

pub(super) fn product_deleted(event: &ProductDeleted, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let (product, tenant) = (event.product.product_id, context.cause.tenant_id);
    let row = rows.get::<ListingRow>(ListingRow::at(tenant, product))?;
    let mut decision = Decision::new(context);
    if let Some(row) = row.filter(|row| row.listed) {
        let not_low = low::ended(tenant, product, row.listing.variants.iter().map(|variant| variant.variant_id), rows)?;
        unlist(&mut decision, &row.listing, event.product.version + 1, &[], not_low);
    }
    Ok(decision)
}

/// The stock of a product's variants. A variant seen for the first time begins with what its product says; what was
/// adjusted before the product came is added to that, and what was set before stands. One whose product begins or ceases to
/// be counted goes on with what is on hand, where that is a count. With it comes what the product's listing says of those whose stock
/// stays.
fn first_stock(
    decision: &mut Decision<StoreEvent>,
    product: &Product,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(HashMap<VariantId, Stock>, Turned), Need> {
    let tenant = context.cause.tenant_id;
    let keys = product.variants.iter().map(|variant| StockRow::at(tenant, product.product_id, variant.variant_id));
    let known = rows.get_many::<StockRow>(keys.collect())?;
    let is_published = product.status == ProductStatus::Published;
    let with_stock = known.iter().flatten().map(|row| row.stock.variant_id);
    let were_low = low::known(tenant, product.product_id, with_stock, rows)?;
    let were_low: HashMap<VariantId, i64> = were_low.iter().map(|row| (row.variant_id, row.on_hand)).collect();
    let (mut stocks, mut turned) = (HashMap::with_capacity(known.len()), Turned::default());
    for (variant, row) in product.variants.iter().zip(known) {
        let before =
            row.map_or_else(|| pieces::unknown(product.product_id, variant.variant_id), |row| row.stock.clone());
        let first = if before.settled { 0 } else { variant.initial_stock.unwrap_or_default() };
        let on_hand = before.on_hand + first;
        let on_hand = if variant.tracked { on_hand.max(0) } else { on_hand };
        let stock = Stock { on_hand, settled: true, tracked: variant.tracked, ..before.clone() };
        let (said, is_low) = (were_low.get(&before.variant_id).copied(), is_published && low::is_few(&stock));
        if stock == before {
            turned.add(&stock, said, is_low);
        } else {
            // Also at zero: from now on an adjustment can't go below it.
            let stock = Stock { version: before.version + 1, ..stock.clone() };
            pieces::event(decision, stock, Low { before: said.is_some(), after: is_low }, None);
        }
        stocks.insert(variant.variant_id, stock);
    }
    Ok((stocks, turned))
}

fn listing(product: &Product, stocks: &HashMap<VariantId, Stock>, methods: Vec<ListedMethod>, version: i64) -> Listing {
    let available = |variant: &Variant| stocks.get(&variant.variant_id).is_some_and(pieces::is_available);
    let variant = |variant: &Variant| ListedVariant {
        variant_id: variant.variant_id,
        sku: variant.sku.clone(),
        options: variant.options.clone(),
        price: variant.price,
        compare_at_price: variant.compare_at_price,
        weight_grams: variant.weight_grams,
        available: available(variant),
        barcode: variant.barcode.clone(),
        tracked: variant.tracked,
    };
    Listing {
        product_id: product.product_id,
        version,
        source_version: product.version,
        slug: product.slug.clone(),
        slug_history: product.slug_history.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        category_id: product.category_id,
        vendor: product.vendor.clone(),
        tags: product.tags.clone(),
        featured: product.featured,
        options: product.options.clone(),
        variants: product.variants.iter().map(variant).collect(),
        images: product.images.clone(),
        seo: product.seo.clone(),
        methods,
        created_at: product.created_at,
        updated_at: product.updated_at,
    }
}

/// Says that a product is in the shop, as this, and which variants turn with it.
pub(super) fn list(
    decision: &mut Decision<StoreEvent>,
    listing: Listing,
    forgotten_slugs: Vec<String>,
    Turned { low, not_low }: Turned,
) {
    let entity = EntityVersion::new(listing.product_id, listing.version);
    decision.event(entity, |meta| ProductListed { meta, listing, forgotten_slugs, low, not_low });
}

fn unlist(
    decision: &mut Decision<StoreEvent>,
    listing: &Listing,
    source_version: i64,
    forgotten: &[String],
    not_low: Vec<VariantId>,
) {
    let mut forgotten_slugs = forgotten.to_vec();
    forgotten_slugs.push(listing.slug.clone());
    forgotten_slugs.extend_from_slice(&listing.slug_history);
    let listing = Listing { version: listing.version + 1, source_version, ..listing.clone() };
    let entity = EntityVersion::new(listing.product_id, listing.version);
    decision.event(entity, |meta| ProductUnlisted { meta, listing, forgotten_slugs, not_low });
}

/// Lists a product again if a variant's stock turns its availability. Whether the variant runs low its stock says.
pub(super) fn turn(decision: &mut Decision<StoreEvent>, listing: &Listing, stock: &Stock) {
    let mut listing = listing.clone();
    let Some(variant) = listing.variants.iter_mut().find(|variant| variant.variant_id == stock.variant_id) else {
        return;
    };
    let available = !variant.tracked || pieces::is_available(stock);
    if variant.available != available {
        variant.available = available;
        listing.version += 1;
        list(decision, listing, Vec::new(), Turned::default());
    }
}
