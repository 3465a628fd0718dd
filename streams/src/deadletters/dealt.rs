//! Dealing with letters: which are open, putting back, setting aside.

use std::{collections::HashSet, time::Duration};

use feira_connectors::{
    log::{Log, LogError, LogRecord, NewRecord, TopicPartition, within},
    state::{State, StateError},
};
use feira_schemas::{
    groups::{self, Group, Kind},
    rows::common::Parked,
    topics::{self, DEAD_LETTER_PARTITIONS},
};

use super::{
    letter::{PREFIX, Stage, said},
    note::{discarded, noted, replayed},
    place::Place,
};
use crate::platform::header;

/// Open letters that are taken of each partition, oldest first: far more than anybody reads; the rest waits until these are dealt with.
const MOST: usize = 10_000;
/// Records read at once.
const PAGE: usize = 500;
/// The header that counts how often a record was put back.
const REDRIVE: &str = "__retry.redrive";

/// A letter that can't be dealt with as asked.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// No letter lies at that place.
    #[error("there is no such letter")]
    Absent,
    /// Somebody put it back or set it aside before.
    #[error("the letter has been dealt with")]
    Settled,
    /// The record could not be read, and never will be: it can only be set aside.
    #[error("the letter can't be read, so it can't be put back")]
    Unreadable,
    /// The log failed, or did not answer in time.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Counts of letters that were put back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PutBack {
    /// Letters that are worked on again.
    pub done: usize,
    /// Letters that can only be set aside.
    pub left: usize,
}

/// The dead letters of all groups, for who deals with them.
pub struct DeadLetters<'a> {
    /// The log that they lie in.
    pub log: &'a Log,
    /// The time limit of one call on the log.
    pub within: Duration,
}

