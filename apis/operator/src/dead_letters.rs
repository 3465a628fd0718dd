//! Dead letters as the operator sees them: what could not be worked on, why, and what to do about it.
//!
//! The work on letters is `feira_streams::deadletters`'; these routes ask for it and show them.

use std::sync::{Arc, LazyLock};

use feira_connectors::log::LogRecord;
use feira_schemas::{
    api::dead_letter::{self, DiscardBody, ReplayBody, discard_reason},
    groups::{self, Group, NAMES},
    problem::Code,
    rows::common::Parked,
};
use feira_streams::deadletters::{DeadLetters, LetterError, Place, PutBack, said, waiting};
use feira_web::{
    context::Api,
    json as bodies,
    log::LOG_TIME,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, list_of, object, text_or_null},
};
use http::Method;
use serde_json::{Value, json};

use super::tap::record_json;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// The routes of dead letters.
pub fn routes() -> Vec<Route> {
    let group = Parameter::new("group", Kind::OneOf(&NAMES), "Shows only letters of this consumer group.");
    let json = |schema| Some(("application/json", schema));
    vec![
        Route::get("/api/operator/v1/dead-letters", list)
            .for_operator()
            .query([group])
            .gives(
                200,
                "The letters that nobody has dealt with, and the entities that wait for another try.",
                json("DeadLetters"),
            )
            .says("Lists dead letters, records that could not be worked on, and what waits for another try."),
        Route::get("/api/operator/v1/dead-letters/{id}", show)
            .for_operator()
            .gives(200, "The record as it came, and why it is here.", json("DeadLetterRecord"))
            .says("Reads a dead letter, decoded where that can be."),
        Route::new(Method::POST, "/api/operator/v1/dead-letters/{id}/replay", replay)
            .for_operator()
            .takes_json("Replay")
            .gives(200, "How many letters were put back, and how many can only be discarded.", json("Done"))
            .says("Puts a letter back to be worked on again; with the id `all`, every letter of a group or of all."),
        Route::new(Method::POST, "/api/operator/v1/dead-letters/{id}/discard", discard)
            .for_operator()
            .takes_json("Discard")
            .gives(200, "The letter is set aside.", json("Done"))
            .says("Sets a letter aside for good, with a reason."),
    ]
}

/// The schemas of dead letters.
pub fn schemas() -> Vec<Named> {
    let (any, count) = (json!({"type": "object"}), json!({"type": "integer", "minimum": 0}));
    let list = object(&[("items", list_of(any.clone()))], &["items"]);
    let given = vec![
        ("DeadLetters", list),
        ("DeadLetterRecord", any),
        ("Done", object(&[("done", count.clone()), ("left", count), ("detail", text_or_null())], &["done", "left"])),
    ];
    [dead_letter::schemas(), given].concat()
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let only = request.query.text("group");
    let mut items = Vec::new();
    for group in NAMES.into_iter().filter(|group| only.is_none_or(|only| only == *group)) {
        for (place, record) in letters(&api).open_of(group).await? {
            items.push(summary(&place, &record));
        }
    }
    for group in groups::parking().filter(|group| only.is_none_or(|only| only == group.name)) {
        let waiting = waiting(&api.platform.state, group, api.platform.partitions).await?;
        items.extend(waiting.iter().map(|row| parked(group, row)));
    }
    Ok(reply::json(&json!({"items": items})))
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let place = place_of(&request)?;
    let record = letters(&api).letter(&place).await.map_err(refused)?;
    let mut json = record_json(&api.platform, &record).await;
    json["letter"] = summary(&place, &record);
    Ok(reply::json(&json))
}

async fn replay(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: ReplayBody = bodies::read(&BODIES, &request.body, "Replay")?;
    if request.param(0) != "all" {
        letters(&api).put_back(&place_of(&request)?).await.map_err(refused)?;
        return Ok(reply::json(&json!({"done": 1, "left": 0, "detail": null})));
    }
    let groups = NAMES.into_iter().filter(|group| body.group.as_deref().is_none_or(|only| only == *group));
    let PutBack { done, left } = letters(&api).put_all_back(groups).await.map_err(refused)?;
    let detail = (left > 0).then(|| format!("{left} cartas não podem ser devolvidas: só podem ser descartadas."));
    Ok(reply::json(&json!({"done": done, "left": left, "detail": detail})))
}

async fn discard(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: DiscardBody = bodies::read(&BODIES, &request.body, "Discard")?;
    let reason = discard_reason(body).map_err(Problem::fields)?;
    letters(&api).discard(&place_of(&request)?, &reason).await.map_err(refused)?;
    Ok(reply::json(&json!({"done": 1, "left": 0, "detail": null})))
}

fn letters(api: &Api) -> DeadLetters<'_> {
    DeadLetters { log: &api.platform.log, within: LOG_TIME }
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

/// A letter as a list shows it.
fn summary(place: &Place, record: &LogRecord) -> Value {
    json!({
        "id": place.to_string(),
        "state": "dead",
        "group": place.group,
        "key": String::from_utf8_lossy(&record.key),
        "topic": said(record, "topic"),
        "partition": said(record, "partition"),
        "offset": said(record, "offset"),
        "stage": said(record, "stage"),
        "message": said(record, "message"),
        "tries": said(record, "delivery.count"),
        "at": feira_schemas::time::rfc3339(record.timestamp_ms.saturating_mul(1_000)),
    })
}

/// An entity that waits for another try as a list shows it.
fn parked(group: Group, row: &Parked) -> Value {
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
}
