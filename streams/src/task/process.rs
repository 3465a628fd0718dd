//! One batch: records in, and out of them one transaction and the rows it makes.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use feira_connectors::{
    log::{LogRecord, NewRecord, TopicPartition},
    state::StateError,
};
use feira_schemas::{
    codec::CodecError,
    ids::{CommandId, Micros, TenantId},
    problem::{Code, Refusal},
    records::{
        CommandSet, EventSet, RecordSet, ResultRecord,
        common::{CommandResult, EventMeta, InputPosition, Outcome},
    },
    row::{Row, Write},
    rows::common::{Answer, InputProgress},
    topics,
};

use super::{
    Decider, Decision, ForeignEvent, Input, Need, Rows,
    decision::{Cause, Moment, Outgoing},
};
use crate::{
    deadletter::{Stage, dead_letter},
    platform::{Backoff, CloudEvent, Platform, header, new_record},
};

/// How long an `Idempotency-Key` is remembered, as Stripe has it.
const KEY_REMEMBERED: Micros = 24 * 60 * 60 * 1_000_000;

/// What a task knows of a partition it owns.
#[derive(Debug, Clone, Default)]
pub(super) struct Partition {
    /// Next offset of each input topic.
    pub positions: BTreeMap<Arc<str>, i64>,
    /// Of the last own event.
    pub last_write_ts: Micros,
    /// Next own event to apply.
    pub applied: i64,
    /// Translation of foreign tokens.
    pub inputs: Vec<InputProgress>,
    /// Of the progress row, so that a later one always wins.
    pub progress_ts: Micros,
    /// A fault stopped it.
    pub stopped: bool,
}

/// What one transaction appends, and the rows it makes.
#[derive(Default)]
pub(super) struct Batch {
    pub records: Vec<NewRecord>,
    pub writes: Vec<Write>,
    /// For each record, whether it is an own event of which partition.
    pub events: Vec<Option<u32>>,
}

/// Why a partition can't go on: state would differ from the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{at} at offset {offset}: {why}")]
pub struct Fault {
    /// Which input.
    pub at: TopicPartition,
    /// Which record.
    pub offset: i64,
    /// What happened.
    pub why: String,
}

/// Decides one record after the other on one overlay.
pub(super) struct Deciding<'a, D: Decider> {
    pub platform: &'a Platform,
    pub group: &'a str,
    pub rows: &'a mut Rows,
    pub batch: Batch,
    pub decider: std::marker::PhantomData<D>,
}

/// A record after decoding.
enum Decoded<D: Decider> {
    Input(Input<D::Command, D::Foreign>),
    Unreadable(String),
}

