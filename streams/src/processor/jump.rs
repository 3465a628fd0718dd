//! A wall clock that jumps: seen against the one that nobody sets.

use feira_schemas::{
    ids::Micros,
    time::{Clock, MINUTE},
};

/// The most by which the wall clock may move against the other before it has jumped. Machines that NTP keeps are set by less.
const MOST: Micros = MINUTE;

/// The clock of one loop, which is not led far by a jump: what a loop decides bears its time for ever, and a jump of a year must end
/// no hold and close no shop.
#[derive(Clone)]
pub(super) struct Watched {
    clock: Clock,
    /// The wall clock less the other, when the loop began: a start takes the clock as it is.
    apart: Micros,
}

impl Watched {
    /// Takes the clock as it is.
    pub fn new(clock: Clock) -> Self {
        let apart = clock.now() - clock.steady();
        Self { clock, apart }
    }

    /// Microseconds since 1970, by the wall clock. While that has jumped, by the other one, from where the wall clock was.
    pub fn now(&self) -> Micros {
        let wall = self.clock.now();
        match self.jumped() {
            Some(by) => wall - by,
            None => wall,
        }
    }

    /// The microseconds by which the wall clock has jumped, until it is back.
    pub fn jumped(&self) -> Option<Micros> {
        let by = self.clock.now() - self.clock.steady() - self.apart;
        (by.abs() > MOST).then_some(by)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    #[test]
    fn a_wall_clock_that_moves_by_more_than_a_minute_against_the_other_has_jumped_until_it_is_back() {
        let (wall, steady) = (Arc::new(AtomicI64::new(1_000 * MINUTE)), Arc::new(AtomicI64::new(7)));
        let read = |clock: &Arc<AtomicI64>| {
            let clock = Arc::clone(clock);
            move || clock.load(Ordering::Relaxed)
        };
        let watched = Watched::new(Clock::new(read(&wall), read(&steady)));
        let pass = |of_wall: Micros, of_steady: Micros| {
            wall.fetch_add(of_wall, Ordering::Relaxed);
            steady.fetch_add(of_steady, Ordering::Relaxed);
            (watched.jumped(), watched.now())
        };
        assert_eq!(pass(0, 0), (None, 1_000 * MINUTE));
        assert_eq!(pass(500 * MINUTE, 500 * MINUTE), (None, 1_500 * MINUTE), "hours that pass are no jump");
        assert_eq!(pass(MINUTE, 0), (None, 1_501 * MINUTE), "a clock may be set a little");
        assert_eq!(pass(1, 0), (Some(MINUTE + 1), 1_500 * MINUTE));
        assert_eq!(pass(MINUTE, MINUTE), (Some(MINUTE + 1), 1_501 * MINUTE), "time passes meanwhile");
        assert_eq!(pass(-1 - MINUTE, 0), (None, 1_501 * MINUTE), "it is back");
        assert_eq!(pass(-2 * MINUTE, 0), (Some(-2 * MINUTE), 1_501 * MINUTE), "backwards too");
    }
}
