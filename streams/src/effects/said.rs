//! What effects say to a context, and see of it: a command that is sent until it is decided, and rows that show an event.

use std::time::Duration;

use feira_schemas::{
    records::{CommandSet, common::CommandResult},
    topics::Position,
};

use super::Away;
use crate::{
    commands::{Commands, SendError},
    platform::Platform,
};

/// The time in which a context must decide, or show what it has decided, before `/readyz` says that it has not.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until a context's rows show an event of it.
pub(super) async fn shown(platform: &Platform, away: &Away, group: &str, at: Position) {
    let wait = || async {
        let shown = platform.reached.wait(at.context.name(), at.context, at, PATIENCE).await;
        shown.map_err(|stale| format!("rows of {}: {stale}", at.context))
    };
    away.waited_for(group, wait).await;
}

/// Sends a command until it is decided and its rows can be seen. `None`: it can't be written, which no repetition changes.
pub(super) async fn send<C: CommandSet>(
    platform: &Platform,
    commands: &Commands,
    away: &Away,
    group: &str,
    command: C,
) -> Option<CommandResult> {
    let key = command.meta().tenant_id.to_string();
    let send = || async {
        match commands.send(&key, command.clone(), None, PATIENCE).await {
            Ok(result) => Ok(Some(result)),
            Err(SendError::Codec(error)) => {
                tracing::error!(group, tenant.id = %command.meta().tenant_id, %error, "a command of an effect can't be written");
                Ok(None)
            }
            Err(error) => Err(error.to_string()),
        }
    };
    let result = away.waited_for(group, send).await?;
    let partition = u32::try_from(result.partition).unwrap_or_default();
    // What is done next must see what was decided.
    shown(platform, away, group, Position { context: C::CONTEXT, partition, write_ts: result.write_ts }).await;
    Some(result)
}
