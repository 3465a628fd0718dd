#!/usr/bin/env bash
# Behaviour: a compaction holds one block of each table that it reads while keys have 20 bytes at most; with keys of 21 bytes it
#   holds all large values that it has read until the table that it writes is whole.
# Versions: crate lsm-tree 3.1.10, which crate fjall 3.1.13 stands on.
# Source: lsm-tree's src/table/writer/mod.rs, spill_block: the index keeps a clone of the last key of each block. Keys are slices of
#   the block that they were read from (crate byteview), but for those of up to 20 bytes, which lie in place.
# Guess before running: a merge of sorted files holds a block of each file, whatever its keys are.
# Seen: 64 values of 1 MiB in 8 tables: 13 MiB with keys of 20 bytes, 66 MiB with keys of 21.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "compaction"
version = "0.0.0"
edition = "2021"

[dependencies]
lsm-tree = "=3.1.10"

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use lsm_tree::{AbstractTree, Config, SequenceNumberCounter};

struct Counting;
static USED: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
#[global_allocator]
static ALLOCATOR: Counting = Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(USED.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Relaxed);
        System.dealloc(place, layout)
    }
}

const MIB: usize = 1 << 20;

/// The most memory in use while 8 tables of 8 values of 1 MiB are compacted into one, under keys of this length.
fn most(key: usize) -> usize {
    let folder = format!("tree-{key}");
    let number = SequenceNumberCounter::default();
    let tree = Config::new(&folder, number.clone(), SequenceNumberCounter::default()).open().unwrap();
    for table in 0..8 {
        for value in 0..8 {
            let name = format!("{:0key$}", value * 8 + table);
            tree.insert(name, vec![b'x'; MIB], number.next());
        }
        tree.flush_active_memtable(0).unwrap();
    }
    let before = USED.load(Relaxed);
    MOST.store(before, Relaxed);
    tree.major_compact(u64::MAX, 0).unwrap();
    let most = (MOST.load(Relaxed) - before) / MIB;
    assert_eq!((tree.table_count(), tree.len(lsm_tree::SeqNo::MAX, None).unwrap()), (1, 64));
    println!("keys of {key} bytes: {most} MiB while 64 MiB in 8 tables were compacted into one");
    most
}

fn main() {
    let (short, long) = (most(20), most(21));
    assert!(long > 2 * short, "not as before");
}
RUST
cargo run --quiet --release
