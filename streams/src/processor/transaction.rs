//! A transaction: records in, and out of them what is appended and the rows that makes.

use std::{
    collections::{HashMap, VecDeque},
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use feira_connectors::{log::LogRecord, state::StateError};
use feira_contexts::{Cause, Decider, Decision, DecisionContext, ForeignEvent, Input, Need, Rows, decide};
use feira_schemas::{
    codec::Codec,
    ids::CommandId,
    limits,
    records::{
        CommandSet, EventSet,
        common::{InputPosition, Outcome},
    },
    row::{Stored, Write},
    rows::common::Answer,
};

use super::{
    answers,
    append::{Appending, Batch, Unfit},
    error::Fault,
    hot,
    input::{Arrived, InputOf, earlier_answer_key, read_input},
    jump::Watched,
    partition::Partition,
};
use crate::{
    backoff::Backoff,
    deadletters::{Stage, dead_letter, is_put_back, undecidable},
    panics::panic_text,
    platform::Platform,
    reading::{Unread, read, unreadable},
    waiting::Patient,
};

/// Rounds of looking ahead: an earlier answer, an entity, what the entity names, and one to spare.
const LOOK_AHEAD: usize = 4;

/// Decides one record after the other on one overlay.
pub(super) struct Deciding<'a, D: Decider> {
    pub platform: &'a Platform,
    pub group: &'a str,
    pub clock: &'a Watched,
    pub rows: &'a mut Rows,
    pub batch: Batch,
    pub decider: PhantomData<D>,
}

