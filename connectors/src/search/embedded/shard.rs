//! One shard's files: opening them, telling damage from trouble, writing and committing. Everything here blocks.
//!
//! **After a power cut** files that were never forced to disk may be torn. Each shard keeps the id of the machine's boot
//! under which it was last written or looked through (`boot`). Found under another boot, its checksums are all verified
//! before it is used; a damaged shard is deleted, and lost (see `folder`). A mere crash or kill of the process changes no boot
//! id and costs no verification, because the page cache keeps what was written.
//!
//! Beside each shard's folder an empty file says that there is one, so that files which are gone are missed.

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};

use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyError,
    directory::{Directory, MmapDirectory, error::OpenReadError},
    indexer::{IndexWriterOptions, LogMergePolicy},
    schema::Schema,
    tokenizer::TokenizerManager,
};

use super::{
    analysis,
    directory::{TEMPORARY, UnsyncedDirectory},
    removal::remove_folder,
    schema::{self, Fields},
};
use crate::search::{Change, Position};

/// The file that names the boot under which a shard was last written or verified.
const BOOT_FILE: &str = "boot";
/// The library's file with its list of segments; without it there is no shard.
pub const META_FILE: &str = "meta.json";
/// Decompressed blocks of stored names kept per open shard; suggestions alone read them, a few per request.
const STORE_CACHE_BLOCKS: usize = 4;
/// Bytes of stored names that are compressed together; suggestions unpack one such block per name.
const STORE_BLOCK_BYTES: usize = 4_096;
/// Segments of one size before they are merged: fewer mappings and dictionaries to search than the default 8.
const MERGE_AT_SEGMENTS: usize = 4;
/// Share of deleted documents from which a segment is rewritten; the library's default is never.
const MERGE_AT_DELETED: f32 = 0.3;
/// An idle shard up to this size is merged into one segment; a larger one would keep a core busy for too long.
const MERGE_IDLE_DOCUMENTS: u64 = 100_000;

static SCHEMA: LazyLock<(Schema, Fields)> = LazyLock::new(schema::build);

/// Shared by all shards, whose tables of analyzers would otherwise be the largest thing in an idle one.
static TOKENIZERS: LazyLock<TokenizerManager> = LazyLock::new(|| {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(analysis::FOLDED, analysis::folded());
    tokenizers
});

/// The folder of a shard, and how it is written.
#[derive(Debug, Clone)]
pub struct Place {
    pub directory: PathBuf,
    /// The file that says that there is a shard.
    pub made: PathBuf,
    pub sync: bool,
    /// The machine's boot; none if unknown, and then every shard is verified whenever it is opened.
    pub boot: Option<String>,
}

/// A shard that can be searched.
pub struct OpenShard {
    pub fields: Fields,
    index: Index,
    reader: IndexReader,
    position: Mutex<Option<Position>>,
}

/// A shard that can be changed.
pub struct ShardWriter {
    writer: IndexWriter,
    /// The position after the changes that are not committed yet.
    pending: Option<Position>,
}

/// The result of opening a shard.
pub enum Found {
    Shard(Box<OpenShard>),
    /// There never was one.
    Nothing,
    /// There was one. Its files are gone, or were damaged and are deleted now.
    Lost,
}

/// Opens the shard at `place`, if there is one.
pub fn open(place: &Place) -> tantivy::Result<Found> {
    if !place.directory.join(META_FILE).try_exists()? {
        if !place.made.try_exists()? {
            return Ok(Found::Nothing);
        }
        remove_folder(&place.directory)?;
        return Ok(Found::Lost);
    }
    // Torn files have made the library panic where it trusts lengths; that is damage like any other.
    let opened = catch_unwind(AssertUnwindSafe(|| open_verified(place)))
        .unwrap_or_else(|_| Err(TantivyError::InternalError("opening panicked".to_owned())));
    match opened {
        Ok(shard) => {
            mark_made(place)?;
            Ok(Found::Shard(Box::new(shard)))
        }
        Err(error) if is_damage(&error) => {
            tracing::warn!(directory = %place.directory.display(), %error, "search shard is damaged");
            // Before its files go, or nobody would miss it after a crash in between.
            mark_made(place)?;
            remove_folder(&place.directory)?;
            Ok(Found::Lost)
        }
        Err(error) => Err(error),
    }
}

/// Makes the shard at `place`, where there is none.
pub fn create(place: &Place) -> tantivy::Result<OpenShard> {
    fs::create_dir_all(&place.directory)?;
    mark_boot(place)?;
    let settings = IndexSettings {
        docstore_blocksize: STORE_BLOCK_BYTES,
        // A thread of its own per segment costs more than compressing a name and a slug.
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    };
    let index = Index::create(directory(place)?, SCHEMA.0.clone(), settings)?;
    mark_made(place)?;
    OpenShard::new(index)
}

fn mark_made(place: &Place) -> io::Result<()> {
    if place.made.try_exists()? { Ok(()) } else { fs::write(&place.made, []) }
}

