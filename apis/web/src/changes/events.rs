//! Reading single events of admin, by where the view says that they lie.

use std::sync::atomic::{AtomicBool, Ordering};

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    codec::CodecError,
    ids::TenantId,
    records::{AdminEvent, EventSet, RecordSet},
    rows::audit::Change,
    topics::{self, Context},
};

use super::entity::{Entity, entity};
use crate::{context::Api, log::in_time};

/// Reads events for the length of one answer.
pub(super) struct Events<'a> {
    api: &'a Api,
    /// True once the log did not answer: each further wait would be as long.
    is_away: AtomicBool,
}

impl<'a> Events<'a> {
    pub(super) fn of(api: &'a Api) -> Self {
        Self { api, is_away: AtomicBool::new(false) }
    }

    /// The entity that the event of a tenant's change holds; `None` where the log is away or has no such event.
    pub(super) async fn entity(&self, tenant: TenantId, change: &Change) -> Option<Entity> {
        let partition = u32::try_from(change.event_partition).ok()?;
        if self.is_away.load(Ordering::Relaxed) || change.event_offset < 0 {
            return None;
        }
        let at = TopicPartition::new(topics::events(Context::Admin), partition);
        let Ok(page) = in_time(self.api.platform.log.read(&at, change.event_offset, 1)).await else {
            self.is_away.store(true, Ordering::Relaxed);
            return None;
        };
        let record = page.records.into_iter().find(|record| record.offset == change.event_offset)?;
        let event = self.decoded(record.value.as_deref()?).await?;
        let is_its = event.meta().tenant_id == tenant && event.meta().write_ts == change.at();
        if is_its { entity(&event) } else { None }
    }

    async fn decoded(&self, value: &[u8]) -> Option<AdminEvent> {
        let codec = &self.api.platform.codec;
        match AdminEvent::decode(codec, value) {
            Err(CodecError::UnknownSchema(id)) => {
                self.api.platform.learn_schema(id).await.ok()?;
                AdminEvent::decode(codec, value).ok()
            }
            decoded => decoded.ok(),
        }
    }
}
