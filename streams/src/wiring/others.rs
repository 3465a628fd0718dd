//! Looks for what other processes fold, where somebody here waits for it; and says when what is folded here is whole.

use std::{collections::BTreeSet, time::Duration};

use feira_connectors::state::StateError;
use feira_schemas::groups::{PANEL, Role, SEARCH};
use tokio::sync::watch;

use super::{PartFailed, Parts};
use crate::{
    generations::{self, SHARDS},
    health::Doing,
    platform::Platform,
};

/// The time between two looks for what a process waits for others to fold.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The name in this process' health of the wait for others' folds.
const WAITS: &str = "generations";

/// Looks as long as these roles need it.
pub(super) fn look(platform: &Platform, roles: &BTreeSet<Role>, parts: &mut Parts) {
    if roles.contains(&Role::Api) || roles.contains(&Role::Effects) {
        let platform = platform.clone();
        parts.run(|stop| tables_whole(platform, stop));
    }
    let searches: Vec<&str> =
        [SEARCH, PANEL].iter().filter(|group| roles.contains(&group.role)).map(|group| group.name).collect();
    if !searches.is_empty() {
        let platform = platform.clone();
        parts.run(|stop| shards_whole(platform, searches, stop));
    }
}

/// Looks, for those who only read, whether the tables were folded elsewhere.
async fn tables_whole(platform: Platform, mut stop: watch::Receiver<bool>) -> Result<(), PartFailed> {
    let pending = || {
        let all = platform.generations.all().into_iter().filter(|(name, _)| name != SHARDS);
        all.filter(|(_, kept)| kept.live < kept.ours).map(|(name, _)| name).collect::<Vec<_>>()
    };
    loop {
        let pending = pending();
        if pending.is_empty() {
            break;
        }
        for name in &pending {
            if let Err(error) = generations::look(&platform, name).await {
                tracing::warn!(%error, name, "could not look which generation is live");
            }
        }
        let waiting = Doing::Waiting(format!("a new generation of {} to be folded", pending.join(", ")));
        platform.health.report(WAITS, waiting, platform.now());
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = platform.generations.until_tables_are_whole() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    platform.health.forget(WAITS);
    Ok(())
}

/// Says that this program's shards are live, once those of the searches of this process are whole.
async fn shards_whole(
    platform: Platform,
    searches: Vec<&'static str>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), PartFailed> {
    while platform.generations.is_pending(SHARDS) {
        let doing = platform.health.all();
        let whole = |group: &str| doing.get(group).is_some_and(|(doing, _)| *doing == Doing::Working);
        if searches.iter().all(|group| whole(group)) {
            match generations::make_live(&platform, SHARDS).await {
                Err(StateError::Unavailable(why)) => tracing::warn!(%why, "the shards' generation is not kept yet"),
                made => return Ok(made?),
            }
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    Ok(())
}
