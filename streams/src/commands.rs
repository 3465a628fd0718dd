//! Sending commands and waiting for their answers: what an API process does with a write.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use feira_connectors::log::{LogError, NewRecord};
use feira_schemas::{
    catalogue::rfc3339,
    codec::{Codec, CodecError},
    ids::CommandId,
    records::{CommandSet, RecordSet, ResultRecord, common::CommandResult},
    topics::{self, Context},
};
use tokio::sync::{oneshot, watch};

use crate::platform::{Backoff, CloudEvent, Platform, new_record};

/// A command is known by its id and by what its body was: the same key with another body is another answer.
type Waiting = (CommandId, String);

/// Sends commands and completes who waits for them. One per process; it reads every results partition from before the first send.
pub struct Commands {
    platform: Platform,
    waiting: Mutex<HashMap<Waiting, oneshot::Sender<CommandResult>>>,
}

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The log is away: whether the command is in it is unknown. Repeat with the same key.
    #[error("outcome unknown, repeat with the same key: {0}")]
    OutcomeUnknown(LogError),
    /// It was not decided in time; it will be.
    #[error("not decided in time")]
    Pending,
    /// The same command is being waited for by another request.
    #[error("already in progress")]
    InProgress,
    /// It can't be written.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl Commands {
    /// Starts reading answers; returns once every later answer will be seen.
    pub async fn start(platform: Platform, mut stop: watch::Receiver<bool>) -> Result<Arc<Self>, LogError> {
        let results: Vec<Arc<str>> = Context::ALL.into_iter().map(|context| topics::results(context).into()).collect();
        let mut tail = platform.log.tail(&results).await?;
        let commands = Arc::new(Self { platform, waiting: Mutex::default() });
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
        let Ok(ResultRecord::CommandResult(result)) = ResultRecord::decode(&self.platform.codec, value) else { return };
        let key = (result.command_id, result.body_hash.clone());
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        if let Some(waiting) = waiting {
            // Whoever waited may have given up meanwhile; the answer is kept in its row all the same.
            let _ = waiting.send(result);
        }
    }

    /// Sends a command under `key` and waits for its answer up to `most`.
    pub async fn send<C: CommandSet>(
        &self,
        context: Context,
        key: &str,
        command: C,
        traceparent: Option<&str>,
        most: Duration,
    ) -> Result<CommandResult, SendError> {
        let record = record(&self.platform.codec, context, key, &command, traceparent)?;
        let waiting = (command.meta().command_id, command.meta().body_hash.clone());
        let answer = self.wait_for(waiting.clone())?;
        let guard = Forget { commands: self, waiting };
        // The log may hang as well as fail: a request is answered within its time either way.
        let appended = tokio::time::timeout(most, self.platform.log.append(vec![record])).await;
        match appended {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(SendError::OutcomeUnknown(error)),
            Err(_) => {
                return Err(SendError::OutcomeUnknown(LogError::Unavailable("no acknowledgement in time".into())));
            }
        }
        let result = tokio::time::timeout(most, answer).await;
        drop(guard);
        match result {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) | Err(_) => Err(SendError::Pending),
        }
    }

    fn wait_for(&self, key: Waiting) -> Result<oneshot::Receiver<CommandResult>, SendError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.keys().any(|(command, _)| *command == key.0) {
            return Err(SendError::InProgress);
        }
        let (sender, receiver) = oneshot::channel();
        waiting.insert(key, sender);
        Ok(receiver)
    }
}

/// The record that a command becomes, under `key` on its context's topic.
pub fn record<C: CommandSet>(
    codec: &Codec,
    context: Context,
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
    Ok(new_record(topics::commands(context), key, value, event))
}

/// Stops waiting when a request ends, however it ends.
struct Forget<'a> {
    commands: &'a Commands,
    waiting: Waiting,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.commands.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.waiting);
    }
}
