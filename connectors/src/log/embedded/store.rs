//! The embedded log's layout in its LSM store: keys, encodings and the reads over them.
//!
//! | keyspace | key | value |
//! |---|---|---|
//! | `records` | topic id u16, partition u32, offset u64 (big-endian) | [`encode_body`] |
//! | `positions` | group, 0, topic id u16, partition u32 | next offset i64 |
//! | `topics` | `t`, name | id u16, partitions u32, retention in ms i64 (-1 = for ever) |
//! | `topics` | `s`, topic id u16, partition u32 | the partition's start i64, when it is not 0 |

use std::path::Path;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use feira_schemas::budget::StoreShare;
use fjall::{Database, Keyspace, OwnedWriteBatch};

use crate::log::error::LogError;
use crate::log::types::{LogRecord, NewRecord, Retention, TopicPartition};
use crate::lsm::{self, Damage, Upkeep};

/// The journal files may reach this size before memtables are flushed to let go of them. Larger makes recovery slower
/// (all of it is read at the start), smaller flushes small tables more often.
const MAX_JOURNAL_BYTES: u64 = 128 * 1024 * 1024;

/// The timestamp is the first thing in a body, so that the committer can set it without encoding again.
const TIMESTAMP_BYTES: usize = 8;

/// The database and its three keyspaces.
pub(super) struct Store {
    db: Database,
    upkeep: Upkeep,
    pub(super) records: Keyspace,
    pub(super) positions: Keyspace,
    pub(super) topics: Keyspace,
}

/// A topic as it is stored.
pub(super) struct TopicRow {
    pub(super) name: String,
    pub(super) id: u16,
    pub(super) partitions: u32,
    pub(super) retention: Retention,
}

/// A committed position as it is stored.
pub(super) struct PositionRow {
    pub(super) group: String,
    pub(super) topic: u16,
    pub(super) partition: u32,
    pub(super) position: i64,
}

impl Store {
    /// Opens or makes the database in `dir`, recovering what its journal holds.
    pub(super) fn open(dir: &Path, share: StoreShare) -> Result<Self, LogError> {
        lsm::prepare(dir).map_err(|damage| damaged(&damage))?;
        let db = Database::builder(dir)
            .worker_threads(lsm::WORKERS)
            .max_journaling_size(MAX_JOURNAL_BYTES)
            .cache_size(share.blocks)
            .open()
            .map_err(|e| failed("open the log", &e))?;
        let keyspace = |name: &str| db.keyspace(name, lsm::table).map_err(|e| failed("open the log", &e));
        let upkeep = Upkeep::new("log", db.clone(), share.memtables).map_err(|e| failed("open the log", &e))?;
        let (records, positions, topics) = (keyspace("records")?, keyspace("positions")?, keyspace("topics")?);
        Ok(Self { records, positions, topics, upkeep, db })
    }

    /// Writes a batch of which so many bytes are records, and positions beside them.
    pub(super) fn commit(&self, batch: OwnedWriteBatch, records: usize) -> Result<(), fjall::Error> {
        let items = batch.len();
        batch.commit()?;
        // Of a position or a record's key, with what the store adds.
        let small = |count: usize| (count * 64) as u64;
        self.upkeep
            .wrote([(self.records.clone(), records as u64 + small(items)), (self.positions.clone(), small(items))])
    }

    /// A problem of the store's journals, in words; `None` if all is well.
    pub(super) fn trouble(&self) -> Option<String> {
        self.upkeep.trouble()
    }

    /// An empty atomic batch over all keyspaces.
    pub(super) fn batch(&self) -> OwnedWriteBatch {
        self.db.batch()
    }

    /// Reads the rows of all topics.
    pub(super) fn topic_rows(&self) -> Result<Vec<TopicRow>, LogError> {
        let mut rows = Vec::new();
        for item in self.topics.prefix(b"t") {
            let (key, value) = item.into_inner().map_err(|e| failed("read the topics", &e))?;
            let mut value = Fields(&value);
            let name = String::from_utf8(key[1..].to_vec()).map_err(|_| corrupt("a topic's name"))?;
            rows.push(TopicRow {
                name,
                id: value.take(2)?.get_u16(),
                partitions: value.take(4)?.get_u32(),
                retention: retention_of(value.take(8)?.get_i64()),
            });
        }
        Ok(rows)
    }

    /// All committed positions of all groups.
    pub(super) fn position_rows(&self) -> Result<Vec<PositionRow>, LogError> {
        let mut rows = Vec::new();
        for item in self.positions.iter() {
            let (key, value) = item.into_inner().map_err(|e| failed("read the positions", &e))?;
            let split = key.len().checked_sub(7).ok_or_else(|| corrupt("a position's key"))?;
            let group = String::from_utf8(key[..split].to_vec()).map_err(|_| corrupt("a group's name"))?;
            let mut at = Fields(&key[split + 1..]);
            let (topic, partition) = (at.take(2)?.get_u16(), at.take(4)?.get_u32());
            rows.push(PositionRow { group, topic, partition, position: Fields(&value).take(8)?.get_i64() });
        }
        Ok(rows)
    }

