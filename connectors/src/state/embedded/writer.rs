//! The thread that writes. Writes go one at a time in any case, and on a thread of their own they wait behind each other alone:
//! tokio's blocking threads have searches, files and images to work on.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that does one piece of work after the other. It ends when this is dropped and its work is done.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub fn start() -> io::Result<Self> {
        let (jobs, received) = mpsc::channel::<Job>();
        let work = move || {
            for job in received {
                // Who waits for it learns that there is no answer; the next one may fare better.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        thread::Builder::new().name("state-writes".to_owned()).spawn(work)?;
        Ok(Self { jobs })
    }

    /// Does this work and answers what came of it; none if it panicked. It is done also where nobody waits for it any more.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            // What the work holds is let go before who waits goes on, who may close the store.
            let done = work();
            let _ = answer.send(done);
        };
        self.jobs.send(Box::new(job)).ok()?;
        answered.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_in_order_and_a_panic_ends_no_more_than_itself() {
        let writer = Writer::start().unwrap_or_else(|error| panic!("{error}"));
        let here = thread::current().id();
        assert_eq!(writer.run(move || thread::current().id() == here).await, Some(false));
        let panics: Option<()> = writer.run(|| panic!("on purpose")).await;
        assert_eq!(panics, None);
        assert_eq!(writer.run(|| 7).await, Some(7));
    }
}
