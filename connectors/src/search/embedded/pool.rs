//! The pool of shards of one kind: opens them lazily, closes the least recently used, shares a bounded number of writers.
//!
//! Nothing of the search library runs on an async worker: a query over a large shard takes milliseconds, a commit waits for
//! threads and files. Each call costs one hand-over to tokio's blocking pool: some 3 µs, against 25 µs for the cheapest
//! query and 100 µs to milliseconds for words. (`block_in_place` would save it, but holds up every task that shares the
//! worker's queue, and does not exist on a single-threaded runtime.)

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use feira_schemas::ids::ProductId;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use super::{
    engine::{self, Failure},
    folder::Folder,
    lock, older,
    shard::{self, Found, OpenShard, ShardWriter},
};
use crate::search::{
    Change, Entity, Position, SearchPage, SearchQuery, ShardError, ShardId, ShardsSettings, Suggestion,
};

/// The time to wait for a writer of the pool that is in use before looking again.
const WRITER_WAIT: Duration = Duration::from_millis(2);

/// The shards of one kind (a shop's or the panel's) that this process serves. Clones share one pool.
#[derive(Clone)]
pub struct Shards {
    pool: Arc<Pool>,
}

struct Pool {
    config: ShardsSettings,
    folder: Folder,
    slots: Mutex<HashMap<ShardId, Arc<Slot>>>,
    clock: AtomicU64,
    writers: Arc<Semaphore>,
    commits: Semaphore,
    closed: AtomicBool,
    /// Shards that lost changes while the pool closed their writer: nobody who applied them has been told.
    failed: Mutex<HashSet<ShardId>>,
}

/// One shard's place in the pool. There is never more than one slot per shard: one that is in use anywhere is not evicted.
struct Slot {
    id: ShardId,
    /// The pool's clock when the shard was last asked for anything.
    used: AtomicU64,
    open: Mutex<Option<Arc<OpenShard>>>,
    writer: Arc<tokio::sync::Mutex<Option<PooledWriter>>>,
    /// Changed only under the lock of `writer`; read without it to find candidates.
    has_writer: AtomicBool,
}

struct PooledWriter {
    writer: ShardWriter,
    shard: Arc<OpenShard>,
    used: Instant,
    _permit: OwnedSemaphorePermit,
}

type WriterGuard = OwnedMutexGuard<Option<PooledWriter>>;

impl Shards {
    /// A pool over `config.root`, which is made if it is not there. Opens no shard yet.
    pub fn open(config: ShardsSettings) -> Result<Self, ShardError> {
        config.validate()?;
        let folder =
            Folder::open(&config).map_err(|error| ShardError::Config(format!("{}: {error}", config.root.display())))?;
        Ok(Self {
            pool: Arc::new(Pool {
                slots: Mutex::default(),
                clock: AtomicU64::new(0),
                writers: Arc::new(Semaphore::new(config.max_writers)),
                commits: Semaphore::new(config.max_commits),
                closed: AtomicBool::new(false),
                failed: Mutex::default(),
                config,
                folder,
            }),
        })
    }

    /// The name that this generation's folder was given when it was made, or after the machine went down while it was open:
    /// its shards may then be older than what was known of them. Another folder has another, also one that is made anew in its
    /// place, so a position that is kept elsewhere can say of which folder it is.
    pub fn folder(&self) -> &str {
        self.pool.folder.name()
    }

    /// Generations before this one whose shards still lie beside this one's.
    pub async fn older(&self) -> Result<BTreeSet<u32>, ShardError> {
        self.on_folder(older::older).await
    }

    /// Deletes them, and says which they were. No other process may use the folder.
    pub async fn drop_older(&self) -> Result<BTreeSet<u32>, ShardError> {
        self.on_folder(older::drop_older).await
    }

