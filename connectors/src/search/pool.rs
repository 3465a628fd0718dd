//! The pool of shards of one kind: opens them lazily, closes the least recently used, shares a bounded number of writers.
//!
//! Nothing of the search library runs on an async worker: a query over a large shard takes milliseconds, a commit waits for
//! threads and files. Each call costs one hand-over to tokio's blocking pool: some 3 µs, against 25 µs for the cheapest
//! query and 100 µs to milliseconds for words. (`block_in_place` would save it, but holds up every task that shares the
//! worker's queue, and does not exist on a single-threaded runtime.)

use std::{
    collections::HashMap,
    fs, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use feira_schemas::ids::ProductId;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use super::{
    Change, Position, SearchPage, SearchQuery, ShardError, ShardId, Suggestion,
    engine::{self, Failure},
    shard::{self, OpenShard, Place, ShardWriter},
};

/// The library takes no less per writer.
const MIN_WRITER_MEMORY: usize = 15_000_000;
/// How long to wait for a writer of the pool that is in use before looking again.
const WRITER_WAIT: Duration = Duration::from_millis(2);
/// Memory maps of an open shard: six per segment, and up to three segments between merges.
const MAPS_PER_SHARD: usize = 18;

/// How a pool of shards runs.
#[derive(Debug, Clone)]
pub struct ShardsConfig {
    /// Where the partitions' folders lie.
    pub root: PathBuf,
    /// Which generation of shards this is; a change of schema or analysis makes the next one.
    pub generation: u32,
    /// Most shards open at once. More cost memory maps (the machine has 65,530 by default), fewer cost 0.5 ms per query that
    /// must open its shard again.
    pub max_open_readers: usize,
    /// Most writers at once, each with three threads and up to `writer_memory`.
    pub max_writers: usize,
    /// Bytes a writer may buffer before it writes a segment; at least 15 MB.
    pub writer_memory: usize,
    /// A writer unused for this long is closed by [`Shards::close_idle`]. Starting one costs more than a commit, so it
    /// should outlast the pauses of a merchant at work.
    pub writer_idle: Duration,
    /// Whether a commit waits for the disk. Without it a power cut may cost a replay, never a wrong answer.
    pub sync: bool,
    /// Commits that run at once: more than there are cores only delay each other.
    pub max_commits: usize,
    /// The id of the machine's boot, which tells a power cut from a restart of the process; none means unknown, and then
    /// every shard is verified whenever it is opened.
    pub boot: Option<String>,
}

impl ShardsConfig {
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
            max_commits: std::thread::available_parallelism().map_or(1, usize::from),
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned()),
        }
    }

    fn validate(&self) -> Result<(), ShardError> {
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
        Ok(())
    }
}

/// The shards of one kind (a shop's or the panel's) that this process serves. Clones share one pool.
#[derive(Clone)]
pub struct Shards {
    pool: Arc<Pool>,
}

struct Pool {
    config: ShardsConfig,
    folder: String,
    slots: Mutex<HashMap<ShardId, Arc<Slot>>>,
    clock: AtomicU64,
    writers: Arc<Semaphore>,
    commits: Semaphore,
    closed: AtomicBool,
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

/// The name of the folder, given when it has none.
fn name_folder(config: &ShardsConfig) -> io::Result<String> {
    let file = config.root.join(format!("folder-{}", config.generation));
    match fs::read_to_string(&file) {
        Ok(name) if !name.is_empty() => return Ok(name),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(_) | Err(_) => {}
    }
    let (name, beside) = (uuid::Uuid::new_v4().to_string(), file.with_extension("new"));
    fs::write(&beside, &name)?;
    fs::rename(beside, file)?;
    Ok(name)
}

impl Shards {
    /// A pool over `config.root`, which is made if it is not there. Opens no shard yet.
    pub fn open(config: ShardsConfig) -> Result<Self, ShardError> {
        config.validate()?;
        fs::create_dir_all(&config.root)
            .map_err(|error| ShardError::Config(format!("{}: {error}", config.root.display())))?;
        let folder = name_folder(&config)
            .map_err(|error| ShardError::Config(format!("{} can't be named: {error}", config.root.display())))?;
        warn_about_maps(config.max_open_readers);
        Ok(Self {
            pool: Arc::new(Pool {
                slots: Mutex::default(),
                clock: AtomicU64::new(0),
                writers: Arc::new(Semaphore::new(config.max_writers)),
                commits: Semaphore::new(config.max_commits),
                closed: AtomicBool::new(false),
                config,
                folder,
            }),
        })
    }

    /// The name that this generation's folder was given when it was made. Another folder has another, also one that is
    /// made anew in its place, so a position that is kept elsewhere can say of which folder it is.
    pub fn folder(&self) -> &str {
        &self.pool.folder
    }

    /// Buffers changes of a shard, which is made if there is none; searches see them after [`Self::commit`]. `position` is
    /// where the log stands after them; no changes and a position is a way to move the position on.
    ///
    /// After an error here or in `commit` everything since the last commit is forgotten: go on from [`Self::position`].
    pub async fn apply(&self, id: ShardId, changes: Vec<Change>, position: Position) -> Result<(), ShardError> {
        let slot = self.slot(id)?;
        let mut guard = slot.writer.clone().lock_owned().await;
        let permit = match guard.as_ref() {
            Some(_) => None,
            None => Some(self.writer_permit().await?),
        };
        let pool = Arc::clone(&self.pool);
        blocking(id, move || {
            if let Some(permit) = permit {
                *guard = Some(pool.start_writer(&slot, permit)?);
                slot.has_writer.store(true, Ordering::Release);
            }
            let Some(pooled) = guard.as_mut() else { return Ok(()) };
            pooled.used = Instant::now();
            let applied = pooled.writer.apply(&pooled.shard, &changes, position);
            if applied.is_err() {
                slot.drop_writer(&mut guard);
            }
            Ok(applied?)
        })
        .await
    }

