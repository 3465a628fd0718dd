//! The generations of tables, log and shards: which is live in the deployment, and which is this program's, as this
//! process knows it.

use std::{collections::BTreeMap, sync::Arc};

use feira_connectors::{
    log::{Log, LogError, TopicPartition},
    state::{State, StateError},
};
use feira_schemas::{
    generations::{KEYSPACES, LOG},
    row::{Row, Write},
    rows::platform::GenerationRow,
    topics::{self, Context},
};
use tokio::sync::{Semaphore, watch};

use crate::start::{StartError, starting};

/// Search shards, whose generation stands in no table's name: they lie in folders of processes.
pub const SHARDS: &str = "shards";

/// The live generation where nothing was folded yet.
pub(crate) const NOTHING: i64 = 0;

/// True for keyspaces and shards that are folded from the log, and so can be folded into a newer generation;
/// positions that views keep are taken over. The log itself is the source of all folds, and the meanings of schema
/// ids stand nowhere else.
fn is_folded(name: &str) -> bool {
    !matches!(name, "log" | "platform")
}

/// The live generation of something in the deployment, and this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The generation that readers of this deployment see.
    pub live: i64,
    /// The generation that this program works on.
    pub ours: i64,
}

impl Kept {
    pub(crate) fn is_whole(self) -> bool {
        self.live >= self.ours
    }
}

/// The generations of a deployment, as this process knows them.
#[derive(Debug)]
pub struct Generations {
    pub(crate) kept: watch::Sender<BTreeMap<String, Kept>>,
    /// Nothing was kept before this process.
    pub(crate) new: bool,
    /// Partitions that fold at once in this process, whatever they are of: each holds a page of events and the rows they make.
    pub(crate) turns: Semaphore,
}

impl Generations {
    /// Refuses data that this program can't work on, and says of new data that it is of this one.
    pub(crate) async fn agree(state: &State, log: &Log) -> Result<Self, StartError> {
        let ours = of_this_program(log);
        let live = read(state, &ours).await?;
        check(&ours, &live)?;
        let missing: Vec<_> = ours.iter().zip(&live).filter(|(_, live)| live.is_none()).map(|(ours, _)| ours).collect();
        // A state that was lost, or thrown away because it could not be opened, says nothing of what the log holds.
        let new = !missing.is_empty() && !starting(|| has_events(log)).await?;
        let made = missing.into_iter().filter(|ours| new || !is_folded(&ours.name));
        let made: Vec<_> = made.cloned().map(mark).collect();
        if !made.is_empty() {
            state.write(&made).await?;
            // No log brings these rows back after a power cut.
            state.sync().await?;
        }
        let live = read(state, &ours).await?;
        check(&ours, &live)?;
        let kept = ours.into_iter().zip(live).map(|(ours, live)| {
            let live = live.map_or(NOTHING, |row| row.generation);
            (ours.name, Kept { live, ours: ours.generation })
        });
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4);
        Ok(Self { kept: watch::channel(kept.collect()).0, new, turns: Semaphore::new(at_once) })
    }

    /// Every name with its generations.
    pub fn all(&self) -> BTreeMap<String, Kept> {
        self.kept.borrow().clone()
    }

    /// True if this is still to be folded into this program's generation.
    pub fn is_pending(&self, name: &str) -> bool {
        self.kept.borrow().get(name).is_some_and(|kept| !kept.is_whole())
    }

    /// True if every table can be read: search shards say for themselves whether they are whole.
    pub fn tables_are_whole(&self) -> bool {
        whole(&self.kept.borrow(), |name| name != SHARDS)
    }

    /// Waits until every table can be read.
    pub async fn until_tables_are_whole(&self) {
        self.until(|name| name != SHARDS).await;
    }

    /// Waits until this is of this program's generation.
    pub async fn until_whole(&self, wanted: &str) {
        self.until(|name| name == wanted).await;
    }

    async fn until(&self, which: impl Fn(&str) -> bool) {
        // It can't fail: this is the sender, so it is there.
        let _ = self.kept.subscribe().wait_for(|kept| whole(kept, &which)).await;
    }

    pub(crate) fn is_live(&self, name: &str, live: i64) {
        self.kept.send_if_modified(|kept| {
            let Some(kept) = kept.get_mut(name) else { return false };
            let forward = live > kept.live;
            kept.live = kept.live.max(live);
            forward
        });
    }
}

fn whole(kept: &BTreeMap<String, Kept>, which: impl Fn(&str) -> bool) -> bool {
    kept.iter().filter(|(name, _)| which(name)).all(|(_, kept)| kept.is_whole())
}

/// The number is its own write's time too: of two programs that write at once the newer one's row stays, whatever their clocks.
pub(crate) fn mark(row: GenerationRow) -> Write {
    let write_ts = row.generation;
    Write::put(row, write_ts)
}

/// True if the events' topic of some context has a record.
async fn has_events(log: &Log) -> Result<bool, LogError> {
    for context in Context::ALL {
        let topic: Arc<str> = topics::events(context).into();
        for partition in 0.. {
            match log.end(&TopicPartition::new(Arc::clone(&topic), partition)).await {
                Ok(0) => {}
                Ok(_) => return Ok(true),
                // No such topic, or no such partition.
                Err(LogError::Refused(_)) => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(false)
}

fn of_this_program(log: &Log) -> Vec<GenerationRow> {
    let log = matches!(log, Log::Embedded(_)).then_some(("log", LOG));
    let all = KEYSPACES.iter().copied().chain(log);
    all.map(|(name, generation)| GenerationRow { name: name.to_owned(), generation: generation.into() }).collect()
}

async fn read(state: &State, ours: &[GenerationRow]) -> Result<Vec<Option<GenerationRow>>, StateError> {
    let keys: Vec<_> = ours.iter().map(Row::key).collect();
    state.get_many(&keys).await
}

pub(crate) fn check(ours: &[GenerationRow], live: &[Option<GenerationRow>]) -> Result<(), StartError> {
    for (ours, live) in ours.iter().zip(live) {
        let Some(GenerationRow { name, generation: live }) = live.clone() else { continue };
        let ours = ours.generation;
        if live > ours {
            return Err(StartError::DataIsNewer { name, live, ours });
        }
        if live < ours && !is_folded(&name) {
            return Err(StartError::DataIsOlder { name, live, ours });
        }
    }
    Ok(())
}
