//! The threads of the processors. What they do with a batch takes milliseconds of a core, so whoever takes requests waits for none
//! of it, and they wait for nobody's requests: the system shares the cores among threads.

use std::{io, thread::available_parallelism};

use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime for the processors of a process. What runs on it ends when this is dropped, at its next wait.
pub struct Processors {
    handle: Handle,
    /// There until it is dropped.
    runtime: Option<Runtime>,
}

impl Processors {
    /// Starts a runtime of as many threads as the process may use cores.
    pub fn start() -> io::Result<Self> {
        let threads = available_parallelism().map_or(2, usize::from);
        let runtime =
            Builder::new_multi_thread().worker_threads(threads).thread_name("processor").enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// The runtime that processors are spawned on.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Processors {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime that waits for its tasks when it is dropped panics where others run, which is where a node lives.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn f40_processors_have_threads_of_their_own() {
        let processors = Processors::start().unwrap();
        let name = || thread::current().name().map(str::to_owned);
        let theirs = processors.handle().spawn(async move { name() }).await.unwrap();
        assert_eq!(theirs.as_deref(), Some("processor"));
        assert_ne!(name(), theirs);
        // Also where a node is dropped without having been stopped.
        let stays = processors.handle().spawn(std::future::pending::<()>());
        drop(processors);
        assert!(stays.await.unwrap_err().is_cancelled());
    }
}
