//! The standing of shops, as payments know it.

use serde::{Deserialize, Serialize};

use crate::records::common::EventMeta;

/// State of a shop, as far as it may ask for new charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StandingStatus {
    /// `OPENING`: it is being made.
    Opening,
    /// `OPEN`: it may.
    Open,
    /// `SUSPENDED`: it may not; what it has goes on.
    Suspended,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A shop, as payments know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The state of the shop.
    pub status: StandingStatus,
    /// +1 each change.
    pub version: i64,
    /// The version of the shop in admin.
    pub source_version: i64,
    /// The name of the shop, by which its mails are from it; null until it is known.
    #[serde(default)]
    pub shop_name: Option<String>,
    /// The version of the shop's settings in admin that has this name; 0 until it is known.
    #[serde(default)]
    pub settings_version: i64,
}

/// Payments' knowledge of a shop is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The standing after this event.
    pub standing: Standing,
}
