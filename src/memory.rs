//! The allocator, and when it gives memory back.

use std::ffi::{c_int, c_long};

/// Taking and giving back memory is a quarter of what a command costs with glibc's allocator; with this one commands pass a
/// quarter faster. It stands in the library, so that the limits that benches measure have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc's `mi_option_t`, which the crate does not name.
const PURGE_DELAY: c_int = 15;

/// Milliseconds for which the allocator keeps memory that is free. Its own second is as long as ten pictures take: what each of
/// them had would count beside what the next one has, and a process would be 200 MB over its budget.
const KEPT_FREE_MS: c_long = 10;

/// Has the allocator give free memory back soon, unless `MIMALLOC_PURGE_DELAY` says otherwise.
#[expect(unsafe_code, reason = "a setting of the allocator that is reached by its C interface alone")]
pub fn give_back_soon() {
    // SAFETY: it takes two numbers by value, checks the first against its table, and keeps the second.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, KEPT_FREE_MS) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "as above")]
    fn f40_the_option_is_the_one_that_is_meant() {
        // SAFETY: as above; it returns a number.
        let now = || unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        // No other option has a second by default.
        assert!([1_000, KEPT_FREE_MS].contains(&now()), "{}", now());
        give_back_soon();
        assert_eq!(now(), KEPT_FREE_MS);
    }
}
