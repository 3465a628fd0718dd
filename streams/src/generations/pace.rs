//! The pace of a fold: for the log, for `/readyz` and for a terminal.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::health::Progress;

/// The time between two log lines.
const SAID_EVERY: Duration = Duration::from_secs(5);

/// The fold of one thing by this process.
#[derive(Debug)]
pub(crate) struct Pace {
    generation: i64,
    begun: Instant,
    count: Mutex<Count>,
}

#[derive(Debug, Default)]
struct Count {
    records: u64,
    partitions: BTreeMap<u32, Span>,
    said: Option<Instant>,
}

/// Offsets of a partition: where this process began, where it is, and where the fold ends.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: i64,
    at: i64,
    end: i64,
}

impl Pace {
    /// A pace that begins now.
    pub fn new(generation: i64) -> Self {
        Self { generation, begun: Instant::now(), count: Mutex::default() }
    }

    /// A partition is to be folded from here to there.
    pub fn begins(&self, partition: u32, from: i64, end: i64) {
        self.count().partitions.insert(partition, Span { from, at: from, end });
    }

    /// So many records more were folded, and the partition's next offset is this.
    pub fn moves(&self, partition: u32, at: i64, records: usize) {
        let mut count = self.count();
        count.records += records as u64;
        if let Some(span) = count.partitions.get_mut(&partition) {
            span.at = at;
        }
    }

    /// The fold's progress: records, per cent and the time left.
    pub fn progress(&self) -> Progress {
        let count = self.count();
        let (mut done, mut all) = (0, 0);
        for Span { from, at, end } in count.partitions.values() {
            all += u64::try_from(end - from).unwrap_or_default();
            done += u64::try_from(at.min(end) - from).unwrap_or_default();
        }
        let percent = (done * 100).checked_div(all).unwrap_or_default();
        let left = (done > 0).then(|| self.begun.elapsed().mul_f64((all - done) as f64 / done as f64));
        Progress { generation: self.generation, records: count.records, percent, left }
    }

    /// Tells the log, now and then.
    pub fn say(&self, what: &str) {
        let mut count = self.count();
        if count.said.is_some_and(|said| said.elapsed() < SAID_EVERY) {
            return;
        }
        count.said = Some(Instant::now());
        drop(count);
        let Progress { generation, records, percent, left } = self.progress();
        let left_s = left.map(|left| left.as_secs());
        tracing::info!(what, generation, records, percent, left_s, "folding a new generation from the log");
    }

    fn count(&self) -> std::sync::MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_of_all_partitions_that_are_known() {
        let pace = Pace::new(2);
        assert_eq!(pace.progress(), Progress { generation: 2, records: 0, percent: 0, left: None });
        pace.begins(0, 100, 200);
        pace.begins(1, 0, 100);
        pace.moves(0, 150, 40);
        let progress = pace.progress();
        assert_eq!((progress.records, progress.percent), (40, 25), "offsets of markers count as way, not as records");
        assert!(progress.left.is_some());
        pace.moves(0, 250, 60);
        pace.moves(1, 100, 90);
        let done = pace.progress();
        assert_eq!((done.records, done.percent, done.left), (190, 100, Some(Duration::ZERO)));
        assert_eq!(done.to_string(), "folding generation 2: 190 records, 100 %, 0 s left");
    }
}
