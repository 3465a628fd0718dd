//! Cases that only a cluster of several processes can show: fencing, co-partitioning, aborted records, and a broker
//! that is not there.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use feira_connectors::log::{
    KafkaSettings, Log, LogError, Member, MemberEvent, Retention, Seat, TopicPartition, Transaction,
};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};

use crate::bed::{self, Bed, PARTITIONS, assigned, collect, number, placed, resume_all, soon, text};

type Assignment = Vec<(TopicPartition, Option<i64>)>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_share_partitions_of_all_topics_alike_and_hand_positions_over() {
    let Some(bed) = bed::kafka() else { return };
    let topics = [bed.topic("commands").await, bed.topic("retry").await];
    let group = bed.group("g");
    let (mut first, all) = bed.join(&group, &topics).await;
    for (at, _) in &all {
        bed.log.append((0..3).map(|n| placed(at, n)).collect()).await.unwrap();
    }
    let positions = all.iter().map(|(at, _)| (at.clone(), i64::from(at.partition) + 1)).collect();
    first.commit(Transaction { records: vec![], positions }).await.unwrap();

    // The first keeps polling while the second joins, as two processes would.
    let (group_of_second, log, names) = (group.clone(), bed.log.clone(), topics.clone());
    let second = tokio::spawn(async move {
        let mut second = log.join(&group_of_second, &names, Seat::alone(None)).await.unwrap();
        let own = assigned(&mut second).await;
        (second, own)
    });
    let kept = soon(lose_half(&mut first, all.len())).await;
    let (second, given) = second.await.unwrap();
    for half in [&kept, &given] {
        assert_eq!(half.len(), all.len() / 2);
        let partitions = |topic: &Arc<str>| {
            half.iter().filter(|(at, _)| at.topic == *topic).map(|(at, _)| at.partition).collect::<Vec<_>>()
        };
        assert_eq!(partitions(&topics[0]), partitions(&topics[1]), "the same partitions of each topic");
        assert!(half.iter().all(|(at, position)| *position == Some(i64::from(at.partition) + 1)), "{half:?}");
    }

    // What was lost can't be committed any more; what was kept can.
    let lost = given[0].0.clone();
    let refused =
        first.commit(Transaction { records: vec![placed(&lost, "late")], positions: vec![(lost.clone(), 3)] }).await;
    assert!(matches!(refused, Err(LogError::Aborted(_))), "{refused:?}");
    first.commit(Transaction { records: vec![], positions: vec![(kept[0].0.clone(), 3)] }).await.unwrap();
    assert_eq!(bed.all(&lost).await.len(), 3);

    // Leaving hands the rest over without waiting for a session to time out.
    second.leave().await.unwrap();
    assert_eq!(soon(lose_half(&mut first, 0)).await.len(), all.len());
    first.leave().await.unwrap();
}

/// Waits until a member that owned `before` partitions is assigned another number of them.
async fn lose_half(member: &mut Member, before: usize) -> Assignment {
    let mut revoked = 0;
    loop {
        match member.next(10, Duration::from_millis(100)).await.unwrap() {
            MemberEvent::Revoked(partitions) => revoked += partitions.len(),
            MemberEvent::Assigned(mut partitions) if partitions.len() != before => {
                assert!(before == 0 || revoked == before, "what is given anew was taken before");
                partitions.sort();
                return partitions;
            }
            MemberEvent::Assigned(_) => revoked = 0,
            MemberEvent::Records(records) => panic!("records of paused partitions: {records:?}"),
            MemberEvent::Lacking(missing) => panic!("all read the same topics: {missing:?}"),
            MemberEvent::Idle => {}
        }
    }
}

/// The partitions that a member was given, and what others of its partitions lack, since its last assignment.
#[derive(Default)]
struct Own {
    partitions: Assignment,
    lacking: Vec<TopicPartition>,
}

impl Own {
    /// Follows a member until what it has is as it should be. Two members are polled by turns, as two processes would be at once.
    async fn follow(&mut self, member: &mut Member) {
        match member.next(10, Duration::from_millis(20)).await.unwrap() {
            MemberEvent::Assigned(partitions) => self.partitions = partitions,
            MemberEvent::Revoked(gone) => self.partitions.retain(|(at, _)| !gone.contains(at)),
            MemberEvent::Lacking(missing) => self.lacking = missing,
            MemberEvent::Records(records) => panic!("records of paused partitions: {records:?}"),
            MemberEvent::Idle => {}
        }
    }

