//! A shop opens also where commands between admin and the directory are lost, whichever it is: what was asked is asked again.
//! Told of the embedded parts alone, with a clock that is moved.

#[path = "../../streams/contexts/tests/contexts/made_up.rs"]
mod made_up;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use feira_connectors::{
    clock::wall_clock,
    log::{NewRecord, Seat, TopicPartition},
};
use feira_contexts::{Decided, Decider, DecisionContext, Input, NoForeign, admin::Admin, directory::Directory};
use feira_schemas::{
    budget::Budget,
    ids::{Micros, TenantId},
    records::{
        AdminCommand, DirectoryCommand, DirectoryEvent, RecordSet,
        admin::{ShopNameStatus, TenantStatus},
        directory::NameStatus,
    },
    rows::{
        admin::{ShopNameRow, TenantRow},
        directory::NameRow,
    },
    time::{Clock, MINUTE},
    topics::{self, Context},
};
use feira_streams::{platform::Platform, processor::Processor};
use tokio::sync::watch;
use uuid::Uuid;

use self::made_up::{Decides, MadeUp};
use crate::{
    common::{command::opening, config, embedded},
    until,
};

/// A directory that fails at whatever it is asked.
type Broken = MadeUp<Bug>;

struct Bug;

impl Decides for Bug {
    fn decide(_: &Input<DirectoryCommand, NoForeign>, _: &DecisionContext) -> Decided<DirectoryEvent> {
        panic!("a bug of the directory's")
    }
}

/// Contexts that work one after the other, each alone.
struct Bed {
    platform: Platform,
    moved: Arc<AtomicI64>,
}

impl Bed {
    fn pass(&self, time: Micros) {
        self.moved.fetch_add(time, Ordering::Relaxed);
    }

    async fn end(&self, topic: String, partition: u32) -> i64 {
        self.platform.log.end(&TopicPartition::new(topic, partition)).await.unwrap()
    }

    /// Commands that a context was sent so far.
    async fn sent_to(&self, context: Context) -> i64 {
        self.end(topics::commands(context), 0).await
    }

    /// Commands that the directory failed at so far.
    async fn failed(&self) -> i64 {
        let mut count = 0;
        for partition in 0..topics::DEAD_LETTER_PARTITIONS {
            count += self.end(topics::dead_letters("directory"), partition).await;
        }
        count
    }

    /// Has one context work until it is so.
    async fn works<D: Decider>(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        let (stop, stopped) = watch::channel(false);
        let processor = Processor::<D>::join(self.platform.clone(), Seat::alone(None)).await.unwrap();
        let working = tokio::spawn(processor.run(stopped));
        until(what, holds).await;
        stop.send(true).unwrap();
        working.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_opens_and_keeps_its_name_though_each_command_between_admin_and_the_directory_is_lost_once() {
    let Some(folder) = embedded() else { return };
    let moved = Arc::new(AtomicI64::new(0));
    let (clock, by, by_steady) = (wall_clock(), Arc::clone(&moved), Arc::clone(&moved));
    let steady = clock.clone();
    let clock = Clock::new(
        move || clock.now() + by.load(Ordering::Relaxed),
        move || steady.steady() + by_steady.load(Ordering::Relaxed),
    );
    let ports = feira_node::ports::open(&config(&folder)).await.unwrap();
    let bed = Bed { platform: Platform::start(ports, 1, Budget::default(), clock).await.unwrap(), moved };
    let state = bed.platform.state.clone();
    let shop = TenantId::from_uuid(Uuid::now_v7());
    let status = async || {
        let row = state.get::<TenantRow>(&TenantRow::at(shop)).await.unwrap();
        row.map(|row| row.tenant.status)
    };

    let command = AdminCommand::from(opening(shop, "moda"));
    let record = NewRecord {
        topic: topics::commands(Context::Admin).into(),
        partition: None,
        key: shop.to_string().into(),
        value: Some(command.encode(&bed.platform.codec).unwrap().into()),
        headers: Vec::new(),
    };
    bed.platform.log.append(vec![record]).await.unwrap();

    // The claim fails, lies among the dead letters, and nobody puts it back.
    bed.works::<Admin>("it claims", async || bed.sent_to(Context::Directory).await == 1).await;
    bed.works::<Broken>("the claim fails", async || bed.failed().await == 1).await;
    bed.pass(MINUTE);
    bed.works::<Admin>("it claims again", async || bed.sent_to(Context::Directory).await == 2).await;

    // The answer is gone before admin comes to it, as after a week.
    bed.works::<Directory>("it answers", async || bed.sent_to(Context::Admin).await == 2).await;
    let commands = TopicPartition::new(topics::commands(Context::Admin), 0);
    bed.platform.log.delete_before(&commands, 2).await.unwrap();
    bed.pass(10 * MINUTE);
    bed.works::<Admin>("it claims once more", async || bed.sent_to(Context::Directory).await == 3).await;
    assert_eq!(status().await, Some(TenantStatus::Requested));
    bed.works::<Directory>("it answers again", async || bed.sent_to(Context::Admin).await == 3).await;
    bed.works::<Admin>("it confirms", async || bed.sent_to(Context::Directory).await == 4).await;
    assert_eq!(status().await, Some(TenantStatus::Active));

    // The confirmation fails as well.
    bed.works::<Broken>("the confirmation fails", async || bed.failed().await == 2).await;
    bed.pass(MINUTE);
    bed.works::<Admin>("it confirms again", async || bed.sent_to(Context::Directory).await == 5).await;
    bed.works::<Directory>("it is confirmed", async || bed.sent_to(Context::Admin).await == 4).await;
    let name = state.get::<NameRow>(&NameRow::at("moda")).await.unwrap().unwrap().name;
    assert_eq!((name.tenant_id, name.status), (shop, NameStatus::Confirmed));
    let timers = async || {
        let timers = state.scan_table::<feira_schemas::rows::admin::TimerRow>(None, 10).await.unwrap();
        timers.rows.len()
    };
    bed.works::<Admin>("nothing is asked any more", async || timers().await == 0).await;
    let name = state.get::<ShopNameRow>(&ShopNameRow::at(shop, "moda")).await.unwrap().unwrap().name;
    assert_eq!((name.status, name.asked), (ShopNameStatus::Confirmed, None));
}
