//! Hears from Redis which keys changed, drops them from memory, and makes good what Redis missed while it was away.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisResult, Value, aio::MultiplexedConnection,
};
use tokio::{sync::mpsc, task::JoinSet};

use super::{Shared, client::what_to_do, link::place_of};

/// The time between two PINGs on a quiet connection: a peer that vanished without a word is noticed after two of
/// these.
const PING_EVERY: Duration = Duration::from_secs(1);
/// The longest wait between attempts to connect.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// One counter per bucket of keys, which grows when one of its keys changed. A reader compares it before and after to learn
/// whether what it holds may be old. Buckets share by chance, which costs a needless miss now and then.
#[derive(Debug)]
pub(super) struct Slots {
    counters: Vec<AtomicU64>,
    hasher: RandomState,
}

impl Default for Slots {
    fn default() -> Self {
        Self { counters: (0..4096).map(|_| AtomicU64::new(0)).collect(), hasher: RandomState::new() }
    }
}

impl Slots {
    pub(super) fn read(&self, place: &str) -> u64 {
        self.slot(place).map_or(0, |slot| slot.load(Ordering::Acquire))
    }

    fn changed(&self, place: &str) {
        if let Some(slot) = self.slot(place) {
            slot.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn all_changed(&self) {
        for slot in &self.counters {
            slot.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn slot(&self, place: &str) -> Option<&AtomicU64> {
        let buckets = u64::try_from(self.counters.len()).ok()?;
        self.counters.get(usize::try_from(self.hasher.hash_one(place).checked_rem(buckets)?).ok()?)
    }
}

/// The task that listens; it ends with this.
#[derive(Debug)]
pub(super) struct Listener(tokio::task::AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    pub(super) fn start(client: Client, shared: Arc<Shared>) -> Self {
        Self(tokio::spawn(listen_for_ever(client, shared)).abort_handle())
    }
}

async fn listen_for_ever(client: Client, shared: Arc<Shared>) {
    let mut wait = Duration::from_millis(50);
    let mut said = String::new();
    loop {
        match connect(&client).await {
            Ok((connection, pushes)) => {
                said.clear();
                wait = Duration::from_millis(50);
                // Whatever changed while nobody listened was not heard of.
                forget_all(&shared);
                listen(&shared, connection, pushes).await;
                forget_all(&shared);
                // A peer that vanished without a word is noticed here first.
                shared.links.renew();
                tracing::warn!("the connection that hears of changed keys was lost");
            }
            Err(error) => {
                // Once for each reason: it is tried again for as long as it takes.
                let why = error.to_string();
                if said != why {
                    let look_at = what_to_do(&error).unwrap_or("is Redis there?");
                    tracing::warn!(%error, look_at, "no connection to Redis to hear of changed keys");
                    said = why;
                }
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
        tokio::time::sleep(wait).await;
    }
}

async fn connect(client: &Client) -> RedisResult<(MultiplexedConnection, mpsc::UnboundedReceiver<PushInfo>)> {
    let info = client.get_connection_info().clone();
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(settings))?;
    // Unbounded, since Redis' reader must not block on it; what is in it is keys, and they are taken out at memory's speed.
    let (sender, pushes) = mpsc::unbounded_channel();
    let config = AsyncConnectionConfig::new()
        .set_push_sender(sender)
        .set_connection_timeout(Some(PING_EVERY))
        .set_response_timeout(Some(PING_EVERY));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let mut track = redis::cmd("CLIENT");
    track.arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX").arg("t:");
    track.query_async::<()>(&mut connection).await?;
    Ok((connection, pushes))
}

/// Drops changed keys from memory as Redis tells of them, until the connection is lost.
async fn listen(
    shared: &Arc<Shared>,
    mut connection: MultiplexedConnection,
    mut pushes: mpsc::UnboundedReceiver<PushInfo>,
) {
    let mut ping = tokio::time::interval(PING_EVERY);
    // One at a time, and beside this loop: dropping many keys takes a while, in which pushes must be heard. It ends with the
    // connection, and what is left is made good over the next one.
    let mut repair = JoinSet::new();
    loop {
        // All arms wait on things that lose nothing when dropped: a channel's receive, an interval's tick, a permit that is
        // kept, and a set that keeps what has ended. The work is done after the choice.
        tokio::select! {
            push = pushes.recv() => match push {
                Some(push) => {
                    if !heed(shared, push).await {
                        return;
                    }
                }
                None => return,
            },
            _ = ping.tick() => {
                if redis::cmd("PING").query_async::<()>(&mut connection).await.is_err() {
                    return;
                }
                // While nobody asks for anything, nothing else would say so.
                shared.missed.redis_answers();
            }
            () = shared.missed.can_be_repaired(), if repair.is_empty() => {
                let shared = Arc::clone(shared);
                repair.spawn(async move { shared.missed.repair(&shared).await });
            }
            Some(_) = repair.join_next() => {}
        }
    }
}

/// Drops what changed; false once the connection is gone.
async fn heed(shared: &Shared, push: PushInfo) -> bool {
    match push.kind {
        PushKind::Disconnection => return false,
        PushKind::Invalidate => match push.data.into_iter().next() {
            Some(Value::Array(keys)) => {
                for key in keys {
                    if let Value::BulkString(bytes) = key
                        && let Ok(key) = std::str::from_utf8(&bytes)
                    {
                        let place = place_of(key);
                        shared.slots.changed(place);
                        shared.memory.forget(place).await;
                    }
                }
            }
            // Not a list of keys: all of them, after FLUSHALL.
            _ => forget_all(shared),
        },
        _ => {}
    }
    true
}

fn forget_all(shared: &Shared) {
    shared.slots.all_changed();
    shared.memory.forget_all();
}
