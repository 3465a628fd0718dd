//! Positions of a view: where a partition is taken up, what is readable, and what is kept of that.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::{
    log::{LogError, TopicPartition},
    state::StateError,
};
use feira_schemas::{
    row::Write,
    rows::common::{Progress, progress_of},
    topics,
};

use super::{
    Shown,
    parking::Parking,
    partition::Partition,
    processor::ViewProcessor,
    view::{View, ViewError},
};
use crate::{backoff::Backoff, consumer::IDLE, health::Doing, reached::Mark, waiting::Patient};

/// The time between two writes of positions. What lies between is folded again after a crash, which changes nothing.
const KEEP_EVERY: Duration = Duration::from_millis(500);
/// The time between two writes of positions where other processes read them: whoever waits there for a mark has half
/// a second in all.
const KEEP_SHARED_EVERY: Duration = Duration::from_millis(50);
/// The time between two writes there of positions that have not moved: a process that slept past its session may have
/// written an older position over the owner's when it woke.
const KEEP_AGAIN_EVERY: Duration = Duration::from_secs(5);

/// The last offset of a topic that is written in transactions is a marker, which is no event.
const MARKER: i64 = 1;
/// So long nothing came: more offsets that are left below the end are markers too, of transactions that were aborted.
const QUIET: Duration = Duration::from_secs(5);

/// True if less is readable than there was below `end`, where the offset `seen` is folded.
fn is_behind(shown: i64, seen: i64, end: i64, quiet: bool) -> bool {
    shown + MARKER < end && (shown < seen || !quiet)
}

impl<V: View> ViewProcessor<V> {
    /// Says what the view is doing. Heavy records of several partitions take their time together: each is a sign of life.
    pub(super) fn report_progress(&mut self) {
        let doing = self.progress();
        self.report(doing);
    }

    /// The view's activity: it works, or still shows less than there was when it took its partitions.
    pub(super) fn progress(&mut self) -> Doing {
        let quiet = self.came_at.elapsed() >= QUIET;
        for partition in self.partitions.values_mut() {
            let (shown, seen) = (partition.shown.offset, partition.seen.offset);
            partition.until = partition.until.filter(|end| is_behind(shown, seen, *end, quiet));
        }
        let behind = self.partitions.values().any(|partition| partition.until.is_some());
        if !behind {
            // What comes from now on is no fold of a new generation any more; before there are partitions it has not begun.
            self.pace = self.pace.take().filter(|_| self.partitions.is_empty());
            return Doing::Working;
        }
        match &self.pace {
            Some(pace) => {
                pace.say(V::GROUP);
                Doing::Folding(pace.progress())
            }
            None => Doing::Restoring,
        }
    }

    /// An assignment comes once: a partition that is not taken while the log is away would never be.
    pub(super) async fn take_unless_away(
        &mut self,
        at: &TopicPartition,
        committed: &BTreeMap<TopicPartition, i64>,
    ) -> Result<(), ViewError> {
        let mut backoff = Backoff::default();
        loop {
            match self.take(at, committed).await {
                Err(ViewError::Log(LogError::Unavailable(why) | LogError::Aborted(why))) => {
                    self.patient().wait(&mut backoff, "log", &why).await;
                }
                other => return other,
            }
        }
    }

    /// Takes a partition: what is parked first, then the events from the position on.
    async fn take(&mut self, at: &TopicPartition, committed: &BTreeMap<TopicPartition, i64>) -> Result<(), ViewError> {
        self.report(Doing::Restoring);
        let group = self.kept(V::GROUP, at.partition).await?;
        // A folder that was never here before folds the partition from its beginning.
        let shown = if self.place == V::GROUP { group } else { self.kept(&self.place, at.partition).await? };
        self.view.take(at.partition, shown).await?;
        let parking = Parking::load(&self.platform, (V::GROUP, V::KEPT_IN), at.partition).await?;
        let retry = TopicPartition::new(topics::retry(V::GROUP), at.partition);
        let end = self.patient().log(|| self.platform.log.end(at)).await?;
        let partition = Partition {
            until: Some(end),
            kept: shown,
            shown,
            seen: shown,
            group,
            committed: committed.get(at).copied().unwrap_or_default(),
            retry_committed: committed.get(&retry).copied().unwrap_or_default(),
            parking,
        };
        self.came_at = Instant::now();
        if let Some(pace) = &self.pace {
            pace.begins(at.partition, shown.offset, end);
        }
        self.partitions.insert(at.partition, partition);
        self.index_parked(at.partition).await?;
        let mark = Mark { write_ts: shown.write_ts, inputs: Vec::new() };
        self.platform.reached.take(V::GROUP, at.partition, mark, group.write_ts);
        self.resume(at.partition).await
    }

    /// The position that is kept of a partition, in a folder or of the group.
    async fn kept(&self, place: &str, partition: u32) -> Result<Shown, ViewError> {
        let key = Progress::key(place, partition);
        let row =
            self.patient().state(|| self.platform.state.get_in::<Progress>(progress_of(V::KEPT_IN), &key)).await?;
        Ok(row.map(|row| Shown { offset: row.applied, write_ts: row.write_ts }).unwrap_or_default())
    }

