//! The limit of open files and connections of this process (`RLIMIT_NOFILE`).

use rlimit::Resource;

/// Raises the limit to what the system allows at most. The usual soft one is 1,024, for the sake of programs that count on small
/// numbers; connections of strangers would use it up, and a store that needs a file then and gets none fails.
pub fn raise() {
    let raised = Resource::NOFILE.get().and_then(|(_, hard)| Resource::NOFILE.set(hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files can't be raised and stays as it is");
    }
}

/// Gives the soft limit of open files and connections; 1,024 where it can't be asked.
pub fn limit() -> u64 {
    // What can't be asked is taken for what is usual.
    Resource::NOFILE.get().map_or(1_024, |(soft, _)| soft)
}
