//! The row of a shop's domain.

use serde::{Deserialize, Serialize};

use crate::{
    ids::TenantId,
    records::admin::Domain,
    row::{Row, RowKey},
};

/// The domain of its own that a shop has, or is to have, or had last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// +1 each change, also over the end of a domain and the claim of another.
    pub version: i64,
    /// The domain.
    pub domain: Domain,
}

impl DomainRow {
    /// The key of the row of a shop's domain.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for DomainRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}
