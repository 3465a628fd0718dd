//! Topics and their records, as the platform's staff reads them, by whatever way it comes: decoded, and with what is sealed
//! in them as it is.

mod backwards;
mod shown;

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    limits,
    problem::Code,
    topics::{self, Kept},
};
use futures::future::try_join_all;
use serde_json::Value;

use self::backwards::Backwards;
pub use self::shown::record_json;
use crate::{context::Api, cursor, log::in_time, problem::Problem, routing::Request};

/// A topic of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The topic's name.
    pub name: String,
    /// The number of its partitions.
    pub partitions: u32,
    /// How long it keeps its records.
    pub kept: Kept,
}

impl Topic {
    /// A partition of it.
    pub fn at(&self, partition: u32) -> TopicPartition {
        TopicPartition::new(self.name.as_str(), partition)
    }

    /// The numbers of its partitions, or the one that is asked for.
    pub fn numbers(&self, only: Option<u32>) -> impl Iterator<Item = u32> {
        (0..self.partitions).filter(move |partition| only.is_none_or(|only| only == *partition))
    }
}

/// Every topic of the deployment.
pub fn topics(api: &Api) -> Vec<Topic> {
    let all = topics::all(api.platform.partitions).into_iter();
    all.map(|(name, partitions, kept)| Topic { name, partitions, kept }).collect()
}

/// The topic that the path's first parameter names.
pub fn topic(api: &Api, request: &Request) -> Result<Topic, Problem> {
    let known = topics(api).into_iter().find(|topic| topic.name == request.param(0));
    known.ok_or_else(|| Problem::new(Code::NotFound, "Este tópico não existe."))
}

/// The place to begin reading at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// The oldest record of each partition.
    Earliest,
    /// The end of each partition.
    Latest,
    /// This offset of this partition.
    Offset(u32, i64),
}

impl Beginning {
    /// Reads `earliest`, `latest` or `PARTITION:OFFSET`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let place = || {
            let (partition, offset) = text.split_once(':')?;
            let offset: i64 = offset.parse().ok()?;
            (offset >= 0).then_some(Self::Offset(partition.parse().ok()?, offset))
        };
        match text {
            "earliest" => Ok(Self::Earliest),
            "latest" => Ok(Self::Latest),
            _ => place().ok_or_else(|| {
                let detail = "O parâmetro «from» é earliest, latest ou PARTIÇÃO:OFFSET.";
                Problem::parameter("/query/from", Code::Malformed, detail)
            }),
        }
    }
}

/// The only partition of a topic that is asked for, by its number or by where reading begins; `None` for all.
pub fn only(topic: &Topic, asked: Option<i64>, beginning: Option<Beginning>) -> Result<Option<u32>, Problem> {
    let only = match (asked, beginning) {
        (None, Some(Beginning::Offset(partition, _))) => Some(partition),
        (Some(asked), Some(Beginning::Offset(other, _))) if u32::try_from(asked) != Ok(other) => {
            let detail = "Os parâmetros «partition» e «from» falam de partições diferentes.";
            return Err(Problem::parameter("/query/from", Code::Invalid, detail));
        }
        (asked, _) => asked.and_then(|asked| u32::try_from(asked).ok()),
    };
    let count = topic.partitions;
    if only.is_some_and(|partition| partition >= count) {
        let detail = format!("O tópico tem {count} partições, de 0 a {}.", count - 1);
        return Err(Problem::parameter("/query/partition", Code::OutOfRange, detail));
    }
    Ok(only)
}

/// The offsets between which a partition's records lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The partition.
    pub partition: u32,
    /// The offset of the oldest record.
    pub start: i64,
    /// The offset that the next record gets; also marks of transactions have one.
    pub end: i64,
}

/// The bounds of each partition of a topic.
pub async fn bounds(api: &Api, topic: &Topic) -> Result<Vec<Bounds>, Problem> {
    try_join_all(topic.numbers(None).map(|partition| async move {
        let at = topic.at(partition);
        let start = in_time(api.platform.log.start(&at)).await?;
        let end = in_time(api.platform.log.end(&at)).await?.max(start);
        Ok::<_, Problem>(Bounds { partition, start, end })
    }))
    .await
}

