//! Taking a partition: the rows catch up with the own events before any input is decided.

use std::{collections::BTreeMap, marker::PhantomData, sync::Arc};

use fail::fail_point;
use feira_connectors::log::{LogRecord, TopicPartition};
use feira_contexts::{Decider, ForeignEvent};
use feira_schemas::{
    ids::Micros,
    records::{EventSet, RecordSet, common::InputPosition},
    row::Write,
    rows::common::Progress,
    topics::{self, Context},
};

use super::{
    append::rows_of,
    error::ProcessorError,
    input::foreign_of,
    partition::{Committed, Partition, write_rows},
};
use crate::{
    backoff::Backoff,
    generations::{Folded, Source},
    health::Doing,
    platform::Platform,
    reading::read,
    waiting::Patient,
};

/// Own events read at once while catching up.
const PAGE: usize = 1_000;
/// Seconds that a clock may be ahead. Machines that NTP keeps differ by milliseconds; a smaller number would only meet the time
/// that a busy cluster takes to answer.
const MOST_AHEAD: i64 = 5;
/// The number of offsets to look back for the last foreign event before a position: transaction markers take offsets
/// too.
const LOOK_BACK: i64 = 64;

/// Brings the rows of a partition up to the end of its own events, and finds where each input goes on, and from which hour timers
/// may wait.
///
/// `committed` are the group's positions, read after any transaction of the former owner has ended.
pub(super) async fn restore<D: Decider>(
    platform: &Platform,
    group: &str,
    at: u32,
    committed: Committed,
) -> Result<(Partition, Micros), ProcessorError> {
    let mut partition = Partition::default();
    if let Some(progress) = progress::<D>(platform, group, at).await? {
        partition.applied = progress.applied;
        partition.last_write_ts = progress.write_ts;
        partition.inputs = progress.inputs;
    }
    replay::<D>(platform, group, at, &mut partition).await?;
    partition.positions = positions::<D>(platform, at, committed, &partition).await?;
    for (topic, position) in partition.positions.clone() {
        let at = TopicPartition { topic: Arc::clone(&topic), partition: at };
        if let Some(event) = last_foreign::<D>(platform, &at, position).await? {
            partition.note_foreign(&topic, event.source());
        }
    }
    partition.progress_ts = platform.now();
    // Readers in other processes translate tokens by this row: it must not wait for the next record.
    let progress = partition.progress_write::<D>(group, at, platform.now());
    write_rows(platform, group, Vec::new(), vec![progress]).await?;
    let hour = first_timers::<D>(platform, group, at).await?;
    Ok((partition, hour))
}

/// The first hour in which a timer of a partition may wait: as it was kept, or else that of the first own event. A partition
/// without events has none, and begins now.
async fn first_timers<D: Decider>(platform: &Platform, group: &str, at: u32) -> Result<Micros, ProcessorError> {
    let kept = progress::<D>(platform, &Progress::timers_of(group), at).await?;
    if let Some(kept) = kept {
        return Ok(kept.write_ts);
    }
    let events = TopicPartition::new(topics::events(D::CONTEXT), at);
    let mut from = patient::<D>(platform).log(|| platform.log.start(&events)).await?;
    loop {
        let page = patient::<D>(platform).log(|| platform.log.read(&events, from, 1)).await?;
        if let Some(first) = page.records.first() {
            return Ok(own_event::<D>(platform, first).await?.meta().write_ts);
        }
        if page.next == from {
            return Ok(platform.now());
        }
        from = page.next;
    }
}

/// Waits while this process' clock is ahead of the one that all share. What it decided would be ahead for ever, since no later
/// `write_ts` is smaller, and times that are long past would not be; a clock that is behind harms nothing.
pub(super) async fn clock_agrees<D: Decider>(platform: &Platform) -> Result<(), ProcessorError> {
    let patient = patient::<D>(platform);
    let mut backoff = Backoff::default();
    loop {
        let before = platform.now();
        let Some(shared) = patient.state(|| platform.state.now()).await? else { return Ok(()) };
        let Some(why) = too_far_ahead(before, shared) else { return Ok(()) };
        patient.wait(&mut backoff, "clock", &why).await;
    }
}

