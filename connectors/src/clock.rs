//! The clocks of this machine.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fail::fail_point;
use feira_schemas::time::{Clock, Micros};

/// The clock of this machine: its wall clock, and the one that nobody sets. The latter stands still while the machine is suspended.
pub fn wall_clock() -> Clock {
    let begun = Instant::now();
    let wall = || micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros()) + ahead();
    Clock::new(wall, move || micros(begun.elapsed().as_micros()) + ahead())
}

/// Microseconds by which a test has moved both clocks ahead, by the failpoint `clock::ahead`. Builds without failpoints have no such
/// knob.
fn ahead() -> Micros {
    fail_point!("clock::ahead", |by: Option<String>| by.and_then(|by| by.parse().ok()).unwrap_or_default());
    0
}

fn micros(counted: u128) -> Micros {
    Micros::try_from(counted).unwrap_or(Micros::MAX)
}
