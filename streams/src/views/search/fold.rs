//! The fold of events into documents: buffered per shard, committed at once after a pause and together under load.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    marker::PhantomData,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::{
    search::{Change, Entity, Position, ShardError, ShardId, Shards},
    state::StateError,
};
use feira_schemas::topics::Context;
use futures::{StreamExt, future::join_all, stream};

use super::documents::Catalogue;
use crate::{
    backoff::Backoff,
    platform::Platform,
    views::{FoldError, Prepared, Shown, View, ViewError},
    waiting::Patient,
};

/// The longest time between two commits of a shard under load. Longer would commit fewer segments, and show an import
/// later.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// The rest between two commits of a shard, in times of a commit's own duration, so that a busy shard's commits take
/// a fifth of a core at most, and a merchant at work, whose commits are short, sees each change at once.
const REST: u32 = 4;
/// The time between two looks for idle shards to close.
const CLOSE_EVERY: Duration = Duration::from_secs(10);
/// Shards that take their changes at once. Each waits for its own writer's threads; more would only fight for the cores.
const AT_ONCE: usize = 8;

/// A search view's fold.
pub struct SearchView<C> {
    platform: Platform,
    shards: Shards,
    seen: BTreeMap<u32, Shown>,
    /// The furthest that each partition was seen to, as it may be folded again from before.
    furthest: BTreeMap<u32, i64>,
    /// The position that each shard has committed, once it has been asked: at most one entry per shop of the
    /// partitions that are owned.
    committed: HashMap<ShardId, Position>,
    dirty: HashMap<ShardId, Dirty>,
    /// The time until which each shard rests from its last commit.
    rests: HashMap<ShardId, Instant>,
    /// Partitions whose uncommitted changes a disk lost: they are read again from here.
    lost: BTreeMap<u32, Shown>,
    /// Shards that are filled from the beginning, each with the offset from which on it holds everything.
    filling: HashMap<ShardId, i64>,
    /// Shards that parked records have changed and that are not flushed.
    parked: BTreeSet<ShardId>,
    /// Something that a parked record changed was lost.
    parked_lost: bool,
    closed_at: Instant,
    catalogue: PhantomData<C>,
}

/// A shard with changes that searches do not see yet.
struct Dirty {
    /// The partition's position before the first of them.
    before: Shown,
    /// The shard's own after the last: what it holds once it is committed.
    applied: Position,
    /// The time by which the shard must be committed.
    due: Instant,
}

/// A change to a shard, and the record it comes from.
struct Pending<'a> {
    offset: i64,
    parked: bool,
    version: i64,
    change: &'a Change,
}

/// The outcome of a shard's changes.
struct Applied {
    id: ShardId,
    committed: Position,
    /// The position after them; none if there was nothing new among them.
    applied: Result<Option<Position>, ShardError>,
}

impl<C: Catalogue> SearchView<C> {
    /// A fold into these shards.
    pub fn new(platform: Platform, shards: Shards) -> Self {
        Self {
            platform,
            shards,
            seen: BTreeMap::new(),
            furthest: BTreeMap::new(),
            committed: HashMap::new(),
            dirty: HashMap::new(),
            rests: HashMap::new(),
            lost: BTreeMap::new(),
            filling: HashMap::new(),
            parked: BTreeSet::new(),
            parked_lost: false,
            closed_at: Instant::now(),
            catalogue: PhantomData,
        }
    }

    /// Buffers a shard's changes; those that it has already are left out.
    async fn apply(&self, id: ShardId, mut pending: Vec<Pending<'_>>, last: Position) -> Result<Applied, ViewError> {
        let committed = match self.committed.get(&id) {
            Some(position) => *position,
            None => self.asked(|| self.shards.position(id)).await?.unwrap_or(Position { offset: 0, write_ts: 0 }),
        };
        let known = self.dirty.get(&id).map_or(committed, |dirty| dirty.applied.max(committed));
        if pending.iter().any(|pending| pending.parked) {
            let entities = pending.iter().map(|pending| pending.change.entity()).collect::<Vec<_>>();
            let shown = self.asked(|| self.shards.versions(id, entities.clone())).await?;
            pending = newer(pending, shown);
        }
        let new = pending.into_iter().filter(|pending| pending.parked || pending.offset >= known.offset);
        let new: Vec<Change> = new.map(|pending| pending.change.clone()).collect();
        if new.is_empty() {
            return Ok(Applied { id, committed, applied: Ok(None) });
        }
        // A partition that is folded again is behind what its shards hold, and they must not be thought to hold less.
        let position = last.max(known);
        let applied = self.shards.apply(id, new, position).await.map(|()| Some(position));
        Ok(Applied { id, committed, applied })
    }

