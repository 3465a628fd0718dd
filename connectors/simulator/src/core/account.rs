//! Accounts: who is charged for whom, by which keys, and where its hooks go.

use serde::{Deserialize, Serialize};

use super::rows::Row;

/// The vendor that an account is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// pagar.me, version 5.
    Pagarme,
    /// Stripe.
    Stripe,
}

impl Gateway {
    /// The vendors, and the paths of their APIs here.
    pub const PATHS: [(Self, &str); 2] = [(Self::Pagarme, "core/v5"), (Self::Stripe, "v1")];

    /// The vendor's name, as accounts are written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pagarme => "pagarme",
            Self::Stripe => "stripe",
        }
    }
}

/// The contract that a pagar.me account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The vendor is the acquirer and gives money back.
    #[default]
    Psp,
    /// The merchant has an own acquirer: cancelling a paid boleto or Pix renames the charge and moves no money.
    Gateway,
}

/// Where the hooks of an account go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookAddress {
    /// The address that is posted to.
    pub url: String,
    /// The user and password of HTTP Basic, if any: pagar.me's.
    #[serde(default)]
    pub basic: Option<(String, String)>,
}

/// An account with a vendor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// `acc_…`.
    pub id: String,
    /// The vendor.
    pub gateway: Gateway,
    /// The merchant's name, which stands in Pix codes.
    pub name: String,
    /// The kind of contract.
    pub kind: Kind,
    /// The key that all but tokens are asked with.
    pub secret_key: String,
    /// The key that a browser makes tokens with.
    pub public_key: String,
    /// The origins that may make tokens; `*` stands for all.
    pub origins: Vec<String>,
    /// The secret that Stripe signs hooks with.
    pub signing_secret: String,
    /// Where hooks go; nowhere, if none.
    pub hooks: Option<HookAddress>,
    /// Milliseconds after which a new order or charge stands in lists.
    pub lag_millis: i64,
    /// GETs a minute of each resource, of Stripe calls of any kind; 0 is without end.
    pub gets_a_minute: u32,
}

impl Account {
    /// Whether a browser on that origin may make tokens.
    pub fn takes_tokens_from(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == "*" || known == origin)
    }
}

impl Row for Account {
    const TABLE: &'static str = "accounts";
    fn id(&self) -> &str {
        &self.id
    }
}
