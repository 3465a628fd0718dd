//! The one way in which a request becomes a command and its answer a response.

use std::time::Duration;

use feira_schemas::{
    ids::{CommandId, TenantId},
    problem::{Code, FieldError},
    records::{
        CommandSet, Touches,
        common::{CommandMeta, CommandResult, Outcome},
    },
    refusals,
    topics::{Context, Position},
};
use feira_streams::commands::{Full, SendError};
use hmac::{Hmac, Mac};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use sha2::Sha256;
use uuid::Uuid;

use crate::{
    answers,
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::Request,
};

/// Header that says from which position on a change is visible.
pub const FEIRA_POSITION: HeaderName = HeaderName::from_static("feira-position");
/// The time that a write waits for its decision before it answers 202.
const PATIENCE: Duration = Duration::from_secs(2);
/// The time that an answer is held back until the rows it speaks of can be read in this process.
const ROWS: Duration = Duration::from_millis(500);
/// Longest `Idempotency-Key`, in bytes.
const KEY_BYTES: usize = 255;

/// A decided command, as it is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The command's outcome; never refused or failed, these are problems.
    pub outcome: Outcome,
    /// The entity's id.
    pub id: Option<String>,
    /// The entity's version after the command.
    pub version: Option<i64>,
    /// The entity's kind, such as `product`; `None` where the answer does not say.
    pub entity: Option<String>,
    /// The entity as JSON; null where the answer has none.
    pub body: Value,
    /// The position from which on the change is visible (`Feira-Position`).
    pub position: Position,
}

/// A command without a decision to show.
#[derive(Debug)]
pub enum NotDecided {
    /// The command will be decided: 202, with where to ask.
    Pending(Pending),
    /// Refused, or not taken.
    Problem(Problem),
}

/// A command that is kept and will be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The command's id.
    pub command: CommandId,
    /// The address at which its state is read, on the host that the write came to.
    pub address: String,
}

