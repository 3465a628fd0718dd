//! Keys of idempotency: promised for creating orders, and kept for 24 h from their first use.

use feira_schemas::time::{DAY, Micros};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{answer::Refused, call::Call};
use crate::core::rows::Row;

/// What was answered to a key.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Answered {
    id: String,
    at: Micros,
    body: String,
    answer: Value,
}

impl Row for Answered {
    const TABLE: &'static str = "pagarme_keys";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Does what is asked, or answers as it was answered under the same key. A refusal frees its key.
pub(super) fn once(
    call: &mut Call,
    path: &[&str],
    does: fn(&mut Call, &[&str]) -> Result<Value, Refused>,
) -> Result<Value, Refused> {
    let Some(key) = call.request.header("idempotency-key").filter(|key| !key.is_empty()) else {
        return does(call, path);
    };
    let (id, now) = (format!("{} {key}", call.account.id), call.ledger.now());
    let body = hex::encode(Sha256::digest(&call.request.body));
    let over: Vec<String> =
        call.ledger.list::<Answered>().iter().filter(|old| old.at + DAY < now).map(|old| old.id.clone()).collect();
    over.iter().for_each(|id| call.ledger.remove::<Answered>(id));
    match call.ledger.get::<Answered>(&id) {
        Some(known) if known.body == body => return Ok(known.answer),
        Some(_) => return Err(Refused::rule("The idempotency-key was used for another request.")),
        None => {}
    }
    let answer = does(call, path)?;
    call.ledger.put(Answered { id, at: now, body, answer: answer.clone() });
    Ok(answer)
}
