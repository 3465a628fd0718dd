//! Repeating a call while a dependency is away: nothing moves, and no record is blamed.

use feira_connectors::{
    log::{LogError, Member, TopicPartition},
    state::StateError,
};

use crate::platform::Backoff;

/// Repeats a call on the log while the log is away.
pub(crate) async fn unless_away<T, F>(mut call: impl FnMut() -> F) -> Result<T, LogError>
where
    F: Future<Output = Result<T, LogError>>,
{
    let mut backoff = Backoff::default();
    loop {
        match call().await {
            Err(LogError::Unavailable(why)) => {
                tracing::warn!(%why, "waiting for the log");
                backoff.wait().await;
            }
            other => return other,
        }
    }
}

/// Lets the records of a partition flow, however long the log is away.
pub(crate) async fn resumed(member: &mut Member, at: &TopicPartition, from: i64) -> Result<(), LogError> {
    let mut backoff = Backoff::default();
    loop {
        match member.resume(at, from).await {
            Err(LogError::Unavailable(_)) => backoff.wait().await,
            other => return other,
        }
    }
}

/// Repeats a call on the state while the state is away.
pub(crate) async fn unless_state_away<T, F>(mut call: impl FnMut() -> F) -> Result<T, StateError>
where
    F: Future<Output = Result<T, StateError>>,
{
    let mut backoff = Backoff::default();
    loop {
        match call().await {
            Err(StateError::Unavailable(why)) => {
                tracing::warn!(%why, "waiting for the state");
                backoff.wait().await;
            }
            other => return other,
        }
    }
}
