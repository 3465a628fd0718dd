//! The parts that every turn works with, and a turn's beginning: which matter it is, and whether it is open still.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use feira_connectors::{gateway::Gateways, keyring::Keyring};
use feira_schemas::{
    ids::{CommandId, Micros, TenantId},
    records::{
        PaymentsCommand,
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
    lists::Lists,
    matters::{Memory, Next, Turn},
    opening::NotOpened,
    pulse::Pulse,
    runs::Runs,
    schedule,
};
use crate::{
    commands::Commands,
    effects::{Away, said},
    platform::Platform,
};

/// The rest after something was done that changes the row that the next turn reads.
pub(super) const SOON: Micros = 100_000;
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
    /// The reconciliations that are under way.
    pub runs: Runs,
    /// The charges that wait for one list of their account.
    pub lists: Lists,
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
            Matter::Account(account) => self.reconcile(account, &turn).await,
            Matter::Subscription(subscription) => self.watch_subscription(subscription, &turn).await,
        }
    }

    async fn effect(&self, row: &EffectRow, turn: &Turn) -> Next {
        let (effect, memory) = (&row.effect, turn.memory);
        match (effect.kind, effect.state) {
            (EffectKind::Unknown, _) | (_, EffectState::Unknown) => self.later(FOR_A_PERSON, memory),
            (_, EffectState::Closed) => Next::Finished,
            (EffectKind::Check, EffectState::Wanted | EffectState::Granted) => self.check(row, memory).await,
            (EffectKind::Plan, EffectState::Wanted | EffectState::Granted) => self.make_plan(row, memory).await,
            // Decide asks for it again, when it is time.
            (EffectKind::Check | EffectKind::Plan, _) => self.later(FOR_A_PERSON, memory),
            (_, EffectState::Wanted) => self.attempt(row, false, Memory { question: None, ..memory }).await,
            (_, EffectState::Granted | EffectState::Question | EffectState::Open) => self.question(row, turn).await,
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
        let at = Position { context: Context::Payments, partition, write_ts };
        said::shown(&self.platform, &self.away, GROUP, at).await;
    }

    /// A row, however long the state is away.
    pub async fn row<R: Stored>(&self, key: &RowKey) -> Option<R> {
        let read = || async { self.platform.state.get::<R>(key).await.map_err(|error| error.to_string()) };
        self.away.waited_for(GROUP, read).await
    }

    /// A page of the rows below a key, from the one after `after` on, however long the state is away.
    pub async fn page<R: Stored>(&self, key: &RowKey, after: Option<&RowKey>, most: usize) -> Vec<R> {
        let read =
            || async { self.platform.state.scan::<R>(key, after, most).await.map_err(|error| error.to_string()) };
        self.away.waited_for(GROUP, read).await
    }

    /// The rows with these keys, in their order, however long the state is away.
    pub async fn many<R: Stored>(&self, keys: &[RowKey]) -> Vec<Option<R>> {
        let read = || async { self.platform.state.get_many::<R>(keys).await.map_err(|error| error.to_string()) };
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
        said::send(&self.platform, &self.commands, &self.away, GROUP, command.into()).await
    }
}

/// The time after which a turn that panicked is had again: an effect is never lost to a fault of ours.
pub(super) const AFTER_PANIC: Micros = MINUTE;
