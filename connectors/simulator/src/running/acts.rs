//! What is due is done, by the face that it is of.

use crate::{
    core::{
        acts::{self, What},
        ledger::Ledger,
    },
    pagarme,
};

/// Acts that are done before the next request is answered; more are left to the one after it, so that moving the clock by years ends.
const AT_ONCE: usize = 1_000;

/// Does all that is due, what is due first first.
pub(super) fn advance(ledger: &mut Ledger) {
    for _ in 0..AT_ONCE {
        let Some(act) = acts::due(ledger) else { return };
        match act.what {
            What::Pay(charge) => drop(pagarme::pay(ledger, &charge, pagarme::Payment::default())),
            What::ChargeBack(charge) => drop(pagarme::charge_back(ledger, &charge)),
            What::Renew(subscription) => pagarme::renew(ledger, &subscription),
        }
    }
}
