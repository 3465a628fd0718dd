//! Variants that run low. Whether one is in the shop stands in no event of its stock, and pieces in none of its listing: so what both
//! come to is decided here. The event of the stock says it where that changes, and else the event of the listing: who has read a stock and
//! sets it by its version is not told of a change that was none of it.

use std::sync::Arc;

use feira_schemas::{
    ids::{ProductId, TenantId, VariantId},
    limits,
    records::store::{Listing, LowVariant, Stock},
    rows::store::LowStockRow,
};

use crate::{Need, Rows};

/// Whether a variant runs low, before a change of its stock and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Low {
    pub before: bool,
    pub after: bool,
}

/// The variants that come to run low by their product's listing alone, and those that cease to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Turned {
    pub low: Vec<LowVariant>,
    pub not_low: Vec<VariantId>,
}

impl Turned {
    /// Adds a variant whose stock stays as it is, where something else was said of it: none, or so many pieces with which it runs low.
    pub(super) fn add(&mut self, stock: &Stock, said: Option<i64>, is_low: bool) {
        let Stock { variant_id, on_hand, .. } = *stock;
        if is_low && said != Some(on_hand) {
            self.low.push(LowVariant { variant_id, on_hand });
        } else if !is_low && said.is_some() {
            self.not_low.push(variant_id);
        }
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

/// What was said of those of a product's variants that were said to run low. It is asked for whatever is on hand: an older program that
/// runs beside this one changes stock, and says nothing of that.
pub(super) fn known(
    tenant: TenantId,
    product: ProductId,
    variants: impl IntoIterator<Item = VariantId>,
    rows: &Rows,
) -> Result<Vec<Arc<LowStockRow>>, Need> {
    let keys = variants.into_iter().map(|variant| LowStockRow::at(tenant, product, variant)).collect();
    Ok(rows.get_many::<LowStockRow>(keys)?.into_iter().flatten().collect())
}

/// The variants that run low no more as these leave the shop.
pub(super) fn ended(
    tenant: TenantId,
    product: ProductId,
    leave: impl IntoIterator<Item = VariantId>,
    rows: &Rows,
) -> Result<Vec<VariantId>, Need> {
    Ok(known(tenant, product, leave, rows)?.iter().map(|row| row.variant_id).collect())
}
