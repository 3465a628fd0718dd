//! A processor as the streams are built: it copies records from one topic to another, each exactly once, whatever
//! happens to its group.

use std::collections::BTreeMap;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use feira_connectors::log::{
    Log, LogError, LogRecord, Member, MemberEvent, NewRecord, Seat, TopicPartition, Transaction,
};

use crate::bed::{self, PARTITIONS, number, placed, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_record_is_copied_once_while_members_come_and_go() {
    let Some(bed) = bed::kafka() else { return };
    let (input, output, group) = (bed.topic("in").await, bed.topic("out").await, bed.group("copiers"));
    let start = || {
        let (stop, copied) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let copier = Copier {
            log: bed.log.clone(),
            group: group.clone(),
            input: input.clone(),
            output: output.clone(),
            copied: copied.clone(),
        };
        (tokio::spawn(copier.run(stop.clone())), stop, copied)
    };
    let written = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(write(bed.log.clone(), input.clone(), written.clone()));
    let (host, done, _) = start();
    for round in 0..4 {
        let (guest, leave, copied) = start();
        soon(async {
            while copied.load(Ordering::Relaxed) < 20 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        if round % 2 == 0 {
            // Leaves between two transactions.
            leave.store(true, Ordering::Relaxed);
            guest.await.unwrap();
        } else {
            // Ends wherever it is.
            guest.abort();
            assert!(guest.await.unwrap_err().is_cancelled());
        }
    }
    written.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    for partition in 0..PARTITIONS {
        let values = |records: Vec<LogRecord>| records.iter().map(number).collect::<Vec<_>>();
        let wanted = values(bed.all(&TopicPartition::new(input.clone(), partition)).await);
        let copies = TopicPartition::new(output.clone(), partition);
        soon(async {
            while values(bed.all(&copies).await).len() < wanted.len() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        assert_eq!(values(bed.all(&copies).await), wanted, "partition {partition}");
    }
    done.store(true, Ordering::Relaxed);
    host.await.unwrap();
}

/// Writes to all partitions until told to stop. What may have been written twice after an error is in the input twice.
async fn write(log: Log, input: Arc<str>, stop: Arc<AtomicBool>) {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        let records =
            (0..PARTITIONS).map(|partition| placed(&TopicPartition::new(input.clone(), partition), n)).collect();
        match log.append(records).await {
            Ok(_) => n += 1,
            Err(error) => assert!(matches!(error, LogError::Unavailable(_)), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

struct Copier {
    log: Log,
    group: String,
    input: Arc<str>,
    output: Arc<str>,
    copied: Arc<AtomicU64>,
}

impl Copier {
    async fn run(self, stop: Arc<AtomicBool>) {
        // A broker that has just started names coordinators that are not ready yet; processors join again, too.
        let mut member = loop {
            match self.log.join(&self.group, slice::from_ref(&self.input), Seat::alone(None)).await {
                Ok(member) => break member,
                Err(LogError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(200)).await,
                Err(error) => panic!("{error}"),
            }
        };
        let mut owned: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        while !stop.load(Ordering::Relaxed) {
            match member.next(5, Duration::from_millis(100)).await {
                Ok(MemberEvent::Assigned(partitions)) => {
                    for (at, position) in partitions {
                        let from = position.unwrap_or(0);
                        member.resume(&at, from).await.unwrap();
                        owned.insert(at, from);
                    }
                }
                Ok(MemberEvent::Revoked(partitions)) => owned.retain(|at, _| !partitions.contains(at)),
                Ok(MemberEvent::Records(records)) => self.copy(&mut member, &mut owned, &records).await,
                Ok(MemberEvent::Lacking(_) | MemberEvent::Idle) | Err(LogError::Unavailable(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        member.leave().await.unwrap();
    }

    async fn copy(&self, member: &mut Member, owned: &mut BTreeMap<TopicPartition, i64>, records: &[LogRecord]) {
        let mut moved = owned.clone();
        for record in records {
            moved.insert(record.at.clone(), record.offset + 1);
        }
        let copy = |record: &LogRecord| NewRecord { topic: self.output.clone(), ..placed(&record.at, number(record)) };
        let transaction =
            Transaction { records: records.iter().map(copy).collect(), positions: moved.clone().into_iter().collect() };
        match member.commit(transaction).await {
            Ok(offsets) => {
                self.copied.fetch_add(offsets.len() as u64, Ordering::Relaxed);
                *owned = moved;
            }
            // Nothing was committed: from the positions that hold, once more.
            Err(LogError::Aborted(_)) => {
                for (at, from) in owned {
                    member.resume(at, *from).await.unwrap();
                }
            }
            // The partitions are taken away and come back with the positions that hold.
            Err(LogError::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
