//! Latencies of a shop while others do all they can: reads and writes of another shop while one client patches a
//! product of 2,048 variants, 200 shops are written to, lists are asked for and not read, images of 40 megapixels
//! come in, searches are hammered and connections idle; beside the same undisturbed. Of a process of its own with
//! `FEIRA_MEMORY_MB=512`, whose memory is printed as well, and must stay below 700 MB.
//!
//! Aims: p99 of 250 ms for reads and 1 s for writes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/common/mod.rs"]
mod world;

use std::{
    env,
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;
use world::{
    pressure::{Pressed, Seen, Strength},
    process::{Mode, Process},
};

/// The most resident memory, in MB.
const MOST_MB: u64 = 700;

fn main() {
    Runtime::new().unwrap().block_on(async {
        let process = Process::start_with(Mode::Embedded, &[("FEIRA_MEMORY_MB", "512")]).await;
        let pressed = Pressed::at(&process.url());
        let other = pressed.elsewhere().shop("outra").await;
        println!("pressure: another shop's reads and writes, one after another");
        tell("undisturbed", &other.look(Instant::now() + Duration::from_secs(either(20, 1))).await);
        let idle = process.most_memory_mb();
        let strength = Strength {
            patching: either(200, 4),
            shops: either(200, 2),
            slow: either(24, 2),
            uploading: either(4, 1),
            searching: either(600, 4),
            idle: either(1_000, 4),
            lasting: Duration::from_secs(either(120, 2)),
        };
        let begun = Instant::now();
        let seen = pressed.press(strength, &other).await;
        tell("under pressure", &seen);
        let most = process.most_memory_mb();
        println!("  memory: {idle} MB before, {most} MB at most, {:.0} s", begun.elapsed().as_secs_f64());
        assert!(most < MOST_MB, "{most} MB are more than {MOST_MB}");
        assert!(process.stop().await.success());
    });
}

/// `long` in a bench; `short` in a run of `cargo test --benches`, which sees that it works.
fn either<T>(long: T, short: T) -> T {
    if env::args().any(|argument| argument == "--bench") { long } else { short }
}

fn tell(what: &str, seen: &Seen) {
    let ms = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1e3);
    for (kind, times) in [("reads", &seen.reads), ("writes", &seen.writes)] {
        let (p99, most) = Seen::p99(times);
        println!("  {what:<16} {:>6} {kind:<6} p99 {:>9} max {:>9}", times.len(), ms(p99), ms(most));
    }
}
