//! Repeating a call while a dependency is away: nothing moves, no record is blamed, and who waits says so.

use std::fmt::Display;

use feira_connectors::{
    log::{LogError, Member, TopicPartition},
    state::StateError,
};

use crate::{backoff::Backoff, health::Doing, platform::Platform, unavailable::Unavailable};

/// A processor's calls on what may be away: each is repeated until it is back, and every wait is told to the log and to
/// `/readyz`. That is its sign of life, too: whoever waits for hours hangs no more than whoever works.
#[derive(Clone, Copy)]
pub(crate) struct Patient<'a> {
    platform: &'a Platform,
    processor: &'a str,
}

impl<'a> Patient<'a> {
    /// Waits in the name of a processor.
    pub fn new(platform: &'a Platform, processor: &'a str) -> Self {
        Self { platform, processor }
    }

    /// Repeats a call on the log while the log is away.
    pub async fn log<T, F>(self, call: impl FnMut() -> F) -> Result<T, LogError>
    where
        F: Future<Output = Result<T, LogError>>,
    {
        self.unless_away(call).await
    }

    /// Repeats a call on the state while the state is away.
    pub async fn state<T, F>(self, call: impl FnMut() -> F) -> Result<T, StateError>
    where
        F: Future<Output = Result<T, StateError>>,
    {
        self.unless_away(call).await
    }

    async fn unless_away<T, E, F>(self, mut call: impl FnMut() -> F) -> Result<T, E>
    where
        E: Unavailable,
        F: Future<Output = Result<T, E>>,
    {
        let mut backoff = Backoff::default();
        loop {
            let done = call().await;
            let away = done.as_ref().err().and_then(E::unavailable);
            let Some((what, why)) = away.map(|(what, why)| (what, why.to_owned())) else { return done };
            // What was read is dropped before the wait: nothing of it is needed.
            drop(done);
            self.wait(&mut backoff, what, &why).await;
        }
    }

    /// Lets the records of a partition flow, however long the log is away.
    pub async fn resume(self, member: &mut Member, at: &TopicPartition, from: i64) -> Result<(), LogError> {
        let mut backoff = Backoff::default();
        loop {
            match member.resume(at, from).await {
                Err(LogError::Unavailable(why)) => self.wait(&mut backoff, "log", &why).await,
                other => return other,
            }
        }
    }

    /// Waits a while for something that is away, and says so.
    pub async fn wait(self, backoff: &mut Backoff, what: &str, why: &(dyn Display + Sync)) {
        tracing::warn!(processor = self.processor, %why, "waiting for the {what}");
        let doing = Doing::Waiting(format!("{what}: {why}"));
        self.platform.health.report(self.processor, doing, self.platform.now());
        backoff.wait().await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::testing::platform;

    #[tokio::test]
    async fn who_waits_says_so_and_shows_that_it_lives() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        platform.health.report("admin", Doing::Restoring, 0);
        let seen = Cell::new(0);
        let call = || async {
            let (doing, said) = platform.health.all()["admin"].clone();
            seen.set(seen.get() + 1);
            match seen.get() {
                1 => Err(StateError::Unavailable("nobody answers".into())),
                _ => Ok((doing, said)),
            }
        };
        let (doing, said) = Patient::new(&platform, "admin").state(call).await.unwrap();
        assert_eq!((seen.get(), doing), (2, Doing::Waiting("state: nobody answers".into())));
        assert!(said > 0, "a sign of life");
    }

    #[tokio::test]
    async fn what_waiting_does_not_mend_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let refused: Result<(), _> =
            Patient::new(&platform, "admin").log(|| async { Err(LogError::Aborted("fenced".into())) }).await;
        assert!(matches!(refused, Err(LogError::Aborted(_))), "{refused:?}");
        assert!(platform.health.all().is_empty());
    }
}
