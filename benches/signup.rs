//! Sign-up: the time from sending the form to the first page of the shop, over HTTP as a browser without JavaScript does it, by card:
//! one after the other, and at 20 a second.
//!
//! `cargo bench --bench signup`, embedded; with the services' addresses in the environment distributed. The limit stands beside it in
//! the same run: a single command until its event is committed and answered; a sign-up is several of these in a row, with calls of the
//! gateway between them. The gateway is a simulator in this process, which brings each call to its disk. The form is looked at, and
//! the card's token taken, before the time begins; the page is asked for every 20 ms.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{
    command, either,
    gateway::{Simulator, pointed_at},
    quantile,
    shop::{self, Running},
    signup::{Platform, SignUp},
};
use feira_node::config::Config;
use feira_schemas::ids::TenantId;
use futures::future::join_all;
use tokio::{
    runtime::Runtime,
    time::{Instant as At, sleep_until},
};

/// The time between two sign-ups at 20 a second.
const APART: Duration = Duration::from_millis(50);
/// The time between two looks at the page of the subscription.
const EVERY: Duration = Duration::from_millis(20);
/// Numbers of the persons of the second part: none of them was in the first.
const OTHERS: usize = 10_000;

fn main() {
    Runtime::new().unwrap().block_on(async {
        let simulator = Simulator::start().await;
        let running = Running::start_with(|config| {
            let trusted_proxies = "127.0.0.1".into();
            Config { trusted_proxies, ..pointed_at(&simulator.base, config) }
        })
        .await;
        let base = format!("http://{}", running.address);
        let platform = Platform::open(&base, &running.operator_token, &simulator.base).await;
        let shop = command::provision(&running.node.commands, &shop::subdomain()).await;
        signs_up(&platform, OTHERS - 1).await; // Opens the connections.
        let mode = if running.node.platform.state.is_shared() { "distributed" } else { "embedded" };

        let (idle, rate) = (either(100, 2), either(600, 4));
        println!("sign-up: form sent → first page of the shop, {mode}");
        let (mut limit, mut took) = (Vec::new(), Vec::new());
        for number in 0..idle {
            limit.push(decided(&running, shop, number).await);
            took.push(signs_up(&platform, number).await);
        }
        tell("one after the other", took, limit);
        let took = at_a_rate(rate, |number| signs_up(&platform, OTHERS + number)).await;
        let limit = at_a_rate(rate, |number| decided(&running, shop, OTHERS + number)).await;
        tell("20 a second", took, limit);

        platform.close().await;
        running.node.stop().await.unwrap();
        simulator.stop().await;
    });
}

/// Somebody signs up and pays by card; how long the shop takes from sending the form.
async fn signs_up(platform: &Platform, number: usize) -> Duration {
    let mut person = SignUp::new(platform, number, &shop::subdomain(), "card");
    person.every = EVERY;
    let form = person.filled().await;
    let begun = Instant::now();
    person.send(form).await;
    person.until_shop().await;
    person.shop().await;
    begun.elapsed()
}

/// A command of a shop that is there; how long its answer takes, which is an event that is committed.
async fn decided(running: &Running, shop: TenantId, number: usize) -> Duration {
    let command = shop::import(shop, number);
    let begun = Instant::now();
    shop::send(&running.node.commands, command).await;
    begun.elapsed()
}

/// Begins one every 50 ms, whether those before have ended or not.
async fn at_a_rate<F: Future<Output = Duration>>(count: usize, one: impl Fn(usize) -> F) -> Vec<Duration> {
    let begun = At::now();
    let all = (0..count).zip(0_u32..).map(|(number, turn)| {
        let one = one(number);
        async move {
            sleep_until(begun + APART * turn).await;
            one.await
        }
    });
    join_all(all).await
}

fn tell(how: &str, mut took: Vec<Duration>, mut limit: Vec<Duration>) {
    let mut medians = Vec::new();
    for (what, times) in [("a sign-up", &mut took), ("limit: one command", &mut limit)] {
        times.sort_unstable();
        let at = |part| quantile(times, part).unwrap().as_secs_f64() * 1e3;
        println!("  {how:<20} {what:<20} {:>5} times: p50 {:.1} ms, p95 {:.1} ms", times.len(), at(0.5), at(0.95));
        medians.push(at(0.5));
    }
    println!("  {how:<20} a sign-up takes {:.0} commands' time", medians[0] / medians[1]);
}
