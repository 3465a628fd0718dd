//! The clock that jumps, and the hours that are swept.

use feira_schemas::{
    groups::Context,
    ids::Micros,
    records::{DirectoryEvent, EventSet, common::TimerEvent},
    row::Write,
    rows::{
        common::Progress,
        directory::{ProgressRow, TimerRow},
    },
    time::{HOUR, MINUTE, hour_of},
};

use super::{Bed, Sample, claim, confirm, until_decided};
use crate::consumer::Consumer;

#[tokio::test]
async fn a_clock_that_has_jumped_holds_timers_and_leads_no_event_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + HOUR)]).await;
    until_decided(&mut processor, 1).await;

    let (before, year) = (bed.now(), 365 * 24 * HOUR);
    bed.set(year);
    bed.send([confirm(2)]).await;
    until_decided(&mut processor, 2).await;
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, [] as [&str; 0]);
    assert!(bed.platform.health.holding()["directory"].contains("jumped by 31536000 s"));
    let last = bed.events::<DirectoryEvent>(Context::Directory).await.pop().unwrap();
    assert!(last.meta().write_ts <= before + MINUTE, "records go on, in a time that has not jumped");

    bed.set(-year);
    processor.step().await.unwrap();
    assert!(bed.platform.health.holding().is_empty());
    assert_eq!(bed.freed().await, [] as [&str; 0], "it is not due");
    bed.pass(HOUR);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-1"]);
}

#[tokio::test]
async fn no_timer_is_set_into_an_hour_that_was_swept_and_a_lost_hint_costs_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    assert_eq!(bed.hint().await, None);
    let (mut hint, mut seen) = (0, 0);
    for round in 0..12 {
        // One that is past, one of this hour, one of the next but one; now and then nothing for days.
        let commands = [-2 * HOUR, MINUTE, 2 * HOUR].map(|after| bed.now() + after);
        bed.send((0..).zip(commands).map(|(number, due)| claim(10 * round + number, due))).await;
        until_decided(&mut processor, 3 * (round as i64 + 1)).await;
        let events = bed.events::<DirectoryEvent>(Context::Directory).await;
        for event in &events[seen..] {
            let Some(TimerEvent::Set(set)) = event.as_timer() else { continue };
            assert!(set.bucket >= hint, "set into an hour before {hint}: {set:?}");
            assert_eq!(set.bucket, hour_of(set.due.max(set.meta.write_ts)));
        }
        seen = events.len();
        let kept = bed.hint().await.unwrap_or_default();
        assert!(kept >= hint);
        hint = kept;
        bed.pass([MINUTE, HOUR, 25 * MINUTE, 100 * HOUR][round as usize % 4]);
    }
    assert!(hint > 0);
    let open = bed.freed().await.len();
    processor.close().await.unwrap();

    // The next owner goes on from the hint; without it, from the first event's hour.
    let timers = bed.platform.state.scan_table::<TimerRow>(None, 100).await.unwrap().rows;
    assert!(timers.iter().all(|row| row.0.bucket >= hint));
    bed.pass(3 * HOUR);
    let key = Progress::key(&Progress::timers_of("directory"), 0);
    bed.platform.state.write(&[Write::delete::<ProgressRow>(key, Micros::MAX)]).await.unwrap();
    let mut next = bed.processor::<Sample>().await;
    next.step().await.unwrap();
    assert_eq!(bed.freed().await.len(), open + timers.len());
    assert_eq!(bed.freed().await.len(), 36);
}
