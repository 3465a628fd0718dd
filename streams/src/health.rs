//! What each processor of this process is doing: for `/readyz`, for alarms, and for whoever operates it.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use feira_schemas::ids::Micros;

use crate::generations::Progress;

/// What a processor is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// It has started and owns nothing yet, or catches up before it takes new input.
    Restoring,
    /// A new generation of its tables or shards is folded from the log.
    Folding(Progress),
    /// It works.
    Working,
    /// A dependency is down; it waits and no record is blamed.
    Waiting(String),
    /// A partition is stopped: going on would make state differ from the log. A person must look.
    Stopped(String),
}

/// The processors of this process.
#[derive(Debug, Default)]
pub struct Health {
    processors: RwLock<BTreeMap<String, Processor>>,
}

#[derive(Debug)]
struct Processor {
    doing: Doing,
    /// When it last said so.
    said: Micros,
    /// Whether its group has given it its partitions: before that it can't work, even if it is to have none.
    assigned: bool,
}

impl Health {
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

    fn change(&self, processor: &str, now: Micros, change: impl FnOnce(&mut Processor)) {
        let mut processors = self.processors.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Processor { doing: Doing::Restoring, said: now, assigned: false };
        let entry = processors.entry(processor.to_owned()).or_insert_with(new);
        entry.said = now;
        change(entry);
    }

    /// Who has said something here has nothing more to say.
    pub fn forget(&self, processor: &str) {
        self.processors.write().unwrap_or_else(PoisonError::into_inner).remove(processor);
    }

    /// Every processor with what it does and when it last said so.
    pub fn all(&self) -> BTreeMap<String, (Doing, Micros)> {
        let processors = self.processors.read().unwrap_or_else(PoisonError::into_inner);
        processors.iter().map(|(name, entry)| (name.clone(), (entry.doing.clone(), entry.said))).collect()
    }

    /// Whether all processors work.
    pub fn ready(&self) -> bool {
        self.all().values().all(|(doing, _)| *doing == Doing::Working)
    }
}

#[cfg(test)]
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
}
