//! Merging looks at one charge: a join of maxima, so that callbacks, fetches and reports end alike in whatever order they come,
//! however often, and whichever of the older ones are missing.

use super::{Boleto, Charge, Pix, RemoteIds};

/// Two looks are of two charges, which are never merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are looks at two charges")]
pub struct AnotherCharge;

impl Charge {
    /// Merges this look and another one at the same charge.
    ///
    /// - Every sum is the larger one, so paid stays paid and refunded stays refunded; a won dispute is a sum of its own.
    /// - Of two looks at a charge without money the one that began later is believed.
    /// - What is said once and stays (ids, code, line) is kept from whichever look has it. No gateway says two; where one did, the
    ///   greater stays, so that the order of looks does not matter.
    ///
    /// Fails with [`AnotherCharge`] if gateway, account or the gateway's id of the charge differ.
    pub fn merged(&self, other: &Self) -> Result<Self, AnotherCharge> {
        let same =
            self.gateway == other.gateway && self.account == other.account && self.remote.charge == other.remote.charge;
        if !same {
            return Err(AnotherCharge);
        }
        Ok(Self {
            gateway: self.gateway.clone(),
            account: self.account.clone(),
            remote: self.remote.merged(&other.remote),
            method: self.method.max(other.method),
            amount: self.amount.max(other.amount),
            paid: self.paid.max(other.paid),
            cancelled: self.cancelled.max(other.cancelled),
            by_bank_data: self.by_bank_data.max(other.by_bank_data),
            disputed: self.disputed.max(other.disputed),
            dispute_won: self.dispute_won.max(other.dispute_won),
            unpaid: known(&self.unpaid, &other.unpaid),
            installments: self.installments.max(other.installments),
            brand: known(&self.brand, &other.brand),
            boleto: self.boleto.merged(&other.boleto),
            pix: self.pix.merged(&other.pix),
            observed_at: self.observed_at.max(other.observed_at),
        })
    }
}

impl RemoteIds {
    fn merged(&self, other: &Self) -> Self {
        Self {
            charge: self.charge.clone(),
            order: known(&self.order, &other.order),
            transaction: known(&self.transaction, &other.transaction),
            customer: known(&self.customer, &other.customer),
            subscription: known(&self.subscription, &other.subscription),
            code: known(&self.code, &other.code),
        }
    }
}

impl Boleto {
    fn merged(&self, other: &Self) -> Self {
        Self {
            line: known(&self.line, &other.line),
            digits44: known(&self.digits44, &other.digits44),
            url: known(&self.url, &other.url),
            pdf: known(&self.pdf, &other.pdf),
            due: self.due.max(other.due),
        }
    }
}

impl Pix {
    fn merged(&self, other: &Self) -> Self {
        Self {
            code: known(&self.code, &other.code),
            until: self.until.max(other.until),
            e2e: known(&self.e2e, &other.e2e),
        }
    }
}

/// The value that is known; of two the greater, since nothing is less than something.
fn known<T: Ord + Clone>(one: &Option<T>, other: &Option<T>) -> Option<T> {
    one.max(other).clone()
}
