//! Rows of payment methods. One that is removed leaves its row, so that no version comes twice.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ProductId, TenantId},
    records::{
        admin::{OfferedMethod, ProductMethod, ShopMethod},
        payments::PaymentMethod,
    },
    row::{KeyPart, Row, RowKey},
};

/// A payment method in a key, as its column has it.
fn part(method: PaymentMethod) -> KeyPart {
    match method {
        PaymentMethod::Card => "CARD",
        PaymentMethod::Boleto => "BOLETO",
        PaymentMethod::Pix => "PIX",
        PaymentMethod::Unknown => "UNKNOWN",
    }
    .into()
}

/// A payment method that shops may offer, or may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedMethodRow {
    /// The platform's own id.
    pub tenant_id: TenantId,
    /// True of one that was removed: it stays so that versions go on from its own, and nobody is shown it.
    #[serde(default)]
    pub removed: bool,
    /// The other columns.
    #[serde(flatten)]
    pub offered: OfferedMethod,
}

impl OfferedMethodRow {
    /// The beginning of the keys of all methods of the platform.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a method's row.
    pub fn at(tenant: TenantId, method: PaymentMethod) -> RowKey {
        RowKey::new([tenant.uuid().into()], [part(method)])
    }
}

impl Row for OfferedMethodRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.offered.method)
    }
}

/// A payment method of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopMethodRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// True of one that was removed: it stays so that versions go on from its own, and nobody is shown it.
    #[serde(default)]
    pub removed: bool,
    /// The other columns.
    #[serde(flatten)]
    pub taken: ShopMethod,
}

impl ShopMethodRow {
    /// The beginning of the keys of all methods of a shop.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a method's row.
    pub fn at(tenant: TenantId, method: PaymentMethod) -> RowKey {
        RowKey::new([tenant.uuid().into()], [part(method)])
    }
}

impl Row for ShopMethodRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.taken.method)
    }
}

/// A payment method of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethodRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// True of one that was removed: it stays so that versions go on from its own, and nobody is shown it.
    #[serde(default)]
    pub removed: bool,
    /// The other columns.
    #[serde(flatten)]
    pub taken: ProductMethod,
}

impl ProductMethodRow {
    /// The beginning of the keys of all methods of a product.
    pub fn all(tenant: TenantId, product: ProductId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [product.uuid().into()])
    }

    /// The key of a method's row.
    pub fn at(tenant: TenantId, product: ProductId, method: PaymentMethod) -> RowKey {
        RowKey::new([tenant.uuid().into()], [product.uuid().into(), part(method)])
    }
}

impl Row for ProductMethodRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.taken.product_id, self.taken.method)
    }
}
