//! The effects on the outside: images that are fetched, domains that are looked at, payment gateways that are asked, mails that are
//! sent, and files of images and keys that are deleted.

use std::sync::Arc;

use feira_contexts::Decider;
use feira_schemas::topics::Context;
use tokio::sync::watch;

use super::{PartFailed, Parts, Wiring};
use crate::{
    commands::Commands,
    effects::{
        EffectError,
        domains::Domains,
        gateways::GatewayRunner,
        images::Images,
        mails::{Mails, Sender},
        removed, sweep,
    },
    platform::Platform,
};

/// Fetches the images that an import names by address, once admin's tables are of this program's generation: it looks at admin's rows,
/// and would take for gone what is not folded yet.
pub(super) async fn images(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(settings) = wiring.images.clone() else { return Ok(()) };
    let join = |platform, commands, instance: Option<String>| async move {
        Images::join(platform, commands, settings, instance.as_deref()).await
    };
    once_folded(wiring, parts, Context::Admin, join, |effect, stop| effect.run(stop)).await
}

/// Looks at shops' domains, once admin's tables are of this program's generation: of a domain that is not folded yet there is no row.
pub(super) async fn domains(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(ports) = wiring.domains.clone() else { return Ok(()) };
    let join = |platform, commands, instance: Option<String>| async move {
        Domains::join(platform, commands, ports, instance.as_deref()).await
    };
    once_folded(wiring, parts, Context::Admin, join, |effect, stop| effect.run(stop)).await
}

/// Asks payment gateways, once payments' tables are of this program's generation: it begins with payments' rows, and would take for
/// closed what is not folded yet.
pub(super) async fn gateways(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(ports) = wiring.gateways.clone() else { return Ok(()) };
    let join = |platform, commands, instance: Option<String>| async move {
        GatewayRunner::join(platform, commands, ports, instance.as_deref()).await
    };
    once_folded(wiring, parts, Context::Payments, join, |runner, stop| runner.run(stop)).await
}

/// Sends the mails of a context, once its tables are of this program's generation: it begins with the context's rows, and would take
/// for closed what is not folded yet.
pub(super) async fn mails<S: Sender>(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(ports) = wiring.mails.clone() else { return Ok(()) };
    let join = |platform, commands, instance: Option<String>| async move {
        Mails::<S>::join(platform, commands, ports, instance.as_deref()).await
    };
    once_folded(wiring, parts, S::Context::CONTEXT, join, |runner, stop| runner.run(stop)).await
}

/// Joins and runs an effect once a context's tables are of this program's generation. Where they are already, what keeps it from
/// joining fails the start.
async fn once_folded<E, J, R>(
    wiring: &Wiring,
    parts: &mut Parts,
    context: Context,
    join: impl FnOnce(Platform, Arc<Commands>, Option<String>) -> J + Send + 'static,
    run: impl FnOnce(E, watch::Receiver<bool>) -> R + Send + 'static,
) -> Result<(), PartFailed>
where
    E: Send + 'static,
    J: Future<Output = Result<E, EffectError>> + Send,
    R: Future<Output = Result<(), EffectError>> + Send + 'static,
{
    let (platform, commands, instance) =
        (wiring.platform.clone(), Arc::clone(&wiring.commands), wiring.instance.clone());
    if !platform.generations.is_pending(context.name()) {
        let effect = join(platform, commands, instance).await?;
        parts.run(|stop| async move { Ok(run(effect, stop).await?) });
        return Ok(());
    }
    parts.run(|mut stop| async move {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = platform.generations.until_whole(context.name()) => {}
        }
        let effect = join(platform, commands, instance).await?;
        Ok(run(effect, stop).await?)
    });
    Ok(())
}

/// Erases keys of subjects whose entity never came to be, once a day.
pub(super) fn sweep(wiring: &Wiring, parts: &mut Parts) {
    let Some(ports) = wiring.mails.clone() else { return };
    let platform = wiring.platform.clone();
    parts.run(|stop| async move {
        sweep::run(platform, ports.keyring, stop).await;
        Ok(())
    });
}

/// Deletes the files of images that were taken away, where this process owns the partition of who looks.
pub(super) fn removed_images(wiring: &Wiring, parts: &mut Parts) {
    let platform = wiring.platform.clone();
    parts.run(|stop| async move {
        removed::run(platform, stop).await;
        Ok(())
    });
}
