//! Cases that only the embedded log promises: one folder, one process, and no loss when that process is killed.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, slice};

use feira_connectors::log::{Log, LogError, NewRecord, Retention, Seat, TopicPartition, TopicSpec, Transaction};
use tokio::task::JoinSet;

use crate::bed::{self, assigned, collect, keyed, placed, resume_all};

/// The variable that names the folder in which a child process keeps its log; set only for children.
const FOLDER: &str = "FEIRA_LOG_CONTRACT_FOLDER";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_has_one_member_at_a_time() {
    let bed = bed::embedded();
    let topic = bed.topic("orders").await;
    let first = bed.log.join("g", slice::from_ref(&topic), Seat::alone(None)).await.unwrap();
    assert!(matches!(
        bed.log.join("g", slice::from_ref(&topic), Seat::alone(None)).await.map(drop),
        Err(LogError::Refused(_))
    ));
    drop(first);
    bed.log.join("g", &[topic], Seat::alone(None)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_of_a_group_share_its_partitions_out_and_each_commits_its_own() {
    let bed = bed::embedded();
    let topic = bed.topic("in").await;
    let join = |number, members| bed.log.join("g", slice::from_ref(&topic), Seat { instance: None, number, members });
    let mut first = join(0, 2).await.unwrap();
    let mut second = join(1, 2).await.unwrap();
    for (number, members) in [(1, 2), (0, 3), (2, 2), (0, 0)] {
        let refused = join(number, members).await.map(drop);
        assert!(matches!(refused, Err(LogError::Refused(_))), "{number} of {members}: {refused:?}");
    }
    for (number, member) in [&mut first, &mut second].into_iter().enumerate() {
        let owned = assigned(member).await;
        assert!(!owned.is_empty() && owned.iter().all(|(at, _)| at.partition as usize % 2 == number), "{owned:?}");
        resume_all(member, &owned).await;
        let sent: Vec<NewRecord> = owned.iter().map(|(at, _)| placed(at, 1)).collect();
        bed.log.append(sent).await.unwrap();
        let read = collect(member, owned.len()).await;
        assert!(read.iter().all(|record| record.at.partition as usize % 2 == number));
        let positions = owned.into_iter().map(|(at, _)| (at, 1)).collect();
        member.commit(Transaction { records: vec![], positions }).await.unwrap();
    }
    let of_another = vec![(TopicPartition::new(topic.clone(), 1), 1)];
    let not_its_own = first.commit(Transaction { records: vec![], positions: of_another }).await;
    assert!(matches!(not_its_own, Err(LogError::Aborted(_))), "{not_its_own:?}");
    // Where all have gone, the group's seats may be counted anew.
    drop((first, second));
    join(2, 3).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_appends_share_one_sync() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::embedded(folder.path()).unwrap();
    let Log::Embedded(embedded) = &log else { panic!("this log is embedded") };
    log.ensure_topics(&[spec("busy")]).await.unwrap();
    let before = embedded.sync_count();
    let mut appenders = JoinSet::new();
    for appender in 0..64 {
        let log = log.clone();
        appenders.spawn(async move {
            for n in 0..10 {
                log.append(vec![keyed(&"busy".into(), &format!("k{appender}"), n)]).await.unwrap();
            }
        });
    }
    appenders.join_all().await;
    let syncs = embedded.sync_count() - before;
    assert!((10..640).contains(&syncs), "{syncs} syncs for 640 appends, of which 64 waited at a time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_is_told_who_has_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, mut lines) = start_writer(folder.path());
    wait_for_acks(&mut lines, 1);
    match Log::embedded(folder.path()).map(drop) {
        Err(LogError::Locked { pid, .. }) => assert_eq!(pid, child.id()),
        other => panic!("{other:?}"),
    }
    child.kill().unwrap();
    child.wait().unwrap();
    Log::embedded(folder.path()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for _ in 0..3 {
        let (mut child, mut lines) = start_writer(folder.path());
        wait_for_acks(&mut lines, 40);
        child.kill().unwrap();
        let last = lines.map_while(Result::ok).filter_map(|line| ack(&line)).last();
        child.wait().unwrap();
        acknowledged = last.unwrap_or(acknowledged).max(acknowledged + 40);

        let log = Log::embedded(folder.path()).unwrap();
        let at = |topic: &str| TopicPartition::new(topic, 0);
        let ends = [log.end(&at("in")).await.unwrap(), log.end(&at("out")).await.unwrap()];
        let position = log.committed("writer", &[at("in")]).await.unwrap()[0].unwrap();
        assert!(position >= acknowledged, "{position} of {acknowledged} acknowledged transactions are there");
        assert_eq!(ends, [position; 2], "records and position of a transaction stand or fall together");
        let page = log.read(&at("out"), position - 1, 10).await.unwrap();
        assert_eq!(page.records.iter().map(bed::number).collect::<Vec<_>>(), [position as u64 - 1]);
        acknowledged = position;
    }
}

/// The child of the tests above: writes one transaction after the other and says which are acknowledged, until it is
/// killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_writer() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let log = Log::embedded(Path::new(&folder)).unwrap();
    log.ensure_topics(&[spec("in"), spec("out")]).await.unwrap();
    let mut member = log.join("writer", &["in".into(), "out".into()], Seat::alone(None)).await.unwrap();
    let at = TopicPartition::new("in", 0);
    let committed = assigned(&mut member).await.into_iter().find(|(owned, _)| *owned == at).unwrap().1;
    for position in committed.unwrap_or(0) + 1.. {
        let records = vec![placed(&at, position - 1), placed(&TopicPartition::new("out", 0), position - 1)];
        member.commit(Transaction { records, positions: vec![(at.clone(), position)] }).await.unwrap();
        println!("\nack {position}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_shows_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    // A limit on the size of files stands in for the full disk: 72 MiB in the 512-byte blocks of POSIX. The signal
    // that comes with it is ignored, so that writes fail instead.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 147456; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["embedded_only::child_filler", "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let acknowledged = said.lines().filter_map(ack).max().unwrap();

    // With room again, a restart is all it takes. The failed write, whose outcome nobody was told, is there as a
    // whole or not at all.
    let log = Log::embedded(folder.path()).unwrap();
    let at = TopicPartition::new("large", 0);
    let end = log.end(&at).await.unwrap();
    assert!(
        [acknowledged, acknowledged + AT_ONCE].contains(&end),
        "{end} records after {acknowledged} acknowledged ones"
    );
    let mut from = 0;
    while from < end {
        let page = log.read(&at, from, 1).await.unwrap();
        assert_eq!((page.records[0].offset, page.records[0].value.as_ref().unwrap().len()), (from, LARGE));
        from = page.next;
    }
    assert_eq!(log.append(vec![placed(&at, "more")]).await.unwrap(), [end]);
}

/// Records that the child below appends at once; the size of each in bytes.
const AT_ONCE: i64 = 5;
const LARGE: usize = 4_000_000;

/// The child of the test above: appends until it can't, and looks at what is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_filler() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let log = Log::embedded(Path::new(&folder)).unwrap();
    log.ensure_topics(&[spec("large"), spec("small")]).await.unwrap();
    let (at, small) = (TopicPartition::new("large", 0), TopicPartition::new("small", 0));
    let record = NewRecord { value: Some(bed::noise(LARGE).into()), ..placed(&at, "") };
    let mut acknowledged = 0;
    let error = loop {
        assert!(acknowledged < 100, "the limit was never met");
        match log.append(vec![record.clone(); AT_ONCE as usize]).await {
            Ok(offsets) => acknowledged = offsets.last().unwrap() + 1,
            Err(error) => break error,
        }
        println!("\nack {acknowledged}");
    };
    assert!(matches!(error, LogError::Broken(_)), "{error:?}");
    assert_eq!(log.end(&at).await.unwrap(), acknowledged, "what failed is not visible");
    assert!(log.read(&at, acknowledged, 10).await.unwrap().records.is_empty());
    // It stays readable, and goes on refusing instead of taking what it could lose.
    assert_eq!(log.read(&at, 0, 1).await.unwrap().records.len(), 1);
    let refused = log.append(vec![placed(&small, 1)]).await;
    assert!(matches!(refused, Err(LogError::Broken(_))), "{refused:?}");
    assert_eq!(log.end(&small).await.unwrap(), 0);
}

fn spec(name: &str) -> TopicSpec {
    TopicSpec { name: name.into(), partitions: bed::PARTITIONS, retention: Retention::Forever }
}

fn start_writer(folder: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["embedded_only::child_writer", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

fn ack(line: &str) -> Option<i64> {
    line.strip_prefix("ack ")?.parse().ok()
}

fn wait_for_acks(lines: &mut impl Iterator<Item = std::io::Result<String>>, count: usize) {
    assert_eq!(lines.map_while(Result::ok).filter_map(|line| ack(&line)).take(count).count(), count);
}
