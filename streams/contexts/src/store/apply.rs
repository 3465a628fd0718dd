//! The rows that the store's events make.

use feira_schemas::{
    ids::{Micros, ProductId, TenantId, VariantId},
    records::{
        EventSet, StoreEvent,
        common::EventMeta,
        store::{ProductListed, ProductUnlisted, StockChanged},
    },
    row::Write,
    rows::store::{CategoryRow, ListingRow, LowStockRow, ProductMethodsRow, ShopRow, StockRow},
};

use super::shop::shop_of;

pub(super) fn apply(event: &StoreEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    let write = match event {
        StoreEvent::StockChanged(event) => return stock_changed(event),
        StoreEvent::ProductListed(event) => return product_listed(event),
        StoreEvent::ProductUnlisted(event) => return product_unlisted(event),
        StoreEvent::CategoryListed(event) => Write::put(CategoryRow::new(tenant_id, event.category.clone()), write_ts),
        StoreEvent::CategoryUnlisted(event) => {
            Write::delete::<CategoryRow>(CategoryRow::at(tenant_id, event.category.category_id), write_ts)
        }
        StoreEvent::ShopChanged(event) => Write::put(ShopRow { tenant_id, shop: shop_of(event) }, write_ts),
        StoreEvent::ProductMethodsChanged(event) => {
            Write::put(ProductMethodsRow { tenant_id, product: event.product.clone() }, write_ts)
        }
        StoreEvent::CommandAnswered(_) | StoreEvent::TimerSet(_) | StoreEvent::TimerCleared(_) => return Vec::new(),
    };
    vec![write]
}

/// A variant's stock, and its row among those that run low. One that neither does nor did has none to take away: a shop that sells much would
/// bury its list in deletions.
fn stock_changed(event: &StockChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let stock = &event.stock;
    let mut writes = vec![Write::put(StockRow { tenant_id, stock: stock.clone() }, write_ts)];
    if event.low {
        let row = LowStockRow::new(tenant_id, stock.product_id, stock.variant_id, stock.on_hand);
        writes.push(Write::put(row, write_ts));
    } else if event.was_low {
        writes.push(not_low(tenant_id, stock.product_id, stock.variant_id, write_ts));
    }
    writes
}

/// A product's listing, and the rows of its variants that come to run low with it or cease to.
fn product_listed(event: &ProductListed) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let product = event.listing.product_id;
    let mut writes = vec![Write::put(ListingRow { tenant_id, listed: true, listing: event.listing.clone() }, write_ts)];
    let low = event.low.iter().map(|low| LowStockRow::new(tenant_id, product, low.variant_id, low.on_hand));
    writes.extend(low.map(|row| Write::put(row, write_ts)));
    writes.extend(event.not_low.iter().map(|variant| not_low(tenant_id, product, *variant, write_ts)));
    writes
}

/// That a product is not listed, and none of its variants in the list of those that run low.
fn product_unlisted(event: &ProductUnlisted) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let product = event.listing.product_id;
    let mut writes =
        vec![Write::put(ListingRow { tenant_id, listed: false, listing: event.listing.clone() }, write_ts)];
    writes.extend(event.not_low.iter().map(|variant| not_low(tenant_id, product, *variant, write_ts)));
    writes
}

fn not_low(tenant: TenantId, product: ProductId, variant: VariantId, write_ts: Micros) -> Write {
    Write::delete::<LowStockRow>(LowStockRow::at(tenant, product, variant), write_ts)
}