    /// The stored start of a partition, the offset of the first record that still exists (at or below the start, when
    /// deletion was interrupted), and the end.
    pub(super) fn bounds(&self, topic: u16, partition: u32) -> Result<(i64, i64, i64), LogError> {
        let start =
            match self.topics.get(start_key(topic, partition)).map_err(|e| failed("read a partition's start", &e))? {
                Some(value) => Fields(&value).take(8)?.get_i64(),
                None => 0,
            };
        let mut all = self.records.prefix(partition_prefix(topic, partition));
        let mut offset = |last: bool| -> Result<Option<i64>, LogError> {
            let item = if last { all.next_back() } else { all.next() };
            let key = item.map(|item| item.key()).transpose().map_err(|e| failed("read a partition's bounds", &e))?;
            key.map(|key| offset_in(&key)).transpose()
        };
        let first = offset(false)?;
        let last = offset(true)?.or(first);
        Ok((start, first.unwrap_or(start), last.map_or(start, |last| last + 1).max(start)))
    }

    /// Appends to `out` the records with offsets in `from..to`, until it holds `max_records` or they take more than
    /// `max_bytes` (one record may go over). `bytes` counts what `out` takes.
    pub(super) fn read(
        &self,
        topic: u16,
        at: &TopicPartition,
        range: std::ops::Range<i64>,
        out: &mut Batch,
    ) -> Result<(), LogError> {
        if range.is_empty() || out.full() {
            return Ok(());
        }
        let keys = record_key(topic, at.partition, range.start)..record_key(topic, at.partition, range.end);
        for item in self.records.range(keys) {
            let (key, value) = item.into_inner().map_err(|e| failed("read records", &e))?;
            out.bytes += value.len();
            out.records.push(decode(at, offset_in(&key)?, Bytes::copy_from_slice(&value))?);
            if out.full() {
                break;
            }
        }
        Ok(())
    }

    /// The time of the record at `offset` in milliseconds since 1970; `None` if there is no such record.
    pub(super) fn timestamp(&self, topic: u16, partition: u32, offset: i64) -> Result<Option<i64>, LogError> {
        let value = self.records.get(record_key(topic, partition, offset)).map_err(|e| failed("read a record", &e))?;
        value.map(|value| Ok(Fields(&value).take(TIMESTAMP_BYTES)?.get_i64())).transpose()
    }
}

/// Records being collected, with the limits that end the collecting.
pub(super) struct Batch {
    pub(super) records: Vec<LogRecord>,
    bytes: usize,
    max_records: usize,
}

impl Batch {
    /// Bytes that one read returns at most, so that large records do not fill the memory: larger helps nobody,
    /// smaller would split batches of ordinary records.
    const MAX_BYTES: usize = 8 * 1024 * 1024;

    pub(super) fn new(max_records: usize) -> Self {
        Self { records: Vec::new(), bytes: 0, max_records }
    }

    pub(super) fn full(&self) -> bool {
        self.records.len() >= self.max_records || self.bytes >= Self::MAX_BYTES
    }
}

pub(super) fn record_key(topic: u16, partition: u32, offset: i64) -> [u8; 14] {
    let mut key = [0; 14];
    key[..6].copy_from_slice(&partition_prefix(topic, partition));
    key[6..].copy_from_slice(&offset.to_be_bytes());
    key
}

fn partition_prefix(topic: u16, partition: u32) -> [u8; 6] {
    let mut key = [0; 6];
    key[..2].copy_from_slice(&topic.to_be_bytes());
    key[2..].copy_from_slice(&partition.to_be_bytes());
    key
}

fn offset_in(key: &[u8]) -> Result<i64, LogError> {
    key.get(6..14).map(|mut offset| offset.get_i64()).ok_or_else(|| corrupt("a record's key"))
}

pub(super) fn position_key(group: &str, topic: u16, partition: u32) -> Vec<u8> {
    [group.as_bytes(), &[0], &partition_prefix(topic, partition)].concat()
}

pub(super) fn topic_key(name: &str) -> Vec<u8> {
    [b"t", name.as_bytes()].concat()
}

pub(super) fn topic_value(id: u16, partitions: u32, retention: Retention) -> Vec<u8> {
    [&id.to_be_bytes()[..], &partitions.to_be_bytes(), &retention_ms(retention).to_be_bytes()].concat()
}

pub(super) fn start_key(topic: u16, partition: u32) -> Vec<u8> {
    [b"s", &partition_prefix(topic, partition)[..]].concat()
}

fn retention_ms(retention: Retention) -> i64 {
    match retention {
        Retention::Forever => -1,
        Retention::For(age) => i64::try_from(age.as_millis()).unwrap_or(i64::MAX),
    }
}

fn retention_of(ms: i64) -> Retention {
    u64::try_from(ms).map_or(Retention::Forever, |ms| Retention::For(Duration::from_millis(ms)))
}