impl<D: Decider> Deciding<'_, D> {
    /// Decides a record or a timer whose turn it is, unless its partition is elsewhere, is stopped, or is past it.
    pub async fn in_turn(
        &mut self,
        arrived: &Arrived<D>,
        partitions: &mut HashMap<u32, Partition>,
    ) -> Result<(), Fault> {
        let record = &arrived.record;
        let Some(partition) = partitions.get_mut(&record.at.partition) else { return Ok(()) };
        let past = match &arrived.input {
            Some(Input::Timer(timer)) => self.batch.has_ended(timer.timer_key()),
            _ => record.offset < partition.positions.get(&record.at.topic).copied().unwrap_or_default(),
        };
        if partition.stopped || past {
            return Ok(());
        }
        self.record(arrived, partition).await
    }

    /// Decides a record and adds what follows from it to the batch. The partition's numbers move with it.
    async fn record(&mut self, arrived: &Arrived<D>, partition: &mut Partition) -> Result<(), Fault> {
        let record = &arrived.record;
        let read_now;
        let input = match &arrived.input {
            Some(input) => Ok(input),
            None => {
                let decode = |codec: &Codec, value: &[u8]| read_input::<D>(record, codec, value);
                read_now = read(self.platform, self.group, record, decode).await;
                read_now.as_ref()
            }
        };
        let fault = |why| Fault { at: record.at.clone(), offset: record.offset, why };
        match input {
            Ok(input) => {
                let context = self.context(record, input, partition);
                self.input(record, input, &context, partition).await.map_err(fault)?;
                match input {
                    Input::Command(_) => {}
                    Input::Foreign(event) => partition.note_foreign(&record.at.topic, event.source()),
                    Input::Timer(timer) => {
                        self.batch.fired.push(timer.due);
                        return Ok(()); // No topic has a position of it.
                    }
                }
            }
            // Whoever passes over it, or sets it aside, loses it for the program that could have followed it.
            Err(unread @ Unread::Newer { .. }) => return Err(fault(unread.to_string())),
            Err(unread) => self.batch.push(unreadable(self.group, record, &unread.to_string()), None),
        }
        partition.positions.insert(Arc::clone(&record.at.topic), record.offset + 1);
        Ok(())
    }

    /// Loads, all at once, what a batch is going to ask for. Across a network each row alone would cost a round trip; a store in
    /// this process is asked when it comes to it. Whatever this misses is loaded then, too.
    pub async fn look_ahead(&mut self, arrived: &VecDeque<Arrived<D>>, partitions: &HashMap<u32, Partition>) {
        if !self.platform.state.is_shared() {
            return;
        }
        let mut inputs: Vec<(&LogRecord, &InputOf<D>, DecisionContext)> = Vec::with_capacity(arrived.len());
        for Arrived { record, input } in arrived {
            if let (Some(partition), Some(input)) = (partitions.get(&record.at.partition), input) {
                let context = self.context(record, input, partition);
                inputs.push((record, input, context));
            }
        }
        for _ in 0..LOOK_AHEAD {
            let mut needs = Vec::new();
            inputs.retain(|(record, input, context)| match self.need(record, input, context) {
                Some(need) => {
                    needs.push(need);
                    true
                }
                None => false,
            });
            if needs.is_empty() {
                return;
            }
            if self.load(needs).await.is_err() {
                return; // Met again, and dealt with, when the record's turn comes.
            }
        }
    }

    /// The row that deciding this record would ask for next; `None` if all are loaded.
    fn need(&self, record: &LogRecord, input: &InputOf<D>, context: &DecisionContext) -> Option<Need> {
        if let Some(key) = earlier_answer_key(record, input, context)
            && let Err(need) = self.rows.get::<D::Answer>(key)
        {
            return Some(need);
        }
        // A panic is met again, and dealt with, when the record's turn comes.
        catch_unwind(AssertUnwindSafe(|| decide::<D>(input, self.rows, context).err())).ok().flatten()
    }

    fn context(&self, record: &LogRecord, input: &InputOf<D>, partition: &Partition) -> DecisionContext {
        let now = partition.now(self.clock);
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
            Input::Timer(timer) => Cause {
                command_id: CommandId::of_timer(timer.timer_id),
                tenant_id: timer.tenant_id,
                actor: format!("system:{}", D::CONTEXT),
                body_hash: String::new(),
                input: position,
            },
        };
        DecisionContext { decider: D::CONTEXT, now, cause }
    }

    async fn input(
        &mut self,
        record: &LogRecord,
        input: &InputOf<D>,
        context: &DecisionContext,
        partition: &mut Partition,
    ) -> Result<(), String> {
        let decided = match self.earlier_answer(record, input, context).await {
            Ok(Some(answer)) => {
                let result = answers::again(answer, D::CONTEXT.name(), context);
                let result =
                    self.appending(input, record, context).result(result).map_err(|unfit| unfit.to_string())?;
                self.batch.push(result, None);
                return Ok(());
            }
            Ok(None) => self.decide(input, context).await,
            Err(why) => Err(why),
        };
        let decision = match (decided, input) {
            (Ok(decision), _) => decision,
            (Err(why), Input::Foreign(_) | Input::Timer(_)) => return Err(why),
            (Err(why), Input::Command(_)) => {
                tracing::error!(command.id = %context.cause.command_id, tenant.id = %context.cause.tenant_id, %why, "a command could not be decided");
                metrics::counter!("feira_dlq_total", "group" => self.group.to_owned(), "reason" => "handle")
                    .increment(1);
                self.batch.push(dead_letter(record, self.group, Stage::Handle, 2, &why), None);
                answers::failed(context)
            }
        };
        if let Some(why) = &decision.set_aside {
            self.batch.push(undecidable(self.group, record, why), None);
        }
        let added = match (self.add(decision, input, context, record, partition), input) {
            (Err(Unfit::TooLarge(error)), Input::Command(_)) => {
                tracing::info!(command.id = %context.cause.command_id, tenant.id = %context.cause.tenant_id, %error, "a command is refused");
                self.add(answers::too_large(context), input, context, record, partition)
            }
            (added, _) => added,
        };
        added.map_err(|unfit| unfit.to_string())
    }

    fn appending<'b>(
        &'b self,
        input: &InputOf<D>,
        record: &'b LogRecord,
        context: &'b DecisionContext,
    ) -> Appending<'b> {
        let most = match input {
            Input::Command(_) => limits::COMMANDED_EVENT_BYTES,
            Input::Foreign(_) | Input::Timer(_) => limits::RECORD_BYTES,
        };
        Appending { decider: D::CONTEXT, codec: &self.platform.codec, record, context, most }
    }

    /// Adds what a decision becomes to the batch, and its rows to what later decisions see; nothing of it where it does not fit.
    fn add(
        &mut self,
        decision: Decision<D::Event>,
        input: &InputOf<D>,
        context: &DecisionContext,
        record: &LogRecord,
        partition: &mut Partition,
    ) -> Result<(), Unfit> {
        let last = decision.events.last().map(|event| event.meta().write_ts);
        let batch = self.appending(input, record, context).batch::<D>(decision)?;
        partition.last_write_ts = last.unwrap_or(partition.last_write_ts);
        let keyed = matches!(input, Input::Command(command) if command.meta().keyed);
        // Hardly anybody asks for an answer again that has no key of its own, and each holds a whole entity. No decision asks for
        // timers.
        let is_kept = |write: &&Write| write.table() != D::Timer::TABLE && (keyed || write.table() != D::Answer::TABLE);
        self.rows.apply(batch.writes.iter().filter(is_kept));
        self.rows.apply_once(batch.writes.iter().filter(|write| !is_kept(write)));
        self.batch.extend(batch);
        Ok(())
    }

    /// Asks for the decision, loading what it needs, until it is done. A panic is tried once more: it may have been the loaded rows.
    async fn decide(&mut self, input: &InputOf<D>, context: &DecisionContext) -> Result<Decision<D::Event>, String> {
        let mut panics = 0;
        loop {
            let rows = &*self.rows;
            match catch_unwind(AssertUnwindSafe(|| decide::<D>(input, rows, context))) {
                Ok(Ok(decision)) => return Ok(decision),
                Ok(Err(need)) => self.load(vec![need]).await?,
                Err(panic) => {
                    panics += 1;
                    if panics == 2 {
                        return Err(panic_text(panic.as_ref()));
                    }
                }
            }
        }
    }

    /// Loads rows, however long the state is away: no record is blamed for that. An error is a row that can't be read.
    async fn load(&mut self, needs: Vec<Need>) -> Result<(), String> {
        let patient = Patient::new(self.platform, self.group);
        let mut backoff = Backoff::default();
        loop {
            match hot::load(self.rows, &self.platform.state, &needs).await {
                Ok(()) => return Ok(()),
                Err(StateError::Unavailable(why)) => patient.wait(&mut backoff, "state", &why).await,
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// The answer that the command got before; that it failed counts for nothing where it was put back to be tried again.
    async fn earlier_answer(
        &mut self,
        record: &LogRecord,
        input: &InputOf<D>,
        context: &DecisionContext,
    ) -> Result<Option<Answer>, String> {
        let Some(key) = earlier_answer_key(record, input, context) else { return Ok(None) };
        loop {
            match self.rows.get::<D::Answer>(key.clone()) {
                Ok(None) => return Ok(None),
                Ok(Some(row)) => {
                    let answer: Answer = D::Answer::clone(&row).into();
                    let again = is_put_back(record) && answer.outcome == Outcome::Failed;
                    return Ok((answers::remembered(&answer, context) && !again).then_some(answer));
                }
                Err(need) => self.load(vec![need]).await?,
            }
        }
    }
}
