//! Ids and keys, as the vendors' look: a prefix, and letters and digits that say nothing.

use rand::{Rng, RngCore, distr::Alphanumeric};

/// Letters and digits of an id after its prefix.
const LENGTH: usize = 16;

/// Makes ids out of the randomness that it is given.
pub struct Ids(Box<dyn RngCore + Send>);

impl Ids {
    /// Ids from that source.
    pub fn from(random: impl RngCore + Send + 'static) -> Self {
        Self(Box::new(random))
    }

    /// An id such as `ch_x3A…` of 16 letters and digits after the prefix.
    pub fn next(&mut self, prefix: &str) -> String {
        format!("{prefix}_{}", self.letters(LENGTH))
    }

    /// So many letters and digits.
    pub fn letters(&mut self, count: usize) -> String {
        (&mut self.0).sample_iter(Alphanumeric).take(count).map(char::from).collect()
    }

    /// So many decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.0.random_range(0..10_u8))).collect()
    }

    /// The numbers below `count` in some order that is not theirs, if there are two.
    pub fn shuffled(&mut self, count: usize) -> Vec<usize> {
        use rand::seq::SliceRandom;
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut self.0);
        if count > 1 && order.is_sorted() {
            order.rotate_left(1);
        }
        order
    }
}
