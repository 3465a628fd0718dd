//! Memory and disk that the embedded state takes while it is written to.
#![allow(clippy::unwrap_used)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use feira_connectors::state::State;
use feira_schemas::{
    budget::StoreShare,
    row::{Row, RowKey, Stored, Table, Write},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

const MIB: usize = 1024 * 1024;
/// The store's share in bytes: memtables, and as much again of those that are flushed; blocks.
const SHARE: StoreShare = StoreShare { memtables: 8 * MIB as u64, blocks: 4 * MIB as u64 };

/// Bytes of a product with as many variants as one may have.
const LARGE: usize = 2 * MIB;

/// Counts what is in use.
struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
#[global_allocator]
static ALLOCATOR: Counting = Counting;
/// The lock that runs these tests one by one: they count the memory of the same process.
static ALONE: Mutex<()> = Mutex::const_new(());

// SAFETY: the system's allocator, with two counters beside it.
#[expect(unsafe_code, reason = "an allocator")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(used, Ordering::Relaxed);
        // SAFETY: what is asked is asked of the system.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

const PAGE: Table = Table {
    keyspace: "t",
    name: "page",
    generation: 1,
    partition_key: &["tenant"],
    clustering_key: &["name"],
    kept: None,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Page {
    tenant: String,
    name: i64,
    text: String,
}

impl Stored for Page {
    const TABLE: Table = PAGE;
}
impl Row for Page {
    fn key(&self) -> RowKey {
        key(self.name)
    }
}

/// As long as keys are here, which is longer than what the library keeps in place.
const TENANT: &str = "0198a3c0-9a7b-7000-8000-000000000001";

fn key(name: i64) -> RowKey {
    RowKey::new([TENANT.to_owned().into()], [name.into()])
}

/// Text that compresses to a third or so, as a catalogue does.
fn text(seed: usize, bytes: usize) -> String {
    let mut number = seed as u64 + 1;
    let mut next = || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        number >> 33
    };
    let words = ["camiseta ", "algodao ", "vermelha ", "tamanho ", "\"price\":", "frete "];
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text.push_str(words[next() as usize % words.len()]);
        text.push_str(&(next() % 1_000).to_string());
    }
    text
}

async fn opened(folder: &Path) -> State {
    let state = State::embedded_within(folder, SHARE).unwrap();
    state.ensure_tables(&[PAGE], &[]).await.unwrap();
    state
}

async fn write(state: &State, pages: impl Iterator<Item = Page>, write_ts: i64) {
    state.write(&pages.map(|page| Write::put(page, write_ts)).collect::<Vec<_>>()).await.unwrap();
}

fn page(name: usize, seed: usize, bytes: usize) -> Page {
    Page { tenant: TENANT.to_owned(), name: name as i64, text: text(seed, bytes) }
}

fn on_disk(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => on_disk(&entry.path()),
            // One that is gone meanwhile takes nothing.
            found => found.map_or(0, |found| found.len()),
        })
        .sum()
}

/// Asserts that while this is written not much more memory is in use than the store's share.
async fn takes_little(folder: &Path, writing: impl Future<Output = ()>) {
    MOST.store(USED.load(Ordering::Relaxed), Ordering::Relaxed);
    writing.await;
    let most = MOST.load(Ordering::Relaxed) / MIB;
    println!("{most} MiB at most, {} MiB on disk", on_disk(folder) / MIB as u64);
    assert!(most < 64, "{most} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_a_state_that_is_filled_takes_little_more_than_its_share() {
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let state = opened(folder.path()).await;
    // 400 MB, not in the order of their names: all of it is compacted.
    takes_little(folder.path(), async {
        for batch in 0..2_000 {
            write(&state, (0..100).map(|row| page((row * 2_000 + batch) % 200_000, batch, 2_000)), 1).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_large_rows_take_little_more_memory_than_small_ones() {
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let state = opened(folder.path()).await;
    // 400 MB, not in the order of their names, as answers to commands are.
    takes_little(folder.path(), async {
        for row in 0..200 {
            write(&state, std::iter::once(page(row * 7 % 200, row, LARGE)), 1).await;
        }
    })
    .await;
    drop(state);
    let state = opened(folder.path()).await;
    for row in 0..200 {
        let name = row * 7 % 200;
        assert_eq!(state.get::<Page>(&key(name as i64)).await.unwrap(), Some(page(name, row, LARGE)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_a_large_row_that_is_written_again_and_again_takes_room_a_few_times() {
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let state = opened(folder.path()).await;
    let mut round = 0;
    // What was written over goes when what is written after it is compacted.
    while round < 200 || on_disk(&folder.path().join("keyspaces")) > 64 * MIB as u64 {
        assert!(round < 600, "{} bytes", on_disk(folder.path()));
        write(&state, std::iter::once(page(0, round, LARGE)), round as i64 + 1).await;
        round += 1;
    }
    println!("{} MiB on disk after {round} rounds", on_disk(folder.path()) / MIB as u64);
    assert_eq!(state.get::<Page>(&key(0)).await.unwrap(), Some(page(0, round - 1, LARGE)));
}