/// A record as it is stored: timestamp (zero until [`stamp`]), key, headers, whether there is a value, value. Lengths
/// are LEB128.
pub(super) fn encode_body(record: &NewRecord) -> Vec<u8> {
    let headers: usize = record.headers.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
    let value = record.value.as_ref().map_or(0, Bytes::len);
    let mut body = Vec::with_capacity(TIMESTAMP_BYTES + record.key.len() + headers + value + 16);
    body.put_i64(0);
    put_bytes(&mut body, &record.key);
    put_length(&mut body, record.headers.len());
    for (name, value) in &record.headers {
        put_bytes(&mut body, name.as_bytes());
        put_bytes(&mut body, value);
    }
    body.put_u8(u8::from(record.value.is_some()));
    body.extend_from_slice(record.value.as_deref().unwrap_or_default());
    body
}

/// Sets the timestamp of an encoded body.
pub(super) fn stamp(body: &mut [u8], timestamp_ms: i64) {
    body[..TIMESTAMP_BYTES].copy_from_slice(&timestamp_ms.to_be_bytes());
}

fn decode(at: &TopicPartition, offset: i64, body: Bytes) -> Result<LogRecord, LogError> {
    let mut rest = Fields(&body);
    let timestamp_ms = rest.take(TIMESTAMP_BYTES)?.get_i64();
    let key = body.slice_ref(rest.take_bytes()?);
    let count = rest.take_length()?;
    let mut headers = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        let name = std::str::from_utf8(rest.take_bytes()?).map_err(|_| corrupt("a header's name"))?.to_owned();
        headers.push((name, body.slice_ref(rest.take_bytes()?)));
    }
    let value = (rest.take(1)? == [1]).then(|| body.slice_ref(rest.0));
    Ok(LogRecord { at: at.clone(), offset, timestamp_ms, key, value, headers })
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.put_u8(length as u8 | 0x80);
        length >>= 7;
    }
    out.put_u8(length as u8);
}

/// The rest of a stored value; every step checks that enough bytes are left.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], LogError> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or_else(|| corrupt("a value that is too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn take_length(&mut self) -> Result<usize, LogError> {
        let mut length = 0usize;
        for shift in (0..=28).step_by(7) {
            let byte = self.take(1)?[0];
            length |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(length);
            }
        }
        Err(corrupt("a length"))
    }

    fn take_bytes(&mut self) -> Result<&'a [u8], LogError> {
        let length = self.take_length()?;
        self.take(length)
    }
}

fn corrupt(what: &str) -> LogError {
    LogError::Corrupt(format!("{what} can't be read"))
}

/// The error for a damaged journal, with what the operator is to do about it.
fn damaged(damage: &Damage) -> LogError {
    match damage {
        Damage::Io(error) => LogError::Unavailable(format!("can't read the log's journal: {error}")),
        Damage::Corrupt { file, at } => LogError::Corrupt(format!(
            "{damage}: the disk has lost what was acknowledged. Check the disk, and bring the data folder back from a backup. To \
             go on without everything from there on, keep a copy of the folder, then shorten the file (truncate -s {at} {}), \
             delete the folders `state` and `shards` beside `log`, which are folded again, and start",
            file.display()
        )),
    }
}

/// An error of the store, by what it means for the caller. After a failed write the store refuses all further ones:
/// it can't know what reached the disk, and only recovery can tell.
pub(super) fn failed(what: &str, error: &fjall::Error) -> LogError {
    match error {
        fjall::Error::Poisoned => LogError::Broken("an earlier write failed".into()),
        fjall::Error::Io(e) | fjall::Error::Storage(fjall::LsmError::Io(e)) => {
            LogError::Unavailable(format!("can't {what}: {e}"))
        }
        e => LogError::Corrupt(format!("can't {what}: {e:?}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let at = TopicPartition::new("t", 3);
        for value in [None, Some(Bytes::new()), Some(Bytes::from(vec![7; 300]))] {
            let headers = vec![("ce_id".to_owned(), Bytes::from_static(b"1")), ("ce_id".to_owned(), Bytes::new())];
            let record =
                NewRecord { topic: at.topic.clone(), partition: None, key: Bytes::from_static(b"k"), value, headers };
            let mut body = encode_body(&record);
            stamp(&mut body, 42);
            let read = decode(&at, 9, body.into()).unwrap();
            assert_eq!((read.offset, read.timestamp_ms), (9, 42));
            assert_eq!((read.key, read.value, read.headers), (record.key, record.value, record.headers));
        }
    }

    #[test]
    fn a_cut_record_is_corrupt_and_no_panic() {
        let at = TopicPartition::new("t", 0);
        let headers = vec![("name".to_owned(), Bytes::from_static(b"value"))];
        let record = NewRecord {
            topic: at.topic.clone(),
            partition: None,
            key: Bytes::from_static(b"key"),
            value: None,
            headers,
        };
        let body = Bytes::from(encode_body(&record));
        for length in 0..body.len() {
            assert!(matches!(decode(&at, 0, body.slice(..length)), Err(LogError::Corrupt(_))), "{length}");
        }
    }
}
