//! A running process: the platform with the roles it was given. It stops as a whole, and ends when one part can't go on.

use std::sync::Arc;

use anyhow::Context as _;
use feira_connectors::{
    clock::wall_clock, gateway::GatewaySettings, mail::Mail, search::Shards, sessions::SessionStore,
};
use feira_streams::{
    commands::Commands,
    effects::{
        images::ImageSettings,
        mails::{Links, MailPorts},
    },
    health::Doing,
    platform::Platform,
    stores,
    views::{Readers, search::SearchReader, storefront::Storefront},
    wiring::{PartFailed, Parts, Wiring, WiringSettings},
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use crate::{
    config::{Config, Role},
    ports::{self, Keys},
    processors::Processors,
    simulator::{self, Simulator},
};

/// The parts of a running process.
pub struct Node {
    /// Ports and codec.
    pub platform: Platform,
    /// Sends commands and waits for their answers.
    pub commands: Arc<Commands>,
    /// Reads cards.
    pub storefront: Storefront,
    /// Searches the shops' listings.
    pub search: SearchReader,
    /// Searches the panels' products.
    pub panel: SearchReader,
    /// The keyring and the secrets, which all roles of this process share; `None` where it has no role that needs them.
    pub keys: Option<Keys>,
    /// The sessions of staff; `None` where this process has not the role `api`.
    pub sessions: Option<SessionStore>,
    /// Sends mails; `None` where this process has not the role `effects`.
    pub mail: Option<Mail>,
    /// The shards, for checks.
    pub shards: Shards,
    /// The settings of the gateways that are asked.
    pub gateways: GatewaySettings,
    /// The simulator that is asked in every gateway's place, where the configuration wants one.
    pub simulator: Option<Simulator>,
    /// Tells those who take requests to end.
    ending: watch::Sender<bool>,
    serving: JoinSet<anyhow::Result<()>>,
    /// The processors, which end once nobody waits for them any more.
    parts: Parts,
    /// The threads that the parts run on, kept as long as the parts.
    _processors: Processors,
}

impl Node {
    /// Opens the ports and starts the roles. Returns when commands can be sent; the processors restore meanwhile.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        config.validate()?;
        let ports = ports::open(config).await?;
        let keys = ports::start_keyring(config).await?;
        let sessions = ports::open_sessions(config).await?;
        let mail = match config.roles.contains(&Role::Effects) {
            true => Some(ports::open_mail(config)?),
            false => None,
        };
        let simulator = Simulator::start(config).await?;
        let gateways = simulator::gateways(config, simulator.as_ref())?;
        let platform = Platform::start(ports, config.partitions, config.budget(), wall_clock()).await?;
        if simulator.is_some() {
            // Before anything is asked of anybody; rows that are still to come are looked at once they are whole.
            simulator::check_accounts(&platform.state, simulator.as_ref()).await?;
        }
        let processors = Processors::start().context("starting the processors' threads")?;
        let mut parts = Parts::on(processors.handle().clone());
        let keyring = keys.as_ref().map(|keys| keys.keyring.clone());
        let gateway_ports = ports::gateways(config, &gateways, keyring.as_ref())?;
        let mails = mail.clone().zip(keys.clone()).map(|(mail, Keys { keyring, secrets })| {
            let links = Links { secrets, origin: config.platform_origin() };
            MailPorts { mail, keyring, links }
        });
        let domains = ports::domains(config)?;
        let settings = WiringSettings { domains, gateways: gateway_ports, mails, ..settings(config) };
        let wiring = Wiring::open(platform.clone(), settings, parts.stopped()).await?;
        let (watched, of_sessions) = (platform.clone(), sessions.clone());
        parts.run(|stop| async move {
            stores::watch(watched, keyring, of_sessions, stop).await;
            Ok(())
        });
        wiring.run(&config.roles, &mut parts).await?;
        let Readers { storefront, search, panel } = wiring.readers();
        Ok(Self {
            platform,
            commands: wiring.commands,
            storefront,
            search,
            panel,
            keys,
            sessions,
            mail,
            shards: wiring.shards.shop,
            gateways,
            simulator,
            ending: watch::channel(false).0,
            serving: JoinSet::new(),
            parts,
            _processors: processors,
        })
    }

    /// Runs what takes requests. It is told first that the process is to end, and the processors work until it has ended: what is
    /// under way gets its answer.
    pub fn serve<F>(&mut self, part: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.serving.spawn(part(self.ending.subscribe()));
    }

    /// Runs another part with this process: it gets the stop signal, and its end with an error ends the process.
    pub fn run<F>(&mut self, part: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = Result<(), PartFailed>> + Send + 'static,
    {
        self.parts.run(part);
    }

    /// Turns true when this process is to end.
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Waits until a part can't go on. A disk that took no more is no reason to end: what was written can be read, which is all
    /// that most buyers ask for, so that is said and reading goes on.
    pub async fn failed(&mut self) -> anyhow::Error {
        loop {
            // Cancel safety: neither call takes a part when it is dropped.
            tokio::select! {
                Some(ended) = self.parts.ended() => match ended {
                    Ok(()) => {}
                    Err(error) if error.takes_no_more() => self.only_reads(&error),
                    Err(error) => return error.into(),
                },
                Some(ended) = self.serving.join_next() => if let Err(error) = joined(ended) {
                    return error;
                },
                else => return anyhow::anyhow!("every part of this process has ended"),
            }
        }
    }

    fn only_reads(&self, error: &PartFailed) {
        tracing::error!(%error, "this process can only be read from; make room on its disk and start it again");
        let stopped = Doing::Stopped(format!("{error}; make room on the disk and start again"));
        self.platform.health.report("disk", stopped, self.platform.now());
    }

    /// Stops: what is begun is finished, committed and kept.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        // Nobody listening means that all of them have ended already.
        let _ = self.ending.send(true);
        let mut first = Ok(());
        while let Some(ended) = self.serving.join_next().await {
            first = first.and(joined(ended));
        }
        first = first.and(self.parts.stop().await.map_err(anyhow::Error::from));
        if let Some(simulator) = self.simulator.take() {
            simulator.stop().await;
        }
        self.platform.state.sync().await?;
        if let Some(sessions) = &self.sessions {
            sessions.sync().await?;
        }
        first
    }
}

/// The result of a part that has ended; one that panicked ended with that error.
fn joined(ended: Result<anyhow::Result<()>, JoinError>) -> anyhow::Result<()> {
    ended.map_err(anyhow::Error::from).flatten()
}

/// The settings of the parts, taken from a configuration: without gateways and mails, which take a keyring, and domains, which
/// take a runtime.
pub fn settings(config: &Config) -> WiringSettings {
    WiringSettings {
        shards: config.data.join("shards"),
        images: ports::fetcher(config).map(ImageSettings::new),
        domains: None,
        gateways: None,
        mails: None,
        instance: Some(config.instance.clone()).filter(|instance| !instance.is_empty()),
        threads: config.threads(),
    }
}
