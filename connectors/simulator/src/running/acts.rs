//! What is due is done, by the face that it is of.

use crate::{
    core::{
        acts::{self, What},
        charge::Payment,
        ledger::Ledger,
    },
    faces,
};

/// Acts that are done before the next request is answered; more are left to the one after it, so that moving the clock by years ends.
const AT_ONCE: usize = 1_000;

/// Does all that is due, what is due first first.
pub(super) fn advance(ledger: &mut Ledger) {
    for _ in 0..AT_ONCE {
        let Some(act) = acts::due(ledger) else { return };
        match act.what {
            What::Pay(charge) => drop(faces::pay(ledger, &charge, Payment::default())),
            What::Expire(charge) => faces::expire(ledger, &charge),
            What::ChargeBack(charge) => drop(faces::charge_back(ledger, &charge)),
            What::Renew(subscription) => faces::renew(ledger, &subscription),
        }
    }
}
