//! The start of a process: the wait for what is away, and the errors for which it can't go on.

use feira_connectors::{log::LogError, registry::RegistryError, search::ShardError, state::StateError};
use feira_schemas::codec::CodecError;

use crate::{backoff::Backoff, unavailable::Unavailable};

/// Why a process could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log refused or can't be reached.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The state refused or can't be reached.
    #[error(transparent)]
    State(#[from] StateError),
    /// The registry refused a schema or can't be reached.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A schema of this program can't be used.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The folder of the search shards can't be used.
    #[error(transparent)]
    Shards(#[from] ShardError),
    /// The registry has lost what it held.
    #[error(
        "the schema registry means {now} by id {id}, under which records of {name} are kept: bring its storage back (what each \
         id meant is kept in feira_platform.schema_g1), or point FEIRA_REGISTRY_URL at the registry that this deployment began with"
    )]
    RegistryChanged {
        /// The id.
        id: u32,
        /// The full name of the record whose schema had the id.
        name: String,
        /// The registry's present meaning of the id: `another schema` or `nothing`.
        now: &'static str,
    },
    /// A newer program has written the data.
    #[error(
        "the data of {name} is of generation {live} (feira_platform.generation_g1), and this program knows generation {ours}: it \
         is older than the data, so start the newer program"
    )]
    DataIsNewer {
        /// The keyspace without its prefix, or `log`.
        name: String,
        /// The data's generation.
        live: i64,
        /// This program's.
        ours: i64,
    },
    /// An older program has written the data.
    #[error(
        "the data of {name} is of generation {live} (feira_platform.generation_g1), and this program needs generation {ours}: it \
         is no fold of the log, so this program can't make it; start the program that has written it"
    )]
    DataIsOlder {
        /// The keyspace without its prefix, or `log`.
        name: String,
        /// The data's generation.
        live: i64,
        /// This program's.
        ours: i64,
    },
    /// A schema file of this program is broken.
    #[error("a schema of this program is broken: {0}")]
    Schema(String),
}

impl Unavailable for StartError {
    fn unavailable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Log(error) => error.unavailable(),
            Self::State(error) => error.unavailable(),
            Self::Registry(error) => error.unavailable(),
            _ => None,
        }
    }
}

/// Repeats a call of a start while what it needs is away: brokers that were started a moment ago have elected no leaders yet, and a
/// cluster takes a minute to answer. There is no processor yet that could say so; the process's own lines do.
///
/// # Errors
/// The first error that waiting does not mend, as of a password that is not taken.
pub async fn starting<T, E, F>(mut call: impl FnMut() -> F) -> Result<T, E>
where
    E: Unavailable,
    F: Future<Output = Result<T, E>>,
{
    let mut backoff = Backoff::default();
    loop {
        let done = call().await;
        let Some((what, why)) = done.as_ref().err().and_then(E::unavailable) else { return done };
        tracing::warn!(%why, "the start waits for the {what}");
        drop(done);
        backoff.wait().await;
    }
}

/// Calls as [`starting`] does where what is needed lies across a network, and once where it lies in the data folder: what is away there
/// does not come back by itself.
pub async fn starting_over<T, E, F>(network: bool, mut call: impl FnMut() -> F) -> Result<T, E>
where
    E: Unavailable,
    F: Future<Output = Result<T, E>>,
{
    if network { starting(call).await } else { call().await }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_start_waits_for_what_is_away_and_for_nothing_else() {
        let asked = Cell::new(0);
        let started = starting(|| async {
            asked.set(asked.get() + 1);
            if asked.get() < 3 {
                Err(LogError::Unavailable("Not leader for partition".into()))
            } else {
                Ok(asked.get())
            }
        });
        assert_eq!(started.await.unwrap(), 3);
        let refused: Result<(), _> = starting(|| async { Err(LogError::Refused("other partitions".into())) }).await;
        assert!(matches!(refused, Err(LogError::Refused(_))), "{refused:?}");
        for away in [
            StartError::Log(LogError::Unavailable("w".into())),
            StartError::State(StateError::Unavailable("w".into())),
            StartError::Registry(RegistryError::Unavailable("w".into())),
        ] {
            assert_eq!(away.unavailable().map(|(_, why)| why), Some("w"), "{away}");
        }
        for wrong in [
            StartError::State(StateError::Refused("a password".into())),
            StartError::Registry(RegistryError::Refused("a password".into())),
            StartError::RegistryChanged { id: 7, name: "x".into(), now: "nothing" },
        ] {
            assert_eq!(wrong.unavailable(), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_is_away_in_the_data_folder_is_not_waited_for() {
        let asked = Cell::new(0);
        let call = || async {
            asked.set(asked.get() + 1);
            if asked.get() % 2 == 0 { Ok(()) } else { Err(StateError::Unavailable("can't make the folder".into())) }
        };
        assert!(starting_over(false, call).await.is_err());
        asked.set(0);
        assert!(starting_over(true, call).await.is_ok());
    }
}
