//! The id of a dead letter: where it lies.

use std::fmt;

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    groups,
    topics::{self, DEAD_LETTER_PARTITIONS},
};

/// A letter's place, written `group:partition:offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Consumer group that could not work on the record.
    pub group: &'static str,
    /// Partition of the group's dead letters.
    pub partition: u32,
    /// Offset of the letter in that partition.
    pub offset: i64,
}

impl Place {
    /// Reads an id; `None` where no letter can have it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let group = groups::named(parts.next()?)?.name;
        let partition = parts.next()?.parse().ok().filter(|partition| *partition < DEAD_LETTER_PARTITIONS)?;
        let offset = parts.next()?.parse().ok().filter(|offset| *offset >= 0)?;
        parts.next().is_none().then_some(Self { group, partition, offset })
    }

    /// The partition that the letter lies in.
    pub fn at(&self) -> TopicPartition {
        TopicPartition::new(topics::dead_letters(self.group), self.partition)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.group, self.partition, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_place_or_none() {
        let place = Place { group: "admin", partition: 0, offset: 7 };
        assert_eq!(Place::parse("admin:0:7"), Some(place));
        assert_eq!(place.to_string(), "admin:0:7");
        let beyond = format!("admin:{DEAD_LETTER_PARTITIONS}:7");
        for none in ["", "admin", "admin:0", "admin:0:7:1", "nobody:0:7", "admin:x:7", "admin:0:-1", &beyond] {
            assert_eq!(Place::parse(none), None, "{none}");
        }
    }
}
