//! Asking the log in time: it may hang as well as fail, and a request is answered within 2 s either way.

use std::time::Duration;

use feira_connectors::log::{Log, LogError, TopicPartition, within};

use crate::problem::Problem;

/// The time limit of one call on the log; the rest of the 2 s is for what is done around it.
pub const LOG_TIME: Duration = Duration::from_millis(1_800);

/// Waits for a call on the log; 503 where it fails or does not end in time. After an append that did not, the records
/// may be there or not.
pub async fn in_time<T>(call: impl Future<Output = Result<T, LogError>>) -> Result<T, Problem> {
    Ok(within(LOG_TIME, call).await?)
}

/// True if a partition has a record from an offset on; so it may be where a transaction is still open.
pub async fn has_records_from(log: &Log, at: &TopicPartition, from: i64) -> Result<bool, Problem> {
    // Ends count what no reader gets: the marks of transactions, and records of those that were aborted.
    let (end, mut next) = (in_time(log.end(at)).await?, from);
    while next < end {
        let page = in_time(log.read(at, next, 1)).await?;
        if !page.records.is_empty() || page.next == next {
            return Ok(true);
        }
        next = page.next;
    }
    Ok(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_log_that_hangs_is_unavailable_within_two_seconds() {
        let asked = tokio::time::Instant::now();
        let hangs = std::future::pending::<Result<(), LogError>>();
        assert_eq!(in_time(hangs).await.unwrap_err().status().as_u16(), 503);
        assert!(asked.elapsed() >= LOG_TIME && LOG_TIME < Duration::from_secs(2));
    }
}
