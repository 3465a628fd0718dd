//! The timers of a loop's partitions: read in time, decided among the records when they are due, and held while the clock can't be
//! believed.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use feira_connectors::state::StateError;
use feira_contexts::Decider;
use feira_schemas::{ids::Micros, row::Write};

use super::{
    input::Arrived,
    partition::Partition,
    run::Processor,
    timers::{TimerChange, arrived, share, swept_row},
};
use crate::{backoff::Backoff, consumer::IDLE, waiting::Patient};

/// Timers of one transaction: half of the records that one decides, so that who sends commands is decided in each.
const BATCH: usize = 250;

impl<D: Decider> Processor<D> {
    /// Reads the timers that are due soon, of each partition that is not stopped, however long the state is away.
    pub(super) async fn load_timers(&mut self) -> Result<(), StateError> {
        if self.held {
            return Ok(()); // By a clock that has jumped years of hours would be read.
        }
        let patient = Patient::new(&self.platform, &self.group);
        let most = share(self.timers.len());
        let mut changed = false;
        for (at, timers) in &mut self.timers {
            let Some(partition) = self.partitions.get(at).filter(|partition| !partition.stopped) else { continue };
            let (now, before, mut backoff) = (partition.now(&self.clock), timers.len(), Backoff::default());
            while let Err(error) = timers.load::<D>(&self.platform, now, most).await {
                let StateError::Unavailable(why) = error else { return Err(error) };
                patient.wait(&mut backoff, "state", &why).await;
            }
            changed |= timers.len() != before;
        }
        if changed {
            self.count_timers();
        }
        Ok(())
    }

    /// The due timers that the next transaction decides at most: one of each partition in turn, each partition's in order. They
    /// stay where they are until what comes of them is committed.
    pub(super) fn due_timers(&self) -> VecDeque<Arrived<D>> {
        let mut due = VecDeque::new();
        if self.held {
            return due;
        }
        let of_partition = self.timers.iter().filter_map(|(at, timers)| {
            let partition = self.partitions.get(at).filter(|partition| !partition.stopped)?;
            Some((*at, timers.due(partition.now(&self.clock))))
        });
        let mut turns: VecDeque<_> = of_partition.collect();
        while due.len() < BATCH
            && let Some((at, mut timers)) = turns.pop_front()
        {
            if let Some(timer) = timers.next() {
                due.push_back(arrived(timer, at));
                turns.push_back((at, timers));
            }
        }
        due
    }

    /// The time until the next timer is due, [`IDLE`] at most.
    pub(super) fn until_due(&self) -> Duration {
        if self.held {
            return IDLE;
        }
        let of_partition = self.timers.iter().filter_map(|(at, timers)| {
            let partition = self.partitions.get(at).filter(|partition| !partition.stopped)?;
            Some(timers.next()? - partition.now(&self.clock))
        });
        let until = |due: Micros| Duration::from_micros(u64::try_from(due).unwrap_or_default());
        of_partition.min().map_or(IDLE, until).min(IDLE)
    }

    /// Folds what a committed batch has set and cleared.
    pub(super) fn fold_timers(&mut self, changes: Vec<TimerChange>) {
        let most = share(self.timers.len());
        for change in changes {
            if let Some(timers) = self.timers.get_mut(&change.partition) {
                timers.fold(change, most);
            }
        }
        self.count_timers();
    }

    /// The hints of the first hours in which timers may wait, of those partitions that moved and where it has become a later one.
    pub(super) fn swept(&mut self, after: &HashMap<u32, Partition>, moved: &[u32]) -> Vec<Write> {
        let mut hints = Vec::new();
        for at in moved {
            let (Some(timers), Some(partition)) = (self.timers.get_mut(at), after.get(at)) else { continue };
            let hour = timers.swept(partition.last_write_ts);
            let row = hour.map(|hour| D::Progress::from(swept_row(&self.group, *at, hour)));
            hints.extend(row.map(|row| Write::put(row, partition.progress_ts)));
        }
        hints
    }

    /// Holds all timers while the wall clock has jumped, and says so when that begins and ends.
    pub(super) fn watch_clock(&mut self) {
        let jumped = self.clock.jumped();
        if jumped.is_some() == self.held {
            return;
        }
        self.held = jumped.is_some();
        match jumped {
            Some(by) => tracing::error!(
                group = self.group,
                seconds = by / 1_000_000,
                "the wall clock has jumped: timers are held until it is back, or until a restart takes it as it is"
            ),
            None => tracing::warn!(group = self.group, "the wall clock is back: timers go on"),
        }
        metrics::gauge!("feira_timers_held", "group" => self.group.clone()).increment(if self.held {
            1.0
        } else {
            -1.0
        });
        self.platform.health.holds(&self.group, jumped, self.platform.now());
    }

    /// Tells how many timers this loop has in memory, whenever that has changed; of several loops the sum counts.
    pub(super) fn count_timers(&mut self) {
        self.counted.set(self.timers.values().map(|timers| timers.len()).sum());
    }
}
