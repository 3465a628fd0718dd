//! Helpers of all benches: long and short forms, interleaved rounds, and how they are printed.
//!
//! A bench puts Feira beside its limit, the bare library that does the least of the same work, in one process and one run. The
//! arms take turns round by round, so that a machine that slows down slows all of them, and what is compared is the ratio
//! of neighbours. Absolute numbers say more about the machine than about either.
#![allow(dead_code)]

pub mod catalogue;
#[path = "../../tests/common/command.rs"]
pub mod command;
#[path = "../../tests/common/gateway.rs"]
pub mod gateway;
pub mod http;
#[path = "../../tests/common/services.rs"]
pub mod services;
pub mod shop;
#[path = "../../tests/common/signup/mod.rs"]
pub mod signup;

use std::{env, time::Duration};

/// True in a run of `cargo test --benches`: everything once and small, to see that it works.
pub fn short() -> bool {
    !env::args().any(|argument| argument == "--bench")
}

/// `long` in a bench, `short` in a test.
pub fn either<T>(long: T, short: T) -> T {
    if self::short() { short } else { long }
}

/// The result of one arm in one round.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// Operations that were done.
    pub done: usize,
    /// The time that the round took.
    pub took: Duration,
    /// The time that each operation took; empty where operations overlap so that it means nothing.
    pub latencies: Vec<Duration>,
}

impl Round {
    /// Operations per second.
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }
}

/// One way to do the work: its name and what does a round of it.
pub type Arm<'a> = (&'a str, Box<dyn FnMut() -> Round + 'a>);

/// Runs the arms in turn, `rounds` times each after one round that is not counted; the first arm is the limit. Prints each
/// arm's rate and each ratio to the limit as median and spread.
pub fn compare(what: &str, rounds: usize, mut arms: Vec<Arm<'_>>) {
    let mut results: Vec<Vec<Round>> = arms.iter().map(|_| Vec::new()).collect();
    for round in 0..=rounds {
        for ((_, arm), results) in arms.iter_mut().zip(&mut results) {
            let result = arm();
            assert!(result.done > 0, "{what}: a round did nothing");
            if round > 0 || short() {
                results.push(result);
            }
        }
        if short() {
            break;
        }
    }
    println!("{what}");
    println!("  {:<44} {:>34} {:>10} {:>10}", "arm", "per second: median (min … max)", "p50 ms", "p99 ms");
    for ((name, _), results) in arms.iter().zip(&results) {
        let rates = Spread::of(results.iter().map(Round::rate));
        let mut latencies: Vec<Duration> = results.iter().flat_map(|round| round.latencies.iter().copied()).collect();
        latencies.sort_unstable();
        let at = |part| quantile(&latencies, part).map_or("-".into(), |at| format!("{:.2}", at.as_secs_f64() * 1e3));
        println!("  {name:<44} {:>34} {:>10} {:>10}", rates.whole(), at(0.5), at(0.99));
    }
    let (limit, others) = results.split_first().expect("a bench has a limit");
    for ((name, _), results) in arms.iter().skip(1).zip(others) {
        let ratios = Spread::of(results.iter().zip(limit).map(|(own, limit)| own.rate() / limit.rate()));
        println!("  ratio {name} / {}: {:.2} ({:.2} … {:.2})", arms[0].0, ratios.median, ratios.min, ratios.max);
    }
    println!();
}

/// The value below which `part` of the sorted values lie.
pub fn quantile(sorted: &[Duration], part: f64) -> Option<Duration> {
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied()
}

/// Median and extremes.
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self { median: values[values.len() / 2], min: values[0], max: values[values.len() - 1] }
    }

    fn whole(&self) -> String {
        format!("{:.0} ({:.0} … {:.0})", self.median, self.min, self.max)
    }
}
