//! The state that a processor keeps of a partition it owns.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use feira_connectors::{log::TopicPartition, state::StateError};
use feira_contexts::Decider;
use feira_schemas::{
    ids::Micros,
    records::common::EventMeta,
    row::{Stored, Write},
    rows::common::{InputProgress, Progress},
};

use super::jump::Watched;
use crate::{platform::Platform, reached::Mark, waiting::Patient};

/// The committed position of each input topic of a partition.
pub(super) type Committed = Vec<(Arc<str>, Option<i64>)>;

/// The state that a processor keeps of a partition it owns.
#[derive(Debug, Clone, Default)]
pub(super) struct Partition {
    /// Next offset of each input topic.
    pub positions: BTreeMap<Arc<str>, i64>,
    /// The `write_ts` of the last own event, in microseconds since 1970.
    pub last_write_ts: Micros,
    /// Next own event to apply.
    pub applied: i64,
    /// Translation of foreign tokens.
    pub inputs: Vec<InputProgress>,
    /// The `write_ts` of the progress row, so that a later one always wins.
    pub progress_ts: Micros,
    /// A fault stopped it.
    pub stopped: bool,
}

impl Partition {
    /// One of which nothing is decided; its positions stay where they are.
    pub fn stopped(committed: Committed) -> Self {
        let positions = committed.into_iter().filter_map(|(topic, position)| Some((topic, position?))).collect();
        Self { positions, stopped: true, ..Self::default() }
    }

    /// The time at which the partition's next event is decided, in microseconds since 1970: never before the last one's.
    pub fn now(&self, clock: &Watched) -> Micros {
        clock.now().max(self.last_write_ts + 1)
    }

    /// The mark up to which its own events can be read, and what of foreign ones is in them.
    pub fn mark(&self) -> Mark {
        Mark { write_ts: self.last_write_ts, inputs: self.inputs.clone() }
    }

    /// Moves the translation of a foreign context's tokens: up to its event, own events up to now.
    pub fn note_foreign(&mut self, topic: &str, meta: &EventMeta) {
        let Some(context) = topic.strip_suffix(".events") else { return };
        let note = InputProgress { context: context.to_owned(), decided_ts: meta.write_ts, own_ts: self.last_write_ts };
        match self.inputs.iter_mut().find(|input| input.context == context) {
            Some(input) => *input = note,
            None => self.inputs.push(note),
        }
    }

    /// The progress of this partition, number `at`, as a row.
    pub fn progress_write<D: Decider>(&mut self, group: &str, at: u32, now: Micros) -> Write
    where
        D::Progress: Stored,
    {
        self.progress_ts = now.max(self.progress_ts + 1);
        let progress = Progress {
            consumer: group.to_owned(),
            partition: i64::from(at),
            applied: self.applied,
            write_ts: self.last_write_ts,
            inputs: self.inputs.clone(),
        };
        Write::put(D::Progress::from(progress), self.progress_ts)
    }
}

/// The positions of every owned partition: also of those without records, since positions are what fences.
pub(super) fn positions(partitions: &HashMap<u32, Partition>) -> Vec<(TopicPartition, i64)> {
    let mut all = Vec::new();
    for (at, partition) in partitions {
        for (topic, position) in &partition.positions {
            all.push((TopicPartition { topic: Arc::clone(topic), partition: *at }, *position));
        }
    }
    all
}

/// Writes rows, and then the progress that says that they are there, however long the state is away.
pub(super) async fn write_rows(
    platform: &Platform,
    group: &str,
    rows: Vec<Write>,
    progress: Vec<Write>,
) -> Result<(), StateError> {
    Patient::new(platform, group).state(|| platform.state.write_in_order(&rows, &progress)).await
}
