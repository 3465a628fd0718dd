//! Hooks: what is to be told to whom, how often it was tried, and what was ordered to go wrong with it.

use feira_schemas::time::Micros;
use serde::{Deserialize, Serialize};

use super::{
    account::Account,
    faults::{self, Class, Effect, Operation},
    ledger::{Ledger, MINUTE, SECOND},
    rows::Row,
};

/// Tries of a delivery, as the vendor's.
pub const TRIES: u32 = 31;
/// Deliveries that may wait. What comes beyond is lost, as it would be with a receiver that is away for days.
const WAITING: usize = 10_000;
/// Deliveries that are kept to be looked at when they are done.
const KEPT: usize = 2_000;
/// The longest time between two tries.
const LONGEST_PAUSE: Micros = 60 * MINUTE;
/// How long a hook waits for those that it is to change places with.
const HELD: Micros = 30 * SECOND;
/// The time between two hooks that have changed places, so that they come in this order.
const APART: Micros = SECOND / 5;

/// One hook on its way. Its row is that of the delivery: the same hook may be delivered twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// `dlv_…`.
    pub id: String,
    /// `hook_…`, the same for each copy.
    pub hook: String,
    /// The account that it tells of.
    pub account: String,
    /// Its type, such as `charge.paid`.
    pub kind: String,
    /// The bytes that are posted.
    pub body: String,
    /// When it is to be tried next.
    pub due: Micros,
    /// Tries so far.
    pub tries: u32,
    /// How it stands.
    pub state: State,
    /// The credentials that go with it.
    pub credentials: Credentials,
}

/// How a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is tried when it is due.
    Waiting,
    /// It waits for others to change places with, so many in all.
    Held(u32),
    /// The receiver answered 2xx.
    Delivered,
    /// It is not tried any more.
    Lost,
}

/// The credentials that go with a hook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// Those of the account.
    #[default]
    Right,
    /// Others.
    Wrong,
    /// None.
    Missing,
}

impl Row for Delivery {
    const TABLE: &'static str = "hooks";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Sends a hook, or does with it what was ordered. `magic` is what the charge's sum orders, taken once.
pub fn send(ledger: &mut Ledger, account: &Account, hook: &str, kind: &str, body: &str, magic: &mut Option<Effect>) {
    if account.hooks.is_none() {
        return;
    }
    let effect = faults::magic_or_ordered(ledger, magic, &account.id, Operation::Hook, Class::Hook);
    let now = ledger.now();
    let mut copies = 1;
    let (mut due, mut state) = (now, State::Waiting);
    match effect {
        Some(Effect::HookLate { millis }) => due = now + i64::try_from(millis).unwrap_or_default() * 1_000,
        Some(Effect::HookDouble { copies: ordered }) => copies = ordered,
        Some(Effect::HookLost) => state = State::Lost,
        Some(Effect::HookPermute { of }) => (due, state) = (now + HELD, State::Held(of)),
        _ => state = joined(ledger, &account.id).map_or(state, State::Held),
    }
    if matches!(state, State::Held(_)) {
        due = now + HELD;
    }
    for _ in 0..copies {
        let (hook, kind, body) = (hook.to_owned(), kind.to_owned(), body.to_owned());
        enqueue(
            ledger,
            Delivery {
                id: String::new(),
                hook,
                account: account.id.clone(),
                kind,
                body,
                due,
                tries: 0,
                state: state.clone(),
                credentials: Credentials::Right,
            },
        );
    }
    permute(ledger, &account.id);
}

/// Puts a delivery into the queue, or loses it where that is full.
pub fn enqueue(ledger: &mut Ledger, mut delivery: Delivery) {
    let waiting = ledger.list::<Delivery>().into_iter().filter(|other| other.is_open()).count();
    if waiting >= WAITING && delivery.is_open() {
        tracing::warn!(hook = delivery.hook, "hook lost: too many wait");
        delivery.state = State::Lost;
    }
    delivery.id = ledger.id("dlv");
    ledger.put(delivery);
    let done: Vec<String> = ledger
        .list::<Delivery>()
        .into_iter()
        .filter(|other| !other.is_open())
        .skip(KEPT)
        .map(|other| other.id.clone())
        .collect();
    done.iter().for_each(|id| ledger.remove::<Delivery>(id));
}

impl Delivery {
    fn is_open(&self) -> bool {
        matches!(self.state, State::Waiting | State::Held(_))
    }
}

/// The number of hooks that wait for each other, if any do.
fn joined(ledger: &Ledger, account: &str) -> Option<u32> {
    held(ledger, account).first().and_then(|delivery| match delivery.state {
        State::Held(of) => Some(of),
        _ => None,
    })
}

/// The deliveries of an account that wait for others, the oldest first.
fn held(ledger: &Ledger, account: &str) -> Vec<Delivery> {
    let held = |delivery: &&Delivery| delivery.account == account && matches!(delivery.state, State::Held(_));
    ledger.list::<Delivery>().into_iter().rev().filter(held).cloned().collect()
}

/// Lets those go that were held, in another order, once they are as many as was ordered.
fn permute(ledger: &mut Ledger, account: &str) {
    let Some(of) = joined(ledger, account) else { return };
    let held = held(ledger, account);
    if held.len() < of as usize {
        return;
    }
    let now = ledger.now();
    let order = ledger.ids().shuffled(held.len());
    for (place, from) in order.into_iter().enumerate() {
        let mut delivery = held[from].clone();
        delivery.state = State::Waiting;
        delivery.due = now + i64::try_from(place).unwrap_or_default() * APART;
        ledger.put(delivery);
    }
}

/// The deliveries that are due, those due first first; one that was held for too long is due as well.
pub fn due(ledger: &Ledger, most: usize, but: impl Fn(&str) -> bool) -> Vec<Delivery> {
    let now = ledger.now();
    let due = |delivery: &&Delivery| delivery.is_open() && delivery.due <= now && !but(&delivery.id);
    let mut all: Vec<Delivery> = ledger.list::<Delivery>().into_iter().rev().filter(due).cloned().collect();
    all.sort_by_key(|delivery| delivery.due);
    all.truncate(most);
    all
}

/// Notes what came of a try.
pub fn tried(ledger: &mut Ledger, id: &str, delivered: bool) {
    let Some(mut delivery) = ledger.get::<Delivery>(id) else { return };
    delivery.tries += 1;
    delivery.state = match delivered {
        true => State::Delivered,
        false if delivery.tries >= TRIES => State::Lost,
        false => State::Waiting,
    };
    let pause = SECOND.saturating_mul(1 << delivery.tries.min(16)).min(LONGEST_PAUSE);
    delivery.due = ledger.now() + pause;
    ledger.put(delivery);
}
