//! The matters of the partitions that are owned: what is due, what is under way, and what a callback has pointed at. Pure: time
//! comes in, by the steady clock.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use feira_schemas::{
    ids::{Micros, TenantId},
    rows::payments::Matter,
};

/// Matters of a partition that are in memory, some 300 bytes each. What is beyond stays in its row until half of these are done.
pub(super) const MOST: usize = 10_000;

/// A matter, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The tenant.
    pub tenant: TenantId,
    /// The effect, charge or subscription.
    pub matter: Matter,
}

/// A question about an attempt, as this process remembers it. One that begins anew asks from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    /// The attempt.
    pub attempt: i32,
    /// A number of what is asked: it is asked from the start once nothing is sent any more, and once a person has named the gateway's id.
    pub asked: u64,
    /// The time at which this process learned of it, by the steady clock.
    pub learned: Micros,
    /// Looks so far.
    pub looks: u32,
    /// Looks that began 60 s after it was learned of or later, and found nothing of it.
    pub in_vain: u32,
}

/// The things that this process remembers of a matter between two turns of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// The open question.
    pub question: Option<Question>,
    /// The time of the last look at a charge that waits, or at a subscription, by the wall clock.
    pub looked_at: Option<Micros>,
    /// Turns in a row that came to nothing.
    pub tries: u32,
}

/// A matter whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// The matter.
    pub key: Key,
    /// The partition of payments' events that it is of.
    pub partition: u32,
    /// The `write_ts` of the last event that named it: rows must show that one before they are believed.
    pub seen: Micros,
    /// True if a callback points at it.
    pub pointed_at: bool,
    /// The memory of it.
    pub memory: Memory,
}

/// The end of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing is left to do.
    Finished,
    /// It is to have another turn.
    Again {
        /// The time of it, by the steady clock.
        due: Micros,
        /// The memory until then.
        memory: Memory,
        /// True if what a callback pointed at was looked at.
        looked: bool,
    },
}

struct Known {
    partition: u32,
    seen: Micros,
    memory: Memory,
    /// The offset of the first callback's event that was not followed yet.
    callback: Option<i64>,
    /// Its place among what waits; `None` while it is under way.
    due: Option<(Micros, u64)>,
    /// True if an event named it while it was under way.
    named_again: bool,
    /// True if the turn under way follows that callback.
    follows: bool,
    /// The offset of the first callback's event that came while it was under way: its look may have begun before.
    later_callback: Option<i64>,
    /// True if a callback points at what the effect is to make.
    hastened: bool,
}

/// All matters in memory.
#[derive(Default)]
pub(super) struct Matters {
    known: HashMap<Key, Known>,
    due: BTreeMap<(Micros, u64), Key>,
    numbered: u64,
    of_partition: HashMap<u32, usize>,
}

impl Matters {
    /// Takes a matter that a row or an event names, to have a turn at `due`, or at once after the one under way. False if its
    /// partition has too many, and it is not taken.
    pub fn add(&mut self, partition: u32, key: Key, seen: Micros, due: Micros) -> bool {
        if let Some(known) = self.known.get_mut(&key) {
            known.seen = known.seen.max(seen);
            match known.due {
                None => known.named_again = true,
                Some(place) if place.0 > due => self.put(key, due),
                Some(_) => {}
            }
            return true;
        }
        if self.len(partition) >= MOST {
            return false;
        }
        self.insert(partition, key, seen);
        self.put(key, due);
        true
    }

    /// A callback, whose event lies at this offset, points at a charge or a subscription: it is next. Callbacks are taken whatever is in memory, since
    /// no row names them; they are as many as gateways send.
    pub fn point_at(&mut self, partition: u32, key: Key, seen: Micros, offset: i64) {
        self.insert(partition, key, seen);
        if let Some(known) = self.known.get_mut(&key) {
            known.seen = known.seen.max(seen);
            if known.due.is_none() {
                known.named_again = true;
                let place = if known.follows { &mut known.later_callback } else { &mut known.callback };
                place.get_or_insert(offset);
            } else {
                known.callback.get_or_insert(offset);
                self.put(key, Micros::MIN);
            }
        }
    }

