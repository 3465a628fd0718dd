//! What became of a command that was answered with 202, for whoever may ask.

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    ids::{CommandId, ImageId, TenantId},
    records::{
        admin::{Settings, TenantStatus},
        common::{CommandResult, Outcome},
    },
    row::Row,
    rows::{
        admin,
        common::{Answer, Progress},
        store,
    },
    topics::{self, Context},
};
use feira_streams::pictures;
use serde_json::{Value, json};

use crate::{
    context::Api,
    log::{has_records_from, in_time},
    problem::Problem,
    reads,
    routing::Request,
    schemas::{Named, id, object, reference, text, text_or_null},
    settings::settings_json,
    writes::{self, Decided},
};

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

/// What became of a command.
pub enum Became {
    /// It will be decided.
    Pending,
    /// It is decided, by this context.
    Done(Box<CommandResult>, Context),
}

/// What became of a shop's command. None: nobody sent it, or so long ago that its answer is forgotten.
///
/// Ids do not tell a command that is on its way from one that never was, and any process may be asked. The log does: whatever
/// was sent is decided once its context has nothing left to decide, and then its answer is a row.
pub async fn became(api: &Api, request: &Request, tenant: TenantId, id: CommandId) -> Result<Option<Became>, Problem> {
    tokio::try_join!(reads::point(api, request, Context::Admin), reads::point(api, request, Context::Store))?;
    if let Some(done) = answered(api, tenant, id).await? {
        return Ok(Some(done));
    }
    let admin = is_behind::<admin::ProgressRow>(api, Context::Admin, tenant);
    let store = is_behind::<store::ProgressRow>(api, Context::Store, tenant);
    let (admin, store) = tokio::try_join!(admin, store)?;
    if admin || store || is_asked_of_the_directory(api, tenant, id).await? {
        return Ok(Some(Became::Pending));
    }
    // Decided since it was looked for.
    answered(api, tenant, id).await
}

async fn answered(api: &Api, tenant: TenantId, id: CommandId) -> Result<Option<Became>, Problem> {
    let (state, key) = (&api.platform.state, Answer::key(tenant, id));
    if let Some(row) = state.get::<admin::AnswerRow>(&key).await? {
        return Ok(Some(of(row.into(), Context::Admin)));
    }
    let row = state.get::<store::AnswerRow>(&key).await?;
    Ok(row.map(|row| of(row.into(), Context::Store)))
}

fn of(answer: Answer, context: Context) -> Became {
    Became::Done(Box::new(answer.into_result(context.name())), context)
}

/// Whether a context has commands of the shop's partition left to decide, or has decided some whose answers are not rows yet.
async fn is_behind<R: Row + Into<Progress>>(api: &Api, context: Context, tenant: TenantId) -> Result<bool, Problem> {
    let (log, partition) = (&api.platform.log, api.platform.partition_of(tenant));
    let commands = TopicPartition::new(topics::commands(context), partition);
    let decided = in_time(log.committed(context.name(), std::slice::from_ref(&commands))).await?;
    let decided = decided.into_iter().flatten().next().unwrap_or_default();
    if has_records_from(log, &commands, decided).await? {
        return Ok(true);
    }
    let row = api.platform.state.get::<R>(&Progress::key(context.name(), partition)).await?;
    let applied = row.map_or(0, |row| row.into().applied);
    has_records_from(log, &TopicPartition::new(topics::events(context), partition), applied).await
}

/// Whether the command asks for a shop whose name the directory has not answered for: it is decided, and its answer is to come.
async fn is_asked_of_the_directory(api: &Api, tenant: TenantId, id: CommandId) -> Result<bool, Problem> {
    let row = api.platform.state.get::<admin::TenantRow>(&admin::TenantRow::at(tenant)).await?;
    let requested = row.map(|row| row.tenant).filter(|tenant| tenant.status == TenantStatus::Requested);
    Ok(requested.and_then(|tenant| tenant.requested_by).is_some_and(|asked| asked.command_id == id))
}

/// The state of a command that is not decided yet.
pub fn pending(id: CommandId) -> Value {
    json!({"id": id, "status": "pending"})
}

/// The state of one that is, with its body as `shown` has it.
pub fn done(result: CommandResult, context: Context, shown: impl FnOnce(&Decided) -> Value) -> Value {
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
            "body": shown(&decided),
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

/// What the write itself would have answered: answers keep settings as they are kept, and a picture with its whole product.
pub fn shown(decided: &Decided, picture: Option<ImageId>) -> Value {
    let body = &decided.body;
    if let Some(picture) = picture {
        return pictures::of(body, picture).cloned().unwrap_or_default();
    }
    match body.get("shop_name").map(|_| serde_json::from_value::<Settings>(body.clone())) {
        Some(Ok(settings)) => settings_json(&settings),
        _ => body.clone(),
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
