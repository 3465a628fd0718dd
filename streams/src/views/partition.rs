//! The state that a view's processor keeps of a partition it owns.

use feira_connectors::log::TopicPartition;

use super::{Shown, parking::Parking};

/// The state that a view's processor keeps of a partition it owns.
pub(super) struct Partition {
    /// The position that is kept in the state.
    pub kept: Shown,
    /// The place up to which the view can be read.
    pub shown: Shown,
    /// The place up to which events are folded.
    pub seen: Shown,
    /// The place that the group has reached, in whichever folder is furthest.
    pub group: Shown,
    /// The end of the events when the partition was taken, until that is readable: before, the view shows less than
    /// there was.
    pub until: Option<i64>,
    /// The group's committed position: what can't be read below it is among the dead letters.
    pub committed: i64,
    /// The committed offset of the retry topic.
    pub retry_committed: i64,
    /// The parked entities.
    pub parking: Parking,
}

impl Partition {
    /// The committed position of the events, or of the retry topic.
    pub fn committed_of(&self, at: &TopicPartition) -> i64 {
        if self.parking.at() == at { self.retry_committed } else { self.committed }
    }

    /// A position was committed.
    pub fn committed(&mut self, at: &TopicPartition, position: i64) {
        let committed = if self.parking.at() == at { &mut self.retry_committed } else { &mut self.committed };
        *committed = position.max(*committed);
    }
}
