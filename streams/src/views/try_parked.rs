//! Parked records, tried again when they are due: an entity's in order, up to the first that fails again; many entities at once.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use fail::fail_point;
use feira_connectors::log::{LogRecord, NewRecord};
use feira_schemas::{
    ids::Micros,
    records::{EventSet, RecordSet},
    topics::Position,
};

use super::{
    Shown,
    fold_or_park::{prepared, try_in_place},
    parking::Waiting,
    processor::ViewProcessor,
    view::{FoldError, Prepared, View, ViewError},
};
use crate::{
    deadletters::{IN_PLACE, Stage, dead_letter},
    health::Doing,
    reading::{read, unreadable},
};

/// Entities tried in one round of the loop. More would hold up the events that come meanwhile.
const AT_ONCE: usize = 50;
/// The time that a round waits for the source's rows. They are there unless its processor is away, and then nothing
/// is lost by trying later.
const ROWS_WITHIN: Duration = Duration::from_millis(100);
/// The delay after which an entity that could not be tried is due again, in microseconds: as after a first failure.
const PUT_OFF: Micros = 5_000_000;

/// The try of an entity.
struct Again {
    entity: String,
    /// The records that are finished once the view has what they do, oldest first. None: it is gone for good.
    finished: Vec<(i64, Option<LogRecord>)>,
    /// The first that fails again, and why.
    failed: Option<(LogRecord, String)>,
    /// True if the entity could not be tried further, for a reason of ours.
    put_off: bool,
}

/// The entities that are tried together.
struct Tries<T> {
    entities: Vec<Again>,
    prepared: Vec<Prepared<T>>,
    /// The dead letters to append, by the offset of the record that becomes one.
    letters: BTreeMap<i64, NewRecord>,
}

impl<T> Tries<T> {
    /// The record at this offset fails after all, and its entity's later ones wait behind it. False if there is none.
    fn blame(&mut self, offset: i64, why: String) -> bool {
        for again in &mut self.entities {
            let Some(at) = again.finished.iter().position(|(finished, _)| *finished == offset) else { continue };
            let behind = again.finished.split_off(at);
            let offsets: HashSet<i64> = behind.iter().map(|(offset, _)| *offset).collect();
            self.prepared.retain(|prepared| !offsets.contains(&prepared.offset));
            self.letters.retain(|offset, _| !offsets.contains(offset));
            again.failed = behind.into_iter().next().and_then(|(_, record)| record).map(|record| (record, why));
            return true;
        }
        false
    }
}

impl<V: View> ViewProcessor<V> {
    /// Tries what is due, for the longest first.
    pub(super) async fn retry_due(&mut self) -> Result<(), ViewError> {
        let now = self.platform.now();
        let of = |at: u32| move |(due, entity)| (due, at, entity);
        let mut due: Vec<(Micros, u32, &str)> =
            self.partitions.iter().flat_map(|(at, partition)| partition.parking.due(now).map(of(*at))).collect();
        due.sort_unstable();
        let mut by_partition: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for (_, partition, entity) in due.into_iter().take(AT_ONCE) {
            by_partition.entry(partition).or_default().push(entity.to_owned());
        }
        for (partition, entities) in by_partition {
            self.report(Doing::Working);
            self.retry(partition, &entities).await?;
        }
        Ok(())
    }

    async fn retry(&mut self, partition: u32, entities: &[String]) -> Result<(), ViewError> {
        let Some(seen) = self.partitions.get(&partition).map(|present| present.seen) else { return Ok(()) };
        if !self.source_shows(partition, seen).await {
            return self.put_off(partition, entities);
        }
        let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
        let waiting = present.parking.oldest(&self.platform, entities).await?;
        let mut tries = Tries { entities: Vec::new(), prepared: Vec::new(), letters: BTreeMap::new() };
        for waiting in waiting {
            self.prepare_again(waiting, seen, &mut tries).await?;
        }
        if !self.fold_again(partition, seen, &mut tries).await? {
            return self.put_off(partition, entities);
        }
        self.end(partition, entities, tries).await
    }

    /// True once the rows of the source hold all that this view has folded: they are asked what was removed.
    async fn source_shows(&self, partition: u32, seen: Shown) -> bool {
        let at = Position { context: V::SOURCE, partition, write_ts: seen.write_ts };
        let shows = self.platform.reached.wait(V::SOURCE.name(), V::SOURCE, at, ROWS_WITHIN).await.is_ok();
        if !shows {
            tracing::warn!(group = V::GROUP, partition, source = %V::SOURCE, "parked records wait for the rows of their source");
        }
        shows
    }

