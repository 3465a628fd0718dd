//! The rows that the store's events make.

use feira_schemas::{
    records::{EventSet, StoreEvent, common::EventMeta, store::StockChanged},
    row::Write,
    rows::store::{CategoryRow, ListingRow, LowStockRow, ProductMethodsRow, ShopRow, StockRow},
};

use super::shop::shop_of;

pub(super) fn apply(event: &StoreEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    let write = match event {
        StoreEvent::StockChanged(event) => return stock_changed(event),
        StoreEvent::ProductListed(event) => {
            Write::put(ListingRow { tenant_id, listed: true, listing: event.listing.clone() }, write_ts)
        }
        StoreEvent::ProductUnlisted(event) => {
            Write::put(ListingRow { tenant_id, listed: false, listing: event.listing.clone() }, write_ts)
        }
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
        writes.push(Write::put(LowStockRow::new(tenant_id, stock), write_ts));
    } else if event.was_low {
        let key = LowStockRow::at(tenant_id, stock.product_id, stock.variant_id);
        writes.push(Write::delete::<LowStockRow>(key, write_ts));
    }
    writes
}
