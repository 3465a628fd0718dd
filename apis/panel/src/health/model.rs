//! What the page of health says.

use std::collections::BTreeMap;

use feira_streams::health::{Doing, Progress};
use feira_web::{generations::Generation, lags::Lag, probes};

use crate::{
    format::{moment, whole},
    shop::Status,
};

/// A part of the process as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub name: String,
    pub status: Status,
    /// What it waits for, or why it is stopped.
    pub why: Vec<String>,
    pub said: String,
}

/// A part in words.
pub(super) fn part(part: probes::Part) -> Part {
    let probes::Part { name, doing, lacks, holds, said } = part;
    let (word, look, why) = match doing {
        Doing::Working => ("Trabalhando", "good", None),
        Doing::Restoring => ("Preparando", "", None),
        Doing::Folding(progress) => ("Refazendo", "", Some(folding(&progress))),
        Doing::Waiting(what) => ("Esperando", "bad", Some(what)),
        Doing::Stopped(why) => ("Parado", "bad", Some(why)),
    };
    let lacks = lacks.map(|lacks| format!("Faltam entradas: {lacks}"));
    let holds = holds.map(|holds| format!("Segura os timers: {holds}"));
    Part {
        name,
        status: Status { word, look },
        why: [why, lacks, holds].into_iter().flatten().collect(),
        said: moment(said),
    }
}

fn folding(Progress { generation, records, percent, left }: &Progress) -> String {
    let records = whole(i64::try_from(*records).unwrap_or(i64::MAX));
    let left = left.map(|left| format!(", faltam {} s", left.as_secs())).unwrap_or_default();
    format!("Geração {generation}: {records} registros, {percent} %{left}")
}

/// How far a group is behind in all that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub name: &'static str,
    /// The offsets to the end, as a number and as people read it.
    pub lag: i64,
    pub behind: String,
    pub rows: Vec<Row>,
}

/// How far a group is behind in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub topic: String,
    pub partition: u32,
    pub committed: String,
    pub behind: String,
}

/// The lags by group, in the order of the groups.
pub(super) fn groups(lags: &[Lag]) -> Vec<Group> {
    let mut groups: Vec<(&'static str, i64, Vec<Row>)> = Vec::new();
    for lag in lags {
        let row = Row {
            topic: lag.topic.clone(),
            partition: lag.partition,
            committed: lag.committed.map_or_else(|| "nenhuma".to_owned(), whole),
            behind: whole(lag.behind),
        };
        match groups.last_mut().filter(|(name, ..)| *name == lag.group) {
            Some((_, behind, rows)) => {
                *behind += lag.behind;
                rows.push(row);
            }
            None => groups.push((lag.group, lag.behind, vec![row])),
        }
    }
    let group = |(name, behind, rows)| Group { name, lag: behind, behind: whole(behind), rows };
    groups.into_iter().map(group).collect()
}

/// A generation as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub name: String,
    pub live: i64,
    pub program: i64,
    pub older: String,
    pub is_pending: bool,
}

/// A generation in words.
pub(super) fn kept(Generation { name, live, program, older }: Generation) -> Kept {
    let older = match older.is_empty() {
        true => "nenhuma".to_owned(),
        false => older.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
    };
    Kept { name, live, program, older, is_pending: live < program }
}

/// How many parts are in each state, by its word.
pub(super) fn counts(parts: &[Part]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for part in parts {
        *counts.entry(part.status.word).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn doing(doing: Doing) -> probes::Part {
        probes::Part { name: "store".into(), doing, lacks: None, holds: None, said: 0 }
    }

    #[test]
    fn a_part_says_what_it_does_and_all_that_keeps_it_from_it() {
        let working = part(doing(Doing::Working));
        assert_eq!((working.status.word, working.status.look, working.why.len()), ("Trabalhando", "good", 0));
        let stopped = probes::Part { holds: Some("o relógio".into()), ..doing(Doing::Stopped("why".into())) };
        let stopped = part(stopped);
        assert_eq!((stopped.status.word, stopped.why.len()), ("Parado", 2));
        assert_eq!(stopped.why[0], "why");
        let progress = Progress { generation: 3, records: 1_200, percent: 40, left: Some(Duration::from_secs(9)) };
        assert_eq!(part(doing(Doing::Folding(progress))).why, ["Geração 3: 1.200 registros, 40 %, faltam 9 s"]);
        assert_eq!(counts(&[working.clone(), working, stopped]), [("Parado", 1), ("Trabalhando", 2)].into());
    }

    #[test]
    fn a_groups_lag_is_the_sum_of_its_partitions() {
        let lag = |group, partition, behind| Lag {
            group,
            topic: "store.events".into(),
            partition,
            committed: (partition == 0).then_some(7),
            behind,
        };
        let groups = groups(&[lag("search", 0, 1_000), lag("search", 1, 5), lag("storefront", 0, 0)]);
        let sums: Vec<_> = groups.iter().map(|group| (group.name, group.behind.as_str(), group.rows.len())).collect();
        assert_eq!(sums, [("search", "1.005", 2), ("storefront", "0", 1)]);
        assert_eq!((groups[0].rows[0].committed.as_str(), groups[0].rows[1].committed.as_str()), ("7", "nenhuma"));
    }

    #[test]
    fn a_generation_that_is_not_live_yet_is_pending() {
        let generation =
            |live, older: &[u32]| kept(Generation { name: "store".into(), live, program: 3, older: older.to_vec() });
        assert_eq!((generation(3, &[1, 2]).older.as_str(), generation(3, &[]).is_pending), ("1, 2", false));
        assert!(generation(2, &[]).is_pending && generation(2, &[]).older == "nenhuma");
    }
}
