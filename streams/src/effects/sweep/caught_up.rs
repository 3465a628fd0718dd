//! Whether a context has decided all that came in before now, and its rows show it.

use std::time::Duration;

use feira_connectors::log::{LogError, TopicPartition};
use feira_contexts::{Decider, ForContext, for_context};
use feira_schemas::{groups::Context, topics};
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::SweepFailed;
use crate::{
    effects::beginning::{applied, end_reached},
    platform::Platform,
};

/// The time between two looks at how far a context is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// True once a context has decided everything that was on its inputs when this was called, and its rows show it; false if it needs longer
/// than `patience`.
pub(super) async fn has_decided(
    platform: &Platform,
    context: Context,
    patience: Duration,
) -> Result<bool, SweepFailed> {
    if platform.generations.is_pending(context.name()) {
        return Ok(false);
    }
    for_context(context, HasDecided { platform, patience }).await
}

struct HasDecided<'a> {
    platform: &'a Platform,
    patience: Duration,
}

impl<'a> ForContext for HasDecided<'a> {
    type Output = BoxFuture<'a, Result<bool, SweepFailed>>;

    fn run<D: Decider>(self) -> Self::Output {
        Box::pin(decided::<D>(self.platform, self.patience))
    }
}

async fn decided<D: Decider>(platform: &Platform, patience: Duration) -> Result<bool, SweepFailed> {
    let topics = D::FOREIGN.iter().map(|context| topics::events(*context)).chain([topics::commands(D::CONTEXT)]);
    let inputs: Vec<TopicPartition> = topics.flat_map(|topic| partitions(platform, &topic)).collect();
    let ends = ends(platform, &inputs).await?;
    let deadline = Instant::now() + patience;
    while !is_committed(platform, D::CONTEXT, &inputs, &ends).await? {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(LOOK_EVERY).await;
    }
    // What was decided stands in events by now, and rows follow those.
    let own = partitions(platform, &topics::events(D::CONTEXT));
    let ends = self::ends(platform, &own).await?;
    while !is_applied::<D>(platform, &own, &ends).await? {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(true)
}

fn partitions(platform: &Platform, topic: &str) -> Vec<TopicPartition> {
    (0..platform.partitions).map(|partition| TopicPartition::new(topic, partition)).collect()
}

async fn ends(platform: &Platform, partitions: &[TopicPartition]) -> Result<Vec<i64>, LogError> {
    let mut ends = Vec::with_capacity(partitions.len());
    for at in partitions {
        ends.push(platform.log.end(at).await?);
    }
    Ok(ends)
}

/// True if no record lies between the positions that the context's group has committed and these ends. Where it has committed none, nothing
/// may be there.
async fn is_committed(
    platform: &Platform,
    context: Context,
    inputs: &[TopicPartition],
    ends: &[i64],
) -> Result<bool, LogError> {
    let committed = platform.log.committed(context.name(), inputs).await?;
    for ((at, end), committed) in inputs.iter().zip(ends).zip(committed) {
        let position = match committed {
            Some(position) => position,
            None => platform.log.start(at).await?,
        };
        if end_reached(platform, at, position, *end).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True if the context's rows show its events up to these ends.
async fn is_applied<D: Decider>(
    platform: &Platform,
    own: &[TopicPartition],
    ends: &[i64],
) -> Result<bool, SweepFailed> {
    for (at, end) in own.iter().zip(ends) {
        let applied = applied::<D>(platform, at.partition).await?;
        if end_reached(platform, at, applied, *end).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
