//! Callbacks of gateways: hints to look.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, ChargeId, Micros, SubscriptionId},
    records::common::{CommandMeta, EventMeta},
};

/// A gateway's callback, of which only is kept where to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// The account that it came in for.
    pub account_id: AccountId,
    /// The gateway's id of it, the same when it is sent again.
    pub callback_id: String,
    /// The gateway's word for what happened.
    pub kind: String,
    /// The gateway's id of the charge that it is about.
    #[serde(default)]
    pub remote_charge: Option<String>,
    /// The gateway's id of the order that it is about.
    #[serde(default)]
    pub remote_order: Option<String>,
    /// The gateway's id of the subscription that it is about.
    #[serde(default)]
    pub remote_subscription: Option<String>,
    /// The code that the charge or subscription was made with.
    #[serde(default)]
    pub code: Option<String>,
    /// The time that the gateway gives it; 0 if it gives none.
    pub sent_at: Micros,
    /// The time at which it came in.
    pub received_at: Micros,
}

/// A proven callback came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveCallback {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The parts of it that are kept.
    pub callback: Callback,
}

/// A callback is kept; the charge or subscription that it points at is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackKept {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The parts of it that are kept.
    pub callback: Callback,
    /// The charge that it is about, where that is known here.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The subscription that it is about, where that is known here.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
}
