//! Charges that wait to be looked at, by account: few are looked at one by one, more than [`FEW`] by a list of the account's charges that
//! nobody has paid yet. What the list does not show has changed, and is looked at by itself. Pure: time comes in, by the steady
//! clock.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use feira_connectors::gateway::{ChargePage, ListFacts, Listed};
use feira_schemas::{
    gateway::Observed,
    ids::{AccountId, ChargeId, Micros, TenantId},
    time::MINUTE,
};

/// Charges of an account that are looked at one by one: a list costs as much as one look and has more to read.
const FEW: usize = 5;
/// The time that a charge waits for others: those that are due together have their turns within it.
const GATHERED: Micros = 250_000;
/// The time after which who waits for a list comes again.
const COMES_AGAIN: Micros = 500_000;
/// The time after which a list that was begun counts as lost: a call takes 20 s at most.
const LOST: Micros = 30_000_000;
/// The time after which a charge that nobody has asked for again waits no more.
const FORGOTTEN: Micros = 2 * MINUTE;
/// The time by which the gateway's clock may be behind ours.
const CLOCKS_DIFFER_BY: Micros = MINUTE;

/// An account, and whose it is.
type Place = (TenantId, AccountId);

/// What a charge that is to be looked at is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Say {
    /// Come again then.
    Wait(Micros),
    /// Look by yourself.
    Alone,
    /// Read this page of the list for all who wait, and hand it in.
    List(ListFacts),
    /// A list has shown it so.
    Seen(Box<Observed>),
}

/// A charge that is to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asks<'a> {
    /// The charge.
    pub charge: ChargeId,
    /// The gateway's id of it.
    pub remote: &'a str,
    /// The time at which it was asked for, by the wall clock.
    pub created_at: Micros,
}

/// The charges that wait, of all accounts.
#[derive(Default)]
pub(super) struct Lists(Mutex<HashMap<Place, Queue>>);

/// The charges of one account that wait.
#[derive(Default)]
struct Queue {
    waiting: BTreeMap<ChargeId, Waiting>,
    /// The time until which a page is being read; `None` while none is.
    reading: Option<Micros>,
    /// The page that is next, after the first.
    page: Option<String>,
}

struct Waiting {
    remote: String,
    created_at: Micros,
    since: Micros,
    asked: Micros,
    /// What the list has shown; `None` while it waits.
    shown: Option<Shown>,
}

enum Shown {
    So(Box<Observed>),
    Not,
}

impl Lists {
    /// Says how a charge is to be looked at.
    pub fn ask(&self, place: Place, asks: Asks<'_>, now: Micros) -> Say {
        let mut queues = self.queues();
        let queue = queues.entry(place).or_default();
        let said = queue.ask(asks, now);
        if queue.waiting.is_empty() {
            queues.remove(&place);
        }
        said
    }

