//! Timers: 100,000 that are due within a minute beside 1,000 commands a second, and a million that wait.
//!
//! `cargo bench --bench timers`, embedded. The timers are admin's, which has asked the directory for the names of as many shops and
//! asks again after a minute, since nobody answers: each is two events, an end of the old timer, and a command to the directory.
//! The limit is the same commands without timers; each timer must have been decided once, and what the million takes is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::HashMap,
    fs,
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use common::{
    command, either, quantile,
    shop::{self, PATIENCE},
};
use feira_connectors::{
    clock::wall_clock,
    log::{NewRecord, TopicPartition},
};
use feira_node::{config::Config, node, ports};
use feira_schemas::{
    groups::Role,
    ids::{Micros, TenantId, TimerId},
    records::{AdminCommand, AdminEvent, EventSet, RecordSet},
    row::Write,
    rows::{admin::TimerRow, common::Timer},
    time::{Clock, HOUR, MINUTE, hour_of},
    topics::{self, Context},
};
use feira_streams::{
    commands::{self, Commands},
    platform::Platform,
    wiring::{Parts, Wiring},
};
use futures::{StreamExt, future::join_all, stream};
use tokio::runtime::{Handle, Runtime};
use uuid::Uuid;

/// Shops that the commands are for.
const SHOPS: usize = 32;
/// Records read at once.
const PAGE: usize = 1_000;
/// Rows written at once.
const ROWS: usize = 2_000;
/// The aim for what a million waiting timers take, in MB.
const AIM_MB: u64 = 100;

fn main() {
    let (timers, seconds, rate) = either((100_000, 60, 1_000), (200, 1, 100));
    let runtime = Runtime::new().unwrap();
    // First, while the process is small.
    runtime.block_on(waiting(either(1_000_000, 2_000)));
    runtime.block_on(due(timers, seconds, rate));
}

/// The parts of a process that the timers need, with a clock that is moved.
struct Bed {
    platform: Platform,
    wiring: Wiring,
    moved: Arc<AtomicI64>,
    /// Those that read answers.
    answers: Parts,
}

impl Bed {
    async fn of(folder: &Path) -> Self {
        let config = Config { data: folder.to_owned(), ..Config::default() };
        let moved = Arc::new(AtomicI64::new(0));
        let (machine, by, by_steady) = (wall_clock(), Arc::clone(&moved), Arc::clone(&moved));
        let steady = machine.clone();
        let clock = Clock::new(
            move || machine.now() + by.load(Ordering::Relaxed),
            move || steady.steady() + by_steady.load(Ordering::Relaxed),
        );
        let ports = ports::open(&config).await.unwrap();
        let platform = Platform::start(ports, config.partitions, config.budget(), clock).await.unwrap();
        let answers = Parts::on(Handle::current());
        let wiring = Wiring::open(platform.clone(), node::settings(&config), answers.stopped()).await.unwrap();
        Self { platform, wiring, moved, answers }
    }

    /// Runs these contexts until they are told to stop.
    async fn run(&self, contexts: &[Context]) -> Parts {
        let mut parts = Parts::on(Handle::current());
        self.wiring.run(&contexts.iter().copied().map(Role::Context).collect(), &mut parts).await.unwrap();
        parts
    }

    /// Commands that the directory was sent so far.
    async fn asked(&self) -> usize {
        let mut asked = 0;
        for partition in 0..self.platform.partitions {
            let at = TopicPartition::new(topics::commands(Context::Directory), partition);
            asked += usize::try_from(self.platform.log.end(&at).await.unwrap()).unwrap();
        }
        asked
    }

