//! Stock per variant. One writer per shop decides it in log order, so it is exact without a lock.

use feira_schemas::{
    ids::{ProductId, TenantId, VariantId},
    limits,
    problem::{Code, Refusal},
    records::{
        StoreEvent,
        common::{Answers, Outcome},
        store::{AdjustStock, SetStock, Stock, StockChanged},
    },
    rows::store::{ListingRow, StockRow},
};
use serde_json::{Value, json};

use super::{listing, shop};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows};

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

/// A variant's stock, zero where nothing is known of it yet.
pub(super) fn present(
    tenant: TenantId,
    product_id: ProductId,
    variant_id: VariantId,
    rows: &Rows,
) -> Result<Stock, Need> {
    let row = rows.get::<StockRow>(StockRow::at(tenant, product_id, variant_id))?;
    Ok(row.map_or(unknown(product_id, variant_id), |row| row.stock.clone()))
}

/// Stock of a variant that nothing is known of.
pub fn unknown(product_id: ProductId, variant_id: VariantId) -> Stock {
    Stock { product_id, variant_id, version: 0, on_hand: 0, settled: false, tracked: true }
}

pub(super) fn set(command: &SetStock, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    shop::check_open(command.meta.tenant_id, rows)?;
    let before = present(command.meta.tenant_id, command.product_id, command.variant_id, rows)?;
    check_version(command.meta.expected_version, before.version)?;
    changed(before, command.on_hand, true, rows, context)
}

pub(super) fn adjust(command: &AdjustStock, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    shop::check_open(command.meta.tenant_id, rows)?;
    let before = present(command.meta.tenant_id, command.product_id, command.variant_id, rows)?;
    check_version(command.meta.expected_version, before.version)?;
    let on_hand = before.on_hand.saturating_add(command.adjust);
    // The first stock of a product may still be on its way; until then the sum may lie below zero. One without a count has
    // movements alone.
    if before.settled && before.tracked && on_hand < 0 {
        let detail = format!("Há {} em estoque; não é possível retirar {}.", before.on_hand, -command.adjust);
        return Err(Refusal::new(Code::StockBelowZero, detail).into());
    }
    let settled = before.settled;
    changed(before, on_hand, settled, rows, context)
}

fn check_version(expected: Option<i64>, version: i64) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != version => {
            let detail = format!("A versão atual do estoque é {version}, e não {expected}.");
            Err(Refusal::new(Code::VersionMismatch, detail))
        }
        _ => Ok(()),
    }
}

fn changed(before: Stock, on_hand: i64, settled: bool, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    if on_hand.abs() > limits::STOCK {
        let detail = format!("O estoque vai até {}.", limits::STOCK);
        return Err(Refusal::new(Code::OutOfRange, detail).into());
    }
    if before.version > 0 && (before.on_hand, before.settled) == (on_hand, settled) {
        return Ok(Decision::unchanged(context, Some(json(&before).to_string())));
    }
    let tenant = context.cause.tenant_id;
    let stock = Stock { version: before.version + 1, on_hand, settled, ..before };
    let row = rows.get::<ListingRow>(ListingRow::at(tenant, stock.product_id))?;
    let mut decision = Decision::new(context);
    event(&mut decision, stock.clone(), Some(context.answers(Outcome::Updated)));
    if let Some(row) = row.filter(|row| row.listed) {
        listing::turn(&mut decision, &row.listing, &stock);
    }
    Ok(decision)
}

/// Whether a variant of this stock can be bought.
pub(super) fn is_available(stock: &Stock) -> bool {
    !stock.tracked || stock.on_hand > 0
}

/// Adds the event of a stock that is now this.
pub(super) fn event(decision: &mut Decision<StoreEvent>, stock: Stock, answers: Option<Answers>) {
    let entity = EntityVersion::new(stock.variant_id, stock.version);
    decision.answer_for(answers, entity, |meta| StockChanged { meta, stock });
}
