//! The treatment of records that fail in the loop of a view, seen by a view that folds nothing and tells what it is asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use feira_connectors::{
    clock::wall_clock,
    log::{NewRecord, TopicPartition},
    state::StateError,
};
use feira_node::{node, ports};
use feira_schemas::{
    groups::{Role, SEARCH},
    ids::TenantId,
    records::{StoreEvent, admin::CreateProduct, common::Outcome},
    row::Write,
    rows::common::{Parked, Progress},
    topics::{self, Context},
};
use feira_streams::{
    commands::Commands,
    platform::Platform,
    views::{FoldError, Prepared, Shown, View, ViewError, ViewProcessor},
    wiring::{Parts, Wiring},
};
use tempfile::TempDir;
use tokio::{
    runtime::Handle,
    time::{Instant, sleep},
};

use crate::{
    PATIENCE,
    common::{command, config, meta, position, products::content},
    parked, until,
};

/// Names of products that fail. Each test has names of its own.
static BAD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The state that a test shares with its view.
struct Seen {
    platform: Platform,
    /// For each fold of events, how many records were parked before it.
    parked_before: Mutex<Vec<i64>>,
    durable: AtomicBool,
    flushes: AtomicUsize,
}

struct Fake {
    seen: Arc<Seen>,
    shown: BTreeMap<u32, Shown>,
}

impl View for Fake {
    const GROUP: &'static str = SEARCH.name;
    const KEPT_IN: &'static str = SEARCH.name;
    const SOURCE: Context = Context::Store;
    type Event = StoreEvent;
    type Effect = ();

    fn folder(&self) -> Option<String> {
        None
    }
    async fn take(&mut self, partition: u32, from: Shown) -> Result<(), ViewError> {
        self.shown.insert(partition, from);
        Ok(())
    }
    fn lose(&mut self, _: u32) {}
    fn prepare(event: &StoreEvent) -> Result<(), String> {
        match event {
            StoreEvent::ProductListed(event) if BAD.lock().unwrap().contains(&event.listing.name) => {
                Err("bad".to_owned())
            }
            _ => Ok(()),
        }
    }
    async fn removed(&self, _: &StoreEvent) -> Result<bool, StateError> {
        Ok(false)
    }
    fn of_removed((): ()) {}
    async fn fold(&mut self, partition: u32, prepared: &[Prepared<()>], seen: Shown) -> Result<(), FoldError> {
        if prepared.iter().any(|prepared| !prepared.parked) {
            let retry = TopicPartition::new(topics::retry(Self::GROUP), partition);
            let end = self.seen.platform.log.end(&retry).await.unwrap();
            self.seen.parked_before.lock().unwrap().push(end);
        }
        self.shown.insert(partition, seen);
        Ok(())
    }
    async fn settle(&mut self) -> Result<BTreeMap<u32, Shown>, ViewError> {
        Ok(self.shown.clone())
    }
    async fn flush(&mut self) -> Result<bool, ViewError> {
        self.seen.flushes.fetch_add(1, Ordering::Relaxed);
        Ok(self.seen.durable.load(Ordering::Relaxed))
    }
    fn may_keep(&self) -> bool {
        true
    }
    fn lost(&mut self) -> BTreeMap<u32, Shown> {
        BTreeMap::new()
    }
    fn due_in(&self) -> Option<Duration> {
        None
    }
    async fn close(&mut self) -> Result<(), ViewError> {
        Ok(())
    }
}

/// The contexts alone, to which a test adds its view.
struct Bed {
    platform: Platform,
    commands: Arc<Commands>,
    shop: TenantId,
    parts: Parts,
    _folder: TempDir,
}