    async fn on_folder<T: Send + 'static>(&self, work: fn(&Path, u32) -> io::Result<T>) -> Result<T, ShardError> {
        let pool = Arc::clone(&self.pool);
        let done = tokio::task::spawn_blocking(move || work(&pool.config.root, pool.config.generation)).await;
        let failed = |reason: String| ShardError::Storage { shard: "of older generations".to_owned(), reason };
        done.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
    }

    /// The shards of a partition that were found without their files, or damaged, since this was last asked: their owner
    /// forgets what it knows of them and fills them from the log's beginning. Until it has asked, they take no change.
    pub fn take_deleted(&self, partition: u32) -> Vec<ShardId> {
        self.pool.folder.take_lost(partition)
    }

    /// A shard that was deleted holds everything again. Until then searches in it are refused.
    pub async fn filled(&self, id: ShardId) -> Result<(), ShardError> {
        let pool = Arc::clone(&self.pool);
        blocking(id, move || Ok(pool.folder.filled(id).map_err(tantivy::TantivyError::from)?)).await
    }

    /// Buffers changes of a shard, which is made if there is none; searches see them after [`Self::commit`]. `position` is
    /// where the log stands after them; no changes and a position is a way to move the position on.
    ///
    /// After an error here or in `commit` everything since the last commit is forgotten: go on from
    /// [`Self::position`]. That may be the position of an earlier commit, which failed when another shard needed the
    /// writer.
    pub async fn apply(&self, id: ShardId, changes: Vec<Change>, position: Position) -> Result<(), ShardError> {
        let slot = self.slot(id)?;
        let mut guard = slot.writer.clone().lock_owned().await;
        let permit = match guard.as_ref() {
            Some(_) => None,
            None => Some(self.writer_permit().await?),
        };
        let pool = Arc::clone(&self.pool);
        blocking(id, move || {
            let applied = pool.apply(&slot, &mut guard, permit, &changes, position);
            if applied.is_err() {
                slot.forget(&mut guard);
            }
            applied
        })
        .await
    }

    /// Makes all applied changes visible to every search that begins after this returns. Answers the committed position:
    /// none if the tenant has no shard and nothing was applied.
    pub async fn commit(&self, id: ShardId) -> Result<Option<Position>, ShardError> {
        let slot = self.slot(id)?;
        let guard = slot.writer.clone().lock_owned().await;
        if guard.as_ref().is_none_or(|pooled| !pooled.writer.is_dirty()) {
            self.pool.tell_failed(id)?;
            drop(guard);
            return self.position(id).await;
        }
        self.commit_guarded(slot, guard).await
    }

    /// The committed position, from the shard's files. None if there is no shard, if nothing was ever committed, or if the
    /// shard was damaged and is deleted now, which [`Self::take_deleted`] tells.
    pub async fn position(&self, id: ShardId) -> Result<Option<Position>, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        blocking(id, move || Ok(pool.opened(&slot)?.and_then(|shard| shard.position()))).await
    }

    /// Brings what is committed to the disk: for what no log brings back.
    pub async fn sync(&self, id: ShardId) -> Result<(), ShardError> {
        let pool = Arc::clone(&self.pool);
        blocking(id, move || Ok(pool.folder.sync(id).map_err(tantivy::TantivyError::from)?)).await
    }

    /// One page of what matches. A tenant without a shard has no products.
    pub async fn search(&self, id: ShardId, query: &SearchQuery) -> Result<SearchPage, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        let query = query.clone();
        let turn = self.pool.config.searches.take(id.tenant, 1).await;
        blocking(id, move || {
            // Until the work ends, also where nobody waits for it any more.
            let _turn = turn;
            match pool.searched(&slot)? {
                Some(shard) => engine::search(&shard, id, &query),
                None => Ok(engine::search_nothing(id, &query)?),
            }
        })
        .await
    }

    /// At most `limit` product names that complete what was typed, best first; each name once.
    pub async fn suggest(&self, id: ShardId, text: &str, limit: usize) -> Result<Vec<Suggestion>, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        let text = text.to_owned();
        let turn = self.pool.config.searches.take(id.tenant, 1).await;
        blocking(id, move || {
            let _turn = turn;
            match pool.searched(&slot)? {
                Some(shard) => Ok(engine::suggest(&shard, &text, limit)?),
                None => Ok(Vec::new()),
            }
        })
        .await
    }

    /// Every committed product with its version, by ascending id: what a check compares with the state.
    pub async fn ids(&self, id: ShardId) -> Result<Vec<(ProductId, i64)>, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        blocking(id, move || match pool.opened(&slot)? {
            Some(shard) => Ok(engine::ids(&shard)?),
            None => Ok(Vec::new()),
        })
        .await
    }

    /// The committed versions of those of the products and categories that are in the shard.
    pub async fn versions(&self, id: ShardId, entities: Vec<Entity>) -> Result<HashMap<Entity, i64>, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        blocking(id, move || match pool.opened(&slot)? {
            Some(shard) => Ok(engine::versions(&shard, &entities)?),
            None => Ok(HashMap::new()),
        })
        .await
    }

    /// Deletes a shard's files, with everything applied and committed. Searches under way end undisturbed.
    pub async fn remove_shard(&self, id: ShardId) -> Result<(), ShardError> {
        let slot = self.slot(id)?;
        let mut guard = slot.writer.clone().lock_owned().await;
        let pool = Arc::clone(&self.pool);
        blocking(id, move || {
            slot.forget(&mut guard);
            Ok(pool.folder.remove(id).map_err(tantivy::TantivyError::from)?)
        })
        .await
    }

    /// Commits and closes the writers that were not used lately, and merges small shards of theirs into one segment. To
    /// be called every few seconds.
    pub async fn close_idle(&self) -> Result<(), ShardError> {
        let idle = self.pool.config.writer_idle;
        for slot in self.pool.slots_with_writer() {
            if let Ok(guard) = slot.writer.clone().try_lock_owned()
                && guard.as_ref().is_some_and(|pooled| pooled.used.elapsed() >= idle)
            {
                self.close_writer(slot, guard, true).await?;
            }
        }
        Ok(())
    }

    /// Commits what was applied, waits for merges and closes every shard. Calls after this are refused.
    pub async fn close(&self) -> Result<(), ShardError> {
        self.pool.closed.store(true, Ordering::Release);
        let mut first_error = Ok(());
        for slot in self.pool.slots_with_writer() {
            let guard = slot.writer.clone().lock_owned().await;
            let closed = self.close_writer(slot, guard, false).await;
            first_error = first_error.and(closed);
        }
        lock(&self.pool.slots).clear();
        first_error?;
        let pool = Arc::clone(&self.pool);
        // An unclosed folder costs a fold from the beginning after a power cut, and nothing is wrong otherwise.
        let marked = tokio::task::spawn_blocking(move || pool.folder.close()).await;
        if let Ok(Err(error)) = marked {
            tracing::warn!(%error, "search shards could not be brought to the disk");
        }
        Ok(())
    }

    /// Counts open shards and open writers.
    pub fn open_count(&self) -> (usize, usize) {
        let readers = lock(&self.pool.slots).values().filter(|slot| lock(&slot.open).is_some()).count();
        (readers, self.pool.config.max_writers - self.pool.writers.available_permits())
    }

    fn slot(&self, id: ShardId) -> Result<Arc<Slot>, ShardError> {
        if self.pool.closed.load(Ordering::Acquire) {
            return Err(ShardError::Closed);
        }
        Ok(self.pool.slot(id))
    }

    async fn commit_guarded(&self, slot: Arc<Slot>, mut guard: WriterGuard) -> Result<Option<Position>, ShardError> {
        let _permit = self.pool.commits.acquire().await.map_err(|_| ShardError::Closed)?;
        blocking(slot.id, move || {
            let Some(pooled) = guard.as_mut() else { return Ok(None) };
            pooled.used = Instant::now();
            let committed = pooled.writer.commit(&pooled.shard);
            let position = pooled.shard.position();
            if committed.is_err() {
                slot.forget(&mut guard);
            }
            committed?;
            Ok(position)
        })
        .await
    }

    /// A permit for one more writer; if all are taken, the least recently used one that nobody works with is closed.
    async fn writer_permit(&self) -> Result<OwnedSemaphorePermit, ShardError> {
        loop {
            if let Ok(permit) = Arc::clone(&self.pool.writers).try_acquire_owned() {
                return Ok(permit);
            }
            let Some((slot, guard)) = self.pool.least_used_writer() else {
                tokio::time::sleep(WRITER_WAIT).await;
                continue;
            };
            let shard = slot.id;
            match self.close_writer(slot, guard, false).await {
                Ok(()) => {}
                Err(ShardError::Closed) => return Err(ShardError::Closed),
                // No fault of the shard that needs the writer. The other's owner is told the next time.
                Err(error) => {
                    tracing::warn!(%shard, %error, "changes were lost with a writer that another shard needed")
                }
            }
        }
    }

    async fn close_writer(&self, slot: Arc<Slot>, guard: WriterGuard, tidy: bool) -> Result<(), ShardError> {
        let _permit = self.pool.commits.acquire().await.map_err(|_| ShardError::Closed)?;
        let pool = Arc::clone(&self.pool);
        blocking(slot.id, move || {
            let mut guard = guard;
            let Some(mut pooled) = guard.take() else { return Ok(()) };
            slot.has_writer.store(false, Ordering::Release);
            let committed = pooled.writer.commit(&pooled.shard);
            if committed.is_err() {
                lock(&pool.failed).insert(slot.id);
                slot.forget(&mut guard);
            }
            committed?;
            pooled.writer.close(&pooled.shard)?;
            if tidy {
                pooled.shard.tidy(pool.config.writer_memory)?;
            }
            Ok(())
        })
        .await
    }
}

