//! What became of a command that was answered with 202.

use std::sync::Arc;

use feira_schemas::{
    ids::CommandId,
    records::common::{CommandResult, Outcome},
    rows::{admin, common::Answer, store},
    topics::Context,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::json as json_of;
use crate::{
    context::Api,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Request, Route},
    schemas::{Named, id, object, reference, text, text_or_null},
    writes,
};

/// How long a command is kept on its topic: one that has no answer after that never gets one.
const KEPT_SECONDS: u64 = 7 * 24 * 60 * 60;

/// The routes of commands.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/v1/commands/{id}", read)
            .for_staff()
            .gives(200, "Pending, or done with its answer.", json_of("Command"))
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
        ("body", json!({"description": "The entity as its own address gives it."})),
        ("problem", json!({"anyOf": [reference("Problem"), {"type": "null"}]})),
    ];
    let pending = [("id", id()), ("status", json!({"type": "string", "enum": ["pending"]}))];
    vec![("Command", object(&command, &["id", "status"])), ("PendingCommand", object(&pending, &["id", "status"]))]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id: CommandId = request.id(0, "O pedido")?;
    let key = Answer::key(request.tenant, id);
    let state = &api.platform.state;
    if let Some(row) = state.get::<admin::AnswerRow>(&key).await? {
        return Ok(reply::json(&done(row.into(), Context::Admin)));
    }
    if let Some(row) = state.get::<store::AnswerRow>(&key).await? {
        return Ok(reply::json(&done(row.into(), Context::Store)));
    }
    if may_be_pending(id, api.platform.now()) {
        return Ok(reply::json(&json!({"id": id, "status": "pending"})));
    }
    Err(Problem::not_found("O pedido"))
}

fn done(answer: Answer, context: Context) -> Value {
    let result: CommandResult = answer.into_result(context.name());
    let (id, outcome) = (result.command_id, word(result.outcome));
    let position = writes::position(&result, context);
    match writes::decided(result, position) {
        Ok(decided) => json!({
            "id": id,
            "status": "done",
            "outcome": outcome,
            "position": position.to_string(),
            "entity_id": decided.id,
            "version": decided.version,
            "body": decided.body,
            "problem": null,
        }),
        Err(problem) => json!({
            "id": id,
            "status": "done",
            "outcome": outcome,
            "position": position.to_string(),
            "problem": problem.json(),
        }),
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Deleted => "deleted",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused => "refused",
        Outcome::Failed | Outcome::Unknown => "failed",
    }
}

/// A command without an answer is either on its way or was never sent, and any process may be asked. Ids tell the two apart well
/// enough: those made of an `Idempotency-Key` are of version 8, those made here of version 7 and say when.
fn may_be_pending(id: CommandId, now: i64) -> bool {
    let uuid: Uuid = id.uuid();
    match uuid.get_version_num() {
        8 => true,
        7 => {
            let made = uuid.get_timestamp().map_or(0, |time| time.to_unix().0);
            let now = u64::try_from(now / 1_000_000).unwrap_or_default();
            // A clock that runs a little behind the one that made the id must not hide the command.
            made <= now + 60 && made + KEPT_SECONDS > now
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_that_could_have_been_given_out_may_be_pending() {
        let now = 1_700_000_000_000_000;
        let made = |seconds: u64| {
            CommandId::from_uuid(uuid::Builder::from_unix_timestamp_millis(seconds * 1_000, &[7; 10]).into_uuid())
        };
        assert!(may_be_pending(made(1_700_000_000), now));
        assert!(!may_be_pending(made(1_700_000_000 - KEPT_SECONDS), now));
        assert!(!may_be_pending(made(1_800_000_000), now));
        assert!(!may_be_pending(CommandId::from_uuid(Uuid::from_u128(7)), now));
        let keyed = CommandId::from_client_key(feira_schemas::ids::TenantId::PLATFORM, "a", "b", "c", "d");
        assert!(may_be_pending(keyed, now));
    }
}
