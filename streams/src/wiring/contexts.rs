//! The processors of a context, in as many loops as the process has threads for them.

use feira_connectors::log::Seat;
use feira_contexts::{Decider, ForContext, for_context};
use feira_schemas::groups::Context;
use futures::future::BoxFuture;
use tokio::task::JoinSet;

use super::{PartFailed, Parts, Wiring, folded};
use crate::{
    platform::Platform,
    processor::{ContextFold, Processor, ProcessorError},
};

/// Runs a context's processors, once its tables are of this program's generation.
pub(super) async fn run(context: Context, wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    for_context(context, Run { wiring, parts }).await
}

struct Run<'a> {
    wiring: &'a Wiring,
    parts: &'a mut Parts,
}

impl<'a> ForContext for Run<'a> {
    type Output = BoxFuture<'a, Result<(), PartFailed>>;

    fn run<D: Decider>(self) -> Self::Output {
        Box::pin(run_decider::<D>(self.wiring, self.parts))
    }
}

async fn run_decider<D: Decider>(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let (platform, threads) = (wiring.platform.clone(), wiring.threads);
    if !platform.generations.is_pending(D::CONTEXT.name()) {
        for processor in join::<D>(&platform, wiring.instance.as_deref(), threads).await? {
            parts.run(|stop| async move { Ok(processor.run(stop).await?) });
        }
        return Ok(());
    }
    let instance = wiring.instance.clone();
    parts.run(|stop| async move {
        if !folded::<ContextFold<D>>(&platform, instance.as_deref(), &stop).await? {
            return Ok(());
        }
        let mut processors = JoinSet::new();
        for processor in join::<D>(&platform, instance.as_deref(), threads).await? {
            processors.spawn(processor.run(stop.clone()));
        }
        while let Some(ended) = processors.join_next().await {
            ended??;
        }
        Ok(())
    });
    Ok(())
}

/// Takes as many seats of a context's group as the process has threads for it: each seat's processor decides on partitions of its own.
async fn join<D: Decider>(
    platform: &Platform,
    instance: Option<&str>,
    threads: u32,
) -> Result<Vec<Processor<D>>, ProcessorError> {
    let mut processors = Vec::new();
    for seat in Seat::all(instance, threads) {
        processors.push(Processor::join(platform.clone(), seat).await?);
    }
    Ok(processors)
}
