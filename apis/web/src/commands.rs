//! The outcome of a command that was answered with 202, for whoever may ask.

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    ids::{CommandId, ImageId, TenantId},
    records::{
        admin::{TenantStatus, entity::PRODUCT},
        common::{CommandResult, Outcome},
    },
    rows::{admin::TenantRow, common::Progress},
    topics::{self, Context},
};
use feira_streams::images;
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::{
    answers::answer,
    context::Api,
    log::{has_records_from, in_time},
    problem::Problem,
    reads,
    routing::Request,
    schemas::{Named, id, object, reference, text, text_or_null},
    writes::{self, Decided},
};

/// OpenAPI's description of a write that is answered with 202.
pub const KEPT: &str = "The write is kept and was not decided within 2 s; `Location` is where its outcome is read.";

/// The schemas of commands.
pub fn schemas() -> Vec<Named> {
    let status = json!({"type": "string", "enum": ["pending", "done"]});
    let outcome =
        json!({"type": "string", "enum": ["created", "updated", "deleted", "unchanged", "refused", "failed"]});
    let entity = json!({
        "type": ["string", "null"],
        "description": "What the write was about: `product`, `category`, `settings`, `stock`, `tenant`, `token` or `staff`, and more in later versions; null if that is not known any more.",
    });
    let command = [
        ("id", id()),
        ("status", status),
        ("outcome", outcome),
        ("position", text()),
        ("entity", entity),
        ("entity_id", text_or_null()),
        ("version", json!({"type": ["integer", "null"]})),
        (
            "body",
            json!({"description": "What the write itself would have answered; null if that is not kept any more."}),
        ),
        ("problem", json!({"anyOf": [reference("Problem"), {"type": "null"}]})),
    ];
    let pending = [("id", id()), ("status", json!({"type": "string", "enum": ["pending"]}))];
    vec![("Command", object(&command, &["id", "status"])), ("PendingCommand", object(&pending, &["id", "status"]))]
}

/// The body that the write itself would have answered: the entity, or of a product the image that the write was about.
pub fn shown(decided: &Decided, image: Option<ImageId>) -> Value {
    match image {
        Some(image) if decided.entity.as_deref() == Some(PRODUCT) => {
            images::of(&decided.body, image).cloned().unwrap_or_default()
        }
        Some(_) => Value::Null,
        None => decided.body.clone(),
    }
}

/// The state of a command.
pub enum Became {
    /// The command will be decided.
    Pending,
    /// The command is decided, by this context.
    Done(Box<CommandResult>, Context),
}

/// The state of a shop's command. `None`: nobody sent it, or so long ago that its answer is forgotten.
///
/// Ids do not tell a command that is on its way from one that never was, and any process may be asked. The log does: whatever
/// was sent is decided once its context has nothing left to decide, and then its answer is a row.
pub async fn became(api: &Api, request: &Request, tenant: TenantId, id: CommandId) -> Result<Option<Became>, Problem> {
    try_join_all(Context::ALL.map(|context| reads::point(api, request, context))).await?;
    if let Some(done) = answered(api, tenant, id).await? {
        return Ok(Some(done));
    }
    let behind = try_join_all(Context::ALL.map(|context| is_behind(api, context, tenant))).await?;
    if behind.contains(&true) || is_asked_of_the_directory(api, tenant, id).await? {
        return Ok(Some(Became::Pending));
    }
    // Decided since it was looked for.
    answered(api, tenant, id).await
}

async fn answered(api: &Api, tenant: TenantId, id: CommandId) -> Result<Option<Became>, Problem> {
    let answers = try_join_all(Context::ALL.map(|context| answer(api, context, tenant, id))).await?;
    let given = Context::ALL.into_iter().zip(answers).find_map(|(context, answer)| Some((context, answer?)));
    Ok(given.map(|(context, answer)| Became::Done(Box::new(answer.into_result(context.name())), context)))
}

/// True if a context has commands left to decide among which the shop's may be, or has decided some whose answers are
/// not rows yet.
async fn is_behind(api: &Api, context: Context, tenant: TenantId) -> Result<bool, Problem> {
    let partitions = match context.is_keyed_by_shop() {
        true => vec![api.platform.partition_of(tenant)],
        false => (0..api.platform.partitions).collect(),
    };
    let at = |partition: &u32| TopicPartition::new(topics::commands(context), *partition);
    let commands: Vec<TopicPartition> = partitions.iter().map(at).collect();
    let decided = in_time(api.platform.log.committed(context.name(), &commands)).await?;
    let each = commands.iter().zip(decided).map(|(commands, decided)| async move {
        Ok::<_, Problem>(
            has_records_from(&api.platform.log, commands, decided.unwrap_or_default()).await?
                || has_rows_to_come(api, context, commands.partition).await?,
        )
    });
    Ok(try_join_all(each).await?.contains(&true))
}

/// True if a partition of a context has events whose rows are not written yet.
async fn has_rows_to_come(api: &Api, context: Context, partition: u32) -> Result<bool, Problem> {
    let key = Progress::key(context.name(), partition);
    let row: Option<Progress> = api.platform.state.get_in(context.progress(), &key).await?;
    let applied = row.map_or(0, |row| row.applied);
    has_records_from(&api.platform.log, &TopicPartition::new(topics::events(context), partition), applied).await
}

/// True if the command asks for a shop whose name the directory has not answered for: it is decided, and its answer
/// is to come.
async fn is_asked_of_the_directory(api: &Api, tenant: TenantId, id: CommandId) -> Result<bool, Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
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
            "entity": decided.entity,
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
