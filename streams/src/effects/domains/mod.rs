//! Looks at shops' domains: whether the record of proof is there, and whether the domain leads to the platform.
//!
//! What is left to do is found by the group's position. A look says what it has found by a command, also that nobody has answered: when the next
//! one is to be admin decides, by its timers.

mod attempt;
mod look;
#[cfg(test)]
mod tests;

use std::{net::IpAddr, sync::Arc};

use feira_connectors::dns::Resolver;
use feira_schemas::groups;

use super::{Away, EffectError, Runner};
use crate::{commands::Commands, platform::Platform};

/// The name of the effect's consumer group.
const GROUP: &str = groups::DOMAINS.name;

/// What domains are looked at by.
#[derive(Debug, Clone)]
pub struct DomainPorts {
    /// Asks for records.
    pub resolver: Resolver,
    /// Where domains are to lead to.
    pub targets: DomainTargets,
}

/// Where shops' domains are to lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainTargets {
    /// The platform's domain: an alias of it, or of a name below it, is right.
    pub platform: String,
    /// Other names that lead to the platform, such as a balancer's.
    pub names: Vec<String>,
    /// Addresses that lead to the platform, beside those of the names.
    pub addresses: Vec<IpAddr>,
}

impl DomainTargets {
    /// The targets of a platform, with what else leads to it: addresses and names, parted by commas. `None`: one of these is neither.
    pub fn parse(platform: &str, others: &str) -> Option<Self> {
        let mut targets = Self { platform: platform.to_owned(), ..Self::default() };
        for other in others.split(',').map(str::trim).filter(|other| !other.is_empty()) {
            match other.parse::<IpAddr>() {
                Ok(address) => targets.addresses.push(address),
                Err(_) if is_name(other) => targets.names.push(other.to_ascii_lowercase()),
                Err(_) => return None,
            }
        }
        Some(targets)
    }

    /// True for a name that leads to the platform.
    fn has(&self, name: &str) -> bool {
        let below = |platform: &str| name.strip_suffix(platform).is_some_and(|rest| rest.ends_with('.'));
        name == self.platform || below(&self.platform) || self.names.iter().any(|other| other == name)
    }
}

fn is_name(text: &str) -> bool {
    let legal = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.contains('.') && text.split('.').all(legal)
}

/// The effect: what an attempt works with.
pub struct Domains {
    platform: Platform,
    commands: Arc<Commands>,
    ports: DomainPorts,
    away: Away,
}

impl Domains {
    /// Joins the effect's group, over what admin says.
    pub async fn join(
        platform: Platform,
        commands: Arc<Commands>,
        ports: DomainPorts,
        instance: Option<&str>,
    ) -> Result<Runner<Self>, EffectError> {
        let effect = Self { platform: platform.clone(), commands, ports, away: Away::default() };
        // A look that nobody answers is said, and not repeated here.
        Runner::join(platform, effect, Vec::new(), instance).await
    }
}
