//! Sending commands and waiting for their answers: what an API process does with a write.

mod places;
mod weights;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use feira_connectors::log::{LogError, NewRecord, TopicPartition, murmur2_partition};
use feira_schemas::{
    codec::{Codec, CodecError},
    ids::CommandId,
    records::{
        CommandSet, RecordSet, ResultRecord, Touches,
        common::{CommandMeta, CommandResult},
    },
    time::rfc3339,
    topics::{self, Context},
};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at},
};

use self::{
    places::{Held, Place, Places},
    weights::Weights,
};
use crate::{
    backoff::Backoff,
    platform::{CloudEvent, Platform, new_record},
    start::starting,
};

pub use places::{Busy, PLACES, WEIGHT};

/// The time between two looks of a command that waits for a place: less than a command takes, more than a look.
const WAIT: Duration = Duration::from_millis(20);
/// The time between two looks for commands without an answer.
const LOOK_AFTER: Duration = Duration::from_secs(10);

/// Sends commands and completes who waits for them. One per process; it reads every results partition from before the first send.
pub struct Commands {
    platform: Platform,
    waiters: Waiters,
    places: Arc<Places>,
    held: Held,
    weights: Weights,
}

/// A command that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The log is away: whether the command is in it is unknown. Repeat with the same key.
    #[error("outcome unknown, repeat with the same key: {0}")]
    OutcomeUnknown(LogError),
    /// The command was not decided in time; it will be.
    #[error("not decided in time")]
    Pending,
    /// Another request awaits the same command.
    #[error("already in progress")]
    InProgress,
    /// The shop has no place left for the command: nothing was sent.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The command can't be encoded.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// The treatment of a command whose shop has no place left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The command is refused with [`SendError::Busy`] and not sent.
    Refuse,
    /// The command waits until there is a place.
    Wait,
}

impl Commands {
    /// Starts reading answers; returns once every later answer will be seen.
    pub async fn start(platform: Platform, mut stop: watch::Receiver<bool>) -> Result<Arc<Self>, LogError> {
        let results: Vec<Arc<str>> = Context::ALL.into_iter().map(|context| topics::results(context).into()).collect();
        let mut tail = starting(|| platform.log.tail(&results)).await?;
        let commands = Arc::new(Self {
            platform,
            waiters: Waiters::default(),
            places: Arc::default(),
            held: Held::default(),
            weights: Weights::default(),
        });
        tokio::spawn(Arc::clone(&commands).look_after(stop.clone()));
        let reader = Arc::clone(&commands);
        tokio::spawn(async move {
            let mut backoff = Backoff::default();
            loop {
                // Cancel safety: `Tail::next` takes no record when it is dropped.
                let records = tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => break,
                    records = tail.next() => records,
                };
                match records {
                    Ok(records) => {
                        backoff = Backoff::default();
                        records
                            .iter()
                            .filter_map(|record| record.value.as_deref())
                            .for_each(|value| reader.complete(value));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "waiting for results");
                        backoff.wait().await;
                    }
                }
            }
        });
        Ok(commands)
    }

    fn complete(&self, value: &[u8]) {
        if let Ok(ResultRecord::CommandResult(result)) = ResultRecord::decode(&self.platform.codec, value) {
            self.held.answered(result.command_id);
            self.weights.saw(&result, value.len());
            self.waiters.complete(result);
        }
    }

    /// Looks after the places of commands whose answers do not come.
    async fn look_after(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut ticks = interval(LOOK_AFTER);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // Cancel safety: a tick that is dropped comes again.
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.held.look_after(&self.platform.log, Instant::now()).await {
                tracing::debug!(%error, "commands without an answer keep their places for now");
            }
        }
    }

    /// Sends a shop's command in one of the places that its shop has, which it keeps until its answer is seen; see
    /// [`Self::send`].
    pub async fn send_in_place<C: CommandSet + Touches>(
        &self,
        command: C,
        traceparent: Option<&str>,
        most: Duration,
        full: Full,
    ) -> Result<CommandResult, SendError> {
        let tenant = command.meta().tenant_id;
        let key = tenant.to_string();
        let record = record(&self.platform.codec, &key, &command, traceparent)?;
        let weight = match command.product() {
            Some(product) => self.weights.of(&self.platform.state, tenant, product).await,
            None => 0,
        };
        let weight = weight + record.value.as_ref().map_or(0, bytes::Bytes::len);
        let place = loop {
            match (self.places.take(tenant, weight), full) {
                (Ok(place), _) => break place,
                (Err(busy), Full::Refuse) => return Err(busy.into()),
                (Err(_), Full::Wait) => sleep(WAIT).await,
            }
        };
        self.sent(Some(place), C::CONTEXT, &key, command.meta(), record, most).await
    }

    /// Sends a command under `key` and waits for its answer: `most` in all, from the append to the answer.
    pub async fn send<C: CommandSet>(
        &self,
        key: &str,
        command: C,
        traceparent: Option<&str>,
        most: Duration,
    ) -> Result<CommandResult, SendError> {
        let record = record(&self.platform.codec, key, &command, traceparent)?;
        self.sent(None, C::CONTEXT, key, command.meta(), record, most).await
    }

    async fn sent(
        &self,
        place: Option<Place>,
        context: Context,
        key: &str,
        meta: &CommandMeta,
        record: NewRecord,
        most: Duration,
    ) -> Result<CommandResult, SendError> {
        let deadline = Instant::now() + most;
        let mut waiting = self.waiters.wait_for(meta)?;
        let (id, holds) = (meta.command_id, place.is_some());
        if let Some(place) = place {
            let partition = murmur2_partition(key.as_bytes(), self.platform.partitions);
            self.held.keep(
                id,
                place,
                context,
                TopicPartition::new(Arc::clone(&record.topic), partition),
                Instant::now(),
            );
        }
        // The log may hang as well as fail: a request is answered within its time either way.
        match timeout(append_time(most), self.platform.log.append(vec![record])).await {
            Ok(Ok(offsets)) if holds => offsets.iter().for_each(|offset| self.held.acknowledged(id, *offset)),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                if holds && !matches!(error, LogError::Unavailable(_)) {
                    self.held.not_sent(id);
                }
                return Err(SendError::OutcomeUnknown(error));
            }
            Err(_) => {
                return Err(SendError::OutcomeUnknown(LogError::Unavailable("no acknowledgement in time".into())));
            }
        }
        match timeout_at(deadline, &mut waiting.answer).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) | Err(_) => Err(SendError::Pending),
        }
    }
}

