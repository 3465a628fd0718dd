//! What each process of a deployment would have for itself alone.

use super::{Config, environment::setting};

impl Config {
    /// A sentence for each thing that other processes on the same Kafka would not see, as it lies in this one's data folder. It may be
    /// meant so: a process may be the only one.
    pub fn alone(&self) -> Vec<String> {
        if self.kafka_brokers.is_empty() {
            return Vec::new();
        }
        let lie = |what: &str, key: &str| {
            format!(
                "{what} lie in this process' data folder alone, though its log is Kafka: set {}, unless no other process is to have them",
                setting(key)
            )
        };
        let rows = self.scylla_nodes.is_empty().then(|| lie("rows, the keyring and sessions", "scylla_nodes"));
        let images = self.s3_url.is_empty().then(|| lie("images", "s3_url"));
        rows.into_iter().chain(images).collect()
    }
}
