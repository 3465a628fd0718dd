//! The transactional producer of a member.

use std::thread::sleep;
use std::time::Duration;

use futures::executor::block_on;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, Producer};
use rdkafka::{ClientConfig, TopicPartitionList};

use super::client::{self, failed};
use super::positions::Positions;
use super::pulse::Pulse;
use super::steps::{DELIVERY_MS, INIT, TRANSACTION, repeat};
use crate::log::error::LogError;
use crate::log::types::NewRecord;

/// A producer with a transactional id. It may be lost, when a transaction could not be brought to an end; then
/// [`Writer::recover`] makes a new one, which also ends what the former left open.
pub(super) struct Writer {
    config: ClientConfig,
    ready: Option<Ready>,
    pulse: Pulse,
}

/// A producer whose transactions can begin.
struct Ready {
    producer: FutureProducer,
    positions: Positions,
}

/// The outcome of a transaction that was not committed, or may not have been.
pub(super) enum Failure {
    /// The transaction was rolled back, for this reason: the writer goes on.
    Rolled(LogError),
    /// The commit's outcome is unknown, and the writer is lost.
    Lost(String),
    /// Another owner took over.
    Fenced(String),
}

impl Writer {
    pub(super) fn new(mut config: ClientConfig, transactional_id: &str, pulse: Pulse) -> Self {
        config.set("transactional.id", transactional_id);
        config.set("transaction.timeout.ms", TRANSACTION.as_millis().to_string());
        config.set("message.timeout.ms", DELIVERY_MS);
        Self { config, ready: None, pulse }
    }

    pub(super) fn is_lost(&self) -> bool {
        self.ready.is_none()
    }

    /// Gives up the producer: what it had begun is over, and how it ended is for [`Self::recover`] to find out.
    pub(super) fn lose(&mut self) {
        self.pulse.begin("close a producer");
        self.ready = None;
    }

    /// Makes a producer and ends whatever an earlier one of the same id left open.
    pub(super) fn recover(&mut self) -> Result<(), LogError> {
        self.pulse.begin("start a producer");
        let producer: FutureProducer = self.config.create().map_err(|e| failed("create a client", &e))?;
        producer.init_transactions(INIT).map_err(|e| failed("start the transactional producer", &e))?;
        self.ready = Some(Ready { positions: Positions::of(producer.clone())?, producer });
        Ok(())
    }

    /// One transaction: all records, then the positions; returns the records' offsets.
    ///
    /// A `FutureProducer` because its own thread keeps deliveries and aborts going; and all deliveries are awaited
    /// before the commit, whose own flush would wait in steps of 100 ms.
    pub(super) fn commit(
        &mut self,
        records: &[(NewRecord, u32)],
        positions: TopicPartitionList,
        group: ConsumerGroupMetadata,
    ) -> Result<Vec<i64>, Failure> {
        let Some(ready) = &self.ready else { return Err(Failure::Lost("the writer is not ready".into())) };
        let result = self.transaction(ready, records, positions, group);
        if matches!(result, Err(Failure::Lost(_))) {
            self.lose();
        }
        result
    }

    fn transaction(
        &self,
        ready: &Ready,
        records: &[(NewRecord, u32)],
        positions: TopicPartitionList,
        group: ConsumerGroupMetadata,
    ) -> Result<Vec<i64>, Failure> {
        let producer = &ready.producer;
        producer.begin_transaction().map_err(|e| self.lost("begin", &e))?;
        self.pulse.begin("write records");
        let offsets = send(producer, records).map_err(|e| self.abort(producer, &e))?;
        self.pulse.begin("write positions");
        match ready.positions.send(positions, group) {
            Some(sent) => sent.map_err(|e| self.abort(producer, &e))?,
            None => return Err(Failure::Lost("the group's coordinator does not take its positions".into())),
        }
        self.finish(producer)?;
        Ok(offsets)
    }

    fn finish(&self, producer: &FutureProducer) -> Result<(), Failure> {
        self.pulse.begin("commit");
        match repeat(|left| producer.commit_transaction(left)) {
            Ok(()) => Ok(()),
            Err(KafkaError::Transaction(e)) if e.txn_requires_abort() => {
                Err(self.abort(producer, &KafkaError::Transaction(e)))
            }
            Err(KafkaError::Flush(code)) => Err(self.abort(producer, &KafkaError::Flush(code))),
            Err(error) => Err(self.lost("commit", &error)),
        }
    }

    fn abort(&self, producer: &FutureProducer, cause: &KafkaError) -> Failure {
        if let Some((_, text)) = producer.client().fatal_error() {
            return Failure::Fenced(text);
        }
        self.pulse.begin("abort");
        match repeat(|left| producer.abort_transaction(left)) {
            Ok(()) => Failure::Rolled(match failed("write", cause) {
                LogError::Refused(why) => LogError::Refused(why),
                _ => LogError::Aborted(cause.to_string()),
            }),
            Err(error) => self.lost("abort", &error),
        }
    }

    fn lost(&self, what: &str, error: &KafkaError) -> Failure {
        match failed(&format!("{what} a transaction"), error) {
            LogError::Fenced(why) => Failure::Fenced(why),
            _ => Failure::Lost(format!("can't {what} it: {error}")),
        }
    }
}

/// Sends all records and waits until all are acknowledged.
fn send(producer: &FutureProducer, records: &[(NewRecord, u32)]) -> Result<Vec<i64>, KafkaError> {
    let mut sent: Vec<DeliveryFuture> = Vec::with_capacity(records.len());
    let mut offsets = Vec::with_capacity(records.len());
    for (record, partition) in records {
        loop {
            match producer.send_result(client::outgoing(record, *partition)) {
                Ok(delivery) => break sent.push(delivery),
                // Only this transaction is in the queue: it has room again when the first record is through.
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => sleep(Duration::from_millis(2)),
                Err((error, _)) => return Err(error),
            }
        }
    }
    for delivery in sent {
        match block_on(delivery) {
            Ok(Ok(delivered)) => offsets.push(delivered.offset),
            Ok(Err((error, _))) => return Err(error),
            Err(_) => return Err(KafkaError::Canceled),
        }
    }
    Ok(offsets)
}
