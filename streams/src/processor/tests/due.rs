//! What is due is decided in time, once, in order, and among the records.

use std::{sync::Arc, time::Duration};

use feira_schemas::{
    groups::Context,
    ids::Micros,
    records::{DirectoryEvent, EventSet, common::TimerEvent},
    rows::directory::TimerRow,
    time::{HOUR, MINUTE},
    topics,
};

use super::{Bed, Sample, claim, confirm, turn, until_decided};
use crate::{
    consumer::{Consumer, IDLE},
    processor::timers::MOST,
    testing::tenant,
};

#[tokio::test]
async fn a_timer_is_decided_when_it_is_due_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    let at = |minutes: Micros| bed.now() + minutes * MINUTE;
    let (late, past) = (at(70), bed.now() - HOUR);
    bed.send([claim(1, late), claim(2, at(10)), claim(3, at(20)), claim(4, past)]).await;
    until_decided(&mut processor, 4).await;
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-4"], "what is due before it is set is due at once");

    bed.pass(10 * MINUTE - 1);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-4"]);
    bed.pass(1);
    for _ in 0..3 {
        processor.step().await.unwrap();
    }
    assert_eq!(bed.freed().await, ["nome-4", "nome-2"]);
    bed.pass(3 * HOUR);
    for _ in 0..3 {
        processor.step().await.unwrap();
    }
    assert_eq!(bed.freed().await, ["nome-4", "nome-2", "nome-3", "nome-1"]);

    // What a timer causes names it, and clears it in the same transaction.
    let events = bed.events::<DirectoryEvent>(Context::Directory).await;
    let [.., freed, cleared] = events.as_slice() else { panic!("{events:?}") };
    let TimerEvent::Cleared(timer) = cleared.as_timer().unwrap() else { panic!("{cleared:?}") };
    assert_eq!(timer.due, late);
    for event in [freed, cleared] {
        let meta = event.meta();
        assert_eq!((meta.input.topic.as_str(), meta.input.partition, meta.input.offset), ("timer", 0, -1));
        assert_eq!((meta.causation_id.uuid(), meta.tenant_id), (timer.timer_id.uuid(), tenant(7)));
    }
    let rows = bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows;
    assert_eq!(rows, [], "cleared timers have no rows");
}

#[tokio::test]
async fn a_loop_wakes_when_the_next_timer_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    assert_eq!(processor.until_due(), IDLE, "none waits");
    bed.send([claim(1, bed.now() + 1_300_000)]).await;
    until_decided(&mut processor, 1).await;
    assert_eq!(processor.until_due(), IDLE);
    bed.pass(1_000_000);
    assert_eq!(processor.until_due(), Duration::from_millis(300));
    bed.pass(300_000);
    assert!(processor.until_due().is_zero());
    turn(&mut processor).await;
    assert_eq!(bed.freed().await, ["nome-1"]);
    assert_eq!(processor.until_due(), IDLE);
}

#[tokio::test]
async fn ten_thousand_that_are_due_at_once_are_decided_among_the_commands() {
    const COMMANDS: u128 = 2_000;
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    // More than are kept in memory, in three hours.
    let count = MOST as u128 + 2_000;
    let due = |number: u128| bed.now() + MINUTE + (number % 3) as i64 * HOUR;
    bed.send((0..count).map(|number| claim(number, due(number)))).await;
    until_decided(&mut processor, count as i64).await;
    processor.step().await.unwrap();
    assert!(processor.timers[&0].len() <= MOST && processor.timers[&0].len() > MOST / 3);

    bed.pass(4 * HOUR);
    bed.send((0..COMMANDS).map(|number| confirm(count + number))).await;
    let mut seen = bed.events::<DirectoryEvent>(Context::Directory).await.len();
    let topic: Arc<str> = topics::commands(Context::Directory).into();
    let sent = (count + COMMANDS) as i64;
    while processor.partitions[&0].positions[&topic] < sent {
        turn(&mut processor).await;
        assert!(processor.timers[&0].len() <= MOST);
        let events = bed.events::<DirectoryEvent>(Context::Directory).await;
        let of = |kind: fn(&DirectoryEvent) -> bool| events[seen..].iter().filter(|event| kind(event)).count();
        let commands = of(|event| matches!(event, DirectoryEvent::NameConfirmed(_)));
        let timers = of(|event| matches!(event, DirectoryEvent::NameReleased(_)));
        if events.len() > seen {
            assert!(commands > 0 && timers > 0, "{commands} commands and {timers} timers in a batch");
            assert!(timers <= 250, "{timers} timers in a batch, of which half may be timers");
        }
        seen = events.len();
    }
    while processor.until_due().is_zero() {
        processor.step().await.unwrap();
    }
    let mut freed = bed.freed().await;
    assert_eq!(freed.len() as u128, count);
    freed.sort();
    freed.dedup();
    assert_eq!(freed.len() as u128, count, "each once");
    assert_eq!(bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows, []);
}
