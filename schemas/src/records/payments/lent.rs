//! What one tenant lends another by value: an account of the platform by which a shop's subscription is paid, and the plan that it is
//! made of. Who decides for the shop reads no rows of the platform's.

use serde::{Deserialize, Serialize};

use super::AccountKind;
use crate::{
    ids::{AccountId, PlanId, TenantId},
    money::Money,
};

/// The beginning of the actors of operators where they act on what a shop owes the platform, which no route of a shop's makes. Behind it
/// stands the actor as records name it elsewhere.
pub const BY_OPERATOR: &str = "operator:";

/// An account of another tenant that charges of this one go to. Its keys stay with its owner: who asks the gateway reads them there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LentAccount {
    /// The tenant whose account it is.
    pub owner: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The name by which its owner knows it.
    pub name: String,
    /// The gateway's name: pagarme, stripe.
    pub gateway: String,
    /// The kind, by who has the contract with the acquirer.
    pub kind: AccountKind,
    /// The key by which a browser turns a card into a token.
    pub public_key: String,
    /// True if its key is a simulator's, which moves no money.
    #[serde(default)]
    pub simulated: bool,
}

/// A plan of another tenant, made at its account, that a subscription of this one is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LentPlan {
    /// Its id at payments.
    pub plan_id: PlanId,
    /// The name.
    pub name: String,
    /// The price of one period.
    pub price: Money,
    /// Months of a period.
    pub months: i32,
    /// The gateway's id of it.
    pub remote_id: String,
}
