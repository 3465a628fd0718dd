//! A view's treatment of a record that fails: it is tried in place, and parked with its followers.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use fail::fail_point;
use feira_connectors::log::{LogRecord, Transaction};
use feira_schemas::{
    ids::TenantId,
    records::{EventSet, RecordSet},
};

use super::{
    Placed, Shown,
    parking::{entity_of, error_of, first_due},
    processor::ViewProcessor,
    view::{FoldError, Prepared, View, ViewError},
};
use crate::{
    deadletters::{IN_PLACE, parked},
    reading::{read, unreadable},
};

/// An event that can't be folded now, and why.
struct Failed {
    entity: String,
    tenant: TenantId,
    record: LogRecord,
    why: String,
}

/// Events that can be folded: what each does, and beside it the entity and the record.
struct Good<T> {
    prepared: Vec<Prepared<T>>,
    of: Vec<(String, LogRecord)>,
}

/// Folds events; those that fail, and those whose entity waits already, are parked in one transaction with the position. They
/// are parked first: what is folded moves the view's position, which must not pass what lies nowhere else. Below `committed` all
/// was folded or parked before.
pub(super) async fn fold<V: View>(
    processor: &mut ViewProcessor<V>,
    partition: u32,
    events: Vec<Placed<V::Event>>,
    seen: Shown,
    committed: i64,
) -> Result<(), ViewError> {
    let (mut good, failed) = prepare(processor, partition, events, committed);
    processor.park(partition, failed, seen).await?;
    loop {
        match processor.view.fold(partition, &good.prepared, seen).await {
            Ok(()) => return Ok(()),
            Err(FoldError::View(error)) => return Err(error),
            // The one to blame and its entity's later ones step aside; the others are folded again, which changes nothing.
            Err(FoldError::Record { offset, why }) => {
                let Some(failed) = blame(&mut good, offset, &why) else {
                    return Err(ViewError::Broken(format!("offset {offset} of partition {partition}: {why}")));
                };
                processor.park(partition, failed, seen).await?;
            }
        }
    }
}

/// Tries all events, each up to three times.
fn prepare<V: View>(
    processor: &ViewProcessor<V>,
    partition: u32,
    events: Vec<Placed<V::Event>>,
    committed: i64,
) -> (Good<V::Effect>, Vec<Failed>) {
    let present = processor.partitions.get(&partition);
    // Folded again from an earlier position, an event may come before the one that its entity waits with. It goes in front of
    // that; and if it does not, what was parked is newer and will pass it over.
    let waits =
        |entity: &str, offset| offset >= committed && present.is_some_and(|present| present.parking.holds(entity));
    let mut good = Good { prepared: Vec::with_capacity(events.len()), of: Vec::with_capacity(events.len()) };
    let mut failed: Vec<Failed> = Vec::new();
    let mut failing: HashSet<String> = HashSet::new();
    for Placed { event, record } in events {
        let (entity, meta) = (entity_of(&event), event.meta());
        let follows = failing.contains(&entity) || waits(&entity, record.offset);
        let tried = if follows { Err("follows an earlier record".to_owned()) } else { try_in_place::<V>(&event) };
        match tried {
            Ok(effect) => {
                good.prepared.push(prepared(&event, record.offset, false, effect));
                good.of.push((entity, record));
            }
            Err(why) => {
                failing.insert(entity.clone());
                failed.push(Failed { entity, tenant: meta.tenant_id, record, why });
            }
        }
    }
    (good, failed)
}

pub(super) fn prepared<E: EventSet, T>(event: &E, offset: i64, parked: bool, effect: T) -> Prepared<T> {
    let meta = event.meta();
    let (tenant, version, write_ts) = (meta.tenant_id, meta.aggregate_version, meta.write_ts);
    Prepared { offset, parked, tenant, version, write_ts, effect }
}

