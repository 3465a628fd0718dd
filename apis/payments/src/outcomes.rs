//! Answers to what a gateway was asked to make: it is there, it is kept and not known yet, or was refused, here or by the gateway.

use feira_schemas::{
    api::payments::error_json,
    ids::CommandId,
    problem::Code,
    records::{
        common::Outcome,
        payments::{Attempt, AttemptOutcome, Reason, Why},
    },
    topics::Context,
};
use feira_web::{
    commands::{Became, became},
    context::Api,
    payments::Opener,
    problem::Problem,
    reply::Response,
    routing::Request,
    writes::{self, Decided, NotDecided},
};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::kinds::{private, with_location};

/// Something that a gateway was asked to make.
pub(crate) struct Asked {
    /// The word for it, with its article.
    pub what: &'static str,
    /// The id of it.
    pub id: Uuid,
    /// The place where it is read.
    pub address: String,
}

/// The outcome of that.
pub(crate) enum Made<'a> {
    /// Nobody knows so far.
    NotYet,
    /// The gateway refused to make it, for these reasons; where it has named none, this word tells why.
    Refused(&'a [Reason], Option<&'a str>),
    /// It is there.
    There,
}

/// The answer to what was asked for, with its address and the position of the decision: 201 with what is there, as `shown` opens it; 202
/// while nobody knows; 422 where the gateway refused to make it.
pub(crate) async fn answer(
    api: &Api,
    request: &Request,
    decision: &Decided,
    asked: Asked,
    made: Made<'_>,
    shown: impl Future<Output = Result<Value, Problem>>,
) -> Result<Response, Problem> {
    let Asked { what, id, address } = asked;
    let mut response = match made {
        Made::NotYet => processing(api, id, address.clone()),
        Made::Refused(reasons, why) => refused(api, request, what, reasons, why).await?,
        Made::There => private(StatusCode::CREATED, &shown.await?),
    };
    with_location(&mut response, Some(address));
    writes::with_position(&mut response, decision.position);
    Ok(response)
}

/// 202: it is kept, and where to look for it.
pub(crate) fn processing(api: &Api, id: Uuid, address: String) -> Response {
    let json = json!({"id": id, "status": "processing", "simulated": api.gateways.are_simulated()});
    let mut response = private(StatusCode::ACCEPTED, &json);
    with_location(&mut response, Some(address));
    response
}

/// The answer where there is no decision: 202 with the address of what was asked for, or a problem.
pub(crate) fn not_answered(api: &Api, not_decided: NotDecided, id: Uuid, address: String) -> Result<Response, Problem> {
    match not_decided {
        NotDecided::Pending(_) => Ok(processing(api, id, address)),
        NotDecided::Problem(problem) => Err(problem),
    }
}

/// The answer to a read of what is no row: its id is that of the command that asks for it, which may wait for its decision, or have been
/// refused.
pub(crate) async fn undecided(
    api: &Api,
    request: &Request,
    id: Uuid,
    address: String,
    none: fn() -> Problem,
) -> Result<Response, Problem> {
    match became(api, request, request.tenant, CommandId::from_uuid(id)).await? {
        Some(Became::Pending) => Ok(processing(api, id, address)),
        Some(Became::Done(result, Context::Payments)) if result.outcome == Outcome::Refused => {
            let position = writes::position(&result, Context::Payments);
            Err(writes::decided(*result, position).err().unwrap_or_else(none))
        }
        _ => Err(none()),
    }
}

/// True where the gateway refused the last request itself, and made nothing. A card that its bank declined was asked for rightly.
pub(crate) fn is_refused(attempts: &[Attempt]) -> bool {
    let last = attempts.last();
    let is_refused = last.is_some_and(|attempt| attempt.outcome == Some(AttemptOutcome::Refused));
    is_refused && last.and_then(|attempt| attempt.why.as_deref()) != Some(Why::Declined.word())
}

/// 422: each thing that the gateway says is wrong, by the gateway's own names beside the contract's. Where it has said nothing, `why`
/// does.
pub(crate) async fn refused(
    api: &Api,
    request: &Request,
    what: &str,
    reasons: &[Reason],
    why: Option<&str>,
) -> Result<Response, Problem> {
    let messages = Opener::of(api, request).messages(reasons).await?;
    let mut errors: Vec<Value> =
        reasons.iter().zip(&messages).map(|(reason, message)| error_json(reason, message.as_ref())).collect();
    if errors.is_empty() {
        let kind = why.unwrap_or("request").to_owned();
        errors.push(error_json(&Reason { kind, parameter_name: None, message: None }, None));
    }
    let detail = format!("O gateway de pagamento recusou {what}: «errors» tem o que ele disse.");
    Ok(Problem::new(Code::GatewayRefused, detail).into_response_with(errors))
}

/// The word for how the last attempt ended.
pub(crate) fn last_why(attempts: &[Attempt]) -> Option<&str> {
    attempts.last().and_then(|attempt| attempt.why.as_deref())
}
