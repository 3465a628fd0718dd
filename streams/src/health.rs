//! The health of each processor of this process: for `/readyz`, for alarms, and for whoever operates it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use feira_connectors::log::TopicPartition;
use feira_schemas::ids::Micros;

use crate::counted::Counted;

/// Inputs that are named where many are missing: enough to see of which topic, and to be read.
const NAMED: usize = 8;

/// A processor's activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// The processor has started and owns nothing yet, or catches up before it takes new input.
    Restoring,
    /// A new generation of its tables or shards is folded from the log.
    Folding(Progress),
    /// The processor works.
    Working,
    /// A dependency is down; it waits and no record is blamed.
    Waiting(String),
    /// A partition is stopped: going on would make state differ from the log. A person must look.
    Stopped(String),
}

impl Doing {
    /// The rank of an activity by how much it keeps the processor from working, 0 to 4: of several loops the worst is
    /// what the processor does.
    fn severity(&self) -> u8 {
        match self {
            Self::Working => 0,
            Self::Restoring => 1,
            Self::Folding(_) => 2,
            Self::Waiting(_) => 3,
            Self::Stopped(_) => 4,
        }
    }
}

/// The progress of the fold of a new generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The generation that is folded.
    pub generation: i64,
    /// Records that this process has folded.
    pub records: u64,
    /// Offsets folded, in per cent of those of the partitions.
    pub percent: u64,
    /// The time left at the pace so far; `None` before there is one.
    pub left: Option<Duration>,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, records, percent, left } = self;
        write!(f, "folding generation {generation}: {records} records, {percent} %")?;
        match left {
            Some(left) => write!(f, ", {} s left", left.as_secs()),
            None => Ok(()),
        }
    }
}

/// The processors of this process. Clones share what they say.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// The processors by name, and by the number of the loop where one runs in several.
    processors: Arc<RwLock<BTreeMap<(String, u32), Processor>>>,
    /// The loop that reports here.
    seat: u32,
}

#[derive(Debug)]
struct Processor {
    doing: Doing,
    /// The time of its last report, in microseconds since 1970.
    said: Micros,
    /// True once its group has given it its partitions: before that it can't work, even if it is to have none.
    assigned: bool,
    /// The topics that partitions which were given to it lack, so that it takes none of them.
    lacks: Option<String>,
    /// How many inputs these are, beside those that other loops lack.
    lacking: Counted,
    /// The reason for which it holds its timers.
    holds: Option<String>,
}

impl Health {
    /// A handle on the same health for another of the loops that a processor runs in, numbered `seat`.
    pub fn of_seat(&self, seat: u32) -> Self {
        Self { seat, ..self.clone() }
    }

    /// Says what a processor is doing; also its sign of life. A stopped partition stays reported until the process ends, and
    /// none works before it is [`assigned`](Self::assigned).
    pub fn report(&self, processor: &str, doing: Doing, now: Micros) {
        self.change(processor, now, |entry| {
            if !matches!(entry.doing, Doing::Stopped(_)) {
                entry.doing = if doing == Doing::Working && !entry.assigned { Doing::Restoring } else { doing };
            }
        });
    }

    /// A processor's group has given it its partitions, be they none.
    pub fn assigned(&self, processor: &str, now: Micros) {
        self.change(processor, now, |entry| entry.assigned = true);
    }

    /// Partitions were given to a processor without these inputs, so that it does not take them; none: it lacks nothing any more.
    /// It is as ready as before: who has these partitions works on them, and an upgrade that waited for that one's end would wait
    /// for ever.
    pub fn lacks(&self, processor: &str, missing: &[TopicPartition], now: Micros) {
        let lacks = (!missing.is_empty()).then(|| {
            let named: Vec<String> = missing.iter().take(NAMED).map(TopicPartition::to_string).collect();
            let more = if missing.len() > NAMED { ", …" } else { "" };
            format!("waits for {}{more}, without which another program reads these partitions", named.join(", "))
        });
        match &lacks {
            Some(lacks) => tracing::warn!(group = processor, "{lacks}"),
            None => tracing::info!(group = processor, "it was given every input of its partitions"),
        }
        self.change(processor, now, |entry| {
            entry.lacks = lacks;
            entry.lacking.set(missing.len());
        });
    }

    /// A processor holds its timers, since the wall clock has jumped by so many microseconds; `None`: it is back. It goes on with
    /// records as before.
    pub fn holds(&self, processor: &str, jumped: Option<Micros>, now: Micros) {
        let holds = jumped.map(|by| format!("holds its timers: the wall clock has jumped by {} s", by / 1_000_000));
        self.change(processor, now, |entry| entry.holds = holds);
    }

