//! The open connections: how many of them, from where, and since when each is idle. Where there is no room, those idle longest
//! make it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::progress::Progress;
use crate::addresses::Source;

/// One in so many connections is ended at once where all places are taken: looking for those idle longest costs a walk over all, and
/// who comes stands behind all that came before.
const AT_ONCE: usize = 8;
/// A connection is not ended for another's sake before it was idle for this long: between two requests of one page it is not.
const IDLE: Duration = Duration::from_secs(1);

/// The connections of a listener.
pub(super) struct Connections {
    most: usize,
    per_source: usize,
    idle: Duration,
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    all: HashMap<u64, Place>,
    by_source: HashMap<Source, usize>,
}

struct Place {
    /// None: a trusted proxy's, which has no share.
    source: Option<Source>,
    progress: Arc<Progress>,
}

/// A place among the open connections, given back when it is dropped.
pub(super) struct Admitted {
    connections: Arc<Connections>,
    id: u64,
}

impl Connections {
    pub(super) fn new(most: usize, per_source: usize) -> Arc<Self> {
        Self::sparing(most, per_source, IDLE)
    }

    /// Connections with another time for which one must have been idle before it is ended for others.
    fn sparing(most: usize, per_source: usize, idle: Duration) -> Arc<Self> {
        Arc::new(Self { most, per_source, idle, open: Mutex::default(), freed: Notify::new() })
    }

    /// Waits until there is room for one more. Ends idle connections where there is none.
    pub(super) async fn room(&self) {
        loop {
            // Registered before the count is looked at, so that a place freed in between is not slept through.
            let freed = self.freed.notified();
            {
                let open = self.lock();
                if open.all.len() < self.most {
                    return;
                }
                self.end_idle(&open, |_| true, self.most.div_ceil(AT_ONCE));
            }
            let _ = tokio::time::timeout(self.idle, freed).await;
        }
    }

    /// A place for a connection from there. None: that address has as many as it may, and none of them is idle.
    pub(super) fn admit(self: &Arc<Self>, source: Option<Source>, progress: &Arc<Progress>) -> Option<Admitted> {
        let mut open = self.lock();
        if let Some(source) = source {
            let count = open.by_source.get(&source).copied().unwrap_or_default();
            // Its own idle ones make room: what one of many people behind an address leaves open keeps no other out.
            if count >= self.per_source && self.end_idle(&open, |place| place.source == Some(source), 1) == 0 {
                return None;
            }
            *open.by_source.entry(source).or_default() += 1;
        }
        let id = open.next;
        open.next += 1;
        open.all.insert(id, Place { source, progress: Arc::clone(progress) });
        Some(Admitted { connections: Arc::clone(self), id })
    }

    /// Waits until none is open.
    pub(super) async fn ended(&self) {
        loop {
            let freed = self.freed.notified();
            if self.lock().all.is_empty() {
                return;
            }
            freed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends up to `count` idle connections of those that `of` names: first of the addresses that have most, there those idle longest.
    /// Gives the number of those that were told to end.
    fn end_idle(&self, open: &Open, of: impl Fn(&Place) -> bool, count: usize) -> usize {
        let mut idle: Vec<(usize, Duration, &Place)> = open
            .all
            .values()
            .filter(|place| of(place))
            .filter_map(|place| Some((place, place.progress.idle_for().filter(|idle| *idle >= self.idle)?)))
            .map(|(place, idle)| (place.source.map_or(0, |source| open.by_source[&source]), idle, place))
            .collect();
        idle.sort_unstable_by_key(|(count, idle, _)| std::cmp::Reverse((*count, *idle)));
        idle.truncate(count);
        idle.iter().for_each(|(_, _, place)| place.progress.end());
        idle.len()
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        let Some(place) = open.all.remove(&self.id) else { return };
        if let Some(source) = place.source
            && let Some(count) = open.by_source.get_mut(&source)
        {
            *count -= 1;
            if *count == 0 {
                open.by_source.remove(&source);
            }
        }
        drop(open);
        self.connections.freed.notify_waiters();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::server::settings::Times;

    fn source(last: u8) -> Option<Source> {
        Some(IpAddr::from(Ipv4Addr::new(127, 0, 0, last)).into())
    }

    fn connection() -> Arc<Progress> {
        Arc::new(Progress::new(Times::default()))
    }

    /// Long enough for what happens at once to be no pause.
    const PAUSE: Duration = Duration::from_millis(500);

    #[tokio::test]
    async fn f40_an_address_has_a_share_and_a_proxy_has_none() {
        let connections = Connections::new(100, 2);
        let held: Vec<_> = (0..2).map(|_| connections.admit(source(1), &connection()).unwrap()).collect();
        assert!(connections.admit(source(1), &connection()).is_none(), "nothing of it is idle yet");
        assert!(connections.admit(source(2), &connection()).is_some());
        let proxied: Vec<_> = (0..10).map(|_| connections.admit(None, &connection()).unwrap()).collect();
        drop(held);
        assert!(connections.admit(source(1), &connection()).is_some(), "places are given back");
        drop(proxied);
        connections.ended().await;
    }

    #[tokio::test]
    async fn f40_the_idle_of_an_address_make_room_for_its_next() {
        let connections = Connections::sparing(100, 2, PAUSE);
        let (first, second) = (connection(), connection());
        let _held = (connections.admit(source(1), &first), connections.admit(source(1), &second));
        tokio::time::sleep(PAUSE).await;
        second.touch();
        assert!(connections.admit(source(1), &connection()).is_some());
        assert!(first.is_told_to_end() && !second.is_told_to_end());
    }

    #[tokio::test]
    async fn f40_where_all_places_are_taken_the_address_with_most_gives_first() {
        let connections = Connections::sparing(4, 4, PAUSE);
        let alone = connection();
        let _alone = connections.admit(source(1), &alone).unwrap();
        let many: Vec<_> = (0..3).map(|_| connection()).collect();
        let mut places: Vec<_> = many.iter().map(|progress| connections.admit(source(2), progress)).collect();
        tokio::time::sleep(PAUSE).await;
        let waiting = tokio::time::timeout(PAUSE, connections.room());
        assert!(waiting.await.is_err(), "nobody has gone yet");
        assert!(!alone.is_told_to_end(), "it has been idle longest, but is its address' only one");
        let told = many.iter().position(|progress| progress.is_told_to_end()).unwrap();
        drop(places.swap_remove(told));
        connections.room().await;
    }
}
