//! What each processor of this process is doing: for `/readyz`, for alarms, and for whoever operates it.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use feira_schemas::ids::Micros;

/// What a processor is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// It has started and owns nothing yet, or catches up before it takes new input.
    Restoring,
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
    processors: RwLock<BTreeMap<String, (Doing, Micros)>>,
}

impl Health {
    /// Says what a processor is doing; also its sign of life. A stopped partition stays reported until the process ends.
    pub fn report(&self, processor: &str, doing: Doing, now: Micros) {
        let mut processors = self.processors.write().unwrap_or_else(PoisonError::into_inner);
        let entry = processors.entry(processor.to_owned()).or_insert((Doing::Restoring, now));
        entry.1 = now;
        if !matches!(entry.0, Doing::Stopped(_)) {
            entry.0 = doing;
        }
    }

    /// Every processor with what it does and when it last said so.
    pub fn all(&self) -> BTreeMap<String, (Doing, Micros)> {
        self.processors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether all processors work.
    pub fn ready(&self) -> bool {
        self.all().values().all(|(doing, _)| *doing == Doing::Working)
    }
}
