//! The allocator, and what it gives back at once.

use std::ffi::{c_int, c_long};

use tokio::sync::watch;

/// Taking and giving back memory is a quarter of what a command costs with glibc's allocator; with this one commands pass a
/// quarter faster. It stands in the library, so that the limits that benches measure have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_arena_max_object_size` of mimalloc's `mi_option_t`, which the crate does not name, as the next one.
const ARENA_MAX_OBJECT_SIZE: c_int = 45;
/// `mi_option_purge_delay`.
const PURGE_DELAY: c_int = 15;

/// KiB of the largest objects that are kept for the next one when they are freed: what a shard takes for each commit is 4 MiB and
/// some, again and again.
const KEPT_KIB: c_long = 4_500;
/// Milliseconds for which free memory is kept: the allocator's own second,
const KEPT_MS: c_long = 1_000;
/// and while pictures are decoded. Ten of them pass in a second, and what each of them had would count beside what the next one
/// has: a process would be 200 MB over its budget.
const KEPT_BETWEEN_PICTURES_MS: c_long = 10;

/// Has the allocator give back what is large as soon as it is freed, unless `MIMALLOC_ARENA_MAX_OBJECT_SIZE` says otherwise.
#[expect(unsafe_code, reason = "a setting of the allocator that is reached by its C interface alone")]
pub fn give_back_what_is_large() {
    // SAFETY: it takes two numbers by value, checks the first against its table, and keeps the second.
    unsafe { libmimalloc_sys::mi_option_set_default(ARENA_MAX_OBJECT_SIZE, KEPT_KIB) };
}

/// Has the allocator give back all else sooner while pictures are decoded, so many now, until this process stops.
pub async fn give_back_between(mut pictures: watch::Receiver<usize>, mut stop: watch::Receiver<bool>) {
    loop {
        keep_for(if *pictures.borrow_and_update() == 0 { KEPT_MS } else { KEPT_BETWEEN_PICTURES_MS });
        tokio::select! {
            changed = pictures.changed() => if changed.is_err() { return },
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

#[expect(unsafe_code, reason = "as above")]
fn keep_for(ms: c_long) {
    // SAFETY: as above; it is one aligned word, which other threads read whole.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, ms) };
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{fs, hint::black_box};

    use super::*;

    const MB: usize = 1_024 * 1_024;
    /// Far more than all tests beside this one take.
    const LARGE: usize = 512 * MB;

    /// Bytes of this process that are resident.
    fn resident() -> usize {
        let pages = fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
    }

    #[test]
    fn f40_what_is_large_is_given_back_when_it_is_freed() {
        give_back_what_is_large();
        let before = resident();
        let taken: Vec<Vec<u8>> = (0..LARGE / (16 * MB)).map(|_| black_box(vec![1; 16 * MB])).collect();
        assert!(resident() > before + LARGE / 2);
        drop(taken);
        assert!(resident() < before + LARGE / 2);
    }

    #[tokio::test]
    #[expect(unsafe_code, reason = "as above")]
    async fn f40_between_pictures_memory_is_given_back_sooner() {
        // SAFETY: it returns a number.
        let kept_for = || unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        let ((now, pictures), (stop, stopped)) = (watch::channel(0), watch::channel(false));
        // No other option has a second by default: it is the one that is meant.
        assert_eq!(kept_for(), KEPT_MS);
        let following = tokio::spawn(give_back_between(pictures, stopped));
        for (decoded, ms) in [(1, KEPT_BETWEEN_PICTURES_MS), (2, KEPT_BETWEEN_PICTURES_MS), (0, KEPT_MS)] {
            now.send(decoded).unwrap();
            while kept_for() != ms {
                tokio::task::yield_now().await;
            }
        }
        stop.send(true).unwrap();
        following.await.unwrap();
    }
}
