//! Callbacks: proven by HTTP Basic, and kept as what they point at.

use base64::{Engine, prelude::BASE64_STANDARD};
use feira_schemas::ids::TenantId;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::gateway::{Account, Callback, CallbackError, CallbackRequest, answer::Fields};

/// Reads where a callback says to look, if it came with the account's user and password.
pub(super) fn parse(account: &Account, request: CallbackRequest<'_>) -> Result<Callback, CallbackError> {
    if !is_proven(account, request.authorization) {
        return Err(CallbackError::NotProven);
    }
    let hook: Value = serde_json::from_slice(request.body).map_err(|_| CallbackError::Unreadable)?;
    let (id, kind) = hook.word("id").zip(hook.word("type")).ok_or(CallbackError::Unreadable)?;
    let data = hook.field("data");
    let about = |family: &str| kind.split('.').next() == Some(family);
    // `data` is the thing itself, named by the type's first word; around a charge or an invoice the others stand by name.
    let own = |family: &str, name: &str| if about(family) { data.word("id") } else { data.id_of(name) };
    Ok(Callback {
        charge: own("charge", "charge").or_else(|| data.list("charges").last().and_then(|charge| charge.word("id"))),
        order: own("order", "order"),
        subscription: own("subscription", "subscription").or_else(|| data.field("invoice").id_of("subscription")),
        code: data.field("order").word("code").or_else(|| data.word("code")),
        tenant: tenant(data),
        remote_account: hook.field("account").word("id"),
        at: hook.time("created_at").unwrap_or(0),
        id,
        kind,
    })
}

/// The tenant of the thing itself, or of what stands around it.
fn tenant(data: &Value) -> Option<TenantId> {
    let around = ["order", "charge", "subscription"].into_iter().find_map(|name| data.field(name).tenant());
    data.tenant().or(around).or_else(|| data.field("invoice").field("subscription").tenant())
}

/// Digests are compared, so that neither what is equal nor how long it is shows in the time that it takes. An account without
/// a password proves nothing.
fn is_proven(account: &Account, authorization: Option<&str>) -> bool {
    let given = authorization
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, credentials)| BASE64_STANDARD.decode(credentials.trim()).ok())
        .unwrap_or_default();
    let expected = account.callback_secret.expose().as_bytes();
    let same: bool = Sha256::digest(&given).ct_eq(&Sha256::digest(expected)).into();
    same && !expected.is_empty()
}
