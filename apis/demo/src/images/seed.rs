//! Repeatable variation: the same text always gives the same numbers.

/// A small generator (SplitMix64 after an FNV-1a hash of the text). It decorates images; nothing secret may come from it.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// A generator that always answers the same for the same `text`.
    pub fn new(text: &str) -> Seed {
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Seed(hash)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` up to, not including, `to`.
    pub fn range(&mut self, from: f32, to: f32) -> f32 {
        let unit = (self.bits() >> 40) as f32 / (1_u64 << 24) as f32;
        from + (to - from) * unit
    }

    /// A whole number from 0 up to, not including, `count`; 0 when `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        if count == 0 { 0 } else { (self.bits() % count as u64) as usize }
    }

    /// True in `share` (0 to 1) of the cases.
    pub fn chance(&mut self, share: f32) -> bool {
        self.range(0.0, 1.0) < share
    }
}