impl Pool {
    fn slot(&self, id: ShardId) -> Arc<Slot> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(&id) {
            slot.used.store(now, Ordering::Relaxed);
            return Arc::clone(slot);
        }
        let evicted = if slots.len() < self.config.max_open_readers { None } else { evict(&mut slots) };
        let slot = Arc::new(Slot {
            id,
            used: AtomicU64::new(now),
            open: Mutex::default(),
            writer: Arc::default(),
            has_writer: AtomicBool::new(false),
        });
        slots.insert(id, Arc::clone(&slot));
        drop(slots);
        // Unmapping the evicted shard's files takes a moment that the lock need not cover.
        drop(evicted);
        slot
    }

    /// The shard, opened if it is not; none if there is none on disk.
    fn opened(&self, slot: &Slot) -> tantivy::Result<Option<Arc<OpenShard>>> {
        let mut open = lock(&slot.open);
        if open.is_none() {
            match shard::open(&self.folder.place(slot.id))? {
                Found::Shard(shard) => *open = Some(Arc::from(shard)),
                Found::Nothing => {}
                Found::Lost => self.folder.lose(slot.id),
            }
        }
        Ok(open.clone())
    }

    /// The open shard for a search; [`ShardError::Elsewhere`] where it was lost and is not whole yet.
    fn searched(&self, slot: &Slot) -> Result<Option<Arc<OpenShard>>, Failure> {
        let shard = self.opened(slot)?;
        if self.folder.is_lost(slot.id) {
            return Err(ShardError::Elsewhere { partition: slot.id.partition }.into());
        }
        Ok(shard)
    }

    /// Buffers changes in the shard's writer, which is started if there is none.
    fn apply(
        &self,
        slot: &Slot,
        guard: &mut WriterGuard,
        permit: Option<OwnedSemaphorePermit>,
        changes: &[Change],
        position: Position,
    ) -> Result<(), Failure> {
        self.tell_failed(slot.id)?;
        if let Some(permit) = permit {
            **guard = Some(self.start_writer(slot, permit)?);
            slot.has_writer.store(true, Ordering::Release);
        }
        let Some(pooled) = guard.as_mut() else { return Ok(()) };
        pooled.used = Instant::now();
        Ok(pooled.writer.apply(&pooled.shard, changes, position)?)
    }

    /// An error, once, if changes of the shard were lost and their owner does not know.
    fn tell_failed(&self, id: ShardId) -> Result<(), ShardError> {
        if !lock(&self.failed).remove(&id) {
            return Ok(());
        }
        let reason = "its changes could not be committed when its writer was closed".to_owned();
        Err(ShardError::Storage { shard: id.to_string(), reason })
    }

    fn start_writer(&self, slot: &Slot, permit: OwnedSemaphorePermit) -> Result<PooledWriter, Failure> {
        let shard = match self.opened(slot)? {
            Some(shard) => shard,
            None if self.folder.may_make(slot.id) => {
                let shard = Arc::new(shard::create(&self.folder.place(slot.id))?);
                self.folder.made(slot.id);
                *lock(&slot.open) = Some(Arc::clone(&shard));
                shard
            }
            None => {
                let reason = "its files are lost; it is to be filled from the beginning".to_owned();
                return Err(ShardError::Storage { shard: slot.id.to_string(), reason }.into());
            }
        };
        self.folder.writes(slot.id);
        let writer = shard.writer(self.config.writer_memory)?;
        Ok(PooledWriter { writer, shard, used: Instant::now(), _permit: permit })
    }

    fn slots_with_writer(&self) -> Vec<Arc<Slot>> {
        let slots = lock(&self.slots);
        slots.values().filter(|slot| slot.has_writer.load(Ordering::Acquire)).cloned().collect()
    }

    fn least_used_writer(&self) -> Option<(Arc<Slot>, WriterGuard)> {
        let mut candidates = self.slots_with_writer();
        candidates.sort_by_key(|slot| slot.used.load(Ordering::Relaxed));
        candidates.into_iter().find_map(|slot| {
            let guard = slot.writer.clone().try_lock_owned().ok().filter(|guard| guard.is_some())?;
            Some((slot, guard))
        })
    }
}

