//! The parts of a process, which run side by side until they are told to stop.

use feira_connectors::{log::LogError, search::ShardError, state::StateError};
use tokio::{
    runtime::Handle,
    sync::watch,
    task::{JoinError, JoinSet},
};

use crate::{effects::EffectError, generations::FoldFailed, processor::ProcessorError, views::ViewError};

/// Why a part can't go on.
#[derive(Debug, thiserror::Error)]
pub enum PartFailed {
    /// A context's processor.
    #[error(transparent)]
    Processor(#[from] ProcessorError),
    /// A view's.
    #[error(transparent)]
    View(#[from] ViewError),
    /// An effect's runner.
    #[error(transparent)]
    Effect(#[from] EffectError),
    /// The fold of a new generation.
    #[error(transparent)]
    Fold(#[from] FoldFailed),
    /// The number of the live generation could not be read or kept.
    #[error(transparent)]
    Generations(#[from] StateError),
    /// Shards of older generations could not be deleted.
    #[error(transparent)]
    Shards(#[from] ShardError),
    /// The part panicked.
    #[error(transparent)]
    Panicked(#[from] JoinError),
}

impl PartFailed {
    /// True if a part ended because a store in the data folder had a write fail and takes no more.
    pub fn takes_no_more(&self) -> bool {
        match self {
            Self::Processor(ProcessorError::Log(error))
            | Self::View(ViewError::Log(error))
            | Self::Effect(EffectError(error))
            | Self::Fold(FoldFailed::Log(error)) => matches!(error, LogError::Broken(_)),
            Self::Processor(ProcessorError::State(error))
            | Self::View(ViewError::State(error))
            | Self::Fold(FoldFailed::State(error)) => matches!(error, StateError::Broken(_)),
            _ => false,
        }
    }
}

/// The parts of a process that stop together. Dropped without [`stop`](Self::stop), they end at their next wait.
pub struct Parts {
    stop: watch::Sender<bool>,
    running: JoinSet<Result<(), PartFailed>>,
    runtime: Handle,
}

impl Parts {
    /// None yet; they will run on this runtime.
    pub fn on(runtime: Handle) -> Self {
        Self { stop: watch::channel(false).0, running: JoinSet::new(), runtime }
    }

    /// Runs a part, which gets the stop signal.
    pub fn run<F>(&mut self, part: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = Result<(), PartFailed>> + Send + 'static,
    {
        self.running.spawn_on(part(self.stop.subscribe()), &self.runtime);
    }

    /// Turns true when the parts are to end.
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Waits until one of them ends, and says how; `None` where none runs. A call that is dropped takes no part.
    pub async fn ended(&mut self) -> Option<Result<(), PartFailed>> {
        Some(self.running.join_next().await?.map_err(PartFailed::from).flatten())
    }

    /// Tells all of them to end, and waits for it; the first error of theirs.
    pub async fn stop(&mut self) -> Result<(), PartFailed> {
        // Nobody listening means that all of them have ended already.
        let _ = self.stop.send(true);
        let mut first = Ok(());
        while let Some(ended) = self.ended().await {
            first = first.and(ended);
        }
        first
    }
}