/// The part of a command's time that its append may take: nine tenths, so that who has 2 s for an answer hears within
/// them that the log is away.
fn append_time(most: Duration) -> Duration {
    most / 10 * 9
}

/// The record that a command becomes, under `key` on its context's topic.
pub fn record<C: CommandSet>(
    codec: &Codec,
    key: &str,
    command: &C,
    traceparent: Option<&str>,
) -> Result<NewRecord, CodecError> {
    let meta = command.meta();
    let value = command.encode(codec)?;
    let event = CloudEvent {
        id: meta.command_id.to_string(),
        source: "api",
        kind: command.record_name(),
        time: rfc3339(meta.issued_at),
        subject: &meta.tenant_id.to_string(),
        traceparent,
    };
    Ok(new_record(topics::commands(C::CONTEXT), key, value, event))
}

/// The requests that wait for answers, by command; one request per command.
#[derive(Default)]
struct Waiters {
    waiting: Mutex<HashMap<CommandId, Waiter>>,
}

/// A command is known by its id and by what its body was: the same key with another body is another answer, and none for who
/// waits here.
struct Waiter {
    body_hash: String,
    answer: oneshot::Sender<CommandResult>,
}

/// Waits until it is dropped, however the request ends.
struct Waiting<'a> {
    waiters: &'a Waiters,
    command: CommandId,
    answer: oneshot::Receiver<CommandResult>,
}

impl Waiters {
    fn wait_for(&self, meta: &CommandMeta) -> Result<Waiting<'_>, SendError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry::Vacant(place) = waiting.entry(meta.command_id) else { return Err(SendError::InProgress) };
        let (sender, answer) = oneshot::channel();
        place.insert(Waiter { body_hash: meta.body_hash.clone(), answer: sender });
        Ok(Waiting { waiters: self, command: meta.command_id, answer })
    }

    fn complete(&self, result: CommandResult) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(waiter) = waiting.entry(result.command_id)
            && waiter.get().body_hash == result.body_hash
        {
            // Whoever waited may have given up meanwhile; the answer is kept in its row all the same.
            let _ = waiter.remove().answer.send(result);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.answer.close();
        let mut waiting = self.waiters.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Answered, its place may be the next request's by now, who still listens.
        if let Entry::Occupied(waiter) = waiting.entry(self.command)
            && waiter.get().answer.is_closed()
        {
            waiter.remove();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{ids::TenantId, records::common::Outcome};
    use uuid::Uuid;

    use super::*;

    fn meta(body_hash: &str) -> CommandMeta {
        CommandMeta {
            command_id: CommandId::from_uuid(Uuid::from_u128(7)),
            tenant_id: TenantId::PLATFORM,
            actor: "test".into(),
            issued_at: 0,
            body_hash: body_hash.into(),
            keyed: true,
            expected_version: None,
        }
    }

    fn answer(body_hash: &str) -> CommandResult {
        let meta = meta(body_hash);
        CommandResult {
            command_id: meta.command_id,
            tenant_id: meta.tenant_id,
            body_hash: meta.body_hash,
            outcome: Outcome::Created,
            code: None,
            detail: None,
            errors: Vec::new(),
            aggregate_id: None,
            version: None,
            body: None,
            context: "admin".into(),
            partition: 0,
            write_ts: 1,
            entity: None,
        }
    }

    #[test]
    fn f14_one_request_waits_for_a_command_and_only_for_the_answer_to_its_own_body() {
        let waiters = Waiters::default();
        let mut first = waiters.wait_for(&meta("a")).unwrap();
        assert!(matches!(waiters.wait_for(&meta("a")), Err(SendError::InProgress)));
        assert!(matches!(waiters.wait_for(&meta("b")), Err(SendError::InProgress)));
        waiters.complete(answer("b"));
        assert!(first.answer.try_recv().is_err(), "another body's answer is another's");
        waiters.complete(answer("a"));
        assert_eq!(first.answer.try_recv().unwrap(), answer("a"));
    }

    #[test]
    fn f14_who_stops_waiting_takes_nobody_else_with_it() {
        let waiters = Waiters::default();
        drop(waiters.wait_for(&meta("a")).unwrap());
        let answered = waiters.wait_for(&meta("a")).unwrap();
        waiters.complete(answer("a"));
        let mut next = waiters.wait_for(&meta("a")).unwrap();
        drop(answered);
        waiters.complete(answer("a"));
        assert_eq!(next.answer.try_recv().unwrap(), answer("a"));
        assert!(waiters.waiting.lock().unwrap().is_empty());
    }

    #[test]
    fn an_append_leaves_time_to_say_that_the_log_is_away() {
        assert_eq!(append_time(Duration::from_secs(2)), Duration::from_millis(1_800));
    }
}
