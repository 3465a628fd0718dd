//! The pictures that are to be asked for: whose turn it is, and up to where each partition is done. Pure: time comes in.

use std::collections::{BTreeMap, HashMap, VecDeque};

use feira_schemas::ids::{EventId, ImageId, Micros, ProductId, TenantId};

/// Pictures of one shop that are asked for at once: the rest is the other shops', and a merchant's server is spared.
const PER_SHOP: usize = 4;

/// The event that names a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub event: EventId,
    pub partition: u32,
    pub offset: i64,
    pub write_ts: Micros,
}

/// A picture to ask for. Its address is in the product's row, where it is looked up when it is the picture's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub tenant: TenantId,
    pub product: ProductId,
    pub image: ImageId,
    pub named: Named,
    /// How often it was asked for in vain.
    pub tries: usize,
}

impl Wanted {
    fn key(&self) -> (TenantId, ImageId) {
        (self.tenant, self.image)
    }
}

/// A shop's pictures.
#[derive(Default)]
struct Shop {
    ready: VecDeque<Wanted>,
    asked: usize,
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Queue {
    /// Every picture that is not finished, and a later event that named it again meanwhile.
    known: HashMap<(TenantId, ImageId), Option<Named>>,
    shops: HashMap<TenantId, Shop>,
    /// Shops with pictures that are ready; the first is next.
    turns: VecDeque<TenantId>,
    /// To be asked for again, by when; the number tells apart what is due at once.
    later: BTreeMap<(Micros, u64), Wanted>,
    numbered: u64,
    /// Per partition and offset, how many pictures of that event are not finished.
    unfinished: BTreeMap<u32, BTreeMap<i64, usize>>,
}

impl Queue {
    /// Takes a picture. One that is known already is looked at once more when it is finished: what became of it may be older
    /// than this event.
    pub fn add(&mut self, wanted: Wanted) {
        self.hold(wanted.named);
        match self.known.get_mut(&wanted.key()) {
            Some(again) => {
                let replaced = again.replace(wanted.named);
                replaced.into_iter().for_each(|named| self.release(named));
            }
            None => {
                self.known.insert(wanted.key(), None);
                self.make_ready(wanted);
            }
        }
    }

    /// The next picture to ask for, if it is any shop's turn.
    pub fn next(&mut self, now: Micros) -> Option<Wanted> {
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let wanted = entry.remove();
            self.make_ready(wanted);
        }
        for _ in 0..self.turns.len() {
            let tenant = self.turns.pop_front()?;
            let Some(shop) = self.shops.get_mut(&tenant) else { continue };
            let free = shop.asked < PER_SHOP;
            let wanted = if free { shop.ready.pop_front() } else { None };
            if !shop.ready.is_empty() {
                self.turns.push_back(tenant);
            }
            if wanted.is_some() {
                shop.asked += 1;
                return wanted;
            }
        }
        None
    }

    /// The picture has been asked for, in vain, and is to be asked for again.
    pub fn again(&mut self, wanted: Wanted, due: Micros) {
        self.not_asked(wanted.tenant);
        self.numbered += 1;
        self.later.insert((due, self.numbered), Wanted { tries: wanted.tries + 1, ..wanted });
    }

    /// Nothing is left to do for the picture, unless an event has named it again.
    pub fn finished(&mut self, wanted: Wanted) {
        self.not_asked(wanted.tenant);
        self.release(wanted.named);
        if let Some(named) = self.known.get_mut(&wanted.key()).and_then(Option::take) {
            self.make_ready(Wanted { named, tries: 0, ..wanted });
        } else {
            self.known.remove(&wanted.key());
        }
    }

    /// The partition is another's: so are its pictures. `asked` are those of it that are being asked for.
    pub fn forget(&mut self, partition: u32, asked: &[Wanted]) {
        asked.iter().for_each(|wanted| self.not_asked(wanted.tenant));
        let stays = |wanted: &Wanted| wanted.named.partition != partition;
        let gone: Vec<Wanted> = {
            let ready = self.shops.values().flat_map(|shop| &shop.ready);
            ready.chain(self.later.values()).chain(asked).filter(|wanted| !stays(wanted)).copied().collect()
        };
        for wanted in gone {
            self.known.remove(&wanted.key());
        }
        self.shops.values_mut().for_each(|shop| shop.ready.retain(stays));
        self.shops.retain(|_, shop| shop.asked > 0 || !shop.ready.is_empty());
        self.turns.retain(|tenant| self.shops.get(tenant).is_some_and(|shop| !shop.ready.is_empty()));
        self.later.retain(|_, wanted| stays(wanted));
        self.unfinished.remove(&partition);
    }

