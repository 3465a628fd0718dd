//! Timers of a partition that changes hands, is stopped, or whose transaction is aborted.

use std::{collections::BTreeSet, pin::pin, task::Poll};

use feira_connectors::log::{Seat, TopicPartition};
use feira_schemas::{
    groups::Context,
    ids::Micros,
    records::DirectoryEvent,
    rows::directory::TimerRow,
    time::{HOUR, MINUTE},
};

use super::{Bed, Sample, claim, confirm, turn, until_decided};
use crate::{
    consumer::{Consumer, IDLE},
    processor::Processor,
};

#[tokio::test]
async fn the_next_owner_decides_what_is_open_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + MINUTE), claim(2, bed.now() + 2 * HOUR)]).await;
    until_decided(&mut processor, 2).await;
    bed.pass(MINUTE);
    processor.step().await.unwrap();
    processor.close().await.unwrap();
    for (pass, freed) in [(0, 1), (3 * HOUR, 2), (1_000 * HOUR, 2)] {
        bed.pass(pass);
        let mut next = bed.processor::<Sample>().await;
        next.step().await.unwrap();
        next.step().await.unwrap();
        assert_eq!(bed.freed().await, &["nome-1", "nome-2"][..freed]);
        next.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_transaction_that_is_aborted_puts_its_timers_back() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 2).await;
    let mut processor = bed.processor_at::<Sample>(Seat { instance: None, number: 0, members: 2 }).await;
    bed.send([claim(1, bed.now() + MINUTE)]).await;
    until_decided(&mut processor, 1).await;
    bed.pass(MINUTE);
    // A position of what is another's: nothing of the transaction is committed.
    let foreign = processor.partitions[&0].clone();
    processor.partitions.insert(1, foreign);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, [] as [&str; 0]);
    processor.revoked(&[TopicPartition::new("directory.commands", 1)]);
    processor.step().await.unwrap();
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-1"]);
}

#[tokio::test]
async fn a_stopped_partition_decides_no_timer() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + MINUTE)]).await;
    until_decided(&mut processor, 1).await;
    bed.pass(MINUTE);
    processor.partitions.get_mut(&0).unwrap().stopped = true;
    assert_eq!(processor.until_due(), IDLE);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, [] as [&str; 0]);
    processor.partitions.get_mut(&0).unwrap().stopped = false;
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-1"]);
}

#[tokio::test]
async fn timers_in_memory_are_counted_as_long_as_their_partition_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + MINUTE), claim(2, bed.now() + MINUTE)]).await;
    until_decided(&mut processor, 2).await;
    assert_eq!(processor.counted.get(), 2);
    processor.close().await.unwrap();
    // Read by the next owner, and gone with the partition.
    let mut next = bed.processor::<Sample>().await;
    assert_eq!(next.counted.get(), 2);
    next.revoked(&[TopicPartition::new("directory.commands", 0)]);
    assert_eq!(next.counted.get(), 0);
}

/// Polls some work so often at most, and drops it wherever it is then, as a process that ends does. True if it had ended.
async fn cut_off(work: impl Future<Output = ()>, polls: usize) -> bool {
    let (mut work, mut left) = (pin!(work), polls);
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn two_thousand_timers_beside_commands_are_each_decided_once_wherever_their_owner_ends() {
    const COUNT: u128 = 2_000;
    const POLLS: usize = 9;
    const SECOND: Micros = MINUTE / 60;
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send((0..COUNT).map(|number| claim(number, bed.now() + MINUTE + number as i64 * SECOND))).await;
    until_decided(&mut processor, COUNT as i64).await;
    processor.close().await.unwrap();
    bed.pass(MINUTE);
    bed.send((0..COUNT).map(|number| confirm(COUNT + number))).await;

    // Some forty more are due for each owner. Each is cut off a poll later than the one before, in its first round or in its second; a
    // round that gets to its end takes half a dozen.
    let (mut cuts, mut freed, mut confirmed) = (0, Vec::new(), Vec::new());
    for owner in 0.. {
        assert!(owner < 2_000, "{} timers and {} commands are decided", freed.len(), confirmed.len());
        bed.pass(40 * SECOND);
        let mut processor = Processor::<Sample>::join(bed.platform.clone(), Seat::alone(None)).await.unwrap();
        if owner / POLLS % 2 == 1 {
            turn(&mut processor).await;
        }
        cuts += usize::from(!cut_off(turn(&mut processor), owner % POLLS).await);
        drop(processor);
        (freed, confirmed) = (Vec::new(), Vec::new());
        for event in bed.events::<DirectoryEvent>(Context::Directory).await {
            match event {
                DirectoryEvent::NameReleased(event) => freed.push(event.name.name),
                DirectoryEvent::NameConfirmed(event) => confirmed.push(event.name.name),
                _ => {}
            }
        }
        if (freed.len() as u128, confirmed.len() as u128) >= (COUNT, COUNT) {
            break;
        }
    }
    println!("{cuts} owners were cut off");
    assert!(cuts > 10, "{cuts} owners were cut off");
    let once = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len();
    assert_eq!((freed.len() as u128, once(&freed) as u128), (COUNT, COUNT));
    assert_eq!((confirmed.len() as u128, once(&confirmed) as u128), (COUNT, COUNT));
    // The last one's rows may be left to the next owner.
    drop(bed.processor::<Sample>().await);
    assert_eq!(bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows, []);
}
