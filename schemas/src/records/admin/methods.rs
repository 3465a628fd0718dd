//! Payment methods: those that shops of the platform may offer, those by which a shop's buyers pay, and what a product says of them.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Micros, ProductId},
    records::{
        common::{CommandMeta, EventMeta},
        payments::PaymentMethod,
    },
};

/// A payment method as the platform lets shops offer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedMethod {
    /// The method; the platform has one of each.
    pub method: PaymentMethod,
    /// +1 each change, also over its removal.
    pub version: i64,
    /// The name that buyers read.
    pub name: String,
    /// True if it may be paid in installments.
    pub installments: bool,
    /// True if shops may offer it.
    pub active: bool,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub changed_at: Micros,
}

/// The terms of a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentTerms {
    /// The most installments, 1 to 12.
    pub max_installments: i32,
    /// Payments in up to so many installments get the discount; 0: none do.
    pub discounted_installments: i32,
    /// The discount in hundredths of a percent, 0 to 10,000.
    pub discount: i32,
}

/// A payment method as a shop offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopMethod {
    /// The method; a shop has one of each.
    pub method: PaymentMethod,
    /// +1 each change, also over its removal.
    pub version: i64,
    /// True if buyers may pay by it.
    pub active: bool,
    /// The terms.
    pub terms: PaymentTerms,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub changed_at: Micros,
}

/// A payment method as it holds for a product, whatever the shop says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethod {
    /// The product.
    pub product_id: ProductId,
    /// The method; a product has one of each.
    pub method: PaymentMethod,
    /// +1 each change, also over its removal.
    pub version: i64,
    /// True if the product may be paid by it.
    pub active: bool,
    /// The terms.
    pub terms: PaymentTerms,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub changed_at: Micros,
}

/// Say how shops may offer a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetOfferedMethod {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The method.
    pub method: PaymentMethod,
    /// The name that buyers read.
    pub name: String,
    /// True if it may be paid in installments.
    pub installments: bool,
    /// True if shops may offer it.
    pub active: bool,
}

/// Take back what was said of how shops may offer a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveOfferedMethod {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The method.
    pub method: PaymentMethod,
}

/// Say how a shop's buyers pay by a method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetShopMethod {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The method.
    pub method: PaymentMethod,
    /// True if buyers may pay by it.
    pub active: bool,
    /// The terms.
    pub terms: PaymentTerms,
}

/// Take a payment method out of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveShopMethod {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The method.
    pub method: PaymentMethod,
}

/// Say how a product is paid by a method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetProductMethod {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The method.
    pub method: PaymentMethod,
    /// True if the product may be paid by it.
    pub active: bool,
    /// The terms.
    pub terms: PaymentTerms,
}

/// Let the shop's configuration of a payment method hold for a product again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveProductMethod {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The method.
    pub method: PaymentMethod,
}

/// Shops may offer a payment method so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedMethodChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The method after this event.
    pub method: OfferedMethod,
}

/// Nothing is said any more of how shops may offer a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedMethodRemoved {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The method as it was last.
    pub method: OfferedMethod,
}

/// A shop's buyers pay by a method so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopMethodChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The method after this event.
    pub method: ShopMethod,
}

/// A shop has a payment method no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopMethodRemoved {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The method as it was last.
    pub method: ShopMethod,
}

/// A product is paid by a method so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethodChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The method after this event.
    pub method: ProductMethod,
}

/// A product has no configuration of its own of a payment method any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethodRemoved {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The method as it was last.
    pub method: ProductMethod,
}
