//! The bed that a test's Feira runs on. The environment names it: the real services where the addresses of all of them are set,
//! the embedded parts where none is.

use std::{env, path::Path};

use feira_node::{
    config::{Config, Role},
    node::Node,
};
use tempfile::TempDir;
use tokio::sync::MutexGuard;

use super::{
    config,
    gateway::pointed_at,
    process::Mode,
    services::{ADDRESSES, distributed, services},
};

/// A data folder in the mode that the environment names. On the services one test at a time has one.
pub struct Bed {
    /// The mode.
    pub mode: Mode,
    folder: TempDir,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Bed {
    /// The bed of a walk that is the same in both modes; none where only a part of the services is there, which is said.
    pub async fn of_the_environment() -> Option<Self> {
        let required = env::var("FEIRA_REQUIRE").is_ok_and(|required| required == "all");
        let (mode, alone) = if required || services_are_named() {
            (Mode::Distributed, Some(services().await?))
        } else {
            (Mode::Embedded, None)
        };
        Some(Self { mode, folder: tempfile::tempdir().unwrap(), _alone: alone })
    }

    /// Starts a process with all roles; on the same data each time.
    pub async fn start(&self) -> Node {
        Node::start(&self.config()).await.unwrap()
    }

    /// Starts a process that asks the simulator at this address instead of the gateways.
    pub async fn start_at(&self, gateways: &str) -> Node {
        Node::start(&pointed_at(gateways, self.config())).await.unwrap()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    fn config(&self) -> Config {
        match self.mode {
            Mode::Embedded | Mode::Demo => config(&self.folder),
            Mode::Distributed | Mode::Secure => distributed(self.folder.path(), Role::ALL),
        }
    }
}

/// A data folder for what can be told of the embedded parts alone; none where the environment names services, which is said: with
/// them this would be told a second time.
pub fn embedded() -> Option<TempDir> {
    if services_are_named() {
        println!("skipped: this is told of the embedded parts alone, and the environment names services");
        return None;
    }
    Some(tempfile::tempdir().unwrap())
}

fn services_are_named() -> bool {
    ADDRESSES.into_iter().any(|name| env::var(name).is_ok_and(|address| !address.is_empty()))
}
