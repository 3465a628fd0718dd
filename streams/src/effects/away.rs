//! The services of ours that attempts wait for (state, files, log, admin), as health reports them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::task::{self, Id};

use crate::backoff::Backoff;

/// The reasons for which attempts wait, by the attempt's tokio task.
#[derive(Default)]
pub struct Away(Mutex<HashMap<Id, String>>);

impl Away {
    /// Something that is away, if anything is.
    pub(super) fn any(&self) -> Option<String> {
        self.waiting().values().next().cloned()
    }

    /// An attempt does not wait any more.
    pub(super) fn over(&self, attempt: Id) {
        self.waiting().remove(&attempt);
    }

    /// Repeats a call of an attempt while what it needs is away, which the effect's loop says to whoever asks.
    pub(super) async fn waited_for<T, F>(&self, group: &str, mut call: impl FnMut() -> F) -> T
    where
        F: Future<Output = Result<T, String>>,
    {
        let mut backoff = Backoff::default();
        loop {
            match call().await {
                Ok(done) => {
                    self.over(task::id());
                    return done;
                }
                Err(why) => {
                    tracing::warn!(%why, group, "waiting");
                    self.waiting().insert(task::id(), why);
                    backoff.wait().await;
                }
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Id, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
