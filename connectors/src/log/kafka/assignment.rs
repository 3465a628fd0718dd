//! The choice of partitions that a member takes of what it was given: those of which it was given every topic that it
//! reads.
//!
//! The range assignor deals each topic by itself among those who read it. While members of one group read different topics, as in a
//! rolling upgrade that adds an input, it gives one member the partition of the new topic and another, which does not read that one,
//! the same partition of the others. Both would take it for theirs; only the second may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::log::types::TopicPartition;

/// Splits an assignment in two: partitions with all of their topics, and topics that the other partitions lack.
pub(super) fn whole(topics: &[Arc<str>], given: Vec<TopicPartition>) -> (Vec<TopicPartition>, Vec<TopicPartition>) {
    let topics: BTreeSet<&Arc<str>> = topics.iter().collect();
    let mut by_partition: BTreeMap<u32, BTreeSet<Arc<str>>> = BTreeMap::new();
    for at in given {
        by_partition.entry(at.partition).or_default().insert(at.topic);
    }
    let (mut whole, mut missing) = (Vec::new(), Vec::new());
    for (partition, given) in by_partition {
        let lacks: Vec<_> = topics.iter().filter(|topic| !given.contains(**topic)).collect();
        if lacks.is_empty() {
            whole.extend(given.into_iter().map(|topic| TopicPartition::new(topic, partition)));
        } else {
            missing.extend(lacks.into_iter().map(|topic| TopicPartition::new(Arc::clone(topic), partition)));
        }
    }
    (whole, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(places: &[(&str, u32)]) -> Vec<TopicPartition> {
        places.iter().map(|(topic, partition)| TopicPartition::new(*topic, *partition)).collect()
    }

    #[test]
    fn a_partition_is_taken_with_all_of_its_topics_or_not_at_all() {
        let topics: Vec<Arc<str>> = vec!["commands".into(), "events".into()];
        let given =
            at(&[("commands", 0), ("commands", 1), ("events", 1), ("events", 2), ("commands", 3), ("events", 3)]);
        let (taken, missing) = whole(&topics, given);
        assert_eq!(taken, at(&[("commands", 1), ("events", 1), ("commands", 3), ("events", 3)]));
        assert_eq!(missing, at(&[("events", 0), ("commands", 2)]));
        assert_eq!(whole(&topics[..1], at(&[("commands", 7)])), (at(&[("commands", 7)]), vec![]));
        assert_eq!(whole(&topics, vec![]), (vec![], vec![]));
    }
}
