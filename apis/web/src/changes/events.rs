//! Reading single events, by where the view says that they lie.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::Bytes;
use feira_connectors::log::TopicPartition;
use feira_schemas::{
    codec::CodecError,
    ids::{Micros, TenantId},
    records::{AdminEvent, EventSet, PaymentsEvent, StoreEvent},
    rows::audit::Change,
    topics::{self, Context},
};
use tokio::sync::OnceCell;

use super::{
    entity::{Entity, entity},
    others::{of_payments, of_store},
};
use crate::{context::Api, log::in_time};

/// Bytes of events that an answer keeps for a second use. Most events have some hundred; what many products of 2,048 variants have beyond
/// this is read twice, and memory holds.
const KEPT: usize = 1 << 20;

/// The context whose event it is, the partition of those in which it lies, and its offset there.
type Place = (Context, u32, i64);

/// The place of a change's event; `None` where that is not known.
fn place(change: &Change) -> Option<Place> {
    let context = Context::from_name(&change.context)?;
    let partition = u32::try_from(change.event_partition).ok()?;
    (change.event_offset >= 0).then_some((context, partition, change.event_offset))
}

/// Reads events for the length of one answer.
pub(super) struct Events<'a> {
    api: &'a Api,
    /// True once the log did not answer: each further wait would be as long.
    is_away: AtomicBool,
    once: Once,
}

impl<'a> Events<'a> {
    /// For an answer that shows these changes.
    pub(super) fn of(api: &'a Api, changes: &[Change]) -> Self {
        Self { api, is_away: AtomicBool::new(false), once: Once::of(changes) }
    }

    /// The event of a change as the log has it; `None` where that is away or has no such event.
    pub(super) async fn bytes(&self, change: &Change) -> Option<Bytes> {
        let place = place(change)?;
        self.once.get(place, || self.read(place)).await
    }

    /// The entity that the event of a tenant's change holds; `None` where these bytes are no such event.
    pub(super) fn entity(&self, tenant: TenantId, change: &Change, bytes: &[u8]) -> Option<Entity> {
        let its = (tenant, change.at());
        match Context::from_name(&change.context)? {
            Context::Admin => entity(&self.event::<AdminEvent>(its, bytes)?),
            Context::Payments => of_payments(&self.event::<PaymentsEvent>(its, bytes)?),
            Context::Store => of_store(&self.event::<StoreEvent>(its, bytes)?),
            Context::Directory | Context::Signup => None,
        }
    }

    /// The tenant's event of a time; `None` where these bytes are no such event.
    fn event<E: EventSet>(&self, (tenant, at): (TenantId, Micros), bytes: &[u8]) -> Option<E> {
        let event = E::decode(&self.api.platform.codec, bytes).ok()?;
        let is_its = event.meta().tenant_id == tenant && event.meta().write_ts == at;
        is_its.then_some(event)
    }

    async fn read(&self, (context, partition, offset): Place) -> Option<Bytes> {
        if self.is_away.load(Ordering::Relaxed) {
            return None;
        }
        let at = TopicPartition::new(topics::events(context), partition);
        let Ok(page) = in_time(self.api.platform.log.read(&at, offset, 1)).await else {
            self.is_away.store(true, Ordering::Relaxed);
            return None;
        };
        let value = page.records.into_iter().find(|record| record.offset == offset)?.value?;
        self.learn(&value).await?;
        Some(value)
    }

    /// Learns the schema of bytes that a later version wrote: whoever reads them then waits for nobody.
    async fn learn(&self, value: &[u8]) -> Option<()> {
        let platform = &self.api.platform;
        let unknown = match platform.codec.open(value) {
            Err(CodecError::UnknownSchema(id)) => Some(id),
            Ok(_) | Err(_) => None,
        };
        if let Some(id) = unknown {
            platform.learn_schema(id).await.ok()?;
        }
        Some(())
    }
}

/// The events of the changes that an answer shows. Two changes of one entity ask for that of the older one.
struct Once {
    cells: HashMap<Place, OnceCell<Option<Bytes>>>,
    /// Bytes of those that were read.
    bytes: AtomicUsize,
}

impl Once {
    fn of(changes: &[Change]) -> Self {
        let cells = changes.iter().filter_map(place).map(|place| (place, OnceCell::new())).collect();
        Self { cells, bytes: AtomicUsize::new(0) }
    }

    /// An event as this reads it, or as it was read before.
    async fn get<F>(&self, place: Place, read: impl FnOnce() -> F) -> Option<Bytes>
    where
        F: Future<Output = Option<Bytes>>,
    {
        let bytes = &self.bytes;
        match self.cells.get(&place) {
            Some(cell) if cell.initialized() || bytes.load(Ordering::Relaxed) < KEPT => {
                let reading = move || async move {
                    let event = read().await;
                    bytes.fetch_add(event.as_ref().map_or(0, Bytes::len), Ordering::Relaxed);
                    event
                };
                cell.get_or_init(reading).await.clone()
            }
            Some(_) | None => read().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join;

    use super::*;

    fn change(event_partition: i64, event_offset: i64) -> Change {
        Change {
            newest_first: -1,
            context: "admin".into(),
            kind: "category".into(),
            entity_id: "1".into(),
            action: "changed".into(),
            actor: "operator".into(),
            event_partition,
            event_offset,
        }
    }

    /// A place among admin's events.
    fn at((partition, offset): (u32, i64)) -> Place {
        (Context::Admin, partition, offset)
    }

    /// An event of so many bytes, and one read more.
    async fn read(reads: &AtomicUsize, bytes: usize) -> Option<Bytes> {
        reads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Some(Bytes::from(vec![0; bytes]))
    }

    #[tokio::test]
    async fn f20_an_event_of_an_answer_is_read_once_and_what_is_large_is_not_kept() {
        let once = Once::of(&[change(0, 5), change(0, 6), change(0, 7)]);
        let reads = AtomicUsize::new(0);
        let (one, other) =
            join(once.get(at((0, 5)), || read(&reads, 9)), once.get(at((0, 5)), || read(&reads, 9))).await;
        assert_eq!((one.as_ref().map(Bytes::len), &one), (Some(9), &other));
        assert_eq!(reads.load(Ordering::Relaxed), 1, "whoever comes second waits for the first");
        // The event at 6 takes all that may be kept; what no change of the answer names is not kept either.
        for (place, bytes, count) in [
            ((0, 5), 1, 1),
            ((0, 4), 1, 2),
            ((0, 4), 1, 3),
            ((1, 5), 1, 4),
            ((0, 6), KEPT, 5),
            ((0, 7), 1, 6),
            ((0, 7), 1, 7),
            ((0, 6), 1, 7),
            ((0, 5), 1, 7),
        ] {
            once.get(at(place), || read(&reads, bytes)).await;
            assert_eq!(reads.load(Ordering::Relaxed), count, "{place:?}");
        }
    }

    #[test]
    fn what_came_by_the_retry_topic_alone_has_no_place() {
        assert_eq!(
            [change(1, 0), change(1, -1), change(-1, 0)].map(|change| place(&change)),
            [Some(at((1, 0))), None, None]
        );
    }
}
