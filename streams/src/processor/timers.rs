//! The timers of a partition that this process knows: those that are due soon, in the order of their rows.
//!
//! A timer's row lies in the hour in which it is due, or in which it was set where that is later. So in the order of the rows
//! (by hour, then by due time) all that is due stands before all that is not, a partition reads its hours one after the other,
//! and none of them gets another timer once the partition's events are past it.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use feira_connectors::{
    log::{LogRecord, TopicPartition},
    state::StateError,
};
use feira_contexts::{Decider, Input};
use feira_schemas::{
    ids::Micros,
    records::common::{TimerEvent, TimerKey},
    row::RowKey,
    rows::common::{Progress, Timer},
    time::{HOUR, hour_of},
    topics,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::input::Arrived;
use crate::platform::Platform;

/// Timers of all partitions of a loop in memory, about: two hours of a busy deployment, and some megabytes.
pub(super) const MOST: usize = 10_000;
/// Timers of one partition in memory at least, however many a loop has: a page that is worth its reading.
const LEAST: usize = 100;
/// Rows read at once.
const PAGE: usize = 1_000;
/// Hours that are looked into at once: after a long rest there are many, nearly all of them empty.
const HOURS_AT_ONCE: usize = 32;

/// The part of each partition of a loop that has so many.
pub(super) fn share(partitions: usize) -> usize {
    (MOST / partitions.max(1)).max(LEAST)
}

/// The timers of one partition.
#[derive(Debug)]
pub(super) struct Timers {
    partition: u32,
    /// The timers that wait and are in memory.
    waiting: BTreeMap<TimerKey, Timer>,
    /// Up to here every timer that waits is in memory.
    known_to: Frontier,
    /// The first hour in which a timer may wait, as it is kept.
    kept: Micros,
}

/// The end of what is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frontier {
    /// All hours that begin before this one.
    Before(Micros),
    /// Those, and in a timer's hour all up to it.
    Timer(TimerKey),
}

impl Frontier {
    fn covers(self, key: &TimerKey) -> bool {
        match self {
            Self::Before(hour) => key.bucket < hour,
            Self::Timer(last) => *key <= last,
        }
    }

    /// The first hour that is not in memory as a whole.
    fn hour(self) -> Micros {
        match self {
            Self::Before(hour) => hour,
            Self::Timer(last) => last.bucket,
        }
    }
}

impl Timers {
    /// None are known yet; they are to be read from this hour on.
    pub fn from(partition: u32, hour: Micros) -> Self {
        let hour = hour_of(hour);
        Self { partition, waiting: BTreeMap::new(), known_to: Frontier::Before(hour), kept: hour }
    }

    /// The number of timers in memory.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Reads on to the end of the hour after `now`'s, or until `most` are in memory. More are read once half of these are gone, so
    /// that no timer costs a reading of its own.
    pub async fn load<D: Decider>(&mut self, platform: &Platform, now: Micros, most: usize) -> Result<(), StateError> {
        let end = hour_of(now) + 2 * HOUR;
        while self.known_to.hour() < end && self.waiting.len() <= most / 2 {
            let first = self.known_to.hour();
            if let Frontier::Timer(last) = self.known_to {
                self.load_hour::<D>(platform, first, Some(last), most).await?;
                continue;
            }
            // Most hours of a long rest are empty, and are passed by together.
            let hours = (0..HOURS_AT_ONCE as i64).map(|number| first + number * HOUR).take_while(|hour| *hour < end);
            let heads: Vec<_> = hours.map(|hour| has_any::<D>(platform, self.partition, hour)).collect();
            let heads: Vec<(Micros, bool)> = stream::iter(heads).buffered(HOURS_AT_ONCE).try_collect().await?;
            for (hour, any) in heads {
                if any {
                    self.load_hour::<D>(platform, hour, None, most).await?;
                    break;
                }
                self.known_to = Frontier::Before(hour + HOUR);
            }
        }
        Ok(())
    }

