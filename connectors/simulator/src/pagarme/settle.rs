//! What follows when a charge has changed: its order's status, its invoice's, and the hooks that tell of both.

use super::{call::Call, invoices, kept::Order, tell};
use crate::core::{
    charge::{Charge, Status},
    faults::Effect,
    ledger::Ledger,
};

/// The status of an order with these charges. A charge that was taken back leaves it as it was paid.
pub(super) fn status_of(charges: &[Charge]) -> &'static str {
    let paid = |charge: &Charge| charge.status.is_paid() || charge.status == Status::Chargedback;
    if charges.iter().any(|charge| charge.status == Status::Failed) {
        "failed"
    } else if charges.iter().all(|charge| charge.status == Status::Canceled) {
        "canceled"
    } else if charges.iter().all(|charge| paid(charge) || charge.status == Status::Canceled) {
        "paid"
    } else {
        "pending"
    }
}

/// The hook of a charge's status.
fn kind_of(charge: &Charge) -> &'static str {
    match charge.status {
        Status::Pending => "charge.pending",
        Status::Paid => "charge.paid",
        Status::Underpaid => "charge.underpaid",
        Status::Overpaid => "charge.overpaid",
        Status::Failed => "charge.payment_failed",
        Status::Canceled => "charge.refunded",
        Status::Chargedback => "charge.chargedback",
    }
}

/// Tells of an order that was just made.
pub(super) fn begun(call: &mut Call, order: &Order, charges: &[Charge]) {
    let (ledger, magic) = (&mut *call.ledger, &mut call.magic);
    tell::of_order(ledger, order, "order.created", magic);
    for charge in charges {
        tell::of_charge(ledger, charge, kind_of(charge), magic);
    }
    tell_of_status(ledger, order, magic);
}

/// Keeps a charge that has changed, and tells of it and of what else has changed by it.
pub(super) fn settled(ledger: &mut Ledger, charge: &Charge, kind: Option<&str>, magic: &mut Option<Effect>) {
    ledger.put(charge.clone());
    tell::of_charge(ledger, charge, kind.unwrap_or_else(|| kind_of(charge)), magic);
    if let Some(mut order) = charge.order.as_deref().and_then(|id| ledger.get::<Order>(id)) {
        let charges: Vec<Charge> = order.charges.iter().filter_map(|id| ledger.get(id)).collect();
        let status = status_of(&charges);
        order.updated = charge.updated;
        let changed = order.status != status && charge.status != Status::Chargedback;
        if changed {
            order.status = status.to_owned();
        }
        ledger.put(order.clone());
        if changed {
            tell_of_status(ledger, &order, magic);
        }
    }
    invoices::settled(ledger, charge);
}

fn tell_of_status(ledger: &mut Ledger, order: &Order, magic: &mut Option<Effect>) {
    match order.status.as_str() {
        "paid" => tell::of_order(ledger, order, "order.paid", magic),
        "failed" => tell::of_order(ledger, order, "order.payment_failed", magic),
        "canceled" => tell::of_order(ledger, order, "order.canceled", magic),
        _ => {}
    }
}