/// A page of a topic's records.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records, as [`record_json`] makes them.
    pub records: Vec<Value>,
    /// Where the next page begins: a cursor of [`newest`], or a place for [`onward`].
    pub next: Option<String>,
}

/// The bytes that are left of a page, as it fills.
struct Left {
    records: usize,
    bytes: usize,
}

impl Left {
    fn new(limit: usize) -> Self {
        Self { records: limit, bytes: limits::PAGE_BYTES }
    }

    /// True if no record more belongs on the page; the first always does.
    fn is_full(&self) -> bool {
        self.records == 0 || self.bytes == 0
    }

    fn take(&mut self, record: &Value) {
        self.records -= 1;
        self.bytes = self.bytes.saturating_sub(record.to_string().len());
    }
}

/// The newest records of a topic, or of one partition, before the cursor `after`: those of a partition in order, of several
/// partitions the newer first.
pub async fn newest(
    api: &Api,
    topic: &Topic,
    only: Option<u32>,
    after: Option<&str>,
    limit: usize,
) -> Result<Page, Problem> {
    let query = format!("records\u{1}{}\u{1}{only:?}", topic.name);
    let known: Option<Vec<(u32, i64)>> = after.map(|after| cursor::open(after, &query)).transpose()?;
    let mut partitions = Vec::new();
    for bounds in bounds(api, topic).await?.into_iter().filter(|one| only.is_none_or(|only| only == one.partition)) {
        let before = match &known {
            None => bounds.end,
            // A partition that the cursor does not name was read to its start.
            Some(known) => known.iter().find(|(of, _)| *of == bounds.partition).map_or(bounds.start, |(_, at)| *at),
        };
        partitions.push(Backwards::new(topic.at(bounds.partition), bounds.start, before.min(bounds.end)));
    }
    let (mut records, mut left) = (Vec::new(), Left::new(limit));
    while !left.is_full() {
        for partition in &mut partitions {
            partition.look(&api.platform.log).await?;
        }
        let newest = partitions.iter_mut().filter(|one| one.time().is_some()).max_by_key(|one| one.time());
        let Some(record) = newest.and_then(Backwards::take) else { break };
        let json = record_json(&api.platform, &record).await;
        left.take(&json);
        records.push(json);
    }
    let rest: Vec<(u32, i64)> = partitions.iter().filter_map(Backwards::rest).collect();
    Ok(Page { records, next: (!rest.is_empty()).then(|| cursor::seal(rest, &query)) })
}

/// The records of a partition from an offset on, oldest first.
pub async fn onward(api: &Api, topic: &Topic, partition: u32, from: i64, limit: usize) -> Result<Page, Problem> {
    let at = topic.at(partition);
    let end = in_time(api.platform.log.end(&at)).await?;
    let (mut records, mut left, mut next) = (Vec::new(), Left::new(limit), from);
    while !left.is_full() && next < end {
        let page = in_time(api.platform.log.read(&at, next, left.records)).await?;
        if page.next == next {
            break;
        }
        next = page.next;
        for record in page.records {
            if left.is_full() {
                next = record.offset;
                break;
            }
            let json = record_json(&api.platform, &record).await;
            left.take(&json);
            records.push(json);
        }
    }
    Ok(Page { records, next: (next < end).then(|| format!("{partition}:{next}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_one_of_three() {
        for (text, beginning) in [
            ("earliest", Some(Beginning::Earliest)),
            ("latest", Some(Beginning::Latest)),
            ("3:17", Some(Beginning::Offset(3, 17))),
            ("", None),
            ("3", None),
            ("3:-1", None),
            ("-1:3", None),
            ("a:b", None),
        ] {
            assert_eq!(Beginning::parse(text).ok(), beginning, "{text}");
        }
    }
}
