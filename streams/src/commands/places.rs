//! The places of commands under way. A shop has so many, and a command keeps its own until its answer is seen, however long
//! ago the request ended that brought it: what waits to be decided is bounded so, per shop and process.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use feira_connectors::log::{Log, LogError, TopicPartition};
use feira_schemas::{
    ids::{CommandId, TenantId},
    topics::Context,
};
use tokio::time::Instant;

/// Commands of one shop under way. More would let one shop fill a partition that it shares with others; fewer would slow its
/// imports.
pub const PLACES: usize = 256;
/// Bytes that the commands of one shop under way may weigh: what they bring, and the entities that they change. A decision's time
/// grows with both, so this is how long others in its partition wait behind a shop; half as much would make a shop of ordinary
/// products, of 32 KiB, wait before its places are taken.
pub const WEIGHT: usize = 8 * 1024 * 1024;
/// A command that has no answer for so long is looked after: its answer may have been missed, or never come.
const OVERDUE: Duration = Duration::from_secs(60);

/// A shop has as many commands under way as it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many commands of this shop are under way")]
pub struct Busy;

/// The commands that each shop has under way.
#[derive(Debug, Default)]
pub(super) struct Places {
    shops: Mutex<HashMap<TenantId, Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    places: usize,
    weight: usize,
}

/// A command's place among its shop's, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    tenant: TenantId,
    weight: usize,
}

impl Places {
    /// A place for one more command of a shop. One that is heavier than all may be together comes alone.
    pub fn take(self: &Arc<Self>, tenant: TenantId, weight: usize) -> Result<Place, Busy> {
        let mut shops = lock(&self.shops);
        let taken = shops.entry(tenant).or_default();
        if taken.places >= PLACES || (taken.places > 0 && taken.weight + weight > WEIGHT) {
            return Err(Busy);
        }
        taken.places += 1;
        taken.weight += weight;
        Ok(Place { places: Arc::clone(self), tenant, weight })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut shops = lock(&self.places.shops);
        if let Some(taken) = shops.get_mut(&self.tenant) {
            taken.places -= 1;
            taken.weight -= self.weight;
            if taken.places == 0 {
                shops.remove(&self.tenant);
            }
        }
    }
}

/// The places of what was sent and is not answered.
#[derive(Default)]
pub(super) struct Held {
    /// The commands under way, by id, oldest first: one that is sent again is answered again.
    commands: Mutex<HashMap<CommandId, VecDeque<Sent>>>,
}

/// A command on its way.
struct Sent {
    _place: Place,
    context: Context,
    at: TopicPartition,
    /// None: it is not known whether the log has it.
    offset: Option<i64>,
    since: Instant,
    /// True if the command was found decided at the last look, so that its answer may be on its way.
    decided: bool,
}

impl Sent {
    fn is_overdue(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) > OVERDUE
    }
}

impl Held {
    /// Keeps a place from before its command is sent, since the answer may be quicker than the acknowledgement.
    pub fn keep(&self, command: CommandId, place: Place, context: Context, at: TopicPartition, now: Instant) {
        let sent = Sent { _place: place, context, at, offset: None, since: now, decided: false };
        lock(&self.commands).entry(command).or_default().push_back(sent);
    }

    /// The log has the command there.
    pub fn acknowledged(&self, command: CommandId, offset: i64) {
        if let Some(sent) = lock(&self.commands).get_mut(&command).and_then(VecDeque::back_mut) {
            sent.offset.get_or_insert(offset);
        }
    }

    /// The log has not got the command, and will not.
    pub fn not_sent(&self, command: CommandId) {
        self.give_back(command, VecDeque::pop_back);
    }

    /// The command was answered, once.
    pub fn answered(&self, command: CommandId) {
        self.give_back(command, VecDeque::pop_front);
    }

    fn give_back(&self, command: CommandId, pop: impl FnOnce(&mut VecDeque<Sent>) -> Option<Sent>) {
        let mut commands = lock(&self.commands);
        let Some(sent) = commands.get_mut(&command) else { return };
        let done = pop(sent);
        if sent.is_empty() {
            commands.remove(&command);
        }
        drop(commands);
        // Its place goes back under a lock of its own.
        drop(done);
    }

    /// Gives back the places of commands whose answer can't come any more: the position of their context is past them, and
    /// was so when this was asked before.
    pub async fn look_after(&self, log: &Log, now: Instant) -> Result<(), LogError> {
        for (context, at) in self.overdue(now) {
            let positions = log.committed(context.name(), std::slice::from_ref(&at)).await?;
            let position = positions.first().copied().flatten().unwrap_or_default();
            // What was not acknowledged by now is below the end, or nowhere.
            let end = log.end(&at).await?;
            self.forget_decided(&at, position, end, now);
        }
        Ok(())
    }