    fn change(&self, processor: &str, now: Micros, change: impl FnOnce(&mut Processor)) {
        let mut processors = self.processors.write().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let lacking = Counted::of(metrics::gauge!("feira_inputs_lacking", "group" => processor.to_owned()));
            Processor { doing: Doing::Restoring, said: now, assigned: false, lacks: None, lacking, holds: None }
        };
        let entry = processors.entry((processor.to_owned(), self.seat)).or_insert_with(new);
        entry.said = now;
        change(entry);
    }

    /// Drops the reports of a processor that has nothing more to say.
    pub fn forget(&self, processor: &str) {
        let mut processors = self.processors.write().unwrap_or_else(PoisonError::into_inner);
        processors.retain(|(name, _), _| name != processor);
    }

    /// Every processor with what it does and when it last said so: of several loops what keeps it most from working, and the
    /// one that has been silent for longest.
    pub fn all(&self) -> BTreeMap<String, (Doing, Micros)> {
        let processors = self.processors.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: BTreeMap<String, (Doing, Micros)> = BTreeMap::new();
        for ((name, _), entry) in processors.iter() {
            let (doing, said) = all.entry(name.clone()).or_insert_with(|| (entry.doing.clone(), entry.said));
            *said = entry.said.min(*said);
            if entry.doing.severity() > doing.severity() {
                doing.clone_from(&entry.doing);
            }
        }
        all
    }

    /// The processors that were given partitions without all of their inputs, and what they wait for.
    pub fn lacking(&self) -> BTreeMap<String, String> {
        self.said(|entry| entry.lacks.as_ref())
    }

    /// The processors that hold their timers, and why.
    pub fn holding(&self) -> BTreeMap<String, String> {
        self.said(|entry| entry.holds.as_ref())
    }

    fn said(&self, what: impl Fn(&Processor) -> Option<&String>) -> BTreeMap<String, String> {
        let processors = self.processors.read().unwrap_or_else(PoisonError::into_inner);
        processors.iter().filter_map(|((name, _), entry)| Some((name.clone(), what(entry)?.clone()))).collect()
    }

    /// True if all processors work.
    pub fn ready(&self) -> bool {
        self.all().values().all(|(doing, _)| *doing == Doing::Working)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_works_once_it_is_assigned_and_a_stopped_one_stays_so() {
        let health = Health::default();
        health.report("admin", Doing::Working, 1);
        assert_eq!(health.all()["admin"], (Doing::Restoring, 1), "it has said something, and has nothing to work on");
        health.assigned("admin", 2);
        assert!(!health.ready());
        health.report("admin", Doing::Working, 3);
        assert!(health.ready());
        for doing in [Doing::Stopped("why".into()), Doing::Working] {
            health.report("admin", doing, 4);
            assert_eq!(health.all()["admin"], (Doing::Stopped("why".into()), 4));
        }
    }

    #[test]
    fn a_processor_of_several_loops_does_what_the_worst_of_them_does() {
        let health = Health::default();
        let other = health.of_seat(1);
        for (loop_of, said) in [(&health, 5), (&other, 3)] {
            loop_of.report("admin", Doing::Restoring, said);
            loop_of.assigned("admin", said);
        }
        health.report("admin", Doing::Working, 6);
        assert_eq!(health.all()["admin"], (Doing::Restoring, 3));
        other.report("admin", Doing::Working, 7);
        assert_eq!((health.all()["admin"].clone(), other.ready()), ((Doing::Working, 6), true));
        health.report("admin", Doing::Waiting("state".into()), 8);
        assert_eq!(other.all()["admin"].0, Doing::Waiting("state".into()));
        other.report("admin", Doing::Stopped("why".into()), 9);
        assert_eq!(health.all()["admin"], (Doing::Stopped("why".into()), 8));
        health.forget("admin");
        assert!(other.all().is_empty());
    }

    #[test]
    fn who_lacks_an_input_says_which_and_goes_on() {
        let health = Health::default();
        health.assigned("store", 1);
        health.report("store", Doing::Working, 1);
        let missing: Vec<TopicPartition> = (0..9).map(|at| TopicPartition::new("payments.events", at)).collect();
        health.lacks("store", &missing[..2], 2);
        let said = health.lacking()["store"].clone();
        assert!(said.contains("payments.events[0], payments.events[1], without") && health.ready(), "{said}");
        health.lacks("store", &missing, 3);
        assert!(health.lacking()["store"].contains("payments.events[7], …"), "{:?}", health.lacking());
        // What one loop lacks is not hidden by another that has all.
        let other = health.of_seat(1);
        other.lacks("store", &[], 4);
        let counts = |health: &Health| -> Vec<usize> {
            health.processors.read().unwrap().values().map(|entry| entry.lacking.get()).collect()
        };
        assert_eq!((counts(&health), health.lacking().len()), (vec![9, 0], 1));
        health.lacks("store", &[], 4);
        assert_eq!((counts(&health), health.lacking().len()), (vec![0, 0], 0));
    }
}
