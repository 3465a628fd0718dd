//! A power cut while a batch is being written: any of its pages may be missing, in the log and in the state.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use feira_schemas::{
    budget::StoreShare,
    row::{Row, RowKey, Stored, Table, Write},
};
use serde::{Deserialize, Serialize};

use super::journal;
use crate::{
    log::{Log, LogError, NewRecord, Retention, TopicPartition, TopicSpec},
    state::{State, StateError},
};

const PAGE: usize = 4_096;
/// Batches before the one that is torn.
const BEFORE: usize = 3;
/// So little that files are written soon.
const SMALL: StoreShare = StoreShare { memtables: 8 << 20, blocks: 8 << 20 };

const TEMPLATE: Table =
    Table { keyspace: "t", name: "note", generation: 1, partition_key: &["id"], clustering_key: &[], kept: None };
const NOTE: Table = TEMPLATE;
const QUIET: Table = Table { name: "quiet", ..TEMPLATE };

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    id: i64,
    text: String,
}

impl Stored for Note {
    const TABLE: Table = NOTE;
}
impl Row for Note {
    fn key(&self) -> RowKey {
        RowKey::new([self.id.into()], [])
    }
}

/// Text that takes some pages however it is compressed.
fn long(seed: usize) -> String {
    let mut number = seed as u64 + 1;
    let mut next = || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (number >> 33) as u8 % 90)
    };
    (0..6 * PAGE).map(|_| next()).collect()
}

async fn state(folder: &Path) -> Result<State, StateError> {
    let state = State::embedded(folder)?;
    state.ensure_tables(&[NOTE], &[]).await?;
    Ok(state)
}

async fn note(state: &State, number: usize) {
    let row = Note { id: number as i64, text: long(number) };
    state.write(&[Write::put(row, number as i64 + 1)]).await.unwrap();
}

async fn notes(state: &State) -> usize {
    let rows = state.scan_table::<Note>(None, 100).await.unwrap().rows;
    assert!(rows.iter().all(|row| row.text == long(row.id as usize)), "whole or not at all");
    rows.len()
}

async fn log(folder: &Path) -> Result<Log, LogError> {
    let log = Log::embedded(folder)?;
    log.ensure_topics(&[TopicSpec { name: "t".into(), partitions: 1, retention: Retention::Forever }]).await?;
    Ok(log)
}

async fn append(log: &Log, number: usize) {
    let (key, value) = (Bytes::from_static(b"k"), Some(Bytes::from(long(number))));
    let record = NewRecord { topic: "t".into(), partition: Some(0), key, value, headers: Vec::new() };
    log.append(vec![record]).await.unwrap();
}

async fn records(log: &Log) -> usize {
    let records = log.read(&TopicPartition::new("t", 0), 0, 100).await.unwrap().records;
    let whole = |(number, value): (usize, Option<Bytes>)| value.as_deref() == Some(long(number).as_bytes());
    let count = records.len();
    assert!(records.into_iter().map(|record| record.value).enumerate().all(whole), "whole or not at all");
    count
}

/// A folder's files as a kill leaves them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// The journal that is written, below a folder.
fn active(folder: &Path) -> PathBuf {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() == "store" {
            return active(&path);
        }
        found.extend((path.extension().is_some_and(|end| end == "jnl")).then_some(path));
    }
    found.sort();
    found.pop().unwrap()
}

/// The pages, or parts of pages, that a batch lies on.
fn pages(batch: &Range<usize>) -> Vec<Range<usize>> {
    let first = batch.start / PAGE * PAGE;
    (first..batch.end).step_by(PAGE).map(|page| page.max(batch.start)..(page + PAGE).min(batch.end)).collect()
}

/// The folders with a torn last batch, one for each page of it: a folder in which it alone is missing, and nothing
/// follows.
fn torn(folder: &Path) -> Vec<tempfile::TempDir> {
    let journal = active(folder);
    let whole = fs::read(&journal).unwrap();
    let batches = journal::batches(&whole);
    let last = batches.last().unwrap();
    let pages = pages(last);
    assert!(pages.len() > 4, "the batch takes some pages");
    let missing = |page: Range<usize>| {
        let copied = tempfile::tempdir().unwrap();
        copy(folder, copied.path());
        let mut bytes = whole.clone();
        bytes[page].fill(0);
        bytes[last.end..].fill(0);
        fs::write(active(copied.path()), bytes).unwrap();
        copied
    };
    pages.into_iter().map(missing).collect()
}