fn too_far_ahead(own: Micros, shared: Micros) -> Option<String> {
    let seconds = (own - shared) / 1_000_000;
    (seconds >= MOST_AHEAD).then(|| format!("this machine's is {seconds} s ahead of the state's; let NTP set it"))
}

/// The offset at which each input goes on: the committed position, or the topic's start where there never was one, or where the topic
/// was made anew.
async fn positions<D: Decider>(
    platform: &Platform,
    at: u32,
    committed: Committed,
    partition: &Partition,
) -> Result<BTreeMap<Arc<str>, i64>, ProcessorError> {
    let mut positions = BTreeMap::new();
    for (topic, position) in committed {
        let at = TopicPartition { topic: Arc::clone(&topic), partition: at };
        let position = match position {
            Some(position) => position,
            None if partition.applied > 0 => after_own_events::<D>(platform, &at).await?,
            None => patient::<D>(platform).log(|| platform.log.start(&at)).await?,
        };
        positions.insert(topic, within_log::<D>(platform, &at, position).await?);
    }
    Ok(positions)
}

/// A position, or where the input ends before it, the input's start. Such a topic was deleted and made anew: nothing of it was
/// decided, and from the old position on, all that comes into it would be passed over as decided until it is as long as before.
async fn within_log<D: Decider>(
    platform: &Platform,
    input: &TopicPartition,
    position: i64,
) -> Result<i64, ProcessorError> {
    if position == 0 || position <= patient::<D>(platform).log(|| platform.log.end(input)).await? {
        return Ok(position);
    }
    let start = patient::<D>(platform).log(|| platform.log.start(input)).await?;
    tracing::warn!(%input, position, start, "this input ends before its position: it was made anew, and is read from its start");
    Ok(start)
}

/// The offset at which an input goes on whose position the log has forgotten, as Kafka does of a group that nobody
/// was in for a week: after the last of its records that an own event came from. What followed without an event is
/// decided again, to the same end.
async fn after_own_events<D: Decider>(platform: &Platform, input: &TopicPartition) -> Result<i64, ProcessorError> {
    let events = TopicPartition::new(topics::events(D::CONTEXT), input.partition);
    let end = patient::<D>(platform).log(|| platform.log.end(&events)).await?;
    let mut from = patient::<D>(platform).log(|| platform.log.start(&events)).await?;
    let mut position = patient::<D>(platform).log(|| platform.log.start(input)).await?;
    while from < end {
        let page = patient::<D>(platform).log(|| platform.log.read(&events, from, PAGE)).await?;
        for record in &page.records {
            let event = own_event::<D>(platform, record).await?;
            let InputPosition { topic, offset, .. } = &event.meta().input;
            if **topic == *input.topic {
                position = position.max(offset + 1);
            }
        }
        if page.next == from {
            break;
        }
        from = page.next;
    }
    tracing::warn!(%input, position, "the log has no position of this input any more; going on after the own events");
    Ok(position)
}

async fn progress<D: Decider>(platform: &Platform, group: &str, at: u32) -> Result<Option<Progress>, ProcessorError> {
    let key = Progress::key(group, at);
    let row = patient::<D>(platform).state(|| platform.state.get::<D::Progress>(&key)).await?;
    Ok(row.map(Into::into))
}

