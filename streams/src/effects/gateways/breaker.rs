//! The circuit breaker of an account: whoever does not answer is left alone for a while. Pure: time comes in, by the steady clock.

use feira_schemas::ids::Micros;

/// Calls in a row that were not sent, or of which nothing is known, after which the breaker opens.
const IN_A_ROW: u32 = 5;
/// The time for which it is open. Then one call tries how it is.
const OPEN: Micros = 30_000_000;

/// One account's breaker.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Breaker {
    failed: u32,
    /// The time until which it is open; `None` while it is closed.
    until: Option<Micros>,
    /// True while the one call is under way that tries how the account is.
    trying: bool,
}

impl Breaker {
    /// Lets a call pass; or says when to come again.
    pub fn enter(&mut self, now: Micros) -> Result<(), Micros> {
        match self.until {
            None => Ok(()),
            Some(until) if now < until => Err(until),
            // Another one tries: its answer takes 20 s at most, as a rule far less.
            Some(_) if self.trying => Err(now + 1_000_000),
            Some(_) => {
                self.trying = true;
                Ok(())
            }
        }
    }

    /// A call was answered, be it by a no.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// A call was not sent, or nothing is known of it.
    pub fn failed(&mut self, now: Micros) {
        self.failed = self.failed.saturating_add(1);
        if self.trying || self.failed >= IN_A_ROW {
            self.until = Some(now + OPEN);
        }
        self.trying = false;
    }

    /// A call that was let pass was not made after all.
    pub fn not_made(&mut self) {
        self.trying = false;
    }

    /// True while it lets nothing pass, or one call alone.
    pub fn is_open(&self) -> bool {
        self.until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_five_failures_in_a_row_and_closes_by_one_call_that_is_answered() {
        let mut breaker = Breaker::default();
        for now in 0..4 {
            breaker.failed(now);
        }
        breaker.answered();
        for now in 0..4 {
            breaker.failed(now);
            assert_eq!(breaker.enter(now), Ok(()));
        }
        breaker.failed(10);
        assert_eq!((breaker.enter(11), breaker.is_open()), (Err(10 + OPEN), true));
        assert_eq!(breaker.enter(10 + OPEN), Ok(()), "one tries");
        assert!(breaker.enter(10 + OPEN).is_err(), "and one alone");
        breaker.failed(20 + OPEN);
        assert_eq!(breaker.enter(20 + OPEN), Err(20 + 2 * OPEN), "one failure opens it again");
        assert_eq!(breaker.enter(20 + 2 * OPEN), Ok(()));
        breaker.not_made();
        assert_eq!(breaker.enter(20 + 2 * OPEN), Ok(()), "a call that was not made has tried nothing");
        breaker.answered();
        assert_eq!((breaker.enter(21 + 2 * OPEN), breaker.is_open()), (Ok(()), false));
    }
}
