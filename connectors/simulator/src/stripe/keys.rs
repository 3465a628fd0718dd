//! Keys of idempotency: what was answered to a POST is answered again for 24 h, a 500 too.

use feira_schemas::time::{DAY, Micros};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::answer::Refused;
use crate::{
    core::{account::Account, ledger::Ledger, rows::Row},
    exchange::{Fate, Reply, Request},
};

/// What was answered to a key.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Answered {
    id: String,
    at: Micros,
    request: String,
    status: u16,
    body: String,
}

impl Row for Answered {
    const TABLE: &'static str = "stripe_keys";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Does what is asked, or answers as it was answered under the same key. What was refused before it was begun is not kept.
pub(super) fn once(
    ledger: &mut Ledger,
    account: &Account,
    request: &Request,
    does: impl FnOnce(&mut Ledger) -> Reply,
) -> Reply {
    let key = request.header("idempotency-key").filter(|key| !key.is_empty() && request.method == http::Method::POST);
    let Some(key) = key else { return does(ledger) };
    let (id, now) = (format!("{} {key}", account.id), ledger.now());
    let over: Vec<String> =
        ledger.list::<Answered>().into_iter().filter(|old| old.at + DAY < now).map(|old| old.id.clone()).collect();
    over.iter().for_each(|id| ledger.remove::<Answered>(id));
    let asked = format!("{} {}", request.path.join("/"), hex::encode(Sha256::digest(&request.body)));
    if let Some(known) = ledger.get::<Answered>(&id) {
        if known.request != asked {
            return Refused::other_request().reply();
        }
        let status = StatusCode::from_u16(known.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Reply::new(status, "application/json; charset=utf-8", known.body.into());
        return reply.with(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    }
    let reply = does(ledger);
    let begun =
        reply.status.is_success() || reply.status.is_server_error() || reply.status == StatusCode::PAYMENT_REQUIRED;
    let lost_before = reply.status.is_server_error() && reply.fate != Fate::Arrives;
    if begun && !lost_before {
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        ledger.put(Answered { id, at: now, request: asked, status: reply.status.as_u16(), body });
    }
    reply
}
