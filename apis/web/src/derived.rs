//! Values derived from bytes of the views' cache, such as an index of a list: made once for those bytes, not for each
//! request.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use bytes::Bytes;
use feira_schemas::{budget::Budget, ids::TenantId};
use moka::sync::Cache;

/// Bytes of memory for each byte that a value is made of, once it is read and indexed: roughly.
const WEIGHT: usize = 4;
/// The part of the budget for cards and pages that they may take: one in so many.
const SHARE: u64 = 8;

/// The values of the shops that were asked for last, one of each type. Cheap to clone.
#[derive(Clone)]
pub struct Derived(Cache<(TenantId, TypeId), Made>);

#[derive(Clone)]
struct Made {
    of: Bytes,
    value: Arc<dyn Any + Send + Sync>,
}

impl Derived {
    /// Room for values as the budget gives it.
    pub fn new(budget: Budget) -> Self {
        let weigh =
            |_: &(TenantId, TypeId), made: &Made| u32::try_from(made.of.len() * WEIGHT + 1_024).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(budget.cache() / SHARE).weigher(weigh).build())
    }

    /// The value of these bytes of a shop, which is made if the last one of its type was made of others.
    ///
    /// # Errors
    /// Errors of `make`, after which the last value stays.
    pub fn of<T: Any + Send + Sync, E>(
        &self,
        tenant: TenantId,
        bytes: Bytes,
        make: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let key = (tenant, TypeId::of::<T>());
        let known = self.0.get(&key).filter(|made| made.is_of(&bytes));
        if let Some(known) = known.and_then(|made| made.value.downcast().ok()) {
            return Ok(known);
        }
        let value = Arc::new(make(&bytes)?);
        self.0.insert(key, Made { of: bytes, value: value.clone() });
        Ok(value)
    }
}

impl Made {
    /// True if the value was made of these bytes: as a rule they are the very same, which needs no look at them.
    fn is_of(&self, bytes: &Bytes) -> bool {
        (self.of.as_ptr(), self.of.len()) == (bytes.as_ptr(), bytes.len()) || self.of == bytes
    }
}
