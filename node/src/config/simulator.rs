//! `[simulator]`: a payment gateway that moves no money, in this process.

use serde::{Deserialize, Serialize};

use super::{Config, ConfigError, environment::setting};

/// `[simulator]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulatorTable {
    /// True: every gateway is simulated in this process, and no real one is asked. Not set: with the demo, where the log is embedded
    /// and no gateway's address is set.
    pub enabled: Option<bool>,
    /// The simulator's port on this machine's loopback; 0: that of the last start if it is free, 8091 at the first one, else any.
    pub port: u16,
}

impl Config {
    /// True if this process has the simulator, and asks it in every gateway's place.
    pub fn simulates(&self) -> bool {
        let of_itself = self.demo && self.kafka_brokers.is_empty() && self.gateways.addresses.is_empty();
        self.simulator.enabled.unwrap_or(of_itself)
    }

    /// Refuses a simulator beside a real gateway's address, and one of several processes.
    pub(super) fn check_simulator(&self) -> Result<(), ConfigError> {
        if self.simulator.enabled != Some(true) {
            return Ok(());
        }
        let refused = |why: &str| Err(ConfigError::Invalid(format!("{} {why}", setting("simulator.enabled"))));
        if !self.kafka_brokers.is_empty() {
            return refused(
                "is for one process with the embedded log: of several, none would know the charges at another's simulator. Run \
                 `feira simulate-gateway`, and name its address in gateways.addresses",
            );
        }
        if !self.gateways.addresses.is_empty() {
            return refused(&format!(
                "has every gateway simulated in this process, and {} names others: take one of the two out",
                setting("gateways.addresses")
            ));
        }
        Ok(())
    }
}
