//! The beginning of a partition whose open rows say what is left to do: they are awaited, so that nothing older is passed over, and
//! read page by page.

use std::time::Duration;

use feira_connectors::{
    log::{LogError, TopicPartition},
    state::StateError,
};
use feira_contexts::Decider;
use feira_schemas::{row::RowKey, rows::common::Progress, topics};
use futures::future::BoxFuture;
use tokio::time::sleep;

use crate::{backoff::Backoff, platform::Platform};

/// The time between two looks at how far a context's rows are.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The open rows of a context, by which an effect's partition begins.
pub struct Open<W> {
    /// Waits until the context's rows show all of a partition's events up to where they end now; the offset from which on they may not.
    pub caught_up: fn(Platform, u32) -> BoxFuture<'static, i64>,
    /// Reads a page of a partition's open rows, the first strictly after a key.
    pub page: ReadPage<W>,
}

/// Reads a page of a partition's open rows, from behind a key on.
pub type ReadPage<W> = fn(Platform, u32, Option<RowKey>) -> BoxFuture<'static, Result<OpenPage<W>, StateError>>;

/// What a page of open rows wants.
pub struct OpenPage<W> {
    /// The wishes.
    pub wanted: Vec<W>,
    /// The key after which the next page begins; `None` at the end.
    pub next: Option<RowKey>,
}

/// Waits until a context's rows show all of a partition's events up to where they end now; the offset from which on they may not.
pub(super) async fn caught_up<D: Decider>(platform: Platform, group: &'static str, partition: u32) -> i64 {
    let at = TopicPartition::new(topics::events(D::CONTEXT), partition);
    let mut backoff = Backoff::default();
    let end = loop {
        match platform.log.end(&at).await {
            Ok(end) => break end,
            Err(error) => {
                tracing::warn!(group, %error, context = %D::CONTEXT, "waiting for the end of a context's events");
                backoff.wait().await;
            }
        }
    };
    loop {
        match applied::<D>(&platform, partition).await {
            Ok(applied) => match end_reached(&platform, &at, applied, end).await {
                Ok(Some(position)) => return position,
                Ok(None) => sleep(LOOK_EVERY).await,
                Err(error) => {
                    tracing::warn!(group, %error, context = %D::CONTEXT, "waiting for a context's events");
                    backoff.wait().await;
                }
            },
            Err(error) => {
                tracing::warn!(group, %error, context = %D::CONTEXT, "waiting for a context's rows");
                backoff.wait().await;
            }
        }
    }
}

/// The offset before which a context's rows show all of a partition's events; 0 before there is any row.
pub(super) async fn applied<D: Decider>(platform: &Platform, partition: u32) -> Result<i64, StateError> {
    let row = platform.state.get::<D::Progress>(&Progress::key(D::CONTEXT.name(), partition)).await?;
    Ok(row.map(Into::<Progress>::into).map_or(0, |progress| progress.applied))
}

/// The offset up to which all of a partition's records lie before `reached`, if that is its end. Behind the last record may lie marks of
/// transactions, which are no records: whoever counts records reaches the end of none of them before the next one.
pub(super) async fn end_reached(
    platform: &Platform,
    at: &TopicPartition,
    reached: i64,
    end: i64,
) -> Result<Option<i64>, LogError> {
    if reached >= end {
        return Ok(Some(reached));
    }
    let page = platform.log.read(at, reached, 1).await?;
    Ok((page.records.is_empty() && page.next >= end).then_some(page.next))
}