impl Slot {
    /// Drops the writer with what is not committed, and looks at the files anew the next time: they may be at fault.
    fn forget(&self, guard: &mut WriterGuard) {
        self.has_writer.store(false, Ordering::Release);
        **guard = None;
        *lock(&self.open) = None;
    }
}

/// Takes the least recently used slot that nobody holds. If all are in use the pool grows beyond its bound for a moment,
/// by no more than the calls under way.
fn evict(slots: &mut HashMap<ShardId, Arc<Slot>>) -> Option<Arc<Slot>> {
    let idle = |slot: &Arc<Slot>| Arc::strong_count(slot) == 1 && !slot.has_writer.load(Ordering::Acquire);
    let oldest = slots.values().filter(|slot| idle(slot)).min_by_key(|slot| slot.used.load(Ordering::Relaxed))?.id;
    slots.remove(&oldest)
}

/// Runs work that blocks, and says of which shard it was if it fails.
async fn blocking<T: Send + 'static>(
    id: ShardId,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, ShardError> {
    let storage = |reason: String| ShardError::Storage { shard: id.to_string(), reason };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Failure::Question(error))) => Err(error),
        Ok(Err(Failure::Library(error))) => Err(storage(error.to_string())),
        Err(error) if error.is_panic() => Err(storage("the search library panicked".to_owned())),
        Err(_) => Err(ShardError::Closed),
    }
}
