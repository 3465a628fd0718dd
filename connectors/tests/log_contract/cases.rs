//! The contract. Each case stands alone and knows no adapter.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feira_connectors::log::{
    LogError, MAX_RECORD_BYTES, MemberEvent, NewRecord, Retention, Seat, TopicPartition, TopicSpec, Transaction,
    murmur2_partition,
};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::bed::{self, Bed, PARTITIONS, collect, keyed, number, placed, resume_all, soon, text};

pub async fn records_of_a_key_keep_their_order(bed: &Bed) {
    let topic = bed.topic("orders").await;
    let keys: Vec<String> = (0..10).map(|i| format!("tenant-{i}")).collect();
    for start in (0..200).step_by(20) {
        let records = (start..start + 20).map(|n| keyed(&topic, &keys[n % 7 + n % 4], n)).collect();
        assert_eq!(bed.log.append(records).await.unwrap().len(), 20);
    }
    let (mut member, assigned) = bed.join(&bed.group("g"), &[topic]).await;
    resume_all(&mut member, &assigned).await;
    let mut by_key: HashMap<Bytes, Vec<u64>> = HashMap::new();
    let mut offsets: HashMap<u32, i64> = HashMap::new();
    for record in collect(&mut member, 200).await {
        assert_eq!(record.at.partition, murmur2_partition(&record.key, PARTITIONS));
        assert!(record.timestamp_ms > 1_600_000_000_000, "{}", record.timestamp_ms);
        let last = offsets.insert(record.at.partition, record.offset);
        assert!(last.is_none_or(|last| last < record.offset));
        by_key.entry(record.key.clone()).or_default().push(number(&record));
    }
    assert_eq!(by_key.len(), keys.len());
    assert!(by_key.values().all(|numbers| numbers.is_sorted()), "{by_key:?}");
    member.leave().await.unwrap();
}