    /// Asks the shards, however long their disk is away.
    async fn asked<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T, ViewError>
    where
        F: Future<Output = Result<T, ShardError>>,
    {
        let mut backoff = Backoff::default();
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.wait(&mut backoff, error).await?,
            }
        }
    }

    /// Forgets what a shard has not committed after a failure: nothing of it is left in its writer, so its partition
    /// is read again from `before`.
    fn lose_uncommitted(&mut self, id: ShardId, before: Shown) {
        let before = self.dirty.remove(&id).map_or(before, |dirty| dirty.before);
        self.committed.remove(&id);
        self.parked_lost |= self.parked.remove(&id);
        self.fold_again(id.partition, before);
    }

    fn fold_again(&mut self, partition: u32, from: Shown) {
        let lost = self.lost.entry(partition).or_insert(from);
        *lost = lost.or_earlier(from);
    }

    /// A disk that is full or away is nobody's record's fault.
    async fn wait(&self, backoff: &mut Backoff, error: ShardError) -> Result<(), ViewError> {
        if let ShardError::Storage { .. } = &error {
            Patient::new(&self.platform, C::GROUP).wait(backoff, "search shards", &error).await;
            return Ok(());
        }
        Err(ViewError::Broken(error.to_string()))
    }

    /// Commits what is due; false if a shard could not be.
    async fn commit_due(&mut self) -> Result<bool, ViewError> {
        let now = Instant::now();
        let due = self.dirty.iter().filter(|(_, dirty)| dirty.due <= now).map(|(id, _)| *id).collect();
        self.commit(due).await
    }

    /// Commits these shards; false if one could not be.
    async fn commit(&mut self, shards: Vec<ShardId>) -> Result<bool, ViewError> {
        if shards.is_empty() {
            return Ok(true);
        }
        fail_point!("search::before_commit");
        // The pool bounds how many commit at once.
        let commits = shards.into_iter().map(|id| {
            let shards = self.shards.clone();
            async move {
                let begun = Instant::now();
                let result = shards.commit(id).await;
                (id, result, begun.elapsed())
            }
        });
        let mut all = true;
        for (id, result, took) in join_all(commits).await {
            let applied = self.dirty.get(&id).map(|dirty| dirty.applied);
            match result {
                Ok(Some(position)) if applied.is_none_or(|applied| applied.offset <= position.offset) => {
                    self.dirty.remove(&id);
                    self.committed.insert(id, position);
                    self.rests.insert(id, Instant::now() + (took * REST).min(COMMIT_EVERY));
                }
                // It holds less than was applied.
                Ok(_) => {
                    tracing::warn!(shard = %id, "a search shard's changes were lost and are folded again");
                    self.lose_uncommitted(id, Shown::default());
                    all = false;
                }
                Err(error) => {
                    self.wait(&mut Backoff::default(), error).await?;
                    self.lose_uncommitted(id, Shown::default());
                    all = false;
                }
            }
        }
        fail_point!("search::after_commit");
        Ok(all)
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

    /// Shards that have lost their files are filled from the beginning. The partition's other shards pass over what they have.
    fn look_for_deleted(&mut self) {
        let owned: Vec<(u32, i64)> = self.furthest.iter().map(|(partition, offset)| (*partition, *offset)).collect();
        for (partition, furthest) in owned {
            for id in self.shards.take_deleted(partition) {
                self.lose_uncommitted(id, Shown::default());
                self.fold_again(partition, Shown::default());
                let from = self.filling.entry(id).or_default();
                *from = furthest.max(*from);
            }
        }
    }

    /// Searches are answered again from the shards that hold everything again.
    async fn end_filling(&mut self, shown: &BTreeMap<u32, Shown>) -> Result<(), ViewError> {
        let full = self
            .filling
            .extract_if(|id, from| shown.get(&id.partition).is_some_and(|shown| shown.offset >= *from))
            .collect::<Vec<_>>();
        for (id, _) in full {
            self.asked(|| self.shards.filled(id)).await?;
            tracing::info!(shard = %id, "a search shard is whole again");
        }
        Ok(())
    }
}

/// The changes of parked records that are newer than what is shown, and than each other: what was put back is old.
fn newer<'a>(pending: Vec<Pending<'a>>, mut shown: HashMap<Entity, i64>) -> Vec<Pending<'a>> {
    let is_newer = |pending: &Pending<'_>| {
        let entity = pending.change.entity();
        let newer = !pending.parked || shown.get(&entity).is_none_or(|shown| *shown < pending.version);
        if newer {
            shown.insert(entity, pending.version);
        }
        newer
    };
    pending.into_iter().filter(is_newer).collect()
}

impl<C: Catalogue> View for SearchView<C> {
    const GROUP: &'static str = C::GROUP;
    const KEPT_IN: &'static str = C::GROUP;
    const SOURCE: Context = C::SOURCE;
    type Event = C::Event;
    type Effect = Option<Change>;

    fn folder(&self) -> Option<String> {
        Some(self.shards.folder().to_owned())
    }