/// Applies own events from the applied position to the end that stood when we began.
async fn replay<D: Decider>(
    platform: &Platform,
    group: &str,
    at: u32,
    partition: &mut Partition,
) -> Result<(), ProcessorError> {
    let events = TopicPartition::new(topics::events(D::CONTEXT), at);
    // The end counts records of open transactions too, so a page that stops short of it is read again.
    let end = patient::<D>(platform).log(|| platform.log.end(&events)).await?;
    let mut backoff = Backoff::default();
    while partition.applied < end {
        let page = patient::<D>(platform).log(|| platform.log.read(&events, partition.applied, PAGE)).await?;
        if page.next == partition.applied {
            backoff.wait().await;
            continue;
        }
        let mut writes = Vec::new();
        for record in &page.records {
            let (of_event, write_ts) = rows_of_event::<D>(platform, record).await?;
            partition.last_write_ts = partition.last_write_ts.max(write_ts);
            writes.extend(of_event);
        }
        partition.applied = page.next;
        let progress = partition.progress_write::<D>(group, at, platform.now());
        fail_point!(&format!("{group}::before_restored"));
        write_rows(platform, group, writes, vec![progress]).await?;
        platform.health.report(group, Doing::Restoring, platform.now());
        fail_point!(&format!("{group}::after_restored"));
    }
    Ok(())
}

/// The rows that an own event makes, and its `write_ts`.
async fn rows_of_event<D: Decider>(
    platform: &Platform,
    record: &LogRecord,
) -> Result<(Vec<Write>, Micros), ProcessorError> {
    let event = own_event::<D>(platform, record).await?;
    let writes = rows_of::<D>(&event, record.at.partition).map_err(|why| ProcessorError::broken(record, why))?;
    Ok((writes, event.meta().write_ts))
}

/// A context's own events, folded into a new generation of its keyspace.
pub struct ContextFold<D>(PhantomData<D>);

impl<D: Decider> Source for ContextFold<D> {
    const PROCESSOR: &'static str = D::CONTEXT.name();
    const KEYSPACE: &'static str = D::CONTEXT.name();
    const FILLED_BY: &'static [&'static str] = &[D::CONTEXT.name()];
    const EVENTS_OF: Context = D::CONTEXT;
    type Progress = D::Progress;

    async fn fold(platform: &Platform, _: &TopicPartition, records: &[LogRecord], _: i64) -> Folded {
        let mut folded = Folded::default();
        for record in records {
            match rows_of_event::<D>(platform, record).await {
                Ok((writes, write_ts)) => {
                    folded.writes.extend(writes);
                    folded.write_ts = folded.write_ts.max(write_ts);
                }
                // Its processor stops the partition there, and says so.
                Err(error) => {
                    folded.left = Some((record.offset, error.to_string()));
                    break;
                }
            }
        }
        folded
    }
}

/// An own event. It is never skipped: one that can't be read stops the partition, or state would differ from the log.
async fn own_event<D: Decider>(platform: &Platform, record: &LogRecord) -> Result<D::Event, ProcessorError> {
    let read = read(platform, D::CONTEXT.name(), record, D::Event::decode).await;
    read.map_err(|unread| ProcessorError::broken(record, unread.to_string()))
}

/// The last foreign event below a position, if the topic is a foreign context's and has one.
async fn last_foreign<D: Decider>(
    platform: &Platform,
    at: &TopicPartition,
    position: i64,
) -> Result<Option<D::Foreign>, ProcessorError> {
    let Some(context) = foreign_of::<D>(&at.topic).filter(|_| position > 0) else { return Ok(None) };
    let from = (position - LOOK_BACK).max(0);
    let page =
        patient::<D>(platform).log(|| platform.log.read(at, from, usize::try_from(LOOK_BACK).unwrap_or(1))).await?;
    let before = page.records.iter().rev().filter(|record| record.offset < position);
    let read = |value| <D::Foreign as ForeignEvent>::read(context, &platform.codec, value).ok();
    let readable = before.filter_map(|record| read(record.value.as_deref()?));
    Ok({ readable }.next())
}

fn patient<D: Decider>(platform: &Platform) -> Patient<'_> {
    Patient::new(platform, D::CONTEXT.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_behind_and_hardly_ahead() {
        let now = 1_700_000_000_000_000;
        assert_eq!(too_far_ahead(now, now + 3_600_000_000), None);
        assert_eq!(too_far_ahead(now + 4_999_999, now), None);
        assert!(too_far_ahead(now + 7_000_000, now).is_some_and(|why| why.contains("7 s ahead")));
    }
}
