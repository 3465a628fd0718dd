//! Waits between tries on a dependency that is down.

use std::time::Duration;

/// Waits between tries on a dependency that is down: 200 ms, doubled up to 30 s, with full jitter.
#[derive(Debug, Default)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    /// Waits, longer each time.
    pub async fn wait(&mut self) {
        let most = Duration::from_millis(200).saturating_mul(1 << self.tries.min(8)).min(Duration::from_secs(30));
        self.tries += 1;
        tokio::time::sleep(most.mul_f64(rand::random::<f64>())).await;
    }
}