pub async fn positions_survive_a_rejoin(bed: &Bed) {
    let topic = bed.topic("orders").await;
    let at = TopicPartition::new(topic.clone(), 2);
    bed.log.append((0..5).map(|n| placed(&at, n)).collect()).await.unwrap();
    let (group, other) = (bed.group("g"), bed.group("other"));

    let (mut member, assigned) = bed.join(&group, std::slice::from_ref(&topic)).await;
    assert!(assigned.iter().all(|(_, position)| position.is_none()));
    resume_all(&mut member, &assigned).await;
    assert_eq!(collect(&mut member, 5).await.len(), 5);
    member.commit(Transaction { records: vec![], positions: vec![(at.clone(), 3)] }).await.unwrap();
    assert_eq!(bed.log.committed(&group, std::slice::from_ref(&at)).await.unwrap(), [Some(3)]);
    member.leave().await.unwrap();

    let (mut member, assigned) = bed.join(&group, &[topic]).await;
    let expected: Vec<_> = (0..PARTITIONS).map(|partition| (partition == 2).then_some(3)).collect();
    assert_eq!(assigned.iter().map(|(_, position)| *position).collect::<Vec<_>>(), expected);
    resume_all(&mut member, &assigned).await;
    assert_eq!(collect(&mut member, 2).await.iter().map(number).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(bed.log.committed(&other, &[at]).await.unwrap(), [None]);
    member.leave().await.unwrap();
}

pub async fn a_transaction_is_whole_or_nothing(bed: &Bed) {
    let (input, output) = (bed.topic("in").await, bed.topic("out").await);
    let group = bed.group("g");
    let (from, to) = (TopicPartition::new(input.clone(), 1), TopicPartition::new(output.clone(), 3));
    bed.log.append((0..4).map(|n| placed(&from, n)).collect()).await.unwrap();
    let (mut member, assigned) = bed.join(&group, &[input.clone(), output.clone()]).await;
    resume_all(&mut member, &assigned).await;
    let mut tail = bed.log.tail(std::slice::from_ref(&output)).await.unwrap();
    collect(&mut member, 4).await;

    let records = vec![placed(&to, "first"), placed(&to, "second"), placed(&from, "third")];
    let offsets = member.commit(Transaction { records, positions: vec![(from.clone(), 2)] }).await.unwrap();
    assert_eq!(offsets.len(), 3);
    let written = bed.all(&to).await;
    assert_eq!(
        written.iter().map(|r| (text(r), r.offset)).collect::<Vec<_>>(),
        [("first", offsets[0]), ("second", offsets[1])]
    );
    assert_eq!(bed.all(&from).await.last().unwrap().offset, offsets[2]);
    assert_eq!(bed.log.committed(&group, std::slice::from_ref(&from)).await.unwrap(), [Some(2)]);

    // Neither a record that can't be written nor a partition that is not owned lets anything of its transaction
    // through.
    let nowhere = TopicPartition::new(output.clone(), 99);
    let bad = vec![placed(&to, "half"), placed(&nowhere, "gone")];
    let refused = member.commit(Transaction { records: bad, positions: vec![(from.clone(), 3)] }).await;
    assert!(matches!(refused, Err(LogError::Refused(_))), "{refused:?}");
    let foreign = TopicPartition::new(format!("{input}.foreign"), 0);
    let aborted =
        member.commit(Transaction { records: vec![placed(&to, "half")], positions: vec![(foreign, 1)] }).await;
    assert!(matches!(aborted, Err(LogError::Aborted(_))), "{aborted:?}");
    let unfenced = member.commit(Transaction { records: vec![placed(&to, "half")], positions: vec![] }).await;
    assert!(matches!(unfenced, Err(LogError::Refused(_))), "{unfenced:?}");
    assert_eq!(bed.log.committed(&group, std::slice::from_ref(&from)).await.unwrap(), [Some(2)]);

    // The member goes on after a refusal, and nobody ever sees what was refused.
    member
        .commit(Transaction { records: vec![placed(&to, "last")], positions: vec![(from.clone(), 4)] })
        .await
        .unwrap();
    let expected = ["first", "second", "last"];
    assert_eq!(bed.all(&to).await.iter().map(text).collect::<Vec<_>>(), expected);
    let mut tailed = Vec::new();
    while tailed.len() < 3 {
        tailed.extend(soon(tail.next()).await.unwrap());
    }
    assert_eq!(tailed.iter().map(text).collect::<Vec<_>>(), expected);
    let seen = collect(&mut member, 4).await;
    let seen: Vec<_> = seen.iter().filter(|record| record.at == to).map(text).collect();
    assert_eq!(seen, expected);
    assert_eq!(bed.log.committed(&group, &[from]).await.unwrap(), [Some(4)]);
    member.leave().await.unwrap();
}

pub async fn two_groups_each_see_everything(bed: &Bed) {
    let topic = bed.topic("orders").await;
    bed.log.append((0..50).map(|n| keyed(&topic, &format!("k{n}"), n)).collect()).await.unwrap();
    for group in ["one", "two"] {
        let (mut member, assigned) = bed.join(&bed.group(group), std::slice::from_ref(&topic)).await;
        resume_all(&mut member, &assigned).await;
        let mut numbers: Vec<_> = collect(&mut member, 50).await.iter().map(number).collect();
        numbers.sort();
        assert_eq!(numbers, (0..50).collect::<Vec<_>>());
        let positions = assigned.into_iter().map(|(at, _)| (at, 1)).collect();
        member.commit(Transaction { records: vec![], positions }).await.unwrap();
        member.leave().await.unwrap();
    }
}

pub async fn records_can_be_deleted_from_the_start(bed: &Bed) {
    let at = TopicPartition::new(bed.topic("parked").await, 1);
    bed.log.append((0..10).map(|n| placed(&at, n)).collect()).await.unwrap();
    assert_eq!((bed.log.start(&at).await.unwrap(), bed.log.end(&at).await.unwrap()), (0, 10));

    bed.log.delete_before(&at, 4).await.unwrap();
    assert_eq!((bed.log.start(&at).await.unwrap(), bed.log.end(&at).await.unwrap()), (4, 10));
    assert_eq!(bed.all(&at).await.iter().map(number).collect::<Vec<_>>(), (4..10).collect::<Vec<_>>());
    bed.log.delete_before(&at, 2).await.unwrap();
    assert_eq!(bed.log.start(&at).await.unwrap(), 4, "a start never goes back");
    let past = bed.log.delete_before(&at, 11).await;
    assert!(matches!(past, Err(LogError::Refused(_))), "{past:?}");

    bed.log.delete_before(&at, 10).await.unwrap();
    assert_eq!((bed.log.start(&at).await.unwrap(), bed.log.end(&at).await.unwrap()), (10, 10));
    assert!(bed.all(&at).await.is_empty());
    assert_eq!(bed.log.append(vec![placed(&at, "next")]).await.unwrap(), [10], "an offset is never given twice");
}

pub async fn a_tombstone_is_not_an_empty_value_and_headers_are_kept(bed: &Bed) {
    let topic = bed.topic("rows").await;
    let at = TopicPartition::new(topic.clone(), 0);
    let headers = vec![
        ("ce_type".to_owned(), Bytes::from_static(b"row")),
        ("twice".to_owned(), Bytes::from_static(&[0, 255, 128])),
        ("twice".to_owned(), Bytes::from_static(b"")),
    ];
    let values = [None, Some(Bytes::new()), Some(Bytes::from_static(b"\0"))];
    let record =
        |value: &Option<Bytes>| NewRecord { value: value.clone(), headers: headers.clone(), ..placed(&at, "") };
    bed.log.append(values.iter().map(record).collect()).await.unwrap();
    let (mut member, assigned) = bed.join(&bed.group("g"), &[topic]).await;
    resume_all(&mut member, &assigned).await;
    for records in [bed.all(&at).await, collect(&mut member, 3).await] {
        assert_eq!(records.iter().map(|record| record.value.clone()).collect::<Vec<_>>(), values);
        assert!(records.iter().all(|record| record.headers == headers && record.key == "key"), "{records:?}");
    }
    member.leave().await.unwrap();
}

pub async fn four_mebibytes_pass_and_more_is_too_large(bed: &Bed) {
    let topic = bed.topic("large").await;
    let at = TopicPartition::new(topic.clone(), 0);
    let noise = bed::noise(MAX_RECORD_BYTES);
    let sized = |size: usize| NewRecord { value: Some(Bytes::copy_from_slice(&noise[..size - 3])), ..placed(&at, "") };
    let large = sized(MAX_RECORD_BYTES);
    bed.log.append(vec![large.clone()]).await.unwrap();

    let (mut member, assigned) = bed.join(&bed.group("g"), &[topic]).await;
    resume_all(&mut member, &assigned).await;
    assert!(collect(&mut member, 1).await[0].value == large.value);
    let positions = vec![(at.clone(), 1)];
    member
        .commit(Transaction { records: vec![large.clone(), large.clone()], positions: positions.clone() })
        .await
        .unwrap();

    let larger = sized(MAX_RECORD_BYTES + 1);
    let refused = bed.log.append(vec![placed(&at, "with it"), larger.clone()]).await;
    assert!(matches!(refused, Err(LogError::TooLarge { .. })), "{refused:?}");
    let refused = member.commit(Transaction { records: vec![placed(&at, "with it"), larger], positions }).await;
    assert!(matches!(refused, Err(LogError::TooLarge { .. })), "{refused:?}");
    let wide = NewRecord { headers: vec![("h".to_owned(), Bytes::from(vec![0; 64 * 1024]))], ..placed(&at, "") };
    assert!(matches!(bed.log.append(vec![wide]).await, Err(LogError::TooLarge { .. })));

    let all = bed.all(&at).await;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|record| record.value == large.value));
    member.leave().await.unwrap();
}

