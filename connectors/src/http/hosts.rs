//! Servers that do not answer. Each try lasts as long as a policy allows, so that a thousand files of a dead server would
//! hold up all others for hours.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Tries in a row, without an answer, after which a server is left alone. Fewer would give up one that stumbles.
const IN_A_ROW: u32 = 5;
/// The time for which a server is left alone: who asks meanwhile is told at once that it does not answer.
const REST: Duration = Duration::from_secs(60);
/// Servers that are remembered. Beyond it the memory begins anew, which costs some tries.
const MOST: usize = 10_000;

/// The servers that failed last, each with how often in a row, and when last.
#[derive(Debug, Default)]
pub(super) struct Hosts(HashMap<String, (u32, Instant)>);

impl Hosts {
    /// True while a server is left alone.
    pub(super) fn rests(&self, host: &str, now: Instant) -> bool {
        self.0.get(host).is_some_and(|(failed, last)| *failed >= IN_A_ROW && now < *last + REST)
    }

    /// Notes that a server answered, be it with a refusal.
    pub(super) fn answered(&mut self, host: &str) {
        self.0.remove(host);
    }

    /// Notes that a server did not answer.
    pub(super) fn silent(&mut self, host: &str, now: Instant) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let (failed, last) = self.0.entry(host.to_owned()).or_insert((0, now));
        (*failed, *last) = (*failed + 1, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_never_answers_is_left_alone_for_a_minute() {
        let (mut hosts, start) = (Hosts::default(), Instant::now());
        for _ in 0..IN_A_ROW {
            assert!(!hosts.rests("dead.test", start));
            hosts.silent("dead.test", start);
        }
        assert!(hosts.rests("dead.test", start) && !hosts.rests("other.test", start));
        let rested = start + REST;
        assert!(!hosts.rests("dead.test", rested));
        hosts.silent("dead.test", rested);
        assert!(hosts.rests("dead.test", rested), "one more try is enough to know");
        hosts.answered("dead.test");
        assert!(!hosts.rests("dead.test", rested));
    }
}
