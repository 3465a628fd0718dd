//! The wiring of a process: the parts that each of its roles runs, and what all of them work with.
//!
//! [`Wiring::open`] makes ready what they share, [`Wiring::run`] starts the parts of some roles in [`Parts`], which stop together.
//! Whoever asks runs all roles in one, or some beside others that it stops alone.

mod contexts;
mod effects;
mod others;
mod parts;
mod views;

pub use parts::{PartFailed, Parts};

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use feira_schemas::{
    generations::SHARDS,
    groups::{Context, Role},
};
use tokio::sync::watch;

use crate::{
    commands::Commands,
    effects::{
        domains::DomainPorts,
        gateways::GatewayPorts,
        images::ImageSettings,
        mails::{MailPorts, OfAdmin, OfPayments, OfSignup},
    },
    generations::{self, FoldFailed, Source},
    platform::Platform,
    start::StartError,
    views::{
        Readers,
        search::{PanelCatalogue, SearchShards, ShopCatalogue},
    },
};

/// The settings of a process for its parts.
pub struct WiringSettings {
    /// Folder of the search shards.
    pub shards: PathBuf,
    /// The settings by which images are fetched; `None` fetches none.
    pub images: Option<ImageSettings>,
    /// What shops' domains are looked at by; `None` looks at none.
    pub domains: Option<DomainPorts>,
    /// The ports by which payment gateways are asked; `None` asks none.
    pub gateways: Option<GatewayPorts>,
    /// The ports by which mails are sent; `None` sends none, and sweeps no keyring.
    pub mails: Option<MailPorts>,
    /// Name of the process across restarts, which makes it a static member of its groups.
    pub instance: Option<String>,
    /// Loops that share out each context's partitions, at least 1.
    pub threads: u32,
}

/// The platform, commands and shards that the parts of a process work with.
pub struct Wiring {
    /// Ports and codec.
    pub platform: Platform,
    /// Sends commands and waits for their answers.
    pub commands: Arc<Commands>,
    /// The shards of both searches.
    pub shards: SearchShards,
    images: Option<ImageSettings>,
    domains: Option<DomainPorts>,
    gateways: Option<GatewayPorts>,
    mails: Option<MailPorts>,
    instance: Option<String>,
    threads: u32,
}

impl Wiring {
    /// Makes ready what all parts share. Returns when commands can be sent; their answers are read until `stopped` turns true.
    pub async fn open(
        platform: Platform,
        settings: WiringSettings,
        stopped: watch::Receiver<bool>,
    ) -> Result<Self, StartError> {
        let WiringSettings { shards, images, domains, gateways, mails, instance, threads } = settings;
        generations::agree_on_shards(&platform, SHARDS).await?;
        generations::take_over(&platform).await?;
        let commands = Commands::start(platform.clone(), stopped).await?;
        let shards = SearchShards::open(&shards, platform.budget)?;
        Ok(Self { platform, commands, shards, images, domains, gateways, mails, instance, threads })
    }

    /// Reads what the views show.
    pub fn readers(&self) -> Readers {
        Readers::of(&self.platform, &self.shards)
    }

    /// Runs the parts of these roles. Returns when they have joined their groups, but for those that wait for a new generation's
    /// fold; they restore meanwhile.
    pub async fn run(&self, roles: &BTreeSet<Role>, parts: &mut Parts) -> Result<(), PartFailed> {
        for role in roles {
            match role {
                Role::Context(context) => {
                    contexts::run(*context, self, parts).await?;
                    if *context == Context::Admin {
                        effects::removed_images(self, parts);
                    }
                }
                Role::Search => views::search::<ShopCatalogue>(self, parts, &self.shards.shop).await?,
                Role::Panel => {
                    views::search::<PanelCatalogue>(self, parts, &self.shards.panel).await?;
                    views::audit(self, parts).await?;
                }
                Role::Storefront => views::storefront(self, parts).await?,
                Role::Effects => {
                    effects::images(self, parts).await?;
                    effects::domains(self, parts).await?;
                    effects::gateways(self, parts).await?;
                    effects::mails::<OfPayments>(self, parts).await?;
                    effects::mails::<OfAdmin>(self, parts).await?;
                    effects::mails::<OfSignup>(self, parts).await?;
                    effects::sweep(self, parts);
                }
                // Served by the caller, who owns the listener.
                Role::Api => {}
            }
        }
        others::look(&self.platform, roles, parts);
        Ok(())
    }
}

/// Folds a keyspace until it is of this program's generation; false if told to stop before.
async fn folded<S: Source>(
    platform: &Platform,
    instance: Option<&str>,
    stop: &watch::Receiver<bool>,
) -> Result<bool, FoldFailed> {
    generations::fold::<S>(platform, instance, stop.clone()).await?;
    Ok(!*stop.borrow())
}
