//! The parts that every turn works with, and a turn's beginning: which matter it is, and whether it is open still.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use feira_connectors::{gateway::Gateways, keyring::Keyring};
use feira_schemas::{
    ids::{CommandId, Micros, TenantId},
    records::{
        CommandSet, PaymentsCommand,
        common::{CommandMeta, CommandResult},
        payments::{EffectKind, EffectState},
    },
    row::{RowKey, Stored},
    rows::payments::{EffectRow, Matter, OpenMatterRow},
    time::{HOUR, MINUTE},
    topics::{Context, Position},
};

use super::{
    GROUP,
    accounts::Accounts,
    matters::{Memory, Next, Turn},
    opening::NotOpened,
    pulse::Pulse,
    schedule,
};
use crate::{
    commands::{Commands, SendError},
    effects::Away,
    platform::Platform,
};

/// The time in which payments must decide, or show what it has decided, before `/readyz` says that it has not.
const PATIENCE: Duration = Duration::from_secs(10);
/// The rest of what is sealed while the keyring is away.
const KEYRING_AWAY: Micros = 5_000_000;
/// The rest of what only a person can mend, or a newer program.
const FOR_A_PERSON: Micros = HOUR;

/// The parts that every turn works with.
pub(super) struct Work {
    pub platform: Platform,
    pub commands: Arc<Commands>,
    pub gateways: Gateways,
    pub keyring: Keyring,
    pub accounts: Accounts,
    pub away: Away,
    pub pulse: Arc<Pulse>,
    /// The name of this process, by an id of its own start: grants are given to it.
    pub runner: String,
    /// The number of commands of this process that are told apart by nothing else.
    pub numbered: AtomicU64,
}

impl Work {
    /// Has a matter's turn.
    pub async fn turn(&self, turn: Turn) -> Next {
        self.shown(turn.partition, turn.seen).await;
        match turn.key.matter {
            Matter::Effect(effect) => {
                let key = EffectRow::at(turn.key.tenant, effect);
                let Some(row) = self.row::<EffectRow>(&key).await else { return Next::Finished };
                self.effect(&row, &turn).await
            }
            Matter::Charge(charge) => self.watch(charge, &turn).await,
        }
    }

    async fn effect(&self, row: &EffectRow, turn: &Turn) -> Next {
        let (effect, memory) = (&row.effect, turn.memory);
        match (effect.kind, effect.state) {
            (EffectKind::Check, EffectState::Wanted | EffectState::Granted) => self.check(row, memory).await,
            // Decide asks for it again, when it is time.
            (EffectKind::Check, EffectState::Question | EffectState::Open) => self.later(FOR_A_PERSON, memory),
            (EffectKind::Charge | EffectKind::Refund | EffectKind::Cancel, state) => match state {
                EffectState::Wanted => self.attempt(row, false, Memory { question: None, ..memory }).await,
                EffectState::Granted | EffectState::Question | EffectState::Open => self.question(row, turn).await,
                EffectState::Closed => Next::Finished,
                EffectState::Unknown => self.later(FOR_A_PERSON, memory),
            },
            (_, EffectState::Closed) => Next::Finished,
            // Nothing here does these yet; who does is a newer program.
            _ => self.later(FOR_A_PERSON, memory),
        }
    }

    /// True if a matter's row is there: it is to be looked after still.
    pub async fn is_open(&self, turn: &Turn) -> bool {
        let key = OpenMatterRow::at(turn.partition, turn.key.matter);
        self.row::<OpenMatterRow>(&key).await.is_some()
    }

    /// Another turn after some time, with nothing achieved.
    pub fn later(&self, after: Micros, memory: Memory) -> Next {
        self.again_at(self.platform.clock.steady() + after, memory)
    }

    /// Another turn at a time of the steady clock.
    pub fn again_at(&self, due: Micros, memory: Memory) -> Next {
        Next::Again { due, memory, looked: false }
    }

    /// Another turn after a rest, which is longer each time in a row.
    pub fn rest(&self, memory: Memory) -> Next {
        let tries = memory.tries.saturating_add(1);
        self.later(schedule::rest(memory.tries), Memory { tries, ..memory })
    }

    /// Another turn once something that is sealed may be opened.
    pub fn unopened(&self, tenant: TenantId, why: &NotOpened, memory: Memory) -> Next {
        match why {
            NotOpened::Away(why) => {
                tracing::warn!(tenant.id = %tenant, %why, "a gateway is not asked while the keyring is away");
                self.later(KEYRING_AWAY, memory)
            }
            NotOpened::Erased | NotOpened::Lost(_) => {
                tracing::error!(tenant.id = %tenant, ?why, "a gateway can't be asked: what it takes can't be opened");
                self.later(FOR_A_PERSON, memory)
            }
        }
    }

    /// Waits until payments' rows show an event.
    pub async fn shown(&self, partition: u32, write_ts: Micros) {
        let context = Context::Payments;
        let at = Position { context, partition, write_ts };
        let wait = || async {
            let shown = self.platform.reached.wait(context.name(), context, at, PATIENCE).await;
            shown.map_err(|stale| format!("payments' rows: {stale}"))
        };
        self.away.waited_for(GROUP, wait).await;
    }

    /// A row, however long the state is away.
    pub async fn row<R: Stored>(&self, key: &RowKey) -> Option<R> {
        let read = || async { self.platform.state.get::<R>(key).await.map_err(|error| error.to_string()) };
        self.away.waited_for(GROUP, read).await
    }

    /// The rows below a key, at most so many, however long the state is away.
    pub async fn rows<R: Stored>(&self, key: &RowKey, most: usize) -> Vec<R> {
        let read = || async { self.platform.state.scan::<R>(key, None, most).await.map_err(|error| error.to_string()) };
        self.away.waited_for(GROUP, read).await
    }

    /// The meta of the command that this verb and key name: the same name is the same command, also after a crash.
    pub fn meta(&self, tenant: TenantId, verb: &str, of: &str, key: &str) -> CommandMeta {
        let actor = format!("system:{GROUP}");
        CommandMeta {
            command_id: CommandId::from_client_key(tenant, &actor, verb, of, key),
            tenant_id: tenant,
            actor,
            issued_at: self.platform.now(),
            body_hash: String::new(),
            keyed: true,
            expected_version: None,
        }
    }

    /// The meta of a command that this process sends once, of which each is another.
    pub fn meta_of_its_own(&self, tenant: TenantId, verb: &str, of: &str) -> CommandMeta {
        let number = self.numbered.fetch_add(1, Ordering::Relaxed);
        self.meta(tenant, verb, of, &format!("{}/{number}", self.runner))
    }

    /// Sends a command until it is decided and its rows can be seen. `None`: it can't be written, which no repetition changes.
    pub async fn send(&self, command: impl Into<PaymentsCommand>) -> Option<CommandResult> {
        let command = command.into();
        let key = command.meta().tenant_id.to_string();
        let send = || async {
            match self.commands.send(&key, command.clone(), None, PATIENCE).await {
                Ok(result) => Ok(Some(result)),
                Err(SendError::Codec(error)) => {
                    tracing::error!(tenant.id = %command.meta().tenant_id, %error, "a command of the gateways' runner can't be written");
                    Ok(None)
                }
                Err(error) => Err(error.to_string()),
            }
        };
        let result = self.away.waited_for(GROUP, send).await?;
        self.shown(u32::try_from(result.partition).unwrap_or_default(), result.write_ts).await;
        Some(result)
    }
}

/// The time after which a turn that panicked is had again: an effect is never lost to a fault of ours.
pub(super) const AFTER_PANIC: Micros = MINUTE;
