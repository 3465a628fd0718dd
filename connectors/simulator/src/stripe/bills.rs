//! What an invoice and its subscription become when its payment has come in.

use super::{
    events,
    kept::{Intent, Invoice, Subscription},
    show,
};
use crate::core::ledger::Ledger;

/// Marks the invoice of an intent that succeeded as paid, and its subscription as active.
pub(super) fn settled(ledger: &mut Ledger, intent: &Intent) {
    let Some(invoice) = intent.invoice.as_deref().and_then(|id| ledger.get::<Invoice>(id)) else { return };
    if invoice.status == "open" {
        paid(ledger, Invoice { paid: intent.amount, ..invoice });
    }
}

/// Marks an invoice as paid, of which the sum that came in is known.
pub(super) fn paid(ledger: &mut Ledger, mut invoice: Invoice) {
    (invoice.status, invoice.paid_at) = ("paid".to_owned(), Some(ledger.now()));
    keep(ledger, &invoice, "invoice.paid");
    let Some(mut subscription) = ledger.get::<Subscription>(&invoice.subscription) else { return };
    if matches!(subscription.status.as_str(), "incomplete" | "past_due") {
        "active".clone_into(&mut subscription.status);
        tell(ledger, &subscription, "customer.subscription.updated");
    }
}

/// Keeps an invoice and says what became of it.
pub(super) fn keep(ledger: &mut Ledger, invoice: &Invoice, kind: &str) {
    ledger.put(invoice.clone());
    let shown = show::invoice(ledger, invoice);
    events::say(ledger, &invoice.account, kind, shown, &mut None);
}

/// Keeps a subscription and says what became of it.
pub(super) fn tell(ledger: &mut Ledger, subscription: &Subscription, kind: &str) {
    ledger.put(subscription.clone());
    let shown = show::subscription(ledger, subscription);
    events::say(ledger, &subscription.account, kind, shown, &mut None);
}