impl Bed {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder);
        let ports = ports::open(&config).await.unwrap();
        let platform = Platform::start(ports, config.partitions, config.budget(), wall_clock()).await.unwrap();
        let mut parts = Parts::on(Handle::current());
        let wiring = Wiring::open(platform.clone(), node::settings(&config), parts.stopped()).await.unwrap();
        wiring.run(&Context::ALL.map(Role::Context).into(), &mut parts).await.unwrap();
        let commands = wiring.commands;
        let shop = command::provision(&commands, "moda").await;
        Self { platform, commands, shop, parts, _folder: folder }
    }

    /// Starts the view.
    async fn view(&mut self) -> Arc<Seen> {
        let seen = Arc::new(Seen {
            platform: self.platform.clone(),
            parked_before: Mutex::default(),
            durable: AtomicBool::new(true),
            flushes: AtomicUsize::new(0),
        });
        let view = Fake { seen: Arc::clone(&seen), shown: BTreeMap::new() };
        let processor = ViewProcessor::join(self.platform.clone(), view, None).await.unwrap();
        self.parts.run(|stop| async move { Ok(processor.run(stop).await?) });
        seen
    }

    /// Makes products and waits until the store lists the last; the view, if it runs, shows it then.
    async fn listed(&self, names: &[String], view: Option<&str>) {
        let mut last = None;
        for name in names {
            let create = CreateProduct { meta: meta(self.shop), content: content(name, 100) };
            let created = command::send(&self.commands, create).await;
            assert_eq!(created.outcome, Outcome::Created, "{created:?}");
            last = Some(position(&created));
        }
        let (marks, consumer) = (&self.platform.reached, view.unwrap_or("store"));
        marks.wait(consumer, Context::Store, last.unwrap(), PATIENCE).await.unwrap();
    }

    async fn parked(&self) -> Vec<Parked> {
        parked(&self.platform, self.shop, Fake::GROUP).await
    }

    async fn stop(mut self) {
        self.parts.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_parked_before_the_rest_is_folded_and_waits_for_nothing_in_between() {
    const MANY: usize = 80;
    let mut bed = Bed::start().await;
    let bad: Vec<String> = (0..MANY).map(|number| format!("Ruim {number}")).collect();
    BAD.lock().unwrap().extend(bad.clone());
    bed.listed(&[vec!["Bom".to_owned()], bad, vec!["Bom de novo".to_owned()]].concat(), None).await;

    let begun = Instant::now();
    let seen = bed.view().await;
    until("all that fails is parked", async || bed.parked().await.len() == MANY).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?} for {MANY} records that fail");
    until("all that fails is parked when the rest of its batch is folded", async || {
        seen.parked_before.lock().unwrap().iter().max() == Some(&(MANY as i64))
    })
    .await;
    bed.listed(&["Bom ainda".to_owned()], Some(Fake::GROUP)).await;
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_not_durable_blames_no_record() {
    let mut bed = Bed::start().await;
    let name = "Espera o disco".to_owned();
    BAD.lock().unwrap().insert(name.clone());
    bed.listed(std::slice::from_ref(&name), None).await;
    let seen = bed.view().await;
    until("it is parked", async || bed.parked().await.len() == 1).await;
    seen.durable.store(false, Ordering::Relaxed);
    BAD.lock().unwrap().remove(&name);
    until("it is tried", async || seen.flushes.load(Ordering::Relaxed) > 0).await;
    sleep(Duration::from_millis(300)).await;
    let row = bed.parked().await.remove(0);
    assert_eq!((row.tries, row.error.as_str()), (0, "bad"), "it has not failed again");
    seen.durable.store(true, Ordering::Relaxed);
    until("it is done", async || bed.parked().await.is_empty()).await;
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_record_that_is_gone_is_done_and_one_that_is_not_there_yet_is_waited_for() {
    let mut bed = Bed::start().await;
    let (log, shop, partition) = (bed.platform.log.clone(), bed.shop, bed.platform.partition_of(bed.shop));
    let retry = TopicPartition::new(topics::retry(Fake::GROUP), partition);
    let record = NewRecord {
        topic: retry.topic.clone(),
        partition: Some(partition),
        key: shop.to_string().into(),
        value: None,
        headers: Vec::new(),
    };
    log.append(vec![record]).await.unwrap();
    log.delete_before(&retry, 1).await.unwrap();
    let row = |entity: &str, offset| Parked {
        consumer: Fake::GROUP.into(),
        partition: i64::from(partition),
        entity: format!("{shop}/{entity}"),
        tenant_id: shop,
        offsets: vec![offset],
        tries: 0,
        due: 0,
        first_failed: 0,
        error: "bad".into(),
    };
    let progress = Progress {
        consumer: retry.topic.to_string(),
        partition: i64::from(partition),
        applied: 1,
        write_ts: 0,
        inputs: Vec::new(),
    };
    let (waits, how_far) = (SEARCH.parked().unwrap(), SEARCH.progress().unwrap());
    let parked = [
        Write::put_in(waits, row("gone", 0), 1),
        Write::put_in(waits, row("to come", 1), 1),
        Write::put_in(how_far, progress, 1),
    ];
    bed.platform.state.write(&parked).await.unwrap();
    bed.view().await;
    until("the one whose record is gone is done", async || bed.parked().await.len() == 1).await;
    sleep(Duration::from_secs(2)).await;
    let left = bed.parked().await;
    assert_eq!(left.iter().map(|row| (row.offsets.as_slice(), row.tries)).collect::<Vec<_>>(), [(&[1][..], 0)]);
    bed.stop().await;
}