    /// Reads an hour after this timer, to its end or until `most` are in memory.
    async fn load_hour<D: Decider>(
        &mut self,
        platform: &Platform,
        hour: Micros,
        mut after: Option<TimerKey>,
        most: usize,
    ) -> Result<(), StateError> {
        let all = Timer::all(self.partition, hour);
        while self.waiting.len() < most {
            let limit = PAGE.min(most - self.waiting.len());
            let after_key: Option<RowKey> = after.map(|key| Timer::at(self.partition, &key));
            let page = platform.state.scan::<D::Timer>(&all, after_key.as_ref(), limit).await?;
            let whole = page.len() < limit;
            for timer in page.into_iter().map(Into::<Timer>::into) {
                after = Some(timer.timer_key());
                self.waiting.insert(timer.timer_key(), timer);
            }
            self.known_to = match after {
                Some(last) if !whole => Frontier::Timer(last),
                _ => Frontier::Before(hour + HOUR),
            };
            if whole {
                break;
            }
        }
        Ok(())
    }

    /// Folds what a committed event says of timers; its row is in the state. Beyond `most` the last ones leave again, and are
    /// read when their time comes.
    pub fn fold(&mut self, change: TimerChange, most: usize) {
        if let Some(ended) = change.ended {
            self.waiting.remove(&ended);
        }
        if let Some(timer) = change.set {
            let key = timer.timer_key();
            if self.known_to.covers(&key) {
                self.waiting.insert(key, timer);
            }
        }
        while self.waiting.len() > most
            && let Some((gone, _)) = self.waiting.pop_last()
        {
            self.known_to = match self.waiting.last_key_value() {
                Some((last, _)) if last.bucket == gone.bucket => Frontier::Timer(*last),
                _ => Frontier::Before(gone.bucket),
            };
        }
    }

    /// Those that are due by `now`, the first first.
    pub fn due(&self, now: Micros) -> impl Iterator<Item = &Timer> {
        self.waiting.values().take_while(move |timer| timer.due <= now)
    }

    /// The time at which the next is due; `None` where none waits in memory.
    pub fn next(&self) -> Option<Micros> {
        self.waiting.first_key_value().map(|(key, _)| key.due)
    }

    /// The first hour in which a timer may wait, where it has become a later one since it was kept: none before it waits, as all of
    /// them are in memory, and none will, as every later event is after `last_write_ts`. It counts as kept from now on.
    pub fn swept(&mut self, last_write_ts: Micros) -> Option<Micros> {
        let open = self.waiting.first_key_value().map_or(self.known_to.hour(), |(key, _)| key.bucket);
        let swept = open.min(hour_of(last_write_ts));
        (swept > self.kept).then(|| {
            self.kept = swept;
            swept
        })
    }
}

/// True if an hour has any timer.
async fn has_any<D: Decider>(platform: &Platform, partition: u32, hour: Micros) -> Result<(Micros, bool), StateError> {
    let head = platform.state.scan::<D::Timer>(&Timer::all(partition, hour), None, 1).await?;
    Ok((hour, !head.is_empty()))
}

/// The hint of the first hour in which a timer of a partition may wait, as a progress row of its own.
pub(super) fn swept_row(group: &str, partition: u32, hour: Micros) -> Progress {
    Progress {
        consumer: Progress::timers_of(group),
        partition: i64::from(partition),
        write_ts: hour,
        ..Progress::default()
    }
}

/// A change of a partition's timers by one event.
#[derive(Debug, Clone)]
pub(super) struct TimerChange {
    /// The partition of the event.
    pub partition: u32,
    /// The timer that is set.
    pub set: Option<Timer>,
    /// The timer that is no more.
    pub ended: Option<TimerKey>,
}

impl TimerChange {
    /// The change that an event of this partition makes.
    pub fn of(event: TimerEvent<'_>, partition: u32) -> Self {
        let set = match event {
            TimerEvent::Set(event) => Some(Timer::of(event, partition)),
            TimerEvent::Cleared(_) => None,
        };
        Self { partition, set, ended: event.ended() }
    }
}

/// A due timer among the records that are decided. Where it is decided it is the input that events name.
pub(super) fn arrived<D: Decider>(timer: &Timer, partition: u32) -> Arrived<D> {
    // Events lie under the same key as those that commands make: the shop's, or where that is not the key the entity's.
    let key = if D::CONTEXT.is_keyed_by_shop() { timer.tenant_id.to_string() } else { timer.entity.clone() };
    let record = LogRecord {
        at: TopicPartition { topic: Arc::from(topics::TIMER), partition },
        offset: -1,
        timestamp_ms: timer.due / 1_000,
        key: Bytes::from(key),
        value: None,
        headers: Vec::new(),
    };
    Arrived { record, input: Some(Input::Timer(timer.clone())) }
}
