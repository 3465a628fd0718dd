//! Data keys in memory, for a minute at most: an erased key is gone from every process by then, whether it was told or not.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use feira_schemas::{ids::TenantId, sealed::Subject};

use super::{crypto::Place, key::Key};

/// The time for which a key is kept. Longer would make an erasing, which waits for it, late; shorter reads more rows.
pub(super) const KEEP: Duration = Duration::from_secs(60);
/// Keys that are kept: what lists that people look at open within a minute. More takes memory, some 250 bytes each.
pub(super) const MOST: usize = 10_000;

/// Keys by their places. Times are those of the steady clock, which the caller reads.
#[derive(Default)]
pub(super) struct Cache {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<Place, (Key, Duration)>,
    /// The places in the order in which they were put, with the time: some are not kept any more, or were put again since.
    order: VecDeque<(Place, Duration)>,
}

impl Cache {
    /// The key of a place, if it was read less than a minute ago.
    pub(super) fn get(&self, place: &Place, now: Duration) -> Option<Key> {
        let known = self.known();
        let (key, read) = known.keys.get(place)?;
        (now.saturating_sub(*read) < KEEP).then(|| key.clone())
    }

    /// Keeps a key that was read from its row not before `read`.
    pub(super) fn put(&self, place: Place, key: Key, read: Duration) {
        let mut known = self.known();
        let before = known.keys.insert(place, (key, read));
        if before.is_none_or(|(_, before)| before != read) {
            known.order.push_back((place, read));
        }
        while let Some((oldest, put)) = known.order.front().copied() {
            let late = read.saturating_sub(put) >= KEEP;
            if !late && known.keys.len() <= MOST && known.order.len() <= 2 * MOST {
                break;
            }
            known.order.pop_front();
            if known.keys.get(&oldest).is_some_and(|(_, of)| *of == put) {
                known.keys.remove(&oldest);
            }
        }
    }

    /// Drops all keys of a subject.
    pub(super) fn forget(&self, tenant: TenantId, subject: Subject) {
        self.known().keys.retain(|place, _| (place.tenant, place.subject) != (tenant, subject));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{ids::KeyId, sealed::SubjectKind};
    use uuid::Uuid;

    use super::*;

    fn place(tenant: u128, subject: u128, key: u128) -> Place {
        Place {
            tenant: TenantId::from_uuid(Uuid::from_u128(tenant)),
            subject: Subject::new(SubjectKind::Order, Uuid::from_u128(subject)),
            key_id: KeyId::from_uuid(Uuid::from_u128(key)),
        }
    }

    fn key(byte: u8) -> Key {
        Key::of(&[byte; 32]).unwrap()
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_key_is_kept_for_a_minute_from_when_it_was_read() {
        let cache = Cache::default();
        cache.put(place(1, 1, 1), key(1), SECOND);
        assert_eq!(cache.get(&place(1, 1, 1), KEEP), Some(key(1)));
        assert_eq!(cache.get(&place(1, 1, 1), KEEP + SECOND), None);
        for other in [place(2, 1, 1), place(1, 2, 1), place(1, 1, 2)] {
            assert_eq!(cache.get(&other, SECOND), None);
        }
        // Read again, it is kept anew; what has run out leaves memory.
        cache.put(place(1, 1, 1), key(2), 50 * SECOND);
        cache.put(place(1, 1, 2), key(3), 70 * SECOND);
        assert_eq!(cache.get(&place(1, 1, 1), 80 * SECOND), Some(key(2)));
        cache.put(place(1, 1, 3), key(4), 200 * SECOND);
        assert_eq!(cache.known().keys.len(), 1);
    }

    #[test]
    fn a_subject_is_forgotten_with_all_its_keys() {
        let cache = Cache::default();
        for place in [place(1, 1, 1), place(1, 1, 2), place(1, 2, 1), place(2, 1, 1)] {
            cache.put(place, key(1), SECOND);
        }
        cache.forget(place(1, 1, 1).tenant, place(1, 1, 1).subject);
        let kept = [place(1, 1, 1), place(1, 1, 2), place(1, 2, 1), place(2, 1, 1)];
        assert_eq!(kept.map(|place| cache.get(&place, SECOND).is_some()), [false, false, true, true]);
    }

    #[test]
    fn the_oldest_leave_where_there_are_too_many() {
        let cache = Cache::default();
        for number in 0..MOST as u128 + 5 {
            cache.put(place(1, 1, number), key(1), SECOND);
        }
        assert_eq!(cache.known().keys.len(), MOST);
        assert!(cache.get(&place(1, 1, 4), SECOND).is_none() && cache.get(&place(1, 1, 5), SECOND).is_some());
        // A place that is put again and again, at one time or at several, leaves no trail behind.
        let mut read = SECOND;
        for number in 0..6 * MOST {
            read += Duration::from_millis(number as u64 % 2);
            cache.put(place(2, 1, 1), key(1), read);
        }
        assert!(cache.known().order.len() <= 2 * MOST && cache.get(&place(2, 1, 1), read).is_some());
    }
}
