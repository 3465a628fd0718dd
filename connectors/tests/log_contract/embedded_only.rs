//! What only the embedded log promises: one folder, one process, and no loss when that process is killed.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, slice};

use feira_connectors::log::{EmbeddedLog, Log, LogError, Retention, TopicPartition, TopicSpec, Transaction};
use tokio::task::JoinSet;

use crate::bed::{self, assigned, keyed, placed};

/// Where a child process keeps its log; set only for children.
const FOLDER: &str = "FEIRA_LOG_CONTRACT_FOLDER";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_has_one_member_at_a_time() {
    let bed = bed::embedded();
    let topic = bed.topic("orders").await;
    let first = bed.log.join("g", slice::from_ref(&topic), None).await.unwrap();
    assert!(matches!(bed.log.join("g", slice::from_ref(&topic), None).await.map(drop), Err(LogError::Refused(_))));
    drop(first);
    bed.log.join("g", &[topic], None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_appends_share_one_sync() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = EmbeddedLog::open(folder.path()).unwrap();
    let log = Log::Embedded(embedded.clone());
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
    match Log::open_embedded(folder.path()).map(drop) {
        Err(LogError::Locked { pid, .. }) => assert_eq!(pid, child.id()),
        other => panic!("{other:?}"),
    }
    child.kill().unwrap();
    child.wait().unwrap();
    Log::open_embedded(folder.path()).unwrap();
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

        let log = Log::open_embedded(folder.path()).unwrap();
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

/// The child of the tests above: writes one transaction after the other and says which are acknowledged, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_writer() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let log = Log::open_embedded(Path::new(&folder)).unwrap();
    log.ensure_topics(&[spec("in"), spec("out")]).await.unwrap();
    let mut member = log.join("writer", &["in".into(), "out".into()], None).await.unwrap();
    let at = TopicPartition::new("in", 0);
    let committed = assigned(&mut member).await.into_iter().find(|(owned, _)| *owned == at).unwrap().1;
    for position in committed.unwrap_or(0) + 1.. {
        let records = vec![placed(&at, position - 1), placed(&TopicPartition::new("out", 0), position - 1)];
        member.commit(Transaction { records, positions: vec![(at.clone(), position)] }).await.unwrap();
        println!("\nack {position}");
    }
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
