//! Dead letters: what could not be worked on, why, and what to do about it.
//!
//! A letter stays on its topic. That it was put back or set aside is said by a *note*, a record without value beside it,
//! so that the topic alone tells the whole story.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;
use feira_connectors::log::{Log, LogRecord, NewRecord, TopicPartition};
use feira_schemas::{
    groups::{self, Group, NAMES},
    problem::{Code, FieldError},
    rows::common::Parked,
    topics::{self, DEAD_LETTER_PARTITIONS},
};
use feira_streams::{deadletter::PREFIX, platform::header};
use feira_web::{
    context::Api,
    json as bodies,
    log::in_time,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, list_of, object, text_or_null, words},
};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::tap::record_json;

/// Open letters that are taken of each partition, oldest first: far more than anybody reads; the rest waits until these are dealt with.
const MOST: usize = 10_000;
/// Records read at once.
const PAGE: usize = 500;
/// Longest reason: some sentences.
const REASON_CHARS: usize = 1_000;
/// What a note says was done.
const ACTION: &str = "__dlq.action";
/// Why.
const REASON: &str = "__dlq.reason";
/// The offset of the letter that a note is about; it lies in the same partition.
const OF: &str = "__dlq.of";
/// How often a record was put back.
const REDRIVE: &str = "__retry.redrive";

/// What its bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// The routes of dead letters.
pub fn routes() -> Vec<Route> {
    let group = Parameter::new("group", Kind::OneOf(&NAMES), "Only of this consumer group.");
    let json = |schema| Some(("application/json", schema));
    vec![
        Route::get("/api/operator/v1/dead-letters", list)
            .for_operator()
            .query([group])
            .gives(
                200,
                "Letters that nobody has dealt with, and records that wait for another try.",
                json("DeadLetters"),
            )
            .says("Dead letters and parked records."),
        Route::get("/api/operator/v1/dead-letters/{id}", show)
            .for_operator()
            .gives(200, "The record as it came, and why it is here.", json("DeadLetterRecord"))
            .says("A dead letter, whole."),
        Route::new(Method::POST, "/api/operator/v1/dead-letters/{id}/replay", replay)
            .for_operator()
            .takes_json("Replay")
            .gives(200, "How many were put back, and how many can't be.", json("Done"))
            .says("Puts a letter back, or all of a group (id «all»)."),
        Route::new(Method::POST, "/api/operator/v1/dead-letters/{id}/discard", discard)
            .for_operator()
            .takes_json("Discard")
            .gives(200, "It is set aside.", json("Done"))
            .says("Sets a letter aside for good, with a reason."),
    ]
}

/// The schemas of dead letters.
pub fn schemas() -> Vec<Named> {
    let (any, count) = (json!({"type": "object"}), json!({"type": "integer", "minimum": 0}));
    let reason = words(REASON_CHARS);
    let groups: Vec<Option<&str>> = NAMES.into_iter().map(Some).chain([None]).collect();
    let group = json!({"type": ["string", "null"], "enum": groups});
    let list = object(&[("items", list_of(any.clone()))], &["items"]);
    vec![
        ("DeadLetters", list),
        ("DeadLetterRecord", any),
        ("Replay", object(&[("group", group)], &[])),
        ("Discard", object(&[("reason", reason)], &["reason"])),
        ("Done", object(&[("done", count.clone()), ("left", count), ("detail", text_or_null())], &["done", "left"])),
    ]
}

#[derive(Deserialize)]
struct ReplayBody {
    group: Option<String>,
}

#[derive(Deserialize)]
struct DiscardBody {
    reason: String,
}

/// A letter's place: `group:partition:offset`.
struct Place {
    group: &'static str,
    partition: u32,
    offset: i64,
}

impl Place {
    fn parse(text: &str) -> Result<Self, Problem> {
        let none = || Problem::new(Code::NotFound, "Não há carta com este id; ela se escreve grupo:partição:offset.");
        let mut parts = text.split(':');
        let mut part = || parts.next().ok_or_else(none);
        let group = part()?;
        let group = groups::named(group).ok_or_else(none)?;
        let partition =
            part()?.parse().ok().filter(|partition| *partition < DEAD_LETTER_PARTITIONS).ok_or_else(none)?;
        let offset = part()?.parse().ok().filter(|offset| *offset >= 0).ok_or_else(none)?;
        if parts.next().is_some() { Err(none()) } else { Ok(Self { group: group.name, partition, offset }) }
    }

