//! Park and follow: a record that fails waits in `<group>.retry`, and its entity's later records wait behind it, in order.
//!
//! The parked entities are state: a row per entity with the offsets of its records in the retry topic. The rows are
//! caught up from that topic before any input is read, so a crash between the move and the row loses nothing. Other
//! entities never wait. Records of the topic are deleted below the lowest unfinished one, never by time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use feira_connectors::log::{LogError, LogRecord, TopicPartition};
use feira_schemas::{
    ids::{Micros, TenantId},
    records::EventSet,
    row::{Row, Write},
    rows::common::{Parked, Progress, parked_of, progress_of},
    topics,
};

use super::ViewError;
use crate::{
    counted::Counted,
    platform::{Platform, header},
    waiting::Patient,
};

/// Waits between tries of a parked record: 5 s, 20 s, 80 s, and then every 5 minutes.
const SCHEDULE: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(80)];
const THEN_EVERY: Duration = Duration::from_secs(300);
/// The time, in microseconds, after which a record that still fails becomes a dead letter, and its followers are
/// tried: each carries the entity's whole state.
const GIVE_UP_AFTER: Micros = 24 * 60 * 60 * 1_000_000;
/// Rows read at once: a megabyte or so.
const ROWS: usize = 1_000;
/// Records of the retry topic read at once.
const PAGE: usize = 500;
/// Records tried at once, over all entities: what they do is held in memory, and shown together.
const TRIED: usize = 200;
/// Bytes of them beyond which no more are read; a single one may have four million.
const TRIED_BYTES: usize = 16 * 1024 * 1024;
/// Records that lie so near to each other are read together, with what is between.
const NEAR: i64 = 8;

/// The entity that an event belongs to, as its rows name it.
pub(super) fn entity_of<E: EventSet>(event: &E) -> String {
    let meta = event.meta();
    format!("{}/{}", meta.tenant_id, meta.aggregate_id)
}

/// The parked entities of one partition.
pub(super) struct Parking {
    group: &'static str,
    /// The keyspace of the rows.
    keyspace: &'static str,
    at: TopicPartition,
    entities: BTreeMap<String, Parked>,
    /// How many they are, beside those of other partitions.
    counted: Counted,
    /// Next offset of the retry topic that has not been read into the rows. One that this process put there itself may be
    /// in them before.
    indexed: i64,
    /// The offset up to which the rows of parked entities are kept.
    kept: i64,
    /// Records below this are deleted.
    deleted: i64,
    written_ts: Micros,
}

/// An entity that is due, and its oldest records.
pub(super) struct Waiting {
    pub entity: String,
    /// The records by offset, in order; `None` for one that is gone for good.
    pub records: Vec<(i64, Option<LogRecord>)>,
}