    /// A callback points at what an effect is to make: it is looked for next, if the effect is known.
    pub fn hasten(&mut self, key: Key, now: Micros) {
        let Some(known) = self.known.get_mut(&key) else { return };
        known.hastened = true;
        match known.due {
            Some(_) => self.put(key, now),
            None => known.named_again = true,
        }
    }

    /// An event closes a matter. One that is under way, or that a callback points at, has its turn all the same.
    pub fn closed(&mut self, key: Key, seen: Micros) {
        let Some(known) = self.known.get_mut(&key) else { return };
        known.seen = known.seen.max(seen);
        if known.due.is_none() {
            known.named_again = true;
        } else if known.callback.is_none() {
            self.remove(key);
        }
    }

    /// The next matter that is due.
    pub fn next(&mut self, now: Micros) -> Option<Turn> {
        let first = self.due.first_entry().filter(|first| first.key().0 <= now)?;
        let key = first.remove();
        let known = self.known.get_mut(&key)?;
        known.due = None;
        known.follows = known.callback.is_some();
        Some(Turn {
            key,
            partition: known.partition,
            seen: known.seen,
            pointed_at: known.callback.is_some() | std::mem::take(&mut known.hastened),
            memory: known.memory,
        })
    }

    /// A turn has ended at `now`. What was named meanwhile has another one at once.
    pub fn ended(&mut self, key: Key, next: Next, now: Micros) {
        let Some(known) = self.known.get_mut(&key).filter(|known| known.due.is_none()) else { return };
        let named_again = std::mem::take(&mut known.named_again);
        let (follows, later) = (std::mem::take(&mut known.follows), known.later_callback.take());
        let (due, looked) = match next {
            Next::Finished if !named_again => return self.remove(key),
            Next::Finished => (now, true),
            Next::Again { due, memory, looked } => {
                known.memory = memory;
                (if named_again { now } else { due }, looked)
            }
        };
        if follows && looked {
            known.callback = later;
        }
        self.put(key, due);
    }

    /// Forgets the matters of a partition, which is another's.
    pub fn forget(&mut self, partition: u32) {
        self.known.retain(|_, known| known.partition != partition);
        let known = &self.known;
        self.due.retain(|_, key| known.contains_key(key));
        self.of_partition.remove(&partition);
    }

    /// The offset of the first callback of a partition that was not followed yet.
    pub fn first_callback(&self, partition: u32) -> Option<i64> {
        let of_partition = self.known.values().filter(|known| known.partition == partition);
        of_partition.filter_map(|known| known.callback).min()
    }

    /// The number of a partition's matters in memory.
    pub fn len(&self, partition: u32) -> usize {
        self.of_partition.get(&partition).copied().unwrap_or_default()
    }

    /// The number of matters with an open question.
    pub fn questions(&self) -> usize {
        self.known.values().filter(|known| known.memory.question.is_some()).count()
    }

    /// The time of the next turn, by the steady clock.
    pub fn next_due(&self) -> Option<Micros> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    fn insert(&mut self, partition: u32, key: Key, seen: Micros) {
        let Entry::Vacant(place) = self.known.entry(key) else { return };
        let memory = Memory::default();
        let known = Known {
            partition,
            seen,
            memory,
            callback: None,
            due: None,
            named_again: false,
            follows: false,
            later_callback: None,
            hastened: false,
        };
        place.insert(known);
        *self.of_partition.entry(partition).or_default() += 1;
        self.put(key, Micros::MAX);
    }

    fn put(&mut self, key: Key, due: Micros) {
        let Some(known) = self.known.get_mut(&key) else { return };
        self.numbered += 1;
        if let Some(place) = known.due.replace((due, self.numbered)) {
            self.due.remove(&place);
        }
        self.due.insert((due, self.numbered), key);
    }