    /// Makes all applied changes visible to every search that begins after this returns. Answers the committed position:
    /// none if the tenant has no shard and nothing was applied.
    pub async fn commit(&self, id: ShardId) -> Result<Option<Position>, ShardError> {
        let slot = self.slot(id)?;
        let guard = slot.writer.clone().lock_owned().await;
        if guard.as_ref().is_none_or(|pooled| !pooled.writer.is_dirty()) {
            drop(guard);
            return self.position(id).await;
        }
        self.commit_guarded(slot, guard).await
    }

    /// The committed position, from the shard's files. None if there is no shard, if nothing was ever committed, or if the
    /// shard was damaged and is deleted now: the owner then replays the tenant's records.
    pub async fn position(&self, id: ShardId) -> Result<Option<Position>, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        blocking(id, move || Ok(pool.opened(&slot)?.and_then(|shard| shard.position()))).await
    }

    /// One page of what matches. A tenant without a shard has no products.
    pub async fn search(&self, id: ShardId, query: &SearchQuery) -> Result<SearchPage, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        let query = query.clone();
        blocking(id, move || match pool.opened(&slot)? {
            Some(shard) => engine::search(&shard, id, &query),
            None => Ok(engine::search_nothing(id, &query)?),
        })
        .await
    }

    /// At most `limit` product names that complete what was typed, best first; each name once.
    pub async fn suggest(&self, id: ShardId, text: &str, limit: usize) -> Result<Vec<Suggestion>, ShardError> {
        let slot = self.slot(id)?;
        let pool = Arc::clone(&self.pool);
        let text = text.to_owned();
        blocking(id, move || match pool.opened(&slot)? {
            Some(shard) => Ok(engine::suggest(&shard, &text, limit)?),
            None => Ok(Vec::new()),
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

    /// Deletes a shard's files, with everything applied and committed. Searches under way end undisturbed.
    pub async fn remove_shard(&self, id: ShardId) -> Result<(), ShardError> {
        let slot = self.slot(id)?;
        let mut guard = slot.writer.clone().lock_owned().await;
        let pool = Arc::clone(&self.pool);
        blocking(id, move || {
            slot.drop_writer(&mut guard);
            let mut open = lock(&slot.open);
            *open = None;
            let directory = pool.place(id).directory;
            if directory.try_exists().map_err(tantivy::TantivyError::from)? {
                fs::remove_dir_all(&directory).map_err(tantivy::TantivyError::from)?;
            }
            // Other generations of the tenant may lie beside this one; then the folder stays.
            if let Some(tenant) = directory.parent() {
                let _ = fs::remove_dir(tenant);
            }
            Ok(())
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
        first_error
    }

    /// How many shards and how many writers are open.
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
                slot.drop_writer(&mut guard);
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
            match self.pool.least_used_writer() {
                Some((slot, guard)) => self.close_writer(slot, guard, false).await?,
                None => tokio::time::sleep(WRITER_WAIT).await,
            }
        }
    }

    async fn close_writer(&self, slot: Arc<Slot>, guard: WriterGuard, tidy: bool) -> Result<(), ShardError> {
        let _permit = self.pool.commits.acquire().await.map_err(|_| ShardError::Closed)?;
        let memory = self.pool.config.writer_memory;
        blocking(slot.id, move || {
            let mut guard = guard;
            let Some(mut pooled) = guard.take() else { return Ok(()) };
            slot.has_writer.store(false, Ordering::Release);
            pooled.writer.commit(&pooled.shard)?;
            pooled.writer.close(&pooled.shard)?;
            if tidy {
                pooled.shard.tidy(memory)?;
            }
            Ok(())
        })
        .await
    }
}

impl Pool {
    fn place(&self, id: ShardId) -> Place {
        let directory = self
            .config
            .root
            .join(id.partition.to_string())
            .join(id.tenant.to_string())
            .join(format!("g{}", self.config.generation));
        Place { directory, sync: self.config.sync, boot: self.config.boot.clone() }
    }

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
            *open = shard::open(&self.place(slot.id))?.map(Arc::new);
        }
        Ok(open.clone())
    }

    fn start_writer(&self, slot: &Slot, permit: OwnedSemaphorePermit) -> tantivy::Result<PooledWriter> {
        let mut open = lock(&slot.open);
        let shard = match &*open {
            Some(shard) => Arc::clone(shard),
            None => Arc::new(shard::open_or_create(&self.place(slot.id))?),
        };
        *open = Some(Arc::clone(&shard));
        drop(open);
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
    fn drop_writer(&self, guard: &mut WriterGuard) {
        self.has_writer.store(false, Ordering::Release);
        **guard = None;
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

/// What a panic of another thread left behind is whole: every write under these locks is a single assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn warn_about_maps(max_open_readers: usize) {
    let limit =
        fs::read_to_string("/proc/sys/vm/max_map_count").ok().and_then(|text| text.trim().parse::<usize>().ok());
    let needed = max_open_readers.saturating_mul(MAPS_PER_SHARD);
    if let Some(limit) = limit.filter(|limit| *limit < needed) {
        tracing::warn!(limit, needed, "vm.max_map_count is low for so many open search shards");
    }
}
