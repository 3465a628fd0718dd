//! Rows of coupons. One that is removed leaves no row: a shop's count keeps the version from which the next one goes on.

use serde::{Deserialize, Serialize};

use crate::{
    ids::TenantId,
    records::admin::Coupon,
    row::{Row, RowKey},
};

/// A coupon. A shop's coupons share a partition, because lists show all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub coupon: Coupon,
}

impl CouponRow {
    /// The beginning of the keys of all coupons of a shop.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a coupon's row.
    pub fn at(tenant: TenantId, code: &str) -> RowKey {
        RowKey::new([tenant.uuid().into()], [code.into()])
    }
}

impl Row for CouponRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.coupon.code)
    }
}

/// How many coupons a shop has, and from which version a new one goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponCountRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// Its coupons.
    pub coupons: i64,
    /// The greatest version of a removal: no code has a version twice, however often it comes and goes.
    pub removed_version: i64,
}

impl CouponCountRow {
    /// The key of a shop's count.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for CouponCountRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}
