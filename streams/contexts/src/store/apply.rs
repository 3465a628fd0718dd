//! The rows that the store's events make.

use feira_schemas::{
    records::{EventSet, StoreEvent, common::EventMeta},
    row::Write,
    rows::store::{CategoryRow, ListingRow, ProductMethodsRow, ShopRow, StockRow},
};

use super::shop::shop_of;

pub(super) fn apply(event: &StoreEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    let write = match event {
        StoreEvent::StockChanged(event) => Write::put(StockRow { tenant_id, stock: event.stock.clone() }, write_ts),
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
