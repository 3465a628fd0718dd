//! The simulator of payment gateways in this process: it is asked in every gateway's place, and no real key is beside it.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use anyhow::Context as _;
use feira_connectors::{
    gateway::{GatewaySettings, Gateways},
    state::State,
};
use feira_demo::payments::DemoAccount;
use feira_schemas::rows::payments::AccountRow;
use feira_simulator::{
    Running, StartError,
    admin::made_of,
    cli::Options,
    core::account::{Account, Gateway, HookAddress},
};
use feira_web::context::Simulation;

use crate::config::{Config, ConfigError};

/// The port of the first start, if it is free.
const PORT: u16 = 8091;
/// Rows that are read at once.
const PAGE: usize = 1_000;

/// A simulator that runs in this process. It ends when it is dropped.
pub struct Simulator {
    running: Running,
}

impl Simulator {
    /// Starts it, with its state in the folder `simulated` of the data folder, where the configuration wants one.
    pub async fn start(config: &Config) -> anyhow::Result<Option<Self>> {
        if !config.simulates() {
            return Ok(None);
        }
        let folder = config.data.join("simulated");
        let running = run(&folder, config.simulator.port).await.context("the simulator of payment gateways")?;
        // Addresses of boletos and pictures in what was charged have it: another one next time only breaks these.
        let kept = fs::write(folder.join("port"), running.address().port().to_string());
        if let Err(error) = kept {
            tracing::warn!(%error, "the simulator's port can't be kept, and may be another one at the next start");
        }
        Ok(Some(Self { running }))
    }

    /// The address of its pages, without a slash at the end.
    pub fn address(&self) -> String {
        format!("http://{}", self.running.address())
    }

    /// What the APIs know of it.
    pub fn simulation(&self) -> Simulation {
        let keys = self.running.keys();
        Simulation {
            address: self.address(),
            gave_out: Arc::new(move |gateway: &str, key: &str| keys.has(gateway, key)),
        }
    }

    /// Opens those of the demo's accounts that it has not yet, and has it send all of their callbacks to the listener at this address.
    pub fn serve(&self, accounts: &[DemoAccount], listener: SocketAddr) -> anyhow::Result<()> {
        for account in accounts {
            self.running.serves(merchant(account, listener)?)?;
        }
        Ok(())
    }

    /// Ends it, and returns when another one can open its folder.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// The settings of the gateways: those of the simulator, if there is one.
pub fn gateways(config: &Config, simulator: Option<&Simulator>) -> Result<GatewaySettings, ConfigError> {
    let settings = config.gateways.settings()?;
    Ok(match simulator {
        Some(simulator) => GatewaySettings { addresses: addresses(&simulator.address()), simulated: true, ..settings },
        None => settings,
    })
}

/// The address of every gateway at the simulator. One that it does not know is not asked elsewhere either.
fn addresses(base: &str) -> BTreeMap<String, String> {
    let path = |name: &str| {
        let known = Gateway::PATHS.into_iter().find(|(gateway, _)| gateway.name() == name);
        known.map_or_else(|| name.to_owned(), |(_, path)| path.to_owned())
    };
    Gateways::names().map(|name| (name.to_owned(), format!("{base}/{}", path(name)))).collect()
}

/// Runs it on the configured port; without one on that of the last start, or any that is free.
async fn run(folder: &Path, configured: u16) -> Result<Running, StartError> {
    if configured != 0 {
        return run_on(folder, configured).await;
    }
    let kept = fs::read_to_string(folder.join("port")).ok().and_then(|port| port.trim().parse().ok());
    match run_on(folder, kept.unwrap_or(PORT)).await {
        Err(StartError::Listen(..)) => run_on(folder, 0).await,
        other => other,
    }
}

async fn run_on(folder: &Path, port: u16) -> Result<Running, StartError> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Options { listen, data: folder.to_owned(), anywhere: false }.start().await
}

