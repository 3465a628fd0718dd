//! The queue of errands: whose turn it is, and up to where each partition is done. Pure: time comes in.

use std::collections::{BTreeMap, HashMap, VecDeque};

use feira_schemas::ids::{Micros, TenantId};

use super::{Errand, Named, Wanted};

/// The errands of one shop that are ready.
struct Shop<W> {
    ready: VecDeque<Errand<W>>,
    begun: usize,
}

impl<W> Default for Shop<W> {
    fn default() -> Self {
        Self { ready: VecDeque::new(), begun: 0 }
    }
}

/// The errands of all shops, and what is done of each partition.
pub(super) struct Queue<W: Wanted> {
    /// Errands of one shop that are begun at once.
    per_shop: usize,
    /// Everything that is not finished, and a later event that named it again meanwhile.
    known: HashMap<W::Key, Option<Named>>,
    shops: HashMap<TenantId, Shop<W>>,
    /// Shops with errands that are ready; the first is next.
    turns: VecDeque<TenantId>,
    /// Errands to be attempted again, by the time when they are due; the number tells apart what is due at once.
    later: BTreeMap<(Micros, u64), Errand<W>>,
    numbered: u64,
    /// Per partition and offset, how many errands of that event are not finished.
    unfinished: BTreeMap<u32, BTreeMap<i64, usize>>,
}

impl<W: Wanted> Queue<W> {
    /// An empty one, from which so many errands of one shop are begun at once.
    pub fn new(per_shop: usize) -> Self {
        Self {
            per_shop,
            known: HashMap::new(),
            shops: HashMap::new(),
            turns: VecDeque::new(),
            later: BTreeMap::new(),
            numbered: 0,
            unfinished: BTreeMap::new(),
        }
    }

    /// Takes an errand. One that is known already is looked at once more when it is finished: what became of it may be older
    /// than this event.
    pub fn add(&mut self, errand: Errand<W>) {
        self.hold(errand.named);
        match self.known.get_mut(&errand.wanted.key()) {
            Some(again) => {
                let replaced = again.replace(errand.named);
                replaced.into_iter().for_each(|named| self.release(named));
            }
            None => {
                self.known.insert(errand.wanted.key(), None);
                self.make_ready(errand);
            }
        }
    }