fn open_verified(place: &Place) -> tantivy::Result<OpenShard> {
    let marked = match fs::read_to_string(place.directory.join(BOOT_FILE)) {
        Ok(boot) => Some(boot),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let trusted = place.boot.is_some() && marked == place.boot;
    let index = Index::open(directory(place)?)?;
    if index.schema() != SCHEMA.0 {
        return Err(TantivyError::SchemaError("made by another schema".to_owned()));
    }
    if !trusted {
        verify(&index)?;
    }
    let shard = OpenShard::new(index)?;
    if !trusted {
        remove_temporaries(&place.directory)?;
        mark_boot(place)?;
    }
    Ok(shard)
}

fn directory(place: &Place) -> tantivy::Result<Box<dyn Directory>> {
    let files = MmapDirectory::open(&place.directory)?;
    Ok(if place.sync { Box::new(files) } else { Box::new(UnsyncedDirectory::new(files, place.directory.clone())) })
}

/// Reads every file of the shard and compares its checksum.
fn verify(index: &Index) -> tantivy::Result<()> {
    for file in index.load_metas()?.list_segment_files() {
        // The list names files that a segment may do without; one that it needs is missed when the reader opens.
        if index.directory().exists(&file)? && !index.directory().validate_checksum(&file)? {
            return Err(TantivyError::InternalError(format!("checksum of {} differs", file.display())));
        }
    }
    Ok(())
}

fn mark_boot(place: &Place) -> io::Result<()> {
    match &place.boot {
        Some(boot) => fs::write(place.directory.join(BOOT_FILE), boot),
        None => Ok(()),
    }
}

fn remove_temporaries(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(TEMPORARY) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// True if the shard's content is at fault, and not the machine: too many open files or a failing disk must not
/// delete what may be whole.
fn is_damage(error: &TantivyError) -> bool {
    match error {
        TantivyError::IoError(error) => is_content_error(error),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => is_content_error(io_error),
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_)) => true,
        TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::DeserializeError(_)
        | TantivyError::FieldNotFound(_)
        | TantivyError::InternalError(_)
        | TantivyError::InvalidArgument(_) => true,
        _ => false,
    }
}

/// The operating system's errors have a number; those without one complain about what was read.
fn is_content_error(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
}

impl OpenShard {
    fn new(mut index: Index) -> tantivy::Result<Self> {
        index.set_tokenizers(TOKENIZERS.clone());
        let position = committed_position(&index)?;
        let reader: IndexReader = index
            .reader_builder()
            // Any other policy starts a thread per shard that polls its files.
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()?;
        Ok(Self { fields: SCHEMA.1, index, reader, position: Mutex::new(position) })
    }

    /// The committed position; none if nothing was ever committed.
    pub fn position(&self) -> Option<Position> {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last commit's documents, and a position that they are at least as new as.
    pub fn searcher(&self) -> (Searcher, Option<Position>) {
        // In this order: a commit in between makes the documents newer than the position, never older.
        let position = self.position();
        (self.reader.searcher(), position)
    }

    /// Starts a writer, with a thread to index, one to update and one to merge.
    pub fn writer(&self, memory: usize) -> tantivy::Result<ShardWriter> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(memory)
            .build();
        let writer = self.index.writer_with_options(options)?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGE_AT_SEGMENTS);
        policy.set_del_docs_ratio_before_merge(MERGE_AT_DELETED);
        writer.set_merge_policy(Box::new(policy));
        Ok(ShardWriter { writer, pending: None })
    }

    /// Merges a small shard into one segment and deletes files that earlier merges left behind: each segment costs six
    /// memory maps for as long as the shard is open. The shard must have no writer.
    pub fn tidy(&self, memory: usize) -> tantivy::Result<()> {
        if self.reader.searcher().num_docs() > MERGE_IDLE_DOCUMENTS {
            return Ok(());
        }
        let mut writer = self.writer(memory)?.writer;
        let segments = self.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            writer.merge(&segments).wait()?;
        }
        // The reader's old segments count as in use until it lets go of them.
        self.reload(self.position())?;
        writer.garbage_collect_files().wait()?;
        writer.wait_merging_threads()
    }

    fn reload(&self, position: Option<Position>) -> tantivy::Result<()> {
        self.reader.reload()?;
        *self.position.lock().unwrap_or_else(PoisonError::into_inner) = position;
        Ok(())
    }
}

/// A payload that can't be read is as good as none: the shard's owner replays.
fn committed_position(index: &Index) -> tantivy::Result<Option<Position>> {
    Ok(index.load_metas()?.payload.and_then(|payload| serde_json::from_str(&payload).ok()))
}

impl ShardWriter {
    /// Buffers changes; `position` is where the log stands after them.
    pub fn apply(&mut self, shard: &OpenShard, changes: &[Change], position: Position) -> tantivy::Result<()> {
        for change in changes {
            self.writer.delete_term(shard.fields.id_term(change.entity()));
            let document = match change {
                Change::Upsert(product) => shard.fields.document(product),
                Change::UpsertCategory(category) => shard.fields.category_document(category),
                Change::Remove(_) | Change::RemoveCategory(_) => continue,
            };
            self.writer.add_document(document)?;
        }
        self.pending = Some(position);
        Ok(())
    }

    /// True if changes wait for a commit.
    pub fn is_dirty(&self) -> bool {
        self.pending.is_some()
    }

    /// Makes what was applied visible to searches, together with its position.
    pub fn commit(&mut self, shard: &OpenShard) -> tantivy::Result<()> {
        let Some(position) = self.pending else { return Ok(()) };
        let payload = serde_json::to_string(&position)?;
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        shard.reload(Some(position))?;
        self.pending = None;
        Ok(())
    }

    /// Ends the writer after its merges; what is not committed is lost.
    pub fn close(self, shard: &OpenShard) -> tantivy::Result<()> {
        self.writer.wait_merging_threads()?;
        shard.reload(shard.position())
    }
}