/// A folder in which a page inside the last batch but one is missing.
fn damaged(folder: &Path) -> tempfile::TempDir {
    let copied = tempfile::tempdir().unwrap();
    copy(folder, copied.path());
    let journal = active(copied.path());
    let mut bytes = fs::read(&journal).unwrap();
    let batches = journal::batches(&bytes);
    let inside = pages(&batches[batches.len() - 2]).swap_remove(2);
    bytes[inside].fill(0);
    fs::write(journal, bytes).unwrap();
    copied
}

#[tokio::test]
async fn a_state_opens_whichever_page_of_its_last_batch_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let open = state(folder.path()).await.unwrap();
    for number in 0..=BEFORE {
        note(&open, number).await;
    }
    for torn in torn(folder.path()) {
        let state_after = state(torn.path()).await.unwrap();
        assert_eq!(notes(&state_after).await, BEFORE);
        note(&state_after, BEFORE).await;
        drop(state_after);
        assert_eq!(notes(&state(torn.path()).await.unwrap()).await, BEFORE + 1, "what follows is kept");
    }
}

#[tokio::test]
async fn a_log_opens_whichever_page_of_its_last_batch_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let open = log(folder.path()).await.unwrap();
    for number in 0..=BEFORE {
        append(&open, number).await;
    }
    for torn in torn(folder.path()) {
        let log_after = log(torn.path()).await.unwrap();
        assert_eq!(records(&log_after).await, BEFORE);
        append(&log_after, BEFORE).await;
        drop(log_after);
        assert_eq!(records(&log(torn.path()).await.unwrap()).await, BEFORE + 1, "what follows is kept");
    }
}

#[tokio::test]
async fn a_bad_batch_with_whole_ones_behind_it_is_corruption_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (log_folder, state_folder) = (folder.path().join("log"), folder.path().join("state"));
    let (open_log, open_state) = (log(&log_folder).await.unwrap(), state(&state_folder).await.unwrap());
    for number in 0..=BEFORE {
        append(&open_log, number).await;
        note(&open_state, number).await;
    }
    let damaged_log = damaged(&log_folder);
    let Err(LogError::Corrupt(why)) = log(damaged_log.path()).await else { panic!("it opens") };
    assert!(
        why.contains("whole batches lie behind") && why.contains("truncate -s ") && why.contains("backup"),
        "{why}"
    );
    // As it says.
    let (_, rest) = why.split_once("truncate -s ").unwrap();
    let (length, rest) = rest.split_once(' ').unwrap();
    let journal = fs::OpenOptions::new().write(true).open(rest.split(')').next().unwrap()).unwrap();
    journal.set_len(length.parse().unwrap()).unwrap();
    assert_eq!(records(&log(damaged_log.path()).await.unwrap()).await, BEFORE - 1);

    let damaged_state = damaged(&state_folder);
    let refused = state(damaged_state.path()).await.map(drop);
    assert!(matches!(&refused, Err(StateError::Corrupt(_))), "{refused:?}");
}

#[tokio::test]
async fn a_store_whose_making_was_interrupted_is_made() {
    for left in ["", "version"] {
        let folder = tempfile::tempdir().unwrap();
        drop(state(folder.path()).await.unwrap());
        // The version is the last that is made: a crash leaves none, or an empty one.
        let version = folder.path().join("version");
        if left.is_empty() {
            fs::remove_file(version).unwrap()
        } else {
            fs::write(version, "").unwrap()
        }
        let made = state(folder.path()).await.unwrap();
        note(&made, 0).await;
        assert_eq!(notes(&made).await, 1);
    }
}

