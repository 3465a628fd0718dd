//! Dead letters as the platform's staff deals with them, by whatever way it comes. The work on letters is
//! `feira_streams::deadletters`'; here it is asked for.

use feira_connectors::log::LogRecord;
use feira_schemas::{
    groups::{self, Group, NAMES},
    ids::Micros,
    problem::Code,
    rows::common::Parked,
};
use feira_streams::deadletters::{self, DeadLetters, LetterError, Place, PutBack, said};
use serde_json::Value;

use crate::{context::Api, log::LOG_TIME, problem::Problem, records::record_json, routing::Request};

/// A letter: which record could not be worked on, by whom, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The letter's id, `group:partition:offset`.
    pub id: String,
    /// The consumer group that could not work on the record.
    pub group: &'static str,
    /// The record's key.
    pub key: String,
    /// The topic that the record came from.
    pub topic: Option<String>,
    /// The partition of that topic.
    pub partition: Option<String>,
    /// The record's offset there.
    pub offset: Option<String>,
    /// The step that failed, `decode` or `handle`.
    pub stage: Option<String>,
    /// The error's message.
    pub message: Option<String>,
    /// How often the record was tried.
    pub tries: Option<String>,
    /// The time at which it became a letter.
    pub at: Micros,
}

impl Letter {
    fn of(place: &Place, record: &LogRecord) -> Self {
        let said = |name| said(record, name).map(str::to_owned);
        Self {
            id: place.to_string(),
            group: place.group,
            key: String::from_utf8_lossy(&record.key).into_owned(),
            topic: said("topic"),
            partition: said("partition"),
            offset: said("offset"),
            stage: said("stage"),
            message: said("message"),
            tries: said("delivery.count"),
            at: record.timestamp_ms.saturating_mul(1_000),
        }
    }
}

/// The letters that nobody has dealt with, of one consumer group or of all, each group's oldest first.
pub async fn open(api: &Api, group: Option<&str>) -> Result<Vec<Letter>, Problem> {
    let mut open = Vec::new();
    for group in of_name(group) {
        let letters = letters(api).open_of(group).await?;
        open.extend(letters.iter().map(|(place, record)| Letter::of(place, record)));
    }
    Ok(open)
}

/// The entities that wait for another try, each with its consumer group, of one group or of all.
pub async fn waiting(api: &Api, only: Option<&str>) -> Result<Vec<(Group, Parked)>, Problem> {
    let mut all = Vec::new();
    for group in groups::parking().filter(|group| only.is_none_or(|only| only == group.name)) {
        let waiting = deadletters::waiting(&api.platform.state, group, api.platform.partitions).await?;
        all.extend(waiting.into_iter().map(|row| (group, row)));
    }
    Ok(all)
}

/// The letter that the path's first parameter names, dealt with or not, and its record as JSON.
pub async fn present(api: &Api, request: &Request) -> Result<(Letter, Value), Problem> {
    let place = place_of(request)?;
    let record = letters(api).letter(&place).await.map_err(refused)?;
    Ok((Letter::of(&place, &record), record_json(&api.platform, &record).await))
}

/// True if nobody has dealt with the letter that the path's first parameter names.
pub async fn is_open(api: &Api, request: &Request) -> Result<bool, Problem> {
    letters(api).is_open(&place_of(request)?).await.map_err(refused)
}

/// Puts the letter that the path's first parameter names back to be worked on again.
pub async fn put_back(api: &Api, request: &Request) -> Result<(), Problem> {
    letters(api).put_back(&place_of(request)?).await.map_err(refused)
}

/// Puts back every letter that can be, of one consumer group or of all.
pub async fn put_all_back(api: &Api, group: Option<&str>) -> Result<PutBack, Problem> {
    letters(api).put_all_back(of_name(group)).await.map_err(refused)
}

/// Sets the letter that the path's first parameter names aside for good, with a reason.
pub async fn discard(api: &Api, request: &Request, reason: &str) -> Result<(), Problem> {
    letters(api).discard(&place_of(request)?, reason).await.map_err(refused)
}

fn letters(api: &Api) -> DeadLetters<'_> {
    DeadLetters { log: &api.platform.log, within: LOG_TIME }
}

/// The names of all groups, or the one that is asked for.
fn of_name(only: Option<&str>) -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().filter(move |group| only.is_none_or(|only| only == *group))
}

fn place_of(request: &Request) -> Result<Place, Problem> {
    let none = || Problem::new(Code::NotFound, "Não há carta com este id; ela se escreve grupo:partição:offset.");
    Place::parse(request.param(0)).ok_or_else(none)
}

fn refused(error: LetterError) -> Problem {
    let (code, detail) = match error {
        LetterError::Absent => (Code::NotFound, "Não há carta com este id."),
        LetterError::Settled => (Code::Invalid, "Esta carta já foi devolvida ou descartada."),
        LetterError::Unreadable => (Code::Invalid, "Esta carta não pôde ser lida; ela só pode ser descartada."),
        LetterError::Log(error) => return error.into(),
    };
    Problem::new(code, detail)
}
