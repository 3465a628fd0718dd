//! The processor of a view: what it owns, and what its parts share.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use feira_connectors::log::{Member, NewRecord, Seat, TopicPartition, Transaction};
use feira_schemas::topics;

use super::{
    partition::Partition,
    view::{View, ViewError},
};
use crate::{
    consumer,
    generations::{Pace, SHARDS},
    health::Doing,
    platform::Platform,
    waiting::Patient,
};

/// The processor of one view in this process.
pub struct ViewProcessor<V: View> {
    pub(super) platform: Platform,
    pub(super) view: V,
    pub(super) member: Member,
    pub(super) partitions: BTreeMap<u32, Partition>,
    /// The owner of these positions: the group, or one of its folders.
    pub(super) place: String,
    /// The pace of the fold of a new generation of shards, where there is one.
    pub(super) pace: Option<Pace>,
    /// The time when the last records came.
    pub(super) came_at: Instant,
    pub(super) kept_at: Instant,
    pub(super) kept_all_at: Instant,
}

impl<V: View> ViewProcessor<V> {
    /// Joins the view's group, over the events and the records that were parked of them.
    pub async fn join(platform: Platform, view: V, instance: Option<&str>) -> Result<Self, ViewError> {
        let inputs: [Arc<str>; 2] = [topics::events(V::SOURCE).into(), topics::retry(V::GROUP).into()];
        let member = consumer::join(&platform, V::GROUP, &inputs, Seat::alone(instance)).await?;
        let place = view.folder().map_or_else(|| V::GROUP.to_owned(), |folder| format!("{}@{folder}", V::GROUP));
        let shards = view.folder().is_some().then(|| platform.generations.all().remove(SHARDS)).flatten();
        let pace = shards.filter(|kept| kept.live < kept.ours).map(|kept| Pace::new(kept.ours));
        Ok(Self {
            platform,
            view,
            member,
            partitions: BTreeMap::new(),
            place,
            pace,
            came_at: Instant::now(),
            kept_at: Instant::now(),
            kept_all_at: Instant::now(),
        })
    }

    pub(super) fn report(&self, doing: Doing) {
        self.platform.health.report(V::GROUP, doing, self.platform.now());
    }

    pub(super) fn patient(&self) -> Patient<'_> {
        Patient::new(&self.platform, V::GROUP)
    }

    /// Writes dead letters, and in the same transaction a position of theirs, below which there are none to be written.
    pub(super) async fn bury(
        &mut self,
        at: &TopicPartition,
        position: i64,
        letters: Vec<NewRecord>,
    ) -> Result<(), ViewError> {
        let committed = self.partitions.get(&at.partition).map_or(0, |partition| partition.committed_of(at));
        let position = position.max(committed);
        self.member.commit(Transaction { records: letters, positions: vec![(at.clone(), position)] }).await?;
        if let Some(partition) = self.partitions.get_mut(&at.partition) {
            partition.committed(at, position);
        }
        Ok(())
    }
}