/// Takes the event at this offset and its entity's later ones out; none if there is no such event.
fn blame<T>(good: &mut Good<T>, offset: i64, why: &str) -> Option<Vec<Failed>> {
    let entity = good.of.iter().find(|(_, record)| record.offset == offset)?.0.clone();
    let mut failed = Vec::new();
    let mut rest = Good { prepared: Vec::with_capacity(good.prepared.len()), of: Vec::with_capacity(good.of.len()) };
    for ((of, record), prepared) in good.of.drain(..).zip(good.prepared.drain(..)) {
        if of == entity && record.offset >= offset {
            failed.push(Failed { entity: of, tenant: prepared.tenant, record, why: why.to_owned() });
        } else {
            rest.of.push((of, record));
            rest.prepared.push(prepared);
        }
    }
    *good = rest;
    Some(failed)
}

/// Tries an event up to three times. Its preparation is pure, so nothing is waited for in between: what fails thrice will fail
/// until something changes.
pub(super) fn try_in_place<V: View>(event: &V::Event) -> Result<V::Effect, String> {
    let mut failed = String::new();
    for _ in 0..IN_PLACE {
        let tried = catch_unwind(AssertUnwindSafe(|| {
            if poisoned(&event.meta().aggregate_id) { Err("poisoned by a test".to_owned()) } else { V::prepare(event) }
        }));
        match tried {
            Ok(Ok(effect)) => return Ok(effect),
            Ok(Err(why)) => failed = why,
            Err(_) => "the view panicked on this event".clone_into(&mut failed),
        }
    }
    Err(failed)
}

/// A failpoint by which a test makes one entity fail; compiled out of release builds.
fn poisoned(_aggregate: &str) -> bool {
    fail_point!("view::poison", |aggregate| aggregate.as_deref() == Some(_aggregate));
    false
}

impl<V: View> ViewProcessor<V> {
    async fn park(&mut self, partition: u32, mut failed: Vec<Failed>, seen: Shown) -> Result<(), ViewError> {
        // In the retry topic they lie as they did before.
        failed.sort_by_key(|failed| failed.record.offset);
        let Some(at) = failed.first().map(|failed| failed.record.at.clone()) else { return Ok(()) };
        let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
        let position = seen.offset.max(present.committed);
        let records = failed.iter().map(|failed| parked(&failed.record, V::GROUP, &failed.why)).collect();
        let transaction = Transaction { records, positions: vec![(at.clone(), position)] };
        fail_point!("view::before_park");
        let offsets = self.member.commit(transaction).await?;
        fail_point!("view::after_park");
        let now = self.platform.now();
        let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
        present.committed(&at, position);
        let mut entities = Vec::with_capacity(failed.len());
        for (failed, offset) in failed.into_iter().zip(offsets) {
            let Failed { entity, tenant, record, why } = failed;
            tracing::warn!(group = V::GROUP, %entity, offset = record.offset, %why, "record parked");
            metrics::counter!("feira_retry_total", "group" => V::GROUP).increment(1);
            present.parking.add(&entity, tenant, offset, &why, now, first_due(now));
            entities.push(entity);
        }
        entities.dedup();
        present.parking.keep(&self.platform, &entities).await
    }

    /// Takes records of the retry topic into the rows that do not name them yet; those an operator put back are due at once.
    pub(super) async fn index_parked(&mut self, partition: u32) -> Result<(), ViewError> {
        loop {
            let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
            let records = present.parking.unindexed(&self.platform).await?;
            let (at, lettered) = (present.parking.at().clone(), present.retry_committed);
            let Some(end) = records.last().map(|record| record.offset + 1) else { return Ok(()) };
            let now = self.platform.now();
            let (mut letters, mut last) = (Vec::new(), 0);
            let mut entities = Vec::new();
            for record in records {
                match read(&self.platform, V::GROUP, &record, V::Event::decode).await {
                    Ok(event) => {
                        let (entity, tenant, error) = (entity_of(&event), event.meta().tenant_id, error_of(&record));
                        let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
                        if present.parking.add(&entity, tenant, record.offset, &error, now, now) {
                            entities.push(entity);
                        }
                    }
                    Err(_) if record.offset < lettered => {} // A dead letter by now.
                    Err(unread) => {
                        letters.push(unreadable(V::GROUP, &record, &unread.to_string()));
                        last = record.offset + 1;
                    }
                }
            }
            if !letters.is_empty() {
                self.bury(&at, last, letters).await?;
            }
            let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
            present.parking.indexed_to(end);
            present.parking.keep(&self.platform, &entities).await?;
        }
    }
}
