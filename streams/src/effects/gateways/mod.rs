//! Payment gateways: charges, refunds and cancellings are asked for once, what became of each attempt is found out, and charges that
//! wait for money are looked at.
//!
//! This runner begins with the open rows of its partition, where effects runners begin with events: what is open is in rows, however
//! old it is, and what is closed is nobody's matter. So a lost position or a new group reads no log from its start, and rebuilding
//! or replaying asks no gateway. The group's position only waits for callbacks that were not followed, which no row names.
//!
//! A matter ([`matters`]) has one turn at a time, which ends with the time of the next; nothing waits while it holds a place. An
//! attempt ([`attempt`]) needs a grant, which is good for ten seconds of the steady clock ([`pulse`]); what is not known of one is
//! looked for ([`question`]); each account has a gate ([`gate`]). Charges that wait ([`watch`]) and subscriptions ([`subscriptions`]) are
//! looked at by their times, and when a callback points at them; many charges of an account that wait are by one list ([`lists`]), and
//! every night its charges are compared with the gateway's ([`reconcile`]).

mod about;
mod accounts;
mod asked;
mod attempt;
mod beginning;
mod breaker;
mod by_hand;
mod checks;
mod convert;
mod differences;
mod facts;
mod gate;
mod lists;
mod matters;
mod nights;
mod opening;
mod pulse;
mod question;
mod ready;
mod reconcile;
mod recurring;
mod reporting;
mod runner;
mod runs;
#[cfg(test)]
mod sample;
mod schedule;
mod subscriptions;
mod watch;
mod work;

use std::sync::{Arc, atomic::AtomicU64};

use feira_connectors::{gateway::Gateways, keyring::Keyring};
use feira_schemas::groups;
use uuid::Uuid;

use self::{accounts::Accounts, lists::Lists, pulse::Pulse, runs::Runs, work::Work};
use super::{Away, EffectError};
use crate::{commands::Commands, platform::Platform};

/// The name of the runner's consumer group.
const GROUP: &str = groups::GATEWAYS.name;

/// The ports by which gateways are asked.
#[derive(Debug, Clone)]
pub struct GatewayPorts {
    /// The gateways.
    pub gateways: Gateways,
    /// The keyring, which opens what they are asked with and seals what they answer.
    pub keyring: Keyring,
}

/// The runner over gateways in this process.
pub struct GatewayRunner(runner::State);

impl GatewayRunner {
    /// Joins the runner's group, over what payments says.
    pub async fn join(
        platform: Platform,
        commands: Arc<Commands>,
        ports: GatewayPorts,
        instance: Option<&str>,
    ) -> Result<Self, EffectError> {
        let GatewayPorts { gateways, keyring } = ports;
        let accounts = Accounts::new(platform.clock.clone());
        let pulse = Arc::new(Pulse::new(platform.clock.clone()));
        let (away, numbered) = (Away::default(), AtomicU64::default());
        let runner = Uuid::new_v4().to_string();
        let (runs, lists) = (Runs::default(), Lists::default());
        let work = Work { platform, commands, gateways, keyring, accounts, away, pulse, runs, lists, runner, numbered };
        Self::seated(work, instance).await
    }
}