pub async fn concurrent_appends_keep_each_callers_order(bed: &Bed) {
    let topic = bed.topic("busy").await;
    let mut callers = JoinSet::new();
    for caller in 0..16u64 {
        let (log, topic) = (bed.log.clone(), topic.clone());
        callers.spawn(async move {
            let mut offsets = Vec::new();
            for n in 0..25 {
                let number = caller * 1000 + n * 2;
                let records = vec![
                    keyed(&topic, &format!("k{caller}"), number),
                    keyed(&topic, &format!("k{caller}"), number + 1),
                ];
                offsets.extend(log.append(records).await.unwrap());
            }
            let partition = murmur2_partition(format!("k{caller}").as_bytes(), PARTITIONS);
            assert!(offsets.is_sorted(), "{offsets:?}");
            offsets.into_iter().map(|offset| (partition, offset)).collect::<Vec<_>>()
        });
    }
    let given: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    assert_eq!(given.len(), 16 * 50);
    assert_eq!(given.iter().collect::<HashSet<_>>().len(), given.len(), "no offset is given twice");

    let mut by_caller: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for partition in 0..PARTITIONS {
        for record in bed.all(&TopicPartition::new(topic.clone(), partition)).await {
            assert!(given.contains(&(partition, record.offset)));
            by_caller.entry(number(&record) / 1000).or_default().push(number(&record) % 1000);
        }
    }
    assert!(by_caller.values().all(|numbers| *numbers == (0..50).collect::<Vec<_>>()), "{by_caller:?}");
}

pub async fn a_tail_sees_what_comes_after_it(bed: &Bed) {
    let topic = bed.topic("results").await;
    bed.log.append((0..20).map(|n| keyed(&topic, &format!("k{n}"), n)).collect()).await.unwrap();
    let mut tail = bed.log.tail(std::slice::from_ref(&topic)).await.unwrap();
    bed.log.append((20..40).map(|n| keyed(&topic, &format!("k{n}"), n)).collect()).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 20 {
        seen.extend(soon(tail.next()).await.unwrap().iter().map(number));
    }
    seen.sort();
    assert_eq!(seen, (20..40).collect::<Vec<_>>());
}

