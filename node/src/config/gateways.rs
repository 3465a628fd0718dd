//! `[gateways]`: where payment gateways are asked, and the name that the platform gives itself there.

use std::{collections::BTreeMap, fmt};

use feira_connectors::gateway::{GatewaySettings, Gateways};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use crate::output::masked;

/// `[gateways]`. What is empty is not set.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaysTable {
    /// Addresses by the gateway's name, instead of the vendors' own: `https://…`, or `http://…` of this machine.
    pub addresses: BTreeMap<String, String>,
    /// The platform's name, for gateways that ask for one.
    pub referer: String,
}

impl fmt::Debug for GatewaysTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address that holds a password is refused, and shown before it is.
        let addresses: BTreeMap<&str, String> =
            self.addresses.iter().map(|(name, address)| (name.as_str(), masked(address))).collect();
        f.debug_struct("GatewaysTable").field("addresses", &addresses).field("referer", &self.referer).finish()
    }
}

impl GatewaysTable {
    /// Builds the gateways' settings from this table; refused where an address can't be used, or a gateway is none.
    pub fn settings(&self) -> Result<GatewaySettings, ConfigError> {
        let settings = GatewaySettings {
            addresses: self.addresses.clone(),
            referer: self.referer.clone(),
            ..GatewaySettings::default()
        };
        Gateways::check(&settings).map_err(|error| ConfigError::Invalid(error.to_string()))?;
        Ok(settings)
    }
}
