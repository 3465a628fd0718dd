//! Settings of a pool of search shards: folder, generation, limits.

use std::{fs, path::PathBuf, time::Duration};

use super::ShardError;
use crate::turns::Turns;

/// The library takes no less per writer.
const MIN_WRITER_MEMORY: usize = 15_000_000;
/// Bytes that an open writer takes as a rule, with its three threads, once it has committed. One that has to buffer
/// more takes up to `writer_memory`, until its next commit.
const WRITER_BYTES: u64 = 8 * 1024 * 1024;
/// Writers that one pool has open at most: more would be more threads than help.
const MOST_WRITERS: u64 = 32;
/// Memory maps of an open shard: six per segment, and up to three segments between merges.
const MAPS_PER_SHARD: usize = 18;

/// The folder, generation and limits of a pool of search shards.
#[derive(Debug, Clone)]
pub struct ShardsSettings {
    /// The folder in which the partitions' folders lie.
    pub root: PathBuf,
    /// The generation of the shards; a change of schema or analysis makes the next one.
    pub generation: u32,
    /// Most shards open at once. More cost memory maps (the machine has 65,530 by default), fewer cost 0.5 ms per query that
    /// must open its shard again.
    pub max_open_readers: usize,
    /// Most writers at once, each with three threads and up to `writer_memory`. A shard that needs one when all are open has
    /// the least used one committed and closed.
    pub max_writers: usize,
    /// Bytes a writer may buffer before it writes a segment; at least 15 MB.
    pub writer_memory: usize,
    /// A writer unused for this long is closed by [`super::Shards::close_idle`]. Starting one costs more than a commit, so it
    /// should outlast the pauses of a merchant at work.
    pub writer_idle: Duration,
    /// True if a commit waits for the disk (fsync). Without it a power cut may cost a replay, never a wrong answer.
    pub sync: bool,
    /// Commits that run at once: more than there are cores only delay each other.
    pub max_commits: usize,
    /// Searches that run at once, in turns of the shops: as many as there are cores, since more only delay each other. Pools that
    /// serve the same process share them.
    pub searches: Turns,
    /// The id of the machine's boot, which tells a power cut from a restart of the process; none means unknown, and then
    /// every shard is verified whenever it is opened.
    pub boot: Option<String>,
}

impl ShardsSettings {
    /// The measured defaults, on this machine.
    pub fn new(root: impl Into<PathBuf>, generation: u32) -> Self {
        Self {
            root: root.into(),
            generation,
            max_open_readers: 3_000,
            max_writers: 32,
            writer_memory: MIN_WRITER_MEMORY,
            writer_idle: Duration::from_secs(30),
            sync: false,
            max_commits: cores(),
            searches: Self::searches(),
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned()),
        }
    }

    /// Turns of searches for the pools of one process.
    pub fn searches() -> Turns {
        Turns::of(cores() as u64)
    }

    /// These settings with no more writers open than `bytes` of memory allow, but at least one that works and one
    /// that is being closed.
    pub fn writing_within(self, bytes: u64) -> Self {
        let writers = (bytes / WRITER_BYTES).clamp(2, MOST_WRITERS);
        Self { max_writers: usize::try_from(writers).unwrap_or(self.max_writers), ..self }
    }

    pub(super) fn validate(&self) -> Result<(), ShardError> {
        let refuse = |reason: &str| Err(ShardError::Config(reason.to_owned()));
        if self.max_writers == 0 || self.max_commits == 0 {
            return refuse("max_writers and max_commits must be at least 1");
        }
        if self.max_open_readers < self.max_writers {
            return refuse("max_open_readers must not be below max_writers, as a writer keeps its shard open");
        }
        if self.writer_memory < MIN_WRITER_MEMORY {
            return refuse("writer_memory must be at least 15000000 bytes");
        }
        warn_about_maps(self.max_open_readers);
        Ok(())
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn warn_about_maps(max_open_readers: usize) {
    let limit =
        fs::read_to_string("/proc/sys/vm/max_map_count").ok().and_then(|text| text.trim().parse::<usize>().ok());
    let needed = max_open_readers.saturating_mul(MAPS_PER_SHARD);
    if let Some(limit) = limit.filter(|limit| *limit < needed) {
        tracing::warn!(limit, needed, "vm.max_map_count is low for so many open search shards");
    }
}