    fn numbers(&self, topic: &Arc<str>) -> Vec<u32> {
        let of_topic = self.partitions.iter().filter(|(at, _)| at.topic == *topic);
        let mut numbers: Vec<_> = of_topic.map(|(at, _)| at.partition).collect();
        numbers.sort_unstable();
        numbers
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f38_a_partition_is_owned_with_all_of_its_inputs_or_not_at_all() {
    let Some(bed) = bed::kafka() else { return };
    let (commands, events) = (bed.topic("commands").await, bed.topic("events").await);
    let (group, both) = (bed.group("g"), [commands.clone(), events.clone()]);
    // The program before an upgrade reads an input less than the one after it.
    let (mut before, _) = bed.join(&group, slice::from_ref(&commands)).await;
    let mut after = bed.log.join(&group, &both, Seat::alone(None)).await.unwrap();
    let (mut old, mut new) = (Own::default(), Own::default());
    let half = PARTITIONS as usize / 2;
    soon(async {
        while new.partitions.is_empty() || old.partitions.len() != half {
            old.follow(&mut before).await;
            new.follow(&mut after).await;
        }
    })
    .await;
    // The broker has given the newer program all of the events; it takes those alone whose commands it has, too.
    assert_eq!(new.numbers(&events), new.numbers(&commands));
    let mut all = [old.numbers(&commands), new.numbers(&commands)].concat();
    all.sort_unstable();
    assert_eq!(all, (0..PARTITIONS).collect::<Vec<_>>(), "each is owned once");
    let lacking: Vec<_> =
        old.numbers(&commands).into_iter().map(|at| TopicPartition::new(commands.clone(), at)).collect();
    assert_eq!(new.lacking, lacking, "it says what it waits for");
    let foreign = TopicPartition::new(events.clone(), lacking[0].partition);
    let refused = after.commit(Transaction { records: vec![], positions: vec![(foreign, 1)] }).await;
    assert!(matches!(refused, Err(LogError::Aborted(_))), "{refused:?}");
    let own = new.partitions.iter().map(|(at, _)| (at.clone(), 1)).collect();
    after.commit(Transaction { records: vec![], positions: own }).await.unwrap();

    // The older one goes: the next assignment brings the rest.
    before.leave().await.unwrap();
    soon(async {
        while new.partitions.len() != 2 * PARTITIONS as usize {
            new.follow(&mut after).await;
        }
    })
    .await;
    assert!(new.lacking.is_empty(), "{:?}", new.lacking);
    after.leave().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_a_rebalance_is_not_committed_after_it() {
    let Some(bed) = bed::kafka() else { return };
    let (topic, group) = (bed.topic("in").await, bed.group("g"));
    let (mut member, own) = bed.join(&group, slice::from_ref(&topic)).await;
    let at = own[0].0.clone();
    let transaction = || Transaction { records: vec![placed(&at, "late")], positions: vec![(at.clone(), 7)] };

    // Another comes, commits and goes while this one is busy: all its partitions come back to it before it looks.
    let mut other = bed.log.join(&group, slice::from_ref(&topic), Seat::alone(None)).await.unwrap();
    let given = assigned(&mut other).await;
    other.commit(Transaction { records: vec![], positions: vec![(given[0].0.clone(), 9)] }).await.unwrap();
    other.leave().await.unwrap();
    for _ in 0..50 {
        let late = member.commit(transaction()).await;
        assert!(matches!(late, Err(LogError::Aborted(_))), "{late:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(bed.all(&at).await.len(), 0);

    // Once it knows, it goes on from what holds now.
    let mut again = assigned(&mut member).await;
    while again.len() < own.len() {
        again = assigned(&mut member).await; // The half that it had meanwhile.
    }
    assert!(again.contains(&(given[0].0.clone(), Some(9))), "{again:?}");
    member.commit(transaction()).await.unwrap();
    assert_eq!(bed.all(&at).await.len(), 1);
    member.leave().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zombie_is_fenced_by_the_instance_that_took_its_name() {
    let Some(bed) = bed::kafka() else { return };
    let (topic, group) = (bed.topic("in").await, bed.group("g"));
    let at = TopicPartition::new(topic.clone(), 0);
    let instance = bed.group("instance");
    let mut zombie = bed.log.join(&group, slice::from_ref(&topic), Seat::alone(Some(&instance))).await.unwrap();
    assigned(&mut zombie).await;
    zombie
        .commit(Transaction { records: vec![placed(&at, "before")], positions: vec![(at.clone(), 1)] })
        .await
        .unwrap();

    let mut heir = bed.log.join(&group, slice::from_ref(&topic), Seat::alone(Some(&instance))).await.unwrap();
    let inherited = assigned(&mut heir).await;
    assert_eq!(inherited[0], (at.clone(), Some(1)));
    heir.commit(Transaction { records: vec![placed(&at, "heir")], positions: vec![(at.clone(), 2)] }).await.unwrap();

    let late =
        zombie.commit(Transaction { records: vec![placed(&at, "late")], positions: vec![(at.clone(), 9)] }).await;
    assert!(matches!(late, Err(LogError::Fenced(_))), "{late:?}");
    let again = zombie.commit(Transaction { records: vec![], positions: vec![(at.clone(), 9)] }).await;
    assert!(matches!(again, Err(LogError::Fenced(_))), "{again:?}");
    assert!(matches!(zombie.next(1, Duration::ZERO).await, Err(LogError::Fenced(_))));
    assert_eq!(bed.all(&at).await.iter().map(text).collect::<Vec<_>>(), ["before", "heir"]);
    assert_eq!(bed.log.committed(&group, &[at]).await.unwrap(), [Some(2)]);
    heir.leave().await.unwrap();
}

/// As tools from outside see it: the end of a partition less the group's position.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f38_a_group_at_rest_is_not_behind_where_a_transaction_ended_its_input() {
    let Some(bed) = bed::kafka() else { return };
    let (input, other) = (bed.topic("in").await, bed.topic("other").await);
    let (mut writer, assigned) = bed.join(&bed.group("writer"), std::slice::from_ref(&other)).await;
    resume_all(&mut writer, &assigned).await;
    let at = |partition| TopicPartition::new(input.clone(), partition);
    // Two that end with a marker, in one of which a record stays with the owner, and one that ends with a record.
    let records = vec![placed(&at(0), "a"), placed(&at(1), "b"), placed(&at(1), "c")];
    writer.commit(Transaction { records, positions: vec![(TopicPartition::new(other, 0), 0)] }).await.unwrap();
    bed.log.append(vec![placed(&at(2), "d")]).await.unwrap();

    let group = bed.group("reader");
    let (mut reader, assigned) = bed.join(&group, std::slice::from_ref(&input)).await;
    resume_all(&mut reader, &assigned).await;
    collect(&mut reader, 4).await;
    let positions = vec![(at(0), 1), (at(1), 1), (at(2), 1)];
    reader.commit(Transaction { records: vec![], positions }).await.unwrap();
    let ends = [bed.log.end(&at(0)).await.unwrap(), bed.log.end(&at(1)).await.unwrap()];
    assert_eq!(ends, [2, 3], "a marker takes an offset");
    soon(async {
        while bed.log.committed(&group, &[at(0)]).await.unwrap() != [Some(2)] {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(
        bed.log.committed(&group, &[at(1), at(2)]).await.unwrap(),
        [Some(1), Some(1)],
        "not what was not committed"
    );
    // What comes next is read and committed from there.
    bed.log.append(vec![placed(&at(0), "e")]).await.unwrap();
    let next = collect(&mut reader, 1).await;
    assert_eq!((text(&next[0]), next[0].offset), ("e", 2));
    reader.commit(Transaction { records: vec![], positions: vec![(at(0), 3), (at(1), 3)] }).await.unwrap();
    assert_eq!(bed.log.committed(&group, &[at(0), at(1)]).await.unwrap(), [Some(3), Some(3)]);
    reader.leave().await.unwrap();
    writer.leave().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_and_open_transactions_are_never_read() {
    let Some(bed) = bed::kafka() else { return };
    let topic = bed.topic("mixed").await;
    let at = TopicPartition::new(topic.clone(), 2);
    let (mut member, own) = bed.join(&bed.group("g"), slice::from_ref(&topic)).await;
    resume_all(&mut member, &own).await;
    let mut tail = bed.log.tail(slice::from_ref(&topic)).await.unwrap();
    let foreign = transactional(&bed);

    bed.log.append(vec![placed(&at, 1)]).await.unwrap();
    foreign.begin_transaction().unwrap();
    write(&foreign, &at, "aborted");
    foreign.abort_transaction(Duration::from_secs(10)).unwrap();
    bed.log.append(vec![placed(&at, 2)]).await.unwrap();
    assert_eq!(bed.all(&at).await.iter().map(number).collect::<Vec<_>>(), [1, 2]);

    // An open one holds back what comes after it, also from a reader that began before; then both come, in order.
    foreign.begin_transaction().unwrap();
    write(&foreign, &at, "3");
    let appended = bed.log.append(vec![placed(&at, 4)]).await.unwrap()[0];
    let page = bed.log.read(&at, 0, 100).await.unwrap();
    assert_eq!(page.records.iter().map(number).collect::<Vec<_>>(), [1, 2]);
    assert!(bed.log.end(&at).await.unwrap() > appended, "an end is past open transactions");
    assert!(bed.log.read(&at, page.next, 100).await.unwrap().records.is_empty());
    foreign.commit_transaction(Duration::from_secs(10)).unwrap();
    assert_eq!(bed.all(&at).await.iter().map(number).collect::<Vec<_>>(), [1, 2, 3, 4]);

    // A transaction of nothing but aborted records ends the partition: a position passes it.
    foreign.begin_transaction().unwrap();
    write(&foreign, &at, "aborted too");
    foreign.abort_transaction(Duration::from_secs(10)).unwrap();
    assert_eq!(bed.all(&at).await.len(), 4);

    assert_eq!(collect(&mut member, 4).await.iter().map(number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let mut tailed = Vec::new();
    while tailed.len() < 4 {
        tailed.extend(soon(tail.next()).await.unwrap().iter().map(number));
    }
    assert_eq!(tailed, [1, 2, 3, 4]);
    member.leave().await.unwrap();
}

fn transactional(bed: &Bed) -> ThreadedProducer<rdkafka::producer::DefaultProducerContext> {
    let producer: ThreadedProducer<_> = ClientConfig::new()
        .set("bootstrap.servers", bed::brokers().unwrap())
        .set("transactional.id", bed.group("foreign"))
        .create()
        .unwrap();
    producer.init_transactions(Duration::from_secs(20)).unwrap();
    producer
}

/// Puts a record of the open transaction on the broker.
fn write(producer: &ThreadedProducer<rdkafka::producer::DefaultProducerContext>, at: &TopicPartition, value: &str) {
    producer
        .send(BaseRecord::to(&at.topic).partition(at.partition as i32).key("key").payload(value))
        .map_err(|(e, _)| e)
        .unwrap();
    producer.flush(Duration::from_secs(10)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_owner_loses_nothing_and_does_not_stop_its_group() {
    let Some(bed) = bed::kafka() else { return };
    let (topic, group) = (bed.topic("flood").await, bed.group("g"));
    let at = TopicPartition::new(topic.clone(), 0);
    let count = 10_000;
    bed.log.append((0..count).map(|n| placed(&at, n)).collect()).await.unwrap();
    let (mut slow, own) = bed.join(&group, slice::from_ref(&topic)).await;
    resume_all(&mut slow, &own).await;
    // Long enough that the full inbox pauses the partition, whose records must then come again from where they stopped.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut numbers: Vec<u64> = Vec::new();
    for wanted in [3000, count as usize] {
        while numbers.len() < wanted {
            if let MemberEvent::Records(records) = soon(slow.next(100, Duration::from_secs(60))).await.unwrap() {
                numbers.extend(records.iter().map(number));
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert_eq!(numbers, (0..count).collect::<Vec<_>>());

    // Full again, and busy elsewhere: a second member still gets its share.
    slow.resume(&at, 0).await.unwrap();
    let mut second = bed.log.join(&group, slice::from_ref(&topic), Seat::alone(None)).await.unwrap();
    assert_eq!(assigned(&mut second).await.len(), PARTITIONS as usize / 2);
    second.leave().await.unwrap();
    slow.leave().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_broker_is_unavailable() {
    // The socket takes the address and refuses whoever asks there.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let log = Log::kafka(&bed::kafka_settings(&held.local_addr().unwrap().to_string())).unwrap();
    let (topic, at): (Arc<str>, _) = ("orders".into(), TopicPartition::new("orders", 0));
    let record = placed(&at, 1);
    let answers = tokio::join!(
        async { log.append(vec![record]).await.map(drop) },
        async { log.read(&at, 0, 1).await.map(drop) },
        async { log.end(&at).await.map(drop) },
        async { log.tail(slice::from_ref(&topic)).await.map(drop) },
        async { log.join("g", slice::from_ref(&topic), Seat::alone(None)).await.map(drop) },
        async { log.committed("g", slice::from_ref(&at)).await.map(drop) },
        async { log.delete_before(&at, 0).await },
    );
    let (append, read, end, tail, join, committed, delete) = answers;
    for answer in [append, read, end, tail, join, committed, delete] {
        assert!(matches!(answer, Err(LogError::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_topics_wait_for_as_many_brokers_as_copies_and_say_so() {
    let (Some(bed), Some(brokers)) = (bed::kafka(), bed::brokers()) else { return };
    let spec = bed.spec("copies", Retention::Forever);
    let log = Log::kafka(&KafkaSettings { replication: Some(9), ..bed::kafka_settings(&brokers) }).unwrap();
    let answer = log.ensure_topics(slice::from_ref(&spec)).await;
    let Err(LogError::Unavailable(why)) = answer else { panic!("{answer:?}") };
    assert!(why.contains("9 copies were asked for (FEIRA_REPLICATION)"), "{why}");
    bed.log.ensure_topics(slice::from_ref(&spec)).await.unwrap();
}
