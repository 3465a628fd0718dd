//! The fold of one keyspace into this program's generation, by all processes that run its processor.
//!
//! A group of the fold's own deals its partitions out, so that the processor's group, and the older program in it, are not
//! disturbed. Nothing is committed there: how far a partition is stands in the new generation's progress rows, from which the
//! processor goes on afterwards, and that it is done in a row beside them. Two processes that fold one partition write the
//! same rows.

use std::{collections::HashMap, sync::Arc, time::Duration};

use fail::fail_point;
use feira_connectors::{
    log::{LogError, LogRecord, MemberEvent, Seat, TopicPartition},
    state::StateError,
};
use feira_schemas::{
    ids::Micros,
    row::{RowKey, Stored, Write},
    rows::common::Progress,
    topics::{self, Context},
};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};

use super::{Pace, look, make_live};
use crate::{backoff::Backoff, health::Doing, platform::Platform, waiting::Patient};

/// Own events read at once. More would hold more in memory, of which some partitions are folded at once; fewer would write
/// smaller batches.
const PAGE: usize = 500;
/// The longest wait for anything before the loop says how far it is.
const TICK: Duration = Duration::from_secs(1);

/// A fold that ended before it was done. A start goes on with it.
#[derive(Debug, thiserror::Error)]
pub enum FoldFailed {
    /// The log refused, or failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The state refused a row: the tables are not those of this program.
    #[error(transparent)]
    State(#[from] StateError),
}

/// A source of a fold: the rows of one keyspace, from one context's events.
pub trait Source: Send + Sync + 'static {
    /// The processor's group, whose progress rows say how far the fold is.
    const PROCESSOR: &'static str;
    /// The keyspace without its prefix.
    const KEYSPACE: &'static str;
    /// All processors whose folds fill the keyspace, this one among them: it is live once each of them has folded every partition.
    const FILLED_BY: &'static [&'static str];
    /// The context whose events are folded.
    const EVENTS_OF: Context;
    /// The keyspace's progress table.
    type Progress: Stored + From<Progress> + Into<Progress>;

    /// The rows that some records of a partition make. `committed` is the position of the processor's group.
    fn fold(
        platform: &Platform,
        at: &TopicPartition,
        records: &[LogRecord],
        committed: i64,
    ) -> impl Future<Output = Folded> + Send;
}

/// The result of folding records.
#[derive(Debug, Default)]
pub struct Folded {
    /// The rows that the records make.
    pub writes: Vec<Write>,
    /// `write_ts` of the last of them.
    pub write_ts: Micros,
    /// The first that could not be folded, and why: it and what follows is left to the processor, which knows what to do.
    pub left: Option<(i64, String)>,
}

