//! Park and follow: a record that fails waits in `<group>.retry`, and its entity's later records wait behind it, in order.
//!
//! What is parked is state: a row per entity with the offsets of its records in the retry topic. The rows are caught up
//! from that topic before any input is read, so a crash between the move and the row loses nothing. Other entities never
//! wait. Records of the topic are deleted below the lowest unfinished one, never by time.

use std::{collections::BTreeMap, time::Duration};

use feira_connectors::log::{LogError, LogRecord, TopicPartition};
use feira_schemas::{
    ids::{Micros, TenantId},
    records::EventSet,
    row::Write,
    rows::{
        common::Progress,
        storefront::{ParkedRow, ProgressRow},
    },
    topics,
};

use super::ViewError;
use crate::{
    platform::{Platform, header},
    waiting::unless_state_away,
};

/// Waits between tries of a parked record: 5 s, 20 s, 80 s, and then every 5 minutes.
const SCHEDULE: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(80)];
const THEN_EVERY: Duration = Duration::from_secs(300);
/// After this long a record becomes a dead letter, and its followers are tried: each carries the entity's whole state.
const GIVE_UP_AFTER: Micros = 24 * 60 * 60 * 1_000_000;
/// Rows read at once; far more entities than ever fail together.
const MOST: usize = 10_000;
/// Records of the retry topic read at once.
const PAGE: usize = 500;

/// The entity that an event belongs to, as its rows name it.
pub(super) fn entity_of<E: EventSet>(event: &E) -> String {
    let meta = event.meta();
    format!("{}/{}", meta.tenant_id, meta.aggregate_id)
}

/// What is parked of one partition.
pub(super) struct Parking {
    group: &'static str,
    at: TopicPartition,
    entities: BTreeMap<String, ParkedRow>,
    /// Next offset of the retry topic that is not in the rows yet.
    indexed: i64,
    written_ts: Micros,
}

impl Parking {
    /// The parking of a partition as its rows have it; records that the rows lack are read with [`Self::unindexed`].
    pub(super) async fn load(platform: &Platform, group: &'static str, partition: u32) -> Result<Self, ViewError> {
        let state = &platform.state;
        let all = ParkedRow::all(group, partition);
        let rows = unless_state_away(|| state.scan::<ParkedRow>(&all, None, MOST)).await?;
        let progress_key = Progress::key(&topics::retry(group), partition);
        let progress = unless_state_away(|| state.get::<ProgressRow>(&progress_key)).await?;
        Ok(Self {
            group,
            at: TopicPartition::new(topics::retry(group), partition),
            entities: rows.into_iter().map(|row| (row.entity.clone(), row)).collect(),
            indexed: progress.map_or(0, |row| row.0.applied),
            written_ts: platform.now(),
        })
    }

    /// Records of the retry topic that no row names yet: of a move just before a crash, or put back by an operator.
    pub(super) async fn unindexed(&mut self, platform: &Platform) -> Result<Vec<LogRecord>, LogError> {
        let page = platform.log.read(&self.at, self.indexed, PAGE).await?;
        if page.records.is_empty() {
            self.indexed = self.indexed.max(page.next);
        }
        Ok(page.records)
    }

    /// The record at this offset of the retry topic is none that could wait: it can't be read.
    pub(super) fn skip(&mut self, offset: i64) {
        self.indexed = self.indexed.max(offset + 1);
    }

    pub(super) fn holds(&self, entity: &str) -> bool {
        self.entities.contains_key(entity)
    }

    /// A record of this entity lies at this offset of the retry topic. `due` at once for one that an operator put back.
    pub(super) fn add(
        &mut self,
        entity: String,
        tenant_id: TenantId,
        offset: i64,
        error: &str,
        now: Micros,
        due: Micros,
    ) {
        if offset < self.indexed {
            return;
        }
        self.indexed = offset + 1;
        let row = self.entities.entry(entity.clone()).or_insert_with(|| ParkedRow {
            consumer: self.group.to_owned(),
            partition: i64::from(self.at.partition),
            entity,
            tenant_id,
            offsets: Vec::new(),
            tries: 0,
            due,
            first_failed: now,
            error: error.to_owned(),
        });
        row.due = row.due.min(due);
        row.offsets.push(offset);
    }

