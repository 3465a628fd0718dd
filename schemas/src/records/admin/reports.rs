//! Reports that something is wrong with a shop. Anybody may send one, so there is nothing in it that somebody typed: a reason of a
//! closed list, and the page that it is about.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Micros, ShopReportId},
    records::common::{CommandMeta, EventMeta},
};

/// The reason of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportReason {
    /// `FRAUD`: the shop cheats who buys there.
    Fraud,
    /// `FORBIDDEN`: what the shop sells may not be sold.
    Forbidden,
    /// `COUNTERFEIT`: what the shop sells bears a brand that it is not of.
    Counterfeit,
    /// `PERSONAL_DATA`: the shop uses somebody's personal data as it must not.
    PersonalData,
    /// `OTHER`.
    Other,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopReport {
    /// UUID.
    pub report_id: ShopReportId,
    /// The reason.
    pub reason: ReportReason,
    /// The path of the shop's page that the report is about.
    #[serde(default)]
    pub page: Option<String>,
    /// The time at which the report was decided.
    pub reported_at: Micros,
}

/// Report a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportShop {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The report's id, which is new.
    pub report_id: ShopReportId,
    /// The reason.
    pub reason: ReportReason,
    /// The path of the shop's page that the report is about.
    #[serde(default)]
    pub page: Option<String>,
}

/// Somebody has reported a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopReported {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The report.
    pub report: ShopReport,
    /// The number of reports of the shop, this one among them.
    pub reports: i64,
}
