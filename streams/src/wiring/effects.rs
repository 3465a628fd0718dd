//! The effects on the outside: images that are fetched, domains that are looked at, payment gateways that are asked, mails that are
//! sent, and files of images and keys that are deleted.

use std::sync::Arc;

use feira_contexts::Decider;
use feira_schemas::topics::Context;

use super::{PartFailed, Parts, Wiring};
use crate::effects::{
    domains::Domains,
    gateways::GatewayRunner,
    images::Images,
    mails::{Mails, Sender},
    removed, sweep,
};

/// Fetches the images that an import names by address, once admin's tables are of this program's generation.
pub(super) async fn images(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(settings) = wiring.images.clone() else { return Ok(()) };
    let (platform, commands) = (wiring.platform.clone(), Arc::clone(&wiring.commands));
    if !platform.generations.is_pending(Context::Admin.name()) {
        let effect = Images::join(platform, commands, settings, wiring.instance.as_deref()).await?;
        parts.run(|stop| async move { Ok(effect.run(stop).await?) });
        return Ok(());
    }
    let instance = wiring.instance.clone();
    // It looks at admin's rows, and would take for gone what is not folded yet.
    parts.run(|mut stop| async move {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = platform.generations.until_whole(Context::Admin.name()) => {}
        }
        let effect = Images::join(platform, commands, settings, instance.as_deref()).await?;
        Ok(effect.run(stop).await?)
    });
    Ok(())
}

/// Looks at shops' domains, once admin's tables are of this program's generation.
pub(super) async fn domains(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(ports) = wiring.domains.clone() else { return Ok(()) };
    let (platform, commands) = (wiring.platform.clone(), Arc::clone(&wiring.commands));
    if !platform.generations.is_pending(Context::Admin.name()) {
        let effect = Domains::join(platform, commands, ports, wiring.instance.as_deref()).await?;
        parts.run(|stop| async move { Ok(effect.run(stop).await?) });
        return Ok(());
    }
    let instance = wiring.instance.clone();
    // It looks at admin's rows, of which a domain that is not folded yet has none.
    parts.run(|mut stop| async move {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = platform.generations.until_whole(Context::Admin.name()) => {}
        }
        let effect = Domains::join(platform, commands, ports, instance.as_deref()).await?;
        Ok(effect.run(stop).await?)
    });
    Ok(())
}

/// Asks payment gateways, once payments' tables are of this program's generation.
pub(super) async fn gateways(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(ports) = wiring.gateways.clone() else { return Ok(()) };
    let (platform, commands) = (wiring.platform.clone(), Arc::clone(&wiring.commands));
    if !platform.generations.is_pending(Context::Payments.name()) {
        let runner = GatewayRunner::join(platform, commands, ports, wiring.instance.as_deref()).await?;
        parts.run(|stop| async move { Ok(runner.run(stop).await?) });
        return Ok(());
    }
    let instance = wiring.instance.clone();
    // It begins with payments' rows, and would take for closed what is not folded yet.
    parts.run(|mut stop| async move {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = platform.generations.until_whole(Context::Payments.name()) => {}
        }
        let runner = GatewayRunner::join(platform, commands, ports, instance.as_deref()).await?;
        Ok(runner.run(stop).await?)
    });
    Ok(())
}

/// Sends the mails of a context, once its tables are of this program's generation.
pub(super) async fn mails<S: Sender>(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let Some(ports) = wiring.mails.clone() else { return Ok(()) };
    let (platform, commands) = (wiring.platform.clone(), Arc::clone(&wiring.commands));
    let context = S::Context::CONTEXT.name();
    if !platform.generations.is_pending(context) {
        let runner = Mails::<S>::join(platform, commands, ports, wiring.instance.as_deref()).await?;
        parts.run(|stop| async move { Ok(runner.run(stop).await?) });
        return Ok(());
    }
    let instance = wiring.instance.clone();
    // It begins with the context's rows, and would take for closed what is not folded yet.
    parts.run(|mut stop| async move {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = platform.generations.until_whole(context) => {}
        }
        let runner = Mails::<S>::join(platform, commands, ports, instance.as_deref()).await?;
        Ok(runner.run(stop).await?)
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
