//! The wall clock of this machine.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use feira_schemas::time::Clock;

/// The wall clock of this machine.
pub fn wall_clock() -> Clock {
    Arc::new(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
    })
}