impl<D: Decider> Deciding<'_, D> {
    /// Decides a record and adds what follows from it to the batch. The partition's numbers move with it.
    pub async fn record(&mut self, record: &LogRecord, partition: &mut Partition) -> Result<(), Fault> {
        let fault = |why: String| Fault { at: record.at.clone(), offset: record.offset, why };
        match self.decode(record).await {
            Decoded::Input(input) => {
                let moment = self.moment(record, &input, partition);
                self.input(record, &input, &moment, partition).await.map_err(fault)?;
                if let Input::Foreign(event) = &input {
                    note_foreign(partition, &record.at.topic, event.source());
                }
            }
            Decoded::Unreadable(why) => {
                tracing::warn!(topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "unreadable record");
                metrics::counter!("feira_dlq_total", "group" => self.group.to_owned(), "reason" => "decode")
                    .increment(1);
                self.push(dead_letter(record, self.group, Stage::Decode, 1, &why), None);
            }
        }
        partition.positions.insert(Arc::clone(&record.at.topic), record.offset + 1);
        Ok(())
    }

    /// Reads a record. An unknown schema id is the record's fault only while the registry still knows ours.
    async fn decode(&self, record: &LogRecord) -> Decoded<D> {
        let Some(value) = record.value.as_deref() else { return Decoded::Unreadable("a record without value".into()) };
        let foreign = D::FOREIGN.iter().any(|context| *record.at.topic == *topics::events(*context));
        let mut backoff = Backoff::default();
        loop {
            let decoded = if foreign {
                D::Foreign::decode(&self.platform.codec, value).map(Input::Foreign)
            } else {
                D::Command::decode(&self.platform.codec, value).map(Input::Command)
            };
            match decoded {
                Ok(input) => return Decoded::Input(input),
                Err(CodecError::UnknownSchema(id)) => match self.platform.learn_schema(id).await {
                    Ok(true) => {}
                    Ok(false) if self.platform.registry_verifies().await => {
                        return Decoded::Unreadable(CodecError::UnknownSchema(id).to_string());
                    }
                    Ok(false) => backoff.wait().await,
                    Err(error) => {
                        tracing::warn!(%error, "waiting for the schema registry");
                        backoff.wait().await;
                    }
                },
                Err(error) => return Decoded::Unreadable(error.to_string()),
            }
        }
    }

    fn moment(&self, record: &LogRecord, input: &Input<D::Command, D::Foreign>, partition: &Partition) -> Moment {
        let now = self.platform.now().max(partition.last_write_ts + 1);
        let position = InputPosition {
            topic: record.at.topic.to_string(),
            partition: i32::try_from(record.at.partition).unwrap_or_default(),
            offset: record.offset,
        };
        let cause = match input {
            Input::Command(command) => {
                let meta = command.meta();
                Cause {
                    command_id: meta.command_id,
                    tenant_id: meta.tenant_id,
                    actor: meta.actor.clone(),
                    body_hash: meta.body_hash.clone(),
                    input: position,
                }
            }
            Input::Foreign(event) => {
                let meta = event.source();
                Cause {
                    command_id: CommandId::of_event(meta.event_id),
                    tenant_id: meta.tenant_id,
                    actor: format!("system:{}", D::CONTEXT),
                    body_hash: String::new(),
                    input: position,
                }
            }
        };
        Moment { now, cause }
    }

    async fn input(
        &mut self,
        record: &LogRecord,
        input: &Input<D::Command, D::Foreign>,
        moment: &Moment,
        partition: &mut Partition,
    ) -> Result<(), String> {
        // An id of ours is looked up only if the record was put back from the dead letters: then it may have been decided since.
        let put_back = header(record, "__retry.redrive").is_some();
        if let Input::Command(command) = input
            && (command.meta().keyed || put_back)
            && let Some(answer) = self.earlier_answer(moment).await
            && !(put_back && answer.outcome == Outcome::Failed)
        {
            self.answer_again(answer, moment, record)?;
            return Ok(());
        }
        let decision = match (self.decide(input, moment).await, input) {
            (Ok(decision), _) => decision,
            (Err(why), Input::Foreign(_)) => return Err(why),
            (Err(why), Input::Command(_)) => {
                tracing::error!(command.id = %moment.cause.command_id, tenant.id = %moment.cause.tenant_id, %why, "a command could not be decided");
                metrics::counter!("feira_dlq_total", "group" => self.group.to_owned(), "reason" => "handle")
                    .increment(1);
                self.push(dead_letter(record, self.group, Stage::Handle, 2, &why), None);
                failed(moment)
            }
        };
        self.add(decision, moment, record, partition)
    }

    /// Asks for the decision, loading what it needs, until it is done. A panic is tried once more: it may have been the loaded rows.
    async fn decide(
        &mut self,
        input: &Input<D::Command, D::Foreign>,
        moment: &Moment,
    ) -> Result<Decision<D::Event>, String> {
        let mut panics = 0;
        loop {
            let rows = &*self.rows;
            match catch_unwind(AssertUnwindSafe(|| D::decide(input, rows, moment))) {
                Ok(Ok(decision)) => return Ok(decision),
                Ok(Err(need)) => self.load(need).await,
                Err(panic) => {
                    panics += 1;
                    if panics == 2 {
                        return Err(panic_text(panic.as_ref()));
                    }
                }
            }
        }
    }

    /// Loads rows, however long the state is away: no record is blamed for that.
    async fn load(&mut self, need: Need) {
        let mut need = Some(need);
        let mut backoff = Backoff::default();
        while let Some(asked) = need.take() {
            let again = asked.again();
            if let Err(error) = self.rows.load(&self.platform.state, asked).await {
                tracing::warn!(%error, group = self.group, "waiting for the state");
                backoff.wait().await;
                need = Some(again);
            }
        }
    }

    async fn earlier_answer(&mut self, moment: &Moment) -> Option<Answer> {
        let key = Answer::key(moment.cause.tenant_id, moment.cause.command_id);
        loop {
            match self.rows.get::<D::Answer>(key.clone()) {
                Ok(row) => {
                    let answer: Answer = D::Answer::clone(row?.as_ref()).into();
                    return (answer.write_ts + KEY_REMEMBERED > moment.now).then_some(answer);
                }
                Err(need) => self.load(need).await,
            }
        }
    }

    /// The same key again: the same answer for the same body, a refusal for another.
    fn answer_again(&mut self, answer: Answer, moment: &Moment, record: &LogRecord) -> Result<(), String> {
        let same = answer.body_hash == moment.cause.body_hash;
        let mut result = answer.into_result(D::CONTEXT.name());
        if !same {
            result = CommandResult {
                body_hash: moment.cause.body_hash.clone(),
                outcome: Outcome::Refused,
                code: Some(Code::IdempotencyMismatch.to_string()),
                detail: Some("Esta Idempotency-Key já foi usada com outro conteúdo. Use outra chave.".into()),
                errors: Vec::new(),
                aggregate_id: None,
                version: None,
                body: None,
                ..result
            };
        }
        self.push_result(result, moment, record)
    }

    /// Adds a decision's events with their rows, its answer and its commands.
    fn add(
        &mut self,
        decision: Decision<D::Event>,
        moment: &Moment,
        record: &LogRecord,
        partition: &mut Partition,
    ) -> Result<(), String> {
        let at = record.at.partition;
        for event in decision.events {
            let meta = event.meta();
            partition.last_write_ts = meta.write_ts;
            let answer = answer_of::<D>(&event, at);
            let writes = writes_of::<D>(&event, answer.clone()).map_err(|why| format!("apply failed: {why}"))?;
            self.rows.apply(&writes);
            self.batch.writes.extend(writes);
            let value = event.encode(&self.platform.codec).map_err(|error| error.to_string())?;
            let cloud_event = cloud_event(event.record_name(), meta, D::CONTEXT.name(), header(record, "traceparent"));
            let mut appended = new_record(topics::events(D::CONTEXT), &D::key(&event), value, cloud_event);
            // The partition of the input, not of the key: the two agree unless somebody wrote to the wrong partition by hand.
            appended.partition = Some(at);
            self.push(appended, Some(at));
            if let Some(answer) = answer {
                self.push_result(answer.into_result(D::CONTEXT.name()), moment, record)?;
            }
        }
        for command in decision.commands {
            self.push_command(&command, record)?;
        }
        Ok(())
    }

    fn push_command(&mut self, command: &Outgoing, record: &LogRecord) -> Result<(), String> {
        let meta = command.meta();
        let value = command.encode(&self.platform.codec).map_err(|error| error.to_string())?;
        let cloud_event = CloudEvent {
            id: meta.command_id.to_string(),
            source: D::CONTEXT.name(),
            kind: command.record_name(),
            time: feira_schemas::catalogue::rfc3339(meta.issued_at),
            subject: &meta.tenant_id.to_string(),
            traceparent: header(record, "traceparent"),
        };
        self.push(new_record(topics::commands(command.context()), &command.key(), value, cloud_event), None);
        Ok(())
    }

    fn push_result(&mut self, result: CommandResult, moment: &Moment, record: &LogRecord) -> Result<(), String> {
        let (tenant, command): (TenantId, CommandId) = (result.tenant_id, result.command_id);
        let result = ResultRecord::CommandResult(result);
        let value = result.encode(&self.platform.codec).map_err(|error| error.to_string())?;
        let cloud_event = CloudEvent {
            id: command.to_string(),
            source: D::CONTEXT.name(),
            kind: result.record_name(),
            time: feira_schemas::catalogue::rfc3339(moment.now),
            subject: &command.to_string(),
            traceparent: header(record, "traceparent"),
        };
        self.push(new_record(topics::results(D::CONTEXT), &tenant.to_string(), value, cloud_event), None);
        Ok(())
    }

    fn push(&mut self, record: NewRecord, event_of: Option<u32>) {
        self.batch.records.push(record);
        self.batch.events.push(event_of);
    }
}