    fn at(&self) -> TopicPartition {
        TopicPartition::new(topics::dead_letters(self.group), self.partition)
    }
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let only = request.query.text("group");
    let mut items = Vec::new();
    for group in NAMES.into_iter().filter(|group| only.is_none_or(|only| only == *group)) {
        for (place, record) in open_letters(&api.platform.log, group).await? {
            items.push(summary(&place, &record));
        }
    }
    for group in groups::parking().filter(|group| only.is_none_or(|only| only == group.name)) {
        items.extend(parked(&api, group).await?);
    }
    Ok(reply::json(&json!({"items": items})))
}

/// The letters of a group that no note is about.
async fn open_letters(log: &Log, group: &'static str) -> Result<Vec<(Place, LogRecord)>, Problem> {
    let mut open = Vec::new();
    for partition in 0..DEAD_LETTER_PARTITIONS {
        let at = TopicPartition::new(topics::dead_letters(group), partition);
        let settled = settled(log, &at).await?;
        let before = open.len();
        let mut from = in_time(log.start(&at)).await?;
        while let Some((records, next)) = page(log, &at, from).await? {
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

/// The offsets of a partition's letters that a note is about. Notes come after their letters, however many lie between, so they are
/// read to the end before any letter is taken for open.
async fn settled(log: &Log, at: &TopicPartition) -> Result<HashSet<i64>, Problem> {
    let mut settled = HashSet::new();
    let mut from = in_time(log.start(at)).await?;
    while let Some((records, next)) = page(log, at, from).await? {
        from = next;
        settled.extend(records.iter().filter_map(noted));
    }
    Ok(settled)
}

/// The records from an offset on, and where to go on; none at the end.
async fn page(log: &Log, at: &TopicPartition, from: i64) -> Result<Option<(Vec<LogRecord>, i64)>, Problem> {
    let page = in_time(log.read(at, from, PAGE)).await?;
    Ok((page.next != from).then_some((page.records, page.next)))
}

/// The offset of the letter that a record is a note about; none where it is a letter itself.
fn noted(record: &LogRecord) -> Option<i64> {
    header(record, OF)?.parse().ok()
}

fn is_open(record: &LogRecord, settled: &HashSet<i64>) -> bool {
    noted(record).is_none() && !settled.contains(&record.offset)
}

fn summary(place: &Place, record: &LogRecord) -> Value {
    let said = |name: &str| header(record, &format!("{PREFIX}{name}")).map(str::to_owned);
    json!({
        "id": format!("{}:{}:{}", place.group, place.partition, place.offset),
        "state": "dead",
        "group": place.group,
        "key": String::from_utf8_lossy(&record.key),
        "topic": said("topic"),
        "partition": said("partition"),
        "offset": said("offset"),
        "stage": said("stage"),
        "message": said("message"),
        "tries": said("delivery.count"),
        "at": feira_schemas::time::rfc3339(record.timestamp_ms.saturating_mul(1_000)),
    })
}

/// Entities that wait in a view's retry topic; they are tried again by themselves.
async fn parked(api: &Api, group: Group) -> Result<Vec<Value>, Problem> {
    let mut items = Vec::new();
    let Some(table) = group.parked() else { return Ok(items) };
    for partition in 0..api.platform.partitions {
        let rows = api.platform.state.scan_in::<Parked>(table, &Parked::all(group.name, partition), None, MOST).await?;
        items.extend(rows.into_iter().map(|row| {
            json!({
                "id": null,
                "state": "parked",
                "group": group.name,
                "entity": row.entity,
                "records": row.offsets.len(),
                "tries": row.tries,
                "due": feira_schemas::time::rfc3339(row.due),
                "message": row.error,
            })
        }));
    }
    Ok(items)
}

async fn letter(log: &Log, place: &Place) -> Result<LogRecord, Problem> {
    let page = in_time(log.read(&place.at(), place.offset, 1)).await?;
    let found = page.records.into_iter().next().filter(|record| record.offset == place.offset);
    let found = found.filter(|record| noted(record).is_none());
    found.ok_or_else(|| Problem::new(Code::NotFound, "Não há carta com este id."))
}

/// A letter that nobody has dealt with; one that somebody has is refused.
async fn open_letter(log: &Log, place: &Place) -> Result<LogRecord, Problem> {
    let record = letter(log, place).await?;
    match settled(log, &place.at()).await?.contains(&place.offset) {
        true => Err(conflict("Esta carta já foi devolvida ou descartada.")),
        false => Ok(record),
    }
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let place = Place::parse(request.param(0))?;
    let record = letter(&api.platform.log, &place).await?;
    let mut json = record_json(&api.platform, &record).await;
    json["letter"] = summary(&place, &record);
    Ok(reply::json(&json))
}

async fn replay(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: ReplayBody = bodies::read(&BODIES, &request.body, "Replay")?;
    let log = &api.platform.log;
    if request.param(0) != "all" {
        let place = Place::parse(request.param(0))?;
        let record = open_letter(log, &place).await?;
        put_back(log, &place, &record).await?;
        return Ok(reply::json(&json!({"done": 1, "left": 0, "detail": null})));
    }
    let (mut done, mut left) = (0, 0);
    for group in NAMES.into_iter().filter(|group| body.group.as_deref().is_none_or(|only| only == *group)) {
        for (place, record) in open_letters(log, group).await? {
            match put_back(log, &place, &record).await {
                Ok(()) => done += 1,
                Err(problem) if problem.code == Code::Invalid => left += 1,
                Err(problem) => return Err(problem),
            }
        }
    }
    let detail = (left > 0).then(|| format!("{left} cartas não podem ser devolvidas: só podem ser descartadas."));
    Ok(reply::json(&json!({"done": done, "left": left, "detail": detail})))
}

/// Puts a letter back to where it is worked on again, and notes that.
async fn put_back(log: &Log, place: &Place, record: &LogRecord) -> Result<(), Problem> {
    let topic = header(record, &format!("{PREFIX}topic")).unwrap_or_default();
    let partition = header(record, &format!("{PREFIX}partition")).and_then(|partition| partition.parse().ok());
    let (topic, partition) = if topic.ends_with(".commands") {
        (topic.to_owned(), partition)
    } else if groups::named(place.group).is_some_and(|group| group.parks) {
        (topics::retry(place.group), partition)
    } else {
        // A context never skips a readable event of another: what lies here could not be read, and never will be.
        return Err(conflict("Esta carta não pôde ser lida; ela só pode ser descartada."));
    };
    let redrives = header(record, REDRIVE).and_then(|count| count.parse::<u32>().ok()).unwrap_or_default();
    let ours = |name: &str| name.starts_with(PREFIX) || name == REDRIVE;
    let mut headers: Vec<_> = record.headers.iter().filter(|(name, _)| !ours(name)).cloned().collect();
    headers.push((REDRIVE.to_owned(), (redrives + 1).to_string().into()));
    let again =
        NewRecord { topic: topic.into(), partition, key: record.key.clone(), value: record.value.clone(), headers };
    // First the record, then the note: a crash between puts it back twice at most, and a command is decided once all the same.
    in_time(async {
        log.append(vec![again]).await?;
        log.append(vec![note(place, "replayed", None)]).await
    })
    .await?;
    Ok(())
}

fn conflict(detail: &str) -> Problem {
    Problem::new(Code::Invalid, detail)
}

async fn discard(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: DiscardBody = bodies::read(&BODIES, &request.body, "Discard")?;
    if body.reason.trim().is_empty() {
        let detail = "Diga por que esta carta não é necessária.";
        return Err(Problem::fields(vec![FieldError::new("/reason", Code::Required, detail)]));
    }
    if body.reason.chars().count() > REASON_CHARS {
        let detail = format!("O motivo pode ter até {REASON_CHARS} caracteres.");
        return Err(Problem::fields(vec![FieldError::new("/reason", Code::TooLong, detail)]));
    }
    let place = Place::parse(request.param(0))?;
    let log = &api.platform.log;
    open_letter(log, &place).await?;
    in_time(log.append(vec![note(&place, "discarded", Some(&body.reason))])).await?;
    Ok(reply::json(&json!({"done": 1, "left": 0, "detail": null})))
}

fn note(place: &Place, action: &str, reason: Option<&str>) -> NewRecord {
    let mut headers: Vec<(String, Bytes)> =
        vec![(ACTION.into(), action.to_owned().into()), (OF.into(), place.offset.to_string().into())];
    headers.extend(reason.map(|reason| (REASON.to_owned(), Bytes::from(reason.to_owned()))));
    NewRecord {
        topic: topics::dead_letters(place.group).into(),
        partition: Some(place.partition),
        key: Bytes::from_static(b"note"),
        value: None,
        headers,
    }
}