impl Parking {
    /// The parking of a partition as its rows have it; records that the rows lack are read with [`Self::unindexed`].
    pub(super) async fn load(
        platform: &Platform,
        (group, keyspace): (&'static str, &'static str),
        partition: u32,
    ) -> Result<Self, ViewError> {
        let state = &platform.state;
        let patient = Patient::new(platform, group);
        let all = Parked::all(group, partition);
        let (mut entities, mut after) = (BTreeMap::new(), None);
        loop {
            let rows =
                patient.state(|| state.scan_in::<Parked>(parked_of(keyspace), &all, after.as_ref(), ROWS)).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.key());
            entities.extend(rows.into_iter().map(|row| (row.entity.clone(), row)));
        }
        let progress_key = Progress::key(&topics::retry(group), partition);
        let progress = patient.state(|| state.get_in::<Progress>(progress_of(keyspace), &progress_key)).await?;
        let indexed = progress.map_or(0, |row| row.applied);
        let mut counted = Counted::of(metrics::gauge!("feira_parked_entities", "group" => group));
        counted.set(entities.len());
        Ok(Self {
            group,
            keyspace,
            at: TopicPartition::new(topics::retry(group), partition),
            entities,
            counted,
            indexed,
            kept: indexed,
            deleted: 0,
            written_ts: platform.now(),
        })
    }

    /// The retry topic's partition.
    pub(super) fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// Next offset of the retry topic that is not in the rows yet.
    pub(super) fn indexed(&self) -> i64 {
        self.indexed
    }

    /// Records of the retry topic that no row names yet: of a move just before a crash, or put back by an operator. Those of
    /// this process' own moves come too.
    pub(super) async fn unindexed(&mut self, platform: &Platform) -> Result<Vec<LogRecord>, LogError> {
        let page = platform.log.read(&self.at, self.indexed, PAGE).await?;
        if page.records.is_empty() {
            self.indexed = self.indexed.max(page.next);
        }
        Ok(page.records)
    }

    /// Everything up to this offset of the retry topic is in the rows, or is none that could wait.
    pub(super) fn indexed_to(&mut self, offset: i64) {
        self.indexed = self.indexed.max(offset);
    }

    pub(super) fn holds(&self, entity: &str) -> bool {
        self.entities.contains_key(entity)
    }

    /// A record of this entity lies at this offset of the retry topic. `due` at once for one that an operator put back. False
    /// if that is known.
    pub(super) fn add(
        &mut self,
        entity: &str,
        tenant_id: TenantId,
        offset: i64,
        error: &str,
        now: Micros,
        due: Micros,
    ) -> bool {
        let row = self.entities.entry(entity.to_owned()).or_insert_with(|| Parked {
            consumer: self.group.to_owned(),
            partition: i64::from(self.at.partition),
            entity: entity.to_owned(),
            tenant_id,
            offsets: Vec::new(),
            tries: 0,
            due,
            first_failed: now,
            error: error.to_owned(),
        });
        // What an operator put back may lie before what was moved here meanwhile, and be seen later.
        let Err(place) = row.offsets.binary_search(&offset) else { return false };
        row.offsets.insert(place, offset);
        row.due = row.due.min(due);
        true
    }

    /// The entities whose time has come, each with that time.
    pub(super) fn due(&self, now: Micros) -> impl Iterator<Item = (Micros, &str)> {
        self.entities.values().filter(move |row| row.due <= now).map(|row| (row.due, row.entity.as_str()))
    }

    /// The time at which the next entity is due, in microseconds since 1970.
    pub(super) fn next_due(&self) -> Option<Micros> {
        self.entities.values().map(|row| row.due).min()
    }

    /// The oldest records of some entities, as many as may be tried at once.
    pub(super) async fn oldest(&self, platform: &Platform, entities: &[String]) -> Result<Vec<Waiting>, LogError> {
        let each = (TRIED / entities.len().max(1)).max(1);
        let of = |entity: &String| self.entities.get(entity).map_or(&[][..], |row| &row.offsets[..]).iter().take(each);
        let wanted: BTreeSet<i64> = entities.iter().flat_map(of).copied().collect();
        let mut found = self.read(platform, &wanted).await?;
        let start = if found.len() < wanted.len() { platform.log.start(&self.at).await? } else { 0 };
        let waiting = entities.iter().map(|entity| {
            let records = of(entity).map_while(|offset| match found.remove(offset) {
                Some(record) => Some((*offset, Some(record))),
                // Deleted: it was done before a power cut that the rows lost. Any other is only not readable yet.
                None if *offset < start => Some((*offset, None)),
                None => None,
            });
            Waiting { entity: entity.clone(), records: records.collect() }
        });
        Ok(waiting.collect())
    }

    /// Reads those of the wanted records that can be read now, by their offset.
    async fn read(&self, platform: &Platform, wanted: &BTreeSet<i64>) -> Result<BTreeMap<i64, LogRecord>, LogError> {
        let (mut found, mut bytes, mut from) = (BTreeMap::new(), 0, 0);
        while let Some(first) = wanted.range(from..).next().copied() {
            let last = last_near(wanted, first);
            let count = usize::try_from(last - first + 1).unwrap_or(PAGE);
            let page = platform.log.read(&self.at, first, count).await?;
            for record in page.records.into_iter().filter(|record| wanted.contains(&record.offset)) {
                bytes += record.value.as_ref().map_or(0, bytes::Bytes::len);
                found.insert(record.offset, record);
            }
            if bytes > TRIED_BYTES {
                break;
            }
            from = if page.next > first { page.next } else { last + 1 };
        }
        Ok(found)
    }

    /// So many of an entity's oldest records are done, or given up: the next one may be tried at once.
    pub(super) fn done(&mut self, entity: &str, count: usize, now: Micros) {
        let Some(row) = self.entities.get_mut(entity).filter(|_| count > 0) else { return };
        row.offsets.drain(..count.min(row.offsets.len()));
        (row.tries, row.due, row.first_failed) = (0, now, now);
    }

    /// The entity's oldest record failed again.
    pub(super) fn failed(&mut self, entity: &str, error: &str, now: Micros) {
        let Some(row) = self.entities.get_mut(entity) else { return };
        let tries = usize::try_from(row.tries).unwrap_or_default();
        let wait = SCHEDULE.get(tries).copied().unwrap_or(THEN_EVERY);
        row.due = now + i64::try_from(wait.as_micros()).unwrap_or_default();
        row.tries += 1;
        error.clone_into(&mut row.error);
    }

    /// The entity could not be tried, for a reason that is none of its records': it is due later, and nothing is counted.
    pub(super) fn put_off(&mut self, entity: &str, due: Micros) {
        if let Some(row) = self.entities.get_mut(entity) {
            row.due = due;
        }
    }

    /// True if the entity's oldest record has failed for so long that it is given up when it fails again.
    pub(super) fn gives_up(&self, entity: &str, now: Micros) -> bool {
        self.entities.get(entity).is_some_and(|row| now - row.first_failed > GIVE_UP_AFTER)
    }

    /// The number of times that the entity's oldest record was tried since it was parked.
    pub(super) fn tries(&self, entity: &str) -> u32 {
        self.entities.get(entity).and_then(|row| u32::try_from(row.tries).ok()).unwrap_or_default()
    }

    /// Keeps the rows of these entities, or removes them where nothing waits any more; then how far the topic is indexed, since
    /// below that nothing is read again. Deletes what no row names.
    pub(super) async fn keep(&mut self, platform: &Platform, entities: &[String]) -> Result<(), ViewError> {
        self.written_ts = platform.now().max(self.written_ts + 1);
        let mut rows = Vec::with_capacity(entities.len());
        for entity in entities {
            let partition = self.at.partition;
            let empty = self.entities.get(entity).is_none_or(|row| row.offsets.is_empty());
            if empty {
                self.entities.remove(entity);
                rows.push(Write::delete_in(
                    parked_of(self.keyspace),
                    Parked::at(self.group, partition, entity),
                    self.written_ts,
                ));
            } else if let Some(row) = self.entities.get(entity) {
                rows.push(Write::put_in(parked_of(self.keyspace), row.clone(), self.written_ts));
            }
        }
        let progress = [Write::put_in(progress_of(self.keyspace), self.progress(), self.written_ts)];
        let then = if self.indexed == self.kept { &[][..] } else { &progress[..] };
        Patient::new(platform, self.group).state(|| platform.state.write_in_order(&rows, then)).await?;
        self.kept = self.indexed;
        self.counted.set(self.entities.len());
        self.delete_finished(platform).await;
        Ok(())
    }

    fn progress(&self) -> Progress {
        Progress {
            consumer: topics::retry(self.group),
            partition: i64::from(self.at.partition),
            applied: self.indexed,
            write_ts: 0,
            inputs: Vec::new(),
        }
    }

    async fn delete_finished(&mut self, platform: &Platform) {
        let lowest = self.entities.values().filter_map(|row| row.offsets.first()).min().copied();
        let below = lowest.map_or(self.indexed, |lowest| lowest.min(self.indexed));
        if below <= self.deleted {
            return;
        }
        // The log forgets for good, so what the records did must be on the disk before: a power cut takes rows back.
        let deleted = match platform.state.sync().await {
            Ok(()) => platform.log.delete_before(&self.at, below).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match deleted {
            Ok(()) => self.deleted = below,
            // What stays a little longer is deleted the next time.
            Err(why) => tracing::warn!(%why, group = self.group, "finished records stay in the retry topic for now"),
        }
    }
}

