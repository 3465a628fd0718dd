//! Coupons of a shop.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CategoryId, Micros, ProductId},
    money::Money,
    records::common::{CommandMeta, EventMeta},
};

/// What a coupon gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CouponKind {
    /// `PERCENT`: a part of the lines that it is for.
    Percent,
    /// `AMOUNT`: so much of them.
    Amount,
    /// `FREE_SHIPPING`: the freight.
    FreeShipping,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// What a coupon gives, and when and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponTerms {
    /// What it gives.
    pub kind: CouponKind,
    /// Hundredths of a percent, 1 to 10,000; 0 of any other kind.
    pub percent: i32,
    /// What it takes off; none of any other kind.
    pub amount: Option<Money>,
    /// It holds from this time on; none: at once.
    pub starts_at: Option<Micros>,
    /// It holds no more from this time on; none: it does not end.
    pub ends_at: Option<Micros>,
    /// The goods of an order cost at least so much.
    pub minimum: Option<Money>,
    /// It is used so often at most.
    pub usage_limit: Option<i64>,
    /// The products that it is for; with no categories either it is for all.
    pub products: Vec<ProductId>,
    /// It is for what is in these categories or below them, too.
    pub categories: Vec<CategoryId>,
}

/// A coupon of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// What buyers type, in capitals; a shop has one of each.
    pub code: String,
    /// +1 each change; a new one goes on from those that were removed.
    pub version: i64,
    /// False of one that is turned off.
    pub active: bool,
    /// The terms.
    pub terms: CouponTerms,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub changed_at: Micros,
}

/// Make a coupon of a shop, or change it as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCoupon {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The code.
    pub code: String,
    /// False turns it off.
    pub active: bool,
    /// The terms.
    pub terms: CouponTerms,
}

/// Remove a coupon of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveCoupon {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The code.
    pub code: String,
}

/// A shop has a coupon so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The coupon after this event.
    pub coupon: Coupon,
    /// The shop's coupons after this event.
    pub coupons: i64,
    /// The greatest version of a removal of the shop's coupons; 0 before the first.
    pub removed_version: i64,
}

/// A shop has a coupon no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponRemoved {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The coupon as it was last.
    pub coupon: Coupon,
    /// The shop's coupons after this event.
    pub coupons: i64,
    /// The greatest version of a removal of the shop's coupons, this one among them.
    pub removed_version: i64,
}
