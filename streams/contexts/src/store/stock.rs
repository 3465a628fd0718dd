//! Stock per variant. One writer per shop decides it in log order, so it is exact without a lock.

use super::{
    listing,
    low::{self, Low},
    pieces::{self, Wanted},
    shop,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows};
use feira_schemas::{
    ids::{ProductId, TenantId, VariantId},
    limits,
    problem::{Code, Refusal},
    records::{
        StoreEvent,
        common::Outcome,
        store::{AdjustStock, SetStock, Stock},
    },
    rows::store::{ListingRow, StockRow},
};

/// A variant's stock, zero where nothing is known of it yet.
fn present(tenant: TenantId, product_id: ProductId, variant_id: VariantId, rows: &Rows) -> Result<Stock, Need> {
    let row = rows.get::<StockRow>(StockRow::at(tenant, product_id, variant_id))?;
    Ok(row.map_or(pieces::unknown(product_id, variant_id), |row| row.stock.clone()))
}

pub(super) fn set(command: &SetStock, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    shop::check_open(command.meta.tenant_id, rows)?;
    let before = present(command.meta.tenant_id, command.product_id, command.variant_id, rows)?;
    check_version(command.meta.expected_version, before.version)?;
    changed(before, (command.on_hand, true), command.reason.as_ref(), rows, context)
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
    changed(before, (on_hand, settled), command.reason.as_ref(), rows, context)
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

fn changed(
    before: Stock,
    (on_hand, settled): (i64, bool),
    reason: Option<&String>,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<StoreEvent> {
    if on_hand.abs() > limits::STOCK {
        let detail = format!("O estoque vai até {}.", limits::STOCK);
        return Err(Refusal::new(Code::OutOfRange, detail).into());
    }
    // A reason is kept also where somebody has counted and the number was right.
    if before.version > 0 && reason.is_none() && (before.on_hand, before.settled) == (on_hand, settled) {
        return Ok(Decision::unchanged(context, pieces::shown(&before)));
    }
    let tenant = context.cause.tenant_id;
    let answers = context.answers(Outcome::Updated);
    let wanted = Wanted { answers, on_hand_before: before.on_hand, reason: reason.cloned() };
    let was_low = !low::known(tenant, before.product_id, [before.variant_id], rows)?.is_empty();
    let stock = Stock { version: before.version + 1, on_hand, settled, ..before };
    let row = rows.get::<ListingRow>(ListingRow::at(tenant, stock.product_id))?.filter(|row| row.listed);
    let is_counted = row.as_ref().is_some_and(|row| low::is_counted_in(&row.listing, stock.variant_id));
    let low = Low { before: was_low, after: is_counted && low::is_few(&stock) };
    let mut decision = Decision::new(context);
    pieces::event(&mut decision, stock.clone(), low, Some(wanted));
    if let Some(row) = row {
        listing::turn(&mut decision, &row.listing, &stock);
    }
    Ok(decision)
}
