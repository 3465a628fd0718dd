//! Why a cache can't be used. Once it can, it has no errors: a call that fails is a miss.

/// Redis can't be used as it is set. The text names the setting.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Redis: {0}")]
pub struct CacheError(pub(super) String);