/// Refuses to go on where an account's key was not given out by a simulator of this data folder; without a simulator, says which
/// accounts are not asked any more.
pub async fn check_accounts(state: &State, simulator: Option<&Simulator>) -> anyhow::Result<()> {
    let (mut after, mut idle) = (None, 0_usize);
    loop {
        let page = state.scan_table::<AccountRow>(after, PAGE).await?;
        for row in &page.rows {
            if simulator.is_some() && !row.account.simulated {
                return Err(beside_a_real_key(row).into());
            }
            idle += usize::from(simulator.is_none() && row.account.simulated);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if idle > 0 {
        tracing::warn!(
            accounts = idle,
            "accounts whose key is a simulator's are asked for nothing while there is no simulator"
        );
    }
    Ok(())
}

fn beside_a_real_key(row: &AccountRow) -> ConfigError {
    ConfigError::Invalid(format!(
        "payments are simulated here (simulator.enabled), and the shop {} has a key of {} that is no simulator's (account {}): the \
         simulator does not start beside it. Set FEIRA_SIMULATOR_ENABLED=false to charge by that key, or name another data folder \
         (FEIRA_DATA) to try payments without money",
        row.tenant_id, row.account.gateway, row.account.account_id
    ))
}

/// An account of the demo as the simulator has it.
fn merchant(account: &DemoAccount, listener: SocketAddr) -> anyhow::Result<Account> {
    let known = Gateway::PATHS.into_iter().find(|(gateway, _)| gateway.name() == account.gateway);
    let (gateway, _) = known.with_context(|| format!("the simulator has no {}", account.gateway))?;
    let basic = account.callback.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()));
    let hooks = HookAddress { url: format!("http://{}{}", reached(listener), account.callback_path()), basic };
    let made = made_of(gateway, |prefix| account.remote(prefix));
    Ok(Account {
        name: account.merchant.clone(),
        secret_key: account.secret_key(),
        public_key: account.public_key(),
        signing_secret: account.callback.clone(),
        hooks: Some(hooks),
        ..made
    })
}

/// The address by which this machine reaches its own listener.
fn reached(mut listener: SocketAddr) -> SocketAddr {
    if listener.ip().is_unspecified() {
        listener.set_ip(match listener.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listener
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn config(folder: &Path) -> Config {
        Config { data: folder.to_owned(), demo: true, ..Config::default() }
    }

    #[test]
    fn f37_every_gateway_is_at_the_simulator_and_none_elsewhere() {
        let addresses = addresses("http://127.0.0.1:9");
        assert_eq!(addresses.len(), Gateways::names().count());
        assert!(addresses.values().all(|address| address.starts_with("http://127.0.0.1:9/")), "{addresses:?}");
        assert_eq!(addresses["pagarme"], "http://127.0.0.1:9/core/v5");
        assert_eq!(addresses["stripe"], "http://127.0.0.1:9/v1");
    }

    #[test]
    fn callbacks_go_to_where_this_machine_listens() {
        for (listener, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0.0.0.0:81", "127.0.0.1:81"),
            ("[::]:81", "[::1]:81"),
            ("10.1.2.3:81", "10.1.2.3:81"),
        ] {
            assert_eq!(reached(listener.parse().unwrap()).to_string(), expected);
        }
    }

    #[tokio::test]
    async fn f37_a_simulator_keeps_its_port_and_gives_way_where_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let first = Simulator::start(&config).await.unwrap().unwrap();
        let address = first.address();
        first.stop().await;
        let again = Simulator::start(&config).await.unwrap().unwrap();
        assert_eq!(again.address(), address);
        again.stop().await;
        let _taken = std::net::TcpListener::bind(address.trim_start_matches("http://")).unwrap();
        let other = Simulator::start(&config).await.unwrap().unwrap();
        assert_ne!(other.address(), address);
        other.stop().await;
        let mut fixed = config;
        fixed.simulator.port = address.rsplit(':').next().unwrap().parse().unwrap();
        let refused = format!("{:#}", Simulator::start(&fixed).await.err().unwrap());
        assert!(refused.contains("simulator") && refused.contains("can't be listened on"), "{refused}");
    }

    #[tokio::test]
    async fn f37_only_its_own_keys_are_known_and_only_while_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let simulator = Simulator::start(&config(folder.path())).await.unwrap().unwrap();
        let account = simulator.running.accounts().unwrap().into_iter().next().unwrap();
        let gave_out = simulator.simulation().gave_out;
        let other = if account.gateway == Gateway::Stripe { "pagarme" } else { "stripe" };
        assert!(gave_out(account.gateway.name(), &account.secret_key));
        assert!(!gave_out(other, &account.secret_key) && !gave_out(account.gateway.name(), "sk_live_1"));
        assert!(!gave_out(account.gateway.name(), &account.public_key));
        simulator.stop().await;
        assert!(!gave_out(account.gateway.name(), &account.secret_key));
    }
}
