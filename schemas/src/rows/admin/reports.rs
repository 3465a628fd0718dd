//! Rows of reports of shops.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Micros, ShopReportId, TenantId},
    records::admin::ShopReport,
    row::{KeyPart, Row, RowKey},
    time::month,
};

/// A report of a shop; those of a shop share a partition, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopReportRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// Minus the time of the report.
    pub newest_first: i64,
    /// The other columns.
    #[serde(flatten)]
    pub report: ShopReport,
}

impl ShopReportRow {
    /// A shop's report as a row.
    pub fn new(tenant_id: TenantId, report: ShopReport) -> Self {
        Self { tenant_id, newest_first: -report.reported_at, report }
    }

    /// The beginning of the keys of all reports of a shop.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of the row of a report that has this place among the shop's.
    pub fn at(tenant: TenantId, newest_first: i64, report: ShopReportId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [newest_first.into(), report.uuid().into()])
    }
}

impl Row for ShopReportRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.newest_first, self.report.report_id)
    }
}

/// The number of reports of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopReportCountRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The number.
    pub reports: i64,
}

impl ShopReportCountRow {
    /// The key of the row of a shop's number of reports.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for ShopReportCountRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}

/// A report among those of all shops of its month, by which operators list them, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopReportOfMonthRow {
    /// The month in UTC, as 2026-12.
    pub month: String,
    /// Minus the time of the report.
    pub newest_first: i64,
    /// The shop.
    pub tenant_id: TenantId,
    /// The report.
    pub report_id: ShopReportId,
}

impl ShopReportOfMonthRow {
    /// The row of a shop's report.
    pub fn of(tenant_id: TenantId, report: &ShopReport) -> Self {
        let ShopReport { report_id, reported_at, .. } = *report;
        Self { month: Self::month(reported_at), newest_first: -reported_at, tenant_id, report_id }
    }

    /// The month in UTC of a time, as 2026-12.
    pub fn month(time: Micros) -> String {
        month(time)
    }

    /// The beginning of the keys of a month's reports.
    pub fn all(month: &str) -> RowKey {
        RowKey::new([month.into()], [])
    }
}

impl Row for ShopReportOfMonthRow {
    fn key(&self) -> RowKey {
        let clustering: [KeyPart; 3] =
            [self.newest_first.into(), self.tenant_id.uuid().into(), self.report_id.uuid().into()];
        RowKey::new([self.month.as_str().into()], clustering)
    }
}
