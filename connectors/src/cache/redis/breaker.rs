//! Keeps a store that doesn't answer from making every request wait for it.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many failures…
const FAILURES: usize = 20;
/// …within so long open the breaker. Fewer would open on a hiccup; more would let too many pages wait first.
const WITHIN: Duration = Duration::from_secs(5);
/// The time for which nothing is asked after that, and after each trial that failed.
const OPEN_FOR: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: VecDeque<Instant>,
    /// While open: when the next single trial may go.
    trial_at: Option<Instant>,
}

impl Breaker {
    /// True if the store may be asked now. While it is open, one caller in each [`OPEN_FOR`] is told yes, as a trial.
    pub(super) fn allows(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.trial_at {
            Some(at) if now < at => false,
            Some(_) => {
                state.trial_at = Some(now + OPEN_FOR);
                true
            }
            None => true,
        }
    }

    /// Notes that the store answered: an open breaker closes.
    pub(super) fn succeeded(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.trial_at.take().is_some() {
            state.failures.clear();
        }
    }

    /// Notes that the store didn't answer, or not in time; enough of these open the breaker.
    pub(super) fn failed(&self, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.trial_at.is_some() {
            return;
        }
        state.failures.retain(|at| now.duration_since(*at) <= WITHIN);
        state.failures.push_back(now);
        if state.failures.len() >= FAILURES {
            state.trial_at = Some(now + OPEN_FOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(start: Instant) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.allows(start));
            breaker.failed(start);
        }
        breaker
    }

    #[test]
    fn it_opens_after_twenty_failures_in_five_seconds_and_not_before() {
        let start = Instant::now();
        assert!(!opened(start).allows(start));
        let slow = Breaker::default();
        for number in 0..100 {
            let now = start + Duration::from_secs(number) / 2;
            assert!(slow.allows(now), "two failures a second are fewer");
            slow.failed(now);
        }
    }

    #[test]
    fn one_trial_at_a_time_goes_through_and_its_success_closes_it() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + OPEN_FOR;
        assert!(breaker.allows(later));
        assert!(!breaker.allows(later), "the second caller waits for the trial");
        breaker.failed(later);
        assert!(!breaker.allows(later + OPEN_FOR / 2));
        assert!(breaker.allows(later + OPEN_FOR));
        breaker.succeeded();
        assert!(breaker.allows(later + OPEN_FOR));
        breaker.failed(later + OPEN_FOR);
        assert!(breaker.allows(later + OPEN_FOR), "one failure after that doesn't open it again");
    }
}
