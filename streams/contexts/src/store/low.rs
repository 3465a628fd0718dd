//! Variants that run low. Whether one is in the shop stands in no event of its stock, and pieces in none of its listing: so what both
//! come to is decided here, and said by the event of the stock.

use std::collections::HashSet;

use feira_schemas::{
    ids::{ProductId, TenantId, VariantId},
    limits,
    records::{
        StoreEvent,
        store::{Listing, Stock},
    },
    row::RowKey,
    rows::store::{LowStockRow, StockRow},
};

use super::pieces;
use crate::{Decision, Need, Rows};

/// Whether a variant runs low, before an event and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Low {
    pub before: bool,
    pub after: bool,
}

impl Low {
    /// True if the event takes the variant into the list of those that run low, or out of it.
    pub(super) fn turns(self) -> bool {
        self.before != self.after
    }
}

/// Says whether so few are on hand that the variant runs low if it is in the shop.
pub(super) fn is_few(stock: &Stock) -> bool {
    stock.settled && stock.tracked && stock.on_hand <= limits::LOW_STOCK
}

/// Says whether a product's card shows a variant that is counted.
pub(super) fn is_counted_in(listing: &Listing, variant: VariantId) -> bool {
    listing.variants.iter().any(|shown| shown.variant_id == variant && shown.tracked)
}

/// The variants that were said to run low, of those with this stock. Of one with more there is no such row: none is asked for.
pub(super) fn known<'a>(
    tenant: TenantId,
    stocks: impl IntoIterator<Item = &'a Stock>,
    rows: &Rows,
) -> Result<HashSet<VariantId>, Need> {
    let few = stocks.into_iter().filter(|stock| is_few(stock));
    let keys = few.map(|stock| LowStockRow::at(tenant, stock.product_id, stock.variant_id)).collect();
    let rows = rows.get_many::<LowStockRow>(keys)?;
    Ok(rows.into_iter().flatten().map(|row| row.variant_id).collect())
}

/// Says of variants that leave the shop that they run low no more, where they were said to.
pub(super) fn end(
    decision: &mut Decision<StoreEvent>,
    tenant: TenantId,
    product: ProductId,
    leave: impl IntoIterator<Item = VariantId>,
    rows: &Rows,
) -> Result<(), Need> {
    let keys: Vec<RowKey> = leave.into_iter().map(|variant| StockRow::at(tenant, product, variant)).collect();
    let found = rows.get_many::<StockRow>(keys)?;
    let stocks: Vec<Stock> = found.into_iter().flatten().map(|row| row.stock.clone()).collect();
    let low = known(tenant, &stocks, rows)?;
    for before in stocks.into_iter().filter(|stock| low.contains(&stock.variant_id)) {
        let stock = Stock { version: before.version + 1, ..before };
        pieces::event(decision, stock, Low { before: true, after: false }, None);
    }
    Ok(())
}