/// Every row that an own event of this partition makes, the answer's included: what a rebuild writes. An error says why
/// `apply` failed.
pub fn rows_of<D: Decider>(event: &D::Event, partition: u32) -> Result<Vec<Write>, String> {
    writes_of::<D>(event, answer_of::<D>(event, partition))
}

/// The rows of an event: the context's own, and the answer's where it gives one.
pub(super) fn writes_of<D: Decider>(event: &D::Event, answer: Option<Answer>) -> Result<Vec<Write>, String> {
    let applied = catch_unwind(AssertUnwindSafe(|| D::apply(event)));
    let mut writes = applied.map_err(|panic| panic_text(panic.as_ref()))?;
    if let Some(answer) = answer {
        let write_ts = answer.write_ts;
        writes.push(Write::put(D::Answer::from(answer), write_ts));
    }
    Ok(writes)
}

/// The answer an event gives, if it gives one.
pub(super) fn answer_of<D: Decider>(event: &D::Event, partition: u32) -> Option<Answer> {
    let meta = event.meta();
    let answers = meta.answers.as_ref()?;
    let mut answer = Answer {
        tenant_id: meta.tenant_id,
        command_id: answers.command_id,
        body_hash: answers.body_hash.clone(),
        outcome: answers.outcome,
        code: None,
        detail: None,
        errors: Vec::new(),
        aggregate_id: Some(meta.aggregate_id.clone()),
        version: Some(meta.aggregate_version),
        body: D::answer_body(event),
        partition: i64::from(partition),
        write_ts: meta.write_ts,
    };
    if let Some(refusal) = D::refusal(event) {
        answer.code = refusal.code.clone();
        answer.detail = refusal.detail.clone();
        answer.errors = refusal.errors.clone();
        answer.body = refusal.body.clone();
        (answer.aggregate_id, answer.version) = (None, None);
    }
    Some(answer)
}

