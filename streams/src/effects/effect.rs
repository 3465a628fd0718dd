//! The trait of an effect, as the runner works on it.

use std::{fmt::Debug, hash::Hash};

use feira_schemas::{
    ids::{EventId, Micros, TenantId},
    records::EventSet,
    topics::Context,
};
use uuid::Uuid;

use super::{Away, beginning::Open};

/// Something that is done outside of Feira because an event says so.
pub trait Effect: Send + Sync + 'static {
    /// The consumer group's name.
    const GROUP: &'static str;
    /// The context whose events say what is wanted.
    const SOURCE: Context;
    /// Attempts under way at once.
    const AT_ONCE: usize;
    /// Attempts of one shop under way at once: the rest is the other shops', and whoever is asked is spared.
    const PER_SHOP: usize;
    /// The events of the source.
    type Event: EventSet;
    /// One thing that is wanted.
    type Wanted: Wanted;
    /// The rows that say what is left to do, with which a partition begins; events are read from where these are folded to. `None`: the
    /// group's position says it, and waits for the lowest event with something unfinished.
    const OPEN: Option<Open<Self::Wanted>>;

    /// Everything that an event wants. Pure.
    fn wanted(event: &Self::Event) -> Vec<Self::Wanted>;
    /// The services of ours that attempts wait for at the moment.
    fn away(&self) -> &Away;
    /// Does what is wanted, if it still is, and says what came of it by a command; both may be done twice. With `last`, what may
    /// pass is not waited for any more.
    fn attempt(&self, errand: Errand<Self::Wanted>, last: bool) -> impl Future<Output = Attempted> + Send;
}

/// One thing that an event wants: ids alone. What else it takes is looked up when it is its turn.
pub trait Wanted: Debug + Copy + Eq + Send + Sync + 'static {
    /// Tells it from all others that are wanted, of whichever shop.
    type Key: Eq + Hash + Send + Sync;

    /// The key of the errand: the same wish has the same key.
    fn key(&self) -> Self::Key;
    /// The shop that the errand is for.
    fn tenant(&self) -> TenantId;
}

/// The event that names what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The event's id.
    pub event: EventId,
    /// Partition of the source's events.
    pub partition: u32,
    /// The event's offset in that partition.
    pub offset: i64,
    /// The event's `write_ts`, in microseconds since 1970.
    pub write_ts: Micros,
}

impl Named {
    /// Stands for the event of a row that is there already: which it was the row does not say.
    pub(super) fn by_row(partition: u32) -> Self {
        Self { event: EventId::from_uuid(Uuid::nil()), partition, offset: -1, write_ts: Micros::MIN }
    }
}

/// Something wanted, by whom, and how often it was attempted in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand<W> {
    /// The wish that an attempt is to fulfil.
    pub wanted: W,
    /// The event that names it.
    pub named: Named,
    /// The number of attempts in vain so far.
    pub tries: usize,
}

/// The end of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The errand is done, or it is said why not, or nobody wants it any more.
    Done,
    /// The attempt was in vain, and may succeed later; the runner knows when, and how often.
    Again,
    /// The attempt was in vain, or there was none yet: there is to be another at this time of the wall clock.
    At(Micros),
}
