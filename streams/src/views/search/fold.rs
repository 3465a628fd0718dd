//! How events become documents: buffered per shard, committed at once after a pause and together under load.

use std::{
    collections::{BTreeMap, HashMap},
    marker::PhantomData,
    time::{Duration, Instant},
};

use super::documents::Catalogue;
use crate::{
    health::Doing,
    platform::{Backoff, Platform},
    views::{FoldError, Prepared, Shown, View, ViewError},
};
use fail::fail_point;
use feira_connectors::search::{Change, Position, ShardError, ShardId, Shards};

/// At most so long between two commits of a shard under load. Longer would commit fewer segments, and show an import later.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// At least so many times a commit's own duration lies between two of them, so that a busy shard's commits take a fifth of
/// a core at most, and a merchant at work, whose commits are short, sees each change at once.
const REST: u32 = 4;
/// How often idle shards are closed.
const CLOSE_EVERY: Duration = Duration::from_secs(10);

/// A search view's fold.
pub struct SearchView<C> {
    platform: Platform,
    shards: Shards,
    seen: BTreeMap<u32, Shown>,
    dirty: HashMap<ShardId, Dirty>,
    /// When each shard rests from its last commit until.
    rests: HashMap<ShardId, Instant>,
    /// Partitions whose uncommitted changes a disk lost: they are read again from here.
    lost: BTreeMap<u32, Shown>,
    closed_at: Instant,
    catalogue: PhantomData<C>,
}

/// A shard with changes that searches do not see yet.
struct Dirty {
    /// The partition's position before the first of them.
    before: Shown,
    /// When it must be committed.
    due: Instant,
}

impl<C: Catalogue> SearchView<C> {
    /// A fold into these shards.
    pub fn new(platform: Platform, shards: Shards) -> Self {
        Self {
            platform,
            shards,
            seen: BTreeMap::new(),
            dirty: HashMap::new(),
            rests: HashMap::new(),
            lost: BTreeMap::new(),
            closed_at: Instant::now(),
            catalogue: PhantomData,
        }
    }

    /// Buffers a shard's changes; those that it has committed before are left out.
    async fn buffer(
        &mut self,
        id: ShardId,
        changes: Vec<(i64, Change)>,
        last: Position,
        before: Shown,
    ) -> Result<(), ViewError> {
        let mut backoff = Backoff::default();
        let committed = loop {
            match self.shards.position(id).await {
                Ok(position) => break position.map_or(0, |position| position.offset),
                Err(error) => self.wait(&mut backoff, error).await?,
            }
        };
        let new: Vec<Change> =
            changes.into_iter().filter(|(offset, _)| *offset >= committed).map(|(_, change)| change).collect();
        if new.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.shards.apply(id, new, last).await {
            self.wait(&mut backoff, error).await?;
            self.lose_uncommitted(id, before);
            return Ok(());
        }
        let due = self.rests.get(&id).copied().unwrap_or_else(Instant::now);
        self.dirty.entry(id).or_insert(Dirty { before, due });
        Ok(())
    }

    /// After a failure nothing uncommitted of a shard is left in its writer: its partition is read again from before that.
    fn lose_uncommitted(&mut self, id: ShardId, before: Shown) {
        let before = self.dirty.remove(&id).map_or(before, |dirty| dirty.before);
        let from = self.lost.entry(id.partition).or_insert(before);
        if before.offset < from.offset {
            *from = before;
        }
    }

    /// A disk that is full or away is nobody's record's fault.
    async fn wait(&self, backoff: &mut Backoff, error: ShardError) -> Result<(), ViewError> {
        if let ShardError::Storage { .. } = &error {
            tracing::warn!(%error, "waiting for the search shards' disk");
            self.platform.health.report(C::GROUP, Doing::Waiting(error.to_string()), self.platform.now());
            backoff.wait().await;
            return Ok(());
        }
        Err(ViewError::Broken(error.to_string()))
    }

