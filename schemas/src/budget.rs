//! The division of the memory that a process may use (`FEIRA_MEMORY_MB`): each part that keeps bytes for others takes its share
//! from here, and from nowhere else.

/// Bytes in a mebibyte.
const MIB: u64 = 1024 * 1024;

/// Fewest mebibytes that a process works with: below that a single legal image could not be decoded.
pub const SMALLEST_MB: u32 = 384;
/// The MB that a process takes where nothing is set: enough for some thousand shops, little enough for a small machine.
pub const DEFAULT_MB: u32 = 1_024;

/// The memory that an embedded store may take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreShare {
    /// Rows or records that are not in table files yet.
    pub memtables: u64,
    /// Blocks of table files.
    pub blocks: u64,
}

/// The memory of a process, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    total: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of_mb(DEFAULT_MB)
    }
}

impl Budget {
    /// A budget of so many mebibytes.
    pub fn of_mb(mb: u32) -> Self {
        Self { total: u64::from(mb) * MIB }
    }

    fn percent(self, percent: u64) -> u64 {
        self.total / 100 * percent
    }

    /// All of it.
    pub fn total(self) -> u64 {
        self.total
    }
    /// Rows that tasks keep hot, of all tasks together.
    pub fn hot_rows(self) -> u64 {
        self.percent(10)
    }
    /// Request bodies under way, of all shops together.
    pub fn request_bodies(self) -> u64 {
        self.percent(8)
    }
    /// Answers under way to readers, of all shops together.
    pub fn answers(self) -> u64 {
        self.percent(8)
    }
    /// Images being decoded. The largest legal one alone takes 160 MB as pixels.
    pub fn images(self) -> u64 {
        self.percent(33).max(200 * MIB)
    }
    /// The bytes that writers of search shards buffer, of all shards together.
    pub fn shard_writers(self) -> u64 {
        self.percent(8)
    }
    /// Memtables of the embedded stores, of all tables together.
    pub fn memtables(self) -> u64 {
        self.percent(8)
    }
    /// Blocks of table files that the embedded stores keep.
    pub fn blocks(self) -> u64 {
        self.percent(6)
    }
    /// The embedded log's share: a quarter of the tables in memory, as it has one large one where the state has dozens.
    pub fn log_store(self) -> StoreShare {
        StoreShare { memtables: self.memtables() / 4, blocks: self.blocks() / 2 }
    }
    /// The embedded keyring's share: its rows have some 300 bytes each, and those in use are kept beside it.
    pub fn keyring_store(self) -> StoreShare {
        StoreShare { memtables: self.memtables() / 32, blocks: self.blocks() / 16 }
    }
    /// The share of the embedded store of sessions: its rows have some 300 bytes each, and few are used at once.
    pub fn session_store(self) -> StoreShare {
        self.keyring_store()
    }
    /// The embedded state's share: the rest.
    pub fn state_store(self) -> StoreShare {
        let others = [self.log_store(), self.keyring_store(), self.session_store()];
        let of_others = |part: fn(&StoreShare) -> u64| others.iter().map(part).sum::<u64>();
        StoreShare {
            memtables: self.memtables() - of_others(|share| share.memtables),
            blocks: self.blocks() - of_others(|share| share.blocks),
        }
    }
    /// Cards and pages kept in process.
    pub fn cache(self) -> u64 {
        self.percent(8)
    }

    /// Every share by its name, for printing.
    pub fn shares(self) -> [(&'static str, u64); 8] {
        [
            ("hot_rows", self.hot_rows()),
            ("request_bodies", self.request_bodies()),
            ("answers", self.answers()),
            ("images", self.images()),
            ("shard_writers", self.shard_writers()),
            ("memtables", self.memtables()),
            ("blocks", self.blocks()),
            ("cache", self.cache()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_within_the_whole() {
        for mb in [SMALLEST_MB, 512, DEFAULT_MB, 16_384] {
            let budget = Budget::of_mb(mb);
            let shared: u64 = budget.shares().iter().map(|(_, bytes)| bytes).sum();
            // Below 606 MB the largest image takes more than its percentage.
            assert!(shared <= budget.total().max(700 * MIB), "{mb} MB: {shared}");
        }
    }
}