    /// A page was read; `None`: it could not be.
    pub fn read(&self, place: Place, page: Option<&ChargePage>) {
        if let Some(queue) = self.queues().get_mut(&place) {
            queue.read(page);
        }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<Place, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn ask(&mut self, asks: Asks<'_>, now: Micros) -> Say {
        self.waiting.retain(|_, waiting| now < waiting.asked + FORGOTTEN);
        let Asks { charge, remote, created_at } = asks;
        let waiting = self.waiting.entry(charge).or_insert_with(|| {
            let remote = remote.to_owned();
            Waiting { remote, created_at, since: now, asked: now, shown: None }
        });
        waiting.asked = now;
        let gathered = waiting.since + GATHERED;
        match waiting.shown.take() {
            Some(Shown::So(look)) => return self.leaves(charge, Say::Seen(look)),
            Some(Shown::Not) => return self.leaves(charge, Say::Alone),
            None if now < gathered => return Say::Wait(gathered),
            None => {}
        }
        if self.reading.is_some_and(|until| now < until) {
            return Say::Wait(now + COMES_AGAIN);
        }
        let waits = || self.waiting.values().filter(|waiting| waiting.shown.is_none());
        if waits().count() <= FEW {
            self.page = None;
            return self.leaves(charge, Say::Alone);
        }
        let oldest = waits().map(|waiting| waiting.created_at).min().unwrap_or(created_at);
        self.reading = Some(now + LOST);
        Say::List(ListFacts { since: oldest - CLOCKS_DIFFER_BY, state: Some(Listed::Pending), page: self.page.clone() })
    }

    fn leaves(&mut self, charge: ChargeId, said: Say) -> Say {
        self.waiting.remove(&charge);
        said
    }

    /// What a page shows is for those who wait. Where it shows none of them, or is the last, the rest has changed, or is too far down:
    /// it is looked at one by one.
    fn read(&mut self, page: Option<&ChargePage>) {
        self.reading = None;
        let Some(page) = page else { return };
        let looks: HashMap<&str, &Observed> =
            page.charges.iter().map(|look| (look.charge.remote.charge.as_str(), look)).collect();
        let mut shows_some = false;
        for waiting in self.waiting.values_mut().filter(|waiting| waiting.shown.is_none()) {
            if let Some(look) = looks.get(waiting.remote.as_str()) {
                waiting.shown = Some(Shown::So(Box::new((*look).clone())));
                shows_some = true;
            }
        }
        self.page = page.next.clone().filter(|_| shows_some);
        if self.page.is_none() {
            for waiting in self.waiting.values_mut().filter(|waiting| waiting.shown.is_none()) {
                waiting.shown = Some(Shown::Not);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{gateway::Payer, records::payments::PaymentMethod};
    use uuid::Uuid;

    use super::*;
    use crate::effects::gateways::{convert, sample};

    const PLACE: Place = (TenantId::PLATFORM, AccountId::from_uuid(Uuid::nil()));
    const NOW: Micros = 60 * MINUTE;

    fn charge(number: u128) -> ChargeId {
        ChargeId::from_uuid(Uuid::from_u128(number))
    }

    fn look(number: u128) -> Observed {
        let record = sample::observed(&sample::charge(PaymentMethod::Pix, 1));
        let mut charge = convert::known(&record);
        charge.remote.charge = format!("ch_{number}");
        Observed { charge, payer: Payer::default(), look_again: false, tenant: None }
    }

    fn page(numbers: &[u128], next: Option<&str>) -> ChargePage {
        ChargePage { charges: numbers.iter().map(|number| look(*number)).collect(), next: next.map(str::to_owned) }
    }

    fn ask(lists: &Lists, number: u128, now: Micros) -> Say {
        let remote = format!("ch_{number}");
        lists.ask(PLACE, Asks { charge: charge(number), remote: &remote, created_at: NOW + number as Micros }, now)
    }

    /// So many charges that are due at once, and have waited for one another.
    fn gathered(count: u128) -> Lists {
        let lists = Lists::default();
        for number in 1..=count {
            assert_eq!(ask(&lists, number, NOW), Say::Wait(NOW + GATHERED));
        }
        lists
    }

    fn list(page: Option<&str>) -> Say {
        let since = NOW + 1 - CLOCKS_DIFFER_BY;
        Say::List(ListFacts { since, state: Some(Listed::Pending), page: page.map(str::to_owned) })
    }

    #[test]
    fn five_are_looked_at_one_by_one_and_more_by_one_list() {
        let lists = gathered(5);
        for number in 1..=5 {
            assert_eq!(ask(&lists, number, NOW + GATHERED), Say::Alone);
        }
        assert!(lists.queues().is_empty());
        let (lists, now) = (gathered(6), NOW + GATHERED);
        assert_eq!(ask(&lists, 4, now), list(None));
        assert_eq!(ask(&lists, 5, now), Say::Wait(now + COMES_AGAIN), "one reads for all");
        lists.read(PLACE, Some(&page(&[6, 5, 4, 3, 2], None)));
        for number in 2..=6 {
            assert_eq!(ask(&lists, number, now), Say::Seen(Box::new(look(number))));
        }
        assert_eq!(ask(&lists, 1, now), Say::Alone, "it does not wait at the gateway any more");
        assert!(lists.queues().is_empty());
    }

    #[test]
    fn further_pages_are_read_while_they_show_charges_that_wait() {
        let (lists, now) = (gathered(20), NOW + GATHERED);
        assert_eq!(ask(&lists, 1, now), list(None));
        lists.read(PLACE, Some(&page(&[20, 19], Some("2"))));
        assert_eq!(ask(&lists, 1, now), list(Some("2")));
        lists.read(PLACE, Some(&page(&[99, 98], Some("3"))));
        assert_eq!(ask(&lists, 1, now), Say::Alone, "they are too far down");
        assert!(matches!(ask(&lists, 20, now), Say::Seen(_)));
    }

    #[test]
    fn a_list_that_fails_or_is_lost_is_read_once_more() {
        let (lists, now) = (gathered(6), NOW + GATHERED);
        assert_eq!(ask(&lists, 1, now), list(None));
        lists.read(PLACE, None);
        assert_eq!(ask(&lists, 2, now), list(None));
        assert_eq!(ask(&lists, 3, now + LOST - 1), Say::Wait(now + LOST - 1 + COMES_AGAIN));
        assert_eq!(ask(&lists, 3, now + LOST), list(None), "who read it is gone");
    }

    #[test]
    fn who_does_not_come_again_waits_no_more() {
        let lists = gathered(6);
        let later = NOW + FORGOTTEN;
        assert_eq!(ask(&lists, 7, later), Say::Wait(later + GATHERED));
        assert_eq!(ask(&lists, 7, later + GATHERED), Say::Alone);
    }
}
