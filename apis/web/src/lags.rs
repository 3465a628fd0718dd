//! How far the consumer groups are behind the topics that they read.

use feira_connectors::log::TopicPartition;
use feira_contexts::{Decider, ForContext, for_context};
use feira_schemas::{
    groups::{GROUPS, Group, Kind},
    topics::{self, Context},
};
use futures::future::try_join_all;

use crate::{context::Api, log::in_time, problem::Problem};

/// How far a group is in a partition of a topic that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The group.
    pub group: &'static str,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: u32,
    /// The offset that the group reads next, as it has committed it; `None` where it has committed none.
    pub committed: Option<i64>,
    /// Offsets from there, or from the partition's start, to its end. Marks of transactions have offsets, too: a group that
    /// has read all may be some behind.
    pub behind: i64,
}

/// The lags of all groups, by group, topic and partition.
pub async fn all(api: &Api) -> Result<Vec<Lag>, Problem> {
    let mut all = Vec::new();
    for group in GROUPS {
        let inputs = inputs(group);
        all.extend(try_join_all(inputs.iter().map(|topic| of(api, group, topic))).await?.into_iter().flatten());
    }
    Ok(all)
}

async fn of(api: &Api, group: Group, topic: &str) -> Result<Vec<Lag>, Problem> {
    let log = &api.platform.log;
    let partitions: Vec<_> = (0..api.platform.partitions).map(|number| TopicPartition::new(topic, number)).collect();
    let committed = in_time(log.committed(group.name, &partitions)).await?;
    try_join_all(partitions.iter().zip(committed).map(|(at, committed)| async move {
        let from = match committed {
            Some(committed) => committed,
            None => in_time(log.start(at)).await?,
        };
        let behind = (in_time(log.end(at)).await? - from).max(0);
        Ok::<_, Problem>(Lag { group: group.name, topic: topic.to_owned(), partition: at.partition, committed, behind })
    }))
    .await
}

/// The topics that a group reads.
fn inputs(group: Group) -> Vec<String> {
    match group.kind {
        Kind::Context(context) => for_context(context, Inputs),
        Kind::View(context) if group.parks => vec![topics::events(context), topics::retry(group.name)],
        Kind::View(context) | Kind::Effect(context) => vec![topics::events(context)],
    }
}

/// The topics that a context decides upon.
struct Inputs;

impl ForContext for Inputs {
    type Output = Vec<String>;

    fn run<D: Decider>(self) -> Vec<String> {
        let foreign = D::FOREIGN.iter().map(|context: &Context| topics::events(*context));
        [topics::commands(D::CONTEXT)].into_iter().chain(foreign).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::groups;

    use super::*;

    #[test]
    fn a_group_reads_what_it_decides_upon_or_follows() {
        for (group, topics) in [
            ("directory", vec!["directory.commands"]),
            ("search", vec!["store.events", "search.retry"]),
            ("mails", vec!["payments.events"]),
        ] {
            let inputs = inputs(groups::named(group).unwrap());
            assert!(topics.iter().all(|topic| inputs.iter().any(|input| input == topic)), "{group}: {inputs:?}");
        }
        let known: Vec<String> = topics::all(4).into_iter().map(|(name, ..)| name).collect();
        assert!(GROUPS.into_iter().flat_map(inputs).all(|input| known.contains(&input)));
    }
}
