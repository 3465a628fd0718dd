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

/// A change of stock that somebody has asked for.
pub(super) struct Wanted {
    /// The command that is answered.
    pub answers: Answers,
    /// The pieces that were on hand.
    pub on_hand_before: i64,
    /// Why, if somebody said so.
    pub reason: Option<String>,
}

/// Adds the event of a stock that is now this; `wanted` is `None` where nobody has asked for it.
pub(super) fn event(decision: &mut Decision<StoreEvent>, stock: Stock, low: Low, wanted: Option<Wanted>) {
    let entity = EntityVersion::new(stock.variant_id, stock.version);
    let Low { before: was_low, after: low } = low;
    let (answers, on_hand_before, reason) = match wanted {
        Some(wanted) => (Some(wanted.answers), Some(wanted.on_hand_before), wanted.reason),
        None => (None, None, None),
    };
    decision.answer_for(answers, entity, |meta| StockChanged { meta, stock, on_hand_before, reason, low, was_low });
}