    fn overdue(&self, now: Instant) -> HashSet<(Context, TopicPartition)> {
        let commands = lock(&self.commands);
        let overdue = commands.values().flatten().filter(|sent| sent.is_overdue(now));
        overdue.map(|sent| (sent.context, sent.at.clone())).collect()
    }

    fn forget_decided(&self, at: &TopicPartition, position: i64, end: i64, now: Instant) {
        let mut gone = Vec::new();
        let mut commands = lock(&self.commands);
        commands.retain(|_, all| {
            for mut sent in std::mem::take(all) {
                let overdue = sent.at == *at && sent.is_overdue(now);
                let decided = overdue && *sent.offset.get_or_insert(end) < position;
                if decided && sent.decided {
                    gone.push(sent);
                } else {
                    sent.decided = decided;
                    all.push_back(sent);
                }
            }
            !all.is_empty()
        });
        drop(commands);
        drop(gone);
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        lock(&self.commands).is_empty()
    }
}

/// Every change under these locks is a single step, so what a panic left behind is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    fn command(number: u128) -> CommandId {
        CommandId::from_uuid(Uuid::from_u128(number))
    }

    fn at() -> TopicPartition {
        TopicPartition::new("admin.commands", 3)
    }

    #[test]
    fn f04_a_shop_has_so_many_places_and_another_has_its_own() {
        let places = Arc::new(Places::default());
        let mut taken: Vec<Place> = (0..PLACES).map(|_| places.take(tenant(1), 100).unwrap()).collect();
        assert_eq!(places.take(tenant(1), 0).unwrap_err(), Busy);
        assert!(places.take(tenant(2), 0).is_ok());
        taken.pop();
        assert!(places.take(tenant(1), 0).is_ok());
        taken.clear();
        assert!(places.shops.lock().unwrap().is_empty(), "a shop that has nothing under way costs nothing");
    }

    #[test]
    fn f04_heavy_commands_take_more_of_a_shops_share_and_the_heaviest_comes_alone() {
        let places = Arc::new(Places::default());
        let heavy: Vec<Place> = (0..8).map(|_| places.take(tenant(1), WEIGHT / 8).unwrap()).collect();
        assert_eq!(places.take(tenant(1), 1).unwrap_err(), Busy);
        drop(heavy);
        let heaviest = places.take(tenant(1), 2 * WEIGHT).unwrap();
        assert_eq!(places.take(tenant(1), 0).unwrap_err(), Busy);
        drop(heaviest);
        assert!(places.take(tenant(1), 0).is_ok());
    }

    #[test]
    fn f04_a_place_is_given_back_once_per_answer() {
        let (places, held) = (Arc::new(Places::default()), Held::default());
        let under_way = || places.shops.lock().unwrap().get(&tenant(1)).map_or(0, |taken| taken.places);
        for _ in 0..2 {
            held.keep(command(7), places.take(tenant(1), 0).unwrap(), Context::Admin, at(), Instant::now());
        }
        held.answered(command(8));
        assert_eq!(under_way(), 2, "another command's answer");
        held.answered(command(7));
        assert_eq!(under_way(), 1);
        held.not_sent(command(7));
        assert_eq!(under_way(), 0);
        assert!(held.is_empty());
    }

    #[test]
    fn f04_an_answer_that_can_not_come_any_more_is_not_waited_for() {
        let (places, held) = (Arc::new(Places::default()), Held::default());
        let under_way = || places.shops.lock().unwrap().get(&tenant(1)).map_or(0, |taken| taken.places);
        let place = || places.take(tenant(1), 0).unwrap();
        let begun = Instant::now();
        let later = begun + OVERDUE * 2;
        held.keep(command(1), place(), Context::Admin, at(), begun);
        held.acknowledged(command(1), 10);
        held.keep(command(2), place(), Context::Admin, at(), begun); // Whether the log has this one is unknown.
        held.keep(command(3), place(), Context::Admin, at(), later);
        let look = |position, end, now| held.forget_decided(&at(), position, end, now);
        look(100, 20, begun);
        look(100, 20, begun);
        assert_eq!(under_way(), 3, "all are young");
        assert_eq!(held.overdue(later), [(Context::Admin, at())].into());
        look(10, 20, later);
        look(10, 20, later);
        assert_eq!(under_way(), 3, "none is decided");
        look(20, 30, later);
        assert_eq!(under_way(), 3, "the first one's answer may be on its way");
        look(20, 30, later);
        assert_eq!(under_way(), 2, "the second one may lie at 19");
        look(21, 30, later);
        look(21, 30, later);
        assert_eq!(under_way(), 1, "the third one is young");
    }
}