#[tokio::test]
async fn a_table_file_that_is_gone_or_cut_short_is_corruption_and_no_disk_that_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let open = state(folder.path()).await.unwrap();
    note(&open, 0).await;
    drop(open);
    let tables = folder.path().join("keyspaces/0/tables");
    let table = fs::read_dir(tables).unwrap().next().unwrap().unwrap().path();
    for broken in [true, false] {
        if broken {
            fs::write(&table, "no table").unwrap()
        } else {
            fs::remove_file(&table).unwrap()
        }
        let refused = state(folder.path()).await.map(drop);
        assert!(matches!(&refused, Err(StateError::Corrupt(_))), "{refused:?}");
    }
}

/// A file of values, of any table, if there is one.
fn values(folder: &Path) -> Option<PathBuf> {
    let tables = fs::read_dir(folder.join("keyspaces")).unwrap().map(|table| table.unwrap().path().join("blobs"));
    let mut files = tables.flat_map(fs::read_dir).flatten();
    files.next().map(|file| file.unwrap().path())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_large_rows_that_is_gone_or_cut_short_is_corruption_too() {
    for broken in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let state = State::embedded_within(folder.path(), SMALL).unwrap();
        state.ensure_tables(&[NOTE], &[]).await.unwrap();
        let text = long(0).repeat(20);
        let mut id = 0;
        let file = loop {
            state.write(&[Write::put(Note { id, text: text.clone() }, 1)]).await.unwrap();
            id += 1;
            assert!(id < 1_000, "nothing was written apart");
            if let Some(file) = values(folder.path()) {
                break file;
            }
        };
        drop(state);
        if broken {
            fs::write(&file, "no rows").unwrap()
        } else {
            fs::remove_file(&file).unwrap()
        }
        let refused = State::embedded_within(folder.path(), SMALL).map(drop);
        assert!(matches!(&refused, Err(StateError::Corrupt(_))), "{broken}: {refused:?}");
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Quiet(Note);

impl Stored for Quiet {
    const TABLE: Table = QUIET;
}
impl Row for Quiet {
    fn key(&self) -> RowKey {
        self.0.key()
    }
}

/// Writes this many batches of 200 kB to one table, and a row to another one beside the first.
async fn write_much(folder: &Path, batches: usize, write_ts: i64) -> State {
    let state = State::embedded_within(folder, SMALL).unwrap();
    state.ensure_tables(&[NOTE, QUIET], &[]).await.unwrap();
    state.write(&[Write::put(Quiet(Note { id: 1, text: "once".to_owned() }), 1)]).await.unwrap();
    let text = long(0)[..2_000].to_owned();
    for batch in 0..batches {
        let rows = (0..100).map(|row| Note { id: (batch * 100 + row) as i64, text: text.clone() });
        state.write(&rows.map(|row| Write::put(row, write_ts)).collect::<Vec<_>>()).await.unwrap();
    }
    state
}

fn journals(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.extension().is_some_and(|end| end == "jnl")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn journals_go_although_a_table_that_is_hardly_written_needs_them() {
    let folder = tempfile::tempdir().unwrap();
    // Some 400 MB, of which the library would keep 64 MiB in memory and every journal for the quiet table's sake.
    let state = write_much(folder.path(), 2_000, 1).await;
    let begun = std::time::Instant::now();
    while journals(folder.path()) > 4 {
        assert!(begun.elapsed().as_secs() < 60, "{} journals", journals(folder.path()));
        note(&state, 0).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(state.trouble(), None);
    let once = state.get::<Quiet>(&RowKey::new([1.into()], [])).await.unwrap().unwrap();
    assert_eq!(once.0.text, "once");
}

/// Ten minutes of writes as fast as they go: `cargo test --workspace --lib ten_minutes -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes ten minutes and some gigabytes"]
async fn ten_minutes_of_writes_leave_few_journals_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let begun = std::time::Instant::now();
    let (mut most, mut rounds) = (0, 0);
    while begun.elapsed().as_secs() < 600 {
        let state = write_much(folder.path(), 2_000, rounds + 1).await;
        assert_eq!(state.trouble(), None);
        most = most.max(journals(folder.path()));
        rounds += 1;
    }
    println!("{rounds} rounds of 400 MB, {most} journals at most");
    assert!(most <= 6, "{most} journals");
}
