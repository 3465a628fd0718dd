//! Something of which there is so much (cores, bytes), shared in turns of the shops: one that asks often waits behind itself,
//! and the others for one turn of its at most.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use feira_schemas::ids::TenantId;
use tokio::sync::oneshot;

/// Units of something scarce (cores, bytes), given out in turns of the shops. Clones share the same units.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<Shared>>);

struct Shared {
    all: u64,
    free: u64,
    waiting: HashMap<TenantId, VecDeque<Waiting>>,
    /// Tenants that wait, each once; the first is next.
    order: VecDeque<TenantId>,
}

struct Waiting {
    units: u64,
    turn: oneshot::Sender<Turn>,
}

/// Units that are taken, given back when this is dropped.
pub struct Turn {
    turns: Turns,
    units: u64,
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

impl Turns {
    /// So many units to share.
    pub fn of(units: u64) -> Self {
        let all = units.max(1);
        Self(Arc::new(Mutex::new(Shared { all, free: all, waiting: HashMap::new(), order: VecDeque::new() })))
    }

    /// Takes units when it is this shop's turn and they are free. Who asks for more than there are gets all of them.
    ///
    /// Cancel safe: a dropped call waits no longer, and holds nothing.
    pub async fn take(&self, shop: TenantId, units: u64) -> Turn {
        let (sender, turn) = oneshot::channel();
        {
            let mut shared = self.lock();
            let units = units.min(shared.all);
            let queue = shared.waiting.entry(shop).or_default();
            queue.push_back(Waiting { units, turn: sender });
            if queue.len() == 1 {
                shared.order.push_back(shop);
            }
        }
        self.grant();
        // The sender lies in the queue until it is used: it is never dropped without a turn.
        match turn.await {
            Ok(turn) => turn,
            Err(_) => Turn { turns: self.clone(), units: 0 },
        }
    }

    /// Gives turns to those who are next, while there is enough.
    fn grant(&self) {
        while let Some((waiting, units)) = self.next() {
            let turn = Turn { turns: self.clone(), units };
            // Who has gone meanwhile gives it back at once, outside the lock.
            drop(waiting.send(turn));
        }
    }

    /// Takes the next waiting turn, if there are enough units. The first in order waits for them, or the small would
    /// starve the large.
    fn next(&self) -> Option<(oneshot::Sender<Turn>, u64)> {
        let mut shared = self.lock();
        loop {
            let shop = *shared.order.front()?;
            let free = shared.free;
            let Some(queue) = shared.waiting.get_mut(&shop) else {
                shared.order.pop_front();
                continue;
            };
            queue.retain(|waiting| !waiting.turn.is_closed());
            let next = match queue.front() {
                Some(first) if first.units > free => return None,
                Some(_) => queue.pop_front(),
                None => None,
            };
            let more = !queue.is_empty();
            shared.order.pop_front();
            if more {
                shared.order.push_back(shop);
            } else {
                shared.waiting.remove(&shop);
            }
            if let Some(next) = next {
                shared.free -= next.units;
                return Some((next.turn, next.units));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Every change under this lock is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.units > 0 {
            self.turns.lock().free += self.units;
            self.turns.grant();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{future::Future, pin::pin, task::Poll};

    use futures::{FutureExt, poll};
    use uuid::Uuid;

    use super::*;

    fn shop(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn f04_who_asks_often_waits_behind_themselves() {
        let turns = Turns::of(1);
        let running = turns.take(shop(1), 1).await;
        let mut often: Vec<_> = (0..3).map(|_| Box::pin(turns.take(shop(1), 1))).collect();
        for waiting in &mut often {
            assert!(poll!(waiting.as_mut()).is_pending());
        }
        let mut seldom = pin!(turns.take(shop(2), 1));
        assert!(poll!(seldom.as_mut()).is_pending());
        drop(running);
        let mut first = often.remove(0);
        let first = first.as_mut().now_or_never().unwrap();
        assert!(poll!(seldom.as_mut()).is_pending());
        drop(first);
        let Poll::Ready(turn) = poll!(seldom.as_mut()) else { panic!("it was b's turn") };
        assert!(poll!(often[0].as_mut()).is_pending());
        drop(turn);
        assert!(poll!(often[0].as_mut()).is_ready());
    }

    #[tokio::test]
    async fn large_and_small_take_what_they_need_and_the_largest_all_of_it() {
        let turns = Turns::of(100);
        let small = turns.take(shop(1), 60).await;
        let mut large = pin!(turns.take(shop(2), 1_000));
        assert!(poll!(large.as_mut()).is_pending());
        // Behind the large one, which would never have its turn otherwise.
        let mut after = pin!(turns.take(shop(3), 10));
        assert!(poll!(after.as_mut()).is_pending());
        drop(small);
        let large = large.as_mut().now_or_never().unwrap();
        assert!(poll!(after.as_mut()).is_pending());
        drop(large);
        assert!(poll!(after.as_mut()).is_ready());
    }

    #[tokio::test]
    async fn who_goes_away_holds_nobody_up() {
        let turns = Turns::of(1);
        let running = turns.take(shop(1), 1).await;
        let mut gone = Box::pin(turns.take(shop(2), 1));
        assert!(poll!(gone.as_mut()).is_pending());
        let mut stays = pin!(turns.take(shop(3), 1));
        assert!(poll!(stays.as_mut()).is_pending());
        drop(gone);
        drop(running);
        let turn = stays.as_mut().now_or_never().unwrap();
        // One that got its turn and went before it looked gives it back.
        let mut given = Box::pin(turns.take(shop(4), 1));
        assert!(poll!(given.as_mut()).is_pending());
        drop(turn);
        drop(given);
        assert!(is_ready(turns.take(shop(5), 1)));
        assert!(turns.lock().waiting.is_empty());
    }

    fn is_ready(future: impl Future) -> bool {
        future.now_or_never().is_some()
    }
}