impl From<Problem> for NotDecided {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// The meta of every command of this request: its id from the `Idempotency-Key` if there is one, and `If-Match`.
pub fn meta(api: &Api, request: &Request, tenant: TenantId) -> Result<CommandMeta, Problem> {
    let key = idempotency_key(request)?;
    let command_id = match key {
        Some(key) => {
            CommandId::from_client_key(request.tenant, &request.actor, request.method.as_str(), request.route, key)
        }
        None => CommandId::from_uuid(Uuid::now_v7()),
    };
    Ok(CommandMeta {
        command_id,
        tenant_id: tenant,
        actor: request.actor.clone(),
        issued_at: api.platform.now(),
        body_hash: hash_of(api, request, &[&request.body])?,
        keyed: key.is_some(),
        expected_version: expected_version(request)?,
    })
}

/// The meta of one command of several that a request sends, each for a version of its own. `part` names the command among them: with
/// the request's `Idempotency-Key` it makes the command's id, so that a request that comes twice does each once. `asks` is what is asked
/// of it, by which a repeated one is known.
pub fn meta_of_part(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    (part, asks): (&str, &str),
    version: Option<i64>,
) -> Result<CommandMeta, Problem> {
    let whole = meta(api, request, tenant)?;
    let command_id = match idempotency_key(request)? {
        Some(key) => {
            // No key of a request has a NUL in it, so no other request's command has this id.
            let key = format!("{key}\0{part}");
            CommandId::from_client_key(request.tenant, &request.actor, request.method.as_str(), request.route, &key)
        }
        None => whole.command_id,
    };
    let body_hash = hash_of(api, request, &[part.as_bytes(), asks.as_bytes()])?;
    Ok(CommandMeta { command_id, body_hash, expected_version: version, ..whole })
}

/// The meta as [`meta`] makes it, of a request whose body holds what a person typed about itself. Its hash lies in the log for ever, so
/// it is salted with the `Idempotency-Key`, which is kept nowhere; without a key nothing is compared, and there is none.
pub fn personal_meta(api: &Api, request: &Request, tenant: TenantId) -> Result<CommandMeta, Problem> {
    let meta = meta(api, request, tenant)?;
    let body_hash = match idempotency_key(request)? {
        Some(key) => hash_of(api, request, &[key.as_bytes(), &request.body])?,
        None => String::new(),
    };
    Ok(CommandMeta { body_hash, ..meta })
}

/// The meta as [`personal_meta`] makes it, of one command of several that a request sends; `part` names it among them, as in
/// [`meta_of_part`].
pub fn personal_meta_of_part(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    part: &str,
) -> Result<CommandMeta, Problem> {
    let CommandMeta { body_hash, .. } = personal_meta(api, request, tenant)?;
    Ok(CommandMeta { body_hash, ..meta_of_part(api, request, tenant, (part, ""), None)? })
}

/// Sends a command keyed by its shop and waits for the decision.
pub async fn send<C: CommandSet + Touches>(api: &Api, request: &Request, command: C) -> Result<Decided, NotDecided> {
    let context = C::CONTEXT;
    let (command_id, tenant) = (command.meta().command_id, command.meta().tenant_id);
    let traceparent = request.traceparent.as_deref();
    let sent = api.commands.send_in_place(command, traceparent, PATIENCE, Full::Refuse).await;
    let result = sent.map_err(|error| not_sent(error, request, command_id, tenant))?;
    let position = position(&result, context);
    // Decided is not yet readable: the rows follow the log by a moment. Where they are written in this very process the answer waits
    // for them, so that who writes and then reads without a position sees the own change. Elsewhere the position is the way.
    // A partition of this process has no mark before its first event.
    let (reached, name) = (&api.platform.reached, context.name());
    if reached.serves(name, position.partition) || reached.mark(name, position.partition).write_ts > 0 {
        let _ = reached.wait(name, context, position, ROWS).await;
    }
    let mut decided = decided(result, position)?;
    if decided.body.is_null() && matches!(decided.outcome, Outcome::Created | Outcome::Updated) {
        let _ = api.platform.reached.wait(context.name(), context, position, ROWS).await;
        let pending =
            || NotDecided::Pending(Pending { command: command_id, address: address(request, command_id, tenant) });
        decided.body = left_out(api, context, tenant, command_id).await?.ok_or_else(pending)?;
    }
    Ok(decided)
}

/// The entity of an answer that was too long for its record: the answer's row has it, once it is written.
async fn left_out(api: &Api, context: Context, tenant: TenantId, command: CommandId) -> Result<Option<Value>, Problem> {
    let answer = answers::answer(api, context, tenant, command).await?;
    Ok(answer.and_then(|answer| answer.body).and_then(|body| serde_json::from_str(&body).ok()))
}

/// The usual answer to a write: 201 with `Location`, 200, or 204 where the entity is gone; 202 if it is not decided yet.
///
/// `location` makes the new entity's address of its id.
pub fn answer(
    submitted: Result<Decided, NotDecided>,
    location: impl FnOnce(&str) -> String,
) -> Result<Response, Problem> {
    match submitted {
        Ok(decided) => Ok(respond(&decided, location)),
        Err(not_decided) => not_answered(not_decided),
    }
}

/// A decision as a response.
pub fn respond(decided: &Decided, location: impl FnOnce(&str) -> String) -> Response {
    let mut response = match (decided.outcome, &decided.id) {
        (Outcome::Created, Some(id)) => {
            let mut response = reply::with_status(StatusCode::CREATED, &decided.body);
            if let Ok(location) = HeaderValue::try_from(location(id)) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
        (Outcome::Deleted, _) => reply::empty(StatusCode::NO_CONTENT),
        _ => reply::json(&decided.body),
    };
    let version = decided.version.or_else(|| decided.body["version"].as_i64());
    if let Some(version) = version.filter(|_| decided.outcome != Outcome::Deleted) {
        response.headers_mut().insert(header::ETAG, reply::etag(version));
    }
    with_position(&mut response, decided.position);
    response
}

/// The answer where there is no decision to show: 202, or a problem.
pub fn not_answered(not_decided: NotDecided) -> Result<Response, Problem> {
    match not_decided {
        NotDecided::Pending(kept) => Ok(pending(kept)),
        NotDecided::Problem(problem) => Err(problem),
    }
}

/// 202: the command is kept and will be decided; here is where to ask.
fn pending(Pending { command, address }: Pending) -> Response {
    let body = serde_json::json!({"id": command, "status": "pending"});
    let mut response = reply::with_status(StatusCode::ACCEPTED, &body);
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

/// The path at which a command's state is read. The platform's host is no shop's, so there the address names the shop
/// as well: answers lie with it.
fn address(request: &Request, command: CommandId, tenant: TenantId) -> String {
    match request.tenant == TenantId::PLATFORM {
        true => format!("/api/operator/v1/commands/{command}?tenant={tenant}"),
        false => format!("/api/admin/v1/commands/{command}"),
    }
}

/// Says from where on a change is visible.
pub fn with_position(response: &mut Response, position: Position) {
    if let Ok(position) = HeaderValue::try_from(position.to_string()) {
        response.headers_mut().insert(FEIRA_POSITION, position);
    }
}

/// Turns a result into what was decided, or into the problem that it is.
pub fn decided(result: CommandResult, position: Position) -> Result<Decided, Problem> {
    match result.outcome {
        Outcome::Refused | Outcome::Failed | Outcome::Unknown => {
            let mut problem = refused(result);
            if let Ok(position) = HeaderValue::try_from(position.to_string()) {
                problem = problem.with_header(FEIRA_POSITION, position);
            }
            Err(problem)
        }
        outcome => {
            let body = result.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
            let CommandResult { aggregate_id: id, version, entity, .. } = result;
            Ok(Decided { outcome, id, version, entity, body, position })
        }
    }
}

fn refused(result: CommandResult) -> Problem {
    let fallback = if result.outcome == Outcome::Failed { Code::CommandFailed } else { Code::Internal };
    let code = result.code.as_deref().map_or(fallback, code_of);
    let errors = result.errors.into_iter();
    let errors = errors.map(|error| FieldError::new(error.pointer, code_of(&error.code), error.detail)).collect();
    let detail = result.detail.unwrap_or_else(|| "A solicitação não pôde ser processada.".into());
    Problem { errors, ..Problem::new(code, detail) }
}

fn code_of(text: &str) -> Code {
    serde_json::from_value(Value::from(text)).unwrap_or(Code::Unknown)
}

/// The position of a result's event.
pub fn position(result: &CommandResult, context: Context) -> Position {
    let partition = u32::try_from(result.partition).unwrap_or_default();
    Position { context: Context::from_name(&result.context).unwrap_or(context), partition, write_ts: result.write_ts }
}

fn not_sent(error: SendError, request: &Request, command: CommandId, tenant: TenantId) -> NotDecided {
    NotDecided::Problem(match error {
        SendError::Pending => {
            return NotDecided::Pending(Pending { command, address: address(request, command, tenant) });
        }
        SendError::InProgress => {
            let detail = "Uma solicitação com esta Idempotency-Key ainda está em andamento. Repita em instantes.";
            Problem::new(Code::IdempotencyInProgress, detail)
        }
        SendError::Busy(_) => {
            let detail = "Há solicitações demais desta loja em andamento. Tente de novo em instantes.";
            Problem::new(Code::TooManyRequests, detail)
        }
        SendError::OutcomeUnknown(error) => {
            tracing::warn!(command.id = %command, %error, "outcome of a command is unknown");
            let detail = "Não foi possível saber se a solicitação foi registrada. Repita com a mesma Idempotency-Key.";
            Problem::new(Code::Unavailable, detail)
        }
        SendError::Codec(feira_schemas::codec::CodecError::TooLarge { .. }) => {
            Problem::new(Code::TooLarge, refusals::beyond_a_record("O conteúdo"))
        }
        SendError::Codec(error) => Problem::internal(error),
    })
}

/// The `Idempotency-Key` of a request, if it has one.
///
/// # Errors
/// 400 where it is none.
pub fn idempotency_key(request: &Request) -> Result<Option<&str>, Problem> {
    let Some(given) = request.headers.get("idempotency-key") else { return Ok(None) };
    let key = given.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > KEY_BYTES {
        let detail = format!("Idempotency-Key tem de 1 a {KEY_BYTES} caracteres ASCII.");
        return Err(Problem::parameter("/headers/idempotency-key", Code::Malformed, detail));
    }
    Ok(Some(key))
}

/// `If-Match: "<version>"`; `*` asks for any version.
///
/// # Errors
/// 400 where it names none.
pub fn expected_version(request: &Request) -> Result<Option<i64>, Problem> {
    let Some(given) = request.headers.get(header::IF_MATCH) else { return Ok(None) };
    let given = given.to_str().unwrap_or_default().trim();
    if given == "*" {
        return Ok(None);
    }
    let digits = reply::tagged_value(given).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|text| text.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => {
            let detail = "If-Match traz a versão entre aspas, como \"7\".";
            Err(Problem::parameter("/headers/if-match", Code::Malformed, detail))
        }
    }
}

/// The hash by which a repeated request is known: of method and path (the same key on another address is another request) and what
/// was sent. It lies in the log for ever, so it is keyed: by a plain one, whoever reads topics could try what was sent.
pub fn hash_of(api: &Api, request: &Request, sent: &[&[u8]]) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&api.config.secret).map_err(Problem::internal)?;
    mac.update(b"feira:body:");
    for part in [request.method.as_str().as_bytes(), request.path.as_bytes()].iter().chain(sent) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Ok(hex::encode(mac.finalize().into_bytes()))
}