    /// Commits what is due, or all; false if a shard could not be.
    async fn commit_due(&mut self, all: bool) -> Result<bool, ViewError> {
        let mut committed = true;
        let now = Instant::now();
        let due: Vec<ShardId> =
            self.dirty.iter().filter(|(_, dirty)| all || dirty.due <= now).map(|(id, _)| *id).collect();
        if due.is_empty() {
            return Ok(true);
        }
        fail_point!("search::before_commit");
        // The pool bounds how many commit at once.
        let commits = due.into_iter().map(|id| {
            let shards = self.shards.clone();
            async move {
                let begun = Instant::now();
                let result = shards.commit(id).await;
                (id, result, begun.elapsed())
            }
        });
        for (id, result, took) in futures::future::join_all(commits).await {
            match result {
                Ok(_) => {
                    self.dirty.remove(&id);
                    self.rests.insert(id, Instant::now() + (took * REST).min(COMMIT_EVERY));
                }
                Err(error) => {
                    self.wait(&mut Backoff::default(), error).await?;
                    self.lose_uncommitted(id, Shown::default());
                    committed = false;
                }
            }
        }
        fail_point!("search::after_commit");
        Ok(committed)
    }

    async fn close_idle(&mut self) {
        if self.closed_at.elapsed() < CLOSE_EVERY {
            return;
        }
        self.closed_at = Instant::now();
        self.rests.retain(|_, until| *until > Instant::now());
        if let Err(error) = self.shards.close_idle().await {
            tracing::warn!(%error, "idle search shards stay open");
        }
    }
}

impl<C: Catalogue> View for SearchView<C> {
    const GROUP: &'static str = C::GROUP;
    const SOURCE: feira_schemas::topics::Context = C::SOURCE;
    type Event = C::Event;
    type Effect = Option<Change>;

    fn folder(&self) -> Option<String> {
        Some(self.shards.folder().to_owned())
    }

    async fn take(&mut self, partition: u32, from: Shown) -> Result<(), ViewError> {
        self.seen.insert(partition, from);
        Ok(())
    }

    fn lose(&mut self, partition: u32) {
        self.seen.remove(&partition);
        self.dirty.retain(|id, _| id.partition != partition);
    }

    fn prepare(event: &C::Event) -> Result<Option<Change>, String> {
        Ok(C::change(event))
    }

    async fn fold(
        &mut self,
        partition: u32,
        prepared: &[Prepared<Option<Change>>],
        seen: Shown,
    ) -> Result<(), FoldError> {
        let before = self.seen.get(&partition).copied().unwrap_or_default();
        let mut by_shard: BTreeMap<ShardId, Vec<(i64, Change)>> = BTreeMap::new();
        for prepared in prepared {
            if let Some(change) = &prepared.effect {
                let id = ShardId { partition, tenant: prepared.tenant };
                by_shard.entry(id).or_default().push((prepared.offset, change.clone()));
            }
        }
        let last = Position { offset: seen.offset, write_ts: seen.write_ts };
        for (id, changes) in by_shard {
            self.buffer(id, changes, last, before).await?;
        }
        self.seen.insert(partition, seen);
        Ok(())
    }

    async fn settle(&mut self) -> Result<BTreeMap<u32, Shown>, ViewError> {
        self.commit_due(false).await?;
        self.close_idle().await;
        let mut shown = self.seen.clone();
        for (id, dirty) in &self.dirty {
            if let Some(shown) = shown.get_mut(&id.partition)
                && dirty.before.offset < shown.offset
            {
                *shown = dirty.before;
            }
        }
        Ok(shown)
    }

    async fn flush(&mut self) -> Result<bool, ViewError> {
        self.commit_due(true).await
    }

    fn lost(&mut self) -> BTreeMap<u32, Shown> {
        let lost = std::mem::take(&mut self.lost);
        for (partition, from) in &lost {
            self.seen.insert(*partition, *from);
        }
        lost
    }

    fn due_in(&self) -> Option<Duration> {
        let due = self.dirty.values().map(|dirty| dirty.due).min()?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    async fn close(&mut self) -> Result<(), ViewError> {
        self.commit_due(true).await?;
        self.shards.close().await.map_err(|error| ViewError::Broken(error.to_string()))
    }
}
