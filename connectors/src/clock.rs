//! The clocks of this machine.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use feira_schemas::time::{Clock, Micros};

/// The clock of this machine: its wall clock, and the one that nobody sets. The latter stands still while the machine is suspended.
pub fn wall_clock() -> Clock {
    let begun = Instant::now();
    let wall = || micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros());
    Clock::new(wall, move || micros(begun.elapsed().as_micros()))
}

fn micros(counted: u128) -> Micros {
    Micros::try_from(counted).unwrap_or(Micros::MAX)
}

/// Says how long ago some fixed moment was: a clock that never goes back, the machine's or a test's.
pub type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The monotonic clock of this machine.
pub fn monotonic() -> Monotonic {
    let begun = Instant::now();
    Arc::new(move || begun.elapsed())
}
