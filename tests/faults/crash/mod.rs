//! Processes are ended at every step that matters, one after the other on the same data folder, and afterwards everything
//! is counted: nothing lost, nothing doubled, every answer the same as before. On the embedded parts alone.

mod child;
mod count;
mod fold;
mod journal;
mod plan;

use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use child::Errand;
use feira_node::config::Config;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::common::embedded;

/// SIGABRT: how a process ends at its failpoint.
const ABORTED: i32 = 6;
/// The seed of the clients' requests and of the passing at which each process ends. `FEIRA_CRASH_SEED` sets another.
const SEED: u64 = 20;

/// A place to end at.
struct Place {
    failpoint: &'static str,
    /// The last passing that may be chosen.
    passings: u32,
    /// The condition under which a process comes to this place.
    needs: Needs,
}

/// A condition under which a process comes to a place.
#[derive(PartialEq)]
enum Needs {
    Work,
    /// An earlier process ended here, between a commit and its rows.
    RowsBehind(&'static str),
    /// The views can't fold a certain product.
    Poison,
    /// An earlier process parked something, which becomes due.
    Parked,
}

const fn place(failpoint: &'static str, passings: u32, needs: Needs) -> Place {
    Place { failpoint, passings, needs }
}

/// Every place. The directory has work only while the shops are being opened, so its places come first.
const PLACES: [Place; 24] = [
    place("directory::before_commit", 1, Needs::Work),
    place("directory::after_commit", 1, Needs::Work),
    place("directory::after_apply", 1, Needs::Work),
    place("admin::before_commit", 6, Needs::Work),
    place("admin::after_commit", 6, Needs::Work),
    place("admin::after_apply", 6, Needs::Work),
    place("admin::before_restored", 1, Needs::RowsBehind("admin::after_commit")),
    place("admin::after_restored", 1, Needs::RowsBehind("admin::after_commit")),
    place("store::before_commit", 6, Needs::Work),
    place("store::after_commit", 6, Needs::Work),
    place("store::after_apply", 6, Needs::Work),
    place("store::before_restored", 1, Needs::RowsBehind("store::after_commit")),
    place("store::after_restored", 1, Needs::RowsBehind("store::after_commit")),
    place("storefront::before_write", 6, Needs::Work),
    place("storefront::after_write", 6, Needs::Work),
    place("search::before_commit", 6, Needs::Work),
    place("search::after_commit", 6, Needs::Work),
    place("view::before_park", 2, Needs::Poison),
    place("view::after_park", 4, Needs::Poison),
    place("view::after_retry", 2, Needs::Parked),
    place("view::before_keep", 2, Needs::Work),
    place("view::after_keep", 2, Needs::Work),
    place("storefront::before_write", 1, Needs::Work),
    place("store::before_commit", 12, Needs::Work),
];

/// A configuration on this folder, with few partitions.
pub fn config(data: &Path) -> Config {
    // Two loops of each context, so that a kill meets one in the midst of what the other has done.
    Config { data: data.to_owned(), partitions: 4, threads: 2, ..Config::default() }
}

/// Not a test of its own: the body of the processes that the test below starts and ends.
#[test]
#[ignore = "started by the test below, as a process of its own"]
fn child() {
    let Ok(errand) = std::env::var(child::VARIABLE) else { return };
    let errand = serde_json::from_str(&errand).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(child::run(errand));
}

fn start(errand: &Errand) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--ignored", "--nocapture"])
        .env(child::VARIABLE, serde_json::to_string(errand).unwrap())
        .output()
        .unwrap()
}

/// Ends one process at this place. A passing that a run does not come to is taken earlier in the next.
fn end_at(place: &Place, errand: &mut Errand, random: &mut StdRng) {
    for attempt in 0..10 {
        match place.needs {
            Needs::Work | Needs::Poison => {}
            Needs::RowsBehind(failpoint) => end_at(&self::place(failpoint, 6, Needs::Work), errand, random),
            Needs::Parked => end_at(&self::place("view::after_park", 3, Needs::Poison), errand, random),
        }
        errand.failpoint = place.failpoint.to_owned();
        errand.hit = if attempt == 0 { random.random_range(1..=place.passings) } else { 1 };
        errand.poison = place.needs == Needs::Poison;
        errand.linger = Duration::from_secs(if place.needs == Needs::Parked { 8 } else { 1 });
        let output = start(errand);
        if output.status.signal() == Some(ABORTED) {
            println!("ended at {} (passing {})", errand.failpoint, errand.hit);
            return;
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {:?}\n{errors}", errand.failpoint, output.status);
    }
    panic!("{} was never passed", place.failpoint);
}

#[test]
fn nothing_is_lost_and_nothing_doubled_wherever_a_process_ends() {
    let Some(folder) = embedded() else { return };
    let seed = std::env::var("FEIRA_CRASH_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut errand = Errand {
        data: folder.path().join("data"),
        journal: folder.path().join("answers"),
        seed,
        failpoint: String::new(),
        hit: 0,
        poison: false,
        steps: 8,
        linger: Duration::ZERO,
    };
    for place in &PLACES {
        end_at(place, &mut errand, &mut random);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let counted = runtime.block_on(count::count(&errand));
    println!("{counted:#?}");
    assert!(counted.faults.is_empty(), "{} faults, see above", counted.faults.len());
}
