//! What is kept of Stripe's things. Sums are in centavos, times in microseconds.

use feira_schemas::time::Micros;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{Metadata, Owned};
use crate::core::{card::Card, charge::Charge, refusal::Reason, rows::Row};

/// A customer.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) description: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) default_method: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) created: Micros,
    pub(super) deleted: bool,
}

/// A way to pay.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) customer: Option<String>,
    pub(super) way: Way,
    pub(super) billing: Value,
    pub(super) metadata: Metadata,
    pub(super) created: Micros,
}

/// What a way to pay is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    Card(Card),
    Pix,
    Boleto { tax_id: String },
}

impl Way {
    /// Stripe's word.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Pix => "pix",
            Self::Boleto { .. } => "boleto",
        }
    }
}

/// A payment intent.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) secret: String,
    pub(super) amount: i64,
    pub(super) customer: Option<String>,
    pub(super) invoice: Option<String>,
    pub(super) method: Option<String>,
    pub(super) kinds: Vec<String>,
    pub(super) status: String,
    pub(super) manual_capture: bool,
    pub(super) description: Option<String>,
    /// The words on the buyer's statement: the end of them for cards.
    pub(super) descriptor: Option<String>,
    pub(super) receipt_email: Option<String>,
    pub(super) future_usage: Option<String>,
    pub(super) options: Value,
    pub(super) metadata: Metadata,
    pub(super) charge: Option<String>,
    pub(super) refusal: Option<Reason>,
    pub(super) created: Micros,
    pub(super) canceled_at: Option<Micros>,
    pub(super) cancellation_reason: Option<String>,
}

/// A refund.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) charge: String,
    pub(super) intent: String,
    pub(super) amount: i64,
    pub(super) reason: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) created: Micros,
}

/// A dispute, which is lost from its begin.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) charge: String,
    pub(super) intent: String,
    pub(super) amount: i64,
    pub(super) created: Micros,
}

/// An event, with the thing as it was then.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) object: Value,
    pub(super) created: Micros,
}

/// A product.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) active: bool,
    pub(super) metadata: Metadata,
    pub(super) created: Micros,
    pub(super) updated: Micros,
}

/// A price of a product.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Price {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) product: String,
    pub(super) amount: i64,
    pub(super) interval: Option<(String, i64)>,
    pub(super) nickname: Option<String>,
    pub(super) lookup_key: Option<String>,
    pub(super) active: bool,
    pub(super) metadata: Metadata,
    pub(super) created: Micros,
}

/// A subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) customer: String,
    pub(super) items: Vec<Item>,
    pub(super) default_method: Option<String>,
    pub(super) status: String,
    pub(super) cancel_at_period_end: bool,
    pub(super) metadata: Metadata,
    pub(super) interval: (String, i64),
    /// The moment from which ends of periods are counted, and how many have begun.
    pub(super) anchor: Micros,
    pub(super) periods: i64,
    pub(super) period: (Micros, Micros),
    pub(super) trial_end: Option<Micros>,
    pub(super) latest_invoice: Option<String>,
    pub(super) created: Micros,
    pub(super) canceled_at: Option<Micros>,
}

/// An item of a subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) price: String,
    pub(super) quantity: i64,
}

/// An invoice of a subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) number: String,
    pub(super) customer: String,
    pub(super) subscription: String,
    pub(super) amount: i64,
    pub(super) paid: i64,
    pub(super) status: String,
    pub(super) reason: String,
    pub(super) lines: Vec<InvoiceLine>,
    pub(super) intent: Option<String>,
    pub(super) attempts: i64,
    pub(super) period: (Micros, Micros),
    pub(super) created: Micros,
    pub(super) paid_at: Option<Micros>,
}

/// A line of an invoice.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct InvoiceLine {
    pub(super) id: String,
    pub(super) price: String,
    pub(super) product: String,
    pub(super) quantity: i64,
    pub(super) amount: i64,
}

impl Row for Customer {
    const TABLE: &'static str = "stripe_customers";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Customer {
    const NAME: &'static str = "customer";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for PaymentMethod {
    const TABLE: &'static str = "stripe_methods";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for PaymentMethod {
    const NAME: &'static str = "PaymentMethod";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Intent {
    const TABLE: &'static str = "stripe_intents";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Intent {
    const NAME: &'static str = "payment_intent";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Refund {
    const TABLE: &'static str = "stripe_refunds";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Refund {
    const NAME: &'static str = "refund";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Dispute {
    const TABLE: &'static str = "stripe_disputes";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Dispute {
    const NAME: &'static str = "dispute";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Event {
    const TABLE: &'static str = "stripe_events";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Event {
    const NAME: &'static str = "event";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Product {
    const TABLE: &'static str = "stripe_products";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Product {
    const NAME: &'static str = "product";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Price {
    const TABLE: &'static str = "stripe_prices";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Price {
    const NAME: &'static str = "price";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Subscription {
    const TABLE: &'static str = "stripe_subscriptions";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Subscription {
    const NAME: &'static str = "subscription";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Row for Invoice {
    const TABLE: &'static str = "stripe_invoices";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Invoice {
    const NAME: &'static str = "invoice";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}

impl Owned for Charge {
    const NAME: &'static str = "charge";
    fn account(&self) -> &str {
        &self.account
    }
    fn created(&self) -> Micros {
        self.created
    }
}
