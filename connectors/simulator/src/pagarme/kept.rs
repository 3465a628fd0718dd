//! What is kept of orders, plans, subscriptions and invoices. Sums are in centavos, times in microseconds.

use std::collections::BTreeMap;

use feira_schemas::time::Micros;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Owned;
use crate::core::{card::Card, rows::Row};

/// An order.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) code: String,
    pub(super) amount: i64,
    pub(super) closed: bool,
    pub(super) status: String,
    pub(super) items: Vec<Item>,
    pub(super) customer: String,
    pub(super) charges: Vec<String>,
    pub(super) shipping: Option<Value>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) ip: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) created: Micros,
    pub(super) updated: Micros,
    pub(super) closed_at: Option<Micros>,
}

/// An item of an order.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Item {
    #[serde(default)]
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) description: String,
    pub(super) quantity: i64,
    pub(super) category: Option<String>,
    pub(super) code: Option<String>,
}

impl Row for Order {
    const TABLE: &'static str = "pagarme_orders";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Order {
    const NAME: &'static str = "Order";
    fn account(&self) -> &str {
        &self.account
    }
}

/// A plan.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) terms: Terms,
    pub(super) items: Vec<Line>,
    pub(super) status: String,
    pub(super) created: Micros,
    pub(super) updated: Micros,
    pub(super) deleted_at: Option<Micros>,
}

/// What a plan says beside its items.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Terms {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) statement_descriptor: Option<String>,
    pub(super) shippable: Option<bool>,
    pub(super) payment_methods: Option<Vec<String>>,
    pub(super) installments: Option<Vec<i64>>,
    pub(super) currency: Option<String>,
    pub(super) interval: Option<String>,
    pub(super) interval_count: Option<i64>,
    pub(super) billing_days: Option<Vec<i64>>,
    pub(super) billing_type: Option<String>,
    pub(super) minimum_price: Option<i64>,
    pub(super) trial_period_days: Option<i64>,
    pub(super) metadata: Option<BTreeMap<String, String>>,
}

/// An item of a plan or of a subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) quantity: i64,
    pub(super) price: i64,
    pub(super) cycles: Option<i64>,
    pub(super) created: Micros,
}

/// A subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) code: String,
    pub(super) plan: Option<String>,
    pub(super) customer: String,
    pub(super) method: String,
    pub(super) card: Option<Card>,
    pub(super) installments: i64,
    pub(super) descriptor: Option<String>,
    pub(super) interval: String,
    pub(super) interval_count: i64,
    pub(super) billing_type: String,
    pub(super) billing_day: Option<i64>,
    pub(super) boleto_due_days: i64,
    pub(super) items: Vec<Line>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) status: String,
    pub(super) start: Micros,
    /// The moment from which ends of cycles are counted, and the cycle that began then: adding a month twelve times is not a year.
    pub(super) anchor: (Micros, i64),
    pub(super) cycles: Vec<Cycle>,
    pub(super) most_cycles: Option<i64>,
    pub(super) next_billing: Option<Micros>,
    pub(super) created: Micros,
    pub(super) updated: Micros,
    pub(super) canceled_at: Option<Micros>,
}

/// A cycle of a subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Cycle {
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) start: Micros,
    pub(super) end: Micros,
    pub(super) billing: Micros,
    pub(super) billed: bool,
}

/// A bill for a cycle.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) code: String,
    pub(super) subscription: String,
    pub(super) customer: String,
    pub(super) cycle: Cycle,
    pub(super) charge: String,
    pub(super) amount: i64,
    pub(super) status: String,
    pub(super) method: String,
    pub(super) installments: i64,
    pub(super) items: Vec<Line>,
    pub(super) due: Micros,
    pub(super) billing: Micros,
    pub(super) created: Micros,
    pub(super) canceled_at: Option<Micros>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl Subscription {
    /// The sum of a cycle with that number.
    pub(super) fn amount(&self, cycle: i64) -> i64 {
        self.lines(cycle).map(|line| line.price.saturating_mul(line.quantity)).fold(0, i64::saturating_add)
    }

    /// The items that are billed in a cycle with that number.
    pub(super) fn lines(&self, cycle: i64) -> impl Iterator<Item = &Line> {
        self.items.iter().filter(move |line| line.cycles.is_none_or(|most| cycle <= most))
    }
}

impl Row for Plan {
    const TABLE: &'static str = "pagarme_plans";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Plan {
    const NAME: &'static str = "Plan";
    fn account(&self) -> &str {
        &self.account
    }
}

impl Row for Subscription {
    const TABLE: &'static str = "pagarme_subscriptions";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Subscription {
    const NAME: &'static str = "Subscription";
    fn account(&self) -> &str {
        &self.account
    }
}

impl Row for Invoice {
    const TABLE: &'static str = "pagarme_invoices";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Invoice {
    const NAME: &'static str = "Invoice";
    fn account(&self) -> &str {
        &self.account
    }
}
