//! Pieces of a variant on hand: where they begin, whether one can be bought, and how they are said.

use feira_schemas::{
    ids::{ProductId, VariantId},
    records::{
        StoreEvent,
        common::Answers,
        store::{Stock, StockChanged, entity::STOCK},
    },
};
use serde_json::{Value, json};

use super::low::Low;
use crate::{Decision, EntityVersion, Shown};

/// A variant's stock as the admin API gives it.
pub fn json(stock: &Stock) -> Value {
    json!({
        "product_id": stock.product_id,
        "variant_id": stock.variant_id,
        "on_hand": stock.on_hand,
        "tracked": stock.tracked,
        "version": stock.version,
    })
}

/// A variant's stock as the entity that an answer shows.
pub(super) fn shown(stock: &Stock) -> Shown {
    Shown::new(STOCK, json(stock))
}

/// Stock of a variant that nothing is known of.
pub fn unknown(product_id: ProductId, variant_id: VariantId) -> Stock {
    Stock { product_id, variant_id, version: 0, on_hand: 0, settled: false, tracked: true }
}

/// Says whether a variant of this stock can be bought.
pub(super) fn is_available(stock: &Stock) -> bool {
    !stock.tracked || stock.on_hand > 0
}

/// Adds the event of a stock that is now this.
pub(super) fn event(decision: &mut Decision<StoreEvent>, stock: Stock, low: Low, answers: Option<Answers>) {
    let entity = EntityVersion::new(stock.variant_id, stock.version);
    let Low { before: was_low, after: low } = low;
    decision.answer_for(answers, entity, |meta| StockChanged { meta, stock, low, was_low });
}
