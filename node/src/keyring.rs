//! The commands on the keyring. They open it themselves, so of a data folder nobody else may have it open.

use clap::Subcommand;
use feira_connectors::{
    clock::wall_clock,
    keyring::{self, Checked, KeyStore, Keyring, KeyringError, MASTER_FILE, MasterKeys, Rotated, Sources},
};
use feira_schemas::groups::Context;
use feira_streams::{
    erasings::{LaidOver, LayingFailed, lay_over},
    platform::Platform,
};

use crate::{
    config::{Config, ConfigError},
    output::{complain, print},
    ports::{self, PortError},
};

/// Commands on the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Wrap every data key by the newest master key; one that is interrupted goes on where it was.
    Rotate,
    /// Look whether every data key can be unwrapped.
    Check,
    /// Erase again what was erased after the copy was made that was put back; before any process is started.
    Restore,
}

impl Command {
    /// Does it, and says whether all keys are well.
    pub async fn run(self, config: &Config) -> anyhow::Result<bool> {
        match self {
            Self::Rotate => rotate(config).await,
            Self::Check => check(config).await,
            Self::Restore => restore(config).await,
        }
    }
}

/// Refused where an embedded keyring is not there: nothing is made in a folder that was named by mistake.
fn is_there(config: &Config) -> Result<(), ConfigError> {
    let folder = ports::keyring_folder(config);
    if config.scylla_nodes.is_empty() && !keyring::is_there(&folder) {
        let why = format!("there is no keyring in {}: --data or FEIRA_DATA names the data folder", folder.display());
        return Err(ConfigError::Invalid(why));
    }
    Ok(())
}

/// The keyring that is there.
async fn open(config: &Config) -> anyhow::Result<(KeyStore, MasterKeys)> {
    is_there(config)?;
    Ok(ports::open_keys(config).await?)
}

async fn rotate(config: &Config) -> anyhow::Result<bool> {
    let (store, masters) = open(config).await?;
    let newest = masters.ids().last().unwrap_or_default().to_owned();
    let keyring = Keyring::open(store, masters, Sources::of_this_machine()).await?;
    let Rotated { wrapped, current, erased, failed, retired } = keyring
        .rotate(|so_far| {
            let Rotated { wrapped, current, erased, failed, .. } = so_far;
            tracing::info!(wrapped, current, erased, failed, "wrapping keys");
        })
        .await?;
    print(format_args!("wrapped by {newest}: {wrapped} now, {current} before; erased: {erased}"))?;
    for id in retired {
        print(format_args!(
            "{id} wraps nothing any more: it can leave FEIRA_MASTER_KEY (embedded: {MASTER_FILE}) once no older copy of the keyring is kept"
        ))?;
    }
    if failed > 0 {
        complain(format_args!(
            "{failed} keys can't be unwrapped and are left as they are: feira keyring check names them"
        ));
    }
    Ok(failed == 0)
}

async fn check(config: &Config) -> anyhow::Result<bool> {
    let (store, masters) = open(config).await?;
    let checked = keyring::check(&store, &masters).await?;
    let Checked { by_master, erased, faults, more } = &checked;
    for id in masters.ids() {
        print(format_args!("wrapped by {id}: {}", by_master.get(id).copied().unwrap_or_default()))?;
    }
    print(format_args!("erased: {erased}"))?;
    faults.iter().for_each(complain);
    if *more > 0 {
        complain(format_args!("{more} more keys can't be unwrapped"));
    }
    Ok(checked.is_whole())
}

async fn restore(config: &Config) -> anyhow::Result<bool> {
    if Context::ALL.into_iter().all(|context| context.erasing().is_empty()) {
        print(format_args!("no event of this program erases anybody: there is nothing to lay over the keyring"))?;
        return Ok(true);
    }
    is_there(config)?;
    let ports = ports::open(config).await?;
    let (store, masters) = open(config).await?;
    let keyring = Keyring::open(store, masters, Sources::of_this_machine()).await?;
    let platform = Platform::start(ports, config.partitions, config.budget(), wall_clock()).await?;
    let laid = lay_over(&platform, &keyring, Context::erasing, |so_far| {
        let LaidOver { read, events, subjects, keys } = *so_far;
        tracing::info!(read, events, subjects, keys, "laying erasings over the keyring");
    });
    let LaidOver { read, events, subjects, keys } = laid.await?;
    print(format_args!("{keys} keys erased again; {events} of {read} events erase {subjects} subjects"))?;
    Ok(true)
}

/// True if the keyring's store did not answer, which another attempt may mend.
pub fn is_away(error: &anyhow::Error) -> bool {
    let of_a_port = matches!(error.downcast_ref(), Some(PortError::Keyring(KeyringError::Away(_))));
    let of_a_restore = matches!(error.downcast_ref(), Some(LayingFailed::Keyring(KeyringError::Away(_))));
    of_a_port || of_a_restore || matches!(error.downcast_ref(), Some(KeyringError::Away(_)))
}