    /// The entities whose time has come.
    pub(super) fn due(&self, now: Micros) -> Vec<String> {
        self.entities.values().filter(|row| row.due <= now).map(|row| row.entity.clone()).collect()
    }

    /// When the next entity is due.
    pub(super) fn next_due(&self) -> Option<Micros> {
        self.entities.values().map(|row| row.due).min()
    }

    /// The oldest record of an entity.
    pub(super) async fn head(&self, platform: &Platform, entity: &str) -> Result<Option<LogRecord>, LogError> {
        let Some(offset) = self.entities.get(entity).and_then(|row| row.offsets.first().copied()) else {
            return Ok(None);
        };
        let page = platform.log.read(&self.at, offset, 1).await?;
        Ok(page.records.into_iter().next().filter(|record| record.offset == offset))
    }

    /// The oldest record of an entity is done, or given up: the next one may be tried at once.
    pub(super) fn done(&mut self, entity: &str, now: Micros) {
        let Some(row) = self.entities.get_mut(entity) else { return };
        if !row.offsets.is_empty() {
            row.offsets.remove(0);
        }
        (row.tries, row.due, row.first_failed) = (0, now, now);
    }

    /// It failed again. True: it is time to give it up.
    pub(super) fn failed(&mut self, entity: &str, error: &str, now: Micros) -> bool {
        let Some(row) = self.entities.get_mut(entity) else { return false };
        let tries = usize::try_from(row.tries).unwrap_or_default();
        let wait = SCHEDULE.get(tries).copied().unwrap_or(THEN_EVERY);
        row.due = now + i64::try_from(wait.as_micros()).unwrap_or_default();
        row.tries += 1;
        error.clone_into(&mut row.error);
        now - row.first_failed > GIVE_UP_AFTER
    }

    /// How often the entity's oldest record was tried since it was parked.
    pub(super) fn tries(&self, entity: &str) -> u32 {
        self.entities.get(entity).and_then(|row| u32::try_from(row.tries).ok()).unwrap_or_default()
    }

    /// Keeps an entity's row, or removes it if nothing of it waits any more, and deletes what no row names.
    pub(super) async fn keep(&mut self, platform: &Platform, entities: &[String]) -> Result<(), ViewError> {
        self.written_ts = platform.now().max(self.written_ts + 1);
        let mut writes = vec![Write::put(ProgressRow(self.progress()), self.written_ts)];
        for entity in entities {
            let partition = self.at.partition;
            let empty = self.entities.get(entity).is_none_or(|row| row.offsets.is_empty());
            if empty {
                self.entities.remove(entity);
                writes.push(Write::delete::<ParkedRow>(ParkedRow::at(self.group, partition, entity), self.written_ts));
            } else if let Some(row) = self.entities.get(entity) {
                writes.push(Write::put(row.clone(), self.written_ts));
            }
        }
        unless_state_away(|| platform.state.write(&writes)).await?;
        metrics::gauge!("feira_parked_entities", "group" => self.group).set(self.entities.len() as f64);
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

    async fn delete_finished(&self, platform: &Platform) {
        let lowest = self.entities.values().filter_map(|row| row.offsets.first()).min().copied();
        let below = lowest.unwrap_or(self.indexed);
        // What stays a little longer is deleted the next time.
        if let Err(error) = platform.log.delete_before(&self.at, below).await {
            tracing::warn!(%error, group = self.group, "finished records stay in the retry topic for now");
        }
    }
}

/// When a record that has just been parked is tried first.
pub(super) fn first_due(now: Micros) -> Micros {
    now + i64::try_from(SCHEDULE[0].as_micros()).unwrap_or_default()
}

/// Why a parked record failed, as its header says.
pub(super) fn error_of(record: &LogRecord) -> String {
    header(record, "__dlq.errors.message").unwrap_or("put back by an operator").to_owned()
}