impl DeadLetters<'_> {
    /// The letters of a group that no note is about.
    pub async fn open_of(&self, group: &'static str) -> Result<Vec<(Place, LogRecord)>, LogError> {
        let mut open = Vec::new();
        for partition in 0..DEAD_LETTER_PARTITIONS {
            let at = TopicPartition::new(topics::dead_letters(group), partition);
            let settled = self.settled(&at).await?;
            let before = open.len();
            let mut from = within(self.within, self.log.start(&at)).await?;
            while let Some((records, next)) = self.page(&at, from).await? {
                from = next;
                let letters = records.into_iter().filter(|record| is_open(record, &settled));
                open.extend(letters.map(|record| (Place { group, partition, offset: record.offset }, record)));
                if open.len() - before >= MOST {
                    open.truncate(before + MOST);
                    break;
                }
            }
        }
        Ok(open)
    }

    /// The letter at a place, dealt with or not.
    pub async fn letter(&self, place: &Place) -> Result<LogRecord, LetterError> {
        let page = within(self.within, self.log.read(&place.at(), place.offset, 1)).await?;
        let found = page.records.into_iter().next().filter(|record| record.offset == place.offset);
        found.filter(|record| noted(record).is_none()).ok_or(LetterError::Absent)
    }

    /// True if nobody has put the letter at a place back or set it aside.
    pub async fn is_open(&self, place: &Place) -> Result<bool, LetterError> {
        Ok(!self.settled(&place.at()).await?.contains(&place.offset))
    }

    /// Puts an open letter back to where it is worked on again, and notes that.
    pub async fn put_back(&self, place: &Place) -> Result<(), LetterError> {
        let record = self.open_letter(place).await?;
        self.redrive(place, &record).await
    }

    /// Puts back every open letter of these groups that can be.
    pub async fn put_all_back(&self, groups: impl Iterator<Item = &'static str>) -> Result<PutBack, LetterError> {
        let mut counts = PutBack::default();
        for group in groups {
            for (place, record) in self.open_of(group).await? {
                match self.redrive(&place, &record).await {
                    Ok(()) => counts.done += 1,
                    Err(LetterError::Unreadable) => counts.left += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(counts)
    }

    /// Sets an open letter aside for good, with a reason.
    pub async fn discard(&self, place: &Place, reason: &str) -> Result<(), LetterError> {
        self.open_letter(place).await?;
        within(self.within, self.log.append(vec![discarded(place, reason)])).await?;
        Ok(())
    }

    /// A letter that nobody has dealt with; one that somebody has is refused.
    async fn open_letter(&self, place: &Place) -> Result<LogRecord, LetterError> {
        let record = self.letter(place).await?;
        match self.is_open(place).await? {
            true => Ok(record),
            false => Err(LetterError::Settled),
        }
    }

    async fn redrive(&self, place: &Place, record: &LogRecord) -> Result<(), LetterError> {
        let again = redriven(place, record).ok_or(LetterError::Unreadable)?;
        // First the record, then the note: a crash between puts it back twice at most, and a command is decided once all the same.
        within(self.within, async {
            self.log.append(vec![again]).await?;
            self.log.append(vec![replayed(place)]).await
        })
        .await?;
        Ok(())
    }

    /// The offsets of a partition's letters that a note is about. Notes come after their letters, however many lie between, so they
    /// are read to the end before any letter is taken for open.
    async fn settled(&self, at: &TopicPartition) -> Result<HashSet<i64>, LogError> {
        let mut settled = HashSet::new();
        let mut from = within(self.within, self.log.start(at)).await?;
        while let Some((records, next)) = self.page(at, from).await? {
            from = next;
            settled.extend(records.iter().filter_map(noted));
        }
        Ok(settled)
    }

    /// The records from an offset on, and where to go on; `None` at the end.
    async fn page(&self, at: &TopicPartition, from: i64) -> Result<Option<(Vec<LogRecord>, i64)>, LogError> {
        let page = within(self.within, self.log.read(at, from, PAGE)).await?;
        Ok((page.next != from).then_some((page.records, page.next)))
    }
}

/// The entities of a group that wait in its retry topic, and are tried again by themselves.
pub async fn waiting(state: &State, group: Group, partitions: u32) -> Result<Vec<Parked>, StateError> {
    let mut waiting = Vec::new();
    let Some(table) = group.parked() else { return Ok(waiting) };
    for partition in 0..partitions {
        waiting.extend(state.scan_in(table, &Parked::all(group.name, partition), None, MOST).await?);
    }
    Ok(waiting)
}

/// True if a record was put back from the dead letters (it has the header of a redrive).
pub(crate) fn is_put_back(record: &LogRecord) -> bool {
    header(record, REDRIVE).is_some()
}

fn is_open(record: &LogRecord, settled: &HashSet<i64>) -> bool {
    noted(record).is_none() && !settled.contains(&record.offset)
}

/// The record of a letter as it is put back; `None` where it can't be: an event that a context could not read, and never will.
fn redriven(place: &Place, record: &LogRecord) -> Option<NewRecord> {
    let partition = said(record, "partition").and_then(|partition| partition.parse().ok());
    let was_read = said(record, "stage") == Some(Stage::Handle.name());
    let topic = match (said(record, "topic"), groups::named(place.group)?) {
        (Some(topic), _) if topic.ends_with(".commands") => topic.to_owned(),
        (_, group) if group.parks => topics::retry(place.group),
        // Among the commands that context alone reads it: on the topic it came from it would come to everybody once more.
        (_, Group { kind: Kind::Context(context), .. }) if was_read => topics::commands(context),
        _ => return None,
    };
    let redrives = header(record, REDRIVE).and_then(|count| count.parse::<u32>().ok()).unwrap_or_default();
    let ours = |name: &str| name.starts_with(PREFIX) || name == REDRIVE;
    let mut headers: Vec<_> = record.headers.iter().filter(|(name, _)| !ours(name)).cloned().collect();
    headers.push((REDRIVE.to_owned(), (redrives + 1).to_string().into()));
    Some(NewRecord { topic: topic.into(), partition, key: record.key.clone(), value: record.value.clone(), headers })
}
