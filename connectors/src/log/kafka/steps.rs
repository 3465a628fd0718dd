//! The steps of a transaction: how long each may take, and how it is repeated.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;

/// The time limits of a transaction's steps: records must be acknowledged in `DELIVERY_MS` milliseconds. Each stays
/// below the watchdog's patience, and what comes before the commit below [`TRANSACTION`].
pub(super) const DELIVERY_MS: &str = "5000";
const STEP: Duration = Duration::from_secs(3);
pub(super) const INIT: Duration = Duration::from_secs(5);

/// The time that a transaction may be open (`transaction.timeout.ms`): the brokers end it then, and fence its writer.
/// Shorter than the session of the group, so that the next owner's wait for an open transaction ends.
pub(super) const TRANSACTION: Duration = Duration::from_secs(10);

/// Calls a step of a transaction until it succeeds, fails for good, or its time is over. The library allows the same
/// call again after an error that it marks as retriable.
pub(super) fn repeat(mut step: impl FnMut(Duration) -> Result<(), KafkaError>) -> Result<(), KafkaError> {
    let deadline = Instant::now() + STEP;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match step(left.max(Duration::from_millis(1))) {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < deadline => {
                sleep(Duration::from_millis(20))
            }
            result => return result,
        }
    }
}
