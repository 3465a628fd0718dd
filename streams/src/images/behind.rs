//! Work of seconds of a core, done behind what people wait for.

use std::{io, thread};

use tokio::sync::oneshot;

/// The nice value of the threads (nice(2)): a tenth of what a thread in front gets of a core that both want, all of
/// one that nobody else wants.
const NICE: i32 = 10;

/// Does the work in a thread of its own that stands behind all others. None if it panicked.
pub(super) async fn behind<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<Option<T>> {
    let (send, done) = oneshot::channel();
    thread::Builder::new().name("image".to_owned()).spawn(move || {
        step_back();
        // Who asked may have gone.
        let _ = send.send(work());
    })?;
    Ok(done.await.ok())
}

/// Lowers the calling thread's priority on Linux, where a priority is a thread's; elsewhere it would be the whole
/// process'.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a thread stays in front");
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn f40_pictures_are_made_behind_what_people_wait_for() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        assert_eq!(behind(nice).await.unwrap(), Some(NICE));
        assert_eq!(nice(), before, "this thread stays where it was");
    }

    #[tokio::test]
    async fn work_that_panics_is_no_answer() {
        assert_eq!(behind::<()>(|| panic!("for the test")).await.unwrap(), None);
    }
}
