//! A number of which several loops or partitions of a process each have a part, as one gauge that shows the sum.

use std::fmt;

use metrics::Gauge;

/// One's part of a gauge that others have theirs of. It is given back when it is dropped, so that nobody counts what has gone elsewhere.
pub(crate) struct Counted {
    gauge: Gauge,
    count: usize,
}

impl Counted {
    /// None yet. The gauge is there from now on.
    pub fn of(gauge: Gauge) -> Self {
        gauge.increment(0.0);
        Self { gauge, count: 0 }
    }

    /// The part is this large now: the gauge moves by the difference.
    pub fn set(&mut self, count: usize) {
        self.gauge.increment(count as f64 - self.count as f64);
        self.count = count;
    }

    /// The part as it was counted last.
    #[cfg(test)]
    pub fn get(&self) -> usize {
        self.count
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.count.fmt(f)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use super::*;

    #[test]
    fn a_gauge_of_several_shows_the_sum_and_what_is_dropped_is_given_back() {
        let shown = Arc::new(AtomicU64::new(0));
        let sum = || f64::from_bits(shown.load(Ordering::Acquire));
        let part = || Counted::of(Gauge::from_arc(Arc::clone(&shown)));
        let (mut one, mut other) = (part(), part());
        one.set(3);
        other.set(4);
        assert_eq!(sum(), 7.0);
        other.set(0);
        assert_eq!(sum(), 3.0, "the zero of one hides nothing of another");
        one.set(5);
        let third = part();
        assert_eq!(sum(), 5.0);
        drop((third, other));
        assert_eq!(sum(), 5.0);
        drop(one);
        assert_eq!(sum(), 0.0);
    }
}
