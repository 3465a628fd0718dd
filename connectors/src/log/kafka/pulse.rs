//! The pulse of a member's thread: the call that it is in now. The library can ignore its time-outs; whoever waits
//! for the thread sees by this whether it goes on or hangs, and where.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::timeout;

use super::lock;

/// Shared by a thread and those who wait for it.
#[derive(Clone, Default)]
pub(super) struct Pulse(Arc<Mutex<Step>>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Step {
    number: u64,
    what: &'static str,
}

impl Pulse {
    /// The thread begins with this, as "a call hangs (…)" goes on.
    pub(super) fn begin(&self, what: &'static str) {
        let mut step = lock(&self.0);
        *step = Step { number: step.number.wrapping_add(1), what };
    }

    /// Waits for `answered`; gives the call that the thread is in as an error when it has begun no other for
    /// `patience`. The process was awake meanwhile, to a tick: waiting is counted in ticks, each once, so one that
    /// stood still for a minute (a suspended machine, a stopped container) finds one tick over when it wakes, and its
    /// thread has the rest of its time.
    pub(super) async fn within<F: Future>(
        &self,
        patience: Duration,
        tick: Duration,
        answered: F,
    ) -> Result<F::Output, &'static str> {
        let mut answered = pin!(answered);
        let (mut waited, mut seen) = (Duration::ZERO, *lock(&self.0));
        while waited < patience {
            if let Ok(answer) = timeout(tick.min(patience - waited), answered.as_mut()).await {
                return Ok(answer);
            }
            let now = *lock(&self.0);
            waited = if now == seen { waited + tick } else { Duration::ZERO };
            seen = now;
        }
        Err(seen.what)
    }
}

#[cfg(test)]
mod tests {
    use std::{future, thread};

    use tokio::time::sleep;

    use super::*;

    const TICK: Duration = Duration::from_millis(10);

    #[tokio::test]
    async fn a_call_that_hangs_is_given_up_once_its_time_is_over() {
        let pulse = Pulse::default();
        pulse.begin("end");
        assert_eq!(pulse.within(TICK * 5, TICK, future::pending::<()>()).await, Err("end"));
        assert_eq!(pulse.within(TICK / 2, TICK, future::pending::<()>()).await, Err("end"));
        assert_eq!(pulse.within(TICK * 5, TICK, future::ready(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn f39_a_thread_that_goes_on_hangs_in_nothing_however_long_it_takes() {
        let pulse = Pulse::default();
        let busy = async {
            for _ in 0..20 {
                sleep(TICK * 2).await;
                pulse.begin("write");
            }
            7
        };
        assert_eq!(pulse.within(TICK * 10, TICK, busy).await, Ok(7));
    }

    #[tokio::test]
    async fn the_time_in_which_the_process_stood_still_does_not_count() {
        let woken = async {
            // Nothing runs meanwhile, as in a process that is stopped.
            thread::sleep(TICK * 40);
            sleep(TICK * 2).await;
            7
        };
        assert_eq!(Pulse::default().within(TICK * 20, TICK, woken).await, Ok(7));
    }
}