    /// Waits until the directory was sent so many.
    async fn until_asked(&self, count: usize) {
        let begun = Instant::now();
        while self.asked().await < count {
            assert!(begun.elapsed() < PATIENCE, "{} of {count} were asked", self.asked().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How often each of admin's timers was ended.
    async fn ended(&self) -> HashMap<TimerId, u32> {
        let mut ended = HashMap::new();
        for partition in 0..self.platform.partitions {
            let at = TopicPartition::new(topics::events(Context::Admin), partition);
            let (mut from, end) = (0, self.platform.log.end(&at).await.unwrap());
            while from < end {
                let page = self.platform.log.read(&at, from, PAGE).await.unwrap();
                for value in page.records.iter().filter_map(|record| record.value.as_deref()) {
                    let event = AdminEvent::decode(&self.platform.codec, value).unwrap();
                    if let Some(key) = event.as_timer().and_then(|timer| timer.ended()) {
                        *ended.entry(key.timer_id).or_default() += 1;
                    }
                }
                from = page.next;
            }
        }
        ended
    }
}

/// Timers that are due within so many seconds, beside so many commands a second.
async fn due(timers: usize, seconds: u64, rate: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut bed = Bed::of(folder.path()).await;
    let mut opening = bed.run(&[Context::Directory, Context::Admin]).await;
    let commands = Arc::clone(&bed.wiring.commands);
    let names: Vec<String> = (0..SHOPS).map(|_| shop::subdomain()).collect();
    let shops: Arc<[TenantId]> = stream::iter(&names)
        .map(|name| command::provision(&commands, name))
        .buffered(SHOPS)
        .collect::<Vec<_>>()
        .await
        .into();
    let timers_of = async |bed: &Bed| bed.platform.state.scan_table::<TimerRow>(None, 1).await.unwrap().rows.len();
    while timers_of(&bed).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    opening.stop().await.unwrap();
    let mut admin = bed.run(&[Context::Admin]).await;

    let of_round = rate * seconds as usize;
    beside(&commands, &shops, 0..rate, rate).await; // Opens what is opened once.
    let alone = beside(&commands, &shops, rate..rate + of_round, rate).await;
    let (before, ended_before) = (bed.asked().await, bed.ended().await.len());
    let begun = bed.platform.now();
    ask(&bed.platform, timers, Duration::from_secs(seconds)).await;
    bed.until_asked(before + timers).await;
    let left = begun + MINUTE - bed.platform.now();
    // Not as much at once as a clock that is believed no more; whoever is slower than a minute has the first of them due by now.
    bed.moved.fetch_add(left.max(0), Ordering::Relaxed);
    let started = Instant::now();
    let with_timers = beside(&commands, &shops, rate + of_round..rate + 2 * of_round, rate).await;
    bed.until_asked(before + 2 * timers).await;
    let took = started.elapsed();
    let last = bed.asked().await;
    admin.stop().await.unwrap();
    bed.answers.stop().await.unwrap();

    let ended = bed.ended().await;
    assert_eq!(ended.len() - ended_before, timers, "each timer was decided");
    assert!(ended.values().all(|times| *times == 1), "none was decided twice");
    assert_eq!(last, before + 2 * timers, "each has asked once");
    println!("{timers} timers due within {seconds} s, beside {rate} commands a second, embedded: each decided once");
    println!("  decided in {:.1} s, {:.0} a second", took.as_secs_f64(), timers as f64 / took.as_secs_f64());
    let p99 = |arm: &str, latencies: &[Duration]| {
        let at = |part| quantile(latencies, part).unwrap().as_secs_f64() * 1e3;
        println!("  {arm:<24} {:>7} commands, p50 {:.1} ms, p99 {:.1} ms", latencies.len(), at(0.5), at(0.99));
        at(0.99)
    };
    let (alone, with_timers) = (p99("without timers (limit)", &alone), p99("with timers", &with_timers));
    println!("  ratio of p99, with timers / without: {:.2}\n", with_timers / alone);
}

/// Brings these products in, so many a second, whatever becomes of those before, and gives how long each took from when its time had
/// come.
async fn beside(
    commands: &Arc<Commands>,
    shops: &Arc<[TenantId]>,
    products: Range<usize>,
    rate: usize,
) -> Vec<Duration> {
    let begun = Instant::now();
    let sent = products.enumerate().map(|(number, product)| {
        let (commands, shops) = (Arc::clone(commands), Arc::clone(shops));
        let at = begun + Duration::from_secs_f64(number as f64 / rate as f64);
        tokio::spawn(async move {
            tokio::time::sleep_until(at.into()).await;
            shop::send(&commands, shop::import(shops[product % shops.len()], product)).await;
            at.elapsed()
        })
    });
    let mut latencies: Vec<Duration> = join_all(sent).await.into_iter().map(Result::unwrap).collect();
    latencies.sort_unstable();
    latencies
}

/// Asks for so many shops, evenly within this time, and waits for no answer.
async fn ask(platform: &Platform, count: usize, within: Duration) {
    let begun = Instant::now();
    let mut asked = 0;
    while asked < count {
        let part = begun.elapsed().as_secs_f64() / within.as_secs_f64();
        let until = ((count as f64 * part) as usize + 1).min(count);
        let records: Vec<NewRecord> = (asked..until).map(|_| opening(platform)).collect();
        if !records.is_empty() {
            platform.log.append(records).await.unwrap();
        }
        asked = until;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The command that opens a shop of its own.
fn opening(platform: &Platform) -> NewRecord {
    let tenant = TenantId::from_uuid(Uuid::now_v7());
    let command = AdminCommand::from(command::opening(tenant, &shop::subdomain()));
    commands::record(&platform.codec, &tenant.to_string(), &command, None).unwrap()
}

/// The memory that so many timers take which wait, due over the next thirty days.
async fn waiting(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut bed = Bed::of(folder.path()).await;
    bed.run(&[Context::Admin]).await.stop().await.unwrap();
    let before = settled_mb().await;
    let (from, every) = (bed.platform.now() + 10 * MINUTE, 30 * 24 * HOUR / count as Micros);
    for first in (0..count).step_by(ROWS) {
        let row = |number: usize| waiting_timer(number, from + number as Micros * every, bed.platform.partitions);
        let rows: Vec<Write> =
            (first..count.min(first + ROWS)).map(|number| Write::put(TimerRow::from(row(number)), from)).collect();
        bed.platform.state.write(&rows).await.unwrap();
    }
    let written = settled_mb().await;
    let mut admin = bed.run(&[Context::Admin]).await;
    tokio::time::sleep(either(Duration::from_secs(5), Duration::from_millis(200))).await;
    let after = settled_mb().await;
    admin.stop().await.unwrap();
    bed.answers.stop().await.unwrap();
    println!("{count} timers wait, due over 30 days, embedded");
    println!("  resident: {before} MB before, {written} MB once they are in the state, {after} MB while they wait");
    println!("  {} MB more (aim: {AIM_MB} MB at most)\n", after.saturating_sub(before));
}

fn waiting_timer(number: usize, due: Micros, partitions: u32) -> Timer {
    Timer {
        partition: (number % partitions as usize) as i64,
        bucket: hour_of(due),
        due,
        timer_id: TimerId::from_uuid(Uuid::from_u128(number as u128)),
        tenant_id: TenantId::from_uuid(Uuid::from_u128(number as u128)),
        entity: format!("bench-{number}"),
        what: "confirm_name".to_owned(),
    }
}

/// Resident memory in MB, once the allocator had the time to give back what is free.
async fn settled_mb() -> u64 {
    tokio::time::sleep(either(Duration::from_secs(3), Duration::ZERO)).await;
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().split(' ').next().unwrap().parse::<u64>().unwrap() / 1_024
}
