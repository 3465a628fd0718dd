//! Dead letters as the operator sees them: what could not be worked on, why, and what to do about it.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::dead_letter::{self, DiscardBody, ReplayBody, discard_reason},
    groups::{Group, NAMES},
    rows::common::Parked,
};
use feira_streams::deadletters::PutBack;
use feira_web::{
    context::Api,
    dead_letters::{self, Letter},
    json as bodies,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, list_of, object, text_or_null},
};
use http::Method;
use serde_json::{Value, json};

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
    let mut items: Vec<Value> = dead_letters::open(&api, only).await?.iter().map(summary).collect();
    items.extend(dead_letters::waiting(&api, only).await?.iter().map(|(group, row)| parked(*group, row)));
    Ok(reply::json(&json!({"items": items})))
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (letter, mut json) = dead_letters::present(&api, &request).await?;
    json["letter"] = summary(&letter);
    Ok(reply::json(&json))
}

async fn replay(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: ReplayBody = bodies::read(&BODIES, &request.body, "Replay")?;
    if request.param(0) != "all" {
        dead_letters::put_back(&api, &request).await?;
        return Ok(reply::json(&json!({"done": 1, "left": 0, "detail": null})));
    }
    let PutBack { done, left } = dead_letters::put_all_back(&api, body.group.as_deref()).await?;
    let detail = (left > 0).then(|| format!("{left} cartas não podem ser devolvidas: só podem ser descartadas."));
    Ok(reply::json(&json!({"done": done, "left": left, "detail": detail})))
}

async fn discard(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: DiscardBody = bodies::read(&BODIES, &request.body, "Discard")?;
    let reason = discard_reason(body).map_err(Problem::fields)?;
    dead_letters::discard(&api, &request, &reason).await?;
    Ok(reply::json(&json!({"done": 1, "left": 0, "detail": null})))
}

/// A letter as a list shows it.
fn summary(letter: &Letter) -> Value {
    json!({
        "id": letter.id,
        "state": "dead",
        "group": letter.group,
        "key": letter.key,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "stage": letter.stage,
        "message": letter.message,
        "tries": letter.tries,
        "at": feira_schemas::time::rfc3339(letter.at),
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