/// The last of the offsets that lie near to each other from `first` on.
fn last_near(offsets: &BTreeSet<i64>, first: i64) -> i64 {
    let mut last = first;
    for offset in offsets.range(first..) {
        if offset - last > NEAR {
            break;
        }
        last = *offset;
    }
    last
}

/// The time at which a record that has just been parked is tried first, in microseconds since 1970.
pub(super) fn first_due(now: Micros) -> Micros {
    now + i64::try_from(SCHEDULE[0].as_micros()).unwrap_or_default()
}

/// The reason why a parked record failed, from its header `__dlq.errors.message`.
pub(super) fn error_of(record: &LogRecord) -> String {
    header(record, "__dlq.errors.message").unwrap_or("put back by an operator").to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_connectors::{clock::wall_clock, log::NewRecord};
    use uuid::Uuid;

    use super::*;
    use crate::testing::{platform, platform_of};

    const GROUP: &str = "search";
    /// The group, and the keyspace of its rows.
    const KEPT: (&str, &str) = (GROUP, GROUP);
    const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(7));

    /// Appends records to the retry topic.
    async fn append(platform: &Platform, count: usize) -> Vec<i64> {
        let record = NewRecord {
            topic: topics::retry(GROUP).into(),
            partition: Some(0),
            key: "k".into(),
            value: Some("v".into()),
            headers: Vec::new(),
        };
        platform.log.append(vec![record; count]).await.unwrap()
    }

    #[tokio::test]
    async fn all_that_is_parked_is_known_after_a_restart_however_much_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let mut parking = Parking::load(&platform, KEPT, 0).await.unwrap();
        let entities: Vec<String> = (0..10_001).map(|number| format!("{TENANT}/{number}")).collect();
        for (entity, offset) in entities.iter().zip(0..) {
            assert!(parking.add(entity, TENANT, offset, "bad", 1, 1));
        }
        parking.keep(&platform, &entities).await.unwrap();
        let again = Parking::load(&platform, KEPT, 0).await.unwrap();
        assert_eq!(again.entities, parking.entities);
    }

    /// The gauge is of all partitions of the group: what one of them has is counted beside the others', from the moment it is taken.
    #[tokio::test]
    async fn each_partition_counts_what_is_parked_in_it_as_long_as_it_is_here() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform_of(folder.path(), 2, wall_clock()).await;
        let entities = ["a", "b", "c"].map(str::to_owned);
        let mut first = Parking::load(&platform, KEPT, 0).await.unwrap();
        let mut second = Parking::load(&platform, KEPT, 1).await.unwrap();
        for (entity, offset) in entities.iter().zip(0..) {
            first.add(entity, TENANT, offset, "bad", 1, 1);
        }
        first.keep(&platform, &entities).await.unwrap();
        second.add("d", TENANT, 0, "bad", 1, 1);
        second.keep(&platform, &["d".to_owned()]).await.unwrap();
        second.done("d", 1, 2);
        second.keep(&platform, &["d".to_owned()]).await.unwrap();
        assert_eq!((first.counted.get(), second.counted.get()), (3, 0));
        drop(first);
        assert_eq!(
            Parking::load(&platform, KEPT, 0).await.unwrap().counted.get(),
            3,
            "known to the next owner at once"
        );
    }

    #[tokio::test]
    async fn what_was_put_back_before_a_move_is_indexed_and_is_not_deleted_before() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let mut parking = Parking::load(&platform, KEPT, 0).await.unwrap();
        // An operator puts one back, and this process moves one before it has read that.
        assert_eq!(append(&platform, 2).await, [0, 1]);
        let entity = format!("{TENANT}/1");
        parking.add(&entity, TENANT, 1, "bad", 1, 1);
        parking.keep(&platform, std::slice::from_ref(&entity)).await.unwrap();
        parking.done(&entity, 1, 2);
        parking.keep(&platform, std::slice::from_ref(&entity)).await.unwrap();
        assert_eq!(platform.log.start(&parking.at).await.unwrap(), 0, "nobody has read the first");

        parking.add(&entity, TENANT, 1, "bad", 3, 3);
        let found = parking.unindexed(&platform).await.unwrap();
        assert_eq!(found.iter().map(|record| record.offset).collect::<Vec<_>>(), [0, 1]);
        assert!(parking.add(&entity, TENANT, 0, "put back", 4, 4), "it is new");
        assert!(!parking.add(&entity, TENANT, 1, "put back", 4, 4), "and this one is known");
        assert_eq!(parking.entities[&entity].offsets, [0, 1]);
        parking.indexed_to(2);
        parking.done(&entity, 2, 5);
        parking.keep(&platform, &[entity]).await.unwrap();
        assert_eq!(platform.log.start(&parking.at).await.unwrap(), 2, "all is done");
        assert_eq!(Parking::load(&platform, KEPT, 0).await.unwrap().indexed(), 2);
    }

    #[tokio::test]
    async fn the_oldest_records_of_many_are_read_together() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let mut parking = Parking::load(&platform, KEPT, 0).await.unwrap();
        append(&platform, 40).await;
        platform.log.delete_before(&parking.at, 2).await.unwrap();
        let entities = ["a", "b", "c"].map(str::to_owned);
        for (entity, offsets) in entities.iter().zip([vec![1, 2, 30], vec![0, 3, 77], vec![31]]) {
            for offset in offsets {
                parking.add(entity, TENANT, offset, "bad", 1, 1);
            }
        }
        let oldest = parking.oldest(&platform, &entities).await.unwrap();
        let found: Vec<Vec<(i64, bool)>> = oldest
            .iter()
            .map(|waiting| waiting.records.iter().map(|(offset, record)| (*offset, record.is_some())).collect())
            .collect();
        // The first two are deleted, and the last is not there yet.
        let expected = [vec![(1, false), (2, true), (30, true)], vec![(0, false), (3, true)], vec![(31, true)]];
        assert_eq!(found, expected);
    }
}
