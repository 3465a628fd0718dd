//! Random bytes of this machine.

use std::sync::Arc;

use rand::RngCore;

/// Fills bytes that nobody can guess: the machine's, or a test's.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The random bytes of this machine: a generator of each thread that is fit for keys and seeded from the operating system.
pub fn random() -> Random {
    Arc::new(|bytes| rand::rng().fill_bytes(bytes))
}