/// Folds a keyspace until it is live, here or elsewhere, or until told to stop.
pub async fn fold<S: Source>(
    platform: &Platform,
    instance: Option<&str>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), FoldFailed> {
    let Some(kept) = platform.generations.all().remove(S::KEYSPACE) else { return Ok(()) };
    let group = format!("{}.fold-g{}", S::PROCESSOR, kept.ours);
    let inputs: [Arc<str>; 1] = [topics::events(S::EVENTS_OF).into()];
    let patient = Patient::new(platform, S::PROCESSOR);
    let pace = Arc::new(Pace::new(kept.ours));
    report::<S>(platform, &pace);
    tracing::info!(
        what = S::PROCESSOR,
        generation = kept.ours,
        live = kept.live,
        "a new generation is folded from the log"
    );
    let mut member = patient.log(|| platform.log.join(&group, &inputs, Seat::alone(instance))).await?;
    let mut folding = JoinSet::new();
    let mut partitions: HashMap<u32, AbortHandle> = HashMap::new();
    let mut backoff = Backoff::default();
    let live = loop {
        // Cancel safety: `Member::next` takes no event and `join_next` no result when they are dropped.
        let event = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break false,
            Some(ended) = folding.join_next() => {
                match ended {
                    Ok(folded) => folded?,
                    Err(ended) if ended.is_cancelled() => {}
                    Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
                }
                Ok(MemberEvent::Idle)
            }
            event = member.next(1, TICK) => event,
        };
        match event {
            Ok(MemberEvent::Assigned(assigned)) => {
                for (at, _) in assigned {
                    let (platform, pace) = (platform.clone(), Arc::clone(&pace));
                    let fold = folding.spawn(async move { partition::<S>(&platform, &pace, at.partition).await });
                    if let Some(before) = partitions.insert(at.partition, fold) {
                        before.abort();
                    }
                }
            }
            Ok(MemberEvent::Revoked(revoked)) => {
                revoked.iter().filter_map(|at| partitions.remove(&at.partition)).for_each(|fold| fold.abort());
            }
            // One topic alone is read: no partition of it is given in part.
            Ok(MemberEvent::Records(_) | MemberEvent::Lacking(_) | MemberEvent::Idle) => {}
            Err(LogError::Unavailable(why)) => {
                patient.wait(&mut backoff, "log", &why).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        backoff = Backoff::default();
        report::<S>(platform, &pace);
        if patient.state(|| look(platform, S::KEYSPACE)).await? || are_done::<S>(platform).await? {
            break true;
        }
    };
    // All is done, or was done elsewhere; what may still be under way here the processors catch up with.
    folding.abort_all();
    if live {
        patient.state(|| make_live(platform, S::KEYSPACE)).await?;
        platform.health.report(S::PROCESSOR, Doing::Restoring, platform.now());
    }
    Ok(member.leave().await?)
}

fn report<S: Source>(platform: &Platform, pace: &Pace) {
    platform.health.report(S::PROCESSOR, Doing::Folding(pace.progress()), platform.now());
    pace.say(S::PROCESSOR);
}

/// True if every partition of all that fill the keyspace is done, whoever did it.
async fn are_done<S: Source>(platform: &Platform) -> Result<bool, FoldFailed> {
    let partitions = 0..platform.partitions;
    let of = |processor: &&str| partitions.clone().map(|partition| done_key(processor, partition)).collect::<Vec<_>>();
    let keys: Vec<RowKey> = S::FILLED_BY.iter().flat_map(of).collect();
    let rows = Patient::new(platform, S::PROCESSOR).state(|| platform.state.get_many::<S::Progress>(&keys)).await?;
    Ok(rows.iter().all(Option::is_some))
}

/// The key of the row that says that a processor's fold of a partition is done.
fn done_key(processor: &str, partition: u32) -> RowKey {
    Progress::key(&format!("{processor}.folded"), partition)
}

/// Folds a partition up to where its events end when it begins.
async fn partition<S: Source>(platform: &Platform, pace: &Pace, partition: u32) -> Result<(), FoldFailed> {
    let patient = Patient::new(platform, S::PROCESSOR);
    // It can't fail: nobody closes it.
    let Ok(_turn) = platform.generations.turns.acquire().await else { return Ok(()) };
    let at = TopicPartition::new(topics::events(S::EVENTS_OF), partition);
    let (key, done) = (Progress::key(S::PROCESSOR, partition), done_key(S::PROCESSOR, partition));
    if patient.state(|| platform.state.get::<S::Progress>(&done)).await?.is_some() {
        return Ok(());
    }
    let before = patient.state(|| platform.state.get::<S::Progress>(&key)).await?;
    let new = || Progress { consumer: S::PROCESSOR.to_owned(), partition: partition.into(), ..Progress::default() };
    let mut progress: Progress = before.map_or_else(new, Into::into);
    let start = patient.log(|| platform.log.start(&at)).await?;
    let end = patient.log(|| platform.log.end(&at)).await?;
    let asked = std::slice::from_ref(&at);
    let committed =
        patient.log(|| platform.log.committed(S::PROCESSOR, asked)).await?.pop().flatten().unwrap_or_default();
    progress.applied = progress.applied.max(start);
    pace.begins(partition, progress.applied, end);
    let (mut written_ts, mut backoff) = (0, Backoff::default());
    // The end counts records of open transactions too, so a page that stops short of it is read again.
    while progress.applied < end {
        let page = patient.log(|| platform.log.read(&at, progress.applied, PAGE)).await?;
        if page.next == progress.applied {
            backoff.wait().await;
            continue;
        }
        backoff = Backoff::default();
        let mut folded = S::fold(platform, &at, &page.records, committed).await;
        let now = platform.now();
        // What would be let go at once is not written: answers from long ago, most of all.
        folded.writes.retain(|write| write.table().kept.is_none_or(|kept| write.write_ts() + kept > now));
        progress.applied = folded.left.as_ref().map_or(page.next, |(offset, _)| *offset);
        progress.write_ts = progress.write_ts.max(folded.write_ts);
        written_ts = now.max(written_ts + 1);
        let then = [Write::put(S::Progress::from(progress.clone()), written_ts)];
        fail_point!(&format!("{}::before_folded", S::PROCESSOR));
        patient.state(|| platform.state.write_in_order(&folded.writes, &then)).await?;
        fail_point!(&format!("{}::after_folded", S::PROCESSOR));
        pace.moves(partition, progress.applied, page.records.len());
        if let Some((offset, why)) = folded.left {
            tracing::warn!(group = S::PROCESSOR, %at, offset, %why, "an event can't be folded into the new generation; its processor goes on from there");
            break;
        }
    }
    let row = Progress { consumer: format!("{}.folded", S::PROCESSOR), ..progress };
    let done = [Write::put(S::Progress::from(row), platform.now())];
    Ok(patient.state(|| platform.state.write(&done)).await?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use feira_connectors::log::NewRecord;
    use feira_schemas::{
        ids::{CommandId, TenantId},
        records::{DirectoryEvent, RecordSet, directory::NameConfirmed},
        rows::{
            common::{ANSWERS_KEPT, Answer},
            directory::{AnswerRow, NameRow, ProgressRow},
        },
    };
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use feira_contexts::directory::Directory;

    use crate::{generations::Kept, processor::ContextFold, testing::platform};

    const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(7));

    fn command(number: u128) -> CommandId {
        CommandId::from_uuid(Uuid::from_u128(number))
    }

    /// A name that was confirmed then, by a command of this number.
    fn confirmed(name: &str, write_ts: Micros, number: u128) -> DirectoryEvent {
        let input = json!({"topic": "directory.commands", "partition": 0, "offset": 0});
        let answers = json!({"command_id": command(number), "body_hash": "", "outcome": "UPDATED"});
        let meta = json!({
            "event_id": Uuid::from_u128(number), "tenant_id": TENANT, "aggregate_id": name, "aggregate_version": 1,
            "write_ts": write_ts, "causation_id": command(number), "input": input, "occurred_at": write_ts, "actor": "test",
            "answers": answers
        });
        let name = json!({"name": name, "tenant_id": TENANT, "status": "CONFIRMED", "until": null});
        let event: NameConfirmed = serde_json::from_value(json!({"meta": meta, "name": name})).unwrap();
        event.into()
    }

    async fn append(platform: &Platform, value: Vec<u8>) -> i64 {
        let record = NewRecord {
            topic: topics::events(Context::Directory).into(),
            partition: Some(0),
            key: "k".into(),
            value: Some(value.into()),
            headers: Vec::new(),
        };
        platform.log.append(vec![record]).await.unwrap()[0]
    }

    /// A platform whose state is lost and whose log is not.
    async fn without_state(folder: &Path) -> Platform {
        std::fs::remove_dir_all(folder.join("state")).unwrap();
        platform(folder).await
    }

    async fn progress(platform: &Platform) -> ProgressRow {
        platform.state.get::<ProgressRow>(&Progress::key("directory", 0)).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_fold_makes_every_row_but_answers_from_long_ago() {
        let folder = tempfile::tempdir().unwrap();
        let (_stop, stopped) = watch::channel(false);
        let now = {
            let platform = platform(folder.path()).await;
            assert!(!platform.generations.is_pending("directory"), "of a new deployment there is nothing to fold");
            let now = platform.now();
            for (number, write_ts) in [(1, now - ANSWERS_KEPT - 1), (2, now - ANSWERS_KEPT / 2)] {
                let event = confirmed(&format!("loja-{number}"), write_ts, number);
                append(&platform, event.encode(&platform.codec).unwrap()).await;
            }
            now
        };
        let platform = without_state(folder.path()).await;
        let ours = feira_schemas::generations::of("directory").unwrap();
        assert_eq!(platform.generations.all()["directory"], Kept { live: 0, ours: ours.into() });
        fold::<ContextFold<Directory>>(&platform, None, stopped).await.unwrap();
        assert!(!platform.generations.is_pending("directory"));
        for name in ["loja-1", "loja-2"] {
            assert!(platform.state.get::<NameRow>(&NameRow::at(name)).await.unwrap().is_some(), "{name}");
        }
        let answer = async |number| {
            platform.state.get::<AnswerRow>(&Answer::key(TENANT, command(number))).await.unwrap().is_some()
        };
        assert_eq!((answer(1).await, answer(2).await), (false, true));
        let ProgressRow(Progress { applied, write_ts, .. }) = progress(&platform).await;
        assert_eq!((applied, write_ts), (2, now - ANSWERS_KEPT / 2));
    }

    #[tokio::test]
    async fn what_can_not_be_folded_is_left_to_the_processor_with_what_follows() {
        let folder = tempfile::tempdir().unwrap();
        let (_stop, stopped) = watch::channel(false);
        let bad = {
            let platform = platform(folder.path()).await;
            append(&platform, confirmed("antes", 10, 1).encode(&platform.codec).unwrap()).await;
            let bad = append(&platform, b"no event".to_vec()).await;
            append(&platform, confirmed("depois", 11, 2).encode(&platform.codec).unwrap()).await;
            bad
        };
        let platform = without_state(folder.path()).await;
        fold::<ContextFold<Directory>>(&platform, None, stopped).await.unwrap();
        assert!(
            !platform.generations.is_pending("directory"),
            "it is live: its processor stops the partition, and says so"
        );
        assert_eq!(progress(&platform).await.0.applied, bad);
        let there = async |name| platform.state.get::<NameRow>(&NameRow::at(name)).await.unwrap().is_some();
        assert_eq!((there("antes").await, there("depois").await), (true, false));
    }
}
