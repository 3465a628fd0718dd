//! Rows of ways of delivery.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ShippingId, TenantId},
    records::admin::ShippingOption,
    row::{Row, RowKey},
};

/// A way in which a shop delivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingOptionRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub option: ShippingOption,
}

impl ShippingOptionRow {
    /// The beginning of the keys of all that a shop has.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of the row of one of them.
    pub fn at(tenant: TenantId, shipping: ShippingId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [shipping.uuid().into()])
    }
}

impl Row for ShippingOptionRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.option.shipping_id)
    }
}