    async fn take(&mut self, partition: u32, from: Shown) -> Result<(), ViewError> {
        self.seen.insert(partition, from);
        self.furthest.insert(partition, from.offset);
        Ok(())
    }

    fn lose(&mut self, partition: u32) {
        self.seen.remove(&partition);
        self.furthest.remove(&partition);
        self.lost.remove(&partition);
        self.dirty.retain(|id, _| id.partition != partition);
        self.committed.retain(|id, _| id.partition != partition);
        self.parked.retain(|id| id.partition != partition);
    }

    fn prepare(event: &C::Event) -> Result<Option<Change>, String> {
        Ok(C::change(event))
    }

    async fn removed(&self, event: &C::Event) -> Result<bool, StateError> {
        C::removed(&self.platform.state, event).await
    }

    fn of_removed(_: Option<Change>) -> Option<Change> {
        None
    }

    async fn fold(
        &mut self,
        partition: u32,
        prepared: &[Prepared<Option<Change>>],
        seen: Shown,
    ) -> Result<(), FoldError> {
        let before = self.seen.get(&partition).copied().unwrap_or_default();
        let mut by_shard: BTreeMap<ShardId, Vec<Pending<'_>>> = BTreeMap::new();
        for Prepared { offset, parked, tenant, version, effect, .. } in prepared {
            if let Some(change) = effect {
                let (id, parked) = (ShardId { partition, tenant: *tenant }, *parked);
                by_shard.entry(id).or_default().push(Pending { offset: *offset, parked, version: *version, change });
                if parked {
                    self.parked.insert(id);
                }
            }
        }
        // What a parked record does is held against what is committed.
        let waiting = self.parked.iter().filter(|id| by_shard.contains_key(id) && self.dirty.contains_key(id));
        self.commit(waiting.copied().collect()).await?;
        // A shard that takes more would seem to hold what it has lost before: that is folded again first, and then this.
        if self.lost.contains_key(&partition) {
            self.parked_lost |= prepared.iter().any(|prepared| prepared.parked);
            return Ok(());
        }
        let last = Position { offset: seen.offset, write_ts: seen.write_ts };
        let applies: Vec<_> = by_shard.into_iter().map(|(id, pending)| self.apply(id, pending, last)).collect();
        let applies: Vec<_> = stream::iter(applies).buffer_unordered(AT_ONCE).collect().await;
        for applied in applies {
            let Applied { id, committed, applied } = applied?;
            self.committed.insert(id, committed);
            match applied {
                Ok(None) => {}
                Ok(Some(position)) => {
                    let due = self.rests.get(&id).copied().unwrap_or_else(Instant::now);
                    let dirty = self.dirty.entry(id).or_insert(Dirty { before, applied: position, due });
                    dirty.applied = position;
                }
                Err(error) => {
                    self.wait(&mut Backoff::default(), error).await?;
                    self.lose_uncommitted(id, before);
                }
            }
        }
        self.seen.insert(partition, seen);
        let furthest = self.furthest.entry(partition).or_default();
        *furthest = seen.offset.max(*furthest);
        Ok(())
    }

    async fn settle(&mut self) -> Result<BTreeMap<u32, Shown>, ViewError> {
        self.commit_due().await?;
        self.close_idle().await;
        self.look_for_deleted();
        let mut shown = self.seen.clone();
        let not_shown = self.dirty.iter().map(|(id, dirty)| (id.partition, dirty.before));
        let lost = self.lost.iter().map(|(partition, from)| (*partition, *from));
        for (partition, from) in not_shown.chain(lost) {
            if let Some(shown) = shown.get_mut(&partition) {
                *shown = shown.or_earlier(from);
            }
        }
        self.end_filling(&shown).await?;
        Ok(shown)
    }

    async fn flush(&mut self) -> Result<bool, ViewError> {
        let dirty = self.parked.iter().filter(|id| self.dirty.contains_key(id)).copied().collect();
        let committed = self.commit(dirty).await?;
        let mut whole = committed && !std::mem::take(&mut self.parked_lost);
        // No position of the events brings it back after a power cut, so it is brought to the disk.
        let changed = std::mem::take(&mut self.parked);
        let syncs: Vec<_> = changed.into_iter().map(|id| self.shards.sync(id)).collect();
        let synced: Vec<_> = stream::iter(syncs).buffer_unordered(AT_ONCE).collect().await;
        for error in synced.into_iter().filter_map(Result::err) {
            self.wait(&mut Backoff::default(), error).await?;
            whole = false;
        }
        Ok(whole)
    }

    fn may_keep(&self) -> bool {
        true // Positions move once what is below them is committed.
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
        // What can't be committed is not kept either: the next process folds it.
        self.commit(self.dirty.keys().copied().collect()).await?;
        self.shards.close().await.map_err(|error| ViewError::Broken(error.to_string()))
    }
}
