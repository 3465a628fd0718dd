//! Whether this process stood still: who was stopped for seconds can't know whether its grant still counts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use feira_schemas::{ids::Micros, time::Clock};

/// The time between two beats.
const BEAT: Duration = Duration::from_millis(500);
/// A gap between two beats, by either clock, that counts as having stood still. The steady clock stands while a machine sleeps, the wall
/// clock does not; that somebody sets the wall clock costs a grant, which harms nothing.
const STOOD_STILL: Micros = 5_000_000;
/// The time for which a grant is good, by the steady clock from when it was asked for.
const GOOD_FOR: Micros = 10_000_000;

/// The beat of this process.
pub(super) struct Pulse {
    clock: Clock,
    /// The last beat, by the steady and by the wall clock.
    steady: AtomicI64,
    wall: AtomicI64,
    /// The time at which it was last found that the process had stood still, by the steady clock.
    stood_still: AtomicI64,
}

impl Pulse {
    /// One that beats from now on.
    pub fn new(clock: Clock) -> Self {
        let (steady, wall) = (clock.steady().into(), clock.now().into());
        Self { clock, steady, wall, stood_still: Micros::MIN.into() }
    }

    /// Beats until it is dropped by whoever spawned it.
    pub async fn run(self: Arc<Self>) {
        loop {
            tokio::time::sleep(BEAT).await;
            self.beat();
        }
    }

    /// The present of the steady clock, and whether a grant that was asked for at a time of it is still good.
    pub fn is_good(&self, asked: Micros) -> bool {
        self.beat();
        self.clock.steady() - asked < GOOD_FOR && self.stood_still.load(Ordering::SeqCst) < asked
    }

    fn beat(&self) {
        let (steady, wall) = (self.clock.steady(), self.clock.now());
        let gap = steady - self.steady.swap(steady, Ordering::SeqCst);
        let gap_of_wall = (wall - self.wall.swap(wall, Ordering::SeqCst)).abs();
        if gap >= STOOD_STILL || gap_of_wall >= STOOD_STILL {
            tracing::warn!(
                seconds = gap.max(gap_of_wall) / 1_000_000,
                "this process stood still: grants that it asked for before are dropped"
            );
            self.stood_still.store(steady, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = 1_000_000;

    #[test]
    fn a_grant_is_good_for_ten_seconds_unless_the_process_stood_still() {
        let (steady, wall) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let read = |clock: &Arc<AtomicI64>| {
            let clock = Arc::clone(clock);
            move || clock.load(Ordering::SeqCst)
        };
        let pulse = Pulse::new(Clock::new(read(&wall), read(&steady)));
        let pass = |of_steady: Micros, of_wall: Micros| {
            steady.fetch_add(of_steady, Ordering::SeqCst);
            wall.fetch_add(of_wall, Ordering::SeqCst);
        };
        for _ in 0..3 {
            pass(3 * SECOND, 3 * SECOND);
            assert!(pulse.is_good(0));
        }
        pass(SECOND, SECOND);
        assert!(!pulse.is_good(0), "ten seconds");
        let asked = 10 * SECOND;
        assert!(pulse.is_good(asked));
        pass(SECOND, 6 * SECOND);
        assert!(!pulse.is_good(asked), "the machine slept");
        pass(SECOND, SECOND);
        assert!(!pulse.is_good(asked), "which is remembered");
        let asked = 12 * SECOND;
        assert!(pulse.is_good(asked), "a later one is good");
        pass(5 * SECOND, 5 * SECOND);
        assert!(!pulse.is_good(asked), "the process was stopped");
    }
}
