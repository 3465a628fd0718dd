//! Topics: their names, and how long each is kept. Who reads them stands in [`groups`].

use std::{fmt, time::Duration};

pub use crate::groups::Context;
use crate::groups::{self, GROUPS};

/// The time for which a topic keeps its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// For ever: the state is a fold of it. Never compacted either: with the tenant as key that would destroy it.
    Forever,
    /// This long.
    For(Duration),
    /// The records stay until their owner deletes them: parked ones go when they are done, never by time.
    UntilDone,
}

/// One day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The commands of a context.
pub fn commands(context: Context) -> String {
    format!("{context}.commands")
}

/// The events of a context.
pub fn events(context: Context) -> String {
    format!("{context}.events")
}

/// The answers to a context's commands.
pub fn results(context: Context) -> String {
    format!("{context}.results")
}

/// The topic that events name as their input where a timer was decided. There is none of this name: timers are a context's own.
pub const TIMER: &str = "timer";

/// The topic in which a consumer group parks records that failed.
pub fn retry(group: &str) -> String {
    format!("{group}.retry")
}

/// The topic in which a consumer group leaves records that can't be worked on.
pub fn dead_letters(group: &str) -> String {
    format!("{group}.dlq")
}

/// Dead letters are few; four partitions let several shops' be read at once.
pub const DEAD_LETTER_PARTITIONS: u32 = 4;

/// Every topic with its partitions (where `partitions` is the deployment's count) and how long it is kept.
pub fn all(partitions: u32) -> Vec<(String, u32, Kept)> {
    let mut topics = Vec::new();
    for context in Context::ALL {
        topics.push((commands(context), partitions, Kept::For(7 * DAY)));
        topics.push((events(context), partitions, Kept::Forever));
        topics.push((results(context), partitions, Kept::For(DAY)));
    }
    for group in groups::parking() {
        topics.push((retry(group.name), partitions, Kept::UntilDone));
    }
    for group in GROUPS {
        topics.push((dead_letters(group.name), DEAD_LETTER_PARTITIONS, Kept::UntilDone));
    }
    topics
}

/// A place in a context's events: a read that names it sees everything up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The context whose events are meant.
    pub context: Context,
    /// The partition of its events.
    pub partition: u32,
    /// The `write_ts` of the last event that must be seen.
    pub write_ts: i64,
}

/// The text is not a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a position: expected context.partition.write_ts, such as admin.3.1700000000000000")]
pub struct InvalidPosition(pub String);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.context, self.partition, self.write_ts)
    }
}

impl std::str::FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let invalid = || InvalidPosition(text.chars().take(64).collect());
        let mut parts = text.trim().splitn(3, '.');
        let mut part = || parts.next().ok_or_else(invalid);
        Ok(Self {
            context: Context::from_name(part()?).ok_or_else(invalid)?,
            partition: part()?.parse().map_err(|_| invalid())?,
            write_ts: part()?.parse().map_err(|_| invalid())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_back_as_it_is_written() {
        let position = Position { context: Context::Admin, partition: 3, write_ts: 1_700_000_000_000_000 };
        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in ["", "admin", "admin.1", "admin.1.x", "other.1.2", "admin.-1.2", "admin.1.2.3"] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_events_are_kept_for_ever() {
        for (name, _, kept) in all(12) {
            assert_eq!(name.ends_with(".events"), kept == Kept::Forever, "{name}");
        }
    }
}