fn failed<E: EventSet>(moment: &Moment) -> Decision<E> {
    let mut decision = Decision::new(moment);
    let detail = "O pedido não pôde ser processado por uma falha nossa. Ele foi guardado e será examinado.";
    decision.refuse_for(Some(moment.answers(Outcome::Failed)), Refusal::new(Code::CommandFailed, detail));
    decision
}

fn cloud_event<'a>(
    kind: &'a str,
    meta: &'a EventMeta,
    source: &'a str,
    traceparent: Option<&'a str>,
) -> CloudEvent<'a> {
    CloudEvent {
        id: meta.event_id.to_string(),
        source,
        kind,
        time: feira_schemas::catalogue::rfc3339(meta.occurred_at),
        subject: &meta.aggregate_id,
        traceparent,
    }
}

/// Moves the translation of a foreign context's tokens: up to its event, own events up to now.
pub(super) fn note_foreign(partition: &mut Partition, topic: &str, meta: &EventMeta) {
    let Some(context) = topic.strip_suffix(".events") else { return };
    let note =
        InputProgress { context: context.to_owned(), decided_ts: meta.write_ts, own_ts: partition.last_write_ts };
    match partition.inputs.iter_mut().find(|input| input.context == context) {
        Some(input) => *input = note,
        None => partition.inputs.push(note),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into())
}

/// Writes rows, however long the state is away.
pub(super) async fn write_rows(platform: &Platform, group: &str, writes: &[Write]) -> Result<(), StateError> {
    let mut backoff = Backoff::default();
    loop {
        match platform.state.write(writes).await {
            Ok(()) => return Ok(()),
            Err(StateError::Unavailable(why)) => {
                tracing::warn!(%why, group, "waiting for the state");
                let waiting = crate::health::Doing::Waiting(format!("state: {why}"));
                platform.health.report(group, waiting, platform.now());
                backoff.wait().await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The progress of a partition as a row.
pub(super) fn progress_write<D: Decider>(group: &str, at: u32, partition: &mut Partition, now: Micros) -> Write
where
    D::Progress: Row,
{
    partition.progress_ts = now.max(partition.progress_ts + 1);
    let progress = feira_schemas::rows::common::Progress {
        consumer: group.to_owned(),
        partition: i64::from(at),
        applied: partition.applied,
        write_ts: partition.last_write_ts,
        inputs: partition.inputs.clone(),
    };
    Write::put(D::Progress::from(progress), partition.progress_ts)
}
