//! What became of a command that was answered with 202.

use std::sync::Arc;

use feira_schemas::{
    ids::{CommandId, ImageId},
    problem::Code,
    records::admin::Settings,
};
use feira_streams::pictures;
use serde_json::{Value, json};

use super::{json as json_of, settings::settings_json};
use crate::{
    answers::{self, Became},
    context::Api,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, id, object, reference, text, text_or_null},
    writes::Decided,
};

/// A picture is a part of its product, and so is a command on it: the 202's address says which part the write was about.
const PICTURE: Parameter = Parameter::new(
    "picture",
    Kind::Text(64),
    "The picture that the write was about; a 202 names it where there is one.",
);

/// The routes of commands.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/v1/commands/{id}", read)
            .for_staff()
            .query([PICTURE])
            .gives(200, "Pending, or done with its answer.", json_of("Command"))
            .problems(&[409])
            .says("What became of a command."),
    ]
}

/// The schemas of commands.
pub fn schemas() -> Vec<Named> {
    let status = json!({"type": "string", "enum": ["pending", "done"]});
    let outcome =
        json!({"type": "string", "enum": ["created", "updated", "deleted", "unchanged", "refused", "failed"]});
    let command = [
        ("id", id()),
        ("status", status),
        ("outcome", outcome),
        ("position", text()),
        ("entity_id", text_or_null()),
        ("version", json!({"type": ["integer", "null"]})),
        ("body", json!({"description": "What the write itself would have answered; null where it is gone."})),
        ("problem", json!({"anyOf": [reference("Problem"), {"type": "null"}]})),
    ];
    let pending = [("id", id()), ("status", json!({"type": "string", "enum": ["pending"]}))];
    vec![("Command", object(&command, &["id", "status"])), ("PendingCommand", object(&pending, &["id", "status"]))]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id: CommandId = request.id(0, "O pedido")?;
    let picture = match request.query.text("picture") {
        Some(text) => Some(text.parse::<ImageId>().map_err(|_| no_picture())?),
        None => None,
    };
    match answers::became(&api, &request, request.tenant, id).await? {
        Some(Became::Done(result, context)) => {
            Ok(reply::json(&answers::done(*result, context, |decided| shown(decided, picture))))
        }
        Some(Became::Pending) => Ok(reply::json(&answers::pending(id))),
        None => Err(Problem::not_found("O pedido")),
    }
}

fn no_picture() -> Problem {
    Problem::parameter("/query/picture", Code::Malformed, "O parâmetro «picture» é o id de uma imagem.")
}

/// What the write itself would have answered: answers keep settings as they are kept, and a picture with its whole product.
pub(crate) fn shown(decided: &Decided, picture: Option<ImageId>) -> Value {
    let body = &decided.body;
    if let Some(picture) = picture {
        return pictures::of(body, picture).cloned().unwrap_or_default();
    }
    match body.get("shop_name").map(|_| serde_json::from_value::<Settings>(body.clone())) {
        Some(Ok(settings)) => settings_json(&settings),
        _ => body.clone(),
    }
}