    /// Lets the events of a partition flow from what is folded, and its parked records from what is indexed.
    async fn resume(&mut self, partition: u32) -> Result<(), ViewError> {
        let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
        let (events, parked) = (present.seen.offset, present.parking.indexed());
        let at = |topic: String| TopicPartition { topic: topic.into(), partition };
        let patient = Patient::new(&self.platform, V::GROUP);
        patient.resume(&mut self.member, &at(topics::retry(V::GROUP)), parked).await?;
        Ok(patient.resume(&mut self.member, &at(topics::events(V::SOURCE).to_string()), events).await?)
    }

    /// Everything is read again from what is folded.
    pub(super) async fn resume_all(&mut self) -> Result<(), ViewError> {
        let owned: Vec<u32> = self.partitions.keys().copied().collect();
        for partition in owned {
            self.resume(partition).await?;
        }
        Ok(())
    }

    pub(super) async fn fold_lost_again(&mut self) -> Result<(), ViewError> {
        let lost = self.view.lost();
        if lost.is_empty() {
            return Ok(());
        }
        for (at, from) in &lost {
            if let Some(partition) = self.partitions.get_mut(at) {
                partition.seen = *from;
                partition.shown = partition.shown.or_earlier(*from);
            }
        }
        // A position beyond what was lost must be gone before that is folded again: after a crash in the midst of it, the rest
        // would be passed over.
        let mut backoff = Backoff::default();
        while self.partitions.values().any(|partition| partition.shown.offset < partition.kept.offset) {
            self.keep().await?;
            if self.partitions.values().any(|partition| partition.shown.offset < partition.kept.offset) {
                backoff.wait().await;
            }
        }
        self.resume_all().await
    }

    /// Moves the marks to what is readable now, and keeps positions now and then.
    pub(super) async fn settle(&mut self) -> Result<(), ViewError> {
        for (at, shown) in self.view.settle().await? {
            let Some(partition) = self.partitions.get_mut(&at) else { continue };
            if partition.shown != shown {
                partition.shown = shown;
                let mark = Mark { write_ts: shown.write_ts, inputs: Vec::new() };
                self.platform.reached.advance(V::GROUP, at, mark);
            }
        }
        if self.kept_at.elapsed() >= self.keep_every() {
            self.keep().await?;
        }
        Ok(())
    }

    fn keep_every(&self) -> Duration {
        if self.platform.state.is_shared() { KEEP_SHARED_EVERY } else { KEEP_EVERY }
    }

    /// The time until a position that has moved is to be kept; far off where nobody else reads it, as stopping keeps
    /// it too.
    pub(super) fn keep_due_in(&self) -> Duration {
        let moved = || self.partitions.values().any(|partition| partition.kept != partition.shown);
        if !self.platform.state.is_shared() || !moved() {
            return IDLE;
        }
        self.keep_every().saturating_sub(self.kept_at.elapsed())
    }

    pub(super) async fn keep(&mut self) -> Result<(), ViewError> {
        self.kept_at = Instant::now();
        if !self.view.may_keep() {
            return Ok(());
        }
        let rows = self.moved();
        if rows.is_empty() {
            return Ok(());
        }
        fail_point!("view::before_keep");
        let kept = self.platform.state.write(&rows).await;
        fail_point!("view::after_keep");
        match kept {
            Ok(()) => self.partitions.values_mut().for_each(|partition| partition.kept = partition.shown),
            // Kept the next time; until then a restart folds a little more again.
            Err(StateError::Unavailable(why)) => self.report(Doing::Waiting(format!("state: {why}"))),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The rows of the positions that have moved, now and then of all.
    fn moved(&mut self) -> Vec<Write> {
        let now = self.platform.now();
        let all = self.platform.state.is_shared() && self.kept_all_at.elapsed() >= KEEP_AGAIN_EVERY;
        if all {
            self.kept_all_at = Instant::now();
        }
        let mut rows: Vec<Write> = Vec::new();
        let moved = self.partitions.iter_mut().filter(|(_, partition)| all || partition.kept != partition.shown);
        for (at, partition) in moved {
            let progress = |consumer: &str, shown: Shown| {
                let row = Progress {
                    consumer: consumer.to_owned(),
                    partition: i64::from(*at),
                    applied: shown.offset,
                    write_ts: shown.write_ts,
                    inputs: Vec::new(),
                };
                Write::put_in(progress_of(V::KEPT_IN), row, now)
            };
            rows.push(progress(&self.place, partition.shown));
            // While a folder catches up, the group has come further: readers elsewhere, and the next owner, are told so.
            if self.place != V::GROUP && self.platform.reached.serves(V::GROUP, *at) {
                if partition.group.offset < partition.shown.offset {
                    partition.group = partition.shown;
                }
                rows.push(progress(V::GROUP, partition.group));
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_behind_until_it_shows_what_there_was() {
        for (shown, seen, end, quiet, behind) in [
            (0, 0, 0, false, false),
            (0, 0, 10, false, true),
            (5, 10, 10, true, true),
            (9, 9, 10, false, false),    // The last offset is a marker.
            (12, 500, 10, false, false), // What came since is no reason to be called behind.
            (3, 3, 10, false, true),
            (3, 3, 10, true, false), // The rest are markers, too.
        ] {
            assert_eq!(is_behind(shown, seen, end, quiet), behind, "{shown} {seen} {end} {quiet}");
        }
    }
}