    fn remove(&mut self, key: Key) {
        let Some(known) = self.known.remove(&key) else { return };
        if let Some(place) = known.due {
            self.due.remove(&place);
        }
        if let Some(count) = self.of_partition.get_mut(&known.partition) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::ids::{ChargeId, EffectId};
    use uuid::Uuid;

    use super::*;

    fn effect(number: u128) -> Key {
        key(Matter::Effect(EffectId::from_uuid(Uuid::from_u128(number))))
    }

    fn charge(number: u128) -> Key {
        key(Matter::Charge(ChargeId::from_uuid(Uuid::from_u128(number))))
    }

    fn key(matter: Matter) -> Key {
        Key { tenant: TenantId::from_uuid(Uuid::from_u128(1)), matter }
    }

    fn again(due: Micros) -> Next {
        Next::Again { due, memory: Memory::default(), looked: false }
    }

    #[test]
    fn what_is_due_first_is_next_and_has_one_turn_at_a_time() {
        let mut matters = Matters::default();
        matters.add(0, effect(1), 10, 5);
        matters.add(0, effect(2), 11, 3);
        assert_eq!((matters.next(2), matters.next_due()), (None, Some(3)));
        let second = matters.next(9).unwrap();
        assert_eq!((second.key, second.seen), (effect(2), 11));
        assert_eq!(matters.next(9).unwrap().key, effect(1));
        matters.add(0, effect(2), 12, 3);
        assert_eq!(matters.next(9), None, "it is under way");
        matters.ended(effect(2), again(100), 9);
        assert_eq!(matters.next(9).unwrap().seen, 12, "it was named meanwhile, so that its rest counts for nothing");
        matters.ended(effect(2), Next::Finished, 10);
        matters.ended(effect(1), again(100), 10);
        assert_eq!((matters.next_due(), matters.len(0)), (Some(100), 1));
        matters.closed(effect(1), 13);
        assert_eq!((matters.next_due(), matters.len(0)), (None, 0));
    }

    #[test]
    fn a_callback_moves_its_charge_to_the_front_and_holds_the_position_until_it_was_looked_at() {
        let mut matters = Matters::default();
        matters.add(0, effect(1), 1, 0);
        matters.add(0, charge(2), 1, 1_000);
        matters.point_at(0, charge(2), 2, 70);
        matters.point_at(0, charge(3), 3, 71);
        assert_eq!(matters.first_callback(0), Some(70));
        let first = matters.next(0).unwrap();
        assert!(first.key == charge(2) && first.pointed_at && first.seen == 2);
        matters.point_at(0, charge(2), 4, 75);
        matters.ended(charge(2), Next::Again { due: 9, memory: Memory::default(), looked: true }, 1);
        assert_eq!(matters.first_callback(0), Some(71));
        let third = matters.next(0).unwrap();
        assert_eq!(third.key, charge(3));
        matters.ended(charge(3), again(2), 1);
        assert_eq!(matters.first_callback(0), Some(71), "a look that failed follows nothing");
        matters.closed(charge(3), 9);
        assert!(matters.next(0).is_some_and(|turn| turn.key == effect(1)));
        assert!(
            matters.next(2).is_some_and(|turn| turn.key == charge(2) && turn.pointed_at),
            "its look may have begun before"
        );
        assert!(matters.next(2).is_some_and(|turn| turn.key == charge(3)), "it is looked at though it is closed");
        matters.ended(charge(3), Next::Finished, 2);
        assert_eq!(matters.first_callback(0), Some(75));
        matters.ended(charge(2), Next::Finished, 2);
        assert_eq!(matters.first_callback(0), None);
    }

    #[test]
    fn a_partition_has_so_many_and_takes_all_along_when_it_goes() {
        let mut matters = Matters::default();
        for number in 0..MOST as u128 {
            assert!(matters.add(0, effect(number), 1, 0));
        }
        assert!(!matters.add(0, effect(MOST as u128), 1, 0), "it stays in its row");
        assert!(matters.add(0, effect(0), 2, 0), "what is known is no more");
        assert!(matters.add(1, charge(1), 1, 0), "another partition's");
        let begun = matters.next(0).unwrap();
        matters.forget(0);
        matters.ended(begun.key, again(0), 1);
        assert_eq!((matters.len(0), matters.len(1)), (0, 1));
        assert_eq!(matters.next(0).unwrap().key, charge(1));
        assert_eq!(matters.next(0), None);
    }

    #[test]
    fn questions_are_counted() {
        let mut matters = Matters::default();
        matters.add(0, effect(1), 1, 0);
        matters.next(0).unwrap();
        let question = Some(Question { attempt: 1, asked: 0, learned: 5, looks: 0, in_vain: 0 });
        let memory = Memory { question, ..Memory::default() };
        matters.ended(effect(1), Next::Again { due: 7, memory, looked: false }, 5);
        assert_eq!(matters.questions(), 1);
        assert_eq!(matters.next(7).unwrap().memory, memory);
    }
}