    fn put_off(&mut self, partition: u32, entities: &[String]) -> Result<(), ViewError> {
        let due = self.platform.now() + PUT_OFF;
        if let Some(present) = self.partitions.get_mut(&partition) {
            entities.iter().for_each(|entity| present.parking.put_off(entity, due));
        }
        Ok(())
    }

    /// Reads and tries an entity's records, up to the first that fails.
    async fn prepare_again(
        &self,
        waiting: Waiting,
        seen: Shown,
        tries: &mut Tries<V::Effect>,
    ) -> Result<(), ViewError> {
        let mut again = Again { entity: waiting.entity, finished: Vec::new(), failed: None, put_off: false };
        for (offset, record) in waiting.records {
            let Some(record) = record else {
                again.finished.push((offset, None));
                continue;
            };
            let event = match read(&self.platform, V::GROUP, &record, V::Event::decode).await {
                Ok(event) => event,
                Err(unread) => {
                    tries.letters.insert(offset, unreadable(V::GROUP, &record, &unread.to_string()));
                    again.finished.push((offset, Some(record)));
                    continue;
                }
            };
            if event.meta().write_ts > seen.write_ts {
                again.put_off = true; // The partition is folded again and has not come to this event.
                break;
            }
            match try_in_place::<V>(&event) {
                Ok(effect) => {
                    let removed = self.patient().state(|| self.view.removed(&event)).await?;
                    let effect = if removed { V::of_removed(effect) } else { effect };
                    tries.prepared.push(prepared(&event, offset, true, effect));
                    again.finished.push((offset, Some(record)));
                }
                Err(why) => {
                    again.failed = Some((record, why));
                    break;
                }
            }
        }
        again.put_off |= again.finished.is_empty() && again.failed.is_none();
        tries.entities.push(again);
        Ok(())
    }

    /// Folds what can be folded. False if it is not durable, which is no record's fault: no position of the events brings it
    /// back, so it counts for nothing.
    async fn fold_again(
        &mut self,
        partition: u32,
        seen: Shown,
        tries: &mut Tries<V::Effect>,
    ) -> Result<bool, ViewError> {
        while !tries.prepared.is_empty() {
            match self.view.fold(partition, &tries.prepared, seen).await {
                Ok(()) => return self.view.flush().await,
                Err(FoldError::View(error)) => return Err(error),
                Err(FoldError::Record { offset, why }) => {
                    let broken = format!("parked offset {offset} of partition {partition}: {why}");
                    if !tries.blame(offset, why) {
                        return Err(ViewError::Broken(broken));
                    }
                }
            }
        }
        Ok(true)
    }

    /// Writes the dead letters, and keeps how each try ended.
    async fn end(&mut self, partition: u32, entities: &[String], mut tries: Tries<V::Effect>) -> Result<(), ViewError> {
        let now = self.platform.now();
        self.give_up(partition, &mut tries, now);
        let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
        let at = present.parking.at().clone();
        if let Some(position) = tries.letters.keys().next_back().map(|offset| offset + 1) {
            self.bury(&at, position, tries.letters.into_values().collect()).await?;
        }
        let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
        for again in &tries.entities {
            present.parking.done(&again.entity, again.finished.len(), now);
            if let Some((_, why)) = &again.failed {
                present.parking.failed(&again.entity, why, now);
            } else if again.put_off {
                present.parking.put_off(&again.entity, now + PUT_OFF);
            }
        }
        fail_point!("view::after_retry");
        present.parking.keep(&self.platform, entities).await
    }

    /// Makes dead letters of the records that have failed for too long.
    fn give_up(&self, partition: u32, tries: &mut Tries<V::Effect>, now: Micros) {
        let Some(present) = self.partitions.get(&partition) else { return };
        for again in tries.entities.iter_mut().filter(|again| again.finished.is_empty()) {
            if !present.parking.gives_up(&again.entity, now) {
                continue;
            }
            let Some((record, why)) = again.failed.take() else { continue };
            let times = IN_PLACE + present.parking.tries(&again.entity) + 1;
            tries.letters.insert(record.offset, dead_letter(&record, V::GROUP, Stage::Handle, times, &why));
            metrics::counter!("feira_dlq_total", "group" => V::GROUP, "reason" => "handle").increment(1);
            again.finished.push((record.offset, None));
        }
    }
}