    /// The first offset of a partition that is not finished, if there is one.
    pub fn lowest(&self, partition: u32) -> Option<i64> {
        self.unfinished.get(&partition)?.first_key_value().map(|(offset, _)| *offset)
    }

    /// How many pictures are not finished.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// When the next picture is to be asked for again.
    pub fn next_due(&self) -> Option<Micros> {
        self.later.first_key_value().map(|((due, _), _)| *due)
    }

    fn make_ready(&mut self, wanted: Wanted) {
        let shop = self.shops.entry(wanted.tenant).or_default();
        if shop.ready.is_empty() {
            self.turns.push_back(wanted.tenant);
        }
        shop.ready.push_back(wanted);
    }

    fn not_asked(&mut self, tenant: TenantId) {
        let Some(shop) = self.shops.get_mut(&tenant) else { return };
        shop.asked = shop.asked.saturating_sub(1);
        if shop.asked == 0 && shop.ready.is_empty() {
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
    use uuid::Uuid;

    use super::*;

    fn wanted(tenant: u128, image: u128, offset: i64) -> Wanted {
        Wanted {
            tenant: TenantId::from_uuid(Uuid::from_u128(tenant)),
            product: ProductId::from_uuid(Uuid::from_u128(1)),
            image: ImageId::from_uuid(Uuid::from_u128(image)),
            named: Named { event: EventId::from_uuid(Uuid::from_u128(2)), partition: 0, offset, write_ts: offset },
            tries: 0,
        }
    }

    #[test]
    fn shops_take_turns_and_none_takes_all() {
        let mut queue = Queue::default();
        (0..10).for_each(|image| queue.add(wanted(1, image, 0)));
        queue.add(wanted(2, 100, 1));
        let order: Vec<u128> =
            std::iter::from_fn(|| queue.next(0)).map(|asked| asked.tenant.uuid().as_u128()).collect();
        assert_eq!(order, [1, 2, 1, 1, 1], "four of the large shop, and the small one second");
        queue.finished(wanted(1, 0, 0));
        assert_eq!(queue.next(0), Some(wanted(1, 4, 0)), "a place is free again");
        assert_eq!(queue.next(0), None);
    }

    #[test]
    fn a_position_waits_for_the_lowest_unfinished_event() {
        let mut queue = Queue::default();
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
        let again = queue.next(100).unwrap();
        assert_eq!(again, Wanted { tries: 1, ..wanted(1, 2, 5) });
        queue.finished(again);
        assert_eq!((queue.lowest(0), queue.len(), queue.next_due()), (None, 0, None));
    }

    #[test]
    fn a_picture_named_again_meanwhile_is_looked_at_again_once() {
        let mut queue = Queue::default();
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
    fn a_partition_that_goes_takes_its_pictures_along() {
        let mut queue = Queue::default();
        let elsewhere = |image| {
            let one = wanted(2, image, 9);
            Wanted { named: Named { partition: 1, ..one.named }, ..one }
        };
        for image in 0..6 {
            queue.add(wanted(1, image, 0));
            queue.add(elsewhere(image));
        }
        let asked: Vec<Wanted> = std::iter::from_fn(|| queue.next(0)).collect();
        let of_zero: Vec<Wanted> = asked.into_iter().filter(|asked| asked.named.partition == 0).collect();
        queue.again(of_zero[0], 50);
        queue.forget(0, &of_zero[1..]);
        assert_eq!((queue.lowest(0), queue.lowest(1), queue.len(), queue.next_due()), (None, Some(9), 6, None));
        // It comes back, and is read from the position that was kept.
        queue.add(wanted(1, 1, 0));
        assert_eq!(queue.next(0), Some(wanted(1, 1, 0)));
    }
}
