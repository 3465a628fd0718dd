//! The allocator, and how long it keeps what is freed.

/// Taking and giving back memory is a quarter of what a command costs with glibc's allocator. Of those that are quicker this one
/// holds least that nobody uses: shards are written by threads that come and go, and with an allocator whose threads keep pages
/// for themselves a process under pressure had twice what was in use. It stands in the library, so that the limits that benches
/// measure have the same.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Settings that the allocator reads when it is first asked for memory (jemalloc(3), TUNING): free pages go back
/// after a second, by threads of its own, so that they go also where nothing more is asked for. `_RJEM_MALLOC_CONF`
/// in the environment is read after it.
#[expect(unsafe_code, reason = "the allocator looks for it by its name in C")]
// SAFETY: nothing else has this name; C has it as a pointer to characters that end with a zero.
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static SETTINGS: &[u8; 60] = b"background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0\0";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{fs, hint::black_box, thread, time::Duration};

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
    #[expect(unsafe_code, reason = "the only way to ask")]
    fn f40_the_allocator_has_read_its_settings() {
        // SAFETY: the option is a ssize_t, as jemalloc(3) says.
        let kept: isize = unsafe { tikv_jemalloc_ctl::raw::read(b"opt.dirty_decay_ms\0") }.unwrap();
        assert_eq!(kept, 1_000);
        // SAFETY: the option is a bool.
        let threads: bool = unsafe { tikv_jemalloc_ctl::raw::read(b"opt.background_thread\0") }.unwrap();
        assert!(threads);
        assert!(SETTINGS.ends_with(b"\0"));
    }

    #[test]
    fn f40_what_is_freed_is_given_back_though_nothing_more_is_asked_for() {
        let before = resident();
        // Of the sizes of a shard's commit, a row and a card.
        let sizes = [4 * MB, 64 * 1_024, 4_096];
        let taken: Vec<Vec<u8>> =
            sizes.iter().flat_map(|size| (0..LARGE / 3 / size).map(|_| black_box(vec![1; *size]))).collect();
        assert!(resident() > before + LARGE / 2);
        drop(taken);
        while resident() > before + LARGE / 8 {
            thread::sleep(Duration::from_millis(50));
        }
    }
}
