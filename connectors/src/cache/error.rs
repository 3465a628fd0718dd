//! Errors of a cache's set-up. A cache that is set up has none: a call that fails is a miss.

/// Redis can't be used as it is set. The text names the setting.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Redis: {0}")]
pub struct CacheError(pub(super) String);
