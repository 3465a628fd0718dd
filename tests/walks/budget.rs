//! A process keeps within the memory that it was given, whatever clients and shops do, and serves the others meanwhile.

use std::time::{Duration, Instant};

use crate::common::{
    embedded,
    pressure::{Pressed, Seen, Strength},
    process::{Mode, Process},
};

/// The MB that a process with a budget of 512 MB may have resident: its shares, and what the program and its threads take.
const MOST_MB: u64 = 700;

/// The short form; `cargo bench --bench pressure` is the whole one.
#[tokio::test(flavor = "multi_thread")]
async fn f40_a_process_under_all_pressures_at_once_keeps_within_its_budget_and_serves_the_others() {
    if embedded().is_none() {
        return;
    }
    let process = Process::start_with(Mode::Embedded, &[("FEIRA_MEMORY_MB", "512")]).await;
    let pressed = Pressed::at(&process.url());
    let other = pressed.elsewhere().shop("outra").await;
    let strength = Strength {
        patching: 24,
        shops: 24,
        slow: 12,
        uploading: 3,
        searching: 24,
        idle: 100,
        lasting: Duration::from_secs(15),
    };
    let seen = pressed.press(strength, &other).await;
    assert!(!seen.reads.is_empty() && !seen.writes.is_empty());
    println!("reads {:?}, writes {:?} (p99, max)", Seen::p99(&seen.reads), Seen::p99(&seen.writes));
    let most = process.most_memory_mb();
    assert!(most < MOST_MB, "{most} MB of {MOST_MB}");
    println!("{most} MB");
    // It goes on as before.
    assert!(!other.look(Instant::now() + Duration::from_secs(2)).await.writes.is_empty());
    assert!(process.stop().await.success());
}
