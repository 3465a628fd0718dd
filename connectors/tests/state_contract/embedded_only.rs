//! Cases that only the store in the data folder must pass: one process at a time, kills, full disks.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    iter,
    path::Path,
    process::{Command, Stdio},
};

use feira_connectors::state::{State, StateError};
use feira_schemas::row::{RowKey, Write};
use uuid::Uuid;

use crate::{
    rows::{MARK, Mark, NOTE, Note, mark, note, note_key},
    value,
};

#[tokio::test]
async fn an_open_folder_is_refused_to_a_second_process_and_free_after_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::embedded(folder.path()).unwrap();
    assert!(matches!(State::embedded(folder.path()), Err(StateError::Refused(_))));
    state.ensure_tables(&[MARK], &[]).await.unwrap();
    state.write(&[Write::put(mark("o", 1, Some(7)), 1)]).await.unwrap();
    state.sync().await.unwrap();
    drop(state);
    let state = State::embedded(folder.path()).unwrap();
    state.ensure_tables(&[MARK], &[]).await.unwrap();
    assert_eq!(value(&state, "o").await, Some(Some(7)));
}

const CHILD_FOLDER: &str = "FEIRA_TEST_CHILD_FOLDER";

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
#[ignore = "is run by the_acknowledged_batches_survive_a_kill"]
async fn child_that_writes_until_it_is_killed() {
    let folder = std::env::var(CHILD_FOLDER).expect("set by the test that starts this process");
    let state = opened(Path::new(&folder)).await;
    for round in 0.. {
        let writes = [
            Write::put(mark("last", 1, Some(round)), round + 1),
            Write::put(mark("all", u128::try_from(round).unwrap(), Some(round)), round + 1),
            Write::put(Note { stars: i32::try_from(round).ok(), ..note(Uuid::nil(), "s", 1, "n") }, round + 1),
        ];
        state.write(&writes).await.unwrap();
        println!("\nacknowledged {round}");
    }
}

async fn opened(folder: &Path) -> State {
    let state = State::embedded(folder).unwrap();
    state.ensure_tables(&[NOTE, MARK], &[]).await.unwrap();
    state
}

#[tokio::test]
async fn the_acknowledged_batches_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded_only::child_that_writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(CHILD_FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let acknowledged = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .filter_map(|line| line.unwrap().strip_prefix("acknowledged ").map(|round| round.parse::<i64>().unwrap()))
        .find(|round| *round >= 500)
        .expect("the child acknowledges until it is killed");
    child.kill().unwrap();
    child.wait().unwrap();

    let state = opened(folder.path()).await;
    let last = value(&state, "last").await.unwrap().unwrap();
    assert!(last >= acknowledged, "acknowledged {acknowledged}, kept {last}");
    let note = state.get::<Note>(&note_key(Uuid::nil(), "s", [1.into(), "n".into()])).await.unwrap().unwrap();
    assert_eq!(note.stars.map(i64::from), Some(last), "the rows of one batch are kept together");
    let all = state.scan::<Mark>(&RowKey::new(["all".into()], []), None, 10_000).await.unwrap();
    assert_eq!(all.iter().map(|row| row.value).collect::<BTreeSet<_>>(), (0..=last).map(Some).collect());
}

#[tokio::test]
async fn a_full_disk_ends_the_writing_and_shows_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    // A limit on the size of files stands in for the full disk: 72 MiB in the 512-byte blocks of POSIX. The signal that comes
    // with it is ignored, so that writes fail instead.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 147456; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "embedded_only::child_that_writes_until_the_disk_is_full", "--ignored", "--nocapture"])
        .env(CHILD_FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let acknowledged = |line: &str| line.strip_prefix("acknowledged ")?.parse::<i64>().ok();
    let acknowledged = said.lines().filter_map(acknowledged).max().unwrap();

    let state = opened(folder.path()).await;
    let last = value(&state, "last").await.unwrap().unwrap();
    assert!([acknowledged, acknowledged + 1].contains(&last), "acknowledged {acknowledged}, kept {last}");
    let notes = state.scan::<Note>(&note_key(Uuid::nil(), "s", [last.into()]), None, 100).await.unwrap();
    assert_eq!(notes.iter().map(|note| note.body.len()).collect::<Vec<_>>(), [LARGE; 20]);
    state.write(&[Write::put(mark("last", 1, Some(-1)), last + 2)]).await.unwrap();
}

const LARGE: usize = 1 << 20;

/// Not a test of its own: the process whose disk the test above fills.
#[tokio::test]
#[ignore = "is run by a_full_disk_ends_the_writing_and_shows_nothing_half_written"]
async fn child_that_writes_until_the_disk_is_full() {
    let folder = std::env::var(CHILD_FOLDER).expect("set by the test that starts this process");
    let state = opened(Path::new(&folder)).await;
    // The journal turns to another file at 64 MiB, so a batch is larger than what is left up to the limit.
    let batch = |round: i64| {
        let large = (0..20).map(|number| {
            let body = (0..LARGE / 32).map(|_| Uuid::new_v4().simple().to_string()).collect(); // Nothing to compress.
            Write::put(Note { body, ..note(Uuid::nil(), "s", round, &number.to_string()) }, round + 1)
        });
        iter::once(Write::put(mark("last", 1, Some(round)), round + 1)).chain(large).collect()
    };
    let full = loop_until_refused(&state, batch).await;
    assert!(matches!(full, StateError::Unavailable(_)), "{full:?}");
    // It can't tell what reached the disk, so it says that only a start helps; what was there can be read.
    let refused = state.write(&batch(1_000)).await;
    assert!(matches!(refused, Err(StateError::Broken(_))), "{refused:?}");
    assert!(value(&state, "last").await.is_some());
}

async fn loop_until_refused(state: &State, batch: impl Fn(i64) -> Vec<Write>) -> StateError {
    for round in 0..100 {
        match state.write(&batch(round)).await {
            Ok(()) => println!("\nacknowledged {round}"),
            Err(error) => return error,
        }
    }
    panic!("the limit was never met");
}
