//! What people typed to a shop's payments stands nowhere in clear: on no topic, in no row, cached value, shard, file or log line; and what
//! is kept of a person opens nowhere once it is erased. One process takes the requests, as the binary that operators run, with all of
//! its log lines; what it has left is gone through by a node of this program, when that process has stopped.

mod counter;

use std::fs;

use bytes::Bytes;
use feira_connectors::log::{NewRecord, TopicPartition};
use feira_node::{
    config::{Config, Role},
    node::Node,
    ports::{open_keyring, open_log},
};
use feira_schemas::{
    ids::ChargeId,
    records::{admin::CreateProduct, common::Outcome},
    row::Write,
    rows::payments::ChargeRow,
    sealed::{Subject, SubjectKind},
};
use rand::{SeedableRng, rngs::StdRng};

use self::counter::{Charged, Counter};
use crate::common::{
    Bed, admin, dead_letters,
    gateway::pointed_at,
    meta,
    process::{Mode, Process},
    products::content,
    sealing::{
        Find, Look, Scanner, cached,
        copies::{Became, Sought, open},
        files, of_node, shards,
    },
    services::{PARTITIONS, distributed},
    until,
};

/// Topics and tables that must have had something in them for a scan that finds nothing to mean anything.
const FILLED: [&str; 14] = [
    "admin.events",
    "payments.commands",
    "payments.events",
    "payments.results",
    "payments.dlq",
    "payments.account",
    "payments.answer",
    "payments.callback",
    "payments.charge",
    "payments.credential",
    "payments.refund",
    "storefront.card",
    "shards",
    "files",
];

/// The configuration of a node on the data of the stopped process.
fn config(mode: Mode, process: &Process, gateways: &str) -> Config {
    let config = match mode {
        Mode::Embedded | Mode::Demo => Config { data: process.data(), partitions: PARTITIONS, ..Config::default() },
        Mode::Distributed | Mode::Secure => distributed(&process.data(), Role::ALL),
    };
    pointed_at(gateways, Config { fetch_images: false, ..config })
}

/// Goes through all that is kept, and stops the node: files are read when nobody has them open.
async fn looked_through<'a>(
    node: Node,
    config: &Config,
    process: &Process,
    scanner: &'a Scanner,
    charges: &[ChargeId],
) -> Look<'a> {
    let sought = charges.iter().map(|charge| Sought::new(subject(*charge))).collect();
    let mut look = Look::new(scanner, sought);
    of_node(&node, &config.redis_url, &mut look).await;
    node.stop().await.unwrap();
    look.through("log lines", "", process.log().as_bytes());
    files(&config.data, &mut look);
    shards(&config.data.join("shards"), &mut look);
    look
}

fn subject(charge: ChargeId) -> Subject {
    Subject::new(SubjectKind::Charge, charge.uuid())
}

/// Appends commands that were cut off: records of people that nobody can work on.
async fn cut_off(config: &Config, charges: &[ChargeId]) -> usize {
    let log = open_log(config).unwrap();
    let sought: Vec<Sought> = charges.iter().map(|charge| Sought::new(subject(*charge))).collect();
    let mut letters = Vec::new();
    for partition in 0..PARTITIONS {
        let at = TopicPartition::new("payments.commands", partition);
        let (mut from, end) = (log.start(&at).await.unwrap(), log.end(&at).await.unwrap());
        while from < end {
            let page = log.read(&at, from, 500).await.unwrap();
            for record in page.records {
                let value = record.value.unwrap_or_default();
                if sought.iter().any(|sought| sought.copies(&value).is_ok_and(|copies| !copies.is_empty())) {
                    let (topic, value) = (record.at.topic, Some(value.slice(..value.len() - 1)));
                    let (partition, headers) = (Some(partition), record.headers);
                    letters.push(NewRecord { topic, partition, key: record.key, value, headers });
                }
            }
            from = page.next;
        }
    }
    let count = letters.len();
    log.append(letters).await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn f31_what_people_typed_stands_nowhere_in_clear_and_what_is_erased_opens_nowhere() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let mut random = StdRng::from_os_rng();
    let mut counter = Counter::open(bed.mode, &mut random).await;
    let charged = counter.busy(&mut random).await;
    counter.process.pause().await;

    // What nobody can work on is put down while nobody works, so that the process that finds it has its lines in the log.
    let charges: Vec<ChargeId> = charged.iter().map(|charged| charged.id).collect();
    let config = config(bed.mode, &counter.process, &counter.gateways.base);
    let torn = cut_off(&config, &charges).await;
    assert!(torn >= charged.len(), "{torn} commands cut off");
    counter.process.start_again().await;
    counter.dead_letters(torn).await;
    let scanner = Scanner::of(&counter.typed);
    let shown = counter.shown_to_operators().await;
    counter.process.pause().await;

    let node = Node::start(&config).await.unwrap();
    let letters = dead_letters(&node, "payments").await;
    assert!(letters.len() >= torn);
    let mut look = looked_through(node, &config, &counter.process, &scanner, &charges).await;
    for (what, shown) in &shown {
        assert!(shown.len() > 100, "{what} shows nothing");
        look.through("shown to operators", what, shown.as_bytes());
    }
    assert!(look.finds.is_empty(), "stands in clear:\n{}", look.told());
    let empty: Vec<&str> = FILLED.into_iter().filter(|store| !look.seen.contains_key(*store)).collect();
    assert!(empty.is_empty(), "nothing was in {empty:?}: {:?}", look.seen.keys());
    for (charged, copies) in charged.iter().zip(&look.copies) {
        assert!(copies.len() > 20, "{}: {} copies", charged.person, copies.len());
    }

    erased(&mut counter, &config, &scanner, &charged).await;
    planted(&counter, &config, &scanner).await;
}

