//! Reading a partition without a group.
//!
//! The end of a page can't be told from its last record: control records and aborted ones take offsets too. So each
//! page is read up to a *target*, the last stable offset when it began, and the position is the library's own: past
//! whatever it skipped.

use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::client::{self, CALL_TIMEOUT, Isolation, failed};
use super::{Cluster, lock};
use crate::log::error::LogError;
use crate::log::types::{LogRecord, Page, TopicPartition};

/// Consumers kept between two pages. Each has a few threads and connections, so no more than tasks restore at once.
const MAX_IDLE: usize = 8;

/// A page ends once its records hold this much, so that large records do not fill the memory.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// A consumer and where it stands, if it is assigned.
pub(super) struct Reader {
    consumer: BaseConsumer<Ends>,
    at: Option<(TopicPartition, i64)>,
}

/// Ends are what a reader looks for; the library says of one that nobody polled for any more that it is an error.
struct Ends;

impl ClientContext for Ends {
    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
            tracing::error!(%error, reason, "reading without a group");
        }
    }
}

impl ConsumerContext for Ends {}

/// Reads a page of a partition ([`crate::log::Log::read`]). Blocks.
pub(super) fn read(cluster: &Cluster, at: &TopicPartition, from: i64, max_records: usize) -> Result<Page, LogError> {
    cluster.check(at)?;
    // Not asked of the reader: its fetches wait at the broker, which answers the requests of one connection one after
    // the other.
    let watermarks = cluster.stable.fetch_watermarks(&at.topic, at.partition as i32, CALL_TIMEOUT);
    let (start, target) = watermarks.map_err(|e| failed("ask for an end", &e))?;
    let from = from.max(start);
    if from >= target || max_records == 0 {
        return Ok(Page { records: Vec::new(), next: from });
    }
    let mut reader = take(cluster, at, from)?;
    // A reader that met an error is dropped, not kept.
    let page = reader.page(at, from, target, max_records)?;
    let mut readers = lock(&cluster.readers);
    if readers.len() < MAX_IDLE {
        readers.push(reader);
    }
    Ok(page)
}

/// The reader that stands there already, else any idle one, else a new one.
fn take(cluster: &Cluster, at: &TopicPartition, from: i64) -> Result<Reader, LogError> {
    {
        let mut readers = lock(&cluster.readers);
        let stands = readers
            .iter()
            .position(|reader| reader.at.as_ref().is_some_and(|(there, offset)| there == at && *offset == from));
        if let Some(index) = stands.or_else(|| readers.iter().position(|reader| reader.at.is_none())) {
            return Ok(readers.swap_remove(index));
        }
        if readers.len() >= MAX_IDLE {
            return Ok(readers.swap_remove(0));
        }
    }
    // `assign` needs a group id although no group is ever joined.
    let group = format!("{}.reader", cluster.settings.client_id);
    let mut client = client::consumer(&cluster.settings, Some(&group), Isolation::Committed);
    client.set("enable.partition.eof", "true");
    // A fetch that still waits for more delays the next place that is read.
    client.set("fetch.wait.max.ms", "10");
    let consumer = client.create_with_context(Ends).map_err(|e| failed("create a client", &e))?;
    Ok(Reader { consumer, at: None })
}

impl Reader {
    fn page(&mut self, at: &TopicPartition, from: i64, target: i64, max_records: usize) -> Result<Page, LogError> {
        if self.at.as_ref().is_none_or(|(there, offset)| there != at || *offset != from) {
            let list = client::list([(at, Offset::Offset(from))])?;
            self.consumer.assign(&list).map_err(|e| failed("read", &e))?;
        }
        let (records, next) = self.fill(at, from, target, max_records)?;
        self.at = if next < target {
            Some((at.clone(), next))
        } else {
            // Nothing more is wanted for now; an assigned consumer would go on fetching.
            self.consumer.unassign().map_err(|e| failed("read", &e))?;
            None
        };
        Ok(Page { records, next })
    }

    /// Collects records until a limit or the target is reached.
    fn fill(
        &self,
        at: &TopicPartition,
        from: i64,
        target: i64,
        max_records: usize,
    ) -> Result<(Vec<LogRecord>, i64), LogError> {
        let (mut records, mut next, mut bytes) = (Vec::new(), from, 0);
        let mut deadline = Instant::now() + CALL_TIMEOUT;
        while next < target && records.len() < max_records && bytes < MAX_PAGE_BYTES {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    let record = client::incoming(&at.topic, &message);
                    next = record.offset + 1;
                    bytes += record.key.len() + record.value.as_ref().map_or(0, |value| value.len());
                    records.push(record);
                    deadline = Instant::now() + CALL_TIMEOUT;
                }
                // The end as it was when the library fetched it, which may be before the target: then more will come.
                Some(Err(KafkaError::PartitionEOF(_))) => next = self.position(at)?.max(next),
                Some(Err(error)) => match failed("read", &error) {
                    LogError::Unavailable(_) => {}
                    error => return Err(error),
                },
                None => next = self.position(at)?.max(next),
            }
            if Instant::now() >= deadline {
                return Err(LogError::Unavailable(format!("{at} was not read up to {target} in time")));
            }
        }
        Ok((records, next))
    }

    /// Past the last record that was consumed or skipped; 0 if none was yet.
    fn position(&self, at: &TopicPartition) -> Result<i64, LogError> {
        let positions = self.consumer.position().map_err(|e| failed("read", &e))?;
        Ok(match positions.find_partition(&at.topic, at.partition as i32).map(|found| found.offset()) {
            Some(Offset::Offset(offset)) => offset,
            _ => 0,
        })
    }
}