    /// The next errand, if it is any shop's turn.
    pub fn next(&mut self, now: Micros) -> Option<Errand<W>> {
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let errand = entry.remove();
            self.make_ready(errand);
        }
        for _ in 0..self.turns.len() {
            let tenant = self.turns.pop_front()?;
            let Some(shop) = self.shops.get_mut(&tenant) else { continue };
            let free = shop.begun < self.per_shop;
            let errand = if free { shop.ready.pop_front() } else { None };
            if !shop.ready.is_empty() {
                self.turns.push_back(tenant);
            }
            if errand.is_some() {
                shop.begun += 1;
                return errand;
            }
        }
        None
    }

    /// Puts an errand that was attempted in vain back, to be attempted again at `due`, microseconds since 1970.
    pub fn again(&mut self, errand: Errand<W>, due: Micros) {
        self.ended(errand.wanted.tenant());
        self.numbered += 1;
        self.later.insert((due, self.numbered), Errand { tries: errand.tries + 1, ..errand });
    }

    /// Nothing is left to do for it, unless an event has named it again.
    pub fn finished(&mut self, errand: Errand<W>) {
        self.ended(errand.wanted.tenant());
        self.release(errand.named);
        if let Some(named) = self.known.get_mut(&errand.wanted.key()).and_then(Option::take) {
            self.make_ready(Errand { named, tries: 0, ..errand });
        } else {
            self.known.remove(&errand.wanted.key());
        }
    }

    /// The partition is another's: so are its errands. `begun` are those of it that are being attempted.
    pub fn forget(&mut self, partition: u32, begun: &[Errand<W>]) {
        begun.iter().for_each(|errand| self.ended(errand.wanted.tenant()));
        let stays = |errand: &Errand<W>| errand.named.partition != partition;
        let gone: Vec<Errand<W>> = {
            let ready = self.shops.values().flat_map(|shop| &shop.ready);
            ready.chain(self.later.values()).chain(begun).filter(|errand| !stays(errand)).copied().collect()
        };
        for errand in gone {
            self.known.remove(&errand.wanted.key());
        }
        self.shops.values_mut().for_each(|shop| shop.ready.retain(stays));
        self.shops.retain(|_, shop| shop.begun > 0 || !shop.ready.is_empty());
        self.turns.retain(|tenant| self.shops.get(tenant).is_some_and(|shop| !shop.ready.is_empty()));
        self.later.retain(|_, errand| stays(errand));
        self.unfinished.remove(&partition);
    }

    /// The first offset of a partition that is not finished, if there is one.
    pub fn lowest(&self, partition: u32) -> Option<i64> {
        self.unfinished.get(&partition)?.first_key_value().map(|(offset, _)| *offset)
    }

    /// The number of errands that are not finished.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// The number of errands that wait for another attempt.
    pub fn waiting(&self) -> usize {
        self.later.len()
    }

    /// The time of the next repeated attempt, in microseconds since 1970.
    pub fn next_due(&self) -> Option<Micros> {
        self.later.first_key_value().map(|((due, _), _)| *due)
    }

    fn make_ready(&mut self, errand: Errand<W>) {
        let shop = self.shops.entry(errand.wanted.tenant()).or_default();
        if shop.ready.is_empty() {
            self.turns.push_back(errand.wanted.tenant());
        }
        shop.ready.push_back(errand);
    }

    fn ended(&mut self, tenant: TenantId) {
        let Some(shop) = self.shops.get_mut(&tenant) else { return };
        shop.begun = shop.begun.saturating_sub(1);
        if shop.begun == 0 && shop.ready.is_empty() {
            self.shops.remove(&tenant);
        }
    }

    fn hold(&mut self, named: Named) {
        *self.unfinished.entry(named.partition).or_default().entry(named.offset).or_default() += 1;
    }

    fn release(&mut self, named: Named) {
        let Some(offsets) = self.unfinished.get_mut(&named.partition) else { return };
        let Some(count) = offsets.get_mut(&named.offset) else { return };
        *count -= 1;
        if *count == 0 {
            offsets.remove(&named.offset);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::ids::EventId;
    use uuid::Uuid;

    use super::*;

    /// Something that a shop wants.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Sample {
        tenant: TenantId,
        number: u128,
    }

    impl Wanted for Sample {
        type Key = (TenantId, u128);
        fn key(&self) -> Self::Key {
            (self.tenant, self.number)
        }
        fn tenant(&self) -> TenantId {
            self.tenant
        }
    }

    fn queue() -> Queue<Sample> {
        Queue::new(4)
    }

    fn wanted(tenant: u128, number: u128, offset: i64) -> Errand<Sample> {
        Errand {
            wanted: Sample { tenant: TenantId::from_uuid(Uuid::from_u128(tenant)), number },
            named: Named { event: EventId::from_uuid(Uuid::from_u128(2)), partition: 0, offset, write_ts: offset },
            tries: 0,
        }
    }

    #[test]
    fn shops_take_turns_and_none_takes_all() {
        let mut queue = queue();
        (0..10).for_each(|number| queue.add(wanted(1, number, 0)));
        queue.add(wanted(2, 100, 1));
        let order: Vec<u128> =
            std::iter::from_fn(|| queue.next(0)).map(|begun| begun.wanted.tenant.uuid().as_u128()).collect();
        assert_eq!(order, [1, 2, 1, 1, 1], "four of the large shop, and the small one second");
        queue.finished(wanted(1, 0, 0));
        assert_eq!(queue.next(0), Some(wanted(1, 4, 0)), "a place is free again");
        assert_eq!(queue.next(0), None);
    }

    #[test]
    fn a_position_waits_for_the_lowest_unfinished_event() {
        let mut queue = queue();
        assert_eq!(queue.lowest(0), None);
        for one in [wanted(1, 1, 5), wanted(1, 2, 5), wanted(1, 3, 8)] {
            queue.add(one);
            queue.next(0).unwrap();
        }
        queue.finished(wanted(1, 3, 8));
        queue.finished(wanted(1, 1, 5));
        assert_eq!(queue.lowest(0), Some(5));
        queue.again(wanted(1, 2, 5), 100);
        assert_eq!((queue.lowest(0), queue.next_due(), queue.next(99)), (Some(5), Some(100), None));
        assert_eq!(queue.waiting(), 1);
        let again = queue.next(100).unwrap();
        assert_eq!(again, Errand { tries: 1, ..wanted(1, 2, 5) });
        queue.finished(again);
        assert_eq!((queue.lowest(0), queue.len(), queue.next_due()), (None, 0, None));
    }

    #[test]
    fn what_is_named_again_meanwhile_is_looked_at_again_once() {
        let mut queue = queue();
        queue.add(wanted(1, 1, 5));
        let first = queue.next(0).unwrap();
        queue.add(wanted(1, 1, 6));
        queue.add(wanted(1, 1, 7));
        assert_eq!((queue.next(0), queue.len()), (None, 1));
        queue.finished(first);
        assert_eq!(queue.lowest(0), Some(7), "the event between is replaced by the later one");
        let again = queue.next(0).unwrap();
        assert_eq!(again.named.offset, 7);
        queue.finished(again);
        assert_eq!((queue.lowest(0), queue.next(0)), (None, None));
    }

    #[test]
    fn a_partition_that_goes_takes_its_errands_along() {
        let mut queue = queue();
        let elsewhere = |number| {
            let one = wanted(2, number, 9);
            Errand { named: Named { partition: 1, ..one.named }, ..one }
        };
        for number in 0..6 {
            queue.add(wanted(1, number, 0));
            queue.add(elsewhere(number));
        }
        let begun: Vec<Errand<Sample>> = std::iter::from_fn(|| queue.next(0)).collect();
        let of_zero: Vec<Errand<Sample>> = begun.into_iter().filter(|begun| begun.named.partition == 0).collect();
        queue.again(of_zero[0], 50);
        queue.forget(0, &of_zero[1..]);
        assert_eq!((queue.lowest(0), queue.lowest(1), queue.len(), queue.next_due()), (None, Some(9), 6, None));
        // It comes back, and is read from the position that was kept.
        queue.add(wanted(1, 1, 0));
        assert_eq!(queue.next(0), Some(wanted(1, 1, 0)));
    }
}