/// The first charge's buyer is erased: none of its copies opens, all of the others do; also after all rows are folded again.
async fn erased(counter: &mut Counter, config: &Config, scanner: &Scanner, charged: &[Charged]) {
    let (tenant, charges) = (counter.shop.tenant, charged.iter().map(|charged| charged.id).collect::<Vec<_>>());
    let node = Node::start(config).await.unwrap();
    assert!(node.keys.as_ref().unwrap().keyring.erase(tenant, subject(charges[0])).await.unwrap() > 0);
    let look = looked_through(node, config, &counter.process, scanner, &charges).await;
    assert!(look.finds.is_empty(), "stands in clear:\n{}", look.told());
    closed(counter, config, charged, look).await;

    counter.process.start_again().await;
    counter.shows_erased(charged).await;
    counter.process.pause().await;
    if counter.mode != Mode::Embedded {
        println!("rows are folded again in embedded mode alone: the cluster's are others', too");
        return;
    }
    fs::remove_dir_all(config.data.join("state")).unwrap();
    counter.process.start_again().await;
    counter.shows_erased(charged).await;
    counter.process.pause().await;
    let node = Node::start(config).await.unwrap();
    let look = looked_through(node, config, &counter.process, scanner, &charges).await;
    assert!(look.finds.is_empty(), "stands in clear once folded again:\n{}", look.told());
    closed(counter, config, charged, look).await;
}

/// The first charge's copies are erased, each of them, and those of the others open.
async fn closed(counter: &Counter, config: &Config, charged: &[Charged], look: Look<'_>) {
    let keys = open_keyring(config).await.unwrap().unwrap();
    for ((at, charged), copies) in charged.iter().enumerate().zip(look.copies) {
        let expected = if at == 0 { Became::Erased } else { Became::Open };
        for store in ["payments.commands", "payments.events", "payments.results", "payments.charge"] {
            assert!(copies.iter().any(|(place, _)| place == store), "{}: no copy in {store}", charged.person);
        }
        for (store, copy) in copies {
            let became = open(&keys.keyring, counter.shop.tenant, &copy).await;
            // What was cut off ends in a copy that lacks its end, and is kept in the log alone, whose files are looked through, too.
            let is_torn = became == Became::Torn && ["payments.commands", "payments.dlq", "files"].contains(&&*store);
            assert!(became == expected || is_torn, "{} of {} in {store}: {became:?}", copy.field(), charged.person);
        }
    }
}

/// A value that is planted is found in every store that it comes to: the scan sees what it looks at.
async fn planted(counter: &Counter, config: &Config, scanner: &Scanner) {
    let node = Node::start(config).await.unwrap();
    let (person, tenant) = (&counter.people[0], counter.shop.tenant);
    let product = content(&format!("Camisa de {}", person.name()), 4_990);
    let made = admin(&node, CreateProduct { meta: meta(tenant), content: product }).await;
    assert_eq!(made.outcome, Outcome::Created);
    // What is put into Redis leaves the memory of who has put it, as that of everybody else.
    let cache = if config.redis_url.is_empty() { "cache" } else { "redis" };
    until("the product is in the cache", async || {
        let mut look = Look::new(scanner, Vec::new());
        cached(&node, &config.redis_url, &mut look).await;
        look.finds.iter().any(|find| find.place.starts_with(cache))
    })
    .await;
    let page = node.platform.state.scan_table::<ChargeRow>(None, 10_000).await.unwrap();
    let mut row = page.rows.into_iter().find(|row| row.tenant_id == tenant).unwrap();
    row.charge.request.reference = Some(hex::encode(person.document()));
    let now = node.platform.now();
    node.platform.state.write(&[Write::put(row, now)]).await.unwrap();
    let letter = NewRecord {
        topic: "payments.dlq".into(),
        partition: Some(0),
        key: Bytes::from_static(b"planted"),
        value: Some(Bytes::from(format!("\0{}", person.email()))),
        headers: Vec::new(),
    };
    node.platform.log.append(vec![letter]).await.unwrap();
    fs::write(config.data.join("planted"), person.email()).unwrap();
    let look = looked_through(node, config, &counter.process, scanner, &[]).await;
    let is_found = |store: &str, field: &str| {
        let of = format!("{field} of {}", person.label);
        look.finds.iter().any(|find: &Find| find.place.starts_with(store) && find.of == of)
    };
    for (store, field) in [
        ("admin.commands", "name"),
        ("admin.events", "name"),
        ("admin.results", "name"),
        ("store.events", "name"),
        ("admin.product ", "name"),
        ("admin.answer", "name"),
        ("storefront.card", "name"),
        (cache, "name"),
        ("shards", "name"),
        ("payments.charge ", "document"),
        ("payments.dlq", "e-mail"),
        ("files planted", "e-mail"),
    ] {
        assert!(is_found(store, field), "what was planted in {store} is not found:\n{}", look.told());
    }
}
