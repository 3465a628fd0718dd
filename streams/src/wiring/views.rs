//! The views: the storefront's, and a search's over its shards.

use feira_connectors::search::Shards;
use feira_schemas::records::{AdminEvent, PaymentsEvent, StoreEvent};

use super::{PartFailed, Parts, Wiring, folded};
use crate::{
    generations::{self, Source},
    views::{
        View, ViewProcessor,
        audit::AuditView,
        search::{Catalogue, SearchView},
        storefront::StorefrontView,
    },
};

/// Runs the storefront's view, once its tables are of this program's generation.
pub(super) async fn storefront(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    of_tables(wiring, parts, StorefrontView::new(wiring.platform.clone())).await
}

/// Runs the audit's views as [`storefront`] does its own.
pub(super) async fn audit(wiring: &Wiring, parts: &mut Parts) -> Result<(), PartFailed> {
    let platform = || wiring.platform.clone();
    of_tables(wiring, parts, AuditView::<AdminEvent>::new(platform())).await?;
    of_tables(wiring, parts, AuditView::<PaymentsEvent>::new(platform())).await?;
    of_tables(wiring, parts, AuditView::<StoreEvent>::new(platform())).await
}

/// Runs a view that keeps what it shows in tables.
async fn of_tables<V: View + Source>(wiring: &Wiring, parts: &mut Parts, view: V) -> Result<(), PartFailed> {
    let platform = wiring.platform.clone();
    if !platform.generations.is_pending(V::KEYSPACE) {
        return run(wiring, parts, view).await;
    }
    let instance = wiring.instance.clone();
    parts.run(|stop| async move {
        if !folded::<V>(&platform, instance.as_deref(), &stop).await? {
            return Ok(());
        }
        Ok(ViewProcessor::join(platform, view, instance.as_deref()).await?.run(stop).await?)
    });
    Ok(())
}

/// Runs a search's view over its shards. Those of a new generation are folded by the view's own loop.
pub(super) async fn search<C: Catalogue>(
    wiring: &Wiring,
    parts: &mut Parts,
    shards: &Shards,
) -> Result<(), PartFailed> {
    run(wiring, parts, SearchView::<C>::new(wiring.platform.clone(), shards.clone())).await?;
    if generations::older_shards_go(&wiring.platform).await? {
        shards.drop_older().await?;
    }
    Ok(())
}

async fn run<V: View>(wiring: &Wiring, parts: &mut Parts, view: V) -> Result<(), PartFailed> {
    let processor = ViewProcessor::join(wiring.platform.clone(), view, wiring.instance.as_deref()).await?;
    parts.run(|stop| async move { Ok(processor.run(stop).await?) });
    Ok(())
}
