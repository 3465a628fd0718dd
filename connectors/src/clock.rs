//! The clocks of this machine.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use feira_schemas::time::Clock;

/// The wall clock of this machine.
pub fn wall_clock() -> Clock {
    Arc::new(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
    })
}

/// Says how long ago some fixed moment was: a clock that never goes back, the machine's or a test's.
pub type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The monotonic clock of this machine.
pub fn monotonic() -> Monotonic {
    let begun = Instant::now();
    Arc::new(move || begun.elapsed())
}