pub async fn a_cancelled_wait_loses_nothing(bed: &Bed) {
    let topic = bed.topic("orders").await;
    let (mut member, assigned) = bed.join(&bed.group("g"), std::slice::from_ref(&topic)).await;
    resume_all(&mut member, &assigned).await;
    let mut tail = bed.log.tail(std::slice::from_ref(&topic)).await.unwrap();
    let log = bed.log.clone();
    let writer = tokio::spawn(async move {
        for n in 0..100 {
            log.append(vec![keyed(&topic, &format!("k{n}"), n)]).await.unwrap();
        }
    });
    let (mut by_member, mut by_tail) = (Vec::new(), Vec::new());
    soon(async {
        while by_member.len() < 100 || by_tail.len() < 100 {
            // Far shorter than the wait that was asked for, so that most calls are dropped at some point of theirs.
            if let Ok(event) = timeout(Duration::from_micros(300), member.next(7, Duration::from_secs(60))).await
                && let MemberEvent::Records(records) = event.unwrap()
            {
                by_member.extend(records.iter().map(number));
            }
            if let Ok(records) = timeout(Duration::from_micros(300), tail.next()).await {
                by_tail.extend(records.unwrap().iter().map(number));
            }
        }
    })
    .await;
    writer.await.unwrap();
    for mut numbers in [by_member, by_tail] {
        numbers.sort();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }
    member.leave().await.unwrap();
}

pub async fn topics_are_created_once_and_checked(bed: &Bed) {
    let kept = bed.spec("kept", Retention::Forever);
    let brief = bed.spec("brief", Retention::For(Duration::from_secs(86_400)));
    bed.log.ensure_topics(&[kept.clone(), brief.clone()]).await.unwrap();
    bed.log.ensure_topics(&[kept.clone(), brief.clone()]).await.unwrap();

    let refused = |topic: TopicSpec| async move {
        let answer = bed.log.ensure_topics(&[topic]).await;
        assert!(matches!(answer, Err(LogError::Refused(_))), "{answer:?}");
    };
    refused(TopicSpec { partitions: PARTITIONS + 1, ..kept }).await;
    refused(TopicSpec { retention: Retention::Forever, ..brief }).await;
    refused(TopicSpec { name: "not a name".into(), ..bed.spec("x", Retention::Forever) }).await;
    refused(TopicSpec { partitions: 0, ..bed.spec("none", Retention::Forever) }).await;
}

pub async fn a_partition_can_be_paused_and_rewound(bed: &Bed) {
    let topic = bed.topic("orders").await;
    let (at, other) = (TopicPartition::new(topic.clone(), 0), TopicPartition::new(topic.clone(), 1));
    bed.log.append((0..5).map(|n| placed(&at, n)).collect()).await.unwrap();
    let (mut member, _) = bed.join(&bed.group("g"), &[topic]).await;
    member.resume(&at, 0).await.unwrap();
    assert_eq!(collect(&mut member, 5).await.len(), 5);

    member.pause(&at).await.unwrap();
    member.resume(&other, 0).await.unwrap();
    bed.log.append(vec![placed(&at, 5), placed(&other, 100)]).await.unwrap();
    assert_eq!(
        collect(&mut member, 1).await.iter().map(number).collect::<Vec<_>>(),
        [100],
        "a paused partition is silent"
    );

    for from in [2, 4, 0] {
        member.resume(&at, from).await.unwrap();
        let numbers: Vec<_> = collect(&mut member, 6 - from as usize).await.iter().map(number).collect();
        assert_eq!(numbers, (from as u64..6).collect::<Vec<_>>());
    }
    member.leave().await.unwrap();
}

pub async fn what_does_not_exist_is_refused(bed: &Bed) {
    let topic = bed.topic("there").await;
    let missing: Arc<str> = format!("{topic}.missing").into();
    let nowhere = [TopicPartition::new(missing.clone(), 0), TopicPartition::new(topic.clone(), PARTITIONS)];
    for at in &nowhere {
        let errors = [
            bed.log.append(vec![placed(at, 1)]).await.map(drop),
            bed.log.read(at, 0, 10).await.map(drop),
            bed.log.start(at).await.map(drop),
            bed.log.end(at).await.map(drop),
            bed.log.delete_before(at, 0).await,
        ];
        assert!(errors.iter().all(|error| matches!(error, Err(LogError::Refused(_)))), "{at}: {errors:?}");
    }
    assert!(matches!(bed.log.tail(std::slice::from_ref(&missing)).await.map(drop), Err(LogError::Refused(_))));
    assert!(matches!(
        bed.log.join(&bed.group("g"), &[missing], Seat::alone(None)).await.map(drop),
        Err(LogError::Refused(_))
    ));
    let keyless = NewRecord { key: Bytes::new(), ..keyed(&topic, "", 1) };
    assert!(matches!(bed.log.append(vec![keyless]).await, Err(LogError::Refused(_))));
}
