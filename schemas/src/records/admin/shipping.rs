//! Ways in which a shop delivers: what each costs, how long it takes, and where it goes.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Micros, ShippingId},
    money::Money,
    records::common::{CommandMeta, EventMeta},
};

/// How a way of delivery is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShippingKind {
    /// `FLAT`: one price, wherever it goes.
    Flat,
    /// `TABLE`: by ranges of CEPs and by weight.
    Table,
    /// `PICKUP`: the buyer comes for it.
    Pickup,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A line of a table: what a parcel of up to this weight costs to these CEPs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingRate {
    /// First five digits of the range's first CEP, whose others are 000.
    pub cep_from: String,
    /// First five digits of the range's last CEP, whose others are 999.
    pub cep_to: String,
    /// The most that the parcel weighs, in grams; a lighter one is of the line with the least of them.
    pub up_to_grams: i64,
    /// The price.
    pub price: Money,
    /// Business days until it is there.
    pub days: i32,
}

/// A way of delivery as the shop describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingContent {
    /// The name that buyers read.
    pub name: String,
    /// How it is priced.
    pub kind: ShippingKind,
    /// True if buyers are offered it.
    pub active: bool,
    /// The price; none of a table, whose lines have theirs.
    #[serde(default)]
    pub price: Option<Money>,
    /// Goods of this sum or more, after coupons, go for free.
    #[serde(default)]
    pub free_from: Option<Money>,
    /// The fewest business days that it takes; none of a table.
    #[serde(default)]
    pub min_days: Option<i32>,
    /// The most business days that it takes; none of a table.
    #[serde(default)]
    pub max_days: Option<i32>,
    /// The lines of a table.
    #[serde(default)]
    pub rates: Vec<ShippingRate>,
}

/// A way of delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingOption {
    /// The way of delivery.
    pub shipping_id: ShippingId,
    /// +1 each change.
    pub version: i64,
    /// Its place among the shop's: the one with the least is shown first. No two of a shop share one.
    pub position: i64,
    /// What the shop says of it.
    pub content: ShippingContent,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub changed_at: Micros,
}

/// Make a way of delivery, behind those that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateShipping {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The way of delivery.
    pub shipping_id: ShippingId,
    /// What the shop says of it.
    pub content: ShippingContent,
}

/// Describe a way of delivery anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeShipping {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The way of delivery.
    pub shipping_id: ShippingId,
    /// All that the shop says of it.
    pub content: ShippingContent,
}

/// Change places with the way of delivery before or behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveShipping {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The way of delivery.
    pub shipping_id: ShippingId,
    /// True for the place before, false for that behind.
    pub up: bool,
}

/// Remove a way of delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveShipping {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The way of delivery.
    pub shipping_id: ShippingId,
}

/// A shop delivers so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The way of delivery after this event.
    pub option: ShippingOption,
}

/// A shop delivers so no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingRemoved {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The way of delivery as it was last.
    pub option: ShippingOption,
}
