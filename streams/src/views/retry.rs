//! What a view does with a record that fails: tries it in place, parks it with its followers, and tries again when due.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use fail::fail_point;
use feira_connectors::log::{LogRecord, Transaction};
use feira_schemas::records::EventSet;

use super::{
    Placed, Shown,
    parking::{Parking, entity_of, error_of, first_due},
    run::{FoldError, Prepared, View, ViewError, ViewTask},
};
use crate::deadletter::{IN_PLACE, Stage, dead_letter, parked};

/// Waits between tries in place.
const IN_PLACE_WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(200)];

/// What a view's loop knows of a partition it owns.
pub(super) struct Partition {
    /// The position that is kept in the state.
    pub kept: Shown,
    /// What is readable.
    pub shown: Shown,
    /// What is folded.
    pub seen: Shown,
    /// What waits.
    pub parking: Parking,
}

/// An event that can't be folded now, and why.
struct Failed {
    entity: String,
    record: LogRecord,
    why: String,
}

/// Folds events; those that fail, and those whose entity waits already, are parked in one transaction with the position.
pub(super) async fn fold<V: View>(
    task: &mut ViewTask<V>,
    partition: u32,
    events: Vec<Placed<V::Event>>,
    seen: Shown,
) -> Result<(), ViewError> {
    let mut failed: Vec<Failed> = Vec::new();
    let mut good: Vec<(String, Placed<V::Event>, Prepared<V::Effect>)> = Vec::with_capacity(events.len());
    for placed in events {
        let entity = entity_of(&placed.event);
        let waits = task.partitions.get(&partition).is_some_and(|partition| partition.parking.holds(&entity))
            || failed.iter().any(|failed| failed.entity == entity);
        let prepared =
            if waits { Err("follows an earlier record".to_owned()) } else { try_in_place::<V>(&placed.event).await };
        match prepared {
            Ok(effect) => {
                let meta = placed.event.meta();
                let (tenant, write_ts) = (meta.tenant_id, meta.write_ts);
                let prepared = Prepared { offset: placed.record.offset, tenant, write_ts, effect };
                good.push((entity, placed, prepared));
            }
            Err(why) => failed.push(Failed { entity, record: placed.record, why }),
        }
    }
    loop {
        let (rest, prepared): (Vec<_>, Vec<_>) =
            good.into_iter().map(|(entity, placed, prepared)| ((entity, placed), prepared)).unzip();
        match task.view.fold(partition, &prepared, seen).await {
            Ok(()) => break,
            Err(FoldError::View(error)) => return Err(error),
            Err(FoldError::Record { offset, why }) => {
                // The one to blame and its entity's later ones step aside; the others are folded again, which changes nothing.
                let blamed = rest.iter().find(|(_, placed)| placed.record.offset == offset);
                let Some(entity) = blamed.map(|(entity, _)| entity.clone()) else {
                    return Err(ViewError::Broken(format!("offset {offset} of partition {partition}: {why}")));
                };
                good = Vec::with_capacity(rest.len());
                for ((of, placed), prepared) in rest.into_iter().zip(prepared) {
                    if of == entity && placed.record.offset >= offset {
                        failed.push(Failed { entity: of, record: placed.record, why: why.clone() });
                    } else {
                        good.push((of, placed, prepared));
                    }
                }
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { task.park(partition, failed, seen).await }
}

/// Tries an event up to three times. Its preparation is pure, so what fails thrice will fail until something changes.
async fn try_in_place<V: View>(event: &V::Event) -> Result<V::Effect, String> {
    let mut waits = IN_PLACE_WAITS.iter();
    loop {
        let tried = catch_unwind(AssertUnwindSafe(|| {
            if poisoned(&event.meta().aggregate_id) { Err("poisoned by a test".to_owned()) } else { V::prepare(event) }
        }));
        let why = match tried {
            Ok(Ok(effect)) => return Ok(effect),
            Ok(Err(why)) => why,
            Err(_) => "the view panicked on this event".to_owned(),
        };
        match waits.next() {
            Some(wait) => tokio::time::sleep(*wait).await,
            None => return Err(why),
        }
    }
}

/// A failpoint by which a test makes one entity fail; compiled out of release builds.
fn poisoned(_aggregate: &str) -> bool {
    fail_point!("view::poison", |aggregate| aggregate.as_deref() == Some(_aggregate));
    false
}

impl<V: View> ViewTask<V> {
    async fn park(&mut self, partition: u32, failed: Vec<Failed>, seen: Shown) -> Result<(), ViewError> {
        let Some(at) = failed.first().map(|failed| failed.record.at.clone()) else { return Ok(()) };
        let records = failed.iter().map(|failed| parked(&failed.record, V::GROUP, &failed.why)).collect();
        let transaction = Transaction { records, positions: vec![(at, seen.offset)] };
        fail_point!("view::before_park");
        let offsets = self.member.commit(transaction).await?;
        fail_point!("view::after_park");
        let now = self.platform.now();
        let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
        let mut entities = Vec::with_capacity(failed.len());
        for (failed, offset) in failed.into_iter().zip(offsets) {
            tracing::warn!(group = V::GROUP, entity = %failed.entity, offset = failed.record.offset, why = %failed.why, "record parked");
            metrics::counter!("feira_retry_total", "group" => V::GROUP).increment(1);
            let tenant = failed.entity.split('/').next().and_then(|tenant| tenant.parse().ok());
            let Some(tenant) = tenant else { continue };
            present.parking.add(failed.entity.clone(), tenant, offset, &failed.why, now, first_due(now));
            entities.push(failed.entity);
        }
        present.parking.keep(&self.platform, &entities).await
    }

    /// Takes records of the retry topic into the rows that do not name them yet; those an operator put back are due at once.
    pub(super) async fn index_parked(&mut self, partition: u32) -> Result<(), ViewError> {
        loop {
            let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
            let records = present.parking.unindexed(&self.platform).await?;
            if records.is_empty() {
                return Ok(());
            }
            let now = self.platform.now();
            let mut entities = Vec::new();
            for record in records {
                let event = self.decode(&record).await?;
                let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
                let Some(event) = event else {
                    present.parking.skip(record.offset); // A dead letter by now.
                    continue;
                };
                let entity = entity_of(&event);
                present.parking.add(
                    entity.clone(),
                    event.meta().tenant_id,
                    record.offset,
                    &error_of(&record),
                    now,
                    now,
                );
                entities.push(entity);
            }
            let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
            present.parking.keep(&self.platform, &entities).await?;
        }
    }

    /// Tries what is due: an entity's records in order, up to the first that fails again.
    pub(super) async fn retry_due(&mut self) -> Result<(), ViewError> {
        let now = self.platform.now();
        let mut due = Vec::new();
        for (at, partition) in &self.partitions {
            if partition.parking.next_due().is_some_and(|next| next <= now) {
                due.extend(partition.parking.due(now).into_iter().map(|entity| (*at, entity)));
            }
        }
        for (partition, entity) in due {
            self.retry_entity(partition, &entity).await?;
        }
        Ok(())
    }

    async fn retry_entity(&mut self, partition: u32, entity: &str) -> Result<(), ViewError> {
        loop {
            let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
            let seen = present.seen;
            let Some(record) = present.parking.head(&self.platform, entity).await? else { break };
            let event = self.decode(&record).await?;
            let tried = match &event {
                Some(event) => self.retry_event(partition, event, seen).await?,
                None => Ok(()), // It can't be read any more: a dead letter by now.
            };
            let now = self.platform.now();
            let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
            match tried {
                Ok(()) => present.parking.done(entity, now),
                Err(why) => {
                    let give_up = present.parking.failed(entity, &why, now);
                    if !give_up {
                        break;
                    }
                    let tries = IN_PLACE + present.parking.tries(entity);
                    let letter = dead_letter(&record, V::GROUP, Stage::Handle, tries, &why);
                    let positions = vec![(record.at.clone(), record.offset + 1)];
                    self.member.commit(Transaction { records: vec![letter], positions }).await?;
                    metrics::counter!("feira_dlq_total", "group" => V::GROUP, "reason" => "handle").increment(1);
                    if let Some(present) = self.partitions.get_mut(&partition) {
                        present.parking.done(entity, now);
                    }
                }
            }
        }
        fail_point!("view::after_retry");
        let Some(present) = self.partitions.get_mut(&partition) else { return Ok(()) };
        present.parking.keep(&self.platform, &[entity.to_owned()]).await
    }

    async fn retry_event(
        &mut self,
        partition: u32,
        event: &V::Event,
        seen: Shown,
    ) -> Result<Result<(), String>, ViewError> {
        let effect = match try_in_place::<V>(event).await {
            Ok(effect) => effect,
            Err(why) => return Ok(Err(why)),
        };
        let meta = event.meta();
        let prepared = [Prepared { offset: i64::MAX, tenant: meta.tenant_id, write_ts: meta.write_ts, effect }];
        match self.view.fold(partition, &prepared, seen).await {
            // It is done only once it is durable: no position of the events brings it back.
            Ok(()) if self.view.flush().await? => Ok(Ok(())),
            Ok(()) => Ok(Err("the view could not be made durable".to_owned())),
            Err(FoldError::Record { why, .. }) => Ok(Err(why)),
            Err(FoldError::View(error)) => Err(error),
        }
    }
}
