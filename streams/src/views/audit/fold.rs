//! The fold of a context's events into rows that say who changed what, and where the event lies.

use std::{
    collections::BTreeMap,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use feira_connectors::{
    log::{LogRecord, TopicPartition},
    state::StateError,
};
use feira_schemas::{
    ids::TenantId,
    records::{AdminEvent, PaymentsEvent, StoreEvent},
    row::{Row, Stored, Write},
    rows::audit::{Change, ChangeOfEntityRow, ChangeRow, ProgressRow},
    topics::Context,
};

use super::{Changed, Told};
use crate::{
    generations::{Folded, Source},
    platform::Platform,
    reading::{Unread, read},
    views::{FoldError, Prepared, Shown, View, ViewError},
    waiting::Patient,
};

/// The offset of an event that came by the retry topic alone: who and when is known of it, and no more.
const NOWHERE: i64 = -1;

/// The audit view's fold of these events.
pub struct AuditView<E> {
    platform: Platform,
    shown: BTreeMap<u32, Shown>,
    events: PhantomData<E>,
}

impl<E: Told> AuditView<E> {
    /// A fold into this platform's state.
    pub fn new(platform: Platform) -> Self {
        Self { platform, shown: BTreeMap::new(), events: PhantomData }
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StateError> {
        Patient::new(&self.platform, Self::GROUP).state(|| self.platform.state.write(writes)).await
    }

    /// The rows of an event. One that was parked lies in the retry topic, whose offsets lead nowhere in the events; where its rows are
    /// there already, since an operator has put it back, they stay.
    async fn rows_of(&self, partition: u32, prepared: &Prepared<Option<Changed>>) -> Result<Vec<Write>, StateError> {
        let Some(changed) = &prepared.effect else { return Ok(Vec::new()) };
        let offset = if prepared.parked { NOWHERE } else { prepared.offset };
        let change = change::<E>(changed, prepared.write_ts, (partition, offset));
        if prepared.parked {
            let key = ChangeRow::new(prepared.tenant, change.clone()).key();
            let found =
                Patient::new(&self.platform, Self::GROUP).state(|| self.platform.state.get::<ChangeRow>(&key)).await?;
            if found.is_some() {
                return Ok(Vec::new());
            }
        }
        Ok(rows(prepared.tenant, change))
    }
}

impl<E: Told> View for AuditView<E> {
    const GROUP: &'static str = E::GROUP;
    const KEPT_IN: &'static str = ChangeRow::TABLE.keyspace;
    const SOURCE: Context = E::OF;
    type Event = E;
    type Effect = Option<Changed>;

    fn folder(&self) -> Option<String> {
        None // Rows are everybody's.
    }

    async fn take(&mut self, partition: u32, from: Shown) -> Result<(), ViewError> {
        self.shown.insert(partition, from);
        Ok(())
    }

    fn lose(&mut self, partition: u32) {
        self.shown.remove(&partition);
    }

    fn prepare(event: &E) -> Result<Option<Changed>, String> {
        Ok(event.changed())
    }

    /// What was removed has a history all the same.
    async fn removed(&self, _: &E) -> Result<bool, StateError> {
        Ok(false)
    }

    fn of_removed(effect: Option<Changed>) -> Option<Changed> {
        effect
    }

    async fn fold(
        &mut self,
        partition: u32,
        prepared: &[Prepared<Option<Changed>>],
        seen: Shown,
    ) -> Result<(), FoldError> {
        let mut all = Vec::with_capacity(prepared.len());
        for prepared in prepared {
            let rows = self.rows_of(partition, prepared).await.map_err(ViewError::from)?;
            all.push((prepared.offset, rows));
        }
        let writes: Vec<Write> = all.iter().flat_map(|(_, rows)| rows.iter().cloned()).collect();
        if let Err(error) = self.write(&writes).await {
            tracing::warn!(%error, "a batch of changes was refused; writing them one by one");
            for (offset, rows) in all {
                let blame = |error: StateError| FoldError::Record { offset, why: error.to_string() };
                self.write(&rows).await.map_err(blame)?;
            }
        }
        self.shown.insert(partition, seen);
        Ok(())
    }

    async fn settle(&mut self) -> Result<BTreeMap<u32, Shown>, ViewError> {
        Ok(self.shown.clone())
    }

    async fn flush(&mut self) -> Result<bool, ViewError> {
        Ok(true) // Its rows are written once a fold has returned.
    }

    fn may_keep(&self) -> bool {
        true
    }

    fn lost(&mut self) -> BTreeMap<u32, Shown> {
        BTreeMap::new()
    }

    fn due_in(&self) -> Option<Duration> {
        None
    }

    async fn close(&mut self) -> Result<(), ViewError> {
        Ok(())
    }
}

impl<E: Told> Source for AuditView<E> {
    const PROCESSOR: &'static str = E::GROUP;
    const KEYSPACE: &'static str = ChangeRow::TABLE.keyspace;
    const FILLED_BY: &'static [&'static str] = &[AdminEvent::GROUP, PaymentsEvent::GROUP, StoreEvent::GROUP];
    const EVENTS_OF: Context = E::OF;
    type Progress = ProgressRow;

    async fn fold(platform: &Platform, at: &TopicPartition, records: &[LogRecord], committed: i64) -> Folded {
        let mut folded = Folded::default();
        for record in records {
            let why = match read(platform, E::GROUP, record, E::decode).await {
                Ok(event) => {
                    let (tenant, write_ts) = (event.meta().tenant_id, event.meta().write_ts);
                    let made = catch_unwind(AssertUnwindSafe(|| event.changed()));
                    match made {
                        Ok(changed) => {
                            let place = (at.partition, record.offset);
                            let made = changed.map(|changed| rows(tenant, change::<E>(&changed, write_ts, place)));
                            folded.writes.extend(made.unwrap_or_default());
                            folded.write_ts = folded.write_ts.max(write_ts);
                            continue;
                        }
                        Err(_) => "its rows can't be made".to_owned(),
                    }
                }
                Err(Unread::Newer { write_ts, .. }) => {
                    folded.write_ts = folded.write_ts.max(write_ts.unwrap_or_default());
                    continue;
                }
                // It was set aside before.
                Err(_) if record.offset < committed => continue,
                Err(unread) => unread.to_string(),
            };
            folded.left = Some((record.offset, why));
            break;
        }
        folded
    }
}

fn change<E: Told>(changed: &Changed, write_ts: i64, (partition, offset): (u32, i64)) -> Change {
    let Changed { kind, entity_id, action, actor } = changed;
    Change {
        newest_first: write_ts.saturating_neg(),
        context: E::OF.name().to_owned(),
        kind: (*kind).to_owned(),
        entity_id: entity_id.clone(),
        action: (*action).to_owned(),
        actor: actor.clone(),
        event_partition: i64::from(partition),
        event_offset: offset,
    }
}

/// The rows of a change: among those of its day, and among those of its entity.
fn rows(tenant_id: TenantId, change: Change) -> Vec<Write> {
    let write_ts = change.at();
    vec![
        Write::put(ChangeRow::new(tenant_id, change.clone()), write_ts),
        Write::put(ChangeOfEntityRow { tenant_id, change }, write_ts),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{CategoryId, CommandId, CredentialId, EventId, TimerId},
        records::{
            admin::{Category, CategoryChanged, CategoryDeleted, entity},
            common::{EventMeta, InputPosition, TimerCleared},
            payments::{Credential, CredentialChanged, CredentialStatus, entity::CREDENTIAL},
        },
        rows::audit::action,
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::{platform, tenant};

    const SHOP: u128 = 7;
    /// A time of July 2024.
    const AT: i64 = 1_720_000_000_000_000;

    fn meta(version: i64, write_ts: i64) -> EventMeta {
        EventMeta {
            event_id: EventId::from_uuid(Uuid::from_u128(2)),
            tenant_id: tenant(SHOP),
            aggregate_id: "entity".into(),
            aggregate_version: version,
            write_ts,
            causation_id: CommandId::from_uuid(Uuid::from_u128(3)),
            input: InputPosition { topic: "test".into(), partition: 0, offset: 0 },
            occurred_at: write_ts,
            actor: "staff:ana".into(),
            answers: None,
        }
    }

    fn category(version: i64) -> Category {
        Category {
            category_id: CategoryId::from_uuid(Uuid::from_u128(1)),
            version,
            name: "Canecas".into(),
            slug: "canecas".into(),
            parent_id: None,
            created_at: AT,
            updated_at: AT,
            slug_history: Vec::new(),
        }
    }

    fn saved(version: i64, write_ts: i64) -> AdminEvent {
        CategoryChanged {
            meta: meta(version, write_ts),
            category: category(version),
            previous_slug: None,
            previous_parent_id: None,
            forgotten_slugs: Vec::new(),
        }
        .into()
    }

    fn deleted(version: i64, write_ts: i64) -> AdminEvent {
        CategoryDeleted { meta: meta(version, write_ts), category: category(version) }.into()
    }

    async fn fold<E: Told>(view: &mut AuditView<E>, event: &E, offset: i64, parked: bool) {
        let (effect, meta) = (event.changed(), event.meta());
        let (tenant, version, write_ts) = (meta.tenant_id, meta.aggregate_version, meta.write_ts);
        let prepared = Prepared { offset, parked, tenant, version, write_ts, effect };
        View::fold(view, 0, &[prepared], Shown { offset: offset + 1, write_ts }).await.unwrap();
    }

    /// The changes of the category, the newest first: the action, and the offset.
    async fn kept(platform: &Platform) -> Vec<(String, i64)> {
        let id = category(1).category_id.to_string();
        let key = ChangeOfEntityRow::all(tenant(SHOP), entity::CATEGORY, &id);
        let rows = platform.state.scan::<ChangeOfEntityRow>(&key, None, 10).await.unwrap();
        let key = ChangeRow::all(tenant(SHOP), ChangeRow::day(AT));
        let of_day = platform.state.scan::<ChangeRow>(&key, None, 10).await.unwrap();
        let changes =
            |rows: Vec<Change>| rows.into_iter().map(|change| (change.action, change.event_offset)).collect::<Vec<_>>();
        let of_entity = changes(rows.into_iter().map(|row| row.change).collect());
        assert_eq!(of_entity, changes(of_day.into_iter().map(|row| row.change).collect()));
        of_entity
    }

    #[test]
    fn an_event_says_what_was_done_to_which_entity_and_one_of_none_says_nothing() {
        for (event, action) in
            [(saved(1, AT), action::CREATED), (saved(2, AT), action::CHANGED), (deleted(3, AT), action::REMOVED)]
        {
            let changed = event.changed().unwrap();
            assert_eq!((changed.kind, changed.action, changed.actor.as_str()), (entity::CATEGORY, action, "staff:ana"));
            assert_eq!(changed.entity_id, category(1).category_id.to_string());
        }
        let timer_id = TimerId::from_uuid(Uuid::from_u128(4));
        let cleared = TimerCleared { meta: meta(1, AT), timer_id, due: AT, bucket: AT };
        assert_eq!(AdminEvent::from(cleared).changed(), None);
    }

    #[tokio::test]
    async fn f20_a_history_is_the_same_however_often_it_is_folded_and_outlives_its_entity() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let mut view = AuditView::<AdminEvent>::new(platform.clone());
        let events = [saved(1, AT), saved(2, AT + 1), deleted(3, AT + 2)];
        for _ in 0..2 {
            for (offset, event) in (5..).zip(&events) {
                fold(&mut view, event, offset, false).await;
            }
        }
        let expected = [(action::REMOVED, 7), (action::CHANGED, 6), (action::CREATED, 5)];
        let expected = expected.map(|(action, offset)| (action.to_owned(), offset));
        assert_eq!(kept(&platform).await, expected);
        // Put back from the dead letters, it lies elsewhere, and what is known of it stays.
        fold(&mut view, &events[1], 0, true).await;
        assert_eq!(kept(&platform).await, expected);
    }

    #[tokio::test]
    async fn f20_what_two_contexts_say_at_one_time_is_told_of_both() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        fold(&mut AuditView::<AdminEvent>::new(platform.clone()), &saved(1, AT), 5, false).await;
        let credential = Credential {
            credential_id: CredentialId::from_uuid(Uuid::from_u128(8)),
            name: "ERP".into(),
            hash: "0af1".into(),
            status: CredentialStatus::Active,
            created_at: AT,
        };
        let issued: PaymentsEvent = CredentialChanged { meta: meta(1, AT), credential }.into();
        fold(&mut AuditView::<PaymentsEvent>::new(platform.clone()), &issued, 5, false).await;
        let day = ChangeRow::all(tenant(SHOP), ChangeRow::day(AT));
        let rows = platform.state.scan::<ChangeRow>(&day, None, 10).await.unwrap();
        let told: Vec<(&str, &str)> =
            rows.iter().map(|row| (row.change.context.as_str(), row.change.kind.as_str())).collect();
        assert_eq!(told, [("admin", entity::CATEGORY), ("payments", CREDENTIAL)]);
    }

    #[tokio::test]
    async fn what_came_by_the_retry_topic_alone_is_there_without_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let mut view = AuditView::<AdminEvent>::new(platform.clone());
        fold(&mut view, &saved(1, AT), 3, true).await;
        assert_eq!(kept(&platform).await, [(action::CREATED.to_owned(), NOWHERE)]);
    }
}
