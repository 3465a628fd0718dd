//! Capabilities of accounts: what their gateway can give back, by method and kind of account.

use feira_schemas::gateway::{Method, Problem, Refusal, RefusedFor};

use super::RefundFacts;

/// The way in which a paid charge is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refunds {
    /// The gateway gives it back when it is asked.
    ByGateway {
        /// Days after the payment within which it does.
        days: u16,
        /// True if it takes a part of the sum.
        partial: bool,
        /// The data that it has to be given.
        needs: RefundNeeds,
    },
    /// The gateway moves no money back: the merchant pays by hand and says so.
    ByHand,
}

/// The data that a refund needs beside its sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundNeeds {
    /// None.
    Nothing,
    /// A bank account of the buyer, under the charge's document.
    BankAccount,
}

/// The capabilities of accounts of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Every method that it takes, with its refunds.
    pub refunds: Vec<(Method, Refunds)>,
}

impl Capabilities {
    /// The way in which this method's charges are given back; `None` if the method is not taken.
    pub fn refunds(&self, method: Method) -> Option<Refunds> {
        self.refunds.iter().find(|(of, _)| *of == method).map(|(_, refunds)| *refunds)
    }

    /// Refuses a refund that would move no money: asked all the same, the gateway might give the charge another name and nothing
    /// else.
    pub fn allow(&self, facts: &RefundFacts) -> Result<(), Refusal> {
        let refused = |why, field: &str, message: &str| {
            Err(Refusal { why, problems: vec![Problem::new("refund", Some(field), message)] })
        };
        match self.refunds(facts.method) {
            None | Some(Refunds::ByHand) => {
                refused(RefusedFor::Unsupported, "method", "the gateway gives no money of this method back")
            }
            Some(Refunds::ByGateway { needs: RefundNeeds::BankAccount, .. }) if facts.bank_account.is_none() => {
                refused(RefusedFor::State, "bank_account", "is needed")
            }
            Some(Refunds::ByGateway { .. }) if facts.amount <= 0 => {
                refused(RefusedFor::Request, "amount", "must be above 0")
            }
            Some(Refunds::ByGateway { .. }) => Ok(()),
        }
    }
}
