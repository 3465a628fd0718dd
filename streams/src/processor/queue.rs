//! The queue of records that are not decided yet. Inputs take turns, so that one with a backlog, or with heavy
//! records, does not keep the others waiting; within an input the log's order is law, since a position covers all
//! that is before it.

use std::collections::{BTreeMap, VecDeque};

use feira_connectors::log::TopicPartition;
use feira_contexts::Decider;

use super::input::Arrived;

/// Records that wait here at most. More would only be read earlier; fewer would split batches of light records.
const RECORDS: usize = 1_000;
/// Bytes of records that wait here. One fetch may go over it.
const BYTES: usize = 8 * 1024 * 1024;

/// Records by input, each in the log's order.
pub(super) struct Queue<D: Decider> {
    inputs: BTreeMap<TopicPartition, VecDeque<Arrived<D>>>,
    /// The input whose turn it is: the first from here on.
    turn: Option<TopicPartition>,
    records: usize,
    bytes: usize,
}

impl<D: Decider> Default for Queue<D> {
    fn default() -> Self {
        Self { inputs: BTreeMap::new(), turn: None, records: 0, bytes: 0 }
    }
}

impl<D: Decider> Queue<D> {
    /// The number of records that should still be fetched.
    pub fn room(&self) -> usize {
        if self.bytes >= BYTES { 0 } else { RECORDS.saturating_sub(self.records) }
    }

    /// True if nothing waits.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Adds a record behind the others of its input.
    pub fn push(&mut self, arrived: Arrived<D>) {
        self.records += 1;
        self.bytes += bytes_of(&arrived);
        self.inputs.entry(arrived.record.at.clone()).or_default().push_back(arrived);
    }

    /// Takes up to `most` records, one of each input in turn.
    pub fn take(&mut self, most: usize) -> VecDeque<Arrived<D>> {
        let mut taken = VecDeque::with_capacity(most.min(self.records));
        while taken.len() < most {
            let Some(at) = self.next_input() else { break };
            let Some(input) = self.inputs.get_mut(&at) else { break };
            taken.extend(input.pop_front());
            if input.is_empty() {
                self.inputs.remove(&at);
            }
            self.turn = Some(at);
        }
        self.records -= taken.len();
        self.bytes -= taken.iter().map(bytes_of).sum::<usize>();
        taken
    }

    /// The input after the one that had its turn last.
    fn next_input(&self) -> Option<TopicPartition> {
        let after = self.turn.as_ref().and_then(|turn| {
            self.inputs.range::<TopicPartition, _>((std::ops::Bound::Excluded(turn), std::ops::Bound::Unbounded)).next()
        });
        after.or_else(|| self.inputs.first_key_value()).map(|(at, _)| at.clone())
    }

    /// Puts back what was taken and not decided: it comes first again, and whose turn it was has it again.
    pub fn put_back(&mut self, taken: VecDeque<Arrived<D>>) {
        for arrived in taken.into_iter().rev() {
            self.records += 1;
            self.bytes += bytes_of(&arrived);
            self.turn = self.before(&arrived.record.at);
            self.inputs.entry(arrived.record.at.clone()).or_default().push_front(arrived);
        }
    }

    /// The input whose turn was before this one's.
    fn before(&self, at: &TopicPartition) -> Option<TopicPartition> {
        let before = self.inputs.range(..at).next_back().or_else(|| self.inputs.last_key_value());
        before.map(|(at, _)| at.clone())
    }

    /// Forgets what waits of a partition: the log brings it again to whoever owns it.
    pub fn forget(&mut self, partition: u32) {
        self.inputs.retain(|at, _| at.partition != partition);
        let all = || self.inputs.values().flatten();
        (self.records, self.bytes) = (all().count(), all().map(bytes_of).sum());
    }

    /// Forgets all that waits.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn bytes_of<D: Decider>(arrived: &Arrived<D>) -> usize {
    arrived.record.key.len() + arrived.record.value.as_ref().map_or(0, bytes::Bytes::len)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use feira_connectors::log::LogRecord;
    use feira_contexts::admin::Admin;

    use super::*;

    fn record(partition: u32, offset: i64) -> Arrived<Admin> {
        let at = TopicPartition::new("admin.commands", partition);
        let value = Some(Bytes::from(vec![0; 100]));
        let record = LogRecord { at, offset, timestamp_ms: 0, key: Bytes::new(), value, headers: Vec::new() };
        Arrived::of_nothing_read(record)
    }

    fn places(taken: &VecDeque<Arrived<Admin>>) -> Vec<(u32, i64)> {
        taken.iter().map(|arrived| (arrived.record.at.partition, arrived.record.offset)).collect()
    }

    #[test]
    fn f04_inputs_take_turns_and_each_keeps_its_order() {
        let mut queue = Queue::default();
        (0..5).for_each(|offset| queue.push(record(3, offset)));
        queue.push(record(7, 0));
        queue.push(record(9, 0));
        queue.push(record(9, 1));
        assert_eq!(places(&queue.take(4)), [(3, 0), (7, 0), (9, 0), (3, 1)]);
        assert_eq!(places(&queue.take(2)), [(9, 1), (3, 2)], "whose turn it was is remembered");
        // One that comes later need not wait for the backlog.
        queue.push(record(4, 0));
        assert_eq!(places(&queue.take(9)), [(4, 0), (3, 3), (3, 4)]);
        assert!(queue.is_empty());
        assert_eq!(queue.room(), RECORDS);
    }

    #[test]
    fn f04_what_is_put_back_comes_again_in_the_same_order() {
        let mut queue = Queue::default();
        for offset in 0..3 {
            [3, 7].into_iter().for_each(|partition| queue.push(record(partition, offset)));
        }
        let mut taken = queue.take(6);
        let order = places(&taken);
        assert_eq!(taken.pop_front().map(|first| first.record.offset), Some(0));
        queue.put_back(taken);
        assert_eq!(places(&queue.take(6)), order[1..]);
    }

    #[test]
    fn what_waits_is_bounded_and_a_lost_partition_leaves() {
        let mut queue = Queue::default();
        (0..RECORDS as i64).for_each(|offset| queue.push(record(offset as u32 % 2, offset)));
        assert_eq!(queue.room(), 0);
        queue.forget(0);
        assert_eq!(queue.room(), RECORDS / 2);
        let mut heavy = record(1, 0);
        heavy.record.value = Some(Bytes::from(vec![0; BYTES]));
        queue.push(heavy);
        assert_eq!(queue.room(), 0);
        queue.clear();
        assert_eq!(queue.room(), RECORDS);
    }
}
